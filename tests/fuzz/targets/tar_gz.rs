//! A `.tar.gz` that nobody vouches for: whatever is in it, what is unpacked are files and directories inside.

#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use pywagi::toolchain::archive::{Archive, Limits, unpack_tar_gz};

mod unpacked;

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, tar)) = bytes.split_first() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("archive");
    // Compressed here, since no mutation would come through gzip's checksum; and now and then as it is.
    let file = if mode % 8 == 0 {
        tar.to_owned()
    } else {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(tar).expect("memory can be written");
        encoder.finish().expect("memory can be written")
    };
    std::fs::write(&path, file).expect("written");
    let into = directory.path().join("into");
    std::fs::create_dir(&into).expect("made");
    let limits = Limits { size: 1 << 16, entries: 16 };
    let result = unpack_tar_gz(Archive { path: &path, name: "a.tar.gz" }, &into, limits, |_| ());
    unpacked::check(directory.path(), &into, limits, result);
});
