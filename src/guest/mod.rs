//! Running a WASI command module: what goes in, what comes out. Nothing here knows of HTTP.

mod call;
mod cancellation;
mod capture;
mod cold;
mod deadline;
mod depth;
mod engine;
mod image;
mod limiter;
mod listing;
mod memory;
mod prepare;
mod preview1;
mod python;
mod readdir;
mod slots;
mod special;
mod warm;
mod wasi;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use cancellation::Cancellation;
pub use engine::{Program, Runtime, THREAD_STACK};
pub use image::{Saved, saved};

/// What the fuzz targets in tests/fuzz reach.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::image::describe;
    pub use super::prepare::prepare;
}

/// A directory of the host that the guest sees: a preopened directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// The absolute path in the guest.
    pub guest: String,
    /// The directory on the host.
    pub host: PathBuf,
    /// Whether the guest may only read.
    pub read_only: bool,
}

/// What one run may use at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall time.
    pub time: Duration,
    /// Bytes of linear memory and tables together.
    pub memory: u64,
    /// Bytes of standard output.
    pub stdout: usize,
    /// Bytes of standard error that are kept; what comes after is dropped and counted.
    pub stderr: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), memory: 1 << 30, stdout: 256 << 20, stderr: 1 << 20 }
    }
}

/// Where the guest's standard error goes while it runs, chunk by chunk as it was written.
pub type StderrSink = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Everything that one run is given.
#[derive(Clone)]
pub struct Input {
    /// The exported function to call: `_start`, or the module's `entrypoint`.
    pub entrypoint: String,
    /// `argv`, without NUL bytes.
    pub arguments: Vec<String>,
    /// The environment, in order, names distinct, without NUL bytes.
    pub environment: Vec<(String, String)>,
    /// The preopened directories, in the order the guest numbers them.
    pub volumes: Arc<[Volume]>,
    /// Standard input.
    pub stdin: Bytes,
    /// The bounds of this run.
    pub limits: Limits,
    /// Called with what the guest writes to standard error, as it comes.
    pub stderr: StderrSink,
    /// Run from the beginning even if a saved interpreter could serve: `--cold`.
    pub cold: bool,
    /// Stops the run from another thread.
    pub cancellation: Cancellation,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The entry point returned (code 0) or called `proc_exit`.
    Code(i32),
    /// The guest did something that WebAssembly forbids; the text says what.
    Trap(String),
    /// The time limit passed.
    TimedOut(Duration),
    /// [`Cancellation::cancel`] was called.
    Cancelled,
    /// Standard output grew beyond its limit, in bytes.
    OutputLimit(usize),
    /// The calls of the guest went deeper than its stack.
    StackExhausted,
    /// A volume could not be opened, so the run did not begin.
    NoVolume(String),
    /// The run could not begin: too little memory, no such entry point, …
    NotStarted(String),
}

/// Where a run started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// From a saved interpreter.
    Warm,
    /// From the beginning, for the reason given.
    Cold(String),
}

/// How long the steps of a run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Making the instance.
    pub instantiate: Duration,
    /// Running it.
    pub run: Duration,
}

/// Everything that one run gave.
#[derive(Clone, Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, up to its limit.
    pub stderr: Vec<u8>,
    /// How many bytes of standard error came after its limit and were dropped.
    pub stderr_dropped: u64,
    /// Whether it was refused memory beyond its limit. How it took that is its own affair: see `exit`.
    pub memory_refused: bool,
    /// How it ended.
    pub exit: Exit,
    /// Where it started.
    pub start: Start,
    /// How long it took.
    pub timings: Timings,
    /// What would make later runs like it faster.
    pub improvement: Option<Improvement>,
}

/// What saving an interpreter would spare later runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// Starting the interpreter.
    Image,
    /// Importing modules of the standard library.
    Modules,
    /// Compiling the script, as it is now.
    Script,
}

/// An interpreter that is worth saving for runs like the one that told.
#[derive(Clone)]
pub struct Improvement {
    program: Program,
    input: Input,
    gain: Gain,
}

impl Improvement {
    fn new(program: &Program, input: &Input, gain: Gain) -> Self {
        let cancellation = Cancellation::new();
        let input = Input { stdin: Bytes::new(), stderr: Arc::new(|_| {}), cancellation, ..input.clone() };
        Self { program: program.clone(), input, gain }
    }

    /// What later runs are spared.
    pub fn gain(&self) -> Gain {
        self.gain
    }

    /// Saves the interpreter, which takes as long as its start and the imports; no run waits for it. Needs
    /// [`THREAD_STACK`] bytes of stack.
    ///
    /// # Errors
    /// Says why this guest can only ever start from the beginning.
    pub fn make(&self) -> Result<(), String> {
        warm::save(&self.program, &self.input, self.gain)
    }
}

impl std::fmt::Debug for Improvement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Improvement").field(&self.gain).finish()
    }
}

/// Runs `program` once, in a fresh instance that sees nothing but `input`: from a saved interpreter where there is one,
/// else from the beginning.
///
/// The calling thread needs [`THREAD_STACK`] bytes of stack. Failure is part of the output: see [`Exit`].
pub fn run(program: &Program, input: &Input) -> Output {
    warm::run(program, input).unwrap_or_else(|declined| {
        let mut output = cold::run(program, input, declined.reason);
        output.improvement = declined.can_save.then(|| Improvement::new(program, input, Gain::Image));
        output
    })
}

/// Has an interpreter saved that runs like `input` can start from, unless there is one.
///
/// # Errors
/// As [`Improvement::make`].
pub fn warm_up(program: &Program, input: &Input) -> Result<(), String> {
    warm::save(program, input, Gain::Image)
}

/// Keeps the memory of runs of `program` for later ones and makes what is kept as new: for a process that answers many
/// requests, to be called between two of them.
pub fn tidy(program: &Program) {
    warm::tidy(program);
}
