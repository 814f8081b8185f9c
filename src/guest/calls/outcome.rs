//! What is left of a run's calls when it has ended: the log of a recorded run, and where a replayed one went another way.

use std::sync::{Arc, Mutex, PoisonError};

use super::log::CallLog;

/// A call that is not the one that was recorded: the run does not do the same again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Which call of the run it is, from 1.
    pub call: u64,
    /// The call that was made.
    pub made: String,
    /// The call that was recorded, if there was one.
    pub recorded: Option<String>,
}

impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "call {} is {}, ", self.call, self.made)?;
        match &self.recorded {
            Some(recorded) => write!(f, "where the recording has {recorded}"),
            None => f.write_str("where the recording ends"),
        }
    }
}

impl std::error::Error for Deviation {}

/// What is left of the tape when the run has ended.
#[derive(Clone, Default)]
pub struct RunCalls(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    recorded: Option<CallLog>,
    deviation: Option<Deviation>,
}

impl RunCalls {
    /// Leaves the log of a recorded run.
    pub fn leave(&self, log: CallLog) {
        self.with(|left| left.recorded = Some(log));
    }

    /// Leaves where a replayed run did something else than was recorded, the first time.
    pub fn leave_deviation(&self, deviation: Deviation) {
        self.with(|left| {
            left.deviation.get_or_insert(deviation);
        });
    }

    /// Takes the log of a recorded run.
    pub fn recorded(&self) -> Option<CallLog> {
        self.with(|left| left.recorded.take())
    }

    /// Takes where a replayed run did something else than was recorded.
    pub fn deviation(&self) -> Option<Deviation> {
        self.with(|left| left.deviation.take())
    }

    fn with<R>(&self, then: impl FnOnce(&mut Left) -> R) -> R {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
