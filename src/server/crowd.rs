//! The clients that are connected, and what they may use together: connections, and memory for what is large.
//!
//! Whoever has waited for its client for a while is dispensable: where another needs the room, the connection that has
//! waited longest is closed. A client that stalls therefore keeps nobody out, however many of its kind there are.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What each connection may hold without being counted, in bytes: the bodies and answers of most requests.
const UNCOUNTED: u64 = 64 << 10;

/// How long a connection waits for memory that another gives back.
const FOR_MEMORY: Duration = Duration::from_secs(1);

/// In the place of a time: the connection is being served and not closed for others.
const SERVED: u64 = u64::MAX;

/// How long a connection waits for its client before it may be closed for others: longer than a client that is there
/// takes, however busy the machine is.
pub const A_WHILE: Duration = Duration::from_millis(500);

/// The connections of a server.
pub struct Crowd {
    /// Connections at the same time.
    most: usize,
    /// How long a connection waits before it may be closed.
    a_while: Duration,
    began: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    members: Vec<Arc<Member>>,
    /// Bytes that all of them hold.
    held: u64,
    /// Bytes that all of them may hold at the same time.
    most_held: u64,
}

/// One of the connections.
struct Member {
    socket: TcpStream,
    /// Since when it waits for its client, in microseconds from the crowd's beginning, or [`SERVED`].
    waiting_since: AtomicU64,
    /// Whether a request of it is being answered and the answer not out yet.
    answering: AtomicBool,
    /// What it holds of the memory that is counted, in bytes.
    held: AtomicU64,
    /// Whether it was closed for another.
    evicted: AtomicBool,
}

/// A connection's place in the crowd; dropping it gives the place up.
pub struct Place {
    crowd: Arc<Crowd>,
    member: Arc<Member>,
}

impl Crowd {
    /// Room for `most` connections that hold up to `most_held` bytes together, and may be closed for others once they
    /// have waited `a_while`.
    pub fn new(most: usize, most_held: u64, a_while: Duration) -> Self {
        let state = Mutex::new(State { most_held, ..State::default() });
        Self { most, a_while, began: Instant::now(), state, changed: Condvar::new() }
    }

    /// From now on, the connections may hold up to `most` bytes together. What they hold already they keep.
    pub fn may_hold(&self, most: u64) {
        self.lock().most_held = most;
    }

    /// Gives a connection its place; where there is none, closes another first. Waits while all are being served.
    pub fn admit(self: &Arc<Self>, socket: TcpStream) -> Place {
        let member = Arc::new(Member {
            socket,
            waiting_since: AtomicU64::new(SERVED),
            answering: AtomicBool::new(false),
            held: AtomicU64::new(0),
            evicted: AtomicBool::new(false),
        });
        let mut state = self.lock();
        while state.members.len() >= self.most {
            self.evict(&state, |_| true);
            // Connections that begin to wait for their clients do not say so: hence not for ever.
            state = self.wait(state, Duration::from_millis(20));
        }
        member.waiting_since.store(self.now(), Ordering::Relaxed);
        state.members.push(Arc::clone(&member));
        Place { crowd: Arc::clone(self), member }
    }

    /// Closes the connection that has waited longest for its client. Whether there was one.
    pub fn make_room(&self) -> bool {
        self.evict(&self.lock(), |_| true)
    }

    /// Waits until every answer is out, at most until `end`. Whether that is so.
    pub fn settles_by(&self, end: Instant) -> bool {
        let mut state = self.lock();
        while state.members.iter().any(|member| member.answering.load(Ordering::Relaxed)) {
            let now = Instant::now();
            if now >= end {
                return false;
            }
            state = self.wait(state, (end - now).min(Duration::from_millis(2)));
        }
        true
    }

    /// Closes the connection that has waited longest of those that `may` be closed. Whether there was one.
    fn evict(&self, state: &State, may: impl Fn(&Arc<Member>) -> bool) -> bool {
        let a_while = u64::try_from(self.a_while.as_micros()).unwrap_or(u64::MAX);
        let latest = self.now().saturating_sub(a_while);
        let since = |member: &Arc<Member>| member.waiting_since.load(Ordering::Relaxed);
        let open = state.members.iter().filter(|member| !member.evicted.load(Ordering::Relaxed));
        let waiting = open.filter(|member| since(member) <= latest && may(member));
        let Some(member) = waiting.min_by_key(|member| since(member)) else { return false };
        member.evicted.store(true, Ordering::Relaxed);
        // Its thread wakes from reading or writing. A client that has left by itself needs no closing.
        let _ = member.socket.shutdown(Shutdown::Both);
        true
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(SERVED - 1)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The connection.
    pub fn socket(&self) -> &TcpStream {
        &self.member.socket
    }

    /// From now on the connection waits for its client, and may be closed for others.
    pub fn waits(&self) {
        self.member.waiting_since.store(self.crowd.now(), Ordering::Relaxed);
    }

    /// Its request is whole: from now on the client waits for the answer.
    pub fn begins(&self) {
        self.member.answering.store(true, Ordering::Relaxed);
        self.member.waiting_since.store(SERVED, Ordering::Relaxed);
    }

    /// The answer is out.
    pub fn ends(&self) {
        self.waits();
        self.member.answering.store(false, Ordering::Relaxed);
    }

    /// Asks for memory for `bytes`, instead of what it has. Where there is none, connections that hold some and wait
    /// for their clients are closed, longest first. Who is alone in holding any may have as much as it needs: it is
    /// bounded by itself, and refused it would be refused for ever.
    ///
    /// # Errors
    /// Fails where the others need theirs.
    pub fn hold(&self, bytes: u64) -> io::Result<()> {
        let wanted = if bytes <= UNCOUNTED { 0 } else { bytes };
        if wanted == self.member.held.load(Ordering::Relaxed) {
            return Ok(());
        }
        let end = Instant::now() + FOR_MEMORY;
        let mut state = self.crowd.lock();
        loop {
            let held = self.member.held.load(Ordering::Relaxed);
            let others = state.held.saturating_sub(held);
            if wanted <= held || others == 0 || others.saturating_add(wanted) <= state.most_held {
                state.held = others.saturating_add(wanted);
                self.member.held.store(wanted, Ordering::Relaxed);
                drop(state);
                self.crowd.changed.notify_all();
                return Ok(());
            }
            let is_other = |member: &Arc<Member>| !Arc::ptr_eq(member, &self.member);
            self.crowd.evict(&state, |member| is_other(member) && member.held.load(Ordering::Relaxed) > 0);
            if Instant::now() >= end {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            state = self.crowd.wait(state, Duration::from_millis(20));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.crowd.lock();
        state.members.retain(|member| !Arc::ptr_eq(member, &self.member));
        state.held = state.held.saturating_sub(self.member.held.load(Ordering::Relaxed));
        drop(state);
        self.crowd.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

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
    fn the_one_that_waits_longest_makes_room() {
        let crowd = Arc::new(Crowd::new(2, 0, Duration::ZERO));
        let ((first, one), (second, two), (third, three)) = (pair(), pair(), pair());
        let first = crowd.admit(first);
        let second = crowd.admit(second);
        // Heard of again, and so it is the other that has waited longest.
        std::thread::sleep(Duration::from_millis(1));
        first.waits();
        let leaving = std::thread::spawn(move || {
            let mut byte = [0];
            assert_eq!(second.socket().read(&mut byte).expect("woken"), 0);
        });
        let _third = crowd.admit(third);
        leaving.join().expect("the second was closed");
        assert!(is_closed(&two) && !is_closed(&one) && !is_closed(&three));
    }

    #[test]
    fn who_is_served_is_not_closed() {
        let crowd = Arc::new(Crowd::new(1, 0, Duration::ZERO));
        let (socket, client) = pair();
        let place = crowd.admit(socket);
        place.begins();
        assert!(!crowd.make_room() && !is_closed(&client));
        assert!(!crowd.settles_by(Instant::now()));
        place.ends();
        assert!(crowd.settles_by(Instant::now()) && crowd.make_room() && is_closed(&client));
    }

    #[test]
    fn memory_is_shared_and_given_back() {
        let crowd = Arc::new(Crowd::new(9, 1 << 20, Duration::ZERO));
        let ((first, one), (second, two)) = (pair(), pair());
        let (first, second) = (crowd.admit(first), crowd.admit(second));
        // What is small is not counted.
        first.hold(UNCOUNTED).expect("uncounted");
        assert_eq!(crowd.lock().held, 0);
        first.hold(1 << 20).expect("all of it");
        second.hold(UNCOUNTED).expect("uncounted");
        first.begins();
        assert!(second.hold(UNCOUNTED + 1).is_err());
        assert!(!is_closed(&one));
        // Less of it, or none, is always granted.
        first.hold(1 << 19).expect("less");
        second.hold(1 << 19).expect("the other half");
        first.ends();
        let waiting = std::thread::spawn(move || {
            assert_eq!(first.socket().read(&mut [0]).expect("woken"), 0);
        });
        second.hold(1 << 20).expect("what the first gave up");
        waiting.join().expect("the first was closed");
        assert!(is_closed(&one) && !is_closed(&two));
        drop(second);
        assert_eq!(crowd.lock().held, 0);
    }

    #[test]
    fn what_is_larger_than_all_memory_is_had_alone() {
        let crowd = Arc::new(Crowd::new(9, 1 << 20, Duration::ZERO));
        let ((first, one), (second, _two)) = (pair(), pair());
        let (first, second) = (crowd.admit(first), crowd.admit(second));
        first.begins();
        first.hold(UNCOUNTED + 1).expect("a part");
        assert!(second.hold(2 << 20).is_err());
        first.hold(0).expect("nothing");
        second.begins();
        second.hold(2 << 20).expect("more than there is");
        // With more room, there is some for both.
        crowd.may_hold(4 << 20);
        first.hold(2 << 20).expect("the other half");
        assert!(!is_closed(&one));
    }
}
