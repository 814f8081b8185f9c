//! What the answering thread is told besides requests, so that what it prints comes one after another.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::head::Refusal;

/// What the answering thread is told besides requests.
pub enum Event {
    /// A request was refused.
    Refused(Refused),
    /// No connection can be accepted.
    Trouble(io::Error),
}

/// A request that the server itself answered.
#[derive(Debug)]
pub struct Refused {
    /// The method, as sent.
    pub method: String,
    /// The request target, as sent.
    pub target: String,
    /// The answer.
    pub refusal: Refusal,
}

/// The way to the answering thread for what is no request.
#[derive(Clone)]
pub struct Events {
    /// What it is told.
    pub sender: Sender<Event>,
    /// What it waits for instead.
    pub server: Arc<tiny_http::Server>,
}

impl Events {
    /// Tells the answering thread, and wakes it.
    pub fn tell(&self, event: Event) {
        // Sending fails only when the answering thread is gone, and the process with it.
        let _ = self.sender.send(event);
        self.server.unblock();
    }
}
