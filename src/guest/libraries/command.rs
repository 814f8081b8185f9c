//! WASI commands: a call is a run of a fresh instance.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;

use super::answer::{Answer, Failure, last_line};
use super::value::Value;
use super::worker::Job;
use super::{Library, Program, nowhere};
use crate::guest::limiter::SharedLimit;
use crate::guest::wasi::RunState;
use crate::guest::{Calls, Exit, Input, Limits, Timings, cold};
use crate::size;

/// Runs a command with what is asked of it.
pub fn run(library: &Library, program: &Program, mut job: Job, limit: &SharedLimit) -> Answer {
    let mut arguments = vec![library.name.clone()];
    for (number, argument) in std::mem::take(&mut job.request.arguments).into_iter().enumerate() {
        match argument {
            Value::Text(text) => arguments.push(text),
            other => {
                let number = number + 1;
                let what = format!("argument {number} must be a str, not {}", other.type_name());
                return Answer::failed(Failure::new(what));
            }
        }
    }
    let environment = std::mem::take(&mut job.request.environment);
    let is_nul = |text: &str| text.contains('\0');
    if arguments.iter().any(|text| is_nul(text)) {
        return Answer::failed(Failure::new("an argument holds a NUL, which no program can be given"));
    }
    if let Some((name, _)) =
        environment.iter().find(|(name, value)| is_nul(name) || is_nul(value) || name.contains('='))
    {
        return Answer::failed(Failure::new(format!(
            "`{}` is no variable that a program can be given",
            name.escape_debug()
        )));
    }
    let stdin = Bytes::from(std::mem::take(&mut job.request.input));
    let input = Input { arguments, environment, stdin, ..input(library, &job) };
    let state = match state(library, &input, limit) {
        Ok(state) => state,
        Err(failure) => return Answer::failed(failure),
    };
    let (record, refused) = (state.record.clone(), state.limits.refused());
    let (mut timings, mut stopped_at) = (Timings::default(), Vec::new());
    let exit = cold::run_instance(program.compiled(), &input, state, &mut timings, &mut stopped_at);
    let (stdout, stderr) = (record.stdout.take().kept, record.stderr.take().kept);
    let answer = ended(exit, library, &job, refused.load(Ordering::Relaxed), limit);
    match answer {
        None => Answer::Gave(Value::Bytes(stdout), stderr),
        Some(Answer::Failed(mut failure)) => {
            if let Some(last) = last_line(&stderr) {
                failure.what = format!("{}: {last}", failure.what);
            }
            failure.stderr = stderr;
            Answer::Failed(failure)
        }
        Some(other) => other,
    }
}

/// What instances of a library are given, but for arguments, variables and standard input.
pub fn input(library: &Library, job: &Job) -> Input {
    let default = Limits::default();
    let limits = Limits {
        time: job.end(library).saturating_duration_since(Instant::now()),
        memory: library.limits.memory.unwrap_or(default.memory),
        stdout: library.limits.stdout.unwrap_or(default.stdout).min(super::MOST_BYTES),
        stderr: library.limits.stderr.unwrap_or(default.stderr),
    };
    Input {
        entrypoint: "_start".to_owned(),
        arguments: Vec::new(),
        environment: Vec::new(),
        volumes: Arc::clone(&library.volumes),
        stdin: Bytes::new(),
        console: None,
        breakpoints: None,
        limits,
        stderr: nowhere(),
        cold: true,
        cancellation: job.cancellation.clone(),
        surroundings: None,
        calls: Calls::Live,
        early: Arc::default(),
        allowed_hosts: Default::default(),
        libraries: Default::default(),
    }
}

/// The state of an instance, whose memory counts with the guest's.
///
/// # Errors
/// Fails where a volume cannot be opened.
pub fn state(library: &Library, input: &Input, limit: &SharedLimit) -> Result<RunState, Failure> {
    let state = RunState::new(input, &input.arguments, &input.environment, Bytes::new());
    let mut state = state.map_err(|volume| Failure::new(format!("it could not be started: {}", volume.why)))?;
    state.limits = limit.part(library.limits.memory);
    state.is_library = true;
    Ok(state)
}

/// The answer of a call that ended so; `None` where it ended well. `refused` says whether it was refused memory.
pub fn ended(exit: Exit, library: &Library, job: &Job, refused: bool, limit: &SharedLimit) -> Option<Answer> {
    let mut failure = Failure::default();
    failure.what = match exit {
        Exit::Code(0) => return None,
        Exit::Code(code) => {
            failure.code = Some(code);
            format!("it ended with exit code {code}")
        }
        Exit::Trap(why) => format!("it trapped: {why}"),
        Exit::TimedOut(_) | Exit::Cancelled if job.must_stop() => return Some(Answer::Stopped),
        Exit::TimedOut(_) | Exit::Cancelled if job.cancellation.is_interrupted() => "it was interrupted".to_owned(),
        Exit::TimedOut(_) | Exit::Cancelled => match library.limits.time {
            Some(time) => format!("it was stopped after {time:?}, its `timeout`"),
            None => "it was stopped".to_owned(),
        },
        Exit::OutputLimit(limit) => {
            let limit = size::shown(limit as u64);
            format!("it was stopped: its output grew beyond the limit of {limit}, its `max-response`")
        }
        Exit::StackExhausted => "it was stopped: its calls went deeper than its stack".to_owned(),
        Exit::NoVolume(why) | Exit::TooManyFiles(why) | Exit::NoAddressSpace(why) | Exit::NotStarted(why) => {
            format!("it could not be started: {why}")
        }
    };
    failure.note = refused.then(|| memory_note(library, limit));
    Some(Answer::failed(failure))
}

/// Says which memory a library may have.
pub fn memory_note(library: &Library, limit: &SharedLimit) -> String {
    let all = size::shown(limit.limit() as u64);
    match library.limits.memory {
        Some(own) if own < limit.limit() as u64 => {
            format!("it was refused memory beyond {}, its `max-memory`", size::shown(own))
        }
        _ => format!("it was refused memory: the request may have {all} with its libraries, by its `max-memory`"),
    }
}
