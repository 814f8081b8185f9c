//! A request as an object.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::guest::{Connected, Start};
use crate::recording::Id;
use crate::response::head::default_reason;
use crate::terminal::rfc3339;
use crate::text_file::shown;

use super::super::decode::{self, Pairs};
use super::super::filter::Filter;
use super::super::report::masked_pairs;
use super::super::store::{Entry, Number, Store};
use super::super::{Report, url_of};

/// A list, the newest first.
#[derive(Serialize)]
struct List<T> {
    /// When the server began to count.
    started: String,
    /// The number of the newest request, whether or not it is in the list.
    last: Number,
    requests: Vec<T>,
}

/// A request in a list.
#[derive(Serialize)]
struct Summary<'a> {
    id: Number,
    /// Where its page is.
    url: String,
    time: String,
    method: &'a str,
    target: String,
    status: u16,
    reason: &'a str,
    duration_ms: f64,
    /// The size of the answer's body.
    size: usize,
    route: Option<&'a str>,
    start: Option<&'static str>,
    failed: bool,
    failure: Option<&'a str>,
    again_of: Option<Number>,
    recording: Option<Id>,
}

/// A failure in a list.
#[derive(Serialize)]
struct Failed<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    stderr: String,
    report: Option<&'a Report>,
}

/// A request with all that is known of it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    module: Option<String>,
    /// Why it was a cold start.
    cold_reason: Option<&'a str>,
    send_error: Option<&'a str>,
    request: Sent<'a>,
    response: Received,
    arguments: Option<&'a [String]>,
    environment: Option<Pairs>,
    timings_ms: Map<String, Value>,
    stderr: String,
    connections: &'a [Connected],
    warnings: &'a [String],
    report: Option<&'a Report>,
}

#[derive(Serialize)]
struct Sent<'a> {
    protocol: &'static str,
    scheme: &'static str,
    remote: String,
    path: &'a str,
    headers: Pairs,
    query: Pairs,
    cookies: Pairs,
    form: Pairs,
    parts: Vec<Part>,
    #[serde(flatten)]
    body: Body,
}

#[derive(Serialize)]
struct Part {
    name: String,
    file_name: Option<String>,
    headers: Pairs,
    #[serde(flatten)]
    body: Body,
}

#[derive(Serialize)]
struct Received {
    headers: Pairs,
    #[serde(flatten)]
    body: Body,
}

/// A body, of which the first `kept` bytes of `size` are there.
#[derive(Serialize)]
struct Body {
    size: usize,
    kept: usize,
    body: String,
    body_encoding: &'static str,
}

/// A request, as lists have it.
pub fn summary(entry: &Entry) -> impl Serialize {
    Summary::new(entry)
}

/// The requests that pass a filter.
pub fn list(store: &Store, filter: &Filter) -> serde_json::Result<String> {
    let requests = filter.select(store).map(Summary::new).collect();
    serde_json::to_string(&List::of(store, requests))
}

/// The failures that pass a filter.
pub fn errors(store: &Store, filter: &Filter) -> serde_json::Result<String> {
    let failed = |entry| Failed {
        summary: Summary::new(entry),
        stderr: decode::text(&entry.stderr),
        report: entry.report.as_deref(),
    };
    serde_json::to_string(&List::of(store, filter.select(store).map(failed).collect()))
}

/// All that is known of a request.
pub fn whole(entry: &Entry) -> serde_json::Result<String> {
    let Entry { request, response, .. } = entry;
    let headers = &request.headers;
    let ms = |(name, time): (&str, Duration)| (name.to_owned(), Value::from(time.as_secs_f64() * 1e3));
    serde_json::to_string(&Whole {
        summary: Summary::new(entry),
        module: entry.module.as_deref().map(shown),
        cold_reason: match &entry.start {
            Some(Start::Cold(why)) => Some(why),
            _ => None,
        },
        send_error: entry.send_error.as_deref(),
        request: Sent {
            protocol: request.protocol.as_str(),
            scheme: request.scheme.as_str(),
            remote: request.remote.map(|address| address.to_string()).unwrap_or_default(),
            path: &request.path,
            headers: decode::header_pairs(headers),
            query: decode::pairs(request.query.as_deref().unwrap_or_default()),
            cookies: decode::cookies(headers),
            form: decode::form(headers, &request.body),
            parts: decode::parts(headers, &request.body).into_iter().map(Part::new).collect(),
            body: Body::new(&request.body, entry.request_size),
        },
        response: Received {
            headers: decode::header_pairs(&response.headers),
            body: Body::new(&response.body, entry.response_size),
        },
        arguments: entry.given.as_ref().map(|given| given.arguments.as_slice()),
        environment: entry.given.as_ref().map(|given| masked_pairs(&given.environment)),
        timings_ms: entry.timings.steps().map(ms).into_iter().collect(),
        stderr: decode::text(&entry.stderr),
        connections: &entry.connections.kept,
        warnings: &entry.warnings,
        report: entry.report.as_deref(),
    })
}

impl<T> List<T> {
    fn of(store: &Store, requests: Vec<T>) -> Self {
        Self { started: rfc3339(store.started()), last: store.last(), requests }
    }
}

impl<'a> Summary<'a> {
    fn new(entry: &'a Entry) -> Self {
        let response = &entry.response;
        Self {
            id: entry.id,
            url: url_of(entry.id),
            time: rfc3339(entry.began),
            method: &entry.request.method,
            target: entry.target(),
            status: response.status,
            reason: response.reason.as_deref().unwrap_or_else(|| default_reason(response.status)),
            duration_ms: entry.elapsed.as_secs_f64() * 1e3,
            size: entry.response_size,
            route: entry.route.as_deref(),
            start: entry.start.as_ref().map(|start| if *start == Start::Warm { "warm" } else { "cold" }),
            failed: entry.has_failed(),
            failure: entry.failure.as_deref(),
            again_of: entry.again_of,
            recording: entry.recording,
        }
    }
}

impl Part {
    fn new(part: decode::Part) -> Self {
        let body = Body::new(&part.content, part.content.len());
        Self { name: part.name, file_name: part.file_name, headers: part.headers, body }
    }
}

impl Body {
    fn new(bytes: &[u8], size: usize) -> Self {
        let (body, body_encoding) = match decode::body_text(bytes, size) {
            Some(text) => (text.to_owned(), "utf-8"),
            None => (STANDARD.encode(bytes), "base64"),
        };
        Self { size, kept: bytes.len(), body, body_encoding }
    }
}
