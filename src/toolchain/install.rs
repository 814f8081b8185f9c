//! Installing an interpreter: fetch, check, unpack, run, record, and only then move into place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::archive::{Archive, Limits};
use super::catalog::Interpreter;
use super::layout::{Format, INTERPRETER, Layout};
use super::opt::{self, DIRECTORY, LockedOpt};
use super::probe::{self, Candidate};
use super::record::{PREFIX, Record};
use super::sources::{FetchedFile, Location, Sources};
use crate::error::{Error, Result};
use crate::guest::{Runtime, Volume};
use crate::hash::Digest;

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
#[derive(Clone, Debug)]
pub struct Installed {
    /// The installation's directory.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// Whether it was installed and intact before.
    pub already: bool,
    /// The time it took.
    pub time: Duration,
}

impl Installed {
    /// The interpreter.
    pub fn interpreter(&self) -> PathBuf {
        self.directory.join(INTERPRETER)
    }
}

/// Installs an interpreter into `opt_dir`. An earlier installation stays until the new one is checked.
///
/// # Errors
/// Fails where the interpreter cannot be fetched, has the wrong content or does not run, and where its place holds files
/// that pywagi did not install.
pub fn install(
    requested: &Requested<'_>,
    opt_dir: &Path,
    sources: &Sources<'_>,
    runtime: &Runtime,
) -> Result<Installed> {
    let begin = Instant::now();
    // Before anything is fetched, for a quick answer; checked again under the lock.
    if let Some(record) = opt::read(&opt_dir.join(DIRECTORY))?
        && is_intact(requested, &opt_dir.join(DIRECTORY), &record)?
    {
        return Ok(Installed { directory: opt_dir.join(DIRECTORY), record, already: true, time: begin.elapsed() });
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
        return Ok(Installed { directory, record, already: true, time: begin.elapsed() });
    }
    let staging = opt.staging()?;
    let layout = Layout { root: staging.path(), limits: Limits::default(), terminal: sources.terminal };
    let environment = match requested {
        Requested::Listed(interpreter) => lay_out_listed(interpreter, &fetched, &layout)?,
        Requested::Custom { .. } => lay_out_custom(&fetched, &layout)?,
    };
    let origins = fetched.iter().map(|f| f.origin.clone()).collect();
    let mut record = Record::of(staging.path(), String::new(), environment, origins)?;
    let candidate = candidate(staging.path(), &record);
    record.version = probe::version(&candidate, runtime, sources.terminal).map_err(|error| {
        let labels: Vec<_> = fetched.iter().map(|f| f.label.as_str()).collect();
        Error::new(format!("cannot use the interpreter from {}", labels.join(" and "))).because(error)
    })?;
    if let Requested::Listed(interpreter) = requested
        && interpreter.version != record.version
    {
        let message = format!("the interpreter reports version {} instead of {}", record.version, interpreter.version);
        return Err(Error::new(message));
    }
    record.write(staging.path())?;
    opt.put(staging)?;
    Ok(Installed { directory, record, already: false, time: begin.elapsed() })
}

/// The interpreter installed in `directory`, to be checked.
pub fn candidate(directory: &Path, record: &Record) -> Candidate {
    Candidate {
        wasm: directory.join(INTERPRETER),
        volumes: vec![Volume { guest: GUEST_PATH.to_owned(), host: directory.to_owned(), read_only: true }],
        environment: record.environment_at(GUEST_PATH),
    }
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
        match &file.library {
            Some(library) => layout.library(archive(fetched), library)?,
            None => copy_interpreter(layout, fetched)?,
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
            Format::Gzip => {
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
