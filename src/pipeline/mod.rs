//! From request to response: route, CGI, guest run, response. Knows no socket and no terminal.

mod app;
mod build;
mod failure;
mod image;
mod library;
mod like;
mod load;
mod missing;
mod notice;
mod own_answer;
mod provided;
mod python;
mod replay;
mod standing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::cgi;
use crate::error::Error;
use crate::guest::{
    self, Cancellation, Connections, Exit, Improvement, Input, Output, Program, Start, StderrSink, Volume,
};
use crate::like::Like;
use crate::limits::ResolvedLimits;
use crate::network::AllowedHosts;
use crate::recording::{Ended, Recorded, RecordedRequest};
use crate::request::{Request, body_too_large};
use crate::response::{self, Response};
use crate::size;

pub use app::{App, InterpreterEnvironment, Options, Route};

pub use standing::{Replayable, StandingRun, StandingRuns};

use app::Endpoint;
pub use build::RouteToBuild;
pub use image::RouteInterpreter;

pub use failure::{Exception, FailureKind, GuestFailure, Location, help_for_import, is_own, volume_of};
use load::Runnable;
pub use notice::{Notice, Said};
pub use own_answer::OwnAnswer;
pub use python::RoutePython;
pub use replay::{Debugged, Replayed, debug, describe, replay};

/// The result of a request.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer. For a HEAD request it is that of GET, body included; its sender leaves the body out.
    pub response: Response,
    /// The route that matched, as written.
    pub route: Option<String>,
    /// The module that answered.
    pub module: Option<PathBuf>,
    /// What the guest wrote to standard error, up to its limit.
    pub stderr: Vec<u8>,
    /// How the guest ended, if one ran.
    pub exit: Option<Exit>,
    /// From what the guest started, if one ran.
    pub start: Option<Start>,
    /// How long each step took.
    pub timings: Timings,
    /// What is wrong with the answer but stops nothing, such as a header line that was dropped.
    pub warnings: Vec<String>,
    /// What is to be said once: see [`Said`].
    pub notices: Vec<Notice>,
    /// The script that is not there, where its path comes from the URL. The answer is a 404 then.
    pub missing_script: Option<String>,
    /// What the guest did in the network.
    pub connections: Connections,
    /// What failed, if the guest did not exit with code 0 or did not print a valid response.
    pub failure: Option<GuestFailure>,
    /// What the answer says, where no guest gave it and none failed.
    pub own: Option<OwnAnswer>,
    /// What a guest printed that gave no answer.
    pub printed: Vec<u8>,
    /// What would make later requests like it faster.
    pub improvement: Option<Improvement>,
    /// What replays it, if it was to be recorded and a guest ran.
    pub recorded: Option<Box<Recorded>>,
}

/// How long the steps of a request took; zero for those that were not reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Finding the route.
    pub route: Duration,
    /// Making the CGI variables and the arguments.
    pub cgi: Duration,
    /// Making the guest's instance.
    pub instantiate: Duration,
    /// Running the guest.
    pub run: Duration,
    /// Parsing the response.
    pub response: Duration,
    /// The whole request.
    pub total: Duration,
}

impl Timings {
    /// The steps by name, in order, and the total last.
    pub fn steps(&self) -> [(&'static str, Duration); 6] {
        let Self { route, cgi, instantiate, run, response, total } = *self;
        [
            ("route", route),
            ("cgi", cgi),
            ("instantiate", instantiate),
            ("run", run),
            ("response", response),
            ("total", total),
        ]
    }
}

/// The path by which a WAGI host says that it is well (wagi.md).
const HEALTH: &str = "/healthz";

/// Answers `request`. What the guest writes to standard error is passed to `stderr` as it is written; `cancellation`
/// stops it. A guest that fails, or cannot be run, gives an answer of status 500.
///
/// The calling thread must be a [`guest::GuestThread`].
pub fn handle(app: &App, request: &Request, stderr: StderrSink, cancellation: Cancellation) -> Outcome {
    let clock = Instant::now();
    if request.body.len() as u64 > app.max_body() {
        let outcome = refused(413, &body_too_large(app.max_body()));
        return Outcome { timings: Timings { total: clock.elapsed(), ..Timings::default() }, ..outcome };
    }
    let found = app.find(&request.path);
    let timings = Timings { route: clock.elapsed(), ..Timings::default() };
    let mut outcome = match found {
        Some((pattern, endpoint, path_info)) => {
            let pass_authorization = endpoint.module.declared.pass_authorization;
            let matched = cgi::Matched { pattern, path_info, default_host: app.default_host(), pass_authorization };
            let outcome = match &endpoint.module.runnable {
                Ok(runnable) => answer(app, request, (endpoint, runnable), matched, (stderr, cancellation), timings),
                Err(error) => unavailable(error),
            };
            let module = Some(endpoint.module.declared.module.clone());
            Outcome { route: Some(pattern.to_string()), module, ..outcome }
        }
        None => {
            let health = app.like().map_or(HEALTH, Like::health);
            let healthy = request.path == health && matches!(request.method.as_str(), "GET" | "HEAD");
            if healthy {
                Outcome::without_guest(Response::plain(200, "OK"), timings)
            } else {
                Outcome::of_own(not_found(app, request), timings)
            }
        }
    };
    outcome.timings.total = clock.elapsed();
    outcome
}

/// The outcome of a request that cannot be answered because of `error`.
pub fn unavailable(error: &Error) -> Outcome {
    let help = error.remedy_text().map(str::to_owned);
    Outcome::of_own(OwnAnswer { help, ..OwnAnswer::new(500, error.to_string()) }, Timings::default())
}

/// The outcome of a request that is refused before it is known which route it is for, with the text by which the server refuses.
pub fn refused(status: u16, why: &str) -> Outcome {
    let own = OwnAnswer::new(status, why);
    let response = Response::plain(status, format!("{}\n{}\n", own.title(), own.message));
    Outcome { response, ..Outcome::of_own(own, Timings::default()) }
}

/// Runs the guest of an endpoint for `request`.
fn answer(
    app: &App,
    request: &Request,
    (endpoint, runnable): (&Endpoint, &Runnable),
    matched: cgi::Matched<'_>,
    (stderr, cancellation): (StderrSink, Cancellation),
    mut timings: Timings,
) -> Outcome {
    let program = &runnable.program;
    let clock = Instant::now();
    let mut notices = Notice::of_headers(request, &endpoint.module.declared, &app.manifest().path);
    // Hosts that are played drop no such header.
    notices.retain(|notice| app.like().is_none() || !matches!(notice, Notice::Underscore(_)));
    let mut input = app.input(endpoint, runnable, request, matched);
    let nul = cgi::find_nul(&input.environment, &input.arguments);
    timings.cgi = clock.elapsed();
    if let Some(place) = nul {
        let why = format!("{place} would hold a NUL byte, which no guest can be given.");
        return Outcome::of_own(OwnAnswer::new(400, why), timings);
    }

    input.stdin = request.body.clone();
    input.stderr = stderr;
    input.cancellation = cancellation;
    let began = SystemTime::now();
    let mut output = guest::run(program, &input);
    timings.instantiate = output.timings.instantiate;
    timings.run = output.timings.run;
    // What the machine refused is no matter of the run.
    let recording = output.recording.take().filter(|_| !matches!(output.exit, Exit::NoAddressSpace(_)));
    let recording = recording.map(|recording| (recording, Ended::of(&output)));

    let clock = Instant::now();
    let ran = Ran {
        argv: endpoint.module.declared.argv.as_deref(),
        method: &request.method,
        path: &request.path,
        route: matched.pattern.as_str(),
        module: program.path(),
        volumes: &runnable.volumes,
        limits: &runnable.limits,
        allowed_hosts: &runnable.allowed_hosts,
    };
    let mut outcome = outcome_of(&ran, output, timings);
    app.like().iter().for_each(|like| like.change(&mut outcome.response));
    notices.append(&mut outcome.notices);
    outcome.notices = notices;
    outcome.recorded = recording.map(|(recording, ended)| {
        let ended = Ended { status: outcome.response.status, ..ended };
        let request = recorded(&ran, request, (program, input), ended, &recording, began);
        Box::new(Recorded { request: Arc::new(request), image: recording.image })
    });
    outcome.timings.response = clock.elapsed();
    outcome
}

/// A run, as far as its outcome depends on it.
struct Ran<'a> {
    /// `argv` of the module.
    argv: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    /// The route as written.
    route: &'a str,
    /// The module's file.
    module: &'a Path,
    volumes: &'a [Volume],
    limits: &'a ResolvedLimits,
    allowed_hosts: &'a AllowedHosts,
}

/// The outcome of a run that gave this output.
fn outcome_of(ran: &Ran<'_>, output: Output, timings: Timings) -> Outcome {
    let Ran { argv, method, path, route, module, volumes, limits, allowed_hosts } = *ran;
    let script = failure::script(argv, path, module);
    let missing_script = missing::missing_script(argv, &output);
    let failed = |failure: &GuestFailure| Response::plain(500, failure::page(failure, route, module));
    let (mut own, mut printed) = (None, Vec::new());
    let (response, mut warnings, failure) = if let Some(script) = &missing_script {
        let answer = own.insert(no_script(script, route));
        (answer.response(), Vec::new(), None)
    } else if let Some(failure) = GuestFailure::of_run(&script, &output, volumes, limits, allowed_hosts) {
        printed = output.stdout;
        (failed(&failure), Vec::new(), Some(failure))
    } else {
        let parsed = response::parse(output.stdout, method == "HEAD");
        match parsed.response {
            Ok(response) => {
                let failure = parsed.invalid_status.map(|why| GuestFailure::invalid_status(&script, why));
                (response, parsed.warnings, failure)
            }
            Err(malformed) => {
                let failure = GuestFailure::malformed(&script, &malformed);
                printed = malformed.output;
                (failed(&failure), parsed.warnings, Some(failure))
            }
        }
    };
    let is_scripts = own.is_none() && failure.is_none();
    let charset = is_scripts.then(|| Notice::of_answer(&response, route)).flatten();
    if output.stderr_dropped > 0 {
        let (limit, dropped) = (size::shown(limits.values.stderr as u64), size::shown(output.stderr_dropped));
        warnings.push(format!(
            "its standard error grew beyond the limit of {limit}: {dropped} more were dropped; {} keeps them",
            limits.more_log()
        ));
    }
    Outcome {
        stderr: output.stderr,
        exit: Some(output.exit),
        improvement: output.improvement,
        start: Some(output.start),
        warnings,
        notices: output.unlisted.into_iter().map(Notice::Unlisted).chain(charset).collect(),
        connections: output.connections,
        missing_script,
        failure,
        own,
        printed,
        ..Outcome::without_guest(response, timings)
    }
}

/// The recording of a run of `program` with `input` that answered `request`.
fn recorded(
    ran: &Ran<'_>,
    request: &Request,
    (program, input): (&Program, Input),
    ended: Ended,
    recording: &guest::Recording,
    began: SystemTime,
) -> RecordedRequest {
    let began = began.duration_since(UNIX_EPOCH).unwrap_or_default();
    RecordedRequest {
        recorder: env!("CARGO_PKG_VERSION").to_owned(),
        time: i64::try_from(began.as_millis()).unwrap_or(i64::MAX),
        method: request.method.clone(),
        target: request.target(),
        route: ran.route.to_owned(),
        argv: ran.argv.map(str::to_owned),
        module: ran.module.to_owned(),
        module_digest: program.digest(),
        entrypoint: input.entrypoint,
        arguments: input.arguments,
        environment: input.environment,
        volumes: input.volumes.to_vec(),
        limits: ran.limits.clone(),
        allowed_hosts: input.allowed_hosts,
        ended,
        image: None,
        redacted: Vec::new(),
        stdin: input.stdin,
        calls: Arc::clone(&recording.calls),
    }
}

impl Outcome {
    /// The outcome of a request for which no guest was run.
    fn without_guest(response: Response, timings: Timings) -> Self {
        Self {
            response,
            route: None,
            module: None,
            stderr: Vec::new(),
            exit: None,
            start: None,
            timings,
            warnings: Vec::new(),
            notices: Vec::new(),
            connections: Connections::default(),
            missing_script: None,
            failure: None,
            own: None,
            printed: Vec::new(),
            improvement: None,
            recorded: None,
        }
    }

    /// Whether the answer says what failed: the guest gave none that can be sent.
    pub fn is_explained(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.kind != FailureKind::InvalidStatus)
    }

    /// The outcome of a request that pywagi itself answers.
    fn of_own(own: OwnAnswer, timings: Timings) -> Self {
        let outcome = Self::without_guest(own.response(), timings);
        Self { own: Some(own), ..outcome }
    }
}

/// The answer where no route matches; it lists the routes.
fn not_found(app: &App, request: &Request) -> OwnAnswer {
    let routes = app.routes().map(|route| route.pattern.to_string()).collect();
    let why = format!("No route matches {}. The routes are:", request.path);
    OwnAnswer { routes, ..OwnAnswer::new(404, why) }
}

/// The answer where a route takes its script from the URL and there is none.
fn no_script(script: &str, route: &str) -> OwnAnswer {
    let why = format!("There is no script {script}.\n`argv` of the route {route} takes it from the URL.");
    OwnAnswer::new(404, why)
}

/// One line that says how the request was answered and how long each step took.
pub fn summary(outcome: &Outcome) -> String {
    let how = match &outcome.start {
        None => "no guest ran".to_owned(),
        Some(Start::Warm) => "warm".to_owned(),
        Some(Start::Cold(why)) => format!("cold ({why})"),
    };
    let route = outcome.route.as_deref().map_or_else(|| "no route".to_owned(), |route| format!("route {route}"));
    let steps = outcome.timings.steps();
    let steps: Vec<_> = steps.iter().map(|(name, d)| format!("{name} {:.2} ms", d.as_secs_f64() * 1e3)).collect();
    format!("{route}; {how}; {}", steps.join(", "))
}

#[cfg(test)]
mod tests;
