//! Prompts in failed requests: what a page asks of a run that stands still.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Context, Result};
use crate::guest::{Raised, Stand};
use crate::pipeline::{App, Replayable, StandingRuns};
use crate::recording::{Id, Recorded};

/// The largest question that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// The runs that stand still, for those who know a token.
pub struct Prompts {
    token: String,
    runs: StandingRuns,
}

/// What a page asks.
#[derive(Debug, Deserialize)]
pub struct Question {
    /// What it wants: `stand`, `evaluate` or `complete`.
    r#do: Wish,
    /// Before which line of the user's code, from 0, the run stands; at its exception if absent.
    line: Option<u64>,
    /// The number of the frame.
    #[serde(default)]
    frame: usize,
    /// What is typed.
    #[serde(default)]
    text: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Wish {
    Stand,
    Evaluate,
    Complete,
}

/// An answer to a page.
pub enum Answer {
    /// Where the run stands, and how many lines it ran before its exception.
    Stands(Raised, u64),
    /// What the guest's half answers, as an object.
    Object(Value),
}

impl Prompts {
    /// None yet, for those who know a token that is drawn now.
    ///
    /// # Errors
    /// Fails where the system has no random bytes.
    pub fn new() -> Result<Self> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).context(|| "the system gives no random bytes for the token of the prompts")?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { token, runs: StandingRuns::default() })
    }

    /// What a page must know to ask.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether this is the token, in a time that does not depend on what is wrong with it.
    pub fn is_token(&self, text: &[u8]) -> bool {
        let differs = text.iter().zip(self.token.as_bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
        text.len() == self.token.len() && differs == 0
    }

    /// Answers a question about the recorded request `id` of `app`.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub fn ask(
        &mut self,
        app: &App,
        (id, recorded): (Id, &Recorded),
        question: &[u8],
    ) -> std::result::Result<Answer, String> {
        if question.len() > LARGEST {
            return Err(format!("a question has {LARGEST} bytes at most"));
        }
        let question: Question = serde_json::from_slice(question).map_err(|e| format!("it is no question: {e}"))?;
        let Question { r#do, line, frame, text } = question;
        let stand = line.map_or(Stand::End, Stand::Step);
        self.runs.ask(
            id,
            &stand,
            || Replayable::of(app, recorded),
            |run| {
                Ok(match r#do {
                    Wish::Stand => Answer::Stands(run.stands_at.clone(), run.steps),
                    Wish::Evaluate => Answer::Object(run.evaluate(frame, &text)?),
                    Wish::Complete => Answer::Object(run.complete(frame, &text)?),
                })
            },
        )
    }
}
