//! An installation's layout: `bin/python3.wasm`, `lib/pythonX.Y/`, made from what was fetched.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::archive::{self, Archive, Limits};
use super::hash::{self, Digest};
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The interpreter's path in the installation.
pub const INTERPRETER: &str = "bin/python3.wasm";

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A WebAssembly binary.
    Wasm,
    /// Something compressed by gzip.
    Gzip,
}

impl Format {
    /// Looks at the file at `path`, which messages call `name`.
    ///
    /// # Errors
    /// Fails where it is neither, or cannot be read.
    pub fn of(path: &Path, name: &str) -> Result<Self> {
        Self::found(path)?.ok_or_else(|| {
            Error::new(format!("{name} is neither a WebAssembly module nor a .tar.gz"))
                .remedy("give a .wasm file, or a .tar.gz with bin/*.wasm and lib/ in it")
        })
    }

    /// Looks at the file at `path`; `None` where it is neither.
    fn found(path: &Path) -> Result<Option<Self>> {
        let mut magic = Vec::new();
        File::open(path)
            .and_then(|file| file.take(4).read_to_end(&mut magic))
            .context(|| format!("cannot read {}", path.display()))?;
        Ok(match magic.as_slice() {
            b"\0asm" => Some(Self::Wasm),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            _ => None,
        })
    }
}

/// An installation being made in an empty directory.
#[derive(Debug)]
pub struct Layout<'a> {
    /// The directory.
    pub root: &'a Path,
    /// What archives may unpack to.
    pub limits: Limits,
    /// Where progress is shown.
    pub terminal: &'a Terminal,
}

impl Layout<'_> {
    /// Copies the interpreter from `path` into place. A copy and no link: a guest may be able to write there.
    ///
    /// # Errors
    /// Fails where it cannot be read or written.
    pub fn interpreter(&self, path: &Path) -> Result<Digest> {
        let to = self.root.join(INTERPRETER);
        let failed = || format!("cannot copy {} to {}", path.display(), to.display());
        if let Some(bin) = to.parent() {
            fs::create_dir_all(bin).context(failed)?;
        }
        let from = File::open(path).context(failed)?;
        let out = File::create_new(&to).context(failed)?;
        hash::copy(from, out, |_| ()).context(failed)
    }

    /// Unpacks the `.tar.gz` at `path`, whose directory `library` becomes `lib/`.
    ///
    /// # Errors
    /// Fails where the archive is refused or has no such directory.
    pub fn library(&self, archive: Archive<'_>, library: &str) -> Result<()> {
        let unpacked = self.unpack(archive)?;
        let from = unpacked.path().join(library);
        if !from.is_dir() {
            return Err(Error::new(format!("{} has no directory {library}", archive.name)));
        }
        self.place_library(archive, &from)?;
        close(unpacked)
    }

    /// Unpacks a `.tar.gz` with an interpreter in `bin/` and, beside it, a library in `lib/`; both may be below other
    /// directories. Says whether there was a library.
    ///
    /// # Errors
    /// Fails where the archive is refused or has no such interpreter, or several.
    pub fn whole(&self, archive: Archive<'_>) -> Result<bool> {
        let unpacked = self.unpack(archive)?;
        let mut found = Vec::new();
        find_interpreters(unpacked.path(), &mut found)?;
        let remedy = "the archive must have one interpreter in bin/*.wasm and its library in lib/ beside bin/";
        let interpreter = match found.as_slice() {
            [one] => one,
            [] => return Err(Error::new(format!("{} has no bin/*.wasm in it", archive.name)).remedy(remedy)),
            many => {
                let relative = |p: &PathBuf| format!("\n  {}", p.strip_prefix(unpacked.path()).unwrap_or(p).display());
                let names: String = many.iter().map(relative).collect();
                let message = format!("{} has several interpreters in it:{names}", archive.name);
                return Err(Error::new(message).remedy(remedy));
            }
        };
        if Format::found(interpreter)? != Some(Format::Wasm) {
            let within = interpreter.strip_prefix(unpacked.path()).unwrap_or(interpreter).display();
            return Err(Error::new(format!("{within} in {} is no WebAssembly module", archive.name)).remedy(remedy));
        }
        self.interpreter(interpreter)?;
        let library = interpreter.parent().and_then(Path::parent).map(|prefix| prefix.join("lib"));
        let library = library.filter(|l| l.is_dir());
        if let Some(library) = &library {
            self.place_library(archive, library)?;
        }
        close(unpacked)?;
        Ok(library.is_some())
    }

    /// Unpacks a `.tar.gz` into a directory that is gone when dropped, and never part of the installation.
    fn unpack(&self, archive: Archive<'_>) -> Result<TempDir> {
        let directory = tempfile::Builder::new()
            .prefix(".unpacked-")
            .tempdir_in(self.root)
            .context(|| format!("cannot make a directory in {}", self.root.display()))?;
        let bar = self.bar(archive)?;
        archive::unpack_tar_gz(archive, directory.path(), self.limits, |n| bar.inc(n))?;
        bar.finish_and_clear();
        Ok(directory)
    }

    /// Moves what is in `from` to `lib/`. A `pythonXY.zip` in it is unpacked to `lib/pythonX.Y`, where a directory of
    /// that name may have more.
    fn place_library(&self, archive: Archive<'_>, from: &Path) -> Result<()> {
        let lib = self.root.join("lib");
        let cannot_read = || format!("cannot read the directory {}", from.display());
        fs::create_dir_all(&lib).context(|| format!("cannot make the directory {}", lib.display()))?;
        let mut others = Vec::new();
        for entry in fs::read_dir(from).context(cannot_read)? {
            let path = entry.context(cannot_read)?.path();
            match zipped_version(&file_name(&path)) {
                Some(version) => self.unpack_zip(&path, &lib.join(version))?,
                None => others.push(path),
            }
        }
        for path in others {
            if let Some(twice) = merge(&path, &lib.join(path.file_name().unwrap_or_default()))? {
                let twice = twice.strip_prefix(self.root).unwrap_or(&twice).display();
                let message = format!("{} has {twice} twice, in its library's zip and beside it", archive.name);
                return Err(Error::new(message).remedy("leave one of the two out of the archive"));
            }
        }
        Ok(())
    }

    fn bar(&self, archive: Archive<'_>) -> Result<indicatif::ProgressBar> {
        let size = fs::metadata(archive.path).context(|| format!("cannot read {}", archive.path.display()))?.len();
        Ok(self.terminal.bytes("Unpacking", archive.name, Some(size)))
    }

    fn unpack_zip(&self, path: &Path, into: &Path) -> Result<()> {
        let name = file_name(path);
        let archive = Archive { path, name: &name };
        let bar = self.bar(archive)?;
        fs::create_dir(into).context(|| format!("cannot make the directory {}", into.display()))?;
        archive::unpack_zip(archive, into, self.limits, |n| bar.inc(n))?;
        bar.finish_and_clear();
        Ok(())
    }
}

/// Deletes what was unpacked and not used.
fn close(unpacked: TempDir) -> Result<()> {
    unpacked.close().context(|| "cannot delete what was unpacked")
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `python3.11` for `python311.zip`, CPython's name for its library in a zip.
fn zipped_version(name: &str) -> Option<String> {
    let digits = name.strip_prefix("python")?.strip_suffix(".zip")?;
    let (major, minor) = digits.split_at_checked(1)?;
    let all_digits = !minor.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| format!("python{major}.{minor}"))
}

/// Every `bin/*.wasm` below `directory`.
fn find_interpreters(directory: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let cannot_read = || format!("cannot read the directory {}", directory.display());
        let in_bin = directory.file_name().is_some_and(|name| name == "bin");
        for entry in fs::read_dir(&directory).context(cannot_read)? {
            let path = entry.context(cannot_read)?.path();
            if path.is_dir() {
                pending.push(path);
            } else if in_bin && path.extension().is_some_and(|e| e == "wasm") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(())
}

/// Renames `from` to `to`; where both are directories, what is in them. Never replaces a file: it stops at the first
/// that is there already and says which.
fn merge(from: &Path, to: &Path) -> Result<Option<PathBuf>> {
    let mut pending = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = pending.pop() {
        let failed = || format!("cannot rename {} to {}", from.display(), to.display());
        if !to.try_exists().context(failed)? {
            fs::rename(&from, &to).context(failed)?;
        } else if from.is_dir() && to.is_dir() {
            for entry in fs::read_dir(&from).context(failed)? {
                let entry = entry.context(failed)?;
                pending.push((entry.path(), to.join(entry.file_name())));
            }
        } else {
            return Ok(Some(to));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zipped_library_is_known_by_its_name() {
        assert_eq!(zipped_version("python311.zip").as_deref(), Some("python3.11"));
        assert_eq!(zipped_version("python39.zip").as_deref(), Some("python3.9"));
        for other in ["python3.zip", "python.zip", "python3.11.zip", "python311", "data.zip", "pythonß1.zip"] {
            assert_eq!(zipped_version(other), None, "{other}");
        }
    }
}
