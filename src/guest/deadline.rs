//! Epoch deadlines: a thread that advances the engine's epoch when a run must stop.
//!
//! A run must stop when its deadline passes or when it is cancelled. The thread sleeps until the earliest deadline and is
//! woken for an earlier one or a cancellation. Successive requests with the same limit have ever later deadlines, so
//! arming one usually costs no switch to that thread.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;

use super::cancellation::Cancellation;

/// How long after the epoch was advanced it is advanced again, as long as the run is still there. wasmtime moves a
/// store's epoch deadline forward after our callback has returned, so that an advance during the callback is lost.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Advances the epoch of an engine when a run must stop.
pub struct EpochDeadlines {
    schedule: Arc<Schedule>,
}

/// The runs under way, shared with the thread.
#[derive(Default)]
pub struct Schedule {
    runs: Mutex<Runs>,
    changed: Condvar,
}

#[derive(Default)]
struct Runs {
    armed: Vec<(Instant, Cancellation)>,
    /// When the thread wakes up by itself; `None` while it waits to be notified.
    wakes: Option<Instant>,
    closed: bool,
}

impl Schedule {
    /// Has the thread look at the cancellations of all runs.
    pub fn recheck(&self) {
        // With the lock held, so that the thread is not between its look and its wait.
        let _runs = self.lock();
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        // A panic cannot leave the runs half changed: each change is one assignment, push or removal.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An armed deadline; dropping it disarms it.
pub struct ArmedDeadline {
    schedule: Arc<Schedule>,
    deadline: Instant,
    cancellation: Cancellation,
}

impl EpochDeadlines {
    /// Starts the thread that advances the epoch of `engine`.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread. No guest may run then, since nothing would stop it.
    pub fn start(engine: &Engine) -> io::Result<Self> {
        let schedule = Arc::<Schedule>::default();
        let (shared, engine) = (Arc::clone(&schedule), engine.clone());
        thread::Builder::new().name("deadlines".into()).spawn(move || watch(&shared, &engine))?;
        Ok(Self { schedule })
    }

    /// Advances the epoch from `deadline` or a cancellation on, until the returned value is dropped.
    pub fn arm(&self, deadline: Instant, cancellation: &Cancellation) -> ArmedDeadline {
        cancellation.notify(&self.schedule);
        let due = if cancellation.is_cancelled() { Instant::now() } else { deadline };
        let mut runs = self.schedule.lock();
        runs.armed.push((deadline, cancellation.clone()));
        if runs.wakes.is_none_or(|wakes| wakes > due) {
            self.schedule.changed.notify_one();
        }
        drop(runs);
        ArmedDeadline { schedule: Arc::clone(&self.schedule), deadline, cancellation: cancellation.clone() }
    }
}

impl Drop for EpochDeadlines {
    fn drop(&mut self) {
        self.schedule.lock().closed = true;
        self.schedule.changed.notify_one();
    }
}

impl Drop for ArmedDeadline {
    fn drop(&mut self) {
        let mut runs = self.schedule.lock();
        let same = |(d, c): &(Instant, Cancellation)| *d == self.deadline && c.is_same(&self.cancellation);
        if let Some(i) = runs.armed.iter().position(same) {
            runs.armed.swap_remove(i);
        }
    }
}

fn watch(schedule: &Schedule, engine: &Engine) {
    let mut runs = schedule.lock();
    while !runs.closed {
        let now = Instant::now();
        let due = |(deadline, cancellation): &(Instant, Cancellation)| {
            if cancellation.is_cancelled() || cancellation.is_interrupted() { now } else { *deadline }
        };
        let Some(earliest) = runs.armed.iter().map(due).min() else {
            runs.wakes = None;
            runs = schedule.changed.wait(runs).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let wait = if earliest <= now {
            engine.increment_epoch();
            RETRY_INTERVAL
        } else {
            earliest - now
        };
        runs.wakes = now.checked_add(wait);
        runs = schedule.changed.wait_timeout(runs, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
}
