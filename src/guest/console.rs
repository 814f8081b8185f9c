//! The terminal or the pipes of this process as the streams of a run: read and written while it runs, and not kept.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

/// One of the streams of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a run reads and writes, in place of memory.
pub trait Streams: Send + Sync {
    /// Waits for some of standard input, at most `size` bytes; nothing at its end.
    ///
    /// # Errors
    /// Fails where it cannot be read; with [`io::ErrorKind::Interrupted`] where the user interrupts, which the guest is told.
    fn read(&self, size: usize) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// Fails where they cannot be written.
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()>;

    /// Whether the guest takes the stream for a terminal.
    fn is_terminal(&self, stream: Stream) -> bool;

    /// How the guest is interrupted, once that is known.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

/// The addresses of two of CPython's objects: the built-in function `_thread.interrupt_main`, and an empty tuple. Both must
/// stay where they are as long as the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupter {
    /// The function.
    pub function: u32,
    /// Its arguments.
    pub arguments: u32,
}

/// [`Streams`], shared.
#[derive(Clone)]
pub struct Console(Arc<dyn Streams>);

impl Console {
    /// A console of these streams.
    pub fn new(streams: Arc<dyn Streams>) -> Self {
        Self(streams)
    }
}

impl Deref for Console {
    type Target = dyn Streams;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}
