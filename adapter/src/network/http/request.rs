//! A request, as a client writes it and as the host takes it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use httparse::Status;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{Fields, FutureIncomingResponse, HeaderError, Method, OutgoingBody, OutgoingRequest, Scheme};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::OutputStream;

use super::{About, Buffer, Endpoint, Failed, protocol};
use crate::http;

/// The most fields of a request.
const MOST_FIELDS: usize = 256;

/// The longest line that begins a chunk, in bytes.
const LONGEST_LINE: usize = 4096;

/// Fields that are of the connection, or that the host makes itself.
const OF_CONNECTION: [&str; 8] =
    ["host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "expect"];

/// The head of a request.
pub struct Head {
    method: String,
    target: String,
    fields: Vec<(String, Vec<u8>)>,
    host: Option<Vec<u8>>,
    rest: Rest,
    waits_for_continue: bool,
    about: About,
}

/// What is still to come of a body.
#[derive(Clone, Copy)]
enum Rest {
    Length(u64),
    Chunks(Chunk),
}

/// Where in the chunks of a body one is (RFC 9112, 7.1).
#[derive(Clone, Copy)]
enum Chunk {
    /// Before the line with its length.
    Line,
    /// In its content, of which this much comes.
    Content(u64),
    /// Behind its content.
    End,
    /// In the fields after the last one.
    Trailer,
    /// Behind all.
    Done,
}

impl Head {
    /// Reads the head that `bytes` begin with, and says how long it is; `None` where it is not there as a whole.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Failed> {
        let mut fields = vec![httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let what = "what was sent is no request of HTTP/1.1, and over an `http` or `https` entry of allowed_hosts, and over TLS, a component sends nothing else";
        let size = match request.parse(bytes).map_err(|_| protocol(what))? {
            Status::Complete(size) => size,
            Status::Partial => return Ok(None),
        };
        let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
        if method == "CONNECT" || !target.starts_with('/') {
            return Err(protocol("a component sends no requests to a proxy: connect to the host itself"));
        }
        let is_old = request.version == Some(0);
        let mut head = Self {
            method: method.to_string(),
            target: target.to_string(),
            fields: Vec::new(),
            host: None,
            rest: Rest::Length(0),
            waits_for_continue: false,
            about: About { is_head: method == "HEAD", is_old, closes: is_old },
        };
        for field in request.headers.iter() {
            head.read(field.name, field.value)?;
        }
        Ok(Some((head, size)))
    }

    fn read(&mut self, name: &str, value: &[u8]) -> Result<(), Failed> {
        let name = name.to_ascii_lowercase();
        let text = core::str::from_utf8(value).unwrap_or_default().trim();
        match name.as_str() {
            "host" => self.host = Some(value.to_vec()),
            "connection" => {
                let has = |word: &str| text.split(',').any(|one| one.trim().eq_ignore_ascii_case(word));
                self.about.closes = has("close") || (self.about.is_old && !has("keep-alive"));
            }
            "content-length" => {
                let length = text.parse().map_err(|_| protocol("the length of a request is no number"))?;
                if !matches!(self.rest, Rest::Chunks(_)) {
                    self.rest = Rest::Length(length);
                }
            }
            "transfer-encoding" if text.eq_ignore_ascii_case("chunked") => self.rest = Rest::Chunks(Chunk::Line),
            "transfer-encoding" => return Err(protocol("a component sends no body in another coding than chunked")),
            "upgrade" => {
                return Err(protocol("a component cannot go on from HTTP to another protocol, such as WebSocket"));
            }
            "expect" => self.waits_for_continue = text.eq_ignore_ascii_case("100-continue"),
            _ => {}
        }
        if !OF_CONNECTION.contains(&name.as_str()) {
            self.fields.push((name, value.to_vec()));
        }
        Ok(())
    }

    /// Has the host send it.
    pub fn send(self, endpoint: &Endpoint, readable: &mut Buffer) -> Result<Sending, Failed> {
        if let Some(host) = self.host.filter(|host| !endpoint.is_named(host)) {
            let host = String::from_utf8_lossy(&host);
            return Err(protocol(&format!(
                "a component cannot ask {endpoint} for {host}: the Host field is to be that of the connection"
            )));
        }
        let request = OutgoingRequest::new(fields(&self.fields)?);
        let scheme = if endpoint.is_secure { Scheme::Https } else { Scheme::Http };
        let set = request.set_method(&method(self.method)).is_ok()
            && request.set_path_with_query(Some(&self.target)).is_ok()
            && request.set_scheme(Some(&scheme)).is_ok()
            && request.set_authority(Some(&endpoint.authority())).is_ok();
        let refused =
            || protocol("the host of this component does not take the method, the path or the host of a request");
        let body = request.body().ok().filter(|_| set).ok_or_else(refused)?;
        let stream = body.write().map_err(|()| refused())?;
        let response = outgoing_handler::handle(request, None).map_err(|code| Failed::of_request(&code, endpoint))?;
        if self.waits_for_continue && !matches!(self.rest, Rest::Length(0)) {
            readable.push(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        Ok(Sending { stream: Some(stream), body, response, rest: self.rest, about: self.about })
    }
}

fn fields(known: &[(String, Vec<u8>)]) -> Result<Fields, Failed> {
    let fields = Fields::new();
    for (name, value) in known {
        match fields.append(name, value) {
            Ok(()) => {}
            Err(HeaderError::Forbidden) => {
                http::log(&format!("left out the field {name} of a request, which the host does not take\n"));
            }
            Err(_) => return Err(protocol(&format!("the host of this component does not take the field {name}"))),
        }
    }
    Ok(fields)
}

fn method(name: String) -> Method {
    match name.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        _ => Method::Other(name),
    }
}

/// A request whose body the host is given. The stream is dropped before the body, whose it is.
pub struct Sending {
    stream: Option<OutputStream>,
    body: OutgoingBody,
    /// The response to it.
    pub response: FutureIncomingResponse,
    rest: Rest,
    /// How its response is written.
    pub about: About,
}

impl Sending {
    /// Gives the host what it takes of `written`; says whether that was all of the body.
    pub fn feed(&mut self, written: &mut Buffer) -> Result<bool, Failed> {
        loop {
            self.rest = match self.rest {
                Rest::Length(0) | Rest::Chunks(Chunk::Done) => return Ok(true),
                Rest::Length(left) => match self.give(written, left)? {
                    0 => return Ok(false),
                    given => Rest::Length(left - given),
                },
                Rest::Chunks(Chunk::Content(0)) => Rest::Chunks(Chunk::End),
                Rest::Chunks(Chunk::Content(left)) => match self.give(written, left)? {
                    0 => return Ok(false),
                    given => Rest::Chunks(Chunk::Content(left - given)),
                },
                Rest::Chunks(place) => match line(written)? {
                    None => return Ok(false),
                    Some(line) => Rest::Chunks(place.after(&line)?),
                },
            };
        }
    }

    /// Gives the host up to `most` bytes; says how many it took.
    fn give(&mut self, written: &mut Buffer, most: u64) -> Result<u64, Failed> {
        let gone = || protocol("the host of this component takes no more of a request");
        let stream = self.stream.as_ref().ok_or_else(gone)?;
        let room = stream.check_write().map_err(|_| gone())?.min(most);
        let there = written.rest();
        let part = there.get(..there.len().min(usize::try_from(room).unwrap_or(usize::MAX))).unwrap_or_default();
        if !part.is_empty() {
            stream.write(part).map_err(|_| gone())?;
        }
        let given = part.len();
        written.consume(given);
        Ok(given as u64)
    }

    /// Ends the body.
    pub fn finish(mut self) -> Result<(FutureIncomingResponse, About), Failed> {
        if let Some(stream) = self.stream.take() {
            let _ = stream.flush();
        }
        OutgoingBody::finish(self.body, None)
            .map_err(|_| protocol("the host of this component did not take the body of a request"))?;
        Ok((self.response, self.about))
    }

    /// What has to be waited for until the host takes more.
    pub fn source(&self) -> Option<Pollable> {
        self.stream.as_ref().map(OutputStream::subscribe)
    }
}

impl Chunk {
    /// Where one is after a line.
    fn after(self, line: &[u8]) -> Result<Self, Failed> {
        match self {
            Self::Line => {
                let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
                let digits = core::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'));
                match digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
                    Some(0) => Ok(Self::Trailer),
                    Some(length) => Ok(Self::Content(length)),
                    None => Err(protocol("the length of a chunk is no number")),
                }
            }
            Self::End if line.is_empty() => Ok(Self::Line),
            Self::Trailer if line.is_empty() => Ok(Self::Done),
            // Hosts differ in whether they send these fields.
            Self::Trailer => Ok(Self::Trailer),
            _ => Err(protocol("a chunk is longer than it says")),
        }
    }
}

/// Takes a line, without its end; `None` where it is not there as a whole.
fn line(written: &mut Buffer) -> Result<Option<Vec<u8>>, Failed> {
    let rest = written.rest();
    let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else {
        return if rest.len() > LONGEST_LINE { Err(protocol("the line of a chunk is too long")) } else { Ok(None) };
    };
    let line = rest.get(..end).unwrap_or_default().to_vec();
    written.consume(end + 2);
    Ok(Some(line))
}
