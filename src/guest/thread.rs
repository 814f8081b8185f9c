//! Threads with the native stack that a guest needs.

use std::cell::Cell;
use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

/// The size of the stack, in bytes: that of the guest's own calls, `WASM_STACK`, and as much for the host's below it.
pub(super) const STACK_SIZE: usize = 16 << 20;

thread_local! {
    /// Whether this thread was started by a [`GuestThread`].
    static IS_GUEST_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// A thread that is being started and may run guests. Guests run on no other: with a smaller stack, deep calls of a
/// guest would end the process.
pub struct GuestThread(Builder);

impl GuestThread {
    /// A thread of this name.
    pub fn new(name: &str) -> Self {
        Self(Builder::new().name(name.to_owned()).stack_size(STACK_SIZE))
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn spawn<T: Send + 'static>(self, run: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
        self.0.spawn(|| as_guest_thread(run))
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
        self.0.spawn_scoped(scope, || as_guest_thread(run))
    }
}

fn as_guest_thread<T>(run: impl FnOnce() -> T) -> T {
    IS_GUEST_THREAD.set(true);
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
