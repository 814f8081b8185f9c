//! modules.toml: which routes there are and what answers them.
//!
//! Everything that can be known to be wrong before a request is found here, at once, and told with its place.

mod check;
mod source;
mod values;

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::error::{Error, Result};
use crate::guest::Volume;
use crate::limits::LimitOverrides;
use crate::paths;
use crate::route::Pattern;
use crate::text_file;

use source::Source;

/// The name that is looked for.
pub const FILE_NAME: &str = "modules.toml";

/// What a modules.toml says, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The file.
    pub path: PathBuf,
    /// The absolute directory that holds it, which its relative paths start from.
    pub directory: PathBuf,
    /// Its `[[module]]` tables, in file order; at least one.
    pub modules: Vec<Module>,
    /// What is likely not meant but stops nothing, each with its place.
    pub warnings: Vec<String>,
}

/// One `[[module]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The line of its `[[module]]`, from 1.
    pub line: usize,
    /// The route it answers.
    pub route: Pattern,
    /// The absolute path of the guest.
    pub module: PathBuf,
    /// The exported function to call.
    pub entrypoint: String,
    /// The template of the arguments.
    pub argv: Option<String>,
    /// What the guest sees of the host, in file order.
    pub volumes: Vec<Volume>,
    /// Variables for this module alone, in file order.
    pub environment: Vec<(String, String)>,
    /// What its runs may use, as far as its keys say.
    pub limits: LimitOverrides,
}

/// Finds the manifest: the file named, else the nearest modules.toml from the working directory upwards.
///
/// # Errors
/// Fails where there is none, saying where it was looked for.
pub fn find(explicit: Option<&Path>) -> Result<PathBuf> {
    match explicit {
        Some(path) if exists(path) => Ok(path.to_owned()),
        Some(path) => Err(Error::new(format!("there is no file {}", path.display()))
            .remedy("check the path, or run `pywagi init` to create an app")),
        None => find_above(&paths::working_directory()?),
    }
}

/// Finds the nearest modules.toml in `start` or above it.
fn find_above(start: &Path) -> Result<PathBuf> {
    start.ancestors().map(|dir| dir.join(FILE_NAME)).find(|path| exists(path)).ok_or_else(|| {
        Error::new(format!("there is no {FILE_NAME} in {} or a directory above it", start.display()))
            .remedy("run `pywagi init` to create an app here, or name the file with -c")
    })
}

/// Whether anything is at `path`: what cannot be read, or is no file, is told when it is loaded.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Reads and checks the manifest at `path`.
///
/// # Errors
/// Fails where the file cannot be read and on every mistake in it, with line, column, source line and remedy.
pub fn load(path: &Path) -> Result<Manifest> {
    parse(path, &text_file::read(path)?)
}

/// Checks `text` as the manifest at `path`. The modules and host directories it names are looked for; nothing else of
/// the file system is touched.
///
/// # Errors
/// Fails on every mistake, as [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Manifest> {
    let shown = text_file::shown(path);
    let source = Source::new(shown.as_str(), text);
    let absolute = paths::absolute(path)?;
    let directory = absolute.parent().unwrap_or(&absolute).to_owned();
    let table = DeTable::parse(text).map_err(|e| {
        Error::new(source.point(e.span().unwrap_or_default(), &format!("not valid TOML: {}", e.message())))
            .remedy("correct the line; https://toml.io shows how TOML is written")
    })?;
    let (modules, warnings) = check::manifest(&source, &directory, table.get_ref())?;
    Ok(Manifest { path: path.to_owned(), directory, modules, warnings })
}

#[cfg(test)]
mod tests;
