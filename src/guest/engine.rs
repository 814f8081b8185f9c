//! The WebAssembly engine: its settings, the cache of compiled code, deadlines.

use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, ExternType, InstancePre, Linker, Module, Store, UpdateDeadline};

use super::deadline::{ArmedDeadline, EpochDeadlines};
use super::memory::{self, Source};
use super::prepare::{self, Prepared};
use super::preview1;
use super::slots::Slots;
use super::wasi::State;
use crate::cache::{Cache, seal};
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The guest's call stack, in bytes. CPython's own recursion limits are reached well before it is.
const WASM_STACK: usize = 8 << 20;

/// The native stack that a thread needs to run a guest, in bytes.
pub const THREAD_STACK: usize = 16 << 20;

/// What every guest of a process shares.
#[derive(Clone)]
pub struct Runtime(Arc<Shared>);

struct Shared {
    engine: Engine,
    linker: Linker<State>,
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
    pub(super) pre: InstancePre<State>,
    /// The memory that the module starts with, where code and memory could be told apart.
    pub(super) initial: Option<Source>,
    /// Stands for the module's bytes and everything that made them code.
    pub(super) key: String,
    /// Whether the module has a function table.
    pub(super) has_table: bool,
    /// The interpreters saved of it.
    pub(super) images: Slots,
    /// Where the module came from.
    pub(super) path: PathBuf,
}

impl Runtime {
    /// Starts the engine. Without a cache, every module is compiled anew and nothing is saved.
    ///
    /// # Errors
    /// Fails where the platform is not one that the engine can compile for.
    pub fn new(cache: Option<&Cache>) -> Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(THREAD_STACK)
            // Nobody reads a backtrace of a stripped interpreter; without them code is smaller and exits are cheaper.
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false)
            .native_unwind_info(cfg!(windows));
        #[cfg(unix)]
        config.with_host_memory(Arc::new(memory::Creator));
        let start = || -> wasmtime::Result<(Engine, Linker<State>)> {
            let engine = Engine::new(&config)?;
            let mut linker = Linker::new(&engine);
            preview1::add_to_linker(&mut linker)?;
            Ok((engine, linker))
        };
        let (engine, linker) = start().context(|| "cannot start the WebAssembly engine")?;
        let tokio = tokio::runtime::Builder::new_current_thread()
            .build()
            .context(|| "cannot start the runtime for the guest's system calls")?;
        let deadlines = EpochDeadlines::new();
        Ok(Self(Arc::new(Shared { engine, linker, cache: cache.cloned(), deadlines, tokio })))
    }

    /// Loads a module: from the cache of compiled code, or by compiling it, which takes seconds for an interpreter.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no module, or imports what WASI preview 1 does not have.
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
        let sum = seal::remembered_digest(section("digests").as_deref(), path).map_err(|e| unreadable(called, e))?;
        let key = self.code_key(&sum);
        let files = section("code").map(|dir| CodeFiles::new(&dir, &key));
        let (module, initial) = match files.as_ref().and_then(|files| self.load_cached(files)) {
            Some(loaded) => loaded,
            None => {
                let made = self.compile(called, path, terminal)?;
                match files.and_then(|files| self.keep(&made, &files, terminal)) {
                    Some(loaded) => loaded,
                    None => made.into_module(&shared.engine)?,
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
        let (runtime, images, path) = (self.clone(), Slots::default(), path.to_owned());
        Ok(Program(Arc::new(Compiled { runtime, module, pre, initial, key, has_table, images, path })))
    }

    /// The engine.
    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The cache, if there is one.
    pub(super) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }

    /// A store for one run, which traps at its deadline or when it is cancelled, and the guard that must live as long as
    /// the run.
    pub(super) fn store(&self, state: State) -> (Store<State>, Running<'_>) {
        let (deadline, cancellation) = (state.deadline, state.cancellation.clone());
        let mut store = Store::new(&self.0.engine, state);
        store.limiter(|state| &mut state.limits);
        // What a system call may take of a guest's memory at once. By default that is 128 MiB, and a larger file or body
        // could not be read in one piece.
        store.set_hostcall_fuel(store.data().limits.limit());
        store.set_epoch_deadline(1);
        // The epoch belongs to the engine, so it also advances for other runs.
        store.epoch_deadline_callback(|context| {
            if context.data().must_stop() { Ok(UpdateDeadline::Interrupt) } else { Ok(UpdateDeadline::Continue(1)) }
        });
        let deadline = self.0.deadlines.arm(&self.0.engine, deadline, &cancellation);
        (store, Running { _deadline: deadline, _tokio: self.0.tokio.enter() })
    }

    fn code_key(&self, module: &seal::Sum) -> String {
        struct Adapter(Sha256);
        impl Hasher for Adapter {
            fn finish(&self) -> u64 {
                0
            }
            fn write(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }
        }
        let mut hasher = Adapter(Sha256::new());
        hasher.write(module);
        prepare::VERSION.hash(&mut hasher);
        self.0.engine.precompile_compatibility_hash().hash(&mut hasher);
        seal::hex(&hasher.0.finalize())
    }

    fn load_cached(&self, files: &CodeFiles) -> Option<(Module, Option<Source>)> {
        seal::open(&files.code)?;
        let layout: Layout = serde_json::from_slice(&std::fs::read(&files.layout).ok()?).ok()?;
        let initial = match layout.minimum {
            None => None,
            Some(size) => {
                let file = seal::open(&files.memory)?;
                let stored = usize::try_from(file.metadata().ok()?.len()).ok()?;
                Some(Source::new(file, stored, size))
            }
        };
        let module = memory::load_code(&self.0.engine, &files.code).ok()?;
        Some((module, initial))
    }

    /// Puts what was compiled into the cache and loads it from there. A cache that cannot be written is no reason not to
    /// answer, but the next start would wait again.
    fn keep(&self, made: &Made, files: &CodeFiles, terminal: &Terminal) -> Option<(Module, Option<Source>)> {
        if let Err(error) = made.store(files) {
            let file = files.code.display();
            terminal
                .warn(format_args!("compiled code cannot be kept in {file}: {error}; the next start compiles again"));
            return None;
        }
        self.load_cached(files)
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
        let bar = terminal.spinner("Compiling", &format!("{name} (once)"));
        let engine = &self.0.engine;
        let prepared = prepare::prepare(&wasm).map_err(|e| invalid(&e))?;
        let made = match prepared {
            // What cannot do without its segments (`memory.init` names one) does not compile without them.
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
    let known = |module: &str| module == "wasi_snapshot_preview1";
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

/// Keeps a run's deadline armed, and the tokio runtime that its system calls expect entered.
pub(super) struct Running<'a> {
    _deadline: ArmedDeadline,
    _tokio: tokio::runtime::EnterGuard<'a>,
}

impl Program {
    pub(super) fn compiled(&self) -> &Compiled {
        &self.0
    }

    /// Where the module came from.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether the module exports a function `name` without parameters.
    pub fn has_function(&self, name: &str) -> bool {
        match self.0.module.get_export(name) {
            Some(ExternType::Func(ty)) => ty.params().len() == 0,
            _ => false,
        }
    }
}

/// What compiling a module gave.
struct Made {
    code: Vec<u8>,
    prepared: Option<Prepared>,
}

impl Made {
    fn store(&self, files: &CodeFiles) -> std::io::Result<()> {
        let layout = Layout { minimum: self.prepared.as_ref().map(|p| p.minimum) };
        if let Some(prepared) = &self.prepared {
            seal::create(&files.memory, |f| f.write_all(&prepared.memory))?;
        }
        let text = serde_json::to_vec(&layout)?;
        seal::write_atomically(&files.layout, |f| f.write_all(&text))?;
        seal::create(&files.code, |f| f.write_all(&self.code))
    }

    fn into_module(self, engine: &Engine) -> Result<(Module, Option<Source>)> {
        let mut dir = tempfile::Builder::new();
        let dir = dir.prefix("pywagi-").tempdir().map_err(|e| {
            let remedy = "see that the directory for temporary files, TMPDIR, is there and can be written to";
            Error::new("cannot make a temporary directory").because(e).remedy(remedy)
        })?;
        let files = CodeFiles::new(dir.path(), "module");
        let write = || -> std::io::Result<Option<Source>> {
            std::fs::write(&files.code, &self.code)?;
            let Some(prepared) = &self.prepared else { return Ok(None) };
            std::fs::write(&files.memory, &prepared.memory)?;
            let file = std::fs::File::open(&files.memory)?;
            Ok(Some(Source::new(file, prepared.memory.len(), prepared.minimum)))
        };
        let initial = write().context(|| format!("cannot write to {}", dir.path().display()))?;
        let module = memory::load_code(engine, &files.code).context(|| "cannot load compiled code")?;
        Ok((module, initial))
    }
}

/// The files of one module in the cache.
struct CodeFiles {
    code: PathBuf,
    memory: PathBuf,
    layout: PathBuf,
}

impl CodeFiles {
    fn new(dir: &Path, key: &str) -> Self {
        let file = |extension| dir.join(format!("{key}.{extension}"));
        Self { code: file("cwasm"), memory: file("memory"), layout: file("json") }
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Layout {
    /// The initial size of memory in bytes, where the code was compiled without its data segments.
    minimum: Option<usize>,
}

/// The first line of an error's text; those that follow repeat the source.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
