//! Accepts connections and serves each in a thread of its own.
//!
//! The thread that accepts a connection serves it; another takes over accepting. So a new connection waits neither for a
//! thread to start nor for one to wake.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::{Context, Error, Result};
use crate::request::Scheme;
use crate::request::head::Client;

use super::Incoming;
use super::connection::{self, Service};
use super::table::{ConnectionTable, Slot};

/// The most connections at the same time.
const MAX_CONNECTIONS: usize = 256;

/// Threads that wait for a connection. More of them end.
const SPARE_THREADS: usize = 2;

/// The stack of a connection's thread, in bytes: it reads and speaks TLS, and nothing in it recurses.
const STACK: usize = 512 << 10;

/// How long accepting pauses after it failed and no connection could be evicted.
const RETRY: Duration = Duration::from_millis(100);

/// How long an evicted connection takes to free its descriptor.
const EVICTION: Duration = Duration::from_millis(5);

/// Accepts the connections of one listener.
pub struct Acceptor {
    listener: TcpListener,
    /// The port that it listens on.
    port: u16,
    table: Arc<ConnectionTable>,
    service: Service,
    /// Held by the one thread that accepts, the others wait for it. Whether the last failure was reported.
    accepting: Mutex<bool>,
    /// Threads that accept or wait to.
    spare: AtomicUsize,
}

/// The most connections at the same time. Half the files that may be open are left to guests and their volumes.
pub fn max_connections() -> usize {
    #[cfg(unix)]
    if let Some(files) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        return usize::try_from(files / 2).unwrap_or(MAX_CONNECTIONS).clamp(1, MAX_CONNECTIONS);
    }
    MAX_CONNECTIONS
}

impl Acceptor {
    /// Starts to accept connections on `port`, for as long as the process runs.
    pub fn start(listener: TcpListener, port: u16, table: Arc<ConnectionTable>, service: Service) -> Result<()> {
        let (accepting, spare) = (Mutex::new(false), AtomicUsize::new(0));
        let acceptor = Arc::new(Self { listener, port, table, service, accepting, spare });
        acceptor.spawn().context(|| "cannot start the thread that accepts connections")
    }

    /// Starts a thread that accepts connections and serves them.
    fn spawn(self: &Arc<Self>) -> io::Result<()> {
        let acceptor = Arc::clone(self);
        let thread = thread::Builder::new().name("connection".to_owned()).stack_size(STACK);
        self.spare.fetch_add(1, Ordering::SeqCst);
        let spawned = thread.spawn(move || acceptor.run());
        if spawned.is_err() {
            self.spare.fetch_sub(1, Ordering::SeqCst);
        }
        spawned.map(drop)
    }

    fn run(self: Arc<Self>) {
        loop {
            let (slot, client) = self.accept();
            if self.spare.fetch_sub(1, Ordering::SeqCst) == 1
                && let Err(error) = self.spawn()
            {
                // This thread goes on accepting, and closes the connection that it would have served.
                self.spare.fetch_add(1, Ordering::SeqCst);
                drop(slot);
                self.failed(&mut self.accepting.lock(), error);
                continue;
            }
            connection::serve(slot, client, &self.service);
            if self.spare.fetch_add(1, Ordering::SeqCst) >= SPARE_THREADS {
                self.spare.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        }
    }

    /// Accepts one connection, which has its slot then.
    fn accept(&self) -> (Slot, Client) {
        let mut reported = self.accepting.lock();
        loop {
            let accepted = self.listener.accept().and_then(|(socket, address)| Ok((prepared(socket)?, address)));
            match accepted {
                Ok((socket, address)) => {
                    *reported = false;
                    let scheme = if self.service.tls.is_some() { Scheme::Https } else { Scheme::Http };
                    let client = Client { address: address.ip(), scheme, port: self.port };
                    return (self.table.admit(socket, connection::HEAD_TIMEOUT), client);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => self.failed(&mut reported, error),
            }
        }
    }

    /// Makes room where descriptors, threads or memory are exhausted. Reports the failure, once until accepting works
    /// again, if that is not possible.
    fn failed(&self, reported: &mut bool, error: io::Error) {
        if self.table.evict() {
            return thread::sleep(EVICTION);
        }
        if !std::mem::replace(reported, true) {
            // If the answering thread has ended, so does the process.
            let _ = self.service.queue.send(Incoming::AcceptFailed(self.cannot_accept(error)));
        }
        thread::sleep(RETRY);
    }

    fn cannot_accept(&self, cause: io::Error) -> Error {
        let address =
            self.listener.local_addr().map_or_else(|_| "the server".to_owned(), |address| address.to_string());
        Error::new(format!("{address} accepts no connections for the moment"))
            .because(cause)
            .remedy("close some clients; with too many open files, raise their limit (`ulimit -n`)")
    }
}

/// Prepares the socket of a new connection.
fn prepared(socket: TcpStream) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(connection::SEND_TIMEOUT))?;
    // What the system buffers for the client counts as sent. A small buffer keeps that close to what the client has taken.
    #[cfg(unix)]
    rustix::net::sockopt::set_socket_send_buffer_size(&socket, connection::SEND_BUFFER)?;
    Ok(socket)
}

/// Whether an error of accept(2) concerns one connection alone.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};

    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | InvalidInput | NotConnected)
}
