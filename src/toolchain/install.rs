//! Installing an interpreter: fetched, proved, unpacked, tried, recorded, and only then put in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::archive::{Archive, Limits};
use super::catalog::Known;
use super::layout::{Format, INTERPRETER, Layout};
use super::opt::{self, DIRECTORY, Opt};
use super::record::{PREFIX, Record};
use super::sources::{Fetched, Given, Sources};
use crate::error::{Error, Result};
use crate::guest::Volume;

/// Where a guest sees an installation while it is tried: the article's place.
pub const GUEST_PLACE: &str = "/opt/wasi-python";

/// An interpreter about to be tried.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The module.
    pub wasm: PathBuf,
    /// The installation's directory as a volume.
    pub volumes: Vec<Volume>,
    /// The environment it needs.
    pub environment: Vec<(String, String)>,
}

/// Runs an interpreter, for a proof that it works. This module knows no WebAssembly engine.
pub trait Probe {
    /// Compiles the module, runs it, and says what it answers as its version: `3.12.0`.
    ///
    /// # Errors
    /// Fails where it is no valid module, does not export `_start`, or gives no version.
    fn version(&self, candidate: &Candidate) -> Result<String>;
}

/// Which interpreter to install.
#[derive(Debug)]
pub enum What<'a> {
    /// One of the catalog.
    Known(&'a Known),
    /// One of the user's.
    Given {
        /// What it is.
        from: Given,
        /// What it must hash to.
        sha256: Option<String>,
    },
}

/// What was installed.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The installation's directory.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// Whether it was there already, whole.
    pub already: bool,
    /// How long it took.
    pub time: Duration,
}

impl Installed {
    /// The interpreter.
    pub fn interpreter(&self) -> PathBuf {
        self.directory.join(INTERPRETER)
    }
}

/// Installs an interpreter into `opt_dir`. What was there before stays until the new one is proved.
///
/// # Errors
/// Fails where it cannot be fetched, is not what it should be, does not run, or where something is in its place that
/// pywagi did not install.
pub fn install(what: &What<'_>, opt_dir: &Path, sources: &Sources<'_>, probe: &dyn Probe) -> Result<Installed> {
    let begin = Instant::now();
    // Before anything is fetched, for a quick answer; looked at again under the lock.
    if let Some(record) = opt::read(&opt_dir.join(DIRECTORY))?
        && is_whole(what, &opt_dir.join(DIRECTORY), &record)?
    {
        return Ok(Installed { directory: opt_dir.join(DIRECTORY), record, already: true, time: begin.elapsed() });
    }
    let fetched = match what {
        What::Known(known) => sources.get_all(known)?,
        What::Given { from, sha256 } => vec![sources.get_from(from, sha256.as_deref())?],
    };
    let opt = Opt::lock(opt_dir, sources.terminal)?;
    let directory = opt.installation();
    if let Some(record) = opt.replaceable()?
        && is_whole(what, &directory, &record)?
    {
        return Ok(Installed { directory, record, already: true, time: begin.elapsed() });
    }
    let staging = opt.staging()?;
    let layout = Layout { root: staging.path(), limits: Limits::default(), terminal: sources.terminal };
    let environment = match what {
        What::Known(known) => lay_out_known(known, &fetched, &layout)?,
        What::Given { .. } => lay_out_given(&fetched, &layout)?,
    };
    let origins = fetched.iter().map(|f| f.origin.clone()).collect();
    let mut record = Record::of(staging.path(), String::new(), environment, origins)?;
    record.version = probe.version(&candidate(staging.path(), &record)).map_err(|error| {
        let labels: Vec<_> = fetched.iter().map(|f| f.label.as_str()).collect();
        Error::new(format!("cannot use the interpreter from {}", labels.join(" and "))).because(error)
    })?;
    if let What::Known(known) = what
        && known.version != record.version
    {
        return Err(Error::new(format!(
            "the interpreter answers that it is Python {} instead of {}",
            record.version, known.version
        )));
    }
    record.write(staging.path())?;
    opt.put(staging)?;
    Ok(Installed { directory, record, already: false, time: begin.elapsed() })
}

/// The interpreter installed in `directory`, to be tried.
pub fn candidate(directory: &Path, record: &Record) -> Candidate {
    Candidate {
        wasm: directory.join(INTERPRETER),
        volumes: vec![Volume { guest: GUEST_PLACE.to_owned(), host: directory.to_owned(), read_only: true }],
        environment: record.environment_at(GUEST_PLACE),
    }
}

/// Whether what is wanted is what is installed, every file of it. What the user gave is installed anew each time.
fn is_whole(what: &What<'_>, directory: &Path, record: &Record) -> Result<bool> {
    match what {
        What::Known(known) if is_of(known, record) => Ok(record.compare(directory, |_| ())?.differences.is_empty()),
        _ => Ok(false),
    }
}

/// Whether `record` is that of an installation of `known`.
pub fn is_of(known: &Known, record: &Record) -> bool {
    known.version == record.version
        && known.environment == record.environment
        && known.files.iter().map(|file| &file.sha256).eq(record.origins.iter().map(|origin| &origin.sha256))
}

/// Lays out an interpreter of the catalog.
fn lay_out_known(known: &Known, fetched: &[Fetched], layout: &Layout<'_>) -> Result<BTreeMap<String, String>> {
    for (file, fetched) in known.files.iter().zip(fetched) {
        match &file.library {
            Some(library) => layout.library(archive(fetched), library)?,
            None => same_bytes(layout, fetched)?,
        }
    }
    Ok(known.environment.clone())
}

fn archive(fetched: &Fetched) -> Archive<'_> {
    Archive { path: &fetched.path, name: &fetched.label }
}

/// Lays out what the user gave.
fn lay_out_given(fetched: &[Fetched], layout: &Layout<'_>) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    for fetched in fetched {
        match Format::of(&fetched.path, &fetched.label)? {
            Format::Wasm => same_bytes(layout, fetched)?,
            Format::Gzip => {
                if layout.whole(archive(fetched))? {
                    environment.insert("PYTHONHOME".to_owned(), PREFIX.to_owned());
                }
            }
        }
    }
    Ok(environment)
}

/// Copies the interpreter into place and sees that it is still what was proved.
fn same_bytes(layout: &Layout<'_>, fetched: &Fetched) -> Result<()> {
    let digest = layout.interpreter(&fetched.path)?;
    if digest.sha256 == fetched.origin.sha256 {
        return Ok(());
    }
    let message = format!("{} was changed while it was installed: it is now {digest}", fetched.path.display());
    Err(Error::new(message).remedy("run the command again"))
}
