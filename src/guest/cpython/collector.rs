//! The counts by which CPython's garbage collector knows when it is to run.

use std::collections::BTreeSet;

use super::layout::{self, LAYOUTS};
use super::objects::Memory;

/// Where the counts of the collector's generations are: the thresholds before them are those of start-up, and the older
/// generations are empty lists, whose first word is their own address, as `gc.freeze` leaves them.
pub fn find_counts(memory: &[u8]) -> Vec<usize> {
    let firsts = BTreeSet::from(LAYOUTS.map(|layout| layout.collector_threshold));
    let is_generation = |address: usize, threshold: u32| {
        let head = address.checked_sub(layout::GENERATION_THRESHOLD);
        let is_empty = || head.is_some_and(|head| word(memory, head).is_some_and(|next| next as usize == head));
        word(memory, address) == Some(threshold) && is_empty()
    };
    let places = firsts.into_iter().flat_map(|threshold| Memory(memory).addresses_of(threshold));
    let mut found = places.filter_map(|at| {
        let place = |number| at as usize + number * layout::GENERATION_SIZE;
        let mut later = (1..).zip(layout::LATER_THRESHOLDS);
        let is_found = later.all(|(number, threshold)| is_generation(place(number), threshold));
        let counts = |number| place(number) + layout::GENERATION_COUNT - layout::GENERATION_THRESHOLD;
        is_found.then(|| (0..=layout::LATER_THRESHOLDS.len()).map(counts).collect())
    });
    // Anything but one place would be a guess.
    let first: Option<Vec<usize>> = found.next();
    first.filter(|_| found.next().is_none()).unwrap_or_default()
}

fn word(memory: &[u8], address: usize) -> Option<u32> {
    memory.get(address..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory of zeros, but for these words.
    fn memory(words: &[(usize, u32)]) -> Vec<u8> {
        let mut memory = vec![0; 1024];
        for (address, word) in words {
            memory[*address..address + 4].copy_from_slice(&word.to_le_bytes());
        }
        memory
    }

    #[test]
    fn generations_are_found_where_they_are_alone() {
        let head = |at: usize| (at, at as u32);
        let words = |at: usize| {
            [(at + 8, 700), head(at + 16), (at + 24, 10), head(at + 32), (at + 40, 10), (at + 12, 99)].to_vec()
        };
        assert_eq!(find_counts(&memory(&words(100))), [112, 128, 144]);
        // The template of the interpreter's state has the thresholds, and no lists.
        let template = [(508, 700), (524, 10), (540, 10)];
        assert_eq!(find_counts(&memory(&[&words(100)[..], &template].concat())), [112, 128, 144]);
        assert_eq!(find_counts(&memory(&template)), [0; 0]);
        assert_eq!(find_counts(&memory(&[words(100), words(200)].concat())), [0; 0]);
        assert_eq!(find_counts(&[0xff; 9]), [0; 0]);
    }
}
