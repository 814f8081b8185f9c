//! The directory that holds an installation, `opt/`: its lock, and replacing an installation atomically, as [`crate::swap`]
//! does it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::download_cache::cannot_lock;
use super::record::{self, Difference, Record};
use crate::error::{Context, Error, Result};
use crate::swap::{Names, Replaceable, exists};
use crate::terminal::Terminal;

/// The installation's name in `opt/`, as in the article's `opt/wasi-python/bin/python3.wasm`.
pub const DIRECTORY: &str = "wasi-python";

const LOCK: &str = ".pywagi.lock";

const NAMES: Names = Names { directory: DIRECTORY, lock: LOCK, new: ".wasi-python.new-", old: ".wasi-python.old-" };

/// An `opt/` directory, locked against other pywagi processes while this value lives.
#[derive(Debug)]
pub struct LockedOpt {
    replaceable: Replaceable,
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
        Ok(Self { replaceable: Replaceable::lock(directory, NAMES, || waiting(directory, terminal))? })
    }

    /// The path of the installation, which need not exist.
    pub fn installation(&self) -> PathBuf {
        self.replaceable.place()
    }

    /// An empty directory beside the installation, deleted when dropped.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn staging(&self) -> Result<TempDir> {
        self.replaceable.staging()
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
        self.replaceable.put(staging)
    }

    /// Deletes the installation. It is renamed first, so that it is never half deleted in its place.
    ///
    /// # Errors
    /// Fails where it cannot be renamed or deleted.
    pub fn remove(&self) -> Result<()> {
        self.replaceable.remove()
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

/// At most 20 of `lines`, and the number of the others.
pub fn shorten(lines: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text: String = lines.iter().take(SHOWN).map(String::as_str).collect();
    if lines.len() > SHOWN {
        text += &format!("\n  and {} more", lines.len() - SHOWN);
    }
    text
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
        opt.replaceable.set_aside().unwrap();
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
