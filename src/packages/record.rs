//! The record of what is installed in `packages/`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::DIRECTORY;
use crate::error::{Context, Result};
use crate::hash::{Digest, Hasher};

/// Its name in `packages/`.
pub const FILE_NAME: &str = ".pywagi.json";

/// The version of its format.
const FORMAT: u32 = 1;

/// The largest record that is read, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// What is installed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Record {
    format: u32,
    /// The digest of the lock that was installed.
    pub lock: Digest,
    /// The version of Python, such as `3.12`.
    pub python: String,
    /// The digest of the names and sizes of all files.
    pub listing: Digest,
    /// The packages, by name.
    pub packages: Vec<Installed>,
    /// The digest of the compatibility layer, where packages need it.
    #[serde(default)]
    pub layer: Option<Digest>,
}

/// An installed package.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Its normalized name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The size of its files in bytes.
    pub size: u64,
    /// Whether its wheel was built from the source archive.
    pub built: bool,
    /// The files of its wheel that no guest can load, which are left out.
    pub left_out: Vec<String>,
}

impl Record {
    /// A record of `packages`.
    pub fn new(lock: Digest, python: String, listing: Digest, packages: Vec<Installed>) -> Self {
        Self { format: FORMAT, lock, python, listing, packages, layer: None }
    }

    /// Reads the record of the app in `directory`. `None` where there is none, or none of this format: what is installed then
    /// is installed again.
    pub fn read(directory: &Path) -> Option<Self> {
        let path = directory.join(DIRECTORY).join(FILE_NAME);
        let length = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?.len();
        let bytes = (length <= MAX_SIZE).then(|| fs::read(&path).ok()).flatten()?;
        serde_json::from_slice(&bytes).ok().filter(|record: &Self| record.format == FORMAT)
    }

    /// Writes the record into `packages`.
    ///
    /// # Errors
    /// Fails where it cannot be written.
    pub fn write(&self, packages: &Path) -> Result<()> {
        let path = packages.join(FILE_NAME);
        let failed = || format!("cannot write {}", path.display());
        fs::write(&path, serde_json::to_vec_pretty(self).context(failed)?).context(failed)
    }
}

/// Whether `directory` is one that pywagi filled with packages, so that guests need not write there.
pub fn is_managed(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(FILE_NAME)).is_ok_and(|meta| meta.is_file())
}

/// The digest of the names and sizes of what is in `packages`, without the record; of nothing where it does not exist.
///
/// # Errors
/// Fails where a directory cannot be read.
pub fn listing(packages: &Path) -> Result<Digest> {
    let mut entries = Vec::new();
    let mut pending = vec![(String::new(), packages.to_owned())];
    while let Some((prefix, directory)) = pending.pop() {
        let cannot = || format!("cannot read the directory {}", directory.display());
        let read = match fs::read_dir(&directory) {
            Err(e) if e.kind() == ErrorKind::NotFound && prefix.is_empty() => break,
            read => read.context(cannot)?,
        };
        for entry in read {
            let entry = entry.context(cannot)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let meta = entry.metadata().context(cannot)?;
            if meta.is_dir() {
                pending.push((format!("{name}/"), entry.path()));
            } else if name != FILE_NAME {
                entries.push((name, meta.is_file(), meta.len()));
            }
        }
    }
    entries.sort();
    let mut hasher = Hasher::default();
    for (name, is_file, size) in entries {
        hasher.update(format!("{name}\0{is_file}\0{size}\n"));
    }
    Ok(hasher.digest())
}
