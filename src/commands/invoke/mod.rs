//! `pywagi invoke`: one request, answered without a socket.

mod form;
mod input;
mod json;
mod redirect;
mod request;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use crate::cli::Invoke;
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, Gain, Improvement, StderrSink};
use crate::pipeline::{self, Outcome};
use crate::request::Request;
use crate::response::head::{default_reason, plain_head};
use crate::terminal::{self, Terminal};

use super::app;
use redirect::Redirect;
use request::Template;

/// Runs `pywagi invoke`: the answer goes to standard output, the guest's standard error to ours.
///
/// # Errors
/// Fails where the request cannot be made or the app cannot be loaded, with [`Kind::Guest`] where the guest failed,
/// with [`Kind::Status`] where no route matches, after too many redirects, and with `--fail` where the status is 400 or
/// more. The answer is printed first.
pub fn run(arguments: &Invoke, terminal: &Terminal) -> Result<()> {
    let template = Template::new(arguments)?;
    let app = app::load(&arguments.app, terminal)?;
    let show_head = arguments.include || arguments.head;
    let (mut request, mut heads, mut redirects) = (template.first(), Vec::new(), Vec::new());
    let (outcome, limit_reached) = loop {
        let stderr: StderrSink = if arguments.json { Arc::new(|_| ()) } else { Arc::new(pass_on) };
        if redirects.is_empty() {
            app.check_route(&request.path)?;
        }
        let outcome = pipeline::handle(&app, &request, stderr, Cancellation::new());
        terminal.detail(pipeline::describe(&outcome));
        for warning in &outcome.warnings {
            terminal.warn(warning);
        }
        if show_head {
            heads.extend_from_slice(&plain_head(&outcome.response));
        }
        match arguments.location.then(|| redirect::of(&request, &outcome.response)).flatten() {
            Some(Redirect::Within(..)) if redirects.len() == redirect::MAX_REDIRECTS => break (outcome, true),
            Some(Redirect::Within(scheme, target)) => {
                let status = outcome.response.status;
                request = template.redirected(&request, status, scheme, &target);
                redirects.push((status, target));
            }
            Some(Redirect::Outside(location)) => {
                terminal.warn(format_args!("the redirect to {location} is not followed: it leads out of the app"));
                break (outcome, false);
            }
            None => break (outcome, false),
        }
    };
    let without_body = request.method == "HEAD" || arguments.head;
    let body = if without_body { &[][..] } else { &outcome.response.body };
    let withheld = !arguments.json && arguments.output.is_none() && body.contains(&0) && io::stdout().is_terminal();
    let answer = if arguments.json {
        json::object(&request, &outcome, &redirects, without_body).context(|| "cannot write the answer as JSON")?
    } else {
        [&heads[..], if withheld { &[] } else { body }].concat()
    };
    match arguments.output.as_deref().filter(|file| *file != Path::new("-")) {
        Some(file) => {
            fs::write(file, answer).context(|| format!("cannot write the answer to {}", file.display()))?;
        }
        None => terminal::print(answer)?,
    }
    learn(&outcome, terminal);
    // The process ends here, which frees memory and mappings faster than their destructors would.
    std::mem::forget(app);
    judge(&request, &outcome, arguments.fail)?;
    if limit_reached {
        let message = format!("the app redirects more than {} times", redirect::MAX_REDIRECTS);
        return Err(Error::of(Kind::Status, message).remedy("see where it leads with -i"));
    }
    if withheld {
        return Err(Error::new("the response body is binary and was not printed to the terminal")
            .remedy("save it with -o FILE, or print it nevertheless with -o -"));
    }
    Ok(())
}

/// Saves what makes the next request faster; the answer is out already. An edited script alone is not worth the wait.
fn learn(outcome: &Outcome, terminal: &Terminal) {
    let worthwhile = outcome.improvement.as_ref().filter(|i| i.gain() != Gain::Script);
    if let Some(Err(why)) = worthwhile.map(Improvement::make) {
        terminal.detail(format_args!("each request starts an interpreter: {why}"));
    }
}

/// Passes the guest's standard error on. Where ours is closed, nobody is left to report the failure to.
fn pass_on(bytes: &[u8]) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
}

/// Turns an unsuccessful outcome into the error that the process ends with.
fn judge(request: &Request, outcome: &Outcome, fail: bool) -> Result<()> {
    let status = outcome.response.status;
    if let Some(failure) = &outcome.failure {
        return Err(failure.to_error());
    }
    if outcome.route.is_none() && status == 404 {
        return Err(Error::of(Kind::Status, format!("no route matches {}", request.path))
            .remedy("the response lists the routes that modules.toml has"));
    }
    if fail && status >= 400 {
        let reason = outcome.response.reason.as_deref().unwrap_or_else(|| default_reason(status));
        return Err(Error::of(Kind::Status, format!("the answer's status is {}", format!("{status} {reason}").trim())));
    }
    Ok(())
}
