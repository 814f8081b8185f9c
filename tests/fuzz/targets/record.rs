//! The record of an installation, which a guest may have written to: what is read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::toolchain::record::Record;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = Record::parse(bytes) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        record.write(directory.path()).expect("written");
        assert_eq!(Record::read(directory.path()).expect("read").as_ref(), Some(&record));
        let _ = record.environment_at("/opt");
    }
});
