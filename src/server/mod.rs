//! HTTP over a socket: tiny_http's requests become [`Request`]s, our [`Response`]s become bytes.
//!
//! tiny_http accepts connections and reads heads, each connection in a thread of its own. What it gives is checked and
//! converted here, bodies are read whole in a thread of their own, so that a client that stalls delays nobody else, and
//! the requests that are ready wait in one queue for the single thread that answers them.

mod incoming;
mod outgoing;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use crate::error::{Error, Result};
use crate::request::{Headers, Request, Scheme};
use crate::response::Response;

use incoming::{Framing, Head};
pub use incoming::{MOST_BODY, Refusal};
pub use outgoing::{default_reason, plain_head};

/// A server that listens. Clients can connect from the moment it exists; their requests wait for [`Server::next`].
pub struct Server {
    address: SocketAddr,
    events: Receiver<Event>,
    stopper: Stopper,
}

/// What the answering thread is told.
enum Event {
    Request(Box<Exchange>),
    Refused(Refused),
    Failed(io::Error),
    Stop,
}

/// What came in.
pub enum Incoming {
    /// A request to answer.
    Request(Box<Exchange>),
    /// A request that was answered already, since it could not be understood.
    Refused(Refused),
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
    /// Listens on `address`; port 0 lets the system choose.
    ///
    /// # Errors
    /// Fails where the address cannot be had: in use, not ours, not allowed.
    pub fn bind(address: SocketAddr) -> Result<Self> {
        let http = tiny_http::Server::http(address).map_err(|e| bind_error(address, e))?;
        let address = http.server_addr().to_ip().unwrap_or(address);
        let (sender, events) = mpsc::channel();
        let stopper = Stopper { events: sender.clone(), stopping: Arc::default(), busy: Arc::default() };
        std::thread::Builder::new()
            .name("intake".to_owned())
            .spawn(move || intake(&http, &sender))
            .map_err(|e| Error::new("cannot start the thread that receives requests").because(e))?;
        Ok(Self { address, events, stopper })
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
    ///
    /// # Errors
    /// Fails where no connection can be accepted any more, as with no file descriptors left.
    pub fn next(&self) -> Result<Option<Incoming>> {
        self.stopper.busy.store(false, Ordering::SeqCst);
        // Asked before the queue: what waits in it is not begun any more.
        if !self.stopper.is_stopping() {
            match self.events.recv() {
                Ok(Event::Request(exchange)) => {
                    self.stopper.busy.store(true, Ordering::SeqCst);
                    return Ok(Some(Incoming::Request(exchange)));
                }
                Ok(Event::Refused(refused)) => return Ok(Some(Incoming::Refused(refused))),
                Ok(Event::Failed(error)) => {
                    return Err(Error::new(format!("{} accepts no more connections", self.address))
                        .because(error)
                        .remedy("start `pywagi dev` again; with too many open files, raise the limit (`ulimit -n`)"));
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
        Ok(None)
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

/// Receives requests until connections can be accepted no more, and passes on each that is whole.
fn intake(http: &tiny_http::Server, events: &Sender<Event>) {
    loop {
        // Sending fails only when the server is gone, and the process with it.
        let sent = match http.recv() {
            Ok(inner) if incoming::has_pending_body(&inner) => {
                let events = events.clone();
                let reader = std::thread::Builder::new().name("body".to_owned());
                // Without a thread for it the request is dropped, which tiny_http answers with an empty 500.
                let spawned = reader.spawn(move || events.send(receive(inner)));
                if spawned.is_ok() { Ok(()) } else { continue }
            }
            Ok(inner) => events.send(receive(inner)),
            Err(error) => {
                let _ = events.send(Event::Failed(error));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Reads a request to its end; one that cannot be understood is answered here.
fn receive(mut inner: tiny_http::Request) -> Event {
    let head = head(&inner);
    let (method, target) = (head.method.clone(), head.target.clone());
    let whole = head.check().and_then(|(mut request, framing)| {
        request.body = incoming::read_body(&mut inner, framing.body_length)?;
        Ok((request, framing))
    });
    match whole {
        Ok((request, framing)) => Event::Request(Box::new(Exchange { request, framing, inner })),
        Err(refusal) => {
            outgoing::refuse(inner, &refusal);
            Event::Refused(Refused { method, target, refusal })
        }
    }
}

/// The head of a request as tiny_http read it.
fn head(inner: &tiny_http::Request) -> Head {
    let mut headers = Headers::default();
    for header in inner.headers() {
        headers.push(header.field.as_str().as_str(), header.value.as_bytes());
    }
    Head {
        method: inner.method().as_str().to_owned(),
        target: inner.url().to_owned(),
        version: (inner.http_version().0, inner.http_version().1),
        headers,
        scheme: if inner.secure() { Scheme::Https } else { Scheme::Http },
        // Absent for Unix sockets alone, which we do not listen on.
        remote: inner.remote_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), SocketAddr::ip),
    }
}

fn bind_error(address: SocketAddr, cause: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::AddrInUse) => {
            Error::new(format!("{address} is in use by another program")).remedy(format!(
                "stop the other one, which may be another `pywagi dev`, or let the system choose a free port: \
             --listen {}",
                SocketAddr::new(address.ip(), 0)
            ))
        }
        Some(io::ErrorKind::PermissionDenied) => Error::new(format!("not allowed to listen on {address}"))
            .remedy("ports below 1024 are the system's on most machines; choose a higher one: --listen 127.0.0.1:3000"),
        Some(io::ErrorKind::AddrNotAvailable) => Error::new(format!("{address} is no address of this machine"))
            .remedy("listen on 127.0.0.1, or on 0.0.0.0 for every interface"),
        _ => Error::new(format!("cannot listen on {address}")).because(cause).remedy("choose another --listen address"),
    }
}
