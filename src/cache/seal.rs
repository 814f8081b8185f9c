//! Verifying a file's content without reading it each time.
//!
//! Hashing a 26 MB interpreter costs more than a whole request. A file that has the size, times and inode that it had
//! when it was last hashed was not written since, so its digest is stored with them. `ctime`, which no program can set,
//! reveals a writer that restores the other times.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::hash::Digest;

/// The metadata that changes whenever a file is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Stamp {
    size: u64,
    /// Nanoseconds since 1970.
    modified: u128,
    changed: u128,
    inode: u64,
    device: u64,
}

impl Stamp {
    /// The stamp that `metadata` holds.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        let (changed, inode, device) = platform_stamp(metadata);
        Self { size: metadata.len(), modified: modified.map_or(0, |d| d.as_nanos()), changed, inode, device }
    }

    /// The stamp of the file at `path`.
    ///
    /// # Errors
    /// Fails where the metadata cannot be read.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&std::fs::metadata(path)?))
    }

    /// The part that tells a file from every other existing file, whatever its content becomes.
    pub fn identity(&self) -> Self {
        Self { inode: self.inode, device: self.device, ..Self::default() }
    }

    /// The part that a copy of the file shares that has its time, to the second, as archives keep it.
    pub fn portable(&self) -> Self {
        let second = Duration::from_secs(1).as_nanos();
        Self { size: self.size, modified: self.modified / second * second, ..Self::default() }
    }

    /// Whether a file that has this stamp is the one that had the stamp `then`, of which the portable part is enough where no
    /// more was kept.
    pub fn matches(&self, then: &Self) -> bool {
        self == then || *then == then.portable() && self.portable() == *then
    }

    /// Whether another write right now could leave the stamp the same, since file systems store times in steps of up to
    /// two seconds.
    pub fn is_fresh(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos();
        now.saturating_sub(self.modified.max(self.changed)) < Duration::from_secs(2).as_nanos()
    }
}

#[cfg(unix)]
fn platform_stamp(metadata: &Metadata) -> (u128, u64, u64) {
    use std::os::unix::fs::MetadataExt;

    let seconds = u128::try_from(metadata.ctime()).unwrap_or(0);
    let nanoseconds = u128::try_from(metadata.ctime_nsec()).unwrap_or(0);
    (seconds * 1_000_000_000 + nanoseconds, metadata.ino(), metadata.dev())
}

#[cfg(not(unix))]
fn platform_stamp(metadata: &Metadata) -> (u128, u64, u64) {
    let created = metadata.created().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    (created.map_or(0, |d| d.as_nanos()), 0, 0)
}

/// The content of the file beside a sealed one.
#[derive(Deserialize, Serialize)]
struct Seal {
    sha256: Digest,
    stamp: Stamp,
}

/// Writes `path` by renaming a temporary file, so that every reader sees the old file or the whole new one.
///
/// # Errors
/// Fails where the file cannot be written. The temporary file is removed then.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".tmp-").tempfile_in(directory)?;
    write(temporary.as_file_mut())?;
    temporary.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Writes a file and its seal, so that [`open`] opens it.
///
/// The content is synced to disk before the seal is written. A power loss could otherwise keep the size and the times of
/// the file but not its content, and a file of zeros would match its seal. Nothing else needs to be synced: a seal that
/// was lost or is damaged, or that belongs to an earlier file of the same name, makes the entry one to be rebuilt.
///
/// # Errors
/// Fails where one of the two files cannot be written.
pub fn create(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    write_atomically(path, |file| {
        write(file)?;
        file.sync_data()
    })?;
    let file = File::open(path)?;
    let seal = Seal { sha256: Digest::of_reader(&file)?, stamp: Stamp::of(&file.metadata()?) };
    put(path, &seal)
}

/// Opens a file that [`create`] wrote, if it exists and is unchanged.
pub fn open(path: &Path) -> Option<File> {
    let seal: Seal = serde_json::from_slice(&std::fs::read(seal_path(path)).ok()?).ok()?;
    let file = File::open(path).ok()?;
    let stamp = Stamp::of(&file.metadata().ok()?);
    if !stamp.matches(&seal.stamp) {
        // It was copied, touched or damaged: compare the content.
        if Digest::of_reader(&file).ok()? != seal.sha256 {
            return None;
        }
        // A cache that cannot be written can still be read.
        let _ = file.sync_data().and_then(|()| put(path, &Seal { stamp, ..seal }));
    }
    Some(file)
}

/// Has a file that [`create`] wrote, by the path of its seal, be known by the portable part of its stamp; or with `is_seal`
/// false a file of the user, by what [`remembered_digest`] noted of it. Another file, and one that is not what its seal
/// says, stays as it is.
///
/// # Errors
/// Fails where the seal cannot be written.
pub fn make_portable(note: &Path, is_seal: bool) -> io::Result<()> {
    let of_sealed = note.with_extension("");
    if is_seal && (note.extension().is_none_or(|extension| extension != "seal") || open(&of_sealed).is_none()) {
        return Ok(());
    }
    let Some(seal) = std::fs::read(note).ok().and_then(|text| serde_json::from_slice::<Seal>(&text).ok()) else {
        return Ok(());
    };
    let text = serde_json::to_vec(&Seal { stamp: seal.stamp.portable(), ..seal })?;
    write_atomically(note, |file| file.write_all(&text))
}

/// A file of compiled code that is what [`create`] wrote. Compiled code is trusted when it is loaded, so that it is
/// loaded from this alone.
pub struct SealedCode(File);

impl SealedCode {
    /// Opens the code at `path`, as [`open`] does.
    pub fn open(path: &Path) -> Option<Self> {
        open(path).map(Self)
    }

    /// The file.
    pub fn into_file(self) -> File {
        self.0
    }
}

/// Removes a sealed file. It may be missing.
pub fn remove(path: &Path) {
    let _ = std::fs::remove_file(seal_path(path));
    let _ = std::fs::remove_file(path);
}

/// Removes sealed files of `directory` whose names end in `extension`, the oldest first, until `count` are left. Files
/// that cannot be removed stay until a later call.
pub fn keep_newest(directory: &Path, extension: &str, count: usize) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_some_and(|e| e == extension))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    files.iter().rev().skip(count).for_each(|(_, path)| remove(path));
}

/// The digest of a file of the user, remembered in `memory`, a directory of the cache.
///
/// # Errors
/// Fails where the file cannot be read.
pub fn remembered_digest(memory: Option<&Path>, path: &Path) -> io::Result<Digest> {
    let file = File::open(path)?;
    let Some(memory) = memory else { return Digest::of_reader(file) };
    let name = Digest::of(std::path::absolute(path)?.as_os_str().as_encoded_bytes());
    let note = memory.join(name.to_string());
    let stamp = Stamp::of(&file.metadata()?);
    if let Ok(known) = std::fs::read(&note)
        && let Ok(seal) = serde_json::from_slice::<Seal>(&known)
        && stamp.matches(&seal.stamp)
    {
        return Ok(seal.sha256);
    }
    let sha256 = Digest::of_reader(&file)?;
    if !stamp.is_fresh() && Stamp::of(&file.metadata()?) == stamp {
        let seal = Seal { sha256, stamp };
        // As in `create`. A file that cannot be synced, as on some network file systems, is remembered all the same.
        let _ = file.sync_data();
        // On failure the next start hashes the file again.
        let _ = serde_json::to_vec(&seal)
            .map_err(io::Error::from)
            .and_then(|text| write_atomically(&note, |f| f.write_all(&text)));
    }
    Ok(sha256)
}

fn seal_path(path: &Path) -> PathBuf {
    path.with_added_extension("seal")
}

fn put(path: &Path, seal: &Seal) -> io::Result<()> {
    let text = serde_json::to_vec(seal)?;
    write_atomically(&seal_path(path), |f| f.write_all(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_file_is_believed_until_its_content_changes() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("entry");
        create(&path, |f| f.write_all(b"content")).expect("written");
        assert!(open(&path).is_some());

        // Touched, the same content: believed after a look at it.
        std::fs::write(&path, b"content").expect("written");
        assert!(open(&path).is_some());

        std::fs::write(&path, b"Content").expect("written");
        assert!(open(&path).is_none());
        std::fs::write(&path, b"conten").expect("written");
        assert!(open(&path).is_none());
    }

    #[test]
    fn a_portable_seal_is_believed_of_a_copy_that_has_the_size_and_the_time() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, copy) = (dir.path().join("entry"), dir.path().join("copy"));
        create(&path, |f| f.write_all(b"content")).expect("written");
        make_portable(&path, true).expect("no seal");
        make_portable(&seal_path(&path), true).expect("written");
        // A content that is not that of the seal shows that it is not looked at.
        let modified = std::fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
        std::fs::copy(seal_path(&path), seal_path(&copy)).expect("copied");
        let write = |content: &str, time: SystemTime| {
            std::fs::write(&copy, content).expect("written");
            File::options().append(true).open(&copy).and_then(|f| f.set_modified(time)).expect("set");
        };
        let second = |time: SystemTime| {
            let since = time.duration_since(UNIX_EPOCH).expect("after 1970");
            UNIX_EPOCH + Duration::from_secs(since.as_secs())
        };
        for time in [modified, second(modified)] {
            write("Content", time);
            assert!(open(&copy).is_some());
        }
        write("Content", modified + Duration::from_secs(1));
        assert!(open(&copy).is_none());
        write("conten", modified);
        assert!(open(&copy).is_none());
    }

    #[test]
    fn a_file_that_is_not_what_its_seal_says_gets_no_other_seal() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("entry");
        create(&path, |f| f.write_all(b"content")).expect("written");
        std::fs::write(&path, b"Content").expect("written");
        make_portable(&seal_path(&path), true).expect("left alone");
        assert!(open(&path).is_none());
    }

    #[test]
    fn only_the_newest_sealed_files_are_kept() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| dir.path().join(name);
        for (name, age) in [("a.image", 3), ("b.image", 1), ("c.image", 2), ("d.other", 9)] {
            create(&path(name), |f| f.write_all(b"content")).expect("written");
            let file = File::options().append(true).open(path(name)).expect("opened");
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("set");
        }
        keep_newest(dir.path(), "image", 2);
        let mut left: Vec<_> =
            std::fs::read_dir(dir.path()).expect("read").map(|e| e.expect("read").file_name()).collect();
        left.sort();
        assert_eq!(left, ["b.image", "b.image.seal", "c.image", "c.image.seal", "d.other", "d.other.seal"]);
    }

    #[test]
    fn a_file_without_a_seal_or_with_a_broken_one_is_not_believed() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("entry");
        std::fs::write(&path, b"content").expect("written");
        assert!(open(&path).is_none());
        std::fs::write(seal_path(&path), b"{").expect("written");
        assert!(open(&path).is_none());
    }

    #[test]
    fn a_remembered_digest_follows_the_file() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let memory = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("file");
        for content in ["one", "two", "six"] {
            std::fs::write(&path, content).expect("written");
            let sum = remembered_digest(Some(memory.path()), &path).expect("readable");
            assert_eq!(sum, Digest::of(content));
        }
    }
}
