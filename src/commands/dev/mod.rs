//! `pywagi dev`: serves the app until Ctrl-C, and shows what happens.

mod banner;
mod guest_log;
mod keys;
mod listener;
mod live;
mod pages;
mod prompts;
mod recorder;
mod request_log;
mod tls_files;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use crate::cache::DIRECTORY_VARIABLE;
use crate::cli::Dev;
use crate::error::{Error, Result};
use crate::guest::{Cancellation, Exit, StderrSink};
use crate::inspect::{self, Access, Again, Answer, Given, Number, PREFIX, Report};
use crate::pipeline::{self, Outcome, Said};
use crate::recording::{Id, RecordedRequest};
use crate::request::Request;
use crate::server::{Exchange, Incoming, Refused, Server, Settings, Stopper};
use crate::terminal::{Terminal, rfc3339};
use crate::text_file::shown;

use super::app::{AppLoader, Runs};
use super::image_saver::ImageSaver;
use super::reloading_app::ReloadingApp;
use super::test;
use guest_log::GuestLog;
use keys::{Key, Keys};
use live::Live;
use pages::Pages;
use recorder::Recorder;
use request_log::{RequestInfo, RequestLog};

/// The status that the log shows for a request whose client left: nginx's, since no answer is sent.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Runs `pywagi dev`.
///
/// # Errors
/// Fails at start where the app cannot be loaded, the address cannot be listened on or the log directory cannot be used.
pub fn run(arguments: &Dev, terminal: &Terminal) -> Result<()> {
    let recorder = Recorder::new(!arguments.no_record, arguments.record.as_deref(), terminal)?;
    let runs = Runs { records: recorder.is_on(), like: arguments.like, ..Runs::default() };
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
    let pages = Pages::new(access, &server, arguments.editor.as_deref(), has_prompts, terminal)?;
    let pages = (!arguments.no_inspect).then_some(pages);
    let live = arguments.live.then(|| Live::start(app.app(), terminal)).transpose();
    let live = live.map_err(|e| Error::new("the system watches no files for --live").because(e))?;
    let guest_log = arguments.log_dir.as_deref().map(GuestLog::open).transpose()?;
    let keys = (!terminal.is_json() && !terminal.is_quiet()).then(|| start_keys(&server, terminal)).flatten();
    stop_on_signals(server.stopper(), keys.clone(), terminal)?;
    for (module, why) in app.app().warm_up() {
        terminal.detail(format_args!("{} starts from scratch for each request: {why}", shown(module)));
    }
    let url = pages.as_ref().map(Pages::server);
    let _session = recorder.listen(cache.as_ref(), &app.app().manifest().path, url, terminal);
    if let Some(like) = arguments.like {
        terminal.step("Playing", format_args!("{like}, with what differs there"));
    }
    banner::show(&server, &app, keys.is_some(), terminal)?;
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
    let last = None;
    let mut handler =
        RequestHandler { log: &log, guest_log, saver: &saver, recorder, pages, live, last, said, terminal };
    handler.run(&server, &mut app);
    drop(keys);
    log.finish();
    if terminal.is_json() {
        terminal.record(&StopRecord { time: rfc3339(Timestamp::now()), event: "stop" });
    } else {
        terminal.step("Stopped", server.url());
    }
    Ok(())
}

/// A request that was run, before it is logged and kept.
struct Answered {
    request: Arc<Request>,
    started: Instant,
    began: Timestamp,
    outcome: Outcome,
    /// What was kept of its recording already.
    kept: Option<Kept>,
    /// What an error page shows.
    report: Option<Box<Report>>,
    again_of: Option<Number>,
}

/// What is kept of the recording of a request.
#[derive(Default)]
struct Kept {
    recording: Option<Id>,
    given: Option<Given>,
}

/// Answers, logs and keeps requests.
struct RequestHandler<'a> {
    log: &'a RequestLog,
    guest_log: Option<&'a GuestLog>,
    saver: &'a ImageSaver,
    recorder: Recorder,
    /// `None` with `--no-inspect`.
    pages: Option<Pages>,
    /// With `--live`.
    live: Option<Live>,
    /// The last request of a client.
    last: Option<Arc<Request>>,
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
                Incoming::Refused(refused) => {
                    if let Some(pages) = &mut self.pages {
                        pages.keep_refused(&refused);
                    }
                    let Refused { method, target, refusal, .. } = refused;
                    let request = RequestInfo { method, target, route: None, one_of_many: false };
                    self.log.refused(request, refusal.status, &refusal.message);
                }
                Incoming::AcceptFailed(error) => self.terminal.error(&error),
                Incoming::Woken => self.repeat(app),
                Incoming::Unreported(count) => self.terminal.warn(format_args!(
                    "{count} more refused requests are not shown: they came while a request was answered"
                )),
            }
        }
    }

    /// Answers the last request once more: nobody is sent the answer.
    fn repeat(&mut self, reloading: &mut ReloadingApp) {
        let Some(request) = self.last.clone() else {
            self.terminal.step("Repeat", "no request has come yet");
            return;
        };
        if let Some(answered) = self.handle(request, None, reloading) {
            let sent = Ok(answered.outcome.response.body.len() as u64);
            self.finish(answered, sent, reloading);
        }
    }

    /// Answers one request, logs and keeps it.
    fn answer(&mut self, exchange: Exchange, reloading: &mut ReloadingApp) {
        // Where the client of one of pywagi's own pages has left, nobody waits for it.
        let (pages, recorder, app) = (self.pages.as_mut(), &self.recorder, reloading.app());
        let version = self.live.as_ref().and_then(|live| live.answer(exchange.request())).map(Answer::Response);
        match version.or_else(|| pages?.answer(exchange.request(), app, recorder)) {
            Some(Answer::Response(response)) => drop(exchange.respond(&response)),
            Some(Answer::Follow(response)) => {
                if let Some(pages) = &mut self.pages {
                    // Where the client has left, nobody follows.
                    drop(exchange.respond_openly(&response, pages.follow()));
                }
            }
            Some(Answer::Send(again)) => {
                let Again { request, of } = *again;
                let answered = self.handle(Arc::new(request), Some(&exchange), reloading);
                let id = answered.and_then(|answered| {
                    let sent = Ok(answered.outcome.response.body.len() as u64);
                    self.finish(Answered { again_of: Some(of), ..answered }, sent, reloading)
                });
                drop(exchange.respond(&id.map_or_else(inspect::not_sent, inspect::sent)));
            }
            Some(Answer::Save(saved)) => {
                let directory = &app.manifest().directory;
                let files = test::save(directory, &saved.name, &saved.request, &saved.response);
                let files = files.map(|files| files.iter().map(|file| shown(file)).collect::<Vec<_>>());
                if let Ok(files) = &files {
                    self.terminal.step("Saved", files.join(", "));
                }
                drop(exchange.respond(&inspect::saved(files.map_err(|error| error.to_string()))));
            }
            None => {
                let request = Arc::clone(exchange.request());
                self.last = Some(Arc::clone(&request));
                let Some(mut answered) = self.handle(request, Some(&exchange), reloading) else { return };
                if let Some(live) = &self.live {
                    live.inject(exchange.request(), &mut answered.outcome.response);
                }
                let sent = exchange.respond(&answered.outcome.response);
                self.finish(answered, sent, reloading);
            }
        }
    }

    /// Runs a request, and has its answer tell of a failure; `None` where the client left before that.
    fn handle(
        &mut self,
        request: Arc<Request>,
        exchange: Option<&Exchange>,
        reloading: &mut ReloadingApp,
    ) -> Option<Answered> {
        let (started, began) = (Instant::now(), Timestamp::now());
        self.live.iter().for_each(|live| live.set_answering(true));
        let outcome = without_panic(self.terminal, || self.outcome(&request, exchange, reloading));
        self.live.iter().for_each(|live| live.set_answering(false));
        let mut outcome = outcome?;
        if outcome.exit == Some(Exit::Cancelled) {
            // The client left, so nothing is sent, and the script did nothing wrong.
            outcome.response.status = CLIENT_CLOSED_REQUEST;
            outcome.failure = None;
        }
        let explained = self.explain(&request, &mut outcome, reloading);
        if let Some(live) = &mut self.live {
            live.watch(reloading.app(), self.terminal);
        }
        let (kept, report) = explained.map_or((None, None), |(kept, report)| (Some(kept), report));
        Some(Answered { request, started, began, outcome, kept, report, again_of: None })
    }

    /// Logs and keeps a request whose answer was sent. Returns its number in the inspector.
    fn finish(&mut self, mut answered: Answered, sent: io::Result<u64>, reloading: &ReloadingApp) -> Option<Number> {
        let elapsed = answered.started.elapsed();
        let outcome = &mut answered.outcome;
        self.said.tell(outcome);
        let kept = answered.kept.take().unwrap_or_else(|| self.keep(outcome));
        let send_error = sent.as_ref().err().map(ToString::to_string);
        let page = self.pages.as_ref().map(Pages::next_page);
        self.log.end(outcome, sent, elapsed, (kept.recording, page));
        if let Some(error) = self.guest_log.and_then(GuestLog::take_error) {
            self.terminal.warn(error);
        }
        if let Some(improvement) = outcome.improvement.take() {
            self.saver.save(improvement);
        }
        let app = reloading.app();
        let id = self.pages.as_mut().map(|pages| pages.keep(answered, kept, (elapsed, send_error), app));
        app.tidy();
        id
    }

    /// Tells a browser of a failure by a page. Gives back what was kept of the recording for that, and what the page shows.
    fn explain(
        &mut self,
        request: &Request,
        outcome: &mut Outcome,
        reloading: &ReloadingApp,
    ) -> Option<(Kept, Option<Box<Report>>)> {
        let format = self.pages.as_ref()?.format(request, outcome)?;
        let app = reloading.app();
        let described = inspect::describe(app, outcome);
        let kept = self.keep(outcome);
        let report = self.pages.as_ref()?.explain(format, request, outcome, app, (described, kept.recording));
        Some((kept, report))
    }

    /// Keeps the recording of a request, if there is one.
    fn keep(&mut self, outcome: &mut Outcome) -> Kept {
        let Some(recorded) = outcome.recorded.take() else { return Kept::default() };
        let recording = self.recorder.keep(&recorded);
        let RecordedRequest { arguments, environment, .. } = Arc::unwrap_or_clone(recorded.request);
        Kept { recording, given: Some(Given { arguments, environment }) }
    }

    /// Begins the log of a request and runs its guest; `None` where the client left before that.
    fn outcome(&self, request: &Request, exchange: Option<&Exchange>, reloading: &mut ReloadingApp) -> Option<Outcome> {
        let app = reloading.refresh(&request.path);
        let route = app.as_ref().ok().and_then(|app| app.route_of(&request.path)).map(str::to_owned);
        let target = request.target();
        let one_of_many = app.as_ref().is_ok_and(|app| app.routes().nth(1).is_some());
        let info = RequestInfo { method: request.method.clone(), target, route: route.clone(), one_of_many };
        if exchange.is_some_and(Exchange::is_abandoned) {
            self.log.refused(info, CLIENT_CLOSED_REQUEST, "the client left before its request began");
            return None;
        }
        let cancellation = Cancellation::new();
        if let Some(exchange) = exchange {
            let cancellation = cancellation.clone();
            exchange.on_abandonment(move || cancellation.cancel());
        }
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
fn stop_on_signals(stopper: Stopper, keys: Option<Keys>, terminal: &Terminal) -> Result<()> {
    let terminal = terminal.clone();
    let handler = move || {
        if !stopper.stop() {
            keys.iter().for_each(Keys::restore);
            // As a shell reports a process that SIGINT ended.
            std::process::exit(130);
        }
        say_stopping(&stopper, &terminal);
    };
    ctrlc::set_handler(handler).map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))
}

fn say_stopping(stopper: &Stopper, terminal: &Terminal) {
    if stopper.is_busy() {
        terminal.step("Stopping", "after the current request; Ctrl-C again ends at once");
    }
}

/// Has single keys in the terminal open pages, repeat the last request, and so on.
fn start_keys(server: &Server, terminal: &Terminal) -> Option<Keys> {
    let (stopper, waker, url, terminal) = (server.stopper(), server.waker(), server.url(), terminal.clone());
    let open = move |url: &str, terminal: &Terminal| {
        if let Err(error) = open::that_detached(url) {
            terminal.warn(format_args!("no browser opens {url}: {error}"));
        }
    };
    Keys::start(move |key| match key {
        Key::Open => open(&url, &terminal),
        Key::Inspect => open(&format!("{url}{PREFIX}"), &terminal),
        Key::Repeat => waker.wake(),
        Key::Clear => terminal.pass_on(keys::CLEAR),
        Key::Help => keys::show_help(&terminal),
        Key::Quit => {
            if stopper.stop() {
                say_stopping(&stopper, &terminal);
            }
        }
    })
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
