//! The log as JSON, one object a line: `--log-format json`.

use jiff::Timestamp;
use serde::Serialize;

use super::{Event, RequestEnd, RequestInfo, all_lines, whole_lines};
use crate::guest::Connected;
use crate::recording::Id;
use crate::terminal::{Terminal, rfc3339};

/// A line that a guest wrote to standard error.
#[derive(Serialize)]
struct StderrRecord<'a> {
    time: String,
    event: &'static str,
    route: Option<&'a str>,
    line: &'a str,
}

/// A request and its answer.
#[derive(Serialize)]
struct RequestRecord<'a> {
    /// When the request arrived (RFC 3339, UTC).
    time: String,
    event: &'static str,
    method: &'a str,
    target: &'a str,
    route: Option<&'a str>,
    status: u16,
    bytes: Option<u64>,
    duration_ms: f64,
    warm: Option<bool>,
    /// What the guest did in the network: the first connections.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    connections: &'a [Connected],
    /// How the guest failed.
    failure: Option<&'a str>,
    /// What to do about the failure.
    help: Option<&'a str>,
    warnings: &'a [String],
    /// The ID of its recording.
    recording: Option<Id>,
    /// The URL of its page in the inspector.
    page: Option<&'a str>,
    /// Why the server answered by itself.
    refused: Option<&'a str>,
    /// Why the answer could not be sent.
    send_error: Option<&'a str>,
}

/// Turns events into JSON.
pub(super) struct JsonLog {
    terminal: Terminal,
    request: Option<(Timestamp, RequestInfo)>,
    /// Standard error of the guest that does not make a whole line yet.
    pending: Vec<u8>,
}

impl JsonLog {
    pub fn new(terminal: Terminal) -> Self {
        Self { terminal, request: None, pending: Vec::new() }
    }

    pub fn handle(&mut self, event: Event) {
        match event {
            Event::Begin(time, request) => {
                self.request = Some((time, request));
                self.pending.clear();
            }
            Event::Stderr(time, bytes) => {
                self.pending.extend_from_slice(&bytes);
                let lines = whole_lines(&mut self.pending);
                self.stderr(time, &lines);
            }
            Event::End(end) => {
                let lines = all_lines(&mut self.pending);
                self.stderr(Timestamp::now(), &lines);
                if let Some((time, request)) = self.request.take() {
                    self.end(time, &request, &end);
                }
            }
        }
    }

    fn stderr(&self, time: Timestamp, lines: &[String]) {
        let route = self.request.as_ref().and_then(|(_, request)| request.route.as_deref());
        for line in lines {
            self.terminal.record(&StderrRecord { time: rfc3339(time), event: "stderr", route, line });
        }
    }

    fn end(&self, time: Timestamp, request: &RequestInfo, end: &RequestEnd) {
        // As in the text log, `--quiet` leaves out what went well.
        if self.terminal.is_quiet() && end.failure.is_none() && end.warnings.is_empty() {
            return;
        }
        self.terminal.record(&RequestRecord {
            time: rfc3339(time),
            event: "request",
            method: &request.method,
            target: &request.target,
            route: request.route.as_deref(),
            status: end.status,
            bytes: end.sent.as_ref().and_then(|sent| sent.as_ref().ok().copied()),
            duration_ms: end.elapsed.as_secs_f64() * 1e3,
            warm: end.warm,
            connections: &end.connections.kept,
            failure: end.failure.as_deref(),
            help: end.remedy.as_deref(),
            warnings: &end.warnings,
            recording: end.recording,
            page: end.page.as_deref(),
            refused: end.refused.as_deref(),
            send_error: end.sent.as_ref().and_then(|sent| sent.as_ref().err().map(String::as_str)),
        });
    }
}
