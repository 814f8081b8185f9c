//! The objects of an interpreter, as `walk.py` lists them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::guest::cpython::layout;
use crate::guest::cpython::objects::Memory;

/// How much of each end of the way from a module to an object is spelled out.
const PATH_ENDS: usize = 12;

/// What Python's debug hooks fill memory with that is given up.
const GIVEN_UP: u32 = 0xdddd_dddd;

/// The size of `PyObject.ob_refcnt`, with which an object begins.
const REFERENCE_COUNT: usize = 4;

/// What kind of container an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A `dict`, a class, a function or a weak reference: what is in it is listed, and it counts its changes, or keeps the
    /// hash of what it refers to.
    Counting,
    /// A list, by which its items are found.
    List,
    /// A set, by which its table is found.
    Set,
    /// Any other object.
    Other,
}

/// An object, at one of the places that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    parent: Option<usize>,
    label: &'a str,
    /// The name of its type.
    pub kind: &'a str,
    /// What kind of container it is.
    pub sort: Sort,
    is_dictionary: bool,
    /// Where it is in memory, with what the garbage collector has before it.
    pub range: Range<usize>,
    /// Where the object itself begins.
    pub start: usize,
    /// Its value; empty where it is what is in it, or cannot be told.
    pub value: &'a str,
}

/// All objects that modules lead to.
#[derive(Debug, Default)]
pub struct Graph<'a> {
    /// In the order of the list.
    pub nodes: Vec<Node<'a>>,
}

impl<'a> Graph<'a> {
    /// Reads the list. `None` where it is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let nodes = text.lines().enumerate().map(|(i, line)| Node::parse(line, i)).collect::<Option<Vec<_>>>()?;
        Some(Self { nodes })
    }

    /// An object and those that lead to it, back to a module.
    pub fn way(&self, node: usize) -> impl Iterator<Item = usize> {
        // Each is listed after the one that leads to it.
        std::iter::successors(Some(node), |number| self.nodes.get(*number)?.parent)
    }

    /// The name of the module that leads to an object, and the way from there.
    pub fn path(&self, node: usize) -> Option<(&'a str, String)> {
        let mut labels =
            self.way(node).map(|number| Some(self.nodes.get(number)?.label)).collect::<Option<Vec<_>>>()?;
        let module = labels.pop()?;
        if labels.len() > 2 * PATH_ENDS {
            labels.splice(PATH_ENDS..labels.len() - PATH_ENDS, ["..."]);
        }
        labels.reverse();
        Some((module, labels.concat()))
    }

    /// The objects of this graph and of `other` that have the same path, by number. Where the second is missing, `other` has
    /// no such object.
    pub fn pairs(&self, other: &Self) -> Vec<(usize, Option<usize>)> {
        let same = |(ours, theirs): (&Node<'_>, &Node<'_>)| ours.parent == theirs.parent && ours.label == theirs.label;
        if self.nodes.len() == other.nodes.len() && self.nodes.iter().zip(&other.nodes).all(same) {
            return (0..self.nodes.len()).map(|i| (i, Some(i))).collect();
        }
        let mut theirs = HashMap::new();
        let keys = other.keys();
        for (i, key) in keys.iter().enumerate() {
            theirs.entry(*key).or_insert(i);
        }
        self.keys().iter().enumerate().map(|(i, key)| (i, theirs.get(key).copied())).collect()
    }

    /// A hash of the path of each object; of those with the same path, of the number in their order as well.
    fn keys(&self) -> Vec<u64> {
        fn hash(thing: impl Hash) -> u64 {
            let mut hasher = DefaultHasher::new();
            thing.hash(&mut hasher);
            hasher.finish()
        }
        let mut keys: Vec<u64> = Vec::with_capacity(self.nodes.len());
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        for node in &self.nodes {
            let path = hash((node.parent.and_then(|parent| keys.get(parent)), node.label));
            let number = numbers.entry(path).or_default();
            keys.push(hash((path, *number)));
            *number += 1;
        }
        keys
    }

    /// What holds an address: the smallest object there.
    pub fn holder(&self, places: &Places, address: usize) -> Option<usize> {
        let after = places.sorted.partition_point(|(start, ..)| *start <= address);
        let before = places.sorted.get(..after)?.iter().rev();
        let near = before.take_while(|(start, ..)| address - start <= places.longest);
        near.filter(|(_, end, _)| address < *end).min_by_key(|(start, end, _)| end - start).map(|(.., node)| *node)
    }

    /// Where the objects are in `memory`, with the tables of lists, sets and dictionaries.
    pub fn places(&self, memory: &[u8]) -> Places {
        let memory = Memory(memory);
        let mut sorted = Vec::with_capacity(self.nodes.len() * 2);
        for (i, node) in self.nodes.iter().enumerate() {
            // Made while objects were listed.
            if u32::try_from(node.start).ok().and_then(|start| memory.type_of(start)) == Some(GIVEN_UP) {
                continue;
            }
            sorted.push((node.range.start, node.range.end, i));
            if let Some(table) = node.table(memory) {
                sorted.push((table.start, table.end, i));
            }
        }
        sorted.sort_unstable();
        sorted.dedup();
        let longest = sorted.iter().map(|(start, end, _)| end - start).max().unwrap_or(0);
        Places { sorted, longest }
    }
}

/// Where objects are: start, end, number; by start.
#[derive(Debug)]
pub struct Places {
    sorted: Vec<(usize, usize, usize)>,
    longest: usize,
}

impl<'a> Node<'a> {
    fn parse(line: &'a str, number: usize) -> Option<Self> {
        let mut fields = line.splitn(8, '\t');
        let parent: i64 = fields.next()?.parse().ok()?;
        let parent = if parent < 0 { None } else { Some(usize::try_from(parent).ok().filter(|n| *n < number)?) };
        let (label, kind, sort) = (fields.next()?, fields.next()?, fields.next()?);
        let mut number = || fields.next()?.parse().ok();
        let (head, start, end): (usize, usize, usize) = (number()?, number()?, number()?);
        let value = fields.next()?;
        let is_dictionary = sort == "d";
        let sort = match sort {
            "d" | "c" | "f" | "b" | "w" => Sort::Counting,
            "l" => Sort::List,
            "s" => Sort::Set,
            _ => Sort::Other,
        };
        Some(Self { parent, label, kind, sort, is_dictionary, range: head..end, start, value })
    }

    /// Its value, or its type where there is none.
    pub fn shown(&self) -> String {
        if self.value.is_empty() { format!("<{}>", self.kind) } else { self.value.to_owned() }
    }

    /// Whether these bytes of it mean nothing: how often it is referred to, or, of a kind of object that is listed with all
    /// that is in it, how often it was changed or called.
    pub fn is_count(&self, bytes: &Range<usize>) -> bool {
        let references = self.start..self.start + REFERENCE_COUNT;
        self.sort == Sort::Counting || (references.start <= bytes.start && bytes.end <= references.end)
    }

    /// The table that belongs to the object.
    fn table(&self, memory: Memory<'_>) -> Option<Range<usize>> {
        let object = u32::try_from(self.start).ok()?;
        let field = |offset| memory.field(object, offset);
        let (start, size) = match self.sort {
            Sort::List => (field(layout::LIST_ITEMS)?, field(layout::LIST_ALLOCATED)?.checked_mul(4)?),
            Sort::Set => {
                let entries = field(layout::SET_MASK)?.checked_add(1)?;
                (field(layout::SET_TABLE)?, entries.checked_mul(layout::SET_ENTRY)?)
            }
            Sort::Counting if self.is_dictionary => {
                let keys = field(layout::DICT_KEYS)?;
                let byte = |offset| memory.byte(keys, offset).map(u32::from);
                let (log2_size, log2_indices) = (byte(layout::KEYS_LOG2_SIZE)?, byte(layout::KEYS_LOG2_INDEX_BYTES)?);
                let entry = layout::KEYS_ENTRIES[usize::from(byte(layout::KEYS_KIND)? != 0)];
                let usable = 2_u32.checked_shl(log2_size)? / 3;
                let entries = usable.checked_mul(entry)?.checked_add(1_u32.checked_shl(log2_indices)?)?;
                (keys, entries.checked_add(layout::KEYS_INDICES)?)
            }
            _ => return None,
        };
        memory.bytes(start, size)?;
        (start != 0).then(|| start as usize..(start + size) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "-1\tapp\tmodule\t-\t84\t100\t140\t\n\
        0\t.START\tfloat\t-\t200\t200\t216\t1.5\n\
        0\t.names\tlist\tl\t284\t300\t320\t\n\
        2\t[0]\tstr\t-\t400\t400\t420\t'x'\n";

    #[test]
    fn an_object_is_named_by_the_way_from_its_module() {
        let graph = Graph::parse(LIST).expect("a list");
        assert_eq!(graph.path(1), Some(("app", ".START".to_owned())));
        assert_eq!(graph.path(3), Some(("app", ".names[0]".to_owned())));
        assert_eq!(graph.path(9), None);
        assert_eq!(graph.nodes[1].value, "1.5");
    }

    #[test]
    fn an_address_is_found_in_an_object_or_in_its_table() {
        let graph = Graph::parse(LIST).expect("a list");
        let mut memory = vec![0; 1024];
        memory[312..316].copy_from_slice(&600_u32.to_le_bytes());
        memory[316..320].copy_from_slice(&2_u32.to_le_bytes());
        let places = graph.places(&memory);
        for (address, holder) in [
            (100, Some(0)),
            (210, Some(1)),
            (216, None),
            (284, Some(2)),
            (600, Some(2)),
            (607, Some(2)),
            (608, None),
            (0, None),
        ] {
            assert_eq!(graph.holder(&places, address), holder, "{address}");
        }
        // What was given up holds nothing.
        memory[200..216].fill(0xdd);
        assert_eq!(graph.holder(&graph.places(&memory), 210), None);
    }

    #[test]
    fn graphs_of_other_shapes_are_compared_by_path() {
        let graph = Graph::parse(LIST).expect("a list");
        let other = "-1\tapp\tmodule\t-\t1\t1\t2\t\n0\t.names\tlist\tl\t1\t1\t2\t\n1\t[0]\tstr\t-\t1\t1\t2\t'y'\n";
        let other = Graph::parse(other).expect("a list");
        assert_eq!(graph.pairs(&other), [(0, Some(0)), (1, None), (2, Some(1)), (3, Some(2))]);
        assert_eq!(graph.pairs(&graph), [(0, Some(0)), (1, Some(1)), (2, Some(2)), (3, Some(3))]);
    }

    #[test]
    fn what_is_no_list_is_not_read_as_one() {
        for bad in ["x", "0\ta\tb\t-\t1\t1\t2\t", "5\ta\tb\t-\t1\t1\t2\t", "-1\ta\tb\t-\tx\t1\t2\t", "-1\ta\tb\t-\t1"] {
            assert!(Graph::parse(bad).is_none(), "{bad}");
        }
        assert!(Graph::parse("").is_some_and(|graph| graph.nodes.is_empty()));
        // Sizes that are no sizes.
        let text = "-1\ta\tdict\td\t0\t0\t8\t\n-1\tb\tset\ts\t4294967290\t4294967290\t4294967295\t\n-1\tc\tlist\tl\t0\t0\t0\t\n";
        let graph = Graph::parse(text).expect("a list");
        for byte in [0, 1, 0x7f, 0xff] {
            let places = graph.places(&[byte; 256]);
            graph.holder(&places, 100);
        }
    }
}
