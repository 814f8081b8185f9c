//! A memory that was used, made as new for the next run.
//!
//! A fresh mapping is filled in by page faults, one for each page that is touched, and taking it down costs about as
//! much again: together more than the work of a short run. A process that answers many requests therefore keeps the
//! mapping. Every page that was written since it was made is this process's own copy, which the kernel's page map
//! tells for certain; those pages get their content from the file again, the others never lost it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Content;
use super::mapping::{Mapping, Shape};

/// How many bytes of its own a mapping may have before a fresh one is cheaper.
const OWN_AT_MOST: usize = 16 << 20;

/// The spare memory of one source.
#[derive(Debug, Default)]
pub struct Spares {
    kept: AtomicBool,
    spare: Mutex<Option<Spare>>,
}

#[derive(Debug)]
enum Spare {
    Used(Mapping),
    Ready(Mapping),
}

impl Spares {
    /// Keeps a used memory from now on.
    pub fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }

    /// A memory as new, if there is one of this form.
    pub fn take(&self, content: &Content, shape: Shape) -> Option<Mapping> {
        let mapping = match self.lock().take()? {
            Spare::Ready(mapping) => mapping,
            Spare::Used(mapping) => reset(mapping, content)?,
        };
        Some(mapping).filter(|m| m.shape() == shape)
    }

    /// Takes a used memory. Nothing is done to it yet: an answer may be waiting to be sent.
    pub fn give_back(&self, used: Mapping) {
        if self.kept.load(Ordering::Relaxed) {
            let previous = self.lock().replace(Spare::Used(used));
            drop(previous);
        }
    }

    /// What the last run wrote.
    pub fn last_written(&self) -> Vec<Range<usize>> {
        match &*self.lock() {
            Some(Spare::Used(mapping)) => own_pages(mapping).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Makes the used memory ready.
    pub fn tidy(&self, content: &Content) {
        let spare = self.lock().take();
        let ready = match spare {
            Some(Spare::Used(mapping)) => reset(mapping, content).map(Spare::Ready),
            other => other,
        };
        let mut place = self.lock();
        if place.is_none() {
            *place = ready;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Spare>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives every page of `mapping` the content it began with; `None` where a new mapping is better.
fn reset(mut mapping: Mapping, content: &Content) -> Option<Mapping> {
    mapping.shrink(content.size).ok()?;
    let own = own_pages(&mapping).ok()?;
    if own.iter().map(ExactSizeIterator::len).sum::<usize>() > OWN_AT_MOST {
        return None;
    }
    let memory = mapping.bytes();
    for range in own {
        let stored = range.start..range.end.min(content.stored);
        if !stored.is_empty() {
            let length = stored.len();
            content.file.read_exact_at(memory.get_mut(stored.clone())?, stored.start as u64).ok()?;
            debug_assert!(length > 0);
        }
        memory.get_mut(range.start.max(content.stored)..range.end).unwrap_or_default().fill(0);
    }
    debug_assert!(is_as_new(memory, content));
    Some(mapping)
}

/// Whether `memory` is what a fresh mapping would hold. Debug builds, and so the tests, ask after each reset.
fn is_as_new(memory: &[u8], content: &Content) -> bool {
    let mut expected = vec![0; memory.len()];
    let stored = expected.get_mut(..content.stored).unwrap_or_default();
    // A file that ends early reads as zero in a mapping.
    let length =
        content.file.metadata().map_or(0, |m| usize::try_from(m.len()).unwrap_or(usize::MAX)).min(stored.len());
    content.file.read_exact_at(stored.get_mut(..length).unwrap_or_default(), 0).is_ok() && memory == expected
}

/// The pages of `mapping` that are this process's own copies, as ranges in bytes
/// (<https://docs.kernel.org/admin-guide/mm/pagemap.html>).
fn own_pages(mapping: &Mapping) -> io::Result<Vec<Range<usize>>> {
    const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;
    const OF_FILE: u64 = 1 << 61;
    let page = rustix::param::page_size();
    let (start, size) = mapping.extent();
    let mut entries = vec![0; size / page * 8];
    File::open("/proc/self/pagemap")?.read_exact_at(&mut entries, (start / page * 8) as u64)?;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (i, bytes) in entries.chunks_exact(8).enumerate() {
        let entry = bytes.first_chunk().map_or(0, |b| u64::from_ne_bytes(*b));
        if entry & PRESENT_OR_SWAPPED == 0 || entry & OF_FILE != 0 {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if last.end == i * page => last.end += page,
            _ => ranges.push(i * page..(i + 1) * page),
        }
    }
    Ok(ranges)
}
