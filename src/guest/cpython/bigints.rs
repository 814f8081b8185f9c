//! The large integers with which CPython converts floats from and to text: `Bigint` of Python/dtoa.c.
//!
//! They are kept for reuse with their digits, in a space of their own, and mean nothing once a conversion is over.

use std::ops::Range;

use super::objects::Memory;

/// The unit of the space, `sizeof(double)`.
const UNIT: u32 = 8;

/// `Bigint.k`, `maxwds` and `x`; `next` is before them. What is between them, `sign` and `wds`, is part of a text where the
/// integer was used as the space for one.
const K: u32 = 4;
const MOST_WORDS: u32 = 8;
const DIGITS: u32 = 20;

/// `Bigint_Kmax`
const LARGEST_K: u32 = 7;

/// The size of the space, `PRIVATE_MEM`, in bytes.
const SPACE: u32 = 2304;

/// How many in a row are no chance.
const ROW: usize = 7;

/// Where these integers are, and each word that leads to one: the lists of those that can be reused.
pub fn spare(bytes: &[u8]) -> Vec<Range<usize>> {
    let memory = Memory(bytes);
    // `maxwds` begins the second unit of each.
    let units = bytes.as_chunks::<{ UNIT as usize }>().0.iter().enumerate();
    let sized = units.filter(|(_, unit)| matches!(unit, [1 | 2 | 4 | 8 | 16 | 32 | 64 | 128, 0, 0, 0, ..]));
    let mut starts = sized.filter_map(|(i, _)| u32::try_from(i.checked_sub(1)? * UNIT as usize).ok());
    let Some(start) = starts.find(|start| count(memory, *start) == ROW) else { return Vec::new() };
    let space = start..start.saturating_add(SPACE);
    let words = bytes.as_chunks().0.iter().enumerate();
    let leads = |word: u32| word >= space.start && word < space.end;
    let leading = words.filter(|(_, word)| leads(u32::from_le_bytes(**word))).map(|(i, _)| i * 4..i * 4 + 4);
    leading.chain(std::iter::once(space.start as usize..space.end as usize)).collect()
}

/// How many integers are in a row from `start` on, as far as [`ROW`].
fn count(memory: Memory<'_>, start: u32) -> usize {
    std::iter::successors(after(memory, start), |at| after(memory, *at)).take(ROW).count()
}

/// The address behind the integer at `at`, if there is one.
fn after(memory: Memory<'_>, at: u32) -> Option<u32> {
    let field = |offset| memory.word(at.checked_add(offset)?);
    let (next, k, most) = (field(0)?, field(K)?, field(MOST_WORDS)?);
    let is_near = next == 0 || next.abs_diff(at) < SPACE;
    if !is_near || k > LARGEST_K || most != 1 << k {
        return None;
    }
    at.checked_add((DIGITS + 4 * most).next_multiple_of(UNIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_a_row_are_found_with_what_leads_to_them() {
        let mut memory = vec![0; 8192];
        let mut put = |address: usize, word: u32| memory[address..address + 4].copy_from_slice(&word.to_le_bytes());
        let mut at = 1024;
        for k in [1, 2, 1, 3, 0, 1, 2, 1] {
            put(at + 4, k);
            put(at + 8, 1 << k);
            put(at + 16, 1);
            at += (20 + (4 << k) as usize).next_multiple_of(8);
        }
        put(512, 1064);
        put(516, 9000);
        // Too few to be no chance.
        put(64 + 4, 1);
        put(64 + 8, 2);
        assert_eq!(spare(&memory), [512..516, 1024..1024 + SPACE as usize]);
        memory[1100] = 9;
        assert!(spare(&memory).is_empty());
    }

    #[test]
    fn no_memory_makes_it_panic() {
        for byte in [0, 1, 2, 0x7f, 0xff] {
            for size in [0, 7, 24, 4096] {
                spare(&vec![byte; size]);
            }
        }
    }
}
