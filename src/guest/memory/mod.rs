//! Linear memory that starts as a file, compiled code, and free memory. This folder is the one place with `unsafe` code.
//!
//! An instance's memory is a range of addresses reserved without access. Its start is a private, writable mapping of
//! an image file, so a new instance costs a few system calls whatever the image's size, and only the pages that a
//! request writes are ever copied.

#[cfg(unix)]
mod mapping;
#[cfg(unix)]
mod next;
#[cfg(target_os = "linux")]
mod pool;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

#[cfg(unix)]
pub use mapping::{Creator, is_refused};
#[cfg(unix)]
use next::NextMemory;

use wasmtime::component::Component;
use wasmtime::{Config, Engine, ExternType, Instance, InstancePre, Module, Store};

use crate::cache::seal::SealedCode;

/// Has code compiled for any processor of this machine's kind. Of x86-64 those are left out that lack what all have had since
/// 2009 (the level v2): without it, rounding a number is a call.
///
/// # Errors
/// Fails where wasmtime does not compile for this platform.
pub fn compile_for_any_processor(config: &mut Config) -> wasmtime::Result<()> {
    // With a target that is named, wasmtime does not look what this processor can do.
    config.target(&target_lexicon::HOST.to_string())?;
    if cfg!(target_arch = "x86_64") {
        // SAFETY: this preset of Cranelift's only lets it use instructions of its level. wasmtime refuses to load code that
        // uses some which the processor does not have.
        unsafe { config.cranelift_flag_enable("x86-64-v2") };
    }
    Ok(())
}

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
    /// What runs are expected to write, in bytes from the start of memory.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    written: Vec<Range<usize>>,
    #[cfg(target_os = "linux")]
    pool: pool::MappingPool,
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
            pool: pool::MappingPool::default(),
        }))
    }

    /// As [`Source::new`]. `written` is what runs are expected to write: those pages are copied at once when a memory is
    /// made, not one by one as they are touched. A wrong range costs a little time and changes nothing else.
    pub fn with_written(file: File, stored: usize, size: usize, written: Vec<Range<usize>>) -> Self {
        let mut source = Self::new(file, stored, size);
        if let Some(content) = Arc::get_mut(&mut source.0) {
            content.written = written;
        }
        source
    }

    /// The pages that the last run wrote, in bytes; empty where its memory was not kept, or the platform cannot tell.
    pub fn last_written(&self) -> Vec<Range<usize>> {
        #[cfg(target_os = "linux")]
        return self.0.pool.last_written();
        #[cfg(not(target_os = "linux"))]
        return Vec::new();
    }

    /// Reads the whole file, whatever else reads it meanwhile.
    pub fn reader(&self) -> FileReader<'_> {
        FileReader { file: &self.0.file, read: 0 }
    }

    /// The bytes that the memory begins with; zeros follow.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn content(&self) -> io::Result<Vec<u8>> {
        let mut content = Vec::with_capacity(self.0.stored);
        self.reader().take(self.0.stored as u64).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Keeps the memory of each run for the next one from now on, which saves its page faults: a third of the time of a
    /// short run. Does nothing where the platform cannot tell which pages were written.
    pub fn keep(&self) {
        #[cfg(target_os = "linux")]
        self.0.pool.enable();
    }

    /// Resets the memory that was kept, so that the next run does not have to.
    pub fn tidy(&self) {
        #[cfg(target_os = "linux")]
        self.0.pool.reset(&self.0);
    }
}

/// Reads a file from its beginning, without its position, which all who have it open share.
#[derive(Debug)]
pub struct FileReader<'a> {
    file: &'a File,
    read: u64,
}

impl Read for FileReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.read)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.read)?;
        self.read += count as u64;
        Ok(count)
    }
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
    let minimum = match pre.module().get_export(super::prepare::MEMORY) {
        Some(ExternType::Memory(ty)) => {
            usize::try_from(ty.minimum().saturating_mul(ty.page_size())).unwrap_or(usize::MAX)
        }
        _ => usize::MAX,
    };
    let _next = NextMemory::announce(source, minimum);
    pre.instantiate(store)
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

/// Whether there are only zeros. Whole pages are compared, which is fast in builds that are not optimised, too.
pub fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 4096] = [0; 4096];
    bytes.chunks(ZEROS.len()).all(|part| ZEROS.starts_with(part))
}

/// Gives memory that is allocated to nothing back to the system, where the allocator would keep it (glibc). Takes a few
/// milliseconds where much is free.
pub fn release_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes the allocator's own locks and touches only memory that is free. It may be called from any
    // thread at any time (malloc_trim(3): MT-Safe).
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Whether an instance could not be made because the system refused the mapping of its memory; wasmtime makes that here.
#[cfg(not(unix))]
pub fn is_refused(_: &wasmtime::Error) -> bool {
    false
}

/// Loads the compiled code of a component.
///
/// # Errors
/// Fails where the file cannot be read, or was made by another version of the engine or for another processor.
pub fn load_component(engine: &Engine, code: SealedCode) -> wasmtime::Result<Component> {
    let mut bytes = Vec::new();
    let mut file = code.into_file();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    // SAFETY: wasmtime asks that the bytes be what `Engine::precompile_component` gave. Only `engine` seals code, and they are a
    // copy of it: see `load_code`.
    unsafe { Component::deserialize(engine, bytes) }
}

/// Loads compiled code.
///
/// # Errors
/// Fails where the file cannot be mapped, or was made by another version of the engine or for another processor.
pub fn load_code(engine: &Engine, code: SealedCode) -> wasmtime::Result<Module> {
    // SAFETY: wasmtime asks that the file be what `Engine::precompile_module` gave, unchanged while it is mapped. Only
    // `engine` seals code. A `SealedCode` has the digest that it was sealed with, lies in a directory that no other user
    // can write to (a section of the cache or a temporary directory), and is replaced by renaming, never written in place.
    unsafe { Module::deserialize_open_file(engine, code.into_file()) }
}
