//! HTTP over a socket: the bytes of clients become [`Request`]s, [`Response`]s become bytes.
//!
//! ```text
//! client ── connection (head, body, limits, TLS) ──┐
//! client ── connection ────────────────────────────┼── queue (tiny_http) ── Server::next ── Exchange::respond
//! client ── connection ────────────────────────────┘         one after another, in a single thread
//! ```
//!
//! Each connection has a thread, which reads whole requests and sends the answers at the client's pace. So a client that
//! stalls delays no other. What RFC 9112 does not allow is refused there. A single thread answers, in the order in which
//! the requests were complete; it receives them from tiny_http.

mod acceptor;
mod answer;
mod body;
mod connection;
mod half_close;
mod queue;
mod stream;
mod table;
mod tls;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::error::{Context, Error, Result};
use crate::request::head::Framing;
use crate::request::{Request, Scheme};
use crate::response::Response;

pub use crate::request::head::Refusal;
use acceptor::Acceptor;
use answer::Answer;
use connection::Service;
use queue::Queue;
use table::{ConnectionTable, EVICTABLE_AFTER};
pub use tls::Tls;

/// How long clients may take to receive their answers when the server ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// How long requests that are being received when the server ends may take to be whole, so that their clients are told.
const RECEIVING_TIMEOUT: Duration = Duration::from_millis(500);

/// How often is looked whether they have.
const SHUTDOWN_INTERVAL: Duration = Duration::from_millis(2);

/// How long no request comes after a burst of connections before its memory is given back.
const QUIET: Duration = Duration::from_secs(1);

/// How a server talks to its clients.
pub struct Settings {
    /// Certificate and key, for a server that speaks TLS.
    pub tls: Option<Tls>,
    /// The largest head that is read, in bytes.
    pub max_head: u64,
    /// The largest request body that is read, in bytes.
    pub max_body: u64,
}

/// What the fuzz targets in tests/fuzz reach.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::body::read as read_body;
}

/// A server that listens. Clients can connect as soon as it exists; their requests wait for [`Server::next`].
pub struct Server {
    address: SocketAddr,
    scheme: Scheme,
    queue: Queue,
    table: Arc<ConnectionTable>,
    stopper: Stopper,
    woken: Arc<AtomicBool>,
    /// When the server began to end; set once it stops.
    shutdown_start: OnceLock<Instant>,
}

/// What [`Server::next`] returns.
pub enum Incoming {
    /// A request to answer.
    Request(Box<Exchange>),
    /// The server refused a request itself, and answered it.
    Refused(Refused),
    /// So many events more were not reported, because too many waited.
    Unreported(u64),
    /// No connection can be accepted for the moment. Reported once until it works again.
    AcceptFailed(Error),
    /// [`Waker::wake`] was called.
    Woken,
}

/// A request that the server refused.
#[derive(Debug)]
pub struct Refused {
    /// The client's address.
    pub remote: IpAddr,
    /// The method, control characters escaped; `-` if it is not known.
    pub method: String,
    /// The request target, control characters escaped; `-` if it is not known.
    pub target: String,
    /// The answer.
    pub refusal: Refusal,
}

/// A request and the way to answer it.
pub struct Exchange {
    request: Arc<Request>,
    framing: Framing,
    answers: SyncSender<Answer>,
    abandonment: Arc<Mutex<Abandonment>>,
}

/// Whether the client of a request has left without an answer, and what is done when it does.
#[derive(Default)]
struct Abandonment {
    is_abandoned: bool,
    action: Option<Box<dyn FnOnce() + Send>>,
}

impl Abandonment {
    /// The client has left.
    fn occur(&mut self) {
        self.is_abandoned = true;
        if let Some(action) = self.action.take() {
            action();
        }
    }
}

impl Server {
    /// Starts to serve the clients of `listener`.
    ///
    /// # Errors
    /// Fails if a thread cannot be started, or tiny_http cannot.
    pub fn start(listener: TcpListener, settings: Settings) -> Result<Self> {
        let Settings { tls, max_head, max_body } = settings;
        let address = listener.local_addr().context(|| "cannot tell the address that is listened on")?;
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let (sender, queue) = queue::start()?;
        let stopper = Stopper { http: queue.http(), stopping: Arc::default(), busy: Arc::default() };
        let table = Arc::new(ConnectionTable::new(acceptor::max_connections(), EVICTABLE_AFTER));
        let max_head = usize::try_from(max_head).unwrap_or(usize::MAX);
        let service = Service { queue: sender, tls, max_head, max_body, stopping: Arc::clone(&stopper.stopping) };
        Acceptor::start(listener, address.port(), Arc::clone(&table), service)?;
        Ok(Self { address, scheme, queue, table, stopper, woken: Arc::default(), shutdown_start: OnceLock::new() })
    }

    /// What its URLs begin with: scheme and address.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.address)
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops it, for any thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// A handle that has [`Server::next`] return, for any thread.
    pub fn waker(&self) -> Waker {
        Waker { http: self.queue.http(), woken: Arc::clone(&self.woken) }
    }

    /// Waits for the next request or event. `None` once the server was told to stop and the answers are sent, or were not
    /// taken in time.
    pub fn next(&self) -> Option<Incoming> {
        let Stopper { busy, stopping, .. } = &self.stopper;
        busy.store(false, Ordering::SeqCst);
        while !stopping.load(Ordering::SeqCst) {
            if self.woken.swap(false, Ordering::SeqCst) {
                return Some(Incoming::Woken);
            }
            let limit = self.table.had_burst().then_some(QUIET);
            if let Some(incoming) = self.queue.next(limit) {
                busy.store(matches!(incoming, Incoming::Request(_)), Ordering::SeqCst);
                return Some(incoming);
            }
            if self.table.end_burst() {
                // Each connection had a thread, and what these threads leave free lies scattered over the allocator's
                // heaps, which would keep it.
                crate::guest::release_free_memory();
            }
        }
        self.shut_down()
    }

    /// Tells the clients of queued requests that the server ends, and lets answers go out. Returns the next event, if
    /// there is one.
    fn shut_down(&self) -> Option<Incoming> {
        let start = *self.shutdown_start.get_or_init(Instant::now);
        loop {
            let time = start.elapsed();
            match self.queue.next_within(SHUTDOWN_INTERVAL) {
                Ok(Incoming::Request(exchange)) => {
                    // If its client has left, nobody waits for it.
                    let _ = exchange.respond(&answer::shutting_down());
                }
                Ok(event) if time < SHUTDOWN_TIMEOUT => return Some(event),
                Err(_) if time < SHUTDOWN_TIMEOUT && self.table.is_answering() => {}
                Err(_) if time < RECEIVING_TIMEOUT && self.table.is_receiving() => {}
                _ => return None,
            }
        }
    }
}

/// Stops a [`Server`].
#[derive(Clone)]
pub struct Stopper {
    http: Arc<tiny_http::Server>,
    stopping: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
}

/// Wakes a [`Server`] that waits.
#[derive(Clone)]
pub struct Waker {
    http: Arc<tiny_http::Server>,
    woken: Arc<AtomicBool>,
}

impl Waker {
    /// Has [`Server::next`] return [`Incoming::Woken`] once.
    pub fn wake(&self) {
        self.woken.store(true, Ordering::SeqCst);
        self.http.unblock();
    }
}

impl Stopper {
    /// Tells the server to begin no further request. Returns whether this was the first call.
    pub fn stop(&self) -> bool {
        let first = !self.stopping.swap(true, Ordering::SeqCst);
        self.http.unblock();
        first
    }

    /// Whether a request is being answered.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst)
    }
}

impl Exchange {
    /// The request.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// Whether the client has left without an answer.
    pub fn is_abandoned(&self) -> bool {
        self.abandonment.lock().is_abandoned
    }

    /// Has `action` called when the client leaves without an answer, or at once if it has.
    pub fn on_abandonment(&self, action: impl FnOnce() + Send + 'static) {
        let mut abandonment = self.abandonment.lock();
        if abandonment.is_abandoned {
            action();
        } else {
            abandonment.action = Some(Box::new(action));
        }
    }

    /// Answers the request. Returns the length of the answer's body in bytes.
    ///
    /// # Errors
    /// Fails if the client has left.
    pub fn respond(self, response: &Response) -> io::Result<u64> {
        let answer = Answer::new(response, &self.framing);
        let length = answer.body.len() as u64;
        self.send(answer).map(|()| length)
    }

    /// Answers the request with what `rest` gives from now on. The connection sends it on its own thread, until `rest` has
    /// no sender any more; it may be evicted meanwhile, like one that waits for a request.
    ///
    /// # Errors
    /// Fails if the client has left.
    pub fn respond_openly(self, response: &Response, rest: Receiver<Bytes>) -> io::Result<()> {
        let answer = Answer::open(response, &self.framing, rest);
        self.send(answer)
    }

    fn send(self, answer: Answer) -> io::Result<()> {
        let is_sent = !self.is_abandoned() && self.answers.send(answer).is_ok();
        if is_sent { Ok(()) } else { Err(io::Error::other("the client left")) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    #[test]
    fn a_request_that_becomes_whole_while_the_server_ends_is_told_so() {
        // It takes longer to send than the server looks for requests that are whole.
        const LENGTH: usize = 8 << 20;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let settings = Settings { tls: None, max_head: 64 << 10, max_body: LENGTH as u64 };
        let server = Server::start(listener, settings).expect("a server");
        let mut client = TcpStream::connect(server.address()).expect("the server accepts");
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\nExpect: 100-continue\r\n\r\n");
        client.write_all(head.as_bytes()).expect("the server reads");
        let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
        client.read_exact(&mut go_on).expect("the server waits for the body");
        server.stopper().stop();
        std::thread::scope(|scope| {
            scope.spawn(|| (&client).write_all(&vec![0; LENGTH]).expect("the server reads"));
            assert!(server.next().is_none());
        });
        // The process would have ended when `next` returned.
        client.set_nonblocking(true).expect("a socket");
        let mut start = [0; b"HTTP/1.1 503 ".len()];
        client.read_exact(&mut start).expect("the answer is there");
        assert_eq!(&start, b"HTTP/1.1 503 ");
    }
}
