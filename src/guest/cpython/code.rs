//! The parts of code objects that CPython changes while it runs them.

use std::ops::Range;

use super::layout::{self, Layout};
use super::objects::Memory;

/// Finds the code objects in memory by their type, and gives what of each depends on how often it ran: its code units,
/// which are specialized and hold inline caches, and its counter.
pub fn changing_parts(layout: &Layout, code_type: u32, bytes: &[u8]) -> Vec<Range<usize>> {
    let memory = Memory(bytes);
    let objects = memory.addresses_of(code_type).filter_map(|at| at.checked_sub(layout::OBJECT_TYPE));
    let parts = objects.filter_map(|code| {
        let texts = [layout.code_file, layout.code_name];
        let [file, name] = texts.map(|offset| memory.type_of(memory.field(code, offset)?));
        let table = memory.bytes_object(memory.field(code, layout.code_lines)?)?;
        // A word that is by chance the address of the type is in no such company.
        if file.is_none_or(|kind| kind == 0) || file != name || table.is_empty() {
            return None;
        }
        let units = memory.field(code, layout::VARIABLE_SIZE)?.checked_mul(2)?;
        let start = code.checked_add(layout.code_units)?;
        memory.bytes(start, units)?;
        let counter = layout.code_warmup.map(|offset| (code + offset) as usize..(code + offset) as usize + 2);
        Some([counter, Some(start as usize..(start + units) as usize)])
    });
    parts.flatten().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::layout::LAYOUTS;
    use super::*;

    #[test]
    fn code_objects_are_told_from_words_that_look_like_their_type() {
        for layout in &LAYOUTS {
            let mut memory = vec![0; 1024];
            let mut put = |address: u32, word: u32| {
                memory[address as usize..address as usize + 4].copy_from_slice(&word.to_le_bytes());
            };
            put(104, 9000);
            put(108, 3);
            put(100 + layout.code_file, 400);
            put(100 + layout.code_name, 440);
            put(100 + layout.code_lines, 480);
            put(404, 8000);
            put(444, 8000);
            put(488, 1);
            put(700, 9000);
            put(1020, 9000);
            let start = 100 + layout.code_units as usize;
            let counter = layout.code_warmup.map(|offset| 100 + offset as usize..102 + offset as usize);
            let expected: Vec<_> = counter.into_iter().chain(std::iter::once(start..start + 6)).collect();
            assert_eq!(changing_parts(layout, 9000, &memory), expected);
            for at in 0..memory.len() {
                let mut bad = memory.clone();
                bad[at] = 0xff;
                changing_parts(layout, 9000, &bad);
            }
        }
    }
}
