//! The mapping of a finished run, reset for the next one.
//!
//! A fresh mapping costs a page fault for each page that a run touches, and unmapping costs about as much again: together
//! more than the work of a short run. A process that answers many requests therefore keeps the mapping. The kernel's page
//! map says which pages were written since the mapping was made: they are this process's own copies, and stay so. The reset
//! gives them the content of the file again; all others still have it.
//!
//! Looking at the page map takes as long as half of a short run, so it is left out where the run had no page fault: then it
//! has made no copy. What the file has in the pages is kept, too, in one piece: up to [`MOST_COPIED`] bytes.

use std::ffi::c_long;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use nix::sys::resource::{UsageWho, getrusage};

use super::mapping::{Mapping, Shape};
use super::{Content, is_zero};

/// With more bytes than these in copied pages, a fresh mapping is cheaper than a reset.
const MOST_COPIED: usize = 16 << 20;

/// Keeps a mapping of one source between runs.
#[derive(Debug, Default)]
pub struct MappingPool {
    enabled: AtomicBool,
    kept: Mutex<Option<Kept>>,
}

/// A mapping that no run uses.
#[derive(Debug)]
struct Kept {
    mapping: Mapping,
    /// Whether it has the content of the source, and not what a run wrote.
    is_reset: bool,
}

/// The pages of a mapping that are this process's own copies.
#[derive(Debug, Default)]
pub struct OwnPages {
    /// Where they are, in bytes, as far as is known.
    ranges: Vec<Range<usize>>,
    /// What the source has there, one after the other.
    content: Vec<u8>,
    /// The faults of the thread that has the mapping, as of when `ranges` was last known to be all; `None`: it may not be.
    as_of: Option<Faults>,
}

/// How many page faults a thread has had (getrusage(2), `RUSAGE_THREAD`). A page is copied by nothing else, be it written by
/// the guest or by the system for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Faults {
    thread: ThreadId,
    minor: c_long,
    major: c_long,
}

impl Faults {
    /// Those of this thread; `None` where the system does not count them: each thread has had some.
    fn now() -> Option<Self> {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        let (minor, major) = (usage.minor_page_faults(), usage.major_page_faults());
        (minor > 0).then(|| Self { thread: thread::current().id(), minor, major })
    }
}

impl MappingPool {
    /// Keeps mappings from now on.
    pub fn enable(&self) {
        self.enabled.store(true, Ordering::Relaxed);
    }

    /// Takes the mapping, reset, if there is one of this shape.
    pub fn take(&self, content: &Content, shape: Shape) -> Option<Mapping> {
        let kept = self.lock().take()?;
        let mut mapping = if kept.is_reset { kept.mapping } else { reset(kept.mapping, content)? };
        // From here on its pages are written by one thread, that of the instance.
        mapping.own.as_of = mapping.own.as_of.and(Faults::now());
        Some(mapping).filter(|mapping| mapping.shape() == shape)
    }

    /// Keeps the mapping of a finished run. It is not reset yet: an answer may be waiting to be sent.
    pub fn put(&self, mut used: Mapping) {
        if self.enabled.load(Ordering::Relaxed) {
            if used.own.as_of != Faults::now() {
                used.own.as_of = None;
            }
            let previous = self.lock().replace(Kept { mapping: used, is_reset: false });
            drop(previous);
        }
    }

    /// The pages that the last run wrote, in bytes.
    pub fn last_written(&self) -> Vec<Range<usize>> {
        match &*self.lock() {
            Some(Kept { mapping, is_reset: false }) => own_pages(mapping).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Resets the mapping now, so that the next run does not have to.
    pub fn reset(&self, content: &Content) {
        let kept = self.lock().take();
        let kept = kept.and_then(|Kept { mapping, is_reset }| {
            let mapping = if is_reset { Some(mapping) } else { reset(mapping, content) };
            mapping.map(|mapping| Kept { mapping, is_reset: true })
        });
        let mut place = self.lock();
        if place.is_none() {
            *place = kept;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives every page of `mapping` the content of the source; `None` where a fresh mapping is better.
fn reset(mut mapping: Mapping, content: &Content) -> Option<Mapping> {
    mapping.shrink(content.size).ok()?;
    let mut own = std::mem::take(&mut mapping.own);
    if own.as_of.is_none() {
        let ranges = own_pages(&mapping).ok()?;
        let size = ranges.iter().map(ExactSizeIterator::len).sum::<usize>();
        if size > MOST_COPIED {
            return None;
        }
        if ranges != own.ranges {
            own.content.resize(size, 0);
            read(content, &ranges, &mut own.content)?;
            own.ranges = ranges;
        }
        own.as_of = Faults::now();
    }
    let memory = mapping.bytes();
    let mut rest = own.content.as_slice();
    for range in &own.ranges {
        let (part, after) = rest.split_at_checked(range.len())?;
        memory.get_mut(range.clone())?.copy_from_slice(part);
        rest = after;
    }
    debug_assert!(is_reset(memory, content));
    mapping.own = own;
    Some(mapping)
}

/// Reads what the source has in `ranges`, one after the other.
fn read(content: &Content, ranges: &[Range<usize>], mut into: &mut [u8]) -> Option<()> {
    for range in ranges {
        let (part, after) = into.split_at_mut_checked(range.len())?;
        let stored = range.end.min(content.stored).saturating_sub(range.start);
        let (of_file, zeros) = part.split_at_mut_checked(stored)?;
        content.file.read_exact_at(of_file, range.start as u64).ok()?;
        zeros.fill(0);
        into = after;
    }
    Some(())
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
