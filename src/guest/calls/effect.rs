//! What a call reads and writes in the guest's memory, by the kinds of its arguments.

use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::call::offset;
use super::table::{Argument, EVENT, Function};

/// The size of a buffer's description in bytes: its address and its length.
const DESCRIPTION: usize = 8;

/// The most buffers of a call whose effect is known.
const MOST_BUFFERS: usize = 1024;

/// The places that a call writes to, in its order. They are found before the call, which may write over the descriptions of
/// its own buffers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Those that are written whole.
    fixed: Vec<Range<usize>>,
    /// Which of those tells how much of the others is written, and the bytes for each that it counts.
    count: Option<(usize, usize)>,
    /// Those that are written one after another as far as the bytes go.
    variable: Vec<Range<usize>>,
}

impl Places {
    /// The places that a call of `function` writes to; `None` where they cannot all be found.
    pub fn of(function: &Function, arguments: &[i64], memory: &[u8]) -> Option<Self> {
        let mut places = Self::default();
        let mut unit = 1;
        for (i, (argument, value)) in function.arguments.iter().zip(arguments).enumerate() {
            let start = address(*value);
            let length = || arguments.get(i + 1).copied().map(address);
            match argument {
                Argument::Output => places.variable.push(start..start.checked_add(length()?)?),
                Argument::Scatter => places.variable = buffers(memory, start, length()?)?.collect(),
                Argument::Events => {
                    unit = EVENT;
                    places.variable.push(start..start.checked_add(length()?.checked_mul(EVENT)?)?);
                }
                _ => {
                    if let Some(size) = argument.result_size() {
                        if *argument == Argument::Count {
                            places.count = Some((places.fixed.len(), unit));
                        }
                        places.fixed.push(start..start.checked_add(size)?);
                    }
                }
            }
        }
        Some(places)
    }

    /// Leaves out those that are written as far as the bytes go.
    pub fn without_variable(self) -> Self {
        Self { variable: Vec::new(), ..self }
    }

    /// What the call has written, in the order of [`Places::write`].
    pub fn read(&self, memory: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for place in &self.fixed {
            bytes.extend_from_slice(memory.get(place.clone())?);
        }
        let mut left = self.variable_size(&bytes)?;
        for place in &self.variable {
            let part = left.min(place.len());
            bytes.extend_from_slice(memory.get(place.start..place.start.checked_add(part)?)?);
            left -= part;
        }
        Some(bytes)
    }

    /// Writes what another call wrote. `None` where it does not fit; then memory may be written in part.
    pub fn write(&self, memory: &mut [u8], bytes: &[u8]) -> Option<()> {
        let size = self.fixed_size().checked_add(self.variable_size(bytes)?)?;
        if size != bytes.len() || self.variable_size(bytes)? > self.variable.iter().map(ExactSizeIterator::len).sum() {
            return None;
        }
        let (mut results, mut rest) = bytes.split_at_checked(self.fixed_size())?;
        // The results last: the guest may have placed them within its buffers.
        for place in &self.variable {
            let (part, after) = rest.split_at(rest.len().min(place.len()));
            memory.get_mut(place.start..place.start.checked_add(part.len())?)?.copy_from_slice(part);
            rest = after;
        }
        for place in &self.fixed {
            let (part, after) = results.split_at_checked(place.len())?;
            memory.get_mut(place.clone())?.copy_from_slice(part);
            results = after;
        }
        Some(())
    }

    fn fixed_size(&self) -> usize {
        self.fixed.iter().map(ExactSizeIterator::len).sum()
    }

    /// How many bytes are written to the variable places, by what is written to the others.
    fn variable_size(&self, results: &[u8]) -> Option<usize> {
        let Some((count, unit)) = self.count else {
            return Some(self.variable.iter().map(ExactSizeIterator::len).sum());
        };
        if self.variable.is_empty() {
            return Some(0);
        }
        let before: usize = self.fixed.iter().take(count).map(ExactSizeIterator::len).sum();
        let count = u32::from_le_bytes(*results.get(before..)?.first_chunk()?) as usize;
        count.checked_mul(unit)
    }
}

/// The size of the number of bytes or events in what a call tells, which comes first.
pub const COUNT_SIZE: usize = 4;

/// The number of bytes or events that a call tells, if it told one: the first four bytes of what it wrote.
pub fn count(told: &[u8]) -> usize {
    told.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}

/// What a call is given at addresses, one after another: paths, and hashes of what is sent.
pub fn inputs(function: &Function, arguments: &[i64], memory: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (i, (argument, value)) in function.arguments.iter().zip(arguments).enumerate() {
        if !matches!(argument, Argument::Input | Argument::Sent) {
            continue;
        }
        let start = address(*value);
        let given = memory.get(start..start.checked_add(address(*arguments.get(i + 1)?))?)?;
        match argument {
            Argument::Sent => bytes.extend_from_slice(&xxh3_64(given).to_le_bytes()),
            _ => bytes.extend_from_slice(given),
        }
    }
    Some(bytes)
}

/// A hash of the first `size` bytes that a call is given in buffers; `None` where they cannot all be found, or it is given
/// none.
pub fn gathered(function: &Function, arguments: &[i64], memory: &[u8], size: usize) -> Option<u64> {
    function.arguments.iter().find(|argument| **argument == Argument::Gather)?;
    let mut hasher = Xxh3::new();
    let mut left = size;
    for buffer in transferred(function, arguments, memory)? {
        let part = left.min(buffer.len());
        hasher.update(memory.get(buffer.start..buffer.start.checked_add(part)?)?);
        left -= part;
        if left == 0 {
            break;
        }
    }
    Some(hasher.digest())
}

/// The buffers that a call reads from or writes to.
pub fn transferred(
    function: &Function,
    arguments: &[i64],
    memory: &[u8],
) -> Option<impl Iterator<Item = Range<usize>>> {
    let is_buffers = |argument: &Argument| matches!(argument, Argument::Gather | Argument::Scatter);
    let at = function.arguments.iter().position(is_buffers)?;
    buffers(memory, address(*arguments.get(at)?), address(*arguments.get(at + 1)?))
}

/// The buffers that `count` descriptions at `start` describe.
fn buffers(memory: &[u8], start: usize, count: usize) -> Option<impl Iterator<Item = Range<usize>>> {
    if count > MOST_BUFFERS {
        return None;
    }
    let descriptions = memory.get(start..start.checked_add(count.checked_mul(DESCRIPTION)?)?)?;
    let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    Some(descriptions.chunks_exact(DESCRIPTION).map(move |description| {
        let (start, length) = description.split_at(4);
        word(start)..word(start).saturating_add(word(length))
    }))
}

/// An argument that is an address or a length.
fn address(value: i64) -> usize {
    // The table says that it is an `i32`.
    offset(value as i32)
}

#[cfg(test)]
mod tests {
    use super::super::table::FUNCTIONS;
    use super::*;

    fn function(name: &str) -> &'static Function {
        FUNCTIONS.iter().find(|function| function.name == name).expect("a function of WASI")
    }

    #[test]
    fn what_is_read_from_one_memory_is_written_to_another() {
        // Two descriptions of buffers at 0, of 3 bytes at 32 and 9 bytes at 40; 5 bytes were read.
        let mut memory = vec![0; 64];
        memory[..16].copy_from_slice(&[32, 0, 0, 0, 3, 0, 0, 0, 40, 0, 0, 0, 9, 0, 0, 0]);
        let arguments = [4, 0, 2, 16];
        let places = Places::of(function("fd_read"), &arguments, &memory).expect("they are in memory");
        let mut written = memory.clone();
        written[16] = 5;
        written[32..35].copy_from_slice(b"abc");
        written[40..43].copy_from_slice(b"dez");
        let told = places.read(&written).expect("they are in memory");
        assert_eq!(told, b"\x05\0\0\0abcde");
        places.write(&mut memory, &told).expect("it fits");
        written[42] = 0;
        assert_eq!(memory, written);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut memory = vec![0; 64];
        memory[..8].copy_from_slice(&[32, 0, 0, 0, 3, 0, 0, 0]);
        let places = Places::of(function("fd_read"), &[4, 0, 1, 16], &memory).expect("they are in memory");
        for told in [&b""[..], b"\x05\0\0\0abcde", b"\x02\0\0\0abc", b"\x03\0\0\0ab", b"\xff\xff\xff\xffabc"] {
            assert_eq!(places.write(&mut memory.clone(), told), None, "{told:?}");
        }
        let stat = function("fd_filestat_get");
        let places = Places::of(stat, &[4, 60], &memory).expect("an address may be any");
        assert_eq!(places.read(&memory), None);
        assert_eq!(places.write(&mut memory, &[0; 64]), None);
        assert_eq!(Places::of(function("fd_read"), &[4, 60, 2, 16], &memory), None);
        assert_eq!(Places::of(function("fd_read"), &[4, -8, 100_000_000, 16], &memory), None);
    }

    #[test]
    fn events_are_as_many_as_are_told() {
        let memory = vec![7; 4096];
        let places = Places::of(function("poll_oneoff"), &[0, 1024, 2, 4], &memory).expect("they are in memory");
        let mut memory = memory;
        memory[4..8].copy_from_slice(&1_u32.to_le_bytes());
        assert_eq!(places.read(&memory).map(|told| told.len()), Some(4 + EVENT));
    }

    #[test]
    fn paths_and_buffers_that_are_given_are_known() {
        let mut memory = vec![0; 64];
        memory[32..38].copy_from_slice(b"fromto");
        let rename = [3, 32, 4, 3, 36, 2];
        assert_eq!(inputs(function("path_rename"), &rename, &memory).as_deref(), Some(&b"fromto"[..]));
        assert_eq!(inputs(function("path_rename"), &[3, 62, 4, 3, 36, 2], &memory), None);
        // The URL and the method are known, and of the fields and the body, which is empty, their hashes.
        let req = [32, 4, 36, 2, 36, 2, 0, 0, 8, 12];
        let hashes = [xxh3_64(b"to").to_le_bytes(), xxh3_64(b"").to_le_bytes()].concat();
        let sent = [&b"fromto"[..], &hashes].concat();
        assert_eq!(inputs(function("req"), &req, &memory), Some(sent));
        assert_eq!(inputs(function("req"), &[32, 4, 36, 2, 36, 2, 62, 3, 8, 12], &memory), None);
        memory[..16].copy_from_slice(&[32, 0, 0, 0, 4, 0, 0, 0, 36, 0, 0, 0, 2, 0, 0, 0]);
        let write = function("fd_write");
        let whole = gathered(write, &[1, 0, 2, 20], &memory, 6);
        memory[8..16].fill(0);
        assert_ne!(gathered(write, &[1, 0, 2, 20], &memory, 6), whole);
        memory[4] = 6;
        assert_eq!(gathered(write, &[1, 0, 1, 20], &memory, 6), whole);
        memory[37] = b'x';
        assert_ne!(gathered(write, &[1, 0, 1, 20], &memory, 6), whole);
        assert_eq!(gathered(function("fd_close"), &[1], &memory, 0), None);
    }
}
