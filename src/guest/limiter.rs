//! The limit of a guest's linear memories and tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    refused: Arc<AtomicBool>,
}

/// A limit that is higher for a while.
pub struct Loan {
    lent: usize,
    granted: usize,
}

impl Limiter {
    /// A limit in bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit: usize::try_from(limit).unwrap_or(usize::MAX), granted: 0, refused: Arc::default() }
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

    /// Grants growth from `current` to `desired` bytes, or refuses it.
    fn grant(&mut self, current: usize, desired: usize) -> bool {
        let granted = self.granted.saturating_add(desired.saturating_sub(current));
        let fits = granted <= self.limit && desired <= self.limit;
        if fits {
            self.granted = granted;
        } else {
            self.refused.store(true, Ordering::Relaxed);
        }
        fits
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
    fn a_memory_that_began_as_an_image_is_bounded_too() {
        // Granted 100 at first, but the image made it 900 bytes.
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 100, None).unwrap());
        assert!(limiter.memory_growing(900, 1000, None).unwrap());
        assert!(!limiter.memory_growing(1000, 1001, None).unwrap());
    }

    #[test]
    fn a_modules_own_maximum_is_no_refusal_of_ours() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 2000, Some(500)).unwrap());
        assert!(limiter.table_growing(0, 2000, Some(500)).unwrap());
        assert!(!limiter.refused().load(Ordering::Relaxed));
    }
}
