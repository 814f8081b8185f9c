//! The context of a WASI call, for the functions that we define around wasmtime-wasi's.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime::{AsContextMut, Caller, Extern};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wiggle::GuestMemory;

use super::RunState;

/// A WASI call in progress.
pub struct Call<'a> {
    /// The state of the run.
    pub state: &'a mut RunState,
    /// The guest's memory.
    pub memory: GuestMemory<'a>,
    fuel: usize,
}

impl<'a> Call<'a> {
    /// The call that `caller` makes, set up as wasmtime-wasi does it.
    ///
    /// # Errors
    /// Fails where the guest exports no memory, with wasmtime-wasi's message.
    pub fn of(caller: &'a mut Caller<'_, RunState>) -> wasmtime::Result<Self> {
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
    pub fn with(state: &'a mut RunState, memory: GuestMemory<'a>) -> Self {
        let fuel = state.limits.limit();
        let mut call = Self { state, memory, fuel };
        call.refuel();
        call
    }

    /// The guest's memory, which is not shared: see [`Call::of`]; and the state of the run.
    pub fn parts(&mut self) -> (&mut [u8], &mut RunState) {
        match &mut self.memory {
            GuestMemory::Unshared(memory) => (memory, self.state),
            GuestMemory::Shared(_) => (&mut [], self.state),
        }
    }

    /// Resets the budget of guest memory that one call of wasmtime-wasi may copy, before a second one is made.
    pub fn refuel(&mut self) {
        self.state.wasi.set_hostcall_fuel(self.fuel);
    }
}

/// A pointer or size, which WASI passes as `i32`, as an index.
pub fn offset(value: i32) -> usize {
    value.cast_unsigned() as usize
}

/// The result of a function of wasmtime-wasi where no tokio runtime is entered. It blocks the thread and is ready at
/// once, as [`RunState::new`] configures it; `None` if it is not.
pub fn blocking<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
