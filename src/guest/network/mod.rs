//! The network of a run: connections to the hosts that its module is allowed.
//!
//! WASI preview 1 has no call that connects. So the guest is given a directory, [`answered::DIRECTORY`], below which the host answers
//! what is done, and `assets/python/_pywagi_network` makes sockets of that:
//!
//! - Opening `KIND/ID` gives the descriptor of something new, which the guest calls by the number `ID` from then on: a
//!   `socket`; an `exchange` of text, for more than a path can hold; `plain`, a session of TLS whose bytes the guest moves
//!   itself, by the settings in an exchange (`plain/ID/EXCHANGE`); `wire`, the other side of such a session (`wire/ID/PLAIN`).
//! - Reading the link `VERB/…` does something, and gives text: see [`control`].
//!
//! How a guest asks, and how its descriptors are told from those of files, is said in [`super::answered`].
//!
//! Modules of other languages ask by HTTP alone: see [`http`].

mod certificate;
mod control;
mod derive;
pub mod errno;
mod http;
mod journal;
mod resolve;
mod socket;
mod tls;
mod verify;
mod wait;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::net::{IpAddr, Shutdown};
use std::ops::Range;
use std::time::Instant;

use wagi_contract::network::{DESCRIPTORS, MOST_BYTES, MOST_CONNECTIONS, MOST_HELD, MOST_SOCKETS, MOST_TEXT, PREFIX};

use crate::network::{AllowedHosts, Host};

use super::answered::{self, AnsweredFiles, Outcome};
use super::{Cancellation, Volume};
use http::HttpResponse;
use socket::Socket;
use tls::{Tls, Wire};
use wait::{Alarm, Woken};

pub use http::{HttpError, HttpRequest};
pub use journal::{Connected, Connections, Journal};
pub use wait::{Interest, Patience};

/// Why something failed, as the guest is told.
#[derive(Clone, Debug)]
pub struct Failed {
    number: i32,
    /// A number that says more: what is wrong with a certificate.
    code: u32,
    text: String,
}

impl Failed {
    fn new(number: i32, text: String) -> Self {
        Self { number, code: 0, text }
    }

    fn of(error: &io::Error) -> Self {
        let (code, text) = tls::describe(error);
        Self { number: errno::of(error), code, text }
    }
}

/// What is open, by its descriptor.
enum Open {
    Socket(Box<Socket>),
    Exchange(Vec<u8>),
    Plain(Box<Session>),
    /// The other side of the session with this descriptor.
    Wire(i32),
}

/// A session of TLS whose bytes the guest moves itself.
struct Session {
    tls: Tls,
    wire: Wire,
}

/// The network of a run.
pub struct Network {
    allowed: AllowedHosts,
    /// The descriptor of [`answered::DIRECTORY`].
    directory: i32,
    alarm: Alarm,
    open: BTreeMap<i32, Open>,
    /// What is open, by the numbers that the guest chose.
    ids: HashMap<u32, i32>,
    /// Sockets by the guest's own descriptors: CPython 3.12 for WASI has a file system inside, which numbers files anew and
    /// does not know of calls for sockets.
    names: HashMap<i32, i32>,
    /// What names led to.
    resolved: HashMap<IpAddr, Vec<Host>>,
    /// The last failure.
    failed: Failed,
    connections: usize,
    sent: u64,
    received: u64,
    journal: Journal,
    /// Responses of HTTP, by the numbers that the guest knows them by.
    responses: BTreeMap<u32, HttpResponse>,
}

impl Network {
    /// The network of a run with these volumes: `None` where it is allowed nothing.
    ///
    /// # Errors
    /// Fails where too many files are open.
    pub fn new(
        allowed: &AllowedHosts,
        volumes: &[Volume],
        cancellation: &Cancellation,
        journal: Journal,
    ) -> io::Result<Option<Box<Self>>> {
        let directory = answered::directory_of(volumes);
        let Some(directory) = directory.filter(|_| !allowed.is_empty()) else { return Ok(None) };
        Ok(Some(Box::new(Self {
            allowed: allowed.clone(),
            directory,
            alarm: Alarm::new(cancellation)?,
            open: BTreeMap::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
            resolved: HashMap::new(),
            failed: Failed::new(errno::SUCCESS, String::new()),
            connections: 0,
            sent: 0,
            received: 0,
            journal,
            responses: BTreeMap::new(),
        })))
    }

    fn opened(&mut self, path: &str) -> Result<(u32, Open), Failed> {
        let unknown = || Failed::new(errno::NOENT, format!("there is no {path} in the network"));
        let mut parts = path.split('/');
        let (kind, id) = (parts.next(), parts.next().and_then(|id| id.parse().ok()).ok_or_else(unknown)?);
        let of = parts.next();
        let open = match (kind, of) {
            (Some("socket"), None) => {
                let sockets = self.open.values().filter(|open| matches!(open, Open::Socket(_))).count();
                if sockets >= MOST_SOCKETS {
                    let why = format!("{MOST_SOCKETS} sockets are open in this request, which is the limit");
                    return Err(Failed::new(errno::MFILE, why));
                }
                Open::Socket(Box::default())
            }
            (Some("exchange"), None) => Open::Exchange(Vec::new()),
            (Some("plain"), Some(exchange)) => {
                let settings = self.exchange(exchange).map(std::mem::take).ok_or_else(unknown)?;
                let tls = Tls::new(&settings, "").map_err(|why| Failed::new(errno::INVAL, why))?;
                Open::Plain(Box::new(Session { tls, wire: Wire::default() }))
            }
            (Some("wire"), Some(plain)) => {
                let plain = self.descriptor(plain).ok_or_else(unknown)?;
                Open::Wire(plain)
            }
            _ => return Err(unknown()),
        };
        Ok((id, open))
    }

    /// Notes a failure for the guest to ask for.
    fn fail<T>(&mut self, failed: Failed) -> Result<T, i32> {
        let number = failed.number;
        self.failed = failed;
        Err(number)
    }

    fn descriptor(&self, id: &str) -> Option<i32> {
        self.ids.get(&id.parse().ok()?).copied()
    }

    fn exchange(&mut self, id: &str) -> Option<&mut Vec<u8>> {
        match self.open.get_mut(&self.descriptor(id)?) {
            Some(Open::Exchange(text)) => Some(text),
            _ => None,
        }
    }

    fn socket(&mut self, id: &str) -> Option<&mut Socket> {
        match self.open.get_mut(&self.descriptor(id)?) {
            Some(Open::Socket(socket)) => Some(socket),
            _ => None,
        }
    }

    /// Whether what is open here is a socket.
    pub fn is_socket(&self, descriptor: i32) -> bool {
        matches!(self.open.get(&descriptor), Some(Open::Socket(_)))
    }

    /// How many bytes are held for the guest to move.
    fn held(&self) -> usize {
        let of = |open: &Open| match open {
            Open::Exchange(text) => text.len(),
            Open::Plain(session) => session.wire.incoming.len() + session.wire.outgoing.len(),
            Open::Socket(_) | Open::Wire(_) => 0,
        };
        self.open.values().map(of).sum()
    }

    /// The bytes of the session with this descriptor.
    fn wire(&mut self, plain: i32) -> Result<&mut Wire, i32> {
        match self.open.get_mut(&plain) {
            Some(Open::Plain(session)) => Ok(&mut session.wire),
            _ => Err(errno::BADF),
        }
    }

    /// The number of an error that the guest may ask for.
    fn told(&mut self, error: &io::Error) -> i32 {
        self.failed = Failed::of(error);
        self.failed.number
    }

    fn refuse_bytes<T>(&mut self, what: &str) -> Result<T, i32> {
        self.fail(Failed::new(errno::FBIG, format!("this request has {what} {MOST_BYTES} bytes, which is the limit")))
    }

    /// Which of `wanted` are ready, by their descriptors; waits for one until `until`.
    ///
    /// # Errors
    /// Fails where the run is to be stopped.
    pub fn poll(
        &mut self,
        wanted: &[(i32, Interest)],
        until: Option<Instant>,
        patience: &Patience<'_>,
    ) -> wasmtime::Result<Vec<bool>> {
        loop {
            let ready: Vec<_> = wanted
                .iter()
                .map(|(descriptor, interest)| match self.open.get_mut(descriptor) {
                    Some(Open::Socket(socket)) => socket.is_ready(*interest),
                    _ => true,
                })
                .collect();
            if ready.contains(&true) || until.is_some_and(|until| until <= Instant::now()) {
                return Ok(ready);
            }
            let sources: Vec<_> = wanted
                .iter()
                .filter_map(|(descriptor, interest)| match self.open.get(descriptor) {
                    Some(Open::Socket(socket)) => socket.source(*interest),
                    _ => None,
                })
                .collect();
            if self.alarm.wait(patience, &sources, until)? == Woken::Interrupted {
                return Ok(ready);
            }
        }
    }
}

impl AnsweredFiles for Network {
    fn part<'p>(&self, directory: i32, path: &'p [u8]) -> Option<&'p str> {
        answered::part(self.directory, PREFIX, (directory, path))
    }

    fn find(&self, descriptor: i32) -> Option<i32> {
        let known = self.names.get(&descriptor).copied();
        known.or_else(|| Some(descriptor).filter(|descriptor| self.open.contains_key(descriptor)))
    }

    fn open(&mut self, path: &str) -> Result<i32, i32> {
        let opened = self.opened(path);
        match opened {
            Ok((id, open)) => {
                let Some(descriptor) = DESCRIPTORS.clone().find(|number| !self.open.contains_key(number)) else {
                    return self.fail(Failed::new(errno::MFILE, "too many sockets are open".to_owned()));
                };
                self.open.insert(descriptor, open);
                self.ids.insert(id, descriptor);
                Ok(descriptor)
            }
            Err(failed) => self.fail(failed),
        }
    }

    fn descriptors(&self) -> Range<i32> {
        DESCRIPTORS
    }

    fn ask(&mut self, path: &str, patience: &Patience<'_>) -> Outcome<String> {
        self.answer_link(path, patience)
    }

    fn close(&mut self, descriptor: i32) {
        self.open.remove(&descriptor);
        self.ids.retain(|_, known| *known != descriptor);
        self.names.retain(|_, known| *known != descriptor);
    }

    fn is_nonblocking(&self, descriptor: i32) -> bool {
        match self.open.get(&descriptor) {
            Some(Open::Socket(socket)) => socket.nonblocking,
            _ => false,
        }
    }

    fn set_nonblocking(&mut self, descriptor: i32, nonblocking: bool) {
        if let Some(Open::Socket(socket)) = self.open.get_mut(&descriptor) {
            socket.nonblocking = nonblocking;
        }
    }

    fn read(&mut self, descriptor: i32, buffer: &mut [u8], peeked: bool, patience: &Patience<'_>) -> Outcome<usize> {
        if self.received >= MOST_BYTES {
            return Ok(self.refuse_bytes("received"));
        }
        let read = match self.open.get_mut(&descriptor) {
            Some(Open::Socket(socket)) => socket.receive(buffer, peeked, &self.alarm, patience)?,
            Some(Open::Exchange(text)) => {
                let size = text.as_slice().read(buffer).unwrap_or_default();
                text.drain(..size);
                Ok(size)
            }
            Some(Open::Plain(session)) => {
                session.tls.read(&mut session.wire, buffer, peeked).map_err(|e| self.told(&e))
            }
            Some(Open::Wire(plain)) => {
                let plain = *plain;
                self.wire(plain).and_then(|wire| wire.outgoing.read(buffer).map_err(|e| errno::of(&e)))
            }
            None => Err(errno::BADF),
        };
        if self.is_socket(descriptor) && !peeked {
            self.received = self.received.saturating_add(read.unwrap_or_default() as u64);
        }
        Ok(read)
    }

    fn write(&mut self, descriptor: i32, bytes: &[u8], patience: &Patience<'_>) -> Outcome<usize> {
        if self.sent >= MOST_BYTES {
            return Ok(self.refuse_bytes("sent"));
        }
        if !self.is_socket(descriptor) && self.held() > MOST_HELD {
            return Ok(Err(errno::FBIG));
        }
        let written = match self.open.get_mut(&descriptor) {
            Some(Open::Socket(socket)) => socket.send(bytes, &self.alarm, patience)?,
            Some(Open::Exchange(text)) => append(text.len(), bytes, |bytes| text.extend_from_slice(bytes)),
            Some(Open::Plain(session)) => {
                if session.wire.outgoing.len() > MOST_TEXT {
                    Err(errno::AGAIN)
                } else {
                    session.tls.write(&mut session.wire, bytes).map_err(|e| self.told(&e))
                }
            }
            Some(Open::Wire(plain)) => {
                let plain = *plain;
                let append = |wire: &mut Wire| append(wire.incoming.len(), bytes, |bytes| wire.incoming.extend(bytes));
                self.wire(plain).and_then(append)
            }
            None => Err(errno::BADF),
        };
        if self.is_socket(descriptor) {
            self.sent = self.sent.saturating_add(written.unwrap_or_default() as u64);
        }
        Ok(written)
    }

    fn shut_down(&mut self, descriptor: i32, how: Shutdown) -> Result<(), i32> {
        match self.open.get_mut(&descriptor) {
            Some(Open::Socket(socket)) => socket.shut_down(how),
            _ => Err(errno::NOTCONN),
        }
    }
}

/// Appends `bytes` to what has `size` bytes, as far as there is room.
fn append(size: usize, bytes: &[u8], append: impl FnOnce(&[u8])) -> Result<usize, i32> {
    let part = bytes.get(..bytes.len().min(MOST_TEXT.saturating_sub(size))).unwrap_or_default();
    if part.is_empty() && !bytes.is_empty() {
        return Err(errno::FBIG);
    }
    append(part);
    Ok(part.len())
}
