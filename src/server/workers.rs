//! Threads that serve connections, each one after another: to start a thread takes as long as some requests do.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The stack of a thread, in bytes: reading and TLS, nothing that recurses.
const STACK: usize = 512 << 10;

/// How long a thread without work is kept.
const KEPT: Duration = Duration::from_secs(1);

/// What a thread is given to do.
type Work = Box<dyn FnOnce() + Send>;

/// The threads, of which those without work can be found.
#[derive(Clone, Default)]
pub struct Workers(Arc<Mutex<Vec<Idle>>>);

/// The way to a thread that waits for work.
struct Idle {
    thread: thread::ThreadId,
    work: Sender<Work>,
}

impl Workers {
    /// Has `work` done, by the thread that became free last or a new one.
    ///
    /// # Errors
    /// Fails where the system has no thread for it.
    pub fn start(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let idle = self.lock().pop();
        let work: Work = Box::new(work);
        let work = match idle {
            // Who is on the list waits until it is given work or has taken itself off.
            Some(idle) => match idle.work.send(work) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(work)) => work,
            },
            None => work,
        };
        let workers = self.clone();
        let thread = thread::Builder::new().name("connection".to_owned()).stack_size(STACK);
        thread.spawn(move || workers.run(work)).map(drop)
    }

    /// Does `first` and what comes then, until nothing has come for a while.
    fn run(&self, first: Work) {
        let thread = thread::current().id();
        let (sender, receiver) = mpsc::channel();
        let mut work = first;
        loop {
            work();
            self.lock().push(Idle { thread, work: sender.clone() });
            work = match self.next(thread, &receiver) {
                Some(next) => next,
                None => return,
            };
        }
    }

    /// Waits for work; `None` after a while.
    fn next(&self, thread: thread::ThreadId, receiver: &Receiver<Work>) -> Option<Work> {
        if let Ok(work) = receiver.recv_timeout(KEPT) {
            return Some(work);
        }
        let mut idle = self.lock();
        match idle.iter().position(|idle| idle.thread == thread) {
            Some(own) => {
                idle.remove(own);
                None
            }
            // Somebody has just taken it off the list to give it work.
            None => {
                drop(idle);
                receiver.recv().ok()
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_at_the_same_time_and_threads_serve_again() {
        let workers = Workers::default();
        let (told, heard) = mpsc::channel();
        for _ in 0..3 {
            // Each waits for all: one thread each.
            let meeting = Arc::new(std::sync::Barrier::new(4));
            for _ in 0..4 {
                let (meeting, told) = (Arc::clone(&meeting), told.clone());
                let work = move || {
                    meeting.wait();
                    told.send(thread::current().id()).expect("the test listens");
                };
                workers.start(work).expect("a thread");
            }
            let threads: std::collections::HashSet<_> = heard.iter().take(4).collect();
            assert_eq!(threads.len(), 4);
            // All of them are free again before the next round, and so it needs no more.
            while workers.lock().len() < 4 {
                thread::yield_now();
            }
            assert_eq!(workers.lock().len(), 4);
        }
    }
}
