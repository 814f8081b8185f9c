//! One client's connection: its requests are read, queued and answered one after another.

use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::request::Request;
use crate::request::head::{self, BodyLength, Client, Framing, Refusal, RequestLine};
use crate::size;

use super::answer::{self, Answer};
use super::body;
use super::half_close::is_half_closed;
use super::queue::Sender;
use super::stream::Stream;
use super::table::{Phase, Slot, Timeout};
use super::tls::Tls;
use super::{Abandonment, Exchange, Incoming, Refused};

/// For the first byte of a new connection, the handshake of TLS, and a head from its first byte on.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Between two requests of a connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// For each further part of a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// For the client to take some more of an answer. It is longer than the others because the systems of both sides buffer:
/// a client that reads 10 kB/s may show progress every ten seconds only.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// For the client to close the connection after the last answer. What it still sends is read until then: if a connection
/// is closed with data unread, TCP resets it, and the client may lose the answer (RFC 9112 9.6).
const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// How often is looked whether the client has left while its request is queued or answered.
const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// What the system buffers of an answer, in bytes.
#[cfg(unix)]
pub const SEND_BUFFER: usize = 64 << 10;

/// What is read of a connection at once, in bytes.
const READ_SIZE: usize = 16 << 10;

/// Up to this length, a body is sent with its head in one write, so that they share packets.
const JOINED_BODY: usize = 64 << 10;

/// Characters that are logged of the method and the target of a refused request.
const MAX_SHOWN: usize = 200;

/// The first byte of TLS: a record of the type `handshake` (RFC 8446 5.1).
const HANDSHAKE: u8 = 0x16;

/// What all connections share.
pub struct Service {
    /// The way to the answering thread.
    pub queue: Sender,
    /// How to speak TLS; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// The largest head that is read, in bytes.
    pub max_head: usize,
    /// The largest body that is read, in bytes.
    pub max_body: u64,
    /// Whether the server is about to end.
    pub stopping: Arc<AtomicBool>,
}

/// A connection.
struct Connection<'a> {
    input: BufReader<Stream>,
    slot: Arc<Slot>,
    client: Client,
    service: &'a Service,
    /// The request line of the current request, if it was read and is valid.
    line: Option<RequestLine>,
}

/// Why a connection ends.
#[derive(Debug)]
pub enum End {
    /// The client has left or asked for it, or the connection was evicted or timed out.
    Closed,
    /// A request cannot be answered.
    Refused(Refusal),
    /// The server is about to end.
    Stopping,
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for End {
    /// The connection failed while a body was read.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => {
                Refusal::new(408, format!("nothing more of the body came for {BODY_TIMEOUT:?}")).into()
            }
            _ => Self::Closed,
        }
    }
}

/// Serves a client until one of both closes the connection.
pub fn serve(slot: Slot, client: Client, service: &Service) {
    let slot = Arc::new(slot);
    // A client that says nothing, or fails, is told nothing.
    let Ok(Some((stream, refusal))) = open(Stream::new(Arc::clone(&slot)), service.tls.as_ref()) else { return };
    let input = BufReader::with_capacity(READ_SIZE, stream);
    let mut connection = Connection { input, slot, client, service, line: None };
    let end = refusal.map_or_else(|| connection.requests(), End::Refused);
    connection.end(end);
}

/// Looks whether the client begins with TLS. Returns the stream to talk to it, with a refusal if it uses the wrong
/// protocol; `None` if it closes at once.
fn open(stream: Stream, tls: Option<&Tls>) -> io::Result<Option<(Stream, Option<Refusal>)>> {
    let Some(first) = stream.first_byte()? else { return Ok(None) };
    let wrong = match (tls, first) {
        (Some(tls), HANDSHAKE) => {
            return Ok(Some((stream.with_tls(tls.connection().map_err(io::Error::other)?), None)));
        }
        (Some(_), _) => Some("this port speaks TLS: use https:// in the URL"),
        (None, HANDSHAKE) => Some("the client speaks TLS and this port does not: use http:// in the URL"),
        (None, _) => None,
    };
    Ok(Some((stream, wrong.map(|message| Refusal::new(400, message)))))
}

impl Connection<'_> {
    /// Answers one request after another; returns why there are no more.
    fn requests(&mut self) -> End {
        loop {
            if let Err(end) = self.request() {
                // An eviction looks like a client that closes.
                return if self.slot.is_evicted() { End::Closed } else { end };
            }
            self.slot.enter(Phase::Idle, Timeout::Until(Instant::now() + IDLE_TIMEOUT));
        }
    }

    /// Answers one request.
    fn request(&mut self) -> Result<(), End> {
        self.line = None;
        let head = self.head()?;
        let (line, fields) = RequestLine::split(&head)?;
        let line = self.line.insert(line);
        let (mut request, framing) = head::parse(line, fields, self.client, self.service.max_body)?;
        request.body = self.body(&framing)?;
        let closes = framing.closes;
        let answer = self.answer(request, framing)?;
        self.send(&answer)?;
        if let Some(rest) = &answer.rest {
            return Err(self.follow(rest));
        }
        if closes { Err(End::Closed) } else { Ok(()) }
    }

    /// Reads a head, its empty line included. Empty lines before it are skipped (RFC 9112 2.2).
    fn head(&mut self) -> Result<Vec<u8>, End> {
        let (mut head, mut line_start, mut skipped) = (Vec::new(), 0, 0);
        loop {
            let available = match self.input.fill_buf() {
                Ok([]) => return Err(End::Closed),
                Ok(available) => available,
                Err(error) if has_begun(&head) && error.kind() == io::ErrorKind::TimedOut => {
                    return Err(Refusal::new(408, format!("the head did not come within {HEAD_TIMEOUT:?}")).into());
                }
                Err(_) => return Err(End::Closed),
            };
            let line_end = available.iter().position(|&b| b == b'\n').map(|index| index + 1);
            let read = &available[..line_end.unwrap_or(available.len())];
            let (count, has_nul) = (read.len(), read.contains(&0));
            let is_first = !has_begun(&head);
            head.extend_from_slice(read);
            self.input.consume(count);
            if head.len() + skipped > self.service.max_head {
                return Err(too_large(&head, self.service.max_head).into());
            }
            match (line_start, &head[line_start..]) {
                (0, b"\r\n") => {
                    skipped += head.len();
                    head.clear();
                    continue;
                }
                // Lines that end with LF alone are refused later, but end a head as well: the client sends nothing more.
                (1.., b"\r\n" | b"\n") => return Ok(head),
                // It is no request line, and its end may never come.
                (0, _) if has_nul && line_end.is_none() => {
                    return Err(Refusal::new(400, "the request line holds a NUL byte").into());
                }
                _ if line_end.is_some() => line_start = head.len(),
                _ => {}
            }
            if is_first && has_begun(&head) {
                self.slot.enter(Phase::Receiving, Timeout::Until(Instant::now() + HEAD_TIMEOUT));
            }
        }
    }

    /// Reads the body of a request, after asking the client for it if it waits for that.
    fn body(&mut self, framing: &Framing) -> Result<Bytes, End> {
        if framing.body_length == BodyLength::Known(0) {
            return Ok(Bytes::new());
        }
        if framing.expects_continue && self.input.buffer().is_empty() {
            self.write(&[b"HTTP/1.1 100 Continue\r\n\r\n"])?;
        }
        self.slot.enter(Phase::Receiving, Timeout::Each(BODY_TIMEOUT));
        body::read(&mut self.input, framing.body_length, self.service.max_body)
    }

    /// Queues a request and waits for its answer, or until the client leaves.
    fn answer(&mut self, request: Request, framing: Framing) -> Result<Answer, End> {
        self.slot.enter(Phase::Answering, Timeout::Each(BODY_TIMEOUT));
        if self.service.stopping.load(Ordering::SeqCst) {
            return Err(End::Stopping);
        }
        let failed = || Refusal::new(500, "the request was not answered, which is a bug of pywagi");
        let (sender, answers) = mpsc::sync_channel(1);
        let abandonment = Arc::<Mutex<Abandonment>>::default();
        let exchange =
            Exchange { request: Arc::new(request), framing, answers: sender, abandonment: Arc::clone(&abandonment) };
        self.service.queue.send(Incoming::Request(Box::new(exchange))).map_err(|_| failed())?;
        loop {
            match answers.recv_timeout(WATCH_INTERVAL) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Err(failed().into()),
                Err(RecvTimeoutError::Timeout) => {
                    let stream = self.input.get_mut();
                    if stream.is_closed_by_client() && !is_half_closed(stream.tcp()) {
                        abandonment.lock().occur();
                        return Err(End::Closed);
                    }
                }
            }
        }
    }

    /// Sends an answer.
    fn send(&mut self, answer: &Answer) -> Result<(), End> {
        self.slot.enter(Phase::Sending, Timeout::Each(BODY_TIMEOUT));
        if answer.body.len() <= JOINED_BODY {
            self.write(&[&[&answer.head[..], &answer.body].concat()])
        } else {
            self.write(&[&answer.head, &answer.body])
        }
    }

    /// Sends what follows an answer as it comes; returns why there is no more of it.
    fn follow(&mut self, rest: &Receiver<Bytes>) -> End {
        self.slot.enter(Phase::Idle, Timeout::Each(BODY_TIMEOUT));
        loop {
            match rest.recv_timeout(WATCH_INTERVAL) {
                Ok(piece) => {
                    if let Err(end) = self.write(&[&piece]) {
                        return end;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return End::Closed,
                Err(RecvTimeoutError::Timeout) => {
                    let is_stopping = self.service.stopping.load(Ordering::SeqCst);
                    // An eviction looks like a client that closes.
                    if is_stopping || self.input.get_mut().is_closed_by_client() {
                        return End::Closed;
                    }
                }
            }
        }
    }

    fn write(&mut self, parts: &[&[u8]]) -> Result<(), End> {
        let stream = self.input.get_mut();
        let written = parts.iter().try_for_each(|part| stream.write_all(part)).and_then(|()| stream.flush());
        written.map_err(|_| {
            // rustls would write again, and wait again.
            let _ = self.slot.socket().shutdown(Shutdown::Both);
            End::Closed
        })
    }

    /// Tells the client why the connection ends, and closes it.
    fn end(mut self, end: End) {
        let response = match &end {
            End::Closed => None,
            End::Stopping => Some(answer::shutting_down()),
            End::Refused(refusal) => Some(answer::refusal(refusal)),
        };
        let line = self.line.take();
        if let Some(response) = response {
            let framing = Framing::of_refusal(line.as_ref());
            // The client may have left, or may not listen.
            let _ = self.send(&Answer::new(&response, &framing));
        }
        self.slot.enter(Phase::Idle, Timeout::Until(Instant::now() + LINGER_TIMEOUT));
        self.input.get_mut().finish();
        if let End::Refused(refusal) = end {
            let shown = |text: Option<&String>| text.map_or_else(|| "-".to_owned(), |text| printable(text));
            let (method, target) = (shown(line.as_ref().map(|l| &l.method)), shown(line.as_ref().map(|l| &l.target)));
            // If the answering thread has ended, so does the process.
            let _ = self.service.queue.report(Incoming::Refused(Refused {
                remote: self.client.address,
                method,
                target,
                refusal,
            }));
        }
        let _ = io::copy(&mut self.input, &mut io::sink());
    }
}

/// Whether this is more than what may be an empty line.
fn has_begun(head: &[u8]) -> bool {
    !matches!(head, [] | [b'\r'])
}

/// Text of a client for the log: control characters escaped, and not more than fits a line.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MAX_SHOWN) {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
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
