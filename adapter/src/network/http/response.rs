//! A response, as the host gives it and as a client reads it.

use alloc::format;
use alloc::vec::Vec;

use wasip2::http::types::{IncomingBody, IncomingResponse};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, StreamError};

use super::{About, Buffer};
use crate::errno::{Errno, Result};

/// How much of a body is read at once, in bytes.
const PART: u64 = 256 << 10;

/// Fields that are of the host's connection.
const OF_CONNECTION: [&str; 5] = ["connection", "keep-alive", "proxy-connection", "trailer", "transfer-encoding"];

/// A response whose body is read. The stream is dropped before the body, whose it is, and that before the response.
pub struct Receiving {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
    framing: Framing,
    is_whole: bool,
    closes: bool,
}

/// How the client knows where the body ends.
enum Framing {
    /// By its length, of which this much comes.
    Length(u64),
    /// By a last chunk.
    Chunks,
    /// By the end of the connection.
    Close,
}

impl Receiving {
    /// Writes the head of a response; `None` where its body cannot be read.
    pub fn begin(response: IncomingResponse, about: About, readable: &mut Buffer) -> Option<Self> {
        let body = response.consume().ok()?;
        let stream = body.stream().ok()?;
        let status = response.status();
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
        let mut length = None;
        for (name, value) in response.headers().entries() {
            if OF_CONNECTION.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                continue;
            }
            if name.eq_ignore_ascii_case("content-length") {
                length = core::str::from_utf8(&value).ok().and_then(|text| text.trim().parse().ok());
            }
            add(&mut head, &name, &value);
        }
        let has_body = !about.is_head && !matches!(status, 100..200 | 204 | 304);
        let framing = match length {
            _ if !has_body => Framing::Length(0),
            Some(length) => Framing::Length(length),
            None if about.is_old => Framing::Close,
            None => {
                add(&mut head, "transfer-encoding", b"chunked");
                Framing::Chunks
            }
        };
        let closes = about.closes || matches!(framing, Framing::Close);
        if closes {
            add(&mut head, "connection", b"close");
        }
        head.extend_from_slice(b"\r\n");
        readable.push(&head);
        Some(Self {
            stream,
            _body: body,
            _response: response,
            is_whole: matches!(framing, Framing::Length(0)),
            framing,
            closes,
        })
    }

    /// Reads what is there; `None` where nothing is there yet.
    pub fn read(&mut self, readable: &mut Buffer) -> Result<Option<()>> {
        let part = match self.stream.read(PART) {
            Ok(part) if part.is_empty() => return Ok(None),
            Ok(part) => part,
            Err(StreamError::Closed) => {
                match self.framing {
                    Framing::Chunks => readable.push(b"0\r\n\r\n"),
                    // The client sees that it was cut.
                    Framing::Length(_) => self.closes = true,
                    Framing::Close => {}
                }
                self.is_whole = true;
                return Ok(Some(()));
            }
            Err(StreamError::LastOperationFailed(_)) => return Err(Errno::ConnectionReset),
        };
        match &mut self.framing {
            Framing::Length(left) => {
                let part = part.get(..part.len().min(usize::try_from(*left).unwrap_or(usize::MAX))).unwrap_or_default();
                *left -= part.len() as u64;
                self.is_whole = *left == 0;
                readable.push(part);
            }
            Framing::Chunks => {
                readable.push(format!("{:x}\r\n", part.len()).as_bytes());
                readable.push(&part);
                readable.push(b"\r\n");
            }
            Framing::Close => readable.push(&part),
        }
        Ok(Some(()))
    }

    /// Whether all of it was read.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether no other response follows.
    pub fn is_last(&self) -> bool {
        self.closes
    }

    /// What has to be waited for until more is there.
    pub fn source(&self) -> Pollable {
        self.stream.subscribe()
    }
}

fn add(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

/// The phrase of a status (RFC 9110, 15), which hosts do not tell.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
