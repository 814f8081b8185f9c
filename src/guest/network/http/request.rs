//! A request, and what becomes of it where its response leads elsewhere.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue,
    LOCATION, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};
use hyper::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::network::{Host, parse_host};

use super::{HttpError, fields};

/// What describes a body.
const OF_BODY: [HeaderName; 4] = [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING];

/// What is meant for one server.
const OF_SERVER: [HeaderName; 4] = [AUTHORIZATION, COOKIE, HOST, PROXY_AUTHORIZATION];

/// What a guest asks for.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    url: Url,
    method: Method,
    fields: HeaderMap,
    body: Bytes,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// The name or address that the certificate must have, if there is to be one.
    pub certified: Option<String>,
}

impl HttpRequest {
    /// A request of `method` for `url`, which is not without a host.
    ///
    /// # Errors
    /// Fails where one of them is none, or `fields` are not.
    pub fn new(url: &str, method: &str, fields: &str, body: Bytes) -> Result<Self, HttpError> {
        let url = Url::parse(url).map_err(|_| HttpError::InvalidUrl)?;
        let method = Method::try_from(method).map_err(|_| HttpError::InvalidMethod)?;
        let fields = fields::parse(fields).ok_or(HttpError::InvalidEncoding)?;
        let request = Self { url, method, fields, body };
        request.endpoint().map(|_| request)
    }

    /// How many bytes its body has.
    pub fn body_size(&self) -> u64 {
        self.body.len() as u64
    }

    /// Where it goes.
    ///
    /// # Errors
    /// Fails where this is no host that speaks HTTP.
    pub fn endpoint(&self) -> Result<Endpoint, HttpError> {
        let host = self.url.host_str().and_then(|host| parse_host(host).ok()).ok_or(HttpError::InvalidUrl)?;
        let port = self.url.port_or_known_default().ok_or(HttpError::InvalidUrl)?;
        let certified = match (self.url.scheme(), &host) {
            ("http", _) => None,
            ("https", Host::Name(name)) => Some(name.clone()),
            ("https", Host::Address(address)) => Some(address.to_string()),
            _ => return Err(HttpError::InvalidUrl),
        };
        Ok(Endpoint { host, port, certified })
    }

    /// The message that is sent.
    ///
    /// # Errors
    /// Fails where the URL cannot be sent.
    pub fn message(&self) -> Result<hyper::Request<Full<Bytes>>, HttpError> {
        let Self { url, method, fields, body } = self;
        let mut message = hyper::Request::new(Full::new(body.clone()));
        *message.method_mut() = method.clone();
        *message.uri_mut() =
            url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| HttpError::InvalidUrl)?;
        let mut fields = fields.clone();
        let mut add = |name: HeaderName, value: String| {
            let value = HeaderValue::try_from(value).map_err(|_| HttpError::InvalidUrl)?;
            fields.entry(name).or_insert(value);
            Ok::<(), HttpError>(())
        };
        add(HOST, url[Position::BeforeHost..Position::AfterPort].to_owned())?;
        add(ACCEPT, "*/*".to_owned())?;
        if !url.username().is_empty() || url.password().is_some() {
            let decoded = |text: &str| percent_decode_str(text).collect::<Vec<_>>();
            let (name, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            add(AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode([name, password].join(&b':'))))?;
        }
        *message.headers_mut() = fields;
        Ok(message)
    }

    /// Becomes the request that a response with this status and these fields leads to; `false` where it leads nowhere.
    pub fn follow(&mut self, status: u16, told: &HeaderMap) -> bool {
        let to = told.get(LOCATION).and_then(|to| self.url.join(std::str::from_utf8(to.as_bytes()).ok()?).ok());
        let Some(to) = to.filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308)) else { return false };
        let before = std::mem::replace(&mut self.url, to);
        let place = |url: &Url| (url.host_str().map(str::to_owned), url.port_or_known_default());
        if place(&before) != place(&self.url) {
            OF_SERVER.iter().for_each(|name| drop(self.fields.remove(name)));
        }
        if status < 307 {
            OF_BODY.iter().for_each(|name| drop(self.fields.remove(name)));
            self.body = Bytes::new();
            if self.method != Method::HEAD {
                self.method = Method::GET;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> Result<HttpRequest, HttpError> {
        let fields = "authorization:key\ncontent-type:a/b\nx-own:1";
        HttpRequest::new(url, "POST", fields, Bytes::from_static(b"body"))
    }

    /// The request line and the fields of the message, and how many bytes its body has.
    fn shown(request: &HttpRequest) -> (String, String, u64) {
        let message = request.message().expect("a message");
        let line = format!("{} {}", message.method(), message.uri());
        (line, fields::show(message.headers()).expect("fields"), request.body_size())
    }

    #[test]
    fn a_url_says_where_a_request_goes() {
        let of = |url: &str| request(url).and_then(|request| request.endpoint());
        let to = |host: &str, port, certified: Option<&str>| {
            Ok(Endpoint { host: parse_host(host).expect("a host"), port, certified: certified.map(str::to_owned) })
        };
        assert_eq!(of("http://EXAMPLE.com./a"), to("example.com", 80, None));
        assert_eq!(of("https://example.com:8443"), to("example.com", 8443, Some("example.com")));
        assert_eq!(of("https://[::1]/"), to("::1", 443, Some("::1")));
        assert_eq!(of("http://0x7f.1/"), to("127.0.0.1", 80, None));
        for url in ["", "a", "http://", "ftp://example.com/", "file:///etc/passwd", "data:,x", "http://a b/", "unix:/x"]
        {
            assert_eq!(of(url), Err(HttpError::InvalidUrl), "{url}");
        }
        let refused = |method, fields| HttpRequest::new("http://a/", method, fields, Bytes::new()).err();
        assert_eq!(refused("", ""), Some(HttpError::InvalidMethod));
        assert_eq!(refused("GET IT", ""), Some(HttpError::InvalidMethod));
        assert_eq!(refused("GET", "no field"), Some(HttpError::InvalidEncoding));
    }

    #[test]
    fn a_message_has_its_host_and_who_asks() {
        let asked = HttpRequest::new("http://me:p%40ss@a.example:81/x?y#z", "GET", "", Bytes::new()).expect("one");
        let fields = "host:a.example:81\naccept:*/*\nauthorization:Basic bWU6cEBzcw==\n";
        assert_eq!(shown(&asked), ("GET /x?y".to_owned(), fields.to_owned(), 0));
        let own = "host:b\naccept:a/b\nauthorization:key\n";
        let asked = HttpRequest::new("https://me@a.example", "GET", own, Bytes::new()).expect("one");
        assert_eq!(shown(&asked), ("GET /".to_owned(), own.to_owned(), 0));
    }

    #[test]
    fn a_redirect_takes_what_is_meant_for_its_server_and_no_more() {
        let followed = |status, to: &'static str| {
            let mut request = request("http://a.example/x/y?z").expect("one");
            let told = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(to))]);
            request.follow(status, &told).then(|| shown(&request))
        };
        let expected = |line: &str, fields: &str, size| Some((line.to_owned(), fields.to_owned(), size));
        let whole = "authorization:key\ncontent-type:a/b\nx-own:1\nhost:a.example\naccept:*/*\n";
        assert_eq!(followed(307, "w"), expected("POST /x/w", whole, 4));
        assert_eq!(
            followed(303, "/w"),
            expected("GET /w", "authorization:key\nx-own:1\nhost:a.example\naccept:*/*\n", 0)
        );
        let other = "x-own:1\ncontent-type:a/b\nhost:b.example\naccept:*/*\n";
        assert_eq!(followed(308, "http://b.example/"), expected("POST /", other, 4));
        assert_eq!(followed(302, "//a.example:81"), expected("GET /", "x-own:1\nhost:a.example:81\naccept:*/*\n", 0));
        assert_eq!(followed(200, "/w"), None);
        assert_eq!(followed(304, "/w"), None);
        assert_eq!(followed(302, "http://"), None);
    }
}
