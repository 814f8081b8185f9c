//! The request that a command line asks for.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::cli::Invoke;
use crate::error::Result;
use crate::request::{Headers, InvalidTarget, Request, Scheme, Target, is_token};

use super::form::Form;
use super::input::{self, usage};

/// The Content-Type of `--data` unless a header says otherwise: curl's.
const FORM: &str = "application/x-www-form-urlencoded";

/// What a path and query cannot hold as it is (RFC 3986 3.3, 3.4), besides what is not ASCII. What a browser sends
/// although the RFC forbids it, such as `|`, passes.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// What the command line says of a request, for the first one and for those that follow redirects.
pub struct Template<'a> {
    arguments: &'a Invoke,
    target: Target<'a>,
    /// The headers that the command line gives; without a value, one that is left out.
    headers: Vec<(&'a str, Option<&'a str>)>,
    body: Option<Body<'a>>,
}

struct Body<'a> {
    bytes: Bytes,
    content_type: Cow<'a, str>,
}

impl<'a> Template<'a> {
    /// Reads the arguments, and the files and standard input that they name.
    ///
    /// # Errors
    /// Fails with [`crate::error::Kind::Usage`] where the target, the method, a header, a cookie or a form field could not come over
    /// HTTP, and where a file or standard input cannot be read.
    pub fn new(arguments: &'a Invoke) -> Result<Self> {
        let target = arguments.target.as_deref().unwrap_or_default();
        let target = self::target(arguments.method.as_deref().unwrap_or("GET"), target)?;
        if let Some(method) = arguments.method.as_deref().filter(|method| !is_token(method)) {
            return Err(usage(format!("{method:?} is not a valid method"), "write a word such as GET, POST or DELETE"));
        }
        let headers = arguments.header.iter().map(|h| header(h)).collect::<Result<Vec<_>>>()?;
        for cookie in &arguments.cookie {
            check_cookie(cookie)?;
        }
        let given_type = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("Content-Type"));
        let given_type = given_type.and_then(|(_, value)| *value);
        let limit = arguments.app.limits.max_body;
        let body = if !arguments.data.is_empty() {
            Some(Body { bytes: data(&arguments.data, limit)?.into(), content_type: FORM.into() })
        } else if arguments.form.is_empty() {
            None
        } else {
            let form = Form::read(&arguments.form, limit)?;
            let kind = given_type.unwrap_or("multipart/form-data");
            let disposition = if kind.starts_with("multipart/form-data") { "form-data" } else { "attachment" };
            let content_type = format!("{kind}; boundary={}", form.boundary).into();
            Some(Body { bytes: form.body(disposition).into(), content_type })
        };
        Ok(Self { arguments, target, headers, body })
    }

    /// The first request.
    pub fn first(&self) -> Request {
        self.request(
            self.target.origin.map_or(Scheme::Http, |(scheme, _)| scheme),
            self.target.path,
            self.body.is_some(),
        )
    }

    /// The request that follows a redirect with this status to a target of the same host. As curl, asks without the body
    /// after 301, 302 and 303, and keeps the method that the command line names.
    pub fn redirected(&self, before: &Request, status: u16, scheme: Scheme, target: &str) -> Request {
        let with_body = self.body.is_some() && !before.body.is_empty() && !matches!(status, 301..=303);
        self.request(scheme, target, with_body)
    }

    fn request(&self, scheme: Scheme, target: &str, with_body: bool) -> Request {
        let arguments = self.arguments;
        let body = self.body.as_ref().filter(|_| with_body);
        let method = match &arguments.method {
            Some(method) => method,
            None if arguments.head => "HEAD",
            None if body.is_some() => "POST",
            None => "GET",
        };
        let mut request = Request::new(method, target);
        request.scheme = scheme;
        let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
        let (hosts, others): (Vec<_>, Vec<_>) = self.headers.iter().partition(|(name, _)| is(name, "Host"));
        let mut headers = Headers::default();
        let default = |headers: &mut Headers, name: &str, value: &str| {
            if !self.headers.iter().any(|(given, _)| is(given, name)) {
                headers.push(name, value);
            }
        };
        // curl's order, and its defaults.
        let named = arguments.app.hostname.as_deref();
        default(
            &mut headers,
            "Host",
            self.target.origin.map(|(_, authority)| authority).or(named).unwrap_or("localhost:3000"),
        );
        hosts.iter().for_each(|(name, value)| value.iter().for_each(|value| headers.push(*name, *value)));
        default(&mut headers, "User-Agent", concat!("pywagi/", env!("CARGO_PKG_VERSION")));
        default(&mut headers, "Accept", "*/*");
        if !arguments.cookie.is_empty() {
            default(&mut headers, "Cookie", &arguments.cookie.join(";"));
        }
        // The type of a multipart body is sent with its boundary.
        let is_multipart = body.is_some() && !arguments.form.is_empty();
        for (name, value) in others.iter().filter(|(name, _)| !(is_multipart && is(name, "Content-Type"))) {
            value.iter().for_each(|value| headers.push(*name, *value));
        }
        if let Some(body) = body {
            default(&mut headers, "Content-Length", &body.bytes.len().to_string());
            if !is_multipart {
                default(&mut headers, "Content-Type", &body.content_type);
            } else if !self.headers.iter().any(|(name, value)| is(name, "Content-Type") && value.is_none()) {
                headers.push("Content-Type", body.content_type.as_bytes());
            }
            request.body = body.bytes.clone();
        }
        request.headers = headers;
        request
    }
}

/// Refuses what curl takes for the name of a cookie file, and what a header cannot hold.
fn check_cookie(text: &str) -> Result<()> {
    let remedy = "write -b NAME=VALUE, as in -b 'session=1; theme=dark'; files of cookies are not read";
    if !text.contains('=') {
        return Err(usage(format!("the cookie {text:?} has no `=`"), remedy));
    }
    if text.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return Err(usage(format!("the cookie {text:?} contains a control character"), remedy));
    }
    Ok(())
}

/// Reads a target: a path with an optional query, or a URL.
fn target<'a>(method: &str, text: &'a str) -> Result<Target<'a>> {
    Target::parse(method, text).map_err(|why| match why {
        InvalidTarget::NotPath => {
            usage(format!("{text:?} is not a path: a path begins with `/`"), format!("write '/{text}'"))
        }
        InvalidTarget::NotUrl => {
            let remedy = "write http://HOST[:PORT]/PATH[?QUERY], or the path and query alone";
            usage(format!("{text:?} is not a URL that a request can be made for"), remedy)
        }
        InvalidTarget::Fragment | InvalidTarget::Character(_) => {
            let what = if why == InvalidTarget::Fragment {
                "a `#` and what follows it, which no client sends"
            } else {
                "a character that HTTP does not allow in a path"
            };
            let encoded = utf8_percent_encode(text, ENCODED);
            usage(format!("{text:?} holds {what}"), format!("percent-encode it: '{encoded}'"))
        }
    })
}

/// Reads `NAME:VALUE`; space around the value is no part of it (RFC 9110 5.5). As with curl, `NAME;` is a header with an
/// empty value, and `NAME:` has no value here: it leaves out a header that is sent by default.
fn header(text: &str) -> Result<(&str, Option<&str>)> {
    let malformed = |message: String| Err(usage(message, "write -H NAME:VALUE, as in -H 'Accept: text/html'"));
    let (name, value, mark) = match (text.split_once(':'), text.trim_end().strip_suffix(';')) {
        (Some((name, value)), _) => (name, Some(value.trim_matches([' ', '\t'])).filter(|v| !v.is_empty()), "colon"),
        (None, Some(name)) => (name, Some(""), "semicolon"),
        (None, None) => return malformed(format!("the header {text:?} has no colon")),
    };
    if !is_token(name) {
        return malformed(format!("the header {text:?} has no valid name before its {mark}"));
    }
    if value.is_some_and(|value| value.chars().any(|c| c.is_ascii_control() && c != '\t')) {
        return malformed(format!("the header {text:?} holds a control character"));
    }
    Ok((name, value))
}

/// The bytes that the values of `--data` stand for, joined with `&`, as curl does. Of each no more than `limit` bytes and
/// one are read.
fn data(texts: &[String], limit: u64) -> Result<Vec<u8>> {
    let part = |text: &String| match text.strip_prefix('@') {
        None => Ok(text.as_bytes().to_owned()),
        Some("") => Err(usage("`-d @` names no file".to_owned(), "write -d @FILE, or -d @- to read standard input")),
        Some(file) => input::read(file, limit, "the request body"),
    };
    Ok(texts.iter().map(part).collect::<Result<Vec<_>>>()?.join(&b'&'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::error::Kind;

    fn built(arguments: &[&str]) -> Result<Request> {
        let cli = Cli::parse_arguments(["pywagi", "invoke"].iter().chain(arguments)).expect("a valid command line");
        let Command::Invoke(invoke) = cli.command else { panic!("not invoke") };
        Template::new(&invoke).map(|template| template.first())
    }

    fn headers(request: &Request) -> Vec<(&str, &str)> {
        request.headers.iter().map(|(n, v)| (n, std::str::from_utf8(v).unwrap())).collect()
    }

    #[test]
    fn a_plain_request_is_curls() {
        let request = built(&["/a%20b?c=d&e"]).unwrap();
        assert_eq!(request.method, "GET");
        assert_eq!(request.path, "/a%20b");
        assert_eq!(request.query.as_deref(), Some("c=d&e"));
        assert_eq!(request.body, "");
        let agent = concat!("pywagi/", env!("CARGO_PKG_VERSION"));
        assert_eq!(headers(&request), [("Host", "localhost:3000"), ("User-Agent", agent), ("Accept", "*/*")]);
    }

    #[test]
    fn data_is_posted_as_a_form() {
        let request =
            built(&["/", "-d", "a=b c", "--hostname", "x:1", "-H", "user-agent;", "-H", "Accept: a/b"]).unwrap();
        assert_eq!(request.method, "POST");
        assert_eq!(request.body, "a=b c");
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let given = [("user-agent", ""), ("Accept", "a/b")];
        assert_eq!(headers(&request), [&[("Host", "x:1")][..], &given, &[("Content-Length", "5"), form]].concat());
    }

    #[test]
    fn data_given_several_times_is_joined_as_curl_joins_it() {
        let request = built(&["/", "-d", "a=1", "-d", "", "--data", "b=2&c"]).unwrap();
        assert_eq!(request.body, "a=1&&b=2&c");
        assert_eq!(request.headers.get("Content-Length"), Some(&b"10"[..]));
    }

    #[test]
    fn a_semicolon_sends_an_empty_header_and_a_bare_colon_leaves_one_out() {
        let agent = ("User-Agent", concat!("pywagi/", env!("CARGO_PKG_VERSION")));
        let request = built(&["/", "-H", "X-Empty;", "-H", "Y; ", "-H", "Accept: ", "-H", "Unknown:"]).unwrap();
        assert_eq!(headers(&request), [("Host", "localhost:3000"), agent, ("X-Empty", ""), ("Y", "")]);
        let all = ["Host:", "User-Agent:", "accept:", "Content-Type:", "Content-Length:"];
        let flags: Vec<_> = ["/", "-d", "a"].into_iter().chain(all.iter().flat_map(|name| ["-H", name])).collect();
        assert_eq!(headers(&built(&flags).unwrap()), []);
        let request = built(&["/", "-F", "a=b", "-H", "Content-Type:", "-H", "Content-Length:"]).unwrap();
        assert_eq!(headers(&request), [("Host", "localhost:3000"), agent, ("Accept", "*/*")]);
        let request = built(&["/", "-b", "a=b", "-H", "Cookie:"]).unwrap();
        assert_eq!(headers(&request), [("Host", "localhost:3000"), agent, ("Accept", "*/*")]);
    }

    #[test]
    fn a_method_and_a_type_that_are_given_stay() {
        let request = built(&["/", "-d", "", "-X", "put", "-H", "CONTENT-TYPE:a/b", "-H", "X:1", "-H", "X:2"]).unwrap();
        assert_eq!(request.method, "put");
        let names: Vec<_> = headers(&request).into_iter().skip(3).collect();
        assert_eq!(names, [("CONTENT-TYPE", "a/b"), ("X", "1"), ("X", "2"), ("Content-Length", "0")]);
    }

    #[test]
    fn a_url_gives_scheme_host_path_and_query() {
        for (text, scheme, host, path) in
            [("http://a:1/b?c", Scheme::Http, "a:1", "/b?c"), ("HTTPS://[::1]:3", Scheme::Https, "[::1]:3", "/")]
        {
            assert_eq!(target("GET", text).unwrap(), Target { origin: Some((scheme, host)), path });
        }
        let request = built(&["http://a:1/b?c", "--hostname", "d"]).unwrap();
        assert_eq!(request.headers.get("host"), Some(&b"a:1"[..]));
        assert_eq!(target("GET", "/http://x?y://z").unwrap().path, "/http://x?y://z");
    }

    #[test]
    fn what_is_no_request_is_a_usage_error_with_its_remedy() {
        let header_remedy = "write -H NAME:VALUE, as in -H 'Accept: text/html'";
        let url_remedy = "write http://HOST[:PORT]/PATH[?QUERY], or the path and query alone";
        for (arguments, message, remedy) in [
            (&["hello?a=b"][..], "\"hello?a=b\" is not a path: a path begins with `/`", "write '/hello?a=b'"),
            (&[""], "\"\" is not a path: a path begins with `/`", "write '/'"),
            (&["a?http://b"], "\"a?http://b\" is not a path: a path begins with `/`", "write '/a?http://b'"),
            (&["ftp://a/"], "\"ftp://a/\" is not a URL that a request can be made for", url_remedy),
            (
                &["/a b?ü"],
                "\"/a b?ü\" holds a character that HTTP does not allow in a path",
                "percent-encode it: '/a%20b?%C3%BC'",
            ),
            (
                &["/a#b"],
                "\"/a#b\" holds a `#` and what follows it, which no client sends",
                "percent-encode it: '/a%23b'",
            ),
            (&["http:///x"], "\"http:///x\" is not a URL that a request can be made for", url_remedy),
            (&["http://me@a/"], "\"http://me@a/\" is not a URL that a request can be made for", url_remedy),
            (&["http://a?b"], "\"http://a?b\" is not a URL that a request can be made for", url_remedy),
            (&["/", "-X", "A B"], "\"A B\" is not a valid method", "write a word such as GET, POST or DELETE"),
            (&["/", "-X", ""], "\"\" is not a valid method", "write a word such as GET, POST or DELETE"),
            (&["/", "-H", "a"], "the header \"a\" has no colon", header_remedy),
            (&["/", "-H", "a : b"], "the header \"a : b\" has no valid name before its colon", header_remedy),
            (&["/", "-H", "a b;"], "the header \"a b;\" has no valid name before its semicolon", header_remedy),
            (&["/", "-H", ";"], "the header \";\" has no valid name before its semicolon", header_remedy),
            (&["/", "-H", ":b"], "the header \":b\" has no valid name before its colon", header_remedy),
            (&["/", "-H", "a:b\r\nc:d"], "the header \"a:b\\r\\nc:d\" holds a control character", header_remedy),
        ] {
            let error = built(arguments).expect_err(message);
            assert_eq!((error.to_string().as_str(), error.remedy_text()), (message, Some(remedy)));
            assert_eq!(error.kind(), Kind::Usage);
        }
    }
}
