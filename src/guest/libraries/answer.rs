//! What a guest is told of a call.

use super::Library;
use super::value::Value;
use crate::similar::nearest;

/// What came of a call.
#[derive(Debug)]
pub enum Answer {
    /// It gave a value, and wrote this to standard error.
    Gave(Value, Vec<u8>),
    /// It failed.
    Failed(Box<Failure>),
    /// It was stopped because the run of the guest is to be stopped.
    Stopped,
}

/// Why a call failed.
#[derive(Debug, Default)]
pub struct Failure {
    /// In words that follow the name of the library and the function.
    pub what: String,
    /// What to know besides, which stands after it.
    pub note: Option<String>,
    /// The exit code of a command.
    pub code: Option<i32>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// The error that it returned, if it is one that its WIT declares.
    pub error: Option<Box<Value>>,
    /// The library and the function with their place, in words.
    pub called: Option<String>,
}

impl Failure {
    /// A failure of which this is known.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    /// All of it, on one line.
    fn message(&self) -> String {
        let called = self.called.as_ref().map(|called| format!("{called}: ")).unwrap_or_default();
        let note = self.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
        format!("{called}{}{note}", self.what)
    }
}

impl Answer {
    /// The call failed.
    pub fn failed(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }

    /// The same, of a function of this library.
    pub fn of(self, library: &Library, function: Option<&str>) -> Self {
        match self {
            Self::Failed(mut failure) => {
                failure.called = Some(library.called(function));
                Self::Failed(failure)
            }
            other => other,
        }
    }

    /// As the guest reads it: a value and what was written to standard error, or `None`, that, and a dictionary that says what
    /// failed.
    pub fn written(self) -> Vec<u8> {
        let answer = match self {
            Self::Gave(value, stderr) => Value::Tuple(vec![value, Value::Bytes(stderr)]),
            Self::Stopped => Value::None,
            Self::Failed(failure) => {
                let message = failure.message();
                let Failure { code, stderr, error, .. } = *failure;
                let mut fields = vec![
                    (Value::text("message"), Value::text(message)),
                    (Value::text("code"), code.map_or(Value::None, |code| Value::Int(code.into()))),
                ];
                fields.extend(error.map(|error| (Value::text("error"), *error)));
                Value::Tuple(vec![Value::None, Value::Bytes(stderr), Value::Dict(fields)])
            }
        };
        let mut bytes = Vec::new();
        answer.write(&mut bytes);
        bytes
    }
}

/// The last line of what was written to standard error that is not empty, without control characters.
pub fn last_line(stderr: &[u8]) -> Option<String> {
    /// More is cut off, in characters.
    const MOST: usize = 300;
    let last = stderr.split(|byte| *byte == b'\n').rfind(|line| !line.trim_ascii().is_empty())?;
    let text = String::from_utf8_lossy(last);
    Some(text.trim().chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// Says that there is no such function, and which there are.
pub fn no_function(name: &str, names: &[String]) -> Failure {
    /// More are not listed.
    const MOST: usize = 20;
    let what = "there is no such function";
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return Failure::new(format!("{what}; did you mean `{near}`?"));
    }
    if names.is_empty() {
        return Failure::new(format!("{what}: the library exports none"));
    }
    let more = if names.len() > MOST { ", …" } else { "" };
    let listed = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    Failure::new(format!("{what}; it has {listed}{more}"))
}
