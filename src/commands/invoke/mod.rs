//! `pywagi invoke`: one request, answered without a socket.

mod form;
mod input;
mod json;
mod redirect;
mod request;

use std::io::IsTerminal;
use std::sync::Arc;

use crate::cli::Invoke;
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, Console, Entropy, Gain, MadeUpClock, StderrSink, Surroundings};
use crate::pipeline::{self, App, Outcome, Said};
use crate::recording::directory::RecordingDirectory;
use crate::recording::{Id, Recorded};
use crate::request::Request;
use crate::response::head::{default_reason, plain_head};
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::app::{self, Runs};
use super::image_saver;
use super::output::{self, Output};
use super::run::ProcessStreams;
use super::test;
use redirect::Redirect;
use request::Template;

/// An answer, and all about how it came about.
struct Answered {
    app: App,
    /// The last request, after the redirects.
    request: Request,
    outcome: Outcome,
    /// The heads of all responses, where they are to be printed.
    heads: Vec<u8>,
    redirects: Vec<(u16, String)>,
    /// What replays the requests, where they are recorded.
    recordings: Vec<(Id, Box<Recorded>)>,
    /// Whether the last response is a redirect that was one too many.
    limit_reached: bool,
}

/// Runs `pywagi invoke`: the answer goes to standard output, the guest's standard error to ours.
///
/// # Errors
/// Fails where the request cannot be made or the app cannot be loaded, with [`Kind::Guest`] where the guest failed,
/// with [`Kind::Status`] where no route or script is there, after too many redirects, and with `--fail` where the status is 400 or
/// more. The answer is printed first.
pub fn run(arguments: &Invoke, terminal: &Terminal) -> Result<()> {
    let output = match Output::open(arguments.output.as_deref()) {
        Ok(output) => output,
        Err(error) => return Err(report(error, arguments, Output::Stdout, terminal)),
    };
    let directory = match arguments.record.as_deref().map(RecordingDirectory::create).transpose() {
        Ok(directory) => directory,
        Err(error) => return Err(report(error, arguments, output, terminal)),
    };
    if let Err(error) = arguments.save_test.as_deref().map_or(Ok(()), test::check_name) {
        return Err(report(error, arguments, output, terminal));
    }
    let answered = match ask(arguments, terminal) {
        Ok(answered) => answered,
        Err(error) => return Err(report(error, arguments, output, terminal)),
    };
    let Answered { app, request, outcome, heads, redirects, recordings, limit_reached } = answered;
    let without_body = request.method == "HEAD" || arguments.head;
    let body = if without_body { &[][..] } else { &outcome.response.body };
    let withheld = !arguments.json && output::is_withheld(arguments.output.as_deref(), body);
    let answer = if arguments.json {
        let id = recordings.last().map(|(id, _)| *id);
        json::object(&request, &outcome, &redirects, without_body, id).context(|| "cannot write the answer as JSON")?
    } else {
        [&heads[..], if withheld { &[] } else { body }].concat()
    };
    output.write(&answer, terminal)?;
    if let Some(directory) = &directory {
        if recordings.is_empty() {
            let why = match outcome.start {
                None => "no guest ran",
                Some(_) => "the log of its calls is larger than 64 MiB, or it moved a standard stream",
            };
            terminal.warn(format_args!("the request was not recorded: {why}"));
        }
        for (id, recorded) in &recordings {
            directory.write(*id, recorded)?;
            terminal.step("Recorded", format_args!("{id}: pywagi replay {}", shown(&directory.file(*id))));
        }
    }
    if let Some(name) = &arguments.save_test {
        for path in test::save(&app.manifest().directory, name, &request, &outcome.response)? {
            terminal.step("Saved", format_args!("{}; `pywagi test` compares with it", shown(&path)));
        }
    }
    learn(&outcome, terminal);
    // The process ends here, which frees memory and mappings faster than their destructors would.
    std::mem::forget(app);
    judge(&request.path, &outcome, arguments.fail)?;
    if limit_reached {
        let message = format!("the app redirects more than {} times", redirect::MAX_REDIRECTS);
        return Err(Error::of(Kind::Status, message).remedy("see where it leads with -i"));
    }
    if withheld {
        return Err(output::withheld());
    }
    Ok(())
}

/// Makes the request, and follows redirects where that is wanted.
fn ask(arguments: &Invoke, terminal: &Terminal) -> Result<Answered> {
    let template = Template::new(arguments)?;
    let runs = runs(arguments);
    let (is_made_up, may_stop) = (runs.surroundings.is_some(), runs.breakpoints.is_some());
    let app = app::load(&arguments.app, runs, terminal)?;
    let show_head = arguments.include || arguments.head;
    let (mut request, mut heads, mut redirects) = (template.first(), Vec::new(), Vec::new());
    let mut recordings = Vec::new();
    let mut said = Said::default();
    app.check_route(&request.path)?;
    loop {
        // An interpreter that is started looks at clocks and draws random bytes, which one that was saved has done; and has no
        // debugger.
        if (is_made_up || may_stop)
            && let Some((_, why)) = app.warm_up_for(&request.path)
        {
            terminal.detail(format_args!("each request starts an interpreter: {why}"));
        }
        let screen = terminal.clone();
        let stderr: StderrSink =
            if arguments.json { Arc::new(|_| ()) } else { Arc::new(move |bytes| screen.pass_on(bytes)) };
        let mut outcome = pipeline::handle(&app, &request, stderr, Cancellation::new());
        said.tell(&mut outcome);
        recordings.extend(outcome.recorded.take().map(|recorded| (Id::random(), recorded)));
        terminal.detail(pipeline::summary(&outcome));
        for line in String::from_utf8_lossy(&outcome.printed).lines() {
            terminal.detail(format_args!("printed: {line}"));
        }
        outcome.connections.lines().for_each(|line| terminal.detail(line));
        for warning in &outcome.warnings {
            terminal.warn(warning);
        }
        if show_head {
            heads.extend_from_slice(&plain_head(&outcome.response));
        }
        let limit_reached = match arguments.location.then(|| redirect::of(&request, &outcome.response)).flatten() {
            Some(Redirect::Within(..)) if redirects.len() == redirect::MAX_REDIRECTS => true,
            Some(Redirect::Within(scheme, target)) => {
                let status = outcome.response.status;
                request = template.redirected(&request, status, scheme, &target);
                redirects.push((status, target));
                continue;
            }
            Some(Redirect::Outside(location)) => {
                terminal.warn(format_args!("the redirect to {location} is not followed: it leads out of the app"));
                false
            }
            None => false,
        };
        return Ok(Answered { app, request, outcome, heads, redirects, recordings, limit_reached });
    }
}

/// What the flags ask of the run.
fn runs(arguments: &Invoke) -> Runs {
    /// Nanoseconds from one look at a made-up clock to the next.
    const STEP: u64 = 1000;
    let clock = arguments.clock.map(|start| MadeUpClock { start, step: STEP });
    let entropy = arguments.seed.map(Entropy::numbered);
    let surroundings = Surroundings { clock, entropy, file_times: 0 };
    let hash_seed = arguments.hash_seed.map(|seed| ("PYTHONHASHSEED".to_owned(), seed.to_string()));
    Runs {
        records: arguments.record.is_some(),
        surroundings: (clock.is_some() || entropy.is_some()).then_some(surroundings),
        breakpoints: breakpoints(arguments),
        environment: hash_seed.into_iter().collect(),
        like: None,
    }
}

/// The terminal at which `breakpoint()` asks: where standard input and standard error are one. The answer is what standard output
/// is for. A recording would not have what is typed, and would be none.
fn breakpoints(arguments: &Invoke) -> Option<Console> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    (is_terminal && arguments.record.is_none()).then(|| Console::new(Arc::new(ProcessStreams)))
}

/// Returns `error`, because of which there is no answer. With `--json` it is written in the answer's place first, so that
/// a program that reads the object finds out.
fn report(error: Error, arguments: &Invoke, output: Output<'_>, terminal: &Terminal) -> Error {
    let written = arguments.json.then(|| {
        let object = json::error(&error).context(|| "cannot write the error as JSON")?;
        output.write(&object, terminal)
    });
    match written {
        Some(Err(second)) => Error::all(vec![second, error]),
        _ => error,
    }
}

/// Saves what makes the next request faster; the answer is out already. An edited script or a few modules are not worth the
/// wait.
fn learn(outcome: &Outcome, terminal: &Terminal) {
    let worthwhile = outcome.improvement.as_ref().filter(|i| !matches!(i.gain(), Gain::Script | Gain::Few));
    worthwhile.iter().for_each(|improvement| image_saver::save_now(improvement, terminal));
}

/// Turns an unsuccessful outcome of a request of `path` into the error that the process ends with.
///
/// # Errors
/// As [`run`].
pub fn judge(path: &str, outcome: &Outcome, fail: bool) -> Result<()> {
    let status = outcome.response.status;
    if let Some(failure) = &outcome.failure {
        return Err(failure.to_error());
    }
    if outcome.route.is_none() && status == 404 {
        return Err(Error::of(Kind::Status, format!("no route matches {path}"))
            .remedy("the response lists the routes that modules.toml has"));
    }
    if let Some(script) = &outcome.missing_script {
        return Err(Error::of(Kind::Status, format!("there is no script {script}"))
            .remedy("`argv` takes its path from the URL: correct the path of the request, or create the script"));
    }
    if fail && status >= 400 {
        let reason = outcome.response.reason.as_deref().unwrap_or_else(|| default_reason(status));
        return Err(Error::of(Kind::Status, format!("the answer's status is {}", format!("{status} {reason}").trim())));
    }
    Ok(())
}
