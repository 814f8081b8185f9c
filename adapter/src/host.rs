//! Directories that the host gives, and their files: `wasi:filesystem`. What is written there lasts.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{
    Descriptor as Handle, DescriptorFlags, DescriptorStat, DescriptorType, MetadataHashValue, NewTimestamp, OpenFlags,
    PathFlags,
};

use crate::errno::{Errno, Result};

/// How much is read or appended by one call, in bytes; `blocking-write-and-flush` of wasi:io takes no more than the second.
const MOST_READ: usize = 1 << 20;
const MOST_APPENDED: usize = 4096;

const NANOSECONDS: u64 = 1_000_000_000;

/// The directories that the host gives, asked for when the first is needed.
#[derive(Default)]
pub struct Preopened(Option<Vec<(Handle, String)>>);

impl Preopened {
    /// The one at a path of the guest's.
    pub fn take(&mut self, path: &str) -> Option<Handle> {
        let all = self.0.get_or_insert_with(preopens::get_directories);
        let number = all.iter().position(|(_, name)| name.trim_end_matches('/') == path.trim_end_matches('/'))?;
        Some(all.swap_remove(number).0)
    }
}

/// A directory that is open.
#[derive(Clone)]
pub struct Directory {
    handle: Rc<Handle>,
    /// Whether nothing may be changed in it, whatever the host allows.
    read_only: bool,
    /// The number of the volume that it is, if it is one.
    pub volume: Option<usize>,
    /// What was in it when it was last listed from the beginning.
    listed: Rc<RefCell<Vec<Entry>>>,
}

/// What is in a directory.
#[derive(Clone)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: u64,
    /// The type of preview 1.
    pub kind: u8,
}

/// A file that is open.
#[derive(Clone)]
pub struct File {
    handle: Rc<Handle>,
    directory: Rc<Handle>,
    path: Rc<str>,
}

/// What was opened.
pub enum Opened {
    /// A directory.
    Directory(Directory),
    /// A file.
    File(File),
}

/// How a file is opened.
pub struct How {
    /// Whether a symbolic link is followed.
    pub follows: bool,
    /// What is made of it.
    pub flags: OpenFlags,
    /// Whether it is to be read.
    pub reads: bool,
    /// Whether it is to be written.
    pub writes: bool,
}

impl Directory {
    /// A directory, which is the volume of this number.
    pub fn new(handle: Handle, read_only: bool, volume: Option<usize>) -> Self {
        Self { handle: Rc::new(handle), read_only, volume, listed: Rc::default() }
    }

    fn to_change(&self) -> Result<&Handle> {
        if self.read_only { Err(Errno::NotPermitted) } else { Ok(&self.handle) }
    }

    /// Opens what is at a path.
    pub fn open(&self, path: &str, how: &How) -> Result<Opened> {
        let when = |asked, flag| if asked { flag } else { DescriptorFlags::empty() };
        let flags = when(how.reads, DescriptorFlags::READ) | when(how.writes, DescriptorFlags::WRITE);
        if how.writes {
            self.to_change()?;
        }
        let handle = self.handle.open_at(following(how.follows), path, how.flags, flags)?;
        Ok(match handle.get_type()? {
            DescriptorType::Directory => Opened::Directory(Self::new(handle, self.read_only, None)),
            _ => Opened::File(File { handle: Rc::new(handle), directory: Rc::clone(&self.handle), path: path.into() }),
        })
    }

    /// Whether a file was opened by this path below this very descriptor.
    pub fn has_opened(&self, file: &File, path: &str) -> bool {
        self.is(&file.directory) && &*file.path == path
    }

    /// Whether the two are one descriptor.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is(&other.handle)
    }

    fn is(&self, handle: &Rc<Handle>) -> bool {
        Rc::ptr_eq(&self.handle, handle)
    }

    /// Makes a directory.
    pub fn create_directory(&self, path: &str) -> Result {
        Ok(self.to_change()?.create_directory_at(path)?)
    }

    /// Removes an empty directory.
    pub fn remove_directory(&self, path: &str) -> Result {
        Ok(self.to_change()?.remove_directory_at(path)?)
    }

    /// Removes a file.
    pub fn unlink(&self, path: &str) -> Result {
        Ok(self.to_change()?.unlink_file_at(path)?)
    }

    /// Makes another name for a file.
    pub fn link(&self, follows: bool, path: &str, to: &Self, name: &str) -> Result {
        Ok(self.to_change()?.link_at(following(follows), path, to.to_change()?, name)?)
    }

    /// Renames a file or a directory.
    pub fn rename(&self, path: &str, to: &Self, name: &str) -> Result {
        Ok(self.to_change()?.rename_at(path, to.to_change()?, name)?)
    }

    /// Makes a symbolic link.
    pub fn symlink(&self, target: &str, path: &str) -> Result {
        Ok(self.to_change()?.symlink_at(target, path)?)
    }

    /// Where a symbolic link leads.
    pub fn read_link(&self, path: &str) -> Result<String> {
        Ok(self.handle.readlink_at(path)?)
    }

    /// The `filestat` of what is at a path.
    pub fn stat_at(&self, follows: bool, path: &str) -> Result<[u8; 64]> {
        let flags = following(follows);
        Ok(filestat(&self.handle.stat_at(flags, path)?, self.handle.metadata_hash_at(flags, path)?))
    }

    /// The `filestat` of the directory.
    pub fn stat(&self) -> Result<[u8; 64]> {
        stat(&self.handle)
    }

    /// When what is at a path was modified, in nanoseconds since 1970.
    pub fn modified(&self, path: &str) -> Result<u64> {
        Ok(nanoseconds(self.handle.stat_at(PathFlags::empty(), path)?.data_modification_timestamp))
    }

    /// Sets times of what is at a path.
    pub fn set_times_at(&self, follows: bool, path: &str, [accessed, modified]: [NewTimestamp; 2]) -> Result {
        Ok(self.to_change()?.set_times_at(following(follows), path, accessed, modified)?)
    }

    /// Sets times of the directory.
    pub fn set_times(&self, [accessed, modified]: [NewTimestamp; 2]) -> Result {
        Ok(self.to_change()?.set_times(accessed, modified)?)
    }

    /// Has the host write what it only remembers.
    pub fn sync(&self) -> Result {
        Ok(self.handle.sync()?)
    }

    /// Lists it: as it is now, or as it was when it was last listed so.
    pub fn list(&self, is_anew: bool) -> Result<(u64, Vec<Entry>)> {
        let own = self.handle.metadata_hash()?.lower;
        if is_anew {
            let mut listed = Vec::new();
            let stream = self.handle.read_directory()?;
            while let Some(entry) = stream.read_directory_entry()? {
                // One that has just been removed is in it no more.
                if let Ok(hash) = self.handle.metadata_hash_at(PathFlags::empty(), &entry.name) {
                    listed.push(Entry { name: entry.name, number: hash.lower, kind: kind(entry.type_) });
                }
            }
            self.listed.replace(listed);
        }
        Ok((own, self.listed.borrow().clone()))
    }
}

impl File {
    /// Its size in bytes.
    pub fn size(&self) -> Result<u64> {
        Ok(self.handle.stat()?.size)
    }

    /// The `filestat` of it.
    pub fn stat(&self) -> Result<[u8; 64]> {
        stat(&self.handle)
    }

    /// What is from `offset` on, `most` bytes or fewer.
    pub fn read(&self, offset: u64, most: usize) -> Result<Vec<u8>> {
        if most == 0 {
            return Ok(Vec::new());
        }
        Ok(self.handle.read(most.min(MOST_READ) as u64, offset)?.0)
    }

    /// Writes at `offset`.
    pub fn write(&self, mut offset: u64, mut bytes: &[u8]) -> Result {
        while !bytes.is_empty() {
            let written = self.handle.write(bytes, offset)?;
            bytes = match usize::try_from(written) {
                Ok(1..) => bytes.get(written as usize..).unwrap_or_default(),
                _ => return Err(Errno::Io),
            };
            offset = offset.saturating_add(written);
        }
        Ok(())
    }

    /// Writes at its end, wherever that is by then.
    pub fn append(&self, bytes: &[u8]) -> Result {
        let stream = self.handle.append_via_stream()?;
        for part in bytes.chunks(MOST_APPENDED) {
            stream.blocking_write_and_flush(part).map_err(|_| Errno::Io)?;
        }
        Ok(())
    }

    /// Makes it so long.
    pub fn resize(&self, size: u64) -> Result {
        Ok(self.handle.set_size(size)?)
    }

    /// Sets its times.
    pub fn set_times(&self, [accessed, modified]: [NewTimestamp; 2]) -> Result {
        Ok(self.handle.set_times(accessed, modified)?)
    }

    /// Has the host write what it only remembers: of its content alone, or of all.
    pub fn sync(&self, content_alone: bool) -> Result {
        Ok(if content_alone { self.handle.sync_data() } else { self.handle.sync() }?)
    }
}

fn following(follows: bool) -> PathFlags {
    if follows { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() }
}

/// A time as `fd_filestat_set_times` has it: given, now, or not to be changed.
pub fn timestamp(given: u64, is_given: bool, is_now: bool) -> NewTimestamp {
    let datetime = Datetime { seconds: given / NANOSECONDS, nanoseconds: (given % NANOSECONDS) as u32 };
    match (is_given, is_now) {
        (true, _) => NewTimestamp::Timestamp(datetime),
        (_, true) => NewTimestamp::Now,
        _ => NewTimestamp::NoChange,
    }
}

fn nanoseconds(time: Option<Datetime>) -> u64 {
    let time = time.unwrap_or(Datetime { seconds: 0, nanoseconds: 0 });
    time.seconds.saturating_mul(NANOSECONDS).saturating_add(time.nanoseconds.into())
}

/// A `filetype` of preview 1.
fn kind(kind: DescriptorType) -> u8 {
    match kind {
        DescriptorType::Unknown | DescriptorType::Fifo => 0,
        DescriptorType::BlockDevice => 1,
        DescriptorType::CharacterDevice => 2,
        DescriptorType::Directory => 3,
        DescriptorType::RegularFile => 4,
        DescriptorType::Socket => 6,
        DescriptorType::SymbolicLink => 7,
    }
}

fn stat(handle: &Handle) -> Result<[u8; 64]> {
    Ok(filestat(&handle.stat()?, handle.metadata_hash()?))
}

/// A `filestat` of preview 1. As in wasmtime, the number of a file is a hash of what the host knows it by.
fn filestat(stat: &DescriptorStat, hash: MetadataHashValue) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[16] = kind(stat.type_);
    let accessed = nanoseconds(stat.data_access_timestamp);
    let (modified, changed) =
        (nanoseconds(stat.data_modification_timestamp), nanoseconds(stat.status_change_timestamp));
    let fields = [
        (0, 1),
        (8, hash.lower),
        (24, stat.link_count),
        (32, stat.size),
        (40, accessed),
        (48, modified),
        (56, changed),
    ];
    for (at, field) in fields {
        bytes[at..at + 8].copy_from_slice(&field.to_le_bytes());
    }
    bytes
}
