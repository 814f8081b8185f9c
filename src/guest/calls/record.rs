//! Recording the calls of a run.

use std::collections::HashMap;

use wasmtime::Trap;
use xxhash_rust::xxh3::xxh3_64;

use super::call::Call;
use super::effect::Places;
use super::log::{CallLog, Entry, Given, Outcome, numbers};
use super::outcome::RunCalls;
use super::streams::Streams;
use super::table::{FUNCTIONS, Function};

/// The largest log, in bytes; a run that makes a larger one is not recorded.
const MOST_BYTES: usize = 64 << 20;

/// From this size on, in bytes, what a call told is not written again if another tells the same. A library that draws text
/// reads a font some hundred times.
const LEAST_REPEATED: usize = 1024;

/// Records the calls of a run.
pub struct CallRecorder {
    log: CallLog,
    /// Where in the log what was told is, by its hash.
    told: HashMap<u64, usize>,
    streams: Streams,
    is_broken: bool,
    left: RunCalls,
}

/// What is known of a call before it is answered.
pub struct Begun {
    given: Given<'static>,
    places: Option<Places>,
}

impl CallRecorder {
    /// A recorder that leaves its log at `left`.
    pub fn new(left: RunCalls) -> Self {
        Self { log: CallLog::default(), told: HashMap::new(), streams: Streams::default(), is_broken: false, left }
    }

    /// Notes what a call is given, before it is answered.
    pub fn begin(&self, call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> Begun {
        let (memory, _) = call.parts();
        let places = Places::of(function, arguments, memory);
        let is_transfer = self.streams.is_transfer(function, arguments);
        let places = if is_transfer { places.map(Places::without_variable) } else { places };
        Begun { given: Given::of(function, arguments, memory), places }
    }

    /// Records a call that was answered.
    pub fn end(
        &mut self,
        call: &mut Call<'_>,
        number: usize,
        arguments: &[i64],
        begun: Begun,
        result: &wasmtime::Result<i32>,
    ) {
        let Some(function) = FUNCTIONS.get(number) else { return };
        if self.is_broken {
            return;
        }
        let (memory, _) = call.parts();
        let mut told = Vec::new();
        let reason;
        let outcome = match result {
            Ok(0) => {
                self.is_broken = self.streams.is_move(function, arguments);
                self.streams.note(function, arguments);
                match begun.places.and_then(|places| places.read(memory)) {
                    Some(bytes) => told = bytes,
                    None => self.is_broken = true,
                }
                Outcome::Told(&told)
            }
            Ok(errno) => Outcome::Failed(*errno),
            Err(error) if matches!(error.downcast_ref(), Some(Trap::Interrupt)) => Outcome::Interrupted,
            Err(error) => {
                reason = format!("{error:#}");
                Outcome::Trapped(&reason)
            }
        };
        let given = begun.given.with_buffers(function, arguments, memory, &outcome);
        let outcome = match outcome {
            Outcome::Told(told) if told.len() >= LEAST_REPEATED => self.told_once(told),
            outcome => outcome,
        };
        let function_number = u8::try_from(number).unwrap_or(u8::MAX);
        let entry = Entry { function: function_number, numbers: numbers(function, arguments), given, outcome };
        entry.append(&mut self.log.entries);
        self.log.calls += 1;
        if self.log.entries.len() > MOST_BYTES {
            self.is_broken = true;
        }
        if self.is_broken {
            self.log = CallLog::default();
        }
    }

    /// What the next entry says of a call that told this.
    fn told_once<'a>(&mut self, told: &'a [u8]) -> Outcome<'a> {
        let next = self.log.entries.len();
        let known = *self.told.entry(xxh3_64(told)).or_insert(next);
        match self.log.told(known) {
            Some(same) if same == told => Outcome::Repeated(known as u64),
            _ => Outcome::Told(told),
        }
    }
}

impl Drop for CallRecorder {
    fn drop(&mut self) {
        if !self.is_broken {
            self.left.leave(std::mem::take(&mut self.log));
        }
    }
}
