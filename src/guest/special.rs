//! Special files in volumes: named pipes, devices, sockets.
//!
//! Opening one may wait for somebody who never comes (the other end of a pipe, a modem's carrier), in the host's hands,
//! where no epoch interrupts it: one `mkfifo` in a volume would hold a server for ever. Opening may also act, as on a
//! tape or a watchdog. Nothing is lost by not opening them: wasmtime reads and writes every file at an offset, which a
//! pipe, a socket and a terminal refuse. So whatever would open a special file is answered that it is not supported,
//! at once; its name can still be listed, looked at, renamed and removed.
//!
//! What a name leads to is looked at before it is opened, by the same resolution below the volume: 0.6 µs on Linux for
//! each open of a file at the top of a volume, 1.4 µs below. A guest has one thread and cannot swap the file in between;
//! you can, from outside, and then wait for what you put there.

use tokio::runtime::Handle;
use wasmtime::{Caller, Linker};
use wasmtime_wasi::p1::types;
use wasmtime_wasi::p1::wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1};
use wiggle::GuestPtr;

use super::call::Call;
use super::wasi::State;

const ERRNO_NOTDIR: i32 = 54;
const ERRNO_NOTSUP: i32 = 58;

/// Replaces the functions of WASI preview 1 in `linker` that open a file.
///
/// # Errors
/// Fails where a function is of another type than it should be, which would be a mistake of ours.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "wasi_snapshot_preview1",
        "path_open",
        |mut caller: Caller<'_, State>, directory, lookup, path, length, how, rights, inheriting, flags, opened| {
            path_open(&mut caller, directory, lookup, path, length, how, rights, inheriting, flags, opened)
        },
    )?;
    linker.func_wrap("wasi_snapshot_preview1", "path_filestat_set_times", path_filestat_set_times)?;
    Ok(())
}

/// A path as WASI gives it: the directory's descriptor, the flags of its lookup, its address and length.
#[derive(Clone, Copy)]
struct Path(i32, i32, i32, i32);

#[expect(clippy::too_many_arguments, reason = "WASI's own")]
pub fn path_open(
    caller: &mut Caller<'_, State>,
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
    let mut call = Call::of(caller)?;
    Handle::current().block_on(async {
        let asked = types::Oflags::try_from(how).unwrap_or_else(|_| types::Oflags::empty());
        // What is to be new is refused by the system if it is there.
        let new = asked.contains(types::Oflags::CREAT | types::Oflags::EXCL);
        if !new && call.is_special(Path(directory, lookup, path, length)).await {
            // wasmtime opens even what is to be a directory before it looks what it is.
            let directory = asked.contains(types::Oflags::DIRECTORY);
            return Ok(if directory { ERRNO_NOTDIR } else { ERRNO_NOTSUP });
        }
        let Call { state, memory, .. } = &mut call;
        let (wasi, list) = (&mut state.wasi, &mut state.listing);
        let errno =
            wasi::path_open(wasi, memory, directory, lookup, path, length, how, rights, inheriting, flags, opened)
                .await?;
        // A number that is given anew is another directory's.
        let number = memory.read(GuestPtr::<u32>::new(opened.cast_unsigned())).unwrap_or(u32::MAX).cast_signed();
        list.take_if(|listing| listing.is_of(number));
        Ok(errno)
    })
}

/// Opens the file to set its times, where the system can.
#[expect(clippy::too_many_arguments, reason = "WASI's own")]
fn path_filestat_set_times(
    mut caller: Caller<'_, State>,
    directory: i32,
    lookup: i32,
    path: i32,
    length: i32,
    accessed: i64,
    modified: i64,
    which: i32,
) -> wasmtime::Result<i32> {
    let mut call = Call::of(&mut caller)?;
    Handle::current().block_on(async {
        if call.is_special(Path(directory, lookup, path, length)).await {
            return Ok(ERRNO_NOTSUP);
        }
        let Call { state, memory, .. } = &mut call;
        let wasi = &mut state.wasi;
        wasi::path_filestat_set_times(wasi, memory, directory, lookup, path, length, accessed, modified, which).await
    })
}

impl Call<'_> {
    /// Whether `path` leads to a file whose opening may wait. A path that leads nowhere is for the call itself to
    /// complain of.
    async fn is_special(&mut self, path: Path) -> bool {
        // Windows keeps pipes and devices out of directories.
        if cfg!(windows) {
            return false;
        }
        // The name itself first: that is a third of the work, and few names are links.
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

/// Whether this is the number that WASI gives to one of the system's devices that never wait: a script may well be
/// given `/dev` for them.
#[cfg(unix)]
fn is_ready_device(number: u64) -> bool {
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::os::unix::fs::MetadataExt;
    use std::sync::LazyLock;

    static READY: LazyLock<Vec<u64>> = LazyLock::new(|| {
        let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"];
        let number = |metadata: std::fs::Metadata| {
            // As wasmtime does it. If it changes its way, these are refused as other devices are, and a test tells.
            let mut hasher = DefaultHasher::new();
            (metadata.dev(), metadata.ino()).hash(&mut hasher);
            hasher.finish()
        };
        devices.into_iter().filter_map(|device| std::fs::metadata(device).ok()).map(number).collect()
    });
    READY.contains(&number)
}

#[cfg(not(unix))]
fn is_ready_device(_number: u64) -> bool {
    false
}
