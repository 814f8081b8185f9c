//! What runs beside the answering thread: accepting connections and reading whole requests.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{Context, Error, Result};
use crate::request::{Headers, Scheme};

use super::incoming::{self, Head};
use super::{Event, Exchange, Refused, Tls, outgoing};

/// How long accepting waits after it failed: the files that are open now must be closed first.
const AGAIN: Duration = Duration::from_millis(100);

/// Accepts connections and passes on each request that is whole.
pub struct Intake {
    pub listener: TcpListener,
    pub tls: Option<Tls>,
    /// The largest request body that is read, in bytes.
    pub max_body: u64,
    pub events: Sender<Event>,
    /// The connections whose bodies are being read.
    pub readers: Readers,
}

impl Intake {
    /// Starts the thread that receives requests.
    ///
    /// # Errors
    /// Fails where the system has no thread for it, or tiny_http does not take the listener or the certificate.
    pub fn start(self) -> Result<()> {
        let http = self.server().map_err(|e| Error::new("cannot start the HTTP server").because(e))?;
        let thread = std::thread::Builder::new().name("intake".to_owned());
        let spawned = thread.spawn(move || self.run(http)).map(drop);
        spawned.context(|| "cannot start the thread that receives requests")
    }

    /// A server of tiny_http on our listener.
    fn server(&self) -> std::result::Result<tiny_http::Server, Box<dyn std::error::Error + Send + Sync>> {
        let listener = self.listener.try_clone()?;
        tiny_http::Server::from_listener(listener, self.tls.as_ref().map(Tls::config))
    }

    /// Receives until nobody listens to it. tiny_http accepts no more after the first failure, which may be no more
    /// than a client that left early or a moment with too many open files: then another server takes the listener over.
    fn run(self, mut http: tiny_http::Server) {
        let mut told = false;
        loop {
            while let Ok(inner) = http.recv().inspect_err(|error| {
                if !told {
                    told = true;
                    // Sending fails only when the answering thread is gone, and the process with it.
                    let _ = self.events.send(Event::Trouble(io::Error::new(error.kind(), error.to_string())));
                }
            }) {
                told = false;
                if !self.pass_on(inner) {
                    return;
                }
            }
            self.keep_serving(http);
            http = loop {
                std::thread::sleep(AGAIN);
                // A second descriptor shows that there is one for the next connection, too.
                let spare = self.listener.try_clone();
                if let (Ok(next), Ok(_)) = (self.server(), spare) {
                    break next;
                }
            };
        }
    }

    /// Goes on receiving from the connections that `old` has; without a thread for it, they are closed.
    fn keep_serving(&self, old: tiny_http::Server) {
        let (max_body, events, readers) = (self.max_body, self.events.clone(), self.readers.clone());
        let thread = std::thread::Builder::new().name("intake".to_owned());
        let _ = thread.spawn(move || while old.recv().is_ok_and(|inner| readers.pass_on(inner, max_body, &events)) {});
    }

    fn pass_on(&self, inner: tiny_http::Request) -> bool {
        self.readers.pass_on(inner, self.max_body, &self.events)
    }
}

/// The connections whose next body is being read, and the requests that came after it on the same connection.
///
/// Answers go out in the order of the requests (RFC 9112 9.3.2). A request that overtook one whose body is still read
/// would make the answering thread wait for an answer that it is itself to give.
#[derive(Clone, Default)]
pub struct Readers(Arc<Mutex<HashMap<Option<SocketAddr>, VecDeque<tiny_http::Request>>>>);

impl Readers {
    /// Passes on a request when it is whole. Whether there is anyone to pass it to.
    fn pass_on(&self, inner: tiny_http::Request, max_body: u64, events: &Sender<Event>) -> bool {
        let client = inner.remote_addr().copied();
        if let Some(waiting) = self.lock().get_mut(&client) {
            waiting.push_back(inner);
            return true;
        }
        if !incoming::has_pending_body(&inner) {
            return events.send(receive(inner, max_body)).is_ok();
        }
        self.lock().insert(client, VecDeque::new());
        let (readers, events) = (self.clone(), events.clone());
        let read = move || {
            let mut next = Some(inner);
            while let Some(inner) = next {
                // Sending fails only when the answering thread is gone, and the process with it.
                let _ = events.send(receive(inner, max_body));
                next = readers.next(client);
            }
        };
        if std::thread::Builder::new().name("body".to_owned()).spawn(read).is_err() {
            // Without a thread for it the request is dropped, which tiny_http answers with an empty 500.
            self.lock().remove(&client);
        }
        true
    }

    /// The next request of `client`, if one waits; else the connection is nobody's again.
    fn next(&self, client: Option<SocketAddr>) -> Option<tiny_http::Request> {
        let mut connections = self.lock();
        let next = connections.get_mut(&client).and_then(VecDeque::pop_front);
        if next.is_none() {
            connections.remove(&client);
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<SocketAddr>, VecDeque<tiny_http::Request>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a request to its end; one that cannot be understood is answered here.
fn receive(mut inner: tiny_http::Request, max_body: u64) -> Event {
    let head = head(&inner);
    let (method, target) = (head.method.clone(), head.target.clone());
    let whole = head.check(max_body).and_then(|(mut request, framing)| {
        request.body = incoming::read_body(&mut inner, framing.body_length, max_body)?;
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
