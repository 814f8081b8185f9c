//! Moving the adapter: its memory behind the interpreter's, its table behind the interpreter's.
//!
//! `wasm-ld --emit-relocs` says where in code and data addresses and slots are, each padded so that another value fits:
//! <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md#relocation-sections>.

use super::module::{Parts, Result, Unsuitable};

/// Moves all addresses in `wasm` by `memory` bytes, all slots by `table`.
///
/// # Errors
/// Fails where it does not say where they are.
pub fn relocate(wasm: &mut [u8], memory: u32, table: u32) -> Result<()> {
    let patches = patches(wasm)?;
    if patches.is_empty() {
        return Err(Unsuitable("it was linked without --emit-relocs".to_owned()));
    }
    for Patch { at, moved, form } in patches {
        let by = match moved {
            Moved::Address => memory,
            Moved::Slot => table,
        };
        form.add(wasm.get_mut(at..).unwrap_or_default(), by)?;
    }
    Ok(())
}

/// A place that is changed.
struct Patch {
    at: usize,
    moved: Moved,
    form: Form,
}

/// What stands there.
#[derive(Clone, Copy)]
enum Moved {
    Address,
    Slot,
}

/// How it is written.
#[derive(Clone, Copy)]
enum Form {
    /// Five bytes of LEB128, unsigned.
    Unsigned,
    /// The same, signed.
    Signed,
    /// Four bytes, little-endian.
    Word,
}

impl Form {
    fn add(self, place: &mut [u8], by: u32) -> Result<()> {
        let missing = || Unsuitable("one of its relocations is nowhere".to_owned());
        if let Self::Word = self {
            let word = place.first_chunk_mut::<4>().ok_or_else(missing)?;
            *word = u32::from_le_bytes(*word).wrapping_add(by).to_le_bytes();
            return Ok(());
        }
        let bytes = place.first_chunk_mut::<5>().ok_or_else(missing)?;
        let [.., fourth, last] = *bytes;
        if fourth & 0x80 == 0 || last & 0x80 != 0 {
            return Err(Unsuitable("one of its relocations is not padded".to_owned()));
        }
        let old = bytes.iter().rev().fold(0_u32, |value, byte| value << 7 | u32::from(byte & 0x7f));
        let new = old.wrapping_add(by);
        for (shift, byte) in (0_u32..).step_by(7).zip(bytes.iter_mut()) {
            let continues = if shift < 28 { 0x80 } else { 0 };
            *byte = (new >> shift & 0x7f) as u8 | continues;
        }
        // The sign goes on to the last bit of the last byte.
        if matches!(self, Self::Signed) && new >> 31 == 1 {
            let [.., last] = bytes;
            *last |= 0x70;
        }
        Ok(())
    }
}

fn patches(wasm: &[u8]) -> Result<Vec<Patch>> {
    let parts = Parts::of(wasm)?;
    let mut patches = Vec::new();
    for (name, start) in [("reloc.CODE", parts.code_start), ("reloc.DATA", parts.data_start)] {
        let Some((_, section)) = parts.customs.iter().find(|(known, _)| *known == name) else { continue };
        let mut reader = Reader(section);
        let _section = reader.number()?;
        for _ in 0..reader.number()? {
            let [kind] = reader.bytes()?;
            let (offset, _index) = (reader.number()?, reader.number()?);
            let (has_addend, what) = match kind {
                // Indices of functions, types and globals, which are written anew when the module is merged.
                0 | 6 | 7 | 20 => (false, None),
                1 => (false, Some((Moved::Slot, Form::Signed))),
                2 => (false, Some((Moved::Slot, Form::Word))),
                3 => (true, Some((Moved::Address, Form::Unsigned))),
                4 => (true, Some((Moved::Address, Form::Signed))),
                5 => (true, Some((Moved::Address, Form::Word))),
                // Places in sections that are left out: of functions, and of sections.
                8 | 9 => (true, None),
                kind => return Err(Unsuitable(format!("it has a relocation of the unknown type {kind}"))),
            };
            if has_addend {
                // It is in the value already.
                let _addend = reader.number()?;
            }
            let at = start + offset as usize;
            patches.extend(what.map(|(moved, form)| Patch { at, moved, form }));
        }
    }
    Ok(patches)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(|| Unsuitable("it ends too early".to_owned()))?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// A number in LEB128, of which the lower 32 bits matter.
    fn number(&mut self) -> Result<u32> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = self.bytes()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Unsuitable("a number in it is too long".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_moved_in_each_form() {
        let padded = |value: u32| {
            let mut bytes = [0; 5];
            for (k, byte) in bytes.iter_mut().enumerate() {
                *byte = (value >> (7 * k) & 0x7f) as u8 | if k < 4 { 0x80 } else { 0 };
            }
            bytes
        };
        for (old, by, new) in [(0, 1, 1), (0x12345, 0x100_0000, 0x101_2345), (0x7fff_ffff, 0, 0x7fff_ffff)] {
            let mut bytes = padded(old);
            Form::Unsigned.add(&mut bytes, by).expect("it is padded");
            assert_eq!(bytes, padded(new));
        }
        let mut bytes = padded(0x7fff_0000);
        Form::Signed.add(&mut bytes, 0x1_0000).expect("it is padded");
        assert_eq!(bytes, [0x80, 0x80, 0x80, 0x80, 0x78], "i32::MIN");
        let mut bytes = *b"\xff\0\0\0x";
        Form::Word.add(&mut bytes, 2).expect("it is there");
        assert_eq!(&bytes, b"\x01\x01\0\0x");
        assert!(Form::Unsigned.add(&mut [1, 0, 0, 0, 0], 1).is_err());
        assert!(Form::Word.add(&mut [1, 0], 1).is_err());
    }
}
