//! The variables of a failed run, by a replay of it.

use crate::guest::{Raised, Start};
use crate::pipeline::{self, App, Outcome, Replayable};

/// The exception of a failed run with its variables, if one ended it, and its environment; or why there are none.
pub type Described = Result<(Option<Raised>, Vec<(String, String)>), String>;

/// Looks at the run behind a failure again, in a replay.
pub fn describe(app: &App, outcome: &Outcome) -> Described {
    let Some(recorded) = &outcome.recorded else {
        return match outcome.start {
            Some(_) => Err("requests are not recorded (--no-record)".to_owned()),
            None => Ok((None, Vec::new())),
        };
    };
    let environment = recorded.request.environment.clone();
    let has_raised = outcome.failure.as_ref().is_some_and(|failure| failure.raised.is_some());
    let raised = match &outcome.start {
        Some(Start::Warm) if has_raised => Some(pipeline::describe(&Replayable::of(app, recorded)?)?),
        Some(Start::Cold(why)) if has_raised => return Err(format!("it was a cold start ({why})")),
        _ => None,
    };
    Ok((raised, environment))
}
