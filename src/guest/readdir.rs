//! Listing directories: `fd_readdir`.
//!
//! A guest lists a directory by the buffer, 4 KiB of names at a time. The library looks at the whole directory for each
//! of them and skips what it gave before: 20 000 files took eight seconds, and names were missed where files were removed
//! on the way. So a directory that does not fit the guest's buffer is listed once, into a buffer of ours, and the guest
//! is given the rest from there, until it begins anew.

use tokio::runtime::Handle;
use wasmtime::{Caller, Linker, Trap};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::{GuestMemory, GuestPtr};

use super::call::{Call, offset};
use super::listing::Listing;
use super::wasi::State;

const ERRNO_SUCCESS: i32 = 0;

/// The first size of our buffer, what it grows by, and what it does not grow beyond, which is a million files: more
/// are listed as the library does it.
const SIZE: usize = 64 << 10;
const GROWTH: usize = 8;
const LARGEST: usize = 64 << 20;

/// Replaces `fd_readdir` of WASI preview 1 in `linker`.
///
/// # Errors
/// Fails where it is of another type than it should be, which would be a mistake of ours.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap("wasi_snapshot_preview1", "fd_readdir", fd_readdir)?;
    Ok(())
}

fn fd_readdir(
    mut caller: Caller<'_, State>,
    descriptor: i32,
    buffer: i32,
    length: i32,
    cookie: i64,
    used: i32,
) -> wasmtime::Result<i32> {
    let mut call = Call::of(&mut caller)?;
    if cookie == 0 {
        call.state.listing = None;
    } else if let Some(listing) = call.state.listing.as_ref().filter(|listing| listing.is_of(descriptor)) {
        return give(listing.rest(cookie), &mut call.memory, buffer, length, used);
    }
    let Call { state, memory, .. } = &mut call;
    let wasi = &mut state.wasi;
    let errno = Handle::current().block_on(wasi::fd_readdir(wasi, memory, descriptor, buffer, length, cookie, used))?;
    let size = memory.read(GuestPtr::<u32>::new(used.cast_unsigned()))?;
    if errno != ERRNO_SUCCESS || cookie != 0 || size != length.cast_unsigned() {
        return Ok(errno);
    }
    // There is more than fits.
    let Some(entries) = whole(&mut call, descriptor)? else { return Ok(errno) };
    let listing = call.state.listing.insert(Listing::new(descriptor, entries));
    give(listing.rest(cookie), &mut call.memory, buffer, length, used)
}

/// All entries of a directory, unless they are too many.
fn whole(call: &mut Call, descriptor: i32) -> wasmtime::Result<Option<Vec<u8>>> {
    let mut size = SIZE;
    while size <= LARGEST {
        // A large directory takes its time, and nothing interrupts us.
        if call.state.must_stop() {
            return Err(Trap::Interrupt.into());
        }
        // The library writes into a guest's memory; let ours be one, with the number of bytes behind the entries.
        let mut entries = vec![0; size + 4];
        let memory = &mut GuestMemory::Unshared(&mut entries);
        call.refuel();
        let at = i32::try_from(size).unwrap_or(i32::MAX);
        let listed = wasi::fd_readdir(&mut call.state.wasi, memory, descriptor, 0, at, 0, at);
        if Handle::current().block_on(listed)? != ERRNO_SUCCESS {
            return Ok(None);
        }
        let used = memory.read(GuestPtr::<u32>::new(at.cast_unsigned()))? as usize;
        if used < size {
            entries.truncate(used);
            return Ok(Some(entries));
        }
        size *= GROWTH;
    }
    Ok(None)
}

/// Writes as much of `rest` as there is room for, which may end within an entry, as WASI has it.
fn give(rest: &[u8], memory: &mut GuestMemory<'_>, buffer: i32, length: i32, used: i32) -> wasmtime::Result<i32> {
    let bytes = rest.get(..offset(length)).unwrap_or(rest);
    let size = u32::try_from(bytes.len())?;
    memory.copy_from_slice(bytes, GuestPtr::<[u8]>::new((buffer.cast_unsigned(), size)))?;
    memory.write(GuestPtr::<u32>::new(used.cast_unsigned()), size)?;
    Ok(ERRNO_SUCCESS)
}
