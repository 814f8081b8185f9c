//! A guest that failed: how, told on one line and as the page of a 500.

use std::path::Path;

use crate::guest::{Exit, Output};
use crate::limits::Bounds;
use crate::response::{Malformed, quote};
use crate::route::Pattern;
use crate::size;
use crate::text_file;

/// A guest's own message is cut after this many characters: a page explains, the log has it all.
const LONGEST: usize = 300;

/// How a guest failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it did, after its name.
    what: String,
    /// The likely cause or a detail, each a line of its own.
    details: Vec<String>,
    /// What the user can do about it, where more is known than the message says.
    remedy: Option<String>,
}

/// The failure that a run within `bounds` with this output is, if it is one.
pub fn of_run(output: &Output, bounds: &Bounds) -> Option<Failure> {
    let mut failure = of_exit(&output.exit, &output.stderr)?;
    match output.exit {
        Exit::TimedOut(_) => failure.remedy = Some(bounds.more_time()),
        Exit::OutputLimit(_) => failure.remedy = Some(bounds.more_output()),
        _ => {}
    }
    if output.memory_refused {
        let limit = size::shown(bounds.limits.memory);
        failure.what = format!("{}; it was refused memory beyond the limit of {limit}", failure.what);
        failure.remedy.get_or_insert_with(|| bounds.more_memory());
    }
    Some(failure)
}

/// The failure that `exit` is, whatever its run's limits were, if it is one; `stderr` may hold the traceback that says why.
pub fn of_exit(exit: &Exit, stderr: &[u8]) -> Option<Failure> {
    let what = match exit {
        Exit::Code(0) => return None,
        Exit::Code(code) => format!("failed with exit code {code}"),
        Exit::Trap(why) => format!("trapped: {why}"),
        Exit::TimedOut(limit) => format!("was stopped after {limit:?}, the time limit"),
        Exit::Cancelled => "was stopped: its client disconnected".to_owned(),
        Exit::OutputLimit(limit) => {
            format!("was stopped: its output grew beyond the limit of {}", size::shown(*limit as u64))
        }
        Exit::StackExhausted => "was stopped: its calls went deeper than its stack".to_owned(),
        Exit::NoVolume(why) => format!("could not be started: {why}"),
        Exit::NotStarted(why) => format!("could not be started: {why}"),
    };
    let mut failure = Failure { what: one_line(&what), details: Vec::new(), remedy: None };
    let mut remedy = |text: &str| failure.remedy = Some(text.to_owned());
    match exit {
        Exit::StackExhausted => remedy("look for a recursion without an end; the size of the stack is fixed"),
        Exit::NoVolume(_) => remedy("create the directory, or correct `volumes` in modules.toml"),
        Exit::Code(_) | Exit::Trap(_) => {
            if let Some(traceback) = Traceback::find(stderr) {
                failure.what = format!("{}: {}", failure.what, one_line(traceback.exception));
                failure.details.extend(traceback.place.map(|place| format!("at {}", one_line(place))));
            } else if let Some(line) = stderr.split(|&b| b == b'\n').rfind(|line| !line.trim_ascii().is_empty()) {
                failure.details.push(format!("its standard error ends with {}", quote(line.trim_ascii_end())));
            }
        }
        Exit::TimedOut(_) | Exit::Cancelled | Exit::OutputLimit(_) | Exit::NotStarted(_) => {}
    }
    Some(failure)
}

impl Failure {
    /// Output that is no response.
    pub fn malformed(malformed: &Malformed) -> Self {
        let mut details = Vec::new();
        if !malformed.start.is_empty() {
            details.push(format!("its output begins with {}", malformed.start));
        }
        let what = format!("answered no valid response: {}", malformed.missing);
        Self { what, details, remedy: Some(malformed.remedy.to_owned()) }
    }

    /// A `Status` that cannot be answered, for the reason given.
    pub fn status(why: &str) -> Self {
        let what = format!("answered no valid response: its {why}");
        Self { what, details: Vec::new(), remedy: Some("print a status such as `Status: 404 Not Found`".to_owned()) }
    }

    /// What failed and how, on one line; `name` is the script's or the module's.
    pub fn line(&self, name: &str) -> String {
        format!("{name} {}", self.what)
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// The text of the 500 that answers the request.
    pub fn page(&self, name: &str, route: &Pattern, module: &Path) -> String {
        let mut page = format!("500 Internal Server Error\n\n{}\n", self.line(name));
        for detail in &self.details {
            page.push_str(&format!("  {detail}\n"));
        }
        if let Some(remedy) = &self.remedy {
            page.push_str(&format!("  help: {remedy}\n"));
        }
        let module = text_file::shown(module);
        page.push_str(&format!("\nroute:  {route}\nmodule: {module}\n\n"));
        page.push_str("What it wrote to standard error is in the terminal where pywagi runs.\n");
        page
    }
}

/// The name of what a module runs: the first `.py` file of its arguments, else the module itself.
pub fn script(argv: Option<&str>, module: &Path) -> String {
    let words = argv.unwrap_or_default().split_whitespace();
    let script = words.filter(|word| !word.contains("${")).find(|word| word.ends_with(".py"));
    script.map_or_else(|| text_file::shown(module), str::to_owned)
}

/// The last traceback that CPython printed: the exception's line, and the place it was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Traceback<'t> {
    exception: &'t str,
    place: Option<&'t str>,
}

impl<'t> Traceback<'t> {
    /// Finds the last traceback in `stderr`; its lines that are UTF-8 are enough.
    ///
    /// A traceback is a heading (a syntax error in the script itself has none), indented lines of which some name a
    /// place, and the exception, not indented. The lines of an exception group have `  | ` before all that.
    fn find(stderr: &'t [u8]) -> Option<Self> {
        let (mut found, mut inside, mut place) = (None, false, None);
        for line in stderr.split(|&b| b == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
            let grouped = line.trim_start().strip_prefix("| ").unwrap_or(line).trim_end();
            if line.contains("Traceback (most recent call last):") {
                (inside, place) = (true, None);
            } else if let Some(file) = grouped.strip_prefix("  File \"") {
                inside = true;
                place = Some(grouped.trim_start()).filter(|_| file.contains("\", line "));
            } else if inside && !grouped.is_empty() && !grouped.starts_with([' ', '\t']) {
                found = Some(Self { exception: grouped, place });
                inside = false;
            }
        }
        found
    }
}

/// `text` on one line, control characters replaced, cut after [`LONGEST`] characters.
fn one_line(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = clean.take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// What CPython 3.12 prints for each kind of uncaught exception.
    #[test]
    fn the_last_line_of_a_traceback_is_found() {
        for (stderr, exception, place) in [
            (
                "INFO:root:hello\nTraceback (most recent call last):\n  File \"/code/a.py\", line 3, in <module>\n    \
                 f()\n  File \"/code/a.py\", line 2, in f\n    return 1 / 0\n           ~~^~~\n\
                 ZeroDivisionError: division by zero\n",
                "ZeroDivisionError: division by zero",
                "File \"/code/a.py\", line 2, in f",
            ),
            (
                "  File \"/code/a.py\", line 1\n    def (\n        ^\nSyntaxError: invalid syntax\n",
                "SyntaxError: invalid syntax",
                "File \"/code/a.py\", line 1",
            ),
            (
                "Traceback (most recent call last):\n  File \"/code/a.py\", line 2, in <module>\n    int('x')\n\
                 ValueError: first\n\nDuring handling of the above exception, another exception occurred:\n\n\
                 Traceback (most recent call last):\n  File \"/code/a.py\", line 4, in <module>\n    {}['k']\n\
                 KeyError: 'k'\nbye\n",
                "KeyError: 'k'",
                "File \"/code/a.py\", line 4, in <module>",
            ),
            (
                "  + Exception Group Traceback (most recent call last):\n  |   File \"/code/a.py\", line 1, in <module>\n  \
                 |     raise ExceptionGroup('g', [ValueError(1)])\n  | ExceptionGroup: g (1 sub-exception)\n  \
                 +-+---------------- 1 ----------------\n    | ValueError: 1\n    +------------------------------------\n",
                "ExceptionGroup: g (1 sub-exception)",
                "File \"/code/a.py\", line 1, in <module>",
            ),
            (
                "Traceback (most recent call last):\r\n  File \"a.py\", line 1, in <module>\r\nKeyboardInterrupt\r\n",
                "KeyboardInterrupt",
                "File \"a.py\", line 1, in <module>",
            ),
        ] {
            let expected = Traceback { exception, place: Some(place) };
            assert_eq!(Traceback::find(stderr.as_bytes()), Some(expected), "{stderr}");
        }
        for stderr in ["", "Error: not a traceback\n", "Traceback (most recent call last):\n  File \"a.py\", line 1\n"]
        {
            assert_eq!(Traceback::find(stderr.as_bytes()), None, "{stderr}");
        }
        // Bytes that are no UTF-8 hide their own line alone.
        let torn = b"\xff\nTraceback (most recent call last):\n  \xff\nE: x\n";
        assert_eq!(Traceback::find(torn), Some(Traceback { exception: "E: x", place: None }));
    }

    #[test]
    fn every_way_to_fail_has_its_line() {
        for (exit, line) in [
            (Exit::Code(3), "x failed with exit code 3"),
            (Exit::Code(-1), "x failed with exit code -1"),
            (Exit::Trap("unreachable\nexecuted".to_owned()), "x trapped: unreachable executed"),
            (Exit::TimedOut(Duration::from_millis(1500)), "x was stopped after 1.5s, the time limit"),
            (Exit::Cancelled, "x was stopped: its client disconnected"),
            (Exit::OutputLimit(7), "x was stopped: its output grew beyond the limit of 7 bytes"),
            (Exit::OutputLimit(256 << 20), "x was stopped: its output grew beyond the limit of 256 MiB"),
            (Exit::StackExhausted, "x was stopped: its calls went deeper than its stack"),
            (Exit::NoVolume("the volume /a".to_owned()), "x could not be started: the volume /a"),
            (Exit::NotStarted("no such volume".to_owned()), "x could not be started: no such volume"),
        ] {
            assert_eq!(of_exit(&exit, b"").map(|failure| failure.line("x")).as_deref(), Some(line));
        }
        assert_eq!(of_exit(&Exit::Code(0), b"Traceback (most recent call last):\n  a\nE: x\n"), None);
    }

    #[test]
    fn a_page_names_the_script_the_place_the_route_and_the_module() {
        let stderr = "Traceback (most recent call last):\n  File \"/code/a.py\", line 1, in <module>\nE: \x1b[2Jx\n";
        let failure = of_exit(&Exit::Code(1), stderr.as_bytes()).unwrap();
        let page = failure.page("/code/a.py", &Pattern::parse("/x/...").unwrap(), Path::new("/opt/python3.wasm"));
        let expected = "500 Internal Server Error\n\n\
                        /code/a.py failed with exit code 1: E:  [2Jx\n  \
                        at File \"/code/a.py\", line 1, in <module>\n\n\
                        route:  /x/...\n\
                        module: /opt/python3.wasm\n\n\
                        What it wrote to standard error is in the terminal where pywagi runs.\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn without_a_traceback_the_last_line_of_standard_error_is_shown() {
        let failure = of_exit(&Exit::Code(2), b"one\npython: can't open file '/code/a.py'\r\n \n").unwrap();
        assert_eq!(failure.line("x"), "x failed with exit code 2");
        assert_eq!(failure.details, ["its standard error ends with \"python: can't open file '/code/a.py'\""]);
    }

    #[test]
    fn a_long_exception_is_cut() {
        let stderr = format!("Traceback (most recent call last):\n  a\nE: {}\n", "é".repeat(10_000));
        let line = of_exit(&Exit::Code(1), stderr.as_bytes()).unwrap().line("x");
        assert_eq!(line, format!("x failed with exit code 1: E: {}…", "é".repeat(297)));
    }

    #[test]
    fn the_script_is_the_first_python_file_of_the_arguments() {
        for (argv, expected) in [
            (Some("python -X dev /code/env.py ${ARGS} other.py"), "/code/env.py"),
            (Some("python -m app ${ARGS}"), "/opt/python3.wasm"),
            (Some("python ${ARGS}.py"), "/opt/python3.wasm"),
            (None, "/opt/python3.wasm"),
        ] {
            assert_eq!(script(argv, Path::new("/opt/python3.wasm")), expected);
        }
    }
}
