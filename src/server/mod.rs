//! HTTP over a socket: tiny_http's requests become [`Request`]s, our [`Response`]s become bytes.
//!
//! tiny_http accepts connections and reads heads, each connection in a thread of its own. What it gives is checked and
//! converted here, bodies are read whole in a thread of their own, so that a client that stalls delays nobody else, and
//! the requests that are ready wait in one queue for the single thread that answers them.

mod incoming;
mod intake;
mod outgoing;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use crate::error::{Error, Result};
use crate::request::{Request, Scheme};
use crate::response::Response;

use incoming::Framing;
pub use incoming::Refusal;
use intake::{Intake, Readers};
pub use outgoing::{default_reason, plain_head};
pub use tls::Tls;

/// How a server listens.
pub struct Settings {
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
    /// The certificate and key of a server that speaks TLS.
    pub tls: Option<Tls>,
    /// The largest request body that is read, in bytes.
    pub max_body: u64,
}

/// What the fuzz targets in tests/fuzz reach.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::incoming::{Framing, Head};
}

/// A server that listens. Clients can connect from the moment it exists; their requests wait for [`Server::next`].
pub struct Server {
    address: SocketAddr,
    scheme: Scheme,
    events: Receiver<Event>,
    stopper: Stopper,
}

/// What the answering thread is told.
enum Event {
    Request(Box<Exchange>),
    Refused(Refused),
    Trouble(io::Error),
    Stop,
}

/// What came in.
pub enum Incoming {
    /// A request to answer.
    Request(Box<Exchange>),
    /// A request that was answered already, since it could not be understood.
    Refused(Refused),
    /// No connection could be accepted for the moment, which is tried again. Told once until it works again.
    Trouble(Error),
}

/// A request that the server itself answered.
#[derive(Debug)]
pub struct Refused {
    /// The method, as sent.
    pub method: String,
    /// The request target, as sent.
    pub target: String,
    /// The answer.
    pub refusal: Refusal,
}

/// A request and the way to answer it. Dropped unanswered, it is answered with an empty 500.
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
        let Settings { address, tls, max_body } = settings;
        let listener = TcpListener::bind(address).map_err(|e| bind_error(address, e))?;
        let address = listener.local_addr().unwrap_or(address);
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let (sender, events) = mpsc::channel();
        let stopper = Stopper { events: sender.clone(), stopping: Arc::default(), busy: Arc::default() };
        Intake { listener, tls, max_body, events: sender, readers: Readers::default() }.start()?;
        Ok(Self { address, scheme, events, stopper })
    }

    /// What its URLs begin with: the scheme and the address.
    pub fn url(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handle that ends it, for any thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Waits for what comes in next; `None` once the server was told to stop.
    pub fn next(&self) -> Option<Incoming> {
        self.stopper.busy.store(false, Ordering::SeqCst);
        // Asked before the queue: what waits in it is not begun any more.
        if !self.stopper.is_stopping() {
            match self.events.recv() {
                Ok(Event::Request(exchange)) => {
                    self.stopper.busy.store(true, Ordering::SeqCst);
                    return Some(Incoming::Request(exchange));
                }
                Ok(Event::Refused(refused)) => return Some(Incoming::Refused(refused)),
                Ok(Event::Trouble(cause)) => {
                    let error = Error::new(format!("{} accepts no connections for the moment", self.address));
                    let remedy = "close some clients; with too many open files, raise their limit (`ulimit -n`)";
                    return Some(Incoming::Trouble(error.because(cause).remedy(remedy)));
                }
                // The sender in `stopper` lives as long as `self`.
                Ok(Event::Stop) | Err(mpsc::RecvError) => {}
            }
        }
        for event in self.events.try_iter() {
            if let Event::Request(exchange) = event {
                // Whether the client still waits for it is its own affair.
                let _ = exchange.respond(&Response::plain(503, "pywagi is shutting down\n"));
            }
        }
        None
    }
}

/// Ends a [`Server`].
#[derive(Clone)]
pub struct Stopper {
    events: Sender<Event>,
    stopping: Arc<AtomicBool>,
    busy: Arc<AtomicBool>,
}

impl Stopper {
    /// Tells the server to begin no further request. Returns whether this was the first call.
    pub fn stop(&self) -> bool {
        let first = !self.stopping.swap(true, Ordering::SeqCst);
        // Wakes a server that waits; one that is gone needs no waking.
        let _ = self.events.send(Event::Stop);
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
    /// Fails where the client has left.
    pub fn respond(self, response: &Response) -> io::Result<u64> {
        let mut writer = self.inner.into_writer();
        outgoing::write(&mut *writer, response, &self.framing)
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
