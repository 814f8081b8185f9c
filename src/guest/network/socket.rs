//! A socket of a guest: a connection over TCP, perhaps with TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Type};

use super::Failed;
use super::errno;
use super::journal::Entry;
use super::tls::Tls;
use super::wait::{self, Alarm, Interest, Patience, Woken};
use crate::guest::answered::Outcome;

/// How many connections are open at a time in this process.
const MOST_IN_PROCESS: usize = 512;

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// One of the connections of this process.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let taken = OPEN.try_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < MOST_IN_PROCESS).then_some(n + 1));
        taken.is_ok().then_some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket of the guest.
#[derive(Default)]
pub struct Socket {
    connection: Connection,
    /// Whether the guest asks not to wait: `O_NONBLOCK`.
    pub nonblocking: bool,
    /// How long it waits otherwise; without it, as long as the run has.
    pub timeout: Option<Duration>,
    /// Speaks for the guest.
    pub tls: Option<Box<Tls>>,
}

#[derive(Default)]
enum Connection {
    #[default]
    None,
    Begun(Stream),
    Made(Stream),
    Failed(i32),
}

/// A connection of the host's, which never blocks.
struct Stream {
    socket: socket2::Socket,
    entry: Entry,
    _place: Place,
}

impl Stream {
    fn read(&mut self, tls: Option<&mut Tls>, buffer: &mut [u8], peeked: bool) -> io::Result<usize> {
        let size = match tls {
            Some(tls) => tls.read(&mut &self.socket, buffer, peeked)?,
            None if peeked => peek(&self.socket, buffer)?,
            None => (&self.socket).read(buffer)?,
        };
        self.entry.received += if peeked { 0 } else { size as u64 };
        Ok(size)
    }

    fn write(&mut self, tls: Option<&mut Tls>, bytes: &[u8]) -> io::Result<usize> {
        let size = match tls {
            Some(tls) => tls.write(&mut &self.socket, bytes)?,
            None => (&self.socket).write(bytes)?,
        };
        self.entry.sent += size as u64;
        Ok(size)
    }
}

impl Socket {
    /// Begins to connect to `address`, which was checked.
    ///
    /// # Errors
    /// Fails with the reason that the guest is told.
    pub fn begin(&mut self, address: SocketAddr, mut entry: Entry) -> Result<(), Failed> {
        match self.connection {
            Connection::None | Connection::Failed(_) => {}
            Connection::Begun(_) => {
                return Err(Failed::new(errno::ALREADY, "the socket is being connected".to_owned()));
            }
            Connection::Made(_) => return Err(Failed::new(errno::ISCONN, "the socket is connected".to_owned())),
        }
        let Some(place) = Place::take() else {
            let why = format!("{MOST_IN_PROCESS} connections are open in all requests together, which is the limit");
            entry.fail(&why);
            return Err(Failed::new(errno::MFILE, why));
        };
        let connect = || {
            let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
            socket.set_nonblocking(true)?;
            // A guest makes a call for each piece that it sends, and would wait for what it does not know of.
            socket.set_tcp_nodelay(true)?;
            match socket.connect(&address.into()) {
                Err(e) if e.kind() != ErrorKind::WouldBlock && !is_in_progress(&e) => Err(e),
                _ => Ok(socket),
            }
        };
        match connect() {
            Ok(socket) => {
                self.connection = Connection::Begun(Stream { socket, entry, _place: place });
                Ok(())
            }
            Err(e) => {
                entry.fail(&e.to_string());
                self.connection = Connection::Failed(errno::of(&e));
                Err(Failed::of(&e))
            }
        }
    }

    /// Whether the connection that was begun is there.
    fn is_made(&mut self) -> Result<bool, i32> {
        match std::mem::take(&mut self.connection) {
            Connection::None => Err(errno::NOTCONN),
            Connection::Failed(number) => {
                self.connection = Connection::Failed(number);
                Err(number)
            }
            Connection::Made(stream) => {
                self.connection = Connection::Made(stream);
                Ok(true)
            }
            Connection::Begun(mut stream) => match stream.socket.take_error() {
                Ok(None) if stream.socket.peer_addr().is_ok() => {
                    stream.entry.begin();
                    self.connection = Connection::Made(stream);
                    Ok(true)
                }
                Ok(None) => {
                    self.connection = Connection::Begun(stream);
                    Ok(false)
                }
                Ok(Some(e)) | Err(e) => {
                    stream.entry.fail(&e.to_string());
                    self.connection = Connection::Failed(errno::of(&e));
                    Err(errno::of(&e))
                }
            },
        }
    }

    /// Waits until the connection is there: up to `until`.
    pub fn finish(&mut self, alarm: &Alarm, patience: &Patience<'_>, until: Option<Instant>) -> Outcome<()> {
        loop {
            match self.is_made() {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => {}
                Err(number) => return Ok(Err(number)),
            }
            let Connection::Begun(stream) = &mut self.connection else { return Ok(Err(errno::NOTCONN)) };
            match alarm.wait(patience, &[(&stream.socket, Interest::Write)], until)? {
                Woken::Ready => {}
                Woken::Elapsed => {
                    stream.entry.fail("timed out");
                    self.connection = Connection::Failed(errno::TIMEDOUT);
                }
                Woken::Interrupted => return Ok(Err(errno::INTR)),
            }
        }
    }

    /// The error of the socket, as `SO_ERROR`: 0 if there is none.
    pub fn status(&mut self) -> i32 {
        match self.is_made() {
            Ok(_) => errno::SUCCESS,
            Err(errno::NOTCONN) => errno::SUCCESS,
            Err(number) => number,
        }
    }

    /// The address of the other side, or its own.
    pub fn address(&mut self, of_peer: bool) -> Result<SocketAddr, i32> {
        let socket = &self.stream()?.socket;
        let address = if of_peer { socket.peer_addr() } else { socket.local_addr() };
        address.map_err(|e| errno::of(&e))?.as_socket().ok_or(errno::AFNOSUPPORT)
    }

    /// Its connection, and what speaks for the guest there.
    fn made(&mut self) -> Result<(&mut Stream, Option<&mut Tls>), i32> {
        self.stream()?;
        match self {
            Self { connection: Connection::Made(stream), tls, .. } => Ok((stream, tls.as_deref_mut())),
            _ => Err(errno::NOTCONN),
        }
    }

    /// Its connection.
    fn stream(&mut self) -> Result<&mut Stream, i32> {
        if matches!(self.connection, Connection::Begun(_)) && !self.is_made()? {
            return Err(errno::AGAIN);
        }
        match &mut self.connection {
            Connection::Made(stream) => Ok(stream),
            Connection::Failed(number) => Err(*number),
            Connection::None | Connection::Begun(_) => Err(errno::NOTCONN),
        }
    }

    /// Reads into `buffer`; waits for the first byte unless it is not to.
    pub fn receive(
        &mut self,
        buffer: &mut [u8],
        peeked: bool,
        alarm: &Alarm,
        patience: &Patience<'_>,
    ) -> Outcome<usize> {
        self.patiently(Interest::Read, alarm, patience, |stream, tls| stream.read(tls, buffer, peeked))
    }

    /// Sends `bytes`, as many as go; waits until one goes unless it is not to.
    pub fn send(&mut self, bytes: &[u8], alarm: &Alarm, patience: &Patience<'_>) -> Outcome<usize> {
        self.patiently(Interest::Write, alarm, patience, |stream, tls| stream.write(tls, bytes))
    }

    /// Reads what is there.
    pub fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (stream, tls) = self.made().map_err(|_| ErrorKind::NotConnected)?;
        stream.read(tls, buffer, false)
    }

    /// Sends as many of `bytes` as go at once.
    pub fn write_now(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (stream, tls) = self.made().map_err(|_| ErrorKind::NotConnected)?;
        stream.write(tls, bytes)
    }

    /// Sends what TLS has kept, as far as it goes at once.
    pub fn flush_now(&mut self) -> io::Result<()> {
        match self.made().map_err(|_| ErrorKind::NotConnected)? {
            (stream, Some(tls)) => tls.flush(&mut &stream.socket),
            _ => Ok(()),
        }
    }

    /// Notes for the log that nothing came of the connection.
    pub fn note_failure(&mut self, why: &str) {
        if let Connection::Made(stream) = &mut self.connection {
            stream.entry.fail(why);
        }
    }

    /// Goes on with the TLS handshake, up to `until`.
    pub fn handshake(
        &mut self,
        alarm: &Alarm,
        patience: &Patience<'_>,
        until: Option<Instant>,
    ) -> wasmtime::Result<io::Result<()>> {
        let Ok((stream, Some(tls))) = self.made() else { return Ok(Err(ErrorKind::NotConnected.into())) };
        let socket = &stream.socket;
        loop {
            match tls.handshake(&mut &*socket) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                done => return Ok(done),
            }
            let interest = if tls.has_unsent() { Interest::Write } else { Interest::Read };
            match alarm.wait(patience, &[(socket, interest)], until)? {
                Woken::Ready => {}
                Woken::Elapsed if until.is_some_and(|until| until <= Instant::now()) => {
                    return Ok(Err(ErrorKind::TimedOut.into()));
                }
                Woken::Elapsed => {}
                Woken::Interrupted => return Ok(Err(ErrorKind::Interrupted.into())),
            }
        }
    }

    /// Repeats `step` until it is done.
    fn patiently<T>(
        &mut self,
        interest: Interest,
        alarm: &Alarm,
        patience: &Patience<'_>,
        mut step: impl FnMut(&mut Stream, Option<&mut Tls>) -> io::Result<T>,
    ) -> Outcome<T> {
        let nonblocking = self.nonblocking;
        let until = self.timeout.and_then(|time| Instant::now().checked_add(time));
        let (stream, mut tls) = match self.made() {
            Ok(made) => made,
            Err(number) => return Ok(Err(number)),
        };
        loop {
            match step(stream, tls.as_deref_mut()) {
                Ok(value) => return Ok(Ok(value)),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock && !nonblocking => {
                    match alarm.wait(patience, &[(&stream.socket, interest)], until)? {
                        Woken::Ready => {}
                        Woken::Elapsed => return Ok(Err(errno::TIMEDOUT)),
                        Woken::Interrupted => return Ok(Err(errno::INTR)),
                    }
                }
                Err(e) => return Ok(Err(errno::of(&e))),
            }
        }
    }

    /// Ends one or both directions.
    pub fn shut_down(&mut self, how: Shutdown) -> Result<(), i32> {
        let stream = self.stream()?;
        stream.socket.shutdown(how).map_err(|e| errno::of(&e))
    }

    /// Says to the other side that TLS ends.
    pub fn end_tls(&mut self) -> Result<(), i32> {
        let (stream, Some(tls)) = self.made()? else { return Err(errno::NOTCONN) };
        tls.end(&mut &stream.socket).map_err(|e| errno::of(&e))
    }

    /// Whether it is ready for `interest`.
    pub fn is_ready(&mut self, interest: Interest) -> bool {
        match self.is_made() {
            Ok(true) => {}
            Ok(false) => return false,
            // Whatever is asked of it fails at once.
            Err(_) => return true,
        }
        let Self { connection: Connection::Made(stream), tls, .. } = self else { return true };
        match tls {
            Some(tls) if interest == Interest::Read => {
                let read = tls.read(&mut &stream.socket, &mut [0], true);
                !matches!(read, Err(e) if e.kind() == ErrorKind::WouldBlock)
            }
            _ => wait::is_ready(&stream.socket, interest),
        }
    }

    /// What has to be waited for until it may be ready for `interest`.
    pub fn source(&self, interest: Interest) -> Option<(&socket2::Socket, Interest)> {
        match &self.connection {
            Connection::Begun(stream) => Some((&stream.socket, Interest::Write)),
            Connection::Made(stream) => Some((&stream.socket, interest)),
            Connection::None | Connection::Failed(_) => None,
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let Self { connection: Connection::Made(stream), tls: Some(tls), .. } = self else { return };
        // As OpenSSL's end of a connection: it is not waited for.
        if tls.has_unsent() {
            let _ = tls.end(&mut &stream.socket);
        }
    }
}

#[cfg(unix)]
fn is_in_progress(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::INPROGRESS)
}

#[cfg(not(unix))]
fn is_in_progress(_: &io::Error) -> bool {
    false
}

/// Reads without taking.
fn peek(socket: &socket2::Socket, buffer: &mut [u8]) -> io::Result<usize> {
    // The safe way to peek is a stream of the standard library, for a moment.
    let stream = std::net::TcpStream::from(socket.try_clone()?);
    stream.peek(buffer)
}
