//! The table of connections: how many there may be, what each waits for, and which is evicted when another needs its slot.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// Bytes that a client must send or take to count as active again. Clients that trickle are evicted like idle ones.
const PROGRESS: usize = 16 << 10;

/// How often a new connection looks again for one that can be evicted.
const RETRY: Duration = Duration::from_millis(20);

/// How long a connection waits for its client before it may be evicted: longer than an active client takes, even on a
/// busy machine.
pub const EVICTABLE_AFTER: Duration = Duration::from_millis(500);

/// So many connections at the same time are a burst, which leaves free memory behind.
const BURST: usize = 16;

/// What a connection does. Eviction prefers the first of these: a request can be repeated, half an answer cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It waits for a request, or for the client to close.
    Idle,
    /// It reads a request.
    Receiving,
    /// It sends an answer.
    Sending,
    /// Its request is queued or answered. It does not wait for its client and is not evicted.
    Answering,
    /// It was evicted and is about to end.
    Evicted,
}

/// How long the reads of a connection wait for the client.
#[derive(Clone, Copy)]
pub enum Timeout {
    /// All reads together, until then.
    Until(Instant),
    /// Each read.
    Each(Duration),
}

/// The connections of a server.
pub struct ConnectionTable {
    capacity: usize,
    evictable_after: Duration,
    entries: Mutex<Vec<Arc<Entry>>>,
    had_burst: AtomicBool,
    freed: Condvar,
}

struct Entry {
    socket: TcpStream,
    activity: Mutex<Activity>,
}

struct Activity {
    phase: Phase,
    timeout: Timeout,
    /// When the phase began, or [`PROGRESS`] was made last.
    since: Instant,
    /// Bytes sent and received since then.
    moved: usize,
}

/// A connection's slot in the table, which is free again when this is dropped.
pub struct Slot {
    table: Arc<ConnectionTable>,
    entry: Arc<Entry>,
}

impl ConnectionTable {
    /// A table of `capacity` slots. A connection may be evicted once it has waited `evictable_after` for its client.
    pub fn new(capacity: usize, evictable_after: Duration) -> Self {
        Self {
            capacity,
            evictable_after,
            entries: Mutex::default(),
            had_burst: AtomicBool::new(false),
            freed: Condvar::new(),
        }
    }

    /// Gives a connection a slot. If there is none, evicts another connection, and waits until one can be evicted.
    pub fn admit(self: &Arc<Self>, socket: TcpStream, timeout: Duration) -> Slot {
        let mut entries = self.entries.lock();
        while entries.len() >= self.capacity {
            // A connection that was evicted before frees a slot as well.
            if !entries.iter().any(|entry| entry.activity.lock().phase == Phase::Evicted) {
                self.evict_from(&entries);
            }
            self.freed.wait_for(&mut entries, RETRY);
        }
        let since = Instant::now();
        let activity = Activity { phase: Phase::Idle, timeout: Timeout::Until(since + timeout), since, moved: 0 };
        let entry = Arc::new(Entry { socket, activity: Mutex::new(activity) });
        entries.push(Arc::clone(&entry));
        if entries.len() >= BURST {
            self.had_burst.store(true, Ordering::Relaxed);
        }
        Slot { table: Arc::clone(self), entry }
    }

    /// Evicts the connection that has waited longest for its client. Returns whether there was one.
    pub fn evict(&self) -> bool {
        self.evict_from(&self.entries.lock())
    }

    /// Whether there was a burst of connections since [`ConnectionTable::end_burst`] returned true.
    pub fn had_burst(&self) -> bool {
        self.had_burst.load(Ordering::Relaxed)
    }

    /// Whether a burst of connections is over.
    pub fn end_burst(&self) -> bool {
        self.entries.lock().len() < BURST && self.had_burst.swap(false, Ordering::Relaxed)
    }

    /// Whether requests are being answered, or answers sent.
    pub fn is_answering(&self) -> bool {
        let is_answering =
            |entry: &Arc<Entry>| matches!(entry.activity.lock().phase, Phase::Sending | Phase::Answering);
        self.entries.lock().iter().any(is_answering)
    }

    fn evict_from(&self, entries: &[Arc<Entry>]) -> bool {
        let candidates = entries.iter().filter_map(|entry| {
            let Activity { phase, since, .. } = *entry.activity.lock();
            (phase < Phase::Answering && since.elapsed() >= self.evictable_after).then_some((phase, since, entry))
        });
        let Some((phase, since, entry)) = candidates.min_by_key(|&(phase, since, _)| (phase, since)) else {
            return false;
        };
        let mut activity = entry.activity.lock();
        if (activity.phase, activity.since) != (phase, since) {
            // Its client has become active since. The caller tries again.
            return false;
        }
        activity.phase = Phase::Evicted;
        drop(activity);
        // Wakes the connection's thread from reading or writing. It fails if the client has disconnected, which does too.
        let _ = entry.socket.shutdown(Shutdown::Both);
        true
    }
}

impl Slot {
    pub fn socket(&self) -> &TcpStream {
        &self.entry.socket
    }

    pub fn is_evicted(&self) -> bool {
        self.entry.activity.lock().phase == Phase::Evicted
    }

    /// Enters a phase, unless the connection was evicted.
    pub fn enter(&self, phase: Phase, timeout: Timeout) {
        let mut activity = self.entry.activity.lock();
        let phase = if activity.phase == Phase::Evicted { Phase::Evicted } else { phase };
        *activity = Activity { phase, timeout, since: Instant::now(), moved: 0 };
    }

    /// How long the next read may wait.
    pub fn time_left(&self) -> io::Result<Duration> {
        let left = match self.entry.activity.lock().timeout {
            Timeout::Until(end) => end.saturating_duration_since(Instant::now()),
            Timeout::Each(time) => time,
        };
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    /// Counts bytes that the client sent or took.
    pub fn count(&self, bytes: usize) {
        let mut activity = self.entry.activity.lock();
        activity.moved = activity.moved.saturating_add(bytes);
        if activity.moved >= PROGRESS {
            (activity.since, activity.moved) = (Instant::now(), 0);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.table.entries.lock().retain(|entry| !Arc::ptr_eq(entry, &self.entry));
        self.table.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    /// The two ends of a connection.
    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        (listener.accept().expect("the same connection").0, client)
    }

    /// Whether the other end was closed.
    fn is_closed(mut client: &TcpStream) -> bool {
        client.set_nonblocking(true).expect("a socket");
        matches!(client.read(&mut [0]), Ok(0))
    }

    #[test]
    fn the_connection_that_waits_longest_is_evicted_for_a_new_one() {
        let table = Arc::new(ConnectionTable::new(2, Duration::ZERO));
        let ((first, one), (second, two), (third, three)) = (pair(), pair(), pair());
        let (first, second) = (table.admit(first, TIMEOUT), table.admit(second, TIMEOUT));
        // The first makes progress, so the second has waited longer.
        first.count(PROGRESS);
        // As a connection's thread does once it is woken.
        let evicted = std::thread::spawn(move || assert_eq!(second.socket().read(&mut [0]).expect("woken"), 0));
        let _third = table.admit(third, TIMEOUT);
        evicted.join().expect("the second was closed");
        assert!(is_closed(&two) && !is_closed(&one) && !is_closed(&three));
    }

    #[test]
    fn idle_connections_go_before_requests_and_requests_before_answers() {
        let table = Arc::new(ConnectionTable::new(9, Duration::ZERO));
        let phases = [Phase::Answering, Phase::Sending, Phase::Receiving, Phase::Idle];
        let slots = phases.map(|phase| {
            let (socket, client) = pair();
            let slot = table.admit(socket, TIMEOUT);
            slot.enter(phase, Timeout::Each(TIMEOUT));
            (slot, client)
        });
        for evicted in [3, 2, 1] {
            assert!(table.evict());
            assert!(is_closed(&slots[evicted].1) && slots[evicted].0.is_evicted(), "{evicted}");
            assert!(!is_closed(&slots[evicted - 1].1), "{evicted}");
        }
        assert!(!table.evict());
    }

    #[test]
    fn a_trickle_is_no_progress() {
        let table = Arc::new(ConnectionTable::new(9, Duration::ZERO));
        let ((first, one), (second, two)) = (pair(), pair());
        let (trickling, _silent) = (table.admit(first, TIMEOUT), table.admit(second, TIMEOUT));
        for _ in 1..PROGRESS {
            trickling.count(1);
        }
        assert!(table.evict() && is_closed(&one) && !is_closed(&two));
    }

    #[test]
    fn a_connection_is_not_evicted_before_its_time() {
        let table = Arc::new(ConnectionTable::new(9, Duration::from_secs(3600)));
        let (socket, _client) = pair();
        let _slot = table.admit(socket, TIMEOUT);
        assert!(!table.evict());
    }

    #[test]
    fn requests_are_answered_until_their_answers_are_sent() {
        let table = Arc::new(ConnectionTable::new(9, Duration::ZERO));
        let (socket, _client) = pair();
        let slot = table.admit(socket, TIMEOUT);
        for (phase, answering) in
            [(Phase::Receiving, false), (Phase::Answering, true), (Phase::Sending, true), (Phase::Idle, false)]
        {
            slot.enter(phase, Timeout::Each(TIMEOUT));
            assert_eq!(table.is_answering(), answering, "{phase:?}");
        }
    }
}
