//! `pywagi invoke`: one request, answered without a socket.

mod json;
mod request;

use std::io::Write;
use std::sync::Arc;

use crate::cli::Invoke;
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, Gain, Improvement, StderrSink};
use crate::pipeline::{self, Outcome};
use crate::response::head::{default_reason, plain_head};
use crate::terminal::{self, Terminal};

use super::app;

/// Runs `pywagi invoke`: the answer goes to standard output, the guest's standard error to ours.
///
/// # Errors
/// Fails where the request cannot be made or the app cannot be loaded, with [`Kind::Guest`] where the guest failed,
/// and with `--fail` also with [`Kind::Status`] where the answer's status is 400 or more. The answer is printed first.
pub fn run(arguments: &Invoke, terminal: &Terminal) -> Result<()> {
    let request = request::build(arguments)?;
    let app = app::load(&arguments.app, &arguments.env, terminal)?;
    let stderr: StderrSink = if arguments.json { Arc::new(|_| ()) } else { Arc::new(pass_on) };
    let outcome = pipeline::handle(&app, &request, stderr, Cancellation::new());
    for warning in &outcome.warnings {
        terminal.warn(warning);
    }
    let without_body = request.method == "HEAD";
    let answer = if arguments.json {
        json::object(&request, &outcome, without_body).context(|| "cannot write the answer as JSON")?
    } else {
        let mut answer = if arguments.include { plain_head(&outcome.response) } else { Vec::new() };
        if !without_body {
            answer.extend_from_slice(&outcome.response.body);
        }
        answer
    };
    terminal::print(answer)?;
    terminal.detail(pipeline::describe(&outcome));
    learn(&outcome, terminal);
    judge(&outcome, arguments.fail)
}

/// Saves what makes the next request faster; the answer is out already. An edited script alone is not worth the wait.
fn learn(outcome: &Outcome, terminal: &Terminal) {
    let worthwhile = outcome.improvement.as_ref().filter(|i| i.gain() != Gain::Script);
    if let Some(Err(why)) = worthwhile.map(Improvement::make) {
        terminal.detail(format_args!("each request starts an interpreter: {why}"));
    }
}

/// The guest's standard error, as it comes. Nobody is left to tell when ours is closed.
fn pass_on(bytes: &[u8]) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
}

/// What the outcome means to the caller of the process.
fn judge(outcome: &Outcome, fail: bool) -> Result<()> {
    let status = outcome.response.status;
    if let Some(why) = &outcome.failure {
        let error = Error::of(Kind::Guest, why.clone());
        return Err(match &outcome.remedy {
            Some(remedy) => error.remedy(remedy),
            None => error,
        });
    }
    if fail && status >= 400 {
        let reason = outcome.response.reason.as_deref().unwrap_or_else(|| default_reason(status));
        return Err(Error::of(Kind::Status, format!("the answer's status is {}", format!("{status} {reason}").trim())));
    }
    Ok(())
}
