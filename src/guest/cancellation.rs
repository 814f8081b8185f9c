//! Stopping a run from another thread.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::Duration;

use super::deadline::Schedule;

/// A handle that stops the runs it was given to, as [`Input::cancellation`](super::Input::cancellation). Its clones
/// are handles of the same runs.
#[derive(Clone, Default)]
pub struct Cancellation(Arc<Signal>);

#[derive(Default)]
struct Signal {
    state: Mutex<CancellationState>,
    cancelled: Condvar,
}

#[derive(Default)]
struct CancellationState {
    is_cancelled: bool,
    is_interrupted: bool,
    /// The guest was interrupted, and may be about to sleep without having looked.
    is_awake: bool,
    /// What advances the epoch of the engines that the runs use.
    schedules: Vec<Weak<Schedule>>,
    /// What wakes runs that wait for something else than time.
    wakers: Vec<Waker>,
}

impl Cancellation {
    /// A handle that no run has been given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the runs under way, which end with [`Exit::Cancelled`](super::Exit::Cancelled), even while the guest
    /// sleeps. A run that begins later ends at once.
    pub fn cancel(&self) {
        let (schedules, wakers) = {
            let mut state = self.lock();
            state.is_cancelled = true;
            (std::mem::take(&mut state.schedules), std::mem::take(&mut state.wakers))
        };
        self.0.cancelled.notify_all();
        wakers.into_iter().for_each(Waker::wake);
        schedules.iter().filter_map(Weak::upgrade).for_each(|schedule| schedule.recheck());
    }

    /// Has the Python of the runs under way raise KeyboardInterrupt, even while the guest sleeps. No effect on guests that
    /// have not told how: see [`Streams::interrupter`](super::Streams::interrupter).
    pub fn interrupt(&self) {
        let (schedules, wakers) = {
            let mut state = self.lock();
            state.is_interrupted = true;
            (state.schedules.clone(), state.wakers.clone())
        };
        self.0.cancelled.notify_all();
        wakers.into_iter().for_each(Waker::wake);
        schedules.iter().filter_map(Weak::upgrade).for_each(|schedule| schedule.recheck());
    }

    /// Notes that the guest has dealt with what interrupted it.
    pub fn settle(&self) {
        self.lock().is_awake = false;
    }

    /// Whether [`Cancellation::interrupt`] was called and the guest does not know it yet.
    pub(super) fn is_interrupted(&self) -> bool {
        self.lock().is_interrupted
    }

    /// Whether the guest is to be interrupted now; it is so once.
    pub(super) fn take_interrupt(&self) -> bool {
        let mut state = self.lock();
        state.is_awake |= state.is_interrupted;
        std::mem::take(&mut state.is_interrupted)
    }

    /// Whether [`Cancellation::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.lock().is_cancelled
    }

    /// Sleeps for `duration`, or until cancelled or interrupted.
    pub(super) fn sleep(&self, duration: Duration) {
        let woken = self.0.cancelled.wait_timeout_while(self.lock(), duration, |state| {
            !state.is_cancelled && !state.is_interrupted && !state.is_awake
        });
        woken.unwrap_or_else(PoisonError::into_inner).0.is_awake = false;
    }

    /// Has `waker` woken by the cancellation, and by an interrupt.
    pub(super) fn wake(&self, waker: Waker) {
        let mut state = self.lock();
        if state.is_cancelled || state.is_interrupted {
            waker.wake_by_ref();
        }
        state.wakers.push(waker);
    }

    /// Has `schedule` told of the cancellation.
    pub(super) fn notify(&self, schedule: &Arc<Schedule>) {
        let schedule = Arc::downgrade(schedule);
        let mut state = self.lock();
        if !state.schedules.iter().any(|known| known.ptr_eq(&schedule)) {
            state.schedules.push(schedule);
        }
    }

    /// Whether `other` is a clone of this.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn lock(&self) -> MutexGuard<'_, CancellationState> {
        // A panic cannot leave the state half changed: each change is one assignment or push.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancellation").field(&self.is_cancelled()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::guest::{self, Calls, Exit, Input, Limits, Runtime};
    use crate::terminal::{ColorChoice, Terminal};

    /// A guest that writes a byte to standard error and then does this.
    fn guest(then: &str) -> String {
        format!(
            r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start")
    (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
    {then}))"#
        )
    }

    /// How a guest ends that is cancelled after it has written to standard error, or before it starts.
    fn exit_of(text: &str, before: bool) -> Exit {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("guest.wat");
        std::fs::write(&path, text).expect("written");
        let run = move || {
            let terminal = Terminal::new(ColorChoice::Never, true, false);
            let program = Runtime::new(None).expect("a runtime").load(&path, &terminal).expect("a module");
            let cancellation = Cancellation::new();
            let (wrote, begun) = mpsc::channel();
            if before {
                cancellation.cancel();
            }
            let canceller = thread::spawn({
                let cancellation = cancellation.clone();
                move || begun.recv().map(|()| cancellation.cancel())
            });
            let input = Input {
                entrypoint: "_start".to_owned(),
                arguments: Vec::new(),
                environment: Vec::new(),
                volumes: Arc::new([]),
                stdin: bytes::Bytes::new(),
                console: None,
                breakpoints: None,
                limits: Limits { time: Duration::from_secs(300), ..Limits::default() },
                // The receiver is gone after the first piece.
                stderr: Arc::new(move |_| {
                    let _ = wrote.send(());
                }),
                cold: true,
                cancellation,
                surroundings: None,
                calls: Calls::Live,
                early: Arc::default(),
                allowed_hosts: Default::default(),
                libraries: Default::default(),
            };
            let exit = guest::run(&program, &input).exit;
            drop(input);
            let _ = canceller.join().expect("no panic");
            exit
        };
        guest::GuestThread::new("guest").spawn(run).expect("a thread").join().expect("no panic")
    }

    #[test]
    fn an_endless_guest_is_stopped() {
        assert_eq!(exit_of(&guest("(loop $l (br $l))"), false), Exit::Cancelled);
    }

    #[test]
    fn a_sleeping_guest_is_stopped() {
        // A subscription to the monotonic clock (`id` 1 at byte 16), 600 s from now (`timeout` at byte 24).
        let sleep = "(i32.store (i32.const 116) (i32.const 1))
            (i64.store (i32.const 124) (i64.const 600000000000))
            (drop (call $poll_oneoff (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 300)))
            unreachable";
        assert_eq!(exit_of(&guest(sleep), false), Exit::Cancelled);
    }

    #[test]
    fn a_guest_that_starts_after_the_cancellation_is_stopped() {
        assert_eq!(exit_of(&guest("(loop $l (br $l))"), true), Exit::Cancelled);
    }

    #[test]
    fn a_guest_that_ends_by_itself_is_not_cancelled() {
        assert_eq!(exit_of("(module (memory (export \"memory\") 1) (func (export \"_start\")))", false), Exit::Code(0));
    }
}
