//! A run from the beginning: always right, and what everything else is measured by.

use std::time::Instant;

use bytes::Bytes;
use wasmtime::{Trap, Val};
use wasmtime_wasi::I32Exit;

use super::engine::{Compiled, Program};
use super::wasi::{OutputLimit, State};
use super::{Exit, Input, Output, Start, Timings, memory};

/// Runs the entry point of a fresh instance; `reason` says why from the beginning.
pub fn run(program: &Program, input: &Input, reason: String) -> Output {
    let state = State::new(input, &input.arguments, &input.environment, Bytes::from(input.stdin.clone()));
    let start = Start::Cold(reason);
    let state = match state {
        Ok(state) => state,
        Err(e) => return not_started(start, e),
    };
    let (stdout, stderr) = (state.stdout.clone(), state.stderr.clone());
    let mut timings = Timings::default();
    let exit = go(program.compiled(), input, state, &mut timings);
    Output { stdout: stdout.take(), stderr: stderr.take(), exit, start, timings, improvement: None }
}

/// The output of a run that could not begin.
pub fn not_started(start: Start, why: String) -> Output {
    let exit = Exit::NotStarted(why);
    Output { stdout: Vec::new(), stderr: Vec::new(), exit, start, timings: Timings::default(), improvement: None }
}

fn go(compiled: &Compiled, input: &Input, state: State, timings: &mut Timings) -> Exit {
    let clock = Instant::now();
    let (mut store, _running) = compiled.runtime.store(state);
    let instance = memory::instantiate(&compiled.pre, &mut store, compiled.initial.as_ref());
    timings.instantiate = clock.elapsed();
    let instance = match instance {
        Ok(instance) => instance,
        Err(e) => return exit_of(&e, input),
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
        Err(e) => exit_of(&e, input),
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
        Some(Trap::Interrupt) => Exit::TimedOut(input.limits.time),
        Some(Trap::StackOverflow) => Exit::Trap("the call stack is exhausted".to_owned()),
        Some(trap) => {
            let text = trap.to_string();
            Exit::Trap(text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned())
        }
        None => Exit::Trap(format!("{error:#}")),
    }
}
