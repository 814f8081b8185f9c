//! Compares an answer with what a test expects of it.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use similar::TextDiff;

use crate::cache::seal::write_atomically;
use crate::error::{Context, Result};
use crate::pipeline::Outcome;
use crate::text_file::{self, shown};

use super::file::Expect;
use super::pattern::is_like;

/// What is wrong with an answer: each a line that says so, and where it is long a difference below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong; nothing where the test has passed.
    pub faults: Vec<Fault>,
    /// Whether a snapshot was written.
    pub has_updated: bool,
}

/// Something that is not as it was expected.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What, on one line.
    pub what: String,
    /// The difference, as `diff -u` shows it; empty for a short one.
    pub difference: String,
}

impl Expect {
    /// Compares `outcome`, which took `time`, with what is expected. With `update`, snapshots that differ are written anew.
    ///
    /// # Errors
    /// Fails where a snapshot cannot be read or written.
    pub fn judge(&self, outcome: &Outcome, time: Duration, update: bool) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        let mut fault = |what: String| verdict.faults.push(Fault { what, difference: String::new() });
        let response = &outcome.response;
        match self.status {
            Some(status) if status != response.status => {
                fault(format!("the status is {}, expected {status}", response.status));
            }
            None if response.status >= 400 => {
                fault(format!("the status is {}, expected one below 400", response.status))
            }
            _ => {}
        }
        if let Some(failure) = outcome.failure.as_ref().filter(|_| self.status.is_none_or(|status| status < 500)) {
            let help = failure.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
            fault(format!("{failure}{help}"));
        }
        for (name, pattern) in &self.headers {
            let values: Vec<_> = response.headers.all(name).map(String::from_utf8_lossy).collect();
            if !values.iter().any(|value| is_like(pattern, value)) {
                let got =
                    if values.is_empty() { "is not there".to_owned() } else { format!("is {}", values.join(" | ")) };
                fault(format!("the header {name} {got}, expected {pattern}"));
            }
        }
        let body = String::from_utf8_lossy(&response.body);
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        for text in self.contains.iter().filter(|text| !body.contains(text.as_str())) {
            fault(format!("the body does not contain {text:?}"));
        }
        for regex in self.matches.iter().filter(|regex| !regex.is_match(&body)) {
            fault(format!("the body does not match {:?}", regex.as_str()));
        }
        for text in self.stderr.iter().filter(|text| !stderr.contains(text.as_str())) {
            fault(format!("standard error does not contain {text:?}"));
        }
        if !self.json.is_empty() {
            match serde_json::from_slice::<Value>(&response.body) {
                Ok(json) => {
                    for (place, path, expected) in &self.json {
                        let found = path.query(&json).all();
                        if !found.iter().any(|value| is_same(expected, value)) {
                            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                            let got = if found.is_empty() { "not there".to_owned() } else { found.join(", ") };
                            fault(format!("{place} is {got}, expected {expected}"));
                        }
                    }
                }
                Err(error) => fault(format!("the body is no JSON: {error}")),
            }
        }
        if let Some(limit) = self.time.filter(|limit| time > *limit) {
            fault(format!("it took {:.1} ms, expected {limit:?} at most", time.as_secs_f64() * 1e3));
        }
        if let Some(expected) = self.body.as_ref().filter(|expected| !is_like_text(expected, &body)) {
            let what = "the body is another one".to_owned();
            verdict.faults.push(Fault { what, difference: difference(expected, &body) });
        }
        if let Some(path) = &self.snapshot {
            let known = if path.exists() { Some(text_file::read(path)?) } else { None };
            let is_same = known.as_ref().is_some_and(|known| is_like_text(known, &body));
            if !is_same && update {
                let write = || {
                    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                    write_atomically(path, |file| std::io::Write::write_all(file, &response.body))
                };
                write().context(|| format!("cannot write the snapshot {}", shown(path)))?;
                verdict.has_updated = true;
            } else if !is_same {
                let (what, difference) = match known {
                    Some(known) => (format!("the body is not that of {}", shown(path)), difference(&known, &body)),
                    None => (format!("there is no snapshot {}: --update writes it", shown(path)), String::new()),
                };
                verdict.faults.push(Fault { what, difference });
            }
        }
        Ok(verdict)
    }
}

/// Whether a text is as expected, but for the end of its last line, which editors add.
fn is_like_text(pattern: &str, text: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n");
    let (pattern, text) = (plain(pattern), plain(text));
    is_like(&pattern, &text) || is_like(pattern.trim_end_matches('\n'), text.trim_end_matches('\n'))
}

/// Whether a value is the expected one; `*` in a text stands for anything, and a number is compared by its value.
fn is_same(expected: &Value, value: &Value) -> bool {
    match (expected, value) {
        (Value::String(pattern), Value::String(text)) => is_like(pattern, text),
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => expected == value,
    }
}

/// How many lines of a difference are shown.
const MOST_LINES: usize = 60;

fn difference(expected: &str, got: &str) -> String {
    let diff = TextDiff::from_lines(expected, got);
    let whole = diff.unified_diff().context_radius(2).header("expected", "got").to_string();
    let mut shown = String::new();
    for line in whole.lines().take(MOST_LINES) {
        // A string takes all that is written to it.
        let _ = writeln!(shown, "{line}");
    }
    let more = whole.lines().count().saturating_sub(MOST_LINES);
    if more > 0 {
        let _ = writeln!(shown, "… {more} lines more");
    }
    shown
}
