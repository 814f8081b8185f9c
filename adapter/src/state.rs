//! What one request holds.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use wasip2::clocks::monotonic_clock;
use wasip2::http::types::ResponseOutparam;

use crate::files::Files;
use crate::guest::Once;
use crate::network::Network;

/// The state of the one request of this instance.
#[derive(Default)]
pub struct State {
    is_used: bool,
    /// Where the answer goes, until it is given.
    pub out: Option<ResponseOutparam>,
    /// The method and the path, for the log.
    pub about: String,
    /// Whether the method is HEAD.
    pub is_head: bool,
    /// When it came, on the host's monotonic clock.
    pub started: u64,
    /// What standard input has.
    pub input: Input,
    /// What was written to standard output.
    pub output: Vec<u8>,
    /// The files that the interpreter sees, and its descriptors.
    pub files: Files,
    /// The network, if its route has one.
    pub network: Option<Network>,
}

impl State {
    /// Begins a request; false where this instance has had one.
    pub fn begin(&mut self, out: ResponseOutparam) -> bool {
        if self.is_used {
            return false;
        }
        self.is_used = true;
        self.out = Some(out);
        self.started = monotonic_clock::now();
        true
    }
}

/// Standard input: the message of the request, then its body.
#[derive(Default)]
pub struct Input {
    message: Vec<u8>,
    body: Bytes,
    read: usize,
}

impl Input {
    /// The input of a request.
    pub fn new(message: Vec<u8>, body: Bytes) -> Self {
        Self { message, body, read: 0 }
    }

    /// What comes next: not always all that is left.
    pub fn rest(&self) -> &[u8] {
        match self.message.get(self.read..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => self.body.get(self.read.saturating_sub(self.message.len())..).unwrap_or_default(),
        }
    }

    /// Notes that so many bytes of it were read.
    pub fn advance(&mut self, bytes: usize) {
        self.read += bytes;
    }
}

/// Lends the state. It is not there for `then` to borrow again.
pub fn with<R>(then: impl FnOnce(&mut State) -> R) -> R {
    static STATE: Once<State> = Once::new();
    STATE.with(then)
}
