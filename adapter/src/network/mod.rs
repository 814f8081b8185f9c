//! The network of a request: what pywagi's `src/guest/network` is to a guest of `pywagi dev`, the same links and descriptors
//! below [`DIRECTORY`], over what the host of a component gives.
//!
//! - `control`: what the guest asks for by reading links
//! - `socket`: a socket, whatever it connects by
//! - `tcp`: connections and names, by `wasi:sockets`
//! - `http`: connections to `http` and `https` entries, by `wasi:http/outgoing-handler`: what is written there is read as
//!   requests of HTTP/1.1, and answered so
//! - `tls`: which settings of Python's `ssl` the host's TLS can have; a component has no other than that of HTTPS
//! - `derive`: keys of passwords

mod control;
mod derive;
mod failed;
mod http;
mod socket;
mod tcp;
mod tls;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use wagi_contract::component::AllowedHost;
use wagi_contract::network::{
    DESCRIPTORS, DIRECTORY, Host, MOST_BYTES, MOST_HELD, MOST_SOCKETS, MOST_TEXT, PREFIX, Permission,
};
use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::{self, Pollable};
use wasip2::sockets::tcp::ShutdownType;

use crate::errno::{Errno, Result};
pub use failed::Failed;
pub use socket::Interest;
use socket::Socket;

/// The descriptor of the first volume.
const FIRST_VOLUME: u32 = 3;

/// The network of a request.
pub struct Network {
    allowed: Vec<AllowedHost<'static>>,
    /// The descriptor of [`DIRECTORY`].
    directory: u32,
    open: BTreeMap<u32, Open>,
    /// What is open, by the numbers that the guest chose.
    ids: BTreeMap<u32, u32>,
    /// Sockets by the guest's own descriptors: CPython 3.12 for WASI has a file system inside, which numbers files anew and
    /// does not know of calls for sockets.
    names: BTreeMap<u32, u32>,
    /// What names led to.
    resolved: BTreeMap<IpAddr, Vec<Host>>,
    /// The names of hosts that addresses stand for, which the host of the component alone looks up.
    stand_ins: Vec<Host>,
    failed: Failed,
    connections: usize,
    sent: u64,
    received: u64,
}

/// What is open, by its descriptor.
enum Open {
    Socket(Box<Socket>),
    Exchange(Vec<u8>),
}

impl Network {
    /// The network of a route; `None` where it may connect to nothing.
    pub fn new(allowed: Vec<AllowedHost<'static>>, volumes: &[&str]) -> Option<Self> {
        let place = volumes.iter().position(|volume| *volume == DIRECTORY).filter(|_| !allowed.is_empty())?;
        Some(Self {
            allowed,
            directory: FIRST_VOLUME + place as u32,
            open: BTreeMap::new(),
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            resolved: BTreeMap::new(),
            stand_ins: Vec::new(),
            failed: Failed::new(Errno::NotFound, String::new()),
            connections: 0,
            sent: 0,
            received: 0,
        })
    }

    /// The part of a path that is answered here, if it is.
    pub fn part<'p>(&self, directory: u32, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(PREFIX).filter(|_| directory == self.directory)
    }

    /// The descriptor of what is open here, by a number that calls for sockets have.
    pub fn find(&self, descriptor: u32) -> Option<u32> {
        self.named(descriptor).or_else(|| Some(descriptor).filter(|_| self.has(descriptor)))
    }

    /// The descriptor of the socket to which the guest gave this number of its own.
    pub fn named(&self, descriptor: u32) -> Option<u32> {
        self.names.get(&descriptor).copied()
    }

    /// Whether this is the descriptor of something that is open here.
    pub fn has(&self, descriptor: u32) -> bool {
        self.open.contains_key(&descriptor)
    }

    fn permissions(&self) -> impl Iterator<Item = &Permission> + Clone {
        self.allowed.iter().map(|entry| &entry.permission)
    }

    /// Opens something.
    pub fn open(&mut self, path: &str) -> Result<u32> {
        let (id, open) = self.opened(path).map_err(|failed| self.fail(failed))?;
        let free = DESCRIPTORS.map(|number| number as u32).find(|number| !self.open.contains_key(number));
        let full = || Failed::new(Errno::TooManyFiles, "too many sockets are open".into());
        let descriptor = free.ok_or_else(full).map_err(|failed| self.fail(failed))?;
        self.open.insert(descriptor, open);
        self.ids.insert(id, descriptor);
        Ok(descriptor)
    }

    fn opened(&self, path: &str) -> Result<(u32, Open), Failed> {
        let unknown = || Failed::new(Errno::NotFound, format!("there is no {path} in the network"));
        let mut parts = path.split('/');
        let (kind, id) = (parts.next(), parts.next().and_then(|id| id.parse().ok()).ok_or_else(unknown)?);
        match (kind, parts.next()) {
            (Some("socket"), None) => {
                let sockets = self.open.values().filter(|open| matches!(open, Open::Socket(_))).count();
                if sockets >= MOST_SOCKETS {
                    let why = format!("{MOST_SOCKETS} sockets are open in this request, which is the limit");
                    return Err(Failed::new(Errno::TooManyFiles, why));
                }
                Ok((id, Open::Socket(Box::default())))
            }
            (Some("exchange"), None) => Ok((id, Open::Exchange(Vec::new()))),
            (Some("plain"), Some(_)) => Err(Failed::new(Errno::Invalid, tls::NO_MEMORY.into())),
            _ => Err(unknown()),
        }
    }

    /// Notes a failure for the guest to ask for.
    fn fail(&mut self, failed: Failed) -> Errno {
        let errno = failed.errno;
        self.failed = failed;
        errno
    }

    fn descriptor(&self, id: &str) -> Option<u32> {
        self.ids.get(&id.parse().ok()?).copied()
    }

    fn exchange(&mut self, id: &str) -> Option<&mut Vec<u8>> {
        match self.open.get_mut(&self.descriptor(id)?) {
            Some(Open::Exchange(text)) => Some(text),
            _ => None,
        }
    }

    fn socket(&mut self, id: &str) -> Option<&mut Socket> {
        self.socket_of(self.descriptor(id)?)
    }

    fn socket_of(&mut self, descriptor: u32) -> Option<&mut Socket> {
        match self.open.get_mut(&descriptor) {
            Some(Open::Socket(socket)) => Some(socket),
            _ => None,
        }
    }

    /// Closes what is open.
    pub fn close(&mut self, descriptor: u32) {
        self.open.remove(&descriptor);
        self.ids.retain(|_, known| *known != descriptor);
        self.names.retain(|_, known| *known != descriptor);
    }

    /// Whether calls do not wait.
    pub fn is_nonblocking(&mut self, descriptor: u32) -> bool {
        self.socket_of(descriptor).is_some_and(|socket| socket.nonblocking)
    }

    /// Has calls wait, or not.
    pub fn set_nonblocking(&mut self, descriptor: u32, nonblocking: bool) {
        if let Some(socket) = self.socket_of(descriptor) {
            socket.nonblocking = nonblocking;
        }
    }

    /// Reads up to `most` bytes; `peeked` leaves them to be read again.
    pub fn read(&mut self, descriptor: u32, most: usize, peeked: bool) -> Result<Vec<u8>> {
        let read = match self.open.get_mut(&descriptor) {
            Some(Open::Exchange(text)) => return Ok(text.drain(..most.min(text.len())).collect()),
            Some(Open::Socket(_)) if self.received >= MOST_BYTES => Err(too_many_bytes("received")),
            Some(Open::Socket(socket)) => socket.receive(most, peeked),
            None => return Err(Errno::BadDescriptor),
        };
        let read = read.map_err(|failed| self.fail(failed))?;
        self.received = self.received.saturating_add(if peeked { 0 } else { read.len() as u64 });
        Ok(read)
    }

    /// Writes what goes; gives back how many bytes did.
    pub fn write(&mut self, descriptor: u32, bytes: &[u8]) -> Result<usize> {
        let held: usize =
            self.open.values().map(|open| if let Open::Exchange(text) = open { text.len() } else { 0 }).sum();
        let written = match self.open.get_mut(&descriptor) {
            Some(Open::Exchange(text)) => {
                let room = MOST_TEXT.saturating_sub(text.len()).min(MOST_HELD.saturating_sub(held));
                let part = bytes.get(..room.min(bytes.len())).unwrap_or_default();
                if part.is_empty() && !bytes.is_empty() {
                    return Err(Errno::FileTooLarge);
                }
                text.extend_from_slice(part);
                return Ok(part.len());
            }
            Some(Open::Socket(_)) if self.sent >= MOST_BYTES => Err(too_many_bytes("sent")),
            Some(Open::Socket(socket)) => socket.send(bytes),
            None => return Err(Errno::BadDescriptor),
        };
        let written = written.map_err(|failed| self.fail(failed))?;
        self.sent = self.sent.saturating_add(written as u64);
        Ok(written)
    }

    /// Ends one or both directions of a connection.
    pub fn shut_down(&mut self, descriptor: u32, how: ShutdownType) -> Result {
        self.socket_of(descriptor).ok_or(Errno::NotConnected)?.shut_down(how)
    }

    /// Which of `wanted` are ready, by their descriptors; waits for one until `until`.
    pub fn poll(&mut self, wanted: &[(u32, Interest)], until: Option<u64>) -> Vec<bool> {
        loop {
            let ready: Vec<_> = wanted
                .iter()
                .map(|(descriptor, interest)| match self.open.get_mut(descriptor) {
                    Some(Open::Socket(socket)) => socket.is_ready(*interest),
                    _ => true,
                })
                .collect();
            if ready.contains(&true) || until.is_some_and(|until| until <= monotonic_clock::now()) {
                return ready;
            }
            let sources: Vec<_> = wanted
                .iter()
                .filter_map(|(descriptor, interest)| self.socket_of(*descriptor)?.source(*interest))
                .collect();
            if sources.is_empty() && until.is_none() {
                // Nothing comes. Reading it says why.
                return ready.iter().map(|_| true).collect();
            }
            wait(&sources, until);
        }
    }
}

fn too_many_bytes(what: &str) -> Failed {
    Failed::new(Errno::FileTooLarge, format!("this request has {what} {MOST_BYTES} bytes, which is the limit"))
}

/// Waits for one of `sources`, until `until`.
fn wait(sources: &[Pollable], until: Option<u64>) {
    let left = |until: u64| monotonic_clock::subscribe_duration(until.saturating_sub(monotonic_clock::now()));
    let time = until.map(left);
    let all: Vec<_> = sources.iter().chain(&time).collect();
    if !all.is_empty() {
        poll::poll(&all);
    }
}
