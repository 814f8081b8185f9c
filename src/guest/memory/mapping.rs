//! Address ranges for linear memory.

use std::ptr::NonNull;

use rustix::io::Errno;
#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

#[cfg(target_os = "linux")]
use super::Source;
#[cfg(target_os = "linux")]
use super::pool::OwnPages;
use super::{Content, NextMemory};

/// Makes linear memories for wasmtime.
#[derive(Debug, Default)]
pub struct Creator;

/// What the message of a mapping that the system refused begins with. wasmtime takes no other error than a text.
const CANNOT_RESERVE: &str = "cannot reserve";

/// Whether an instance could not be made because the system refused the mapping of its memory.
pub fn is_refused(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().starts_with(CANNOT_RESERVE)
}

/// A reserved range of addresses whose first `size` bytes are accessible.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    shape: Shape,
    size: usize,
    /// What of it is no more the file's.
    #[cfg(target_os = "linux")]
    pub own: OwnPages,
}

/// How much address space a memory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How far memory may grow, in bytes.
    pub capacity: usize,
    /// The whole range, guard included, in bytes.
    pub reserved: usize,
}

// SAFETY: a mapping is an exclusively owned range of addresses, like a `Box<[u8]>`; nothing in it is tied to the
// thread that made it.
unsafe impl Send for Mapping {}
// SAFETY: through `&Mapping` only `base` and the sizes can be read.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Reserves `shape`. The first `size` bytes become accessible: with the content of `source`, the rest zero.
    ///
    /// # Errors
    /// Fails with `INVAL` where the sizes do not fit into each other, else where the system refuses.
    pub fn new(size: usize, shape: Shape, source: Option<&Content>) -> rustix::io::Result<Self> {
        let stored = source.map_or(0, |s| s.stored);
        let mapped = stored.checked_next_multiple_of(rustix::param::page_size());
        let fits = stored <= size && size <= shape.capacity && shape.capacity <= shape.reserved;
        if !fits || shape.reserved == 0 || mapped.is_none_or(|mapped| mapped > shape.reserved) {
            return Err(Errno::INVAL);
        }
        // SAFETY: a new mapping at an address that the kernel chooses overlaps nothing.
        let base = unsafe {
            mmap_anonymous(
                std::ptr::null_mut(),
                shape.reserved,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )?
        };
        let base = NonNull::new(base.cast::<u8>()).ok_or(Errno::NOMEM)?;
        let mut mapping = Self {
            base,
            shape,
            size: 0,
            #[cfg(target_os = "linux")]
            own: OwnPages::default(),
        };
        if let Some(source) = source.filter(|s| s.stored > 0) {
            // SAFETY: `stored`, rounded up to whole pages, is at most `reserved`, as checked above, so the range lies
            // within the reservation; nothing points into it yet, so replacing it is unobserved.
            unsafe {
                mmap(
                    mapping.base.as_ptr().cast(),
                    source.stored,
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::PRIVATE | MapFlags::FIXED,
                    &source.file,
                    0,
                )?;
            }
            // The end of the file's last page reads as zero; the first page after it is reserved already.
            mapping.size = source.stored.next_multiple_of(rustix::param::page_size());
        }
        mapping.extend(size)?;
        #[cfg(target_os = "linux")]
        if let Some(source) = source {
            mapping.refuse_huge_pages(source.stored, size);
            mapping.populate(&source.written);
        }
        Ok(mapping)
    }

    /// Makes the first `size` bytes accessible; what is added is zero.
    fn extend(&mut self, size: usize) -> rustix::io::Result<()> {
        if size > self.size {
            // SAFETY: `new` and `grow_to` check that `size` is at most `capacity`, so the range lies within the
            // reservation; it held no accessible page before.
            unsafe {
                mprotect(
                    self.base.as_ptr().add(self.size).cast(),
                    size - self.size,
                    MprotectFlags::READ | MprotectFlags::WRITE,
                )?;
            }
        }
        self.size = size;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
impl Mapping {
    /// An empty mapping, which owns no addresses.
    fn empty() -> Self {
        Self { base: NonNull::dangling(), shape: Shape { capacity: 0, reserved: 0 }, size: 0, own: OwnPages::default() }
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The address of the first byte, and how many bytes are accessible.
    pub fn extent(&self) -> (usize, usize) {
        (self.base.as_ptr().addr(), self.size)
    }

    /// Has the kernel make no huge pages of the bytes from `start` to `end`, which no file stands behind. It would do so behind
    /// the back of the runs: pages that none of them wrote would be there, without a fault (`OwnPages`).
    fn refuse_huge_pages(&self, start: usize, end: usize) {
        let (start, end) = (start.next_multiple_of(rustix::param::page_size()), end.min(self.size));
        if start < end {
            // SAFETY: the range lies within the accessible part of this mapping, and the advice changes no content. A kernel
            // that refuses it has no huge pages.
            let _ = unsafe { madvise(self.base.as_ptr().add(start).cast(), end - start, Advice::LinuxNoHugepage) };
        }
    }

    /// Has the kernel copy `pages`, ranges in bytes, now instead of at the first write to each. Their content stays the
    /// same. Does nothing on kernels without `MADV_POPULATE_WRITE` (before Linux 5.14).
    fn populate(&self, pages: &[std::ops::Range<usize>]) {
        for range in pages.iter().filter(|r| r.start < r.end && r.end <= self.size) {
            // SAFETY: the range lies within the accessible part of this mapping, and populating changes no content.
            let done =
                unsafe { madvise(self.base.as_ptr().add(range.start).cast(), range.len(), Advice::LinuxPopulateWrite) };
            if done.is_err() {
                return;
            }
        }
    }

    /// The accessible bytes.
    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the first `size` bytes are readable, writable and initialized (by the file, or zero), and no instance
        // has this mapping, so the borrow of `self` is the only way to them.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }

    /// Makes the bytes beyond `size` inaccessible and discards their content.
    pub fn shrink(&mut self, size: usize) -> rustix::io::Result<()> {
        if size < self.size {
            // SAFETY: the range lies within the reservation; no instance has this mapping, so nothing points there.
            unsafe {
                mmap_anonymous(
                    self.base.as_ptr().add(size).cast(),
                    self.size - size,
                    ProtFlags::empty(),
                    MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
                )?;
            }
            self.size = size;
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.shape.reserved > 0 {
            // SAFETY: the range was reserved by `new` as one piece and is owned by this value alone.
            let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.shape.reserved) };
            debug_assert!(unmapped.is_ok());
        }
    }
}

/// The memory of an instance. Its mapping goes to the pool of its source when the instance is dropped.
struct InstanceMemory {
    mapping: Mapping,
    #[cfg(target_os = "linux")]
    source: Option<Source>,
}

#[cfg(target_os = "linux")]
impl Drop for InstanceMemory {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            source.0.pool.put(std::mem::replace(&mut self.mapping, Mapping::empty()));
        }
    }
}

// SAFETY: `as_ptr` stays the same while `size` grows up to `capacity`; all of `[as_ptr, as_ptr + size)` is readable and
// writable, and what follows up to the end of the reservation, guard included, has no access.
unsafe impl LinearMemory for InstanceMemory {
    fn byte_size(&self) -> usize {
        self.mapping.size
    }

    fn byte_capacity(&self) -> usize {
        self.mapping.shape.capacity
    }

    fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
        if new_size > self.mapping.shape.capacity {
            return Err(wasmtime::Error::msg("the memory is at its largest"));
        }
        self.mapping.extend(new_size).map_err(|e| wasmtime::Error::msg(format!("cannot grow the memory: {e}")))
    }

    fn as_ptr(&self) -> *mut u8 {
        self.mapping.base.as_ptr()
    }
}

// SAFETY: each memory is at least `minimum` bytes, zero or what the announced source holds, which is what the
// caller of `instantiate` asked for; the reservation is as large as wasmtime says, guard included.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        ty: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let source = NextMemory::take(minimum).filter(|_| !ty.is_shared());
        let size = source.as_ref().map_or(minimum, |s| s.0.size.max(minimum));
        let capacity = reserved.unwrap_or_else(|| maximum.unwrap_or(size)).max(size);
        let reserved = capacity
            .checked_next_multiple_of(rustix::param::page_size())
            .and_then(|c| c.checked_add(guard))
            .ok_or("the memory is larger than the address space")?;
        let shape = Shape { capacity, reserved };
        #[cfg(target_os = "linux")]
        let pooled = source.as_ref().and_then(|s| s.0.pool.take(&s.0, shape));
        #[cfg(not(target_os = "linux"))]
        let pooled = None;
        let mapping = match pooled {
            Some(mapping) => mapping,
            None => Mapping::new(size, shape, source.as_ref().map(|s| &*s.0))
                .map_err(|e| format!("{CANNOT_RESERVE} {reserved} bytes of address space: {e}"))?,
        };
        Ok(Box::new(InstanceMemory {
            mapping,
            #[cfg(target_os = "linux")]
            source,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::memory::Source;

    #[test]
    fn sizes_that_do_not_fit_are_refused_before_anything_is_mapped() {
        let page = rustix::param::page_size();
        let source = |stored, size| Source::new(tempfile::tempfile().expect("a temporary file"), stored, size);
        let shape = |capacity, reserved| Shape { capacity, reserved };
        let refused = |size, shape, source: Option<&Source>| {
            matches!(Mapping::new(size, shape, source.map(|s| &*s.0)), Err(Errno::INVAL))
        };
        // More stored than accessible, more accessible than memory may have, more than is reserved, nothing reserved.
        assert!(refused(page, shape(4 * page, 4 * page), Some(&source(2 * page, 2 * page))));
        assert!(refused(3 * page, shape(2 * page, 4 * page), None));
        assert!(refused(page, shape(4 * page, 2 * page), None));
        assert!(refused(0, shape(0, 0), None));
        // A file's last page that would end beyond the reservation.
        assert!(refused(page + 1, shape(page + 1, page + 1), Some(&source(page + 1, page + 1))));
        assert!(!refused(2 * page, shape(2 * page, 3 * page), Some(&source(page, 2 * page))));
    }
}
