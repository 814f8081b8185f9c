//! Answers as bytes. tiny_http's own writer is not used for them: it replaces reason phrases, refuses header values
//! that are not ASCII, merges repeated Content-Types and chunks what it finds large.

use std::time::SystemTime;

use crate::request::Protocol;
use crate::response::Response;

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
    let version = match framing.protocol {
        Protocol::Http10 => "HTTP/1.0",
        Protocol::Http11 => "HTTP/1.1",
    };
    let mut head = status_line(version, response);
    fields(&mut head, response);
    field(&mut head, "Date", httpdate::fmt_http_date(now).as_bytes());
    if framing.closes {
        field(&mut head, "Connection", b"close");
    } else if framing.keeps {
        field(&mut head, "Connection", b"keep-alive");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The head as `invoke --include` shows it: without what belongs to a connection alone.
pub fn plain_head(response: &Response) -> Vec<u8> {
    let mut head = status_line("HTTP/1.1", response);
    fields(&mut head, response);
    head.extend_from_slice(b"\r\n");
    head
}

/// The status line with its end.
fn status_line(version: &str, response: &Response) -> Vec<u8> {
    let reason = response.reason.as_deref().unwrap_or_else(|| default_reason(response.status));
    format!("{version} {} {reason}\r\n", response.status).into_bytes()
}

/// Adds the fields of the response, and how long its body is.
fn fields(head: &mut Vec<u8>, response: &Response) {
    for (name, value) in response.headers.iter() {
        field(head, name, value);
    }
    // 204 and 304 end with their head; the other answers without a body say how long it would be (RFC 9110 8.6).
    match response.status {
        204 | 304 => (),
        205 => field(head, "Content-Length", b"0"),
        _ => field(head, "Content-Length", response.body.len().to_string().as_bytes()),
    }
}

fn field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

/// Whether answers of this status end with their head (RFC 9112 6.3); 205 has an empty body (RFC 9110 15.3.6).
fn is_without_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// The reason phrase of a status (RFC 9110 15); empty for one that is not registered, as RFC 9112 4 allows.
pub fn default_reason(status: u16) -> &'static str {
    match tiny_http::StatusCode(status).default_reason_phrase() {
        "Unknown" => "",
        known => known,
    }
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
