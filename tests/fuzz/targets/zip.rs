//! A zip file that nobody vouches for: whatever is in it, what is unpacked are files and directories inside.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::toolchain::archive::{Archive, Limits, unpack_zip};

mod unpacked;

fuzz_target!(|bytes: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("archive");
    std::fs::write(&path, bytes).expect("written");
    let into = directory.path().join("into");
    std::fs::create_dir(&into).expect("made");
    let limits = Limits { size: 1 << 16, entries: 16 };
    let result = unpack_zip(Archive { path: &path, name: "a.zip" }, &into, limits, |_| ());
    unpacked::check(directory.path(), &into, limits, result);
});
