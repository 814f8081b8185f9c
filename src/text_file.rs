//! Reads the small text files that a user writes: modules.toml and env files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use wagi_contract::response::BYTE_ORDER_MARK;

use crate::error::{Error, Result};

/// The largest text file that is read, in bytes. It bounds the reading of something without an end, as with
/// `-c /dev/zero`.
pub const LIMIT: u64 = 16 << 20;

/// The whole text of the file at `path`, without a byte order mark.
///
/// # Errors
/// Fails, naming the file, where it cannot be read, is a directory, is larger than [`LIMIT`] or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let shown = shown(path);
    if path.is_dir() {
        return Err(Error::new(format!("{shown} is a directory")).remedy("give the path of a file"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes)).map_err(|e| {
        Error::new(format!("cannot read {shown}")).because(e).remedy("check the path and its permissions")
    })?;
    if bytes.len() as u64 > LIMIT {
        return Err(Error::new(format!("{shown} is larger than {} MiB", LIMIT >> 20))
            .remedy("give a text file that a person wrote"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(e) => {
            let valid = e.utf8_error().valid_up_to();
            let line = 1 + e.as_bytes().iter().take(valid).filter(|&&b| b == b'\n').count();
            Err(Error::new(format!("{shown}:{line}: the text is not UTF-8")).remedy("save the file as UTF-8"))
        }
    }
}

/// `path` as messages show it: relative to the working directory if it is below it, else unchanged.
pub fn shown(path: &Path) -> String {
    let relative: Option<PathBuf> = std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
        .filter(|p| !p.as_os_str().is_empty());
    relative.as_deref().unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(path: &Path) -> (String, Option<String>) {
        let error = read(path).expect_err("must fail");
        (error.to_string(), error.remedy_text().map(str::to_owned))
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, b"\xef\xbb\xbfA=1\n").unwrap();
        assert_eq!(read(&path).unwrap(), "A=1\n");
    }

    #[test]
    fn text_that_is_not_utf8_is_an_error_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, b"A=1\nB=\xff\n").unwrap();
        let (message, remedy) = failure(&path);
        assert_eq!(message, format!("{}:2: the text is not UTF-8", path.display()));
        assert_eq!(remedy.as_deref(), Some("save the file as UTF-8"));
    }

    #[test]
    fn a_directory_is_named_as_one() {
        let dir = tempfile::tempdir().unwrap();
        let (message, remedy) = failure(dir.path());
        assert_eq!(message, format!("{} is a directory", dir.path().display()));
        assert_eq!(remedy.as_deref(), Some("give the path of a file"));
    }

    #[test]
    fn a_file_larger_than_the_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
        let (message, remedy) = failure(&path);
        assert_eq!(message, format!("{} is larger than 16 MiB", path.display()));
        assert_eq!(remedy.as_deref(), Some("give a text file that a person wrote"));
    }
}
