//! The end of a run by `proc_exit`: passes every exit code on, and notes whether `main` returned it. wasmtime-wasi turns
//! codes from 126 up into an error.

use wasmtime::{Caller, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use super::RunState;

/// The most frames on the stack when the start function ends the run itself: its own, and that of libc's `proc_exit`.
const START_FRAMES: usize = 2;

/// Ends the run with an exit code. libc's start function does so with what `main` returns if that is not 0; every other
/// call comes from below `main`.
pub fn proc_exit(caller: Caller<'_, RunState>, code: i32) -> wasmtime::Result<()> {
    if code != 0 {
        let frames = WasmBacktrace::force_capture(&caller).frames().len();
        caller.data().record.note_exit(frames <= START_FRAMES);
    }
    Err(I32Exit(code).into())
}
