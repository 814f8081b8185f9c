//! Captures an interpreter: runs the boot script until the host stops it, and saves its memory.

mod report;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use wasmtime::{Instance, Store, Trap, Val};
use xxhash_rust::xxh3::Xxh3;

use super::calls::{Call, Entropy, Function, MadeUpClock, Observer, Surroundings};
use super::cold::classify_trap;
use super::cpython::holes;
use super::cpython::layout::LAST_READ;
use super::dependencies::{Dependencies, NotSavable, Recorder};
use super::engine::Compiled;
use super::image::{Description, GlobalValue, Image, LeftOut, Preload};
use super::python::CommandLine;
use super::spared::{FileOperations, Spared};
use super::wasi::{self, RunState};
use super::{Calls, Input, Volume, launch, memory, prepare, python};
use crate::cache::Cache;
use crate::hash::Digest;

use report::{CaptureReport, LOADED, STOP, split_at_warm_up};

/// The files of the boot script.
const BOOT_FILES: [&str; 18] = [
    include_str!("boot/version.py"),
    include_str!("boot/startup.py"),
    include_str!("boot/state.py"),
    include_str!("boot/shared.py"),
    include_str!("boot/fresh.py"),
    include_str!("boot/record.py"),
    include_str!("boot/imports.py"),
    include_str!("boot/warm_up.py"),
    include_str!("boot/preload.py"),
    include_str!("boot/finalize.py"),
    include_str!("boot/raised.py"),
    include_str!("boot/hooks.py"),
    include_str!("boot/scripts.py"),
    include_str!("boot/depth.py"),
    include_str!("boot/reactor.py"),
    include_str!("boot/resume.py"),
    include_str!("boot/debugger.py"),
    include_str!("boot/checkpoint.py"),
];

/// The boot script, which runs in the guest; see `boot/README.md`.
pub static BOOT: LazyLock<String> = LazyLock::new(|| joined(&BOOT_FILES));

/// A hash of the boot script. A process that answers a single request looks for its image by it, and is done before the
/// script would be put together.
pub static BOOT_HASH: LazyLock<u128> = LazyLock::new(|| {
    let mut hasher = Xxh3::new();
    BOOT_FILES.iter().for_each(|file| hasher.update(file.as_bytes()));
    hasher.digest128()
});

/// Files of Python as one, without their imports from each other.
pub fn joined(files: &[&str]) -> String {
    files.iter().map(|file| without_relative_imports(file)).collect()
}

/// The lines of a file but for its imports from the other files: all run in one namespace.
fn without_relative_imports(file: &str) -> String {
    let mut text = String::with_capacity(file.len());
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("from .") {
            text.push_str(line);
            text.push('\n');
        } else if line.ends_with('(') {
            lines.by_ref().find(|line| *line == ")");
        }
    }
    text
}

/// How long a capture may take. A busy machine may need half a minute to load hundreds of modules.
pub const CAPTURE_TIMEOUT: Duration = Duration::from_secs(300);

/// The error with which the host ends the boot script where it is saved.
#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the interpreter is stopped to be saved")
    }
}

impl std::error::Error for Stopped {}

/// The arguments and the environment that act at the start of the interpreter that `input` asks for.
pub fn startup(input: &Input, line: &CommandLine) -> (Vec<String>, Vec<(String, String)>) {
    let arguments = input.arguments.iter().take(line.options).cloned().collect();
    let environment = input.environment.iter().filter(|(name, _)| python::acts_at_startup(name)).cloned().collect();
    (arguments, environment)
}

/// Surroundings for a capture, which decide with its other inputs what the image is, byte for byte. The clocks begin at the
/// present and at 0: then what CPython keeps of the latter means the same in each run, which begins at 0, too.
///
/// # Errors
/// Fails where the system has no entropy.
pub fn surroundings() -> Result<Surroundings, String> {
    /// Nanoseconds from one look at the clock to the next.
    const STEP: u64 = 1000;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let clock = MadeUpClock { start: wasi::nanoseconds(now), step: STEP };
    let entropy = Entropy::random().map_err(|e| format!("the system has no random bytes: {e}"))?;
    Ok(Surroundings { clock: Some(clock), entropy: Some(entropy), file_times: 0 })
}

/// A stopped interpreter and its report.
pub struct Capture {
    store: Store<RunState>,
    instance: Instance,
    report: CaptureReport,
    dependencies: Dependencies,
    /// Whether copies of its files on other machines are as good.
    is_portable: bool,
    startup_stderr: Vec<u8>,
    warm_up_output: String,
    module: PathBuf,
    /// The interpreter's name and options.
    arguments: Vec<String>,
    surroundings: Surroundings,
    /// What runs from its image are spared: the calls of its start, and what else is known.
    pub spared: Spared,
    /// Why no request may start from its image.
    pub refusal: Option<String>,
}

/// What a capture does in addition.
#[derive(Default)]
pub struct Additions<'a> {
    /// Environment variables in addition to those that act at start-up.
    pub variables: &'a [(String, String)],
    /// Is shown the calls.
    pub observer: Option<Box<dyn Observer>>,
}

/// Why no interpreter was captured.
pub enum Refused {
    /// What the warm-up script does.
    WarmUp(String),
    /// Something else.
    Other(String),
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

impl From<&str> for Refused {
    fn from(why: &str) -> Self {
        Self::Other(why.to_owned())
    }
}

impl Refused {
    /// The refusal of an interpreter that has written `said` until then, for a reason that tells of its start-up.
    fn after(said: &[u8], why: String) -> Self {
        match split_at_warm_up(said) {
            (_, Some(_)) => Self::WarmUp(match why.strip_prefix("its start-up ") {
                Some(what) => format!("it {what}"),
                None => why,
            }),
            _ => Self::Other(why),
        }
    }
}

impl Capture {
    /// Starts an interpreter in made-up surroundings and stops it where it can be saved.
    ///
    /// # Errors
    /// Says why this guest cannot be saved.
    pub fn take(
        compiled: &Compiled,
        input: &Input,
        line: &CommandLine,
        preload: &Preload,
        surroundings: &Surroundings,
        additions: Additions<'_>,
    ) -> Result<Self, Refused> {
        let (options, mut environment) = startup(input, line);
        for (name, value) in preload.variables.iter().chain(additions.variables) {
            environment.retain(|(known, _)| known != name);
            environment.push((name.clone(), value.clone()));
        }
        let mut arguments = options.clone();
        arguments.extend(["-c".to_owned(), BOOT.clone()]);
        let mut lines = wishes(input, line, preload, &environment);
        if compiled.is_isolated {
            lines += &format!("command {}\n", hex(launch::LAUNCH));
        }
        let mut quiet = input.clone();
        quiet.stderr = Arc::new(|_| {});
        quiet.stdin = Bytes::new();
        quiet.calls = Calls::Live;
        quiet.surroundings = Some(surroundings.clone());
        let state = RunState::new(&quiet, &arguments, &environment, Bytes::from(lines));
        let mut state = state.map_err(String::from)?;
        let record = state.record.clone();
        let recorder = Recorder::new(&input.volumes, LOADED);
        let operations = FileOperations::default();
        let observers: [Box<dyn Observer>; 3] =
            [Box::new(recorder.clone()), Box::new(operations.clone()), Box::new(StopAtClock)];
        // The first, which sees calls even where another observer ends the run.
        state.hooks().observers = additions.observer.into_iter().chain(observers).collect();
        let (mut store, _running) = compiled.runtime.store(state);
        let instance =
            memory::instantiate(&compiled.pre, &mut store, compiled.initial.as_ref()).map_err(|e| format!("{e:#}"))?;
        let start = instance.get_func(&mut store, "_start").ok_or("it exports no function `_start`")?;
        let ended = start.call(&mut store, &[], &mut []);
        let (said, complaints) = (record.stdout.take().kept, record.stderr.take().kept);
        match ended {
            Err(e) if e.is::<Stopped>() => {}
            Err(e) if e.is::<NotSavable>() => return Err(Refused::after(&said, e.to_string())),
            Err(e) if e.is::<Trap>() => {
                let trap = classify_trap(e, &mut store, instance);
                let why = format!("the guest cannot be saved; it trapped: {}", trap.root_cause());
                return Err(Refused::after(&said, why));
            }
            _ if !said.ends_with(STOP) && split_at_warm_up(&said).1.is_some() => {
                let complaint = last_line(split_at_warm_up(&complaints).1.unwrap_or_default());
                return Err(Refused::WarmUp(format!("it ends the interpreter{complaint}")));
            }
            _ => return Err(no_answer(&complaints).into()),
        }
        let mut report = CaptureReport::parse(&said).ok_or_else(|| no_answer(&complaints))?;
        let (startup_stderr, warm_up_stderr) = split_at_warm_up(&complaints);
        let warm_up = preload.runnable_warm_up();
        report.judge_warm_up(warm_up, warm_up_stderr.unwrap_or_default());
        let memory = instance.get_memory(&mut store, prepare::MEMORY).ok_or("its memory is not exported")?;
        report.refuse_used_generators(memory.data(&store), warm_up);
        if let Some(name) = recorder.left_behind() {
            return Err(Refused::after(&said, format!("its start-up leaves the file {name} behind")));
        }
        if let Some(name) = recorder.left_open() {
            return Err(Refused::after(&said, format!("its start-up leaves the file {name} open")));
        }
        let mut dependencies = recorder.take();
        let search = report.path.iter().filter_map(|path| host_path(path, &input.volumes));
        dependencies.describe(search, report.names.iter().cloned());
        let is_portable = compiled.runtime.cache().is_some_and(Cache::is_portable);
        if is_portable {
            dependencies.make_portable();
        }
        let module = compiled.path.clone();
        let surroundings = surroundings.clone();
        let startup_stderr = startup_stderr.to_vec();
        let warm_up_output = text_of(&report.warm_up_stdout, warm_up_stderr.unwrap_or_default());
        Ok(Self {
            store,
            instance,
            report,
            dependencies,
            is_portable,
            startup_stderr,
            warm_up_output,
            module,
            arguments: options,
            surroundings,
            spared: Spared { file_operations: operations.number(), ..Spared::default() },
            refusal: None,
        })
    }

    /// The modules that cannot be loaded before a script imports them, and why.
    pub fn failed(&self) -> &[LeftOut] {
        &self.report.failed
    }

    /// Whether this is a version of CPython whose source was read for saving it.
    pub fn is_known_version(&self) -> bool {
        self.report.layout().is_some_and(|layout| layout.version <= LAST_READ)
    }

    /// Makes it depend on more files.
    pub fn depend_on(&mut self, files: Dependencies) {
        self.dependencies.extend(files);
        if self.is_portable {
            self.dependencies.make_portable();
        }
    }

    /// The interpreter's memory.
    ///
    /// # Errors
    /// Fails where the module does not export it, which preparing it made sure of.
    pub fn memory(&mut self) -> Result<&[u8], String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        Ok(memory.data(&self.store))
    }

    /// Replaces a word of the interpreter's memory.
    ///
    /// # Errors
    /// Fails where `address` is not in memory.
    pub fn adjust(&mut self, address: usize, word: u32) -> Result<(), String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        memory.write(&mut self.store, address, &word.to_le_bytes()).map_err(|e| e.to_string())
    }

    /// Has CPython take what the boot script gives as the first directory that is searched. Versions that do not know it are left
    /// as they are.
    ///
    /// # Errors
    /// As [`Capture::memory`].
    pub fn direct(&mut self) -> Result<(), String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        match self.report.first_directory(memory.data(&self.store)) {
            Some((place, directory)) => self.adjust(place, directory),
            None => Ok(()),
        }
    }

    /// Arranges the interpreter's free memory for runs from its image. One whose allocator is another is left as it is.
    ///
    /// # Errors
    /// As [`Capture::memory`].
    pub fn arrange(&mut self) -> Result<(), String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        holes::arrange(memory.data_mut(&mut self.store));
        Ok(())
    }

    /// Writes the image, to `path` or, without one, to a file without a name.
    ///
    /// # Errors
    /// Says why it cannot be saved.
    pub fn save(
        &mut self,
        path: Option<PathBuf>,
        key: &str,
        preload: &Preload,
        written: Vec<Range<usize>>,
    ) -> Result<Image, String> {
        let globals = self.globals()?;
        let startup_stderr = self.startup_stderr.clone();
        let data = self.memory()?.to_vec();
        let description = Description {
            key: key.to_owned(),
            module: self.module.clone(),
            arguments: self.arguments.clone(),
            size: 0,
            stored: 0,
            globals,
            entry: self.report.entry(&data).ok_or("its function objects are not laid out as CPython's")?,
            startup_stdout: self.report.startup_stdout.clone(),
            startup_stderr,
            warm_up_output: self.warm_up_output.clone(),
            loaded: self.report.loaded.clone(),
            others: self.report.others.clone(),
            refreshed: self.report.refreshed.clone(),
            written,
            spared: self.spared,
            preload: preload.clone(),
            refusal: self.refusal.clone(),
            dependencies: self.dependencies.clone(),
            surroundings: self.surroundings.clone(),
            digest: Digest::of(&data),
        };
        let saved = match path {
            // An image that the cache cannot take still serves this process.
            Some(path) => {
                Image::create(&path, description.clone(), &data).or_else(|_| Image::unnamed(description, &data))
            }
            None => Image::unnamed(description, &data),
        };
        saved.map_err(|e| format!("its image cannot be written: {e}"))
    }

    fn globals(&mut self) -> Result<Vec<(String, GlobalValue)>, String> {
        let exports: Vec<_> =
            self.instance.exports(&mut self.store).map(|e| (e.name().to_owned(), e.into_global())).collect();
        let mut globals = Vec::new();
        for (name, global) in exports {
            let Some(global) = global.filter(|_| name.starts_with(prepare::GLOBAL_PREFIX)) else { continue };
            let value = match global.get(&mut self.store) {
                Val::I32(v) => GlobalValue::I32(v),
                Val::I64(v) => GlobalValue::I64(v),
                Val::F32(v) => GlobalValue::F32(v),
                Val::F64(v) => GlobalValue::F64(v),
                _ => return Err("it has a mutable global that is no number".to_owned()),
            };
            globals.push((name, value));
        }
        Ok(globals)
    }
}

/// What the boot script is to make ready, a line for each thing.
fn wishes(input: &Input, line: &CommandLine, preload: &Preload, environment: &[(String, String)]) -> String {
    let mut lines = String::new();
    let mut add = |what: &str, value: &str| lines.extend([what, " ", value, "\n"]);
    preload.loadable(&preload.modules).for_each(|name| add("module", name));
    preload.roots.iter().for_each(|root| add("root", &format!("{root}/")));
    preload.loadable(&preload.packages).for_each(|name| add("package", name));
    preload.loadable(&preload.app).for_each(|name| add("other", name));
    if let Some(directory) = line.directory(&input.arguments).filter(|_| !preload.app.is_empty()) {
        add("search", directory);
    }
    // A module of the library that is not loaded by itself can be loaded with one that imports it.
    let of_library = |left_out: &&LeftOut| preload.modules.contains(&left_out.name);
    preload.failed.iter().filter(|left_out| !of_library(left_out)).for_each(|left_out| add("deny", &left_out.name));
    preload.scripts.iter().for_each(|path| add("script", path));
    preload.runnable_warm_up().into_iter().for_each(|path| add("warm-up", path));
    for (name, value) in environment {
        add("variable", &hex(&format!("{name}={value}")));
    }
    lines
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// What a script wrote to both streams, as far as it is worth keeping.
fn text_of(stdout: &[u8], stderr: &[u8]) -> String {
    const MOST: usize = 16 << 10;
    let part = |stream: &[u8]| String::from_utf8_lossy(stream.get(..MOST).unwrap_or(stream)).into_owned();
    part(stdout) + &part(stderr)
}

/// Stops the interpreter at a look at the clock, once the boot script has said that it is ready.
struct StopAtClock;

impl Observer for StopAtClock {
    fn before(&mut self, call: &mut Call<'_>, function: &Function, _: &[i64]) -> wasmtime::Result<()> {
        let is_ready = function.name == "clock_time_get" && call.state.record.stdout.ends_with(STOP);
        if is_ready { Err(wasmtime::Error::new(Stopped)) } else { Ok(()) }
    }
}

fn no_answer(stderr: &[u8]) -> String {
    format!("the guest is not a CPython that can be saved{}", last_line(stderr))
}

/// The last line that says something, behind what it explains.
fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.map(|line| format!("; it says: {line}")).unwrap_or_default()
}

/// Where a path of the guest's is on the host, in the volume with the longest matching name.
pub fn host_path(path: &str, volumes: &[Volume]) -> Option<PathBuf> {
    let volume = volumes
        .iter()
        .filter(|v| {
            v.guest == "/" || path == v.guest || path.strip_prefix(&v.guest).is_some_and(|p| p.starts_with('/'))
        })
        .max_by_key(|v| v.guest.len())?;
    let rest = path.strip_prefix(&volume.guest)?.trim_start_matches('/');
    Some(if rest.is_empty() { volume.host.clone() } else { volume.host.join(rest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_script_is_ascii_which_every_locale_decodes_alike() {
        assert!(BOOT.is_ascii());
    }

    #[test]
    fn imports_from_other_files_of_the_boot_script_are_left_out() {
        let file = "import sys\nfrom .a import b\nfrom .c import (\n    d,\n    e,\n)\nfrom os import f\n";
        assert_eq!(without_relative_imports(file), "import sys\nfrom os import f\n");
        assert!(BOOT.lines().all(|line| !line.starts_with("from .")));
    }

    #[test]
    fn a_guest_path_is_found_in_the_innermost_volume() {
        let volume = |guest: &str, host: &str| Volume { guest: guest.into(), host: host.into(), read_only: false };
        let volumes = [volume("/code", "/a"), volume("/code/lib", "/b"), volume("/opt", "/c")];
        for (guest, host) in [
            ("/code/x.py", Some("/a/x.py")),
            ("/code/lib/x.py", Some("/b/x.py")),
            ("/code", Some("/a")),
            ("/codex", None),
            ("/usr/lib", None),
        ] {
            assert_eq!(host_path(guest, &volumes), host.map(PathBuf::from), "{guest}");
        }
    }
}
