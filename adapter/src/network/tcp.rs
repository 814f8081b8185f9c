//! Connections over TCP, and the addresses of names.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

use super::socket::Interest;
use super::{Failed, wait};
use crate::errno::{Errno, Result};

/// How much is read at once at most, in bytes.
const MOST_READ: usize = 1 << 20;

/// How many addresses of a name are taken.
const MOST_ADDRESSES: usize = 32;

/// How long what was written and has not gone yet is waited for when a connection is closed, in nanoseconds.
const LINGER: u64 = 5_000_000_000;

/// A connection. Its streams are dropped before its socket, of which they are.
pub struct Tcp {
    streams: Option<(InputStream, OutputStream)>,
    socket: TcpSocket,
    /// What was read and is to be read again.
    peeked: Vec<u8>,
    /// Whether something was sent or received.
    pub is_used: bool,
    to: SocketAddr,
}

impl Tcp {
    /// Begins to connect.
    pub fn begin(to: SocketAddr) -> Result<Self, Failed> {
        let failed = |code| Failed::of_socket(code, to);
        let family = if to.is_ipv4() { IpAddressFamily::Ipv4 } else { IpAddressFamily::Ipv6 };
        let socket = create_tcp_socket(family).map_err(failed)?;
        socket.start_connect(&instance_network(), of_address(to)).map_err(failed)?;
        Ok(Self { streams: None, socket, peeked: Vec::new(), is_used: false, to })
    }

    /// Whether the connection is there.
    pub fn is_made(&mut self) -> Result<bool, Failed> {
        if self.streams.is_none() {
            match self.socket.finish_connect() {
                Ok(streams) => self.streams = Some(streams),
                Err(ErrorCode::WouldBlock) => return Ok(false),
                Err(code) => return Err(Failed::of_socket(code, self.to)),
            }
        }
        Ok(true)
    }

    /// Reads what is there: nothing at the end; `None` where nothing is there yet.
    pub fn read(&mut self, most: usize, peeked: bool) -> Result<Option<Vec<u8>>, Failed> {
        let Some((input, _)) = &self.streams else { return Ok(None) };
        if most == 0 {
            return Ok(Some(Vec::new()));
        }
        if self.peeked.is_empty() {
            match input.read(most.min(MOST_READ) as u64) {
                Ok(bytes) if bytes.is_empty() => return Ok(None),
                Ok(bytes) if peeked => self.peeked = bytes,
                Ok(bytes) => {
                    self.is_used = true;
                    return Ok(Some(bytes));
                }
                Err(StreamError::Closed) => return Ok(Some(Vec::new())),
                Err(StreamError::LastOperationFailed(_)) => return Err(self.reset(Errno::ConnectionReset)),
            }
        }
        self.is_used = true;
        let part = most.min(self.peeked.len());
        Ok(Some(if peeked {
            self.peeked.iter().take(part).copied().collect()
        } else {
            self.peeked.drain(..part).collect()
        }))
    }

    /// Writes what goes; `None` where nothing goes yet.
    pub fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failed> {
        let Some((_, output)) = &self.streams else { return Ok(None) };
        let room = match output.check_write() {
            Ok(0) => return Ok(None),
            Ok(room) => usize::try_from(room).unwrap_or(usize::MAX),
            Err(StreamError::Closed) => return Err(self.reset(Errno::Pipe)),
            Err(StreamError::LastOperationFailed(_)) => return Err(self.reset(Errno::ConnectionReset)),
        };
        let part = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        match output.write(part) {
            Ok(()) => {
                self.is_used = true;
                Ok(Some(part.len()))
            }
            Err(_) => Err(self.reset(Errno::Pipe)),
        }
    }

    fn reset(&self, errno: Errno) -> Failed {
        Failed::new(errno, format!("{} ended the connection", self.to))
    }

    /// What has to be waited for until it may be ready.
    pub fn source(&self, interest: Interest) -> Pollable {
        match (&self.streams, interest) {
            (None, _) => self.socket.subscribe(),
            (Some((input, _)), Interest::Read) => input.subscribe(),
            (Some((_, output)), Interest::Write) => output.subscribe(),
        }
    }

    /// Whether it is ready.
    pub fn is_ready(&self, interest: Interest) -> bool {
        match (&self.streams, interest) {
            (None, _) => false,
            (Some(_), Interest::Read) => !self.peeked.is_empty() || self.source(interest).ready(),
            (Some((_, output)), Interest::Write) => !matches!(output.check_write(), Ok(0)),
        }
    }

    /// Ends one or both directions.
    pub fn shut_down(&self, how: ShutdownType) -> Result {
        Ok(self.socket.shutdown(how)?)
    }

    /// The address of the other side, or its own.
    pub fn address(&self, of_peer: bool) -> Result<SocketAddr> {
        Ok(to_address(if of_peer { self.socket.remote_address()? } else { self.socket.local_address()? }))
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        // Where it is dropped, what the host has not sent yet may be lost.
        if let Some((_, output)) = &self.streams
            && let Ok(0) = output.check_write()
        {
            wait(&[output.subscribe()], Some(monotonic_clock::now().saturating_add(LINGER)));
        }
    }
}

/// The addresses of a name; the reason where it has none.
pub fn resolve(name: &str) -> Result<Vec<IpAddr>, Failed> {
    let failed = |code: ErrorCode| {
        let why = match Errno::from(code) {
            Errno::WouldBlock => return Failed::new(Errno::WouldBlock, format!("{name} cannot be resolved now")),
            Errno::Access => "the host of this component resolves none: with wasmtime, give it -S allow-ip-name-lookup",
            _ => "the host of this component finds no address",
        };
        Failed::new(Errno::NotFound, format!("the name {name} cannot be resolved: {why}"))
    };
    let stream = resolve_addresses(&instance_network(), name).map_err(failed)?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    loop {
        match stream.resolve_next_address() {
            Ok(Some(address)) => {
                let address = to_ip(address);
                if addresses.len() < MOST_ADDRESSES && !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            Ok(None) if addresses.is_empty() => return Err(failed(ErrorCode::NameUnresolvable)),
            Ok(None) => return Ok(addresses),
            Err(ErrorCode::WouldBlock) => stream.subscribe().block(),
            Err(code) => return Err(failed(code)),
        }
    }
}

/// An address and a port, as Python's half reads them.
pub fn shown(address: SocketAddr) -> String {
    format!("{} {}", address.ip(), address.port())
}

fn of_address(address: SocketAddr) -> IpSocketAddress {
    let port = address.port();
    match address.ip() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) })
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h] = ip.segments();
            let address = (a, b, c, d, e, f, g, h);
            IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 })
        }
    }
}

fn to_address(address: IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(known) => SocketAddr::new(to_ip(IpAddress::Ipv4(known.address)), known.port),
        IpSocketAddress::Ipv6(known) => SocketAddr::new(to_ip(IpAddress::Ipv6(known.address)), known.port),
    }
}

fn to_ip(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => Ipv4Addr::new(a, b, c, d).into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => Ipv6Addr::new(a, b, c, d, e, f, g, h).into(),
    }
}
