//! Memory for bodies and answers, which may be large.

use std::io::{self, Read};
use std::ops::Deref;

use memmap2::MmapMut;

/// From this length on, bytes are mapped by themselves.
const LARGE: usize = 128 << 10;

/// Bytes that grow. What is large goes back to the system as soon as it is dropped: an allocator would keep much of it
/// for the thread, and there are as many threads as connections.
#[derive(Debug)]
pub enum Buffer {
    /// As the allocator has it.
    Small(Vec<u8>),
    /// Mapped, and so many bytes of it filled.
    Large(MmapMut, usize),
}

impl Default for Buffer {
    fn default() -> Self {
        Self::Small(Vec::new())
    }
}

impl Buffer {
    /// How many bytes there is room for.
    pub fn capacity(&self) -> usize {
        match self {
            Self::Small(bytes) => bytes.capacity(),
            Self::Large(map, _) => map.len(),
        }
    }

    /// Makes room for `capacity` bytes in all.
    ///
    /// # Errors
    /// Fails where the system has no memory.
    pub fn grow(&mut self, capacity: usize) -> io::Result<()> {
        if capacity <= self.capacity() {
            return Ok(());
        }
        match self {
            Self::Small(bytes) if capacity < LARGE => bytes.reserve_exact(capacity - bytes.len()),
            _ => {
                let mut map = MmapMut::map_anon(capacity)?;
                let length = self.len();
                if let Some(filled) = map.get_mut(..length) {
                    filled.copy_from_slice(self);
                }
                *self = Self::Large(map, length);
            }
        }
        Ok(())
    }

    /// Reads up to `count` bytes of `input`, as far as there is room; fewer at its end.
    ///
    /// # Errors
    /// Fails where reading does.
    pub fn read_from(&mut self, input: &mut impl Read, count: usize) -> io::Result<()> {
        let room = count.min(self.capacity() - self.len());
        match self {
            Self::Small(bytes) => input.take(room as u64).read_to_end(bytes).map(drop),
            Self::Large(map, length) => {
                let end = *length + room;
                while let Some(rest) = map.get_mut(*length..end).filter(|rest| !rest.is_empty()) {
                    match input.read(rest) {
                        Ok(0) => break,
                        Ok(count) => *length += count,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(map, length) => map.get(..*length).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_the_same_however_they_are_kept() {
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * LARGE).collect();
        let mut input = &bytes[..];
        let mut buffer = Buffer::default();
        for end in [0, 1, 1000, LARGE - 1, LARGE, LARGE + 1, 2 * LARGE, 2 * LARGE, 3 * LARGE] {
            buffer.grow(end).expect("memory");
            buffer.read_from(&mut input, end - buffer.len()).expect("there are enough");
            assert!(buffer[..] == bytes[..end], "{end}");
            assert_eq!(matches!(buffer, Buffer::Small(_)), end < LARGE, "{end}");
        }
    }

    #[test]
    fn no_more_is_read_than_there_is_room_and_input() {
        for capacity in [10, LARGE] {
            let mut buffer = Buffer::default();
            buffer.grow(capacity).expect("memory");
            let mut input = io::repeat(7);
            buffer.read_from(&mut input, 3).expect("endless");
            assert_eq!(buffer[..], [7, 7, 7]);
            buffer.read_from(&mut input, usize::MAX).expect("endless");
            assert_eq!(buffer.len(), buffer.capacity());
            buffer.grow(buffer.len() + 10).expect("memory");
            buffer.read_from(&mut &b"end"[..], 10).expect("its end is no error");
            assert!(buffer.ends_with(b"\x07end"));
        }
    }
}
