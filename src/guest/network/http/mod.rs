//! HTTP for modules that were built for the reference server's own: the functions of `wasi_experimental_http`.
//!
//! A request is checked, connected and counted as what a socket does, and so is each that a redirect leads to.
//!
//! - `request`: what is asked for, and what a redirect makes of it
//! - `fields`: header fields as text
//! - `transfer`: one request over one connection

mod fields;
mod request;
mod transfer;

use std::net::SocketAddr;
use std::time::Instant;

use hyper::HeaderMap;

use super::socket::Socket;
use super::tls::Tls;
use super::wait::Patience;
use super::{Failed, MOST_BYTES, Network, errno};
use request::Endpoint;
use transfer::{Moved, Transfer};

pub use request::HttpRequest;

/// How many responses are open at a time.
const MOST_RESPONSES: u32 = 64;

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

/// Error numbers of `wasi_experimental_http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum HttpError {
    /// There is no such response.
    InvalidHandle = 1,
    /// An address is outside of the guest's memory.
    MemoryAccess = 3,
    /// What is told does not fit, or what is given is outside of the guest's memory.
    BufferTooSmall = 4,
    /// The response has no such field.
    HeaderNotFound = 5,
    /// A text is not UTF-8.
    Utf8 = 6,
    /// The host is not among the allowed ones.
    NotAllowed = 7,
    /// The method is none.
    InvalidMethod = 8,
    /// The header fields are none.
    InvalidEncoding = 9,
    /// The URL is none, or not one of HTTP.
    InvalidUrl = 10,
    /// There was no response.
    Request = 11,
    /// Something else failed.
    Runtime = 12,
    /// Too many responses are open.
    TooManySessions = 13,
}

impl From<Failed> for HttpError {
    fn from(failed: Failed) -> Self {
        if failed.number == errno::ACCES { Self::NotAllowed } else { Self::Request }
    }
}

/// A response whose head was received.
pub struct HttpResponse {
    fields: HeaderMap,
    transfer: Transfer,
}

/// What a guest's call comes to; an error ends the run.
type Outcome<T> = wasmtime::Result<Result<T, HttpError>>;

fn too_many_bytes() -> String {
    format!("this request may send {MOST_BYTES} bytes and receive as many, which is the limit")
}

impl Network {
    /// Makes a request, and those that its response leads to: the status of the last response, and the number by which it is
    /// known.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number.
    pub fn request(&mut self, mut request: HttpRequest, patience: &Patience<'_>) -> Outcome<(u16, u32)> {
        let Some(number) = (0..MOST_RESPONSES).find(|number| !self.responses.contains_key(number)) else {
            return Ok(Err(HttpError::TooManySessions));
        };
        for _ in 0..=MOST_REDIRECTS {
            let (status, response) = match self.exchange_once(&request, patience)? {
                Ok(told) => told,
                Err(error) => return Ok(Err(error)),
            };
            if !request.follow(status, &response.fields) {
                self.responses.insert(number, response);
                return Ok(Ok((status, number)));
            }
        }
        Ok(Err(HttpError::Request))
    }

    /// Makes one request.
    fn exchange_once(&mut self, request: &HttpRequest, patience: &Patience<'_>) -> Outcome<(u16, HttpResponse)> {
        let (to, message) = match request.endpoint().and_then(|to| Ok((to, request.message()?))) {
            Ok(made) => made,
            Err(error) => return Ok(Err(error)),
        };
        if self.sent.saturating_add(request.body_size()) > MOST_BYTES || self.received >= MOST_BYTES {
            return Ok(Err(self.failed_before(&to, &Failed::new(errno::FBIG, too_many_bytes()))));
        }
        let socket = match self.connected(&to, patience)? {
            Ok(socket) => socket,
            Err(error) => return Ok(Err(error)),
        };
        let (moved, begun) = Transfer::begin(socket, message, &self.alarm, patience)?;
        self.count(moved);
        Ok(begun.map(|(transfer, head)| (head.status.as_u16(), HttpResponse { fields: head.headers, transfer })))
    }

    /// A connection to one of the addresses of a host.
    fn connected(&mut self, to: &Endpoint, patience: &Patience<'_>) -> Outcome<Box<Socket>> {
        let addresses = match self.addresses(&to.host, to.port, patience)? {
            Ok(addresses) => addresses,
            Err(failed) => return Ok(Err(failed.into())),
        };
        let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in addresses {
            if let Err(failed) = self.count_connection() {
                return Ok(Err(self.failed_before(to, &failed)));
            }
            let address = SocketAddr::new(address, to.port);
            let entry = self.journal.entry(format!("{}:{}", to.host, to.port), Some(address.to_string()));
            let mut socket = Box::<Socket>::default();
            // One that does not answer leaves time for the others.
            let time = patience.deadline.saturating_duration_since(Instant::now());
            let until = Instant::now().checked_add(time / left.max(1)).filter(|_| left > 1);
            left -= 1;
            if socket.begin(address, entry).is_ok() && socket.finish(&self.alarm, patience, until)?.is_ok() {
                return self.secured(socket, to, patience);
            }
        }
        Ok(Err(HttpError::Request))
    }

    /// The connection, with TLS if there is to be any.
    fn secured(&mut self, mut socket: Box<Socket>, to: &Endpoint, patience: &Patience<'_>) -> Outcome<Box<Socket>> {
        let Some(name) = &to.certified else { return Ok(Ok(socket)) };
        let done = match Tls::trusting_system(name) {
            Ok(tls) => {
                socket.tls = Some(Box::new(tls));
                socket.handshake(&self.alarm, patience, None)?.map_err(|error| Failed::of(&error).text)
            }
            Err(why) => Err(why),
        };
        Ok(match done {
            Ok(()) => Ok(socket),
            Err(why) => {
                socket.note_failure(&why);
                Err(HttpError::Request)
            }
        })
    }

    /// Notes a failure for the log.
    fn failed_before(&self, to: &Endpoint, failed: &Failed) -> HttpError {
        self.journal.entry(format!("{}:{}", to.host, to.port), None).fail(&failed.text);
        HttpError::Request
    }

    fn count(&mut self, moved: Moved) {
        self.sent = self.sent.saturating_add(moved.sent);
        self.received = self.received.saturating_add(moved.received);
    }

    /// Closes a response, if it is there.
    pub fn close_response(&mut self, number: u32) {
        self.responses.remove(&number);
    }

    /// The first field `name` of a response.
    ///
    /// # Errors
    /// Fails where there is none.
    pub fn response_field(&self, number: u32, name: &str) -> Result<Vec<u8>, HttpError> {
        let response = self.responses.get(&number).ok_or(HttpError::InvalidHandle)?;
        Ok(response.fields.get(name).ok_or(HttpError::HeaderNotFound)?.as_bytes().to_vec())
    }

    /// All fields of a response, a line each.
    ///
    /// # Errors
    /// Fails where there is no such response, or a value is no text.
    pub fn response_fields(&self, number: u32) -> Result<Vec<u8>, HttpError> {
        let response = self.responses.get(&number).ok_or(HttpError::InvalidHandle)?;
        Ok(fields::show(&response.fields).ok_or(HttpError::Runtime)?.into_bytes())
    }

    /// Reads the body of a response until `buffer` is full or it ends.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number.
    pub fn read_response(&mut self, number: u32, buffer: &mut [u8], patience: &Patience<'_>) -> Outcome<usize> {
        let Some(response) = self.responses.get_mut(&number) else { return Ok(Err(HttpError::InvalidHandle)) };
        if self.received >= MOST_BYTES {
            return Ok(Err(response.transfer.fail(&too_many_bytes())));
        }
        let read = response.transfer.read(buffer, &self.alarm, patience)?;
        let moved = response.transfer.moved();
        self.count(moved);
        Ok(read)
    }
}
