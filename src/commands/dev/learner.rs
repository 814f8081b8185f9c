//! Saving interpreters while requests are answered: what one request had to import or compile, the next ones find
//! done.

use std::sync::mpsc::{self, Sender};

use crate::guest::{GuestThread, Improvement};
use crate::terminal::Terminal;

/// A thread that makes improvements, one after another.
pub struct Learner(Option<Sender<Improvement>>);

impl Learner {
    /// Starts the thread. Where it cannot be started, nothing is learnt, and requests are answered all the same.
    pub fn start(terminal: &Terminal) -> Self {
        let (sender, receiver) = mpsc::channel::<Improvement>();
        let terminal = terminal.clone();
        let work = move || {
            let mut refused = false;
            while let Ok(improvement) = receiver.recv() {
                // Of what piled up meanwhile, the last knows the most; `make` leaves out what is done already.
                let improvement = receiver.try_iter().last().unwrap_or(improvement);
                if let Err(why) = improvement.make()
                    && !refused
                {
                    refused = true;
                    terminal.warn(format_args!("each request starts an interpreter: {why}"));
                }
            }
        };
        let thread = GuestThread::new("learner").spawn(work);
        Self(thread.is_ok().then_some(sender))
    }

    /// Has `improvement` made, in time.
    pub fn learn(&self, improvement: Improvement) {
        if let Some(sender) = &self.0 {
            // The thread lives as long as the sender.
            let _ = sender.send(improvement);
        }
    }
}
