//! `.tar.gz`: unpacking all of it, or one member of a package that is one.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use tar::{Entry, EntryType};

use super::{Archive, Limits, Unpacking, damaged, lacks, open, refuse};
use crate::error::Result;

/// Unpacks the `.tar.gz` `archive` into the new directory `into`. `progress` is told the compressed bytes as they are
/// read.
///
/// # Errors
/// Fails where the archive is damaged or refused, see the [module](super), and where `into` cannot be written.
pub fn unpack_tar_gz(archive: Archive<'_>, into: &Path, limits: Limits, progress: impl FnMut(u64)) -> Result<()> {
    let mut unpacking = Unpacking::new(archive, into, limits);
    each_entry(archive, limits, progress, |entry| {
        let name = entry.path_bytes().into_owned();
        match entry.header().entry_type() {
            // The format before POSIX had no directories, only names that end in a slash.
            EntryType::Regular if name.ends_with(b"/") => unpacking.directory(&name)?,
            EntryType::Regular | EntryType::Continuous => unpacking.file(&name, entry)?,
            EntryType::Directory => unpacking.directory(&name)?,
            // Defaults for later entries, as `git archive` writes them; none of them matters to us.
            EntryType::XGlobalHeader => unpacking.count()?,
            other => {
                let name = String::from_utf8_lossy(&name);
                return Err(refuse(archive, format_args!("its entry {name:?} is {}", kind(other))));
            }
        }
        Ok(Next::Go)
    })
}

/// Copies the file `member` of the `.tar.gz` `archive` to `out`, without unpacking anything else, and says how many
/// bytes it has. Of more than `limit` bytes only the first `limit` + 1 are copied.
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

/// Whether to read the next entry.
enum Next {
    Go,
    Stop,
}

/// Calls `visit` with every entry in order, then reads what is left, so that gzip's checksum is checked.
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
        if exceeded.get() {
            refuse(archive, format_args!("it unpacks to more than {} bytes", limits.size))
        } else {
            damaged(archive, e)
        }
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

/// What an entry is that we do not unpack.
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

/// A reader that reports what it reads.
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

/// A reader that fails once it has given `left` bytes, and says so by `exceeded`: tar's own errors hide the cause.
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
                return Err(io::Error::other("the archive unpacks to more than allowed"));
            }
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integration tests have the others; a sparse file needs a header that they cannot make.
    #[test]
    fn a_sparse_file_is_called_one() {
        assert_eq!(kind(EntryType::GNUSparse), "a sparse file");
    }
}
