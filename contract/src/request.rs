//! An HTTP request, whether it came over a socket or from the command line.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;

/// Header fields in the order they were sent; names as sent, values without surrounding white space.
///
/// A list, because repeated fields keep their order.
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

    /// All values of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// Replaces all fields of `name` by one, which comes first.
    pub fn replace(&mut self, name: &str, value: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.0.insert(0, (name.to_owned(), value.as_bytes().to_owned()));
    }

    /// Removes all fields of these names.
    pub fn remove(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.iter().any(|removed| removed.eq_ignore_ascii_case(name)));
    }

    /// Removes all fields of these names but the last of each.
    pub fn keep_last(&mut self, names: &[&str]) {
        let mut rest = names.to_vec();
        self.0.reverse();
        self.0.retain(|(name, _)| {
            let is_name = |known: &&str| known.eq_ignore_ascii_case(name);
            match rest.iter().position(is_name) {
                Some(index) => {
                    rest.swap_remove(index);
                    true
                }
                None => !names.iter().any(is_name),
            }
        });
        self.0.reverse();
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

/// The version of HTTP that the client speaks, for `SERVER_PROTOCOL`.
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

/// How the client connects, for `X_FULL_URL`.
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

    /// The scheme of this name, in any case (RFC 3986 3.1).
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| scheme.as_str().eq_ignore_ascii_case(name))
    }
}

/// A request target in its parts (RFC 9112 3.2), each as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// Scheme and authority of a target in absolute form.
    pub origin: Option<(Scheme, &'a str)>,
    /// Path and query. It begins with `/`, or is the `*` of OPTIONS (RFC 9112 3.2.4).
    pub path: &'a str,
}

/// Why a request target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTarget {
    /// It is neither a path nor a URL.
    NotPath,
    /// It is a URL that no HTTP request can be made for: of another scheme, without a host, with a user name
    /// (RFC 9110 4.2.4), or with a query right after the host.
    NotUrl,
    /// It has a `#`: a fragment is not sent (RFC 9110 4.2.5).
    Fragment,
    /// It has a character that must be percent-encoded (RFC 3986 2.1).
    Character(char),
}

impl<'a> Target<'a> {
    /// Reads a request target. The rule is that of RFC 3986 3.3 and 3.4, but that the ASCII characters that browsers send
    /// in spite of it, such as `|`, are allowed.
    ///
    /// # Errors
    /// Refuses what is no target of a request with this method, and what would have to be encoded.
    pub fn parse(method: &str, text: &'a str) -> Result<Self, InvalidTarget> {
        if method == "OPTIONS" && text == "*" {
            return Ok(Self { origin: None, path: text });
        }
        let (origin, path) = match text.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let scheme = Scheme::parse(scheme).ok_or(InvalidTarget::NotUrl)?;
                if authority.is_empty() || authority.contains(['?', '#', '@']) {
                    return Err(InvalidTarget::NotUrl);
                }
                (Some((scheme, authority)), if path.is_empty() { "/" } else { path })
            }
            _ => (None, text),
        };
        if !path.starts_with('/') {
            return Err(InvalidTarget::NotPath);
        }
        match text.chars().find(|&c| !c.is_ascii_graphic() || matches!(c, '#' | '"' | '<' | '>')) {
            Some('#') => Err(InvalidTarget::Fragment),
            Some(character) => Err(InvalidTarget::Character(character)),
            None => Ok(Self { origin, path }),
        }
    }
}

/// A request with its whole body: CGI's CONTENT_LENGTH has to be known before the script starts.
#[derive(Clone, Debug)]
pub struct Request {
    /// As sent, any token (RFC 9110 9.1).
    pub method: String,
    /// What precedes `path` in the URL, as sent: where a web server has mounted the app. Empty where the app has all of it.
    pub mount: String,
    /// The path as sent, below the mount: not decoded, nothing collapsed. It begins with `/`, or is the `*` of `OPTIONS *`.
    pub path: String,
    /// What follows the first `?`, as sent; `None` without one.
    pub query: Option<String>,
    /// The version of HTTP.
    pub protocol: Protocol,
    /// Plain or TLS.
    pub scheme: Scheme,
    /// The header fields.
    pub headers: Headers,
    /// The body, after de-chunking.
    pub body: Bytes,
    /// The client's address, where the server is told.
    pub remote: Option<IpAddr>,
    /// The port that it came in by; `None` for a request from the command line.
    pub port: Option<u16>,
}

impl Request {
    /// Path and query, as sent.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// A request of `method` for `target`, a path with an optional query, from the loopback address.
    pub fn new(method: impl Into<String>, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method: method.into(),
            mount: String::new(),
            path: path.to_owned(),
            query,
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            headers: Headers::default(),
            body: Bytes::new(),
            remote: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_path_a_url_or_the_asterisk_of_options() {
        // RFC 9112 3.2.1, 3.2.2, 3.2.4
        let url = |scheme, authority| Some((scheme, authority));
        for (method, text, origin, path) in [
            ("GET", "/", None, "/"),
            ("GET", "/a%2fb//../c?x=%00&&?", None, "/a%2fb//../c?x=%00&&?"),
            ("GET", "/[a]|{b}^`\\!$&'()*+,;=:@~", None, "/[a]|{b}^`\\!$&'()*+,;=:@~"),
            ("GET", "/http://x?y://z", None, "/http://x?y://z"),
            ("GET", "http://b:2/x?y", url(Scheme::Http, "b:2"), "/x?y"),
            ("GET", "HTTP://b", url(Scheme::Http, "b"), "/"),
            ("GET", "https://[::1]:3/", url(Scheme::Https, "[::1]:3"), "/"),
            ("OPTIONS", "*", None, "*"),
        ] {
            assert_eq!(Target::parse(method, text), Ok(Target { origin, path }), "{text}");
        }
    }

    #[test]
    fn other_targets_are_refused() {
        use InvalidTarget::{Character, Fragment, NotPath, NotUrl};

        for (method, text, why) in [
            ("GET", "*", NotPath),
            ("options", "*", NotPath),
            ("CONNECT", "example.com:443", NotPath),
            ("GET", "x", NotPath),
            ("GET", "", NotPath),
            ("GET", "a?http://b", NotPath),
            ("GET", "ftp://b/x", NotUrl),
            ("GET", "http:///x", NotUrl),
            ("GET", "http://", NotUrl),
            ("GET", "http://b?x", NotUrl),
            ("GET", "http://me@b/", NotUrl),
            ("GET", "/a#b", Fragment),
            ("GET", "http://b/a#b", Fragment),
            ("GET", "/a b", Character(' ')),
            ("GET", "/\u{e9}", Character('\u{e9}')),
            ("GET", "/a?\"", Character('"')),
            ("GET", "/\u{7f}", Character('\u{7f}')),
            ("GET", "http://b c/", Character(' ')),
        ] {
            assert_eq!(Target::parse(method, text), Err(why), "{text}");
        }
    }
}
