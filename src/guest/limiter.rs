//! The limit of a guest's linear memories and tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wasmtime::ResourceLimiter;

/// The size of a table's element on the host, in bytes.
const ELEMENT: usize = size_of::<usize>();

/// Refuses memory beyond a limit, and remembers that it did.
///
/// The limit is for all memories and tables of a guest together: a module may define many small ones.
pub struct Limiter {
    limit: usize,
    /// The bytes granted so far. Memory that starts as an image counts with the module's initial size, which is less than
    /// the image's. A guest with an image has one memory, so the check of each memory by itself bounds it.
    granted: usize,
    /// What is granted to it and to all that share its limit.
    used: Arc<AtomicUsize>,
    /// The limit that it shares, where that is another's.
    shared: Option<usize>,
    refused: Arc<AtomicBool>,
}

/// A limit that the libraries of a guest share with it.
#[derive(Clone)]
pub struct SharedLimit {
    limit: usize,
    used: Arc<AtomicUsize>,
}

impl SharedLimit {
    /// The limit of all together, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// A limit for one of them, which has what the others leave of it, and no more than `own`.
    pub fn part(&self, own: Option<u64>) -> Limiter {
        let limit = own.map_or(self.limit, |own| usize::try_from(own).unwrap_or(usize::MAX).min(self.limit));
        Limiter { limit, granted: 0, used: Arc::clone(&self.used), shared: Some(self.limit), refused: Arc::default() }
    }
}

/// A limit that is higher for a while.
pub struct Loan {
    lent: usize,
    granted: usize,
}

impl Limiter {
    /// A limit in bytes.
    pub fn new(limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, granted: 0, used: Arc::default(), shared: None, refused: Arc::default() }
    }

    /// The same limit, for libraries.
    pub fn share(&self) -> SharedLimit {
        SharedLimit { limit: self.limit, used: Arc::clone(&self.used) }
    }

    /// The limit, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// A flag that the first refusal sets.
    pub fn refused(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.refused)
    }

    /// Raises the limit by `bytes` for a while.
    pub fn lend(&mut self, bytes: usize) -> Loan {
        let lent = self.limit.saturating_add(bytes) - self.limit;
        self.limit += lent;
        Loan { lent, granted: self.granted }
    }

    /// Lowers the limit again, but for what has been granted meanwhile: memory does not shrink.
    pub fn take_back(&mut self, loan: Loan) {
        let kept = self.granted.saturating_sub(loan.granted);
        self.limit = self.limit.saturating_sub(loan.lent).saturating_add(kept);
    }

    /// Counts a memory that began as an image of `size` bytes whole, for those that share the limit.
    pub fn count_image(&mut self, size: usize) {
        let more = size.saturating_sub(self.granted);
        self.granted += more;
        self.used.fetch_add(more, Ordering::Relaxed);
    }

    /// Grants growth from `current` to `desired` bytes, or refuses it.
    fn grant(&mut self, current: usize, desired: usize) -> bool {
        let growth = desired.saturating_sub(current);
        let granted = self.granted.saturating_add(growth);
        // Of those that share a limit, one runs at a time.
        let used = self.used.load(Ordering::Relaxed).saturating_add(growth);
        let fits = granted <= self.limit && desired <= self.limit && used <= self.shared.unwrap_or(self.limit);
        if fits {
            self.granted = granted;
            self.used.store(used, Ordering::Relaxed);
        } else {
            self.refused.store(true, Ordering::Relaxed);
        }
        fits
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.used.fetch_sub(self.granted, Ordering::Relaxed);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Growth beyond the module's own maximum fails in wasmtime and is no refusal of this limit.
        Ok(maximum.is_some_and(|maximum| desired > maximum) || self.grant(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let (current, bytes) = (current.saturating_mul(ELEMENT), desired.saturating_mul(ELEMENT));
        Ok(maximum.is_some_and(|maximum| desired > maximum) || self.grant(current, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_is_taken_back_but_for_what_was_used() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 900, None).unwrap());
        let loan = limiter.lend(500);
        assert!(limiter.memory_growing(900, 1200, None).unwrap());
        limiter.take_back(loan);
        assert_eq!(limiter.limit(), 1300);
        assert!(limiter.memory_growing(1200, 1300, None).unwrap());
        assert!(!limiter.memory_growing(1300, 1301, None).unwrap());
    }

    #[test]
    fn memories_and_tables_share_one_limit() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(limiter.table_growing(0, 200 / ELEMENT, None).unwrap());
        assert!(!limiter.refused().load(Ordering::Relaxed));
        assert!(!limiter.table_growing(0, 1, None).unwrap());
        assert!(limiter.refused().load(Ordering::Relaxed));
        assert!(!limiter.memory_growing(400, 401, None).unwrap());
    }

    #[test]
    fn libraries_share_the_limit_of_their_guest() {
        let mut guest = Limiter::new(1000);
        assert!(guest.memory_growing(0, 600, None).unwrap());
        let shared = guest.share();
        let (mut first, mut second) = (shared.part(None), shared.part(Some(100)));
        assert!(first.memory_growing(0, 250, None).unwrap());
        assert!(!second.memory_growing(0, 101, None).unwrap());
        assert!(second.memory_growing(0, 100, None).unwrap());
        assert!(!guest.memory_growing(600, 651, None).unwrap());
        drop(first);
        assert!(guest.memory_growing(600, 900, None).unwrap());
        assert!(!shared.part(None).memory_growing(0, 1, None).unwrap());
    }

    #[test]
    fn a_memory_that_began_as_an_image_is_bounded_too() {
        // Granted 100 at first, but the image made it 900 bytes.
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.memory_growing(900, 1000, None).unwrap());
        assert!(!limiter.memory_growing(1000, 1001, None).unwrap());
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        limiter.count_image(900);
        assert!(!limiter.share().part(None).memory_growing(0, 101, None).unwrap());
        assert!(limiter.share().part(None).memory_growing(0, 100, None).unwrap());
    }

    #[test]
    fn a_modules_own_maximum_is_no_refusal_of_ours() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 2000, Some(500)).unwrap());
        assert!(limiter.table_growing(0, 2000, Some(500)).unwrap());
        assert!(!limiter.refused().load(Ordering::Relaxed));
    }
}
