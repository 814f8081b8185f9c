use std::time::Duration;

use super::*;
use crate::request::{Headers, Protocol};
use crate::server::head::BodyLength;

const FRAMING: Framing = Framing {
    protocol: Protocol::Http11,
    is_head: false,
    closes: false,
    keeps: false,
    body_length: BodyLength::Known(0),
    expects_continue: false,
};

fn response(status: u16, reason: Option<&str>, headers: &[(&str, &[u8])], body: &[u8]) -> Response {
    let mut list = Headers::default();
    for (name, value) in headers {
        list.push(*name, *value);
    }
    Response { status, reason: reason.map(str::to_owned), headers: list, body: body.to_owned() }
}

/// What is sent, without the Date line, and the count of body bytes.
fn sent(response: &Response, framing: &Framing) -> (Vec<u8>, u64) {
    let Answer { first, rest, body_length } = answer(response, framing);
    let mut bytes = [&first, rest].concat();
    let start = bytes.windows(6).position(|w| w == b"Date: ").expect("a Date field");
    let length = bytes[start..].iter().position(|&b| b == b'\n').expect("the end of the Date line") + 1;
    bytes.drain(start..start + length);
    (bytes, body_length)
}

#[test]
fn a_head_is_written_as_the_guest_printed_it() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let headers: [(&str, &[u8]); 3] = [("set-cookie", b"a"), ("X", b"caf\xe9"), ("set-cookie", b"b")];
    let head = head(&response(200, Some("Fine"), &headers, b"body"), &FRAMING, now);
    let expected = b"HTTP/1.1 200 Fine\r\nset-cookie: a\r\nX: caf\xe9\r\nset-cookie: b\r\nContent-Length: 4\r\n\
        Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
    assert_eq!(head, expected);
}

#[test]
fn an_answer_speaks_the_clients_version_and_says_what_becomes_of_the_connection() {
    let answer = response(404, None, &[], b"");
    for (protocol, closes, keeps, expected) in [
        (Protocol::Http10, true, false, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        (
            Protocol::Http10,
            false,
            true,
            "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        ),
        (Protocol::Http11, true, false, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    ] {
        let (bytes, _) = sent(&answer, &Framing { protocol, closes, keeps, ..FRAMING });
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}

#[test]
fn answers_without_a_body_end_with_their_head() {
    // RFC 9110 8.6, 9.3.2, 15.3.5, 15.3.6, 15.4.5
    let head = Framing { is_head: true, ..FRAMING };
    for (status, framing, expected) in [
        (200, &head, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"),
        (204, &FRAMING, "HTTP/1.1 204 No Content\r\n\r\n"),
        (205, &FRAMING, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
        (304, &FRAMING, "HTTP/1.1 304 Not Modified\r\n\r\n"),
    ] {
        let (bytes, count) = sent(&response(status, None, &[], b"body"), framing);
        assert_eq!((String::from_utf8(bytes).unwrap().as_str(), count), (expected, 0));
    }
}

#[test]
fn a_body_of_any_size_is_written_whole() {
    for size in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 5 * TOGETHER] {
        let body: Vec<u8> = (0..=255).cycle().take(size).collect();
        let (bytes, count) = sent(&response(200, None, &[], &body), &FRAMING);
        assert_eq!(count, size as u64);
        assert!(bytes.ends_with(&body), "{size}");
        let head = &bytes[..bytes.len() - size];
        assert_eq!(head, format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").as_bytes());
    }
}
