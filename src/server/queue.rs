//! The queue from the connections to the thread that answers, which receives from tiny_http.
//!
//! Clients do not talk to tiny_http: version 0.12 knows no limits and no time-outs, drops heads that are not ASCII and
//! accepts framings that RFC 9112 forbids. A connection reads its request itself, puts it into a channel, and announces it
//! to tiny_http with a request of one line, over a socket that nobody else can use. The answer goes back to the connection
//! by a channel of its own.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::{Error, Result};

use super::Incoming;

/// Requests and events that wait for the answering thread. A connection with one more waits until there is room.
const CAPACITY: usize = 256;

/// The connections' end.
pub struct Sender {
    items: SyncSender<Incoming>,
    link: Mutex<Box<dyn Write + Send>>,
    announcement: String,
}

/// The answering thread's end.
pub struct Queue {
    http: Arc<tiny_http::Server>,
    items: Receiver<Incoming>,
    /// The path of announcements. Unguessable, since any process can connect to a loopback port.
    path: String,
}

/// Starts tiny_http and connects to it.
pub fn start() -> Result<(Sender, Queue)> {
    let failed = || Error::new("cannot start the HTTP server");
    let (listener, mut link) = connected().map_err(|e| failed().because(e))?;
    let http = tiny_http::Server::from_listener(listener, None).map_err(|e| failed().because(e))?;
    // Only then has tiny_http accepted the connection, for which there may be no descriptor later.
    let first = link.write_all(b"GET / HTTP/1.1\r\n\r\n").and_then(|()| http.recv());
    drop(first.map_err(|e| failed().because(e))?.into_writer());
    let (sender, items) = mpsc::sync_channel(CAPACITY);
    // The keys of the standard library's hash are random.
    let token = || RandomState::new().hash_one(());
    let path = format!("/{:016x}{:016x}", token(), token());
    let sender = Sender { items: sender, link: Mutex::new(link), announcement: format!("GET {path} HTTP/1.1\r\n\r\n") };
    Ok((sender, Queue { http: Arc::new(http), items, path }))
}

/// A listener and a connection to it that waits to be accepted.
fn connected() -> io::Result<(tiny_http::Listener, Box<dyn Write + Send>)> {
    // Without a directory for the socket's file, the loopback network serves as well.
    #[cfg(unix)]
    if let Ok((listener, link)) = connected_by_file() {
        return Ok((listener.into(), Box::new(link)));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let link = TcpStream::connect(listener.local_addr()?)?;
    link.set_nodelay(true)?;
    Ok((listener.into(), Box::new(link)))
}

/// The same in a directory that only this user can enter and that is deleted at once: nobody else can connect.
#[cfg(unix)]
fn connected_by_file() -> io::Result<(std::os::unix::net::UnixListener, std::os::unix::net::UnixStream)> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("http");
    let listener = std::os::unix::net::UnixListener::bind(&path)?;
    let link = std::os::unix::net::UnixStream::connect(&path)?;
    Ok((listener, link))
}

impl Sender {
    /// Queues a request or an event. Waits while the queue is full.
    pub fn send(&self, item: Incoming) -> io::Result<()> {
        self.items.send(item).map_err(|_| io::ErrorKind::BrokenPipe)?;
        self.link.lock().write_all(self.announcement.as_bytes())
    }
}

impl Queue {
    /// What wakes [`Queue::next`] by its `unblock`.
    pub fn http(&self) -> Arc<tiny_http::Server> {
        Arc::clone(&self.http)
    }

    /// Waits for a request or event, at most as long as `limit` says; `None` if it was woken without one.
    pub fn next(&self, limit: Option<Duration>) -> Option<Incoming> {
        // Without a limit an error is a call of `unblock`.
        let announcement = match limit {
            None => self.http.recv().ok(),
            Some(limit) => self.http.recv_timeout(limit).ok().flatten(),
        };
        if let Some(announcement) = announcement {
            if announcement.url() == self.path {
                // Its answer goes another way: nothing is written to the link.
                drop(announcement.into_writer());
            } else {
                // Another process found the loopback port. It gets no answer. Dropping its request reads the body, which
                // it may never send; without a thread for that, the request is dropped here and now.
                let _ = std::thread::Builder::new().spawn(move || drop(announcement.into_writer()));
                return None;
            }
        }
        self.items.try_recv().ok()
    }

    /// Waits for a request or event for some time.
    pub fn next_within(&self, time: Duration) -> std::result::Result<Incoming, RecvTimeoutError> {
        self.items.recv_timeout(time)
    }
}
