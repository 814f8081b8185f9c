//! What is done with a path.

use super::descriptors::{APPEND, READ, WRITE, filestat, set_modified, with_files};
use super::export;
use super::time::now;
use crate::errno::{Errno, Result};
use crate::files::{Descriptor, Directory, Files, OpenFile, Place};
use crate::guest::{self, Range};
use crate::nodes::Node;

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
        at(directory, path, |files, place| match path.ends_with(BYTE_CODE) {
            true => Err(Errno::ReadOnly),
            false => files.create_directory(&place, now),
        })
    }
    fn path_remove_directory(directory: u32, path: u32, length: u32) {
        let (path, now) = (text(path, length)?, now(0)?);
        at(directory, path, |files, place| files.remove_directory(&place, now))
    }
    fn path_unlink_file(directory: u32, path: u32, length: u32) {
        let (path, now) = (text(path, length)?, now(0)?);
        at(directory, path, |files, place| files.unlink(&place, now))
    }
    fn path_link(from: u32, _lookup: u32, path: u32, length: u32, directory: u32, to: u32, to_length: u32) {
        let (path, to, now) = (text(path, length)?, text(to, to_length)?, now(0)?);
        between((from, path), (directory, to), |files, from, to| files.link(from, to, now))
    }
    fn path_rename(from: u32, path: u32, length: u32, directory: u32, to: u32, to_length: u32) {
        let (path, to, now) = (text(path, length)?, text(to, to_length)?, now(0)?);
        between((from, path), (directory, to), |files, from, to| files.rename(from, to, now))
    }
    // There are no links: those of the app were followed when it was built.
    fn path_symlink(_target: u32, _target_length: u32, _directory: u32, _path: u32, _length: u32) {
        Err(Errno::NotSupported)
    }
    fn path_readlink(directory: u32, path: u32, length: u32, _buffer: u32, _size: u32, _used: u32) {
        let path = text(path, length)?;
        at(directory, path, |files, place| files.node(&place))?;
        Err(Errno::Invalid)
    }
    fn path_filestat_get(directory: u32, _lookup: u32, path: u32, length: u32, stat: u32) {
        let path = text(path, length)?;
        let node = at(directory, path, |files, place| files.node(&place))?;
        guest::Place(stat).write(&filestat(Some(&node)))
    }
    fn path_filestat_set_times(
        directory: u32, _lookup: u32, path: u32, length: u32, _accessed: u64, modified: u64, which: u32
    ) {
        let (path, now) = (text(path, length)?, now(0)?);
        at(directory, path, |files, place| {
            files.check_writable(&place)?;
            match files.node(&place)? {
                Node::File(_) => set_modified(&files.to_change(&place)?.identity, modified, which, now),
                Node::Directory(identity) => set_modified(&identity, modified, which, now),
            }
        })
    }
    fn path_open(
        directory: u32, _lookup: u32, path: u32, length: u32, how: u32, rights: u64, _inheriting: u64, flags: u32,
        opened: u32
    ) {
        let (path, now) = (text(path, length)?, now(0)?);
        let number = at(directory, path, |files, place| {
            let descriptor = open(files, place, how, rights, flags, now)?;
            Ok(files.open(descriptor))
        })?;
        guest::Place(opened).write(&number.to_le_bytes())
    }
}

fn text(start: u32, length: u32) -> Result<&'static str> {
    Range { start, length }.text()
}

/// Hands the place of a path to `then`.
fn at<R>(directory: u32, path: &str, then: impl FnOnce(&mut Files, Place) -> Result<R>) -> Result<R> {
    with_files(|files| {
        let directory = files.directory(directory)?;
        let place = files.place(&directory, path)?;
        then(files, place)
    })
}

/// Hands the places of two paths to `then`.
fn between(
    (from, path): (u32, &str),
    (directory, to): (u32, &str),
    then: impl FnOnce(&mut Files, &Place, &Place) -> Result,
) -> Result {
    with_files(|files| {
        let (from, directory) = (files.directory(from)?, files.directory(directory)?);
        let (from, to) = (files.place(&from, path)?, files.place(&directory, to)?);
        then(files, &from, &to)
    })
}

/// Opens what is at a place, in the order of wasmtime's checks.
fn open(files: &mut Files, place: Place, how: u32, rights: u64, flags: u32, now: u64) -> Result<Descriptor> {
    let asks = |flag| how & flag != 0;
    let truncates = asks(TRUNCATE);
    let writes = rights & WRITE != 0 || truncates || asks(CREATE);
    if asks(CREATE) && place.path.text.split('/').any(|part| part == BYTE_CODE) {
        return Err(Errno::ReadOnly);
    }
    if flags & SYNCHRONOUS != 0 {
        return Err(Errno::NotSupported);
    }
    if asks(DIRECTORY) && how & (CREATE | EXCLUSIVE | TRUNCATE) != 0 {
        return Err(Errno::Invalid);
    }
    if writes {
        files.check_writable(&place)?;
    }
    let file = match files.node(&place) {
        Ok(_) if asks(CREATE) && asks(EXCLUSIVE) => return Err(Errno::Exists),
        Ok(Node::Directory(_)) if writes => return Err(Errno::IsDirectory),
        Ok(Node::Directory(_)) => {
            let Place { tree, read_only, path } = place;
            return Ok(Descriptor::Directory(Directory { tree, read_only, path: path.text, volume: None }));
        }
        Ok(Node::File(_)) if asks(DIRECTORY) => return Err(Errno::NotDirectory),
        Ok(Node::File(_)) if writes => files.to_change(&place)?,
        Ok(Node::File(file)) => file,
        Err(Errno::NotFound) if asks(CREATE) => files.create(&place, now)?,
        Err(errno) => return Err(errno),
    };
    if truncates {
        file.resize(0, now)?;
    }
    let writable = writes;
    let readable = rights & READ != 0 || !writable;
    Ok(Descriptor::File(OpenFile { file, position: 0, readable, writable, append: flags & APPEND != 0 }))
}
