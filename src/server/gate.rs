//! The gate: accepts connections, as many as may be, and serves each in a thread of its own.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::error::{Context, Result};
use crate::request::Scheme;

use super::connection::{self, Shared};
use super::crowd::{Crowd, Place};
use super::head::Client;
use super::notices::Notice;
use super::workers::Workers;

/// Connections at the same time, where the system allows as many.
const MOST: usize = 256;

/// How long accepting waits after it failed and nothing could be done about it.
const AGAIN: Duration = Duration::from_millis(100);

/// How long a connection that was closed for another takes to be gone.
const GONE: Duration = Duration::from_millis(5);

/// The most connections at the same time. Half the files that may be open are left to guests and their volumes.
pub fn most_connections() -> usize {
    #[cfg(unix)]
    if let Some(files) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        return usize::try_from(files / 2).unwrap_or(MOST).clamp(1, MOST);
    }
    MOST
}

/// Starts the thread that accepts connections.
///
/// # Errors
/// Fails where the system has no thread for it.
pub fn start(listener: TcpListener, crowd: Arc<Crowd>, shared: Arc<Shared>) -> Result<()> {
    let thread = thread::Builder::new().name("gate".to_owned());
    let spawned = thread.spawn(move || accept(&listener, &crowd, &shared)).map(drop);
    spawned.context(|| "cannot start the thread that accepts connections")
}

/// Accepts connections for ever.
fn accept(listener: &TcpListener, crowd: &Arc<Crowd>, shared: &Arc<Shared>) {
    let workers = Workers::default();
    let mut told = false;
    loop {
        let accepted = listener.accept().and_then(|(socket, address)| {
            let (place, client) = admit(socket, address, crowd, shared)?;
            let shared = Arc::clone(shared);
            workers.start(move || connection::serve(place, client, shared))
        });
        match accepted {
            Ok(()) => told = false,
            // The client has left before it was let in.
            Err(error) if is_of_the_client(&error) => {}
            // Whoever waits for its client makes room.
            Err(error) if is_exhaustion(&error) && crowd.make_room() => thread::sleep(GONE),
            Err(error) => {
                if !told {
                    told = true;
                    shared.notices.tell(Notice::Trouble(error));
                }
                thread::sleep(AGAIN);
            }
        }
    }
}

/// Lets a client in.
fn admit(socket: TcpStream, address: SocketAddr, crowd: &Arc<Crowd>, shared: &Shared) -> io::Result<(Place, Client)> {
    // An answer goes out as soon as it is there, whatever the client has acknowledged.
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(connection::STALL))?;
    let place = crowd.admit(socket);
    let scheme = if shared.tls.is_some() { Scheme::Https } else { Scheme::Http };
    Ok((place, Client { address: address.ip(), scheme }))
}

/// Whether an error of accept(2) is that of one connection alone.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected};

    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | InvalidInput | NotConnected)
}

/// Whether an error means that there are too few files, threads or buffers.
fn is_exhaustion(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;

        let number = error.raw_os_error().map(Errno::from_raw_os_error);
        number.is_some_and(|number| {
            [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::AGAIN].contains(&number)
        })
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        true
    }
}
