use std::net::{IpAddr, Ipv4Addr};

use super::*;

/// The largest body of these tests.
const LIMIT: u64 = 64 << 20;

fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Head {
    let mut list = Headers::default();
    for (name, value) in headers {
        list.push(*name, *value);
    }
    Head { method: method.to_owned(), target: target.to_owned(), version: (1, 1), headers: list }
}

/// Who sends the requests.
const CLIENT: Client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), scheme: Scheme::Http };

fn refusal(head: Head) -> (u16, String) {
    let refusal = head.check(CLIENT, LIMIT).expect_err("must be refused");
    (refusal.status, refusal.message)
}

#[test]
fn a_request_is_passed_on_as_it_came() {
    let headers = [("Host", "a:1"), ("x-Two", "1"), ("x-Two", "2")];
    let (request, framing) = head("pUrGe", "/a%2fb//../c?x=%00&&?", &headers).check(CLIENT, LIMIT).unwrap();
    assert_eq!(request.method, "pUrGe");
    assert_eq!(request.path, "/a%2fb//../c");
    assert_eq!(request.query.as_deref(), Some("x=%00&&?"));
    let kept: Vec<_> = request.headers.iter().map(|(n, v)| (n, std::str::from_utf8(v).unwrap())).collect();
    assert_eq!(kept, headers);
    assert_eq!(framing.body_length, BodyLength::Known(0));
    assert!(!framing.is_head && !framing.closes && !framing.keeps);
}

#[test]
fn a_target_in_absolute_form_gives_path_and_host() {
    // RFC 9112 3.2.2
    for (target, path, query, host) in [
        ("http://b:2/x?y", "/x", Some("y"), "b:2"),
        ("HTTP://b", "/", None, "b"),
        ("https://[::1]:3/", "/", None, "[::1]:3"),
    ] {
        let (request, _) = head("GET", target, &[("A", "1"), ("Host", "a:1")]).check(CLIENT, LIMIT).unwrap();
        assert_eq!((request.path.as_str(), request.query.as_deref()), (path, query), "{target}");
        assert_eq!(request.headers.get("host"), Some(host.as_bytes()), "{target}");
        assert_eq!(request.headers.iter().count(), 2, "{target}");
    }
}

#[test]
fn a_target_that_is_no_path_is_refused() {
    let message = "the request target is no path: it must begin with `/` (RFC 9112 3.2)";
    for target in ["*", "example.com:443", "x", "", "ftp://b/x", "http:///x", "http://", "http://b?x"] {
        assert_eq!(refusal(head("GET", target, &[])), (400, message.to_owned()), "{target}");
    }
    assert_eq!(refusal(head("GET", "/a\tb", &[])), (400, "the request target holds a control character".to_owned()));
}

#[test]
fn what_is_no_token_is_refused() {
    // RFC 9110 5.6.2
    for method in ["", "G\tET", "G(ET", "G\"", "G/"] {
        assert_eq!(refusal(head(method, "/", &[])), (400, "the method is no token (RFC 9110 9.1)".to_owned()));
    }
    for name in ["", "a(b", "a\u{7f}"] {
        let message = format!("{name:?} is no header name (RFC 9110 5.1)");
        assert_eq!(refusal(head("GET", "/", &[(name, "v")])), (400, message));
    }
}

#[test]
fn control_characters_in_a_header_value_are_refused() {
    for value in ["a\rb", "a\nb", "a\0b", "\u{7f}"] {
        let message = "the value of X holds a control character (RFC 9110 5.5)".to_owned();
        assert_eq!(refusal(head("GET", "/", &[("X", value)])), (400, message), "{value:?}");
    }
    assert!(head("GET", "/", &[("X", "a\tb")]).check(CLIENT, LIMIT).is_ok());
}

#[test]
fn the_length_of_the_body_is_what_the_headers_announce() {
    // RFC 9112 6.3
    for (headers, expected) in [
        (&[("Content-Length", "7")][..], BodyLength::Known(7)),
        (&[("Content-Length", "7"), ("content-length", "7")], BodyLength::Known(7)),
        (&[("Content-Length", "67108864")], BodyLength::Known(64 << 20)),
        (&[("Transfer-Encoding", "Chunked")], BodyLength::Chunked),
    ] {
        assert_eq!(head("POST", "/", headers).check(CLIENT, LIMIT).unwrap().1.body_length, expected, "{headers:?}");
    }
}

#[test]
fn a_length_that_cannot_be_trusted_is_refused() {
    let no_number = "Content-Length is no number (RFC 9110 8.6)";
    let disagree = "several Content-Length headers disagree (RFC 9112 6.3)";
    let coding = "the only Transfer-Encoding understood here is `chunked`";
    let both = "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)";
    let large = "the request body is larger than the limit of 64 MiB; --max-body raises it";
    for (headers, status, message) in [
        (&[("Content-Length", "")][..], 400, no_number),
        (&[("Content-Length", "+7")], 400, no_number),
        (&[("Content-Length", "-1")], 400, no_number),
        (&[("Content-Length", "7, 7")], 400, no_number),
        (&[("Content-Length", "7"), ("Content-Length", "8")], 400, disagree),
        (&[("Content-Length", "67108865")], 413, large),
        (&[("Content-Length", "99999999999999999999999999")], 413, large),
        (&[("Transfer-Encoding", "gzip, chunked")], 501, coding),
        (&[("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], 501, coding),
        (&[("Transfer-Encoding", "chunked"), ("Content-Length", "7")], 400, both),
    ] {
        assert_eq!(refusal(head("POST", "/", headers)), (status, message.to_owned()), "{headers:?}");
    }
}

#[test]
fn the_end_of_the_connection_follows_its_header() {
    // RFC 9112 9.3
    for (version, connection, closes, keeps) in [
        ((1, 1), &[][..], false, false),
        ((1, 1), &["Close"], true, false),
        ((1, 1), &["upgrade, close"], true, false),
        ((1, 1), &["x", "close"], true, false),
        ((1, 1), &["closed"], false, false),
        ((1, 1), &["upgrade"], false, false),
        ((1, 1), &["keep-alive"], false, false),
        ((1, 0), &[], true, false),
        ((1, 0), &["Keep-Alive"], false, true),
        ((1, 0), &["keep-alive,\tclose"], true, false),
        ((1, 0), &["x"], true, false),
    ] {
        let headers: Vec<_> = connection.iter().map(|&c| ("Connection", c)).collect();
        let (_, framing) = Head { version, ..head("GET", "/", &headers) }.check(CLIENT, LIMIT).unwrap();
        assert_eq!((framing.closes, framing.keeps), (closes, keeps), "{version:?} {connection:?}");
    }
}

#[test]
fn a_client_waits_for_100_only_where_it_has_a_body_to_send() {
    // RFC 9110 10.1.1
    let expects = ("Expect", "100-Continue");
    for (version, headers, waits) in [
        ((1, 1), &[expects, ("Content-Length", "1")][..], true),
        ((1, 1), &[expects, ("Transfer-Encoding", "chunked")], true),
        ((1, 1), &[expects, ("Content-Length", "0")], false),
        ((1, 1), &[expects], false),
        ((1, 1), &[("Content-Length", "1")], false),
        ((1, 0), &[expects, ("Content-Length", "1")], false),
    ] {
        let (_, framing) = Head { version, ..head("POST", "/", headers) }.check(CLIENT, LIMIT).unwrap();
        assert_eq!(framing.expects_continue, waits, "{version:?} {headers:?}");
    }
    let message = "the only Expect understood here is `100-continue` (RFC 9110 10.1.1)".to_owned();
    assert_eq!(refusal(head("POST", "/", &[("Expect", "200-ok")])), (417, message));
}

#[test]
fn a_head_is_split_into_its_parts() {
    let bytes = b"GET /a?b HTTP/1.1\r\nHost:a\r\nX: \t a b\t \r\nX-Latin: caf\xe9\r\nEmpty:\r\n\r\n";
    let head = Head::parse(bytes).unwrap();
    assert_eq!((head.method.as_str(), head.target.as_str(), head.version), ("GET", "/a?b", (1, 1)));
    let expected = [("Host", &b"a"[..]), ("X", b"a b"), ("X-Latin", b"caf\xe9"), ("Empty", b"")];
    assert_eq!(head.headers.iter().collect::<Vec<_>>(), expected);
    // No white space of HTTP's around it, and so part of it.
    let (_, value) = ("X", Head::parse(b"GET / HTTP/1.0\r\nX:\x0ca\xa0\r\n\r\n").unwrap());
    assert_eq!((value.version, value.headers.get("x")), ((1, 0), Some(&b"\x0ca\xa0"[..])));
}

#[test]
fn a_head_without_such_parts_is_refused() {
    let line = "the request line is not `METHOD TARGET HTTP/1.1` (RFC 9112 3)";
    let colon = "a header line has no colon (RFC 9112 5)";
    let target = "the request target is not UTF-8; percent-encode its bytes (RFC 3986 2.1)";
    for (bytes, message) in [
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
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", colon),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", colon),
        (b"GET /\xff HTTP/1.1\r\n\r\n", target),
    ] {
        let refusal = Head::parse(bytes).err().expect("must be refused");
        assert_eq!((refusal.status, refusal.message.as_str()), (400, message), "{}", String::from_utf8_lossy(bytes));
    }
    // Names are checked afterwards: white space before the colon is refused (RFC 9112 5.1), and so is folding.
    for (bytes, name) in
        [(&b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"[..], "Host "), (b"GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n", " c")]
    {
        let message = format!("{name:?} is no header name (RFC 9110 5.1)");
        assert_eq!(refusal(Head::parse(bytes).unwrap()), (400, message));
    }
}

#[test]
fn other_versions_are_refused() {
    let old = Head { version: (0, 9), ..head("GET", "/", &[]) };
    assert_eq!(refusal(old), (505, "HTTP/0.9 is not spoken here; use HTTP/1.1".to_owned()));
    let new = Head::parse(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    assert_eq!(refusal(new), (505, "HTTP/2.0 is not spoken here; use HTTP/1.1".to_owned()));
}
