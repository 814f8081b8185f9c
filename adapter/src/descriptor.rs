//! What the numbers of descriptors stand for.

use alloc::rc::Rc;
use alloc::string::String;

use crate::errno::{Errno, Result};
use crate::host;
use crate::nodes::File;

/// What a descriptor stands for.
#[derive(Clone)]
pub enum Descriptor {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
    /// A directory of a tree.
    Directory(Directory),
    /// A directory of the host's.
    HostDirectory(host::Directory),
    /// A file that is open.
    File(OpenFile),
}

/// A directory that is open.
pub enum AnyDirectory {
    /// One of a tree.
    Ours(Directory),
    /// One of the host's.
    Hosts(host::Directory),
}

/// A directory of a tree that is open.
#[derive(Clone)]
pub struct Directory {
    /// Its tree.
    pub tree: u32,
    /// Whether nothing may be changed in it.
    pub read_only: bool,
    /// Its path in the tree.
    pub path: String,
    /// The number of the volume that it is, if it is one.
    pub volume: Option<usize>,
}

/// A file that is open.
#[derive(Clone)]
pub struct OpenFile {
    /// The file.
    pub file: Opened,
    /// Where it is read and written.
    pub position: u64,
    /// Whether it may be read.
    pub readable: bool,
    /// Whether it may be written.
    pub writable: bool,
    /// Whether it is written at its end.
    pub append: bool,
}

/// Whose file is open.
#[derive(Clone)]
pub enum Opened {
    /// One of a tree.
    Ours(Rc<File>),
    /// One of the host's.
    Hosts(host::File),
}

impl OpenFile {
    /// Its size in bytes.
    pub fn size(&self) -> Result<u64> {
        match &self.file {
            Opened::Ours(file) => Ok(file.size()),
            Opened::Hosts(file) => file.size(),
        }
    }

    /// Hands what is from `offset` on, `most` bytes or fewer, to `then`.
    pub fn read<R>(&self, offset: u64, most: usize, then: impl FnOnce(&[u8]) -> Result<R>) -> Result<R> {
        if !self.readable {
            return Err(Errno::BadDescriptor);
        }
        match &self.file {
            Opened::Ours(file) => file.read(offset, then),
            Opened::Hosts(file) => then(&file.read(offset, most)?),
        }
    }

    /// Writes at `offset`.
    pub fn write_at(&self, offset: u64, bytes: &[u8], now: u64) -> Result {
        if !self.writable {
            return Err(Errno::BadDescriptor);
        }
        match &self.file {
            Opened::Ours(file) => file.write(offset, bytes, now),
            Opened::Hosts(file) => file.write(offset, bytes),
        }
    }

    /// Writes where it is, and is behind that afterwards.
    pub fn write(&mut self, bytes: &[u8], now: u64) -> Result {
        match &self.file {
            // Others may write to it at the same time, each behind the other.
            Opened::Hosts(file) if self.append && self.writable => {
                file.append(bytes)?;
                self.position = file.size()?;
            }
            _ => {
                let at = if self.append { self.size()? } else { self.position };
                self.write_at(at, bytes, now)?;
                self.position = at.saturating_add(bytes.len() as u64);
            }
        }
        Ok(())
    }

    /// Makes it so long.
    pub fn resize(&self, size: u64, now: u64) -> Result {
        match &self.file {
            _ if !self.writable => Err(Errno::Invalid),
            Opened::Ours(file) => file.resize(size, now),
            Opened::Hosts(file) => file.resize(size),
        }
    }
}
