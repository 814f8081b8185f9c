use std::net::{IpAddr, Ipv4Addr};

use super::*;

/// The largest body of these tests.
const LIMIT: u64 = 64 << 20;

/// Who sends the requests.
const CLIENT: Client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), scheme: Scheme::Http, port: 80 };

fn read(head: &[u8]) -> Result<(Request, Framing), Refusal> {
    let (line, fields) = RequestLine::split(head)?;
    parse(&line, fields, CLIENT, LIMIT)
}

/// Reads a request of HTTP/1.1 with these header lines.
fn read_with(method: &str, target: &str, fields: &[&str]) -> Result<(Request, Framing), Refusal> {
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    read(format!("{method} {target} HTTP/1.1\r\n{fields}\r\n").as_bytes())
}

#[track_caller]
fn refused(head: &[u8], status: u16, message: &str) {
    let refusal = read(head).expect_err("must be refused");
    assert_eq!((refusal.status, refusal.message.as_str()), (status, message), "{}", String::from_utf8_lossy(head));
}

#[track_caller]
fn refused_with(method: &str, fields: &[&str], status: u16, message: &str) {
    let refusal = read_with(method, "/", fields).expect_err("must be refused");
    assert_eq!((refusal.status, refusal.message.as_str()), (status, message), "{method} {fields:?}");
}

#[test]
fn a_request_has_the_parts_of_its_head_as_sent() {
    let head = b"pUrGe /a%2fb//../c?x=%00&&? HTTP/1.1\r\nHost:a:1\r\nx-Two: 1\r\nx-Two: \t a b\t \r\n\
        X-Latin: caf\xe9\xa0\r\nEmpty:\r\n\r\n";
    let (request, framing) = read(head).unwrap();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("pUrGe", "/a%2fb//../c"));
    assert_eq!(request.query.as_deref(), Some("x=%00&&?"));
    let expected =
        [("Host", &b"a:1"[..]), ("x-Two", b"1"), ("x-Two", b"a b"), ("X-Latin", b"caf\xe9\xa0"), ("Empty", b"")];
    assert_eq!(request.headers.iter().collect::<Vec<_>>(), expected);
    let body_length = BodyLength::Known(0);
    let protocol = Protocol::Http11;
    assert_eq!(framing, Framing { protocol, is_head: false, closes: false, body_length, expects_continue: false });
    assert!(read(b"HEAD / HTTP/1.0\r\n\r\n").unwrap().1.is_head);
}

#[test]
fn as_many_headers_are_read_as_were_sent() {
    let fields: Vec<String> = (0..5000).map(|i| format!("X{i}:")).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    assert_eq!(read_with("GET", "/", &fields).unwrap().0.headers.iter().count(), 5000);
}

#[test]
fn a_target_in_absolute_form_gives_path_and_host() {
    // RFC 9112 3.2.2
    for (target, path, query, host) in [
        ("http://b:2/x?y", "/x", Some("y"), "b:2"),
        ("HTTP://b", "/", None, "b"),
        ("https://[::1]:3/", "/", None, "[::1]:3"),
    ] {
        let (request, _) = read_with("GET", target, &["A: 1", "Host: a:1"]).unwrap();
        assert_eq!((request.path.as_str(), request.query.as_deref()), (path, query), "{target}");
        assert_eq!(request.headers.get("host"), Some(host.as_bytes()), "{target}");
        assert_eq!(request.headers.iter().count(), 2, "{target}");
    }
}

#[test]
fn other_targets_are_refused() {
    let path = "the request target is not a path: it must begin with `/` (RFC 9112 3.2)";
    let fragment = "the request target holds a `#`, which clients do not send; percent-encode it: %23 (RFC 9112 3.2)";
    let character = "the request target holds a character that must be percent-encoded (RFC 3986 2.1)";
    for (target, message) in [
        (&b"*"[..], path),
        (b"example.com:443", path),
        (b"", path),
        (b"ftp://b/x", path),
        (b"http:///x", path),
        (b"http://b?x", path),
        (b"/a#b", fragment),
        (b"/\xff", character),
        ("/\u{e9}".as_bytes(), character),
        (b"/a\tb", "the request target holds a control character"),
        (b"/a\x7fb", "the request target holds a control character"),
    ] {
        refused(&[b"GET ", target, b" HTTP/1.1\r\n\r\n"].concat(), 400, message);
    }
    assert_eq!(read_with("OPTIONS", "*", &[]).unwrap().0.path, "*");
}

#[test]
fn other_methods_and_header_names_than_tokens_are_refused() {
    // RFC 9110 5.6.2
    for method in ["", "G\tET", "G(ET", "G\"", "G/"] {
        refused_with(method, &[], 400, "the method is not a token (RFC 9110 9.1)");
    }
    for name in ["", "a(b", "a\u{7f}", "Host ", " c", "caf\u{e9}"] {
        let message = format!("{name:?} is no header name (RFC 9110 5.1)");
        refused_with("GET", &["A: b", &format!("{name}: v")], 400, &message);
    }
}

#[test]
fn control_characters_in_a_header_value_are_refused() {
    for value in ["a\rb", "a\nb: c", "a\nb", "a\0b", "\u{7f}", "a\x0cb", "a\n"] {
        refused_with(
            "GET",
            &["A: b", &format!("X: {value}"), "C: d"],
            400,
            "the value of X holds a control character (RFC 9110 5.5)",
        );
    }
    assert!(read_with("GET", "/", &["X: a\tb"]).is_ok());
}

#[test]
fn the_length_of_the_body_is_what_the_headers_announce() {
    // RFC 9112 6.3
    for (fields, expected) in [
        (&["Content-Length: 7"][..], BodyLength::Known(7)),
        (&["Content-Length: 7", "content-length: 7"], BodyLength::Known(7)),
        (&["Content-Length: 67108864"], BodyLength::Known(64 << 20)),
        (&["Transfer-Encoding: Chunked"], BodyLength::Chunked),
    ] {
        assert_eq!(read_with("POST", "/", fields).unwrap().1.body_length, expected, "{fields:?}");
    }
}

#[test]
fn a_length_that_cannot_be_trusted_is_refused() {
    let no_number = "Content-Length is no number (RFC 9110 8.6)";
    let disagree = "several Content-Length headers disagree (RFC 9112 6.3)";
    let coding = "the only Transfer-Encoding understood here is `chunked`";
    let both = "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)";
    let large = "the request body is larger than the limit of 64 MiB; --max-body raises it";
    for (fields, status, message) in [
        (&["Content-Length:"][..], 400, no_number),
        (&["Content-Length: +7"], 400, no_number),
        (&["Content-Length: -1"], 400, no_number),
        (&["Content-Length: 7, 7"], 400, no_number),
        (&["Content-Length: 7", "Content-Length: 8"], 400, disagree),
        (&["Content-Length: 67108865"], 413, large),
        (&["Content-Length: 99999999999999999999999999"], 413, large),
        (&["Transfer-Encoding: gzip, chunked"], 501, coding),
        (&["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 501, coding),
        (&["Transfer-Encoding: chunked", "Content-Length: 7"], 400, both),
    ] {
        refused_with("POST", fields, status, message);
    }
}

#[test]
fn the_end_of_the_connection_follows_its_header() {
    // RFC 9112 9.3
    for (version, fields, closes, answered) in [
        ("1.1", "", false, None),
        ("1.1", "Connection: Close\r\n", true, Some("close")),
        ("1.1", "Connection: upgrade, close\r\n", true, Some("close")),
        ("1.1", "Connection: x\r\nConnection: close\r\n", true, Some("close")),
        ("1.1", "Connection: closed\r\n", false, None),
        ("1.1", "Connection: keep-alive\r\n", false, None),
        ("1.0", "", true, Some("close")),
        ("1.0", "Connection: Keep-Alive\r\n", false, Some("keep-alive")),
        ("1.0", "Connection: keep-alive,\tclose\r\n", true, Some("close")),
        ("1.0", "Connection: x\r\n", true, Some("close")),
    ] {
        let (_, framing) = read(format!("GET / HTTP/{version}\r\n{fields}\r\n").as_bytes()).unwrap();
        assert_eq!(framing.closes, closes, "{version} {fields}");
        assert_eq!(framing.connection(), answered.map(str::as_bytes), "{version} {fields}");
    }
}

#[test]
fn a_client_waits_for_100_only_where_it_has_a_body_to_send() {
    // RFC 9110 10.1.1
    for (version, fields, waits) in [
        ("1.1", "Content-Length: 1\r\nExpect: 100-Continue\r\n", true),
        ("1.1", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", true),
        ("1.1", "Content-Length: 0\r\nExpect: 100-continue\r\n", false),
        ("1.1", "Expect: 100-continue\r\n", false),
        ("1.1", "Content-Length: 1\r\n", false),
        ("1.0", "Content-Length: 1\r\nExpect: 100-continue\r\n", false),
    ] {
        let (_, framing) = read(format!("POST / HTTP/{version}\r\n{fields}\r\n").as_bytes()).unwrap();
        assert_eq!(framing.expects_continue, waits, "{version} {fields}");
    }
    let message = "the only Expect understood here is `100-continue` (RFC 9110 10.1.1)";
    refused_with("POST", &["Expect: 200-ok"], 417, message);
}

#[test]
fn a_malformed_head_is_refused() {
    let line = "the request line is not `METHOD TARGET HTTP/1.1` (RFC 9112 3)";
    let colon = "a header line has no colon (RFC 9112 5)";
    let end = "a header line does not end with CRLF (RFC 9112 2.2)";
    for (head, message) in [
        (&b""[..], line),
        (b"\r\n", line),
        (b"GET\r\n\r\n", line),
        (b"GET /\r\n\r\n", line),
        (b"GET / HTTP/1.1 \r\n\r\n", line),
        (b"GET  / HTTP/1.1\r\n\r\n", line),
        (b"GET /a b HTTP/1.1\r\n\r\n", line),
        (b"GET / HTTP/1\r\n\r\n", line),
        (b"GET / HTTP/1.10\r\n\r\n", line),
        (b"GET / http/1.1\r\n\r\n", line),
        (b"GET / HTTP/1.1\n\n", line),
        (b"GET / HTTP/1.1\nHost: a\r\n\r\n", line),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", colon),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", colon),
        (b"GET / HTTP/1.1\r\nA: b\n\n", end),
        (b"GET / HTTP/1.1\r\n\n", end),
    ] {
        refused(head, 400, message);
    }
}

#[test]
fn other_versions_are_refused() {
    refused(b"GET / HTTP/0.9\r\n\r\n", 505, "HTTP/0.9 is not spoken here; use HTTP/1.1");
    refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2.0 is not spoken here; use HTTP/1.1");
}
