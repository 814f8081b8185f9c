//! The clients that are connected, and what they may use together: connections, and memory for what is large.
//!
//! Whoever has waited for its client for a while is dispensable: where another needs the room, the connection that has
//! waited longest is closed. A client that stalls, or sends and takes next to nothing, therefore keeps nobody out,
//! however many of its kind there are.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What each connection may hold without being counted, in bytes: the bodies and answers of most requests.
const UNCOUNTED: u64 = 64 << 10;

/// So many bytes a client must send or take within a while, or it counts as waited for.
const PROGRESS: u64 = 16 << 10;

/// How long a connection waits for memory that others give back.
const FOR_MEMORY: Duration = Duration::from_secs(1);

/// How often who waits for others looks again: connections that begin to wait for their clients do not say so.
const AGAIN: Duration = Duration::from_millis(20);

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

struct State {
    members: Vec<Arc<Member>>,
    bodies: Pool,
    answers: Pool,
}

/// Memory that connections share, in bytes.
struct Pool {
    held: u64,
    most: u64,
}

/// What memory is for. A body may be refused it, an answer never: the guest has run for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Body,
    Answer,
}

/// One of the connections.
///
/// ```text
///              begins              sends                   ends
/// waits (head, ─────> served (its  ─────> waits (until the ─────> waits (for the
///  body)              guest runs)         answer is out)          next request)
/// ```
struct Member {
    socket: TcpStream,
    /// Since when it waits for its client, in microseconds from the crowd's beginning, or [`SERVED`].
    waiting_since: AtomicU64,
    /// What it sent and took since then, in bytes.
    moved: AtomicU64,
    /// Whether a request of it is being answered and the answer not out yet.
    answering: AtomicBool,
    /// What it holds of the memory for bodies and of that for answers, in bytes.
    body: AtomicU64,
    answer: AtomicU64,
    /// Whether it was closed for another.
    evicted: AtomicBool,
}

/// A connection's place in the crowd; dropping it gives the place up.
pub struct Place {
    crowd: Arc<Crowd>,
    member: Arc<Member>,
}

impl Crowd {
    /// Room for `most` connections that hold bodies of up to `bodies` bytes together, and may be closed for others once
    /// they have waited `a_while`.
    pub fn new(most: usize, bodies: u64, a_while: Duration) -> Self {
        let pool = |most| Pool { held: 0, most };
        let state = State { members: Vec::new(), bodies: pool(bodies), answers: pool(0) };
        Self { most, a_while, began: Instant::now(), state: Mutex::new(state), changed: Condvar::new() }
    }

    /// From now on, the connections may hold answers of up to `most` bytes together. What they hold already they keep.
    pub fn may_hold_answers(&self, most: u64) {
        self.lock().answers.most = most;
    }

    /// Gives a connection its place; where there is none, closes another first. Waits while all are being served.
    pub fn admit(self: &Arc<Self>, socket: TcpStream) -> Place {
        let member = Arc::new(Member {
            socket,
            waiting_since: AtomicU64::new(SERVED),
            moved: AtomicU64::new(0),
            answering: AtomicBool::new(false),
            body: AtomicU64::new(0),
            answer: AtomicU64::new(0),
            evicted: AtomicBool::new(false),
        });
        let mut state = self.lock();
        while state.members.len() >= self.most {
            // Those who were closed are about to leave: nobody else has to go for the same place.
            if state.members.iter().filter(|member| !member.is_evicted()).count() >= self.most {
                self.evict(&state, self.a_while, |_| true);
            }
            state = self.wait(state, AGAIN);
        }
        state.members.push(Arc::clone(&member));
        let place = Place { crowd: Arc::clone(self), member };
        place.waits();
        place
    }

    /// Closes the connection that has waited longest for its client. Whether there was one.
    pub fn make_room(&self) -> bool {
        self.evict(&self.lock(), self.a_while, |_| true)
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

    /// Closes the connection that has waited longest, `a_while` at least, of those that `may` be closed. Whether there
    /// was one.
    fn evict(&self, state: &State, a_while: Duration, may: impl Fn(&Arc<Member>) -> bool) -> bool {
        let latest = self.now().saturating_sub(micros(a_while));
        let since = |member: &Arc<Member>| member.waiting_since.load(Ordering::Relaxed);
        let open = state.members.iter().filter(|member| !member.is_evicted());
        let waiting = open.filter(|member| since(member) <= latest && may(member));
        let Some(member) = waiting.min_by_key(|member| since(member)) else { return false };
        member.evicted.store(true, Ordering::Relaxed);
        // Its thread wakes from reading or writing. A client that has left by itself needs no closing.
        let _ = member.socket.shutdown(Shutdown::Both);
        true
    }

    fn now(&self) -> u64 {
        micros(self.began.elapsed())
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A time in microseconds, never [`SERVED`].
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(SERVED).min(SERVED - 1)
}

impl State {
    /// Gives `member` memory of `bytes` instead of what it has, if the others leave so much. Who is alone in holding any
    /// may have as much as it needs: it is bounded by itself, and refused it would be refused for ever.
    fn grants(&mut self, member: &Member, what: Use, bytes: u64) -> bool {
        let (pool, own) = match what {
            Use::Body => (&mut self.bodies, &member.body),
            Use::Answer => (&mut self.answers, &member.answer),
        };
        let held = own.load(Ordering::Relaxed);
        let others = pool.held.saturating_sub(held);
        let granted = bytes <= held || others == 0 || others.saturating_add(bytes) <= pool.most;
        if granted {
            pool.held = others.saturating_add(bytes);
            own.store(bytes, Ordering::Relaxed);
        }
        granted
    }
}

impl Member {
    fn is_evicted(&self) -> bool {
        self.evicted.load(Ordering::Relaxed)
    }

    fn holds(&self, what: Use) -> bool {
        let own = match what {
            Use::Body => &self.body,
            Use::Answer => &self.answer,
        };
        own.load(Ordering::Relaxed) > 0
    }
}

impl Place {
    /// The connection.
    pub fn socket(&self) -> &TcpStream {
        &self.member.socket
    }

    /// Whether the connection was closed for another.
    pub fn is_lost(&self) -> bool {
        self.member.is_evicted()
    }

    /// From now on the connection waits for its client: for the next part of a request.
    pub fn waits(&self) {
        self.member.moved.store(0, Ordering::Relaxed);
        self.member.waiting_since.store(self.crowd.now(), Ordering::Relaxed);
    }

    /// The client has sent or taken so many bytes. It counts as there again once they are enough.
    pub fn moves(&self, bytes: usize) {
        let moved = self.member.moved.fetch_add(bytes as u64, Ordering::Relaxed).saturating_add(bytes as u64);
        if moved >= PROGRESS && self.member.waiting_since.load(Ordering::Relaxed) != SERVED {
            self.waits();
        }
    }

    /// The request is whole: from now on the client waits for the answer.
    pub fn begins(&self) {
        self.member.answering.store(true, Ordering::Relaxed);
        self.member.waiting_since.store(SERVED, Ordering::Relaxed);
    }

    /// The answer is there: from now on the connection waits for the client to take it.
    pub fn sends(&self) {
        self.waits();
    }

    /// The answer is out, and so is what memory was held for.
    pub fn ends(&self) {
        self.member.answering.store(false, Ordering::Relaxed);
        self.release(Use::Body);
        self.release(Use::Answer);
        self.waits();
    }

    /// Asks for memory for a body of `bytes`, instead of what it has. Where there is none, connections that hold some
    /// and have waited for their clients for a while are closed, longest first.
    ///
    /// # Errors
    /// Fails where the others need theirs, and takes what it had; and where the connection itself was closed for another.
    pub fn take_body(&self, bytes: u64) -> io::Result<()> {
        self.take(Use::Body, bytes)
    }

    /// Asks for memory for an answer of `bytes`, in the place of the body. Where there is none, connections that send
    /// answers are closed: first those that have waited for their clients for a while, then any.
    ///
    /// # Errors
    /// Fails where the connection itself was closed for another.
    pub fn take_answer(&self, bytes: u64) -> io::Result<()> {
        self.release(Use::Body);
        self.take(Use::Answer, bytes)
    }

    fn take(&self, what: Use, bytes: u64) -> io::Result<()> {
        let bytes = if bytes <= UNCOUNTED { 0 } else { bytes };
        if bytes == 0 && !self.member.holds(what) {
            return Ok(());
        }
        let late = Instant::now() + FOR_MEMORY;
        let is_other = |member: &Arc<Member>| !Arc::ptr_eq(member, &self.member) && member.holds(what);
        let mut state = self.crowd.lock();
        if state.grants(&self.member, what, bytes) {
            return Ok(());
        }
        // It waits for others now, and not for its client.
        let was = self.member.waiting_since.swap(SERVED, Ordering::Relaxed);
        let granted = loop {
            let a_while = match what {
                _ if self.is_lost() => break Err(io::ErrorKind::ConnectionAborted.into()),
                _ if state.grants(&self.member, what, bytes) => break Ok(()),
                _ if Instant::now() < late => self.crowd.a_while,
                Use::Body => {
                    // Given back at once: of two that wait for each other, the second is to have it.
                    state.grants(&self.member, what, 0);
                    self.crowd.changed.notify_all();
                    break Err(io::ErrorKind::OutOfMemory.into());
                }
                Use::Answer => Duration::ZERO,
            };
            self.crowd.evict(&state, a_while, is_other);
            state = self.crowd.wait(state, AGAIN);
        };
        drop(state);
        if was != SERVED {
            self.waits();
        }
        granted
    }

    fn release(&self, what: Use) {
        if self.member.holds(what) {
            // Less than it has is always granted.
            self.crowd.lock().grants(&self.member, what, 0);
            self.crowd.changed.notify_all();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.release(Use::Body);
        self.release(Use::Answer);
        self.crowd.lock().members.retain(|member| !Arc::ptr_eq(member, &self.member));
        self.crowd.changed.notify_all();
    }
}

#[cfg(test)]
#[path = "crowd_tests.rs"]
mod tests;
