//! Files below [`DIRECTORY`] that the host answers itself: what it is asked for by opening and reading them exists nowhere.
//!
//! WASI preview 1 has no call for what a guest asks for there: connections, and libraries. Each such service takes the paths
//! that begin with its own name, and descriptors from a range of its own. What is read and written by these,
//! [`super::calls`] knows. A file that gets one of them is closed at once, as one too many.

use std::net::Shutdown;
use std::ops::Range;

use super::Volume;
use super::network::{Patience, errno};

pub use wagi_contract::network::DIRECTORY;

/// What a guest's call comes to; an error ends the run, a number is an error number.
pub type Outcome<T> = wasmtime::Result<Result<T, i32>>;

/// The descriptor of [`DIRECTORY`] among these volumes, if it is there.
pub fn directory_of(volumes: &[Volume]) -> Option<i32> {
    const FIRST: usize = 3;
    let place = volumes.iter().position(|volume| volume.guest == DIRECTORY)?;
    i32::try_from(FIRST + place).ok()
}

/// The part of `path`, below the descriptor `directory`, that follows the name of a service, with its slash, if it has it.
pub fn part<'p>(directory: i32, prefix: &str, (asked, path): (i32, &'p [u8])) -> Option<&'p str> {
    std::str::from_utf8(path).ok().filter(|_| asked == directory)?.strip_prefix(prefix)
}

/// A service that answers files.
pub trait AnsweredFiles {
    /// The part of a path that is answered here, if it is.
    fn part<'p>(&self, directory: i32, path: &'p [u8]) -> Option<&'p str>;

    /// The descriptors of what is open here.
    fn descriptors(&self) -> Range<i32>;

    /// The descriptor of what is open here, by a descriptor of the guest's.
    fn find(&self, descriptor: i32) -> Option<i32>;

    /// Opens something.
    ///
    /// # Errors
    /// Fails with an error number.
    fn open(&mut self, path: &str) -> Result<i32, i32>;

    /// Answers a link.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number.
    fn ask(&mut self, path: &str, patience: &Patience<'_>) -> Outcome<String>;

    /// Reads; `peeked` leaves it to be read again.
    ///
    /// # Errors
    /// As [`AnsweredFiles::ask`].
    fn read(&mut self, descriptor: i32, buffer: &mut [u8], peeked: bool, patience: &Patience<'_>) -> Outcome<usize>;

    /// Writes.
    ///
    /// # Errors
    /// As [`AnsweredFiles::ask`].
    fn write(&mut self, descriptor: i32, bytes: &[u8], patience: &Patience<'_>) -> Outcome<usize>;

    /// Closes what is open.
    fn close(&mut self, descriptor: i32);

    /// Whether the guest asks not to wait.
    fn is_nonblocking(&self, _descriptor: i32) -> bool {
        false
    }

    /// Has calls wait, or not.
    fn set_nonblocking(&mut self, _descriptor: i32, _nonblocking: bool) {}

    /// Ends one or both directions of a connection.
    ///
    /// # Errors
    /// Fails with an error number.
    fn shut_down(&mut self, _descriptor: i32, _how: Shutdown) -> Result<(), i32> {
        Err(errno::NOTCONN)
    }
}
