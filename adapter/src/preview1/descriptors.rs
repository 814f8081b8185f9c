//! What is done with a descriptor.

use alloc::vec::Vec;

use wasip2::filesystem::types::NewTimestamp;

use super::time::now;
use super::{buffers, export, scatter, sockets, total};
use crate::descriptor::{AnyDirectory, Descriptor, OpenFile, Opened};
use crate::errno::{Errno, Result};
use crate::files::Files;
use crate::guest::{Place, Range};
use crate::host::{self, Entry};
use crate::http;
use crate::nodes::{Identity, Node};
use crate::state::{self, State};

// File types, flags and rights of preview 1.
const UNKNOWN: u8 = 0;
const DIRECTORY: u8 = 3;
const REGULAR: u8 = 4;
/// That of a socket.
pub const STREAM_TYPE: u8 = 6;
/// `fdflags`: APPEND.
pub const APPEND: u32 = 1;
/// `rights`: FD_READ and FD_WRITE.
pub const READ: u64 = 1 << 1;
/// As above.
pub const WRITE: u64 = 1 << 6;
const ALL_RIGHTS: u64 = (1 << 30) - 1;
/// `rights`: FD_SEEK, PATH_FILESTAT_SET_SIZE and FD_FILESTAT_SET_SIZE, which directories have not.
const FILE_RIGHTS: u64 = 1 << 2 | 1 << 19 | 1 << 22;

export! {
    fn fd_advise(file: u32, _offset: u64, _length: u64, _advice: u32) { with_file(file, |_| Ok(())) }
    fn fd_allocate(_file: u32, _offset: u64, _length: u64) { Err(Errno::NotSupported) }
    fn fd_close(file: u32) {
        match sockets::find(file) {
            Some(socket) => sockets::close(socket),
            None => with_files(|files| files.close(file).map(drop)),
        }
    }
    fn fd_datasync(file: u32) { sync(file, true) }
    fn fd_sync(file: u32) { sync(file, false) }
    fn fd_renumber(file: u32, to: u32) { with_files(|files| files.renumber(file, to)) }

    fn fd_fdstat_get(file: u32, stat: u32) {
        if let Some(socket) = sockets::find(file) {
            let (kind, flags) = sockets::status(socket);
            return Place(stat).write(&fdstat(kind, flags, u64::MAX, u64::MAX));
        }
        let (kind, flags, rights) = with_files(|files| Ok(match files.descriptor(file)? {
            Descriptor::Input => (UNKNOWN, 0, READ),
            Descriptor::Output | Descriptor::Error => (UNKNOWN, 0, WRITE),
            Descriptor::Directory(_) | Descriptor::HostDirectory(_) => (DIRECTORY, 0, ALL_RIGHTS & !FILE_RIGHTS),
            Descriptor::File(open) => {
                let without = |right: u64, has: bool| if has { 0 } else { right };
                let rights = ALL_RIGHTS & !without(READ, open.readable) & !without(WRITE, open.writable);
                (REGULAR, if open.append { APPEND as u8 } else { 0 }, rights)
            }
        }))?;
        // What is opened in a directory may be read and written as its volume is: preopened ones give all.
        let inheriting = if kind == DIRECTORY { ALL_RIGHTS } else { rights };
        Place(stat).write(&fdstat(kind, flags, rights, inheriting))
    }
    fn fd_fdstat_set_flags(file: u32, flags: u32) {
        if let Some(socket) = sockets::find(file) {
            return sockets::set_flags(socket, flags);
        }
        with_file(file, |open| {
            open.append = flags & APPEND != 0;
            Ok(())
        })
    }
    fn fd_fdstat_set_rights(file: u32, _rights: u64, _inheriting: u64) {
        with_files(|files| files.descriptor(file).map(drop))?;
        Err(Errno::NotSupported)
    }

    fn fd_filestat_get(file: u32, stat: u32) {
        if sockets::find(file).is_some() {
            let mut described = filestat(None);
            (described[16], described[24]) = (STREAM_TYPE, 1);
            return Place(stat).write(&described);
        }
        let described = with_files(|files| match files.descriptor(file)?.clone() {
            Descriptor::Directory(directory) => {
                let place = files.place(&directory, ".")?;
                files.node(&place).map(|node| filestat(Some(&node)))
            }
            Descriptor::HostDirectory(directory) => directory.stat(),
            Descriptor::File(OpenFile { file: Opened::Ours(file), .. }) => Ok(filestat(Some(&Node::File(file)))),
            Descriptor::File(OpenFile { file: Opened::Hosts(file), .. }) => file.stat(),
            _ => Ok(filestat(None)),
        })?;
        Place(stat).write(&described)
    }
    fn fd_filestat_set_size(file: u32, size: u64) {
        let now = now(0)?;
        with_file(file, |open| open.resize(size, now))
    }
    fn fd_filestat_set_times(file: u32, accessed: u64, modified: u64, which: u32) {
        let now = now(0)?;
        with_files(|files| match files.descriptor(file)? {
            Descriptor::File(OpenFile { file: Opened::Ours(file), .. }) => {
                set_modified(&file.identity, modified, which, now)
            }
            Descriptor::File(OpenFile { file: Opened::Hosts(file), .. }) => {
                file.set_times(times(accessed, modified, which)?)
            }
            Descriptor::HostDirectory(directory) => directory.set_times(times(accessed, modified, which)?),
            _ => Err(Errno::BadDescriptor),
        })
    }

    fn fd_read(file: u32, list: u32, count: u32, moved: u32) {
        if let Some(socket) = sockets::find(file) {
            return sockets::receive(socket, list, count, 0, moved);
        }
        let read = state::with(|state| match state.files.descriptor(file)? {
            Descriptor::Input => {
                let read = scatter(list, count, state.input.rest())?;
                state.input.advance(read as usize);
                Ok(read)
            }
            Descriptor::File(open) => {
                let read = open.read(open.position, total(list, count)?, |bytes| scatter(list, count, bytes))?;
                open.position += u64::from(read);
                Ok(read)
            }
            _ => Err(Errno::BadDescriptor),
        })?;
        Place(moved).write(&read.to_le_bytes())
    }
    fn fd_pread(file: u32, list: u32, count: u32, offset: u64, moved: u32) {
        let most = total(list, count)?;
        let read = with_file(file, |open| open.read(offset, most, |bytes| scatter(list, count, bytes)))?;
        Place(moved).write(&read.to_le_bytes())
    }
    fn fd_write(file: u32, list: u32, count: u32, moved: u32) {
        if let Some(socket) = sockets::find(file) {
            return sockets::send(socket, list, count, moved);
        }
        let parts = buffers(list, count).map(|part| part?.bytes()).collect::<Result<Vec<_>>>()?;
        let now = now(0)?;
        let to_log = state::with(|state| write(state, file, &parts, now))?;
        if to_log {
            parts.iter().for_each(|part| http::log_bytes(part));
        }
        let written: usize = parts.iter().map(|part| part.len()).sum();
        Place(moved).write(&(written as u32).to_le_bytes())
    }
    fn fd_pwrite(file: u32, list: u32, count: u32, offset: u64, moved: u32) {
        let parts = buffers(list, count).map(|part| part?.bytes()).collect::<Result<Vec<_>>>()?;
        let now = now(0)?;
        let written = with_file(file, |open| {
            let mut at = offset;
            for part in &parts {
                open.write_at(at, part, now)?;
                at += part.len() as u64;
            }
            Ok(at - offset)
        })?;
        Place(moved).write(&(written as u32).to_le_bytes())
    }

    fn fd_seek(file: u32, offset: i64, whence: u32, position: u32) {
        let sought = with_files(|files| match files.descriptor(file)? {
            Descriptor::File(open) => {
                let base = match whence {
                    0 => 0,
                    1 => open.position,
                    2 => open.size()?,
                    _ => return Err(Errno::Invalid),
                };
                open.position = base.checked_add_signed(offset).ok_or(Errno::Invalid)?;
                Ok(open.position)
            }
            Descriptor::Directory(_) | Descriptor::HostDirectory(_) => Err(Errno::BadDescriptor),
            _ => Err(Errno::NotSeekable),
        })?;
        Place(position).write(&sought.to_le_bytes())
    }
    fn fd_tell(file: u32, position: u32) {
        let told = with_files(|files| match files.descriptor(file)? {
            Descriptor::File(open) => Ok(open.position),
            Descriptor::Directory(_) | Descriptor::HostDirectory(_) => Err(Errno::BadDescriptor),
            _ => Err(Errno::NotSeekable),
        })?;
        Place(position).write(&told.to_le_bytes())
    }

    fn fd_prestat_get(file: u32, prestat: u32) {
        let length = with_volume(file, |name| Ok(name.len() as u32))?;
        Place(prestat).write(&[0; 4])?;
        Place(prestat).further(4)?.write(&length.to_le_bytes())
    }
    fn fd_prestat_dir_name(file: u32, name: u32, length: u32) {
        with_volume(file, |known| match known.len() <= length as usize {
            true => Range { start: name, length }.fill(known.as_bytes()).map(drop),
            false => Err(Errno::NameTooLong),
        })
    }
    fn fd_readdir(file: u32, buffer: u32, length: u32, cookie: u64, used: u32) {
        let listed = with_files(|files| listing(files, file, cookie, length as usize))?;
        let filled = Range { start: buffer, length }.fill(&listed)?;
        Place(used).write(&filled.to_le_bytes())
    }
}

/// Lends the files.
pub fn with_files<R>(then: impl FnOnce(&mut Files) -> Result<R>) -> Result<R> {
    state::with(|state| then(&mut state.files))
}

fn with_file<R>(number: u32, then: impl FnOnce(&mut OpenFile) -> Result<R>) -> Result<R> {
    with_files(|files| then(files.file(number)?))
}

/// Lends the path of the volume that a descriptor is.
fn with_volume<R>(number: u32, then: impl FnOnce(&str) -> Result<R>) -> Result<R> {
    with_files(|files| {
        let volume = match files.descriptor(number)? {
            Descriptor::Directory(directory) => directory.volume,
            Descriptor::HostDirectory(directory) => directory.volume,
            _ => None,
        };
        then(volume.and_then(|volume| files.volume(volume)).ok_or(Errno::BadDescriptor)?)
    })
}

/// What is in memory here is kept nowhere else.
fn sync(file: u32, content_alone: bool) -> Result {
    with_files(|files| match files.descriptor(file)? {
        Descriptor::File(OpenFile { file: Opened::Hosts(file), .. }) => file.sync(content_alone),
        Descriptor::HostDirectory(directory) => directory.sync(),
        _ => Ok(()),
    })
}

/// Writes; says whether it is for the log.
fn write(state: &mut State, file: u32, parts: &[&[u8]], now: u64) -> Result<bool> {
    match state.files.descriptor(file)? {
        Descriptor::Output => {
            for part in parts {
                state.output.try_reserve(part.len()).map_err(|_| Errno::NoSpace)?;
                state.output.extend_from_slice(part);
            }
            Ok(false)
        }
        Descriptor::Error => Ok(true),
        Descriptor::File(open) => {
            for part in parts {
                open.write(part, now)?;
            }
            Ok(false)
        }
        _ => Err(Errno::BadDescriptor),
    }
}

/// An `fdstat`.
fn fdstat(kind: u8, flags: u8, rights: u64, inheriting: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[0] = kind;
    bytes[2] = flags;
    bytes[8..16].copy_from_slice(&rights.to_le_bytes());
    bytes[16..].copy_from_slice(&inheriting.to_le_bytes());
    bytes
}

/// A `filestat`; that of a stream without a node.
pub fn filestat(node: Option<&Node>) -> [u8; 64] {
    let mut bytes = [0; 64];
    let Some(node) = node else { return bytes };
    let identity = node.identity();
    let modified = identity.modified.get();
    bytes[16] = if node.is_directory() { DIRECTORY } else { REGULAR };
    // Device, inode, links, size, then the times of access, modification and change.
    let fields =
        [(0, 1), (8, identity.number), (24, 1), (32, node.size()), (40, modified), (48, modified), (56, modified)];
    for (at, field) in fields {
        bytes[at..at + 8].copy_from_slice(&field.to_le_bytes());
    }
    bytes
}

// `fstflags`: ATIM and ATIM_NOW, MTIM and MTIM_NOW, of which one excludes the other.
const ACCESSED: u32 = 1;
const ACCESSED_NOW: u32 = 2;
const MODIFIED: u32 = 4;
const MODIFIED_NOW: u32 = 8;

fn check_times(which: u32) -> Result {
    let both = |one: u32, other: u32| which & (one | other) == one | other;
    if both(ACCESSED, ACCESSED_NOW) || both(MODIFIED, MODIFIED_NOW) { Err(Errno::Invalid) } else { Ok(()) }
}

/// Sets the time of modification as `fstflags` say. That of access is not kept.
pub fn set_modified(identity: &Identity, modified: u64, which: u32, now: u64) -> Result {
    check_times(which)?;
    if which & MODIFIED != 0 {
        identity.modified.set(modified);
    } else if which & MODIFIED_NOW != 0 {
        identity.modified.set(now);
    }
    Ok(())
}

/// The times of access and modification as `fstflags` say.
pub fn times(accessed: u64, modified: u64, which: u32) -> Result<[NewTimestamp; 2]> {
    check_times(which)?;
    Ok([
        host::timestamp(accessed, which & ACCESSED != 0, which & ACCESSED_NOW != 0),
        host::timestamp(modified, which & MODIFIED != 0, which & MODIFIED_NOW != 0),
    ])
}

/// The entries of a directory from number `cookie` on, as `fd_readdir` gives them: as many as fit, the last one cut.
fn listing(files: &mut Files, file: u32, cookie: u64, most: usize) -> Result<Vec<u8>> {
    let (itself, entries) = match files.directory(file).map_err(|_| Errno::BadDescriptor)? {
        AnyDirectory::Ours(directory) => {
            let place = files.place(&directory, ".")?;
            let itself = files.node(&place)?.identity().number;
            let entry = |(name, node): (_, Node)| {
                let kind = if node.is_directory() { DIRECTORY } else { REGULAR };
                Entry { name, number: node.identity().number, kind }
            };
            (itself, files.children(&directory)?.into_iter().map(entry).collect())
        }
        AnyDirectory::Hosts(directory) => directory.list(cookie == 0)?,
    };
    let dots = [".", ".."].map(|name| (name, itself, DIRECTORY));
    let named = entries.iter().map(|entry| (entry.name.as_str(), entry.number, entry.kind));
    let mut bytes = Vec::new();
    let skipped = usize::try_from(cookie).unwrap_or(usize::MAX);
    for (next, (name, number, kind)) in (1_u64..).zip(dots.into_iter().chain(named)).skip(skipped) {
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&[kind, 0, 0, 0]);
        bytes.extend_from_slice(name.as_bytes());
        if bytes.len() >= most {
            break;
        }
    }
    Ok(bytes)
}
