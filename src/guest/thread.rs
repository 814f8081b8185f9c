//! Threads with the native stack that a guest needs.

use std::cell::Cell;
use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// The size of the stack, in bytes: that of the guest's own calls, `WASM_STACK`, and as much for the host's below it.
pub(super) const STACK_SIZE: usize = 16 << 20;

/// The nice value of a thread in the background: a tenth of the time, where others want it.
#[cfg(target_os = "linux")]
const BACKGROUND: i32 = 10;

thread_local! {
    /// Whether this thread was started by a [`GuestThread`].
    static IS_GUEST_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// A thread that is being started and may run guests. Guests run on no other: with a smaller stack, deep calls of a
/// guest would end the process.
pub struct GuestThread {
    builder: Builder,
    is_background: bool,
}

impl GuestThread {
    /// A thread of this name.
    pub fn new(name: &str) -> Self {
        Self { builder: Builder::new().name(name.to_owned()).stack_size(STACK_SIZE), is_background: false }
    }

    /// Has the thread, and those that it starts, leave the processors to others that want them. Does nothing but on Linux.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self { is_background: true, ..self }
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn spawn<T: Send + 'static>(self, run: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
        self.builder.spawn(move || as_guest_thread(self.is_background, run))
    }

    /// Starts the thread within `scope`.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn spawn_scoped<'scope, T: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, '_>,
        run: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        self.builder.spawn_scoped(scope, move || as_guest_thread(self.is_background, run))
    }
}

fn as_guest_thread<T>(is_background: bool, run: impl FnOnce() -> T) -> T {
    IS_GUEST_THREAD.set(true);
    if is_background {
        // Linux has a value for each thread (setpriority(2)). Where it cannot be set, the thread takes its share of the time.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::setpriority_process(None, BACKGROUND);
    }
    run()
}

/// Checks, in debug builds, that the current thread has the stack that a guest needs.
pub(super) fn assert_stack() {
    debug_assert!(IS_GUEST_THREAD.get(), "a guest must run on a thread started by `GuestThread`");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_thread_has_the_stack_and_no_other_thread_does() {
        GuestThread::new("guest").spawn(assert_stack).expect("a thread").join().expect("it has the stack");
        assert!(std::thread::spawn(assert_stack).join().is_err());
    }
}
