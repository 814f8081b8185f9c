//! `pywagi replay`, and the recordings of `dev` and `invoke`.

mod debug;
mod ends;
mod files;
mod servers;

use crate::support::{DevServer, Output, Project};

/// A run of `pywagi replay` in the project.
pub fn replay(project: &Project, arguments: &[&str]) -> Output {
    project.pywagi(["replay"].iter().chain(arguments)).output()
}

/// The IDs of the recordings that a list shows, the newest first.
pub fn ids(list: &Output) -> Vec<String> {
    list.code(0).stdout_text().lines().map(|line| line[..5].to_owned()).collect()
}

/// The last line of standard error, the ID and the time replaced.
fn said(run: &Output, id: &str) -> String {
    let text = run.stderr_text();
    let line = text.lines().find(|line| line.contains("Replayed ")).unwrap_or_else(|| panic!("no step: {run}"));
    let line = line.replace(id, "ID");
    let (before, after) = line.split_once(" of ").expect("a time");
    format!("{before} of TIME{}", &after["2026-01-31 12:00:00".len()..])
}

/// Sends a request to `server` and gives back the ID of its recording, the newest.
fn newest(project: &Project, server: &DevServer, target: &str) -> String {
    server.get(target);
    recorded(project, target)
}

/// The ID of the newest recording, once it is that of a request of `target`: an answer is out before it is recorded.
fn recorded(project: &Project, target: &str) -> String {
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let list = replay(project, &[]);
        let text = list.code(0).stdout_text();
        if let Some(line) = text.lines().next().filter(|line| line.contains(&format!(" {target}  ("))) {
            return line[..5].to_owned();
        }
        assert!(std::time::Instant::now() < deadline, "no request of {target} is recorded: {list}");
    }
}
