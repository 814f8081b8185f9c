//! The mapping of a finished run, reset for the next one.
//!
//! A fresh mapping costs a page fault for each page that a run touches, and unmapping costs about as much again: together
//! more than the work of a short run. A process that answers many requests therefore keeps the mapping. The kernel's page
//! map says which pages were written since the mapping was made: they are this process's own copies. The reset reads
//! their content from the file again; all others still have it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mapping::{Mapping, Shape};
use super::{Content, is_zero};

/// With more bytes than these in copied pages, a fresh mapping is cheaper than a reset.
const MOST_COPIED: usize = 16 << 20;

/// Keeps a mapping of one source between runs.
#[derive(Debug, Default)]
pub struct MappingPool {
    enabled: AtomicBool,
    mapping: Mutex<Option<Pooled>>,
}

#[derive(Debug)]
enum Pooled {
    /// With what a run wrote.
    Used(Mapping),
    /// With the content of the source.
    Reset(Mapping),
}

impl MappingPool {
    /// Keeps mappings from now on.
    pub fn enable(&self) {
        self.enabled.store(true, Ordering::Relaxed);
    }

    /// Takes the mapping, reset, if there is one of this shape.
    pub fn take(&self, content: &Content, shape: Shape) -> Option<Mapping> {
        let mapping = match self.lock().take()? {
            Pooled::Reset(mapping) => mapping,
            Pooled::Used(mapping) => reset(mapping, content)?,
        };
        Some(mapping).filter(|m| m.shape() == shape)
    }

    /// Keeps the mapping of a finished run. It is not reset yet: an answer may be waiting to be sent.
    pub fn put(&self, used: Mapping) {
        if self.enabled.load(Ordering::Relaxed) {
            let previous = self.lock().replace(Pooled::Used(used));
            drop(previous);
        }
    }

    /// The pages that the last run wrote, in bytes.
    pub fn last_written(&self) -> Vec<Range<usize>> {
        match &*self.lock() {
            Some(Pooled::Used(mapping)) => own_pages(mapping).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Resets the mapping now, so that the next run does not have to.
    pub fn reset(&self, content: &Content) {
        let pooled = self.lock().take();
        let pooled = match pooled {
            Some(Pooled::Used(mapping)) => reset(mapping, content).map(Pooled::Reset),
            other => other,
        };
        let mut place = self.lock();
        if place.is_none() {
            *place = pooled;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Pooled>> {
        self.mapping.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives every page of `mapping` the content of the source; `None` where a fresh mapping is better.
fn reset(mut mapping: Mapping, content: &Content) -> Option<Mapping> {
    mapping.shrink(content.size).ok()?;
    let own = own_pages(&mapping).ok()?;
    if own.iter().map(ExactSizeIterator::len).sum::<usize>() > MOST_COPIED {
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
    debug_assert!(is_reset(memory, content));
    Some(mapping)
}

/// Whether `memory` has the content of a fresh mapping. Debug builds check it after each reset.
fn is_reset(memory: &[u8], content: &Content) -> bool {
    let (stored, rest) = memory.split_at(content.stored.min(memory.len()));
    let mut expected = [0; 1 << 16];
    let is_same = |(i, part): (usize, &[u8])| {
        let Some(expected) = expected.get_mut(..part.len()) else { return false };
        // A file that ends early reads as zero in a mapping.
        expected.fill(0);
        let (mut read, start) = (0, i << 16);
        while let Some(rest) = expected.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match content.file.read_at(rest, (start + read) as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(_) => return false,
            }
        }
        part == expected
    };
    stored.chunks(1 << 16).enumerate().all(is_same) && is_zero(rest)
}

/// The pages of `mapping` that were written, and so are this process's own copies, as ranges in bytes
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
