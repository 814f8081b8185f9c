//! Requests as an HTTP Archive 1.2, which the developer tools of browsers read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::request::Scheme;
use crate::response::head::default_reason;
use crate::terminal::rfc3339;

use super::super::decode::{self, Pairs};
use super::super::store::Entry;

/// What the format says for a size that is not known.
const UNKNOWN: i64 = -1;

#[derive(Serialize)]
struct Archive<'a> {
    log: Log<'a>,
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Creator,
    entries: Vec<Exchange<'a>>,
}

#[derive(Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exchange<'a> {
    started_date_time: String,
    time: f64,
    request: Sent<'a>,
    response: Received<'a>,
    cache: Nothing,
    timings: Timings,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    method: &'a str,
    url: String,
    http_version: &'static str,
    cookies: Vec<Field>,
    headers: Vec<Field>,
    query_string: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<Posted>,
    headers_size: i64,
    body_size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    mime_type: String,
    params: Vec<Field>,
    #[serde(flatten)]
    text: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received<'a> {
    status: u16,
    status_text: &'a str,
    http_version: &'static str,
    cookies: Vec<Field>,
    headers: Vec<Field>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: usize,
    mime_type: String,
    #[serde(flatten)]
    text: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    /// Said where the body was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
}

/// The archive of these requests, the oldest first in it.
pub fn archive(entries: &[&Entry]) -> serde_json::Result<String> {
    let creator = Creator { name: "pywagi", version: env!("CARGO_PKG_VERSION") };
    let entries = entries.iter().rev().map(|entry| exchange(entry)).collect();
    serde_json::to_string(&Archive { log: Log { version: "1.2", creator, entries } })
}

fn exchange(entry: &Entry) -> Exchange<'_> {
    let time = entry.elapsed.as_secs_f64() * 1e3;
    Exchange {
        started_date_time: rfc3339(entry.began),
        time,
        request: sent(entry),
        response: received(entry),
        cache: Nothing {},
        timings: Timings { send: 0.0, wait: time, receive: 0.0 },
    }
}

fn sent(entry: &Entry) -> Sent<'_> {
    let request = &entry.request;
    let headers = &request.headers;
    let posted = (entry.request_size > 0).then(|| Posted {
        mime_type: decode::header(headers, "Content-Type"),
        params: fields(decode::form(headers, &request.body)),
        text: text(&request.body, entry.request_size),
    });
    Sent {
        method: &request.method,
        url: url(entry),
        http_version: request.protocol.as_str(),
        cookies: fields(decode::cookies(headers)),
        headers: fields(decode::header_pairs(headers)),
        query_string: fields(decode::pairs(request.query.as_deref().unwrap_or_default())),
        post_data: posted,
        headers_size: UNKNOWN,
        body_size: entry.request_size,
    }
}

fn received(entry: &Entry) -> Received<'_> {
    let response = &entry.response;
    let set =
        decode::header_pairs(&response.headers).into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
    let cookies = set.map(|(_, value)| {
        let pair = value.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Field { name: name.trim().to_owned(), value: value.trim().to_owned() }
    });
    Received {
        status: response.status,
        status_text: response.reason.as_deref().unwrap_or_else(|| default_reason(response.status)),
        http_version: entry.request.protocol.as_str(),
        cookies: cookies.collect(),
        headers: fields(decode::header_pairs(&response.headers)),
        content: Content {
            size: entry.response_size,
            mime_type: decode::header(&response.headers, "Content-Type"),
            text: text(&response.body, entry.response_size),
        },
        redirect_url: decode::header(&response.headers, "Location"),
        headers_size: UNKNOWN,
        body_size: entry.response_size,
    }
}

/// The URL that was asked for.
pub fn url(entry: &Entry) -> String {
    let request = &entry.request;
    let host = decode::header(&request.headers, "Host");
    let port = match (request.port, request.scheme) {
        (None, _) | (Some(80), Scheme::Http) | (Some(443), Scheme::Https) => String::new(),
        (Some(port), _) => format!(":{port}"),
    };
    let host = if host.is_empty() { format!("localhost{port}") } else { host };
    format!("{}://{host}{}", request.scheme.as_str(), entry.target())
}

fn text(bytes: &[u8], size: usize) -> Text {
    let comment = (bytes.len() < size).then(|| format!("the first {} of {size} bytes", bytes.len()));
    match decode::body_text(bytes, size) {
        Some(text) => Text { text: text.to_owned(), encoding: None, comment },
        None => Text { text: STANDARD.encode(bytes), encoding: Some("base64"), comment },
    }
}

fn fields(pairs: Pairs) -> Vec<Field> {
    pairs.into_iter().map(|(name, value)| Field { name, value }).collect()
}
