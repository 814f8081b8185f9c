//! Tables of wagi.md's Environment and Arguments sections.

use core::net::{IpAddr, Ipv6Addr};

use super::*;
use crate::request::{Protocol, Scheme};

fn variables_of(route: &str, request: &Request) -> Variables {
    let pattern = Pattern::parse(route).unwrap();
    let path_info = pattern.path_info(&request.path).expect("the route must match");
    let mut variables = Variables::new();
    let matched =
        Matched { pattern: &pattern, path_info, default_host: ("localhost", None), pass_authorization: false };
    set_variables(&mut variables, request, matched);
    variables
}

fn with_headers(headers: &[(&str, &[u8])]) -> Variables {
    let mut request = Request::new("GET", "/");
    for (name, value) in headers {
        request.headers.push(*name, *value);
    }
    variables_of("/", &request)
}

/// Every variable of the table, and no other.
#[test]
fn a_plain_request_has_every_variable_of_the_contract() {
    let mut request = Request::new("GET", "/x/a%20b?k=v&w");
    request.headers.push("Host", "example.com:8080");
    let expected = [
        ("AUTH_TYPE", ""),
        ("CONTENT_LENGTH", "0"),
        ("CONTENT_TYPE", ""),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("HTTP_HOST", "example.com:8080"),
        ("PATH_INFO", "/a b"),
        ("PATH_TRANSLATED", "/a b"),
        ("QUERY_STRING", "k=v&w"),
        ("REMOTE_ADDR", "127.0.0.1"),
        ("REMOTE_HOST", "127.0.0.1"),
        ("REMOTE_USER", ""),
        ("REQUEST_METHOD", "GET"),
        ("SCRIPT_NAME", "/x"),
        ("SERVER_NAME", "example.com"),
        ("SERVER_PORT", "8080"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", "WAGI/1"),
        ("X_FULL_URL", "http://example.com:8080/x/a%20b?k=v&w"),
        ("X_MATCHED_ROUTE", "/x/..."),
        ("X_RAW_PATH_INFO", "/a%20b"),
    ];
    let variables = variables_of("/x/...", &request);
    let variables: Vec<_> = variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(variables, expected);
    assert!(expected.iter().all(|(name, _)| is_always_set(name) || *name == "HTTP_HOST"));
}

#[test]
fn a_body_a_protocol_a_scheme_and_a_client_are_told() {
    let mut request = Request::new("pAtCh", "/");
    request.headers.push("content-type", "  text/plain; charset=utf-8 ");
    request.headers.push("Content-Length", "999");
    request.body = b"four"[..].into();
    request.protocol = Protocol::Http10;
    request.scheme = Scheme::Https;
    request.remote = Some(IpAddr::V6(Ipv6Addr::LOCALHOST));
    let variables = variables_of("/", &request);
    for (name, value) in [
        // The length received, not the one claimed (RFC 3875 4.1.2).
        ("CONTENT_LENGTH", "4"),
        ("HTTP_CONTENT_LENGTH", "999"),
        ("CONTENT_TYPE", "text/plain; charset=utf-8"),
        ("HTTP_CONTENT_TYPE", "text/plain; charset=utf-8"),
        ("REQUEST_METHOD", "pAtCh"),
        ("SERVER_PROTOCOL", "HTTP/1.0"),
        ("X_FULL_URL", "https://localhost:3000/"),
        ("HTTPS", "on"),
        ("REMOTE_ADDR", "::1"),
        ("REMOTE_HOST", "::1"),
    ] {
        assert_eq!(variables.get(name).map(String::as_str), Some(value), "{name}");
    }
}

/// wagi.md, `PATH_INFO`: percent-decoded, invalid UTF-8 replaced, no `..` or `//` collapsed.
#[test]
fn the_path_below_the_route_is_decoded_once() {
    for (target, path_info, raw) in [
        ("/x", "", ""),
        ("/x/", "/", "/"),
        ("/x/a%2Fb", "/a/b", "/a%2Fb"),
        ("/x/%C3%A9", "/é", "/%C3%A9"),
        ("/x/%ff", "/\u{fffd}", "/%ff"),
        ("/x/%2541", "/%41", "/%2541"),
        ("/x/100%", "/100%", "/100%"),
        ("/x/%zz", "/%zz", "/%zz"),
        ("/x/a+b", "/a+b", "/a+b"),
        ("/x//a/../b/.", "//a/../b/.", "//a/../b/."),
        ("/x/%2e%2e/y", "/../y", "/%2e%2e/y"),
    ] {
        let variables = variables_of("/x/...", &Request::new("GET", target));
        assert_eq!(variables["PATH_INFO"], path_info, "{target}");
        assert_eq!(variables["PATH_TRANSLATED"], path_info, "{target}");
        assert_eq!(variables["X_RAW_PATH_INFO"], raw, "{target}");
    }
}

#[test]
fn a_query_is_passed_as_sent() {
    for (target, query, url) in [
        ("/", "", "http://localhost:3000/"),
        ("/?", "", "http://localhost:3000/?"),
        ("/?a=%20&&b?c", "a=%20&&b?c", "http://localhost:3000/?a=%20&&b?c"),
    ] {
        let variables = variables_of("/", &Request::new("GET", target));
        assert_eq!(variables["QUERY_STRING"], query, "{target}");
        assert_eq!(variables["X_FULL_URL"], url, "{target}");
    }
}

/// wagi.md, `SERVER_NAME`: from the Host header, and what it lacks from the default host.
#[test]
fn the_host_header_names_the_server() {
    for (host, name, port) in [
        ("example.com", "example.com", "3000"),
        ("example.com:80", "example.com", "80"),
        ("example.com:", "example.com", "3000"),
        ("  example.com:80 ", "example.com", "80"),
        (":80", "localhost", "80"),
        ("", "localhost", "3000"),
        ("127.0.0.1:1", "127.0.0.1", "1"),
        ("[::1]", "[::1]", "3000"),
        ("[::1]:8080", "[::1]", "8080"),
        ("[::1]x", "localhost", "3000"),
        ("[nonsense]:80", "localhost", "80"),
        ("example.com:port", "example.com", "3000"),
        ("example.com:65536", "example.com", "3000"),
        ("example.com:+80", "example.com", "3000"),
        ("user@example.com:80", "localhost", "80"),
        ("a b", "localhost", "3000"),
        ("é.com:80", "localhost", "80"),
    ] {
        let variables = with_headers(&[("host", host.as_bytes())]);
        assert_eq!((variables["SERVER_NAME"].as_str(), variables["SERVER_PORT"].as_str()), (name, port), "{host:?}");
        assert_eq!(variables["HTTP_HOST"], host.trim(), "{host:?}");
    }
    let variables = with_headers(&[]);
    assert_eq!((variables["SERVER_NAME"].as_str(), variables["SERVER_PORT"].as_str()), ("localhost", "3000"));
    assert_eq!(variables.get("HTTP_HOST"), None);
}

/// wagi.md, `HTTP_*`, and the two lines below the table; RFC 3875 4.1.18.
#[test]
fn headers_become_variables() {
    for (headers, name, value) in [
        (vec![("User-Agent", &b"x"[..])], "HTTP_USER_AGENT", Some("x")),
        (vec![("x-a-b.c", b" \tv\t ")], "HTTP_X_A_B.C", Some("v")),
        (vec![("Empty", b"")], "HTTP_EMPTY", Some("")),
        (vec![("X", "é".as_bytes())], "HTTP_X", Some("é")),
        (vec![("X", b"caf\xe9")], "HTTP_X", Some("café")),
        // A no-break space is not the white space that a field value is trimmed of (RFC 9110 5.6.3).
        (vec![("X", b"\xa0v\xa0")], "HTTP_X", Some("\u{a0}v\u{a0}")),
        (vec![("Accept", b"a"), ("accept", b"b"), ("ACCEPT", b"c")], "HTTP_ACCEPT", Some("a, b, c")),
        (vec![("Cookie", b"a=1"), ("Cookie", b"b=2")], "HTTP_COOKIE", Some("a=1; b=2")),
        (vec![("X-A", b"1"), ("X_A", b"2")], "HTTP_X_A", Some("1")),
        (vec![("X_A", b"2")], "HTTP_X_A", None),
        (vec![("Authorization", b"Basic eA==")], "HTTP_AUTHORIZATION", None),
        (vec![("connection", b"close")], "HTTP_CONNECTION", None),
        (vec![("PROXY", b"http://evil")], "HTTP_PROXY", None),
        (vec![("Proxy-Authorization", b"x")], "HTTP_PROXY_AUTHORIZATION", Some("x")),
    ] {
        assert_eq!(with_headers(&headers).get(name).map(String::as_str), value, "{headers:?}");
    }
}

#[test]
fn nothing_overrides_a_cgi_variable() {
    let pattern = Pattern::parse("/").unwrap();
    let mut request = Request::new("GET", "/");
    request.headers.push("X", "sent");
    request.headers.push("Proxy", "http://evil");
    let given = [("PATH_INFO", "evil"), ("HTTP_X", "evil"), ("HTTP_PROXY", "http://mine"), ("OTHER", "kept")];
    let mut variables: Variables = given.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let default_host = ("h", Some(1));
    let matched = Matched { pattern: &pattern, path_info: "", default_host, pass_authorization: false };
    set_variables(&mut variables, &request, matched);
    assert_eq!(variables["PATH_INFO"], "");
    assert_eq!(variables["HTTP_X"], "sent");
    assert_eq!(variables["HTTP_PROXY"], "http://mine");
    assert_eq!(variables["OTHER"], "kept");
}

/// wagi.md, Arguments.
#[test]
fn arguments_come_from_the_path_and_the_query_or_from_the_template() {
    let long = "python /code/env.py ${ARGS}";
    for (template, target, expected) in [
        (None, "/", vec!["/"]),
        (None, "/a%20b", vec!["/a%20b"]),
        (None, "/?", vec!["/", ""]),
        (None, "/?a=1&b=2", vec!["/", "a=1", "b=2"]),
        (None, "/?&a=%26&&b+c&", vec!["/", "", "a=%26", "", "b+c", ""]),
        (Some(long), "/?arg1=value1&arg2=value2", vec!["python", "/code/env.py", "arg1=value1", "arg2=value2"]),
        (Some(long), "/", vec!["python", "/code/env.py"]),
        (Some(long), "/?&&a&&", vec!["python", "/code/env.py", "a"]),
        (Some("${SCRIPT_NAME} ${ARGS}"), "/p%20q?a&b", vec!["/p%20q", "a", "b"]),
        (Some("x=${ARGS}"), "/?a&b", vec!["x=a", "b"]),
        (Some(" a \t b\n"), "/", vec!["a", "b"]),
        (Some("${OTHER} ${args} $ARGS ${ARGS"), "/?a", vec!["${OTHER}", "${args}", "$ARGS", "${ARGS"]),
        (Some("${ARGS} ${ARGS}"), "/?a", vec!["a", "a"]),
        // The query is not expanded again, the path is: SCRIPT_NAME comes first.
        (Some("${SCRIPT_NAME} ${ARGS}"), "/p?${SCRIPT_NAME}&${ARGS}", vec!["/p", "${SCRIPT_NAME}", "${ARGS}"]),
        (Some("${SCRIPT_NAME}"), "/${ARGS}?a&b", vec!["/a", "b"]),
        (Some("${ARGS}"), "/", vec![]),
    ] {
        let request = Request::new("GET", target);
        let arguments = arguments(template, &request.path, request.query.as_deref());
        assert_eq!(arguments, expected, "{template:?} for {target}");
    }
}

#[test]
fn a_nul_is_found_wherever_it_is() {
    let variables = variables_of("/x/...", &Request::new("GET", "/x/a%00b"));
    assert_eq!(find_nul(&Vec::from_iter(variables), &[]).as_deref(), Some("the variable PATH_INFO"));
    assert_eq!(find_nul(&[], &["a".into(), "b\0".into()]).as_deref(), Some("argument 1"));
    assert_eq!(find_nul(&Vec::from_iter(variables_of("/", &Request::new("GET", "/"))), &["a".into()]), None);
}
