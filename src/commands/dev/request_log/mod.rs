//! The request log of `dev`, written by a thread of its own: as text for a person or as JSON for a program.

mod json;
mod text;

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Context, Result};
use crate::guest::{Connections, Start};
use crate::pipeline::{self, Outcome};
use crate::recording::Id;
use crate::terminal::Terminal;

use json::JsonLog;
use text::TextLog;

/// How much may wait to be printed, in bytes: a terminal that is stopped, or a pipe that nobody reads, takes nothing.
const MAX_BACKLOG: usize = 4 << 20;

/// What an event takes besides its texts, in bytes.
const EVENT: usize = 512;

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
    /// With `--verbose`: the lines of what a guest had printed that gave no answer.
    printed: Vec<String>,
    /// What the guest did in the network.
    connections: Connections,
    /// How the guest failed, on one line.
    failure: Option<String>,
    remedy: Option<String>,
    warnings: Vec<String>,
    /// The ID of its recording.
    recording: Option<Id>,
    /// The URL of its page in the inspector.
    page: Option<String>,
}

enum Event {
    Begin(Timestamp, RequestInfo),
    Stderr(Timestamp, Vec<u8>),
    End(RequestEnd),
}

impl Event {
    /// How much memory it takes, roughly, in bytes.
    fn size(&self) -> usize {
        let texts = match self {
            Self::Begin(_, request) => request.method.len() + request.target.len(),
            Self::Stderr(_, bytes) => bytes.len(),
            Self::End(end) => end.warnings.iter().chain(&end.failure).chain(&end.printed).map(String::len).sum(),
        };
        EVENT + texts
    }
}

/// What waits to be printed.
#[derive(Default)]
struct Backlog {
    /// The size of the events, in bytes.
    size: AtomicUsize,
    /// How many lines were dropped since that was last said.
    dropped: AtomicU64,
}

impl Backlog {
    fn is_full(&self) -> bool {
        self.size.load(Ordering::Relaxed) >= MAX_BACKLOG
    }

    fn drop_lines(&self, count: usize) {
        self.dropped.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Takes out an event of `size`, which was printed. Says how many lines were dropped once all are.
    fn printed(&self, size: usize, terminal: &Terminal) {
        if self.size.fetch_sub(size, Ordering::Relaxed) == size {
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                terminal.warn(format_args!("{dropped} lines of the log were dropped: nobody read it"));
            }
        }
    }
}

/// The log and its thread.
pub struct RequestLog {
    events: Sender<Event>,
    backlog: Arc<Backlog>,
    /// Whether the request that began last is logged.
    is_logged: Cell<bool>,
    printer: JoinHandle<()>,
    verbose: bool,
}

impl RequestLog {
    /// Starts the thread.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn start(terminal: &Terminal) -> Result<Self> {
        let (sender, events) = mpsc::channel::<Event>();
        let backlog = Arc::<Backlog>::default();
        let (printer_terminal, waiting) = (terminal.clone(), Arc::clone(&backlog));
        let run = move || {
            if printer_terminal.is_json() {
                let mut log = JsonLog::new(printer_terminal.clone());
                for event in events {
                    let size = event.size();
                    log.handle(event);
                    waiting.printed(size, &printer_terminal);
                }
            } else {
                print(&events, &waiting, &printer_terminal);
            }
        };
        let builder = std::thread::Builder::new().name("log".to_owned());
        let printer = builder.spawn(run).context(|| "cannot start the log's thread")?;
        let (is_logged, verbose) = (Cell::new(true), terminal.is_verbose());
        Ok(Self { events: sender, backlog, is_logged, printer, verbose })
    }

    /// Logs that a request arrived. Returns the function to pass its guest's standard error to. While too much waits to be
    /// printed, whole requests are left out, and what guests write.
    pub fn begin(&self, request: RequestInfo) -> impl Fn(&[u8]) + Send + Sync + 'static {
        let is_logged = !self.backlog.is_full();
        self.is_logged.set(is_logged);
        if is_logged {
            self.send(Event::Begin(Timestamp::now(), request));
        }
        let (events, backlog) = (self.events.clone(), Arc::clone(&self.backlog));
        move |bytes| {
            if is_logged && !backlog.is_full() {
                send(&events, &backlog, Event::Stderr(Timestamp::now(), bytes.to_owned()));
            } else {
                backlog.drop_lines(bytes.iter().filter(|&&b| b == b'\n').count());
            }
        }
    }

    /// Logs the end of the request that began last. `sent` is the number of bytes of its body that were sent; `recording`
    /// and `page` are where more of it is kept.
    pub fn end(
        &self,
        outcome: &Outcome,
        sent: io::Result<u64>,
        elapsed: Duration,
        (recording, page): (Option<Id>, Option<String>),
    ) {
        self.send_end(RequestEnd {
            status: outcome.response.status,
            sent: Some(sent.map_err(|error| error.to_string())),
            elapsed,
            refused: None,
            warm: outcome.start.as_ref().map(|start| *start == Start::Warm),
            detail: self.verbose.then(|| pipeline::summary(outcome)),
            printed: if self.verbose { all_lines(&mut outcome.printed.clone()) } else { Vec::new() },
            connections: outcome.connections.clone(),
            failure: outcome.failure.as_ref().map(ToString::to_string),
            remedy: outcome.failure.as_ref().and_then(|failure| failure.help.clone()),
            warnings: outcome.warnings.clone(),
            recording,
            page,
        });
    }

    /// Logs a request that the server answered by itself.
    pub fn refused(&self, request: RequestInfo, status: u16, why: &str) {
        drop(self.begin(request));
        self.send_end(RequestEnd { status, refused: Some(why.to_owned()), ..RequestEnd::default() });
    }

    /// Waits until everything is printed.
    pub fn finish(self) {
        drop(self.events);
        // If it panicked, the panic hook has said so.
        let _ = self.printer.join();
    }

    fn send_end(&self, end: RequestEnd) {
        if self.is_logged.get() {
            self.send(Event::End(end));
        } else {
            self.backlog.drop_lines(1);
        }
    }

    fn send(&self, event: Event) {
        send(&self.events, &self.backlog, event);
    }
}

fn send(events: &Sender<Event>, backlog: &Backlog, event: Event) {
    backlog.size.fetch_add(event.size(), Ordering::Relaxed);
    // Fails only if the printer panicked.
    let _ = events.send(event);
}

/// Prints events until the log is dropped.
fn print(events: &Receiver<Event>, backlog: &Backlog, terminal: &Terminal) {
    let mut log = TextLog::new(terminal.clone());
    loop {
        let event = match log.deadline() {
            Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
            None => events.recv().map_err(|mpsc::RecvError| RecvTimeoutError::Disconnected),
        };
        let size = event.as_ref().map_or(0, Event::size);
        let lines = match event {
            Ok(Event::Begin(time, request)) => log.begin(time, request),
            Ok(Event::Stderr(_, bytes)) => log.stderr(&bytes),
            Ok(Event::End(end)) => log.end(&end),
            Err(RecvTimeoutError::Timeout) => log.announce(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        log.print(lines);
        if size > 0 {
            backlog.printed(size, terminal);
        }
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
