//! Mounting an interpreter's library: the edit of modules.toml that makes the installation visible to the guest.

mod edit;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::install::GUEST_PATH;
use super::record::Record;
use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::text_file;

/// An edit that makes an installation visible to the modules that run it, and removes the library of another that was in its
/// place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The new text; `None` where nothing is to be changed.
    pub text: Option<String>,
    /// Each changed line: its number in the new text, from 1, and the line.
    pub changed: Vec<(usize, String)>,
    /// The modules whose volumes cannot be edited: the line of each in the new text, and the entry that it needs.
    pub missing: Vec<(usize, Mount)>,
    /// The volumes that cannot be edited, of libraries that are gone: the line of each in the new text, and its guest path.
    pub stale: Vec<(usize, String)>,
}

/// An entry of `volumes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    guest: String,
    host: String,
}

impl Mount {
    /// The whole of `opt/`, as in the article.
    pub fn opt() -> Self {
        Self { guest: "/opt".to_owned(), host: "opt".to_owned() }
    }

    /// The library at the guest path `mount`, which is that of an installation's record as `library` is, in an app with the
    /// installation in its `opt/`.
    pub fn library(mount: &str, library: Option<&str>) -> Self {
        let last = mount.rsplit_once('/').map_or(mount, |(_, last)| last);
        let name = library.unwrap_or(last);
        Self { guest: mount.to_owned(), host: format!("opt/{}/lib/{name}", super::opt::DIRECTORY) }
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" = {}", self.guest, toml::Value::String(self.host.clone()))
    }
}

/// What an installation needs the modules to see.
#[derive(Clone, Debug)]
struct Wanted<'a> {
    /// The directory of the manifest.
    directory: &'a Path,
    /// The directory of the installation.
    installation: &'a Path,
    /// Where its library may be: guest paths with directories of the host, the best first. Empty where it needs none.
    places: Vec<(String, PathBuf)>,
    /// Whether the whole installation serves anywhere, since variables say where it is.
    is_movable: bool,
}

impl<'a> Wanted<'a> {
    fn new(directory: &'a Path, opt_dir: &Path, installation: &'a Path, record: &Record, needs_library: bool) -> Self {
        let is_movable = record.library.is_none();
        let mut places = Vec::new();
        if needs_library {
            places.extend(record.library(installation).map(|library| (library.guest, library.host)));
            if is_movable {
                // Where `/opt` has another use, only the installation.
                places.push(("/opt".to_owned(), opt_dir.to_owned()));
                places.push((GUEST_PATH.to_owned(), installation.to_owned()));
            }
        }
        Self { directory, installation, places, is_movable }
    }
}

/// The edit of the manifest of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The manifest.
    pub manifest: PathBuf,
    /// The edit.
    pub edit: Edit,
    /// The text that the edit was made for.
    before: String,
}

/// The edit that the installation in `opt_dir` with this record needs in the manifest of the app that this belongs to.
///
/// # Errors
/// Fails where the manifest cannot be read or is not TOML.
pub fn plan(opt_dir: &Path, installation: &Path, record: &Record, needs_library: bool) -> Result<Option<Plan>> {
    let Some(manifest) = opt_dir.parent().and_then(super::nearest_manifest) else { return Ok(None) };
    let before = text_file::read(&manifest)?;
    let directory = manifest.parent().unwrap_or(Path::new(""));
    let wanted = Wanted::new(directory, opt_dir, installation, record, needs_library);
    let edit = edit::edit(&before, &wanted).context(|| format!("{} is not valid TOML", text_file::shown(&manifest)))?;
    Ok(Some(Plan { manifest, edit, before }))
}

/// The series, such as `3.13`, of the Python whose library an app mounts from the installation in `opt_dir`, whether it is there
/// or not. `None` without an app or such a mount, and where the manifest cannot be read.
pub fn mounted_series(opt_dir: &Path) -> Option<String> {
    let manifest = opt_dir.parent().and_then(super::nearest_manifest)?;
    let text = text_file::read(&manifest).ok()?;
    edit::mounted_series(&text, manifest.parent()?, &opt_dir.join(super::opt::DIRECTORY))
}

/// Replaces the text of the manifest by that of the edit, if it has one. A byte order mark stays, as do the permissions
/// and a link to the file.
///
/// # Errors
/// Fails where the file changed since it was planned, and where it cannot be written.
pub fn write(plan: &Plan) -> Result<()> {
    let Plan { manifest, edit: Edit { text: Some(text), .. }, before } = plan else { return Ok(()) };
    let failed = || format!("cannot write {}", text_file::shown(manifest));
    let now = fs::read(manifest).context(failed)?;
    let (mark, rest) = match now.strip_prefix(text_file::BYTE_ORDER_MARK) {
        Some(rest) => (text_file::BYTE_ORDER_MARK, rest),
        None => (&b""[..], &*now),
    };
    if rest != before.as_bytes() {
        return Err(Error::new(format!("{} was changed meanwhile and is left as it is", text_file::shown(manifest)))
            .remedy("run the command again"));
    }
    StagedFile::new(manifest, &[mark, text.as_bytes()].concat()).and_then(StagedFile::replace).context(failed)
}
