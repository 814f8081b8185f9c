//! The working directory, and absolute paths. Both fail where the working directory has been removed.

use std::path::{Path, PathBuf};

use serde::Serializer;

use crate::error::{Error, Result};

/// The working directory.
///
/// # Errors
/// Fails where it was removed.
pub fn working_directory() -> Result<PathBuf> {
    std::env::current_dir().map_err(|e| {
        Error::new("cannot tell what the working directory is").because(e).remedy("change to a directory that exists")
    })
}

/// `path` as an absolute path.
///
/// # Errors
/// Fails for a relative one where the working directory was removed.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|e| {
        Error::new(format!("cannot tell where {} is", path.display()))
            .because(e)
            .remedy("change to a directory that exists, or give an absolute path")
    })
}

/// A path with `/` between its parts.
///
/// # Errors
/// Fails where it is not UTF-8.
pub fn with_slashes(path: &Path) -> Result<String> {
    let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
    let parts =
        parts.ok_or_else(|| Error::new(format!("the path {} is not UTF-8", path.display())).remedy("rename it"))?;
    Ok(parts.join("/"))
}

/// Writes `path` as text, for those who look at it elsewhere; what is not UTF-8 in it is replaced.
///
/// # Errors
/// Fails where `serializer` does.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
