//! Something wrong that was found without running a request, with its place and its remedy.

use std::fmt;

use serde::Serialize;

/// How wrong a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Requests fail.
    Error,
    /// It is likely a mistake.
    Warning,
}

/// Something wrong. The names of its JSON form are part of the command line's contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How wrong it is.
    pub level: Level,
    /// The file, as messages show it.
    pub file: String,
    /// The line, from 1, where it is about one.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// An error in a file.
    pub fn error(file: impl Into<String>, message: impl Into<String>) -> Self {
        let (file, message) = (file.into(), message.into());
        Self { level: Level::Error, file, line: None, column: None, message, help: None }
    }

    /// A warning about a file.
    pub fn warning(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(file, message) }
    }

    /// The same, at a line.
    #[must_use]
    pub fn at(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same, at a column of its line.
    #[must_use]
    pub fn column(self, column: usize) -> Self {
        Self { column: Some(column), ..self }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Where it is: `FILE`, `FILE:LINE` or `FILE:LINE:COLUMN`.
    pub fn place(&self) -> impl fmt::Display {
        let numbers = self.line.into_iter().chain(self.line.and(self.column));
        numbers.fold(self.file.clone(), |place, number| format!("{place}:{number}"))
    }
}
