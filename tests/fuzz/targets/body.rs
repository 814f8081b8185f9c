//! A request's body, of a known length or in chunks: whatever comes, what is read is no larger than allowed, and what was
//! put into chunks comes out of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::request::head::BodyLength;
use pywagi::server::fuzzing::read_body;

/// The largest body.
const LIMIT: u64 = 4096;

fuzz_target!(|bytes: &[u8]| {
    // The first two bytes say what is done with the others.
    let [what, size, bytes @ ..] = bytes else { return };
    let size = usize::from(*size);
    match what % 3 {
        // They begin with a body of this length.
        0 => {
            let read = read_body(&mut &bytes[..], BodyLength::Known(size), LIMIT);
            assert_eq!(read.ok().as_deref(), bytes.get(..size));
        }
        // They are a body in chunks.
        1 => {
            if let Ok(body) = read_body(&mut &bytes[..], BodyLength::Chunked, LIMIT) {
                assert!(body.len() as u64 <= LIMIT && body.len() <= bytes.len());
            }
        }
        // They are cut into chunks.
        _ => {
            let bytes = &bytes[..bytes.len().min(LIMIT as usize)];
            let mut sent = Vec::new();
            for chunk in bytes.chunks(size + 1) {
                sent.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
            }
            sent.extend(b"0\r\n\r\nrest");
            let mut input = &sent[..];
            let read = read_body(&mut input, BodyLength::Chunked, LIMIT);
            assert_eq!((read.ok().as_deref(), input), (Some(bytes), &b"rest"[..]));
        }
    }
});
