//! A recording that somebody else made: reading it ends, what is read is written as it was, and its answers stay in the
//! guest's memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::guest::fuzzing::answer;
use pywagi::recording::RecordedRequest;
use pywagi::recording::fuzzing::read_content;

fuzz_target!(|bytes: &[u8]| {
    // As it is, and as what is packed in it, whose checksum no mutation would find.
    for request in [RecordedRequest::decode(bytes), read_content(bytes)].into_iter().flatten() {
        let again = RecordedRequest::decode(&request.encode().expect("it was read")).expect("it was written");
        assert_eq!(format!("{again:?}"), format!("{request:?}"));
        answer(&request.calls, &mut [0; 4096], bytes);
    }
});
