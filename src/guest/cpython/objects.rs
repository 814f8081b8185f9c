//! Reading words, bytes and text objects.

use super::layout::{self, Layout};

/// The most characters of a text that are read.
const LONGEST_TEXT: u32 = 4096;

/// A guest's memory.
#[derive(Clone, Copy)]
pub struct Memory<'a>(pub &'a [u8]);

impl<'a> Memory<'a> {
    /// The 32-bit word at `address`.
    pub fn word(self, address: u32) -> Option<u32> {
        Some(u32::from_le_bytes(*self.0.get(address as usize..)?.first_chunk()?))
    }

    /// The word `offset` bytes into the structure at `address`, which is not null.
    pub fn field(self, address: u32, offset: u32) -> Option<u32> {
        self.word(address.checked_add(offset).filter(|_| address != 0)?)
    }

    /// The addresses at which this word is, multiples of its size, in order.
    pub fn addresses_of(self, word: u32) -> impl Iterator<Item = u32> {
        let pattern = word.to_le_bytes();
        let mut from = 0;
        let found = move || {
            let at = from + memchr::memmem::find(self.0.get(from..)?, &pattern)?;
            // Where a place is no multiple, the word may begin within it.
            from = at + 1;
            Some(at)
        };
        let aligned = std::iter::from_fn(found).filter(|at| at.is_multiple_of(size_of::<u32>()));
        aligned.filter_map(|at| u32::try_from(at).ok())
    }

    /// The byte `offset` bytes into the structure at `address`.
    pub fn byte(self, address: u32, offset: u32) -> Option<u8> {
        self.0.get(address.checked_add(offset)? as usize).copied()
    }

    /// `size` bytes from `address` on.
    pub fn bytes(self, address: u32, size: u32) -> Option<&'a [u8]> {
        self.0.get(address as usize..address.checked_add(size)? as usize)
    }

    /// The type of the object at `address`.
    pub fn type_of(self, address: u32) -> Option<u32> {
        self.field(address, layout::OBJECT_TYPE)
    }

    /// The content of the bytes object at `address`.
    pub fn bytes_object(self, address: u32) -> Option<&'a [u8]> {
        let size = self.field(address, layout::VARIABLE_SIZE)?;
        self.bytes(address.checked_add(layout::BYTES_DATA)?, size)
    }

    /// The text of the string object at `address`, as far as [`LONGEST_TEXT`].
    pub fn text(self, layout: &Layout, address: u32) -> Option<String> {
        let length = self.field(address, layout::TEXT_LENGTH)?.min(LONGEST_TEXT);
        // `interned`, two bits; `kind`, three bits; `compact`; `ascii`.
        let state = self.field(address, layout::TEXT_STATE)?;
        let (width, compact, ascii) = ((state >> 2) & 7, state & 1 << 5 != 0, state & 1 << 6 != 0);
        let start = address.checked_add(if ascii { layout.ascii_data } else { layout.compact_data })?;
        if !compact {
            return None;
        }
        let data = self.bytes(start, length.checked_mul(width)?)?;
        let character = |bytes: &[u8]| {
            let code = bytes.iter().rev().fold(0, |code, byte| code << 8 | u32::from(*byte));
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        matches!(width, 1 | 2 | 4).then(|| data.chunks_exact(width as usize).map(character).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::LAYOUTS;
    use super::*;

    #[test]
    fn texts_of_each_width_are_read() {
        let text = |layout: &Layout, state: u32, data: &[u8], length: u32| {
            let mut memory = vec![0; 128];
            memory[8 + 8..8 + 12].copy_from_slice(&length.to_le_bytes());
            memory[8 + 16..8 + 20].copy_from_slice(&state.to_le_bytes());
            let start = 8 + if state & 64 != 0 { layout.ascii_data } else { layout.compact_data } as usize;
            memory[start..start + data.len()].copy_from_slice(data);
            Memory(&memory).text(layout, 8)
        };
        for layout in &LAYOUTS {
            assert_eq!(text(layout, 1 << 2 | 1 << 5 | 1 << 6, b"abc", 3).as_deref(), Some("abc"));
            assert_eq!(text(layout, 1 << 2 | 1 << 5, b"a\xfc", 2).as_deref(), Some("a\u{fc}"));
            assert_eq!(text(layout, 2 << 2 | 1 << 5, b"\xac\x20", 1).as_deref(), Some("\u{20ac}"));
            assert_eq!(text(layout, 4 << 2 | 1 << 5, b"\x00\xf6\x01\0", 1).as_deref(), Some("\u{1f600}"));
            // Neither a width that there is not, nor a length beyond the memory, nor a text kept elsewhere.
            assert_eq!(text(layout, 3 << 2 | 1 << 5, b"", 1), None);
            assert_eq!(text(layout, 1 << 2 | 1 << 5 | 1 << 6, b"abc", 300), None);
            assert_eq!(text(layout, 1 << 2, b"abc", 3), None);
        }
        assert_eq!(Memory(&[]).text(&LAYOUTS[0], 0), None);
    }

    #[test]
    fn a_word_is_found_at_each_multiple_of_its_size() {
        let memory = [&[0; 4], &[7, 1, 7, 1].repeat(3)[..], &[0, 0, 7, 1, 7, 1, 7]].concat();
        let found = |word: u32| Memory(&memory).addresses_of(word).collect::<Vec<_>>();
        assert_eq!(found(u32::from_le_bytes([7, 1, 7, 1])), [4, 8, 12]);
        assert_eq!(found(u32::from_le_bytes([0, 0, 7, 1])), [16]);
        assert_eq!((found(5), found(u32::from_le_bytes([1, 7, 1, 7]))), (vec![], vec![]));
    }

    #[test]
    fn no_address_is_read_beyond_the_memory() {
        let memory = [1; 16];
        let memory = Memory(&memory);
        assert_eq!(memory.word(12), Some(0x0101_0101));
        for address in [13, 16, u32::MAX - 2, u32::MAX] {
            assert_eq!(memory.word(address), None);
            assert_eq!(memory.field(address, 8), None);
            assert_eq!(memory.bytes(address, u32::MAX), None);
        }
        assert_eq!(memory.field(0, 4), None);
        assert_eq!(memory.bytes_object(0), None);
    }
}
