//! Saves interpreters while requests are answered, so that the next ones find done what an earlier one had to import or
//! compile.

use std::sync::mpsc::{self, Sender};

use crate::guest::{GuestThread, Improvement, LeftOut};
use crate::terminal::Terminal;

/// Says that a module is loaded by each request that imports it, or that the warm-up script is not run, once for each saved
/// interpreter.
pub fn tell(left_out: &LeftOut, terminal: &Terminal) {
    if left_out.is_script() { terminal.warn(left_out) } else { terminal.note(left_out) }
}

/// Saves an interpreter in a process that ends then.
pub fn save_now(improvement: &Improvement, terminal: &Terminal) {
    match improvement.make() {
        Ok(left_out) => {
            for left_out in &left_out {
                if left_out.is_script() { terminal.warn(left_out) } else { terminal.detail(left_out) }
            }
        }
        Err(why) => terminal.detail(format_args!("each request starts an interpreter: {why}")),
    }
}

/// A thread that saves one interpreter after another.
pub struct ImageSaver(Option<Sender<Improvement>>);

impl ImageSaver {
    /// Starts the thread. If it cannot be started nothing is saved; requests are answered nevertheless.
    pub fn start(terminal: &Terminal) -> Self {
        let (sender, receiver) = mpsc::channel::<Improvement>();
        let terminal = terminal.clone();
        let work = move || {
            let mut warned = false;
            while let Ok(improvement) = receiver.recv() {
                // The last in the queue covers the most; `make` skips what was saved meanwhile.
                let improvement = receiver.try_iter().last().unwrap_or(improvement);
                match improvement.make() {
                    Ok(left_out) => left_out.iter().for_each(|left_out| tell(left_out, &terminal)),
                    Err(why) if !warned => {
                        warned = true;
                        terminal.warn(format_args!("each request starts an interpreter: {why}"));
                    }
                    Err(_) => {}
                }
            }
        };
        let thread = GuestThread::new("image-saver").in_background().spawn(work);
        Self(thread.is_ok().then_some(sender))
    }

    /// Queues `improvement`.
    pub fn save(&self, improvement: Improvement) {
        if let Some(sender) = &self.0 {
            // Fails only if the thread panicked; then nothing more is saved.
            let _ = sender.send(improvement);
        }
    }
}
