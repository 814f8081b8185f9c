//! The app that packages are for: its directory and its version of Python.
//!
//! modules.toml is read here without the checks that running it needs: in a fresh clone neither the interpreter nor the
//! packages exist.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use super::built_in::{self, BuiltIn};
use super::lock::Lock;
use super::mount;
use crate::error::{Context, Error, Result};
use crate::manifest;
use crate::paths;
use crate::text_file;
use crate::toolchain::layout::INTERPRETER;
use crate::toolchain::record::Record;

/// An app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its modules.toml.
    pub manifest: PathBuf,
    /// The absolute directory that holds it.
    pub directory: PathBuf,
}

impl App {
    /// Finds the app: `config`, else the nearest modules.toml from the working directory upwards.
    ///
    /// # Errors
    /// Fails where there is none.
    pub fn find(config: Option<&Path>) -> Result<Self> {
        let manifest = paths::absolute(&manifest::find(config)?)?;
        let directory = manifest.parent().unwrap_or(&manifest).to_owned();
        Ok(Self { manifest, directory })
    }

    /// The directories of the interpreters that its modules name, where pywagi installs one.
    fn installations(&self) -> Result<Vec<PathBuf>> {
        let text = text_file::read(&self.manifest)?;
        let mut document: DocumentMut =
            text.parse().context(|| format!("{} is not valid TOML", text_file::shown(&self.manifest)))?;
        let modules = mount::modules(&mut document);
        let files = modules.iter().filter_map(|module| module.get("module").and_then(Item::as_str));
        let files = files.map(|file| self.directory.join(file));
        let mut homes: Vec<_> = files
            .filter_map(|file| Some((file.parent()?.parent()?.to_owned(), file)))
            .filter(|(home, file)| home.join(INTERPRETER) == *file)
            .map(|(home, _)| home)
            .collect();
        homes.sort();
        homes.dedup();
        Ok(homes)
    }

    /// The version of its Python, such as `3.12`: of the interpreter that is installed, else the one in `lock`. Of several, the
    /// lowest: what is installed has to run on all.
    ///
    /// # Errors
    /// Fails where none is installed and the lock does not tell.
    pub fn python(&self, lock: Option<&Lock>) -> Result<String> {
        let mut versions = Vec::new();
        for home in self.installations()? {
            versions.extend(Record::read(&home)?.and_then(|record| minor(&record.version)));
        }
        if let Some(minor) = versions.into_iter().min() {
            return Ok(format!("3.{minor}"));
        }
        let locked = lock.and_then(Lock::python).and_then(minor).map(|minor| format!("3.{minor}"));
        locked.ok_or_else(|| {
            Error::new("the app has no interpreter, so the version of its Python is not known")
                .remedy("run `pywagi toolchain install`, then run the command again")
        })
    }

    /// The packages that are built into its interpreter; of several, those that all have at the same version.
    ///
    /// # Errors
    /// Fails where modules.toml, or an installation, cannot be read.
    pub fn built_in(&self) -> Result<BuiltIn> {
        let mut all: Option<BuiltIn> = None;
        for home in self.installations()? {
            let Some(record) = Record::read(&home)? else { continue };
            let found = built_in::of(&home, &record)?;
            all = Some(match all {
                None => found,
                Some(all) => all.into_iter().filter(|(name, version)| found.get(name) == Some(version)).collect(),
            });
        }
        Ok(all.unwrap_or_default())
    }

    /// The `opt/` of an interpreter that modules.toml names and that is not there.
    ///
    /// # Errors
    /// Fails where modules.toml cannot be read.
    pub fn missing_interpreter(&self) -> Result<Option<PathBuf>> {
        let missing = self.installations()?.into_iter().find(|home| !home.exists());
        let opt = missing.filter(|home| home.ends_with(crate::toolchain::opt::DIRECTORY));
        Ok(opt.and_then(|home| home.parent().map(Path::to_owned)))
    }
}

/// The minor version in `3.MINOR` or `3.MINOR.MICRO`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("3.")?.split('.').next()?.parse().ok()
}
