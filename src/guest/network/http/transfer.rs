//! A request and its response over a socket of the run. hyper speaks HTTP; it is asked to go on whenever the socket is ready.
//! So a request waits as everything else of a run does, and ends with it: no thread is left behind.

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::{Buf, Bytes};
use http_body_util::Full;
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::http::response::Parts;
use hyper::rt::{Read, ReadBufCursor, Write};
use parking_lot::Mutex;

use crate::guest::network::socket::Socket;
use crate::guest::network::wait::{Alarm, Interest, Patience, Woken};

use super::HttpError;

/// The most that is read ahead for the guest, in bytes; a head that is larger is refused.
const MOST_HELD: usize = 64 << 10;

/// A connection with one request.
pub struct Transfer {
    connection: Connection<Io, Full<Bytes>>,
    channel: Arc<Mutex<Channel>>,
    /// Whether hyper has to be asked again without a wait.
    has_more: Arc<Flag>,
    has_ended: bool,
    body: Option<Incoming>,
    /// What was received of the body, and the guest has not asked for.
    rest: Bytes,
    /// Why there is no more of it.
    failed: Option<HttpError>,
}

/// The head of a response and what its body comes by, or what the guest is told.
type Begun = Result<(Transfer, Parts), HttpError>;

/// The socket, which hyper and whoever waits for it share.
struct Channel {
    /// Until all was received.
    socket: Option<Box<Socket>>,
    awaited: Vec<Interest>,
    moved: Moved,
}

/// How many bytes were sent and received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moved {
    /// Those that were sent.
    pub sent: u64,
    /// Those that were received.
    pub received: u64,
}

impl Transfer {
    /// A connection that has asked for nothing yet, and what takes its request.
    fn new(socket: Box<Socket>) -> Option<(Self, SendRequest<Full<Bytes>>)> {
        let channel = Channel { socket: Some(socket), awaited: Vec::new(), moved: Moved::default() };
        let channel = Arc::new(Mutex::new(channel));
        // Despite its name it talks to nobody, and is ready at once.
        let made = pin!(http1::Builder::new().max_buf_size(MOST_HELD).handshake(Io(Arc::clone(&channel))))
            .poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok((sender, connection))) = made else { return None };
        let (has_more, rest) = (Arc::default(), Bytes::new());
        let transfer = Self { connection, channel, has_more, has_ended: false, body: None, rest, failed: None };
        Some((transfer, sender))
    }

    /// Sends `message` over a connection, and waits for the head of the response.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number.
    pub fn begin(
        socket: Box<Socket>,
        message: Request<Full<Bytes>>,
        alarm: &Alarm,
        patience: &Patience<'_>,
    ) -> wasmtime::Result<(Moved, Begun)> {
        let Some((mut transfer, mut sender)) = Self::new(socket) else {
            return Ok((Moved::default(), Err(HttpError::Runtime)));
        };
        let mut response = pin!(sender.send_request(message));
        let told = transfer.drive(alarm, patience, |context| response.as_mut().poll(context))?;
        let moved = transfer.moved();
        let why = match told {
            Some(Ok(response)) => {
                let (head, body) = response.into_parts();
                transfer.body = Some(body);
                return Ok((moved, Ok((transfer, head))));
            }
            Some(Err(error)) => error.to_string(),
            None => "interrupted".to_owned(),
        };
        let error = transfer.fail(&format!("no response of HTTP: {why}"));
        Ok((moved, Err(error)))
    }

    /// How many bytes were sent and received since this was asked.
    pub fn moved(&self) -> Moved {
        std::mem::take(&mut self.channel.lock().moved)
    }

    /// Reads the body until `buffer` is full or the body ends.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number where nothing was read before it.
    pub fn read(
        &mut self,
        buffer: &mut [u8],
        alarm: &Alarm,
        patience: &Patience<'_>,
    ) -> wasmtime::Result<Result<usize, HttpError>> {
        let mut read = 0;
        while let Some(room) = buffer.get_mut(read..).filter(|room| !room.is_empty()) {
            if self.rest.is_empty() {
                match self.receive(alarm, patience)? {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) if read > 0 => break,
                    Err(error) => return Ok(Err(error)),
                }
            }
            let size = room.len().min(self.rest.len());
            room.iter_mut().zip(&self.rest).for_each(|(to, from)| *to = *from);
            self.rest.advance(size);
            read += size;
        }
        Ok(Ok(read))
    }

    /// Receives more of the body; `false` where it has ended.
    fn receive(&mut self, alarm: &Alarm, patience: &Patience<'_>) -> wasmtime::Result<Result<bool, HttpError>> {
        if let Some(error) = self.failed {
            return Ok(Err(error));
        }
        let Some(mut body) = self.body.take() else { return Ok(Ok(false)) };
        let frame = self.drive(alarm, patience, |context| Pin::new(&mut body).poll_frame(context))?;
        Ok(match frame {
            Some(Some(Ok(frame))) => {
                // Trailers are no part of it.
                self.rest = frame.into_data().unwrap_or_default();
                self.body = Some(body);
                Ok(true)
            }
            Some(None) => {
                self.channel.lock().socket = None;
                Ok(false)
            }
            Some(Some(Err(error))) => Err(self.fail(&format!("the response broke off: {error}"))),
            None => Err(self.fail("interrupted")),
        })
    }

    /// Ends it, and notes why for the log.
    pub fn fail(&mut self, why: &str) -> HttpError {
        if let Some(mut socket) = self.channel.lock().socket.take() {
            socket.note_failure(why);
        }
        *self.failed.insert(HttpError::Request)
    }

    /// Lets hyper go on until `step` is done; `None` where the user interrupts it.
    fn drive<T>(
        &mut self,
        alarm: &Alarm,
        patience: &Patience<'_>,
        mut step: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> wasmtime::Result<Option<T>> {
        let waker = Arc::clone(&self.has_more).into();
        let context = &mut Context::from_waker(&waker);
        loop {
            // A server may send without end what hyper skips.
            patience.check()?;
            self.has_more.0.store(false, Ordering::Relaxed);
            self.channel.lock().awaited.clear();
            if let Poll::Ready(done) = step(context) {
                return Ok(Some(done));
            }
            if !self.has_ended {
                // What it fails with, the step is told.
                self.has_ended = Pin::new(&mut self.connection).poll(context).is_ready();
                if self.has_ended {
                    continue;
                }
            }
            if self.has_more.0.load(Ordering::Relaxed) {
                continue;
            }
            let channel = self.channel.lock();
            let awaited = if channel.awaited.is_empty() { &[Interest::Read][..] } else { &channel.awaited };
            let socket = channel.socket.as_ref().filter(|_| !self.has_ended);
            let Some(socket) = socket else { return Ok(None) };
            let sources: Vec<_> = awaited.iter().filter_map(|interest| socket.source(*interest)).collect();
            if alarm.wait(patience, &sources, None)? == Woken::Interrupted {
                return Ok(None);
            }
        }
    }
}

/// Notes that it was woken.
#[derive(Debug, Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The socket, as hyper reads and writes it.
struct Io(Arc<Mutex<Channel>>);

impl Channel {
    /// Moves bytes, or notes what has to be waited for.
    fn step(
        &mut self,
        interest: Interest,
        mut step: impl FnMut(&mut Socket) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let Some(socket) = &mut self.socket else { return Poll::Ready(Err(ErrorKind::NotConnected.into())) };
        loop {
            match step(socket) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    self.awaited.push(interest);
                    if socket.tls.as_ref().is_some_and(|tls| tls.has_unsent()) {
                        self.awaited.push(Interest::Write);
                    }
                    return Poll::Pending;
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl Read for Io {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, mut to: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let channel = &mut *self.0.lock();
        let mut buffer = [0; 16 << 10];
        let room = buffer.len().min(to.remaining());
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        channel.step(Interest::Read, |socket| socket.read_now(buffer)).map_ok(|size| {
            channel.moved.received += size as u64;
            to.put_slice(buffer.get(..size).unwrap_or_default());
        })
    }
}

impl Write for Io {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let channel = &mut *self.0.lock();
        channel.step(Interest::Write, |socket| socket.write_now(bytes)).map_ok(|size| {
            channel.moved.sent += size as u64;
            size
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let channel = &mut *self.0.lock();
        // TLS keeps what did not go.
        channel.step(Interest::Write, |socket| socket.flush_now().map(|()| 0)).map_ok(|_| ())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket that is dropped does this.
        Poll::Ready(Ok(()))
    }
}
