//! `pywagi replay`: runs a recorded request again.

mod debug;
mod export;
mod find;
mod list;
mod start;

use std::path::Path;
use std::sync::Arc;

use crate::cli::Replay;
use crate::error::{Error, Result};
use crate::guest::{Image, Program, StderrSink};
use crate::pipeline::{self, Replayable, Replayed};
use crate::recording::{Id, Recorded, RecordedRequest, exit_text};
use crate::response::head::plain_head;
use crate::terminal::Terminal;

use super::invoke;
use super::output::{self, Output};
use find::Found;
use start::Starter;

/// Runs `pywagi replay`: lists recordings, exports one, or replays it. Then the answer goes to standard output, and the
/// guest's standard error to ours, as with `pywagi invoke`.
///
/// # Errors
/// Fails where there is no such recording, or what it needs is not there; with [`crate::error::Kind::Guest`] where the guest
/// failed, as it did; and where the run does something else than it did, which shows no answer.
pub fn run(arguments: &Replay, terminal: &Terminal) -> Result<()> {
    let Some(name) = &arguments.recording else { return list::run(arguments, terminal) };
    if let Some(file) = &arguments.export {
        return export::run(arguments, name, file, terminal);
    }
    if arguments.trace || arguments.pdb {
        return debug::run(arguments, name, terminal);
    }
    let output = Output::open(arguments.output.as_deref())?;
    let found = Found::find(arguments, name, terminal)?;
    let starter = Starter::find(arguments, &found, terminal)?;
    let Found { name, request, .. } = &found;
    let replayed = start(starter.program, request, starter.image, terminal).map_err(|why| {
        Error::new(format!("{name} cannot be replayed: {why}")).remedy(remedy(request, starter.is_exact))
    })?;
    check(&replayed, &found, starter.is_exact)?;

    let outcome = &replayed.outcome;
    let body = if request.method == "HEAD" { &[][..] } else { &outcome.response.body };
    let withheld = output::is_withheld(arguments.output.as_deref(), body);
    let head = if arguments.include { plain_head(&outcome.response) } else { Vec::new() };
    output.write(&[&head[..], if withheld { &[] } else { body }].concat(), terminal)?;
    let log = request.calls.entries.len();
    terminal.detail(format_args!("{}; the log of its calls has {log} bytes", pipeline::summary(outcome)));
    for warning in &outcome.warnings {
        terminal.warn(warning);
    }
    terminal.step("Replayed", summary(&found));
    invoke::judge(request.path(), outcome, false)?;
    if withheld { Err(output::withheld()) } else { Ok(()) }
}

/// What replays the recording `id` of a `dev` that runs: of the app of the manifest `config`, else of the nearest one.
///
/// # Errors
/// Fails where there is no such recording, or what it needs is not on this machine.
pub fn replayable(config: Option<&Path>, id: Id, terminal: &Terminal) -> Result<Replayable> {
    let arguments = Replay { config: config.map(Path::to_owned), ..Replay::default() };
    let found = Found::find(&arguments, &id.to_string(), terminal)?;
    let Starter { program, image, .. } = Starter::find(&arguments, &found, terminal)?;
    let volumes = start::readable_volumes(&arguments, &found)?;
    Ok(Replayable { program, recorded: Recorded { request: found.request, image }, volumes })
}

/// The request, and how it ended.
fn summary(found: &Found) -> String {
    let Found { name, request, .. } = found;
    let RecordedRequest { method, target, ended, calls, .. } = &**request;
    let target = list::cut(target);
    let (status, exit) = (ended.status, exit_text(&ended.exit));
    let (began, calls) = (list::time(request.time), calls.calls);
    format!("{name}: {method} {target} of {began}, {status}, {exit}, {calls} calls")
}

/// Starts the replay. What the guest writes to standard error goes to ours.
fn start(
    program: Program,
    request: &RecordedRequest,
    image: Option<Arc<Image>>,
    terminal: &Terminal,
) -> std::result::Result<Replayed, String> {
    let screen = terminal.clone();
    let stderr: StderrSink = Arc::new(move |bytes| screen.pass_on(bytes));
    pipeline::replay(&program, request, image, stderr)
}

/// Fails where the run did something else than it did. `is_exact`: it started from the interpreter that it started from.
fn check(replayed: &Replayed, found: &Found, is_exact: bool) -> Result<()> {
    let Found { name, request, .. } = found;
    let what = match &replayed.deviation {
        Some(deviation) => format!("deviates from the recording: {deviation}"),
        None if !replayed.is_same => {
            "made the calls of the recording, and did not print the same or end alike".to_owned()
        }
        None => return Ok(()),
    };
    Err(Error::new(format!("the replay of {name} {what}")).remedy(remedy(request, is_exact)))
}

/// What to do about a run that does something else than it did.
fn remedy(request: &RecordedRequest, is_exact: bool) -> String {
    let ours = env!("CARGO_PKG_VERSION");
    if !request.redacted.is_empty() {
        let redacted = request.redacted.join(", ");
        return format!("the script uses {redacted}, which was left out of it: export it with a value of less worth");
    }
    if !is_exact {
        return "the interpreter that was made again is another one: copy images/ of the directory that the recording \
                was written to, beside it"
            .to_owned();
    }
    if request.recorder != ours {
        return format!("it was recorded by pywagi {}, and this is {ours}: replay it with that", request.recorder);
    }
    "if nobody edited the recording, this is a defect of pywagi: please report it, with the recording if it holds no secret"
        .to_owned()
}
