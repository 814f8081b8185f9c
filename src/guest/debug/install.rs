//! The call that brings a debugger into an interpreter, before the one that resumes it.

use std::fmt;

use crate::guest::calls::{Hooks, ToolRun};
use crate::guest::prepare;
use crate::guest::resumed::ResumedImage;
use crate::guest::wasi::RunState;

impl ResumedImage<'_> {
    /// Has the interpreter take in the debugger of the run, if there is one: one that looks at a replay, or what
    /// `breakpoint()` calls.
    ///
    /// # Errors
    /// Fails with [`NoDebugger`] where it cannot.
    pub fn install_debugger(&mut self) -> wasmtime::Result<()> {
        let Some(hooks) = &self.store.data().hooks else { return Ok(()) };
        if hooks.tool.is_none() && hooks.breakpoints.is_none() {
            return Ok(());
        }
        let flag = self.entry.flag;
        self.with_hooks(|hooks, run| {
            if let Some(terminal) = &mut hooks.breakpoints {
                terminal.open(run.memory, flag);
            }
            if let Some(tool) = &mut hooks.tool {
                tool.enter(run, flag);
            }
        });
        let why = self.call_function(self.entry.debugger)?;
        self.with_hooks(|hooks, run| {
            if let Some(tool) = &mut hooks.tool {
                tool.leave(run);
            }
        });
        if why.is_empty() { Ok(()) } else { Err(NoDebugger(String::from_utf8_lossy(&why).into_owned()).into()) }
    }

    fn with_hooks(&mut self, then: impl FnOnce(&mut Hooks, ToolRun<'_>)) {
        let Some(memory) = self.instance.get_memory(&mut self.store, prepare::MEMORY) else { return };
        let (memory, RunState { hooks, deadline, limits, .. }) = memory.data_and_store_mut(&mut self.store);
        if let Some(hooks) = hooks {
            then(hooks, ToolRun { memory, deadline, limits });
        }
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
