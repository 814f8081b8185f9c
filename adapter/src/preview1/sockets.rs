//! Calls about what the network has open, which come before those about files.

use alloc::vec::Vec;

use wasip2::sockets::tcp::ShutdownType;

use super::descriptors::STREAM_TYPE;
use super::{buffers, export, scatter, total};
use crate::errno::{Errno, Result};
use crate::guest::{Place, Range};
use crate::network::Network;
use crate::state;

/// `fdflags`: NONBLOCK.
const NONBLOCK: u32 = 4;

/// `riflags`: RECV_PEEK and RECV_WAITALL.
const PEEK: u32 = 1;
const WAIT_FOR_ALL: u32 = 2;

export! {
    fn sock_accept(_socket: u32, _flags: u32, _accepted: u32) { Err(Errno::BadDescriptor) }
    fn sock_recv(socket: u32, list: u32, count: u32, how: u32, moved: u32, flags: u32) {
        let descriptor = with(|network| network.find(socket)).ok_or(Errno::NotSupported)?;
        receive(descriptor, list, count, how, moved)?;
        Place(flags).write(&[0; 2])
    }
    fn sock_send(socket: u32, list: u32, count: u32, _how: u32, moved: u32) {
        let descriptor = with(|network| network.find(socket)).ok_or(Errno::NotSupported)?;
        send(descriptor, list, count, moved)
    }
    fn sock_shutdown(socket: u32, how: u32) {
        let descriptor = with(|network| network.find(socket)).ok_or(Errno::NotSupported)?;
        let how = match how {
            1 => ShutdownType::Receive,
            2 => ShutdownType::Send,
            3 => ShutdownType::Both,
            _ => return Err(Errno::Invalid),
        };
        change(|network| network.shut_down(descriptor, how))
    }
}

/// Lends the network, if there is one.
fn with<R>(then: impl FnOnce(&mut Network) -> Option<R>) -> Option<R> {
    state::with(|state| state.network.as_mut().and_then(then))
}

fn change<R>(then: impl FnOnce(&mut Network) -> Result<R>) -> Result<R> {
    with(|network| Some(then(network))).unwrap_or(Err(Errno::BadDescriptor))
}

/// What the network has open under the descriptor of a call that is about files as well. The guest's own number of a socket
/// may be that of a file here.
pub fn find(file: u32) -> Option<u32> {
    state::with(|state| {
        let network = state.network.as_ref()?;
        if network.has(file) {
            return Some(file);
        }
        network.named(file).filter(|_| state.files.descriptor(file).is_err())
    })
}

/// Opens what a path asks for, if it is the network's.
pub fn open(directory: u32, path: &str) -> Option<Result<u32>> {
    with(|network| {
        let part = network.part(directory, path)?;
        Some(network.open(part))
    })
}

/// Answers a link, if it is the network's.
pub fn read_link(directory: u32, path: &str) -> Option<Result<alloc::string::String>> {
    with(|network| {
        let part = network.part(directory, path)?;
        Some(network.ask(part))
    })
}

/// As `fd_read`, and `sock_recv` with flags.
pub fn receive(descriptor: u32, list: u32, count: u32, how: u32, moved: u32) -> Result {
    let most = total(list, count)?;
    let is_peeked = how & PEEK != 0;
    let mut read = change(|network| network.read(descriptor, most, is_peeked))?;
    while how & WAIT_FOR_ALL != 0 && !is_peeked && read.len() < most {
        match change(|network| network.read(descriptor, most - read.len(), false)) {
            Ok(more) if !more.is_empty() => read.extend_from_slice(&more),
            _ => break,
        }
    }
    let filled = scatter(list, count, &read)?;
    Place(moved).write(&filled.to_le_bytes())
}

/// As `fd_write` and `sock_send`.
pub fn send(descriptor: u32, list: u32, count: u32, moved: u32) -> Result {
    let parts = buffers(list, count).map(|part| part?.bytes()).collect::<Result<Vec<_>>>()?;
    let mut sent = 0;
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match change(|network| network.write(descriptor, part)) {
            Ok(size) => {
                sent += size;
                if size < part.len() {
                    break;
                }
            }
            Err(_) if sent > 0 => break,
            Err(errno) => return Err(errno),
        }
    }
    Place(moved).write(&(sent as u32).to_le_bytes())
}

/// As `fd_close`.
pub fn close(descriptor: u32) -> Result {
    change(|network| {
        network.close(descriptor);
        Ok(())
    })
}

/// As `fd_fdstat_get`: the type and the flags.
pub fn status(descriptor: u32) -> (u8, u8) {
    let waits = with(|network| Some(network.is_nonblocking(descriptor))) != Some(true);
    (STREAM_TYPE, if waits { 0 } else { NONBLOCK as u8 })
}

/// As `fd_fdstat_set_flags`.
pub fn set_flags(descriptor: u32, flags: u32) -> Result {
    change(|network| {
        network.set_nonblocking(descriptor, flags & NONBLOCK != 0);
        Ok(())
    })
}

/// Fills a buffer with a text, and says how much of it that is.
pub fn fill(text: &str, buffer: u32, size: u32, used: u32) -> Result {
    let filled = Range { start: buffer, length: size }.fill(text.as_bytes())?;
    Place(used).write(&filled.to_le_bytes())
}
