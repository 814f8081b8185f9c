//! Answers as bytes. tiny_http's own writer is not used for them: it replaces reason phrases, refuses header values
//! that are not ASCII, merges repeated Content-Types and chunks what it finds large.

use std::io::{self, Cursor, Read, Write};
use std::time::SystemTime;

use crate::request::Protocol;
use crate::response::Response;

use super::incoming::{Framing, Refusal};

/// Head and body go out in one write up to this many bytes of body, so that they share packets; what is left of a
/// larger body is written from where it is.
const TOGETHER: usize = 64 << 10;

/// tiny_http allocates as much as a client announced and did not send, when it drops the request. What is larger than
/// this could not be had, which would end the process.
const MOST_DRAINED: usize = 1 << 30;

/// Writes the answer; returns how many bytes of body went out.
pub fn write(writer: &mut dyn Write, response: &Response, framing: &Framing) -> io::Result<u64> {
    let body = if framing.is_head || is_without_body(response.status) { &[][..] } else { &response.body };
    let mut first = head(response, framing, SystemTime::now());
    let (together, rest) = body.split_at(body.len().min(TOGETHER));
    first.extend_from_slice(together);
    writer.write_all(&first)?;
    writer.write_all(rest)?;
    writer.flush()?;
    Ok(body.len() as u64)
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

/// Answers a request that could not be understood, and lets go of it.
///
/// tiny_http reads what is left of a body when it drops the request, and may wait for the client with it: the answer
/// goes out before, and all of it happens in a thread of its own.
pub fn refuse(inner: tiny_http::Request, refusal: &Refusal) {
    let mut text = format!("{} {}\n{}\n", refusal.status, default_reason(refusal.status), refusal.message).into_bytes();
    // What tiny_http believes: it takes the first of several lengths, and none that is beyond its type.
    let hold = inner.body_length().is_some_and(|length| length > MOST_DRAINED);
    if hold && *inner.method() == tiny_http::Method::Head {
        // No body of an answer can hold it.
        return std::mem::forget(inner);
    }
    if hold {
        // More than tiny_http's buffer holds, so that the answer goes out although its body never ends.
        text.resize(text.len().max(2048), b'\n');
    }
    let (status, length) = (tiny_http::StatusCode(refusal.status), Some(text.len()));
    let content_type = tiny_http::Header::from_bytes("Content-Type", "text/plain; charset=utf-8");
    let headers = content_type.into_iter().collect();
    let body = RefusalBody { text: Cursor::new(text), hold };
    let response = tiny_http::Response::new(status, headers, body, length, None);
    let thread = std::thread::Builder::new().name("refusal".to_owned());
    // Whether the client reads the answer is its own affair; without a thread tiny_http answers with an empty 500.
    let _ = thread.spawn(move || inner.respond(response));
}

/// The body of a refusal. `hold`: it never ends, and so the request is never dropped, whatever it was refused for. That
/// costs a sleeping thread and a connection for each client that announces more than [`MOST_DRAINED`], and spares the
/// process.
struct RefusalBody {
    text: Cursor<Vec<u8>>,
    hold: bool,
}

impl Read for RefusalBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        if count == 0 && self.hold {
            loop {
                std::thread::park();
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
