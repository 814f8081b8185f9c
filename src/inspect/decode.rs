//! Bodies and header fields in their parts, for pages that show them.

use memchr::memmem;

use crate::request::Headers;

/// The most parts of a form that are shown.
const MOST_PARTS: usize = 100;

/// Names and values.
pub type Pairs = Vec<(String, String)>;

/// A part of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its header fields.
    pub headers: Pairs,
    /// The name of the field.
    pub name: String,
    /// The name of the file, if it is one.
    pub file_name: Option<String>,
    /// Its content.
    pub content: Vec<u8>,
}

/// Header fields as text: a value as UTF-8 where it is, else each byte as its Latin-1 character.
pub fn header_pairs(headers: &Headers) -> Pairs {
    let text = |value: &[u8]| match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    };
    headers.iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
}

/// The first value of a header, as text; empty without one.
pub fn header(headers: &Headers, name: &str) -> String {
    headers.get(name).map(text).unwrap_or_default()
}

/// The media type of a message, in lower case and without parameters.
pub fn media_type(headers: &Headers) -> String {
    header(headers, "Content-Type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The fields of a form or a query (URL standard, 5.1).
pub fn pairs(text: &str) -> Pairs {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    split_pairs(text, '&').map(|(name, value)| (decode(name), decode(value))).collect()
}

/// The cookies that a request has.
pub fn cookies(headers: &Headers) -> Pairs {
    let values: Vec<_> = headers.all("Cookie").map(text).collect();
    let pairs = values.iter().flat_map(|value| split_pairs(value, ';'));
    pairs.map(|(name, value)| (name.trim_start().to_owned(), value.to_owned())).collect()
}

fn split_pairs(text: &str, separator: char) -> impl Iterator<Item = (&str, &str)> {
    let fields = text.split(separator).filter(|field| !field.trim().is_empty());
    fields.map(|field| field.split_once('=').unwrap_or((field, "")))
}

/// The fields of a URL-encoded body; none where it is something else.
pub fn form(headers: &Headers, body: &[u8]) -> Pairs {
    if media_type(headers) == "application/x-www-form-urlencoded" { pairs(&text(body)) } else { Pairs::new() }
}

/// The parts of a multipart body (RFC 2046 5.1, RFC 7578); none where it is something else. A last part without an end
/// is left out.
pub fn parts(headers: &Headers, body: &[u8]) -> Vec<Part> {
    let content_type = header(headers, "Content-Type");
    let Some(boundary) = parameter(&content_type, "boundary") else { return Vec::new() };
    if !media_type(headers).starts_with("multipart/") || boundary.is_empty() {
        return Vec::new();
    }
    // The first delimiter may stand at the beginning, without a line before it.
    let (delimiter, first) = (format!("\r\n--{boundary}"), format!("--{boundary}"));
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let mut rest = match body.strip_prefix(first.as_bytes()) {
        Some(rest) => rest,
        None => match finder.find(body) {
            Some(at) => body.get(at + delimiter.len()..).unwrap_or_default(),
            None => return Vec::new(),
        },
    };
    let mut parts = Vec::new();
    while parts.len() < MOST_PARTS
        && let Some(content) = rest.strip_prefix(b"\r\n")
        // A part without header fields begins with an empty line, whose start is the one before.
        && let Some(end) = finder.find(rest)
    {
        let whole = content.get(..end.saturating_sub(2)).unwrap_or_default();
        parts.push(part(whole));
        rest = rest.get(end + delimiter.len()..).unwrap_or_default();
    }
    parts
}

fn part(whole: &[u8]) -> Part {
    let (head, content) = match (whole.strip_prefix(b"\r\n"), memmem::find(whole, b"\r\n\r\n")) {
        (Some(content), _) => (&[][..], content),
        (None, Some(at)) => (whole.get(..at).unwrap_or_default(), whole.get(at + 4..).unwrap_or_default()),
        (None, None) => (whole, &[][..]),
    };
    let head = text(head);
    let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let headers: Pairs = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    let disposition = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Disposition"));
    let of_disposition = |name| disposition.and_then(|(_, value)| parameter(value, name));
    Part {
        name: of_disposition("name").unwrap_or_default(),
        file_name: of_disposition("filename"),
        headers,
        content: content.to_owned(),
    }
}

/// A parameter of a header's value (RFC 9110 5.6.6).
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (value, next) = after.split_at(end);
                (value.trim().to_owned(), next)
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next.split_once(';')?.1;
    }
}

/// What stands before the closing quote, and what follows that.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, text.get(at + 1..).unwrap_or_default()),
            // A browser sends a quote as %22 and a backslash as it is; a file name may be a path of Windows.
            '\\' if text.get(at + 1..).is_some_and(|rest| rest.starts_with('"')) => {
                value.extend(characters.next().map(|(_, c)| c));
            }
            c => value.push(c),
        }
    }
    (value, "")
}

/// A body as text, if it is some. A body that was cut may end within a character.
pub fn body_text(bytes: &[u8], size: usize) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(why) if bytes.len() < size && why.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..why.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(content_type: &str) -> Headers {
        let mut headers = Headers::default();
        headers.push("content-type", content_type);
        headers
    }

    #[test]
    fn forms_and_cookies_are_decoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [pair("a b", "c&d"), pair("é", ""), pair("", "x=y"), pair("a b", "2")];
        let form =
            form(&headers("application/x-www-form-urlencoded; charset=utf-8"), b"a+b=c%26d&%C3%A9&&=x=y&a%20b=2");
        assert_eq!(form, expected);
        assert_eq!(super::form(&headers("text/plain"), b"a=b"), []);
        let mut headers = headers("a/b");
        headers.push("Cookie", "a=b; c=d=e;; f");
        headers.push("cookie", "g=%20");
        assert_eq!(cookies(&headers), [pair("a", "b"), pair("c", "d=e"), pair("f", ""), pair("g", "%20")]);
    }

    #[test]
    fn a_multipart_form_is_taken_apart() {
        let body = "preamble\r\n--X\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\n\r\nline\r\n--Y\r\n\r\n--X\r\n\
                    content-disposition: form-data; filename=\"C:\\é;.txt\"; name=f\r\nContent-Type: text/plain\r\n\r\n\0\r\n--X\r\n\
                    \r\nbare\r\n--X\r\n\r\n--X--\r\nepilogue";
        let parts = parts(&headers("multipart/form-data; charset=x; boundary=\"X\""), body.as_bytes());
        let found: Vec<_> =
            parts.iter().map(|part| (part.name.as_str(), part.file_name.as_deref(), &part.content[..])).collect();
        assert_eq!(
            found,
            [
                ("a\"b", None, &b"line\r\n--Y\r\n"[..]),
                ("f", Some("C:\\é;.txt"), b"\0"),
                ("", None, b"bare"),
                ("", None, b""),
            ]
        );
        assert_eq!(parts[1].headers[1], ("Content-Type".to_owned(), "text/plain".to_owned()));
    }

    #[test]
    fn what_is_no_whole_multipart_form_has_the_parts_that_are_whole() {
        for (content_type, body, count) in [
            ("multipart/form-data; boundary=X", "--X\r\n\r\na\r\n--X\r\n\r\nb", 1),
            ("multipart/form-data; boundary=X", "--X--", 0),
            ("multipart/form-data; boundary=X", "--X\r\n", 0),
            ("multipart/form-data; boundary=X", "", 0),
            ("multipart/form-data; boundary=", "--\r\n\r\na\r\n--", 0),
            ("multipart/form-data", "--X\r\n\r\na\r\n--X--", 0),
            ("text/plain; boundary=X", "--X\r\n\r\na\r\n--X--", 0),
            ("multipart/form-data; boundary=\"X", "--X\r\n\r\na\r\n--X--", 1),
        ] {
            assert_eq!(parts(&headers(content_type), body.as_bytes()).len(), count, "{content_type} {body:?}");
        }
    }

    #[test]
    fn a_text_that_was_cut_is_text() {
        assert_eq!(body_text("aé".as_bytes(), 3), Some("aé"));
        assert_eq!(body_text(b"a\xc3", 3), Some("a"));
        assert_eq!(body_text(b"a\xc3", 2), None);
        assert_eq!(body_text(b"\xff\xc3", 3), None);
    }
}
