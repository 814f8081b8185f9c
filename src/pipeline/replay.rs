//! A recorded request, run again.

use std::sync::Arc;
use std::time::Instant;

use crate::guest::{
    self, DebugTerminal, Debugger, Deviation, Exit, Image, Input, Output, Program, Raised, Recording, Session,
    StderrSink, Volume,
};
use crate::recording::{Ended, RecordedRequest};

use super::{Outcome, Ran, Replayable, Timings, outcome_of};

/// A recorded request that was run again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The outcome, as it was.
    pub outcome: Outcome,
    /// Where the run did something else than it did.
    pub deviation: Option<Deviation>,
    /// Whether it printed the same and ended in the same way.
    pub is_same: bool,
}

/// Runs the guest of `recorded` again, which starts from `image`, if from one. It touches no file, clock or network. What
/// it writes to standard error is passed to `stderr` as it is written.
///
/// The calling thread must be a [`guest::GuestThread`].
///
/// # Errors
/// Says why the run cannot start as it did.
pub fn replay(
    program: &Program,
    recorded: &RecordedRequest,
    image: Option<Arc<Image>>,
    stderr: StderrSink,
) -> Result<Replayed, String> {
    let clock = Instant::now();
    let recording = Recording { calls: Arc::clone(&recorded.calls), image };
    let output = guest::replay(program, &input(recorded, stderr), &recording)?;
    Ok(replayed(recorded, output, clock))
}

/// A session of a debugger over a recorded request.
#[derive(Clone, Debug)]
pub struct Debugged {
    /// The request, as far as it was run again.
    pub replayed: Replayed,
    /// Whether the session ended before the run did.
    pub is_ended_early: bool,
    /// Whether the run printed something else: it shows where objects are in memory.
    pub output_differs: bool,
}

/// As [`replay`], looked at by a debugger, which can read `volumes`.
///
/// # Errors
/// Says why there can be no debugger, or why the run cannot start as it did.
pub fn debug(
    program: &Program,
    recorded: &RecordedRequest,
    image: Option<Arc<Image>>,
    volumes: Vec<Volume>,
    debugger: &Debugger,
    terminal: Box<dyn DebugTerminal>,
) -> Result<Debugged, String> {
    let clock = Instant::now();
    let recording = Recording { calls: Arc::clone(&recorded.calls), image };
    let input = Input { volumes: volumes.into(), ..input(recorded, Arc::new(|_| ())) };
    let session = guest::debug(program, &input, &recording, debugger, terminal)?;
    let Session { output, is_ended_early, output_differs } = session;
    Ok(Debugged { replayed: replayed(recorded, output, clock), is_ended_early, output_differs })
}

/// The exception that ended a run, with the variables of its frames. The run is repeated for that, and touches
/// nothing of the world.
///
/// # Errors
/// Says why it cannot be told.
pub fn describe(Replayable { program, recorded, .. }: &Replayable) -> Result<Raised, String> {
    let request = &*recorded.request;
    let recording = Recording { calls: Arc::clone(&request.calls), image: recorded.image.clone() };
    guest::describe(program, &input(request, Arc::new(|_| ())), &recording)
}

/// The input of the run of `recorded` when it is run again.
fn input(recorded: &RecordedRequest, stderr: StderrSink) -> Input {
    let mut input = recorded.input(stderr);
    // A recording may come from anywhere, and its limits be none.
    input.limits.stdout = input.limits.stdout.min(MOST_OUTPUT);
    input.limits.stderr = input.limits.stderr.min(MOST_OUTPUT);
    if !recorded.calls.interrupted {
        // It ended in time, and has to here, however slow this machine is.
        input.limits.time = input.limits.time.saturating_mul(PATIENCE);
    }
    input
}

/// What `recorded` has become when it was run again, since `clock`.
fn replayed(recorded: &RecordedRequest, mut output: Output, clock: Instant) -> Replayed {
    if recorded.ended.exit == Exit::Cancelled && matches!(output.exit, Exit::TimedOut(_)) {
        // Nobody can leave here. It was stopped where its log ends.
        output.exit = Exit::Cancelled;
    }
    output.sqlite.clone_from(&recorded.ended.sqlite);
    let deviation = output.deviation.take();
    let status = recorded.ended.status;
    let is_same = Ended { status, ..Ended::of(&output) } == recorded.ended;
    let ran = Ran {
        argv: recorded.argv.as_deref(),
        method: &recorded.method,
        path: recorded.path(),
        route: &recorded.route,
        module: &recorded.module,
        volumes: &recorded.volumes,
        limits: &recorded.limits,
        allowed_hosts: &recorded.allowed_hosts,
    };
    let (instantiate, run) = (output.timings.instantiate, output.timings.run);
    let mut outcome = outcome_of(&ran, output, Timings { instantiate, run, ..Timings::default() });
    outcome.route = Some(recorded.route.clone());
    outcome.module = Some(recorded.module.clone());
    outcome.timings.total = clock.elapsed();
    Replayed { outcome, deviation, is_same }
}

/// How many times longer than its limit a run may take when it is replayed.
const PATIENCE: u32 = 20;

/// The most output that is kept of a replay, in bytes.
const MOST_OUTPUT: usize = 1 << 30;
