//! What is done with a path.

use wasip2::filesystem::types::OpenFlags;

use super::descriptors::{APPEND, READ, WRITE, filestat, set_modified, times, with_files};
use super::time::now;
use super::{export, sockets};
use crate::descriptor::{AnyDirectory, Descriptor, Directory, OpenFile, Opened};
use crate::errno::{Errno, Result};
use crate::files::{Files, Place};
use crate::guest::{self, Range};
use crate::host;
use crate::nodes::Node;

/// `lookupflags`: SYMLINK_FOLLOW.
const FOLLOWS: u32 = 1;

// `oflags` of preview 1.
const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;
/// `fdflags`: DSYNC, RSYNC and SYNC, which wasmtime has not.
const SYNCHRONOUS: u32 = 2 | 8 | 16;

/// Where CPython would keep byte code. As in `pywagi dev`, it keeps none: here it would be gone after the request.
const BYTE_CODE: &str = "__pycache__";

export! {
    fn path_create_directory(directory: u32, path: u32, length: u32) {
        let (path, now) = (text(path, length)?, now(0)?);
        if path.ends_with(BYTE_CODE) {
            return Err(Errno::ReadOnly);
        }
        with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => files.create_directory(&place, now),
            At::Host(directory) => {
                let mut locks = core::mem::take(&mut files.locks);
                let made = locks.create_directory(files.of_host(), &directory, path, now);
                files.locks = locks;
                made
            }
        })
    }
    fn path_remove_directory(directory: u32, path: u32, length: u32) {
        let (path, now) = (text(path, length)?, now(0)?);
        with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => files.remove_directory(&place, now),
            At::Host(directory) => files.locks.remove_directory(&directory, path),
        })
    }
    fn path_unlink_file(directory: u32, path: u32, length: u32) {
        let (path, now) = (text(path, length)?, now(0)?);
        with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => files.unlink(&place, now),
            At::Host(directory) => directory.unlink(path),
        })
    }
    fn path_link(from: u32, lookup: u32, path: u32, length: u32, directory: u32, to: u32, to_length: u32) {
        let (path, to, now) = (text(path, length)?, text(to, to_length)?, now(0)?);
        with_files(|files| match (files.at(from, path)?, files.at(directory, to)?) {
            (At::Tree(from), At::Tree(to)) => files.link(&from, &to, now),
            (At::Host(from), At::Host(directory)) => from.link(lookup & FOLLOWS != 0, path, &directory, to),
            _ => Err(Errno::CrossDevice),
        })
    }
    fn path_rename(from: u32, path: u32, length: u32, directory: u32, to: u32, to_length: u32) {
        let (path, to, now) = (text(path, length)?, text(to, to_length)?, now(0)?);
        with_files(|files| match (files.at(from, path)?, files.at(directory, to)?) {
            (At::Tree(from), At::Tree(to)) => files.rename(&from, &to, now),
            (At::Host(from), At::Host(directory)) => from.rename(path, &directory, to),
            _ => Err(Errno::CrossDevice),
        })
    }
    // In trees there are no links: those of the app were followed when it was built.
    fn path_symlink(target: u32, target_length: u32, directory: u32, path: u32, length: u32) {
        let (target, path) = (text(target, target_length)?, text(path, length)?);
        with_files(|files| match files.directory(directory)? {
            AnyDirectory::Ours(_) => Err(Errno::NotSupported),
            AnyDirectory::Hosts(directory) => directory.symlink(target, path),
        })
    }
    fn path_readlink(directory: u32, path: u32, length: u32, buffer: u32, size: u32, used: u32) {
        let path = text(path, length)?;
        if let Some(told) = sockets::read_link(directory, path) {
            return sockets::fill(&told?, buffer, size, used);
        }
        let target = with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => files.node(&place).and(Err(Errno::Invalid)),
            At::Host(directory) => directory.read_link(path),
        })?;
        sockets::fill(&target, buffer, size, used)
    }
    fn path_filestat_get(directory: u32, lookup: u32, path: u32, length: u32, stat: u32) {
        let path = text(path, length)?;
        let described = with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => files.node(&place).map(|node| filestat(Some(&node))),
            At::Host(directory) if files.locks.holds(&directory, path) => Err(Errno::NotFound),
            At::Host(directory) => directory.stat_at(lookup & FOLLOWS != 0, path),
        })?;
        guest::Place(stat).write(&described)
    }
    fn path_filestat_set_times(
        directory: u32, lookup: u32, path: u32, length: u32, accessed: u64, modified: u64, which: u32
    ) {
        let (path, now) = (text(path, length)?, now(0)?);
        with_files(|files| match files.at(directory, path)? {
            At::Tree(place) => {
                files.check_writable(&place)?;
                match files.node(&place)? {
                    Node::File(_) => set_modified(&files.to_change(&place)?.identity, modified, which, now),
                    Node::Directory(identity) => set_modified(&identity, modified, which, now),
                }
            }
            At::Host(directory) => {
                directory.set_times_at(lookup & FOLLOWS != 0, path, times(accessed, modified, which)?)
            }
        })
    }
    fn path_open(
        directory: u32, lookup: u32, path: u32, length: u32, how: u32, rights: u64, _inheriting: u64, flags: u32,
        opened: u32
    ) {
        let (path, now) = (text(path, length)?, now(0)?);
        if let Some(number) = sockets::open(directory, path) {
            return guest::Place(opened).write(&number?.to_le_bytes());
        }
        let wish = Wish { how, rights, flags, follows: lookup & FOLLOWS != 0 };
        let number = with_files(|files| {
            let place = files.at(directory, path)?;
            wish.check(path)?;
            let descriptor = match place {
                At::Tree(place) => wish.open(files, place, now)?,
                At::Host(directory) => wish.open_of_host(&directory, path)?,
            };
            Ok(files.open(descriptor))
        })?;
        guest::Place(opened).write(&number.to_le_bytes())
    }
}

fn text(start: u32, length: u32) -> Result<&'static str> {
    Range { start, length }.text()
}

/// Where a path is.
enum At {
    /// In a tree.
    Tree(Place),
    /// Below a directory of the host's, which knows what it leads to.
    Host(host::Directory),
}

impl Files {
    fn at(&mut self, directory: u32, path: &str) -> Result<At> {
        match self.directory(directory)? {
            AnyDirectory::Ours(directory) => self.place(&directory, path).map(At::Tree),
            AnyDirectory::Hosts(directory) => Ok(At::Host(directory)),
        }
    }
}

/// How something is to be opened: `oflags`, `rights` and `fdflags`, and whether links are followed.
struct Wish {
    how: u32,
    rights: u64,
    flags: u32,
    follows: bool,
}

impl Wish {
    fn asks(&self, flag: u32) -> bool {
        self.how & flag != 0
    }

    fn writes(&self) -> bool {
        self.rights & WRITE != 0 || self.asks(TRUNCATE) || self.asks(CREATE)
    }

    fn reads(&self) -> bool {
        self.rights & READ != 0 || !self.writes()
    }

    /// The first of wasmtime's checks.
    fn check(&self, path: &str) -> Result {
        if self.asks(CREATE) && path.split('/').any(|part| part == BYTE_CODE) {
            return Err(Errno::ReadOnly);
        }
        if self.flags & SYNCHRONOUS != 0 {
            return Err(Errno::NotSupported);
        }
        if self.asks(DIRECTORY) && self.how & (CREATE | EXCLUSIVE | TRUNCATE) != 0 {
            return Err(Errno::Invalid);
        }
        Ok(())
    }

    fn opened(&self, file: Opened) -> Descriptor {
        let append = self.flags & APPEND != 0;
        let (readable, writable) = (self.reads(), self.writes());
        Descriptor::File(OpenFile { file, position: 0, readable, writable, append })
    }

    /// Opens what is at a place, in the order of wasmtime's checks.
    fn open(&self, files: &mut Files, place: Place, now: u64) -> Result<Descriptor> {
        let writes = self.writes();
        if writes {
            files.check_writable(&place)?;
        }
        let file = match files.node(&place) {
            Ok(_) if self.asks(CREATE) && self.asks(EXCLUSIVE) => return Err(Errno::Exists),
            Ok(Node::Directory(_)) if writes => return Err(Errno::IsDirectory),
            Ok(Node::Directory(_)) => {
                let Place { tree, read_only, path } = place;
                return Ok(Descriptor::Directory(Directory { tree, read_only, path: path.text, volume: None }));
            }
            Ok(Node::File(_)) if self.asks(DIRECTORY) => return Err(Errno::NotDirectory),
            Ok(Node::File(_)) if writes => files.to_change(&place)?,
            Ok(Node::File(file)) => file,
            Err(Errno::NotFound) if self.asks(CREATE) => files.create(&place, now)?,
            Err(errno) => return Err(errno),
        };
        if self.asks(TRUNCATE) {
            file.resize(0, now)?;
        }
        Ok(self.opened(Opened::Ours(file)))
    }

    /// Opens what the host has.
    fn open_of_host(&self, directory: &host::Directory, path: &str) -> Result<Descriptor> {
        // The bits are those of preview 1.
        let flags = OpenFlags::from_bits_retain((self.how & (CREATE | DIRECTORY | EXCLUSIVE | TRUNCATE)) as u8);
        let how = host::How { follows: self.follows, flags, reads: self.reads(), writes: self.writes() };
        Ok(match directory.open(path, &how)? {
            host::Opened::Directory(directory) => Descriptor::HostDirectory(directory),
            host::Opened::File(file) => self.opened(Opened::Hosts(file)),
        })
    }
}
