//! Locks of SQLite databases that a guest leaves behind.
//!
//! WASI has no file locks, so SQLite locks the database `X` by making the directory `X.lock`, and unlocks it by removing
//! that (`unix-dotfile` in SQLite's os_unix.c). A guest that is stopped inside a transaction never removes it, and the
//! database would stay locked. So the lock directories that a run makes are remembered, and those left are removed when
//! it ends, however it ends. Directories with such names that lock no database are left alone.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::{GuestMemory, GuestPtr};

use super::Volume;
use super::call::{Call, blocking};
use super::special::Path;
use super::wasi::RunState;

const SUFFIX: &[u8] = b".lock";

/// How an SQLite database begins (<https://www.sqlite.org/fileformat.html>).
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// How many lock directories of a run are remembered. SQLite attaches at most 10 databases to a connection.
const MOST_LOCKS: usize = 64;

const FIRST_VOLUME: i32 = 3;
const FOLLOW_SYMLINKS: i32 = 1;
const RIGHT_FD_READ: i64 = 1 << 1;
const ERRNO_SUCCESS: i32 = 0;
const ERRNO_EXIST: i32 = 20;

/// The lock directories that a run made and has not removed.
pub struct SqliteLocks {
    held: Vec<Lock>,
    volumes: Arc<[Volume]>,
    found: FoundLock,
}

/// The lock directory, on the host, that the guest last failed to make because it exists.
#[derive(Clone, Default)]
pub struct FoundLock(Arc<Mutex<Option<PathBuf>>>);

/// A lock directory as the guest named it.
#[derive(PartialEq, Eq)]
struct Lock {
    /// The descriptor that `path` is relative to.
    directory: i32,
    path: Vec<u8>,
}

impl SqliteLocks {
    /// No locks, of a run with these volumes.
    pub fn new(volumes: Arc<[Volume]>) -> Self {
        Self { held: Vec::new(), volumes, found: FoundLock::default() }
    }

    /// The lock directory that exists already, as the guest finds it.
    pub fn found(&self) -> FoundLock {
        self.found.clone()
    }

    /// Notes the result of making the directory `lock`.
    fn made(&mut self, lock: Lock, errno: i32) {
        match errno {
            ERRNO_SUCCESS => {
                self.found.set(None);
                if self.held.len() < MOST_LOCKS {
                    self.held.push(lock);
                }
            }
            ERRNO_EXIST => self.found.set(self.host_path(&lock)),
            _ => {}
        }
    }

    fn host_path(&self, lock: &Lock) -> Option<PathBuf> {
        let volume = usize::try_from(lock.directory.checked_sub(FIRST_VOLUME)?).ok()?;
        Some(self.volumes.get(volume)?.host.join(std::str::from_utf8(&lock.path).ok()?))
    }
}

impl FoundLock {
    fn set(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// Takes the path out.
    pub fn take(&self) -> Option<PathBuf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Replaces the functions of WASI preview 1 in `linker` that make and remove directories.
///
/// # Errors
/// Fails where a function has another type in wasmtime-wasi, which would be a defect of pywagi.
pub fn add_to_linker(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    linker.func_wrap("wasi_snapshot_preview1", "path_create_directory", path_create_directory)?;
    linker.func_wrap("wasi_snapshot_preview1", "path_remove_directory", path_remove_directory)?;
    Ok(())
}

fn path_create_directory(
    mut caller: Caller<'_, RunState>,
    directory: i32,
    path: i32,
    length: i32,
) -> wasmtime::Result<i32> {
    let Call { state, mut memory, .. } = Call::of(&mut caller)?;
    let made = wasi::path_create_directory(&mut state.wasi, &mut memory, directory, path, length);
    let errno = Handle::current().block_on(made)?;
    if let Some(lock) = Lock::read(&memory, directory, path, length) {
        state.locks.made(lock, errno);
    }
    Ok(errno)
}

fn path_remove_directory(
    mut caller: Caller<'_, RunState>,
    directory: i32,
    path: i32,
    length: i32,
) -> wasmtime::Result<i32> {
    let Call { state, mut memory, .. } = Call::of(&mut caller)?;
    let removed = wasi::path_remove_directory(&mut state.wasi, &mut memory, directory, path, length);
    let errno = Handle::current().block_on(removed)?;
    if errno == ERRNO_SUCCESS
        && let Some(lock) = Lock::read(&memory, directory, path, length)
    {
        state.locks.held.retain(|held| *held != lock);
    }
    Ok(errno)
}

/// Removes the lock directories that the run of `state` left, those that lock a database.
pub fn release(state: &mut RunState) {
    for lock in std::mem::take(&mut state.locks.held) {
        // On failure the directory stays.
        let _ = blocking(lock.release(state));
    }
}

impl Lock {
    /// The directory that a guest names, if its name is that of a lock.
    fn read(memory: &GuestMemory<'_>, directory: i32, path: i32, length: i32) -> Option<Self> {
        let path = GuestPtr::<[u8]>::new((path.cast_unsigned(), length.cast_unsigned()));
        let path = memory.as_cow(path).ok()?;
        path.ends_with(SUFFIX).then(|| Self { directory, path: path.into_owned() })
    }

    /// Removes the directory if there is a database beside it that it locks: through the guest's own descriptors, so
    /// that no path leads out of a volume.
    async fn release(&self, state: &mut RunState) -> wasmtime::Result<()> {
        // wasmtime-wasi reads its arguments from a guest's memory. At 0 is the descriptor of the database, at 4 how much
        // of it was read, at 8 a vector of one buffer, at 16 that buffer, at `NAME` the path.
        const NAME: i32 = 32;
        let mut bytes = vec![0; NAME as usize];
        bytes[8] = 16;
        bytes[12] = 16;
        bytes.extend_from_slice(&self.path);
        let length = i32::try_from(self.path.len())?;
        let database = length - i32::try_from(SUFFIX.len())?;

        let mut call = Call::with(state, GuestMemory::Unshared(&mut bytes));
        if call.is_special(Path(self.directory, FOLLOW_SYMLINKS, NAME, database)).await {
            return Ok(());
        }
        let Call { state, memory, .. } = &mut call;
        let wasi = &mut state.wasi;
        let directory = self.directory;
        let opened =
            wasi::path_open(wasi, memory, directory, FOLLOW_SYMLINKS, NAME, database, 0, RIGHT_FD_READ, 0, 0, 0);
        if opened.await? != ERRNO_SUCCESS {
            return Ok(());
        }
        let descriptor = memory.read(GuestPtr::<i32>::new(0))?;
        let read = wasi::fd_read(wasi, memory, descriptor, 8, 1, 4).await?;
        wasi::fd_close(wasi, memory, descriptor).await?;
        let size = memory.read(GuestPtr::<u32>::new(4))? as usize;
        let start = memory.as_cow(GuestPtr::<[u8]>::new((16, 16)))?;
        // SQLite locks a new database while it is still empty.
        if read == ERRNO_SUCCESS && (size == 0 || *start == HEADER[..]) {
            wasi::path_remove_directory(wasi, memory, directory, NAME, length).await?;
        }
        Ok(())
    }
}
