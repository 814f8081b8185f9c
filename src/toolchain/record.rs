//! The record of an installation: which interpreter, from where, and what every file of it must hash to.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::hash::{self, Digest};
use crate::error::{Context, Error, Result};

/// The record's name in the installation's directory.
pub const FILE_NAME: &str = "installed.toml";

/// Stands for the installation's directory, as the guest sees it, in the values of [`Record::environment`].
pub const PREFIX: &str = "{prefix}";

/// The layout of the record that this pywagi writes and reads.
const FORMAT: u32 = 1;

/// A record of more bytes is none of ours. CPython's whole library takes 60 kB.
const MAX_SIZE: u64 = 16 << 20;

/// What is installed in one directory.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: u32,
    /// The version that the interpreter itself answered.
    pub version: String,
    /// When it was installed: an IMF-fixdate (RFC 9110 5.6.7).
    pub installed: String,
    /// The variables the interpreter needs, with [`PREFIX`] for the installation's place.
    pub environment: BTreeMap<String, String>,
    /// What was fetched, from where.
    #[serde(rename = "origin")]
    pub origins: Vec<Origin>,
    /// Every installed file but the record, by its path with `/`.
    pub files: BTreeMap<String, Entry>,
}

/// A file that was fetched for an installation.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Where it came from, in words.
    pub source: String,
}

/// An installed file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// How an installed directory differs from its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file is not what it was.
    Changed {
        /// Its path.
        path: String,
        /// As recorded.
        expected: Entry,
        /// As it is.
        found: Digest,
    },
    /// The file is not there, or is no regular file any more.
    Missing(String),
    /// A file, link or device that was not installed.
    Extra(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, expected, found } => {
                writeln!(f, "changed  {path}")?;
                writeln!(f, "           recorded  sha256 {} ({} bytes)", expected.sha256, expected.size)?;
                write!(f, "           found     {found}")
            }
            Self::Missing(path) => write!(f, "missing  {path}"),
            Self::Extra(path) => write!(f, "extra    {path}"),
        }
    }
}

/// What comparing a directory with its record gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Every difference, by path.
    pub differences: Vec<Difference>,
    /// Files in `__pycache__` directories, which CPython writes itself where it may; they are not compared.
    pub bytecode: usize,
}

impl Record {
    /// Describes the files that are in `directory` now as an installation made now.
    ///
    /// # Errors
    /// Fails where a file cannot be read or is no regular file.
    pub fn of(
        directory: &Path,
        version: String,
        environment: BTreeMap<String, String>,
        origins: Vec<Origin>,
    ) -> Result<Self> {
        let mut files = BTreeMap::new();
        for found in walk(directory)? {
            if !found.regular {
                return Err(Error::new(format!("{} is no regular file", directory.join(&found.path).display())));
            }
            let digest = hash::of_file(&found.host)?;
            files.insert(found.path, Entry { size: digest.size, sha256: digest.sha256 });
        }
        let installed = httpdate::fmt_http_date(SystemTime::now());
        Ok(Self { format: FORMAT, version, installed, environment, origins, files })
    }

    /// Reads the record in `directory`; `None` where there is none.
    ///
    /// # Errors
    /// Fails where it cannot be read or makes no sense.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(FILE_NAME);
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(e) => return Err(Error::new(format!("cannot read {}", path.display())).because(e)),
        };
        let damaged = |why: String| {
            Error::new(format!("{} is damaged: {why}", path.display()))
                .remedy(format!("delete {} and run `pywagi toolchain install` again", directory.display()))
        };
        if !meta.is_file() {
            return Err(damaged("it is no regular file".to_owned()));
        }
        if meta.len() > MAX_SIZE {
            return Err(damaged(format!("it has {} bytes, and no record is that long", meta.len())));
        }
        let bytes = fs::read(&path).context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&bytes).map(Some).map_err(damaged)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Says in words why it is none.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let record: Self = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        if record.format != FORMAT {
            return Err(format!("its format is {}, and this pywagi knows format {FORMAT} only", record.format));
        }
        Ok(record)
    }

    /// Writes the record into `directory`.
    ///
    /// # Errors
    /// Fails where it cannot be written.
    pub fn write(&self, directory: &Path) -> Result<()> {
        let path = directory.join(FILE_NAME);
        let text = toml::to_string(self).context(|| format!("cannot write {}", path.display()))?;
        let text = format!("# Written by `pywagi toolchain install`; `pywagi toolchain verify` reads it.\n{text}");
        fs::write(&path, text).context(|| format!("cannot write {}", path.display()))
    }

    /// The environment for an installation that the guest sees at `prefix`.
    pub fn environment_at(&self, prefix: &str) -> Vec<(String, String)> {
        self.environment.iter().map(|(name, value)| (name.clone(), value.replace(PREFIX, prefix))).collect()
    }

    /// Compares what is in `directory` with the record. `progress` is told the bytes of each file read.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn compare(&self, directory: &Path, mut progress: impl FnMut(u64)) -> Result<Comparison> {
        let mut comparison = Comparison::default();
        let mut seen = BTreeMap::new();
        for found in walk(directory)? {
            match self.files.get(&found.path) {
                Some(expected) if found.regular => {
                    let digest = hash::of_file(&found.host)?;
                    progress(digest.size);
                    let same = digest.size == expected.size && digest.sha256 == expected.sha256;
                    seen.insert(found.path, (!same).then_some(digest));
                }
                None if found.path == FILE_NAME => {}
                None if found.regular && is_bytecode(&found.path) => comparison.bytecode += 1,
                _ => comparison.differences.push(Difference::Extra(found.path)),
            }
        }
        for (path, expected) in &self.files {
            match seen.remove(path) {
                Some(None) => {}
                Some(Some(found)) => comparison.differences.push(Difference::Changed {
                    path: path.clone(),
                    expected: expected.clone(),
                    found,
                }),
                None => comparison.differences.push(Difference::Missing(path.clone())),
            }
        }
        Ok(comparison)
    }
}

/// Whether CPython itself wrote the file as a compiled module (PEP 3147).
fn is_bytecode(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(|name| name.ends_with(".pyc")) && parts.next() == Some("__pycache__")
}

/// Something other than a directory below an installation.
struct Found {
    /// Relative, with `/`.
    path: String,
    host: PathBuf,
    regular: bool,
}

/// Everything below `directory` that is no directory, by path. Follows no link: a guest may have planted it.
fn walk(directory: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), directory.to_owned())];
    while let Some((prefix, dir)) = pending.pop() {
        let cannot = || format!("cannot read the directory {}", dir.display());
        for entry in fs::read_dir(&dir).context(cannot)? {
            let entry = entry.context(cannot)?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().context(cannot)?;
            if kind.is_dir() {
                pending.push((format!("{path}/"), entry.path()));
            } else {
                found.push(Found { path, host: entry.path(), regular: kind.is_file() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation() -> (tempfile::TempDir, Record) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("lib/python3.11")).unwrap();
        fs::write(dir.path().join("lib/python3.11/os.py"), "import abc\n").unwrap();
        fs::write(dir.path().join("lib/python3.11/re.py"), "").unwrap();
        let environment = [("PYTHONHOME".to_owned(), PREFIX.to_owned())].into();
        let origin = Origin { name: "a".into(), size: 1, sha256: "0".repeat(64), source: "file /a".into() };
        let record = Record::of(dir.path(), "3.11.3".into(), environment, vec![origin]).unwrap();
        record.write(dir.path()).unwrap();
        (dir, record)
    }

    #[test]
    fn what_was_written_is_read() {
        let (dir, record) = installation();
        assert_eq!(Record::read(dir.path()).unwrap().unwrap(), record);
        assert_eq!(record.environment_at("/opt/x"), [("PYTHONHOME".to_owned(), "/opt/x".to_owned())]);
        assert_eq!(record.compare(dir.path(), |_| ()).unwrap(), Comparison::default());
    }

    #[test]
    fn every_difference_is_found() {
        let (dir, record) = installation();
        let lib = dir.path().join("lib/python3.11");
        fs::write(lib.join("os.py"), "import bad\n").unwrap();
        fs::remove_file(lib.join("re.py")).unwrap();
        fs::write(lib.join("sitecustomize.py"), "").unwrap();
        fs::create_dir(lib.join("__pycache__")).unwrap();
        fs::write(lib.join("__pycache__/os.cpython-311.pyc"), "").unwrap();
        let comparison = record.compare(dir.path(), |_| ()).unwrap();
        assert_eq!(comparison.bytecode, 1);
        let lines: Vec<_> = comparison.differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "extra    lib/python3.11/sitecustomize.py".to_owned(),
                format!(
                    "changed  lib/python3.11/os.py\n           recorded  sha256 {} (11 bytes)\n           \
                     found     sha256 {} (11 bytes)",
                    hash::of_bytes(b"import abc\n"),
                    hash::of_bytes(b"import bad\n")
                ),
                "missing  lib/python3.11/re.py".to_owned(),
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        let (dir, record) = installation();
        let os = dir.path().join("lib/python3.11/os.py");
        let elsewhere = tempfile::tempdir().unwrap();
        fs::copy(&os, elsewhere.path().join("os.py")).unwrap();
        fs::remove_file(&os).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("os.py"), &os).unwrap();
        let differences = record.compare(dir.path(), |_| ()).unwrap().differences;
        assert_eq!(
            differences,
            [Difference::Extra("lib/python3.11/os.py".into()), Difference::Missing("lib/python3.11/os.py".into())]
        );
    }

    #[test]
    fn a_damaged_record_says_how() {
        let future = "format = 9\nversion = ''\ninstalled = ''\norigin = []\n[environment]\n[files]\n";
        assert_eq!(
            Record::parse(future.as_bytes()).unwrap_err(),
            "its format is 9, and this pywagi knows format 1 only"
        );
        assert_eq!(Record::parse(b"\xff").unwrap_err(), "it is not UTF-8");
        assert_eq!(
            Record::parse(b"version = 3").unwrap_err(),
            "TOML parse error at line 1, column 11\n  |\n1 | version = 3\n  |           ^\n\
             invalid type: integer `3`, expected a string"
        );
        let (dir, _) = installation();
        assert_eq!(Record::read(&dir.path().join("lib")).unwrap(), None);
    }
}
