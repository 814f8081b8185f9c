//! Bringing `packages/` to what the app asks for: all of it, or nothing is changed.
//!
//! The new set is made in a directory beside `packages/`, and new texts beside their files. Then they take their places: what is
//! asked for, the lock, the packages, the rest. A process that is killed in between leaves one complete set of packages, and
//! `pywagi sync` does what is left to be done.

use std::path::Path;
use std::time::Instant;

use indicatif::BinaryBytes;

use super::app::App;
use super::asked::Asked;
use super::built_in::{self, BuiltIn};
use super::install::{self, How, counted};
use super::lock::{self, Lock};
use super::record::{self, Installed, Record};
use super::resolve::{self, Resolution};
use super::text_edit::TextEdit;
use super::tool::{Question, Tool};
use super::{DIRECTORY, bundled, mount};
use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::hash::{Digest, Hasher};
use crate::swap::{Names, Replaceable};
use crate::terminal::Terminal;
use crate::text_file::shown;

const NAMES: Names =
    Names { directory: DIRECTORY, lock: ".packages.lock", new: ".packages.new-", old: ".packages.old-" };

/// What git ignores: the packages, and what is beside them while they are replaced.
const IGNORED: [&str; 2] = ["/packages/", "/.packages.*"];

/// The lines of a new .gitignore by which it does.
pub const IGNORE: &str = "\n# Packages, put here by `pywagi sync`.\n/packages/\n/.packages.*\n";

/// How to bring packages up to date.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Use only what is on this machine.
    pub offline: bool,
    /// Fail where the lock is not what the app asks for.
    pub locked: bool,
}

/// The packages of an app, locked against other pywagi processes.
pub struct Packages<'a> {
    app: &'a App,
    options: Options,
    terminal: &'a Terminal,
    place: Replaceable,
    /// What the app asks for. An edit of it is written together with the packages.
    pub asked: Asked,
    lock: Option<Lock>,
    /// The version of Python, such as `3.12`.
    pub python: String,
    /// The packages that are built into the interpreter.
    pub built_in: BuiltIn,
    begin: Instant,
}

impl<'a> Packages<'a> {
    /// Locks the packages of `app` and reads what it asks for.
    ///
    /// # Errors
    /// Fails where the directory cannot be written to, and where a file cannot be understood.
    pub fn lock(app: &'a App, options: Options, terminal: &'a Terminal) -> Result<Self> {
        let begin = Instant::now();
        let place = Replaceable::lock(&app.directory, NAMES, || {
            let packages = shown(&app.directory.join(DIRECTORY));
            terminal.note(format_args!("Waiting for another pywagi that changes {packages}"));
        })?;
        if crate::swap::exists(&place.place())? && !is_replaceable(&place.place())? {
            let message = format!("{} was not made by pywagi", shown(&place.place()));
            return Err(Error::new(message).remedy("move it elsewhere, and name in pyproject.toml what it had"));
        }
        let lock = Lock::read(&app.directory)?;
        let (asked, python) = (Asked::read(&app.directory)?, app.python(lock.as_ref())?);
        let built_in = app.built_in()?;
        Ok(Self { app, options, terminal, place, asked, lock, python, built_in, begin })
    }

    /// Makes the packages what the lock says, resolving first where the app asks for something else than the lock has.
    ///
    /// # Errors
    /// As [`Packages::resolve`] and [`Packages::install`]; with `locked` also where the lock is not what the app asks for.
    pub fn sync(self) -> Result<()> {
        let lines = self.asked.lines();
        let Some(lock) = self.lock.clone() else {
            if lines.is_empty() && Record::read(&self.app.directory).is_none() {
                self.terminal.step("Unchanged", "the app asks for no packages; `pywagi add` adds some");
                return Ok(());
            }
            self.refuse_if_locked(&format!("there is no {}", lock::FILE_NAME))?;
            return self.resolve(&[]);
        };
        if lock.is_for(&self.python, &lines) && lock.goes_with(&built_in::pins(&self.built_in)) {
            return self.install(&lock, &Resolution::default());
        }
        if !lock.is_own() && lines.is_empty() {
            let name = shown(&self.asked.edit.path);
            let message = format!("{} was made by another tool, and {name} asks for no packages", lock::FILE_NAME);
            return Err(Error::new(message).remedy(format!("write what the app needs to {name}, or use `pywagi add`")));
        }
        self.refuse_if_locked(&format!("{} is not what the app asks for", lock::FILE_NAME))?;
        self.resolve(&[])
    }

    fn refuse_if_locked(&self, why: &str) -> Result<()> {
        if !self.options.locked {
            return Ok(());
        }
        Err(Error::new(why).remedy("run `pywagi sync` without --locked, and commit what it writes"))
    }

    /// Resolves what the app asks for, and installs that. Packages that are not `named` stay at their versions if possible.
    ///
    /// # Errors
    /// Fails where the requirements cannot be met by packages that a guest can use, and as [`Packages::install`].
    pub fn resolve(self, named: &[String]) -> Result<()> {
        let lines = self.asked.lines();
        let settings = self.asked.uv_settings();
        built_in::check(&self.asked.requirements(), &self.built_in)?;
        let resolution = if self.asked.requirements().is_empty() {
            Resolution::default()
        } else {
            let question = Question {
                requirements: &lines,
                constraints: &[],
                built_in: &self.built_in,
                wheels: None,
                python: &self.python,
                uv_settings: settings.as_deref(),
                native: false,
                offline: self.options.offline,
                directory: &self.app.directory,
                deadline: None,
            };
            resolve::resolve(&Tool::find()?, question, self.lock.as_ref(), named, self.terminal)?
        };
        let lock = Lock::new(&self.python, lines, resolution.packages.clone(), resolution.given.clone());
        self.install(&lock, &resolution)
    }

    /// Installs what `new` says, and writes every file that changes.
    fn install(self, new: &Lock, resolution: &Resolution) -> Result<()> {
        let directory = &self.app.directory;
        let mut lock_edit = TextEdit::read(&directory.join(lock::FILE_NAME))?;
        if self.lock.as_ref() != Some(new) {
            lock_edit.set(&new.to_text()?);
        }
        let digest = Digest::of(&lock_edit.after);
        let old = Record::read(directory);
        let is_current = match &old {
            Some(record) => {
                record.lock == digest
                    && record.python == self.python
                    && record.layer.is_none_or(|layer| layer == layer_digest())
                    && record.listing == record::listing(&self.place.place())?
            }
            None => false,
        };
        let staging = (!is_current).then(|| self.fill(new, digest)).transpose()?;
        let layer = match &staging {
            Some((_, record)) => record.layer,
            None => old.as_ref().and_then(|record| record.layer),
        };
        let extra: &[&str] = if layer.is_some() { &[bundled::LAYER] } else { &[] };
        let edits = [mount::plan(&self.app.manifest, extra)?, ignored(directory)?];
        let shown: Vec<_> = std::iter::once(&self.asked.edit).chain(&edits).filter(|edit| edit.is_change()).collect();
        // From here on, only a failing disk stops it half-way.
        let stage = |edit: &TextEdit| edit.is_change().then(|| edit.stage()).transpose();
        let (asked, lock) = (stage(&self.asked.edit)?, stage(&lock_edit)?);
        let rest = edits.iter().map(stage).collect::<Result<Vec<_>>>()?;
        replace(asked, &self.asked.edit.path)?;
        replace(lock, &lock_edit.path)?;
        let installed = match staging {
            Some((staging, record)) => {
                self.place.put(staging)?;
                Some(record)
            }
            None => None,
        };
        for (staged, edit) in rest.into_iter().zip(&edits) {
            replace(staged, &edit.path)?;
        }
        self.report(old.as_ref(), installed.as_ref(), resolution, &shown);
        Ok(())
    }

    /// Makes the new set in a directory beside the old one.
    fn fill(&self, lock: &Lock, digest: Digest) -> Result<(tempfile::TempDir, Record)> {
        let staging = self.place.staging()?;
        let installed = if lock.packages.is_empty() {
            Vec::new()
        } else {
            let directory = &self.app.directory;
            let tool = Tool::find()?;
            let how = How { tool: &tool, python: &self.python, directory, offline: self.options.offline };
            install::install(lock, how, staging.path(), self.terminal)?
        };
        let failed = || format!("cannot write the compatibility layer to {}", staging.path().display());
        let needs_layer = !bundled::needs(staging.path()).context(failed)?.is_empty();
        if needs_layer {
            bundled::write_layer(staging.path()).context(failed)?;
        }
        let listing = record::listing(staging.path())?;
        let mut record = Record::new(digest, self.python.clone(), listing, installed);
        record.layer = needs_layer.then(layer_digest);
        record.write(staging.path())?;
        Ok((staging, record))
    }

    /// Shows what was done.
    fn report(&self, old: Option<&Record>, new: Option<&Record>, resolution: &Resolution, edits: &[&TextEdit]) {
        let terminal = self.terminal;
        let place = shown(&self.place.place());
        let Some(Record { packages: installed, layer, .. }) = new else {
            let number = old.map_or(0, |record| record.packages.len());
            terminal.step("Unchanged", format_args!("{} in {place}/", counted(number)));
            edits.iter().for_each(|edit| edit.show(terminal));
            return;
        };
        let before = old.map(|record| record.packages.as_slice()).unwrap_or_default();
        for package in installed {
            let Installed { name, version, built, left_out, .. } = package;
            let built = if *built { ", built from its source archive" } else { "" };
            match before.iter().find(|old| old.name == *name) {
                Some(old) if old.version == *version => continue,
                Some(old) => terminal.step("Changed", format_args!("{name} {} to {version}{built}", old.version)),
                None => terminal.step("Added", format_args!("{name} {version}{built}")),
            }
            if !left_out.is_empty() {
                let files = left_out.join(", ");
                terminal.note(format_args!("{:>12} without {files}, which no guest can load", ""));
            }
        }
        for Installed { name, version, .. } in before {
            if installed.iter().all(|new| new.name != *name) {
                terminal.step("Removed", format_args!("{name} {version}"));
            }
        }
        if layer.is_some() && old.is_none_or(|old| old.layer.is_none()) {
            let what = "which has in a guest what packages look for and CPython for WASI lacks";
            terminal.step("Added", format_args!("{}, {what}", bundled::LAYER));
        }
        for (name, why) in &resolution.unneeded {
            terminal.note(format_args!("{:>12} without {name}, which has native code: {why}", ""));
        }
        edits.iter().for_each(|edit| edit.show(terminal));
        let size = BinaryBytes(installed.iter().map(|package| package.size).sum());
        let time = self.begin.elapsed().as_secs_f64();
        let packages = counted(installed.len());
        terminal.step("Installed", format_args!("{packages} in {place}/, {size}, in {time:.1} s"));
    }
}

/// The digest of the compatibility layer of this pywagi.
fn layer_digest() -> Digest {
    let mut hasher = Hasher::default();
    for file in &bundled::LAYER_FILES {
        hasher.update(format!("{}\0{}\0", file.path, file.text));
    }
    hasher.digest()
}

/// Whether what is at `place` may be replaced: pywagi made it, or it is an empty directory.
fn is_replaceable(place: &Path) -> Result<bool> {
    if record::is_managed(place) || !place.is_dir() {
        return Ok(record::is_managed(place));
    }
    let mut entries = std::fs::read_dir(place).context(|| format!("cannot read {}", place.display()))?;
    Ok(entries.next().is_none())
}

fn replace(staged: Option<StagedFile>, path: &Path) -> Result<()> {
    match staged {
        Some(staged) => staged.replace().context(|| format!("cannot write {}", shown(path))),
        None => Ok(()),
    }
}

/// The edit of .gitignore by which the packages stay out of the repository. Without a repository none is made.
fn ignored(directory: &Path) -> Result<TextEdit> {
    let mut edit = TextEdit::read(&directory.join(".gitignore"))?;
    let in_repository = directory.ancestors().any(|above| above.join(".git").exists());
    if edit.before().is_empty() && !in_repository {
        return Ok(edit);
    }
    let plain = |line: &str| line.trim().trim_matches('/').to_owned();
    let missing = IGNORED.iter().filter(|wanted| !edit.before().lines().any(|line| plain(line) == plain(wanted)));
    let missing: String = missing.map(|line| format!("{line}\n")).collect();
    if !missing.is_empty() {
        let before = edit.before().trim_end();
        let gap = if before.is_empty() { "" } else { "\n\n" };
        edit.set(&format!("{before}{gap}# Packages, put here by `pywagi sync`.\n{missing}"));
    }
    Ok(edit)
}
