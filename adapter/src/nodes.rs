//! Files and directories: their content, as the component has it or as it was written.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use wagi_contract::component;

use crate::errno::{Errno, Result};

/// The size that a directory tells, in bytes.
const DIRECTORY_SIZE: u64 = 4096;

/// A file or a directory.
#[derive(Clone)]
pub enum Node {
    /// A directory.
    Directory(Rc<Identity>),
    /// A file.
    File(Rc<File>),
}

/// What all nodes have.
pub struct Identity {
    /// Its number in its tree.
    pub number: u64,
    /// When it was modified, in nanoseconds since 1970.
    pub modified: Cell<u64>,
}

/// A file.
pub struct File {
    /// What all nodes have.
    pub identity: Identity,
    content: RefCell<Content>,
}

/// The content of a file.
enum Content {
    /// As the component has it.
    Fixed(&'static [u8]),
    /// As it was written.
    Written(Vec<u8>),
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Fixed(bytes) => bytes,
            Self::Written(bytes) => bytes,
        }
    }

    /// The content, to be changed.
    fn written(&mut self) -> &mut Vec<u8> {
        if let Self::Fixed(bytes) = self {
            *self = Self::Written(bytes.to_vec());
        }
        match self {
            Self::Written(bytes) => bytes,
            // It has just been made the other.
            Self::Fixed(_) => unreachable!(),
        }
    }
}

impl File {
    /// An empty file.
    pub fn empty(identity: Identity) -> Self {
        Self { identity, content: RefCell::new(Content::Written(Vec::new())) }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.content.borrow().bytes().len() as u64
    }

    /// Hands what is from `offset` on to `then`.
    pub fn read<R>(&self, offset: u64, then: impl FnOnce(&[u8]) -> R) -> R {
        let content = self.content.borrow();
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        then(content.bytes().get(start..).unwrap_or_default())
    }

    /// Writes at `offset`.
    pub fn write(&self, offset: u64, bytes: &[u8], now: u64) -> Result {
        if bytes.is_empty() {
            return Ok(());
        }
        let start = usize::try_from(offset).map_err(|_| Errno::NoSpace)?;
        let end = start.checked_add(bytes.len()).ok_or(Errno::NoSpace)?;
        self.grow(end)?;
        if let Some(place) = self.content.borrow_mut().written().get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
        self.identity.modified.set(now);
        Ok(())
    }

    /// Makes it at least so long.
    pub fn grow(&self, size: usize) -> Result {
        let mut content = self.content.borrow_mut();
        let written = content.written();
        if let Some(more) = size.checked_sub(written.len()) {
            written.try_reserve(more).map_err(|_| Errno::NoSpace)?;
            written.resize(size, 0);
        }
        Ok(())
    }

    /// Makes it exactly so long.
    pub fn resize(&self, size: u64, now: u64) -> Result {
        let size = usize::try_from(size).map_err(|_| Errno::NoSpace)?;
        self.grow(size)?;
        self.content.borrow_mut().written().truncate(size);
        self.identity.modified.set(now);
        Ok(())
    }
}

impl Node {
    /// What all nodes have.
    pub fn identity(&self) -> &Identity {
        match self {
            Self::Directory(identity) => identity,
            Self::File(file) => &file.identity,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory(_))
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Directory(_) => DIRECTORY_SIZE,
            Self::File(file) => file.size(),
        }
    }

    /// What the component has under a number.
    pub fn fixed(number: u32, file: component::File<'static>) -> Self {
        let identity = Identity { number: u64::from(number) + 1, modified: Cell::new(file.modified) };
        if file.is_directory {
            Self::Directory(Rc::new(identity))
        } else {
            Self::File(Rc::new(File { identity, content: RefCell::new(Content::Fixed(file.content)) }))
        }
    }
}
