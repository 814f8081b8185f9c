//! Comparing objects that are at other places in two memories: word by word, where an address stands for what is there.

use std::collections::HashSet;

use super::graph::{Graph, Node, Places, Sort};
use crate::guest::cpython::heap;
use crate::guest::cpython::objects::Memory;

/// The size of a word.
const WORD: u32 = 4;

/// What the garbage collector has before an object, and that with what goes before it where attributes are kept apart.
const HEADS: [u32; 2] = [8, 16];

/// The objects of `ours` that hold something else than those with the same path in `theirs`. What is in dictionaries, lists,
/// sets, classes and functions is among the objects.
pub fn differing(ours: &Graph<'_>, theirs: &Graph<'_>, memories: [&[u8]; 2]) -> Vec<usize> {
    let [a, b] = memories;
    let starts = |graph: &Graph<'_>| graph.nodes.iter().map(|node| node.start).collect();
    let mut pair = Pair {
        memories: memories.map(Memory),
        graphs: [ours, theirs],
        starts: [starts(ours), starts(theirs)],
        places: [ours.places(a), theirs.places(b)],
        seen: HashSet::new(),
    };
    let mut found = Vec::new();
    for (number, other) in ours.pairs(theirs) {
        let nodes = ours.nodes.get(number).zip(other.and_then(|other| theirs.nodes.get(other)));
        let is_compared = |(mine, other): &(&Node<'_>, &Node<'_>)| {
            mine.sort == Sort::Other && mine.kind == other.kind && !is_value(mine)
        };
        let Some((mine, other)) = nodes.filter(is_compared) else { continue };
        let sizes = [mine, other].map(|node| node.range.end.saturating_sub(node.start));
        let starts = [mine.start, other.start].map(|start| u32::try_from(start).unwrap_or(0));
        // Before the type is how often it is referred to.
        if sizes[0] != sizes[1] || !pair.are_alike(starts, WORD, u32::try_from(sizes[0]).unwrap_or(0)) {
            found.push(number);
        }
    }
    found
}

/// Whether an object is its value, which is compared before. Some are made while objects are listed, and are in no memory.
fn is_value(node: &Node<'_>) -> bool {
    const VALUES: [&str; 8] = ["NoneType", "bool", "bytes", "complex", "float", "int", "range", "str"];
    VALUES.contains(&node.kind) && !node.value.is_empty()
}

/// Two memories that are compared.
struct Pair<'a> {
    memories: [Memory<'a>; 2],
    graphs: [&'a Graph<'a>; 2],
    /// Where objects are.
    starts: [HashSet<usize>; 2],
    places: [Places; 2],
    /// The blocks that were compared.
    seen: HashSet<[u32; 2]>,
}

impl Pair<'_> {
    /// Whether the bytes from `first` to `size` behind two addresses are alike.
    fn are_alike(&mut self, starts: [u32; 2], first: u32, size: u32) -> bool {
        let mut pending = vec![(starts, first, size)];
        while let Some(([a, b], first, size)) = pending.pop() {
            for offset in (first..size).step_by(WORD as usize) {
                // The rest of an object's memory may be less than a word.
                let length = WORD.min(size - offset);
                let [ours, theirs] = [(0, a), (1, b)]
                    .map(|(i, start): (usize, u32)| self.memories.get(i)?.bytes(start.checked_add(offset)?, length));
                let is_same = ours.is_some() && ours == theirs;
                let word = |bytes: Option<&[u8]>| Some(u32::from_le_bytes(*bytes?.first_chunk()?));
                let words = word(ours).zip(word(theirs)).map(|(ours, theirs)| [ours, theirs]);
                // What is at the same address may differ.
                match words.map_or(Pointers::Other, |words| self.compare_pointers(words)) {
                    Pointers::Other if is_same => {}
                    Pointers::Alike => {}
                    Pointers::Blocks(words, size) if self.seen.insert(words) => {
                        // How often an object is referred to is no state of who refers to it.
                        let is_object = self.memories.iter().zip(words).all(|(memory, word)| is_object(*memory, word));
                        pending.push((words, if is_object { WORD } else { 0 }, size));
                    }
                    Pointers::Blocks(..) => {}
                    Pointers::Other => return false,
                }
            }
        }
        true
    }

    fn compare_pointers(&self, words: [u32; 2]) -> Pointers {
        let [ours, theirs] = words;
        let [in_ours, in_theirs] = &self.starts;
        if in_ours.contains(&(ours as usize)) && in_theirs.contains(&(theirs as usize)) {
            return Pointers::Alike;
        }
        let block = |before: u32| {
            let size = |(memory, word): (&Memory<'_>, u32)| heap::block_size(*memory, word.checked_sub(before)?);
            let [first, second] = &self.memories;
            let (ours, theirs) = (size((first, ours))?, size((second, theirs))?);
            (ours == theirs).then(|| ours.saturating_sub(before))
        };
        if let Some(size) = block(0) {
            return Pointers::Blocks(words, size);
        }
        // What the collector knows and no name leads to is a dictionary of attributes, which are listed, or left out on purpose.
        if HEADS.into_iter().find_map(block).is_some() {
            return Pointers::Alike;
        }
        // Within an object.
        let offset = |i: usize, word: u32| {
            let graph = self.graphs.get(i)?;
            let holder = graph.nodes.get(graph.holder(self.places.get(i)?, word as usize)?)?;
            Some((word as usize).wrapping_sub(holder.start))
        };
        let offsets = offset(0, ours).zip(offset(1, theirs));
        if offsets.is_some_and(|(ours, theirs)| ours == theirs) { Pointers::Alike } else { Pointers::Other }
    }
}

/// Whether an object is at `address`: its type's type is `type`, whose type is itself.
fn is_object(memory: Memory<'_>, address: u32) -> bool {
    let type_of = |address: u32| {
        let bytes = memory.bytes(address.checked_add(WORD)?, WORD)?;
        Some(u32::from_le_bytes(*bytes.first_chunk()?)).filter(|kind| *kind != 0)
    };
    let kind = type_of(address).and_then(type_of);
    kind.is_some() && kind == kind.and_then(type_of)
}

/// What two words that differ are.
enum Pointers {
    /// Addresses of what is compared elsewhere.
    Alike,
    /// Addresses of memory of this size.
    Blocks([u32; 2], u32),
    /// No addresses, or of something else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object at 70,000 whose words are `words`, in a memory that has `block` in a block at `at`.
    fn memory(words: [u32; 2], at: usize, block: &[u8]) -> Vec<u8> {
        let mut memory = vec![0; 80_000];
        memory[at - 8..at].copy_from_slice(&[0, 0, 0, 8, b'm', 0xfd, 0xfd, 0xfd]);
        memory[at..at + 8].copy_from_slice(block);
        memory[at + 8..at + 12].copy_from_slice(&[0xfd; 4]);
        for (i, word) in [7, 66_000, words[0], words[1]].into_iter().enumerate() {
            memory[70_000 + i * 4..70_004 + i * 4].copy_from_slice(&word.to_le_bytes());
        }
        memory
    }

    #[test]
    fn what_addresses_lead_to_is_compared_and_not_the_addresses() {
        let list = "-1\tapp\tmodule\t-\t0\t0\t0\t\n0\t.a\tarray\t-\t70000\t70000\t70016\t\n";
        let graph = Graph::parse(list).expect("a list");
        let ours = memory([5, 72_008], 72_008, b"the time");
        let found = |theirs: &[u8]| differing(&graph, &graph, [&ours, theirs]);
        assert_eq!(found(&ours), [0; 0]);
        assert_eq!(found(&memory([5, 73_008], 73_008, b"the time")), [0; 0]);
        assert_eq!(found(&memory([5, 73_008], 73_008, b"another.")), [1]);
        assert_eq!(found(&memory([5, 72_008], 72_008, b"another.")), [1]);
        assert_eq!(found(&memory([6, 72_008], 72_008, b"the time")), [1]);
        // An address of nothing that is known, and a memory that ends before.
        assert_eq!(found(&memory([5, 74_000], 72_008, b"the time")), [1]);
        assert_eq!(found(&ours[..70_010]), [1]);
        // How often it is referred to is no difference.
        let mut more = ours.clone();
        more[70_000] = 9;
        assert_eq!(found(&more), [0; 0]);
    }
}
