//! Running a WASI command module. Nothing here knows of the request that it answers.

mod answered;
mod calls;
mod cancellation;
mod capture;
mod cold;
mod console;
mod cpython;
mod deadline;
mod debug;
mod dependencies;
mod engine;
mod frozen;
mod image;
mod interrupt;
mod launch;
mod lessons;
mod libraries;
mod limiter;
#[expect(unsafe_code, reason = "the one place for it: memory and compiled code")]
mod memory;
mod needs;
mod network;
mod prepare;
mod proof;
pub mod python;
mod raised;
mod replay;
mod resume;
mod resumed;
mod saved;
mod saving;
mod self_check;
mod slots;
mod spared;
mod thread;
mod warm;
mod wasi;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::network::AllowedHosts;
use crate::paths;

pub use answered::DIRECTORY;
pub use calls::sources as recorded_sources;
pub use calls::{CallLog, DebugTerminal, Deviation, Entropy, MadeUpClock, SqliteFinding, Surroundings};
pub use cancellation::Cancellation;
pub use console::{Console, Interrupter, Stream, Streams};
pub use debug::{Debugger, MOST_PATIENCE, Session, Stand, debug, describe};
pub use engine::{Program, Runtime};
pub use frozen::{Frozen, freeze};
pub use image::{Entry, GlobalValue, Image, LeftOut, Origin, Unreadable};
pub use lessons::{Lessons, SAVE_LOCK, learn};
pub use libraries::{Library, LibraryCode, LibraryLimits, Returned};
pub use memory::release_free_memory;
pub use needs::Needs;
pub use network::{Connected, Connections};
pub use proof::{Finding, Kind as FindingKind, Proof, QuietLook, Read as VariableRead, Source};
pub use raised::{Link, Raised, RaisedException, RaisedFrame, SyntaxPlace, Variable};
pub use replay::{Recording, cached_image, rebuild, replay};
pub use saved::{ImageDetails, Saved, saved};
pub use spared::Spared;
pub use thread::GuestThread;

/// Functions for the fuzz targets in tests/fuzz.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::calls::fuzzing::answer;
    pub use super::image::describe;
    pub use super::prepare::prepare;
}

/// A directory of the host that the guest sees, as a preopened directory.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// The absolute path in the guest.
    pub guest: String,
    /// The directory on the host.
    #[serde(serialize_with = "paths::serialize")]
    pub host: PathBuf,
    /// Whether the guest may only read.
    pub read_only: bool,
}

/// The limits of a run.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Wall time.
    pub time: Duration,
    /// Bytes of linear memory and tables together.
    pub memory: u64,
    /// Bytes of standard output.
    pub stdout: usize,
    /// Bytes of standard error that are kept; more are dropped and counted.
    pub stderr: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), memory: 1 << 30, stdout: 256 << 20, stderr: 1 << 20 }
    }
}

/// Receives the guest's standard error while it runs, in the chunks that the guest writes.
pub type StderrSink = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// The input of a run.
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
    /// What it reads and writes instead: then its output holds neither stream.
    pub console: Option<Console>,
    /// The terminal at which `breakpoint()` asks; without it, as in any Python, at the standard streams. A cold start has none.
    pub breakpoints: Option<Console>,
    /// The limits of this run.
    pub limits: Limits,
    /// Receives standard error while the guest runs.
    pub stderr: StderrSink,
    /// Start cold even if there is a saved interpreter: `--cold`.
    pub cold: bool,
    /// Stops the run from another thread.
    pub cancellation: Cancellation,
    /// What of its surroundings is made up, if anything.
    pub surroundings: Option<Surroundings>,
    /// What becomes of its calls.
    pub calls: Calls,
    /// What may be loaded before it runs.
    pub early: Arc<Early>,
    /// Where it may connect to. Without any, it has no network.
    pub allowed_hosts: AllowedHosts,
    /// What its Python may call.
    pub libraries: Arc<[Library]>,
}

/// What besides the standard library may be loaded before requests ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Early {
    /// The directories of installed packages in the guest. Which of their modules are loaded is learnt from runs.
    pub roots: Vec<String>,
    /// The app's own modules, by name.
    pub modules: Vec<String>,
    /// The environment variables that are the same for all requests.
    pub variables: Vec<(String, String)>,
    /// The app's script that is run once before the interpreter is saved, by its path in the guest.
    pub warm_up: Option<String>,
}

/// What becomes of the calls of a run.
#[derive(Clone, Debug, Default)]
pub enum Calls {
    /// They are answered.
    #[default]
    Live,
    /// They are answered, and recorded: see [`Output::recording`].
    Recorded,
    /// They are answered as they were when this log was made.
    Replayed(Arc<CallLog>),
}

/// What scripts may import.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
pub struct Imports {
    /// Modules of the standard library, by name.
    pub library: Vec<String>,
    /// Modules of installed packages, by name.
    pub packages: Vec<String>,
    /// The app's own modules, by path.
    pub sources: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Exit {
    /// The entry point returned (code 0) or called `proc_exit`.
    Code(i32),
    /// The guest trapped; the text says how.
    Trap(String),
    /// The time limit passed.
    TimedOut(Duration),
    /// [`Cancellation::cancel`] was called.
    Cancelled,
    /// Standard output grew beyond its limit, in bytes.
    OutputLimit(usize),
    /// The calls of the guest went deeper than its stack.
    StackExhausted,
    /// A volume could not be opened, so that the run did not start.
    NoVolume(String),
    /// The run did not start because too many files are open.
    TooManyFiles(String),
    /// The system has no room for the guest's memory, so that the run did not start.
    NoAddressSpace(String),
    /// The run did not start: too little memory, no such entry point, …
    NotStarted(String),
}

/// How a run started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// From a saved interpreter.
    Warm,
    /// At the entry point of the module, for this reason.
    Cold(String),
}

/// How long the steps of a run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Creating the instance.
    pub instantiate: Duration,
    /// Running it.
    pub run: Duration,
}

/// The output of a run.
#[derive(Clone, Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, up to its limit.
    pub stderr: Vec<u8>,
    /// How many bytes of standard error were dropped beyond its limit.
    pub stderr_dropped: u64,
    /// Whether it was refused memory beyond its limit. It may have handled that: see `exit`.
    pub memory_refused: bool,
    /// Whether `main` returned its exit code, where that is not 0. CPython's returns 1 after an exception that was not
    /// handled, 130 after a KeyboardInterrupt; `sys.exit` and `os._exit` end the run from below.
    pub main_returned: bool,
    /// The exception that ended it, where it was resumed from a saved interpreter and could tell.
    pub raised: Option<Raised>,
    /// What it was executing when it was stopped, the outermost first, where that is known.
    pub stopped_at: Vec<RaisedFrame>,
    /// Files of volumes that it was not told of, one for each directory that it listed.
    pub unlisted: Vec<UnlistedFile>,
    /// What it did in the network.
    pub connections: Connections,
    /// The library that it waited for when it was stopped, in words.
    pub stopped_library: Option<String>,
    /// Why the guest may not have been able to use an SQLite database.
    pub sqlite: Option<SqliteFinding>,
    /// How it ended.
    pub exit: Exit,
    /// Where it started.
    pub start: Start,
    /// How long it took.
    pub timings: Timings,
    /// A saved interpreter that would make similar runs faster.
    pub improvement: Option<Improvement>,
    /// What replays it, if it was to be recorded and can be.
    pub recording: Option<Recording>,
    /// Where a replayed run first did something else than the run that was recorded.
    pub deviation: Option<Deviation>,
}

impl Output {
    /// The output of a run that ended so and did nothing.
    pub fn new(exit: Exit, start: Start) -> Self {
        Self {
            stdout: Vec::new(),
            stderr: Vec::new(),
            stderr_dropped: 0,
            memory_refused: false,
            main_returned: false,
            raised: None,
            stopped_at: Vec::new(),
            unlisted: Vec::new(),
            connections: Connections::default(),
            stopped_library: None,
            sqlite: None,
            exit,
            start,
            timings: Timings::default(),
            improvement: None,
            recording: None,
            deviation: None,
        }
    }
}

/// A file whose name is not UTF-8, so that it is left out of listings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnlistedFile {
    /// Its directory on the host.
    pub directory: PathBuf,
    /// Its name, other bytes than ASCII escaped.
    pub name: String,
}

/// What a saved interpreter spares later runs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Gain {
    /// Starting the interpreter.
    Image,
    /// Importing modules, or compiling others.
    Modules,
    /// Importing a few more modules of packages: all are proved anew for them.
    Few,
    /// Compiling the script and the modules that it imports, as they are now.
    Script,
}

/// An interpreter that is worth saving for runs like the one that returned this.
#[derive(Clone)]
pub struct Improvement {
    program: Program,
    input: Input,
    gain: Gain,
}

impl Improvement {
    fn new(program: &Program, input: &Input, gain: Gain) -> Self {
        let cancellation = Cancellation::new();
        let stderr: StderrSink = Arc::new(|_| {});
        let input =
            Input { stdin: Bytes::new(), console: None, stderr, cancellation, calls: Calls::Live, ..input.clone() };
        Self { program: program.clone(), input, gain }
    }

    /// What later runs are spared.
    pub fn gain(&self) -> Gain {
        self.gain
    }

    /// What of a start from a saved interpreter is not as from the beginning, if anything. Versions of CPython that pywagi does not
    /// know are saved if there is nothing.
    ///
    /// # Errors
    /// Says why it cannot be tried.
    pub fn try_start(program: &Program, input: &Input) -> Result<Option<String>, String> {
        saving::try_start(program, input)
    }

    /// Saves the interpreter, which takes as long as its start and its imports, and what proving new ones takes. Runs do not
    /// wait for it. The calling thread must be a [`GuestThread`]. Gives back the modules of packages and of the app that
    /// were found not to be for saving.
    ///
    /// # Errors
    /// The reason why this guest always starts cold.
    pub fn make(&self) -> Result<Vec<LeftOut>, String> {
        saving::save(&self.program, &self.input, self.gain)
    }
}

impl std::fmt::Debug for Improvement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Improvement").field(&self.gain).finish()
    }
}

/// Runs `program` once, in a fresh instance that sees nothing but `input`: from a saved interpreter if there is one, else
/// with a cold start.
///
/// The calling thread must be a [`GuestThread`]. Failure is part of the output: see [`Exit`].
pub fn run(program: &Program, input: &Input) -> Output {
    warm::run(program, input).unwrap_or_else(|declined| {
        let mut output = cold::run(program, input, declined.reason);
        output.improvement = declined.can_save.then(|| Improvement::new(program, input, Gain::Image));
        output
    })
}

/// Saves an interpreter that runs like `input` can start from, with all that can be had without a run: the modules that are
/// to be loaded early, and the script as it is now.
///
/// # Errors
/// As [`Improvement::make`].
pub fn save_anew(program: &Program, input: &Input) -> Result<Vec<LeftOut>, String> {
    saving::save(program, input, Gain::Script)
}

/// Saves an interpreter that runs like `input` can start from, unless there is one.
///
/// # Errors
/// As [`Improvement::make`].
pub fn warm_up(program: &Program, input: &Input) -> Result<(), String> {
    saving::prepare(program, input)
}

/// What of a start from a saved interpreter is not as from the beginning, if anything. A version of CPython that pywagi does not
/// know is saved only if there is nothing.
///
/// # Errors
/// Says why it cannot be tried.
pub fn try_start(program: &Program, input: &Input) -> Result<Option<String>, String> {
    saving::try_start(program, input)
}

/// The image that runs like `input` start from, if there is one.
///
/// # Errors
/// Says why there cannot be one.
pub fn image_details(program: &Program, input: &Input) -> Result<Option<ImageDetails>, String> {
    match warm::image(program, input)? {
        Some(image) => image.description.refusal.clone().map_or_else(|| Ok(Some(image.details())), Err),
        None => Ok(None),
    }
}

/// What a run of `program` with `input` asks of a saved interpreter: the kind of what is run, in the words of the boot
/// script, and where in the arguments it is.
///
/// # Errors
/// Says why no saved interpreter can serve it.
pub fn asked(program: &Program, input: &Input) -> Result<(&'static [u8], usize), String> {
    let line = warm::servable(program.compiled(), input)?;
    Ok((resume::kind(line.target), line.start))
}

/// Has the next interpreter that is saved for runs like `input` load what their scripts may import.
///
/// # Errors
/// Says why none can be saved.
pub fn teach(program: &Program, input: &Input, imports: Imports) -> Result<(), String> {
    warm::teach(program, input, imports)
}

/// Whether runs of `program` like `a` and like `b` start from the same image.
pub fn start_from_same_image(program: &Program, a: &Input, b: &Input) -> bool {
    let key = |input| warm::image_key(program, input).ok();
    key(a).is_some() && key(a) == key(b)
}

/// Proves the interpreter that runs like `input` start from: with the modules that it has loaded, and with the modules
/// `others`; with `full`, also finds what of these depends on variables that they read and on the
/// seed of string hashes. The calling thread must be a [`GuestThread`].
///
/// # Errors
/// Says why no interpreter can be saved.
pub fn prove(program: &Program, input: &Input, others: &[String], full: bool) -> Result<Proof, String> {
    let mut preload = warm::image(program, input)?.map(|image| image.description.preload.clone()).unwrap_or_default();
    preload.app.extend_from_slice(others);
    // What was left out before is looked at again where it is asked for.
    preload.failed.retain(|left_out| !others.contains(&left_out.name));
    proof::prove(program.compiled(), input, &preload, full)
}

/// Keeps the memory of runs of `program` for later runs, and resets what was kept. For a process that answers many
/// requests, to call between two of them.
pub fn tidy(program: &Program) {
    warm::tidy(program);
}
