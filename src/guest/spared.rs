//! What a start from the beginning does that runs from an image are spared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::calls::{Call, Function, Observer};
use super::memory::is_zero;

/// The last descriptor of the standard streams.
const LAST_STREAM: i64 = 2;

/// The unit in which memory is filled, in bytes.
const PAGE: usize = 4096;

/// What each run from an image is spared, as it was counted when the image was captured.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Spared {
    /// Calls that open, read, list or look for files and directories.
    pub file_operations: u64,
    /// Memory that is filled, in bytes of whole pages.
    pub memory: u64,
    /// How much of that runs copy; 0 where the platform does not tell.
    pub copied: u64,
}

/// Counts the calls of a run that open, read, list or look for files and directories.
#[derive(Clone, Default)]
pub struct FileOperations(Arc<AtomicU64>);

impl FileOperations {
    /// How many there were.
    pub fn number(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for FileOperations {
    fn before(&mut self, _: &mut Call<'_>, function: &Function, arguments: &[i64]) -> wasmtime::Result<()> {
        let is_file = || arguments.first().is_some_and(|descriptor| *descriptor > LAST_STREAM);
        if function.name.starts_with("path_") || function.name.starts_with("fd_") && is_file() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// How many bytes of `memory`, in whole pages, are not as they were at the beginning, `initial` and zeros behind it.
pub fn filled(memory: &[u8], initial: &[u8]) -> u64 {
    let is_filled = |(i, page): &(usize, &[u8])| {
        let start = initial.len().min(i * PAGE);
        let (before, behind) = page.split_at(page.len().min(initial.len() - start));
        initial.get(start..start + before.len()) != Some(before) || !is_zero(behind)
    };
    memory.chunks(PAGE).enumerate().filter(is_filled).map(|(_, page)| page.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_filled_that_are_not_as_at_the_beginning() {
        let initial = [1; PAGE + 10];
        let mut memory = vec![0; 5 * PAGE];
        memory[..initial.len()].fill(1);
        assert_eq!(filled(&memory, &initial), 0);
        for (at, pages) in [(5, 1), (PAGE + 5, 2), (PAGE + 11, 2), (2 * PAGE, 3), (5 * PAGE - 1, 4)] {
            memory[at] = 7;
            assert_eq!(filled(&memory, &initial), pages * PAGE as u64, "{at}");
        }
        assert_eq!((filled(&memory, &[]), filled(&[], &initial)), (4 * PAGE as u64, 0));
    }
}
