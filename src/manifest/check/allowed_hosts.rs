//! The hosts that a module may connect to.

use toml::Spanned;
use toml::de::DeValue;

use super::{Check, kind};
use crate::network::AllowedHost;

impl Check<'_> {
    /// The entries that `value` must be a list of.
    pub(super) fn allowed_hosts(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<AllowedHost> {
        const REMEDY: &str = "write allowed_hosts = [\"https://example.com\"]";
        let Some(items) = value.get_ref().as_array() else {
            let message = format!("`allowed_hosts` must be an array of hosts, not {}", kind(value.get_ref()));
            self.mistake(value.span(), message, REMEDY);
            return Vec::new();
        };
        let mut entries: Vec<AllowedHost> = Vec::new();
        for item in items.iter() {
            let Some(text) = item.get_ref().as_str() else {
                let message = format!("`allowed_hosts` must hold strings, not {}", kind(item.get_ref()));
                self.mistake(item.span(), message, REMEDY);
                continue;
            };
            match AllowedHost::parse(text) {
                Ok(entry) => {
                    self.look_at_entry(item, &entry, &entries);
                    entries.push(entry);
                }
                Err(mistake) => self.mistake(item.span(), mistake.message, mistake.remedy),
            }
        }
        entries
    }

    /// Warns of an entry that permits much, or nothing that those before it do not.
    fn look_at_entry(&mut self, item: &Spanned<DeValue<'_>>, entry: &AllowedHost, before: &[AllowedHost]) {
        if let Some(same) = before.iter().find(|other| other.permits_same_as(entry)) {
            let message = match same.to_string() == entry.to_string() {
                true => format!("`{entry}` is listed twice"),
                false => format!("`{entry}` permits the same as `{same}` before it"),
            };
            self.warn(&item.span(), message);
        } else if entry.is_for_all_hosts() {
            self.warn(&item.span(), format!("`{entry}` permits every public address: list the hosts that it needs"));
        }
    }
}
