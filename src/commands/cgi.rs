//! `pywagi cgi`: one request of a web server, which runs a process for it (RFC 3875).
//!
//! The client is told what happened in one line; the details go to standard error, which is the server's log.

use std::process::{Command, Stdio};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cli::{self, AppOptions};
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, Improvement, Lessons, StderrSink};
use crate::pipeline::{self, App, Outcome, Said};
use crate::request::Request;
use crate::request::head::Refusal;
use crate::request::meta_variables::{MetaVariables, read_body};
use crate::response::Response;
use crate::response::head::{cgi_head, default_reason, is_without_body};
use crate::terminal::Terminal;

use super::app::{AppLoader, Runs, warn};

/// Runs `pywagi cgi`: the answer goes to standard output. Fails only where there is none; error pages are answers.
///
/// # Errors
/// Fails with [`Kind::Usage`] where no web server runs this, and where standard output cannot be written to.
pub fn run(arguments: &cli::Cgi, terminal: &Terminal) -> Result<()> {
    let variables = MetaVariables::new(std::env::vars_os());
    if !variables.are_there() {
        let message = "there is no request: a web server that runs this sets the variable REQUEST_METHOD";
        return Err(Error::of(Kind::Usage, message).remedy(
            "see `pywagi cgi --help` for web servers; `pywagi invoke /` answers a request of the command line",
        ));
    }
    let options = AppOptions { hostname: variables.host(), ..arguments.into() };
    let request = match receive(&variables, &options) {
        Ok(request) => request,
        Err(Refusal { status, message }) => {
            terminal.warn(format_args!("the request was refused: {message}"));
            return print(&terse(status), false, terminal);
        }
    };
    let (app, mut outcome) = answer(&options, &request, terminal);
    outcome.response = public(&outcome);
    if let Some(improvement) = &outcome.improvement {
        have_saved(improvement, &options, &request.target(), terminal);
    }
    // The last that is done: a server may end this process once it has the whole answer.
    print(&outcome.response, request.method == "HEAD", terminal)?;
    // The process ends here, which frees memory and mappings faster than their destructors would.
    std::mem::forget(app);
    Ok(())
}

/// Reads the request, its body included.
fn receive(variables: &MetaVariables, options: &AppOptions) -> std::result::Result<Request, Refusal> {
    let max_body = options.limits.max_body;
    let request = variables.request()?;
    let length = variables.body_length(max_body)?;
    Ok(Request { body: read_body(length, max_body, std::io::stdin().lock())?, ..request })
}

/// Answers the request, and says on standard error what went wrong.
fn answer(options: &AppOptions, request: &Request, terminal: &Terminal) -> (Option<App>, Outcome) {
    let about = format!("{} {}{}", request.method, request.mount, request.target());
    let log = |error: &Error| terminal.error(&error.copy().with_message(format!("{about}: {error}")));
    let app = match load(options, terminal) {
        Ok(app) => app,
        Err(error) => {
            log(&error);
            return (None, pipeline::unavailable(&error));
        }
    };
    let screen = terminal.clone();
    let stderr: StderrSink = Arc::new(move |bytes| screen.pass_on(bytes));
    let mut outcome = pipeline::handle(&app, request, stderr, Cancellation::new());
    if let Some(failure) = &outcome.failure {
        let error = failure.to_error();
        let evidence = failure.evidence.iter().map(|evidence| format!("; {evidence}"));
        log(&error.copy().with_message(evidence.fold(error.to_string(), |message, evidence| message + &evidence)));
    } else if let Some(own) = &outcome.own {
        let message = own.message.replace('\n', " ");
        if own.status < 500 {
            // The client's mistake, and one line for a client that makes many.
            terminal.note(format_args!("{about}: {message} {}", own.routes.join(", ")).to_string().trim_end());
        } else {
            log(&own.help.iter().fold(Error::new(message), |error, help| error.remedy(help)));
        }
    }
    // What is said once by a server would be said by each request.
    if terminal.is_verbose() {
        Said::default().tell(&mut outcome);
    }
    for warning in &outcome.warnings {
        terminal.warn(warning);
    }
    terminal.detail(pipeline::summary(&outcome));
    (Some(app), outcome)
}

/// Loads the app. What is questionable in its files is told with `--verbose` alone: `pywagi check` tells it once, and each
/// request would.
fn load(options: &AppOptions, terminal: &Terminal) -> Result<App> {
    let loader = AppLoader::new(options, Runs::default(), terminal)?;
    let files = if terminal.is_verbose() { loader.read()? } else { loader.read_without_packages()? };
    let app = loader.load(&files, None, terminal)?;
    if terminal.is_verbose() {
        warn(&files, &app, terminal);
    }
    Ok(app)
}

/// The answer that the client gets: that of the script, or the status alone where pywagi says what went wrong.
fn public(outcome: &Outcome) -> Response {
    if outcome.own.is_some() || outcome.is_explained() {
        terse(outcome.response.status)
    } else {
        outcome.response.clone()
    }
}

/// An error page of one line.
fn terse(status: u16) -> Response {
    Response::plain(status, format!("{status} {}\n", default_reason(status)))
}

/// Prints a response as a CGI program does (RFC 3875 6), without its body where there is to be none.
fn print(response: &Response, is_head: bool, terminal: &Terminal) -> Result<()> {
    let (head, left_out) = cgi_head(response);
    for name in left_out {
        terminal.warn(format_args!("dropped the response header {name}: the web server would send a file of its own"));
    }
    let body = if is_head || is_without_body(response.status) { &[][..] } else { &response.body };
    crate::terminal::print([&head, body].concat())
}

/// What a process that answered asks of one that it starts.
#[derive(Deserialize, Serialize)]
pub struct Order {
    /// The app.
    pub options: AppOptions,
    /// Path and query of the request.
    pub target: String,
    /// What it taught.
    pub lessons: Lessons,
}

/// Has an interpreter saved for later requests, by a process that the web server knows nothing of.
fn have_saved(improvement: &Improvement, options: &AppOptions, target: &str, terminal: &Terminal) {
    let is_due = improvement.is_due().and_then(|is_due| Ok(if is_due { Some(improvement.lessons()?) } else { None }));
    match is_due {
        Ok(None) => {}
        Ok(Some(lessons)) => {
            let order = Order { options: options.clone(), target: target.to_owned(), lessons };
            if let Err(error) = start_saver(&order) {
                terminal.warn(format_args!("no interpreter is saved for later requests: {error}"));
            }
        }
        Err(why) => terminal.warn(format_args!("no interpreter is saved for later requests: {why}")),
    }
}

fn start_saver(order: &Order) -> Result<()> {
    let text = serde_json::to_vec(order).context(|| "cannot write an order")?;
    let program = std::env::current_exe().context(|| "cannot find the program pywagi")?;
    let mut command = Command::new(program);
    command.args(["cache", "warm", "--learnt"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // The server may end what it started as a group.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut saver = command.spawn().context(|| "cannot start a process for it")?;
    if let Some(stdin) = &mut saver.stdin {
        std::io::Write::write_all(stdin, &text).context(|| "cannot write to the process for it")?;
    }
    Ok(())
}
