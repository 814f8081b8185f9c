//! The state of a run: the WASI context of its arguments, environment, streams and volumes, and its limits.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use wasmtime::Instance;
use wasmtime_wasi::cli::{IsTerminal, StdinStream, StdoutStream};
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::{FsPerms, HostMonotonicClock, WasiCtxBuilder};

use crate::error::has_too_many_files;

use super::answered::AnsweredFiles;
use super::calls::{self, Hooks, LastFinding, Listing, MadeUp, RunCalls, SqliteLocks, Tape, UnlistedFiles};
use super::console::{Console, Stream};
use super::libraries::{Libraries, Stopped};
use super::limiter::Limiter;
use super::network::{Journal, Network};
use super::{CallLog, Calls, Cancellation, Exit, Input, Limits, Output, Recording, Start, StderrSink, Timings, Volume};

/// A volume that could not be opened.
#[derive(Debug)]
pub struct UnopenedVolume {
    /// The volume and the reason.
    pub why: String,
    /// Whether the reason is that too many files are open.
    pub too_many_files: bool,
}

impl From<UnopenedVolume> for String {
    fn from(volume: UnopenedVolume) -> Self {
        volume.why
    }
}

/// The state of a run, which its store holds.
pub struct RunState {
    /// The WASI context.
    pub wasi: WasiP1Ctx,
    /// The limit of linear memory and tables.
    pub limits: Limiter,
    /// When the run is stopped.
    pub deadline: Instant,
    /// Stops the run before that.
    pub cancellation: Cancellation,
    /// When the guest's monotonic clock was 0.
    pub monotonic_start: Instant,
    /// The directory that the guest is listing, if it takes more than one call.
    pub listing: Option<Listing>,
    /// Its volumes, the first of which is descriptor 3.
    pub volumes: Arc<[Volume]>,
    /// The locks of databases that the guest holds.
    pub locks: SqliteLocks,
    /// What it may connect to, if anything.
    pub network: Option<Box<Network>>,
    /// The libraries that it may call, if there are any.
    pub libraries: Option<Box<Libraries>>,
    /// Whether it is a library itself.
    pub is_library: bool,
    /// What of its surroundings is made up.
    pub made_up: Option<MadeUp>,
    /// What its calls pass, if anything.
    pub hooks: Option<Box<Hooks>>,
    /// The streams of this process, where the run has them.
    pub console: Option<Console>,
    /// Its instance, from its start on.
    pub instance: Option<Instance>,
    /// What outlives the store.
    pub record: RunRecord,
}

/// What is known of a run after its store was dropped.
#[derive(Clone)]
pub struct RunRecord {
    /// What the guest wrote to standard output.
    pub stdout: Sink,
    /// What the guest wrote to standard error.
    pub stderr: Sink,
    stdin: Stdin,
    memory_refused: Arc<AtomicBool>,
    sqlite: LastFinding,
    main_returned: Arc<AtomicBool>,
    /// The files that the guest was not told of.
    pub unlisted: UnlistedFiles,
    /// What the run did in the network.
    pub journal: Journal,
    stopped: Stopped,
    calls: RunCalls,
}

impl RunRecord {
    /// Takes the rest of standard input and returns its size in bytes.
    pub fn unread(&self) -> usize {
        let mut rest = Stdin { console: None, ..self.stdin.clone() };
        std::iter::from_fn(|| rest.read(usize::MAX).ok()).map(|part| part.len()).sum()
    }

    /// Notes whether the run ended because its `main` returned.
    pub fn note_exit(&self, main_returned: bool) {
        self.main_returned.store(main_returned, Ordering::Relaxed);
    }

    /// The output of the run, after it has ended.
    pub fn output(&self, exit: Exit, start: Start, timings: Timings) -> Output {
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let interrupted = matches!(exit, Exit::TimedOut(_) | Exit::Cancelled);
        let recording = self.calls.recorded().map(|log| {
            let calls = Arc::new(CallLog { interrupted, ..log });
            Recording { calls, image: None }
        });
        Output {
            stdout: stdout.kept,
            stderr: stderr.kept,
            stderr_dropped: stderr.dropped,
            memory_refused: self.memory_refused.load(Ordering::Relaxed),
            sqlite: self.sqlite.take(),
            main_returned: self.main_returned.load(Ordering::Relaxed),
            unlisted: self.unlisted.take(),
            connections: self.journal.take(),
            stopped_library: self.stopped.take(),
            timings,
            recording,
            deviation: self.calls.deviation(),
            ..Output::new(exit, start)
        }
    }
}

impl RunState {
    /// The state of a run of `input` with these arguments, environment and standard input in place of its own.
    ///
    /// # Errors
    /// Fails where a volume cannot be opened.
    pub fn new(
        input: &Input,
        arguments: &[String],
        environment: &[(String, String)],
        preamble: Bytes,
    ) -> Result<Self, UnopenedVolume> {
        let Limits { time, memory, stdout, stderr } = input.limits;
        let to = |stream| input.console.clone().map(|console| (console, stream));
        let stdout = Sink::new(stdout, Overflow::Trap, None).passing(to(Stream::Stdout));
        let stderr = Sink::new(stderr, Overflow::Drop, Some(Arc::clone(&input.stderr))).passing(to(Stream::Stderr));
        let (preamble, body) = (MemoryInputPipe::new(preamble), MemoryInputPipe::new(input.stdin.clone()));
        let stdin = Stdin { preamble, body, console: input.console.clone() };
        let monotonic_start = Instant::now();
        let mut builder = WasiCtxBuilder::new();
        builder
            // Nothing else runs on this thread, so a blocking call delays nothing.
            .allow_blocking_current_thread(true)
            .args(arguments)
            .envs(environment)
            .monotonic_clock(Monotonic(monotonic_start))
            .stdin(stdin.clone())
            .stdout(stdout.clone())
            .stderr(stderr.clone());
        for volume in input.volumes.iter() {
            let permissions = if volume.read_only { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
            builder.preopened_dir(&volume.host, &volume.guest, permissions).map_err(|e| UnopenedVolume {
                why: format!("the volume {} cannot be opened: {}: {e:#}", volume.guest, volume.host.display()),
                too_many_files: e.downcast_ref::<io::Error>().is_some_and(has_too_many_files),
            })?;
        }
        let journal = Journal::default();
        let network = match &input.calls {
            // Nothing is asked but the recording.
            Calls::Replayed(_) => None,
            Calls::Live | Calls::Recorded => {
                let network = Network::new(&input.allowed_hosts, &input.volumes, &input.cancellation, journal.clone());
                network.map_err(|e| UnopenedVolume {
                    why: format!("the network cannot be used: {e}"),
                    too_many_files: has_too_many_files(&e),
                })?
            }
        };
        let limits = Limiter::new(memory);
        let stopped = Stopped::default();
        let libraries = match &input.calls {
            Calls::Replayed(_) => None,
            Calls::Live | Calls::Recorded => {
                Libraries::new(&input.libraries, &input.volumes, limits.share(), stopped.clone())
            }
        };
        let locks = SqliteLocks::default();
        let (memory_refused, sqlite) = (limits.refused(), locks.finding());
        let unlisted = UnlistedFiles::default();
        let main_returned = Arc::default();
        let calls = RunCalls::default();
        let hooks = Tape::of(&input.calls, calls.clone()).map(|tape| Box::new(Hooks { tape, ..Hooks::default() }));
        let record = RunRecord {
            stdout,
            stderr,
            stdin,
            memory_refused,
            sqlite,
            main_returned,
            unlisted,
            journal,
            stopped,
            calls,
        };
        Ok(Self {
            wasi: builder.build_p1(),
            limits,
            deadline: monotonic_start.checked_add(time).unwrap_or_else(|| monotonic_start + LONGEST_TIME_LIMIT),
            cancellation: input.cancellation.clone(),
            monotonic_start,
            listing: None,
            volumes: Arc::clone(&input.volumes),
            locks,
            network,
            libraries,
            is_library: false,
            made_up: input.surroundings.clone().map(MadeUp::new),
            hooks,
            console: input.console.clone(),
            instance: None,
            record,
        })
    }

    /// The volume of the descriptor `directory`, if the guest was given it as one.
    pub fn volume(&self, directory: i32) -> Option<&Volume> {
        const FIRST: i32 = 3;
        self.volumes.get(usize::try_from(directory.checked_sub(FIRST)?).ok()?)
    }

    /// Where on the host is what the guest names by `path` below the descriptor `directory`.
    pub fn host_path(&self, directory: i32, path: &[u8]) -> Option<PathBuf> {
        Some(self.volume(directory)?.host.join(std::str::from_utf8(path).ok()?))
    }

    /// Whether there are files that the host answers.
    pub fn has_answered_files(&self) -> bool {
        self.network.is_some() || self.libraries.is_some()
    }

    /// Whether a descriptor is one of those files'.
    pub fn is_answered_descriptor(&self, descriptor: i32) -> bool {
        let network = self.network.as_ref().is_some_and(|network| network.descriptors().contains(&descriptor));
        network || self.libraries.as_ref().is_some_and(|libraries| libraries.descriptors().contains(&descriptor))
    }

    /// Whether the run is to be stopped: its deadline has passed, or it was cancelled.
    pub fn must_stop(&self) -> bool {
        self.deadline <= Instant::now() || self.cancellation.is_cancelled()
    }
}

impl Drop for RunState {
    fn drop(&mut self) {
        calls::release(self);
    }
}

/// The time limit in place of one that is too long for the clock.
const LONGEST_TIME_LIMIT: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Standard input: the preamble, which tells a saved interpreter what to run, and then the input of the run. They are not
/// joined because the second may be large.
#[derive(Clone)]
struct Stdin {
    preamble: MemoryInputPipe,
    body: MemoryInputPipe,
    console: Option<Console>,
}

impl InputStream for Stdin {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.preamble.read(size) {
            Err(StreamError::Closed) => match &self.console {
                None => self.body.read(size),
                Some(console) => match console.read(size) {
                    Ok(bytes) if bytes.is_empty() => Err(StreamError::Closed),
                    Ok(bytes) => Ok(bytes.into()),
                    Err(e) => Err(StreamError::LastOperationFailed(e.into())),
                },
            },
            read => read,
        }
    }
}

impl Pollable for Stdin {
    fn ready<'a: 'b, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(std::future::ready(()))
    }
}

impl IsTerminal for Stdin {
    fn is_terminal(&self) -> bool {
        self.console.as_ref().is_some_and(|console| console.is_terminal(Stream::Stdin))
    }
}

impl StdinStream for Stdin {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncRead + Send + Sync> {
        // Preview 1, the only interface that guests are given, reads through `p2_stream`.
        Box::new(tokio::io::empty())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

/// The guest's monotonic clock, in nanoseconds since the run began.
struct Monotonic(Instant);

impl HostMonotonicClock for Monotonic {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        nanoseconds(self.0.elapsed())
    }
}

/// `duration` in nanoseconds, as WASI counts time.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How a sink treats output beyond its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The run ends with [`OutputLimit`].
    Trap,
    /// The output is dropped; the run goes on.
    Drop,
}

/// The error that ends a run whose standard output grew beyond its limit, in bytes.
#[derive(Debug)]
pub struct OutputLimit(pub usize);

impl std::fmt::Display for OutputLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "standard output grew beyond {} bytes", self.0)
    }
}

impl std::error::Error for OutputLimit {}

/// What a guest wrote to one of its streams.
#[derive(Debug, Default)]
pub struct Written {
    /// The bytes up to the limit.
    pub kept: Vec<u8>,
    /// How many bytes were dropped.
    pub dropped: u64,
    /// Written before the next piece.
    held: Vec<u8>,
}

/// Up to this size, output stays in memory that the allocator keeps, in bytes.
const SMALL: usize = 64 << 10;

/// The capacity of larger output, in bytes. It is more than the largest size (mallopt(3), `M_MMAP_THRESHOLD`) that glibc
/// takes from its heaps. So the memory goes back to the system with the output, and the heaps of other threads are still
/// trimmed: to free a smaller mapping would raise the threshold from which they are.
const MAPPED: usize = 33 << 20;

/// Collects what a guest writes to one of its streams.
#[derive(Clone)]
pub struct Sink {
    written: Arc<Mutex<Written>>,
    limit: usize,
    overflow: Overflow,
    observer: Option<StderrSink>,
    /// Where everything goes instead.
    console: Option<(Console, Stream)>,
}

impl Sink {
    /// A sink of up to `limit` bytes; `observer` is shown each piece that is kept.
    pub fn new(limit: usize, overflow: Overflow, observer: Option<StderrSink>) -> Self {
        Self { written: Arc::default(), limit, overflow, observer, console: None }
    }

    /// The same, but for where it goes: to this stream, without a limit.
    fn passing(self, console: Option<(Console, Stream)>) -> Self {
        Self { console, ..self }
    }

    /// Takes the bytes written so far.
    pub fn take(&self) -> Written {
        std::mem::take(&mut *self.lock())
    }

    /// Whether the bytes written so far end with `suffix`.
    pub fn ends_with(&self, suffix: &[u8]) -> bool {
        self.lock().kept.ends_with(suffix)
    }

    /// Writes `bytes` before the next piece that is put, even if that is empty.
    pub fn hold(&self, bytes: &[u8]) {
        self.lock().held.extend_from_slice(bytes);
    }

    /// Adds `bytes`, as a write of the guest does.
    pub fn put(&self, bytes: &[u8]) -> Result<(), OutputLimit> {
        let held = std::mem::take(&mut self.lock().held);
        if !held.is_empty() {
            self.put(&held)?;
        }
        if let Some((console, stream)) = &self.console {
            // That it cannot be written, the guest is told of its own writes.
            let _ = console.write(*stream, bytes);
            return Ok(());
        }
        let mut written = self.lock();
        let room = self.limit.saturating_sub(written.kept.len());
        let kept = match self.overflow {
            Overflow::Trap if bytes.len() > room => return Err(OutputLimit(self.limit)),
            _ => bytes.get(..room.min(bytes.len())).unwrap_or_default(),
        };
        if written.kept.len() + kept.len() > SMALL {
            let capacity = MAPPED.saturating_sub(written.kept.len());
            // Without that much address space, the vector grows as vectors do.
            let _ = written.kept.try_reserve(capacity);
        }
        written.kept.extend_from_slice(kept);
        written.dropped = written.dropped.saturating_add((bytes.len() - kept.len()) as u64);
        drop(written);
        if let Some(observer) = self.observer.as_ref().filter(|_| !kept.is_empty()) {
            observer(kept);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        // After a panic the bytes are still those that the guest wrote.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Sink {
    fn is_terminal(&self) -> bool {
        self.console.as_ref().is_some_and(|(console, stream)| console.is_terminal(*stream))
    }
}

impl StdoutStream for Sink {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Preview 1, the only interface of guests, writes through `p2_stream`.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Sink {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if let Some((console, stream)) = &self.console {
            let held = std::mem::take(&mut self.lock().held);
            let written = console.write(*stream, &held).and_then(|()| console.write(*stream, &bytes));
            return written.map_err(|e| StreamError::LastOperationFailed(e.into()));
        }
        self.put(&bytes).map_err(|e| StreamError::Trap(e.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(1 << 20)
    }
}

impl Pollable for Sink {
    fn ready<'a: 'b, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(std::future::ready(()))
    }
}
