//! Clocks, sleeping and random numbers.

use alloc::vec::Vec;

use wasip2::clocks::{monotonic_clock, wall_clock};

use super::export;
use crate::errno::{Errno, Result};
use crate::guest::{Place, Range};
use crate::network::Interest;
use crate::state;

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;

// The layout of `subscription` and `event`, in bytes, and the values used here.
const SUBSCRIPTION: u32 = 48;
const EVENT: usize = 32;
const KIND: u32 = 8;
const CLOCK: u32 = 16;
const TIMEOUT: u32 = 24;
const FLAGS: u32 = 40;
const KIND_CLOCK: u8 = 0;
const KIND_READ: u8 = 1;
const ABSOLUTE: u16 = 1;

export! {
    fn clock_res_get(clock: u32, resolution: u32) {
        now(clock)?;
        Place(resolution).write(&1_u64.to_le_bytes())
    }
    fn clock_time_get(clock: u32, _precision: u64, time: u32) {
        Place(time).write(&now(clock)?.to_le_bytes())
    }
    fn random_get(start: u32, length: u32) {
        let bytes = wasip2::random::random::get_random_bytes(u64::from(length));
        Range { start, length }.fill(&bytes).map(drop)
    }
    fn poll_oneoff(subscriptions: u32, events: u32, count: u32, stored: u32) {
        poll(subscriptions, events, count, stored)
    }
}

/// The time of a clock, in nanoseconds. Clocks other than the first begin with the request.
pub fn now(clock: u32) -> Result<u64> {
    match clock {
        REALTIME => {
            let now = wall_clock::now();
            Ok(now.seconds.saturating_mul(1_000_000_000).saturating_add(u64::from(now.nanoseconds)))
        }
        MONOTONIC => Ok(monotonic_clock::now().saturating_sub(state::with(|state| state.started))),
        _ => Err(Errno::BadDescriptor),
    }
}

/// What is waited for: a clock, a socket, or a stream or file, which is always ready.
struct Subscription {
    userdata: [u8; 8],
    kind: u8,
    on: On,
}

enum On {
    /// When its clock is there, on that of the host.
    Clock(u64),
    Socket(u32, Interest),
    File,
}

impl Subscription {
    fn read(place: Place) -> Result<Self> {
        let [kind] = place.further(KIND)?.read()?;
        let on = if kind == KIND_CLOCK {
            let clock = place.further(CLOCK)?.word()?;
            let timeout = u64::from_le_bytes(place.further(TIMEOUT)?.read()?);
            let is_absolute = u16::from_le_bytes(place.further(FLAGS)?.read()?) & ABSOLUTE != 0;
            let wait = if is_absolute { timeout.saturating_sub(now(clock)?) } else { timeout };
            On::Clock(monotonic_clock::now().saturating_add(wait))
        } else {
            let file = place.further(CLOCK)?.word()?;
            let socket = state::with(|state| state.network.as_ref()?.find(file));
            let interest = if kind == KIND_READ { Interest::Read } else { Interest::Write };
            socket.map_or(On::File, |socket| On::Socket(socket, interest))
        };
        Ok(Self { userdata: place.read()?, kind, on })
    }

    fn event(&self) -> [u8; EVENT] {
        let mut event = [0; EVENT];
        let (userdata, rest) = event.split_at_mut(8);
        userdata.copy_from_slice(&self.userdata);
        // After the error number comes the kind, and for what can be read or written how much that is: some.
        rest[2] = self.kind;
        rest[8] = u8::from(!matches!(self.on, On::Clock(_)));
        event
    }
}

fn poll(subscriptions: u32, events: u32, count: u32, stored: u32) -> Result {
    if count == 0 {
        return Err(Errno::Invalid);
    }
    let read = |number: u32| {
        let place = number.checked_mul(SUBSCRIPTION).ok_or(Errno::Fault)?;
        Subscription::read(Place(subscriptions).further(place)?)
    };
    let all = (0..count).map(read).collect::<Result<Vec<_>>>()?;
    let clocks = all.iter().filter_map(|one| if let On::Clock(until) = one.on { Some(until) } else { None });
    let until = clocks.min();
    let sockets: Vec<_> = all
        .iter()
        .filter_map(|one| if let On::Socket(socket, interest) = one.on { Some((socket, interest)) } else { None })
        .collect();
    let has_files = all.iter().any(|one| matches!(one.on, On::File));
    let mut ready = Vec::new();
    if !sockets.is_empty() {
        // Where files are ready, sockets are looked at and not waited for.
        let until = if has_files { Some(0) } else { until };
        ready = state::with(|state| state.network.as_mut().map(|network| network.poll(&sockets, until)))
            .unwrap_or_default();
    } else if let Some(until) = until.filter(|_| !has_files) {
        monotonic_clock::subscribe_duration(until.saturating_sub(monotonic_clock::now())).block();
    }
    // What was waited for is there.
    let waited = until.filter(|_| sockets.is_empty() && !has_files).unwrap_or_default();
    let (mut ready, now) = (ready.into_iter(), monotonic_clock::now().max(waited));
    let mut told = 0_u32;
    for one in &all {
        let is_ready = match one.on {
            On::Clock(until) => !has_files && until <= now,
            On::Socket(..) => ready.next().unwrap_or(true),
            On::File => true,
        };
        if is_ready {
            Place(events).further(told * EVENT as u32)?.write(&one.event())?;
            told += 1;
        }
    }
    Place(stored).write(&told.to_le_bytes())
}
