//! Requests and responses of `wasi:http`, and what is logged.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use wagi_contract::request::{Headers, Protocol, Request, Scheme};
use wagi_contract::response::Response;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam, Scheme as HostScheme,
};
use wasip2::io::streams::{OutputStream, StreamError};

use crate::state;

/// How much of a body is read at once, in bytes.
const PART: u64 = 1 << 20;

/// What one write to a stream may hold, in bytes: `blocking-write-and-flush` of wasi:io.
const MOST_WRITTEN: usize = 4096;

/// A request of the host's, as the contract has it; else the answer that says why not.
pub fn read(incoming: &IncomingRequest, max_body: u32) -> Result<Request, Response> {
    let target = incoming.path_with_query().unwrap_or_default();
    let mut request = Request::new(method(incoming.method()), if target.is_empty() { "/" } else { &target });
    request.scheme = if matches!(incoming.scheme(), Some(HostScheme::Https)) { Scheme::Https } else { Scheme::Http };
    // The host does not say; what it speaks with the client may be a later version.
    request.protocol = Protocol::Http11;
    request.remote = None;
    request.port = Some(if request.scheme == Scheme::Https { 443 } else { 80 });
    for (name, value) in incoming.headers().entries() {
        request.headers.push(name, value);
    }
    // Hosts take the header out and tell it as the authority.
    if let Some(authority) = incoming.authority().filter(|_| request.headers.get("Host").is_none()) {
        request.headers.replace("Host", &authority);
    }
    if may_have_body(&request) {
        request.body = body(incoming, max_body as usize, declared(&request.headers))?;
    }
    Ok(request)
}

fn method(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.to_string()
}

/// The length that the headers say the body has.
fn declared(headers: &Headers) -> Option<usize> {
    headers.get("Content-Length").and_then(|value| core::str::from_utf8(value).ok()?.parse().ok())
}

/// Whether a body is looked for, which costs calls of the host. That of HTTP/2 need not be told by a header; a GET or HEAD that
/// tells of none has none (RFC 9110 9.3.1).
fn may_have_body(request: &Request) -> bool {
    let headers = &request.headers;
    let is_told = headers.get("Content-Length").or(headers.get("Transfer-Encoding")).is_some();
    declared(headers).is_none_or(|length| length > 0) && (is_told || !matches!(request.method.as_str(), "GET" | "HEAD"))
}

fn body(incoming: &IncomingRequest, most: usize, declared: Option<usize>) -> Result<Bytes, Response> {
    let too_large =
        || Response::plain(413, format!("413 Content Too Large\n\nThe body is larger than {most} bytes.\n"));
    if declared.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let Ok(stream) = incoming.consume() else { return Ok(Bytes::new()) };
    let Ok(stream) = stream.stream() else { return Ok(Bytes::new()) };
    let mut bytes = Vec::with_capacity(declared.unwrap_or_default());
    loop {
        match stream.blocking_read(PART) {
            Ok(part) if bytes.len() + part.len() > most => return Err(too_large()),
            Ok(part) => bytes.extend_from_slice(&part),
            Err(StreamError::Closed) => return Ok(bytes.into()),
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(Response::plain(400, "400 Bad Request\n\nThe body did not come whole.\n"));
            }
        }
    }
}

/// Gives the answer, once.
pub fn send(response: &Response) {
    let (out, is_head) = state::with(|state| (state.out.take(), state.is_head));
    let Some(out) = out else { return };
    let message = OutgoingResponse::new(fields(response));
    if message.set_status_code(response.status).is_err() {
        ResponseOutparam::set(out, Err(ErrorCode::InternalError(None)));
        return;
    }
    let Ok(body) = message.body() else { return };
    ResponseOutparam::set(out, Ok(message));
    let has_content = !is_head && !is_without_body(response.status) && !response.body.is_empty();
    if let Some(stream) = has_content.then(|| body.write().ok()).flatten() {
        write(&stream, &response.body);
    }
    // Where this fails the client has left, or the host has told it.
    let _ = OutgoingBody::finish(body, None);
}

/// Whether a response with this status has no body (RFC 9112 6.3, RFC 9110 15.3.6).
fn is_without_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// The header fields, with the length of the body. What hosts set themselves, such as Connection, they refuse: these fields
/// are left out.
fn fields(response: &Response) -> Fields {
    let text = |(name, value): (&str, &[u8])| (name.to_string(), value.to_vec());
    let mut headers: Vec<_> = response.headers.iter().map(text).collect();
    if !matches!(response.status, 204 | 304) {
        let length = if response.status == 205 { 0 } else { response.body.len() };
        headers.push(("content-length".to_string(), length.to_string().into_bytes()));
    }
    Fields::from_list(&headers).unwrap_or_else(|_| {
        let fields = Fields::new();
        for (name, value) in &headers {
            if fields.append(name, value).is_err() {
                log(&format!("left out the header {name}, which the host does not take\n"));
            }
        }
        fields
    })
}

fn write(stream: &OutputStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let room = match stream.check_write() {
            Ok(0) => {
                stream.subscribe().block();
                continue;
            }
            Ok(room) => usize::try_from(room).unwrap_or(usize::MAX),
            // The client has left.
            Err(_) => return,
        };
        let (part, rest) = bytes.split_at(room.min(bytes.len()));
        if stream.write(part).is_err() {
            return;
        }
        bytes = rest;
    }
    let _ = stream.flush();
}

/// Writes to the host's log: its standard error. What it does not take is lost, as with any log.
pub fn log(text: &str) {
    log_bytes(text.as_bytes());
}

/// As [`log`], for what the interpreter writes.
pub fn log_bytes(bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let stream = wasip2::cli::stderr::get_stderr();
    for part in bytes.chunks(MOST_WRITTEN) {
        if stream.blocking_write_and_flush(part).is_err() {
            return;
        }
    }
}
