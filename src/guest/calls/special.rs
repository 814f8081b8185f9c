//! Special files in volumes: named pipes, devices, sockets.
//!
//! Opening one may block without end (until the other end of a pipe is opened, or a modem has a carrier) in host code,
//! which no epoch interrupts: one `mkfifo` in a volume could block the server for good. Opening may also have an effect,
//! as on a tape or a watchdog. Guests lose nothing: wasmtime reads and writes every file at an offset, which pipes,
//! sockets and terminals refuse. So a call that would open a special file fails with `NOTSUP` at once. Its name can still
//! be listed, examined, renamed and removed.
//!
//! The type of a file is checked before it is opened, with the same path resolution inside the volume: 0.6 µs on Linux
//! for each open of a file at the top of a volume, 1.4 µs below. A guest has one thread and cannot replace the file in
//! between. A process of the host can, and the open then blocks.

use wasmtime_wasi::p1::types;
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1};
use wiggle::GuestPtr;

use super::byte_code;
use super::call::Call;

/// `OFLAGS_CREAT`
const CREATE: i32 = 1;
const ERRNO_SUCCESS: i32 = 0;
const ERRNO_MFILE: i32 = 33;
const ERRNO_NOTDIR: i32 = 54;
const ERRNO_NOTSUP: i32 = 58;

/// A path as WASI gives it: the directory's descriptor, the flags of its lookup, its address and length.
#[derive(Clone, Copy)]
pub struct Path(pub i32, pub i32, pub i32, pub i32);

/// `path_open`
#[expect(clippy::too_many_arguments, reason = "WASI's own")]
pub async fn path_open(
    call: &mut Call<'_>,
    directory: i32,
    lookup: i32,
    path: i32,
    length: i32,
    how: i32,
    rights: i64,
    inheriting: i64,
    flags: i32,
    opened: i32,
) -> wasmtime::Result<i32> {
    let creates = how & CREATE != 0;
    if let Some(errno) = byte_code::refusal(call, (directory, path, length), creates) {
        return Ok(errno);
    }
    let asked = types::Oflags::try_from(how).unwrap_or_else(|_| types::Oflags::empty());
    // With `EXCL` the system refuses whatever exists.
    let new = asked.contains(types::Oflags::CREAT | types::Oflags::EXCL);
    if !new && call.is_special(Path(directory, lookup, path, length)).await {
        // wasmtime opens a file before it checks for `DIRECTORY`.
        let directory = asked.contains(types::Oflags::DIRECTORY);
        return Ok(if directory { ERRNO_NOTDIR } else { ERRNO_NOTSUP });
    }
    let Call { state, memory, .. } = call;
    let (wasi, list) = (&mut state.wasi, &mut state.listing);
    let errno =
        wasi::path_open(wasi, memory, directory, lookup, path, length, how, rights, inheriting, flags, opened).await?;
    // The descriptor may have belonged to the directory of `listing` before.
    let number = memory.read(GuestPtr::<u32>::new(opened.cast_unsigned())).unwrap_or(u32::MAX).cast_signed();
    list.take_if(|listing| listing.is_of(number));
    if errno == ERRNO_SUCCESS && state.is_answered_descriptor(number) {
        wasi::fd_close(&mut state.wasi, memory, number).await?;
        return Ok(ERRNO_MFILE);
    }
    Ok(errno)
}

/// `path_filestat_set_times`. wasmtime-wasi opens the file to set its times.
#[expect(clippy::too_many_arguments, reason = "WASI's own")]
pub async fn path_filestat_set_times(
    call: &mut Call<'_>,
    directory: i32,
    lookup: i32,
    path: i32,
    length: i32,
    accessed: i64,
    modified: i64,
    which: i32,
) -> wasmtime::Result<i32> {
    if call.is_special(Path(directory, lookup, path, length)).await {
        return Ok(ERRNO_NOTSUP);
    }
    let Call { state, memory, .. } = call;
    let wasi = &mut state.wasi;
    wasi::path_filestat_set_times(wasi, memory, directory, lookup, path, length, accessed, modified, which).await
}

impl Call<'_> {
    /// Whether opening `path` may block. False where it leads nowhere: the call itself reports that.
    pub async fn is_special(&mut self, path: Path) -> bool {
        // On Windows directories hold no pipes and devices.
        if cfg!(windows) {
            return false;
        }
        // Without following symbolic links first: that takes a third of the time, and few names are links.
        let mut follow = types::Lookupflags::empty();
        loop {
            let Path(directory, lookup, address, length) = path;
            let name = GuestPtr::<str>::new((address.cast_unsigned(), length.cast_unsigned()));
            let directory = directory.cast_unsigned().into();
            let stat = self.state.wasi.path_filestat_get(&mut self.memory, directory, follow, name).await;
            self.refuel();
            let Ok(stat) = stat else { return false };
            match stat.filetype {
                types::Filetype::RegularFile | types::Filetype::Directory => return false,
                types::Filetype::CharacterDevice => return !is_ready_device(stat.ino),
                types::Filetype::SymbolicLink => match types::Lookupflags::try_from(lookup) {
                    Ok(asked) if asked != follow => follow = asked,
                    _ => return false,
                },
                _ => return true,
            }
        }
    }
}

/// Whether `number` is the inode number, as WASI shows it, of a device that never blocks. Scripts may be given `/dev`
/// for these devices.
#[cfg(unix)]
fn is_ready_device(number: u64) -> bool {
    use std::sync::LazyLock;

    static READY: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"];
        devices.iter().filter_map(|device| std::fs::metadata(device).ok()).map(|m| wasi_inode(&m)).collect()
    });
    READY.contains(&number)
}

/// Whether `file` is the one that wasmtime-wasi describes by `stat`.
#[cfg(unix)]
pub fn is_file_of(file: &std::fs::File, stat: &types::Filestat) -> bool {
    file.metadata().is_ok_and(|metadata| wasi_inode(&metadata) == stat.ino)
}

/// Whether `file` is the one that wasmtime-wasi describes by `stat`, as far as can be told without an inode number.
#[cfg(not(unix))]
pub fn is_file_of(file: &std::fs::File, stat: &types::Filestat) -> bool {
    let modified = |metadata: &std::fs::Metadata| metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    file.metadata().is_ok_and(|metadata| {
        let modified = modified(&metadata).map(crate::guest::wasi::nanoseconds);
        metadata.len() == stat.size && modified == Some(stat.mtim)
    })
}

/// The inode number that wasmtime-wasi shows to guests: a hash of device and inode (`MetadataHashValue::new` in its
/// filesystem.rs, which is private). A test compares the two.
#[cfg(unix)]
pub fn wasi_inode(metadata: &std::fs::Metadata) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::os::unix::fs::MetadataExt;

    let mut hasher = DefaultHasher::new();
    (metadata.dev(), metadata.ino()).hash(&mut hasher);
    hasher.finish()
}

#[cfg(not(unix))]
fn is_ready_device(_number: u64) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use wiggle::GuestMemory;

    use super::super::RunState;
    use super::super::call::blocking;
    use super::*;
    use crate::guest::{Calls, Cancellation, Input, Limits, Volume};

    #[test]
    fn inode_numbers_are_hashed_as_wasmtime_hashes_them() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let file = dir.path().join("f");
        std::fs::write(&file, "").expect("written");
        let volume = Volume { guest: "/".to_owned(), host: dir.path().to_owned(), read_only: true };
        let input = Input {
            entrypoint: "_start".to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            volumes: Arc::new([volume]),
            stdin: bytes::Bytes::new(),
            console: None,
            breakpoints: None,
            limits: Limits::default(),
            stderr: Arc::new(|_| ()),
            cold: true,
            cancellation: Cancellation::new(),
            surroundings: None,
            calls: Calls::Live,
            early: Arc::default(),
            allowed_hosts: Default::default(),
            libraries: Default::default(),
        };
        let mut state = RunState::new(&input, &[], &[], Bytes::new()).expect("the volume can be opened");
        let mut memory = *b"f";
        let call = Call::with(&mut state, GuestMemory::Unshared(&mut memory));
        let Call { state, mut memory, .. } = call;
        let name = GuestPtr::<str>::new((0, 1));
        let stat = state.wasi.path_filestat_get(&mut memory, 3.into(), types::Lookupflags::empty(), name);
        let stat = blocking(stat).expect("it is ready at once").expect("the file is there");
        assert_eq!(stat.ino, wasi_inode(&std::fs::metadata(&file).expect("the file is there")));
    }
}
