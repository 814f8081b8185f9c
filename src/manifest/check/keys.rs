//! Keys without a meaning: unknown ones, which have no effect, as in the reference server, and those that it knows or
//! once knew.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::DeTable;

use super::{Check, MOST_SHOWN, Warning};
use crate::similar::nearest;

/// A key with its place.
type Key<'i> = Spanned<Cow<'i, str>>;

/// The keys of a `[[module]]` table that mean something here.
const OF_MODULE: [&str; 14] = [
    "route",
    "module",
    "entrypoint",
    "argv",
    "volumes",
    "environment",
    "timeout",
    "max-memory",
    "max-response",
    "max-log",
    "pass-authorization",
    "preload",
    "warm-up",
    "allowed_hosts",
];

/// The keys that every `[[module]]` has.
const REQUIRED: [&str; 2] = ["route", "module"];

/// Limits that only flags can set.
const FLAGS: [&str; 2] = ["max-body", "max-head"];

/// Keys of the reference server that have no effect here. The last three are those of its early versions.
const WITHOUT_EFFECT: [&str; 6] =
    ["http_max_concurrency", "repository", "bindle_server", "default_host", "host", "files"];

impl Check<'_> {
    /// Reports a key at the top of the file other than `module` and `library`. Where there is no `module`, a key that was likely meant
    /// to be one, or to be in one, is a mistake; returns whether it was.
    pub(super) fn key_at_the_top(&mut self, key: &Key<'_>, no_module: bool) -> bool {
        let name: &str = key.get_ref();
        if self.has_no_effect(key) {
            false
        } else if OF_MODULE.contains(&name) {
            let outside = format!("`{name}` stands outside a [[module]]");
            if no_module {
                self.mistake(key.span(), outside, "put [[module]] above it");
            } else {
                self.warn(&key.span(), format!("{outside} and has no effect; put [[module]] above it"));
            }
            no_module
        } else {
            let is_needed = |near: &str| no_module && near == "module";
            self.unknown(key, &["module", "library"], "at the top of the file", is_needed).is_some()
        }
    }

    /// Reports an unknown key of the `[[module]]` that is `table`. One that is likely a misspelling of a required key
    /// that is not there is a mistake; the key that was meant is returned then.
    pub(super) fn unknown_in_module(&mut self, key: &Key<'_>, table: &DeTable<'_>) -> Option<&'static str> {
        let name: &str = key.get_ref();
        if self.has_no_effect(key) {
            return None;
        }
        if FLAGS.contains(&name) {
            let why = "it applies before the route is known";
            let flag = format!("leave it out, and give it as a flag: --{name}");
            self.warn(&key.span(), format!("`{name}` in [[module]] has no effect, for {why}; {flag}"));
            return None;
        }
        self.unknown(key, &OF_MODULE, "in [[module]]", |near| REQUIRED.contains(&near) && table.get(near).is_none())
    }

    /// Warns of a key that is not known, or, if the key that was likely meant `is_needed`, reports a mistake and returns
    /// that key.
    pub(super) fn unknown(
        &mut self,
        key: &Key<'_>,
        known: &[&'static str],
        place: &str,
        is_needed: impl Fn(&str) -> bool,
    ) -> Option<&'static str> {
        let name: &str = key.get_ref();
        let near = nearest(&name.to_lowercase(), known.iter().copied());
        if let Some(near) = near.filter(|near| is_needed(near)) {
            self.mistake(key.span(), format!("unknown key `{name}` {place}"), format!("did you mean `{near}`?"));
            return Some(near);
        }
        self.unknown_keys += 1;
        if self.unknown_keys <= MOST_SHOWN {
            let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.warn(&key.span(), format!("unknown key `{name}` {place} has no effect{meant}"));
        }
        None
    }

    /// Says how many unknown keys were not warned of one by one.
    pub(super) fn count_unknown(&mut self) {
        let message = match self.unknown_keys.saturating_sub(MOST_SHOWN) {
            0 => return,
            1 => "1 more unknown key has no effect".to_owned(),
            more => format!("{more} more unknown keys have no effect"),
        };
        self.warnings.push(Warning { offset: None, message });
    }

    /// Warns of a key of the reference server that has no effect here; returns whether it is one.
    fn has_no_effect(&mut self, key: &Key<'_>) -> bool {
        let name: &str = key.get_ref();
        let known = WITHOUT_EFFECT.contains(&name);
        if known {
            let instead = if name == "default_host" { "; --hostname sets the default host" } else { "" };
            self.warn(&key.span(), format!("`{name}` has no effect here{instead}"));
        }
        known
    }
}
