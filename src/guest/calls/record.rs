//! Recording the calls of a run.

use std::borrow::Cow;

use wasmtime::Trap;

use super::call::Call;
use super::effect::{self, Places};
use super::hooks::RunCalls;
use super::log::{CallLog, Entry, Given, Outcome, numbers};
use super::table::{Argument, Function};

/// The largest log, in bytes; a run that makes a larger one is not recorded.
const MOST_BYTES: usize = 64 << 20;

/// Up to this size, in bytes, the paths that a call is given are kept; longer ones are no paths.
const MOST_PATH: usize = 8192;

/// Which of standard input, output and error a guest still has: it can close them, and open a file in their place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    lost: [bool; 3],
}

impl Streams {
    /// Whether a call reads standard input or writes to standard output or error. What such calls do follows from the input
    /// of the run, so logs have their place in the order of calls, and not what was read.
    pub fn is_transfer(&self, function: &Function, arguments: &[i64]) -> bool {
        let stream = arguments.first().and_then(|descriptor| usize::try_from(*descriptor).ok());
        let Some(stream) = stream.filter(|stream| self.lost.get(*stream) == Some(&false)) else { return false };
        matches!((function.name, stream), ("fd_read", 0) | ("fd_write", 1 | 2))
    }

    /// Notes what a successful call does to the streams.
    pub fn note(&mut self, function: &Function, arguments: &[i64]) {
        if matches!(function.name, "fd_close" | "fd_renumber") {
            for descriptor in arguments {
                let stream = usize::try_from(*descriptor).ok().and_then(|stream| self.lost.get_mut(stream));
                if let Some(lost) = stream {
                    *lost = true;
                }
            }
        }
    }
}

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
        Begun { given: given(function, arguments, memory), places }
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
        let Some(function) = super::table::FUNCTIONS.get(number) else { return };
        if self.is_broken {
            return;
        }
        let (memory, _) = call.parts();
        let mut told = Vec::new();
        let reason;
        let outcome = match result {
            Ok(0) => {
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
        let given = complete(begun.given, function, arguments, memory, &outcome);
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

/// The paths that a call is given.
pub fn given(function: &Function, arguments: &[i64], memory: &[u8]) -> Given<'static> {
    if !function.arguments.contains(&Argument::Input) {
        return Given::Nothing;
    }
    match effect::inputs(function, arguments, memory) {
        Some(bytes) if bytes.len() <= MOST_PATH => Given::Bytes(Cow::Owned(bytes)),
        _ => Given::Nothing,
    }
}

/// What a call was given: of buffers, as much as it took.
pub fn complete(
    given: Given<'static>,
    function: &Function,
    arguments: &[i64],
    memory: &[u8],
    outcome: &Outcome<'_>,
) -> Given<'static> {
    let taken = match outcome {
        Outcome::Told(told) => effect::count(told),
        _ => 0,
    };
    match given {
        Given::Nothing => effect::gathered(function, arguments, memory, taken).map_or(Given::Nothing, Given::Hash),
        given => given,
    }
}
