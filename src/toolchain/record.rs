//! The record of an installation: which interpreter, from where, and the SHA-256 of every file.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::guest::Volume;
use crate::hash::{Checksum, Digest};

/// The record's file name in the installation's directory.
pub const FILE_NAME: &str = "installed.toml";

/// The directory of [`Record::data`] in the installation's directory.
pub const DATA: &str = "data";

/// The placeholder for the installation's guest path in the values of [`Record::environment`].
pub const PREFIX: &str = "{prefix}";

/// The version of the record's format.
const FORMAT: u32 = 1;

/// The largest record that is read, in bytes. CPython's whole library takes 60 kB.
const MAX_SIZE: u64 = 16 << 20;

/// The content of one installation.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: u32,
    /// The version that the interpreter printed.
    pub version: String,
    /// The time of installation: an IMF-fixdate (RFC 9110 5.6.7).
    pub installed: String,
    /// The variables that the interpreter needs; [`PREFIX`] in a value is replaced.
    pub environment: BTreeMap<String, String>,
    /// The guest path at which the interpreter finds its library without these variables, such as
    /// `/usr/local/lib/python3.13`; the library is in `lib/` under the last part of that path, or as `library` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<String>,
    /// The directory in `lib/` that is mounted there, where its name is another than the last part of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// Directories in a library that is a zip file, of which a guest needs the files: their paths below `mount`, and in [`DATA`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// The files that it was installed from.
    #[serde(rename = "origin")]
    pub origins: Vec<Origin>,
    /// Every installed file but the record, by its relative path with `/`.
    pub files: BTreeMap<String, Checksum>,
}

/// A file that an interpreter was installed from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Digest,
    /// Where it was fetched from, for people.
    pub source: String,
}

/// What precedes the path in [`Origin::source`] of a file of this machine.
pub const LOCAL_FILE: &str = "the file ";

impl Origin {
    /// The path or URL of a file that was named by `--from`.
    pub fn location(&self) -> &str {
        self.source.strip_prefix(LOCAL_FILE).unwrap_or(&self.source)
    }
}

/// Why a record cannot be read.
#[derive(Debug)]
pub enum RecordError {
    /// It is not a regular file.
    NotAFile,
    /// It has more than [`MAX_SIZE`] bytes.
    TooLarge(u64),
    /// Its text is not UTF-8.
    NotUtf8,
    /// It is not TOML, or lacks a key.
    Invalid(toml::de::Error),
    /// Its format has another version.
    Format(u32),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFile => f.write_str("it is not a regular file"),
            Self::TooLarge(size) => write!(f, "its size is {size} bytes, more than the limit of {MAX_SIZE}"),
            Self::NotUtf8 => f.write_str("it is not UTF-8"),
            Self::Invalid(error) => f.write_str(error.to_string().trim_end()),
            Self::Format(format) => write!(f, "its format is {format}, and this pywagi reads only format {FORMAT}"),
        }
    }
}

impl std::error::Error for RecordError {}

/// How an installed directory differs from its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file's content differs.
    Changed {
        /// The relative path.
        path: String,
        /// The recorded content.
        expected: Checksum,
        /// The current content.
        found: Checksum,
    },
    /// The file does not exist, or is no longer a regular file.
    Missing(String),
    /// A file, link or device that was not installed.
    Extra(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, expected, found } => {
                writeln!(f, "changed  {path}")?;
                writeln!(f, "           recorded  {expected}")?;
                write!(f, "           found     {found}")
            }
            Self::Missing(path) => write!(f, "missing  {path}"),
            Self::Extra(path) => write!(f, "extra    {path}"),
        }
    }
}

/// The result of comparing a directory with its record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Every difference, by path.
    pub differences: Vec<Difference>,
    /// The number of files in `__pycache__` directories, which CPython itself writes; they are not compared.
    pub bytecode: usize,
}

impl Record {
    /// The record of an installation that consists of the current files in `directory`.
    ///
    /// # Errors
    /// Fails where a file cannot be read or is not a regular file.
    pub fn of(
        directory: &Path,
        version: String,
        environment: BTreeMap<String, String>,
        origins: Vec<Origin>,
    ) -> Result<Self> {
        let files = files(directory)?;
        let installed = httpdate::fmt_http_date(SystemTime::now());
        Ok(Self {
            format: FORMAT,
            version,
            installed,
            environment,
            mount: None,
            library: None,
            data: Vec::new(),
            origins,
            files,
        })
    }

    /// Records the files that are in `directory` now.
    ///
    /// # Errors
    /// As [`Record::of`].
    pub fn scan(&mut self, directory: &Path) -> Result<()> {
        self.files = files(directory)?;
        Ok(())
    }

    /// Reads the record in `directory`; `None` where there is none.
    ///
    /// # Errors
    /// Fails where it cannot be read or is invalid.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(FILE_NAME);
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(e) => return Err(Error::new(format!("cannot read {}", path.display())).because(e)),
        };
        let damaged = |why: RecordError| {
            Error::new(format!("{} is damaged", path.display()))
                .because(why)
                .remedy(format!("delete {} and run `pywagi toolchain install` again", directory.display()))
        };
        if !meta.is_file() {
            return Err(damaged(RecordError::NotAFile));
        }
        if meta.len() > MAX_SIZE {
            return Err(damaged(RecordError::TooLarge(meta.len())));
        }
        let bytes = fs::read(&path).context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&bytes).map(Some).map_err(damaged)
    }

    /// Parses a record.
    ///
    /// # Errors
    /// Fails where it is not TOML or has another format.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, RecordError> {
        let text = std::str::from_utf8(bytes).map_err(|_| RecordError::NotUtf8)?;
        let record: Self = toml::from_str(text).map_err(RecordError::Invalid)?;
        if record.format != FORMAT {
            return Err(RecordError::Format(record.format));
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

    /// The variables for an installation at the guest path `prefix`.
    pub fn environment_at(&self, prefix: &str) -> Vec<(String, String)> {
        self.environment.iter().map(|(name, value)| (name.clone(), value.replace(PREFIX, prefix))).collect()
    }

    /// The library in the installation `directory`, as a volume where the interpreter finds it by itself.
    pub fn library(&self, directory: &Path) -> Option<Volume> {
        let guest = self.mount.clone()?;
        let (_, last) = guest.rsplit_once('/')?;
        let host = directory.join("lib").join(self.library.as_deref().unwrap_or(last));
        Some(Volume { guest, host, read_only: true })
    }

    /// The directories of `data` in the installation `directory`, as volumes.
    pub fn data_volumes(&self, directory: &Path) -> Vec<Volume> {
        let volume = |(mount, path): (&String, &String)| Volume {
            guest: format!("{mount}/{path}"),
            host: directory.join(DATA).join(path),
            read_only: true,
        };
        self.mount.iter().flat_map(|mount| self.data.iter().map(move |path| (mount, path))).map(volume).collect()
    }

    /// Compares the files in `directory` with the record. `progress` is called with the size of each file read.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn compare(&self, directory: &Path, mut progress: impl FnMut(u64)) -> Result<Comparison> {
        let mut comparison = Comparison::default();
        let mut seen = BTreeMap::new();
        for found in walk(directory)? {
            match self.files.get(&found.path) {
                Some(expected) if found.regular => {
                    let checksum = Checksum::of_file(&found.host)?;
                    progress(checksum.size);
                    seen.insert(found.path, (checksum != *expected).then_some(checksum));
                }
                None if found.path == FILE_NAME => {}
                None if found.regular && is_bytecode(&found.path) => comparison.bytecode += 1,
                _ => comparison.differences.push(Difference::Extra(found.path)),
            }
        }
        for (path, expected) in &self.files {
            match seen.remove(path) {
                Some(None) => {}
                Some(Some(found)) => {
                    comparison.differences.push(Difference::Changed { path: path.clone(), expected: *expected, found })
                }
                None => comparison.differences.push(Difference::Missing(path.clone())),
            }
        }
        Ok(comparison)
    }
}

/// The files in `directory`, by their paths.
fn files(directory: &Path) -> Result<BTreeMap<String, Checksum>> {
    let mut files = BTreeMap::new();
    for found in walk(directory)? {
        if !found.regular {
            return Err(Error::new(format!("{} is not a regular file", directory.join(&found.path).display())));
        }
        files.insert(found.path, Checksum::of_file(&found.host)?);
    }
    Ok(files)
}

/// Whether CPython itself wrote the file as a compiled module (PEP 3147).
fn is_bytecode(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(|name| name.ends_with(".pyc")) && parts.next() == Some("__pycache__")
}

/// A directory entry of an installation that is not a directory.
struct Found {
    /// The path relative to the installation, with `/`.
    path: String,
    host: PathBuf,
    regular: bool,
}

/// Everything below `directory` that is not a directory, sorted by path. Does not follow links: a guest may have created
/// them.
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
        let origin = Origin { name: "a".into(), size: 1, sha256: Digest::of(""), source: "file /a".into() };
        let record = Record::of(dir.path(), "3.11.3".into(), environment, vec![origin]).unwrap();
        record.write(dir.path()).unwrap();
        (dir, record)
    }

    #[test]
    fn a_record_is_read_back() {
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
                    Digest::of(b"import abc\n"),
                    Digest::of(b"import bad\n")
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
        let why = |bytes| Record::parse(bytes).unwrap_err().to_string();
        assert_eq!(why(future.as_bytes()), "its format is 9, and this pywagi reads only format 1");
        assert_eq!(why(b"\xff"), "it is not UTF-8");
        assert_eq!(
            why(b"version = 3"),
            "TOML parse error at line 1, column 11\n  |\n1 | version = 3\n  |           ^\n\
             invalid type: integer `3`, expected a string"
        );
        let (dir, _) = installation();
        assert_eq!(Record::read(&dir.path().join("lib")).unwrap(), None);
    }
}
