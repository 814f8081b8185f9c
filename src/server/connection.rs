//! One client's connection: its requests are read, passed on and answered one after another.

use std::io::{self, BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::StreamOwned;

use crate::request::{Protocol, Scheme};
use crate::size;

use super::crowd::Place;
use super::events::{Event, Events, Refused};
use super::head::{Client, Framing, Head, Refusal};
use super::stream::{Patience, Socket, Stream};
use super::tls::Tls;
use super::upstream::{Passed, Upstream};
use super::{body, outgoing};

/// How long a head may take, from its first byte; of the first request from the connection's beginning, with the
/// handshake of TLS.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection is kept open between two requests.
const IDLE: Duration = Duration::from_secs(60);

/// How long is waited for the next part of a body, and for the client to take the next part of an answer.
pub const STALL: Duration = Duration::from_secs(10);

/// How long the client may take to end its side after the last answer. What it still sends is read until then: closed
/// at once, the connection would be reset, and the answer with it.
const LINGER: Duration = Duration::from_secs(5);

/// What a client reads ahead of a request's end, in bytes.
const READ_AHEAD: usize = 16 << 10;

/// The first byte of TLS: a record of the type `handshake` (RFC 8446 5.1).
const HANDSHAKE: u8 = 0x16;

/// What all connections share.
pub struct Service {
    /// What answers.
    pub upstream: Upstream,
    /// Present where the server speaks TLS.
    pub tls: Option<Tls>,
    /// The largest head that is read, in bytes.
    pub max_head: usize,
    /// The largest body that is read, in bytes.
    pub max_body: u64,
    /// The way to the answering thread.
    pub events: Events,
}

/// A connection.
pub struct Connection {
    input: BufReader<Stream>,
    place: Arc<Place>,
    client: Client,
    service: Arc<Service>,
    /// The request under way.
    title: Title,
}

/// What is known of a request when it is refused.
struct Title {
    method: String,
    target: String,
    protocol: Protocol,
}

impl Default for Title {
    /// Of a request whose head did not come or cannot be understood.
    fn default() -> Self {
        Self { method: "-".to_owned(), target: "-".to_owned(), protocol: Protocol::Http11 }
    }
}

/// Why a connection ends.
enum End {
    /// Its client has left, or is to leave.
    Closed,
    /// The request cannot be understood.
    Refused(Refusal),
    /// The server is about to end.
    Stopping,
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Serves the client of `place` until it leaves.
pub fn serve(place: Place, client: Client, service: Arc<Service>) {
    let place = Arc::new(place);
    let socket = Socket::new(Arc::clone(&place), Patience::Until(Instant::now() + HEAD));
    let (stream, refusal) = match open(socket, client.scheme, &service) {
        Ok(Some(opened)) => opened,
        Ok(None) | Err(_) => return,
    };
    let input = BufReader::with_capacity(READ_AHEAD, stream);
    let mut connection = Connection { input, place, client, service, title: Title::default() };
    let end = refusal.map_or_else(|| connection.requests(), End::Refused);
    connection.end(end);
}

/// Looks at what the client begins with: the stream to talk to it, and why there is nothing to talk about, if so. `None`
/// where it has left.
fn open(socket: Socket, scheme: Scheme, service: &Service) -> io::Result<Option<(Stream, Option<Refusal>)>> {
    let Some(first) = socket.first_byte()? else { return Ok(None) };
    let refused = |socket, message| (Stream::Plain(socket), Some(Refusal::new(400, message)));
    Ok(Some(match (scheme, first, &service.tls) {
        (Scheme::Https, HANDSHAKE, Some(tls)) => {
            let connection = tls.connection().map_err(io::Error::other)?;
            (Stream::Tls(Box::new(StreamOwned::new(connection, socket))), None)
        }
        (Scheme::Https, ..) => refused(socket, "this port speaks TLS: use https:// in the URL"),
        (Scheme::Http, HANDSHAKE, _) => {
            refused(socket, "the client speaks TLS and this port does not: use http:// in the URL")
        }
        (Scheme::Http, ..) => (Stream::Plain(socket), None),
    }))
}

impl Connection {
    /// Answers one request after another; returns why there are no more.
    fn requests(&mut self) -> End {
        loop {
            match self.request() {
                Ok(()) => self.input.get_mut().wait(Patience::Until(Instant::now() + IDLE)),
                Err(end) => return end,
            }
        }
    }

    /// Answers one request.
    fn request(&mut self) -> Result<(), End> {
        self.title = Title::default();
        let bytes = self.head()?;
        let head = Head::parse(&bytes)?;
        let protocol = if head.version == (1, 0) { Protocol::Http10 } else { Protocol::Http11 };
        self.title = Title { method: printable(&head.method), target: printable(&head.target), protocol };
        let (_, framing) = head.check(self.client, self.service.max_body)?;
        let body = self.body(&framing)?;
        self.place.begins();
        let answer = match self.service.upstream.pass(self.client, &bytes, body, &self.place) {
            Ok(Passed::Answered(answer)) => answer,
            Ok(Passed::Stopping) => return Err(End::Stopping),
            Err(error) if error.kind() == io::ErrorKind::OutOfMemory => return Err(too_much().into()),
            Err(error) => return Err(Refusal::new(500, format!("the request could not be passed on: {error}")).into()),
        };
        self.send(&answer)?;
        drop(answer);
        self.place.ends();
        // Less is always granted.
        let _ = self.place.hold(0);
        if framing.closes { Err(End::Closed) } else { Ok(()) }
    }

    /// Reads a head, its empty line included.
    fn head(&mut self) -> Result<Vec<u8>, End> {
        let mut head = Vec::new();
        loop {
            let available = match self.input.fill_buf() {
                Ok([]) => return Err(End::Closed),
                Ok(available) => available,
                Err(error) if head.is_empty() || !is_late(&error) => return Err(End::Closed),
                Err(_) => return Err(Refusal::new(408, format!("the head did not come within {HEAD:?}")).into()),
            };
            if head.is_empty() {
                // Empty lines before a request are overlooked (RFC 9112 2.2).
                let empty = available.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                if empty > 0 {
                    self.input.consume(empty);
                    continue;
                }
            }
            let before = head.len();
            head.extend_from_slice(available);
            let end = end_of_head(&head, before);
            let is_new = before == 0;
            self.input.consume(end.unwrap_or(head.len()) - before);
            head.truncate(end.unwrap_or(head.len()));
            if head.len() > self.service.max_head {
                return Err(too_large(&head, self.service.max_head).into());
            }
            if end.is_some() {
                return Ok(head);
            }
            if is_new {
                self.input.get_mut().wait(Patience::Until(Instant::now() + HEAD));
            }
        }
    }

    /// Reads the body, and tells the client to send it where it waits to be told.
    fn body(&mut self, framing: &Framing) -> Result<Vec<u8>, End> {
        if framing.expects_continue && self.input.buffer().is_empty() {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        self.input.get_mut().wait(Patience::Each(STALL));
        let Self { input, place, service, .. } = self;
        body::read(input, framing.body_length, service.max_body, |bytes| place.hold(bytes)).map_err(|why| match why {
            body::Failure::Refused(refusal) => refusal.into(),
            body::Failure::Io(error) if is_late(&error) => {
                Refusal::new(408, format!("nothing more of the body came for {STALL:?}")).into()
            }
            body::Failure::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => too_much().into(),
            body::Failure::Io(_) => End::Closed,
        })
    }

    /// Sends bytes to the client, who may take them slowly and not stop to.
    fn send(&mut self, bytes: &[u8]) -> Result<(), End> {
        let stream = self.input.get_mut();
        stream.write_all(bytes).and_then(|()| stream.flush()).map_err(|_| End::Closed)
    }

    /// Tells the client why the connection ends, and closes it.
    fn end(mut self, end: End) {
        let response = match end {
            End::Closed => None,
            End::Stopping => Some(outgoing::shutting_down()),
            End::Refused(refusal) => {
                let response = outgoing::refusal(&refusal);
                let Title { method, target, .. } = &self.title;
                let (method, target) = (method.clone(), target.clone());
                self.service.events.tell(Event::Refused(Refused { method, target, refusal }));
                Some(response)
            }
        };
        if let Some(response) = response {
            let framing = Framing::of_refusal(self.title.protocol, self.title.method == "HEAD");
            // Whether the client still listens is its own affair.
            let _ = self.send(&outgoing::answer(&response, &framing).first);
        }
        self.place.ends();
        let _ = self.place.hold(0);
        self.input.get_mut().finish();
        self.input.get_mut().wait(Patience::Until(Instant::now() + LINGER));
        let _ = io::copy(&mut self.input, &mut io::sink());
    }
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

/// What a client sent, for a terminal that is not to obey it.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
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

/// Whether a time limit was reached. Which of the two it is depends on the system.
fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Said where a connection asks for memory that others need.
fn too_much() -> Refusal {
    Refusal::new(503, "too many large requests and answers are under way; try again")
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
