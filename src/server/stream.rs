//! A connection as bytes, with or without TLS. No read and no write waits for ever.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::ServerConnection;

use super::table::Slot;

/// The most that is written at once, in bytes. A client that takes this much within the time-out makes progress.
const WRITE_SIZE: usize = 64 << 10;

/// The TCP socket of a connection, with the time-outs of its slot.
struct Socket(Arc<Slot>);

/// A client's connection.
pub struct Stream {
    socket: Socket,
    /// `None` for plain TCP. The handshake is part of the first read.
    tls: Option<ServerConnection>,
}

/// Repeats a call that a signal interrupts. Gives the system's two errors for a time-out one name: rustls takes
/// `WouldBlock` for a socket that does not block.
fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            result => return result,
        }
    }
}

impl Socket {
    /// Receives something, by a function of the system's that waits for it.
    fn receive<T>(&self, mut call: impl FnMut(&TcpStream) -> io::Result<T>) -> io::Result<T> {
        let tcp = self.0.socket();
        retry(|| {
            tcp.set_read_timeout(Some(self.0.time_left()?))?;
            call(tcp)
        })
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.receive(|mut tcp| tcp.read(buffer)).inspect(|&count| self.0.count(count))
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let part = buffer.get(..WRITE_SIZE).unwrap_or(buffer);
        retry(|| self.0.socket().write(part)).inspect(|&count| self.0.count(count))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream {
    /// A connection without TLS.
    pub fn new(slot: Arc<Slot>) -> Self {
        Self { socket: Socket(slot), tls: None }
    }

    /// The same connection with TLS.
    pub fn with_tls(self, tls: ServerConnection) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Waits for the first byte and leaves it unread; `None` if the client closes.
    pub fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let count = self.socket.receive(|tcp| tcp.peek(&mut byte))?;
        Ok((count > 0).then_some(byte[0]))
    }

    /// Tells the client that nothing more will be written.
    pub fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            // The client may have disconnected; then there is nobody to tell.
            let _ = self.flush();
        }
        let _ = self.tcp().shutdown(Shutdown::Write);
    }

    /// Looks, without waiting, whether the connection was reset, or the client has closed it or its sending side. What the
    /// client sent before that and was not read yet hides it.
    pub fn is_closed_by_client(&mut self) -> bool {
        let mut tcp = self.socket.0.socket();
        if tcp.set_nonblocking(true).is_err() {
            return false;
        }
        let closed = match &mut self.tls {
            None => tcp.peek(&mut [0]).map(|count| count == 0),
            Some(tls) => tls.read_tls(&mut tcp).map(|count| {
                let state = tls.process_new_packets();
                count == 0 || state.map_or(true, |state| state.peer_has_closed())
            }),
        };
        let restored = tcp.set_nonblocking(false);
        // rustls reports `Other` if its buffer is full.
        let is_fatal = |error: io::Error| !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Other);
        restored.is_err() || closed.unwrap_or_else(is_fatal)
    }

    /// The socket below.
    pub fn tcp(&self) -> &TcpStream {
        self.socket.0.socket()
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => self.socket.read(buffer),
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => self.socket.write(buffer),
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            None => Ok(()),
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).flush(),
        }
    }
}
