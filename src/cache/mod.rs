//! The user's cache directory: downloads by hash, compiled code, saved interpreters.
//!
//! Compiled code is trusted when it is loaded, so the directory must be one that only the user can write.

pub mod contents;
pub mod seal;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Context, Error, Result};
use crate::paths;

/// The environment variable that says where the cache is.
pub const DIRECTORY_VARIABLE: &str = "PYWAGI_CACHE_DIR";

/// The file whose presence makes a cache portable.
const PORTABLE: &str = "portable";

/// A cache whose directory exists and was checked.
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

    /// Opens the cache, creating it if necessary.
    ///
    /// # Errors
    /// Fails where the directory cannot be created, or where another user could write to it or to a section in it.
    pub fn open() -> Result<Self> {
        Self::at(&Self::location()?)
    }

    /// Opens the cache in `root`.
    ///
    /// # Errors
    /// As [`Cache::open`].
    pub fn at(root: &Path) -> Result<Self> {
        make_private(root)
            .map_err(|e| cannot_use(root, e, format!("set {DIRECTORY_VARIABLE} to a directory of your own")))?;
        for (section, _) in contents::SECTIONS {
            check_section(&root.join(section))?;
        }
        // Without the tag only `cache clean` refuses to work, so a read-only cache is not an error.
        let _ = contents::write_tag(root);
        Ok(Self { root: root.to_owned() })
    }

    /// Whether it can be copied to other machines: its code is compiled for any processor of this kind, and its files are
    /// known by size and time alone, since they get other inodes there.
    pub fn is_portable(&self) -> bool {
        Self::is_portable_at(&self.root)
    }

    /// Whether there is such a cache in `root`.
    pub fn is_portable_at(root: &Path) -> bool {
        root.join(PORTABLE).exists()
    }

    /// Has everything that is added from now on be portable, until the cache is emptied.
    ///
    /// # Errors
    /// Fails where the cache cannot be written to.
    pub fn make_portable(&self) -> Result<()> {
        let path = self.root.join(PORTABLE);
        std::fs::write(&path, "").context(|| format!("cannot write {}", path.display()))
    }

    /// Has the files that are there be known by size and time.
    ///
    /// # Errors
    /// Fails where the cache cannot be written to.
    pub fn seal_portably(&self) -> Result<()> {
        for (section, seals) in [("code", true), (contents::IMAGES, true), (contents::PROOFS, true), ("digests", false)]
        {
            let dir = self.section(section)?;
            let cannot = || format!("cannot write to {}", dir.display());
            for entry in std::fs::read_dir(&dir).context(cannot)? {
                seal::make_portable(&entry.context(cannot)?.path(), seals).context(cannot)?;
            }
        }
        Ok(())
    }

    /// The cache's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of notes by which servers that run are found. It is no section: their entries go with the servers.
    ///
    /// # Errors
    /// Fails where it cannot be created, or where another user could write to it.
    pub fn servers(&self) -> io::Result<PathBuf> {
        let dir = self.root.join("servers");
        make_private(&dir)?;
        Ok(dir)
    }

    /// The directory of one kind of entry, such as `downloads`, created if necessary.
    ///
    /// # Errors
    /// Fails where it cannot be created, or where another user could write to it.
    pub fn section(&self, name: &str) -> Result<PathBuf> {
        debug_assert!(contents::SECTIONS.iter().any(|(s, _)| *s == name), "`cache clean` must know the section {name}");
        let dir = self.root.join(name);
        create_private(&dir).context(|| format!("cannot make the cache directory {}", dir.display()))?;
        check_section(&dir)?;
        Ok(dir)
    }
}

/// Fails where another user could write to the section in `dir`. One that does not exist passes.
fn check_section(dir: &Path) -> Result<()> {
    match check_private(dir) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(cannot_use(dir, e, "remove it with all that it holds; pywagi makes it anew".to_owned()))
        }
        _ => Ok(()),
    }
}

fn cannot_use(dir: &Path, error: io::Error, remedy: String) -> Error {
    Error::new(format!("cannot use the cache directory {}", dir.display())).because(error).remedy(remedy)
}

/// Makes `dir` for this user alone, or checks that an existing one is.
fn make_private(dir: &Path) -> io::Result<()> {
    create_private(dir)?;
    check_private(dir)
}

/// Makes `dir` with access for this user alone. An existing one stays as it is.
///
/// # Errors
/// Fails where it cannot be made.
pub fn create_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// Fails where `dir` belongs to another user or others can write to it.
fn check_private(dir: &Path) -> io::Result<()> {
    if !is_private(dir)? {
        let why = "it belongs to another user or others can write to it, and compiled code in it would be run";
        return Err(io::Error::new(ErrorKind::PermissionDenied, why));
    }
    Ok(())
}

/// Whether `dir` belongs to this user or to root, and no other can write to it.
///
/// # Errors
/// Fails where it cannot be examined.
#[cfg(unix)]
pub fn is_private(dir: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let meta = std::fs::metadata(dir)?;
    let me = rustix::process::geteuid().as_raw();
    Ok((meta.uid() == me || meta.uid() == 0) && meta.mode() & 0o022 == 0)
}

/// Whether `dir` belongs to this user: on this platform the user's profile directory is private already.
///
/// # Errors
/// Fails where it cannot be examined.
#[cfg(not(unix))]
pub fn is_private(dir: &Path) -> io::Result<bool> {
    std::fs::metadata(dir).map(|_| true)
}
