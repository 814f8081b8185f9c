//! The socket that `dev` listens on.

use std::io;
use std::net::{SocketAddr, TcpListener};

use crate::cli::DEFAULT_ADDRESS;
use crate::error::{Error, Result};
use crate::terminal::Terminal;

/// How many ports above one that is in use are tried.
const MAX_NEXT_PORTS: u16 = 100;

/// Listens on the address that was asked for; with port 0 the system chooses one. Without an address listens on the
/// default, or, where its port is in use, on the next one that is free, and says so.
///
/// # Errors
/// Fails if the address cannot be used: in use, not of this machine, not allowed.
pub fn listen(requested: Option<SocketAddr>, terminal: &Terminal) -> Result<TcpListener> {
    let address = requested.unwrap_or(DEFAULT_ADDRESS);
    let listener = bind(address, requested.is_none()).map_err(|e| bind_error(address, e))?;
    if requested.is_none()
        && let Ok(port) = listener.local_addr().map(|address| address.port())
        && port != address.port()
    {
        terminal.warn(format_args!(
            "{address} is in use by another program, so the app is on port {port}; --listen PORT sets another"
        ));
    }
    Ok(listener)
}

/// Listens on `address`, or, where that is wanted and its port is in use, on the next one that is free.
fn bind(address: SocketAddr, or_next_port: bool) -> io::Result<TcpListener> {
    let last = if or_next_port { address.port().saturating_add(MAX_NEXT_PORTS) } else { address.port() };
    let mut listener = TcpListener::bind(address);
    for port in address.port()..last {
        if !listener.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::AddrInUse) {
            break;
        }
        listener = TcpListener::bind(SocketAddr::new(address.ip(), port + 1));
    }
    listener
}

fn bind_error(address: SocketAddr, cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::AddrInUse => Error::new(format!("{address} is in use by another program")).remedy(format!(
            "stop the other one, which may be another `pywagi dev`, or let the system choose a free port: \
             --listen {}",
            SocketAddr::new(address.ip(), 0)
        )),
        io::ErrorKind::PermissionDenied => Error::new(format!("not allowed to listen on {address}"))
            .remedy("ports below 1024 are the system's on most machines; choose a higher one: --listen 127.0.0.1:3000"),
        io::ErrorKind::AddrNotAvailable => Error::new(format!("{address} is not an address of this machine"))
            .remedy("listen on 127.0.0.1, or on 0.0.0.0 for every interface"),
        _ => Error::new(format!("cannot listen on {address}")).because(cause).remedy("choose another --listen address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_used_is_explained() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        for (kind, message, remedy) in [
            (
                io::ErrorKind::AddrInUse,
                "127.0.0.1:80 is in use by another program",
                "stop the other one, which may be another `pywagi dev`, or let the system choose a free port: \
                 --listen 127.0.0.1:0",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "not allowed to listen on 127.0.0.1:80",
                "ports below 1024 are the system's on most machines; choose a higher one: --listen 127.0.0.1:3000",
            ),
            (
                io::ErrorKind::AddrNotAvailable,
                "127.0.0.1:80 is not an address of this machine",
                "listen on 127.0.0.1, or on 0.0.0.0 for every interface",
            ),
            (
                io::ErrorKind::OutOfMemory,
                "cannot listen on 127.0.0.1:80: out of memory",
                "choose another --listen address",
            ),
        ] {
            let error = bind_error(address, kind.into());
            assert_eq!((error.to_string().as_str(), error.remedy_text()), (message, Some(remedy)));
        }
    }
}
