//! How messages are framed (RFC 9112): what only a socket can show.

use super::case::{Case, raw};

/// The rows.
pub fn rows() -> Vec<Case> {
    let mut rows = chunked();
    rows.extend(lengths());
    rows.extend(connections());
    rows.extend(refused());
    rows
}

/// A POST of `/show` whose body is sent in chunks.
fn chunks(rule: &'static str, chunks: &str, body: &[u8]) -> Case {
    raw(rule, format!("POST /show HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"))
        .reads(body)
        .sees(&[
            ("REQUEST_METHOD", "POST"),
            ("QUERY_STRING", ""),
            ("X_FULL_URL", "http://localhost:3000/show"),
            ("HTTP_TRANSFER_ENCODING", "chunked"),
        ])
}

fn chunked() -> Vec<Case> {
    let rule = "wagi.md Environment, CONTENT_LENGTH, after de-chunking; RFC 9112 7.1";
    let extension = "RFC 9112 7.1.1";
    vec![
        chunks(rule, "5\r\nhello\r\n0\r\n\r\n", b"hello"),
        chunks(rule, "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", b"abcdef"),
        chunks(rule, "0\r\n\r\n", b""),
        chunks(rule, "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"01234567890123456789"),
        chunks(rule, "0005\r\nhello\r\n000\r\n\r\n", b"hello"),
        chunks(rule, "4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n"),
        chunks(extension, "5;name=value\r\nhello\r\n0;last\r\n\r\n", b"hello"),
        chunks(extension, "5;a=\"b c\";d\r\nhello\r\n0\r\n\r\n", b"hello"),
        chunks("RFC 9112 7.1.2", "5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n", b"hello"),
        chunks("RFC 9112 7.1.2", "1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", b"a"),
    ]
}

fn lengths() -> Vec<Case> {
    let sized = |rule, headers: &str, body: &str| {
        raw(rule, format!("POST /show HTTP/1.1\r\nHost: localhost:3000\r\n{headers}\r\n\r\n{body}"))
            .reads(body.as_bytes())
            .sees(&[("REQUEST_METHOD", "POST"), ("QUERY_STRING", ""), ("X_FULL_URL", "http://localhost:3000/show")])
    };
    vec![
        sized("RFC 9112 6.2, RFC 9110 8.6", "Content-Length: 4", "body").sees(&[("HTTP_CONTENT_LENGTH", "4")]),
        sized("RFC 9110 8.6", "content-length:\t4 ", "body").sees(&[("HTTP_CONTENT_LENGTH", "4")]),
        sized("RFC 9110 8.6", "Content-Length: 0004", "body").sees(&[("HTTP_CONTENT_LENGTH", "0004")]),
        // Several that agree may be taken for one.
        sized("RFC 9112 6.3", "Content-Length: 4\r\nContent-Length: 4", "body")
            .sees(&[("HTTP_CONTENT_LENGTH", "4, 4")]),
        // No length is no body (RFC 9112 6.3, 7).
        sized("RFC 9112 6.3", "X: y", "").sees(&[("HTTP_X", "y")]),
    ]
}

/// An answer of `/fixed` with this in the place of its Connection line.
fn fixed(version: &str, connection: &str) -> String {
    format!(
        "{version} 200 OK\r\nContent-Type: text/plain\r\nX-Fixed: yes\r\nContent-Length: 5\r\n{connection}\r\nbody\n"
    )
}

fn connections() -> Vec<Case> {
    let persist = "RFC 9112 9.3";
    let pipelined = "RFC 9112 9.3.2";
    let old = "RFC 9112 9.3, 2.3";
    let expect = "RFC 9110 10.1.1";
    let get = "GET /fixed HTTP/1.1\r\nHost: a\r\n";
    let (new, closed) = (fixed("HTTP/1.1", ""), fixed("HTTP/1.1", "Connection: close\r\n"));
    vec![
        raw(persist, format!("{get}\r\n")).answered(new.clone()),
        raw("RFC 9112 9.6", format!("{get}Connection: close\r\n\r\n")).answered(closed.clone()),
        raw("RFC 9112 9.6", format!("{get}connection: CLOSE\r\n\r\n{get}\r\n")).answered(closed.clone()),
        raw(pipelined, format!("{get}\r\n{get}\r\n{get}Connection: close\r\n\r\n"))
            .answered([new.as_str(), new.as_str(), closed.as_str()].concat()),
        raw(pipelined, format!("{get}Content-Length: 2\r\n\r\nab{get}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n{get}\r\n"))
            .answered([new.as_str(), new.as_str(), new.as_str()].concat()),
        // The version that the client spoke, and the end of its connection unless it asks otherwise.
        raw(old, "GET /fixed HTTP/1.0\r\n\r\n").answered(fixed("HTTP/1.0", "Connection: close\r\n")),
        raw(old, "GET /fixed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            .answered(fixed("HTTP/1.0", "Connection: keep-alive\r\n")),
        raw(old, "HEAD /fixed HTTP/1.0\r\n\r\n").answered(
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nX-Fixed: yes\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
        ),
        raw(expect, format!("{get}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab"))
            .answered(new.clone()),
        raw(expect, format!("{get}Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"))
            .answered(new.clone()),
        // The body is there already, and so nothing is said in between; nor where there is nothing to wait for.
        raw(expect, format!("{get}Expect: 100-continue\r\n\r\n")).answered(new),
        // What stands after an answer without a body is the next answer (RFC 9112 6.3).
        raw("RFC 9112 6.3", format!("HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n{get}\r\n")).answered(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Fixed: yes\r\nContent-Length: 5\r\n\r\n{}",
            fixed("HTTP/1.1", "")
        )),
        // Empty lines before a request are not requests of their own.
        raw("RFC 9112 2.2", format!("\r\n{get}\r\n")).answered(fixed("HTTP/1.1", "")),
        raw("RFC 9112 2.2", format!("{get}Content-Length: 2\r\n\r\nab\r\n{get}\r\n"))
            .answered([fixed("HTTP/1.1", ""), fixed("HTTP/1.1", "")].concat()),
        // An upgrade that is not understood is overlooked (RFC 9110 7.8).
        raw("RFC 9110 7.8", format!("{get}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n{get}\r\n"))
            .answered([fixed("HTTP/1.1", ""), fixed("HTTP/1.1", "")].concat()),
    ]
}

/// A request that cannot be understood, and what the server says of it.
fn refused() -> impl Iterator<Item = Case> {
    let target = "the request target is not a path: it must begin with `/` (RFC 9112 3.2)";
    let fragment = "the request target holds a `#`, which clients do not send; percent-encode it: %23 (RFC 9112 3.2)";
    let character = "the request target holds a character that must be percent-encoded (RFC 3986 2.1)";
    let control = "the value of X holds a control character (RFC 9110 5.5)";
    let coding = "the only Transfer-Encoding understood here is `chunked`";
    let large = "the request body is larger than the limit of 64 MiB; --max-body raises it";
    let number = "Content-Length is no number (RFC 9110 8.6)";
    let words = "the request line is not `METHOD TARGET HTTP/1.1` (RFC 9112 3)";
    let expectation = "the only Expect understood here is `100-continue` (RFC 9110 10.1.1)";
    let size = "the chunked body is malformed: a chunk does not begin with its size in hexadecimal (RFC 9112 7.1)";
    let chunked = "Transfer-Encoding: chunked\r\n";
    [
        ("RFC 9112 3", "GET /show", "", "400 Bad Request", words),
        ("RFC 9112 3", "GET /a b HTTP/1.1", "", "400 Bad Request", words),
        ("RFC 9112 3", "GET  /show HTTP/1.1", "", "400 Bad Request", words),
        ("RFC 9112 2.3", "GET /show HTTP/11", "", "400 Bad Request", words),
        ("RFC 9112 2.3", "GET /show http/1.1", "", "400 Bad Request", words),
        ("RFC 9112 5.1", "GET /show HTTP/1.1", "X : a\r\n", "400 Bad Request", "\"X \" is no header name (RFC 9110 5.1)"),
        ("RFC 9112 5.2", "GET /show HTTP/1.1", "X: a\r\n b: c\r\n", "400 Bad Request", "\" b\" is no header name (RFC 9110 5.1)"),
        ("RFC 9112 5", "GET /show HTTP/1.1", "nothing\r\n", "400 Bad Request", "a header line has no colon (RFC 9112 5)"),
        ("RFC 9110 10.1.1", "GET /show HTTP/1.1", "Expect: something\r\n", "417 Expectation Failed", expectation),
        ("RFC 9112 7.1", "POST /show HTTP/1.1", chunked, "400 Bad Request", size),
        ("RFC 9112 7.1", "POST /show HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n4 \r\nbody\r\n0\r\n", "400 Bad Request", size),
        ("RFC 9112 6.1", "POST /show HTTP/1.0", chunked, "400 Bad Request", "HTTP/1.0 knows no Transfer-Encoding (RFC 9112 6.1)"),
        ("RFC 9112 3.2", "GET /show HTTP/1.1", "host: a\r\n", "400 Bad Request", "several Host headers were sent (RFC 9112 3.2)"),
        ("RFC 9110 8.6", "POST /show HTTP/1.0", "Content-Length: +1\r\n", "400 Bad Request", number),
        ("RFC 9113 3.4", "PRI * HTTP/2.0", "", "505 HTTP Version Not Supported", "HTTP/2.0 is not spoken here; use HTTP/1.1"),
        ("RFC 9112 3.2.4", "GET * HTTP/1.1", "", "400 Bad Request", target),
        ("RFC 9112 3.2, RFC 9110 4.2.5", "GET /show#b HTTP/1.1", "", "400 Bad Request", fragment),
        ("RFC 9112 3.2, RFC 3986 2.1", "GET /show/\u{e9} HTTP/1.1", "", "400 Bad Request", character),
        ("RFC 9112 3.2, RFC 3986 2.1", "GET /show?\"<>\" HTTP/1.1", "", "400 Bad Request", character),
        ("RFC 9110 4.2.4", "GET http://me@a/show HTTP/1.1", "", "400 Bad Request", target),
        ("RFC 9112 3.2.3", "CONNECT a.test:443 HTTP/1.1", "", "400 Bad Request", target),
        ("RFC 9112 3.2", "GET show HTTP/1.1", "", "400 Bad Request", target),
        ("RFC 9112 3.2.2", "GET ftp://a/show HTTP/1.1", "", "400 Bad Request", target),
        ("RFC 9110 9.1", "G(T /show HTTP/1.1", "", "400 Bad Request", "the method is not a token (RFC 9110 9.1)"),
        ("RFC 9110 5.1", "GET /show HTTP/1.1", "A(: b\r\n", "400 Bad Request", "\"A(\" is no header name (RFC 9110 5.1)"),
        ("RFC 9110 5.1", "GET /show HTTP/1.1", ": b\r\n", "400 Bad Request", "\"\" is no header name (RFC 9110 5.1)"),
        ("RFC 9110 5.5", "GET /show HTTP/1.1", "X: a\rY: b\r\n", "400 Bad Request", control),
        ("RFC 9110 5.5", "GET /show HTTP/1.1", "X: a\nY: b\r\n", "400 Bad Request", control),
        ("RFC 9110 5.5", "GET /show HTTP/1.1", "X: a\0b\r\n", "400 Bad Request", control),
        ("RFC 9110 8.6", "POST /show HTTP/1.1", "Content-Length: x\r\n", "400 Bad Request", number),
        ("RFC 9110 8.6", "POST /show HTTP/1.1", "Content-Length: -1\r\n", "400 Bad Request", number),
        ("RFC 9110 8.6", "POST /show HTTP/1.1", "Content-Length:\r\n", "400 Bad Request", number),
        (
            "RFC 9112 6.3",
            "POST /show HTTP/1.1",
            "Content-Length: 0\r\nContent-Length: 1\r\n",
            "400 Bad Request",
            "several Content-Length headers disagree (RFC 9112 6.3)",
        ),
        ("RFC 9110 15.5.14", "POST /show HTTP/1.1", "Content-Length: 67108865\r\n", "413 Payload Too Large", large),
        ("RFC 9112 6.1", "POST /show HTTP/1.1", "Transfer-Encoding: gzip\r\n", "501 Not Implemented", coding),
        ("RFC 9112 6.1", "POST /show HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n", "501 Not Implemented", coding),
        (
            "RFC 9112 6.1",
            "POST /show HTTP/1.1",
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "400 Bad Request",
            "both Transfer-Encoding and Content-Length were sent (RFC 9112 6.1)",
        ),
        (
            "RFC 9112 2.3",
            "GET /show HTTP/0.9",
            "",
            "505 HTTP Version Not Supported",
            "HTTP/0.9 is not spoken here; use HTTP/1.1",
        ),
    ]
    .into_iter()
    .map(|(rule, line, headers, status, why)| {
        let body = format!("{status}\n{why}\n");
        let version = if line.ends_with("HTTP/1.0") { "HTTP/1.0" } else { "HTTP/1.1" };
        // Where the next request would begin is not known: what follows is not answered.
        raw(rule, format!("{line}\r\nHost: a\r\n{headers}\r\nGET /fixed HTTP/1.1\r\n\r\n")).answered(format!(
            "{version} {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    })
}
