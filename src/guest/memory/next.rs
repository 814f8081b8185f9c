//! Passing the content of a linear memory to `Creator`.
//!
//! `InstancePre::instantiate` has no parameter for it: wasmtime calls `MemoryCreator::new_memory` on the same thread
//! without saying for which instance. So the content is announced in a thread-local before instantiation, and taken by
//! the first memory that is made. A module whose memory has a `Source` defines exactly one memory (`prepare` splits no
//! other), and imports none.

use std::cell::RefCell;

use super::Source;

thread_local! {
    static NEXT: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// The source of the next memory that this thread makes is announced while this exists. Dropping it takes the
/// announcement back, also on a panic, so that no other instance can get the memory.
pub struct NextMemory(());

impl NextMemory {
    /// Announces `source`.
    pub fn announce(source: Option<&Source>) -> Self {
        NEXT.set(source.cloned());
        Self(())
    }

    /// Takes what is announced.
    pub fn take() -> Option<Source> {
        NEXT.take()
    }
}

impl Drop for NextMemory {
    fn drop(&mut self) {
        NEXT.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source::new(tempfile::tempfile().expect("a temporary file"), 0, 65536)
    }

    #[test]
    fn a_source_is_taken_once_and_by_its_own_instance() {
        let source = source();
        let next = NextMemory::announce(Some(&source));
        assert!(NextMemory::take().is_some());
        assert!(NextMemory::take().is_none());
        drop(next);
        drop(NextMemory::announce(Some(&source)));
        assert!(NextMemory::take().is_none());
    }

    #[test]
    fn a_panic_takes_an_announcement_back() {
        let source = source();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _next = NextMemory::announce(Some(&source));
            panic!("instantiation failed");
        }));
        assert!(panic.is_err() && NextMemory::take().is_none());
    }
}
