//! Runs requests from an image: what the host asks of a saved interpreter, and what it answers.

use std::time::Instant;

use bytes::Bytes;
use wagi_contract::message::{self, Answer};
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use super::calls::{BreakpointTerminal, Tool};
use super::cold::exit_of;
use super::console::Stream;
use super::debug::{self, install::NoDebugger};
use super::engine::Compiled;
use super::image::Image;
use super::python::{CommandLine, Target};
use super::raised::{Raised, RaisedFrame};
use super::resumed::ResumedImage;
use super::wasi::RunState;
use super::{Deviation, Exit, Input, Output, Start, Timings};

/// What the host asks of a saved interpreter.
pub struct ResumeRequest<'a> {
    /// What is run, in the words of the boot script.
    pub kind: &'static [u8],
    /// Where in the arguments its name or its text is.
    pub start: usize,
    /// The input of the run.
    pub input: &'a Input,
}

impl ResumeRequest<'_> {
    /// The request as the boot script reads it, without the standard input of the run, which follows it.
    fn encode(&self, compiled: &Compiled) -> Bytes {
        let Input { environment, console, .. } = self.input;
        let arguments = compiled.arguments(self.input);
        // What is put before them moves the start.
        let start = self.start + (arguments.len() - self.input.arguments.len());
        let pairs = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let is_terminal = |stream| console.as_ref().is_some_and(|console| console.is_terminal(stream));
        let streams = [(Stream::Stdin, &b" stdin"[..]), (Stream::Stdout, b" stdout")];
        let terminals = streams.iter().filter(|(stream, _)| is_terminal(*stream)).map(|(_, name)| *name);
        let kind: Vec<_> = std::iter::once(self.kind).chain(terminals).collect();
        Bytes::from(message::encode(&kind.concat(), start, &arguments, pairs))
    }
}

/// What a command line runs, in the words of the boot script.
pub fn kind(target: Target) -> &'static [u8] {
    match target {
        Target::Script => b"script",
        Target::Command => b"command",
        Target::Module => b"module",
    }
}

/// What a run says of itself: what a better image would have spared it.
#[derive(Default)]
pub struct RunReport {
    /// Modules of the library that it imported and the image does not have.
    pub modules: Vec<String>,
    /// Modules of installed packages that it imported and the image does not have.
    pub packages: Vec<String>,
    /// Modules that it compiled and the image does not have, by path.
    pub sources: Vec<String>,
    /// Its script was compiled, or a module that has changed since the image was saved.
    pub new_script: bool,
}

/// Why a resumed interpreter did not run the request.
pub enum ResumeError {
    /// The boot script asks for a cold start.
    Declined(String),
    /// The image is damaged: it worked when it was saved.
    Broken,
}

/// Runs a request from an image; returns its output and what a better image would spare it.
///
/// # Errors
/// Says why it did not run. Nothing of it has happened then.
pub fn resume(
    compiled: &Compiled,
    image: &Image,
    request: &ResumeRequest,
    tool: Option<Tool>,
) -> Result<(Output, RunReport), ResumeError> {
    let input = request.input;
    let mut message = request.encode(compiled);
    if input.breakpoints.is_some() {
        message = [&debug::breakpoints()[..], &message].concat().into();
    }
    let size = message.len() + input.stdin.len();
    let mut state = RunState::new(input, &[], &[], message).map_err(|volume| ResumeError::Declined(volume.why))?;
    if let Some(tool) = tool {
        // Isolated are those of 3.15, whose collector measures itself.
        state.attach(tool, compiled.is_isolated);
    }
    if let Some(terminal) = &input.breakpoints {
        state.hooks().breakpoints = Some(BreakpointTerminal::new(terminal.clone()));
    }
    let record = state.record.clone();
    // Held back until the script writes, because a cold start that follows writes it, too.
    record.stdout.hold(&image.description.startup_stdout);
    record.stderr.hold(&image.description.startup_stderr);
    let mut timings = Timings::default();
    let (mut spared, mut raised, mut stopped_at) = (RunReport::default(), None, Vec::new());
    let exit = match enter(compiled, image, state, &mut timings, &mut stopped_at) {
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer);
            let (code, rest) = match Answer::parse(&text) {
                Answer::Declined(reason) => return Err(ResumeError::Declined(reason.to_owned())),
                Answer::Exited(code, rest) => (code, rest),
            };
            let mut lines = rest.lines();
            while let Some(line) = lines.next() {
                match line.split_once(' ') {
                    Some(("module", name)) => spared.modules.push(name.to_owned()),
                    Some(("package", name)) => spared.packages.push(name.to_owned()),
                    Some(("source", path)) => spared.sources.push(path.to_owned()),
                    _ if line == "raised" => {
                        // What `main` does then.
                        record.note_exit(true);
                        raised = Raised::parse(lines.by_ref());
                    }
                    _ => spared.new_script |= line == "script",
                }
            }
            code.map_or_else(|| Exit::Trap("the saved interpreter gave no exit code".to_owned()), Exit::Code)
        }
        Err(e) if e.is::<NoDebugger>() => return Err(ResumeError::Declined(e.to_string())),
        // Nothing of the run has happened while its request is unread.
        Err(e)
            if record.unread() == size
                && !e.is::<Deviation>()
                && !matches!(e.downcast_ref(), Some(Trap::Interrupt)) =>
        {
            return Err(ResumeError::Broken);
        }
        Err(e) => exit_of(&e, input),
    };
    // What start-up wrote comes out even where the script writes nothing. Standard error drops what does not fit, and
    // standard output had room for it in the capture.
    let _ = (record.stdout.put(&[]), record.stderr.put(&[]));
    Ok((Output { raised, stopped_at, ..record.output(exit, Start::Warm, timings) }, spared))
}

/// Calls into the image for an answer alone.
///
/// # Errors
/// Says why there is none.
pub fn call(compiled: &Compiled, image: &Image, request: &ResumeRequest) -> Result<Vec<u8>, String> {
    let state = RunState::new(request.input, &[], &[], request.encode(compiled))?;
    enter(compiled, image, state, &mut Timings::default(), &mut Vec::new()).map_err(|e| format!("{e:#}"))
}

/// Makes an instance of the image and calls its entry; gives back the bytes object that this returns. Where it is stopped,
/// `stopped_at` has what it was executing.
fn enter(
    compiled: &Compiled,
    image: &Image,
    state: RunState,
    timings: &mut Timings,
    stopped_at: &mut Vec<RaisedFrame>,
) -> wasmtime::Result<Vec<u8>> {
    let clock = Instant::now();
    let mut resumed = ResumedImage::new(compiled, image, state)?;
    resumed.install_debugger()?;
    timings.instantiate = clock.elapsed();
    let clock = Instant::now();
    let answer = resumed.call();
    timings.run = clock.elapsed();
    if answer.as_ref().is_err_and(|e| !e.is::<I32Exit>()) {
        *stopped_at = resumed.frames();
    }
    answer
}

/// Has an image run `script` as a command, which is to end with `posix._exit(0)`; gives back what it wrote to standard
/// output and its memory at the end.
///
/// # Errors
/// Says why the script did not end so.
pub fn examine(
    compiled: &Compiled,
    image: &Image,
    input: &Input,
    line: &CommandLine,
    script: String,
) -> Result<(Vec<u8>, Vec<u8>), String> {
    let mut arguments: Vec<_> = input.arguments.iter().take(line.options).cloned().collect();
    arguments.extend(["-c".to_owned(), script]);
    let start = arguments.len() - 1;
    let input = &Input { arguments, ..input.clone() };
    let message = ResumeRequest { kind: b"command", start, input }.encode(compiled);
    let state = RunState::new(input, &[], &[], message)?;
    let record = state.record.clone();
    let mut resumed = ResumedImage::new(compiled, image, state).map_err(|e| format!("{e:#}"))?;
    match resumed.call() {
        Err(e) if matches!(exit_of(&e, input), Exit::Code(0)) => Ok((record.stdout.take().kept, resumed.memory()?)),
        Err(e) => Err(format!("the saved interpreter cannot be examined: {e:#}")),
        Ok(_) => {
            let stderr = record.stderr.take().kept;
            let last = String::from_utf8_lossy(&stderr).lines().last().unwrap_or_default().to_owned();
            Err(format!("the saved interpreter cannot be examined; it says: {last}"))
        }
    }
}
