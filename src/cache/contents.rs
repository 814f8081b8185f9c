//! Counting and deleting the content of a cache.

use std::ffi::OsStr;
use std::fs::{Metadata, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::DIRECTORY_VARIABLE;
use crate::error::{Context, Error, Result};

/// The section of saved interpreters.
pub const IMAGES: &str = "images";

/// The section of what proofs found.
pub const PROOFS: &str = "proofs";

/// The section of what Python is given where it may connect to hosts, or call libraries.
pub const PROVIDED: &str = "provided";

/// The sections of a cache, and a description of the files in each. `pywagi cache clean` touches nothing else.
pub const SECTIONS: [(&str, &str); 7] = [
    ("downloads", "downloaded interpreters"),
    ("code", "interpreters compiled for this machine"),
    (IMAGES, "saved interpreters, from which requests start"),
    (PROOFS, "which modules of packages may be saved"),
    ("digests", "checksums of interpreters"),
    ("wheels", "packages built from source archives"),
    (PROVIDED, "modules of Python for `allowed_hosts` and [[library]]"),
];

/// The file that marks a directory as a cache, which may be emptied and which backup programs skip
/// (<https://bford.info/cachedir/>).
const TAG: &str = "CACHEDIR.TAG";

/// The start of a tag; the rest is a comment.
const TAG_SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";

/// The content of one section of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The name of the section and of its directory.
    pub section: &'static str,
    /// What its files are, for people.
    pub description: &'static str,
    /// How many files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

/// The result of [`clean`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// How many files it removed.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// The paths that it left because another process holds their lock.
    pub in_use: Vec<PathBuf>,
}

/// The content of each section of the cache in `root`. A cache that does not exist is empty.
///
/// # Errors
/// Fails where a directory of the cache cannot be read.
pub fn usage(root: &Path) -> Result<Vec<Usage>> {
    let mut sections = Vec::new();
    for (section, description) in SECTIONS {
        let mut usage = Usage { section, description, files: 0, bytes: 0 };
        count(&root.join(section), &mut usage)?;
        sections.push(usage);
    }
    Ok(sections)
}

/// Removes everything in the known sections of the cache in `root`.
///
/// Other pywagi processes may use the cache meanwhile. While one holds the lock `NAME.lock`, entries whose names begin
/// with `NAME` stay. Files that it has open go on working (on Windows they cannot be removed, which is an error), and
/// files that it removes first are not an error. Lock files stay: otherwise two processes could hold two locks of one
/// name.
///
/// # Errors
/// Fails where `root` is not tagged as a cache, that is, was not created by pywagi, and where a file in it cannot be
/// removed.
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
        clean_directory(&root.join(section), &mut cleaned)?;
    }
    let marker = root.join(super::PORTABLE);
    match std::fs::remove_file(&marker) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(e).context(|| format!("cannot remove {}", marker.display()))?
        }
        _ => {}
    }
    Ok(cleaned)
}

fn clean_directory(dir: &Path, cleaned: &mut Cleaned) -> Result<()> {
    let entries = entries(dir)?;
    let mut held = Vec::new();
    let mut names_in_use = Vec::new();
    for entry in entries.iter().filter(|e| e.is_lock()) {
        let cannot = || format!("cannot lock {}", entry.path.display());
        let file = std::fs::File::open(&entry.path).context(cannot)?;
        match file.try_lock() {
            // Held until all is removed, so that no other process begins to use the name.
            Ok(()) => held.push(file),
            Err(TryLockError::WouldBlock) => names_in_use.extend(entry.path.file_stem().map(OsStr::to_owned)),
            Err(TryLockError::Error(e)) => return Err(e).context(cannot),
        }
    }
    for Entry { path, meta } in entries.iter().filter(|e| !e.is_lock()) {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if names_in_use.iter().any(|used| name.starts_with(used.as_encoded_bytes())) {
            cleaned.in_use.push(path.clone());
            continue;
        }
        let removed = if meta.is_dir() {
            clean_directory(path, cleaned)?;
            std::fs::remove_dir(path)
        } else {
            std::fs::remove_file(path).inspect(|()| {
                cleaned.files += 1;
                cleaned.bytes += meta.len();
            })
        };
        match removed {
            // Another process removed it or added something to it, or a lock is left in it.
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {}
            other => other.context(|| format!("cannot remove {}", path.display()))?,
        }
    }
    Ok(())
}

/// Adds the files in `dir` and below it to `usage`, lock files excepted.
fn count(dir: &Path, usage: &mut Usage) -> Result<()> {
    for entry in entries(dir)?.iter().filter(|e| !e.is_lock()) {
        if entry.meta.is_dir() {
            count(&entry.path, usage)?;
        } else {
            usage.files += 1;
            usage.bytes += entry.meta.len();
        }
    }
    Ok(())
}

/// An entry of a directory of a cache.
struct Entry {
    path: PathBuf,
    /// The metadata of the entry itself, if it is a symbolic link.
    meta: Metadata,
}

impl Entry {
    fn is_lock(&self) -> bool {
        self.meta.is_file() && self.path.extension().is_some_and(|e| e == "lock")
    }
}

/// The entries of `dir`, sorted; none where `dir` is missing. Entries may vanish meanwhile. If `dir` is a symbolic link it
/// is not followed, so that nothing outside of the cache is touched.
fn entries(dir: &Path) -> Result<Vec<Entry>> {
    let unreadable = || format!("cannot read the cache directory {}", dir.display());
    if !dir.symlink_metadata().is_ok_and(|m| m.is_dir()) {
        return Ok(Vec::new());
    }
    let found = match std::fs::read_dir(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.context(unreadable)?,
    };
    let mut entries = Vec::new();
    for entry in found {
        let path = entry.context(unreadable)?.path();
        match path.symlink_metadata() {
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            meta => {
                let meta = meta.context(|| format!("cannot read {}", path.display()))?;
                entries.push(Entry { path, meta });
            }
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// Tags `root` as a cache if it is empty. A directory with files in it may be more than a cache.
pub(super) fn write_tag(root: &Path) -> std::io::Result<()> {
    if std::fs::read_dir(root)?.next().is_some() {
        return Ok(());
    }
    std::fs::write(
        root.join(TAG),
        format!("{TAG_SIGNATURE}\n# This directory is a cache of pywagi; `pywagi cache clean` empties it.\n"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Cache;

    fn fill(root: &Path) -> Cache {
        let cache = Cache::at(root).unwrap();
        std::fs::write(cache.section("downloads").unwrap().join("a.wasm"), [0; 1000]).unwrap();
        let nested = cache.section("images").unwrap().join("key");
        std::fs::create_dir(&nested).unwrap();
        std::fs::write(nested.join("memory"), [0; 24]).unwrap();
        cache
    }

    /// Name, files and bytes of the sections that hold something.
    fn totals(root: &Path) -> Vec<(&'static str, u64, u64)> {
        let usage = usage(root).unwrap();
        assert_eq!(usage.len(), SECTIONS.len());
        usage.iter().filter(|u| u.files > 0).map(|u| (u.section, u.files, u.bytes)).collect()
    }

    #[test]
    fn usage_counts_each_section() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("cache");
        assert_eq!(totals(&root), []);
        assert!(!root.exists(), "looking makes nothing");
        fill(&root);
        assert_eq!(totals(&root), [("downloads", 1, 1000), ("images", 1, 24)]);
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
        assert_eq!(totals(&root), []);
        assert!(!root.join("images/key").exists());
        assert_eq!(std::fs::read_to_string(root.join("notes/mine")).unwrap(), "kept");
    }

    #[test]
    fn clean_leaves_what_another_process_has_locked() {
        let dir = tempfile::tempdir().unwrap();
        let cache = fill(&dir.path().join("cache"));
        let downloads = cache.section("downloads").unwrap();
        std::fs::write(downloads.join("b.part"), [0; 10]).unwrap();
        let lock = downloads.join("b.lock");
        std::fs::write(&lock, "").unwrap();
        let held = std::fs::File::open(&lock).unwrap();
        held.lock().unwrap();
        assert_eq!(totals(cache.root()), [("downloads", 2, 1010), ("images", 1, 24)]);
        let in_use = vec![downloads.join("b.part")];
        assert_eq!(clean(cache.root()).unwrap(), Cleaned { files: 2, bytes: 1024, in_use });
        drop(held);
        assert_eq!(clean(cache.root()).unwrap(), Cleaned { files: 1, bytes: 10, in_use: Vec::new() });
        assert!(lock.exists(), "another process may be about to lock it");
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
