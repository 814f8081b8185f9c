//! Byte code that CPython keeps in `__pycache__`, beside the sources of modules.
//!
//! It is taken for its source's if that has the size and the second of the time that the source had: an edit within the same
//! second is not seen where it keeps the size. So a guest keeps none, except beside a library, which nobody edits. A saved
//! interpreter has the code of the modules that requests import, by their content: see `get_code` in `boot/resume.py`. What
//! other programs keep is used once it is so much newer than its source that an edit shows.

use std::fs;
use std::path::Path;
use std::time::Duration;

use wiggle::GuestPtr;

use super::call::Call;

const DIRECTORY: &[u8] = b"__pycache__";
const EXTENSION: &[u8] = b".pyc";
const ERRNO_NOENT: i32 = 44;
const ERRNO_ROFS: i32 = 69;

/// By how much byte code is newer than the source that it was made of where a later edit of that shows in its time.
const CERTAIN: Duration = Duration::from_secs(2);

/// The error number of a call by which a guest would keep byte code, or use some that an edit of its source may have
/// made wrong. `path` is the descriptor of a directory, and the address and length of a path below it.
pub fn refusal(call: &Call<'_>, (directory, path, length): (i32, i32, i32), creates: bool) -> Option<i32> {
    let path = GuestPtr::<[u8]>::new((path.cast_unsigned(), length.cast_unsigned()));
    let path = call.memory.as_cow(path).ok()?;
    // Almost all paths: this is part of each opening of a file.
    if !path.split(|byte| *byte == b'/').any(|part| part == DIRECTORY) {
        return None;
    }
    let volume = call.state.volume(directory)?;
    let path = std::str::from_utf8(&path).ok()?;
    if is_library(&volume.guest) || is_library(path) {
        return None;
    }
    let path = Path::new(path);
    let is_directory = path.file_name()?.as_encoded_bytes() == DIRECTORY;
    let is_code = path.parent()?.ends_with("__pycache__")
        && path.file_name()?.as_encoded_bytes().windows(EXTENSION.len()).any(|part| part == EXTENSION);
    match (creates, is_directory, is_code) {
        (true, true, _) | (true, _, true) => Some(ERRNO_ROFS),
        (false, _, true) => is_uncertain(&volume.host, path).then_some(ERRNO_NOENT),
        _ => None,
    }
}

/// Whether a path leads through the library of an interpreter, such as `usr/lib/python3.12`.
fn is_library(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with("python3."))
}

/// Whether an edit of the source of the byte code at `path` below `volume`, made since that was, may not show in its time.
/// Of a file outside of the volume nothing is told.
fn is_uncertain(volume: &Path, path: &Path) -> bool {
    let source = || {
        let module = path.file_name()?.to_str()?.split('.').next()?;
        Some(path.parent()?.parent()?.join(format!("{module}.py")))
    };
    let modified = |path: &Path| {
        let file = volume.join(path).canonicalize().ok()?;
        let inside = file.starts_with(volume.canonicalize().ok()?);
        inside.then(|| fs::metadata(file).and_then(|metadata| metadata.modified()).ok()).flatten()
    };
    match (modified(path), source().and_then(|source| modified(&source))) {
        (Some(code), Some(source)) => code.duration_since(source).is_ok_and(|newer| newer < CERTAIN) || code < source,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn byte_code_is_certain_once_its_source_is_two_seconds_older() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let volume = dir.path().join("volume");
        fs::create_dir_all(volume.join("__pycache__")).expect("made");
        let code = Path::new("__pycache__/one.cpython-312.opt-1.pyc");
        let write = |path: &str, time: SystemTime| {
            let file = File::create(volume.join(path)).expect("written");
            file.set_times(FileTimes::new().set_modified(time)).expect("set");
        };
        let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        write("__pycache__/one.cpython-312.opt-1.pyc", time);
        assert!(!is_uncertain(&volume, code), "there is no source");
        for (milliseconds, expected) in [(0, true), (1999, true), (2000, false), (9000, false)] {
            write("one.py", time - Duration::from_millis(milliseconds));
            assert_eq!(is_uncertain(&volume, code), expected, "{milliseconds}");
        }
        write("one.py", time + Duration::from_millis(1));
        assert!(is_uncertain(&volume, code));
        fs::create_dir(volume.join("inner")).expect("made");
        for outside in [Path::new("../__pycache__/one.cpython-312.opt-1.pyc").to_owned(), volume.join(code)] {
            assert!(!is_uncertain(&volume.join("inner"), &outside), "{}", outside.display());
        }
    }

    #[test]
    fn a_library_is_known_by_its_directory() {
        for (path, expected) in [
            ("usr/local/lib/python3.11/__pycache__/os.cpython-311.pyc", true),
            ("/usr/local/lib/python3.13", true),
            ("venv/lib/python3.12/site-packages", true),
            ("/code", false),
            ("python/3.12/x", false),
        ] {
            assert_eq!(is_library(path), expected, "{path}");
        }
    }
}
