//! Linear memory that starts as a file: the one place with `unsafe` code.
//!
//! An instance's memory is a range of addresses reserved without access. Its start is a private, writable mapping of
//! an image file, so a new instance costs a few system calls whatever the image's size, and only the pages that a
//! request writes are ever copied.

#[cfg(unix)]
use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use wasmtime::{Engine, Instance, InstancePre, Module, Store};

/// What a new linear memory starts with: a part of a file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file; it must not be changed while it is used, which holds for entries of the cache: they are only ever
    /// replaced by another file of the same name.
    pub file: Arc<File>,
    /// Where in the file memory begins, in bytes; a multiple of 64 KiB, which every page size divides.
    pub offset: u64,
    /// How many bytes of memory the file holds; those after it are zero.
    pub stored: usize,
    /// The size of the memory, in bytes, a multiple of 64 KiB.
    pub size: usize,
}

#[cfg(unix)]
thread_local! {
    /// The source of the next memory that this thread makes. wasmtime asks for a memory without saying for whom.
    static NEXT: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Makes an instance whose linear memory starts as `source` says, else as the module does.
///
/// # Errors
/// Fails where memory cannot be had.
#[cfg(unix)]
pub fn instantiate<T: 'static>(
    pre: &InstancePre<T>,
    store: &mut Store<T>,
    source: Option<&Source>,
) -> wasmtime::Result<Instance> {
    NEXT.with_borrow_mut(|next| *next = source.cloned());
    let instance = pre.instantiate(store);
    NEXT.with_borrow_mut(Option::take);
    instance
}

/// Makes an instance whose linear memory starts as `source` says, by copying it, else as the module does.
///
/// # Errors
/// Fails where memory cannot be had or the file cannot be read.
#[cfg(not(unix))]
pub fn instantiate<T: 'static>(
    pre: &InstancePre<T>,
    store: &mut Store<T>,
    source: Option<&Source>,
) -> wasmtime::Result<Instance> {
    use std::io::{Read, Seek, SeekFrom};

    let instance = pre.instantiate(&mut *store)?;
    if let Some(source) = source {
        let memory = instance
            .get_memory(&mut *store, super::prepare::MEMORY)
            .ok_or_else(|| wasmtime::Error::msg("the memory is not exported"))?;
        let missing = source.size.saturating_sub(memory.data_size(&*store));
        memory.grow(&mut *store, u64::try_from(missing.div_ceil(65536))?)?;
        let target = memory.data_mut(&mut *store).get_mut(..source.stored);
        let target = target.ok_or_else(|| wasmtime::Error::msg("the image is larger than the memory"))?;
        let mut file = &*source.file;
        file.seek(SeekFrom::Start(source.offset))?;
        file.read_exact(target)?;
    }
    Ok(instance)
}

/// Loads compiled code from a file of the cache.
///
/// # Errors
/// Fails where the file cannot be mapped, or was made by another version of the engine or for another processor.
pub fn load_code(engine: &Engine, path: &Path) -> wasmtime::Result<Module> {
    // SAFETY: wasmtime asks that the file be what `Engine::precompile_module` gave, unchanged while it is mapped. The
    // caller has it from the cache's `sealed` files: written by us, in a directory that only this user can write,
    // replaced by renaming and never written in place, and with the digest it was written with.
    unsafe { Module::deserialize_file(engine, path) }
}

#[cfg(unix)]
pub use mapped::Creator;

#[cfg(unix)]
mod mapped {
    use std::ptr::NonNull;

    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};
    use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

    use super::{NEXT, Source};

    /// Makes linear memories for wasmtime.
    #[derive(Debug, Default)]
    pub struct Creator;

    /// A reserved range of addresses whose first `size` bytes are accessible.
    struct Mapping {
        base: NonNull<u8>,
        /// The whole range, guard included.
        reserved: usize,
        /// How far memory may grow.
        capacity: usize,
        size: usize,
    }

    // SAFETY: a mapping is an exclusively owned range of addresses, like a `Box<[u8]>`; nothing in it is tied to the
    // thread that made it.
    unsafe impl Send for Mapping {}
    // SAFETY: through `&Mapping` only `base` and the sizes can be read.
    unsafe impl Sync for Mapping {}

    impl Mapping {
        fn new(size: usize, capacity: usize, reserved: usize, source: Option<&Source>) -> rustix::io::Result<Self> {
            // SAFETY: a new mapping at an address that the kernel chooses overlaps nothing.
            let base = unsafe {
                mmap_anonymous(
                    std::ptr::null_mut(),
                    reserved,
                    ProtFlags::empty(),
                    MapFlags::PRIVATE | MapFlags::NORESERVE,
                )?
            };
            let base = NonNull::new(base.cast::<u8>()).ok_or(rustix::io::Errno::NOMEM)?;
            let mut mapping = Self { base, reserved, capacity, size: 0 };
            if let Some(source) = source.filter(|s| s.stored > 0) {
                // SAFETY: the range [base, base + stored) lies within the reservation made above, as the caller has
                // checked, and nothing points into it yet, so replacing it is unobserved.
                unsafe {
                    mmap(
                        mapping.base.as_ptr().cast(),
                        source.stored,
                        ProtFlags::READ | ProtFlags::WRITE,
                        MapFlags::PRIVATE | MapFlags::FIXED,
                        &*source.file,
                        source.offset,
                    )?;
                }
                // The end of the file's last page reads as zero; the first page after it is reserved already.
                mapping.size = source.stored.next_multiple_of(rustix::param::page_size());
            }
            mapping.extend(size)?;
            Ok(mapping)
        }

        /// Makes the first `size` bytes accessible; what is added is zero.
        fn extend(&mut self, size: usize) -> rustix::io::Result<()> {
            if size > self.size {
                // SAFETY: the range lies within the reservation (`new_memory` and `grow_to` check `size` against
                // `capacity`), and it held no accessible page before.
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

    impl Drop for Mapping {
        fn drop(&mut self) {
            // SAFETY: the range was reserved by `new` as one piece and is owned by this value alone.
            let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.reserved) };
            debug_assert!(unmapped.is_ok());
        }
    }

    // SAFETY: `as_ptr` stays the same while `size` grows up to `capacity`; all of `[as_ptr, as_ptr + size)` is
    // readable and writable, and what follows up to the end of the reservation, guard included, has no access.
    unsafe impl LinearMemory for Mapping {
        fn byte_size(&self) -> usize {
            self.size
        }

        fn byte_capacity(&self) -> usize {
            self.capacity
        }

        fn grow_to(&mut self, new_size: usize) -> wasmtime::Result<()> {
            if new_size > self.capacity {
                return Err(wasmtime::Error::msg("the memory is at its largest"));
            }
            self.extend(new_size).map_err(|e| wasmtime::Error::msg(format!("cannot grow the memory: {e}")))
        }

        fn as_ptr(&self) -> *mut u8 {
            self.base.as_ptr()
        }
    }

    // SAFETY: each memory is at least `minimum` bytes, zero or what the thread's `NEXT` source holds, which is what the
    // caller of `starting_as` asked for; the reservation is as large as wasmtime says, guard included.
    unsafe impl MemoryCreator for Creator {
        fn new_memory(
            &self,
            ty: MemoryType,
            minimum: usize,
            maximum: Option<usize>,
            reserved: Option<usize>,
            guard: usize,
        ) -> Result<Box<dyn LinearMemory>, String> {
            let source = NEXT.with_borrow_mut(Option::take);
            let size = source.as_ref().map_or(minimum, |s| s.size.max(minimum));
            let capacity = reserved.unwrap_or_else(|| maximum.unwrap_or(size)).max(size);
            let page = rustix::param::page_size();
            let total = capacity
                .checked_next_multiple_of(page)
                .and_then(|c| c.checked_add(guard))
                .ok_or("the memory is larger than the address space")?;
            if source.as_ref().is_some_and(|s| s.stored > s.size) || u64::try_from(size).is_err() || ty.is_shared() {
                return Err("this kind of memory cannot start from an image".to_owned());
            }
            let mapping = Mapping::new(size, capacity, total, source.as_ref())
                .map_err(|e| format!("cannot reserve {total} bytes of address space: {e}"))?;
            Ok(Box::new(mapping))
        }
    }
}
