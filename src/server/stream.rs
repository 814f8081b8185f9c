//! A connection as bytes, with or without TLS, on which nothing is waited for without end.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use super::crowd::Place;

/// How long is waited for a client.
#[derive(Clone, Copy)]
pub enum Patience {
    /// For all that is read until then.
    Until(Instant),
    /// For each part that is read.
    Each(Duration),
}

/// A client's connection.
pub enum Stream {
    /// Plain TCP.
    Plain(Socket),
    /// TLS; the handshake is part of the first read.
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

/// The most that is written at once, in bytes: a client that takes so much in time is one that goes on.
const PART: usize = 64 << 10;

/// The socket below, which bounds each wait and tells the crowd what was moved.
pub struct Socket {
    place: Arc<Place>,
    patience: Patience,
    /// Whether a write was not taken in time. rustls goes on after it, and would wait again.
    stuck: bool,
}

impl Socket {
    /// A socket that waits so long for what it reads.
    pub fn new(place: Arc<Place>, patience: Patience) -> Self {
        Self { place, patience, stuck: false }
    }

    /// What the connection has announced itself with, without taking it: its first byte, or `None` at its end.
    ///
    /// # Errors
    /// Fails where it does not come in time.
    pub fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let count = again(|| self.bound().and_then(|()| self.place.socket().peek(&mut byte)))?;
        Ok((count > 0).then_some(byte[0]))
    }

    /// Bounds the next wait.
    fn bound(&self) -> io::Result<()> {
        let left = match self.patience {
            Patience::Until(end) => end.saturating_duration_since(Instant::now()),
            Patience::Each(time) => time,
        };
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.place.socket().set_read_timeout(Some(left))
    }
}

/// Does something until no signal comes in between: the system does not begin again what has a time limit. Its two
/// names for a limit that was reached become one, which rustls takes for a failure.
fn again<T>(mut something: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match something() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            done => return done,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = again(|| self.bound().and_then(|()| self.place.socket().read(buffer)))?;
        self.place.moves(count);
        Ok(count)
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.stuck {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let part = buffer.get(..PART).unwrap_or(buffer);
        let written = again(|| self.place.socket().write(part));
        self.stuck = written.is_err();
        let count = written?;
        self.place.moves(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream {
    /// Waits so long for what is read next.
    pub fn wait(&mut self, patience: Patience) {
        match self {
            Self::Plain(socket) => socket.patience = patience,
            Self::Tls(tls) => tls.sock.patience = patience,
        }
    }

    /// Says that nothing more will be written.
    pub fn finish(&mut self) {
        if let Self::Tls(tls) = self {
            tls.conn.send_close_notify();
            // Whether the client reads it is its own affair.
            let _ = tls.flush();
        }
        let _ = self.socket().shutdown(std::net::Shutdown::Write);
    }

    fn socket(&self) -> &std::net::TcpStream {
        match self {
            Self::Plain(socket) => socket.place.socket(),
            Self::Tls(tls) => tls.sock.place.socket(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buffer),
            Self::Tls(tls) => tls.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
