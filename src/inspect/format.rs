//! The form in which a client wants to be told of a failure.

use crate::request::Request;

/// The form of an answer that pywagi itself gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// A page.
    Html,
    /// An object.
    Json,
    /// Markdown.
    Markdown,
}

impl Format {
    /// What the Accept header prefers (RFC 9110 12.5.1): text, unless another form is named and wanted at least as much.
    pub fn of(request: &Request) -> Self {
        let values = request.headers.all("Accept").filter_map(|value| std::str::from_utf8(value).ok());
        let ranges: Vec<(String, f32)> = values.flat_map(|value| value.split(',')).map(range).collect();
        let weight = |names: &[&str]| {
            names.iter().find_map(|name| ranges.iter().find(|(range, _)| range == name).map(|(_, weight)| *weight))
        };
        let text = weight(&["text/plain", "text/*", "*/*"]).unwrap_or(0.0);
        let named = [
            (Self::Html, weight(&["text/html", "application/xhtml+xml"])),
            (Self::Json, weight(&["application/json"])),
            (Self::Markdown, weight(&["text/markdown"])),
        ];
        let wanted = named.into_iter().filter_map(|(format, weight)| Some((format, weight?)));
        let best = wanted.reduce(|best, other| if other.1 > best.1 { other } else { best });
        best.filter(|(_, weight)| *weight > 0.0 && *weight >= text).map_or(Self::Text, |(format, _)| format)
    }
}

/// A media range and its weight.
fn range(text: &str) -> (String, f32) {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (range, weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_form_that_it_names() {
        for (accept, expected) in [
            (None, Format::Text),
            (Some("*/*"), Format::Text),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Format::Html),
            (Some("application/json, text/plain, */*"), Format::Json),
            (Some("application/json"), Format::Json),
            (Some("text/markdown"), Format::Markdown),
            (Some("text/markdown;q=0.9, text/html;q=0.5"), Format::Markdown),
            (Some("text/plain, text/html;q=0.5"), Format::Text),
            (Some("text/html;q=0"), Format::Text),
            (Some("TEXT/HTML ; Q=1.0"), Format::Html),
            (Some("image/png"), Format::Text),
            (Some(";;q=x,,"), Format::Text),
        ] {
            let mut request = Request::new("GET", "/");
            accept.into_iter().for_each(|accept| request.headers.push("Accept", accept));
            assert_eq!(Format::of(&request), expected, "{accept:?}");
        }
    }
}
