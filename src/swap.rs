//! Replacing a directory atomically, locked against other pywagi processes.
//!
//! The new content is made in a temporary directory beside the old one. Where the system can exchange two names in one
//! step, the place holds either the old or the new content at every moment. Elsewhere the old directory is renamed first; if
//! the process is killed between the two renames, the next one restores it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Context, Error, Result};
use crate::toolchain::download_cache::{lock_file, remove_all_with_prefix};

/// The names of a directory to replace and of what is beside it meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The directory.
    pub directory: &'static str,
    /// The lock file.
    pub lock: &'static str,
    /// How the names of new content begin.
    pub new: &'static str,
    /// How the names of old content begin.
    pub old: &'static str,
}

/// A directory to replace, locked while this value lives.
#[derive(Debug)]
pub struct Replaceable {
    parent: PathBuf,
    names: Names,
    _lock: File,
}

impl Replaceable {
    /// Locks the directory in `parent`, and removes what a killed process left. `waiting` is called once if another process
    /// holds the lock.
    ///
    /// # Errors
    /// Fails where the lock cannot be made, or the directory not be cleaned up.
    pub fn lock(parent: &Path, names: Names, waiting: impl FnOnce()) -> Result<Self> {
        let lock = lock_file(&parent.join(names.lock), waiting)?;
        let replaceable = Self { parent: parent.to_owned(), names, _lock: lock };
        replaceable.recover()?;
        Ok(replaceable)
    }

    /// The path of the directory, which need not exist.
    pub fn place(&self) -> PathBuf {
        self.parent.join(self.names.directory)
    }

    /// An empty directory beside it, deleted when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn staging(&self) -> Result<TempDir> {
        let mut builder = tempfile::Builder::new();
        // With the permissions of other directories, since it takes the place of one.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        builder
            .prefix(self.names.new)
            .tempdir_in(&self.parent)
            .context(|| format!("cannot create a directory in {}", self.parent.display()))
    }

    /// Moves `staging` into the place and deletes the old content.
    ///
    /// # Errors
    /// Fails where it cannot be renamed; the old content stays then.
    pub fn put(&self, staging: TempDir) -> Result<()> {
        let place = self.place();
        let failed = || format!("cannot put the new {} in place", place.display());
        if !exists(&place)? {
            fs::rename(staging.path(), &place).context(failed)?;
            // Renamed, so there is nothing to delete.
            let _ = staging.keep();
            return Ok(());
        }
        if exchange(staging.path(), &place).context(failed)? {
            return staging.close().context(|| format!("cannot delete the old content of {}", place.display()));
        }
        let old = self.set_aside()?;
        if let Err(e) = fs::rename(staging.path(), &place) {
            // If this fails too, recover() restores the old content.
            let _ = fs::rename(&old, &place);
            return Err(Error::new(failed()).because(e));
        }
        let _ = staging.keep();
        fs::remove_dir_all(&old).context(|| format!("cannot delete the old content {}", old.display()))
    }

    /// Deletes the directory. It is renamed first, so that it is never half deleted in its place.
    ///
    /// # Errors
    /// Fails where it cannot be renamed or deleted.
    pub fn remove(&self) -> Result<()> {
        // In a staging directory: after an interruption, recover() completes the removal.
        let doomed = self.staging()?;
        let into = doomed.path().join(self.names.directory);
        let place = self.place();
        fs::rename(&place, &into).context(|| format!("cannot remove {}", place.display()))?;
        doomed.close().context(|| format!("cannot delete the files of {}", place.display()))
    }

    /// Renames the directory to a name that [`Replaceable::lock`] restores.
    ///
    /// # Errors
    /// Fails where it cannot be renamed.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let (place, aside) = (self.place(), self.parent.join(format!("{}{}", self.names.old, std::process::id())));
        fs::rename(&place, &aside).context(|| format!("cannot rename {} to {}", place.display(), aside.display()))?;
        Ok(aside)
    }

    fn recover(&self) -> Result<()> {
        let place = self.place();
        if !exists(&place)? {
            let cannot_read = || format!("cannot read the directory {}", self.parent.display());
            for entry in fs::read_dir(&self.parent).context(cannot_read)? {
                let entry = entry.context(cannot_read)?;
                if entry.file_name().to_string_lossy().starts_with(self.names.old) {
                    fs::rename(entry.path(), &place).context(|| format!("cannot restore {}", place.display()))?;
                    break;
                }
            }
        }
        remove_all_with_prefix(&self.parent, self.names.new)?;
        remove_all_with_prefix(&self.parent, self.names.old)
    }
}

/// Whether something exists at `path`, a dangling link included.
///
/// # Errors
/// Fails where that cannot be told.
pub fn exists(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::new(format!("cannot read {}", path.display())).because(e)),
    }
}

/// Exchanges the names of two directories in one step: `renameat2` with `RENAME_EXCHANGE`, `renameatx_np` with
/// `RENAME_SWAP`. Returns `false` where the system or file system cannot.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Other systems have no such call.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}
