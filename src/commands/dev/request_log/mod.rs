//! The request log of `dev`, written by a thread of its own: as text for a person or as JSON for a program.

mod json;
mod text;

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Context, Result};
use crate::guest::Start;
use crate::pipeline::{self, Outcome};
use crate::terminal::Terminal;

use json::JsonLog;
use text::TextLog;

/// What is known of a request when it arrives.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// The method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// The route that answers it, as written in modules.toml.
    pub route: Option<String>,
    /// Whether the app has other routes.
    pub one_of_many: bool,
}

/// What is known of a request when it has been answered.
#[derive(Clone, Debug, Default)]
struct RequestEnd {
    status: u16,
    /// How many bytes of body were sent, or why none could be; `None` where the server answered by itself.
    sent: Option<std::result::Result<u64, String>>,
    elapsed: Duration,
    /// Why the server answered by itself.
    refused: Option<String>,
    /// Whether the run started from a saved interpreter, if a guest ran.
    warm: Option<bool>,
    /// With `--verbose`: how the request was run.
    detail: Option<String>,
    /// How the guest failed, on one line.
    failure: Option<String>,
    remedy: Option<String>,
    warnings: Vec<String>,
}

enum Event {
    Begin(Timestamp, RequestInfo),
    Stderr(Timestamp, Vec<u8>),
    End(RequestEnd),
}

/// The log and its thread.
pub struct RequestLog {
    events: Sender<Event>,
    printer: JoinHandle<()>,
    verbose: bool,
}

impl RequestLog {
    /// Starts the thread.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn start(terminal: &Terminal) -> Result<Self> {
        let (sender, events) = mpsc::channel();
        let printer_terminal = terminal.clone();
        let run = move || {
            if printer_terminal.is_json() {
                let mut log = JsonLog::new(printer_terminal);
                events.iter().for_each(|event| log.handle(event));
            } else {
                print(&events, &mut TextLog::new(printer_terminal));
            }
        };
        let builder = std::thread::Builder::new().name("log".to_owned());
        let printer = builder.spawn(run).context(|| "cannot start the log's thread")?;
        Ok(Self { events: sender, printer, verbose: terminal.is_verbose() })
    }

    /// Logs that a request arrived. Returns the function to pass its guest's standard error to.
    pub fn begin(&self, request: RequestInfo) -> impl Fn(&[u8]) + Send + Sync + 'static {
        self.send(Event::Begin(Timestamp::now(), request));
        let events = self.events.clone();
        // Fails only if the printer panicked.
        move |bytes| drop(events.send(Event::Stderr(Timestamp::now(), bytes.to_owned())))
    }

    /// Logs the end of the request that began last. `sent` is the number of bytes of its body that were sent.
    pub fn end(&self, outcome: &Outcome, sent: io::Result<u64>, elapsed: Duration) {
        self.send(Event::End(RequestEnd {
            status: outcome.response.status,
            sent: Some(sent.map_err(|error| error.to_string())),
            elapsed,
            refused: None,
            warm: outcome.start.as_ref().map(|start| *start == Start::Warm),
            detail: self.verbose.then(|| pipeline::describe(outcome)),
            failure: outcome.failure.as_ref().map(ToString::to_string),
            remedy: outcome.failure.as_ref().and_then(|failure| failure.help.clone()),
            warnings: outcome.warnings.clone(),
        }));
    }

    /// Logs a request that the server answered by itself.
    pub fn refused(&self, request: RequestInfo, status: u16, why: &str) {
        self.send(Event::Begin(Timestamp::now(), request));
        self.send(Event::End(RequestEnd { status, refused: Some(why.to_owned()), ..RequestEnd::default() }));
    }

    /// Waits until everything is printed.
    pub fn finish(self) {
        drop(self.events);
        // If it panicked, the panic hook has said so.
        let _ = self.printer.join();
    }

    fn send(&self, event: Event) {
        // Fails only if the printer panicked.
        let _ = self.events.send(event);
    }
}

/// Prints events until the log is dropped.
fn print(events: &Receiver<Event>, log: &mut TextLog) {
    loop {
        let event = match log.deadline() {
            Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => events.recv().map_err(|mpsc::RecvError| RecvTimeoutError::Disconnected),
        };
        let lines = match event {
            Ok(Event::Begin(time, request)) => log.begin(time, request),
            Ok(Event::Stderr(_, bytes)) => log.stderr(&bytes),
            Ok(Event::End(end)) => log.end(&end),
            Err(RecvTimeoutError::Timeout) => log.announce(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        log.print(lines);
    }
}

/// Removes and returns the whole lines of `pending`, without their ends.
fn whole_lines(pending: &mut Vec<u8>) -> Vec<String> {
    let Some(end) = pending.iter().rposition(|&b| b == b'\n') else { return Vec::new() };
    let whole: Vec<u8> = pending.drain(..=end).collect();
    let whole = whole.strip_suffix(b"\n").unwrap_or(&whole);
    whole.split(|&b| b == b'\n').map(line).collect()
}

/// Removes and returns all lines of `pending`, of which the last may lack its end.
fn all_lines(pending: &mut Vec<u8>) -> Vec<String> {
    let mut lines = whole_lines(pending);
    if !pending.is_empty() {
        lines.push(line(&std::mem::take(pending)));
    }
    lines
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes)).into_owned()
}
