//! Unpacking archives that nobody vouches for.
//!
//! An archive is refused as a whole when one entry is anything but a regular file or a directory at a plain relative
//! path that nothing else in the archive has, or when it unpacks to more than its [`Limits`]. The directory it is
//! unpacked to must be new and private: what was written before the refusal is the caller's to delete.

mod tar;
mod zip;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use tar::{unpack_tar_gz, write_member};
pub use zip::{unpack_zip, write_zip_member};

use crate::error::{Context, Error, Result};

/// An archive's file, and what messages call it.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What the user knows it as.
    pub name: &'a str,
}

/// What an archive may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, of all files together.
    pub size: u64,
    /// Files and directories.
    pub entries: u64,
}

impl Default for Limits {
    /// Ten times what CPython's whole library needs.
    fn default() -> Self {
        Self { size: 512 << 20, entries: 50_000 }
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
            return Err(refuse(self.archive, format!("it has more than {} entries", self.limits.entries)));
        }
        Ok(())
    }

    /// The entry's place in the directory.
    fn place(&self, name: &[u8]) -> Result<PathBuf> {
        match plain_path(name) {
            Ok(path) => Ok(self.into.join(path)),
            Err(why) => Err(refuse(self.archive, format!("its entry {:?} {why}", String::from_utf8_lossy(name)))),
        }
    }

    /// Makes the directory `name`. That it exists already is no harm.
    fn directory(&mut self, name: &[u8]) -> Result<()> {
        self.count()?;
        let path = self.place(name)?;
        fs::create_dir_all(&path).map_err(|e| self.cannot_write(name, e))
    }

    /// Writes the file `name`.
    fn file(&mut self, name: &[u8], contents: impl Read) -> Result<()> {
        self.count()?;
        let path = self.place(name)?;
        if path == self.into {
            return Err(refuse(self.archive, format!("its file {:?} has no name", String::from_utf8_lossy(name))));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| self.cannot_write(name, e))?;
        }
        let mut file = create_new(&path).map_err(|e| self.cannot_write(name, e))?;
        let left = self.limits.size.saturating_sub(self.size);
        let written = copy_split(contents.take(left.saturating_add(1)), &mut file).map_err(|e| match e {
            Copy::Read(e) => damaged(self.archive, e),
            Copy::Write(e) => self.cannot_write(name, e),
        })?;
        if written > left {
            return Err(refuse(self.archive, format!("it unpacks to more than {} bytes", self.limits.size)));
        }
        self.size += written;
        Ok(())
    }

    /// The error for a file that could not be made. An existing one means two entries of one name, or of names that
    /// this file system takes for one.
    fn cannot_write(&self, name: &[u8], error: io::Error) -> Error {
        let name = String::from_utf8_lossy(name);
        match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
                refuse(self.archive, format!("two of its entries are named {name:?}"))
            }
            _ => Error::new(format!("cannot unpack {name:?} of {} into {}", self.archive.name, self.into.display()))
                .because(error)
                .remedy("check that the disk has space left and that the directory can be written"),
        }
    }
}

/// Which side of a copy failed.
enum Copy {
    Read(io::Error),
    Write(io::Error),
}

/// [`io::copy`] that tells a damaged archive from a full disk.
fn copy_split(mut reader: impl Read, writer: &mut File) -> std::result::Result<u64, Copy> {
    use std::io::Write;

    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Copy::Read(e)),
        };
        let piece = buffer.get(..n).ok_or_else(|| Copy::Read(io::Error::other("read too much")))?;
        writer.write_all(piece).map_err(Copy::Write)?;
        total += n as u64;
    }
}

/// A new file, never an existing one and never through a link.
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// The longest name of one file that common file systems have room for, in bytes.
const LONGEST_NAME: usize = 255;

/// The relative path that an entry's name means, or why it means none. `/` and `.` at the end or between are no harm.
fn plain_path(name: &[u8]) -> std::result::Result<PathBuf, &'static str> {
    let name = std::str::from_utf8(name).map_err(|_| "is not valid UTF-8")?;
    if name.starts_with('/') {
        return Err("is an absolute path");
    }
    if name.is_empty() {
        return Err("has an empty name");
    }
    if name.len() > 4096 {
        return Err("has a name longer than 4096 bytes");
    }
    let mut path = PathBuf::new();
    for part in name.split('/') {
        match part {
            "" | "." => continue,
            ".." => return Err("leads out of the archive by .."),
            _ => {}
        }
        // Separators, drives, streams and devices of Windows are refused everywhere: an archive is either good on
        // all systems or on none.
        if part.contains(['\\', ':']) || part.chars().any(char::is_control) {
            return Err("has a character that a file name cannot have on every system");
        }
        if part.ends_with(['.', ' ']) || is_windows_device(part) || part.len() > LONGEST_NAME {
            return Err("has a name that a file cannot have on every system");
        }
        path.push(part);
    }
    Ok(path)
}

/// Whether Windows opens a device of that name, whatever its extension: `CON`, `nul.txt`, `COM1`.
fn is_windows_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || stem
            .strip_prefix("COM")
            .or_else(|| stem.strip_prefix("LPT"))
            .is_some_and(|n| matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
}

/// The error for an archive with something in it that we never unpack.
fn refuse(archive: Archive<'_>, why: impl std::fmt::Display) -> Error {
    Error::new(format!("refused to unpack {}: {why}", archive.name))
        .remedy("the archive was made carelessly or with bad intent; nothing of it was installed")
}

/// The error for an archive that cannot be read to its end.
fn damaged(archive: Archive<'_>, error: io::Error) -> Error {
    Error::new(format!("cannot read the archive {}", archive.name))
        .because(error)
        .remedy("it is damaged or was cut short; fetch it again")
}

/// What helps where a package is another one than expected.
pub const OTHER_PACKAGE: &str = "its index has another package under this name; see which index the client is set to";

/// The error for a package without the file that it is fetched for.
fn lacks(archive: Archive<'_>, member: &str) -> Error {
    Error::new(format!("{} has no file {member}", archive.name)).remedy(OTHER_PACKAGE)
}

/// Opens an archive.
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
        let cases: [(&[u8], &str); 12] = [
            (b"/etc/passwd", "is an absolute path"),
            (b"../a", "leads out of the archive by .."),
            (b"a/../../b", "leads out of the archive by .."),
            (b"a/..", "leads out of the archive by .."),
            (b"", "has an empty name"),
            (b"a\\..\\b", "has a character that a file name cannot have on every system"),
            (b"C:/a", "has a character that a file name cannot have on every system"),
            (b"a\0b", "has a character that a file name cannot have on every system"),
            (b"lib/nul.py", "has a name that a file cannot have on every system"),
            (b"com1", "has a name that a file cannot have on every system"),
            (b"a./b", "has a name that a file cannot have on every system"),
            (b"\xff", "is not valid UTF-8"),
        ];
        for (name, why) in cases {
            assert_eq!(plain_path(name), Err(why), "{:?}", String::from_utf8_lossy(name));
        }
        assert_eq!(plain_path(&[b'a'; 5000]), Err("has a name longer than 4096 bytes"));
        assert_eq!(plain_path(&[b'a'; 256]), Err("has a name that a file cannot have on every system"));
        assert!(plain_path(&[b'a'; 255]).is_ok());
        assert!(plain_path(b"console.py").is_ok() && plain_path(b"com.py").is_ok());
    }
}
