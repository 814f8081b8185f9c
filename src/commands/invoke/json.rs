//! The objects that `invoke --json` prints: the answer, or the error in its place.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::error::Error;
use crate::guest::{Exit, RaisedException, RaisedFrame, Start};
use crate::pipeline::{FailureKind, GuestFailure, Outcome};
use crate::recording::Id;
use crate::request::{Headers, Request};
use crate::response::head::default_reason;

/// Everything about one request; the names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    request: Sent<'a>,
    /// The redirects that were followed before this request.
    redirects: Vec<Followed<'a>>,
    route: Option<&'a str>,
    module: Option<String>,
    status: u16,
    reason: &'a str,
    headers: Vec<(&'a str, String)>,
    #[serde(flatten)]
    body: Body,
    stderr: String,
    /// What the guest had printed, where that is not the answer.
    stdout: Option<String>,
    /// Absent where no guest ran.
    exit: Option<Ended<'a>>,
    /// What failed, where the guest failed.
    failure: Option<Failed<'a>>,
    warnings: &'a [String],
    start: Option<Started<'a>>,
    /// The ID of its recording, where it was recorded.
    recording: Option<Id>,
    /// By step.
    timings_ms: serde_json::Map<String, serde_json::Value>,
}

/// A redirect that was followed.
#[derive(Serialize)]
struct Followed<'a> {
    status: u16,
    /// Path and query, resolved.
    target: &'a str,
}

/// The request as the guest was given it.
#[derive(Serialize)]
struct Sent<'a> {
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    protocol: &'static str,
    headers: Vec<(&'a str, String)>,
    #[serde(flatten)]
    body: Body,
}

/// A body as text where it is UTF-8, else in base64.
#[derive(Serialize)]
struct Body {
    body: String,
    body_encoding: &'static str,
}

/// How the guest ended: `kind`, and what belongs to that kind.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Ended<'a> {
    Code { code: i32 },
    Trap { message: &'a str },
    TimedOut { limit_ms: f64 },
    Cancelled,
    OutputLimit { limit_bytes: usize },
    StackExhausted,
    NotStarted { message: &'a str },
}

/// A failure of the guest.
#[derive(Serialize)]
struct Failed<'a> {
    kind: &'static str,
    /// The class of the exception.
    r#type: Option<&'a str>,
    /// The exception's message where `kind` is `exception`, else what happened.
    message: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    /// The traceback: the exceptions, the one that ended the run first, each with its frames, the outermost first.
    exceptions: &'a [RaisedException],
    /// What was being executed when the guest was stopped, the outermost first.
    stopped_at: &'a [RaisedFrame],
    /// What the user can do about it, where that is known.
    help: Option<&'a str>,
    /// The one command that mends it, if there is one.
    command: Option<&'a str>,
}

impl<'a> Failed<'a> {
    fn new(failure: &'a GuestFailure) -> Self {
        let exception = failure.exception.as_ref();
        let location = failure.location.as_ref();
        Self {
            kind: failure.kind.as_str(),
            r#type: exception.and_then(|exception| exception.class.as_deref()),
            message: match exception {
                Some(exception) if failure.kind == FailureKind::Exception => &exception.message,
                _ => &failure.what,
            },
            file: location.map(|location| location.file.as_str()),
            line: location.map(|location| location.line),
            exceptions: failure.raised.as_ref().map_or(&[], |raised| &raised.exceptions),
            stopped_at: &failure.stopped_at,
            help: failure.help.as_deref(),
            command: failure.command.as_deref(),
        }
    }
}

/// Where the guest started.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Started<'a> {
    Warm,
    Cold { reason: &'a str },
}

/// The object, indented, with a line end. `without_body`: the answer has none, as to HEAD.
///
/// # Errors
/// None that is known: every key is a string and every number finite.
pub fn object(
    request: &Request,
    outcome: &Outcome,
    redirects: &[(u16, String)],
    without_body: bool,
    recording: Option<Id>,
) -> serde_json::Result<Vec<u8>> {
    let response = &outcome.response;
    let report = Report {
        request: Sent {
            method: &request.method,
            path: &request.path,
            query: request.query.as_deref(),
            protocol: request.protocol.as_str(),
            headers: pairs(&request.headers),
            body: body(&request.body),
        },
        redirects: redirects.iter().map(|(status, target)| Followed { status: *status, target }).collect(),
        route: outcome.route.as_deref(),
        module: outcome.module.as_ref().map(|m| m.display().to_string()),
        status: response.status,
        reason: response.reason.as_deref().unwrap_or_else(|| default_reason(response.status)),
        headers: pairs(&response.headers),
        body: body(if without_body { b"" } else { &response.body }),
        stderr: String::from_utf8_lossy(&outcome.stderr).into_owned(),
        stdout: outcome.is_explained().then(|| String::from_utf8_lossy(&outcome.printed).into_owned()),
        exit: outcome.exit.as_ref().map(|exit| match exit {
            Exit::Code(code) => Ended::Code { code: *code },
            Exit::Trap(message) => Ended::Trap { message },
            Exit::TimedOut(limit) => Ended::TimedOut { limit_ms: limit.as_secs_f64() * 1e3 },
            Exit::Cancelled => Ended::Cancelled,
            Exit::OutputLimit(limit) => Ended::OutputLimit { limit_bytes: *limit },
            Exit::StackExhausted => Ended::StackExhausted,
            Exit::NotStarted(message)
            | Exit::NoVolume(message)
            | Exit::NoAddressSpace(message)
            | Exit::TooManyFiles(message) => Ended::NotStarted { message },
        }),
        failure: outcome.failure.as_ref().map(Failed::new),
        warnings: &outcome.warnings,
        start: outcome.start.as_ref().map(|start| match start {
            Start::Warm => Started::Warm,
            Start::Cold(reason) => Started::Cold { reason },
        }),
        recording,
        timings_ms: outcome
            .timings
            .steps()
            .iter()
            // Microseconds are as much as a clock is good for.
            .map(|(name, time)| ((*name).to_owned(), ((time.as_secs_f64() * 1e6).round() / 1e3).into()))
            .collect(),
    };
    let mut json = serde_json::to_vec_pretty(&report)?;
    json.push(b'\n');
    Ok(json)
}

/// What there is in place of an answer.
#[derive(Serialize)]
struct NoAnswer<'a> {
    error: Told<'a>,
}

/// An error of ours.
#[derive(Serialize)]
struct Told<'a> {
    kind: &'static str,
    message: String,
    /// What the user can do about it, where that is known.
    help: Option<&'a str>,
}

/// The object for an error because of which there is no answer, indented, with a line end.
///
/// # Errors
/// As [`object`].
pub fn error(error: &Error) -> serde_json::Result<Vec<u8>> {
    let told = Told { kind: error.kind().as_str(), message: error.to_string(), help: error.remedy_text() };
    let mut json = serde_json::to_vec_pretty(&NoAnswer { error: told })?;
    json.push(b'\n');
    Ok(json)
}

/// Header fields as pairs, in order; a value as UTF-8 where it is, else each byte as its Latin-1 character.
fn pairs(headers: &Headers) -> Vec<(&str, String)> {
    let text = |value: &[u8]| match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    };
    headers.iter().map(|(name, value)| (name, text(value))).collect()
}

fn body(bytes: &[u8]) -> Body {
    match std::str::from_utf8(bytes) {
        Ok(text) => Body { body: text.to_owned(), body_encoding: "utf-8" },
        Err(_) => Body { body: STANDARD.encode(bytes), body_encoding: "base64" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_no_text_is_in_base64() {
        for (bytes, text, encoding) in
            [(&b""[..], "", "utf-8"), ("é\0".as_bytes(), "é\0", "utf-8"), (b"\xff\0", "/wA=", "base64")]
        {
            let body = body(bytes);
            assert_eq!((body.body.as_str(), body.body_encoding), (text, encoding));
        }
    }

    #[test]
    fn a_header_value_that_is_no_utf8_is_latin1() {
        let mut headers = Headers::default();
        headers.push("A", &b"caf\xe9"[..]);
        headers.push("A", "é");
        assert_eq!(pairs(&headers), [("A", "caf\u{e9}".to_owned()), ("A", "é".to_owned())]);
    }
}
