//! A session on a pseudo-terminal.

use std::process::Command;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use super::{PATIENCE, Project};

/// A session of the binary on a pseudo-terminal.
pub struct Dialogue(OsSession);

impl Dialogue {
    /// Starts it.
    pub fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut command: Command = project.pywagi(arguments).into_command();
        command.env("TERM", "xterm");
        let mut session = Session::spawn(command).expect("a process on a pseudo-terminal");
        session.set_expect_timeout(Some(PATIENCE));
        Self(session)
    }

    /// Waits until it shows this.
    pub fn shows(&mut self, text: &str) -> &mut Self {
        if let Err(e) = self.0.expect(text) {
            let mut rest = [0; 4096];
            let count = self.0.try_read(&mut rest).unwrap_or_default();
            panic!("{text:?} is not shown: {e}; instead: {}", String::from_utf8_lossy(&rest[..count]));
        }
        self
    }

    #[track_caller]
    /// Sends keys.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.0.send(keys).expect("the process reads its terminal");
        self
    }

    /// Types a line at a prompt of Python.
    #[track_caller]
    pub fn enters(&mut self, line: &str) -> &mut Self {
        self.types(">>> ", line)
    }

    /// Types a line at this prompt.
    #[track_caller]
    pub fn types(&mut self, prompt: &str, line: &str) -> &mut Self {
        self.shows(prompt).press(&format!("{line}\r"))
    }

    #[track_caller]
    /// Waits for its end: what it showed last, and its exit code.
    pub fn ends(&mut self) -> (String, i32) {
        let rest = self.0.expect(Eof).expect("the process ends");
        let rest = String::from_utf8_lossy(rest.as_bytes()).into_owned();
        match self.0.get_process().wait().expect("the process can be waited for") {
            WaitStatus::Exited(_, code) => (rest, code),
            other => panic!("{other:?} after {rest}"),
        }
    }
}
