//! HTTP over a socket: bytes of clients become [`Request`]s, our [`Response`]s become bytes.
//!
//! ```text
//! client ── gate ── connection (head, body, limits, TLS) ── upstream ── tiny_http ── Server::next ── Exchange::respond
//! client ──┘  └──── connection ─────────────────────────────┘            one after another, in a single thread
//! ```
//!
//! tiny_http hands the requests to the single thread that answers them. It stands behind a gate, as application
//! servers do: each connection has a thread that reads whole requests, so that a client that stalls delays nobody
//! else, and that sends the answer at the client's pace. What it may use is limited, and what RFC 9112 does not allow
//! is refused there.

mod body;
mod buffer;
mod connection;
mod crowd;
mod gate;
mod head;
mod notices;
mod outgoing;
mod stream;
mod tls;
mod upstream;
mod workers;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::request::{Request, Scheme};
use crate::response::Response;

use connection::Shared;
use crowd::{A_WHILE, Crowd};
use head::Framing;
pub use head::Refusal;
pub use notices::Refused;
use notices::{Notice, Noticed};
pub use tls::Tls;

/// How long clients may take, when the server ends, to take the answers that are on their way.
const GRACE: Duration = Duration::from_secs(2);

/// How many bodies of the largest size, and how many such answers, connections may hold together.
const LARGEST: u64 = 2;

/// How a server listens.
pub struct Settings {
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
    /// The certificate and key of a server that speaks TLS.
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
    pub use super::head::{BodyLength, Client, Framing, Head};
}

/// A server that listens. Clients can connect from the moment it exists; their requests wait for [`Server::next`].
pub struct Server {
    address: SocketAddr,
    scheme: Scheme,
    receiver: upstream::Receiver,
    notices: Noticed,
    crowd: Arc<Crowd>,
    stopper: Stopper,
}

/// What came in.
pub enum Incoming {
    /// A request to answer.
    Request(Box<Exchange>),
    /// A request that was answered already, since it could not be understood.
    Refused(Refused),
    /// So many requests more were answered already, and there was no time to tell of each.
    Lost(usize),
    /// No connection could be accepted for the moment, which is tried again. Told once until it works again.
    Trouble(Error),
}

/// A request and the way to answer it.
pub struct Exchange {
    request: Request,
    framing: Framing,
    inner: tiny_http::Request,
}

impl Server {
    /// Listens as `settings` say.
    ///
    /// # Errors
    /// Fails where the address cannot be had: in use, not ours, not allowed.
    pub fn bind(settings: Settings) -> Result<Self> {
        let Settings { address, tls, max_head, max_body } = settings;
        let listener = TcpListener::bind(address).map_err(|e| bind_error(address, e))?;
        let address = listener.local_addr().unwrap_or(address);
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let stopping = Arc::default();
        let (http, receiver, upstream) = upstream::start(Arc::clone(&stopping))?;
        let http = Arc::new(http);
        let (notices, noticed) = notices::channel(Arc::clone(&http));
        let crowd = Arc::new(Crowd::new(gate::most_connections(), max_body.saturating_mul(LARGEST), A_WHILE));
        let max_head = usize::try_from(max_head).unwrap_or(usize::MAX);
        let shared = Shared { upstream, tls, max_head, max_body, notices };
        gate::start(listener, Arc::clone(&crowd), Arc::new(shared))?;
        let stopper = Stopper { http, stopping, busy: Arc::default() };
        Ok(Self { address, scheme, receiver, notices: noticed, crowd, stopper })
    }

    /// What its URLs begin with: the scheme and the address.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, answers of up to `largest` bytes come.
    pub fn expect_answers(&self, largest: u64) {
        self.crowd.may_hold_answers(largest.saturating_mul(LARGEST));
    }

    /// The handle that ends it, for any thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Waits for what comes in next; `None` once the server was told to stop and the answers are out, or were not taken
    /// in time.
    pub fn next(&self) -> Option<Incoming> {
        let Stopper { http, busy, .. } = &self.stopper;
        busy.store(false, Ordering::SeqCst);
        while !self.stopper.is_stopping() {
            match http.recv() {
                Ok(inner) => {
                    busy.store(true, Ordering::SeqCst);
                    return Some(self.received(inner));
                }
                // Woken for a notice, or to stop.
                Err(_) => {
                    if let Some(notice) = self.notices.next() {
                        return Some(self.incoming(notice));
                    }
                }
            }
        }
        self.end();
        self.notices.next().map(|notice| self.incoming(notice))
    }

    /// A request of tiny_http's as what it encloses.
    fn received(&self, mut inner: tiny_http::Request) -> Incoming {
        match self.receiver.receive(&mut inner) {
            Ok((request, framing)) => Incoming::Request(Box::new(Exchange { request, framing, inner })),
            Err(refusal) => {
                // Only a stranger to the gate gets here. tiny_http may wait for him when it lets go of his request.
                let _ = std::thread::Builder::new().spawn(move || drop(inner));
                Incoming::Refused(Refused { method: "-".to_owned(), target: "-".to_owned(), refusal })
            }
        }
    }

    fn incoming(&self, notice: Notice) -> Incoming {
        match notice {
            Notice::Refused(refused) => Incoming::Refused(refused),
            Notice::Lost(count) => Incoming::Lost(count),
            Notice::Trouble(cause) => {
                let error = Error::new(format!("{} accepts no connections for the moment", self.address));
                let remedy = "close some clients; with too many open files, raise their limit (`ulimit -n`)";
                Incoming::Trouble(error.because(cause).remedy(remedy))
            }
        }
    }

    /// Answers what was passed on and is not begun any more, and lets the answers go out.
    fn end(&self) {
        let end = Instant::now() + GRACE;
        loop {
            while let Ok(Some(inner)) = self.stopper.http.try_recv() {
                if let Incoming::Request(exchange) = self.received(inner) {
                    // Whether the client still waits for it is its own affair.
                    let _ = exchange.respond(&outgoing::shutting_down());
                }
            }
            let now = Instant::now();
            if now >= end || self.crowd.settles_by(end.min(now + Duration::from_millis(5))) {
                return;
            }
        }
    }
}

/// Ends a [`Server`].
#[derive(Clone)]
pub struct Stopper {
    http: Arc<tiny_http::Server>,
    stopping: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
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

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

impl Exchange {
    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Sends the answer; returns how many bytes of body went out.
    ///
    /// # Errors
    /// Fails where the gate has gone.
    pub fn respond(self, response: &Response) -> io::Result<u64> {
        upstream::respond(self.inner, &outgoing::answer(response, &self.framing))
    }
}

fn bind_error(address: SocketAddr, cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::AddrInUse => Error::new(format!("{address} is in use by another program")).remedy(format!(
            "stop the other one, which may be another `pywagi dev`, or let the system choose a free port: \
             --listen {}",
            SocketAddr::new(address.ip(), 0)
        )),
        io::ErrorKind::PermissionDenied => Error::new(format!("not allowed to listen on {address}"))
            .remedy("ports below 1024 are the system's on most machines; choose a higher one: --listen 127.0.0.1:3000"),
        io::ErrorKind::AddrNotAvailable => Error::new(format!("{address} is no address of this machine"))
            .remedy("listen on 127.0.0.1, or on 0.0.0.0 for every interface"),
        _ => Error::new(format!("cannot listen on {address}")).because(cause).remedy("choose another --listen address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_an_address_cannot_be_had_is_told() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        for (kind, message, remedy) in [
            (
                io::ErrorKind::AddrInUse,
                "127.0.0.1:80 is in use by another program",
                "stop the other one, which may be another `pywagi dev`, or let the system choose a free port: \
                 --listen 127.0.0.1:0",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "not allowed to listen on 127.0.0.1:80",
                "ports below 1024 are the system's on most machines; choose a higher one: --listen 127.0.0.1:3000",
            ),
            (
                io::ErrorKind::AddrNotAvailable,
                "127.0.0.1:80 is no address of this machine",
                "listen on 127.0.0.1, or on 0.0.0.0 for every interface",
            ),
            (
                io::ErrorKind::OutOfMemory,
                "cannot listen on 127.0.0.1:80: out of memory",
                "choose another --listen address",
            ),
        ] {
            let error = bind_error(address, kind.into());
            assert_eq!((error.to_string().as_str(), error.remedy_text()), (message, Some(remedy)));
        }
    }
}
