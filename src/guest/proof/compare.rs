//! Where two memories differ.

use std::ops::Range;

/// The unit in which memories are compared first, in bytes.
const BLOCK: usize = 4096;

/// The ranges in which `a` and `b` differ, in order, but for those that are `masked`. What one has and the other has not
/// differs.
pub fn differing(a: &[u8], b: &[u8], mut masked: Vec<Range<usize>>) -> Vec<Range<usize>> {
    masked.sort_by_key(|range| range.start);
    let mut masked = masked.into_iter().peekable();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut add = |at: usize| {
        while masked.next_if(|range| range.end <= at).is_some() {}
        if masked.peek().is_some_and(|range| range.contains(&at)) {
            return;
        }
        match found.last_mut().filter(|range| range.end == at) {
            Some(range) => range.end += 1,
            None => found.push(at..at + 1),
        }
    };
    for (i, (ours, theirs)) in a.chunks(BLOCK).zip(b.chunks(BLOCK)).enumerate() {
        if ours != theirs {
            let pairs = ours.iter().zip(theirs).enumerate();
            pairs.filter(|(_, (ours, theirs))| ours != theirs).for_each(|(j, _)| add(i * BLOCK + j));
        }
    }
    (a.len().min(b.len())..a.len().max(b.len())).for_each(add);
    found
}

/// Whether one of `ranges`, which are in order, holds `at`.
pub fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.end <= at);
    ranges.get(after).is_some_and(|range| range.contains(&at))
}

/// How many bytes `ranges` are.
pub fn size(ranges: &[Range<usize>]) -> usize {
    ranges.iter().map(ExactSizeIterator::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_but_for_what_is_masked() {
        let a = vec![0; 10_000];
        let mut b = a.clone();
        assert_eq!(differing(&a, &b, Vec::new()), [0..0; 0]);
        for at in [0, 5, 6, 7, 4095, 4096, 9_999] {
            b[at] = 1;
        }
        let found = differing(&a, &b, Vec::new());
        assert_eq!(found, [0..1, 5..8, 4095..4097, 9_999..10_000]);
        assert_eq!(size(&found), 7);
        assert_eq!(
            [0, 1, 4, 5, 7, 8, 9_999, 10_000].map(|at| holds(&found, at)),
            [true, false, false, true, true, false, true, false]
        );
        // Masks in any order, empty ones, and those that lie in another.
        let masked = vec![4096..5000, 6..7, 9_000..9_000, 0..5, 1..2];
        assert_eq!(differing(&a, &b, masked), [5..6, 7..8, 4095..4096, 9_999..10_000]);
    }

    #[test]
    fn what_one_memory_has_more_differs() {
        assert_eq!(differing(&[1, 2, 3, 4], &[1], vec![2..3, 9..9]), [1..2, 3..4]);
        assert_eq!(differing(&[], &[1, 2, 3, 4], vec![0..1, 2..3]), [1..2, 3..4]);
    }
}
