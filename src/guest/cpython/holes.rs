//! Free memory of a saved interpreter, arranged for runs that copy each page which they write to.
//!
//! Between what is in use the allocator (see `heap`) has thousands of small free chunks. Runs would allocate there, and copy a
//! page of the image for each. So small chunks are taken out of the allocator's lists and count as used: runs then
//! allocate from few large ones, one page after the other. What is free is filled with zeros, which need no room in an image.

use std::collections::BTreeSet;
use std::ops::Range;

use super::objects::Memory;

// `malloc_state`: which bins have chunks, the chunk to allocate from next, the rest behind all chunks, bins, and segments.
const SMALL_MAP: u32 = 0;
const TREE_MAP: u32 = 4;
const DESIGNATED: u32 = 20;
const TOP: u32 = 24;
const SMALL_BINS: u32 = 40;
const TREE_BINS: u32 = 304;
const SEGMENT: u32 = 448;

/// How many bins there are of each kind. A small one is as long as the two pointers of its ring.
const BINS: u32 = 32;
const SMALL_BIN: u32 = 8;

// `malloc_segment`: `base`, `size` and `next`.
const SIZE: u32 = 4;
const NEXT: u32 = 8;

// `malloc_chunk` and `malloc_tree_chunk`. A small one is its head and two pointers.
const HEAD: u32 = 4;
const FORWARD: u32 = 8;
const BACK: u32 = 12;
const CHILDREN: [u32; 2] = [16, 20];
const SMALL_CHUNK: u32 = 16;
const TREE_CHUNK: u32 = 32;

/// The flags in a head, of which one is set where the chunk is in use, and one where the chunk before it is.
const FLAGS: u32 = 7;
const IN_USE: u32 = 2;
const BEFORE_IN_USE: u32 = 1;

/// The head of what ends a segment.
const FENCE: u32 = 7;

const ALIGNMENT: u32 = 16;
const CONTENT: u32 = 8;

/// The first bin of trees whose chunks are left to runs: those of 64 KiB and more.
const FIRST_LARGE: u32 = 16;

/// How many chunks, or segments, are more than there can be.
const TOO_MANY: usize = 1 << 24;

/// Arranges the free memory of an interpreter; says whether its allocator was found as it should be. Else nothing is changed.
pub fn arrange(bytes: &mut [u8]) -> bool {
    let Some(heap) = Heap::find(Memory(bytes)) else { return false };
    let Some(Plan { words, zeros }) = heap.plan() else { return false };
    for zero in zeros {
        if let Some(part) = bytes.get_mut(zero) {
            part.fill(0);
        }
    }
    for (address, word) in words {
        if let Some(place) = bytes.get_mut(address as usize..).and_then(|rest| rest.first_chunk_mut()) {
            *place = word.to_le_bytes();
        }
    }
    true
}

/// What is to be changed.
struct Plan {
    /// Parts that are to be zero.
    zeros: Vec<Range<usize>>,
    /// After that, words that are to be others, by address.
    words: Vec<(u32, u32)>,
}

/// An allocator and what it has.
struct Heap<'a> {
    memory: Memory<'a>,
    /// Where its variables are, `_gm_`.
    state: u32,
    /// The free chunks, with their sizes, but for the last one.
    free: Vec<(u32, u32)>,
}

impl<'a> Heap<'a> {
    /// The one allocator whose lists have just the chunks that are free.
    fn find(memory: Memory<'a>) -> Option<Self> {
        let words = memory.0.as_chunks().0.iter().enumerate();
        // Chunks are larger than the sizes of the first two bins: each is the only one in its ring.
        let bins =
            words.filter(|(i, word)| u64::from(u32::from_le_bytes(**word)) + u64::from(FORWARD) == *i as u64 * 4);
        let starts = bins.filter_map(|(i, _)| {
            let state = u32::try_from(i * 4).ok()?.checked_sub(FORWARD + SMALL_BINS)?;
            Some(state).filter(|state| are_bins(memory, *state).is_some_and(|are| are))
        });
        let mut heaps = starts.filter_map(|state| {
            let heap = Self { memory, state, free: free_chunks(memory, state)? };
            let mut free: Vec<u32> = heap.free.iter().map(|(chunk, _)| *chunk).collect();
            free.sort_unstable();
            free.into_iter().eq(heap.listed()?).then_some(heap)
        });
        let heap = heaps.next();
        // Anything but one place would be a guess.
        heap.filter(|_| heaps.next().is_none())
    }

    /// The chunks in the lists.
    fn listed(&self) -> Option<BTreeSet<u32>> {
        let Self { memory, state, .. } = self;
        let mut listed: BTreeSet<u32> = self.designated().into_iter().collect();
        for number in 0..BINS {
            let bin = small_bin(*state, number)?;
            add_ring(*memory, bin, &mut listed)?;
            let root = memory.field(*state, TREE_BINS + number * 4)?;
            let mut pending = Vec::from_iter((root != 0).then_some(root));
            while let Some(chunk) = pending.pop() {
                if !listed.insert(chunk) {
                    return None;
                }
                // Those of the same size.
                add_ring(*memory, chunk, &mut listed)?;
                for child in CHILDREN {
                    pending.extend(Some(memory.field(chunk, child)?).filter(|child| *child != 0));
                }
            }
        }
        Some(listed)
    }

    fn designated(&self) -> Option<u32> {
        self.memory.field(self.state, DESIGNATED).filter(|chunk| *chunk != 0)
    }

    /// The changes; `None` where two free chunks are neighbours, which the allocator would have made one.
    fn plan(&self) -> Option<Plan> {
        let Self { memory, state, free } = self;
        let (mut words, mut zeros) = (Vec::new(), Vec::new());
        let mut zero = |from: u32, to: u32| zeros.push(from as usize..to as usize);
        for (chunk, size) in free {
            let end = chunk.checked_add(*size)?;
            if Some(*chunk) == self.designated() {
                zero(chunk.checked_add(SMALL_CHUNK)?, end);
            } else if is_large(*size) {
                zero(chunk.checked_add(TREE_CHUNK)?, end);
            } else {
                zero(chunk.checked_add(CONTENT)?, end);
                words.push((chunk.checked_add(HEAD)?, memory.field(*chunk, HEAD)? | IN_USE));
                words.push((end.checked_add(HEAD)?, memory.field(end, HEAD)? | BEFORE_IN_USE));
            }
        }
        let top = memory.field(*state, TOP)?;
        let rest = memory.field(top, HEAD)? & !FLAGS;
        zero(top.checked_add(SMALL_CHUNK)?, top.checked_add(rest)?);
        for number in 0..BINS {
            let bin = small_bin(*state, number)?;
            words.extend([(bin.checked_add(FORWARD)?, bin), (bin.checked_add(BACK)?, bin)]);
        }
        words.push((state.checked_add(SMALL_MAP)?, 0));
        words.extend((0..FIRST_LARGE).map(|number| (state.saturating_add(TREE_BINS + number * 4), 0)));
        let large = memory.field(*state, TREE_MAP)? & (u32::MAX << FIRST_LARGE);
        words.push((state.checked_add(TREE_MAP)?, large));
        let is_apart = free.windows(2).all(|pair| pair.first().zip(pair.get(1)).is_some_and(|(a, b)| a.0 + a.1 != b.0));
        is_apart.then_some(Plan { words, zeros })
    }
}

/// Whether a chunk is in one of the bins that are left to runs: as `compute_tree_index`.
fn is_large(size: u32) -> bool {
    size >> (8 + FIRST_LARGE / 2) != 0
}

fn small_bin(state: u32, number: u32) -> Option<u32> {
    state.checked_add(SMALL_BINS)?.checked_add(number * SMALL_BIN)
}

/// Whether all small bins behind `state` are empty just where its map says so.
fn are_bins(memory: Memory<'_>, state: u32) -> Option<bool> {
    let map = memory.field(state, SMALL_MAP)?;
    for number in 0..BINS {
        let bin = small_bin(state, number)?;
        let is_empty = [FORWARD, BACK].map(|pointer| memory.field(bin, pointer) == Some(bin));
        if is_empty != [map >> number & 1 == 0; 2] {
            return Some(false);
        }
    }
    Some(true)
}

/// Adds the chunks of the ring that `start` is in.
fn add_ring(memory: Memory<'_>, start: u32, listed: &mut BTreeSet<u32>) -> Option<()> {
    let mut chunk = memory.field(start, FORWARD)?;
    while chunk != start {
        if !listed.insert(chunk) {
            return None;
        }
        chunk = memory.field(chunk, FORWARD)?;
    }
    Some(())
}

/// The chunks of all segments that are free, in each in the order in which they are; `None` where they do not end as they should.
fn free_chunks(memory: Memory<'_>, state: u32) -> Option<Vec<(u32, u32)>> {
    let top = memory.field(state, TOP)?;
    let mut segment = state.checked_add(SEGMENT)?;
    let (mut free, mut seen, mut has_top) = (Vec::new(), 0, false);
    while segment != 0 {
        let base = memory.word(segment)?;
        let end = base.checked_add(memory.field(segment, SIZE)?)?;
        let mut chunk = base.checked_add(CONTENT)?.checked_next_multiple_of(ALIGNMENT)?.checked_sub(CONTENT)?;
        while chunk < end && chunk != top {
            let head = memory.field(chunk, HEAD)?;
            if head == FENCE {
                break;
            }
            let size = head & !FLAGS;
            seen += 1;
            if size < ALIGNMENT || !size.is_multiple_of(ALIGNMENT) || seen > TOO_MANY {
                return None;
            }
            if head & IN_USE == 0 {
                free.push((chunk, size));
            }
            chunk = chunk.checked_add(size)?;
        }
        has_top |= chunk == top;
        if chunk >= end {
            return None;
        }
        segment = memory.field(segment, NEXT)?;
        seen += 1;
    }
    has_top.then_some(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: u32 = 512;

    /// A heap at 4096 with free chunks of 16, 48, 1,024 and 65,536 bytes, the second of them designated, between used ones.
    fn memory() -> Vec<u8> {
        let mut memory = vec![0x55; 131_072];
        memory[..4096].fill(0);
        let mut put =
            |address: u32, word: u32| memory[address as usize..][..4].copy_from_slice(&u32::to_le_bytes(word));
        let chunks = [
            (32, true),
            (16, false),
            (32, true),
            (48, false),
            (32, true),
            (1024, false),
            (32, true),
            (65536, false),
            (32, true),
        ];
        let (mut at, mut before) = (4104, BEFORE_IN_USE);
        let mut free = Vec::new();
        for (size, is_used) in chunks {
            put(at + HEAD, size | before | if is_used { IN_USE } else { 0 });
            before = if is_used { BEFORE_IN_USE } else { 0 };
            if !is_used {
                free.push(at);
            }
            at += size;
            if !is_used {
                put(at, size);
            }
        }
        put(at + HEAD, (131_072 - 40 - at) | BEFORE_IN_USE);
        for number in 0..BINS {
            let bin = STATE + SMALL_BINS + number * SMALL_BIN;
            let first = if number == 2 { free[0] } else { bin };
            put(bin + FORWARD, first);
            put(bin + BACK, first);
        }
        for pointer in [FORWARD, BACK] {
            put(free[0] + pointer, STATE + SMALL_BINS + 2 * SMALL_BIN);
        }
        for (chunk, number) in [(free[2], 4), (free[3], 16)] {
            put(STATE + TREE_BINS + number * 4, chunk);
            for (field, word) in [(FORWARD, chunk), (BACK, chunk), (16, 0), (20, 0), (24, 0), (28, number)] {
                put(chunk + field, word);
            }
        }
        let fields = [(SMALL_MAP, 1 << 2), (TREE_MAP, 1 << 4 | 1 << 16), (DESIGNATED, free[1]), (TOP, at)];
        for (field, word) in fields.into_iter().chain([(SEGMENT, 4096), (SEGMENT + SIZE, 131_072 - 4096)]) {
            put(STATE + field, word);
        }
        put(STATE + SEGMENT + NEXT, 0);
        memory
    }

    fn word(memory: &[u8], address: u32) -> u32 {
        Memory(memory).word(address).expect("it is in memory")
    }

    #[test]
    fn small_chunks_are_used_and_large_ones_are_left() {
        let mut memory = memory();
        let before = memory.clone();
        assert!(arrange(&mut memory));
        // The small ones, and what comes behind them.
        for (chunk, size) in [(4136, 16), (4232 + 32, 1024)] {
            assert_eq!(word(&memory, chunk + HEAD), size | BEFORE_IN_USE | IN_USE, "{chunk}");
            assert_eq!(word(&memory, chunk + size + HEAD), 32 | BEFORE_IN_USE | IN_USE, "{chunk}");
        }
        let (designated, large) = (4184, 4232 + 32 + 1024 + 32);
        assert_eq!(word(&memory, designated + HEAD), 48 | BEFORE_IN_USE);
        assert_eq!(word(&memory, large + HEAD), 65536 | BEFORE_IN_USE);
        let heap = Heap::find(Memory(&memory)).expect("it is as it should be");
        assert_eq!(heap.free, [(designated, 48), (large, 65536)]);
        assert_eq!(word(&memory, STATE + TREE_MAP), 1 << 16);
        // What is in use is as it was; what is free is zero.
        assert_eq!(memory[4112..4136], before[4112..4136]);
        assert_eq!(memory[4200..4232], [0; 32]);
        let rest = (large + 65536 + 32 + 16) as usize;
        assert!(memory[rest..131_072 - 40].iter().all(|byte| *byte == 0));
        assert_eq!(memory[131_072 - 40..], before[131_072 - 40..]);
        // Nothing is left to do.
        let again = memory.clone();
        assert!(arrange(&mut memory) && memory == again);
    }

    #[test]
    fn what_is_not_as_it_should_be_is_left_alone() {
        let good = memory();
        // A chunk that no list has, one that is listed and not free, sizes that lead elsewhere, a second allocator.
        for (address, value) in [
            (STATE + SMALL_MAP, 0),
            (STATE + DESIGNATED, 0),
            (STATE + TREE_BINS + 16, 0),
            (STATE + TREE_BINS + 20, 4136),
            (4104 + HEAD, 40 | 3),
            (4136 + HEAD, 16 | 3),
            (STATE + TOP, 4096),
            (STATE + SEGMENT + SIZE, 100),
            (STATE + SEGMENT + NEXT, STATE + SEGMENT),
        ] {
            let mut bad = good.clone();
            bad[address as usize..][..4].copy_from_slice(&u32::to_le_bytes(value));
            let before = bad.clone();
            assert!(!arrange(&mut bad), "{address} {value}");
            assert!(bad == before, "{address} {value}");
        }
        assert!(!arrange(&mut []) && !arrange(&mut [0; 4096]));
    }

    #[test]
    fn no_memory_makes_it_panic_or_go_on_without_end() {
        let good = memory();
        for at in (STATE as usize..STATE as usize + 480).chain(4096..4300).step_by(3) {
            for byte in [0, 1, 0x10, 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                arrange(&mut bad);
            }
            arrange(&mut good[..at].to_vec());
        }
    }
}
