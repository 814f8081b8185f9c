//! A request as a web server tells a CGI program of it: by meta-variables (RFC 3875 4.1) and standard input.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::net::IpAddr;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use super::head::{BodyLength, Refusal};
use super::{Headers, Protocol, Request, Scheme, Target, body_too_large, is_token};
use crate::cgi;

/// What a path is encoded of that a server has decoded: what separates it from a query, and what [`Target`] refuses.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'%');

/// What a query is encoded of that a server passes on although it is not encoded.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// The variable without which there is no request.
const METHOD: &str = "REQUEST_METHOD";

/// The environment that a web server gives to a CGI program. Variables that are not meta-variables, such as PATH, are
/// never looked at.
pub struct MetaVariables(BTreeMap<String, Vec<u8>>);

impl MetaVariables {
    /// Takes the variables of an environment.
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_encoded_bytes())));
        Self(variables.collect())
    }

    /// Whether there is a request.
    pub fn are_there(&self) -> bool {
        self.get(METHOD).is_some()
    }

    /// The name and the port of the server, as `--hostname` takes them; `None` where the server says nothing that is a name.
    pub fn host(&self) -> Option<String> {
        let name = self.text("SERVER_NAME")?;
        let name = if name.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{name}]") } else { name.to_owned() };
        let is_name = cgi::split_host(&name) == (Some(&name), None);
        let port = self.port();
        is_name.then(|| port.map_or_else(|| name.clone(), |port| format!("{name}:{port}")))
    }

    /// The request, without its body.
    ///
    /// # Errors
    /// Refuses a method that is none.
    pub fn request(&self) -> Result<Request, Refusal> {
        let method = self.text(METHOD).filter(|method| is_token(method));
        let method = method.ok_or_else(|| Refusal::new(400, "the method is not a token (RFC 9110 9.1)"))?;
        let (mount, path, has_query) = self.path();
        let query = self.get("QUERY_STRING").map(|query| percent_encode(query, QUERY).to_string());
        let is_secure = self.text("HTTPS").is_some_and(|value| !value.eq_ignore_ascii_case("off"))
            || self.text("REQUEST_SCHEME").is_some_and(|scheme| Scheme::parse(scheme) == Some(Scheme::Https));
        Ok(Request {
            mount,
            path,
            query: query.or(has_query.then(String::new)),
            protocol: if self.text("SERVER_PROTOCOL") == Some("HTTP/1.0") {
                Protocol::Http10
            } else {
                Protocol::Http11
            },
            scheme: if is_secure { Scheme::Https } else { Scheme::Http },
            headers: self.headers(),
            remote: self.remote(),
            port: Some(self.port().unwrap_or(if is_secure { 443 } else { 80 })),
            ..Request::new(method, "/")
        })
    }

    /// The length of the body. `max_body` is the largest that is read, in bytes.
    ///
    /// # Errors
    /// Refuses a length that is none or too large.
    pub fn body_length(&self, max_body: u64) -> Result<BodyLength, Refusal> {
        let Some(length) = self.get("CONTENT_LENGTH") else {
            // Apache passes on what came in chunks, up to the end of standard input.
            let is_chunked = self.get("HTTP_TRANSFER_ENCODING").is_some();
            return Ok(if is_chunked { BodyLength::Chunked } else { BodyLength::Known(0) });
        };
        // `parse` would accept "+5".
        let digits = std::str::from_utf8(length).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let digits = digits.ok_or_else(|| Refusal::new(400, "CONTENT_LENGTH is no number (RFC 3875 4.1.2)"))?;
        // A number too large for its type is too large a body as well.
        let length = digits.parse().unwrap_or(usize::MAX);
        if length as u64 > max_body {
            return Err(Refusal::new(413, body_too_large(max_body)));
        }
        Ok(BodyLength::Known(length))
    }

    /// The mount and the path below it, both as sent, and whether a `?` was sent.
    ///
    /// Servers decode both, and only some say in REQUEST_URI what was sent. That may also be another URL, which they rewrote.
    fn path(&self) -> (String, String, bool) {
        let name = self.get("SCRIPT_NAME").unwrap_or_default();
        let info = self.get("PATH_INFO").unwrap_or_default();
        let target = self.text("REQUEST_URI").and_then(|uri| Target::parse("", uri).ok());
        if let Some(target) = target {
            let (path, query) =
                target.path.split_once('?').map_or((target.path, None), |(path, query)| (path, Some(query)));
            if let Some((mount, below)) = split_decoded(path, name).filter(|(_, below)| decodes_to(below, info)) {
                return (mount.to_owned(), rooted(below), query.is_some());
            }
        }
        let encoded = |bytes| percent_encode(bytes, PATH).to_string();
        (encoded(name), rooted(&encoded(info)), false)
    }

    /// The request headers, in the order of their names.
    fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (variable, name) in [("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")] {
            // Some servers say 0 where the client said nothing.
            if let Some(value) = self.get(variable).filter(|value| *value != b"0") {
                headers.push(name, value);
            }
        }
        for (variable, value) in &self.0 {
            let Some(name) = variable.strip_prefix("HTTP_") else { continue };
            let name = name.to_ascii_lowercase().replace('_', "-");
            // These two come with the variables above.
            if is_token(&name) && headers.get(&name).is_none() {
                headers.push(name, value.as_slice());
            }
        }
        headers
    }

    fn remote(&self) -> Option<IpAddr> {
        // A link-local address of IPv6 may name its zone.
        self.text("REMOTE_ADDR")?.split('%').next()?.parse().ok()
    }

    fn port(&self) -> Option<u16> {
        self.text("SERVER_PORT")?.parse().ok()
    }

    /// The value of a variable. An empty one is as good as none (RFC 3875 4.1).
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }
}

/// Reads a body of this length, and nothing beyond it (RFC 3875 4.2), from `input`. `max_body` is the largest that is read, in
/// bytes.
///
/// # Errors
/// Refuses one that is larger or ends before its length.
pub fn read_body(length: BodyLength, max_body: u64, input: impl Read) -> Result<Bytes, Refusal> {
    let most = match length {
        BodyLength::Known(0) => return Ok(Bytes::new()),
        BodyLength::Known(length) => length as u64,
        BodyLength::Chunked => max_body.saturating_add(1),
    };
    let mut body = Vec::new();
    input
        .take(most)
        .read_to_end(&mut body)
        .map_err(|error| Refusal::new(400, format!("the request body cannot be read: {error}")))?;
    match length {
        BodyLength::Known(length) if body.len() < length => {
            let came = body.len();
            Err(Refusal::new(
                400,
                format!("the request body ends after {came} of the {length} bytes of CONTENT_LENGTH"),
            ))
        }
        BodyLength::Chunked if body.len() as u64 > max_body => Err(Refusal::new(413, body_too_large(max_body))),
        _ => Ok(body.into()),
    }
}

/// A path below a mount: that of the mount itself is the root's.
fn rooted(below: &str) -> String {
    if below.starts_with('/') { below.to_owned() } else { format!("/{below}") }
}

/// Splits `raw` after the part that is `decoded` when it is decoded.
fn split_decoded<'r>(raw: &'r str, decoded: &[u8]) -> Option<(&'r str, &'r str)> {
    let mut at = 0;
    for expected in decoded {
        let rest = raw.as_bytes().get(at..)?;
        let (byte, length) = match (rest, rest.get(1..3).and_then(hexadecimal)) {
            ([b'%', ..], Some(byte)) => (byte, 3),
            ([byte, ..], _) => (*byte, 1),
            ([], _) => return None,
        };
        if byte != *expected {
            return None;
        }
        at += length;
    }
    raw.split_at_checked(at)
}

fn decodes_to(raw: &str, decoded: &[u8]) -> bool {
    split_decoded(raw, decoded).is_some_and(|(_, rest)| rest.is_empty())
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
#[path = "meta_variables_tests.rs"]
mod tests;
