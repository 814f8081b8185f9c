//! The terminal at which `breakpoint()` asks in a run whose standard streams are a request and its answer. The half in the guest,
//! `debug/breakpoint.py`, sets a byte of memory while it reads standard input or writes to standard output for that.

use std::time::Instant;

use super::call::Call;
use super::effect;
use super::table::Function;
use super::tool::{ERRNO_FAULT, ERRNO_IO, flag_at, put_count};
use crate::guest::console::{Console, Stream};

/// A terminal beside the streams of a run.
pub struct BreakpointTerminal {
    console: Console,
    /// The address of the byte.
    flag: Option<usize>,
}

impl BreakpointTerminal {
    /// The terminal that `console` is, which the guest cannot reach yet.
    pub fn new(console: Console) -> Self {
        Self { console, flag: None }
    }

    /// Lets the guest reach it by the byte array at the address `flag`.
    pub fn open(&mut self, memory: &[u8], flag: u32) {
        self.flag = flag_at(memory, flag);
    }

    /// The error number of a call, if it is one to the terminal. The time that the user takes is none of the run's.
    pub fn answer(&self, call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> Option<i32> {
        let is_read = match (function.name, arguments.first()?) {
            ("fd_read", 0) => true,
            ("fd_write", 1) => false,
            _ => return None,
        };
        let (memory, state) = call.parts();
        memory.get(self.flag?).filter(|byte| **byte != 0)?;
        // Python reads and writes one buffer at a time.
        let buffer = effect::transferred(function, arguments, memory)
            .map(|mut buffers| buffers.find(|buffer| !buffer.is_empty()).unwrap_or_default());
        let Some(buffer) = buffer.and_then(|buffer| memory.get_mut(buffer)) else { return Some(ERRNO_FAULT) };
        let moved = if is_read {
            let since = Instant::now();
            let read = self.console.read(buffer.len());
            state.deadline = state.deadline.checked_add(since.elapsed()).unwrap_or(state.deadline);
            read.map(|bytes| {
                let length = bytes.len().min(buffer.len());
                buffer.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
                length
            })
        } else {
            self.console.write(Stream::Stderr, buffer).map(|()| buffer.len())
        };
        Some(moved.map_or(ERRNO_IO, |count| put_count(memory, arguments, count)))
    }
}
