//! Sleeping: `poll_oneoff`.
//!
//! A guest that sleeps runs host code, which no epoch interrupts, so the sleep itself must end at the run's deadline or when
//! it is cancelled. What else a guest can wait for are sockets, see [`crate::guest::network`], and files and memory, which are
//! always ready.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime::Trap;

use super::RunState;
use super::call::{Call, offset};
use super::surroundings::MadeUp;
use super::table::EVENT;
use crate::guest::answered::AnsweredFiles;
use crate::guest::network::{Interest, Patience};

// The layout of `subscription` and `event`, in bytes, and the values used here:
// WASI preview 1, https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
const SUBSCRIPTION: usize = 48;
const CLOCK_REALTIME: u32 = 0;
const CLOCK_MONOTONIC: u32 = 1;
const EVENT_CLOCK: u8 = 0;
const EVENT_READ: u8 = 1;
const FLAG_ABSOLUTE: u16 = 1;
const ERRNO_SUCCESS: i32 = 0;
const ERRNO_FAULT: i32 = 21;
const ERRNO_INVAL: i32 = 28;

/// `poll_oneoff`. It waits on the thread that it is called on.
pub async fn poll_oneoff(
    call: &mut Call<'_>,
    subs: i32,
    events: i32,
    count: i32,
    stored: i32,
) -> wasmtime::Result<i32> {
    let (subs, events, count, stored) = (offset(subs), offset(events), offset(count), offset(stored));
    if count == 0 {
        return Ok(ERRNO_INVAL);
    }
    let (data, state) = call.parts();
    let Some(end) = subs.checked_add(count.saturating_mul(SUBSCRIPTION)).filter(|end| *end <= data.len()) else {
        return Ok(ERRNO_FAULT);
    };
    // Read in place, each time anew: a copy could be as large as the guest's memory.
    let read = |data: &[u8], i: usize| Subscription::read(data.get(subs + i * SUBSCRIPTION..end)?);

    let now = Now::of(state);
    // A file is ready at once, so nothing sleeps until a clock that is subscribed to beside it.
    let mut any_ready = false;
    let mut shortest = Duration::MAX;
    let mut sockets = Vec::new();
    for subscription in (0..count).filter_map(|i| read(data, i)) {
        match (&subscription.clock, socket_of(state, &subscription)) {
            (Some(clock), _) => shortest = shortest.min(clock.wait(&now)),
            // One that is subscribed to a million times is asked once: no deadline ends that.
            (None, Some(socket)) if sockets.contains(&socket) => {}
            (None, Some(socket)) => sockets.push(socket),
            (None, None) => any_ready = true,
        }
    }
    if !sockets.is_empty() {
        let ready = wait(state, &sockets, if any_ready { Duration::ZERO } else { shortest })?;
        let mut ready = ready.into_iter();
        sockets.retain(|_| ready.next() == Some(true));
        any_ready |= !sockets.is_empty();
    } else if !any_ready {
        // An interrupt ends it as the clock does: of all errors, libc makes ENOTSUP, which Python takes for its own.
        sleep(state, shortest)?;
    }
    let is_ready = |subscription: &Subscription| match (&subscription.clock, socket_of(state, subscription)) {
        (Some(clock), _) => !any_ready && clock.wait(&now) <= shortest,
        (None, Some(socket)) => sockets.contains(&socket),
        (None, None) => true,
    };

    let mut ready = 0_u32;
    for i in 0..count {
        let Some(subscription) = read(data, i).filter(is_ready) else { continue };
        let start = events.saturating_add((ready as usize).saturating_mul(EVENT));
        let Some(event) = data.get_mut(start..start.saturating_add(EVENT)) else { return Ok(ERRNO_FAULT) };
        event.copy_from_slice(&subscription.event());
        ready += 1;
    }
    let Some(place) = data.get_mut(stored..stored.saturating_add(4)) else { return Ok(ERRNO_FAULT) };
    place.copy_from_slice(&ready.to_le_bytes());
    Ok(ERRNO_SUCCESS)
}

/// The socket that is subscribed to, and what for.
fn socket_of(state: &RunState, subscription: &Subscription) -> Option<(i32, Interest)> {
    let interest = if subscription.kind == EVENT_READ { Interest::Read } else { Interest::Write };
    Some((state.network.as_ref()?.find(subscription.descriptor?)?, interest))
}

/// Waits for `sockets`, for so long; says of each whether it is ready. With a made-up clock, the others go on, too.
fn wait(state: &mut RunState, sockets: &[(i32, Interest)], time: Duration) -> wasmtime::Result<Vec<bool>> {
    let begun = Instant::now();
    let RunState { network: Some(network), deadline, cancellation, .. } = state else { return Ok(Vec::new()) };
    let patience = Patience { deadline: *deadline, cancellation };
    let ready = network.poll(sockets, begun.checked_add(time), &patience)?;
    if let Some(clock) = state.made_up.as_mut().and_then(MadeUp::clock) {
        clock.advance(begun.elapsed());
    }
    Ok(ready)
}

/// Sleeps, or lets a made-up clock go on.
fn sleep(state: &mut RunState, time: Duration) -> wasmtime::Result<()> {
    if let Some(clock) = state.made_up.as_mut().and_then(MadeUp::clock) {
        clock.advance(time);
        return if state.must_stop() { Err(Trap::Interrupt.into()) } else { Ok(()) };
    }
    let left = state.deadline.saturating_duration_since(Instant::now());
    state.cancellation.sleep(time.min(left));
    if time > left || state.cancellation.is_cancelled() { Err(Trap::Interrupt.into()) } else { Ok(()) }
}

/// The guest's clocks at the time of a call.
struct Now {
    monotonic: Duration,
    realtime: Duration,
}

impl Now {
    fn of(state: &mut RunState) -> Self {
        if let Some(clock) = state.made_up.as_mut().and_then(MadeUp::clock) {
            return Self { monotonic: clock.monotonic(), realtime: clock.realtime() };
        }
        let realtime = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { monotonic: state.monotonic_start.elapsed(), realtime }
    }
}

struct Subscription {
    userdata: [u8; 8],
    kind: u8,
    clock: Option<Clock>,
    /// What is subscribed to, where that is no clock.
    descriptor: Option<i32>,
}

struct Clock {
    id: u32,
    timeout: Duration,
    absolute: bool,
}

impl Clock {
    /// How long it is from now until the subscribed time.
    fn wait(&self, now: &Now) -> Duration {
        match self {
            Self { timeout, absolute: false, .. } => *timeout,
            Self { timeout, id: CLOCK_MONOTONIC, .. } => timeout.saturating_sub(now.monotonic),
            Self { timeout, id: CLOCK_REALTIME, .. } => timeout.saturating_sub(now.realtime),
            Self { .. } => Duration::ZERO,
        }
    }
}

impl Subscription {
    fn read(bytes: &[u8]) -> Option<Self> {
        let userdata = *bytes.first_chunk()?;
        let kind = *bytes.get(8)?;
        let clock = if kind == EVENT_CLOCK {
            Some(Clock {
                id: u32::from_le_bytes(*bytes.get(16..)?.first_chunk()?),
                timeout: Duration::from_nanos(u64::from_le_bytes(*bytes.get(24..)?.first_chunk()?)),
                absolute: u16::from_le_bytes(*bytes.get(40..)?.first_chunk()?) & FLAG_ABSOLUTE != 0,
            })
        } else {
            None
        };
        let descriptor = match clock {
            Some(_) => None,
            None => Some(i32::from_le_bytes(*bytes.get(16..)?.first_chunk()?)),
        };
        Some(Self { userdata, kind, clock, descriptor })
    }

    fn event(&self) -> [u8; EVENT] {
        let mut event = [0; EVENT];
        event[..8].copy_from_slice(&self.userdata);
        event[10] = self.kind;
        if self.clock.is_none() {
            // The number of bytes is unknown. Readers only need to know that there is one.
            event[16] = 1;
        }
        event
    }
}
