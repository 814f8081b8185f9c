//! The user's cache directory: downloads by hash, compiled code, saved interpreters.
//!
//! Compiled code is trusted when it is loaded, so the directory must be one that only the user can write.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Context, Error, Result};

/// The environment variable that says where the cache is.
pub const DIRECTORY_VARIABLE: &str = "PYWAGI_CACHE_DIR";

/// The sections of a cache and what each holds. `pywagi cache clean` touches nothing else.
pub const SECTIONS: [(&str, &str); 3] = [
    ("downloads", "interpreters as downloaded, by hash"),
    ("code", "modules compiled for this machine"),
    ("images", "interpreters saved after their start"),
];

/// The file that says a directory is a cache and may be emptied (<https://bford.info/cachedir/>); backup programs
/// know it too.
const TAG: &str = "CACHEDIR.TAG";

/// How a tag begins; the rest is a comment.
const TAG_SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";

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
            return std::path::absolute(&dir).context(|| format!("cannot resolve {}", Path::new(&dir).display()));
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
        let _ = write_tag(root);
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
        debug_assert!(SECTIONS.iter().any(|(known, _)| *known == name), "`clean` must know the section {name}");
        let dir = self.root.join(name);
        std::fs::create_dir_all(&dir).context(|| format!("cannot make the cache directory {}", dir.display()))?;
        Ok(dir)
    }
}

/// How much one section of a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Its name, that of its directory.
    pub section: &'static str,
    /// What it holds, in words.
    pub holds: &'static str,
    /// How many files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// What [`clean`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// How many files it removed.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Files it left because another process holds a lock on them.
    pub in_use: Vec<PathBuf>,
}

/// Counts what the cache in `root` holds, section by section. A cache that does not exist holds nothing.
///
/// # Errors
/// Fails where a directory of the cache cannot be read.
pub fn usage(root: &Path) -> Result<Vec<Usage>> {
    let mut sections = Vec::new();
    for (section, holds) in SECTIONS {
        let mut usage = Usage { section, holds, files: 0, bytes: 0 };
        walk(&root.join(section), &mut |entry| {
            if let Entry::File(_, size) = entry {
                usage.files += 1;
                usage.bytes += size;
            }
            Ok(())
        })?;
        sections.push(usage);
    }
    Ok(sections)
}

/// Removes everything in the known sections of the cache in `root`.
///
/// Safe beside another pywagi: what it holds a lock on stays, what it has open goes on working (on Windows such a
/// file cannot be removed, which is an error), what it removes first is not missed.
///
/// # Errors
/// Fails where `root` is not tagged as a cache, as a directory that pywagi did not make, and where a file in it
/// cannot be removed.
pub fn clean(root: &Path) -> Result<Cleaned> {
    let mut cleaned = Cleaned::default();
    if !root.try_exists().context(|| format!("cannot read the cache directory {}", root.display()))? {
        return Ok(cleaned);
    }
    if !std::fs::read(root.join(TAG)).is_ok_and(|tag| tag.starts_with(TAG_SIGNATURE.as_bytes())) {
        return Err(Error::new(format!("will not empty {}: it has no valid {TAG}", root.display())).remedy(format!(
            "pywagi tags the caches it makes; check {DIRECTORY_VARIABLE}, or remove what you do not need by hand"
        )));
    }
    for (section, _) in SECTIONS {
        walk(&root.join(section), &mut |entry| {
            let (path, removed) = match entry {
                Entry::File(path, _) if is_locked(path) => {
                    cleaned.in_use.push(path.to_owned());
                    return Ok(());
                }
                Entry::File(path, size) => {
                    let removed = std::fs::remove_file(path);
                    if removed.is_ok() {
                        cleaned.files += 1;
                        cleaned.bytes += size;
                    }
                    (path, removed)
                }
                Entry::Directory(path) => (path, std::fs::remove_dir(path)),
            };
            match removed {
                // Somebody else removed it, or put something new into it.
                Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => Ok(()),
                other => other.context(|| format!("cannot remove {}", path.display())),
            }
        })?;
    }
    Ok(cleaned)
}

/// Something found below a section.
enum Entry<'a> {
    /// Anything that is not a directory, links included, and its size in bytes.
    File(&'a Path, u64),
    /// A directory, after everything in it.
    Directory(&'a Path),
}

/// Calls `visit` for everything below `dir`, which may be missing or vanish meanwhile. Links are never followed, so
/// that a link to somebody's documents is no way to them.
fn walk(dir: &Path, visit: &mut impl FnMut(Entry<'_>) -> Result<()>) -> Result<()> {
    if !dir.symlink_metadata().is_ok_and(|m| m.is_dir()) {
        return Ok(());
    }
    let unreadable = || format!("cannot read the cache directory {}", dir.display());
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e).context(unreadable),
    };
    for entry in entries {
        let path = entry.context(unreadable)?.path();
        match path.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {
                walk(&path, visit)?;
                visit(Entry::Directory(&path))?;
            }
            Ok(meta) => visit(Entry::File(&path, meta.len()))?,
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e).context(|| format!("cannot read {}", path.display())),
        }
    }
    Ok(())
}

/// Whether another process holds a lock on the file.
fn is_locked(path: &Path) -> bool {
    // Anything but a regular file has no lock of ours, and opening a pipe would wait for its other end.
    path.symlink_metadata().is_ok_and(|m| m.is_file())
        && std::fs::File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Tags `root` as a cache if it is empty: one that holds something already may be more than a cache.
fn write_tag(root: &Path) -> std::io::Result<()> {
    if std::fs::read_dir(root)?.next().is_some() {
        return Ok(());
    }
    std::fs::write(
        root.join(TAG),
        format!("{TAG_SIGNATURE}\n# This directory is a cache of pywagi; `pywagi cache clean` empties it.\n"),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(root: &Path) -> Cache {
        let cache = Cache::at(root).unwrap();
        std::fs::write(cache.section("downloads").unwrap().join("a.wasm"), [0; 1000]).unwrap();
        let nested = cache.section("images").unwrap().join("key");
        std::fs::create_dir(&nested).unwrap();
        std::fs::write(nested.join("memory"), [0; 24]).unwrap();
        cache
    }

    fn totals(root: &Path) -> Vec<(&'static str, u64, u64)> {
        usage(root).unwrap().iter().map(|u| (u.section, u.files, u.bytes)).collect()
    }

    #[test]
    fn usage_counts_each_section() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("cache");
        assert_eq!(totals(&root), [("downloads", 0, 0), ("code", 0, 0), ("images", 0, 0)]);
        assert!(!root.exists(), "looking makes nothing");
        fill(&root);
        assert_eq!(totals(&root), [("downloads", 1, 1000), ("code", 0, 0), ("images", 1, 24)]);
    }

    #[test]
    fn clean_empties_known_sections_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("cache");
        assert_eq!(clean(&root).unwrap(), Cleaned::default());
        fill(&root);
        std::fs::create_dir(root.join("notes")).unwrap();
        std::fs::write(root.join("notes/mine"), "kept").unwrap();
        assert_eq!(clean(&root).unwrap(), Cleaned { files: 2, bytes: 1024, in_use: Vec::new() });
        assert_eq!(totals(&root), [("downloads", 0, 0), ("code", 0, 0), ("images", 0, 0)]);
        assert!(!root.join("images/key").exists());
        assert_eq!(std::fs::read_to_string(root.join("notes/mine")).unwrap(), "kept");
    }

    #[test]
    fn clean_leaves_what_another_process_has_locked() {
        let dir = tempfile::tempdir().unwrap();
        let cache = fill(&dir.path().join("cache"));
        let path = cache.section("downloads").unwrap().join("a.wasm");
        let held = std::fs::File::open(&path).unwrap();
        held.lock().unwrap();
        assert_eq!(clean(cache.root()).unwrap(), Cleaned { files: 1, bytes: 24, in_use: vec![path.clone()] });
        drop(held);
        assert_eq!(clean(cache.root()).unwrap(), Cleaned { files: 1, bytes: 1000, in_use: Vec::new() });
    }

    #[test]
    fn clean_refuses_a_directory_that_held_something_before() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("downloads")).unwrap();
        std::fs::write(dir.path().join("downloads/photo.jpg"), "mine").unwrap();
        let root = Cache::at(dir.path()).unwrap().root().to_owned();
        let error = clean(&root).unwrap_err();
        assert_eq!(error.to_string(), format!("will not empty {}: it has no valid CACHEDIR.TAG", root.display()));
        assert_eq!(std::fs::read_to_string(root.join("downloads/photo.jpg")).unwrap(), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_neither_followed_nor_counted_as_what_they_lead_to() {
        let dir = tempfile::tempdir().unwrap();
        let documents = dir.path().join("documents");
        std::fs::create_dir(&documents).unwrap();
        std::fs::write(documents.join("thesis"), [0; 5000]).unwrap();
        let cache = fill(&dir.path().join("cache"));
        std::os::unix::fs::symlink(&documents, cache.root().join("downloads/link")).unwrap();
        std::os::unix::fs::symlink(&documents, cache.root().join("code")).unwrap();
        assert!(totals(cache.root()).iter().all(|(_, _, bytes)| *bytes < 5000));
        clean(cache.root()).unwrap();
        assert!(documents.join("thesis").exists());
        assert!(!cache.root().join("downloads/link").exists());
    }
}
