//! What is asked of the process: arguments, environment, its end.

use super::export;
use crate::answer::{self, Ended};
use crate::errno::Errno;
use crate::guest::Place;

export! {
    // The boot script has the request's from its message.
    fn args_get(_list: u32, _text: u32) { Ok(()) }
    fn args_sizes_get(count: u32, size: u32) { none(count, size) }
    fn environ_get(_list: u32, _text: u32) { Ok(()) }
    fn environ_sizes_get(count: u32, size: u32) { none(count, size) }
    fn proc_raise(_signal: u32) { Err(Errno::NotSupported) }
    fn sched_yield() { Ok(()) }
}

fn none(count: u32, size: u32) -> crate::errno::Result {
    Place(count).write(&[0; 4])?;
    Place(size).write(&[0; 4])
}

/// Answers, and ends the instance: nothing unwinds the interpreter.
#[unsafe(export_name = "wasi_snapshot_preview1#proc_exit")]
extern "C" fn proc_exit(code: i32) -> ! {
    answer::finish(Ended::Exited(code));
    core::arch::wasm32::unreachable()
}
