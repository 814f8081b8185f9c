//! Knowing a file's content without reading it each time.
//!
//! Hashing a 26 MB interpreter costs more than a whole request. A file whose size, times and inode are those it had
//! when it was last hashed has not been written since, so its digest is remembered under them; `ctime`, which no
//! program can set, catches a writer that puts the other times back.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub type Sum = [u8; 32];

/// What a file's directory entry says of its content.
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
    /// Fails where the file cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::of(&std::fs::metadata(path)?))
    }

    /// What tells a file from every other that is there, whatever becomes of its content.
    pub fn identity(&self) -> Self {
        Self { inode: self.inode, device: self.device, ..Self::default() }
    }

    /// Whether a write could come so soon after this stamp that it would leave the stamp as it is: file systems keep
    /// times in steps of up to two seconds.
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

/// What stands in the file beside a sealed one.
#[derive(Deserialize, Serialize)]
struct Seal {
    sha256: String,
    stamp: Stamp,
}

/// The digest of everything that `reader` gives.
///
/// # Errors
/// Fails where reading does.
pub fn digest(mut reader: impl Read) -> io::Result<Sum> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(n) => hasher.update(buffer.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// `sum` in lower-case hexadecimal.
pub fn hex(sum: &[u8]) -> String {
    sum.iter().map(|b| format!("{b:02x}")).collect()
}

/// Writes `path` by way of a temporary file beside it, so that every reader sees the old file or the whole new one.
///
/// # Errors
/// Fails where the file cannot be written; nothing is left of it then.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".tmp-").tempfile_in(directory)?;
    write(temporary.as_file_mut())?;
    temporary.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Writes a file that [`open`] will believe.
///
/// # Errors
/// Fails where one of the two files cannot be written.
pub fn create(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    write_atomically(path, write)?;
    let file = File::open(path)?;
    let seal = Seal { sha256: hex(&digest(&file)?), stamp: Stamp::of(&file.metadata()?) };
    put(path, &seal)
}

/// Opens a file that [`create`] wrote, if it is there and unchanged since.
pub fn open(path: &Path) -> Option<File> {
    let seal: Seal = serde_json::from_slice(&std::fs::read(seal_path(path)).ok()?).ok()?;
    let file = File::open(path).ok()?;
    let stamp = Stamp::of(&file.metadata().ok()?);
    if stamp != seal.stamp {
        // Copied or touched, or damaged: only the content can tell.
        if hex(&digest(&file).ok()?) != seal.sha256 {
            return None;
        }
        // A cache that cannot be written is still one that can be read.
        let _ = put(path, &Seal { stamp, ..seal });
    }
    Some(file)
}

/// Removes a sealed file; it does not matter if it is gone already.
pub fn remove(path: &Path) {
    let _ = std::fs::remove_file(seal_path(path));
    let _ = std::fs::remove_file(path);
}

/// Removes sealed files of `directory` whose names end in `extension`, the oldest first, until `count` are left. What
/// another process removes meanwhile, or cannot be removed, is left to the next call.
pub fn keep_newest(directory: &Path, extension: &str, count: usize) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter(|entry| entry.path().extension().is_some_and(|e| e == extension))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    files.iter().rev().skip(count).for_each(|(_, path)| remove(path));
}

/// The digest of a file of the user's, remembered in `memory`, a directory of the cache.
///
/// # Errors
/// Fails where the file cannot be read.
pub fn remembered_digest(memory: Option<&Path>, path: &Path) -> io::Result<Sum> {
    let file = File::open(path)?;
    let Some(memory) = memory else { return digest(file) };
    let name = hex(&Sha256::digest(std::path::absolute(path)?.as_os_str().as_encoded_bytes()));
    let note = memory.join(name);
    let stamp = Stamp::of(&file.metadata()?);
    if let Ok(known) = std::fs::read(&note)
        && let Ok(seal) = serde_json::from_slice::<Seal>(&known)
        && seal.stamp == stamp
        && let Some(sum) = parse_hex(&seal.sha256)
    {
        return Ok(sum);
    }
    let sum = digest(&file)?;
    if !stamp.is_fresh() && Stamp::of(&file.metadata()?) == stamp {
        let seal = Seal { sha256: hex(&sum), stamp };
        // Only the next start would have been faster.
        let _ = serde_json::to_vec(&seal)
            .map_err(io::Error::from)
            .and_then(|text| write_atomically(&note, |f| f.write_all(&text)));
    }
    Ok(sum)
}

fn seal_path(path: &Path) -> PathBuf {
    path.with_added_extension("seal")
}

fn put(path: &Path, seal: &Seal) -> io::Result<()> {
    let text = serde_json::to_vec(seal)?;
    write_atomically(&seal_path(path), |f| f.write_all(&text))
}

fn parse_hex(text: &str) -> Option<Sum> {
    let mut sum = Sum::default();
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in sum.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(sum)
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
            assert_eq!(sum, <Sum>::from(Sha256::digest(content)));
        }
    }

    #[test]
    fn hexadecimal_is_read_back() {
        let sum: Sum = Sha256::digest("x").into();
        assert_eq!(parse_hex(&hex(&sum)), Some(sum));
        assert_eq!(parse_hex("zz"), None);
        assert_eq!(parse_hex(&"+1".repeat(32)), None);
    }
}
