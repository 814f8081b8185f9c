//! An HTTP request as the pipeline sees it, whether it came over a socket or from the command line.

use std::net::{IpAddr, Ipv4Addr};

use crate::size;

/// Header fields in the order they came, names as sent, values as bytes without surrounding space.
///
/// A list and not a map: repeated fields keep their order, on the way in and on the way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Appends a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value of `name`, compared without case (RFC 9110 5.1).
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_slice()))
    }
}

/// Whether `text` is a token, as a method and a field name must be (RFC 9110 5.6.2).
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// What is said of a request body larger than `limit` bytes.
pub fn body_too_large(limit: u64) -> String {
    format!("the request body is larger than the limit of {}; --max-body raises it", size::shown(limit))
}

/// The version of the protocol the client spoke, for `SERVER_PROTOCOL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
}

impl Protocol {
    /// The name as a status line and `SERVER_PROTOCOL` have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
        }
    }
}

/// How the client reached us, for `X_FULL_URL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme as a URL has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// One request, whole: pywagi reads the body before the guest starts, as CGI's CONTENT_LENGTH asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// As sent, any token (RFC 9110 9.1).
    pub method: String,
    /// The path as sent: not decoded, nothing collapsed, always beginning with `/`.
    pub path: String,
    /// What follows the first `?`, as sent; `None` without one.
    pub query: Option<String>,
    /// The protocol's version.
    pub protocol: Protocol,
    /// Plain or TLS.
    pub scheme: Scheme,
    /// The header fields.
    pub headers: Headers,
    /// The body, after de-chunking.
    pub body: Vec<u8>,
    /// The client's address.
    pub remote: IpAddr,
}

impl Request {
    /// A request of `method` for `target`, a path with an optional query, from the loopback address.
    pub fn new(method: impl Into<String>, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method: method.into(),
            path: path.to_owned(),
            query,
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            headers: Headers::default(),
            body: Vec::new(),
            remote: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}
