//! The directory that holds an installation, `opt/`: its lock, and replacing an installation atomically.
//!
//! An installation is built in a temporary directory beside its final place. Where the system can exchange two names in
//! one step, the place holds either the old or the new installation at every moment. Elsewhere the old installation is
//! renamed first; if the process is killed between the two renames, the next one restores it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::download_cache::{cannot_lock, lock_file, remove_all_with_prefix};
use super::record::{self, Difference, Record};
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The installation's name in `opt/`, as in the article's `opt/wasi-python/bin/python3.wasm`.
pub const DIRECTORY: &str = "wasi-python";

const LOCK: &str = ".pywagi.lock";
const NEW: &str = ".wasi-python.new-";
const OLD: &str = ".wasi-python.old-";

/// An `opt/` directory, locked against other pywagi processes while this value lives.
#[derive(Debug)]
pub struct LockedOpt {
    directory: PathBuf,
    _lock: File,
}

impl LockedOpt {
    /// Locks `directory`, which is created if needed, and removes what a killed process left.
    ///
    /// # Errors
    /// Fails where the directory cannot be created, locked or cleaned up.
    pub fn lock(directory: &Path, terminal: &Terminal) -> Result<Self> {
        fs::create_dir_all(directory).map_err(|e| {
            Error::new(format!("cannot create the directory {}", directory.display()))
                .because(e)
                .remedy("name another directory with --opt-dir")
        })?;
        let path = directory.join(LOCK);
        let lock = lock_file(&path, || waiting(directory, terminal))?;
        let opt = Self { directory: directory.to_owned(), _lock: lock };
        opt.recover()?;
        Ok(opt)
    }

    /// The path of the installation, which need not exist.
    pub fn installation(&self) -> PathBuf {
        self.directory.join(DIRECTORY)
    }

    /// An empty directory beside the installation, deleted when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn staging(&self) -> Result<TempDir> {
        let mut builder = tempfile::Builder::new();
        // With the permissions of other directories, since it becomes the installation.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        builder
            .prefix(NEW)
            .tempdir_in(&self.directory)
            .context(|| format!("cannot create a directory in {}", self.directory.display()))
    }

    /// The record of the current installation, if there is one, to be replaced or deleted.
    ///
    /// # Errors
    /// Fails where the installation contains files that pywagi did not install, and as [`read`].
    pub fn replaceable(&self) -> Result<Option<Record>> {
        let installation = self.installation();
        let Some(record) = read(&installation)? else { return Ok(None) };
        let extra: Vec<_> = record
            .compare(&installation, |_| ())?
            .differences
            .into_iter()
            .filter_map(|d| if let Difference::Extra(path) = d { Some(format!("\n  {path}")) } else { None })
            .collect();
        if extra.is_empty() {
            return Ok(Some(record));
        }
        let message = format!("{} has files that pywagi did not install{}", installation.display(), shorten(&extra));
        Err(Error::new(message).remedy("move them elsewhere and run the command again"))
    }

    /// Moves `staging` into the installation's place and deletes the old installation.
    ///
    /// # Errors
    /// Fails where it cannot be renamed; the old installation stays then.
    pub fn put(&self, staging: TempDir) -> Result<()> {
        let place = self.installation();
        let failed = || format!("cannot put the new installation in {}", place.display());
        if !exists(&place)? {
            fs::rename(staging.path(), &place).context(failed)?;
            // Renamed, so there is nothing to delete.
            let _ = staging.keep();
            return Ok(());
        }
        if exchange(staging.path(), &place).context(failed)? {
            return staging.close().context(|| "cannot delete the old installation");
        }
        let old = self.set_aside(&place)?;
        if let Err(e) = fs::rename(staging.path(), &place) {
            // If this fails too, recover() restores the old installation.
            let _ = fs::rename(&old, &place);
            return Err(Error::new(failed()).because(e));
        }
        let _ = staging.keep();
        fs::remove_dir_all(&old).context(|| format!("cannot delete the old installation {}", old.display()))
    }

    /// Deletes the installation. It is renamed first, so that it is never half deleted in its place.
    ///
    /// # Errors
    /// Fails where it cannot be renamed or deleted.
    pub fn remove(&self) -> Result<()> {
        // In a staging directory: after an interruption, recover() completes the removal.
        let doomed = self.staging()?;
        let into = doomed.path().join(DIRECTORY);
        let place = self.installation();
        fs::rename(&place, &into).context(|| format!("cannot remove {}", place.display()))?;
        doomed.close().context(|| format!("cannot delete the files of {}", place.display()))
    }

    /// Renames the installation to a name that [`LockedOpt::recover`] knows.
    fn set_aside(&self, place: &Path) -> Result<PathBuf> {
        let aside = self.directory.join(format!("{OLD}{}", std::process::id()));
        fs::rename(place, &aside).context(|| format!("cannot rename {} to {}", place.display(), aside.display()))?;
        Ok(aside)
    }

    fn recover(&self) -> Result<()> {
        let place = self.installation();
        if !exists(&place)? {
            let cannot_read = || format!("cannot read the directory {}", self.directory.display());
            for entry in fs::read_dir(&self.directory).context(cannot_read)? {
                let entry = entry.context(cannot_read)?;
                if entry.file_name().to_string_lossy().starts_with(OLD) {
                    fs::rename(entry.path(), &place).context(|| format!("cannot restore {}", place.display()))?;
                    break;
                }
            }
        }
        remove_all_with_prefix(&self.directory, NEW)?;
        remove_all_with_prefix(&self.directory, OLD)
    }
}

/// Locks `directory` for reading while the value lives. `None` where there is no lock file or no permission to open it.
///
/// # Errors
/// Fails where the lock file cannot be opened or locked.
pub fn share(directory: &Path, terminal: &Terminal) -> Result<Option<File>> {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};

    let path = directory.join(LOCK);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), NotFound | NotADirectory | PermissionDenied) => return Ok(None),
        Err(e) => return Err(cannot_lock(&path, e)),
    };
    if let Err(TryLockError::WouldBlock) = file.try_lock_shared() {
        waiting(directory, terminal);
    }
    file.lock_shared().map_err(|e| cannot_lock(&path, e))?;
    Ok(Some(file))
}

fn waiting(directory: &Path, terminal: &Terminal) {
    terminal.note(format_args!("Waiting for another pywagi that changes {}", directory.display()));
}

/// The record of the installation at `installation`; `None` where nothing is.
///
/// # Errors
/// Fails where pywagi did not install what is there, and where it cannot be read.
pub fn read(installation: &Path) -> Result<Option<Record>> {
    if !exists(installation)? {
        return Ok(None);
    }
    let foreign = |why: &str| {
        Error::new(format!("{} {why}, so it was not installed by pywagi", installation.display()))
            .remedy("move it elsewhere, or name another directory with --opt-dir")
    };
    let meta = fs::symlink_metadata(installation).context(|| format!("cannot read {}", installation.display()))?;
    if !meta.is_dir() {
        return Err(foreign("is not a directory"));
    }
    match Record::read(installation)? {
        Some(record) => Ok(Some(record)),
        None => Err(foreign(&format!("has no {}", record::FILE_NAME))),
    }
}

/// Whether something exists at `path`, a dangling link included.
fn exists(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::new(format!("cannot read {}", path.display())).because(e)),
    }
}

/// At most 20 of `lines`, and the number of the others.
pub fn shorten(lines: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text: String = lines.iter().take(SHOWN).map(String::as_str).collect();
    if lines.len() > SHOWN {
        text += &format!("\n  and {} more", lines.len() - SHOWN);
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::ColorChoice;

    fn terminal() -> Terminal {
        Terminal::new(ColorChoice::Never, true, false)
    }

    /// Installs a directory whose only file contains `text`.
    fn install(opt: &LockedOpt, text: &str) {
        let staging = opt.staging().unwrap();
        fs::write(staging.path().join("a"), text).unwrap();
        let record = Record::of(staging.path(), "3".into(), Default::default(), Vec::new()).unwrap();
        record.write(staging.path()).unwrap();
        opt.put(staging).unwrap();
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_installation_replaces_the_old_and_leaves_nothing_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let opt = LockedOpt::lock(dir.path(), &terminal()).unwrap();
        install(&opt, "old");
        install(&opt, "new");
        assert_eq!(fs::read_to_string(opt.installation().join("a")).unwrap(), "new");
        assert_eq!(names(dir.path()), [LOCK, DIRECTORY]);
        opt.remove().unwrap();
        assert_eq!(names(dir.path()), [LOCK]);
    }

    #[test]
    fn an_installation_that_was_set_aside_is_restored_and_unfinished_ones_are_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let opt = LockedOpt::lock(dir.path(), &terminal()).unwrap();
        install(&opt, "old");
        // As a process killed between its two renames leaves it.
        opt.set_aside(&opt.installation()).unwrap();
        let _ = opt.staging().unwrap().keep();
        assert_eq!(names(dir.path()).len(), 3);
        drop(opt);
        let opt = LockedOpt::lock(dir.path(), &terminal()).unwrap();
        assert_eq!(fs::read_to_string(opt.installation().join("a")).unwrap(), "old");
        assert_eq!(names(dir.path()), [LOCK, DIRECTORY]);
    }

    #[test]
    fn what_pywagi_did_not_install_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let opt = LockedOpt::lock(dir.path(), &terminal()).unwrap();
        let place = opt.installation();
        fs::create_dir(&place).unwrap();
        let error = opt.replaceable().unwrap_err();
        let expected = format!("{} has no installed.toml, so it was not installed by pywagi", place.display());
        assert_eq!(error.to_string(), expected);
        fs::remove_dir(&place).unwrap();
        fs::write(&place, "").unwrap();
        let expected = format!("{} is not a directory, so it was not installed by pywagi", place.display());
        assert_eq!(opt.replaceable().unwrap_err().to_string(), expected);
        fs::remove_file(&place).unwrap();
        install(&opt, "x");
        fs::write(place.join("mine.py"), "").unwrap();
        let error = opt.replaceable().unwrap_err();
        let expected = format!("{} has files that pywagi did not install\n  mine.py", place.display());
        assert_eq!(error.to_string(), expected);
    }
}
