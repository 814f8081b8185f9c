//! The volumes of a module: guest path, host directory, and whether the guest may write.

use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeValue;

use super::super::values::guest_path;
use super::{Check, entries};
use crate::guest::Volume;
use crate::packages::record;
use crate::toolchain;

/// The directory in the guest below which pywagi keeps files of its own.
const RESERVED: &str = "/.pywagi";

/// The keys of a volume that is a table.
const KEYS: [&str; 2] = ["path", "read-only"];

impl Check<'_> {
    /// The volumes of the module at `line`, of which `value` must be a table; in file order.
    pub(super) fn volumes(&mut self, line: usize, value: &Spanned<DeValue<'_>>) -> Vec<Volume> {
        let Some(table) = self.table("volumes", value, "\"/code\" = \"code\"") else { return Vec::new() };
        let mut volumes: Vec<Volume> = Vec::new();
        for (key, value) in entries(table) {
            let host = self.volume(line, key.get_ref(), value);
            let guest = match guest_path(key.get_ref()) {
                Ok(guest) => guest,
                Err((message, remedy)) => {
                    self.mistake(key.span(), message, remedy);
                    continue;
                }
            };
            if is_reserved(&guest) {
                let message = format!("`{guest}` is reserved: pywagi keeps files of its own below {RESERVED}");
                self.mistake(key.span(), message, "give the volume another guest path");
                continue;
            }
            if volumes.iter().any(|volume| volume.guest == guest) {
                let message = format!("`{guest}` is given as a volume twice");
                self.mistake(key.span(), message, "leave one of them out");
                continue;
            }
            if let Some((host, read_only)) = host {
                volumes.push(Volume { guest, host, read_only });
            }
        }
        let data: Vec<_> = volumes.iter().flat_map(toolchain::data_volumes).collect();
        let is_given = |data: &Volume| volumes.iter().any(|volume| volume.guest == data.guest);
        let data: Vec<_> = data.into_iter().filter(|data| !is_given(data)).collect();
        volumes.extend(data);
        volumes
    }

    /// The host directory of the volume `guest`, and whether it is read-only.
    fn volume(&mut self, line: usize, guest: &str, value: &Spanned<DeValue<'_>>) -> Option<(PathBuf, bool)> {
        let DeValue::Table(table) = value.get_ref() else {
            let name = format!("\"{guest}\"");
            let host = self.host(line, &name, value)?;
            // A guest would write its byte code to packages and libraries, or anything else. The form that all WAGI hosts know cannot say so.
            let read_only = record::is_managed(&host) || toolchain::is_library(&host);
            return Some((host, read_only));
        };
        let (mut host, mut read_only, mut meant) = (None, Some(false), Vec::new());
        for (key, value) in entries(table) {
            let name: &str = key.get_ref();
            match name {
                "path" => {
                    meant.push("path");
                    host = self.host(line, name, value);
                }
                "read-only" => read_only = self.boolean(name, value),
                // Without effect, a misspelt `read-only` would let the guest write.
                _ => meant.extend(
                    self.unknown(key, &KEYS, "in a volume", |near| near == "read-only" || table.get(near).is_none()),
                ),
            }
        }
        if !meant.contains(&"path") {
            let message = format!("the volume `{guest}` has no `path`");
            self.mistake(value.span(), message, "add one, for example: { path = \"code\", read-only = true }");
        }
        Some((host?, read_only?))
    }
}

/// Whether `guest`, a path in one form, is of the directory that is pywagi's.
fn is_reserved(guest: &str) -> bool {
    guest.strip_prefix(RESERVED).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
