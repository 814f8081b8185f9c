//! Answers as bytes: the response's head with the fields that belong to the connection, and the body.

use std::sync::mpsc::Receiver;
use std::time::SystemTime;

use bytes::Bytes;

use crate::response::Response;
use crate::response::head::{add_field, add_fields, default_reason, is_without_body, status_line};

use crate::request::head::{Framing, Refusal};

/// An answer as the client gets it.
pub struct Answer {
    /// Status line and header fields, empty line included.
    pub head: Vec<u8>,
    /// The body; empty if the answer has none.
    pub body: Bytes,
    /// What follows as it comes; then the end of the connection is that of the body.
    pub rest: Option<Receiver<Bytes>>,
}

impl Answer {
    /// Makes an answer of a response.
    pub fn new(response: &Response, framing: &Framing) -> Self {
        let head = head(response, framing, SystemTime::now());
        let has_body = !framing.is_head && !is_without_body(response.status);
        Self { head, body: if has_body { response.body.clone() } else { Bytes::new() }, rest: None }
    }

    /// Makes an answer of a response whose body is what `rest` gives.
    pub fn open(response: &Response, framing: &Framing, rest: Receiver<Bytes>) -> Self {
        let framing = Framing { closes: true, ..*framing };
        let mut head = status_line(framing.protocol, response);
        response.headers.iter().for_each(|(name, value)| add_field(&mut head, name, value));
        end(&mut head, &framing, SystemTime::now());
        Self { head, body: Bytes::new(), rest: (!framing.is_head).then_some(rest) }
    }
}

/// The response to a request that is refused.
pub fn refusal(refusal: &Refusal) -> Response {
    let Refusal { status, message } = refusal;
    Response::plain(*status, format!("{status} {}\n{message}\n", default_reason(*status)))
}

/// The response to a request that comes too late to be answered.
pub fn shutting_down() -> Response {
    Response::plain(503, "503 Service Unavailable\npywagi is shutting down\n")
}

/// The head of an answer.
fn head(response: &Response, framing: &Framing, now: SystemTime) -> Vec<u8> {
    let mut head = status_line(framing.protocol, response);
    add_fields(&mut head, response);
    end(&mut head, framing, now);
    head
}

/// Appends to a head what belongs to the connection, and its end.
fn end(head: &mut Vec<u8>, framing: &Framing, now: SystemTime) {
    add_field(head, "Date", httpdate::fmt_http_date(now).as_bytes());
    if let Some(option) = framing.connection() {
        add_field(head, "Connection", option);
    }
    head.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::request::Protocol;

    fn response(status: u16, body: &str) -> Response {
        Response { headers: crate::request::Headers::default(), ..Response::plain(status, body) }
    }

    #[test]
    fn a_head_says_when_it_was_made_and_what_becomes_of_the_connection() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (protocol, closes, line, connection) in [
            (Protocol::Http10, true, "HTTP/1.0 404 Not Found", "Connection: close\r\n"),
            (Protocol::Http10, false, "HTTP/1.0 404 Not Found", "Connection: keep-alive\r\n"),
            (Protocol::Http11, true, "HTTP/1.1 404 Not Found", "Connection: close\r\n"),
            (Protocol::Http11, false, "HTTP/1.1 404 Not Found", ""),
        ] {
            let head = head(&response(404, ""), &Framing { protocol, closes, ..Framing::of_refusal(None) }, now);
            let expected =
                format!("{line}\r\nContent-Length: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n{connection}\r\n");
            assert_eq!(String::from_utf8(head).unwrap(), expected);
        }
    }

    #[test]
    fn some_answers_have_no_body() {
        // RFC 9110 9.3.2, 15.3.5, 15.3.6, 15.4.5
        for (status, is_head, body) in
            [(200, false, "body"), (200, true, ""), (204, false, ""), (205, false, ""), (304, false, "")]
        {
            let answer = Answer::new(&response(status, "body"), &Framing { is_head, ..Framing::of_refusal(None) });
            assert_eq!(answer.body, body, "{status}");
        }
    }
}
