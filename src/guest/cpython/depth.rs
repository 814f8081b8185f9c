//! The recursion depth that a script sees. It runs on top of the frames that stopped the interpreter, so CPython's counters are
//! corrected by their depth.

use super::layout;

/// The recursion limit that the boot script leaves behind; the host finds CPython's counter beside it.
pub const MARKED_LIMIT: u32 = 987_653;

/// How far from the limit the counter may be: the interpreter is stopped a few calls deep, and the counter of a saved one is
/// corrected.
const NEAR: u32 = 64;

/// Reads how much deeper a script runs than in a cold start, in calls of Python and in calls of C.
pub fn parse(answer: &[u8]) -> Option<[i32; 2]> {
    let (python, c) = std::str::from_utf8(answer).ok()?.split_once(' ')?;
    Some([python.parse().ok()?, c.parse().ok()?])
}

/// Where CPython counts how many calls are left, and the counts: of calls of Python and, since 3.12, of calls of C. Until
/// then one count is both.
pub fn find_counters(memory: &[u8]) -> Vec<(usize, u32)> {
    let word = |address: usize| memory.get(address..)?.first_chunk().map(|b| u32::from_le_bytes(*b));
    let limit = MARKED_LIMIT.to_le_bytes();
    let limits = memchr::memmem::find_iter(memory, &limit).filter(|at| at.is_multiple_of(limit.len()));
    let mut found = limits.filter_map(|at| {
        let address = at.checked_sub(layout::RECURSION_REMAINING_BEFORE_LIMIT as usize)?;
        let remaining = word(address)?;
        (MARKED_LIMIT - NEAR..=MARKED_LIMIT + NEAR).contains(&remaining).then_some((address, remaining))
    });
    // Anything but one place would be a guess.
    let Some(python) = found.next().filter(|_| found.next().is_none()) else { return Vec::new() };
    let after_limit = layout::RECURSION_REMAINING_BEFORE_LIMIT + layout::C_RECURSION_REMAINING_AFTER_LIMIT;
    let c = python.0 + after_limit as usize;
    let c = word(c).filter(|count| layout::C_RECURSION_LIMITS.contains(count)).map(|count| (c, count));
    [python].into_iter().chain(c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn the_counters_are_beside_the_marked_limit() {
        const REMAINING: u32 = MARKED_LIMIT - 3;
        for (words, found) in [
            // 3.12 counts calls of C by themselves; 3.11 has the headroom there.
            (&[7, REMAINING, MARKED_LIMIT, 497, 0][..], &[(4, REMAINING), (12, 497)][..]),
            (&[7, REMAINING, MARKED_LIMIT, 0, 9], &[(4, REMAINING)]),
            (&[7, REMAINING, MARKED_LIMIT], &[(4, REMAINING)]),
            (&[MARKED_LIMIT, 5], &[]),
            (&[7, MARKED_LIMIT - 100, MARKED_LIMIT, 497], &[]),
            (&[REMAINING, MARKED_LIMIT, 0, REMAINING, MARKED_LIMIT, 0], &[]),
            (&[], &[]),
        ] {
            assert_eq!(find_counters(&memory(words)), found, "{words:?}");
        }
    }

    #[test]
    fn an_answer_is_two_numbers() {
        assert_eq!(parse(b"2 -6"), Some([2, -6]));
        for bad in [&b""[..], b"2", b"2 x", b"cold", b"\xff 1"] {
            assert_eq!(parse(bad), None);
        }
    }
}
