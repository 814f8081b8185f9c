//! The user's cache directory: downloads by hash, compiled code, saved interpreters.
//!
//! Compiled code is trusted when it is loaded, so the directory must be one that only the user can write.

pub mod contents;
pub mod seal;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Context, Error, Result};
use crate::paths;

/// The environment variable that says where the cache is.
pub const DIRECTORY_VARIABLE: &str = "PYWAGI_CACHE_DIR";

/// The cache's directory, made and checked.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Where the cache is: `PYWAGI_CACHE_DIR`, else `pywagi` in the platform's cache directory.
    ///
    /// # Errors
    /// Fails where neither is known, as without a home directory.
    pub fn location() -> Result<PathBuf> {
        if let Some(dir) = std::env::var_os(DIRECTORY_VARIABLE).filter(|d| !d.is_empty()) {
            return paths::absolute(Path::new(&dir));
        }
        let base = etcetera::choose_base_strategy().map_err(|e| {
            Error::new("cannot tell where the user's cache directory is")
                .because(e)
                .remedy(format!("set {DIRECTORY_VARIABLE} to a directory of your own"))
        })?;
        Ok(base.cache_dir().join("pywagi"))
    }

    /// Opens the cache, making it if need be.
    ///
    /// # Errors
    /// Fails where the directory cannot be made, or where another user could write to it.
    pub fn open() -> Result<Self> {
        Self::at(&Self::location()?)
    }

    /// Opens the cache in `root`.
    ///
    /// # Errors
    /// As [`Cache::open`].
    pub fn at(root: &Path) -> Result<Self> {
        let remedy = || format!("set {DIRECTORY_VARIABLE} to a directory of your own");
        private_directory(root).map_err(|e| {
            Error::new(format!("cannot use the cache directory {}", root.display())).because(e).remedy(remedy())
        })?;
        // Without its tag a cache works all the same, only `clean` refuses it: a read-only one is not worth an error.
        let _ = contents::write_tag(root);
        Ok(Self { root: root.to_owned() })
    }

    /// The cache's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of one kind of entry, such as `downloads`, made if need be.
    ///
    /// # Errors
    /// Fails where it cannot be made.
    pub fn section(&self, name: &str) -> Result<PathBuf> {
        debug_assert!(contents::SECTIONS.iter().any(|(s, _)| *s == name), "`cache clean` must know the section {name}");
        let dir = self.root.join(name);
        std::fs::create_dir_all(&dir).context(|| format!("cannot make the cache directory {}", dir.display()))?;
        Ok(dir)
    }
}

/// Makes `dir` for this user alone, or checks that an existing one is.
#[cfg(unix)]
fn private_directory(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let meta = std::fs::metadata(dir)?;
    let me = rustix::process::geteuid().as_raw();
    if meta.uid() != me || meta.mode() & 0o022 != 0 {
        return Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "it belongs to another user or others can write to it, and compiled code in it would be run",
        ));
    }
    Ok(())
}

/// Makes `dir`; on this platform the user's profile directory is private already.
#[cfg(not(unix))]
fn private_directory(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)
}
