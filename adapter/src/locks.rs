//! Locks of SQLite databases in directories of the host's.
//!
//! SQLite locks the database `X` by making the directory `X.lock`. So do other instances, and they exclude each other by it.
//! Three things are mended, for directories beside a file that is open:
//! - One that is left when the request ends is removed, or the database would be locked for good.
//! - So is one that an instance left which was stopped: it is old.
//! - SQLite asks whether another means to write by looking for the directory, its own too, and rolls back what a stopped
//!   program has left half written only where there is none. It is not shown its own.

use alloc::string::String;
use alloc::vec::Vec;

use crate::errno::{Errno, Result};
use crate::host::{Directory, File};

const SUFFIX: &str = ".lock";

/// The age from which a lock is taken for one of an instance that was stopped, in nanoseconds. No request lasts so long.
const OLD: u64 = 600 * 1_000_000_000;

/// The locks that the request holds.
#[derive(Default)]
pub struct Locks(Vec<(Directory, String)>);

impl Locks {
    /// Makes a directory, which is a lock if one of the `open` files is what it would lock.
    pub fn create_directory<'a>(
        &mut self,
        mut open: impl Iterator<Item = &'a File>,
        directory: &Directory,
        path: &str,
        now: u64,
    ) -> Result {
        let database = path.strip_suffix(SUFFIX);
        let is_lock = database.is_some_and(|database| open.any(|file| directory.has_opened(file, database)));
        let mut made = directory.create_directory(path);
        if is_lock && made == Err(Errno::Exists) && is_old(directory, path, now) {
            directory.remove_directory(path)?;
            made = directory.create_directory(path);
        }
        if is_lock && made.is_ok() {
            self.0.push((directory.clone(), path.into()));
        }
        made
    }

    /// Removes a directory.
    pub fn remove_directory(&mut self, directory: &Directory, path: &str) -> Result {
        directory.remove_directory(path)?;
        self.0.retain(|(of, known)| !(of.is_same(directory) && known == path));
        Ok(())
    }

    /// Whether a directory is a lock that the request holds.
    pub fn holds(&self, directory: &Directory, path: &str) -> bool {
        self.0.iter().any(|(of, known)| of.is_same(directory) && known == path)
    }

    /// Gives back all that are held.
    pub fn release(&mut self) {
        for (directory, path) in self.0.drain(..) {
            // One that cannot be removed is old some time.
            let _ = directory.remove_directory(&path);
        }
    }
}

fn is_old(directory: &Directory, path: &str, now: u64) -> bool {
    directory.modified(path).is_ok_and(|modified| now.saturating_sub(modified) > OLD)
}
