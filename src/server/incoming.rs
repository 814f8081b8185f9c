//! A request as tiny_http read it, checked: what it lets through and RFC 9112 does not is refused here.

use std::io::Read;
use std::net::IpAddr;

use crate::request::{Headers, Protocol, Request, Scheme, body_too_large, is_token};

/// Bodies up to this length are read by tiny_http before it hands out the request.
const READ_AHEAD: usize = 1024;

/// A request's head.
pub struct Head {
    pub method: String,
    pub target: String,
    pub version: (u8, u8),
    pub headers: Headers,
    pub scheme: Scheme,
    pub remote: IpAddr,
}

/// What the answer's head depends on besides the response.
#[derive(Debug, PartialEq, Eq)]
pub struct Framing {
    /// The version that the client spoke; the answer speaks it too.
    pub protocol: Protocol,
    /// Whether the method is HEAD, so that the answer has no body (RFC 9110 9.3.2).
    pub is_head: bool,
    /// Whether tiny_http closes the connection after this answer, and the answer is to say so (RFC 9112 9.6).
    pub closes: bool,
    /// Whether the client speaks HTTP/1.0 and asked to keep the connection open, and the answer is to agree.
    pub keeps: bool,
    /// How the body is sent.
    pub body_length: BodyLength,
}

/// How long a request's body is (RFC 9112 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// As its Content-Length says; 0 without one.
    Known(usize),
    /// Until the last chunk.
    Chunked,
}

/// Why a request is not answered by the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// What is wrong and how to do better: the body of the answer.
    pub message: String,
}

impl Refusal {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl Head {
    /// Checks the head and makes a request of it, without the body.
    /// `limit` is the largest body that is read, in bytes.
    pub fn check(self, limit: u64) -> Result<(Request, Framing), Refusal> {
        if !is_token(&self.method) {
            return Err(Refusal::new(400, "the method is no token (RFC 9110 9.1)"));
        }
        let protocol = match self.version {
            (1, 1) => Protocol::Http11,
            (1, 0) => Protocol::Http10,
            (major, minor) => {
                return Err(Refusal::new(505, format!("HTTP/{major}.{minor} is not spoken here; use HTTP/1.1")));
            }
        };
        for (name, value) in self.headers.iter() {
            if !is_token(name) {
                return Err(Refusal::new(400, format!("{name:?} is no header name (RFC 9110 5.1)")));
            }
            if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
                return Err(Refusal::new(400, format!("the value of {name} holds a control character (RFC 9110 5.5)")));
            }
        }
        let body_length = body_length(&self.headers, limit)?;
        let (target, authority) = split_target(&self.target)?;
        let connection = self.headers.get("Connection").map(|v| String::from_utf8_lossy(v).to_ascii_lowercase());
        let connection = connection.unwrap_or_default();
        // tiny_http's own rule, to the letter: it decides, the answer only says it.
        let keeps = protocol == Protocol::Http10 && connection.contains("keep-alive");
        let closes = connection.contains("close")
            || connection.contains("upgrade")
            || (protocol == Protocol::Http10 && !connection.contains("keep-alive"));
        let is_head = self.method == "HEAD";
        let framing = Framing { protocol, is_head, closes, keeps: keeps && !closes, body_length };
        let mut request = Request::new(self.method, target);
        request.protocol = protocol;
        request.scheme = self.scheme;
        request.remote = self.remote;
        request.headers = match authority {
            Some(authority) => with_host(&self.headers, authority),
            None => self.headers,
        };
        Ok((request, framing))
    }
}

/// The length of the body that the headers announce (RFC 9112 6.1 to 6.3).
fn body_length(headers: &Headers, limit: u64) -> Result<BodyLength, Refusal> {
    let all = |wanted: &'static str| {
        headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim_ascii())
    };
    let mut codings = all("Transfer-Encoding");
    if let Some(coding) = codings.next() {
        if !coding.eq_ignore_ascii_case(b"chunked") || codings.next().is_some() {
            return Err(Refusal::new(501, "the only Transfer-Encoding understood here is `chunked`"));
        }
        if all("Content-Length").next().is_some() {
            return Err(Refusal::new(400, "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)"));
        }
        return Ok(BodyLength::Chunked);
    }
    let mut lengths = all("Content-Length");
    let Some(first) = lengths.next() else { return Ok(BodyLength::Known(0)) };
    if lengths.any(|other| other != first) {
        return Err(Refusal::new(400, "several Content-Length headers disagree (RFC 9112 6.3)"));
    }
    // "+5".parse() would be a number.
    let digits = std::str::from_utf8(first).ok().filter(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    let Some(digits) = digits else {
        return Err(Refusal::new(400, "Content-Length is no number (RFC 9110 8.6)"));
    };
    // A number too large for its type is too large a body as well.
    let length = digits.parse::<usize>().unwrap_or(usize::MAX);
    if length as u64 > limit { Err(too_large(limit)) } else { Ok(BodyLength::Known(length)) }
}

/// Splits a request target (RFC 9112 3.2) into path with query, and the authority of one in absolute form.
fn split_target(target: &str) -> Result<(&str, Option<&str>), Refusal> {
    let refuse = || Err(Refusal::new(400, "the request target is no path: it must begin with `/` (RFC 9112 3.2)"));
    if target.bytes().any(|b| b.is_ascii_control()) {
        return Err(Refusal::new(400, "the request target holds a control character"));
    }
    if target.starts_with('/') {
        return Ok((target, None));
    }
    let Some((scheme, rest)) = target.split_once("://") else { return refuse() };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return refuse();
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    match rest.split_at(end) {
        ("", _) => refuse(),
        (authority, "") => Ok(("/", Some(authority))),
        (authority, path) if path.starts_with('/') => Ok((path, Some(authority))),
        // A path cannot be absent before a query, and none can be put there without a copy; no client sends this.
        _ => refuse(),
    }
}

/// The headers with the Host that the target names, which counts more than the one that was sent (RFC 9112 3.2.2).
fn with_host(headers: &Headers, authority: &str) -> Headers {
    let mut changed = Headers::default();
    changed.push("Host", authority);
    for (name, value) in headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case("Host")) {
        changed.push(name, value);
    }
    changed
}

/// Whether reading the body may wait for the client.
pub fn has_pending_body(inner: &tiny_http::Request) -> bool {
    let has = |name: &'static str| inner.headers().iter().any(|h| h.field.equiv(name));
    has("Transfer-Encoding") || has("Expect") || inner.body_length().is_some_and(|length| length > READ_AHEAD)
}

/// Reads the body to its end, or a byte beyond `limit`. It is kept in memory, as CGI's CONTENT_LENGTH asks for.
pub fn read_body(inner: &mut tiny_http::Request, length: BodyLength, limit: u64) -> Result<Vec<u8>, Refusal> {
    let (capacity, most) = match length {
        // Not even asked for: as_reader() would answer `100 Continue` to a client that has nothing to send.
        BodyLength::Known(0) => return Ok(Vec::new()),
        BodyLength::Known(length) => (length, length as u64),
        // One more than is allowed, to see that there is more.
        BodyLength::Chunked => (0, limit.saturating_add(1)),
    };
    let mut body = Vec::with_capacity(capacity);
    if let Err(error) = inner.as_reader().take(most).read_to_end(&mut body) {
        return Err(Refusal::new(400, format!("the body cannot be read: {error}")));
    }
    match length {
        BodyLength::Known(length) if body.len() < length => {
            Err(Refusal::new(400, format!("the body ended after {} of {length} bytes", body.len())))
        }
        BodyLength::Chunked if body.len() as u64 > limit => Err(too_large(limit)),
        _ => Ok(body),
    }
}

fn too_large(limit: u64) -> Refusal {
    Refusal::new(413, body_too_large(limit))
}

#[cfg(test)]
#[path = "incoming_tests.rs"]
mod tests;
