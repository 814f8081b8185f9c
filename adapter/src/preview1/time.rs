//! Clocks, sleeping and random numbers.

use wasip2::clocks::{monotonic_clock, wall_clock};

use super::export;
use crate::errno::{Errno, Result};
use crate::guest::{Place, Range};
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

/// What is waited for: a clock, or a stream or file, which is always ready.
struct Subscription {
    userdata: [u8; 8],
    kind: u8,
    /// How long until its clock is there, in nanoseconds.
    wait: Option<u64>,
}

impl Subscription {
    fn read(place: Place) -> Result<Self> {
        let [kind] = place.further(KIND)?.read()?;
        let wait = if kind == KIND_CLOCK {
            let clock = place.further(CLOCK)?.word()?;
            let timeout = u64::from_le_bytes(place.further(TIMEOUT)?.read()?);
            let is_absolute = u16::from_le_bytes(place.further(FLAGS)?.read()?) & ABSOLUTE != 0;
            Some(if is_absolute { timeout.saturating_sub(now(clock)?) } else { timeout })
        } else {
            None
        };
        Ok(Self { userdata: place.read()?, kind, wait })
    }

    fn event(&self) -> [u8; EVENT] {
        let mut event = [0; EVENT];
        let (userdata, rest) = event.split_at_mut(8);
        userdata.copy_from_slice(&self.userdata);
        // After the error number comes the kind, and for what can be read or written how much that is: some.
        rest[2] = self.kind;
        rest[8] = u8::from(self.wait.is_none());
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
    let (mut any_ready, mut shortest) = (false, u64::MAX);
    for number in 0..count {
        match read(number)?.wait {
            Some(wait) => shortest = shortest.min(wait),
            None => any_ready = true,
        }
    }
    let mut ready = 0_u32;
    for number in 0..count {
        let subscription = read(number)?;
        if subscription.wait.is_none_or(|wait| !any_ready && wait <= shortest) {
            Place(events).further(ready * EVENT as u32)?.write(&subscription.event())?;
            ready += 1;
        }
    }
    if !any_ready {
        monotonic_clock::subscribe_duration(shortest).block();
    }
    Place(stored).write(&ready.to_le_bytes())
}
