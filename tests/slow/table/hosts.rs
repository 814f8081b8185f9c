//! SERVER_NAME, SERVER_PORT and X_FULL_URL (wagi.md Environment; RFC 3875 4.1.14, 4.1.15, RFC 9110 7.2).

use super::case::{Case, case, raw};

/// The rows.
pub fn rows() -> Vec<Case> {
    let rule = "wagi.md Environment, SERVER_NAME, SERVER_PORT; RFC 3875 4.1.14, RFC 9110 7.2";
    // `--hostname default.test:8000` gives what the Host header lacks.
    let hosts = [
        ("example.com:8080", "example.com", "8080"),
        ("example.com", "example.com", "8000"),
        ("example.com:", "example.com", "8000"),
        ("EXAMPLE.com:80", "EXAMPLE.com", "80"),
        ("127.0.0.1:81", "127.0.0.1", "81"),
        ("[::1]", "[::1]", "8000"),
        ("[::1]:8080", "[::1]", "8080"),
        ("[2001:db8::7]:1", "[2001:db8::7]", "1"),
        ("a-b_c~1.test:65535", "a-b_c~1.test", "65535"),
        (":80", "default.test", "80"),
        ("", "default.test", "8000"),
        // What is no host and port is not believed, and still passed on as HTTP_HOST.
        ("example.com:port", "example.com", "8000"),
        ("example.com:65536", "example.com", "8000"),
        ("example.com:+80", "example.com", "8000"),
        ("[::1]x", "default.test", "8000"),
        ("[nonsense]:80", "default.test", "80"),
        ("user@example.com:80", "default.test", "80"),
        ("a b", "default.test", "8000"),
        ("a/b:80", "default.test", "80"),
        ("a\"b", "default.test", "8000"),
    ];
    let mut rows: Vec<Case> = hosts
        .into_iter()
        .map(|(host, name, port)| {
            case(rule, "GET /show?a=b").host(Some(host)).sees(&[
                ("SERVER_NAME", name),
                ("SERVER_PORT", port),
                ("X_FULL_URL", &format!("http://{name}:{port}/show?a=b")),
            ])
        })
        .collect();
    let default = [("SERVER_NAME", "default.test"), ("SERVER_PORT", "8000")];
    rows.extend([
        // RFC 9112 3.2 asks a server to refuse this; the reference answers it, and so do we.
        case(rule, "GET /show").host(None).sees(&default).sees(&[("X_FULL_URL", "http://default.test:8000/show")]),
        old("GET /show?q HTTP/1.0\r\n\r\n")
            .host(None)
            .sees(&default)
            .sees(&[("QUERY_STRING", "q"), ("X_FULL_URL", "http://default.test:8000/show?q")]),
        old("GET /show HTTP/1.0\r\nHost: example.com:8080\r\n\r\n").sees(&[
            ("HTTP_HOST", "example.com:8080"),
            ("SERVER_NAME", "example.com"),
            ("SERVER_PORT", "8080"),
            ("QUERY_STRING", ""),
            ("X_FULL_URL", "http://example.com:8080/show"),
        ]),
        old("POST /show HTTP/1.0\r\nHost: localhost:3000\r\nContent-Length: 3\r\n\r\nold").reads(b"old").sees(&[
            ("REQUEST_METHOD", "POST"),
            ("HTTP_CONTENT_LENGTH", "3"),
            ("QUERY_STRING", ""),
            ("X_FULL_URL", "http://localhost:3000/show"),
        ]),
    ]);
    // RFC 9112 3.2.2: a target in absolute form names the host, whatever Host says.
    let absolute = [
        ("http://other.test:81/show?a", "other.test:81", "other.test", "81", "/show?a", "a"),
        ("HTTP://other.test/show", "other.test", "other.test", "8000", "/show", ""),
        ("http://[::1]:82/show", "[::1]:82", "[::1]", "82", "/show", ""),
    ];
    rows.extend(absolute.into_iter().map(|(target, host, name, port, path, query)| {
        raw("RFC 9112 3.2.2", format!("GET {target} HTTP/1.1\r\nHost: ignored.test\r\n\r\n")).sees(&[
            ("HTTP_HOST", host),
            ("SERVER_NAME", name),
            ("SERVER_PORT", port),
            ("QUERY_STRING", query),
            ("X_FULL_URL", &format!("http://{name}:{port}{path}")),
        ])
    }));
    rows
}

/// A request of HTTP/1.0.
fn old(request: &str) -> Case {
    raw("wagi.md Environment, SERVER_PROTOCOL; RFC 3875 4.1.16, RFC 9112 2.5", request)
        .sees(&[("SERVER_PROTOCOL", "HTTP/1.0")])
}
