//! What a person sees on standard error: colour, step lines, warnings, errors, progress bars.
//!
//! Standard output is left to answers alone, so that a pipe reads exactly what the guest wrote.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use console::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

/// How we talk on standard error; decided once, at start.
#[derive(Clone, Debug)]
pub struct Terminal {
    color: bool,
    quiet: bool,
    verbose: bool,
    interactive: bool,
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
        Self { color, quiet, verbose, interactive }
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

    /// One line saying what was done: a right-aligned verb, as cargo prints it, and its object.
    pub fn step(&self, verb: &str, object: impl std::fmt::Display) {
        if !self.quiet {
            let verb = self.paint(Style::new().green().bold(), format_args!("{verb:>12}"));
            line(format_args!("{verb} {object}"));
        }
    }

    /// A line of plain text, silenced by `--quiet`.
    pub fn note(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            line(text);
        }
    }

    /// A line that is shown whatever the flags say: what a guest wrote.
    pub fn guest(&self, text: impl std::fmt::Display) {
        line(text);
    }

    /// A line that is shown with `--verbose` only.
    pub fn detail(&self, text: impl std::fmt::Display) {
        if self.verbose {
            line(self.paint(Style::new().dim(), text));
        }
    }

    /// Something that is likely wrong but does not stop us.
    pub fn warn(&self, text: impl std::fmt::Display) {
        let label = self.paint(Style::new().yellow().bold(), "warning:");
        line(format_args!("{label} {text}"));
    }

    /// The error that ends the command, its causes and its remedy.
    pub fn error(&self, error: &Error) {
        let label = self.paint(Style::new().red().bold(), "error:");
        line(format_args!("{label} {error}"));
        if let Some(remedy) = error.remedy_text() {
            let label = self.paint(Style::new().cyan().bold(), "help:");
            let indented = remedy.replace('\n', "\n        ");
            line(format_args!("  {label} {indented}"));
        }
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
            bar.enable_steady_tick(std::time::Duration::from_millis(100));
        }
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

/// Writes an answer to standard output. A reader that has left, as `| head` does, is no error.
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

/// Writes one line to standard error. A closed standard error leaves nobody to tell, so failure is ignored.
fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
