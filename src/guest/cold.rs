//! A run from the beginning: always right, and what everything else is measured by.

use std::time::Instant;

use bytes::Bytes;
use wasmtime::{Instance, Store, Trap, Val};
use wasmtime_wasi::I32Exit;

use super::engine::{Compiled, Program};
use super::wasi::{OutputLimit, State};
use super::{Exit, Input, Output, Start, Timings, memory, prepare};

/// Runs the entry point of a fresh instance; `reason` says why from the beginning.
pub fn run(program: &Program, input: &Input, reason: String) -> Output {
    let state = State::new(input, &input.arguments, &input.environment, Bytes::new());
    let start = Start::Cold(reason);
    let state = match state {
        Ok(state) => state,
        Err(e) => return without_volume(start, e),
    };
    let record = state.record.clone();
    let mut timings = Timings::default();
    let exit = go(program.compiled(), input, state, &mut timings);
    record.output(exit, start, timings)
}

/// The output of a run that could not begin for want of a volume.
fn without_volume(start: Start, why: String) -> Output {
    Output {
        stdout: Vec::new(),
        stderr: Vec::new(),
        stderr_dropped: 0,
        memory_refused: false,
        exit: Exit::NoVolume(why),
        start,
        timings: Timings::default(),
        improvement: None,
    }
}

fn go(compiled: &Compiled, input: &Input, state: State, timings: &mut Timings) -> Exit {
    let clock = Instant::now();
    let (mut store, _running) = compiled.runtime.store(state);
    let instance = memory::instantiate(&compiled.pre, &mut store, compiled.initial.as_ref());
    timings.instantiate = clock.elapsed();
    let instance = match instance {
        Ok(instance) => instance,
        Err(e) => {
            // A start function can trap, as any other.
            return match exit_of(&e, input) {
                Exit::Trap(why) if !e.is::<Trap>() => Exit::NotStarted(why),
                exit => exit,
            };
        }
    };
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
        Err(e) => exit_of(&blame(e, &mut store, instance), input),
    }
}

/// More than any frame of a function that calls none has, in bytes.
const LARGEST_FRAME: i32 = 64 << 10;

/// The error that ended a call into `instance`, as [`Trap::StackOverflow`] if that is what it was.
///
/// A C program keeps a second stack in linear memory, from its stack pointer down to address 0; `wasm-ld` puts that
/// pointer into the module's first global. A call too deep leaves it below 0, or above it by less than the frame of a
/// function that calls none and so moves no pointer, and the next access is out of bounds.
pub fn blame(error: wasmtime::Error, store: &mut Store<State>, instance: Instance) -> wasmtime::Error {
    if !matches!(error.downcast_ref(), Some(Trap::MemoryOutOfBounds)) {
        return error;
    }
    let pointer = instance.get_global(&mut *store, &prepare::global_name(0)).map(|global| global.get(&mut *store));
    match pointer {
        Some(Val::I32(..LARGEST_FRAME)) => wasmtime::Error::new(Trap::StackOverflow),
        _ => error,
    }
}

/// What the error that ended a run says of how it ended.
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
