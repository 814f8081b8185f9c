//! Replaying the calls of a run: each is answered as it was when the run was recorded, and no file, clock or network is
//! asked. A run is a function of what it starts from and of these answers, so it does the same again.

use std::sync::Arc;

use wasmtime::Trap;

use super::call::Call;
use super::effect::{self, Places};
use super::log::{self, CallLog, Entry, Given, Outcome};
use super::outcome::{Deviation, RunCalls};
use super::session::SessionEnd;
use super::streams::Streams;
use super::table::{FUNCTIONS, Function};

/// Who answers a call.
pub enum Answer {
    /// It is answered, with this error number.
    Recorded(i32),
    /// The host: it reads standard input, or writes to standard output or error.
    Live,
}

/// Replays a log.
pub struct CallReplayer {
    log: Arc<CallLog>,
    /// How much of it is replayed: in bytes, and in calls.
    replayed: usize,
    calls: u64,
    streams: Streams,
    /// What a call told that the host answers.
    expected: Option<(i32, u64)>,
    left: RunCalls,
    /// A debugger's session, in which objects have other addresses, so that a run that prints them prints something else.
    session: Option<SessionEnd>,
    /// What the clock told last that the garbage collector reads, where it does and may be run at another call.
    collector_clock: Option<Vec<u8>>,
}

const ERRNO_FAULT: i32 = 21;

/// Whether a call may be one of the garbage collector, which measures itself since 3.15: `clock_time_get` of the monotonic
/// clock (`PyTime_PerfCounterRaw`, Python/gc.c).
fn may_be_of_collector(function: Option<&Function>, numbers: &[i64]) -> bool {
    const MONOTONIC: i64 = 1;
    function.is_some_and(|function| function.name == "clock_time_get") && numbers.first() == Some(&MONOTONIC)
}

/// What such a call was told, if `entry` is one.
fn clock_of<'a>(entry: &Entry<'a>) -> Option<&'a [u8]> {
    match entry.outcome {
        Outcome::Told(told) if may_be_of_collector(entry.function(), &entry.numbers) => Some(told),
        _ => None,
    }
}

impl CallReplayer {
    /// Replays `log` from its beginning. What is not replayed at the end is noted at `left`.
    pub fn new(log: Arc<CallLog>, left: RunCalls) -> Self {
        Self {
            log,
            replayed: 0,
            calls: 0,
            streams: Streams::default(),
            expected: None,
            left,
            session: None,
            collector_clock: None,
        }
    }

    /// Has the collector read its clock when it likes: what a debugger frees and allocates has it run at other calls than in
    /// the run that was recorded.
    pub fn free_collector(&mut self) {
        self.collector_clock = Some(vec![0; size_of::<u64>()]);
    }

    /// Notes at `session` where the run prints something else, which is no deviation then.
    pub fn tolerate(&mut self, session: SessionEnd) {
        self.session = Some(session);
    }

    /// Answers a call.
    ///
    /// # Errors
    /// Fails with a [`Deviation`] where it is not the one that was recorded, and as it failed then.
    pub fn answer(&mut self, call: &mut Call<'_>, number: usize, arguments: &[i64]) -> wasmtime::Result<Answer> {
        let Some(function) = FUNCTIONS.get(number) else { return Ok(Answer::Live) };
        let log = Arc::clone(&self.log);
        let (memory, _) = call.parts();
        let (numbers, given) = (log::numbers(function, arguments), Given::of(function, arguments, memory));
        if !may_be_of_collector(Some(function), &numbers) {
            self.skip_clock(&log);
        } else if let Some(told) = self.clock_that_was_not_read(&log) {
            let written = Places::of(function, arguments, memory).and_then(|places| places.write(memory, told));
            return Ok(Answer::Recorded(if written.is_some() { 0 } else { ERRNO_FAULT }));
        }
        let Some((next, after)) = log.entry(self.replayed) else {
            let is_end = self.replayed == log.entries.len();
            if is_end && log.interrupted {
                return Err(Trap::Interrupt.into());
            }
            let recorded = (!is_end).then(|| "what is no call: the recording is damaged".to_owned());
            return Err(self.deviation(function, &numbers, &given, recorded));
        };
        let given = given.with_buffers(function, arguments, memory, &next.outcome);
        let is_transfer = self.streams.is_transfer(function, arguments);
        let is_same = match &self.session {
            Some(session) if is_transfer && next.given != given => {
                session.note_difference();
                true
            }
            _ => next.given == given,
        };
        if usize::from(next.function) != number || next.numbers != numbers || !is_same {
            let recorded = next.function().map(|function| log::describe(function, &next.numbers, &next.given));
            return Err(self.deviation(function, &numbers, &given, recorded));
        }
        let answer = match next.outcome {
            Outcome::Interrupted => Err(Trap::Interrupt.into()),
            Outcome::Told(told) if is_transfer => {
                self.expected = Some((0, effect::count(told) as u64));
                Ok(Answer::Live)
            }
            Outcome::Failed(errno) if is_transfer => {
                self.expected = Some((errno, 0));
                Ok(Answer::Live)
            }
            // The host ends the run in the same way again, by the same limit.
            Outcome::Trapped(_) if is_transfer => Ok(Answer::Live),
            Outcome::Trapped(reason) => Err(wasmtime::Error::msg(reason.to_owned())),
            Outcome::Failed(errno) => Ok(Answer::Recorded(errno)),
            Outcome::Told(told)
                if Places::of(function, arguments, memory).and_then(|places| places.write(memory, told)).is_some() =>
            {
                self.streams.note(function, arguments);
                Ok(Answer::Recorded(0))
            }
            // What an entry repeats is put in where it is read.
            Outcome::Told(_) | Outcome::Repeated(_) => {
                let recorded = Some("an answer that does not fit: the recording is damaged".to_owned());
                return Err(self.deviation(function, &numbers, &given, recorded));
            }
        };
        self.replayed = after;
        self.calls += 1;
        answer
    }

    /// Compares what the host answered to a call with what was recorded.
    ///
    /// # Errors
    /// Fails with a [`Deviation`] where they differ.
    pub fn compare(
        &mut self,
        call: &mut Call<'_>,
        function: &Function,
        arguments: &[i64],
        result: &wasmtime::Result<i32>,
    ) -> wasmtime::Result<()> {
        let (Some((errno, count)), Ok(now)) = (self.expected.take(), result) else { return Ok(()) };
        let (memory, _) = call.parts();
        let places = Places::of(function, arguments, memory).map(Places::without_variable);
        let told = places.and_then(|places| places.read(memory)).unwrap_or_default();
        let counted = if *now == 0 { effect::count(&told) as u64 } else { 0 };
        if (*now, counted) == (errno, count) {
            return Ok(());
        }
        if let Some(session) = &self.session {
            session.note_difference();
            return Ok(());
        }
        let recorded = format!("one of {count} bytes (error number {errno})");
        let made = format!("{} of {counted} bytes (error number {now})", function.name);
        Err(self.end(Deviation { call: self.calls, made, recorded: Some(recorded) }))
    }

    /// Goes on after what the collector asked for, perhaps, when the run was recorded.
    fn skip_clock(&mut self, log: &CallLog) {
        while self.collector_clock.is_some()
            && let Some((next, rest)) = Entry::first(log.entries.get(self.replayed..).unwrap_or_default())
            && clock_of(&next).is_some()
        {
            self.replayed = log.entries.len() - rest.len();
            self.calls += 1;
        }
    }

    /// What the collector is told where it did not read its clock when the run was recorded: what it was told last.
    fn clock_that_was_not_read(&mut self, log: &CallLog) -> Option<&[u8]> {
        let last = self.collector_clock.as_mut()?;
        let rest = log.entries.get(self.replayed..).unwrap_or_default();
        match Entry::first(rest).as_ref().map(|(next, _)| clock_of(next)) {
            Some(Some(told)) => {
                *last = told.to_vec();
                None
            }
            // The run was stopped there.
            None if log.interrupted => None,
            _ => Some(last),
        }
    }

    /// Whether the run was stopped after the last call that was replayed.
    pub fn is_interrupted(&self) -> bool {
        self.log.interrupted && self.replayed == self.log.entries.len()
    }

    fn deviation(
        &self,
        function: &Function,
        numbers: &[i64],
        given: &Given<'_>,
        recorded: Option<String>,
    ) -> wasmtime::Error {
        self.end(Deviation { call: self.calls + 1, made: log::describe(function, numbers, given), recorded })
    }

    /// Leaves a deviation, and gives back the error that ends the run.
    fn end(&self, deviation: Deviation) -> wasmtime::Error {
        self.left.leave_deviation(deviation.clone());
        deviation.into()
    }
}

impl Drop for CallReplayer {
    fn drop(&mut self) {
        let log = Arc::clone(&self.log);
        self.skip_clock(&log);
        let rest = self.log.entries.get(self.replayed..).filter(|rest| !rest.is_empty());
        if let Some((next, _)) = rest.and_then(Entry::first) {
            let recorded = next.function().map(|function| log::describe(function, &next.numbers, &next.given));
            self.left.leave_deviation(Deviation {
                call: self.calls + 1,
                made: "the end of the run".to_owned(),
                recorded,
            });
        }
    }
}
