//! `pywagi dev`: serves the app until Ctrl-C, and shows what happens.

mod guest_log;
mod learner;
mod live;
mod request_log;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::cache::DIRECTORY_VARIABLE;
use crate::cli::Dev;
use crate::error::{Error, Result};
use crate::guest::{Cancellation, Exit, StderrSink};
use crate::pipeline::{self, App};
use crate::server::{Exchange, Incoming, Refused, Server, Settings, Stopper, Tls};
use crate::terminal::Terminal;
use crate::text_file::shown;
use crate::toolchain::layout::INTERPRETER;
use crate::toolchain::record::Record;

use super::app::Plan;
use guest_log::GuestLog;
use learner::Learner;
use live::Live;
use request_log::{RequestLog, Title};

/// The status that the log shows for a request whose client left: nginx's, since no answer is sent.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Runs `pywagi dev`.
///
/// # Errors
/// Fails at start where the address cannot be had, the app cannot be loaded or the log directory cannot be used.
pub fn run(arguments: &Dev, terminal: &Terminal) -> Result<()> {
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
        _ => None,
    };
    let (max_head, max_body) = (arguments.max_head, arguments.app.limits.max_body);
    let server = Server::bind(Settings { address: arguments.listen, tls, max_head, max_body })?;
    let mut live = Live::load(Plan::new(&arguments.app, &arguments.env, terminal)?, terminal)?;
    if arguments.module_cache.is_some() {
        terminal.warn(format_args!("--module-cache has no effect; the cache is where {DIRECTORY_VARIABLE} says"));
    }
    let guest_log = arguments.log_dir.as_deref().map(GuestLog::open).transpose()?;
    stop_on_signals(server.stopper(), terminal)?;
    for (module, why) in live.app().warm_up() {
        terminal.detail(format_args!("{} starts from the beginning for each request: {why}", shown(module)));
    }
    banner(&server, live.app(), terminal)?;
    let log = RequestLog::start(terminal)?;
    let learner = Learner::start(terminal);
    let service = Service { log: &log, guest_log: guest_log.as_ref(), learner: &learner, terminal };
    service.run(&server, &mut live);
    log.finish();
    terminal.step("Stopped", server.url());
    Ok(())
}

/// What answering takes.
struct Service<'a> {
    log: &'a RequestLog,
    guest_log: Option<&'a GuestLog>,
    learner: &'a Learner,
    terminal: &'a Terminal,
}

impl Service<'_> {
    /// Answers one request after another until the server is told to stop.
    fn run(&self, server: &Server, live: &mut Live) {
        while let Some(incoming) = server.next() {
            match incoming {
                Incoming::Request(exchange) => self.answer(*exchange, live),
                Incoming::Refused(Refused { method, target, refusal }) => {
                    let title = Title { method, target, route: None };
                    self.log.refused(title, refusal.status, &refusal.message);
                }
                Incoming::AcceptFailed(error) => self.terminal.error(&error),
            }
        }
    }

    /// Answers one request and logs it.
    fn answer(&self, exchange: Exchange, live: &mut Live) {
        let started = Instant::now();
        let request = exchange.request();
        let app = live.refresh(&request.path);
        let route = app.as_ref().ok().and_then(|app| app.route_of(&request.path)).map(str::to_owned);
        let target = match &request.query {
            Some(query) => format!("{}?{query}", request.path),
            None => request.path.clone(),
        };
        let title = Title { method: request.method.clone(), target, route: route.clone() };
        if exchange.is_abandoned() {
            return self.log.refused(title, CLIENT_CLOSED_REQUEST, "the client left before its request began");
        }
        let cancellation = Cancellation::new();
        exchange.on_abandonment({
            let cancellation = cancellation.clone();
            move || cancellation.cancel()
        });
        let printed = self.log.begin(title);
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
        // Volumes are not looked at before a request; where one is missing, modules.toml tells more than the guest's run.
        if matches!(outcome.exit, Some(Exit::NoVolume(_)))
            && let Err(error) = live.recheck()
        {
            outcome = pipeline::unavailable(error);
        }
        if outcome.exit == Some(Exit::Cancelled) {
            // Nobody is answered, and the script did nothing wrong.
            outcome.response.status = CLIENT_CLOSED_REQUEST;
            outcome.failure = None;
        }
        let sent = exchange.respond(&mut outcome.response);
        self.log.end(&outcome, sent, started.elapsed());
        if let Some(error) = self.guest_log.and_then(GuestLog::take_error) {
            self.terminal.warn(error);
        }
        if let Some(improvement) = outcome.improvement.take() {
            self.learner.learn(improvement);
        }
        live.app().tidy();
    }
}

/// Makes Ctrl-C, and on Unix a request to terminate, end the server after the request under way, a second one at once.
fn stop_on_signals(stopper: Stopper, terminal: &Terminal) -> Result<()> {
    let terminal = terminal.clone();
    let handler = move || {
        if !stopper.stop() {
            // As a shell reports a process that SIGINT ended.
            std::process::exit(130);
        }
        if stopper.is_busy() {
            terminal.step("Stopping", "after the request under way; Ctrl-C again ends at once");
        }
    };
    ctrlc::set_handler(handler).map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))
}

/// Says where the app is, what answers what, and how to end it.
fn banner(server: &Server, app: &App, terminal: &Terminal) -> Result<()> {
    let address = server.address();
    let url = server.url();
    terminal.step("Serving", format_args!("{url} from {}", shown(&app.manifest().path)));
    let routes: Vec<_> = app.routes().map(|(pattern, module)| (format!("{url}{pattern}"), module)).collect();
    let width = routes.iter().map(|(url, _)| console::measure_text_width(url)).max().unwrap_or(0);
    let mut modules: Vec<&Path> = Vec::new();
    for (url, module) in routes {
        let padded = console::pad_str(&url, width, console::Alignment::Left, None);
        terminal.step("Route", format_args!("{padded}  {}", shown(module)));
        if !modules.contains(&module) {
            modules.push(module);
        }
    }
    for module in modules {
        if let Some(record) = installation(module)? {
            terminal.step("Python", format_args!("{} in {}", record.version, shown(module)));
        }
    }
    if !address.ip().is_loopback() {
        terminal
            .warn(format_args!("{address} can be reached from other machines, and whoever reaches it runs the app"));
    }
    terminal.step("Ready", "Ctrl-C ends");
    Ok(())
}

/// The record of the installation that `module` is the interpreter of, if it is one.
fn installation(module: &Path) -> Result<Option<Record>> {
    match module.parent().and_then(Path::parent) {
        Some(directory) if directory.join(INTERPRETER) == module => Record::read(directory),
        _ => Ok(None),
    }
}
