//! From what the interpreter printed to the response.

use alloc::format;

use wagi_contract::response::{self, Response};

use crate::http;
use crate::state;

/// How a run ended.
pub enum Ended {
    /// With this exit code.
    Exited(i32),
    /// It did not run: only a start from the beginning does what it should, for this reason.
    Declined(&'static str),
    /// The interpreter gave no answer.
    Failed,
}

/// Answers with what was printed. A run that fails is a 500, whatever it printed; what is wrong goes to the log alone.
pub fn finish(ended: Ended) {
    let (output, about, is_head) = state::with(|state| {
        state.files.locks.release();
        let (output, about) = (core::mem::take(&mut state.output), core::mem::take(&mut state.about));
        (output, about, state.is_head)
    });
    let why = match ended {
        Ended::Exited(0) => {
            let parsed = response::parse(output, is_head);
            parsed.warnings.iter().for_each(|warning| http::log(&format!("{about}: {warning}\n")));
            match parsed.response {
                Ok(response) => return http::send(&response),
                Err(malformed) => {
                    format!("what was printed is no response: {}; {}", malformed.missing, malformed.remedy)
                }
            }
        }
        Ended::Exited(code) => format!("the script exited with code {code}"),
        Ended::Declined(reason) => format!("the script cannot run in a component: {reason}"),
        Ended::Failed => "the saved interpreter gave no answer".into(),
    };
    http::log(&format!("{about}: 500: {why}\n"));
    http::send(&Response::plain(500, "500 Internal Server Error\n\nWhat went wrong is in the server's log.\n"));
}
