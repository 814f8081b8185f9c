//! Unpacking untrusted archives.
//!
//! An archive is refused if an entry is not a regular file or directory, has an unsafe path or the path of another
//! entry, or if the archive exceeds its [`Limits`]. It must be unpacked into a new, private directory; after a refusal
//! the caller deletes what was written.

mod tar;
mod zip;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub use tar::{unpack_tar_gz, write_member};
pub use zip::{unpack_zip, write_zip_member, zip_names};

use crate::error::{Context, Error, Result};

/// An archive's file and its name in messages.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    /// Its path.
    pub path: &'a Path,
    /// The name that the user knows.
    pub name: &'a str,
}

/// The limits of what an archive may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of all files together, in bytes.
    pub size: u64,
    /// The number of files and directories.
    pub entries: u64,
}

impl Default for Limits {
    /// Ten times what CPython's whole library needs.
    fn default() -> Self {
        Self { size: 512 << 20, entries: 50_000 }
    }
}

/// Why an archive is refused.
#[derive(Debug)]
enum Refusal {
    /// It has more entries than this limit.
    TooManyEntries(u64),
    /// It unpacks to more bytes than this limit.
    TooLarge(u64),
    /// The name of an entry is not a safe path.
    UnsafeName(String, UnsafeName),
    /// An entry is neither a file nor a directory but this.
    Kind(String, String),
    /// A file has an empty path.
    FileWithoutName(String),
    /// Two entries have this name.
    Duplicate(String),
    /// Two entries of a zip file have the same name.
    Duplicates,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyEntries(limit) => write!(f, "it has more than {limit} entries"),
            Self::TooLarge(limit) => write!(f, "it unpacks to more than {limit} bytes"),
            Self::UnsafeName(name, why) => write!(f, "its entry {name:?} {why}"),
            Self::Kind(name, kind) => write!(f, "its entry {name:?} is {kind}"),
            Self::FileWithoutName(name) => write!(f, "its file {name:?} has no name"),
            Self::Duplicate(name) => write!(f, "two of its entries are named {name:?}"),
            Self::Duplicates => f.write_str("two of its entries have the same name"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why the name of an entry is not a safe path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnsafeName {
    NotUtf8,
    Absolute,
    Empty,
    TooLong,
    Parent,
    Character,
    Reserved,
}

impl fmt::Display for UnsafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("is not valid UTF-8"),
            Self::Absolute => f.write_str("is an absolute path"),
            Self::Empty => f.write_str("has an empty name"),
            Self::TooLong => write!(f, "has a name longer than {LONGEST_PATH} bytes"),
            Self::Parent => f.write_str("leads out of the archive by .."),
            Self::Character => f.write_str("has a character that file names cannot contain on every system"),
            Self::Reserved => f.write_str("has a name that files cannot have on every system"),
        }
    }
}

/// An archive being unpacked into a directory.
struct Unpacking<'a> {
    archive: Archive<'a>,
    into: &'a Path,
    limits: Limits,
    size: u64,
    entries: u64,
}

impl<'a> Unpacking<'a> {
    fn new(archive: Archive<'a>, into: &'a Path, limits: Limits) -> Self {
        Self { archive, into, limits, size: 0, entries: 0 }
    }

    /// Counts one more entry.
    fn count(&mut self) -> Result<()> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(refuse(self.archive, Refusal::TooManyEntries(self.limits.entries)));
        }
        Ok(())
    }

    /// The path to which the entry is unpacked.
    fn path_of(&self, name: &[u8]) -> Result<PathBuf> {
        match plain_path(name) {
            Ok(path) => Ok(self.into.join(path)),
            Err(why) => Err(refuse(self.archive, Refusal::UnsafeName(lossy(name), why))),
        }
    }

    /// Creates the directory `name` unless it exists.
    fn directory(&mut self, name: &[u8]) -> Result<()> {
        self.count()?;
        let path = self.path_of(name)?;
        fs::create_dir_all(&path).map_err(|e| self.cannot_write(name, e))
    }

    /// Writes the file `name`.
    fn file(&mut self, name: &[u8], contents: impl Read) -> Result<()> {
        self.count()?;
        let path = self.path_of(name)?;
        if path == self.into {
            return Err(refuse(self.archive, Refusal::FileWithoutName(lossy(name))));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| self.cannot_write(name, e))?;
        }
        let mut file = create_new(&path).map_err(|e| self.cannot_write(name, e))?;
        let left = self.limits.size.saturating_sub(self.size);
        let written = copy(contents.take(left.saturating_add(1)), &mut file).map_err(|e| match e {
            CopyError::Read(e) => damaged(self.archive, e),
            CopyError::Write(e) => self.cannot_write(name, e),
        })?;
        if written > left {
            return Err(refuse(self.archive, Refusal::TooLarge(self.limits.size)));
        }
        self.size += written;
        Ok(())
    }

    /// The error for a file that cannot be created. If it exists, two entries have one name, or names that this file
    /// system does not distinguish.
    fn cannot_write(&self, name: &[u8], error: io::Error) -> Error {
        let name = lossy(name);
        match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
                refuse(self.archive, Refusal::Duplicate(name))
            }
            _ => Error::new(format!("cannot unpack {name:?} of {} into {}", self.archive.name, self.into.display()))
                .because(error)
                .remedy("check that the disk has free space and that the directory is writable"),
        }
    }
}

/// The side of a copy that failed.
enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// As [`io::copy`], but distinguishes a damaged archive from a full disk.
fn copy(mut reader: impl Read, writer: &mut impl Write) -> std::result::Result<u64, CopyError> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(CopyError::Read(e)),
        };
        let piece = buffer
            .get(..n)
            .ok_or_else(|| CopyError::Read(io::Error::other("the reader returned more than fits its buffer")))?;
        writer.write_all(piece).map_err(CopyError::Write)?;
        total += n as u64;
    }
}

/// Creates a file; fails where something exists at `path`, a link included.
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The longest name of a file on common file systems, in bytes.
const LONGEST_NAME: usize = 255;

/// The longest path of an entry, in bytes.
const LONGEST_PATH: usize = 4096;

/// The relative path that an entry's name denotes. Empty segments and `.` are skipped.
fn plain_path(name: &[u8]) -> std::result::Result<PathBuf, UnsafeName> {
    let name = std::str::from_utf8(name).map_err(|_| UnsafeName::NotUtf8)?;
    if name.starts_with('/') {
        return Err(UnsafeName::Absolute);
    }
    if name.is_empty() {
        return Err(UnsafeName::Empty);
    }
    if name.len() > LONGEST_PATH {
        return Err(UnsafeName::TooLong);
    }
    let mut path = PathBuf::new();
    for part in name.split('/') {
        match part {
            "" | "." => continue,
            ".." => return Err(UnsafeName::Parent),
            _ => {}
        }
        // Separators, drives, streams and devices of Windows are refused on every system, so that an archive is
        // accepted on all systems or on none.
        if part.contains(['\\', ':']) || part.chars().any(char::is_control) {
            return Err(UnsafeName::Character);
        }
        if part.ends_with(['.', ' ']) || is_windows_device(part) || part.len() > LONGEST_NAME {
            return Err(UnsafeName::Reserved);
        }
        path.push(part);
    }
    Ok(path)
}

/// Whether Windows opens a device under this name, whatever its extension: `CON`, `nul.txt`, `COM1`.
fn is_windows_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || stem
            .strip_prefix("COM")
            .or_else(|| stem.strip_prefix("LPT"))
            .is_some_and(|n| matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
}

fn refuse(archive: Archive<'_>, why: Refusal) -> Error {
    Error::new(format!("will not unpack {}", archive.name))
        .because(why)
        .remedy("the archive is faulty or malicious; nothing of it was installed")
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The error for an archive that cannot be read.
fn damaged(archive: Archive<'_>, error: io::Error) -> Error {
    Error::new(format!("cannot read the archive {}", archive.name))
        .because(error)
        .remedy("it is damaged or incomplete; download it again")
}

/// The remedy for a package with unexpected content.
pub const OTHER_PACKAGE: &str = "the index has another package of this name; check which index the client uses";

/// The error for a package that does not contain the wanted file.
pub fn lacks(archive: Archive<'_>, member: &str) -> Error {
    Error::new(format!("{} does not contain {member}", archive.name)).remedy(OTHER_PACKAGE)
}

fn open(archive: Archive<'_>) -> Result<File> {
    File::open(archive.path).context(|| format!("cannot open the archive {}", archive.path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_kept() {
        for (name, path) in [("a", "a"), ("./a/b", "a/b"), ("a//b/", "a/b"), ("lib/.empty", "lib/.empty"), ("./", "")] {
            assert_eq!(plain_path(name.as_bytes()), Ok(PathBuf::from(path)), "{name}");
        }
    }

    #[test]
    fn other_paths_are_refused_with_the_reason() {
        let cases: [(&[u8], &str); 14] = [
            (b"/etc/passwd", "is an absolute path"),
            (b"../a", "leads out of the archive by .."),
            (b"a/../../b", "leads out of the archive by .."),
            (b"a/..", "leads out of the archive by .."),
            (b"", "has an empty name"),
            (b"a\\..\\b", "has a character that file names cannot contain on every system"),
            (b"C:/a", "has a character that file names cannot contain on every system"),
            (b"a\0b", "has a character that file names cannot contain on every system"),
            (b"lib/nul.py", "has a name that files cannot have on every system"),
            (b"com1", "has a name that files cannot have on every system"),
            (b"a./b", "has a name that files cannot have on every system"),
            (b"\xff", "is not valid UTF-8"),
            (&[b'a'; 5000], "has a name longer than 4096 bytes"),
            (&[b'a'; 256], "has a name that files cannot have on every system"),
        ];
        for (name, why) in cases {
            let refused = plain_path(name).unwrap_err().to_string();
            assert_eq!(refused, why, "{:?}", String::from_utf8_lossy(name));
        }
        assert!(plain_path(&[b'a'; 255]).is_ok());
        assert!(plain_path(b"console.py").is_ok() && plain_path(b"com.py").is_ok());
    }
}
