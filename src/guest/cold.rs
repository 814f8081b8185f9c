//! A cold start: a run of the module from its entry point.

use std::time::Instant;

use bytes::Bytes;
use wasmtime::{Instance, Store, Trap, Val};
use wasmtime_wasi::I32Exit;

use super::engine::{Compiled, Program};
use super::raised::{self, RaisedFrame};
use super::wasi::{OutputLimit, RunState, UnopenedVolume};
use super::{Exit, Input, Output, Start, Timings, interrupt, memory, prepare};

/// Runs the entry point of a fresh instance. `reason` says why the run is a cold start.
pub fn run(program: &Program, input: &Input, reason: String) -> Output {
    let state = RunState::new(input, &program.compiled().arguments(input), &input.environment, Bytes::new());
    let start = Start::Cold(reason);
    let state = match state {
        Ok(state) => state,
        Err(e) => return without_volume(start, e),
    };
    let record = state.record.clone();
    let mut timings = Timings::default();
    let mut stopped_at = Vec::new();
    let exit = run_instance(program.compiled(), input, state, &mut timings, &mut stopped_at);
    Output { stopped_at, ..record.output(exit, start, timings) }
}

/// The output of a run that did not start because a volume could not be opened.
fn without_volume(start: Start, volume: UnopenedVolume) -> Output {
    let UnopenedVolume { why, too_many_files } = volume;
    let exit = if too_many_files { Exit::TooManyFiles(why) } else { Exit::NoVolume(why) };
    Output::new(exit, start)
}

/// Runs the entry point of a fresh instance with this state.
pub fn run_instance(
    compiled: &Compiled,
    input: &Input,
    state: RunState,
    timings: &mut Timings,
    stopped_at: &mut Vec<RaisedFrame>,
) -> Exit {
    let clock = Instant::now();
    let (mut store, _running) = compiled.runtime.store(state);
    let instance = memory::instantiate(&compiled.pre, &mut store, compiled.initial.as_ref());
    timings.instantiate = clock.elapsed();
    let instance = match instance {
        Ok(instance) => instance,
        Err(e) => {
            // The module's start function may have trapped or exited.
            return match exit_of(&e, input) {
                Exit::Trap(why) if memory::is_refused(&e) => Exit::NoAddressSpace(why),
                Exit::Trap(why) if !e.is::<Trap>() => Exit::NotStarted(why),
                exit => exit,
            };
        }
    };
    interrupt::prepare(&mut store, instance);
    let Some(function) = instance.get_func(&mut store, &input.entrypoint) else {
        return Exit::NotStarted(format!("the module exports no function `{}`", input.entrypoint));
    };
    let ty = function.ty(&store);
    if ty.params().len() > 0 {
        return Exit::NotStarted(format!("the function `{}` takes parameters", input.entrypoint));
    }
    let mut results = vec![Val::I32(0); ty.results().len()];
    let clock = Instant::now();
    let result = function.call(&mut store, &[], &mut results);
    timings.run = clock.elapsed();
    match result {
        Ok(()) => Exit::Code(0),
        Err(e) => {
            if !e.is::<I32Exit>() {
                let memory = instance.get_memory(&mut store, prepare::MEMORY);
                *stopped_at = memory.map(|memory| raised::executing(memory.data(&store))).unwrap_or_default();
            }
            exit_of(&classify_trap(e, &mut store, instance), input)
        }
    }
}

/// More than the largest stack frame of a leaf function, in bytes.
const LARGEST_FRAME: i32 = 64 << 10;

/// The error that ended a call into `instance`; [`Trap::StackOverflow`] if its stack in linear memory overflowed.
///
/// A C program keeps a second stack in linear memory, from its stack pointer down to address 0; `wasm-ld` puts that
/// pointer into the module's first global. A call too deep leaves the pointer below 0, and the next access is out of
/// bounds, also where the stack was moved: see `prepare::stack`. A leaf function does not move the pointer: then it is above 0 by less than that function's frame.
pub fn classify_trap(error: wasmtime::Error, store: &mut Store<RunState>, instance: Instance) -> wasmtime::Error {
    if !matches!(error.downcast_ref(), Some(Trap::MemoryOutOfBounds)) {
        return error;
    }
    let pointer = instance.get_global(&mut *store, &prepare::global_name(0)).map(|global| global.get(&mut *store));
    match pointer {
        Some(Val::I32(..LARGEST_FRAME)) => wasmtime::Error::new(Trap::StackOverflow),
        _ => error,
    }
}

/// How a run ended, by the error that ended it.
pub fn exit_of(error: &wasmtime::Error, input: &Input) -> Exit {
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return Exit::Code(*code);
    }
    if let Some(OutputLimit(limit)) = error.downcast_ref() {
        return Exit::OutputLimit(*limit);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) if input.cancellation.is_cancelled() => Exit::Cancelled,
        Some(Trap::Interrupt) => Exit::TimedOut(input.limits.time),
        Some(Trap::StackOverflow) => Exit::StackExhausted,
        Some(trap) => {
            let text = trap.to_string();
            Exit::Trap(text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned())
        }
        None => Exit::Trap(format!("{error:#}")),
    }
}
