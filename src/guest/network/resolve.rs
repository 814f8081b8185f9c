//! The addresses of names. The system's resolver has no time limit of ours, so it is asked on threads of its own.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::task::Waker;
use std::thread;
use std::time::Instant;

use super::errno;
use super::wait::{Alarm, Patience, Woken};
use crate::guest::network::Failed;

/// How many names are resolved at a time in this process. A resolver that does not answer keeps its thread.
const MOST_THREADS: usize = 32;

/// How many addresses of a name are taken.
const MOST_ADDRESSES: usize = 32;

static THREADS: AtomicUsize = AtomicUsize::new(0);

/// One of the threads.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let taken = THREADS.try_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < MOST_THREADS).then_some(n + 1));
        taken.is_ok().then_some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The addresses of `name`.
///
/// # Errors
/// Fails with the reason that the guest is told, or where the run is to be stopped.
pub fn resolve(name: &str, alarm: &Alarm, patience: &Patience<'_>) -> wasmtime::Result<Result<Vec<IpAddr>, Failed>> {
    let busy =
        || Failed::new(errno::AGAIN, format!("{name} cannot be resolved now: {MOST_THREADS} names are being resolved"));
    let Some(place) = Place::take() else { return Ok(Err(busy())) };
    let Some(found) = start(name.to_owned(), place, alarm.waker()) else { return Ok(Err(busy())) };
    let unknown = |why: String| Failed::new(errno::NOENT, format!("the name {name} cannot be resolved: {why}"));
    loop {
        match found.try_recv() {
            Ok(Ok(addresses)) if addresses.is_empty() => return Ok(Err(unknown("it has no address".to_owned()))),
            Ok(found) => return Ok(found.map_err(|e| unknown(e.to_string()))),
            Err(TryRecvError::Disconnected) => return Ok(Err(unknown("the resolver ended".to_owned()))),
            Err(TryRecvError::Empty) => {}
        }
        if alarm.wait(patience, &[], None::<Instant>)? == Woken::Interrupted {
            return Ok(Err(Failed::new(errno::INTR, "interrupted".to_owned())));
        }
    }
}

fn start(name: String, place: Place, waker: Waker) -> Option<Receiver<std::io::Result<Vec<IpAddr>>>> {
    let (found, receiver) = mpsc::sync_channel(1);
    let ask = move || {
        let addresses = (name.as_str(), 0).to_socket_addrs();
        let unique = addresses.map(|all| {
            let mut unique = Vec::new();
            for address in all.map(|address| address.ip()) {
                if unique.len() < MOST_ADDRESSES && !unique.contains(&address) {
                    unique.push(address);
                }
            }
            unique
        });
        drop(place);
        // The run may be over.
        let _ = found.send(unique);
        waker.wake();
    };
    thread::Builder::new().name("resolver".to_owned()).spawn(ask).ok().map(|_| receiver)
}
