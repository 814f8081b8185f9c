//! One line for each request, and under it what the guest wrote to standard error.
//!
//! A line cannot be printed before the answer is known, and what the guest writes is not to wait for it. So a thread
//! does the printing: it holds back what the guest writes for a moment, which is longer than most requests take; after
//! it, the request is announced by a line without an answer, and what the guest writes is shown as it comes.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use console::Style;

use crate::error::{Context, Error, Result};
use crate::pipeline::{self, Outcome};
use crate::terminal::Terminal;

/// How long the guest's words wait for the line of their request.
const PATIENCE: Duration = Duration::from_millis(200);

/// What is known of a request when it comes in.
#[derive(Clone, Debug)]
pub struct Title {
    /// The method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// The route that answers it, as written in modules.toml.
    pub route: Option<String>,
}

/// The end of a request, as it is printed.
#[derive(Clone, Debug, Default)]
struct End {
    status: u16,
    rest: String,
    detail: Option<String>,
    /// What the guest's failure was, on one line.
    failure: Option<String>,
    remedy: Option<String>,
    warnings: Vec<String>,
}

enum Event {
    Begin(Title),
    Stderr(Vec<u8>),
    End(End),
}

/// The log and the thread that prints it.
pub struct RequestLog {
    events: Sender<Event>,
    printer: JoinHandle<()>,
    verbose: bool,
}

impl RequestLog {
    /// Starts the thread.
    ///
    /// # Errors
    /// Fails where the system has no thread for it.
    pub fn start(terminal: &Terminal) -> Result<Self> {
        let (sender, events) = mpsc::channel();
        let mut lines = Lines::new(terminal.clone());
        let builder = std::thread::Builder::new().name("log".to_owned());
        let printer = builder.spawn(move || print(&events, &mut lines)).context(|| "cannot start the log's thread")?;
        Ok(Self { events: sender, printer, verbose: terminal.is_verbose() })
    }

    /// A request begins; what its guest writes goes into the function that is returned.
    pub fn begin(&self, title: Title) -> impl Fn(&[u8]) + Send + Sync + 'static {
        self.send(Event::Begin(title));
        let events = self.events.clone();
        // The printer outlives every request; see `finish`.
        move |bytes| drop(events.send(Event::Stderr(bytes.to_owned())))
    }

    /// The request that began last has ended with `outcome`, of whose answer `sent` bytes of body went out.
    pub fn end(&self, outcome: &Outcome, sent: io::Result<u64>, elapsed: Duration) {
        let size = match sent {
            Ok(bytes) => format!("{bytes} B"),
            Err(error) => format!("not sent, {error}"),
        };
        let rest = format!("{size} {}", milliseconds(elapsed));
        let detail = self.verbose.then(|| pipeline::describe(outcome));
        let (failure, remedy) = (outcome.failure.clone(), outcome.remedy.clone());
        let warnings = outcome.warnings.clone();
        self.send(Event::End(End { status: outcome.response.status, rest, detail, failure, remedy, warnings }));
    }

    /// A request that the server itself answered.
    pub fn refused(&self, title: Title, status: u16, why: &str) {
        self.send(Event::Begin(title));
        self.send(Event::End(End { status, rest: why.to_owned(), ..End::default() }));
    }

    /// Waits until everything is printed.
    pub fn finish(self) {
        drop(self.events);
        // A panic in it has been printed by then, and there is nothing left to print.
        let _ = self.printer.join();
    }

    fn send(&self, event: Event) {
        // Without its printer there is nobody to tell.
        let _ = self.events.send(event);
    }
}

/// Prints what comes until nothing more can come.
fn print(events: &Receiver<Event>, lines: &mut Lines) {
    loop {
        let event = match lines.due {
            Some(due) => events.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => events.recv().map_err(|mpsc::RecvError| RecvTimeoutError::Disconnected),
        };
        let printed = match event {
            Ok(Event::Begin(title)) => lines.begin(title),
            Ok(Event::Stderr(bytes)) => lines.stderr(&bytes),
            Ok(Event::End(end)) => lines.end(&end),
            Err(RecvTimeoutError::Timeout) => lines.announce(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        for line in printed {
            line.print(&lines.terminal);
        }
    }
}

/// A line, and whether `--quiet` silences it.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Request(String),
    Guest(String),
    Detail(String),
    Failure(String, Option<String>),
    Warning(String),
}

impl Line {
    fn print(self, terminal: &Terminal) {
        match self {
            Self::Request(text) => terminal.note(text),
            Self::Guest(text) => terminal.guest(text),
            Self::Detail(text) => terminal.detail(text),
            Self::Failure(text, None) => terminal.error(&Error::new(text)),
            Self::Failure(text, Some(remedy)) => terminal.error(&Error::new(text).remedy(remedy)),
            Self::Warning(text) => terminal.warn(text),
        }
    }
}

/// Turns events into lines.
struct Lines {
    terminal: Terminal,
    title: Option<Title>,
    /// What the guest wrote and is not printed yet.
    pending: Vec<u8>,
    /// When the request is announced if it has not ended by then; `None` without one, or when it has been.
    due: Option<Instant>,
}

impl Lines {
    fn new(terminal: Terminal) -> Self {
        Self { terminal, title: None, pending: Vec::new(), due: None }
    }

    fn begin(&mut self, title: Title) -> Vec<Line> {
        self.title = Some(title);
        self.pending.clear();
        self.due = Some(Instant::now() + PATIENCE);
        Vec::new()
    }

    fn stderr(&mut self, bytes: &[u8]) -> Vec<Line> {
        self.pending.extend_from_slice(bytes);
        if self.due.is_none() { self.whole_lines() } else { Vec::new() }
    }

    /// The moment has passed: from here on the guest's words do not wait.
    fn announce(&mut self) -> Vec<Line> {
        self.due = None;
        let title = self.titled(&self.terminal.paint(Style::new().dim(), "..."));
        let mut lines = vec![Line::Request(title)];
        lines.extend(self.whole_lines());
        lines
    }

    fn end(&mut self, end: &End) -> Vec<Line> {
        let status = self.terminal.paint(style_of(end.status), end.status);
        let request = Line::Request(self.titled(&format!("{status} {}", end.rest)));
        let mut guest = self.whole_lines();
        if !self.pending.is_empty() {
            let rest = std::mem::take(&mut self.pending);
            guest.push(self.guest_line(&rest));
        }
        let mut lines = Vec::new();
        if self.due.take().is_some() {
            lines.push(request);
            lines.extend(guest);
        } else {
            lines.extend(guest);
            lines.push(request);
        }
        lines.extend(end.detail.iter().map(|detail| Line::Detail(format!("{INDENT}{detail}"))));
        let failure = |text| Line::Failure(format!("{}{text}", self.mark()), end.remedy.clone());
        lines.extend(end.failure.iter().map(failure));
        lines.extend(end.warnings.iter().map(|warning| Line::Warning(format!("{}{warning}", self.mark()))));
        self.title = None;
        lines
    }

    /// Takes the lines that are whole out of what is pending.
    fn whole_lines(&mut self) -> Vec<Line> {
        let Some(end) = self.pending.iter().rposition(|&b| b == b'\n') else { return Vec::new() };
        let whole: Vec<u8> = self.pending.drain(..=end).collect();
        let whole = whole.strip_suffix(b"\n").unwrap_or(&whole);
        whole.split(|&b| b == b'\n').map(|line| self.guest_line(line)).collect()
    }

    fn guest_line(&self, line: &[u8]) -> Line {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mark = self.terminal.paint(Style::new().dim(), self.mark());
        Line::Guest(format!("{INDENT}{mark}{}", String::from_utf8_lossy(line)))
    }

    fn mark(&self) -> String {
        let route = self.title.as_ref().and_then(|t| t.route.as_deref());
        route.map_or_else(String::new, |route| format!("[{route}] "))
    }

    fn titled(&self, rest: &str) -> String {
        let (method, target) = self.title.as_ref().map_or(("", ""), |t| (t.method.as_str(), t.target.as_str()));
        let method = self.terminal.paint(Style::new().bold(), format_args!("{method:>12}"));
        format!("{method} {target} {rest}")
    }
}

/// Where the text of a step line begins.
const INDENT: &str = "             ";

fn style_of(status: u16) -> Style {
    match status {
        200..=299 => Style::new().green(),
        300..=399 => Style::new().cyan(),
        400..=499 => Style::new().yellow(),
        _ => Style::new().red().bold(),
    }
}

/// A time as a person reads it, with three digits.
pub fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 100.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::ColorChoice;

    fn lines() -> Lines {
        Lines::new(Terminal::new(ColorChoice::Never, false, false))
    }

    fn title() -> Title {
        Title { method: "GET".to_owned(), target: "/a?b".to_owned(), route: Some("/a/...".to_owned()) }
    }

    fn end() -> End {
        End {
            status: 200,
            rest: "5 B 1.00 ms".to_owned(),
            failure: Some("f".to_owned()),
            warnings: vec!["w".to_owned()],
            ..End::default()
        }
    }

    fn request(text: &str) -> Line {
        Line::Request(format!("         GET /a?b {text}"))
    }

    fn guest(text: &str) -> Line {
        Line::Guest(format!("             [/a/...] {text}"))
    }

    #[test]
    fn what_a_quick_guest_writes_stands_under_its_request() {
        let mut lines = lines();
        assert_eq!(lines.begin(title()), []);
        assert_eq!(lines.stderr(b"one\r\ntw"), []);
        assert_eq!(lines.stderr(b"o\n\nthree"), []);
        assert_eq!(
            lines.end(&end()),
            [
                request("200 5 B 1.00 ms"),
                guest("one"),
                guest("two"),
                guest(""),
                guest("three"),
                Line::Failure("[/a/...] f".to_owned(), None),
                Line::Warning("[/a/...] w".to_owned())
            ]
        );
        assert_eq!(lines.due, None);
    }

    #[test]
    fn what_a_slow_guest_writes_is_shown_as_it_comes() {
        let mut lines = lines();
        lines.begin(title());
        lines.stderr(b"one\ntw");
        assert_eq!(lines.announce(), [request("..."), guest("one")]);
        assert_eq!(lines.stderr(b"o\n"), [guest("two")]);
        assert_eq!(lines.stderr(b"\xffthr"), []);
        assert_eq!(
            lines.end(&end()),
            [
                guest("\u{fffd}thr"),
                request("200 5 B 1.00 ms"),
                Line::Failure("[/a/...] f".to_owned(), None),
                Line::Warning("[/a/...] w".to_owned())
            ]
        );
    }

    #[test]
    fn a_request_without_a_route_has_no_mark() {
        let mut lines = lines();
        lines.begin(Title { route: None, ..title() });
        assert_eq!(lines.end(&End { status: 404, rest: "x".to_owned(), ..End::default() }), [request("404 x")]);
    }

    #[test]
    fn the_status_is_coloured() {
        let mut lines = Lines::new(Terminal::new(ColorChoice::Always, false, false));
        for (status, code) in
            [(200, "\u{1b}[32m"), (302, "\u{1b}[36m"), (404, "\u{1b}[33m"), (500, "\u{1b}[31m\u{1b}[1m")]
        {
            lines.begin(title());
            let printed = lines.end(&End { status, ..End::default() });
            let [Line::Request(line)] = &printed[..] else { panic!("{printed:?}") };
            assert!(line.contains(&format!("{code}{status}\u{1b}[0m")), "{line:?}");
        }
    }

    #[test]
    fn times_have_three_digits() {
        for (microseconds, text) in
            [(40, "0.04 ms"), (1_234, "1.23 ms"), (12_340, "12.3 ms"), (123_400, "123 ms"), (12_345_000, "12.35 s")]
        {
            assert_eq!(milliseconds(Duration::from_micros(microseconds)), text);
        }
    }
}
