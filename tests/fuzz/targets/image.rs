//! The description at the end of an image file: what is accepted fits the file.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use pywagi::guest::fuzzing::describe;

fuzz_target!(|bytes: &[u8]| {
    // As it is, and with a tail that makes it a description, which no mutation would find.
    let _ = describe(&mut Cursor::new(bytes));
    let mut file = bytes.to_owned();
    let start = bytes.first().map_or(0, |&b| usize::from(b).min(bytes.len()));
    file.extend_from_slice(&((bytes.len() - start) as u64).to_le_bytes());
    file.extend_from_slice(b"pywagi04");
    if let Some(description) = describe(&mut Cursor::new(&file)) {
        assert!(description.stored <= description.size && description.stored <= file.len());
        assert!(description.size as u64 <= 1 << 32 && description.size.is_multiple_of(65536));
    }
});
