//! A connection to what speaks HTTP, as the guest sees it: it writes requests and reads responses of HTTP/1.1, and the host
//! sends each request as it likes. Nothing is connected before there is one.
//!
//! - `request`: a request as it was written, and the sending of it
//! - `response`: a response as the guest reads it

mod request;
mod response;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use wagi_contract::network::Host;
use wasip2::http::types::FutureIncomingResponse;
use wasip2::io::poll::Pollable;
use wasip2::sockets::tcp::ShutdownType;

use super::Failed;
use super::socket::Interest;
use crate::errno::{Errno, Result};
use request::{Head, Sending};
use response::Receiving;

/// How much of what was written is kept until the host takes it, in bytes: the head of a request is not longer.
const MOST_WRITTEN: usize = 256 << 10;

/// What is connected to.
#[derive(Clone)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Whether by TLS.
    pub is_secure: bool,
}

impl Endpoint {
    /// As a URL has it: without the port that its scheme stands for.
    fn authority(&self) -> String {
        let is_default = self.port == if self.is_secure { 443 } else { 80 };
        if is_default { alloc::format!("{}", self.host) } else { alloc::format!("{self}") }
    }

    /// Whether the Host field of a request is this one's.
    fn is_named(&self, field: &[u8]) -> bool {
        let field = core::str::from_utf8(field).unwrap_or_default();
        let is = |name: &str| name.eq_ignore_ascii_case(field);
        is(&self.authority()) || is(&alloc::format!("{self}"))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Such a connection.
pub struct Http {
    endpoint: Endpoint,
    /// What was written and not taken yet.
    written: Buffer,
    /// What can be read.
    readable: Buffer,
    stage: Stage,
    is_used: bool,
    /// Whether no more responses come.
    has_ended: bool,
    failed: Option<Failed>,
}

/// How far a request is.
enum Stage {
    /// There is none.
    Idle,
    /// The host is given its body.
    Sending(Sending),
    /// The host has all of it.
    Waiting(FutureIncomingResponse, About),
    /// The response is read.
    Receiving(Receiving),
}

/// What of a request decides how its response is written.
#[derive(Clone, Copy)]
struct About {
    is_head: bool,
    /// Whether the client knows no chunks: HTTP/1.0.
    is_old: bool,
    /// Whether it is the last of the connection.
    closes: bool,
}

impl Http {
    /// A connection that nothing has been sent over.
    pub fn new(endpoint: Endpoint) -> Self {
        let (written, readable) = (Buffer::default(), Buffer::default());
        Self { endpoint, written, readable, stage: Stage::Idle, is_used: false, has_ended: false, failed: None }
    }

    /// Whether something was sent.
    pub fn is_used(&self) -> bool {
        self.is_used
    }

    /// Writes what goes; `None` where the host takes no more for now.
    pub fn write(&mut self, bytes: &[u8]) -> Result<Option<usize>, Failed> {
        self.check()?;
        if self.has_ended {
            return Err(Failed::new(Errno::Pipe, "the connection has ended".into()));
        }
        self.advance()?;
        let room = MOST_WRITTEN.saturating_sub(self.written.rest().len());
        if room == 0 && !bytes.is_empty() {
            return match self.stage {
                Stage::Sending(_) => Ok(None),
                _ => Err(self.fail(protocol(
                    "the head of a request is too long, or more requests were sent than responses read",
                ))),
            };
        }
        let part = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.is_used |= !part.is_empty();
        self.written.push(part);
        self.advance()?;
        Ok(Some(part.len()))
    }

    /// Reads what is there: nothing at the end; `None` where nothing is there yet.
    pub fn read(&mut self, most: usize, peeked: bool) -> Result<Option<Vec<u8>>, Failed> {
        if most == 0 {
            return Ok(Some(Vec::new()));
        }
        loop {
            let there = self.readable.rest();
            if !there.is_empty() {
                let part = there.get(..most.min(there.len())).unwrap_or_default().to_vec();
                if !peeked {
                    self.readable.consume(part.len());
                }
                return Ok(Some(part));
            }
            self.check()?;
            match &mut self.stage {
                Stage::Idle if self.has_ended => return Ok(Some(Vec::new())),
                Stage::Idle => return Ok(None),
                Stage::Sending(_) | Stage::Waiting(..) => {
                    if !self.look()? {
                        return Ok(None);
                    }
                }
                Stage::Receiving(receiving) => match receiving.read(&mut self.readable) {
                    Ok(Some(())) => self.settle()?,
                    Ok(None) => return Ok(None),
                    Err(errno) => {
                        let why = alloc::format!("{} ended the connection", self.endpoint);
                        return Err(self.fail(Failed::new(errno, why)));
                    }
                },
            }
        }
    }

    /// What tells that the response to a request comes, of which the host has all.
    pub fn awaited(&self) -> Option<Pollable> {
        if let Stage::Waiting(response, _) = &self.stage { Some(response.subscribe()) } else { None }
    }

    /// Takes the response, if it has come.
    pub fn look(&mut self) -> Result<bool, Failed> {
        let (response, about) = match &self.stage {
            Stage::Waiting(response, about) => (response.get(), *about),
            // It may come before the host has the whole request, and is the last then.
            Stage::Sending(sending) => (sending.response.get(), About { closes: true, ..sending.about }),
            Stage::Idle | Stage::Receiving(_) => return Ok(true),
        };
        let Some(response) = response else { return Ok(false) };
        let receiving = match response {
            Ok(Ok(response)) => Receiving::begin(response, about, &mut self.readable),
            Ok(Err(code)) => return Err(self.fail(Failed::of_request(&code, &self.endpoint))),
            Err(()) => None,
        };
        let Some(receiving) = receiving else {
            return Err(self.fail(protocol("the host of this component gives no response")));
        };
        self.stage = Stage::Receiving(receiving);
        self.settle()?;
        Ok(true)
    }

    /// Goes on to the next request, if the response was received.
    fn settle(&mut self) -> Result<(), Failed> {
        match &self.stage {
            Stage::Receiving(receiving) if receiving.is_whole() => {
                self.has_ended |= receiving.is_last();
                self.stage = Stage::Idle;
                self.advance()
            }
            _ => Ok(()),
        }
    }

    /// Gives the host what it takes of what was written.
    fn advance(&mut self) -> Result<(), Failed> {
        loop {
            let step = match &mut self.stage {
                Stage::Idle => match Head::parse(self.written.rest()) {
                    Ok(None) => return Ok(()),
                    Ok(Some((head, size))) => {
                        let begun = head.send(&self.endpoint, &mut self.readable);
                        self.written.consume(size);
                        begun.map(|sending| self.stage = Stage::Sending(sending))
                    }
                    Err(why) => Err(why),
                },
                Stage::Sending(sending) => match sending.feed(&mut self.written) {
                    Ok(false) => return Ok(()),
                    Ok(true) => {
                        let Stage::Sending(sending) = core::mem::replace(&mut self.stage, Stage::Idle) else {
                            return Ok(());
                        };
                        sending.finish().map(|(response, about)| self.stage = Stage::Waiting(response, about))
                    }
                    Err(why) => {
                        // The host says more of it.
                        match sending.response.get() {
                            Some(Ok(Err(code))) => Err(Failed::of_request(&code, &self.endpoint)),
                            _ => Err(why),
                        }
                    }
                },
                Stage::Waiting(..) | Stage::Receiving(_) => return Ok(()),
            };
            step.map_err(|failed| self.fail(failed))?;
        }
    }

    fn check(&self) -> Result<(), Failed> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, failed: Failed) -> Failed {
        self.stage = Stage::Idle;
        self.failed = Some(failed.clone());
        failed
    }

    /// Ends one or both directions.
    pub fn shut_down(&mut self, how: ShutdownType) {
        if how != ShutdownType::Send {
            self.stage = Stage::Idle;
            self.has_ended = true;
        }
    }

    /// How many bytes can be read without waiting.
    pub fn pending(&self) -> usize {
        self.readable.rest().len()
    }

    /// Whether it is ready for `interest`.
    pub fn is_ready(&self, interest: Interest) -> bool {
        match (interest, &self.stage) {
            _ if self.failed.is_some() => true,
            (Interest::Write, Stage::Sending(_)) if self.written.rest().len() >= MOST_WRITTEN => {
                self.source(interest).is_none_or(|source| source.ready())
            }
            (Interest::Write, _) => true,
            (Interest::Read, _) if self.has_ended || !self.readable.rest().is_empty() => true,
            (Interest::Read, _) => self.source(interest).is_some_and(|source| source.ready()),
        }
    }

    /// What has to be waited for until it may be ready for `interest`.
    pub fn source(&self, interest: Interest) -> Option<Pollable> {
        match (interest, &self.stage) {
            (_, Stage::Idle) => None,
            (Interest::Write, Stage::Sending(sending)) => sending.source(),
            (Interest::Write, _) => None,
            (Interest::Read, Stage::Sending(sending)) => Some(sending.response.subscribe()),
            (Interest::Read, Stage::Waiting(response, _)) => Some(response.subscribe()),
            (Interest::Read, Stage::Receiving(receiving)) => Some(receiving.source()),
        }
    }
}

/// A failure of the script's: what it sends is nothing that can be sent. It is logged, as Python sees the number alone.
fn protocol(why: &str) -> Failed {
    Failed::logged(Errno::Protocol, why.into())
}

/// Bytes that are added at the end and taken at the beginning.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    taken: usize,
}

impl Buffer {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 && self.taken * 2 >= self.bytes.len() {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn consume(&mut self, size: usize) {
        self.taken = self.bytes.len().min(self.taken + size);
    }
}
