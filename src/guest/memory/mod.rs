//! Linear memory that starts as a file. This folder is the one place with `unsafe` code.
//!
//! An instance's memory is a range of addresses reserved without access. Its start is a private, writable mapping of
//! an image file, so a new instance costs a few system calls whatever the image's size, and only the pages that a
//! request writes are ever copied.

#[cfg(unix)]
mod mapping;
#[cfg(target_os = "linux")]
mod spare;

#[cfg(unix)]
use std::cell::RefCell;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

#[cfg(unix)]
pub use mapping::Creator;

use wasmtime::{Engine, Instance, InstancePre, Module, Store};

/// What a new linear memory starts with: the content of a file from its beginning.
///
/// The file must not be changed while it is used. That holds for entries of the cache, which are only ever replaced by
/// another file of the same name, and for files without a name.
#[derive(Clone, Debug)]
pub struct Source(Arc<Content>);

#[derive(Debug)]
struct Content {
    file: File,
    stored: usize,
    size: usize,
    /// What a run is known to write, in bytes from the start of memory.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    written: Vec<Range<usize>>,
    #[cfg(target_os = "linux")]
    spares: spare::Spares,
}

impl Source {
    /// A memory of `size` bytes, a multiple of 64 KiB, whose first `stored` bytes are those of `file`, the rest zero.
    pub fn new(file: File, stored: usize, size: usize) -> Self {
        Self(Arc::new(Content {
            file,
            stored: stored.min(size),
            size,
            written: Vec::new(),
            #[cfg(target_os = "linux")]
            spares: spare::Spares::default(),
        }))
    }

    /// The same, for runs that are known to write `written`: those pages are then copied at once, when a memory is made,
    /// and not one by one as they are touched. A range that is guessed wrong costs a little time and changes nothing.
    pub fn with_written(file: File, stored: usize, size: usize, written: Vec<Range<usize>>) -> Self {
        let mut source = Self::new(file, stored, size);
        if let Some(content) = Arc::get_mut(&mut source.0) {
            content.written = written;
        }
        source
    }

    /// What the last run wrote, if its memory was kept and the platform can tell.
    pub fn last_written(&self) -> Vec<Range<usize>> {
        #[cfg(target_os = "linux")]
        return self.0.spares.last_written();
        #[cfg(not(target_os = "linux"))]
        return Vec::new();
    }

    /// The file.
    #[cfg(test)]
    pub fn file(&self) -> &File {
        &self.0.file
    }

    /// From now on keeps the memory of a run for the next one, which then finds its pages in place: page faults are a
    /// third of a short run. Does nothing where the platform cannot tell which pages were written.
    pub fn keep(&self) {
        #[cfg(target_os = "linux")]
        self.0.spares.keep();
    }

    /// Makes a kept memory as new, which the next run would have to do otherwise.
    pub fn tidy(&self) {
        #[cfg(target_os = "linux")]
        self.0.spares.tidy(&self.0);
    }
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
        let content = &*source.0;
        let missing = content.size.saturating_sub(memory.data_size(&*store));
        memory.grow(&mut *store, u64::try_from(missing.div_ceil(65536))?)?;
        let target = memory.data_mut(&mut *store).get_mut(..content.stored);
        let target = target.ok_or_else(|| wasmtime::Error::msg("the image is larger than the memory"))?;
        let mut file = &content.file;
        file.seek(SeekFrom::Start(0))?;
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
