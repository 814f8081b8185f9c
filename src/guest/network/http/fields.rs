//! Header fields as guests hand them over and are told them: a line each, `name:value`.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

/// The fields in `text`. Of several with one name the last one counts, as with the reference server. `None` where a line is
/// no field.
pub fn parse(text: &str) -> Option<HeaderMap> {
    let mut fields = HeaderMap::new();
    for line in text.lines() {
        let (name, value) = line.split_once(':')?;
        fields.insert(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?);
    }
    Some(fields)
}

/// `fields` as text; `None` where a value is none, or would end its line.
pub fn show(fields: &HeaderMap) -> Option<String> {
    let mut text = String::new();
    for (name, value) in fields {
        let value = std::str::from_utf8(value.as_bytes()).ok().filter(|value| !value.contains(char::is_control))?;
        text.extend([name.as_str(), ":", value, "\n"]);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read() {
        let text = "a:1\nx-b: two: 3 \nc:\nd:é\n";
        assert_eq!(show(&parse(text).expect("fields")).as_deref(), Some(text));
        assert_eq!(show(&parse("A:1\r\na:2").expect("fields")).as_deref(), Some("a:2\n"));
        assert_eq!(parse(""), Some(HeaderMap::new()));
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for text in ["a", "a:1\n\nb:2", ":1", "a b:1", "a:\u{7f}", "a:1\rb:2", "é:1", "a\0:1"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        let of = |value: &[u8]| {
            HeaderMap::from_iter([(HeaderName::from_static("a"), HeaderValue::from_bytes(value).expect("a value"))])
        };
        assert_eq!(show(&of(b"a\tb")), None);
        assert_eq!(show(&of(b"\xe9")), None);
    }

    #[test]
    fn a_field_that_is_there_twice_is_shown_twice() {
        let mut fields = HeaderMap::new();
        fields.append("set-cookie", HeaderValue::from_static("a=1"));
        fields.append("set-cookie", HeaderValue::from_static("b=2"));
        assert_eq!(show(&fields).as_deref(), Some("set-cookie:a=1\nset-cookie:b=2\n"));
    }
}
