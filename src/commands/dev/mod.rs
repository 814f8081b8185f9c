//! `pywagi dev`: serves the app until Ctrl-C, and shows what happens.

mod guest_log;
mod listener;
mod live;
mod pages;
mod prompts;
mod recorder;
mod reload;
mod request_log;
mod tls_files;

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use crate::cache::DIRECTORY_VARIABLE;
use crate::cli::Dev;
use crate::error::{Error, Result};
use crate::guest::{Cancellation, Exit, StderrSink};
use crate::inspect::Access;
use crate::pipeline::{self, App, Outcome, Route, Said};
use crate::recording::Id;
use crate::request::Request;
use crate::server::{Exchange, Incoming, Refused, Server, Settings, Stopper};
use crate::terminal::{Terminal, rfc3339};
use crate::text_file::shown;
use crate::toolchain::layout::INTERPRETER;
use crate::toolchain::record::Record;

use super::app::{AppLoader, Runs};
use super::image_saver::ImageSaver;
use guest_log::GuestLog;
use live::Live;
use pages::Pages;
use recorder::Recorder;
use reload::ReloadingApp;
use request_log::{RequestInfo, RequestLog};

/// The status that the log shows for a request whose client left: nginx's, since no answer is sent.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Runs `pywagi dev`.
///
/// # Errors
/// Fails at start where the app cannot be loaded, the address cannot be listened on or the log directory cannot be used.
pub fn run(arguments: &Dev, terminal: &Terminal) -> Result<()> {
    let recorder = Recorder::new(!arguments.no_record, arguments.record.as_deref(), terminal)?;
    let runs = Runs { records: recorder.is_on(), ..Runs::default() };
    let loader = AppLoader::new(&arguments.app, runs, terminal)?;
    let cache = loader.cache().cloned();
    let mut app = ReloadingApp::load(loader, terminal)?;
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(tls_files::read(certificate, key)?),
        _ => None,
    };
    let (max_head, max_body) = (arguments.max_head, arguments.app.limits.max_body);
    let listener = listener::listen(arguments.listen, terminal)?;
    let server = Server::start(listener, Settings { tls, max_head, max_body })?;
    if arguments.module_cache.is_some() {
        terminal.warn(format_args!("--module-cache has no effect; the cache is where {DIRECTORY_VARIABLE} says"));
    }
    let access = Access::new(server.address(), arguments.app.hostname.as_deref());
    let has_prompts = recorder.is_on() && (server.address().ip().is_loopback() || arguments.console);
    let pages = Pages::new(access, arguments.editor.as_deref(), has_prompts, terminal)?;
    let pages = (!arguments.no_inspect).then_some(pages);
    let live = arguments.live.then(|| Live::start(app.app(), terminal)).transpose();
    let live = live.map_err(|e| Error::new("the system watches no files for --live").because(e))?;
    let guest_log = arguments.log_dir.as_deref().map(GuestLog::open).transpose()?;
    stop_on_signals(server.stopper(), terminal)?;
    for (module, why) in app.app().warm_up() {
        terminal.detail(format_args!("{} starts from scratch for each request: {why}", shown(module)));
    }
    let _session = recorder.listen(cache.as_ref(), &app.app().manifest().path, terminal);
    banner(&server, &app, terminal)?;
    if arguments.open {
        // In a process of its own: whatever opens it may stay.
        open::that_detached(server.url()).map_err(|e| {
            Error::new(format!("no browser opens {}", server.url()))
                .because(e)
                .remedy("leave out --open and open it yourself")
        })?;
    }
    let log = RequestLog::start(terminal)?;
    let saver = ImageSaver::start(terminal);
    let said = Said::default();
    let guest_log = guest_log.as_ref();
    let mut handler = RequestHandler { log: &log, guest_log, saver: &saver, recorder, pages, live, said, terminal };
    handler.run(&server, &mut app);
    log.finish();
    if terminal.is_json() {
        terminal.record(&StopRecord { time: rfc3339(Timestamp::now()), event: "stop" });
    } else {
        terminal.step("Stopped", server.url());
    }
    Ok(())
}

/// Answers and logs requests.
struct RequestHandler<'a> {
    log: &'a RequestLog,
    guest_log: Option<&'a GuestLog>,
    saver: &'a ImageSaver,
    recorder: Recorder,
    /// `None` with `--no-inspect`.
    pages: Option<Pages>,
    /// With `--live`.
    live: Option<Live>,
    said: Said,
    terminal: &'a Terminal,
}

impl RequestHandler<'_> {
    /// Answers one request after another until the server is told to stop.
    fn run(&mut self, server: &Server, app: &mut ReloadingApp) {
        while let Some(incoming) = server.next() {
            match incoming {
                Incoming::Request(exchange) => {
                    let answer = AssertUnwindSafe(|| self.answer(*exchange, app));
                    if let Err(panic) = panic::catch_unwind(answer) {
                        self.terminal.error(&Error::panicked("sending and logging an answer", &*panic));
                    }
                }
                Incoming::Refused(Refused { method, target, refusal }) => {
                    let request = RequestInfo { method, target, route: None, one_of_many: false };
                    self.log.refused(request, refusal.status, &refusal.message);
                }
                Incoming::AcceptFailed(error) => self.terminal.error(&error),
                Incoming::Unreported(count) => self.terminal.warn(format_args!(
                    "{count} more refused requests are not shown: they came while a request was answered"
                )),
            }
        }
    }

    /// Answers one request and logs it.
    fn answer(&mut self, exchange: Exchange, reloading: &mut ReloadingApp) {
        let started = Instant::now();
        let (pages, recorder, app) = (self.pages.as_mut(), &self.recorder, reloading.app());
        let version = self.live.as_ref().and_then(|live| live.answer(exchange.request()));
        let own_page = version.or_else(|| pages?.answer(exchange.request(), app, recorder));
        if let Some(mut response) = own_page {
            // If its client has left, nobody waits for it.
            let _ = exchange.respond(&mut response);
            return;
        }
        self.live.iter().for_each(|live| live.set_answering(true));
        let outcome = without_panic(self.terminal, || self.outcome(&exchange, reloading));
        self.live.iter().for_each(|live| live.set_answering(false));
        let Some(mut outcome) = outcome else { return };
        if outcome.exit == Some(Exit::Cancelled) {
            // The client left, so nothing is sent, and the script did nothing wrong.
            outcome.response.status = CLIENT_CLOSED_REQUEST;
            outcome.failure = None;
        }
        let explained = self.explain(exchange.request(), &mut outcome, reloading);
        if let Some(live) = &mut self.live {
            live.watch(reloading.app(), self.terminal);
            live.inject(exchange.request(), &mut outcome.response);
        }
        let sent = exchange.respond(&mut outcome.response);
        let elapsed = started.elapsed();
        self.said.tell(&mut outcome);
        let recording = explained.or_else(|| self.keep(&mut outcome));
        self.log.end(&outcome, sent, elapsed, recording);
        if let Some(error) = self.guest_log.and_then(GuestLog::take_error) {
            self.terminal.warn(error);
        }
        if let Some(improvement) = outcome.improvement.take() {
            self.saver.save(improvement);
        }
        reloading.app().tidy();
    }

    /// Tells a browser of a failure by a page. Gives back the ID of the recording, if it was kept for that.
    fn explain(&mut self, request: &Request, outcome: &mut Outcome, reloading: &ReloadingApp) -> Option<Id> {
        let format = self.pages.as_ref()?.format(request, outcome)?;
        let app = reloading.app();
        let described = pages::describe(app, outcome);
        let recording = self.keep(outcome);
        self.pages.as_ref()?.explain(format, request, outcome, app, (described, recording));
        recording
    }

    /// Keeps the recording of a request, if there is one.
    fn keep(&mut self, outcome: &mut Outcome) -> Option<Id> {
        outcome.recorded.take().and_then(|recorded| self.recorder.keep(&recorded))
    }

    /// Begins the log of a request and runs its guest; `None` where the client left before that.
    fn outcome(&self, exchange: &Exchange, reloading: &mut ReloadingApp) -> Option<Outcome> {
        let request = exchange.request();
        let app = reloading.refresh(&request.path);
        let route = app.as_ref().ok().and_then(|app| app.route_of(&request.path)).map(str::to_owned);
        let target = request.target();
        let one_of_many = app.as_ref().is_ok_and(|app| app.routes().nth(1).is_some());
        let info = RequestInfo { method: request.method.clone(), target, route: route.clone(), one_of_many };
        if exchange.is_abandoned() {
            self.log.refused(info, CLIENT_CLOSED_REQUEST, "the client left before its request began");
            return None;
        }
        let cancellation = Cancellation::new();
        exchange.on_abandonment({
            let cancellation = cancellation.clone();
            move || cancellation.cancel()
        });
        let printed = self.log.begin(info);
        let kept = self.guest_log.zip(route).map(|(log, route)| log.of(route));
        let stderr: StderrSink = Arc::new(move |bytes| {
            printed(bytes);
            if let Some(kept) = &kept {
                kept(bytes);
            }
        });
        let mut outcome = match app {
            Ok(app) => pipeline::handle(app, request, stderr, cancellation),
            Err(error) => pipeline::unavailable(error),
        };
        // Volumes are not checked before each request. For one that has gone, the error of modules.toml has its line.
        if matches!(outcome.exit, Some(Exit::NoVolume(_))) {
            let error = match reloading.recheck() {
                Ok(app) => app.error_for(&request.path),
                Err(error) => Some(error),
            };
            outcome = error.map_or(outcome, pipeline::unavailable);
        }
        Some(outcome)
    }
}

/// Returns the outcome of `answer`. Where it panics, reports the defect on `terminal` and in an answer of status 500: a
/// panic in one request must not end the server.
fn without_panic(terminal: &Terminal, answer: impl FnOnce() -> Option<Outcome>) -> Option<Outcome> {
    // What a panic leaves behind is what an error leaves behind: an app is replaced as a whole, and locks are taken
    // whether or not they are poisoned.
    panic::catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|panic| {
        let error = Error::panicked("answering the request", &*panic);
        terminal.error(&error);
        Some(pipeline::unavailable(&error))
    })
}

/// Makes Ctrl-C, and on Unix a request to terminate, end the server after the current request, and a second one at once.
fn stop_on_signals(stopper: Stopper, terminal: &Terminal) -> Result<()> {
    let terminal = terminal.clone();
    let handler = move || {
        if !stopper.stop() {
            // As a shell reports a process that SIGINT ended.
            std::process::exit(130);
        }
        if stopper.is_busy() {
            terminal.step("Stopping", "after the current request; Ctrl-C again ends at once");
        }
    };
    ctrlc::set_handler(handler).map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))
}

/// Shows where the app is served, what answers each route, and how to stop.
fn banner(server: &Server, reloading: &ReloadingApp, terminal: &Terminal) -> Result<()> {
    let (app, dotenv) = (reloading.app(), reloading.dotenv());
    if terminal.is_json() {
        if !terminal.is_quiet() {
            terminal.record(&StartRecord::new(server, app, dotenv));
        }
    } else {
        terminal.step("Serving", format_args!("{} from {}", server.url(), shown(&app.manifest().path)));
        if let Some(dotenv) = dotenv {
            terminal.step("Variables", format_args!("from {}; --no-env-file leaves it out", shown(dotenv)));
        }
        for (module, version) in interpreters(app)? {
            terminal.step("Python", format_args!("{version}in {}", shown(module)));
        }
        let routes: Vec<_> = app.routes().map(|route| (route.pattern.to_string(), program(&route))).collect();
        let width = routes.iter().map(|(route, _)| console::measure_text_width(route)).max().unwrap_or(0);
        for (route, program) in routes {
            let padded = console::pad_str(&route, width, console::Alignment::Left, None);
            terminal.step("Route", format_args!("{padded}  {program}"));
        }
    }
    let address = server.address();
    if !address.ip().is_loopback() {
        terminal
            .warn(format_args!("{address} can be reached from other machines, and whoever reaches it runs the app"));
    }
    if !terminal.is_json() {
        terminal.step("Ready", "Press Ctrl-C to stop");
    }
    Ok(())
}

/// What answers a route: its script or its WebAssembly file, with the function unless that is the usual one.
fn program(route: &Route<'_>) -> String {
    let program = route.module.program();
    match (route.error, route.entrypoint) {
        (Some(_), _) => format!("{program} (cannot run, see above)"),
        (None, "_start") => program,
        (None, function) => format!("{program}, function {function}"),
    }
}

/// The interpreters of the app, each once: the files that run scripts or were installed as interpreters, with their
/// version and a space where it is known.
fn interpreters(app: &App) -> Result<Vec<(&Path, String)>> {
    let mut found: Vec<(&Path, String)> = Vec::new();
    for module in &app.manifest().modules {
        let file = &*module.module;
        if found.iter().any(|(known, _)| *known == file) || module.problem.is_some() {
            continue;
        }
        match installation(file)? {
            Some(record) => found.push((file, format!("{} ", record.version))),
            None if module.script.is_some() => found.push((file, String::new())),
            None => {}
        }
    }
    Ok(found)
}

/// The record of the installation whose interpreter `module` is, if there is one.
fn installation(module: &Path) -> Result<Option<Record>> {
    match module.parent().and_then(Path::parent) {
        Some(directory) if directory.join(INTERPRETER) == module => Record::read(directory),
        _ => Ok(None),
    }
}

/// The start of the server, as `--log-format json` shows it.
#[derive(Serialize)]
struct StartRecord<'a> {
    time: String,
    event: &'static str,
    url: String,
    manifest: String,
    env_file: Option<String>,
    routes: Vec<RouteRecord<'a>>,
}

#[derive(Serialize)]
struct RouteRecord<'a> {
    route: &'a str,
    module: String,
    program: String,
    error: Option<String>,
}

impl<'a> StartRecord<'a> {
    fn new(server: &Server, app: &'a App, dotenv: Option<&Path>) -> Self {
        let route = |route: Route<'a>| RouteRecord {
            route: route.pattern.as_str(),
            module: shown(&route.module.module),
            program: route.module.program(),
            error: route.error.map(Error::to_string),
        };
        Self {
            time: rfc3339(Timestamp::now()),
            event: "start",
            url: server.url(),
            manifest: shown(&app.manifest().path),
            env_file: dotenv.map(shown),
            routes: app.routes().map(route).collect(),
        }
    }
}

/// The end of the server, as `--log-format json` shows it.
#[derive(Serialize)]
struct StopRecord {
    time: String,
    event: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::ColorChoice;

    #[test]
    fn a_panic_is_answered_with_a_500_that_says_what_to_report() {
        let terminal = Terminal::new(ColorChoice::Never, true, false);
        let outcome = without_panic(&terminal, || panic!("the sky fell")).expect("an outcome");
        let help = "this is a defect of pywagi; please report it, with this message, the command line, \
                    modules.toml and what `pywagi --version` prints";
        assert_eq!(outcome.response.status, 500);
        let said = "pywagi panicked while answering the request: the sky fell";
        assert_eq!(
            String::from_utf8_lossy(&outcome.response.body),
            format!("500 Internal Server Error\n\n{said}\n  help: {help}\n")
        );
    }
}
