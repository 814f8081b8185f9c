//! Downloaded files in the user's cache, by their SHA-256.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::hash::{self, Digest};
use crate::cache::Cache;
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The cache's section for downloads.
///
/// `<sha256>` is a whole file, `<sha256>.source` says where it came from, `<sha256>.part` is the beginning of a file,
/// `<sha256>.lock` the lock of who fetches it.
#[derive(Clone, Debug)]
pub struct Downloads {
    directory: PathBuf,
}

/// A file in the cache that is the one its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub digest: Digest,
    /// Where it once came from, in words.
    pub source: String,
}

/// The right to fetch one file; dropping it lets the next process try.
#[derive(Debug)]
pub struct Fetching {
    _lock: File,
    name: String,
}

impl Downloads {
    /// The downloads in `cache`.
    ///
    /// # Errors
    /// Fails where the section cannot be made.
    pub fn open(cache: &Cache) -> Result<Self> {
        Ok(Self { directory: cache.section("downloads")? })
    }

    /// Their directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether a file of that sum and size seems to be there, judged by its size alone.
    pub fn seems_to_have(&self, sha256: &str, size: u64) -> bool {
        fs::metadata(self.directory.join(sha256)).is_ok_and(|m| m.is_file() && m.len() == size)
    }

    /// The file with that sum, if it is there. What is there under that name and is not that file is deleted.
    ///
    /// # Errors
    /// Fails where it cannot be read.
    pub fn get(&self, sha256: &str) -> Result<Option<Cached>> {
        let path = self.directory.join(sha256);
        match fs::metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::new(format!("cannot read {}", path.display())).because(e)),
            Ok(_) => {}
        }
        let digest = hash::of_file(&path)?;
        if digest.sha256 == sha256 {
            // Only words for people; a file that came without them is no worse.
            let source = fs::read_to_string(self.source(sha256)).unwrap_or_else(|_| "the cache".to_owned());
            return Ok(Some(Cached { path, digest, source }));
        }
        fs::remove_file(&path).context(|| format!("cannot delete {}, which is damaged", path.display()))?;
        Ok(None)
    }

    /// Waits until nobody else fetches `name`, and deletes what a killed process left of its attempt, except the part
    /// that can be resumed.
    ///
    /// # Errors
    /// Fails where the lock cannot be had.
    pub fn lock(&self, name: &str, terminal: &Terminal) -> Result<Fetching> {
        let path = self.directory.join(format!("{name}.lock"));
        let lock = lock_file(&path, || {
            terminal
                .note(format_args!("Waiting for another pywagi that fetches the same file (lock: {})", path.display()));
        })?;
        let prefix = temporary_prefix(name);
        remove_all_with_prefix(&self.directory, &prefix)?;
        Ok(Fetching { _lock: lock, name: name.to_owned() })
    }

    /// Where the beginning of the file is kept while it is fetched.
    pub fn part(&self, fetching: &Fetching) -> PathBuf {
        self.directory.join(format!("{}.part", fetching.name))
    }

    /// Deletes the beginning of a file that was then had from elsewhere.
    ///
    /// # Errors
    /// Fails where it is there and cannot be deleted.
    pub fn discard_part(&self, fetching: &Fetching) -> Result<()> {
        let part = self.part(fetching);
        match fs::remove_file(&part) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(Error::new(format!("cannot delete {}", part.display())).because(e))
            }
            _ => Ok(()),
        }
    }

    /// An empty file on the cache's file system, gone when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be made.
    pub fn temporary_file(&self, fetching: &Fetching) -> Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix(&temporary_prefix(&fetching.name))
            .tempfile_in(&self.directory)
            .context(|| format!("cannot make a file in {}", self.directory.display()))
    }

    /// An empty directory on the cache's file system, gone when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be made.
    pub fn temporary_directory(&self, fetching: &Fetching) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&temporary_prefix(&fetching.name))
            .tempdir_in(&self.directory)
            .context(|| format!("cannot make a directory in {}", self.directory.display()))
    }

    fn source(&self, sha256: &str) -> PathBuf {
        self.directory.join(format!("{sha256}.source"))
    }

    /// Puts the file at `from`, which came from `source` and is known to be `digest`, into the cache.
    ///
    /// # Errors
    /// Fails where it cannot be renamed.
    pub fn put(&self, from: &Path, digest: Digest, source: &str) -> Result<Cached> {
        let path = self.directory.join(&digest.sha256);
        let note = self.source(&digest.sha256);
        fs::write(&note, source).context(|| format!("cannot write {}", note.display()))?;
        fs::rename(from, &path).context(|| format!("cannot rename {} to {}", from.display(), path.display()))?;
        Ok(Cached { path, digest, source: source.to_owned() })
    }
}

fn temporary_prefix(name: &str) -> String {
    format!("{name}.tmp-")
}

/// Locks the file at `path` against other processes, made if need be. `waiting` is called once if another has it.
///
/// # Errors
/// Fails where the file cannot be made or locked.
pub fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let failed = || format!("cannot lock {}", path.display());
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).context(failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => waiting(),
        Err(TryLockError::Error(e)) => return Err(Error::new(failed()).because(e)),
    }
    file.lock().context(failed)?;
    Ok(file)
}

/// Deletes every file and directory in `directory` whose name begins with `prefix`.
///
/// # Errors
/// Fails where one cannot be deleted.
pub fn remove_all_with_prefix(directory: &Path, prefix: &str) -> Result<()> {
    let cannot_read = || format!("cannot read the directory {}", directory.display());
    for entry in fs::read_dir(directory).context(cannot_read)? {
        let entry = entry.context(cannot_read)?;
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let path = entry.path();
        let removed = match entry.file_type() {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(e) => Err(e),
        };
        removed.context(|| format!("cannot delete {}, which an interrupted pywagi left", path.display()))?;
    }
    Ok(())
}
