//! One client's connection: its requests are read, passed on and answered one after another.

use std::io::{self, BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::StreamOwned;

use crate::request::Protocol;
use crate::size;

use super::buffer::Buffer;
use super::crowd::Place;
use super::head::{Client, Framing, Head, Refusal};
use super::notices::{Notice, Notices, Refused};
use super::stream::{Patience, Socket, Stream};
use super::tls::Tls;
use super::upstream::{Passed, Upstream};
use super::{body, outgoing};

/// How long a new connection may take to say something, with the handshake of TLS, and a head from its first byte on.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection is kept open between two requests.
const IDLE: Duration = Duration::from_secs(60);

/// How long is waited for the next part of a body, and for the client to take the next part of an answer.
pub const STALL: Duration = Duration::from_secs(10);

/// How long the client may take to end its side after the last answer. What it still sends is read until then: closed
/// at once, the connection would be reset, and the answer with it.
const LINGER: Duration = Duration::from_secs(5);

/// What is read of a connection at once, in bytes.
const READ_AHEAD: usize = 16 << 10;

/// The characters that are shown of the method or the target of a refused request.
const MOST_SHOWN: usize = 200;

/// The first byte of TLS: a record of the type `handshake` (RFC 8446 5.1).
const HANDSHAKE: u8 = 0x16;

/// What all connections share.
pub struct Shared {
    /// What answers.
    pub upstream: Upstream,
    /// Present where the server speaks TLS.
    pub tls: Option<Tls>,
    /// The largest head that is read, in bytes.
    pub max_head: usize,
    /// The largest body that is read, in bytes.
    pub max_body: u64,
    /// The way to the answering thread.
    pub notices: Notices,
}

/// A connection.
pub struct Connection {
    input: BufReader<Stream>,
    place: Arc<Place>,
    client: Client,
    shared: Arc<Shared>,
    /// The request under way.
    line: RequestLine,
}

/// What is known of a request when it is refused.
struct RequestLine {
    method: String,
    target: String,
    protocol: Protocol,
}

impl Default for RequestLine {
    /// Of a request whose head did not come or cannot be understood.
    fn default() -> Self {
        Self { method: "-".to_owned(), target: "-".to_owned(), protocol: Protocol::Http11 }
    }
}

/// Why a connection ends.
enum Ending {
    /// Its client has left, or is to leave.
    Closed,
    /// The request cannot be understood.
    Refused(Refusal),
    /// The server is about to end.
    Stopping,
}

impl From<Refusal> for Ending {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Serves the client of `place` until it leaves.
pub fn serve(place: Place, client: Client, shared: Arc<Shared>) {
    let place = Arc::new(place);
    let socket = Socket::new(Arc::clone(&place), Patience::Until(Instant::now() + HEAD));
    let (stream, refusal) = match open(socket, shared.tls.as_ref()) {
        Ok(Some(opened)) => opened,
        Ok(None) | Err(_) => return,
    };
    let input = BufReader::with_capacity(READ_AHEAD, stream);
    let mut connection = Connection { input, place, client, shared, line: RequestLine::default() };
    let end = refusal.map_or_else(|| connection.requests(), Ending::Refused);
    connection.end(end);
}

/// Looks at what the client begins with: the stream to talk to it, and why there is nothing to talk about, if so. `None`
/// where it has left.
fn open(socket: Socket, tls: Option<&Tls>) -> io::Result<Option<(Stream, Option<Refusal>)>> {
    let Some(first) = socket.first_byte()? else { return Ok(None) };
    let refused = |socket, message| (Stream::Plain(socket), Some(Refusal::new(400, message)));
    Ok(Some(match (tls, first) {
        (Some(tls), HANDSHAKE) => {
            let connection = tls.connection().map_err(io::Error::other)?;
            (Stream::Tls(Box::new(StreamOwned::new(connection, socket))), None)
        }
        (Some(_), _) => refused(socket, "this port speaks TLS: use https:// in the URL"),
        (None, HANDSHAKE) => refused(socket, "the client speaks TLS and this port does not: use http:// in the URL"),
        (None, _) => (Stream::Plain(socket), None),
    }))
}

impl Connection {
    /// Answers one request after another; returns why there are no more.
    fn requests(&mut self) -> Ending {
        loop {
            match self.request() {
                // What could not be read then is nobody's mistake.
                Err(_) if self.place.is_lost() => return Ending::Closed,
                Ok(()) => self.input.get_mut().wait(Patience::Until(Instant::now() + IDLE)),
                Err(end) => return end,
            }
        }
    }

    /// Answers one request.
    fn request(&mut self) -> Result<(), Ending> {
        self.line = RequestLine::default();
        let bytes = self.head()?;
        let head = Head::parse(&bytes)?;
        let protocol = if head.version == (1, 0) { Protocol::Http10 } else { Protocol::Http11 };
        self.line = RequestLine { method: printable(&head.method), target: printable(&head.target), protocol };
        let (_, framing) = head.check(self.client, self.shared.max_body)?;
        let body = self.body(&framing)?;
        self.place.begins();
        let answer = match self.shared.upstream.pass(self.client, &bytes, body, &self.place) {
            Ok(Passed::Answered(answer)) => answer,
            Ok(Passed::Stopping) => return Err(Ending::Stopping),
            Err(error) => return Err(Refusal::new(500, format!("the request could not be passed on: {error}")).into()),
        };
        self.place.sends();
        self.send(&answer)?;
        drop(answer);
        self.place.ends();
        if framing.closes { Err(Ending::Closed) } else { Ok(()) }
    }

    /// Reads a head, its empty line included.
    fn head(&mut self) -> Result<Vec<u8>, Ending> {
        let mut head = Vec::new();
        loop {
            let available = match self.input.fill_buf() {
                Ok([]) => return Err(Ending::Closed),
                Ok(available) => available,
                Err(error) if head.is_empty() || !is_late(&error) => return Err(Ending::Closed),
                Err(_) => return Err(Refusal::new(408, format!("the head did not come within {HEAD:?}")).into()),
            };
            let (mut before, read) = (head.len(), available.len());
            let had_begun = has_begun(&head);
            head.extend_from_slice(available);
            // Empty lines before a request are overlooked (RFC 9112 2.2).
            while head.starts_with(b"\r\n") {
                head.drain(..2);
                before = before.saturating_sub(2);
            }
            let is_new = !had_begun && has_begun(&head);
            let end = end_of_head(&head, before);
            let beyond = head.len() - end.unwrap_or(head.len());
            self.input.consume(read - beyond);
            head.truncate(head.len() - beyond);
            if head.len() > self.shared.max_head {
                return Err(too_large(&head, self.shared.max_head).into());
            }
            if end.is_some() {
                return Ok(head);
            }
            if is_new {
                self.place.waits();
                self.input.get_mut().wait(Patience::Until(Instant::now() + HEAD));
            }
        }
    }

    /// Reads the body, and tells the client to send it where it waits to be told.
    fn body(&mut self, framing: &Framing) -> Result<Buffer, Ending> {
        if framing.expects_continue && self.input.buffer().is_empty() {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.input.get_mut().wait(Patience::Each(STALL));
        self.place.waits();
        let Self { input, place, shared, .. } = self;
        body::read(input, framing.body_length, shared.max_body, |bytes| place.take_body(bytes)).map_err(|why| match why
        {
            body::Failure::Refused(refusal) => refusal.into(),
            body::Failure::Io(error) if is_late(&error) => {
                Refusal::new(408, format!("nothing more of the body came for {STALL:?}")).into()
            }
            body::Failure::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => too_much().into(),
            body::Failure::Io(_) => Ending::Closed,
        })
    }

    /// Sends bytes to the client, who may be slow and must not stop.
    fn send(&mut self, bytes: &[u8]) -> Result<(), Ending> {
        let stream = self.input.get_mut();
        stream.write_all(bytes).and_then(|()| stream.flush()).map_err(|_| Ending::Closed)
    }

    /// Tells the client why the connection ends, and closes it.
    fn end(mut self, end: Ending) {
        let response = match end {
            Ending::Closed => None,
            Ending::Stopping => Some(outgoing::shutting_down()),
            Ending::Refused(refusal) => {
                let response = outgoing::refusal(&refusal);
                let RequestLine { method, target, .. } = &self.line;
                let (method, target) = (method.clone(), target.clone());
                self.shared.notices.tell(Notice::Refused(Refused { method, target, refusal }));
                Some(response)
            }
        };
        if let Some(response) = response {
            let framing = Framing::of_refusal(self.line.protocol, self.line.method == "HEAD");
            // Whether the client still listens is its own affair.
            let _ = self.send(&outgoing::answer(&response, &framing).first);
        }
        self.place.ends();
        self.input.get_mut().finish();
        self.input.get_mut().wait(Patience::Until(Instant::now() + LINGER));
        let _ = io::copy(&mut self.input, &mut io::sink());
    }
}

/// Whether there is more than what may be the beginning of an empty line.
fn has_begun(head: &[u8]) -> bool {
    !matches!(head, [] | [b'\r'])
}

/// Where a head ends, if it does: after its first empty line. What stands before `read` was looked at before.
///
/// Lines that end with LF alone are refused later, but end a head as well: such a client sends nothing more.
fn end_of_head(bytes: &[u8], read: usize) -> Option<usize> {
    let from = read.saturating_sub(2);
    let rest = bytes.get(from..)?;
    let at = |index: usize| rest.get(index).copied();
    let lines = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index);
    for index in lines {
        match (at(index + 1), at(index + 2)) {
            (Some(b'\n'), _) => return Some(from + index + 2),
            (Some(b'\r'), Some(b'\n')) => return Some(from + index + 3),
            _ => {}
        }
    }
    None
}

/// What a client sent, for a terminal that is not to obey it, and not in full where that is too much to read.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MOST_SHOWN) {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    if text.chars().nth(MOST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn too_large(head: &[u8], limit: usize) -> Refusal {
    let limit = size::shown(limit as u64);
    if head.contains(&b'\n') {
        Refusal::new(431, format!("the request's headers are larger than the limit of {limit}; --max-head raises it"))
    } else {
        Refusal::new(414, format!("the request line is longer than the limit of {limit}; --max-head raises it"))
    }
}

/// Whether a time limit was reached.
fn is_late(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

/// Said where a connection asks for memory that others need.
fn too_much() -> Refusal {
    Refusal::new(503, "too many large requests are under way; try again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_after_its_first_empty_line() {
        for (bytes, end) in [
            ("", None),
            ("GET / HTTP/1.1\r\n", None),
            ("GET / HTTP/1.1\r\n\r", None),
            ("GET / HTTP/1.1\r\n\r\n", Some(18)),
            ("GET / HTTP/1.1\r\nA: b\r\n\r\nbody\r\n\r\n", Some(24)),
            ("GET / HTTP/1.1\n\nbody", Some(16)),
            ("GET / HTTP/1.1\n\r\nbody", Some(17)),
        ] {
            assert_eq!(end_of_head(bytes.as_bytes(), 0), end, "{bytes:?}");
            // Wherever the parts were cut.
            for cut in 0..end.unwrap_or(0) {
                assert_eq!(end_of_head(bytes.as_bytes(), cut), end, "{bytes:?} after {cut}");
            }
        }
    }
}
