//! What stands between a guest and the functions that answer its calls: observers, and a tape that records or replays.

use std::sync::Arc;

use wasmtime::Trap;

use super::RunState;
use super::breakpoints::BreakpointTerminal;
use super::call::Call;
use super::outcome::RunCalls;
use super::record::CallRecorder;
use super::replay::{Answer, CallReplayer};
use super::table::{FUNCTIONS, Function};
use super::tool::{self, Tool, Turn};
use crate::guest::Calls;

/// Is shown each call of a run.
pub trait Observer: Send {
    /// Is shown a call before it is answered.
    ///
    /// # Errors
    /// An error ends the run.
    fn before(&mut self, call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> wasmtime::Result<()>;

    /// Is shown a call and its error number, 0 for success, when it was answered.
    ///
    /// # Errors
    /// An error ends the run.
    fn after(&mut self, _: &mut Call<'_>, _: &Function, _: &[i64], _: i32) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// Where answers come from, and go.
#[derive(Default)]
pub enum Tape {
    /// Calls are answered, no more.
    #[default]
    None,
    /// Calls are answered, and the answers written down.
    Record(CallRecorder),
    /// Calls are answered from what was written down.
    Replay(CallReplayer),
}

impl Tape {
    /// The tape for a run whose calls are to be treated so; `left` takes what is left of it.
    pub fn of(calls: &Calls, left: RunCalls) -> Option<Self> {
        match calls {
            Calls::Live => None,
            Calls::Recorded => Some(Self::Record(CallRecorder::new(left))),
            Calls::Replayed(log) => Some(Self::Replay(CallReplayer::new(Arc::clone(log), left))),
        }
    }
}

/// The hooks of a run.
#[derive(Default)]
pub struct Hooks {
    /// Are shown each call.
    pub observers: Vec<Box<dyn Observer>>,
    /// Records or replays.
    pub tape: Tape,
    /// A debugger in the run, whose calls pass neither.
    pub tool: Option<Tool>,
    /// Where `breakpoint()` asks; these calls pass neither.
    pub breakpoints: Option<BreakpointTerminal>,
}

impl RunState {
    /// The hooks of the run, to be set before it begins.
    pub fn hooks(&mut self) -> &mut Hooks {
        self.hooks.get_or_insert_default()
    }

    /// Has a debugger look at a replayed run. `timed_collector`: its garbage collector reads the clock.
    pub fn attach(&mut self, tool: Tool, timed_collector: bool) {
        let hooks = self.hooks();
        if let Tape::Replay(replayer) = &mut hooks.tape {
            replayer.tolerate(tool.end());
            if timed_collector {
                replayer.free_collector();
            }
        }
        hooks.tool = Some(tool);
    }

    /// Whether there is a debugger that may only run for so long at a time.
    pub fn has_timed_tool(&self) -> bool {
        self.hooks.as_ref().and_then(|hooks| hooks.tool.as_ref()).is_some_and(Tool::is_timed)
    }
}

/// Answers call number `number` of the table, with hooks. `live` gives the answer of the host.
pub fn answer<const N: usize>(
    call: &mut Call<'_>,
    number: usize,
    arguments: [i64; N],
    live: impl FnOnce(&mut Call<'_>, &[i64; N]) -> wasmtime::Result<i32>,
) -> wasmtime::Result<i32> {
    // Nothing that answers a call makes another one of the guest's.
    let (Some(mut hooks), Some(function)) = (call.state.hooks.take(), FUNCTIONS.get(number)) else {
        return live(call, &arguments);
    };
    let result = hooks.answer(call, (number, function), &arguments, live);
    call.state.hooks = Some(hooks);
    result
}

impl Hooks {
    fn answer<const N: usize>(
        &mut self,
        call: &mut Call<'_>,
        (number, function): (usize, &'static Function),
        arguments: &[i64; N],
        live: impl FnOnce(&mut Call<'_>, &[i64; N]) -> wasmtime::Result<i32>,
    ) -> wasmtime::Result<i32> {
        if let Some(tool) = &mut self.tool {
            match tool.turn(call, function, arguments)? {
                Turn::Run => {}
                Turn::Answered(errno) => return Ok(errno),
                Turn::Ours => {
                    let result = live(call, &tool::unshifted(function, arguments));
                    if let Ok(0) = result {
                        tool::shift_opened(call, function, arguments);
                    }
                    return result;
                }
            }
        }
        if let Some(terminal) = &self.breakpoints
            && let Some(errno) = terminal.answer(call, function, arguments)
        {
            return Ok(errno);
        }
        for observer in &mut self.observers {
            observer.before(call, function, arguments)?;
        }
        let result = match &mut self.tape {
            Tape::None => live(call, arguments),
            Tape::Record(recorder) => {
                let given = recorder.begin(call, function, arguments);
                let result = live(call, arguments);
                recorder.end(call, number, arguments, given, &result);
                result
            }
            Tape::Replay(replayer) => {
                let result = match replayer.answer(call, number, arguments)? {
                    Answer::Recorded(errno) => Ok(errno),
                    Answer::Live => {
                        let result = live(call, arguments);
                        replayer.compare(call, function, arguments, &result)?;
                        result
                    }
                };
                // Nothing that the run did after that could be seen but by a debugger, and it would do it up to its time
                // limit.
                if self.tool.is_none() && replayer.is_interrupted() { Err(Trap::Interrupt.into()) } else { result }
            }
        };
        if let Ok(errno) = result {
            for observer in &mut self.observers {
                observer.after(call, function, arguments, errno)?;
            }
        }
        result
    }
}
