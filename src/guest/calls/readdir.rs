//! Listing directories: `fd_readdir`.
//!
//! A guest reads a directory one buffer at a time, with 4 KiB of entries. wasmtime-wasi reads the whole directory for each
//! buffer and skips the entries that it returned before: 20 000 files took eight seconds, and entries were missed when
//! files were removed meanwhile. So a directory that does not fit into the guest's buffer is read once, into a buffer on
//! the host, and the following calls are answered from there, until the guest starts over. The same is done for a
//! directory that wasmtime-wasi cannot list: see `unlisted`.

use wasmtime::Trap;
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;
use wiggle::{GuestMemory, GuestPtr};

use super::call::{Call, offset};
use super::listing::Listing;

const ERRNO_SUCCESS: i32 = 0;
#[cfg(target_os = "linux")]
const ERRNO_ILSEQ: i32 = 25;

/// The buffer's first size in bytes, the factor it grows by, and its largest size, which is enough for a million files.
/// Larger directories are listed as wasmtime-wasi does it.
const SIZE: usize = 64 << 10;
const GROWTH: usize = 8;
const LARGEST: usize = 64 << 20;

/// `fd_readdir`
pub async fn fd_readdir(
    call: &mut Call<'_>,
    descriptor: i32,
    buffer: i32,
    length: i32,
    cookie: i64,
    used: i32,
) -> wasmtime::Result<i32> {
    if cookie == 0 {
        call.state.listing = None;
    } else if let Some(listing) = call.state.listing.as_ref().filter(|listing| listing.is_of(descriptor)) {
        return give(listing.rest(cookie), &mut call.memory, buffer, length, used);
    }
    let Call { state, memory, .. } = call;
    let errno = wasi::fd_readdir(&mut state.wasi, memory, descriptor, buffer, length, cookie, used).await?;
    #[cfg(target_os = "linux")]
    if errno == ERRNO_ILSEQ
        && let Some(entries) = super::unlisted::entries(call, descriptor, LARGEST).await?
    {
        let listing = call.state.listing.insert(Listing::new(descriptor, entries));
        return give(listing.rest(cookie), &mut call.memory, buffer, length, used);
    }
    let size = call.memory.read(GuestPtr::<u32>::new(used.cast_unsigned()))?;
    if errno != ERRNO_SUCCESS || cookie != 0 || size != length.cast_unsigned() {
        return Ok(errno);
    }
    // The guest's buffer is full: there are more entries.
    let Some(entries) = whole(call, descriptor).await? else { return Ok(errno) };
    let listing = call.state.listing.insert(Listing::new(descriptor, entries));
    give(listing.rest(cookie), &mut call.memory, buffer, length, used)
}

/// All entries of a directory, unless they are too many.
async fn whole(call: &mut Call<'_>, descriptor: i32) -> wasmtime::Result<Option<Vec<u8>>> {
    let mut size = SIZE;
    while size <= LARGEST {
        // Reading a large directory takes long, and no epoch interrupts host code.
        if call.state.must_stop() {
            return Err(Trap::Interrupt.into());
        }
        // wasmtime-wasi writes into a guest's memory. This buffer stands in for one; the number of bytes goes behind the
        // entries.
        let mut entries = vec![0; size + 4];
        let memory = &mut GuestMemory::Unshared(&mut entries);
        call.refuel();
        let at = i32::try_from(size).unwrap_or(i32::MAX);
        let listed = wasi::fd_readdir(&mut call.state.wasi, memory, descriptor, 0, at, 0, at);
        if listed.await? != ERRNO_SUCCESS {
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

/// Writes as much of `rest` as fits into the guest's buffer. WASI allows to cut off within an entry.
fn give(rest: &[u8], memory: &mut GuestMemory<'_>, buffer: i32, length: i32, used: i32) -> wasmtime::Result<i32> {
    let bytes = rest.get(..offset(length)).unwrap_or(rest);
    let size = u32::try_from(bytes.len())?;
    memory.copy_from_slice(bytes, GuestPtr::<[u8]>::new((buffer.cast_unsigned(), size)))?;
    memory.write(GuestPtr::<u32>::new(used.cast_unsigned()), size)?;
    Ok(ERRNO_SUCCESS)
}
