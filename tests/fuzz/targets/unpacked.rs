//! What must hold after unpacking, whether it succeeded or not.

use std::path::Path;

use pywagi::error::Result;
use pywagi::toolchain::archive::Limits;

/// Checks that nothing but `into` and the archive is in `directory`, and that what is in `into` keeps the rules.
pub fn check(directory: &Path, into: &Path, limits: Limits, result: Result<()>) {
    let beside = std::fs::read_dir(directory).expect("readable").count();
    assert_eq!(beside, 2, "something was written outside");
    let (mut size, mut files) = (0, 0);
    walk(into, &mut size, &mut files);
    // The copy that finds out may have written one byte more.
    assert!(size <= limits.size + 1 && files <= limits.entries, "{size} bytes in {files} files");
    if let Err(error) = result {
        assert!(error.to_string().contains("a.tar.gz") || error.to_string().contains("a.zip"), "{error}");
    } else {
        assert!(size <= limits.size, "{size} bytes");
    }
}

fn walk(directory: &Path, size: &mut u64, files: &mut u64) {
    for entry in std::fs::read_dir(directory).expect("readable") {
        let entry = entry.expect("readable");
        let meta = entry.path().symlink_metadata().expect("a directory entry");
        if meta.is_dir() {
            walk(&entry.path(), size, files);
        } else {
            assert!(meta.is_file(), "{} is not a regular file", entry.path().display());
            *size += meta.len();
            *files += 1;
        }
    }
}
