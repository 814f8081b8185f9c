//! The last requests of a server with their answers, for the inspector.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::guest::{Connections, Start};
use crate::pipeline::{Outcome, Timings};
use crate::recording::Id;
use crate::request::{Headers, Request};
use crate::response::Response;

use super::Report;

/// How many requests are kept, and how many bytes they may have together.
const MOST: usize = 500;
const MOST_BYTES: usize = 32 << 20;

/// How much is kept of a body and of what was written to standard error, in bytes.
pub const MOST_OF_BODY: usize = 1 << 20;

/// What a request takes besides its texts, in bytes, roughly.
const ENTRY: usize = 1 << 10;

/// The same for a connection.
const CONNECTION: usize = 256;

/// The number of a request: those of a run of `dev` are counted from 1.
pub type Number = u64;

/// A request, its answer and how it came about.
#[derive(Debug)]
pub struct Entry {
    /// Its number.
    pub id: Number,
    /// When it began.
    pub began: Timestamp,
    /// How long it took until its answer was handed over.
    pub elapsed: Duration,
    /// The request. Its body may be cut.
    pub request: Request,
    /// The size of the request's body.
    pub request_size: usize,
    /// The answer. Its body may be cut; that of an answer to HEAD is what GET would get.
    pub response: Response,
    /// The size of the answer's body.
    pub response_size: usize,
    /// Why the answer could not be sent.
    pub send_error: Option<String>,
    /// The route that matched.
    pub route: Option<String>,
    /// The module that ran.
    pub module: Option<PathBuf>,
    /// From what the guest started, if one ran.
    pub start: Option<Start>,
    /// How long each step took.
    pub timings: Timings,
    /// What the guest was given, where it is known.
    pub given: Option<Given>,
    /// What the guest wrote to standard error. It may be cut.
    pub stderr: Bytes,
    /// What the guest did in the network.
    pub connections: Connections,
    /// What is wrong with the answer but stops nothing.
    pub warnings: Vec<String>,
    /// How the guest failed, on one line.
    pub failure: Option<String>,
    /// What is known of a failure, and of an answer that pywagi itself gave.
    pub report: Option<Box<Report>>,
    /// The ID of the recording, for `pywagi replay`.
    pub recording: Option<Id>,
    /// Whether a replay of it can stand still at its lines, and answer at prompts.
    pub has_prompts: bool,
    /// The request that was sent again.
    pub again_of: Option<Number>,
}

/// What a guest was given besides its standard input.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment.
    pub environment: Vec<(String, String)>,
}

impl Entry {
    /// A request that was answered with `outcome`, and what is known of it by that alone.
    pub fn new(request: Request, outcome: Outcome, began: Timestamp, elapsed: Duration) -> Self {
        Self {
            id: 0,
            began,
            elapsed,
            request_size: request.body.len(),
            request,
            response_size: outcome.response.body.len(),
            response: outcome.response,
            send_error: None,
            route: outcome.route,
            module: outcome.module,
            start: outcome.start,
            timings: outcome.timings,
            given: None,
            stderr: outcome.stderr.into(),
            connections: outcome.connections,
            warnings: outcome.warnings,
            failure: outcome.failure.as_ref().map(ToString::to_string),
            report: None,
            recording: None,
            has_prompts: false,
            again_of: None,
        }
    }

    /// Whether the script failed, or the server did, by the status of the answer.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some() || self.response.status >= 500
    }

    /// Path and query.
    pub fn target(&self) -> String {
        self.request.target()
    }

    /// Cuts what is too long.
    fn cut(&mut self) {
        for bytes in [&mut self.request.body, &mut self.response.body, &mut self.stderr] {
            // A copy, since a part would keep the whole, and what it has room for.
            *bytes = Bytes::copy_from_slice(bytes.get(..MOST_OF_BODY).unwrap_or(bytes));
        }
    }

    /// How much memory it takes, roughly, in bytes.
    fn size(&self) -> usize {
        let fields =
            |headers: &Headers| headers.iter().map(|(name, value)| name.len() + value.len() + 48).sum::<usize>();
        let given = self.given.as_ref().map_or(0, |given| {
            let arguments = given.arguments.iter().map(|argument| argument.len() + 24).sum::<usize>();
            arguments + given.environment.iter().map(|(name, value)| name.len() + value.len() + 48).sum::<usize>()
        });
        let report = self.report.as_ref().map_or(0, |report| report.size());
        let texts = self.warnings.iter().chain(&self.failure).chain(&self.route).map(|text| text.len() + 24);
        let connections = self.connections.kept.len() * CONNECTION;
        let bodies = self.request.body.len() + self.response.body.len() + self.stderr.len();
        let request = self.request.path.len() + self.request.query.as_ref().map_or(0, String::len);
        let heads = request + fields(&self.request.headers) + fields(&self.response.headers);
        ENTRY + bodies + connections + heads + given + report + texts.sum::<usize>()
    }
}

/// Requests, the oldest first.
#[derive(Debug)]
pub struct Store {
    started: Timestamp,
    entries: VecDeque<(Entry, usize)>,
    bytes: usize,
    last: Number,
}

impl Store {
    /// When it was made, which tells the numbers of one run from those of another.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// The number that the next request gets.
    pub fn next(&self) -> Number {
        self.last.saturating_add(1)
    }

    /// The number of the newest request; 0 before the first.
    pub fn last(&self) -> Number {
        self.last
    }

    /// Keeps a request with its body cut, and drops the oldest ones if there is no room. Gives it its number, and returns
    /// that.
    pub fn keep(&mut self, mut entry: Entry) -> Number {
        self.last = self.next();
        entry.id = self.last;
        entry.cut();
        let size = entry.size();
        self.bytes += size;
        self.entries.push_back((entry, size));
        while self.entries.len() > MOST || self.bytes > MOST_BYTES && self.entries.len() > 1 {
            let Some((_, size)) = self.entries.pop_front() else { break };
            self.bytes -= size;
        }
        self.last
    }

    /// The request of this number, if it is still kept.
    pub fn get(&self, id: Number) -> Option<&Entry> {
        // Numbers are given in a row.
        let first = self.entries.front()?.0.id;
        let index = usize::try_from(id.checked_sub(first)?).ok()?;
        self.entries.get(index).map(|(entry, _)| entry)
    }

    /// All requests, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev().map(|(entry, _)| entry)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { started: Timestamp::now(), entries: VecDeque::new(), bytes: 0, last: 0 }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A request of nothing in particular.
    pub fn entry(request: Request) -> Entry {
        Entry {
            id: 0,
            began: Timestamp::from_second(1_700_000_000).expect("in range"),
            elapsed: Duration::from_millis(2),
            request_size: request.body.len(),
            request,
            response: Response::plain(200, "answer"),
            response_size: 6,
            send_error: None,
            route: Some("/...".to_owned()),
            module: None,
            start: Some(Start::Warm),
            timings: Timings::default(),
            given: None,
            stderr: Bytes::new(),
            connections: Connections::default(),
            warnings: Vec::new(),
            failure: None,
            report: None,
            recording: None,
            has_prompts: false,
            again_of: None,
        }
    }

    #[test]
    fn the_oldest_make_room_by_number_and_by_size() {
        let mut store = Store::default();
        assert_eq!((store.next(), store.last()), (1, 0));
        let of = |target: &str| entry(Request::new("GET", target));
        for _ in 0..MOST {
            store.keep(of("/"));
        }
        assert_eq!((store.newest().count(), store.get(1).map(|entry| entry.id)), (MOST, Some(1)));
        assert_eq!(store.keep(of("/new")), MOST as u64 + 1);
        assert_eq!(store.get(1).map(|entry| entry.id), None);
        assert_eq!(store.get(store.last()).map(Entry::target).as_deref(), Some("/new"));
        assert_eq!((store.get(0).is_none(), store.get(store.next()).is_none()), (true, true));

        let large = || Entry { stderr: vec![0; MOST_OF_BODY + 1].into(), ..of("/large") };
        let count = MOST_BYTES / MOST_OF_BODY;
        for _ in 0..count {
            store.keep(large());
        }
        assert_eq!(store.newest().count(), count - 1);
        assert!(store.newest().all(|entry| entry.stderr.len() == MOST_OF_BODY));
        assert!(store.bytes <= MOST_BYTES);
        let sizes: usize = store.entries.iter().map(|(entry, _)| entry.size()).sum();
        assert_eq!(store.bytes, sizes);
    }

    #[test]
    fn a_request_larger_than_all_room_is_kept_alone() {
        let mut store = Store::default();
        store.keep(entry(Request::new("GET", "/")));
        let warnings = vec!["w".repeat(MOST_BYTES)];
        let id = store.keep(Entry { warnings, ..entry(Request::new("GET", "/")) });
        assert_eq!(store.newest().map(|entry| entry.id).collect::<Vec<_>>(), [id]);
    }
}
