//! The WebAssembly engine: its configuration, compiling and loading modules, the store of a run.

mod component;
mod cost;

use std::borrow::Cow;
use std::fs::File;
use std::hash::Hash;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Config, Engine, ExternType, InstancePre, Linker, Module, Store, UpdateDeadline};

use self::cost::Cost;
use super::Input;
use super::calls;
use super::cancellation::Cancellation;
use super::deadline::{ArmedDeadline, EpochDeadlines};
use super::interrupt;
use super::launch;
use super::memory::{self, Source};
use super::prepare::{self, Prepared};
use super::slots::Slots;
use super::thread;
use super::wasi::RunState;
use crate::cache::Cache;
use crate::cache::seal::{self, SealedCode};
use crate::error::{Context, Error, Result};
use crate::hash::{Digest, Hasher};
use crate::terminal::Terminal;

/// The size of the guest's call stack, in bytes. CPython reaches its own recursion limit well before.
const WASM_STACK: usize = 8 << 20;

/// The engine and what else all guests of a process share.
#[derive(Clone)]
pub struct Runtime(Arc<RuntimeInner>);

struct RuntimeInner {
    engine: Engine,
    linker: Linker<RunState>,
    cache: Option<Cache>,
    deadlines: EpochDeadlines,
    tokio: tokio::runtime::Runtime,
}

/// A compiled module, ready to be run any number of times.
#[derive(Clone)]
pub struct Program(Arc<Compiled>);

pub(super) struct Compiled {
    pub(super) runtime: Runtime,
    pub(super) module: Module,
    pub(super) pre: InstancePre<RunState>,
    /// The initial memory, if the module could be split into code and memory.
    pub(super) initial: Option<Source>,
    /// The hash of the module's bytes, of how they are prepared, and of the compiler and its settings.
    pub(super) key: String,
    /// Where the stack was moved to; see [`Prepared`].
    pub(super) moved_stack: Range<usize>,
    /// Whether the module has a function table.
    pub(super) has_table: bool,
    /// Whether it is an interpreter that leaves to the host what is searched for modules: see `launch`.
    pub(super) is_isolated: bool,
    /// Its saved interpreters.
    pub(super) images: Slots,
    /// The module's file.
    pub(super) path: PathBuf,
    /// The digest of its content.
    pub(super) digest: Digest,
}

impl Runtime {
    /// Starts the engine. Without a cache, every module is compiled anew and nothing is saved.
    ///
    /// # Errors
    /// Fails where the engine cannot compile for the platform, or the system cannot start the thread that enforces time
    /// limits.
    pub fn new(cache: Option<&Cache>) -> Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(thread::STACK_SIZE)
            // wasmtime maps the initial memory of a module with data segments copy-on-write, which panics in memory that it
            // did not allocate itself. `memory::Creator` allocates ours, and maps the initial memory of modules that
            // `prepare` split; the segments of the others are copied.
            .memory_init_cow(false)
            // Backtraces of a stripped interpreter help nobody. Without them code is smaller and exits are cheaper.
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false)
            .native_unwind_info(cfg!(windows));
        if cache.is_some_and(Cache::is_portable) {
            memory::compile_for_any_processor(&mut config)
                .context(|| "cannot compile for other processors than this machine's")?;
        }
        #[cfg(unix)]
        config.with_host_memory(Arc::new(memory::Creator));
        let start = || -> wasmtime::Result<(Engine, Linker<RunState>)> {
            let engine = Engine::new(&config)?;
            let mut linker = Linker::new(&engine);
            calls::add_to_linker(&mut linker)?;
            Ok((engine, linker))
        };
        let (engine, linker) = start().context(|| "cannot start the WebAssembly engine")?;
        let tokio = tokio::runtime::Builder::new_current_thread()
            .build()
            .context(|| "cannot start the runtime for the guest's system calls")?;
        let deadlines = EpochDeadlines::start(&engine).map_err(|e| {
            Error::new("cannot start the thread that enforces time limits")
                .because(e)
                .remedy("end other processes, or raise their limit with `ulimit -u`")
        })?;
        Ok(Self(Arc::new(RuntimeInner { engine, linker, cache: cache.cloned(), deadlines, tokio })))
    }

    /// Loads a module from the cache of compiled code, or compiles it, which takes seconds for an interpreter.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is not a module, or imports a function that is not among the `calls`.
    pub fn load(&self, path: &Path, terminal: &Terminal) -> Result<Program> {
        self.load_called(&path.display().to_string(), path, terminal)
    }

    /// As [`Runtime::load`]; messages call the module `called`.
    ///
    /// # Errors
    /// As [`Runtime::load`].
    pub fn load_called(&self, called: &str, path: &Path, terminal: &Terminal) -> Result<Program> {
        let shared = &*self.0;
        let section = |name| shared.cache.as_ref().and_then(|c| c.section(name).ok());
        let sum = self.digest_of(path).map_err(|e| unreadable(called, e))?;
        let key = self.code_key(&sum);
        let files = section("code").map(|dir| CodeFiles::new(&dir, &key));
        let cached = || files.as_ref().and_then(|files| self.load_cached(files));
        let Loaded { module, initial, moved_stack } = match cached() {
            Some(loaded) => loaded,
            None => {
                // Of many processes that start at once, one compiles and the others wait for it.
                let lock = files.as_ref().and_then(CodeFiles::lock);
                match lock.as_ref().and_then(|_| cached()) {
                    Some(loaded) => loaded,
                    None => {
                        let made = self.compile(called, path, terminal)?;
                        match files.as_ref().and_then(|files| self.keep(&made, files, terminal)) {
                            Some(loaded) => loaded,
                            None => self.load_uncached(&made)?,
                        }
                    }
                }
            }
        };
        check_imports(&module, called)?;
        let pre = shared.linker.instantiate_pre(&module).map_err(|e| {
            Error::new(format!("the module {called} is not a WASI preview 1 module"))
                .because(e)
                .remedy("build it for wasm32-wasip1")
        })?;
        let has_table = module.get_export(prepare::TABLE).is_some();
        let is_isolated = launch::is_isolated(&module);
        let (runtime, images, path, digest) = (self.clone(), Slots::default(), path.to_owned(), sum);
        let compiled =
            Compiled { runtime, module, pre, initial, key, moved_stack, has_table, is_isolated, images, path, digest };
        Ok(Program(Arc::new(compiled)))
    }

    /// The digest of the module at `path`, which is mostly known without reading it.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn digest_of(&self, path: &Path) -> std::io::Result<Digest> {
        let digests = self.0.cache.as_ref().and_then(|cache| cache.section("digests").ok());
        seal::remembered_digest(digests.as_deref(), path)
    }

    /// The cache, if there is one.
    pub fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// The engine.
    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// A store for one run, which traps at its deadline or when it is cancelled, and the guard that must live as long as
    /// the run.
    pub(super) fn store(&self, state: RunState) -> (Store<RunState>, Running<'_>) {
        thread::assert_stack();
        // A deadline that a debugger sets is found by looking again and again.
        let deadline = if state.has_timed_tool() { Instant::now() } else { state.deadline };
        let running = self.running(deadline, &state.cancellation);
        let mut store = Store::new(&self.0.engine, state);
        store.limiter(|state| &mut state.limits);
        // How much of the guest's memory one WASI call may copy. With the default, 128 MiB, a larger file or body could
        // not be read in one piece.
        store.set_hostcall_fuel(store.data().limits.limit());
        store.set_epoch_deadline(1);
        // The epoch belongs to the engine, so it also advances for other runs.
        store.epoch_deadline_callback(|context| {
            if context.data().must_stop() {
                return Ok(UpdateDeadline::Interrupt);
            }
            if context.data().is_library && context.data().cancellation.is_interrupted() {
                // The guest is told of it, which waits for the library.
                return Ok(UpdateDeadline::Interrupt);
            }
            if context.data().cancellation.take_interrupt() {
                interrupt::raise(context)?;
            }
            Ok(UpdateDeadline::Continue(1))
        });
        (store, running)
    }

    /// Has what runs on this thread stopped at `deadline`, or when it is cancelled, as long as the guard lives.
    pub(super) fn running(&self, deadline: Instant, cancellation: &Cancellation) -> Running<'_> {
        Running { _deadline: self.0.deadlines.arm(deadline, cancellation), _tokio: self.0.tokio.enter() }
    }

    fn code_key(&self, module: &Digest) -> String {
        let mut hasher = Hasher::default();
        hasher.update(module.as_bytes());
        prepare::VERSION.hash(&mut hasher);
        self.0.engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.digest().to_string()
    }

    fn load_cached(&self, files: &CodeFiles) -> Option<Loaded> {
        let code = SealedCode::open(&files.code)?;
        let layout: Layout = serde_json::from_slice(&std::fs::read(&files.layout).ok()?).ok()?;
        let initial = match layout.minimum {
            None => None,
            Some(size) => {
                let file = seal::open(&files.memory)?;
                let stored = usize::try_from(file.metadata().ok()?.len()).ok()?;
                Some(Source::new(file, stored, size))
            }
        };
        let module = memory::load_code(&self.0.engine, code).ok()?;
        Some(Loaded { module, initial, moved_stack: layout.moved_stack })
    }

    /// Writes compiled code to the cache and loads it from there. A cache that cannot be written is not an error, but the
    /// next start compiles again.
    fn keep(&self, made: &Made, files: &CodeFiles, terminal: &Terminal) -> Option<Loaded> {
        if let Err(error) = made.store(files) {
            let file = files.code.display();
            terminal
                .warn(format_args!("compiled code cannot be kept in {file}: {error}; the next start compiles again"));
            return None;
        }
        self.load_cached(files)
    }

    /// Loads compiled code by way of a temporary directory, where there is no cache.
    fn load_uncached(&self, made: &Made) -> Result<Loaded> {
        let mut dir = tempfile::Builder::new();
        let dir = dir.prefix("pywagi-").tempdir().map_err(|e| {
            let remedy = "see that the directory for temporary files, TMPDIR, is there and can be written to";
            Error::new("cannot make a temporary directory").because(e).remedy(remedy)
        })?;
        let files = CodeFiles::new(dir.path(), "module");
        made.store(&files).context(|| format!("cannot write to {}", dir.path().display()))?;
        self.load_cached(&files).ok_or_else(|| Error::new("cannot load compiled code"))
    }

    fn compile(&self, called: &str, path: &Path, terminal: &Terminal) -> Result<Made> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let bytes = std::fs::read(path).map_err(|e| unreadable(called, e))?;
        let invalid = |e: &dyn std::fmt::Display| {
            Error::new(format!("{called} is not a WebAssembly module"))
                .because(first_line(&format!("{e:#}")))
                .remedy("name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one")
        };
        if bytes.is_empty() {
            return Err(invalid(&"it is empty"));
        }
        let wasm = wat::parse_bytes(&bytes).map_err(|e| invalid(&e))?;
        let started = Instant::now();
        let cost = Cost::of(&wasm);
        cost.check(&name, self.0.cache.as_ref().and_then(|cache| cache.section("code").ok()).as_deref(), terminal)?;
        let bar = cost.bar(&name, terminal);
        let engine = &self.0.engine;
        let wasm = prepare::command(&wasm).map_err(|e| invalid(&e))?;
        let prepared = prepare::prepare(&wasm).map_err(|e| invalid(&e))?;
        let made = match prepared {
            // A module that refers to its data segments, as `memory.init` does, does not compile without them.
            Some(prepared) => match engine.precompile_module(&prepared.wasm) {
                Ok(code) => Ok(Made { code, prepared: Some(prepared) }),
                Err(_) => engine.precompile_module(&wasm).map(|code| Made { code, prepared: None }),
            },
            None => engine.precompile_module(&wasm).map(|code| Made { code, prepared: None }),
        };
        bar.finish_and_clear();
        let made = made.map_err(|e| invalid(&e))?;
        terminal.step("Compiled", format_args!("{name} in {:.1} s", started.elapsed().as_secs_f64()));
        Ok(made)
    }
}

fn unreadable(called: &str, error: std::io::Error) -> Error {
    Error::new(format!("cannot read the module {called}")).because(error).remedy("check the path and its permissions")
}

fn check_imports(module: &Module, called: &str) -> Result<()> {
    let known = |module: &str| [calls::MODULE, calls::HTTP_MODULE, calls::DOOR_MODULE].contains(&module);
    let Some(import) = module.imports().find(|i| !known(i.module())) else { return Ok(()) };
    let remedy = if import.module() == "wasi_unstable" {
        "it was built for an older WASI; build it for wasm32-wasip1"
    } else if import.module().starts_with("wasi:") || import.module() == "env" {
        "WAGI runs core modules built for wasm32-wasip1, not components and not browser modules"
    } else {
        "build it for wasm32-wasip1, without other imports"
    };
    let (name, from) = (import.name(), import.module());
    let what = format!("the module {called} imports `{name}` from `{from}`, which WASI preview 1 does not have");
    Err(Error::new(what).remedy(remedy))
}

impl Compiled {
    /// The arguments that have the module do what those of `input` ask of an interpreter.
    pub(super) fn arguments<'a>(&self, input: &'a Input) -> Cow<'a, [String]> {
        if self.is_isolated { launch::arguments(&input.arguments) } else { Cow::Borrowed(&input.arguments) }
    }
}

/// Keeps a run's deadline armed, and the tokio runtime that its system calls expect entered.
pub(super) struct Running<'a> {
    _deadline: ArmedDeadline,
    _tokio: tokio::runtime::EnterGuard<'a>,
}

impl Program {
    pub(super) fn compiled(&self) -> &Compiled {
        &self.0
    }

    /// The module's file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The digest of the module's file, as it was loaded.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// Whether the module exports a function `name` without parameters.
    pub fn has_function(&self, name: &str) -> bool {
        match self.0.module.get_export(name) {
            Some(ExternType::Func(ty)) => ty.params().len() == 0,
            _ => false,
        }
    }
}

/// A compiled module that is loaded; see [`Compiled`].
struct Loaded {
    module: Module,
    initial: Option<Source>,
    moved_stack: Range<usize>,
}

/// A compiled module that is not loaded yet.
struct Made {
    code: Vec<u8>,
    prepared: Option<Prepared>,
}

impl Made {
    fn store(&self, files: &CodeFiles) -> std::io::Result<()> {
        let prepared = self.prepared.as_ref().map(|p| (p.minimum, p.moved_stack.clone()));
        let (minimum, moved_stack) = prepared.unzip();
        let layout = Layout { minimum, moved_stack: moved_stack.unwrap_or_default() };
        if let Some(prepared) = &self.prepared {
            seal::create(&files.memory, |f| f.write_all(&prepared.memory))?;
        }
        let text = serde_json::to_vec(&layout)?;
        seal::write_atomically(&files.layout, |f| f.write_all(&text))?;
        seal::create(&files.code, |f| f.write_all(&self.code))
    }
}

/// The files of one module in the cache.
struct CodeFiles {
    code: PathBuf,
    memory: PathBuf,
    layout: PathBuf,
    lock: PathBuf,
}

impl CodeFiles {
    fn new(dir: &Path, key: &str) -> Self {
        let file = |extension| dir.join(format!("{key}.{extension}"));
        Self { code: file("cwasm"), memory: file("memory"), layout: file("json"), lock: file("lock") }
    }

    /// Waits until no other process compiles the module. A cache that cannot be written has no lock.
    fn lock(&self) -> Option<File> {
        let file = File::options().create(true).append(true).open(&self.lock).ok()?;
        file.lock().ok().map(|()| file)
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Layout {
    /// The initial size of memory in bytes, if the module was split.
    minimum: Option<usize>,
    /// Where the stack was moved to; see [`Prepared`].
    moved_stack: Range<usize>,
}

/// The first line of an error's text; the others repeat the module's source.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
