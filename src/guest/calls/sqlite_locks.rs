//! Locks of SQLite databases.
//!
//! WASI has no file locks, so a guest's SQLite locks the database `X` by making the directory `X.lock`, and unlocks it by
//! removing that (`unix-dotfile` in SQLite's os_unix.c). The programs of the host do not look for such a directory, and one
//! that a stopped guest leaves behind would lock the database for good. So both calls are translated: they take and release
//! the lock of [`ByteLock`], which other programs respect and which ends with the run. No directory is made.
//!
//! Translated are the directories beside a file that the guest has open, as SQLite has its database, and that begins as a
//! database does or is empty, as a new one. All other directories with such names are the guest's own. A script that makes
//! `X.lock` for itself while it has an empty file `X` open gets the lock of `X`, which excludes others as the directory
//! would.
//!
//! SQLite takes one lock for reading and writing, so the lock is exclusive; but one of a file that the guest can only read
//! is shared with other readers. SQLite asks whether another means to write by looking for the directory: the one who has
//! the lock is shown one only then. Where none is shown, what a stopped program has left half written is rolled back.
//!
//! A directory that is there is respected. Another WAGI host may have made it.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p1::types;
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1};
use wasmtime_wasi::{OpenMode, WasiView};
use wiggle::{GuestMemory, GuestPtr};

use super::RunState;
use super::byte_code;
use super::byte_lock::{ByteLock, Refused};
use super::call::{Call, blocking};
use super::special::is_file_of;
use crate::paths;

const SUFFIX: &[u8] = b".lock";

/// How an SQLite database begins (<https://www.sqlite.org/fileformat.html>), and which of its bytes have which value where
/// it is in WAL mode.
const HEADER: &[u8; 16] = b"SQLite format 3\0";
const WAL_MODE: (std::ops::Range<usize>, &[u8; 2]) = (18..20, b"\x02\x02");

/// How many locks a run may hold. SQLite attaches at most 10 databases to a connection.
const MOST_LOCKS: usize = 64;

const ERRNO_SUCCESS: i32 = 0;
const ERRNO_EXIST: i32 = 20;
const ERRNO_MFILE: i32 = 33;
const ERRNO_NOENT: i32 = 44;

/// Why a guest may not have been able to use a database.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum SqliteFinding {
    /// There is this lock directory on the host.
    LockDirectory(#[serde(serialize_with = "paths::serialize")] PathBuf),
    /// Another has the lock of the database.
    Locked {
        /// The database on the host.
        #[serde(serialize_with = "paths::serialize")]
        database: PathBuf,
        /// The number of the process that has it, where that is known.
        process: Option<u32>,
    },
    /// The database, on the host, is in WAL mode.
    Wal(#[serde(serialize_with = "paths::serialize")] PathBuf),
}

impl SqliteFinding {
    /// The file or directory on the host that was found.
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::LockDirectory(path) | Self::Wal(path) | Self::Locked { database: path, .. } => path,
        }
    }
}

/// What a run last found of this.
#[derive(Clone, Default)]
pub struct LastFinding(Arc<Mutex<Option<SqliteFinding>>>);

impl LastFinding {
    fn set(&self, finding: Option<SqliteFinding>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = finding;
    }

    /// Takes it out.
    pub fn take(&self) -> Option<SqliteFinding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The locks that a run holds.
#[derive(Default)]
pub struct SqliteLocks {
    held: Vec<Lock>,
    finding: LastFinding,
}

/// A lock, by the directory that the guest believes to have made.
struct Lock {
    name: LockName,
    /// The inode number of the database, as the guest sees it.
    inode: u64,
    hold: Hold,
}

enum Hold {
    Bytes(ByteLock),
    /// There are no locks of bytes here: the directory itself.
    Directory,
}

/// A lock directory as the guest names it.
#[derive(PartialEq, Eq)]
struct LockName {
    /// The descriptor that `path` is relative to.
    directory: i32,
    path: Vec<u8>,
}

impl SqliteLocks {
    /// What the run finds.
    pub fn finding(&self) -> LastFinding {
        self.finding.clone()
    }

    fn position(&self, name: &LockName) -> Option<usize> {
        self.held.iter().position(|lock| lock.name == *name)
    }
}

/// `path_filestat_get`
pub async fn path_filestat_get(
    call: &mut Call<'_>,
    directory: i32,
    lookup: i32,
    path: i32,
    length: i32,
    stat: i32,
) -> wasmtime::Result<i32> {
    let length = match call.held(directory, path, length) {
        None => length,
        Some(Hold::Bytes(lock)) if lock.is_reserved() => without_suffix(length),
        Some(_) => return Ok(ERRNO_NOENT),
    };
    let Call { state, memory, .. } = call;
    wasi::path_filestat_get(&mut state.wasi, memory, directory, lookup, path, length, stat).await
}

/// Removes the lock directories that the run of `state` left. Its other locks end with it.
pub fn release(state: &mut RunState) {
    for Lock { name, hold, .. } in std::mem::take(&mut state.locks.held) {
        let (Hold::Directory, Ok(length)) = (hold, i32::try_from(name.path.len())) else { continue };
        let mut path = name.path;
        let mut call = Call::with(state, GuestMemory::Unshared(&mut path));
        let Call { state, memory, .. } = &mut call;
        // On failure the directory stays.
        let _ = blocking(wasi::path_remove_directory(&mut state.wasi, memory, name.directory, 0, length));
    }
}

/// A database that a guest has open.
struct Database {
    file: Arc<File>,
    inode: u64,
    /// Whether the guest may write to it.
    writable: bool,
    in_wal_mode: bool,
}

impl Call<'_> {
    /// `path_create_directory`
    pub async fn create_directory(&mut self, directory: i32, path: i32, length: i32) -> wasmtime::Result<i32> {
        if let Some(errno) = byte_code::refusal(self, (directory, path, length), true) {
            return Ok(errno);
        }
        let locking = match self.lock_name(directory, path, length) {
            Some(name) => self.database(&name, path, length).await.map(|database| (name, database)),
            None => None,
        };
        let Some((name, database)) = locking else { return self.make_directory(directory, path, length).await };
        let exists = self.stat(directory, path, length).await.is_some();
        let database_path = self.state.host_path(name.directory, name.path.strip_suffix(SUFFIX).unwrap_or_default());
        let lock_path = self.state.host_path(name.directory, &name.path);
        let locks = &mut self.state.locks;
        let wal = database_path.clone().filter(|_| database.in_wal_mode).map(SqliteFinding::Wal);
        let locked =
            |process| wal.clone().or_else(|| database_path.map(|database| SqliteFinding::Locked { database, process }));
        // A second connection of the guest could find the file of the first, whose lock it would share.
        if locks.held.iter().any(|lock| lock.inode == database.inode) {
            locks.finding.set(locked(None));
            return Ok(ERRNO_EXIST);
        }
        if exists {
            locks.finding.set(lock_path.map(SqliteFinding::LockDirectory));
            return Ok(ERRNO_EXIST);
        }
        if locks.held.len() >= MOST_LOCKS {
            return Ok(ERRNO_MFILE);
        }
        let hold = match ByteLock::take(database.file, database.writable) {
            Ok(lock) => Hold::Bytes(lock),
            Err(Refused::Held(process)) => {
                locks.finding.set(locked(process));
                return Ok(ERRNO_EXIST);
            }
            Err(Refused::Unsupported) => match self.make_directory(directory, path, length).await? {
                ERRNO_SUCCESS => Hold::Directory,
                errno => return Ok(errno),
            },
        };
        let locks = &mut self.state.locks;
        locks.finding.set(wal);
        locks.held.push(Lock { name, inode: database.inode, hold });
        Ok(ERRNO_SUCCESS)
    }

    /// `path_remove_directory`
    pub async fn remove_directory(&mut self, directory: i32, path: i32, length: i32) -> wasmtime::Result<i32> {
        let held = self.lock_name(directory, path, length).and_then(|name| self.state.locks.position(&name));
        if let Some(lock) = held.map(|position| self.state.locks.held.swap_remove(position))
            && let Hold::Bytes(_) = lock.hold
        {
            return Ok(ERRNO_SUCCESS);
        }
        wasi::path_remove_directory(&mut self.state.wasi, &mut self.memory, directory, path, length).await
    }

    /// What the guest holds by the directory that it names.
    fn held(&self, directory: i32, path: i32, length: i32) -> Option<&Hold> {
        let locks = &self.state.locks;
        if locks.held.is_empty() {
            return None;
        }
        let position = locks.position(&self.lock_name(directory, path, length)?)?;
        locks.held.get(position).map(|lock| &lock.hold)
    }

    async fn make_directory(&mut self, directory: i32, path: i32, length: i32) -> wasmtime::Result<i32> {
        wasi::path_create_directory(&mut self.state.wasi, &mut self.memory, directory, path, length).await
    }

    /// The directory that a guest names, if its name is that of a lock.
    fn lock_name(&self, directory: i32, path: i32, length: i32) -> Option<LockName> {
        let path = GuestPtr::<[u8]>::new((path.cast_unsigned(), length.cast_unsigned()));
        let path = self.memory.as_cow(path).ok()?;
        path.ends_with(SUFFIX).then(|| LockName { directory, path: path.into_owned() })
    }

    /// The database that the directory `name` locks, if the guest has it open: once more if it has it open for writing.
    async fn database(&mut self, name: &LockName, path: i32, length: i32) -> Option<Database> {
        let stat = self.stat(name.directory, path, without_suffix(length)).await?;
        if stat.filetype != types::Filetype::RegularFile {
            return None;
        }
        let mut found = None;
        for entry in self.state.wasi.ctx().table.iter_mut() {
            if let Some(Descriptor::File(open)) = entry.downcast_ref()
                && open.open_mode.contains(OpenMode::READ)
                && is_file_of(&open.file, &stat)
            {
                let writable = open.open_mode.contains(OpenMode::WRITE);
                if writable || found.is_none() {
                    found = Some((Arc::clone(&open.file), writable));
                }
            }
        }
        let (file, writable) = found?;
        let mut start = [0; 20];
        let size = read_start(&file, &mut start).ok()?;
        let start = start.get(..size)?;
        let in_wal_mode = start.get(WAL_MODE.0) == Some(WAL_MODE.1);
        (start.is_empty() || start.starts_with(HEADER)).then_some(Database {
            file,
            inode: stat.ino,
            writable,
            in_wal_mode,
        })
    }

    async fn stat(&mut self, directory: i32, path: i32, length: i32) -> Option<types::Filestat> {
        let name = GuestPtr::<str>::new((path.cast_unsigned(), length.cast_unsigned()));
        let follow = types::Lookupflags::SYMLINK_FOLLOW;
        let directory = directory.cast_unsigned().into();
        let stat = self.state.wasi.path_filestat_get(&mut self.memory, directory, follow, name).await;
        self.refuel();
        stat.ok()
    }
}

/// The length of a database's name, of that of its lock directory.
fn without_suffix(length: i32) -> i32 {
    length.saturating_sub(SUFFIX.len() as i32)
}

#[cfg(unix)]
fn read_start(file: &File, start: &mut [u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, start, 0)
}

#[cfg(windows)]
fn read_start(file: &File, start: &mut [u8]) -> std::io::Result<usize> {
    // wasmtime reads and writes at offsets of its own, and does not count on the position that this moves.
    std::os::windows::fs::FileExt::seek_read(file, start, 0)
}
