//! Answers as bytes: the response's head with the fields that belong to the connection, and the body.

use std::time::SystemTime;

use crate::response::Response;
use crate::response::head::{add_field, add_fields, default_reason, is_without_body, status_line};

use super::head::{Framing, Refusal};

/// Head and body go out in one write up to this many bytes of body, so that they share packets; what is left of a
/// larger body is written from where it is.
pub const TOGETHER: usize = 64 << 10;

/// An answer as the client is to get it.
pub struct Answer<'a> {
    /// The head, and the body with it where that is small.
    pub first: Vec<u8>,
    /// The rest of the body.
    pub rest: &'a [u8],
    /// The length of the whole body, in bytes.
    pub body_length: u64,
}

/// Makes an answer of a response.
pub fn answer<'a>(response: &'a Response, framing: &Framing) -> Answer<'a> {
    let body = if framing.is_head || is_without_body(response.status) { &[][..] } else { &response.body };
    let mut first = head(response, framing, SystemTime::now());
    let (together, rest) = body.split_at(body.len().min(TOGETHER));
    first.extend_from_slice(together);
    Answer { first, rest, body_length: body.len() as u64 }
}

/// The response that tells of a refusal.
pub fn refusal(refusal: &Refusal) -> Response {
    let Refusal { status, message } = refusal;
    Response::plain(*status, format!("{status} {}\n{message}\n", default_reason(*status)))
}

/// The answer to a request that is not begun any more.
pub fn shutting_down() -> Response {
    Response::plain(503, "503 Service Unavailable\npywagi is shutting down\n")
}

/// The head of an answer, empty line included.
fn head(response: &Response, framing: &Framing, now: SystemTime) -> Vec<u8> {
    let mut head = status_line(framing.protocol, response);
    add_fields(&mut head, response);
    add_field(&mut head, "Date", httpdate::fmt_http_date(now).as_bytes());
    if framing.closes {
        add_field(&mut head, "Connection", b"close");
    } else if framing.keeps {
        add_field(&mut head, "Connection", b"keep-alive");
    }
    head.extend_from_slice(b"\r\n");
    head
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
