//! Answers that pywagi itself gives.

use crate::response::Response;
use crate::response::head::default_reason;

/// An answer that no guest gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAnswer {
    /// Its status.
    pub status: u16,
    /// What is wrong; may have several lines.
    pub message: String,
    /// What the user can do about it.
    pub help: Option<String>,
    /// The routes of the app, where none of them matched.
    pub routes: Vec<String>,
}

impl OwnAnswer {
    /// An answer that says what is wrong and no more.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), help: None, routes: Vec::new() }
    }

    /// The status with its reason.
    pub fn title(&self) -> String {
        format!("{} {}", self.status, default_reason(self.status))
    }

    /// The answer as plain text.
    pub fn response(&self) -> Response {
        let mut text = format!("{}\n\n{}\n", self.title(), self.message);
        self.routes.iter().for_each(|route| text.push_str(&format!("  {route}\n")));
        if let Some(help) = &self.help {
            text.push_str(&format!("  help: {}\n", help.replace('\n', "\n        ")));
        }
        Response::plain(self.status, text)
    }
}
