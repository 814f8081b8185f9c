//! The head of a request, from bytes to a [`Request`] without its body (RFC 9112 2 to 6).
//!
//! What the RFC does not allow is refused and never repaired: a proxy that repairs it in another way would see other
//! requests than this server (request smuggling, RFC 9112 11.2).

use std::net::IpAddr;

use super::{Headers, InvalidTarget, Protocol, Request, Scheme, Target, body_too_large, is_token};

/// The client of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its IP address.
    pub address: IpAddr,
    /// Plain or TLS.
    pub scheme: Scheme,
    /// The port that it connected to.
    pub port: u16,
}

/// A request line in its parts (RFC 9112 3), which [`parse`] checks.
pub struct RequestLine {
    /// As sent.
    pub method: String,
    /// As sent.
    pub target: String,
    /// Major and minor.
    version: (u8, u8),
}

/// How the messages of one request are framed.
#[derive(Debug, PartialEq, Eq)]
pub struct Framing {
    /// The version of HTTP that the client speaks. The answer uses it too.
    pub protocol: Protocol,
    /// Whether the method is HEAD, so that the answer has no body (RFC 9110 9.3.2).
    pub is_head: bool,
    /// Whether the connection is closed after the answer, which says so (RFC 9112 9.6).
    pub closes: bool,
    /// The length of the request's body.
    pub body_length: BodyLength,
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    pub expects_continue: bool,
}

/// The length of a request's body (RFC 9112 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// As its Content-Length says; 0 without one.
    Known(usize),
    /// Until the last chunk.
    Chunked,
}

/// Why the server itself answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// What is wrong and how to do better: the body of the answer.
    pub message: String,
}

impl Refusal {
    /// A refusal with this status and message.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl Framing {
    /// Of the answer to a refused request. The connection ends with it, since nobody knows where the next request begins.
    pub fn of_refusal(line: Option<&RequestLine>) -> Self {
        let protocol = line.map_or(Protocol::Http11, RequestLine::protocol);
        let is_head = line.is_some_and(|line| line.method == "HEAD");
        Self { protocol, is_head, closes: true, body_length: BodyLength::Known(0), expects_continue: false }
    }

    /// The answer's Connection field, if it needs one (RFC 9112 9.3).
    pub fn connection(&self) -> Option<&'static [u8]> {
        match (self.closes, self.protocol) {
            (true, _) => Some(b"close"),
            (false, Protocol::Http10) => Some(b"keep-alive"),
            (false, Protocol::Http11) => None,
        }
    }
}

impl RequestLine {
    /// Splits the head of a request into its request line and its field lines, the empty line included.
    ///
    /// # Errors
    /// Refuses a request line that does not have three parts.
    pub fn split(head: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let refuse = || Refusal::new(400, "the request line is not `METHOD TARGET HTTP/1.1` (RFC 9112 3)");
        let (line, fields) = split_line(head).ok_or_else(refuse)?;
        let words: Vec<_> = line.split(|&b| b == b' ').collect();
        let [method, target, version] = words[..] else { return Err(refuse()) };
        let [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] = version else {
            return Err(refuse());
        };
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok((Self { method: text(method), target: text(target), version: (major - b'0', minor - b'0') }, fields))
    }

    /// The version that an answer to this line uses.
    pub fn protocol(&self) -> Protocol {
        if self.version == (1, 0) { Protocol::Http10 } else { Protocol::Http11 }
    }
}

/// Checks the head of a request and makes a request of it, without its body. `max_body` is the largest body that is read,
/// in bytes.
///
/// # Errors
/// Refuses what RFC 9110 and RFC 9112 do not allow, and what this server does not support.
pub fn parse(line: &RequestLine, fields: &[u8], client: Client, max_body: u64) -> Result<(Request, Framing), Refusal> {
    let protocol = line.protocol();
    let RequestLine { method, target, version } = line;
    if !is_token(method) {
        return Err(Refusal::new(400, "the method is not a token (RFC 9110 9.1)"));
    }
    let (major, minor) = *version;
    if !matches!((major, minor), (1, 0 | 1)) {
        return Err(Refusal::new(505, format!("HTTP/{major}.{minor} is not spoken here; use HTTP/1.1")));
    }
    let mut headers = parse_fields(fields)?;
    if headers.all("Host").count() > 1 {
        return Err(Refusal::new(400, "several Host headers were sent (RFC 9112 3.2)"));
    }
    if protocol == Protocol::Http10 && headers.get("Transfer-Encoding").is_some() {
        // An HTTP/1.0 proxy takes the chunks for further requests.
        return Err(Refusal::new(400, "HTTP/1.0 knows no Transfer-Encoding (RFC 9112 6.1)"));
    }
    let body_length = body_length(&headers, max_body)?;
    let target = Target::parse(method, target).map_err(target_refusal)?;
    let expects_continue = match headers.get("Expect") {
        Some(value) if !value.eq_ignore_ascii_case(b"100-continue") => {
            return Err(Refusal::new(417, "the only Expect understood here is `100-continue` (RFC 9110 10.1.1)"));
        }
        // An HTTP/1.0 client does not know the interim answer (RFC 9110 10.1.1).
        Some(_) => protocol == Protocol::Http11 && body_length != BodyLength::Known(0),
        None => false,
    };
    // RFC 9112 9.3
    let closes = has_option(&headers, "close") || (protocol == Protocol::Http10 && !has_option(&headers, "keep-alive"));
    if let Some((_, authority)) = target.origin {
        headers.replace("Host", authority);
    }
    let framing = Framing { protocol, is_head: method == "HEAD", closes, body_length, expects_continue };
    let request = Request::new(method.as_str(), target.path);
    let Client { address, scheme, port } = client;
    Ok((Request { protocol, scheme, remote: Some(address), port: Some(port), headers, ..request }, framing))
}

/// Parses the field lines of a head (RFC 9112 5).
fn parse_fields(fields: &[u8]) -> Result<Headers, Refusal> {
    // No more fields than lines.
    let mut parsed = vec![httparse::EMPTY_HEADER; fields.split(|&b| b == b'\n').count()];
    // RFC 9112 2.2 lets a recipient take LF alone for the end of a line, as httparse does. Other programs on the way may
    // not, and see other requests than this server.
    let has_bare_lf = fields.split_inclusive(|&b| b == b'\n').any(|line| !line.ends_with(b"\r\n"));
    match httparse::parse_headers(fields, &mut parsed) {
        Ok(httparse::Status::Complete((_, parsed))) if !has_bare_lf => {
            let mut headers = Headers::default();
            for field in parsed {
                headers.push(field.name, field.value);
            }
            Ok(headers)
        }
        _ => Err(malformed_field(fields)),
    }
}

/// What is wrong with the first malformed field line.
fn malformed_field(mut fields: &[u8]) -> Refusal {
    while let Some((line, rest)) = split_line(fields) {
        fields = rest;
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            return Refusal::new(400, "a header line has no colon (RFC 9112 5)");
        };
        let (name, value) = line.split_at(colon);
        let name = String::from_utf8_lossy(name);
        if !is_token(&name) {
            return Refusal::new(400, format!("{name:?} is no header name (RFC 9110 5.1)"));
        }
        if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
            return Refusal::new(400, format!("the value of {name} holds a control character (RFC 9110 5.5)"));
        }
    }
    Refusal::new(400, "a header line does not end with CRLF (RFC 9112 2.2)")
}

/// The first line without its CRLF, and what follows it; `None` at the empty line that ends a head.
fn split_line(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = head.windows(2).position(|pair| pair == b"\r\n")?;
    (end > 0).then(|| (&head[..end], &head[end + 2..]))
}

/// The length of the body that the headers announce (RFC 9112 6.1 to 6.3).
fn body_length(headers: &Headers, max_body: u64) -> Result<BodyLength, Refusal> {
    let mut codings = headers.all("Transfer-Encoding");
    if let Some(coding) = codings.next() {
        if !coding.eq_ignore_ascii_case(b"chunked") || codings.next().is_some() {
            return Err(Refusal::new(501, "the only Transfer-Encoding understood here is `chunked`"));
        }
        if headers.get("Content-Length").is_some() {
            return Err(Refusal::new(400, "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)"));
        }
        return Ok(BodyLength::Chunked);
    }
    let mut lengths = headers.all("Content-Length");
    let Some(first) = lengths.next() else { return Ok(BodyLength::Known(0)) };
    if lengths.any(|other| other != first) {
        return Err(Refusal::new(400, "several Content-Length headers disagree (RFC 9112 6.3)"));
    }
    // `parse` would accept "+5".
    let digits = std::str::from_utf8(first).ok().filter(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    let Some(digits) = digits else {
        return Err(Refusal::new(400, "Content-Length is no number (RFC 9110 8.6)"));
    };
    // A number too large for its type is too large a body as well.
    let length = digits.parse().unwrap_or(usize::MAX);
    if length as u64 > max_body {
        return Err(Refusal::new(413, body_too_large(max_body)));
    }
    Ok(BodyLength::Known(length))
}

fn target_refusal(why: InvalidTarget) -> Refusal {
    Refusal::new(
        400,
        match why {
            InvalidTarget::NotPath | InvalidTarget::NotUrl => {
                "the request target is not a path: it must begin with `/` (RFC 9112 3.2)"
            }
            InvalidTarget::Fragment => {
                "the request target holds a `#`, which clients do not send; percent-encode it: %23 (RFC 9112 3.2)"
            }
            InvalidTarget::Character(c) if c.is_control() => "the request target holds a control character",
            InvalidTarget::Character(_) => {
                "the request target holds a character that must be percent-encoded (RFC 3986 2.1)"
            }
        },
    )
}

/// Whether the Connection fields list `option` (RFC 9110 7.6.1).
fn has_option(headers: &Headers, option: &str) -> bool {
    let mut options = headers.all("Connection").flat_map(|value| value.split(|&b| b == b','));
    options.any(|listed| listed.trim_ascii().eq_ignore_ascii_case(option.as_bytes()))
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
