//! The thread on which a run's libraries run.
//!
//! It belongs to one run and ends with it. The guest waits for each call, so the two never run at the same time. On the thread of
//! the guest, a library would have what is left of a stack that the guest may have used up.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use super::answer::{Answer, Failure};
use super::component::ComponentInstance;
use super::functions::FunctionsInstance;
use super::request::Request;
use super::{Library, LibraryCode, command};
use crate::guest::Cancellation;
use crate::guest::limiter::SharedLimit;
use crate::guest::thread::GuestThread;

/// A call to be made.
pub struct Job {
    /// The place of the library in the list of those that are declared.
    pub index: usize,
    /// What is asked of it.
    pub request: Request,
    /// When the run of the guest is stopped.
    pub deadline: Instant,
    /// Stops it before that.
    pub cancellation: Cancellation,
}

impl Job {
    /// When the call is stopped, with a limit of its library's own.
    pub fn end(&self, library: &Library) -> Instant {
        let own = library.limits.time.and_then(|time| Instant::now().checked_add(time));
        own.map_or(self.deadline, |own| own.min(self.deadline))
    }

    /// Whether the run of the guest is to be stopped.
    pub fn must_stop(&self) -> bool {
        self.cancellation.is_cancelled() || self.deadline <= Instant::now()
    }
}

/// The thread.
pub struct Worker {
    jobs: Option<Sender<Job>>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread for a run that has these libraries, whose memory counts with the guest's.
    ///
    /// # Errors
    /// Fails where the system cannot start a thread.
    pub fn start(declared: &Arc<[Library]>, limit: &SharedLimit) -> io::Result<Self> {
        let (jobs, taken) = channel::<Job>();
        let (give, answers) = channel();
        let mut instances = Instances { declared: Arc::clone(declared), limit: limit.clone(), kept: HashMap::new() };
        let run = move || {
            while let Ok(job) = taken.recv() {
                let answer = instances.answer(job);
                if give.send(answer).is_err() {
                    return;
                }
            }
        };
        let thread = GuestThread::new("library").spawn(run)?;
        Ok(Self { jobs: Some(jobs), answers, thread: Some(thread) })
    }

    /// Makes a call and waits for what comes of it; `None` where the thread has panicked.
    pub fn run(&self, job: Job) -> Option<Answer> {
        self.jobs.as_ref()?.send(job).ok()?;
        self.answers.recv().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // A panic was reported where it happened.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The instances of a run, by the places of their libraries.
struct Instances {
    declared: Arc<[Library]>,
    limit: SharedLimit,
    kept: HashMap<usize, Kept>,
}

/// An instance that is kept until the run ends.
enum Kept {
    Functions(FunctionsInstance),
    Component(ComponentInstance),
}

impl Instances {
    fn answer(&mut self, job: Job) -> Answer {
        let index = job.index;
        let Some(library) = self.declared.get(index) else { return Answer::Stopped };
        let code = match &library.code {
            Ok(code) => code,
            Err(why) => return Answer::failed(Failure::new(format!("it cannot be called: {why}"))),
        };
        if let LibraryCode::Command(program) = code {
            return match job.request.function {
                None => command::run(library, program, job, &self.limit),
                Some(_) => Answer::failed(Failure::new(
                    "there is no such function: the library is a command, which is called itself",
                )),
            };
        }
        if job.request.function.is_none() {
            let what = "it is no command: call a function of it";
            return Answer::failed(Failure::new(what));
        }
        let kept = self.kept.remove(&index);
        let instance = match (kept, code) {
            (Some(kept), _) => Ok(kept),
            (None, LibraryCode::Functions(program)) => {
                FunctionsInstance::new(library, program, &job, &self.limit).map(Kept::Functions)
            }
            (None, LibraryCode::Component(program)) => {
                ComponentInstance::new(library, program, &job, &self.limit).map(Kept::Component)
            }
            (None, LibraryCode::Command(_)) => return Answer::Stopped,
        };
        let answered = instance.map(|mut instance| {
            let (answer, is_whole) = match &mut instance {
                Kept::Functions(instance) => instance.call(library, &job),
                Kept::Component(instance) => instance.call(library, &job),
            };
            // What is left of an instance that trapped is in no state to be called.
            if is_whole {
                self.kept.insert(index, instance);
            }
            answer
        });
        answered.unwrap_or_else(|answer| answer)
    }
}
