//! Calls for what is open of the files that the host answers: see [`crate::guest::answered`].

use std::net::Shutdown;

use super::RunState;
use super::call::{Call, offset};
use super::table::{Argument, Function};
use crate::guest::answered::AnsweredFiles;
use crate::guest::network::Patience;

const ERRNO_SUCCESS: i32 = 0;
const ERRNO_FAULT: i32 = 21;
const ERRNO_INVAL: i32 = 28;
const ERRNO_NOTSUP: i32 = 58;
const ERRNO_SPIPE: i32 = 70;

/// `RIFLAGS_RECV_PEEK` and `RIFLAGS_RECV_WAITALL`
const PEEK: i64 = 1;
const WAIT_FOR_ALL: i64 = 2;

/// `FDFLAGS_NONBLOCK`
const NONBLOCK: u16 = 4;

/// `FILETYPE_SOCKET_STREAM`
const STREAM: u8 = 6;

/// Answers a call if it is about what is open of such files, or opens one.
pub fn answer(call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> Option<wasmtime::Result<i32>> {
    let (memory, state) = call.parts();
    let RunState { network, libraries, deadline, cancellation, .. } = state;
    let arguments: Vec<i32> = arguments.iter().map(|argument| *argument as i32).collect();
    let network = network.as_deref_mut().map(|network| network as &mut dyn AnsweredFiles);
    let libraries = libraries.as_deref_mut().map(|libraries| libraries as &mut dyn AnsweredFiles);
    [network, libraries].into_iter().flatten().find_map(|files| {
        let patience = Patience { deadline: *deadline, cancellation };
        FileCall { memory: &mut *memory, files, patience }.answer(function, &arguments)
    })
}

struct FileCall<'a> {
    memory: &'a mut [u8],
    files: &'a mut dyn AnsweredFiles,
    patience: Patience<'a>,
}

impl FileCall<'_> {
    /// Answers a call, if it is about these files.
    fn answer(&mut self, function: &Function, arguments: &[i32]) -> Option<wasmtime::Result<i32>> {
        let first = *arguments.first()?;
        match (function.name, arguments) {
            ("path_open", &[directory, _, path, length, .., opened]) => {
                let path = self.files.part(directory, bytes(self.memory, path, length)?)?.to_owned();
                Some(Ok(self.open(&path, opened)))
            }
            ("path_readlink", &[directory, path, length, buffer, size, used]) => {
                let path = self.files.part(directory, bytes(self.memory, path, length)?)?.to_owned();
                Some(self.ask(&path, (buffer, size, used)))
            }
            (name, rest) if function.arguments.first() == Some(&Argument::Descriptor) && !name.starts_with("path_") => {
                let descriptor = self.files.find(first)?;
                Some(self.answer_open(name, descriptor, rest))
            }
            _ => None,
        }
    }

    fn answer_open(&mut self, name: &str, descriptor: i32, arguments: &[i32]) -> wasmtime::Result<i32> {
        match (name, arguments) {
            ("fd_read", &[_, buffers, count, moved]) => self.receive(descriptor, (buffers, count), 0, (moved, None)),
            ("sock_recv", &[_, buffers, count, how, moved, flags]) => {
                self.receive(descriptor, (buffers, count), how.into(), (moved, Some(flags)))
            }
            ("fd_write", &[_, buffers, count, moved]) | ("sock_send", &[_, buffers, count, _, moved]) => {
                self.send(descriptor, (buffers, count), moved)
            }
            ("fd_close", _) => {
                self.files.close(descriptor);
                Ok(ERRNO_SUCCESS)
            }
            ("sock_shutdown", &[_, how]) => Ok(self.shut_down(descriptor, how)),
            ("fd_fdstat_get", &[_, stat]) => {
                let flags = if self.files.is_nonblocking(descriptor) { NONBLOCK } else { 0 };
                let mut fdstat = [0; 24];
                fdstat[0] = STREAM;
                fdstat[2..4].copy_from_slice(&flags.to_le_bytes());
                fdstat[8..].fill(u8::MAX);
                Ok(self.put(stat, &fdstat))
            }
            ("fd_fdstat_set_flags", &[_, flags]) => {
                self.files.set_nonblocking(descriptor, flags & i32::from(NONBLOCK) != 0);
                Ok(ERRNO_SUCCESS)
            }
            ("fd_filestat_get", &[_, stat]) => {
                let mut filestat = [0; 64];
                filestat[16] = STREAM;
                filestat[24] = 1;
                Ok(self.put(stat, &filestat))
            }
            ("fd_seek" | "fd_tell", _) => Ok(ERRNO_SPIPE),
            _ => Ok(ERRNO_NOTSUP),
        }
    }

    fn open(&mut self, path: &str, opened: i32) -> i32 {
        match self.files.open(path) {
            Ok(descriptor) => self.put(opened, &descriptor.to_le_bytes()),
            Err(number) => number,
        }
    }

    fn ask(&mut self, path: &str, (buffer, size, used): (i32, i32, i32)) -> wasmtime::Result<i32> {
        let told = match self.files.ask(path, &self.patience)? {
            Ok(told) => told,
            Err(number) => return Ok(number),
        };
        let told = told.as_bytes();
        let told = told.get(..told.len().min(offset(size))).unwrap_or_default();
        let length = u32::try_from(told.len()).unwrap_or(u32::MAX);
        Ok(match self.put(buffer, told) {
            ERRNO_SUCCESS => self.put(used, &length.to_le_bytes()),
            number => number,
        })
    }

    fn receive(
        &mut self,
        descriptor: i32,
        buffers: (i32, i32),
        how: i64,
        (moved, flags): (i32, Option<i32>),
    ) -> wasmtime::Result<i32> {
        let Some(buffers) = self.buffers(buffers) else { return Ok(ERRNO_FAULT) };
        let peeked = how & PEEK != 0;
        let mut received = 0;
        for (start, length) in buffers {
            let Some(mut rest) = self.memory.get_mut(start..start.saturating_add(length)) else {
                return Ok(ERRNO_FAULT);
            };
            while !rest.is_empty() {
                let size = match self.files.read(descriptor, rest, peeked, &self.patience)? {
                    Ok(size) => size,
                    Err(_) if received > 0 => return self.end(moved, received, flags),
                    Err(number) => return Ok(number),
                };
                received += size;
                rest = rest.get_mut(size..).unwrap_or_default();
                if size == 0 || peeked || how & WAIT_FOR_ALL == 0 {
                    return self.end(moved, received, flags);
                }
            }
        }
        self.end(moved, received, flags)
    }

    fn send(&mut self, descriptor: i32, buffers: (i32, i32), moved: i32) -> wasmtime::Result<i32> {
        let Some(buffers) = self.buffers(buffers) else { return Ok(ERRNO_FAULT) };
        let mut sent = 0;
        for (start, length) in buffers {
            let Some(bytes) = self.memory.get(start..start.saturating_add(length)) else { return Ok(ERRNO_FAULT) };
            if bytes.is_empty() {
                continue;
            }
            match self.files.write(descriptor, bytes, &self.patience)? {
                Ok(size) => {
                    sent += size;
                    if size < bytes.len() {
                        break;
                    }
                }
                Err(_) if sent > 0 => break,
                Err(number) => return Ok(number),
            }
        }
        self.end(moved, sent, None)
    }

    /// Tells how many bytes were moved.
    fn end(&mut self, moved: i32, size: usize, flags: Option<i32>) -> wasmtime::Result<i32> {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let told = self.put(moved, &size.to_le_bytes());
        Ok(match flags {
            Some(flags) if told == ERRNO_SUCCESS => self.put(flags, &[0; 2]),
            _ => told,
        })
    }

    fn shut_down(&mut self, descriptor: i32, how: i32) -> i32 {
        let how = match how {
            1 => Shutdown::Read,
            2 => Shutdown::Write,
            3 => Shutdown::Both,
            _ => return ERRNO_INVAL,
        };
        self.files.shut_down(descriptor, how).err().unwrap_or(ERRNO_SUCCESS)
    }

    /// The buffers that are described at an address: their addresses and lengths.
    fn buffers(&self, (buffers, count): (i32, i32)) -> Option<Vec<(usize, usize)>> {
        /// The most buffers of a call.
        const MOST: usize = 1024;
        let count = offset(count);
        let described = self.memory.get(offset(buffers)..offset(buffers).checked_add(count.checked_mul(8)?)?)?;
        let word = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize);
        described.chunks_exact(8).take(MOST).map(|one| Some((word(one)?, word(one.get(4..)?)?))).collect()
    }

    fn put(&mut self, at: i32, bytes: &[u8]) -> i32 {
        let start = offset(at);
        match self.memory.get_mut(start..start.saturating_add(bytes.len())) {
            Some(place) => {
                place.copy_from_slice(bytes);
                ERRNO_SUCCESS
            }
            None => ERRNO_FAULT,
        }
    }
}

fn bytes(memory: &[u8], start: i32, length: i32) -> Option<&[u8]> {
    memory.get(offset(start)..offset(start).checked_add(offset(length))?)
}
