//! `.zip`: unpacking all of it, or one member of a wheel.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Archive, CopyError, Limits, Refusal, Unpacking, copy, damaged, lacks, lossy, open, refuse};
use crate::error::{Error, Result};

/// Unpacks the zip file `archive` into the new directory `into`. `progress` is called with the compressed size of
/// each file.
///
/// # Errors
/// Fails where the archive is damaged or refused, see the [module](super), and where `into` cannot be written.
pub fn unpack_zip(archive: Archive<'_>, into: &Path, limits: Limits, mut progress: impl FnMut(u64)) -> Result<()> {
    let mut zip = read(archive)?;
    refuse_duplicates(archive, &zip)?;
    let mut unpacking = Unpacking::new(archive, into, limits);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|e| unreadable(archive, e))?;
        let name = entry.name_raw().to_owned();
        if let Some(kind) = entry.unix_mode().and_then(other_kind) {
            return Err(refuse(archive, Refusal::Kind(lossy(&name), kind)));
        }
        if entry.is_dir() {
            unpacking.directory(&name)?;
        } else {
            unpacking.file(&name, &mut entry)?;
        }
        progress(entry.compressed_size());
    }
    Ok(())
}

/// What an entry with this Unix mode is, with its article, unless it is a file or a directory. Archives made elsewhere than
/// on Unix have no mode, or one without a kind.
fn other_kind(mode: u32) -> Option<String> {
    const KINDS: u32 = 0o170_000;
    Some(match mode & KINDS {
        0 | 0o100_000 | 0o040_000 => return None,
        0o120_000 => "a symbolic link".to_owned(),
        0o020_000 => "a character device".to_owned(),
        0o060_000 => "a block device".to_owned(),
        0o010_000 => "a named pipe".to_owned(),
        0o140_000 => "a socket".to_owned(),
        other => format!("of the unknown type {other:o}"),
    })
}

/// Copies the file `member` of the zip file `archive` to `out` and returns its size. At most `limit` + 1 bytes are copied.
///
/// # Errors
/// Fails where the archive is damaged or has no such file, and where `out` cannot be written.
pub fn write_zip_member(archive: Archive<'_>, member: &str, limit: u64, out: &mut impl io::Write) -> Result<u64> {
    let mut zip = read(archive)?;
    let entry = match zip.by_name(member) {
        Err(ZipError::FileNotFound) => {
            return Err(lacks(archive, member));
        }
        other => other.map_err(|e| unreadable(archive, e))?,
    };
    copy(entry.take(limit.saturating_add(1)), out).map_err(|e| match e {
        CopyError::Read(e) => damaged(archive, e),
        CopyError::Write(e) => Error::new(format!("cannot unpack {member} of {}", archive.name)).because(e),
    })
}

/// The names of the entries of the zip file `archive`.
///
/// # Errors
/// Fails where it is damaged.
pub fn zip_names(archive: Archive<'_>) -> Result<Vec<String>> {
    Ok(read(archive)?.file_names().map(str::to_owned).collect())
}

fn read(archive: Archive<'_>) -> Result<ZipArchive<BufReader<File>>> {
    ZipArchive::new(BufReader::new(open(archive)?)).map_err(|e| unreadable(archive, e))
}

fn unreadable(archive: Archive<'_>, error: ZipError) -> Error {
    damaged(archive, io::Error::other(error))
}

/// Refuses an archive with two entries of one name. The zip crate keeps only one of them, so the records of the central
/// directory (APPNOTE.TXT 4.3.12) are counted and compared with the number that it kept.
fn refuse_duplicates(archive: Archive<'_>, zip: &ZipArchive<BufReader<File>>) -> Result<()> {
    let mut file = BufReader::new(open(archive)?);
    let records = count_records(&mut file, zip.central_directory_start()).map_err(|e| damaged(archive, e))?;
    if records != zip.len() {
        return Err(refuse(archive, Refusal::Duplicates));
    }
    Ok(())
}

/// The number of consecutive central directory headers at `start`.
fn count_records(file: &mut (impl Read + Seek), start: u64) -> io::Result<usize> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    file.seek(SeekFrom::Start(start))?;
    let mut records = 0;
    loop {
        let mut header = [0; 46];
        let mut signature = [0; 4];
        file.read_exact(&mut signature)?;
        if signature != SIGNATURE {
            return Ok(records);
        }
        file.read_exact(&mut header[4..])?;
        // Lengths of the name, the extra field and the comment.
        let length = |at: usize| i64::from(u16::from_le_bytes([header[at], header[at + 1]]));
        file.seek_relative(length(28) + length(30) + length(32))?;
        records += 1;
    }
}
