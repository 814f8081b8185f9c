//! The call that brings a debugger into an interpreter, before the one that resumes it.

use std::fmt;

use wasmtime::{Instance, Store, TypedFunc};

use crate::guest::calls::{Tool, ToolRun};
use crate::guest::cold::classify_trap;
use crate::guest::image::Entry;
use crate::guest::prepare;
use crate::guest::warm::bytes_object;
use crate::guest::wasi::RunState;

/// Has the interpreter take in the debugger of the run.
///
/// # Errors
/// Fails with [`NoDebugger`] where it cannot.
pub fn install(
    store: &mut Store<RunState>,
    instance: Instance,
    entry: Entry,
    function: &TypedFunc<(u32, u32, u32), u32>,
) -> wasmtime::Result<()> {
    let with_tool = |store: &mut Store<RunState>, then: fn(&mut Tool, ToolRun<'_>, Entry)| {
        let Some(memory) = instance.get_memory(&mut *store, prepare::MEMORY) else { return };
        let (memory, RunState { hooks, deadline, limits, .. }) = memory.data_and_store_mut(&mut *store);
        if let Some(tool) = hooks.as_mut().and_then(|hooks| hooks.tool.as_mut()) {
            then(tool, ToolRun { memory, deadline, limits }, entry);
        }
    };
    with_tool(store, Tool::enter);
    let answer = function.call(&mut *store, (entry.debugger, entry.arguments, 0));
    let answer = answer.map_err(|e| classify_trap(e, store, instance))?;
    with_tool(store, |tool, run, _| tool.leave(run));
    match bytes_object(store, instance, answer) {
        Some(why) if why.is_empty() => Ok(()),
        Some(why) => Err(NoDebugger(String::from_utf8_lossy(&why).into_owned()).into()),
        None => Err(NoDebugger("the interpreter failed".to_owned()).into()),
    }
}

/// The error of a debugger that cannot be had in an interpreter.
#[derive(Debug)]
pub struct NoDebugger(String);

impl fmt::Display for NoDebugger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the debugger cannot be started: {}", self.0)
    }
}

impl std::error::Error for NoDebugger {}
