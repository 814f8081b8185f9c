//! Installing an interpreter: fetch, check, unpack, run, record, and only then move into place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::archive::{Archive, Limits};
use super::catalog::{Catalog, File, FileKind, Interpreter};
use super::layout::{self, DefaultMount, Format, INTERPRETER, Layout};
use super::opt::{self, DIRECTORY, LockedOpt};
use super::probe::{self, Candidate, Probed};
use super::record::{PREFIX, Record};
use super::self_test::{self, Report};
use super::sources::{FetchedFile, Location, Sources};
use super::wheel;
use crate::disk;
use crate::error::{Error, Result};
use crate::guest::{self, Exit, Runtime, Volume};
use crate::hash::Digest;
use crate::terminal::Terminal;

/// The guest path of an installation while it is checked: that of the article.
pub const GUEST_PATH: &str = "/opt/wasi-python";

/// Which interpreter to install.
#[derive(Debug)]
pub enum Requested<'a> {
    /// An interpreter of the catalog.
    Listed(&'a Interpreter),
    /// A file that the user names.
    Custom {
        /// The file.
        from: Location,
        /// Its expected SHA-256.
        sha256: Option<Digest>,
    },
}

/// A finished installation.
#[derive(Debug)]
pub struct Installed {
    /// The installation's directory.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// Whether it was installed and intact before.
    pub already: bool,
    /// The time it took.
    pub time: Duration,
    /// What its self-test found, if one was asked for and it was not installed before.
    pub report: Option<Report>,
}

impl Installed {
    fn already(directory: PathBuf, record: Record, begin: Instant) -> Self {
        Self { directory, record, already: true, time: begin.elapsed(), report: None }
    }

    /// The interpreter.
    pub fn interpreter(&self) -> PathBuf {
        self.directory.join(INTERPRETER)
    }
}

/// Installs an interpreter into `opt_dir`, with `self_test` after that. An earlier installation stays until the new one is
/// checked.
///
/// # Errors
/// Fails where the interpreter cannot be fetched, has the wrong content or does not run, where it fails in the self-test, and
/// where its place holds files that pywagi did not install.
pub fn install(
    requested: &Requested<'_>,
    opt_dir: &Path,
    sources: &Sources<'_>,
    runtime: &Runtime,
    self_test: bool,
) -> Result<Installed> {
    let begin = Instant::now();
    // Before anything is fetched, for a quick answer; checked again under the lock.
    if let Some(record) = intact(requested, opt_dir)? {
        return Ok(Installed::already(opt_dir.join(DIRECTORY), record, begin));
    }
    if let Requested::Listed(interpreter) = requested {
        check_room(interpreter, opt_dir, sources)?;
    }
    let fetched = match requested {
        Requested::Listed(interpreter) => sources.get_all(interpreter)?,
        Requested::Custom { from, sha256 } => vec![sources.get_from(from, *sha256)?],
    };
    let opt = LockedOpt::lock(opt_dir, sources.terminal)?;
    let directory = opt.installation();
    if let Some(record) = opt.replaceable()?
        && is_intact(requested, &directory, &record)?
    {
        return Ok(Installed::already(directory, record, begin));
    }
    let staging = opt.staging()?;
    let layout = Layout { root: staging.path(), limits: Limits::default(), terminal: sources.terminal };
    let environment = match requested {
        Requested::Listed(interpreter) => lay_out_listed(interpreter, &fetched, &layout)?,
        Requested::Custom { .. } => lay_out_custom(&fetched, &layout)?,
    };
    let origins = fetched.iter().map(|f| f.origin.clone()).collect();
    let mut record = Record::of(staging.path(), String::new(), environment, origins)?;
    record.data = wheel::data(staging.path())?;
    let may_mount = match requested {
        Requested::Listed(interpreter) => interpreter.mount.is_some(),
        Requested::Custom { .. } => true,
    };
    run(staging.path(), &mut record, may_mount, runtime, sources.terminal).map_err(|error| {
        let labels: Vec<_> = fetched.iter().map(|f| f.label.as_str()).collect();
        Error::new(format!("cannot use the interpreter from {}", labels.join(" and "))).because(error)
    })?;
    // What is in a zip file is compiled.
    if record.mount.is_some() && record.library.is_none() {
        compile_library(staging.path(), &record, runtime, sources.terminal)?;
        record.scan(staging.path())?;
    }
    if let Requested::Listed(interpreter) = requested
        && interpreter.version != record.version
    {
        let message = format!("the interpreter reports version {} instead of {}", record.version, interpreter.version);
        return Err(Error::new(message));
    }
    let report = match self_test {
        true => Some(tested(staging.path(), &record, runtime, sources.terminal)?),
        false => None,
    };
    record.write(staging.path())?;
    opt.put(staging)?;
    Ok(Installed { directory, record, already: false, time: begin.elapsed(), report })
}

/// Whether the requested interpreter is installed in `opt_dir`, as it should be.
///
/// # Errors
/// Fails where something else is in its place, and where it cannot be read.
pub fn is_there(requested: &Requested<'_>, opt_dir: &Path) -> Result<bool> {
    Ok(intact(requested, opt_dir)?.is_some())
}

/// The record of the requested interpreter, where it is installed in `opt_dir` as it should be.
fn intact(requested: &Requested<'_>, opt_dir: &Path) -> Result<Option<Record>> {
    let directory = opt_dir.join(DIRECTORY);
    let Some(record) = opt::read(&directory)? else { return Ok(None) };
    Ok(is_intact(requested, &directory, &record)?.then_some(record))
}

/// Checks that an interpreter has room before it is downloaded.
fn check_room(interpreter: &Interpreter, opt_dir: &Path, sources: &Sources<'_>) -> Result<()> {
    let size = |file: &File| if sources.cache.seems_to_have(file.checksum()) { 0 } else { file.size };
    let download = interpreter.files.iter().map(size).sum::<u64>();
    let (unpacked, compiled) = match &interpreter.notice {
        Some(notice) => (notice.unpacked, notice.compiled),
        None => (interpreter.size(), 0),
    };
    let cache = sources.cache.directory();
    let what = format!("Python {}", interpreter.called());
    disk::check(&what, &[(cache, download.saturating_add(compiled)), (opt_dir, unpacked)])
}

/// Runs the interpreter in `directory` and completes its record by what it says: its version and, if it `may_mount`, whether
/// it finds its library by itself.
fn run(directory: &Path, record: &mut Record, may_mount: bool, runtime: &Runtime, terminal: &Terminal) -> Result<()> {
    let found = if may_mount && directory.join("lib").is_dir() { layout::default_mount(directory)? } else { None };
    if let Some(DefaultMount { guest, library }) = found {
        record.library = Some(library).filter(|library| !guest.ends_with(&format!("/{library}")));
        record.mount = Some(guest);
        if let Some(mount) = &record.mount
            && let Ok(Probed { version, encodings: Some(file) }) =
                probe::probe(&candidate(directory, record), runtime, terminal)
            && file.strip_prefix(mount.as_str()).is_some_and(|rest| rest.starts_with('/'))
        {
            record.version = version;
            return Ok(());
        }
        (record.mount, record.library) = (None, None);
    }
    record.version = probe::probe(&candidate(directory, record), runtime, terminal)?.version;
    Ok(())
}

/// Has the interpreter in `directory` compile its library, which guests may only read: otherwise each cold start would compile
/// what it imports, which takes ten times as long as the start itself. The byte code is part of the installation.
fn compile_library(directory: &Path, record: &Record, runtime: &Runtime, terminal: &Terminal) -> Result<()> {
    const TIME: Duration = Duration::from_secs(300);
    let mut candidate = candidate(directory, record);
    candidate.volumes.iter_mut().for_each(|volume| volume.read_only = false);
    let Some(Volume { guest, .. }) = candidate.volumes.first() else { return Ok(()) };
    let code = format!("import compileall; compileall.compile_dir({guest:?}, quiet=2)");
    let mut input = candidate.input(["python", "-I", "-c", &code].map(str::to_owned).into());
    input.limits.time = TIME;
    let program = runtime.load_called(INTERPRETER, &candidate.wasm, terminal)?;
    let bar = terminal.spinner("Compiling", "its library (once)");
    let output = guest::run(&program, &input);
    bar.finish_and_clear();
    // Files that are no Python are in the library, too; what is not compiled is slower, and nothing else.
    if output.exit != Exit::Code(0) {
        terminal.detail(format_args!("the library is not compiled: {}", probe::ending(&output.exit)));
    }
    Ok(())
}

/// The interpreter installed in `directory`, to be checked.
pub fn candidate(directory: &Path, record: &Record) -> Candidate {
    if let Some(library) = record.library(directory) {
        return Candidate { wasm: directory.join(INTERPRETER), volumes: vec![library], environment: Vec::new() };
    }
    Candidate {
        wasm: directory.join(INTERPRETER),
        volumes: vec![Volume { guest: GUEST_PATH.to_owned(), host: directory.to_owned(), read_only: true }],
        environment: record.environment_at(GUEST_PATH),
    }
}

/// The result of the self-test of the interpreter in `directory`.
///
/// # Errors
/// Fails where it does not run plain scripts, with the whole result.
pub fn tested(directory: &Path, record: &Record, runtime: &Runtime, terminal: &Terminal) -> Result<Report> {
    let report = self_test::run(&candidate(directory, record), &record.version, runtime, terminal)?;
    if report.runs_plain_scripts() {
        return Ok(report);
    }
    let text = report.to_string();
    Err(Error::new(format!("the interpreter fails in scripts that any Python runs\n{}", text.trim_end()))
        .remedy("install another one: `pywagi toolchain list` shows some"))
}

/// Whether the requested interpreter is installed and every file is as recorded. A file that the user names is installed
/// again each time.
fn is_intact(requested: &Requested<'_>, directory: &Path, record: &Record) -> Result<bool> {
    match requested {
        Requested::Listed(interpreter) if is_of(interpreter, record) => {
            Ok(record.compare(directory, |_| ())?.differences.is_empty())
        }
        _ => Ok(false),
    }
}

/// Whether `record` describes an installation of `interpreter`.
pub fn is_of(interpreter: &Interpreter, record: &Record) -> bool {
    interpreter.version == record.version
        && interpreter.environment == record.environment
        && interpreter.files.iter().map(|file| &file.sha256).eq(record.origins.iter().map(|origin| &origin.sha256))
}

fn lay_out_listed(
    interpreter: &Interpreter,
    fetched: &[FetchedFile],
    layout: &Layout<'_>,
) -> Result<BTreeMap<String, String>> {
    for (file, fetched) in interpreter.files.iter().zip(fetched) {
        match &file.kind {
            FileKind::Interpreter => copy_interpreter(layout, fetched)?,
            FileKind::Library(library) => layout.library(archive(fetched), library)?,
            FileKind::Whole => drop(layout.whole(archive(fetched))?),
            FileKind::Wheel => wheel::lay_out(archive(fetched), interpreter.name.as_deref(), layout)?,
        }
    }
    Ok(interpreter.environment.clone())
}

fn archive(fetched: &FetchedFile) -> Archive<'_> {
    Archive { path: &fetched.path, name: &fetched.label }
}

fn lay_out_custom(fetched: &[FetchedFile], layout: &Layout<'_>) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    for fetched in fetched {
        match Format::of(&fetched.path, &fetched.label)? {
            Format::Wasm => copy_interpreter(layout, fetched)?,
            Format::Zip if wheel::is_one(archive(fetched))? => {
                let catalog = Catalog::load()?;
                let is_it = |known: &&Interpreter| known.files.iter().any(|file| file.sha256 == fetched.origin.sha256);
                let name = catalog.iter().find(is_it).and_then(|known| known.name.as_deref());
                wheel::lay_out(archive(fetched), name, layout)?;
            }
            Format::Gzip | Format::Zip => {
                if layout.whole(archive(fetched))? {
                    environment.insert("PYTHONHOME".to_owned(), PREFIX.to_owned());
                }
            }
        }
    }
    Ok(environment)
}

/// Copies the interpreter into place and checks that it did not change since it was checked.
fn copy_interpreter(layout: &Layout<'_>, fetched: &FetchedFile) -> Result<()> {
    let checksum = layout.interpreter(&fetched.path)?;
    if checksum.sha256 == fetched.origin.sha256 {
        return Ok(());
    }
    let message = format!("{} changed during the installation: it is now {checksum}", fetched.path.display());
    Err(Error::new(message).remedy("run the command again"))
}
