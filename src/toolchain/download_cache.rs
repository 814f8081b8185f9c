//! The cache of downloaded files, by their SHA-256.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::cache::Cache;
use crate::error::{Context, Error, Result};
use crate::hash::{Checksum, Digest};
use crate::terminal::Terminal;

/// The section of the user's cache for downloads.
///
/// `<sha256>` is a complete file, `<sha256>.source` says where it came from, `<sha256>.part` is the beginning of a file
/// whose download was interrupted. The holder of the lock on `<sha256>.lock` may create and delete the others.
#[derive(Clone, Debug)]
pub struct DownloadCache {
    directory: PathBuf,
}

/// A file in the cache whose content has the SHA-256 that it is stored under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedFile {
    /// Its path.
    pub path: PathBuf,
    /// Its size and SHA-256.
    pub checksum: Checksum,
    /// Where it was downloaded from, for people.
    pub source: String,
}

/// The lock on one file of the cache, released when dropped.
#[derive(Debug)]
pub struct DownloadLock {
    _file: File,
    name: String,
}

impl DownloadCache {
    /// The downloads in `cache`.
    ///
    /// # Errors
    /// Fails where their directory cannot be created.
    pub fn open(cache: &Cache) -> Result<Self> {
        Ok(Self { directory: cache.section("downloads")? })
    }

    /// The directory of the files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether a file of that name and size is there; its content is not read.
    pub fn seems_to_have(&self, expected: Checksum) -> bool {
        let metadata = fs::metadata(self.file(expected.sha256));
        metadata.is_ok_and(|m| m.is_file() && m.len() == expected.size)
    }

    /// The file with that SHA-256, if it is there and undamaged. A damaged file is left in place: another process may be
    /// replacing it. [`DownloadCache::get_locked`] deletes it.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn get(&self, sha256: Digest) -> Result<Option<CachedFile>> {
        let path = self.file(sha256);
        match fs::metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::new(format!("cannot read {}", path.display())).because(e)),
            Ok(_) => {}
        }
        let checksum = Checksum::of_file(&path)?;
        if checksum.sha256 != sha256 {
            return Ok(None);
        }
        // For people only: a file without a note is as good.
        let source = fs::read_to_string(self.source_note(sha256)).unwrap_or_else(|_| "the cache".to_owned());
        Ok(Some(CachedFile { path, checksum, source }))
    }

    /// As [`DownloadCache::get`], for the holder of the file's lock; a damaged file is deleted.
    ///
    /// # Errors
    /// Fails where the file cannot be read, or is damaged and cannot be deleted.
    pub fn get_locked(&self, sha256: Digest, _lock: &DownloadLock) -> Result<Option<CachedFile>> {
        let cached = self.get(sha256)?;
        if cached.is_none() {
            let path = self.file(sha256);
            remove_if_exists(&path).context(|| format!("cannot delete {}, which is damaged", path.display()))?;
        }
        Ok(cached)
    }

    /// Locks the file `name`, waiting while another process holds the lock, and deletes temporary files that a killed
    /// process left. The `.part` file stays, so that its download can be resumed.
    ///
    /// # Errors
    /// Fails where the lock file cannot be created or locked.
    pub fn lock(&self, name: &str, terminal: &Terminal) -> Result<DownloadLock> {
        let path = self.lock_path(name);
        let file = lock_file(&path, || {
            let path = path.display();
            terminal.note(format_args!("Waiting for another pywagi that downloads the same file (lock: {path})"));
        })?;
        remove_all_with_prefix(&self.directory, &temporary_prefix(name))?;
        Ok(DownloadLock { _file: file, name: name.to_owned() })
    }

    /// As [`DownloadCache::lock`]; `None` where another process holds the lock.
    ///
    /// # Errors
    /// As [`DownloadCache::lock`].
    pub fn try_lock(&self, name: &str) -> Result<Option<DownloadLock>> {
        let path = self.lock_path(name);
        let file = open_lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DownloadLock { _file: file, name: name.to_owned() })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(cannot_lock(&path, e)),
        }
    }

    /// The path of the beginning of the file while it is downloaded.
    pub fn part(&self, lock: &DownloadLock) -> PathBuf {
        self.directory.join(format!("{}.part", lock.name))
    }

    /// Deletes the `.part` file of a file that was then fetched from another source.
    ///
    /// # Errors
    /// Fails where it exists and cannot be deleted.
    pub fn discard_part(&self, lock: &DownloadLock) -> Result<()> {
        let part = self.part(lock);
        remove_if_exists(&part).context(|| format!("cannot delete {}", part.display()))
    }

    /// An empty file on the cache's file system, deleted when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn temporary_file(&self, lock: &DownloadLock) -> Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix(&temporary_prefix(&lock.name))
            .tempfile_in(&self.directory)
            .context(|| format!("cannot create a file in {}", self.directory.display()))
    }

    /// An empty directory on the cache's file system, deleted when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn temporary_directory(&self, lock: &DownloadLock) -> Result<TempDir> {
        tempfile::Builder::new()
            .prefix(&temporary_prefix(&lock.name))
            .tempdir_in(&self.directory)
            .context(|| format!("cannot create a directory in {}", self.directory.display()))
    }

    /// Moves the file at `from`, whose content has this checksum, into the cache, over a damaged one if there is one.
    /// `source` says where it was downloaded from.
    ///
    /// # Errors
    /// Fails where it cannot be renamed.
    pub fn put(&self, from: &Path, checksum: Checksum, source: &str) -> Result<CachedFile> {
        let path = self.file(checksum.sha256);
        let note = self.source_note(checksum.sha256);
        fs::write(&note, source).context(|| format!("cannot write {}", note.display()))?;
        fs::rename(from, &path).context(|| format!("cannot rename {} to {}", from.display(), path.display()))?;
        Ok(CachedFile { path, checksum, source: source.to_owned() })
    }

    fn file(&self, sha256: Digest) -> PathBuf {
        self.directory.join(sha256.to_string())
    }

    fn source_note(&self, sha256: Digest) -> PathBuf {
        self.directory.join(format!("{sha256}.source"))
    }

    fn lock_path(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.lock"))
    }
}

fn temporary_prefix(name: &str) -> String {
    format!("{name}.tmp-")
}

fn remove_if_exists(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Locks the file at `path` against other processes; creates it if needed. `waiting` is called once if another process
/// holds the lock.
///
/// # Errors
/// Fails where the file cannot be created or locked.
pub fn lock_file(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let file = open_lock_file(path)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => waiting(),
        Err(TryLockError::Error(e)) => return Err(cannot_lock(path, e)),
    }
    file.lock().map_err(|e| cannot_lock(path, e))?;
    Ok(file)
}

fn open_lock_file(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    opened.map_err(|e| cannot_lock(path, e))
}

/// The error for a lock file that cannot be opened or locked.
pub fn cannot_lock(path: &Path, cause: io::Error) -> Error {
    Error::new(format!("cannot lock {}", path.display())).because(cause)
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
