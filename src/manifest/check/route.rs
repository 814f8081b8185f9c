//! The route of a module.

use toml::Spanned;
use toml::de::DeValue;

use super::Check;
use crate::route::Pattern;

impl Check<'_> {
    /// The route that `value` must be.
    pub(super) fn route(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Pattern> {
        let text = self.string("route", value)?;
        if !text.is_ascii() {
            let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::CONTROLS);
            let message = format!("clients send `{text}` percent-encoded, so it never matches: write `{encoded}`");
            self.warn(&value.span(), &message);
        }
        if let Some(message) = foreign_pattern(&text) {
            self.warn(&value.span(), &message);
        }
        match Pattern::parse(&text) {
            Ok(pattern) => Some(pattern),
            Err(invalid) => {
                self.mistake(value.span(), format!("`{text}` is not a valid route: {}", invalid.why), invalid.remedy);
                None
            }
        }
    }
}

/// A warning for a route in the notation of another framework, whose placeholders are plain text here.
fn foreign_pattern(route: &str) -> Option<String> {
    let is_placeholder = |segment: &str| {
        let enclosed = |open, close| segment.starts_with(open) && segment.ends_with(close) && segment.len() > 2;
        let named = segment.len() > 1 && segment.starts_with(':');
        segment.contains('*') || named || enclosed('<', '>') || enclosed('{', '}') || enclosed('[', ']')
    };
    let segments: Vec<&str> = route.split('/').collect();
    let at = segments.iter().position(|segment| is_placeholder(segment))?;
    let (before, placeholder) = (segments.get(..at)?.join("/"), segments.get(at)?);
    let rest = "the script finds the rest of the path in PATH_INFO";
    Some(format!("`{placeholder}` in a route stands for itself alone: write `{before}/...`; {rest}"))
}
