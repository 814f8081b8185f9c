//! What a system call of a guest's works on, for those that we wrap around the library's.

use wasmtime::{AsContextMut, Caller, Extern};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::GuestMemory;

use super::wasi::State;

/// A system call under way.
pub struct Call<'a> {
    /// What the run holds.
    pub state: &'a mut State,
    /// The guest's memory.
    pub memory: GuestMemory<'a>,
    fuel: usize,
}

impl<'a> Call<'a> {
    /// The call that `caller` makes, as the library would begin it.
    ///
    /// # Errors
    /// Fails where the guest exports no memory, in the library's words.
    pub fn of(caller: &'a mut Caller<'_, State>) -> wasmtime::Result<Self> {
        let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
            return Err(wasmtime::Error::msg("missing required memory export"));
        };
        let fuel = caller.as_context_mut().hostcall_fuel();
        let (memory, state) = memory.data_and_store_mut(caller);
        let mut call = Self { state, memory: GuestMemory::Unshared(memory), fuel };
        call.refuel();
        Ok(call)
    }

    /// A call that the host makes itself for a run, with `memory` in place of the guest's.
    pub fn with(state: &'a mut State, memory: GuestMemory<'a>) -> Self {
        let fuel = state.limits.limit();
        let mut call = Self { state, memory, fuel };
        call.refuel();
        call
    }

    /// Lets the next of the library's functions take as much of the guest's memory as the first.
    pub fn refuel(&mut self) {
        self.state.wasi.set_hostcall_fuel(self.fuel);
    }
}

/// A pointer or size of the guest's as an index.
pub fn offset(value: i32) -> usize {
    value.cast_unsigned() as usize
}
