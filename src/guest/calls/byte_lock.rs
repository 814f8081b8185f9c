//! The lock of an SQLite database, as the programs of the host take it.
//!
//! They lock bytes of the database file, of a page that SQLite never uses (os.h and "File Locking" in os_unix.c): who
//! reads holds a read lock on the shared range, who means to write a write lock on the reserved byte, and who writes
//! write locks on everything. Linux has such locks that belong to an open file: the others of this process neither share
//! nor drop them. Other Unix systems have flock(2), which there excludes those locks, on the whole file. Windows has
//! none that the safe part of Rust's library can take on a part of a file.

use std::fs::File;
use std::sync::Arc;

/// A lock, held until it is dropped.
pub struct ByteLock {
    file: Arc<File>,
    exclusive: bool,
}

/// Why a lock was not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another has a lock that excludes it: the process with this number, where that is known.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no such locks"))]
    Held(Option<u32>),
    /// The platform or the file system has no such locks.
    Unsupported,
}

impl ByteLock {
    /// Takes the lock of the database `file` without waiting for it: for one who writes, or for a reader.
    ///
    /// # Errors
    /// Says why it was not taken.
    pub fn take(file: Arc<File>, exclusive: bool) -> Result<Self, Refused> {
        system::lock(&file, exclusive)?;
        Ok(Self { file, exclusive })
    }

    /// Whether another means to write to the database that this lock lets it read.
    pub fn is_reserved(&self) -> bool {
        !self.exclusive && system::is_reserved(&self.file)
    }
}

impl Drop for ByteLock {
    fn drop(&mut self) {
        // What cannot be unlocked is unlocked when the guest's file is closed, at the latest when the run ends.
        let _ = system::unlock(&self.file);
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{self, F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock, off_t};

    use super::Refused;

    const PENDING: off_t = 0x4000_0000;
    const RESERVED: off_t = PENDING + 1;
    const SHARED: off_t = PENDING + 2;
    const SHARED_SIZE: off_t = 510;

    fn bytes(kind: c_int, start: off_t, length: off_t) -> flock {
        flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: start, l_len: length, l_pid: 0 }
    }

    pub fn lock(file: &File, exclusive: bool) -> Result<(), Refused> {
        let lock = if exclusive {
            bytes(F_WRLCK, PENDING, SHARED - PENDING + SHARED_SIZE)
        } else {
            // One who waits for the readers to end has this byte, and lets no others begin.
            if let Some(holder) = holder(file, bytes(F_RDLCK, PENDING, 1)) {
                return Err(Refused::Held(holder));
            }
            bytes(F_RDLCK, SHARED, SHARED_SIZE)
        };
        fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).map(drop).map_err(|errno| match errno {
            Errno::EAGAIN | Errno::EACCES => Refused::Held(holder(file, lock).flatten()),
            _ => Refused::Unsupported,
        })
    }

    pub fn unlock(file: &File) -> io::Result<()> {
        let all = bytes(F_UNLCK, PENDING, SHARED - PENDING + SHARED_SIZE);
        Ok(fcntl(file, FcntlArg::F_OFD_SETLK(&all)).map(drop)?)
    }

    pub fn is_reserved(file: &File) -> bool {
        holder(file, bytes(F_WRLCK, RESERVED, 1)).is_some()
    }

    /// Who has a lock that excludes `lock`, if anyone has: a process, or one who is not known.
    fn holder(file: &File, mut lock: libc::flock) -> Option<Option<u32>> {
        fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock)).ok()?;
        let process = u32::try_from(lock.l_pid).ok().filter(|process| *process != 0);
        (c_int::from(lock.l_type) != F_UNLCK).then_some(process)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    use std::fs::{File, TryLockError};
    use std::io;

    use super::Refused;

    pub fn lock(file: &File, exclusive: bool) -> Result<(), Refused> {
        let locked = if exclusive { file.try_lock() } else { file.try_lock_shared() };
        locked.map_err(|e| match e {
            TryLockError::WouldBlock => Refused::Held(None),
            TryLockError::Error(_) => Refused::Unsupported,
        })
    }

    pub fn unlock(file: &File) -> io::Result<()> {
        file.unlock()
    }

    /// The lock of a reader excludes those who mean to write.
    pub fn is_reserved(_file: &File) -> bool {
        false
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::File;
    use std::io;

    use super::Refused;

    pub fn lock(_file: &File, _exclusive: bool) -> Result<(), Refused> {
        Err(Refused::Unsupported)
    }

    pub fn unlock(_file: &File) -> io::Result<()> {
        Ok(())
    }

    pub fn is_reserved(_file: &File) -> bool {
        false
    }
}
