//! A socket of a guest.

use alloc::format;
use alloc::vec::Vec;
use core::net::SocketAddr;

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::Pollable;
use wasip2::sockets::tcp::ShutdownType;

use super::http::Http;
use super::tcp::Tcp;
use super::{Failed, tls, wait};
use crate::errno::{Errno, Result};

/// What a socket is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// There is something to be read, or the end.
    Read,
    /// Something can be written, or the connection is there.
    Write,
}

/// A socket of the guest.
#[derive(Default)]
pub struct Socket {
    connection: Connection,
    /// Whether the guest asks not to wait: `O_NONBLOCK`.
    pub nonblocking: bool,
    /// How long it waits otherwise, in nanoseconds.
    pub timeout: Option<u64>,
    /// Where it connects to.
    to: Option<Target>,
}

/// Where a socket connects to.
#[derive(Clone)]
pub struct Target {
    /// The host and the port, and whether the entry that permits them has a scheme which is not that of HTTP.
    pub endpoint: super::http::Endpoint,
    /// The address that the guest knows.
    pub address: SocketAddr,
    /// The scheme of the entry that permits it.
    pub scheme: Option<&'static str>,
}

#[derive(Default)]
enum Connection {
    #[default]
    None,
    Tcp(Tcp),
    Http(Http),
    Failed(Failed),
}

impl Socket {
    /// Whether it can be connected.
    pub fn check_free(&mut self) -> Result<(), Failed> {
        match self.is_made() {
            // What failed may be tried again.
            Err(_) => Ok(()),
            Ok(false) => Err(Failed::new(Errno::Already, "the socket is being connected".into())),
            Ok(true) => Err(Failed::new(Errno::IsConnected, "the socket is connected".into())),
        }
    }

    /// Connects to what speaks HTTP: the host does so when there is a request.
    pub fn connect_http(&mut self, to: Target) {
        self.connection = Connection::Http(Http::new(to.endpoint.clone()));
        self.to = Some(to);
    }

    /// Begins to connect by TCP.
    pub fn connect_tcp(&mut self, to: Target, address: SocketAddr) -> Result<(), Failed> {
        self.to = Some(to);
        let begun = Tcp::begin(address);
        begun.map(|tcp| self.connection = Connection::Tcp(tcp)).map_err(|failed| self.fail(failed))
    }

    fn fail(&mut self, failed: Failed) -> Failed {
        self.connection = Connection::Failed(failed.clone());
        failed
    }

    /// Waits until the connection is there: up to `until`.
    pub fn finish(&mut self, until: Option<u64>) -> Result<(), Failed> {
        loop {
            if self.is_made()? {
                return Ok(());
            }
            if until.is_some_and(|until| until <= monotonic_clock::now()) {
                return Err(self.fail(Failed::new(Errno::TimedOut, "timed out".into())));
            }
            wait(&Vec::from_iter(self.source(Interest::Write)), until);
        }
    }

    /// Whether the connection that was begun is there.
    fn is_made(&mut self) -> Result<bool, Failed> {
        let made = match &mut self.connection {
            Connection::None => return Err(not_connected()),
            Connection::Failed(failed) => return Err(failed.clone()),
            Connection::Http(_) => Ok(true),
            Connection::Tcp(tcp) => tcp.is_made(),
        };
        made.map_err(|failed| self.fail(failed))
    }

    /// The error of the socket, as `SO_ERROR`: 0 if there is none.
    pub fn status(&mut self) -> u16 {
        match self.is_made() {
            Err(failed) if failed.errno != Errno::NotConnected => failed.errno as u16,
            _ => 0,
        }
    }

    /// The address of the other side, or its own.
    pub fn address(&mut self, of_peer: bool) -> Result<SocketAddr> {
        if !self.is_made().map_err(|failed| failed.errno)? {
            return Err(Errno::NotConnected);
        }
        match (&self.connection, &self.to) {
            (Connection::Tcp(tcp), _) => tcp.address(of_peer),
            (_, Some(to)) if of_peer => Ok(to.address),
            (_, Some(to)) => Ok(SocketAddr::new(unspecified(to.address), 0)),
            _ => Err(Errno::NotConnected),
        }
    }

    /// Receives up to `most` bytes; waits for the first unless it is not to.
    pub fn receive(&mut self, most: usize, peeked: bool) -> Result<Vec<u8>, Failed> {
        self.patiently(Interest::Read, |connection| match connection {
            Connection::Tcp(tcp) => tcp.read(most, peeked),
            Connection::Http(http) => http.read(most, peeked),
            Connection::None | Connection::Failed(_) => Err(not_connected()),
        })
    }

    /// Sends `bytes`, as many as go; waits until one goes unless it is not to.
    pub fn send(&mut self, bytes: &[u8]) -> Result<usize, Failed> {
        let sent = self.patiently(Interest::Write, |connection| match connection {
            Connection::Tcp(tcp) => tcp.write(bytes),
            Connection::Http(http) => http.write(bytes),
            Connection::None | Connection::Failed(_) => Err(not_connected()),
        })?;
        // The host connects now. What fails then, clients expect of the call that sends, if not of `connect`.
        if let Connection::Http(http) = &mut self.connection
            && !self.nonblocking
            && let Some(source) = http.awaited()
        {
            wait(&[source], self.timeout.map(|time| monotonic_clock::now().saturating_add(time)));
            http.look()?;
        }
        Ok(sent)
    }

    /// Repeats `step` until it is done.
    fn patiently<T>(
        &mut self,
        interest: Interest,
        mut step: impl FnMut(&mut Connection) -> Result<Option<T>, Failed>,
    ) -> Result<T, Failed> {
        let until = self.timeout.map(|time| monotonic_clock::now().saturating_add(time));
        loop {
            if self.is_made()?
                && let Some(done) = step(&mut self.connection)?
            {
                return Ok(done);
            }
            if self.nonblocking {
                return Err(Failed::new(Errno::WouldBlock, "it would have to be waited for".into()));
            }
            if until.is_some_and(|until| until <= monotonic_clock::now()) {
                return Err(Failed::new(Errno::TimedOut, "timed out".into()));
            }
            let source = self.source(interest);
            if source.is_none() && until.is_none() {
                let why = "nothing was asked of it: a connection to an `http` or `https` entry of allowed_hosts answers requests";
                return Err(Failed::logged(Errno::Protocol, why.into()));
            }
            wait(&Vec::from_iter(source), until);
        }
    }

    /// Ends one or both directions.
    pub fn shut_down(&mut self, how: ShutdownType) -> Result {
        match &mut self.connection {
            Connection::Tcp(tcp) => tcp.shut_down(how),
            Connection::Http(http) => {
                http.shut_down(how);
                Ok(())
            }
            Connection::None | Connection::Failed(_) => Err(Errno::NotConnected),
        }
    }

    /// Has the host speak TLS, as `settings` ask for it.
    pub fn secure(&mut self, settings: &[u8]) -> Result<(), Failed> {
        self.is_made()?;
        let (Some(to), false) = (self.to.clone(), matches!(self.connection, Connection::None)) else {
            return Err(not_connected());
        };
        let refuse = |why| Err(Failed::new(Errno::Invalid, why));
        let is_used = match &self.connection {
            Connection::Tcp(tcp) => tcp.is_used,
            Connection::Http(http) => http.is_used(),
            Connection::None | Connection::Failed(_) => false,
        };
        let host = &to.endpoint;
        if is_used {
            return refuse(format!(
                "a component cannot begin TLS on a connection to {host} over which something was sent (STARTTLS): {}",
                tls::INSTEAD
            ));
        }
        if let Some(scheme) = to.scheme.filter(|scheme| !matches!(*scheme, "http" | "https")) {
            return refuse(format!(
                "a component speaks no TLS but that of HTTPS, and {host} is allowed as {scheme}: {}",
                tls::INSTEAD
            ));
        }
        tls::check(settings, &host.host).map_err(|why| Failed::new(Errno::Invalid, why))?;
        self.connection = Connection::Http(Http::new(super::http::Endpoint { is_secure: true, ..to.endpoint }));
        Ok(())
    }

    /// How many bytes can be read without waiting.
    pub fn pending(&self) -> usize {
        if let Connection::Http(http) = &self.connection { http.pending() } else { 0 }
    }

    /// Whether it is ready for `interest`.
    pub fn is_ready(&mut self, interest: Interest) -> bool {
        match self.is_made() {
            Ok(false) => return false,
            // Whatever is asked of it fails at once.
            Err(_) => return true,
            Ok(true) => {}
        }
        match &mut self.connection {
            Connection::Tcp(tcp) => tcp.is_ready(interest),
            Connection::Http(http) => http.is_ready(interest),
            Connection::None | Connection::Failed(_) => true,
        }
    }

    /// What has to be waited for until it may be ready for `interest`.
    pub fn source(&self, interest: Interest) -> Option<Pollable> {
        match &self.connection {
            Connection::Tcp(tcp) => Some(tcp.source(interest)),
            Connection::Http(http) => http.source(interest),
            Connection::None | Connection::Failed(_) => None,
        }
    }
}

fn not_connected() -> Failed {
    Failed::new(Errno::NotConnected, "the socket is not connected".into())
}

fn unspecified(of: SocketAddr) -> core::net::IpAddr {
    if of.is_ipv4() { core::net::Ipv4Addr::UNSPECIFIED.into() } else { core::net::Ipv6Addr::UNSPECIFIED.into() }
}
