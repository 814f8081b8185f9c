//! What the user sees on standard error: colour, step lines, warnings, errors, progress bars; or JSON instead.
//!
//! Standard output carries answers alone, so that a pipe reads exactly what the guest wrote.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::ValueEnum;
use console::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Context, Error, Result};

/// When to colour what we print: `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is written to standard error: `--log-format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How standard error is written to; decided once, at start.
#[derive(Clone, Debug)]
pub struct Terminal {
    color: bool,
    quiet: bool,
    verbose: bool,
    interactive: bool,
    json: bool,
    /// Whether the last line on the screen lacks its end, since a guest did not write it. Shared by all copies.
    unfinished: Arc<AtomicBool>,
}

/// A message, as `--log-format json` shows it.
#[derive(Serialize)]
struct MessageRecord<'a> {
    time: String,
    event: &'static str,
    level: &'a str,
    message: String,
    help: Option<&'a str>,
}

impl Terminal {
    /// Decides from the flags and from what standard error is. `quiet` silences steps, notes and bars, never
    /// warnings or errors.
    pub fn new(color: ColorChoice, quiet: bool, verbose: bool) -> Self {
        let interactive = std::io::stderr().is_terminal();
        let color = match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                interactive
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        };
        Self { color, quiet, verbose, interactive, json: false, unfinished: Arc::default() }
    }

    /// The same, in the given format. JSON has neither colours nor progress bars.
    #[must_use]
    pub fn with_format(self, format: LogFormat) -> Self {
        match format {
            LogFormat::Text => self,
            LogFormat::Json => Self { color: false, interactive: false, json: true, ..self },
        }
    }

    /// Whether standard error is JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether `--quiet` was given.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether `--verbose` was given.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether standard error is a terminal.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether to colour what is printed.
    pub fn is_colored(&self) -> bool {
        self.color
    }

    /// `text` in `style` where colour is on.
    pub fn paint(&self, style: Style, text: impl std::fmt::Display) -> String {
        style.force_styling(self.color).apply_to(text).to_string()
    }

    /// Writes `record` as one line of JSON.
    pub fn record(&self, record: &impl Serialize) {
        match serde_json::to_string(record) {
            Ok(text) => self.line(text),
            Err(error) => {
                self.line(format_args!("{{\"event\":\"message\",\"level\":\"error\",\"message\":\"{error}\"}}"))
            }
        }
    }

    fn message(&self, level: &str, message: impl std::fmt::Display, help: Option<&str>) {
        let (time, message) = (rfc3339(Timestamp::now()), message.to_string());
        self.record(&MessageRecord { time, event: "message", level, message, help });
    }

    /// One line saying what was done: a right-aligned verb, as cargo prints it, and its object.
    pub fn step(&self, verb: &str, object: impl std::fmt::Display) {
        if self.quiet {
            return;
        }
        if self.json {
            self.message("info", format_args!("{verb} {object}"), None);
        } else {
            let verb = self.paint(Style::new().green().bold(), format_args!("{verb:>12}"));
            self.line(format_args!("{verb} {object}"));
        }
    }

    /// Passes on to standard error what a guest wrote, as it is. What is said after it begins on a line of its own.
    pub fn pass_on(&self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.unfinished.store(*last != b'\n', Ordering::Relaxed);
        let mut stderr = std::io::stderr().lock();
        // Where ours is closed, nobody is left to report the failure to.
        let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
    }

    /// Prints an answer, as [`print`] does. Where standard output and standard error are the same screen, what is said
    /// after it begins on a line of its own.
    ///
    /// # Errors
    /// As [`print`].
    pub fn answer(&self, answer: &[u8]) -> Result<()> {
        if let Some(last) = answer.last().filter(|_| self.interactive && std::io::stdout().is_terminal()) {
            self.unfinished.store(*last != b'\n', Ordering::Relaxed);
        }
        print(answer)
    }

    /// Writes one line to standard error. Failure is ignored: there is no other place to report it.
    fn line(&self, text: impl std::fmt::Display) {
        let end = if self.unfinished.swap(false, Ordering::Relaxed) { "\n" } else { "" };
        let _ = writeln!(std::io::stderr().lock(), "{end}{text}");
    }

    /// A line of plain text, silenced by `--quiet`.
    pub fn note(&self, text: impl std::fmt::Display) {
        if self.quiet {
            return;
        }
        if self.json { self.message("info", text, None) } else { self.line(text) }
    }

    /// A line that no flag silences: what a guest wrote.
    pub fn guest(&self, text: impl std::fmt::Display) {
        self.line(text);
    }

    /// A line that is shown with `--verbose` only.
    pub fn detail(&self, text: impl std::fmt::Display) {
        if self.verbose && self.json {
            self.message("debug", text, None);
        } else if self.verbose {
            self.line(self.paint(Style::new().dim(), text));
        }
    }

    /// Something that is likely wrong but does not end the command.
    pub fn warn(&self, text: impl std::fmt::Display) {
        if self.json {
            return self.message("warning", text, None);
        }
        let label = self.paint(Style::new().yellow().bold(), "warning:");
        self.line(format_args!("{label} {text}"));
    }

    /// An error, its causes and its remedy.
    pub fn error(&self, error: &Error) {
        if self.json {
            return self.message("error", error, error.remedy_text());
        }
        let label = self.paint(Style::new().red().bold(), "error:");
        let mut text = format!("{label} {error}");
        if let Some(remedy) = error.remedy_text() {
            let label = self.paint(Style::new().cyan().bold(), "help:");
            let indented = remedy.replace('\n', "\n        ");
            text.push_str(&format!("\n  {label} {indented}"));
        }
        // At once, so that no line of another thread comes between.
        self.line(text);
    }

    /// A bar that counts bytes of `total` (unknown: `None`); where no bar can be drawn, a plain step line instead.
    pub fn bytes(&self, verb: &str, object: &str, total: Option<u64>) -> ProgressBar {
        const KNOWN: &str = "{prefix:>12.green.bold} {msg} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        const UNKNOWN: &str = "{prefix:>12.green.bold} {msg} {spinner} {bytes} {bytes_per_sec}";
        let bar = self.bar(verb, object, if total.is_some() { KNOWN } else { UNKNOWN });
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar
    }

    /// A spinner with the time that passed, for work whose length is unknown; else a plain step line.
    pub fn spinner(&self, verb: &str, object: &str) -> ProgressBar {
        let bar = self.bar(verb, object, "{prefix:>12.green.bold} {msg} {spinner} {elapsed}");
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }

    /// A bar that fills in the time that something is expected to take, since nothing tells how far it is; else a plain step line
    /// with that time.
    pub fn expected(&self, verb: &str, object: &str, expected: Duration) -> ProgressBar {
        if self.quiet || !self.interactive {
            self.step(verb, format_args!("{object}, which takes about {} s", expected.as_secs()));
            return ProgressBar::hidden();
        }
        let bar = self.bar(verb, object, "");
        let style = ProgressStyle::with_template("{prefix:>12.green.bold} {msg} {expected}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.with_key("expected", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // There is no place to report a failure to.
            let _ = out.write_str(&progress(state.elapsed(), expected));
        }));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    fn bar(&self, verb: &str, object: &str, template: &str) -> ProgressBar {
        if self.quiet || !self.interactive {
            self.step(verb, object);
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(verb.to_owned());
        bar.set_message(object.to_owned());
        bar
    }
}

/// A bar of the time that passed of what was expected. It is never full: nothing but the end tells that it is there.
fn progress(elapsed: Duration, expected: Duration) -> String {
    const WIDTH: usize = 24;
    let part = elapsed.as_secs_f64() / expected.as_secs_f64().max(1.0);
    let done = ((part * WIDTH as f64) as usize).min(WIDTH - 1);
    let seconds = (elapsed.as_secs(), expected.as_secs());
    let times = if elapsed <= expected {
        format!("{} s of about {} s", seconds.0, seconds.1)
    } else {
        format!("{} s, longer than the {} s that were expected", seconds.0, seconds.1)
    };
    format!("[{}{}] {times}", "█".repeat(done), "░".repeat(WIDTH - done))
}

/// A time as RFC 3339 has it, in UTC, with milliseconds.
pub fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Writes an answer to standard output. A reader that closed it, as `| head` does, is not an error.
///
/// # Errors
/// Fails where standard output cannot be written to, as on a full disk.
pub fn print(answer: impl AsRef<[u8]>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(answer.as_ref()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done.context(|| "cannot write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_of_expected_time_is_never_full() {
        let shown = |elapsed| progress(Duration::from_secs(elapsed), Duration::from_secs(30));
        assert_eq!(shown(0), format!("[{}] 0 s of about 30 s", "░".repeat(24)));
        assert_eq!(shown(15), format!("[{}{}] 15 s of about 30 s", "█".repeat(12), "░".repeat(12)));
        let late = format!("[{}░] 95 s, longer than the 30 s that were expected", "█".repeat(23));
        assert_eq!(shown(95), late);
        assert_eq!(progress(Duration::ZERO, Duration::ZERO), format!("[{}] 0 s of about 0 s", "░".repeat(24)));
    }
}
