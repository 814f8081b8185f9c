//! WASI preview 1: wasmtime-wasi's functions, and those that replace some of them.
//!
//! `poll_oneoff`: a guest that sleeps runs host code, which no epoch interrupts, so the sleep itself must end at the run's
//! deadline or when it is cancelled. Everything else that a guest can wait for is a file
//! or memory, which is always ready.
//!
//! `path_open` and `path_filestat_set_times`: see `special`; `fd_readdir`: see `listing`; `path_create_directory` and
//! `path_remove_directory`: see `sqlite_locks`; `fd_read`, `fd_write`, `fd_pread` and `fd_pwrite`: see `buffers`.
//!
//! `proc_exit`: passes every exit code on, and notes whether `main` returned it. wasmtime-wasi turns codes from 126 up
//! into an error.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime::{Caller, Extern, Linker, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::call::offset;
use super::wasi::RunState;
use super::{buffers, readdir, special, sqlite_locks};

// The layout of `subscription` and `event`, in bytes, and the values used here:
// WASI preview 1, https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
const SUBSCRIPTION: usize = 48;
const EVENT: usize = 32;
const CLOCK_REALTIME: u32 = 0;
const CLOCK_MONOTONIC: u32 = 1;
const EVENT_CLOCK: u8 = 0;
const FLAG_ABSOLUTE: u16 = 1;
const ERRNO_SUCCESS: i32 = 0;
const ERRNO_FAULT: i32 = 21;
const ERRNO_INVAL: i32 = 28;

/// Adds WASI preview 1 to `linker`.
///
/// # Errors
/// Fails where a function has another type in wasmtime-wasi, which would be a defect of pywagi.
pub fn add_to_linker(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    wasmtime_wasi::p1::add_to_linker_sync(linker, |state| &mut state.wasi)?;
    linker.func_wrap("wasi_snapshot_preview1", "poll_oneoff", poll_oneoff)?;
    linker.func_wrap("wasi_snapshot_preview1", "proc_exit", proc_exit)?;
    buffers::add_to_linker(linker)?;
    special::add_to_linker(linker)?;
    sqlite_locks::add_to_linker(linker)?;
    readdir::add_to_linker(linker)
}

/// The most frames on the stack when the start function ends the run itself: its own, and that of libc's `proc_exit`.
const START_FRAMES: usize = 2;

/// Ends the run with an exit code. libc's start function does so with what `main` returns if that is not 0; every other
/// call comes from below `main`.
fn proc_exit(caller: Caller<'_, RunState>, code: i32) -> wasmtime::Result<()> {
    if code != 0 {
        let frames = WasmBacktrace::force_capture(&caller).frames().len();
        caller.data().record.note_exit(frames <= START_FRAMES);
    }
    Err(I32Exit(code).into())
}

fn poll_oneoff(
    mut caller: Caller<'_, RunState>,
    subs: i32,
    events: i32,
    count: i32,
    stored: i32,
) -> wasmtime::Result<i32> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return Ok(ERRNO_FAULT) };
    let (subs, events, count, stored) = (offset(subs), offset(events), offset(count), offset(stored));
    if count == 0 {
        return Ok(ERRNO_INVAL);
    }
    let (data, state) = memory.data_and_store_mut(&mut caller);
    let Some(end) = subs.checked_add(count.saturating_mul(SUBSCRIPTION)).filter(|end| *end <= data.len()) else {
        return Ok(ERRNO_FAULT);
    };
    // Read in place, each time anew: a copy could be as large as the guest's memory.
    let read = |data: &[u8], i: usize| Subscription::read(data.get(subs + i * SUBSCRIPTION..end)?);

    let now = Now::of(state.monotonic_start);
    // A stream is ready at once, so nothing sleeps until a clock that is subscribed to beside it.
    let mut any_ready = false;
    let mut shortest = Duration::MAX;
    for subscription in (0..count).filter_map(|i| read(data, i)) {
        match &subscription.clock {
            None => any_ready = true,
            Some(clock) => shortest = shortest.min(clock.wait(&now)),
        }
    }
    if !any_ready {
        let left = state.deadline.saturating_duration_since(Instant::now());
        state.cancellation.sleep(shortest.min(left));
        if shortest > left || state.cancellation.is_cancelled() {
            return Err(Trap::Interrupt.into());
        }
    }
    let is_ready = |subscription: &Subscription| match &subscription.clock {
        None => true,
        Some(clock) => !any_ready && clock.wait(&now) <= shortest,
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

/// The guest's clocks at the time of a call.
struct Now {
    monotonic: Duration,
    realtime: Duration,
}

impl Now {
    fn of(monotonic_start: Instant) -> Self {
        let realtime = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { monotonic: monotonic_start.elapsed(), realtime }
    }
}

struct Subscription {
    userdata: [u8; 8],
    kind: u8,
    clock: Option<Clock>,
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
        Some(Self { userdata, kind, clock })
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
