//! What a run did in the network, for the log and the inspector.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

use crate::size;

/// How many connections of a run are kept.
const MOST: usize = 100;

/// A connection, or one that was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connected {
    /// The name that was asked for, or the address, and the port.
    pub to: String,
    /// The address and port that it led to.
    pub address: Option<String>,
    /// Why it was not made.
    pub error: Option<String>,
    /// How many bytes were sent.
    pub sent: u64,
    /// How many bytes were received.
    pub received: u64,
    /// How long it took to connect.
    #[serde(serialize_with = "milliseconds", rename = "connecting_ms")]
    pub connecting: Duration,
    /// From then to its end.
    #[serde(serialize_with = "milliseconds", rename = "open_ms")]
    pub open: Duration,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64() * 1e3)
}

impl fmt::Display for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, address, error, sent, received, connecting, open } = self;
        let ms = |time: &Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        let address = address.as_ref().filter(|address| *address != to);
        let address = address.map_or_else(String::new, |address| format!(" ({address})"));
        match error {
            Some(why) => write!(f, "no connection to {to}{address} after {}: {why}", ms(connecting)),
            None => write!(
                f,
                "connected to {to}{address} in {}, open for {}, sent {}, received {}",
                ms(connecting),
                ms(open),
                size::shown(*sent),
                size::shown(*received)
            ),
        }
    }
}

/// The connections of a run, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// The first of them.
    pub kept: Vec<Connected>,
    /// How many more there were.
    pub left_out: usize,
}

impl Connections {
    /// A line for each of the first, and one for the others.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        const MOST: usize = 10;
        let more = self.left_out + self.kept.len().saturating_sub(MOST);
        let more = (more > 0).then(|| format!("and {more} more connections"));
        self.kept.iter().take(MOST).map(ToString::to_string).chain(more)
    }
}

/// Notes the connections of a run.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Connections>>);

impl Journal {
    /// Notes a connection.
    pub fn note(&self, connected: Connected) {
        let mut notes = self.notes();
        if notes.kept.len() < MOST {
            notes.kept.push(connected);
        } else {
            notes.left_out += 1;
        }
    }

    /// Takes what was noted.
    pub fn take(&self) -> Connections {
        std::mem::take(&mut self.notes())
    }

    /// Notes a connection when it ends.
    pub fn entry(&self, to: String, address: Option<String>) -> Entry {
        let connected = Connected {
            to,
            address,
            error: None,
            sent: 0,
            received: 0,
            connecting: Duration::ZERO,
            open: Duration::ZERO,
        };
        Entry { sent: 0, received: 0, connected, asked: Instant::now(), begun: None, journal: self.clone() }
    }

    fn notes(&self) -> MutexGuard<'_, Connections> {
        // After a panic the notes are still true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, which is noted when it ends.
pub struct Entry {
    /// How many bytes were sent.
    pub sent: u64,
    /// How many bytes were received.
    pub received: u64,
    connected: Connected,
    asked: Instant,
    begun: Option<Instant>,
    journal: Journal,
}

impl Entry {
    /// The connection is there.
    pub fn begin(&mut self) {
        self.begun = Some(Instant::now());
    }

    /// It is not to be.
    pub fn fail(&mut self, why: &str) {
        self.connected.error = Some(why.to_owned());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let Self { sent, received, connected, asked, begun, journal } = self;
        let now = Instant::now();
        journal.note(Connected {
            sent: *sent,
            received: *received,
            connecting: begun.unwrap_or(now).saturating_duration_since(*asked),
            open: begun.map_or(Duration::ZERO, |begun| now.saturating_duration_since(begun)),
            ..connected.clone()
        });
    }
}
