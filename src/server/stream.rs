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

/// The socket below, which bounds each wait and tells the crowd of it.
pub struct Socket {
    place: Arc<Place>,
    patience: Patience,
}

impl Socket {
    /// A socket that waits so long for what it reads.
    pub fn new(place: Arc<Place>, patience: Patience) -> Self {
        Self { place, patience }
    }

    /// What the connection has announced itself with, without taking it: its first byte, or `None` at its end.
    ///
    /// # Errors
    /// Fails where it does not come in time.
    pub fn first_byte(&self) -> io::Result<Option<u8>> {
        self.bound()?;
        let mut byte = [0];
        Ok((self.place.socket().peek(&mut byte)? > 0).then_some(byte[0]))
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
        self.place.waits();
        self.place.socket().set_read_timeout(Some(left))
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.bound()?;
            match self.place.socket().read(buffer) {
                // A signal: a read with a time limit is not begun again by the system.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.place.waits();
        self.place.socket().write(buffer)
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
