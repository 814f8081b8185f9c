//! Passing the content of a linear memory to `Creator`.
//!
//! `InstancePre::instantiate` has no parameter for it: wasmtime calls `MemoryCreator::new_memory` on the same thread
//! without saying for which instance. So the content is announced in a thread-local before instantiation, and taken by
//! the first memory of the size that the module gives it. A module whose memory has a `Source` defines exactly one memory
//! (`prepare` splits no other), and imports none. wasmtime may make one for the exceptions of the instance before it, which is
//! empty at first.

use std::cell::RefCell;

use super::Source;

thread_local! {
    static NEXT: RefCell<Option<(Source, usize)>> = const { RefCell::new(None) };
}

/// The source of the next memory that this thread makes is announced while this exists. Dropping it takes the
/// announcement back, also on a panic, so that no other instance can get the memory.
pub struct NextMemory(());

impl NextMemory {
    /// Announces `source` for the memory that the module has made with `minimum` bytes.
    pub fn announce(source: Option<&Source>, minimum: usize) -> Self {
        NEXT.set(source.cloned().map(|source| (source, minimum)));
        Self(())
    }

    /// Takes what is announced for a memory of `minimum` bytes.
    pub fn take(minimum: usize) -> Option<Source> {
        NEXT.with_borrow_mut(|next| next.take_if(|(_, of)| *of == minimum)).map(|(source, _)| source)
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
        let next = NextMemory::announce(Some(&source), 65536);
        assert!(NextMemory::take(0).is_none());
        assert!(NextMemory::take(65536).is_some());
        assert!(NextMemory::take(65536).is_none());
        drop(next);
        drop(NextMemory::announce(Some(&source), 65536));
        assert!(NextMemory::take(65536).is_none());
    }

    #[test]
    fn a_panic_takes_an_announcement_back() {
        let source = source();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _next = NextMemory::announce(Some(&source), 65536);
            panic!("instantiation failed");
        }));
        assert!(panic.is_err() && NextMemory::take(65536).is_none());
    }
}
