//! What of two interpreters differs, by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::compare;
use super::graph::{Graph, Node};
use super::moved;

/// Where more bytes differ, most objects are at other places: then they are compared by name.
const MOST_BYTES: usize = 50_000;

/// The longest value that is shown, in characters.
const LONGEST_VALUE: usize = 100;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value is another each time.
    Value([String; 2]),
    /// Something within an object of this type is another each time.
    State(String),
    /// So many bytes that no name leads to are others each time.
    Unnamed(usize),
    /// Loading it does something with a file.
    File(String),
    /// It cannot be loaded.
    NotLoaded(String),
}

/// Why a module cannot be part of a saved interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The module.
    pub module: String,
    /// The attribute and what leads from there to what differs; empty for the module itself.
    pub attribute: String,
    /// What is wrong.
    pub kind: Kind,
    /// Further attributes within the first one that differ.
    pub more: usize,
    /// The lines, as `file:line`, that looked at the clock or drew random bytes.
    pub places: Vec<String>,
}

impl Finding {
    /// A finding of a module, without a line.
    pub fn of(module: &str, attribute: &str, kind: Kind) -> Self {
        Self { module: module.to_owned(), attribute: attribute.to_owned(), kind, more: 0, places: Vec::new() }
    }

    /// The finding with the second value first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        if let Kind::Value(values) = &mut self.kind {
            values.reverse();
        }
        self
    }
}

/// What is wrong, without the lines.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, kind, .. } = self;
        let name = self.name();
        match kind {
            Kind::Value(_) => write!(f, "{name} is another each time{}", self.values())?,
            Kind::State(kind) => write!(f, "{name}, a {kind}, holds something else each time")?,
            Kind::Unnamed(1) => f.write_str("a byte of memory that no name leads to is another each time")?,
            Kind::Unnamed(n) => write!(f, "{n} bytes of memory that no name leads to are others each time")?,
            Kind::File(what) => write!(f, "{module} {what} while it is loaded")?,
            Kind::NotLoaded(why) => write!(f, "{module} cannot be loaded before a request: {why}")?,
        }
        if self.more > 0 { write!(f, " (and {} more in it)", self.more) } else { Ok(()) }
    }
}

impl Finding {
    /// The module and its attribute.
    pub fn name(&self) -> String {
        let Self { module, attribute, .. } = self;
        let dot = if attribute.is_empty() || attribute.starts_with(['[', '<', '{']) { "" } else { "." };
        format!("{module}{dot}{attribute}")
    }

    /// The two values that it has, if it has values: `: ONE | OTHER`.
    pub fn values(&self) -> String {
        match &self.kind {
            Kind::Value([ours, theirs]) => format!(": {} | {}", cut(ours), cut(theirs)),
            _ => String::new(),
        }
    }

    /// Why its module is not loaded early, in one line.
    pub fn reason(&self) -> String {
        match (&self.kind, self.places.first()) {
            (Kind::NotLoaded(why), _) => why.clone(),
            (_, Some(place)) => format!("{self} ({place})"),
            (_, None) => self.to_string(),
        }
    }
}

fn cut(value: &str) -> String {
    if value.chars().count() <= LONGEST_VALUE {
        return value.to_owned();
    }
    value.chars().take(LONGEST_VALUE).chain("...".chars()).collect()
}

/// Names what differs. `ranges` are where the first of the `memories` differs from the second, `others` where it does so only
/// in memory that is free in the first.
pub fn name(
    ours: &Graph<'_>,
    theirs: &Graph<'_>,
    memories: [&[u8]; 2],
    ranges: &[Range<usize>],
    others: &[Range<usize>],
) -> Vec<Finding> {
    let [memory, other] = memories;
    let mut names = Names { graph: ours, differing: BTreeSet::new(), leading: BTreeSet::new(), found: Vec::new() };
    let mut has_moved = false;
    for (node, other) in ours.pairs(theirs) {
        let (Some(mine), other) = (ours.nodes.get(node), other.and_then(|other| theirs.nodes.get(other))) else {
            continue;
        };
        match other {
            Some(other) if other.value == mine.value && other.kind == mine.kind => {
                // What leads to an object elsewhere differs by its address.
                if other.range != mine.range {
                    has_moved = true;
                    names.leading.extend(ours.way(node));
                }
            }
            _ if names.is_within(node) => {}
            Some(other) => names.add(node, Kind::Value([mine.shown(), other.shown()])),
            None => names.add(node, Kind::Value([mine.shown(), "nothing".to_owned()])),
        }
    }
    if compare::size(ranges) <= MOST_BYTES {
        let places = ours.places(memory);
        let mut unnamed: Vec<&Range<usize>> = Vec::new();
        for range in ranges {
            let holder = ours.holder(&places, range.start);
            match holder.and_then(|node| Some((node, ours.nodes.get(node)?))) {
                None => unnamed.push(range),
                Some((node, holder)) => {
                    let range = &used(range, holder, memory);
                    if range.is_empty() {
                        continue;
                    }
                    // The items of a list may be elsewhere in the other, while the list is not.
                    let mine = items(holder, memory).filter(|items| items.contains(&range.start));
                    if mine.is_some_and(|mine| items(holder, other).is_none_or(|theirs| theirs.start != mine.start)) {
                        continue;
                    }
                    // Where objects have moved, what points to them differs, too.
                    let is_pointer = has_moved && are_pointers(memory, range);
                    if !is_pointer
                        && !holder.is_count(range)
                        && !names.leading.contains(&node)
                        && !names.is_within(node)
                    {
                        names.add(node, Kind::State(holder.kind.to_owned()));
                    }
                }
            }
        }
        let mut places: Vec<_> = unnamed.iter().copied().chain(others).collect();
        places.sort_by_key(|range| range.start);
        let is_kept = !has_moved && !is_rearranged(memory, other, &places);
        if is_kept && names.found.is_empty() {
            return vec![Finding::of("", "", Kind::Unnamed(unnamed.iter().map(|range| range.len()).sum()))];
        }
    }
    // Values were the same, but not all state has one.
    if names.found.is_empty() && compare::size(ranges) > MOST_BYTES {
        for node in moved::differing(ours, theirs, memories) {
            if let Some(holder) = ours.nodes.get(node) {
                names.add(node, Kind::State(holder.kind.to_owned()));
            }
        }
    }
    names.grouped()
}

/// The part of `range` that the holder uses: after the items of a list there is room for more, which holds what was there
/// before.
fn used(range: &Range<usize>, holder: &Node<'_>, memory: &[u8]) -> Range<usize> {
    match items(holder, memory) {
        Some(items) if range.start >= items.start => range.start..range.end.min(items.end),
        _ => range.clone(),
    }
}

/// Where the items of a list are, of which there is room for more.
fn items(holder: &Node<'_>, memory: &[u8]) -> Option<Range<usize>> {
    let field = |from_end: usize| {
        let at = holder.range.end.checked_sub(from_end)?;
        Some(u32::from_le_bytes(*memory.get(at..)?.first_chunk()?) as usize)
    };
    // `ob_size`, `ob_item` and `allocated` are its last fields.
    let (size, start) = (field(12)?, field(8)?);
    (holder.kind == "list").then(|| start..size.saturating_mul(4).saturating_add(start))
}

/// The words in these bytes.
fn words<'a>(memory: &'a [u8], range: &Range<usize>) -> impl Iterator<Item = u32> + use<'a> {
    let places = (range.start / 4 * 4..range.end).step_by(4);
    places.map_while(|at| Some(u32::from_le_bytes(*memory.get(at..)?.first_chunk()?)))
}

fn is_pointer(memory: &[u8], word: u32) -> bool {
    /// No object is before this address, where small numbers are.
    const FIRST: usize = 65536;
    (FIRST..memory.len()).contains(&(word as usize))
}

/// Whether the words in these bytes could all be addresses.
fn are_pointers(memory: &[u8], range: &Range<usize>) -> bool {
    range.end <= memory.len() && words(memory, range).all(|word| is_pointer(memory, word))
}

/// Whether both memories have the same in these ranges, but for addresses, elsewhere: objects that are made in the same order
/// may get each other's place, by what was freed before. A time or random bytes are not in the other memory.
fn is_rearranged(memory: &[u8], other: &[u8], ranges: &[&Range<usize>]) -> bool {
    let content = |memory: &[u8]| {
        let mut ends = 0;
        let mut content = Vec::new();
        for range in ranges {
            // A word that the last range ended in is not counted again.
            let range = range.start.max(ends)..range.end;
            ends = range.end.next_multiple_of(4);
            content.extend(words(memory, &range).filter(|word| !is_pointer(memory, *word) && !is_filling(*word)));
        }
        content.sort_unstable();
        content
    };
    content(memory) == content(other)
}

/// Whether a word is what the debugging allocator puts around blocks and into free ones, or zero: what is there beside a
/// block that is smaller than its place.
fn is_filling(word: u32) -> bool {
    word.to_le_bytes().iter().all(|byte| [0, 0xcd, 0xdd, 0xfd].contains(byte))
}

struct Names<'a> {
    graph: &'a Graph<'a>,
    /// What differs.
    differing: BTreeSet<usize>,
    /// What leads to what differs.
    leading: BTreeSet<usize>,
    found: Vec<Finding>,
}

impl Names<'_> {
    fn is_within(&self, node: usize) -> bool {
        self.graph.way(node).any(|node| self.differing.contains(&node))
    }

    fn add(&mut self, node: usize, kind: Kind) {
        self.differing.insert(node);
        self.leading.extend(self.graph.way(node));
        if let Some((module, path)) = self.graph.path(node) {
            self.found.push(Finding::of(module, path.trim_start_matches('.'), kind));
        }
    }

    /// One finding for each attribute of a module: the one that the shortest way leads to.
    fn grouped(self) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut kept: Vec<Finding> = Vec::new();
        for finding in self.found {
            let first = finding.attribute.split(['.', '[', '<', '{']).next().unwrap_or_default().to_owned();
            match groups.get(&(finding.module.clone(), first.clone())).and_then(|i| kept.get_mut(*i)) {
                Some(kept) => kept.more += 1,
                None => {
                    groups.insert((finding.module.clone(), first), kept.len());
                    kept.push(finding);
                }
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(value: &str, set: &str) -> String {
        format!(
            "-1\tapp\tmodule\t-\t84\t100\t140\t\n0\t.START\tfloat\t-\t200\t200\t216\t{value}\n0\t.made\tset\ts\t284\t300\t320\t{set}\n\
             0\t.count\tcount\t-\t400\t400\t420\t\n0\t.make\tfunction\tf\t484\t500\t520\t\n"
        )
    }

    fn found(theirs: &str, ranges: &[(usize, usize)]) -> Vec<(String, Kind)> {
        let ours = list("1.5", "{'a'}");
        let (ours, theirs) = (Graph::parse(&ours).expect("a list"), Graph::parse(theirs).expect("a list"));
        let ranges: Vec<_> = ranges.iter().map(|(start, end)| *start..*end).collect();
        let found = name(&ours, &theirs, [&[0; 1024], &[1; 1024]], &ranges, &[]);
        assert!(found.iter().all(|finding| finding.module == "app" || finding.attribute.is_empty()));
        found.into_iter().map(|finding| (finding.attribute, finding.kind)).collect()
    }

    #[test]
    fn items_of_a_list_that_are_elsewhere_in_the_other_are_no_finding() {
        let text = "-1\tapp\tmodule\t-\t84\t100\t140\t\n0\t.all\tlist\tl\t184\t200\t220\t['a']\n";
        // `ob_size`, `ob_item` and `allocated` end the list.
        let memory = |items: u32| {
            let mut memory = vec![0_u8; 1024];
            for (at, word) in [(208, 1), (212, items), (216, 4)] {
                memory[at..at + 4].copy_from_slice(&u32::to_le_bytes(word));
            }
            memory
        };
        let found = |theirs: u32| {
            let (ours, other) = (Graph::parse(text).expect("a list"), Graph::parse(text).expect("a list"));
            let memories = [memory(300), memory(theirs)];
            let memories = [&memories[0][..], &memories[1]];
            name(&ours, &other, memories, std::slice::from_ref(&(300..304)), &[]).len()
        };
        assert_eq!((found(300), found(600)), (1, 0));
    }

    #[test]
    fn values_that_differ_are_named_and_bytes_that_no_value_shows() {
        let same = list("1.5", "{'a'}");
        let values = |a: &str, b: &str| Kind::Value([a.to_owned(), b.to_owned()]);
        assert_eq!(found(&same, &[]), []);
        assert_eq!(found(&list("2.5", "{'a'}"), &[(208, 216)]), [("START".to_owned(), values("1.5", "2.5"))]);
        assert_eq!(found(&same, &[(404, 408)]), [("count".to_owned(), Kind::State("count".to_owned()))]);
        // Functions count their changes.
        assert_eq!(found(&same, &[(504, 508)]), []);
        // So does what refers to an object.
        assert_eq!(found(&same, &[(400, 401)]), []);
        assert_eq!(found(&same, &[(900, 908), (920, 921)]), [(String::new(), Kind::Unnamed(9))]);
        // What lies elsewhere is the same.
        let mut memories = [[0; 1024], [0; 1024]];
        memories[0][900] = 7;
        memories[1][920] = 7;
        let graph = Graph::parse(&same).expect("a list");
        let memories = [&memories[0][..], &memories[1]];
        let both = [900..901, 920..921];
        assert_eq!(name(&graph, &graph, memories, &both, &[]), []);
        // Also where one of the places is free.
        assert_eq!(name(&graph, &graph, memories, &both[..1], &both[1..]), []);
        assert_eq!(name(&graph, &graph, memories, &both[..1], &[]).len(), 1);
        // Where the set has moved, what points to it differs, and nothing that no name leads to is told.
        let moved = same.replace("300\t320", "600\t620");
        assert_eq!(
            found(&moved, &[(284, 320), (408, 412), (900, 908)]),
            [("count".to_owned(), Kind::State("count".to_owned()))]
        );
        let shorter = same.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
        let gone = found(&shorter, &[(0, MOST_BYTES + 1)]);
        assert_eq!(gone.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["made", "count", "make"]);
        assert_eq!(gone[0].1, values("{'a'}", "nothing"));
    }
}
