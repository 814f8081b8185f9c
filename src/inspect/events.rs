//! Tells clients of requests as they are kept: server-sent events, as pages and `curl -N` read them.

use std::sync::mpsc::{self, Receiver, SyncSender};

use bytes::Bytes;
use serde::Serialize;

use crate::response::Response;
use crate::terminal::rfc3339;

use super::api;
use super::store::{Entry, Store};

/// How many events wait for a client that takes them slowly. It is left then, and may ask again.
const MOST_WAITING: usize = 64;

/// What a browser is told: how long to wait before it connects anew, in milliseconds.
const RETRY: u32 = 1000;

/// The clients that follow.
#[derive(Debug, Default)]
pub struct Followers(Vec<SyncSender<Bytes>>);

impl Followers {
    /// One more client, which is told first where `store` is; what it is told from now on.
    pub fn add(&mut self, store: &Store) -> Receiver<Bytes> {
        // A comment, by which those are found that have left.
        self.tell(|| Bytes::from_static(b":\n\n"));
        let (sender, events) = mpsc::sync_channel(MOST_WAITING);
        let start = Start { started: rfc3339(store.started()), last: store.last() };
        // It has room.
        let _ = sender.try_send(format!("retry: {RETRY}\n{}", event("start", &start)).into());
        self.0.push(sender);
        events
    }

    /// Tells all of a request that is kept.
    pub fn kept(&mut self, entry: &Entry) {
        self.tell(|| event("request", &api::summary(entry)).into());
    }

    fn tell(&mut self, event: impl FnOnce() -> Bytes) {
        if !self.0.is_empty() {
            let event = event();
            self.0.retain(|follower| follower.try_send(event.clone()).is_ok());
        }
    }
}

/// The answer that the events follow.
pub fn response() -> Response {
    super::page(200, "text/event-stream", "")
}

#[derive(Serialize)]
struct Start {
    /// When the server began to count.
    started: String,
    /// The number of the newest request.
    last: super::Number,
}

fn event(name: &str, data: &impl Serialize) -> String {
    // Every key is a string, so that it cannot fail; JSON has no line ends in it.
    format!("event: {name}\ndata: {}\n\n", serde_json::to_string(data).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::entry;
    use super::*;
    use crate::request::Request;

    #[test]
    fn a_client_that_left_or_takes_too_little_is_told_no_more() {
        let (mut followers, store) = (Followers::default(), Store::default());
        drop(followers.add(&store));
        let (slow, quick) = (followers.add(&store), followers.add(&store));
        assert_eq!(followers.0.len(), 2);
        let start = quick.try_recv().expect("the first event");
        assert!(start.starts_with(b"retry: 1000\nevent: start\ndata: {\"started\":\""), "{start:?}");
        for _ in 0..MOST_WAITING {
            followers.kept(&entry(Request::new("GET", "/a?b\n\"c\"")));
            let event = String::from_utf8(quick.try_recv().expect("an event").to_vec()).expect("text");
            assert!(event.starts_with("event: request\ndata: {\"id\":0,") && event.ends_with("}\n\n"), "{event}");
            assert!(event.contains("\"target\":\"/a?b\\n\\\"c\\\"\"") && event.lines().count() == 3, "{event}");
        }
        assert_eq!((followers.0.len(), slow.iter().count()), (1, MOST_WAITING));
    }
}
