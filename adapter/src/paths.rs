//! Paths in a tree: parts with `/` between, the root empty.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::errno::{Errno, Result};

/// The longest name and the longest path of Linux, in bytes.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4095;

/// A path that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    /// Its parts.
    pub text: String,
    /// Whether it ends so that it can only be a directory's.
    pub names_directory: bool,
}

/// Reads a path below the directory `base`. `is_directory` says of a path whether it is a directory's, if something is there.
pub fn join(base: &str, path: &str, is_directory: impl Fn(&str) -> Option<bool>) -> Result<Path> {
    if path.is_empty() {
        return Err(Errno::NotFound);
    }
    if path.contains('\0') {
        return Err(Errno::Invalid);
    }
    // It would lead out of the directory.
    if path.starts_with('/') {
        return Err(Errno::NotPermitted);
    }
    if path.len() > LONGEST_PATH {
        return Err(Errno::NameTooLong);
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                match is_directory(&parts.join("/")) {
                    Some(true) => {}
                    Some(false) => return Err(Errno::NotDirectory),
                    None => return Err(Errno::NotFound),
                }
                parts.pop().ok_or(Errno::NotPermitted)?;
            }
            part if part.len() > LONGEST_NAME => return Err(Errno::NameTooLong),
            part => parts.push(part),
        }
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    Ok(Path { text: parts.join("/").to_string(), names_directory: matches!(last, "" | "." | "..") })
}

/// Why nothing is at a path: something on the way to it is missing, or no directory.
pub fn why_missing(path: &str, is_directory: impl Fn(&str) -> Option<bool>) -> Errno {
    let on_the_way = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
    for each in on_the_way {
        match is_directory(each) {
            Some(true) => {}
            Some(false) => return Errno::NotDirectory,
            None => return Errno::NotFound,
        }
    }
    Errno::NotFound
}

/// The directory that a path is in.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The name of what is directly in `directory`.
pub fn name_in<'a>(directory: &str, path: &'a str) -> Option<&'a str> {
    let rest = if directory.is_empty() { path } else { path.strip_prefix(directory)?.strip_prefix('/')? };
    (!rest.is_empty() && !rest.contains('/')).then_some(rest)
}

/// Whether a path is below `directory`.
pub fn is_below(directory: &str, path: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
