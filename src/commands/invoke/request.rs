//! The request that a command line asks for.

use std::fs::File;
use std::io::Read;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::cli::Invoke;
use crate::error::{Error, Kind, Result};
use crate::request::{InvalidTarget, Request, Scheme, Target, is_token};

/// The Content-Type of `--data` unless a header says otherwise: curl's.
const FORM: &str = "application/x-www-form-urlencoded";

/// What a path and query cannot hold as it is (RFC 3986 3.3, 3.4), besides what is not ASCII. What a browser sends
/// although the RFC forbids it, such as `|`, passes.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// Makes the request.
///
/// # Errors
/// Fails with [`Kind::Usage`] where the target, the method or a header could not come over HTTP, and where the body's
/// file or standard input cannot be read.
pub fn build(arguments: &Invoke) -> Result<Request> {
    let method = arguments.method.as_deref().unwrap_or(if arguments.data.is_some() { "POST" } else { "GET" });
    if !is_token(method) {
        return Err(usage(format!("{method:?} is no method"), "write a word such as GET, POST or DELETE"));
    }
    let Target { origin, path } = target(method, &arguments.target)?;
    let mut request = Request::new(method, path);
    request.scheme = origin.map_or(Scheme::Http, |(scheme, _)| scheme);
    let given = arguments.header.iter().map(|h| header(h)).collect::<Result<Vec<_>>>()?;
    let mut default = |name: &str, value: &str| {
        if !given.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
            request.headers.push(name, value);
        }
    };
    // curl's order, and its defaults.
    let named = arguments.app.hostname.as_deref();
    default("Host", origin.map(|(_, authority)| authority).or(named).unwrap_or("localhost:3000"));
    default("User-Agent", concat!("pywagi/", env!("CARGO_PKG_VERSION")));
    default("Accept", "*/*");
    let body = arguments.data.as_deref().map(|text| data(text, arguments.app.limits.max_body)).transpose()?;
    if let Some(body) = &body {
        default("Content-Type", FORM);
        default("Content-Length", &body.len().to_string());
    }
    for (name, value) in given {
        request.headers.push(name, value);
    }
    request.body = body.unwrap_or_default().into();
    Ok(request)
}

/// Reads a target: a path with an optional query, or a URL.
fn target<'a>(method: &str, text: &'a str) -> Result<Target<'a>> {
    Target::parse(method, text).map_err(|why| match why {
        InvalidTarget::NotPath => {
            usage(format!("{text:?} is no path: a path begins with `/`"), format!("write '/{text}'"))
        }
        InvalidTarget::NotUrl => {
            let remedy = "write http://HOST[:PORT]/PATH[?QUERY], or the path and query alone";
            usage(format!("{text:?} is no URL that a request can be made for"), remedy)
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

/// Reads `NAME:VALUE`; space around the value is no part of it (RFC 9110 5.5).
fn header(text: &str) -> Result<(&str, &str)> {
    let malformed = |message: String| Err(usage(message, "write -H NAME:VALUE, as in -H 'Accept: text/html'"));
    let Some((name, value)) = text.split_once(':') else {
        return malformed(format!("the header {text:?} has no colon"));
    };
    if !is_token(name) {
        return malformed(format!("the header {text:?} has no valid name before its colon"));
    }
    let value = value.trim_matches([' ', '\t']);
    if value.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return malformed(format!("the header {text:?} holds a control character"));
    }
    Ok((name, value))
}

/// The bytes that `--data` stands for. Of a file, one more than `most` is read at most, which shows that it is too large:
/// some files have no end.
fn data(text: &str, most: u64) -> Result<Vec<u8>> {
    let read = |from: &mut dyn Read| {
        let mut body = Vec::new();
        from.take(most.saturating_add(1)).read_to_end(&mut body).map(|_| body)
    };
    match text.strip_prefix('@') {
        None => Ok(text.as_bytes().to_owned()),
        Some("") => Err(usage("`-d @` names no file".to_owned(), "write -d @FILE, or -d @- to read standard input")),
        Some("-") => read(&mut std::io::stdin().lock()).map_err(|e| {
            Error::new("cannot read the request body from stdin").because(e).remedy("give it a file or a pipe")
        }),
        Some(file) => File::open(file).and_then(|mut file| read(&mut file)).map_err(|e| {
            Error::new(format!("cannot read the request body from {file}"))
                .because(e)
                .remedy("check the path after the @, which is relative to the working directory")
        }),
    }
}

fn usage(message: String, remedy: impl Into<String>) -> Error {
    Error::of(Kind::Usage, message).remedy(remedy)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn built(arguments: &[&str]) -> Result<Request> {
        let cli = Cli::try_parse_from(["pywagi", "invoke"].iter().chain(arguments)).expect("a valid command line");
        let Command::Invoke(invoke) = cli.command else { panic!("not invoke") };
        build(&invoke)
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
            built(&["/", "-d", "a=b c", "--hostname", "x:1", "-H", "user-agent:", "-H", "Accept: a/b"]).unwrap();
        assert_eq!(request.method, "POST");
        assert_eq!(request.body, "a=b c");
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let given = [("user-agent", ""), ("Accept", "a/b")];
        assert_eq!(headers(&request), [&[("Host", "x:1"), form, ("Content-Length", "5")][..], &given].concat());
    }

    #[test]
    fn a_method_and_a_type_that_are_given_stay() {
        let request = built(&["/", "-d", "", "-X", "put", "-H", "CONTENT-TYPE:a/b", "-H", "X:1", "-H", "X:2"]).unwrap();
        assert_eq!(request.method, "put");
        let names: Vec<_> = headers(&request).into_iter().skip(3).collect();
        assert_eq!(names, [("Content-Length", "0"), ("CONTENT-TYPE", "a/b"), ("X", "1"), ("X", "2")]);
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
            (&["hello?a=b"][..], "\"hello?a=b\" is no path: a path begins with `/`", "write '/hello?a=b'"),
            (&[""], "\"\" is no path: a path begins with `/`", "write '/'"),
            (&["a?http://b"], "\"a?http://b\" is no path: a path begins with `/`", "write '/a?http://b'"),
            (&["ftp://a/"], "\"ftp://a/\" is no URL that a request can be made for", url_remedy),
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
            (&["http:///x"], "\"http:///x\" is no URL that a request can be made for", url_remedy),
            (&["http://me@a/"], "\"http://me@a/\" is no URL that a request can be made for", url_remedy),
            (&["http://a?b"], "\"http://a?b\" is no URL that a request can be made for", url_remedy),
            (&["/", "-X", "A B"], "\"A B\" is no method", "write a word such as GET, POST or DELETE"),
            (&["/", "-X", ""], "\"\" is no method", "write a word such as GET, POST or DELETE"),
            (&["/", "-H", "a"], "the header \"a\" has no colon", header_remedy),
            (&["/", "-H", "a : b"], "the header \"a : b\" has no valid name before its colon", header_remedy),
            (&["/", "-H", ":b"], "the header \":b\" has no valid name before its colon", header_remedy),
            (&["/", "-H", "a:b\r\nc:d"], "the header \"a:b\\r\\nc:d\" holds a control character", header_remedy),
        ] {
            let error = built(arguments).expect_err(message);
            assert_eq!((error.to_string().as_str(), error.remedy_text()), (message, Some(remedy)));
            assert_eq!(error.kind(), Kind::Usage);
        }
    }
}
