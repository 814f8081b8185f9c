//! A request's head, from bytes to a [`Request`] without its body (RFC 9112 2 to 6). What the RFC does not allow is
//! refused, and nothing is guessed: what another program on the way reads otherwise would be a way past it.

use std::net::IpAddr;

use crate::request::{Headers, Protocol, Request, Scheme, body_too_large, is_token};

/// Who sent a request, and over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Plain or TLS.
    pub scheme: Scheme,
}

/// A request's head in its parts.
pub struct Head {
    /// As sent, checked by [`Head::check`] alone.
    pub method: String,
    /// As sent.
    pub target: String,
    /// Major and minor.
    pub version: (u8, u8),
    /// As sent, values without the white space around them.
    pub headers: Headers,
}

/// What the answer's head depends on besides the response.
#[derive(Debug, PartialEq, Eq)]
pub struct Framing {
    /// The version that the client spoke; the answer speaks it too.
    pub protocol: Protocol,
    /// Whether the method is HEAD, so that the answer has no body (RFC 9110 9.3.2).
    pub is_head: bool,
    /// Whether the connection is closed after this answer, which is to say so (RFC 9112 9.6).
    pub closes: bool,
    /// Whether the client speaks HTTP/1.0 and asked to keep the connection open, and the answer is to agree.
    pub keeps: bool,
    /// How the body is sent.
    pub body_length: BodyLength,
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    pub expects_continue: bool,
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
    /// A refusal with this status and this text.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl Framing {
    /// Of an answer to what could not be understood: the connection ends with it, since where the next request would
    /// begin is not known.
    pub fn of_refusal(protocol: Protocol, is_head: bool) -> Self {
        let body_length = BodyLength::Known(0);
        Self { protocol, is_head, closes: true, keeps: false, body_length, expects_continue: false }
    }
}

impl Head {
    /// Splits a head, which ends with its empty line, into its parts (RFC 9112 3, 5).
    ///
    /// # Errors
    /// Refuses what has no such parts.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut lines = lines(bytes);
        let no_line = || Refusal::new(400, "the request line is not `METHOD TARGET HTTP/1.1` (RFC 9112 3)");
        let mut words = lines.next().unwrap_or_default().split(|&b| b == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(no_line());
        };
        let version = match version {
            [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
                (major - b'0', minor - b'0')
            }
            _ => return Err(no_line()),
        };
        let Ok(target) = std::str::from_utf8(target) else {
            return Err(Refusal::new(400, "the request target is not UTF-8; percent-encode its bytes (RFC 3986 2.1)"));
        };
        let mut headers = Headers::default();
        for line in lines {
            let Some(colon) = line.iter().position(|&b| b == b':') else {
                return Err(Refusal::new(400, "a header line has no colon (RFC 9112 5)"));
            };
            let (name, value) = line.split_at(colon);
            headers.push(String::from_utf8_lossy(name), without_space(&value[1..]));
        }
        let method = String::from_utf8_lossy(method).into_owned();
        Ok(Self { method, target: target.to_owned(), version, headers })
    }

    /// Checks the head and makes a request of it, without the body.
    /// `limit` is the largest body that is read, in bytes.
    ///
    /// # Errors
    /// Refuses what RFC 9110 and 9112 do not allow, and what is not understood here.
    pub fn check(self, client: Client, limit: u64) -> Result<(Request, Framing), Refusal> {
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
        if self.all("Host").count() > 1 {
            return Err(Refusal::new(400, "several Host headers were sent (RFC 9112 3.2)"));
        }
        if protocol == Protocol::Http10 && self.all("Transfer-Encoding").next().is_some() {
            // Whoever speaks HTTP/1.0 on the way takes what follows for another request.
            return Err(Refusal::new(400, "HTTP/1.0 knows no Transfer-Encoding (RFC 9112 6.1)"));
        }
        let body_length = self.body_length(limit)?;
        let (target, authority) = split_target(&self.target)?;
        let expects_continue = match self.headers.get("Expect") {
            Some(value) if !value.eq_ignore_ascii_case(b"100-continue") => {
                return Err(Refusal::new(417, "the only Expect understood here is `100-continue` (RFC 9110 10.1.1)"));
            }
            // A client of HTTP/1.0 does not know the answer (RFC 9110 10.1.1).
            Some(_) => protocol == Protocol::Http11 && body_length != BodyLength::Known(0),
            None => false,
        };
        let asks_for = |option| self.has_option(option);
        // RFC 9112 9.3
        let closes = asks_for("close") || (protocol == Protocol::Http10 && !asks_for("keep-alive"));
        let keeps = protocol == Protocol::Http10 && !closes;
        let is_head = self.method == "HEAD";
        let framing = Framing { protocol, is_head, closes, keeps, body_length, expects_continue };
        let mut request = Request::new(self.method, target);
        request.protocol = protocol;
        request.scheme = client.scheme;
        request.remote = client.address;
        request.headers = match authority {
            Some(authority) => with_host(&self.headers, authority),
            None => self.headers,
        };
        Ok((request, framing))
    }

    /// The length of the body that the headers announce (RFC 9112 6.1 to 6.3).
    fn body_length(&self, limit: u64) -> Result<BodyLength, Refusal> {
        let mut codings = self.all("Transfer-Encoding");
        if let Some(coding) = codings.next() {
            if !coding.eq_ignore_ascii_case(b"chunked") || codings.next().is_some() {
                return Err(Refusal::new(501, "the only Transfer-Encoding understood here is `chunked`"));
            }
            if self.all("Content-Length").next().is_some() {
                return Err(Refusal::new(400, "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)"));
            }
            return Ok(BodyLength::Chunked);
        }
        let mut lengths = self.all("Content-Length");
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
        if length as u64 > limit {
            Err(Refusal::new(413, body_too_large(limit)))
        } else {
            Ok(BodyLength::Known(length))
        }
    }

    /// The values of all headers of this name.
    fn all(&self, wanted: &'static str) -> impl Iterator<Item = &[u8]> {
        self.headers.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    /// Whether `option` is one of those that the Connection headers list (RFC 9110 7.6.1).
    fn has_option(&self, option: &str) -> bool {
        let mut options = self.all("Connection").flat_map(|value| value.split(|&b| b == b','));
        options.any(|listed| without_space(listed).eq_ignore_ascii_case(option.as_bytes()))
    }
}

/// The lines of a head without their ends, the empty one that ends it left out.
///
/// RFC 9112 2.2 allows a reader to take LF alone for the end of a line. It is not done: it stays in the line, and is
/// refused there as a control character.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 2..).unwrap_or_default();
        (!line.is_empty()).then_some(line)
    })
}

/// A value without the optional white space around it (RFC 9110 5.6.3).
pub fn without_space(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Splits a request target (RFC 9112 3.2) into path with query, and the authority of one in absolute form.
fn split_target(target: &str) -> Result<(&str, Option<&str>), Refusal> {
    let refuse = || Err(Refusal::new(400, "the request target is no path: it must begin with `/` (RFC 9112 3.2)"));
    if target.chars().any(char::is_control) {
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

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
