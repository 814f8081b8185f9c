//! `.tar.gz`: unpacking all of it, or one member of a package.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use tar::{Entry, EntryType};

use super::{Archive, Limits, Refusal, Unpacking, damaged, lacks, lossy, open, refuse};
use crate::error::Result;

/// Unpacks the `.tar.gz` `archive` into the new directory `into`. `progress` is called with the number of compressed
/// bytes of each read.
///
/// # Errors
/// Fails where the archive is damaged or refused, see the [module](super), and where `into` cannot be written.
pub fn unpack_tar_gz(archive: Archive<'_>, into: &Path, limits: Limits, progress: impl FnMut(u64)) -> Result<()> {
    let mut unpacking = Unpacking::new(archive, into, limits);
    each_entry(archive, limits, progress, |entry| {
        let name = entry.path_bytes().into_owned();
        match entry.header().entry_type() {
            // In the format before POSIX, a directory is a file whose name ends in a slash.
            EntryType::Regular if name.ends_with(b"/") => unpacking.directory(&name)?,
            EntryType::Regular | EntryType::Continuous => unpacking.file(&name, entry)?,
            EntryType::Directory => unpacking.directory(&name)?,
            // Defaults for later entries, as `git archive` writes them; none affects names or contents.
            EntryType::XGlobalHeader => unpacking.count()?,
            other => {
                return Err(refuse(archive, Refusal::Kind(lossy(&name), kind(other))));
            }
        }
        Ok(Next::Go)
    })
}

/// Copies the file `member` of the `.tar.gz` `archive` to `out` and returns its size. At most `limit` + 1 bytes are
/// copied.
///
/// # Errors
/// Fails where the archive is damaged or has no such file, and where `out` cannot be written.
pub fn write_member(archive: Archive<'_>, member: &str, limit: u64, out: &mut impl io::Write) -> Result<u64> {
    let mut found = None;
    each_entry(
        archive,
        Limits::default(),
        |_| (),
        |entry| {
            if entry.path_bytes().as_ref() != member.as_bytes() || !entry.header().entry_type().is_file() {
                return Ok(Next::Go);
            }
            let copied = io::copy(&mut entry.take(limit.saturating_add(1)), out);
            found = Some(copied.map_err(|e| damaged(archive, e))?);
            Ok(Next::Stop)
        },
    )?;
    found.ok_or_else(|| lacks(archive, member))
}

enum Next {
    Go,
    Stop,
}

/// Calls `visit` with every entry in order, then reads to the end, so that gzip's checksum is checked.
fn each_entry(
    archive: Archive<'_>,
    limits: Limits,
    progress: impl FnMut(u64),
    mut visit: impl FnMut(&mut Entry<'_, Box<dyn Read + '_>>) -> Result<Next>,
) -> Result<()> {
    let file = Counted { inner: open(archive)?, progress };
    // Headers count too: each entry may have a few blocks of them.
    let left = limits.size.saturating_add(limits.entries.saturating_mul(4 * 512)).saturating_add(1 << 20);
    let exceeded = Rc::new(Cell::new(false));
    let stream = Bounded { inner: MultiGzDecoder::new(file), left, exceeded: Rc::clone(&exceeded) };
    let unreadable = |e: io::Error| {
        if exceeded.get() { refuse(archive, Refusal::TooLarge(limits.size)) } else { damaged(archive, e) }
    };
    let mut tar = tar::Archive::new(Box::new(stream) as Box<dyn Read + '_>);
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        match visit(&mut entry) {
            Ok(Next::Go) => {}
            Ok(Next::Stop) => return Ok(()),
            Err(_) if exceeded.get() => return Err(unreadable(io::Error::other("too large"))),
            Err(e) => return Err(e),
        }
    }
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(unreadable)?;
    Ok(())
}

/// The name of an entry type that is not unpacked, with its article.
fn kind(entry: EntryType) -> String {
    match entry {
        EntryType::Link => "a hard link".to_owned(),
        EntryType::Symlink => "a symbolic link".to_owned(),
        EntryType::Char => "a character device".to_owned(),
        EntryType::Block => "a block device".to_owned(),
        EntryType::Fifo => "a named pipe".to_owned(),
        EntryType::GNUSparse => "a sparse file".to_owned(),
        other => format!("of the unknown type {:?}", char::from(other.as_byte())),
    }
}

/// A reader that reports the size of each read.
struct Counted<R, P> {
    inner: R,
    progress: P,
}

impl<R: Read, P: FnMut(u64)> Read for Counted<R, P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        (self.progress)(n as u64);
        Ok(n)
    }
}

/// A reader that fails after `left` bytes and then sets `exceeded`, since tar's own errors hide the cause.
struct Bounded<R> {
    inner: R,
    left: u64,
    exceeded: Rc<Cell<bool>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => self.left = left,
            None => {
                self.exceeded.set(true);
                return Err(io::Error::other("the archive unpacks to more than its limit"));
            }
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integration tests cover the others; they cannot create the header of a sparse file.
    #[test]
    fn a_sparse_file_is_called_one() {
        assert_eq!(kind(EntryType::GNUSparse), "a sparse file");
    }
}
