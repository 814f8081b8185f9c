//! Deadlines: a thread that advances the engine's epoch when the earliest one has come.
//!
//! The thread sleeps towards the earliest deadline it knows and is woken only for an earlier one. Where the
//! limits of successive requests are the same, theirs come later and later, and a request costs no switch to that thread.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;

/// How long a run that was told to stop may take to notice before it is told again.
const AGAIN: Duration = Duration::from_millis(10);

/// The deadlines of the runs under way.
pub struct Alarm {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    deadlines: Vec<Instant>,
    /// When the thread looks again by itself; `None` while it waits to be woken.
    wakes: Option<Instant>,
    started: bool,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is only ever changed by whole, small steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A deadline that is set; dropping it lifts the deadline.
pub struct Set {
    shared: Arc<Shared>,
    deadline: Instant,
}

impl Alarm {
    /// No deadlines, and no thread yet.
    pub fn new() -> Self {
        Self { shared: Arc::default() }
    }

    /// Has the epoch of `engine` advance at `deadline` and after, until the returned value is dropped.
    pub fn set(&self, engine: &Engine, deadline: Instant) -> Set {
        let mut state = self.shared.lock();
        state.deadlines.push(deadline);
        if !state.started {
            let (shared, engine) = (Arc::clone(&self.shared), engine.clone());
            // Without the thread a guest could run forever; a system that cannot start one gets to the error at the
            // next request instead of a process that cannot be stopped.
            state.started =
                thread::Builder::new().name("deadlines".into()).spawn(move || watch(&shared, &engine)).is_ok();
        } else if state.wakes.is_none_or(|wakes| wakes > deadline) {
            self.shared.changed.notify_one();
        }
        drop(state);
        Set { shared: Arc::clone(&self.shared), deadline }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(i) = state.deadlines.iter().position(|d| *d == self.deadline) {
            state.deadlines.swap_remove(i);
        }
    }
}

fn watch(shared: &Shared, engine: &Engine) {
    let mut state = shared.lock();
    while !state.closed {
        let Some(earliest) = state.deadlines.iter().min().copied() else {
            state.wakes = None;
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let now = Instant::now();
        let wait = if earliest <= now {
            engine.increment_epoch();
            AGAIN
        } else {
            earliest - now
        };
        state.wakes = now.checked_add(wait);
        state = shared.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
}
