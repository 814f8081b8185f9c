//! The log as text: one line for each request, and below it what the guest wrote to standard error.
//!
//! The line of a request is complete only when the answer is known. What the guest writes before is held back for
//! [`ANNOUNCE_DELAY`], which is longer than most requests take. After it, a request whose guest wrote something is
//! announced by a line without an answer, and the guest's lines are shown as they are written.

use std::time::{Duration, Instant};

use console::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{RequestEnd, RequestInfo, all_lines, whole_lines};
use crate::error::Error;
use crate::terminal::Terminal;

/// How long standard error is held back for the line of its request.
const ANNOUNCE_DELAY: Duration = Duration::from_millis(200);

/// The indentation of lines below a request: the width of a step's verb.
const INDENT: &str = "             ";

/// A line by the way it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Request(String),
    Guest(String),
    Detail(String),
    Failure(String, Option<String>),
    Warning(String),
}

/// Turns events into lines.
pub(super) struct TextLog {
    terminal: Terminal,
    zone: TimeZone,
    request: Option<(Timestamp, RequestInfo)>,
    /// Standard error of the guest that is not printed yet.
    pending: Vec<u8>,
    /// When `pending` is printed if the request has not ended by then.
    deadline: Option<Instant>,
    /// Whether the request has been announced.
    announced: bool,
}

impl TextLog {
    pub fn new(terminal: Terminal) -> Self {
        let zone = TimeZone::system();
        Self { terminal, zone, request: None, pending: Vec::new(), deadline: None, announced: false }
    }

    /// When [`TextLog::announce`] has to be called, unless another event comes before.
    pub fn deadline(&self) -> Option<Instant> {
        // A silent guest needs no announcement.
        self.deadline.filter(|_| !self.pending.is_empty())
    }

    pub fn print(&self, lines: Vec<Line>) {
        for line in lines {
            match line {
                Line::Request(text) => self.terminal.note(text),
                Line::Guest(text) => self.terminal.guest(text),
                Line::Detail(text) => self.terminal.detail(text),
                Line::Failure(text, None) => self.terminal.error(&Error::new(text)),
                Line::Failure(text, Some(remedy)) => self.terminal.error(&Error::new(text).remedy(remedy)),
                Line::Warning(text) => self.terminal.warn(text),
            }
        }
    }

    pub fn begin(&mut self, time: Timestamp, request: RequestInfo) -> Vec<Line> {
        self.request = Some((time, request));
        self.pending.clear();
        self.deadline = Some(Instant::now() + ANNOUNCE_DELAY);
        self.announced = false;
        Vec::new()
    }

    pub fn stderr(&mut self, bytes: &[u8]) -> Vec<Line> {
        self.pending.extend_from_slice(bytes);
        if !self.announced {
            return Vec::new();
        }
        whole_lines(&mut self.pending).iter().map(|line| self.guest_line(line)).collect()
    }

    /// Prints the request without its answer; from here on the guest's lines are not held back.
    pub fn announce(&mut self) -> Vec<Line> {
        (self.deadline, self.announced) = (None, true);
        let mut lines = vec![self.request_line(&self.terminal.paint(Style::new().dim(), "..."))];
        lines.extend(whole_lines(&mut self.pending).iter().map(|line| self.guest_line(line)));
        lines
    }

    pub fn end(&mut self, end: &RequestEnd) -> Vec<Line> {
        let rest = match (&end.refused, &end.sent) {
            (Some(why), _) => why.clone(),
            (None, None) => milliseconds(end.elapsed),
            (None, Some(Ok(bytes))) => format!("{bytes} B {}", milliseconds(end.elapsed)),
            (None, Some(Err(error))) => format!("not sent, {error} {}", milliseconds(end.elapsed)),
        };
        let status = self.terminal.paint(style_of(end.status), end.status);
        let replay = end.recording.map(|id| format!("pywagi replay {id}"));
        let hint = replay.as_ref().filter(|_| end.failure.is_some() && end.detail.is_none());
        let page = end.page.as_ref().filter(|_| end.failure.is_some());
        let hint: String = hint.into_iter().chain(page).map(|hint| format!("  {hint}")).collect();
        let request = self.request_line(&format!("{status} {rest}{hint}"));
        let guest: Vec<_> = all_lines(&mut self.pending).iter().map(|line| self.guest_line(line)).collect();
        let mut lines = Vec::new();
        if self.announced {
            lines.extend(guest);
            lines.push(request);
        } else {
            lines.push(request);
            lines.extend(guest);
        }
        let replay = replay.map_or_else(String::new, |replay| format!("; {replay}"));
        lines.extend(end.detail.iter().map(|detail| Line::Detail(format!("{INDENT}{detail}{replay}"))));
        let printed = end.printed.iter().map(|line| Line::Detail(format!("{INDENT}printed: {line}")));
        lines.extend(printed);
        lines.extend(end.connections.lines().map(|line| Line::Request(format!("{INDENT}{line}"))));
        let mark = self.mark();
        lines.extend(end.failure.iter().map(|text| Line::Failure(format!("{mark}{text}"), end.remedy.clone())));
        lines.extend(end.warnings.iter().map(|text| Line::Warning(format!("{mark}{text}"))));
        (self.request, self.deadline) = (None, None);
        lines
    }

    fn guest_line(&self, line: &str) -> Line {
        let mark = self.terminal.paint(Style::new().dim(), self.mark());
        Line::Guest(format!("{INDENT}{mark}{line}"))
    }

    /// The route, in front of what belongs to it. Only `--quiet` needs it: without, the line of the request is above.
    fn mark(&self) -> String {
        let request = self.request.as_ref().map(|(_, request)| request);
        let route = request.filter(|request| request.one_of_many && self.terminal.is_quiet());
        route.and_then(|request| request.route.as_ref()).map_or_else(String::new, |route| format!("[{route}] "))
    }

    /// The time of day, the request and `rest`.
    fn request_line(&self, rest: &str) -> Line {
        let Some((time, RequestInfo { method, target, .. })) = &self.request else { return Line::Request(rest.into()) };
        let time = time.to_zoned_datetime(self.zone.clone()).strftime("%H:%M:%S");
        let time = self.terminal.paint(Style::new().dim(), format_args!("{:>12}", time.to_string()));
        let method = self.terminal.paint(Style::new().bold(), method);
        Line::Request(format!("{time} {method} {target} {rest}"))
    }
}

fn style_of(status: u16) -> Style {
    match status {
        200..=299 => Style::new().green(),
        300..=399 => Style::new().cyan(),
        400..=499 => Style::new().yellow(),
        _ => Style::new().red().bold(),
    }
}

/// A duration with three digits.
fn milliseconds(time: Duration) -> String {
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

    fn log(color: ColorChoice, quiet: bool) -> TextLog {
        TextLog { zone: TimeZone::UTC, ..TextLog::new(Terminal::new(color, quiet, false)) }
    }

    fn begin(log: &mut TextLog) {
        let (method, target, route) = ("GET".to_owned(), "/a?b".to_owned(), Some("/a/...".to_owned()));
        let request = RequestInfo { method, target, route, one_of_many: true };
        assert_eq!(log.begin(Timestamp::from_second(3661).expect("in range"), request), []);
    }

    fn end() -> RequestEnd {
        RequestEnd {
            status: 200,
            sent: Some(Ok(5)),
            elapsed: Duration::from_millis(1),
            failure: Some("f".to_owned()),
            warnings: vec!["w".to_owned()],
            ..RequestEnd::default()
        }
    }

    fn request(text: &str) -> Line {
        Line::Request(format!("    01:01:01 GET /a?b {text}"))
    }

    fn guest(text: &str) -> Line {
        Line::Guest(format!("             {text}"))
    }

    fn failure_and_warning(mark: &str) -> [Line; 2] {
        [Line::Failure(format!("{mark}f"), None), Line::Warning(format!("{mark}w"))]
    }

    #[test]
    fn what_a_quick_guest_writes_stands_under_its_request() {
        let mut log = log(ColorChoice::Never, false);
        begin(&mut log);
        assert_eq!(log.stderr(b"one\r\ntw"), []);
        assert_eq!(log.stderr(b"o\n\nthree"), []);
        let lines = [request("200 5 B 1.00 ms"), guest("one"), guest("two"), guest(""), guest("three")];
        assert_eq!(log.end(&end()), lines.into_iter().chain(failure_and_warning("")).collect::<Vec<_>>());
        assert_eq!(log.deadline(), None);
    }

    #[test]
    fn what_a_slow_guest_writes_is_shown_as_it_comes() {
        let mut log = log(ColorChoice::Never, false);
        begin(&mut log);
        log.stderr(b"one\ntw");
        assert_eq!(log.announce(), [request("..."), guest("one")]);
        assert_eq!(log.stderr(b"o\n"), [guest("two")]);
        assert_eq!(log.stderr(b"\xffthr"), []);
        let lines = [guest("\u{fffd}thr"), request("200 5 B 1.00 ms")];
        assert_eq!(log.end(&end()), lines.into_iter().chain(failure_and_warning("")).collect::<Vec<_>>());
    }

    #[test]
    fn a_slow_guest_that_writes_nothing_has_one_line() {
        let mut log = log(ColorChoice::Never, false);
        begin(&mut log);
        assert_eq!(log.deadline(), None);
        log.stderr(b"x");
        assert!(log.deadline().is_some());
    }

    #[test]
    fn the_route_is_named_where_no_line_of_the_request_stands_above() {
        let mut log = log(ColorChoice::Never, true);
        begin(&mut log);
        log.stderr(b"one\n");
        let lines = [request("200 5 B 1.00 ms"), guest("[/a/...] one")];
        assert_eq!(log.end(&end()), lines.into_iter().chain(failure_and_warning("[/a/...] ")).collect::<Vec<_>>());
    }

    #[test]
    fn an_answer_of_the_server_or_one_that_was_not_sent_says_why() {
        let mut log = log(ColorChoice::Never, false);
        let elapsed = Duration::from_millis(1);
        for (end, text) in [
            (RequestEnd { status: 413, refused: Some("too large".to_owned()), ..Default::default() }, "413 too large"),
            (
                RequestEnd { status: 200, sent: Some(Err("closed".to_owned())), elapsed, ..Default::default() },
                "200 not sent, closed 1.00 ms",
            ),
        ] {
            begin(&mut log);
            assert_eq!(log.end(&end), [request(text)]);
        }
    }

    #[test]
    fn the_line_of_a_failed_request_says_where_there_is_more() {
        let mut log = log(ColorChoice::Never, false);
        let recording = "k7f3w".parse().ok();
        let end = RequestEnd { recording, page: Some("http://a/b".to_owned()), ..end() };
        let detail = Some("detail".to_owned());
        for (end, text) in [
            (end.clone(), "200 5 B 1.00 ms  pywagi replay k7f3w  http://a/b"),
            (RequestEnd { detail, ..end.clone() }, "200 5 B 1.00 ms  http://a/b"),
            (RequestEnd { failure: None, ..end }, "200 5 B 1.00 ms"),
        ] {
            begin(&mut log);
            assert_eq!(log.end(&end).first(), Some(&request(text)));
        }
    }

    #[test]
    fn the_status_is_coloured() {
        let mut log = log(ColorChoice::Always, false);
        for (status, code) in
            [(200, "\u{1b}[32m"), (302, "\u{1b}[36m"), (404, "\u{1b}[33m"), (500, "\u{1b}[31m\u{1b}[1m")]
        {
            begin(&mut log);
            let printed = log.end(&RequestEnd { status, ..RequestEnd::default() });
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
