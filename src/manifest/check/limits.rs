//! The keys that set limits, with the meaning of the flags of the same names.

use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::{Check, kind};
use crate::{duration, size};

impl Check<'_> {
    /// The time that `value` must be; `name` is its key.
    pub(super) fn time(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Duration> {
        self.limit(name, value, "a time", "give a time such as \"500ms\", \"30s\" or \"2m\"", duration::parse)
    }

    /// The size that `value` must be, in bytes; `name` is its key.
    pub(super) fn size(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<u64> {
        self.limit(name, value, "a size", "give a size such as 65536, \"64K\", \"64MiB\" or \"1G\"", size::parse)
    }

    /// Reads a limit: a string in the notation of the flag, or an integer.
    fn limit<T>(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        remedy: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.clone().into_owned()),
            // TOML integers may be hexadecimal, octal or binary.
            DeValue::Integer(number) => {
                u64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
            }
            other => {
                self.mistake(value.span(), format!("`{name}` must be {what}, not {}", kind(other)), remedy);
                return None;
            }
        };
        let limit = text.and_then(|text| parse(&text).ok());
        if limit.is_none() {
            self.mistake(value.span(), format!("`{name}` must be {what}"), remedy);
        }
        limit
    }
}
