//! The session of a debugger: its terminal, and how it ended.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A year: the user may take their time.
pub const UNLIMITED: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// Where a debugger reads what the user types, and writes.
pub trait DebugTerminal: Send {
    /// Reads what was typed, a line at a time; 0 bytes at its end.
    ///
    /// # Errors
    /// Fails where nothing can be read.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// Fails where they cannot be written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Whether the user has asked to stop, since this was asked last.
    fn is_interrupted(&mut self) -> bool;

    /// How long the debugger may run at a time.
    fn time(&self) -> Duration {
        UNLIMITED
    }
}

/// What is known of a session when its run has ended.
#[derive(Clone, Debug, Default)]
pub struct SessionEnd(Arc<Marks>);

#[derive(Debug, Default)]
struct Marks {
    ended_by_debugger: AtomicBool,
    has_failed: AtomicBool,
    output_differs: AtomicBool,
}

impl SessionEnd {
    /// Whether the debugger ended the session, so that the run did not come to its end.
    pub fn by_debugger(&self) -> bool {
        self.0.ended_by_debugger.load(Ordering::Relaxed)
    }

    /// Whether the run wrote something else to standard output or error than when it was recorded.
    pub fn output_differs(&self) -> bool {
        self.0.output_differs.load(Ordering::Relaxed)
    }

    /// Notes that the debugger ends the session, because it does not work or because the user asks for it.
    pub fn note_end(&self, has_failed: bool) {
        self.0.ended_by_debugger.store(true, Ordering::Relaxed);
        self.0.has_failed.store(has_failed, Ordering::Relaxed);
    }

    /// Whether the debugger itself failed, as it has told on the terminal.
    pub fn has_failed(&self) -> bool {
        self.0.has_failed.load(Ordering::Relaxed)
    }

    /// Notes that the run wrote something else.
    pub fn note_difference(&self) {
        self.0.output_differs.store(true, Ordering::Relaxed);
    }
}

/// The error that ends the run when the debugger ends the session.
#[derive(Debug)]
pub struct SessionEnded;

impl std::fmt::Display for SessionEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the debugger ended the session")
    }
}

impl std::error::Error for SessionEnded {}
