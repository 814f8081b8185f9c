//! A request that is sent again, as it was or changed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::request::{Headers, InvalidTarget, Request, Target, is_token};

use super::super::PREFIX;
use super::super::decode;
use super::super::store::Entry;

/// What is changed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    method: Option<String>,
    /// Path and query.
    target: Option<String>,
    /// All header fields.
    headers: Option<Vec<(String, String)>>,
    /// The body, as text.
    body: Option<String>,
    /// The body, as bytes.
    body_base64: Option<String>,
}

/// The request of `entry` with the changes that `body` asks for, an object or nothing.
///
/// # Errors
/// Says what cannot be sent.
pub fn request(entry: &Entry, body: &[u8]) -> Result<Request, String> {
    let changes = match body {
        [] => Changes::default(),
        json => serde_json::from_slice(json).map_err(|why| format!("the body is not an object of changes: {why}"))?,
    };
    let mut request = entry.request.clone();
    if let Some(method) = changes.method {
        request.method = method;
    }
    if !is_token(&request.method) {
        return Err(format!("{:?} is not a valid method", request.method));
    }
    let target = changes.target.unwrap_or_else(|| entry.target());
    let Target { path, .. } = Target::parse(&request.method, &target).map_err(|why| refused(&target, why))?;
    if path.starts_with(PREFIX) {
        return Err(format!("{path:?} is a page of pywagi, not of the app"));
    }
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    (request.path, request.query) = (path.to_owned(), query.map(str::to_owned));
    if let Some(headers) = changes.headers {
        request.headers = self::headers(&entry.request.headers, headers)?;
    }
    match (changes.body, changes.body_base64) {
        (Some(_), Some(_)) => return Err("give body or body_base64, not both".to_owned()),
        (Some(text), None) => request.body = text.into(),
        (None, Some(base64)) => {
            request.body = STANDARD.decode(base64).map_err(|why| format!("body_base64 is not base64: {why}"))?.into();
        }
        (None, None) if request.body.len() < entry.request_size => {
            let (size, kept) = (entry.request_size, request.body.len());
            return Err(format!(
                "the body has {size} bytes, of which only the first {kept} were kept; send it with a body"
            ));
        }
        (None, None) => return Ok(request),
    }
    set_length(&mut request);
    Ok(request)
}

fn refused(target: &str, why: InvalidTarget) -> String {
    let why = match why {
        InvalidTarget::NotPath => "it does not begin with `/`".to_owned(),
        InvalidTarget::NotUrl => "it is not a URL that a request can be made for".to_owned(),
        InvalidTarget::Fragment => "no client sends a `#` and what follows it".to_owned(),
        InvalidTarget::Character(c) => format!("{c:?} must be percent-encoded"),
    };
    format!("{target:?} cannot be asked for: {why}")
}

/// Header fields. One that is as it was keeps its bytes, which may be no UTF-8.
fn headers(before: &Headers, given: Vec<(String, String)>) -> Result<Headers, String> {
    let shown = decode::header_pairs(before);
    let before: BTreeMap<_, _> = shown.iter().zip(before.iter().map(|(_, value)| value)).collect();
    let mut headers = Headers::default();
    for field in given {
        let (name, value) = &field;
        if !is_token(name) {
            return Err(format!("{name:?} is not a valid header name"));
        }
        if value.chars().any(|c| c.is_ascii_control() && c != '\t') {
            return Err(format!("the value of the header {name} contains a control character"));
        }
        let bytes = before.get(&field).copied().unwrap_or(value.trim().as_bytes()).to_owned();
        headers.push(field.0, bytes);
    }
    if headers.all("Host").count() > 1 {
        return Err("a request has one Host (RFC 9112 3.2)".to_owned());
    }
    Ok(headers)
}

/// Has the headers say how long the body is, as a client would.
fn set_length(request: &mut Request) {
    let Request { headers, body, .. } = request;
    let had_length = headers.get("Content-Length").is_some();
    headers.remove(&["Content-Length", "Transfer-Encoding"]);
    if !body.is_empty() || had_length {
        headers.push("Content-Length", body.len().to_string());
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::super::store::tests::entry;
    use super::*;

    fn sent(changes: &str) -> Result<Request, String> {
        let mut request = Request::new("POST", "/a?b");
        request.headers.push("Host", "h");
        request.headers.push("X", &b"caf\xe9"[..]);
        request.headers.push("content-length", "4");
        request.body = Bytes::from_static(b"body");
        super::request(&entry(request), changes.as_bytes())
    }

    fn headers(request: &Request) -> Vec<(&str, &[u8])> {
        request.headers.iter().collect()
    }

    #[test]
    fn what_is_not_changed_is_sent_as_it_was() {
        for changes in ["", "{}"] {
            let request = sent(changes).expect(changes);
            assert_eq!(
                (request.method.as_str(), request.target().as_str(), &request.body[..]),
                ("POST", "/a?b", &b"body"[..])
            );
            assert_eq!(headers(&request), [("Host", &b"h"[..]), ("X", b"caf\xe9"), ("content-length", b"4")]);
        }
    }

    #[test]
    fn what_is_changed_is_sent_with_its_length() {
        let request = sent("{\"method\":\"PUT\",\"target\":\"/c?\",\"body\":\"\u{e9}\"}").expect("a request");
        assert_eq!(
            (request.method.as_str(), request.target().as_str(), &request.body[..]),
            ("PUT", "/c?", "é".as_bytes())
        );
        assert_eq!(headers(&request), [("Host", &b"h"[..]), ("X", b"caf\xe9"), ("Content-Length", b"2")]);
        let request = sent("{\"headers\":[[\"X\",\"caf\u{e9}\"],[\"Y\",\" caf\u{e9} \"]],\"body_base64\":\"/w==\"}")
            .expect("a request");
        assert_eq!(headers(&request), [("X", &b"caf\xe9"[..]), ("Y", "café".as_bytes()), ("Content-Length", b"1")]);
        assert_eq!(&request.body[..], b"\xff");
        let request = sent("{\"body\":\"\"}").expect("a request");
        assert_eq!(headers(&request).last(), Some(&("Content-Length", &b"0"[..])));
    }

    #[test]
    fn what_no_client_could_send_is_refused() {
        for (changes, why) in [
            ("{\"method\":\"A B\"}", "\"A B\" is not a valid method"),
            ("{\"target\":\"a\"}", "\"a\" cannot be asked for: it does not begin with `/`"),
            ("{\"target\":\"/a b\"}", "\"/a b\" cannot be asked for: ' ' must be percent-encoded"),
            ("{\"target\":\"/a\\r\\nb\"}", "\"/a\\r\\nb\" cannot be asked for: '\\r' must be percent-encoded"),
            ("{\"target\":\"/__pywagi/api/errors\"}", "\"/__pywagi/api/errors\" is a page of pywagi, not of the app"),
            ("{\"headers\":[[\"a b\",\"\"]]}", "\"a b\" is not a valid header name"),
            ("{\"headers\":[[\"a\",\"b\\r\\nc: d\"]]}", "the value of the header a contains a control character"),
            ("{\"headers\":[[\"host\",\"a\"],[\"Host\",\"b\"]]}", "a request has one Host (RFC 9112 3.2)"),
            ("{\"body_base64\":\"*\"}", "body_base64 is not base64: Invalid symbol 42, offset 0."),
            ("{\"body\":\"\",\"body_base64\":\"\"}", "give body or body_base64, not both"),
        ] {
            assert_eq!(sent(changes).map(|request| request.target()), Err(why.to_owned()), "{changes}");
        }
        for changes in ["[]", "{\"bodi\":1}", "x", "\u{feff}{}"] {
            let why = sent(changes).map(|request| request.target()).expect_err(changes);
            assert!(why.starts_with("the body is not an object of changes: "), "{why}");
        }
    }

    #[test]
    fn a_body_that_was_cut_is_not_sent() {
        let cut = Entry { request_size: 5, ..entry(Request::new("POST", "/")) };
        let why = "the body has 5 bytes, of which only the first 0 were kept; send it with a body";
        assert_eq!(super::request(&cut, b"").map(|request| request.target()), Err(why.to_owned()));
        assert!(super::request(&cut, b"{\"body\":\"new\"}").is_ok());
    }
}
