//! What the allocator of wasi-libc, dlmalloc, keeps for itself: which memory is free, and how it finds it again.
//!
//! The names are those of dlmalloc's source. <https://gee.cs.oswego.edu/pub/misc/malloc.c>

use std::ops::Range;

use super::objects::Memory;

/// The unit in which memory is allocated, `MALLOC_ALIGNMENT`.
const ALIGNMENT: u32 = 16;

/// `malloc_chunk.head`, before which is the size of a free chunk before; what was allocated follows.
const HEAD: u32 = 4;
const CONTENT: u32 = 8;

/// `PYMEM_FORBIDDENBYTE`, of which four are behind a block, and three before it.
const FORBIDDEN: [u8; 4] = [0xfd; 4];

/// The size of what the debug hooks put before a block.
const MARK: u32 = 8;

/// The flags in a head: `FLAG_BITS`, and `CINUSE_BIT`, which is set where the chunk is in use.
const FLAGS: u32 = 7;
const IN_USE: u32 = 2;

/// What is in a `malloc_state` before the bins, and behind them: bins of large chunks, sizes, and the segment.
const BEFORE_BINS: u32 = 10 * 4;
const BEHIND_BINS: u32 = 32 * 4 + 10 * 4;

/// How many bins in a row are no chance.
const FEWEST_BINS: usize = 16;

/// The parts of memory that say which memory is free, and the free memory itself with what leads there. There are none where
/// Python's debug hooks are not on, by whose marks the heap is found. Where the stack was moved behind the initial memory, the
/// heap goes on behind it, at `second`, as a segment of its own.
pub fn unused(bytes: &[u8], second: usize) -> Vec<Range<usize>> {
    let memory = Memory(bytes);
    let Some(first) = first_block(memory).and_then(|block| block.checked_sub(CONTENT)) else { return Vec::new() };
    let mut parts = Vec::new();
    let next = |chunk: &u32| {
        let size = memory.word(chunk.checked_add(HEAD)?)? & !FLAGS;
        chunk
            .checked_add(size)
            .filter(|next| size >= ALIGNMENT && size.is_multiple_of(CONTENT) && *next as usize <= bytes.len())
    };
    let is_within = |chunk: &u32| (*chunk as usize) < bytes.len();
    let second = u32::try_from(second).ok().filter(|second| *second > first).and_then(|at| at.checked_add(CONTENT));
    let segments = std::iter::once(first).chain(second);
    let chunks = segments.flat_map(|start| std::iter::successors(Some(start), next).take_while(is_within));
    for chunk in chunks {
        let head = memory.word(chunk.saturating_add(HEAD)).unwrap_or(0);
        let is_free = head & IN_USE == 0;
        let end = next(&chunk).filter(|_| is_free).unwrap_or(chunk.saturating_add(CONTENT));
        parts.push(chunk as usize..end as usize);
    }
    // Variables that point to free memory: CPython's lists of objects for reuse, beyond what they have.
    let dangling = |word: u32| {
        // Most words are no addresses in the heap.
        word >= first && (word as usize) < bytes.len() && {
            let at = parts.partition_point(|part: &Range<usize>| part.start <= word as usize);
            at.checked_sub(1).and_then(|at| parts.get(at)).is_some_and(|part| part.contains(&(word as usize)))
        }
    };
    let words = bytes.as_chunks().0.iter().take(first as usize / 4).enumerate();
    let pointers = words.filter(|(_, word)| dangling(u32::from_le_bytes(**word))).map(|(i, _)| i * 4..i * 4 + 4);
    let pointers: Vec<_> = pointers.chain(state(memory, first)).collect();
    parts.extend(pointers);
    parts
}

/// The first block that was allocated by Python with its debug hooks on: its size, a letter, forbidden bytes on both sides
/// (Objects/obmalloc.c).
fn first_block(memory: Memory<'_>) -> Option<u32> {
    // The size and the letter are before the forbidden bytes.
    let marks = memchr::memmem::find_iter(memory.0, &FORBIDDEN[1..]);
    let mut starts = marks.filter_map(|at| u32::try_from(at).ok()?.checked_sub(5));
    starts.find(|start| {
        let is_chunk = *start != 0 && start.is_multiple_of(ALIGNMENT);
        is_chunk && block_size(memory, start.saturating_add(MARK)).is_some()
    })
}

/// The size of what Python allocated at `address` with its debug hooks on.
pub fn block_size(memory: Memory<'_>, address: u32) -> Option<u32> {
    let (size, mark) = memory.bytes(address.checked_sub(MARK)?, MARK)?.split_at_checked(4)?;
    let is_marked = mark.starts_with(b"r") || mark.starts_with(b"m") || mark.starts_with(b"o");
    let size = u32::from_be_bytes(*size.first_chunk()?);
    let is_block =
        is_marked && mark.ends_with(&FORBIDDEN[1..]) && memory.bytes(address.checked_add(size)?, 4)? == FORBIDDEN;
    is_block.then_some(size)
}

/// The allocator's own variables, `_gm_`, which are below the heap: found by the bins, each the head of a ring of free chunks
/// or of itself.
fn state(memory: Memory<'_>, heap: u32) -> Option<Range<usize>> {
    /// `malloc_chunk.fd` and `malloc_chunk.bk`
    const FORWARD: u32 = 8;
    const BACK: u32 = 12;
    let is_bin = |bin: u32| {
        let (forward, back) = (memory.field(bin, FORWARD)?, memory.field(bin, BACK)?);
        (memory.field(forward, BACK)? == bin && memory.field(back, FORWARD)? == bin).then_some(())
    };
    let bins = |from: u32| (from..heap).step_by(CONTENT as usize).take_while(|bin| is_bin(*bin).is_some()).count();
    // Pointers are not null.
    let pointers = memory.0.as_chunks().0.iter().enumerate().filter(|(_, word)| !matches!(word, [0, 0, 0, 0]));
    let places = pointers.filter_map(|(i, _)| u32::try_from(i * 4).ok()?.checked_sub(FORWARD));
    let mut places = places.take_while(|bin| *bin < heap).filter(|bin| *bin >= 4);
    let first = places.find(|bin| bins(*bin) >= FEWEST_BINS)?;
    let end = first.checked_add(u32::try_from(bins(first)).ok()?.checked_mul(CONTENT)?)?;
    Some(first.saturating_sub(BEFORE_BINS) as usize..end.checked_add(CONTENT + BEHIND_BINS)? as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state with bins at 1048, and from 4096 on: a chunk that Python uses, a free one, one that C uses, and the rest.
    fn memory() -> Vec<u8> {
        let mut memory = vec![0; 8192];
        let mut put = |address: usize, word: u32| memory[address..address + 4].copy_from_slice(&word.to_le_bytes());
        for bin in 1..33_u32 {
            let filled = [4136, 4136];
            let own = 1048 + (bin - 1) * 8;
            let words = if bin == 2 { filled } else { [own; 2] };
            put(1048 + bin as usize * 8, words[0]);
            put(1048 + bin as usize * 8 + 4, words[1]);
        }
        // The free chunk, in the ring of its bin.
        put(4144, 1056);
        put(4148, 1056);
        for (chunk, head) in [(4104, 32 | 3), (4136, 48 | 1), (4184, 32 | 2), (4216, 3976 | 1)] {
            put(chunk + 4, head);
        }
        memory[4112..4120].copy_from_slice(&[0, 0, 0, 8, b'o', 0xfd, 0xfd, 0xfd]);
        memory[4128..4132].copy_from_slice(&[0xfd; 4]);
        memory
    }

    #[test]
    fn what_is_free_is_told_from_what_is_in_use() {
        let mut memory = memory();
        // A pointer to the free chunk, and one to the chunk that C uses.
        memory[800..804].copy_from_slice(&4150_u32.to_le_bytes());
        memory[804..808].copy_from_slice(&4200_u32.to_le_bytes());
        let parts = unused(&memory, 0);
        let (bins, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.len() == 4 && part.start > 1000);
        assert_eq!(others, [4104..4112, 4136..4184, 4184..4192, 4216..8192, 800..804, 1008..1480]);
        assert_eq!(bins, [1064..1068, 1068..1072]);
    }

    #[test]
    fn a_heap_in_two_segments_is_followed_from_one_to_the_other() {
        let mut memory = memory();
        // The first ends with a fence post; the second has a free chunk and one in use.
        for (chunk, head) in [(4216, 7), (6152, 64 | 1), (6216, 1976 | 2)] {
            memory[chunk + 4..chunk + 8].copy_from_slice(&u32::to_le_bytes(head));
        }
        let parts = unused(&memory, 6144);
        assert_eq!(parts[..6], [4104..4112, 4136..4184, 4184..4192, 4216..4224, 6152..6216, 6216..6224]);
        assert_eq!(unused(&memory, 0)[..4], parts[..4]);
    }

    #[test]
    fn no_memory_makes_it_panic_or_go_on_without_end() {
        let good = memory();
        for at in (1000..1500).chain(4096..4240) {
            for byte in [0, 1, 0x10, 0xfd, 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                unused(&bad, 6144);
                unused(&bad[..at], 6144);
            }
        }
        assert_eq!(unused(&[0xfd; 4096], 0), [0..0; 0]);
        assert_eq!(unused(&[], 0), [0..0; 0]);
    }
}
