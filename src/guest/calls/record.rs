//! Recording the calls of a run.

use wasmtime::Trap;

use super::call::Call;
use super::effect::Places;
use super::log::{CallLog, Entry, Given, Outcome, numbers};
use super::outcome::RunCalls;
use super::streams::Streams;
use super::table::{FUNCTIONS, Function};

/// The largest log, in bytes; a run that makes a larger one is not recorded.
const MOST_BYTES: usize = 64 << 20;

/// Records the calls of a run.
pub struct CallRecorder {
    log: CallLog,
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
        Self { log: CallLog::default(), streams: Streams::default(), is_broken: false, left }
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
}

impl Drop for CallRecorder {
    fn drop(&mut self) {
        if !self.is_broken {
            self.left.leave(std::mem::take(&mut self.log));
        }
    }
}
