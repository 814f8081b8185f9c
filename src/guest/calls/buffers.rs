//! Reads and writes of several buffers: `fd_read`, `fd_write`, `fd_pread` and `fd_pwrite`.
//!
//! wasmtime-wasi serves the first buffer that is not empty and leaves the rest to further calls, which WASI allows and
//! libc makes. Other guests rely on one call for all buffers, as the reference server takes them. So the buffers are
//! served one after another, until one is not served whole.

use wasmtime::Trap;
use wasmtime_wasi::p1::types::{CiovecArray, Errno, Error, Fd, IovecArray};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::GuestPtr;

use super::call::Call;

/// The size of a buffer's description in bytes, and where its length is in it.
const DESCRIPTION: u32 = 8;
const LENGTH: u32 = 4;

const ERRNO_SUCCESS: i32 = 0;
const ERRNO_FAULT: i32 = 21;

/// Which way the bytes go, and where in the file: at its position or at an offset in bytes.
#[derive(Clone, Copy)]
enum Transfer {
    Read,
    Write,
    ReadAt(u64),
    WriteAt(u64),
}

/// The parameters that all of these functions have: the descriptor, the address and number of the descriptions of
/// buffers, and where the number of bytes goes.
#[derive(Clone, Copy)]
struct Parameters {
    descriptor: i32,
    buffers: u32,
    count: u32,
    result: u32,
}

impl Parameters {
    fn new(descriptor: i32, buffers: i32, count: i32, result: i32) -> Self {
        let (buffers, count) = (buffers.cast_unsigned(), count.cast_unsigned());
        Self { descriptor, buffers, count, result: result.cast_unsigned() }
    }
}

/// `fd_read`
pub async fn fd_read(call: &mut Call<'_>, file: i32, buffers: i32, count: i32, moved: i32) -> wasmtime::Result<i32> {
    run(call, Transfer::Read, Parameters::new(file, buffers, count, moved)).await
}

/// `fd_write`
pub async fn fd_write(call: &mut Call<'_>, file: i32, buffers: i32, count: i32, moved: i32) -> wasmtime::Result<i32> {
    run(call, Transfer::Write, Parameters::new(file, buffers, count, moved)).await
}

/// `fd_pread`
pub async fn fd_pread(
    call: &mut Call<'_>,
    file: i32,
    buffers: i32,
    count: i32,
    offset: i64,
    moved: i32,
) -> wasmtime::Result<i32> {
    run(call, Transfer::ReadAt(offset.cast_unsigned()), Parameters::new(file, buffers, count, moved)).await
}

/// `fd_pwrite`
pub async fn fd_pwrite(
    call: &mut Call<'_>,
    file: i32,
    buffers: i32,
    count: i32,
    offset: i64,
    moved: i32,
) -> wasmtime::Result<i32> {
    run(call, Transfer::WriteAt(offset.cast_unsigned()), Parameters::new(file, buffers, count, moved)).await
}

async fn run(call: &mut Call<'_>, transfer: Transfer, parameters: Parameters) -> wasmtime::Result<i32> {
    let moved = match call.transfer(transfer, parameters).await {
        Ok(moved) => moved,
        Err(error) => return error.downcast().map(|errno| i32::from(u16::from(errno))),
    };
    // The descriptions may be where the result goes, so it is written last.
    let written = call.memory.write(GuestPtr::<u32>::new(parameters.result), moved);
    Ok(if written.is_ok() { ERRNO_SUCCESS } else { ERRNO_FAULT })
}

impl Call<'_> {
    /// Serves all buffers, as far as possible; returns the number of bytes. An error after the first byte is left to the
    /// guest's next call.
    async fn transfer(&mut self, transfer: Transfer, parameters: Parameters) -> Result<u32, Error> {
        let Parameters { descriptor, buffers, count, .. } = parameters;
        if count <= 1 {
            return self.transfer_one(transfer, descriptor, (buffers, count), 0).await;
        }
        let mut moved: u32 = 0;
        for index in 0..count {
            let place = index.checked_mul(DESCRIPTION).and_then(|offset| buffers.checked_add(offset));
            let place = place.ok_or(Errno::Fault)?;
            let length = place.checked_add(LENGTH).ok_or(Errno::Fault)?;
            let length = self.memory.read(GuestPtr::<u32>::new(length))?;
            // The last one is served even if it is empty, so that a call with wrong arguments fails.
            if length == 0 && index + 1 < count {
                continue;
            }
            // No epoch interrupts host code, and the buffers may overlap without end.
            if self.state.must_stop() {
                return Err(Error::trap(Trap::Interrupt.into()));
            }
            self.refuel();
            match self.transfer_one(transfer, descriptor, (place, 1), moved).await {
                Ok(bytes) => {
                    moved = moved.saturating_add(bytes);
                    if bytes < length {
                        break;
                    }
                }
                Err(error) if moved > 0 && error.downcast_ref().is_some() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(moved)
    }

    /// Serves the first of `buffers`, given by the address and number of their descriptions, after `moved` bytes.
    async fn transfer_one(
        &mut self,
        transfer: Transfer,
        descriptor: i32,
        buffers: (u32, u32),
        moved: u32,
    ) -> Result<u32, Error> {
        let (wasi, memory) = (&mut self.state.wasi, &mut self.memory);
        let file = Fd::from(descriptor.cast_unsigned());
        let at = |offset: u64| offset.checked_add(moved.into()).ok_or(Errno::Overflow);
        match transfer {
            Transfer::Read => wasi.fd_read(memory, file, IovecArray::new(buffers)).await,
            Transfer::Write => wasi.fd_write(memory, file, CiovecArray::new(buffers)).await,
            Transfer::ReadAt(offset) => wasi.fd_pread(memory, file, IovecArray::new(buffers), at(offset)?).await,
            Transfer::WriteAt(offset) => wasi.fd_pwrite(memory, file, CiovecArray::new(buffers), at(offset)?).await,
        }
    }
}
