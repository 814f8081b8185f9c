//! A guest that failed, as data: what happened, the exception behind it, and what helps.

mod help;
mod network;
mod page;
mod sqlite;
mod traceback;

use std::fmt;
use std::path::Path;

use crate::error::{Error, Kind, MORE_FILES};
use crate::guest::{Exit, Output, Raised, RaisedFrame, Volume};
use crate::limits::ResolvedLimits;
use crate::network::AllowedHosts;
use crate::response::{Malformed, quote};
use crate::size;
use crate::text_file;

pub use help::help_for_import;
use help::{Help, help_of};
pub use page::page;
pub use traceback::{Exception, Location, is_own, volume_of};

/// Messages of a guest are cut after this many characters where people read them; its standard error has them whole.
const MAX_SHOWN: usize = 300;

/// What CPython prints where it does not find its standard library.
const NO_LIBRARY: &[u8] = b"No module named 'encodings'";

/// A run that gave no usable response, and why.
///
/// Its `Display` is one line: the program, what happened to it and the exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestFailure {
    /// The script or module that failed, as it is shown.
    pub program: String,
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened, as the predicate of a sentence about the program.
    pub what: String,
    /// The exception that ended the guest: nothing handled it.
    pub exception: Option<Exception>,
    /// That exception with its traceback, and what belongs to it.
    pub raised: Option<Raised>,
    /// What it was executing when it was stopped, the outermost first, where that is known.
    pub stopped_at: Vec<RaisedFrame>,
    /// Where the exception was raised or what was being executed: in the user's code, if it came by there.
    pub location: Option<Location>,
    /// The memory limit in bytes, where the guest was refused memory beyond it.
    pub refused_beyond: Option<u64>,
    /// The part of its output that shows what is wrong.
    pub evidence: Option<String>,
    /// What the user can do about it, where more is known than the message says. May have several lines.
    pub help: Option<String>,
    /// The one command that mends it, if there is one.
    pub command: Option<String>,
}

/// The kinds of [`GuestFailure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A Python exception that was not handled.
    Exception,
    /// An exit code other than 0, without a traceback.
    ExitCode,
    /// A trap of WebAssembly.
    Trap,
    /// The time limit passed.
    TimedOut,
    /// The client disconnected.
    Cancelled,
    /// The limit of standard output was reached.
    OutputLimit,
    /// The call stack overflowed.
    StackExhausted,
    /// A volume could not be opened.
    MissingVolume,
    /// The system has too little address space for the guest.
    NoAddressSpace,
    /// Too many files are open.
    TooManyFiles,
    /// The run could not begin, for another reason.
    NotStarted,
    /// Standard output is not a CGI response.
    InvalidResponse,
    /// The response has a `Status` that cannot be sent.
    InvalidStatus,
}

impl FailureKind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::ExitCode => "exit-code",
            Self::Trap => "trap",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
            Self::OutputLimit => "output-limit",
            Self::StackExhausted => "stack-exhausted",
            Self::MissingVolume => "missing-volume",
            Self::NoAddressSpace => "no-address-space",
            Self::TooManyFiles => "too-many-files",
            Self::NotStarted => "not-started",
            Self::InvalidResponse => "invalid-response",
            Self::InvalidStatus => "invalid-status",
        }
    }
}

impl GuestFailure {
    fn new(program: &str, kind: FailureKind, what: impl Into<String>) -> Self {
        let (program, what) = (program.to_owned(), what.into());
        Self {
            program,
            kind,
            what,
            exception: None,
            raised: None,
            stopped_at: Vec::new(),
            location: None,
            refused_beyond: None,
            evidence: None,
            help: None,
            command: None,
        }
    }

    /// The failure of a run of `program` with `volumes` and within `limits`, which might connect to `allowed`, that gave this
    /// output, if it failed.
    pub fn of_run(
        program: &str,
        output: &Output,
        volumes: &[Volume],
        limits: &ResolvedLimits,
        allowed: &AllowedHosts,
    ) -> Option<Self> {
        let mut failure = Self::of_exit(program, output, volumes, allowed)?;
        failure.stopped_at.clone_from(&output.stopped_at);
        failure.location = match &failure.exception {
            Some(exception) => exception.location.clone(),
            None => Location::of_frames(&output.stopped_at, volumes),
        };
        match output.exit {
            Exit::TimedOut(_) => failure.help = Some(limits.more_time()),
            Exit::OutputLimit(_) => failure.help = Some(limits.more_output()),
            _ => {}
        }
        if output.memory_refused {
            failure.refused_beyond = Some(limits.values.memory);
            failure.help.get_or_insert_with(|| limits.more_memory());
        }
        if let (Some(exception), Some(finding)) = (&failure.exception, &output.sqlite) {
            failure.help = failure.help.or_else(|| sqlite::help(exception, finding));
        }
        Some(failure)
    }

    /// The failure that the end of a run is, if it is one; standard error may hold the traceback that explains it. Where
    /// `main` returned, it is that of an exception which nothing handled; else the guest handled and printed it, and ended for
    /// another reason.
    fn of_exit(program: &str, output: &Output, volumes: &[Volume], allowed: &AllowedHosts) -> Option<Self> {
        let Output { exit, main_returned, stderr, raised, stopped_library, .. } = output;
        let (kind, what) = match exit {
            Exit::Code(0) => return None,
            Exit::Code(code) => (FailureKind::ExitCode, format!("failed with exit code {code}")),
            Exit::Trap(why) => (FailureKind::Trap, format!("trapped: {why}")),
            Exit::TimedOut(limit) => {
                let library = stopped_library.as_ref();
                let library = library.map(|library| format!(", while it waited for {library}")).unwrap_or_default();
                (FailureKind::TimedOut, format!("was stopped after {limit:?}, the time limit{library}"))
            }
            Exit::Cancelled => (FailureKind::Cancelled, "was stopped: its client disconnected".to_owned()),
            Exit::OutputLimit(limit) => {
                let limit = size::shown(*limit as u64);
                (FailureKind::OutputLimit, format!("was stopped: its output grew beyond the limit of {limit}"))
            }
            Exit::StackExhausted => {
                (FailureKind::StackExhausted, "was stopped: its calls went deeper than its stack".to_owned())
            }
            Exit::NoVolume(why) => (FailureKind::MissingVolume, format!("could not be started: {why}")),
            Exit::NoAddressSpace(why) => (FailureKind::NoAddressSpace, format!("could not be started: {why}")),
            Exit::TooManyFiles(why) => (FailureKind::TooManyFiles, format!("could not be started: {why}")),
            Exit::NotStarted(why) => (FailureKind::NotStarted, format!("could not be started: {why}")),
        };
        let mut failure = Self::new(program, kind, what);
        let mut help = |text: &str| failure.help = Some(text.to_owned());
        match exit {
            Exit::StackExhausted => help("look for a recursion without an end; the size of the stack is fixed"),
            Exit::NoVolume(_) => help("create the directory, or correct `volumes` in modules.toml"),
            Exit::TooManyFiles(_) => help(MORE_FILES),
            Exit::NoAddressSpace(_) => {
                help(
                    "raise the limit on address space (`ulimit -v`), or remove it: a run reserves that much, however \
                      little memory it uses",
                );
            }
            Exit::Code(_) | Exit::Trap(_) => {
                if let Some(text) = sqlite::help_of_trap(exit) {
                    help(text);
                }
                if stderr.windows(NO_LIBRARY.len()).any(|part| part == NO_LIBRARY) {
                    help(
                        "Python does not find its standard library; add the directory that contains it to `volumes`, \
                         for example \"/opt\" = \"opt\"",
                    );
                }
                let mut lines = stderr.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end);
                let last = lines.rfind(|line| !line.is_empty()).unwrap_or_default();
                let raised = raised.clone().or_else(|| traceback::read(stderr));
                match raised.as_ref().and_then(|raised| Exception::of(raised, stderr, volumes)) {
                    Some(exception) if *main_returned && matches!(exit, Exit::Code(1 | 130)) => {
                        let raised = raised.unwrap_or_default();
                        let about_network = network::help(&exception, &raised, allowed).map(Help::from);
                        if let Some(Help { text, command }) = about_network.or_else(|| help_of(&exception, volumes)) {
                            (failure.help, failure.command) = (Some(text), command);
                        }
                        failure.exception = Some(exception);
                        failure.raised = Some(raised);
                        failure.kind = FailureKind::Exception;
                    }
                    Some(handled) if handled.to_string().as_bytes() == last => {}
                    _ if last.is_empty() => {}
                    _ => failure.evidence = Some(format!("its standard error ends with {}", quote(last))),
                }
            }
            Exit::TimedOut(_) | Exit::Cancelled | Exit::OutputLimit(_) | Exit::NotStarted(_) => {}
        }
        Some(failure)
    }

    /// What happened to the program, on one line, without the exception.
    pub fn happened(&self) -> String {
        format!("{} {}", self.program, one_line(&self.what))
    }

    /// The error that ends a command, with the exit code of a failed guest where the guest failed.
    pub fn to_error(&self) -> Error {
        let kind = match self.kind {
            FailureKind::NoAddressSpace | FailureKind::TooManyFiles => Kind::Failed,
            _ => Kind::Guest,
        };
        let error = Error::of(kind, self.to_string());
        match &self.help {
            Some(help) => error.remedy(help),
            None => error,
        }
    }

    /// Standard output that is not a response.
    pub fn malformed(program: &str, malformed: &Malformed) -> Self {
        let what = format!("did not print a valid response: {}", malformed.missing);
        let evidence = (!malformed.start.is_empty()).then(|| format!("its output begins with {}", malformed.start));
        let help = Some(malformed.remedy.to_owned());
        Self { evidence, help, ..Self::new(program, FailureKind::InvalidResponse, what) }
    }

    /// A response whose `Status` cannot be sent, for the reason given.
    pub fn invalid_status(program: &str, why: &str) -> Self {
        let help = Some("print a status such as `Status: 404 Not Found`".to_owned());
        let what = format!("did not print a valid response: its {why}");
        Self { help, ..Self::new(program, FailureKind::InvalidStatus, what) }
    }
}

impl fmt::Display for GuestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.happened())?;
        if let Some(exception) = &self.exception {
            write!(f, ": {}", one_line(&exception.to_string()))?;
        }
        match self.refused_beyond {
            Some(limit) => write!(f, "; it was refused memory beyond the limit of {}", size::shown(limit)),
            None => Ok(()),
        }
    }
}

/// The name of what a module runs for a request of `path`: the first `.py` file of its arguments that is not of the query,
/// else the module itself.
pub fn script(argv: Option<&str>, path: &str, module: &Path) -> String {
    let words = argv.unwrap_or_default().split_whitespace().filter(|word| word.ends_with(".py") || word.ends_with('}'));
    let mut words = words.map(|word| word.replace("${SCRIPT_NAME}", path));
    let script = words.find(|word| word.ends_with(".py") && !word.contains("${"));
    script.unwrap_or_else(|| text_file::shown(module))
}

/// `text` on one line, control characters replaced, cut after [`MAX_SHOWN`] characters.
fn one_line(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = clean.take(MAX_SHOWN).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::Start;
    use std::time::Duration;

    fn failure(exit: &Exit, stderr: &[u8]) -> GuestFailure {
        GuestFailure::of_run("x", &output(exit, true, stderr), &[], &limits(), &AllowedHosts::default())
            .expect("a failure")
    }

    fn limits() -> ResolvedLimits {
        let flags = crate::limits::LimitOverrides::default();
        ResolvedLimits::new(&flags, &flags)
    }

    fn output(exit: &Exit, main_returned: bool, stderr: &[u8]) -> Output {
        Output { main_returned, stderr: stderr.to_vec(), ..Output::new(exit.clone(), Start::Warm) }
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
            (Exit::NoAddressSpace("too little".to_owned()), "x could not be started: too little"),
            (Exit::TooManyFiles("too many".to_owned()), "x could not be started: too many"),
            (Exit::NotStarted("no such volume".to_owned()), "x could not be started: no such volume"),
        ] {
            assert_eq!(failure(&exit, b"").to_string(), line);
        }
        assert_eq!(
            GuestFailure::of_run(
                "x",
                &output(&Exit::Code(0), true, b"Traceback (most recent call last):\n  a\nE: x\n"),
                &[],
                &limits(),
                &AllowedHosts::default()
            ),
            None
        );
    }

    #[test]
    fn a_page_names_the_script_the_place_the_route_and_the_module() {
        let stderr = "Traceback (most recent call last):\n  File \"/code/a.py\", line 1, in <module>\nE: \x1b[2Jx\n";
        let failure = failure(&Exit::Code(1), stderr.as_bytes());
        let page = page(&failure, "/x/...", Path::new("/opt/python3.wasm"));
        let expected = "500 Internal Server Error\n\n\
                        x failed with exit code 1: E:  [2Jx\n  \
                        at File \"/code/a.py\", line 1, in <module>\n\n\
                        route:  /x/...\n\
                        module: /opt/python3.wasm\n\n\
                        What it wrote to standard error is in the terminal where pywagi runs.\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn without_a_traceback_the_last_line_of_standard_error_is_shown() {
        let failure = failure(&Exit::Code(2), b"one\npython: can't open file '/code/a.py'\r\n \n");
        assert_eq!(failure.to_string(), "x failed with exit code 2");
        assert_eq!(
            failure.evidence.as_deref(),
            Some("its standard error ends with \"python: can't open file '/code/a.py'\"")
        );
    }

    #[test]
    fn an_exception_that_the_guest_handled_is_not_blamed() {
        let logged = "ERROR:root:it failed\nTraceback (most recent call last):\n  a\nValueError: handled\n";
        let trap = Exit::Trap("unreachable".to_owned());
        for (exit, main_returned) in
            [(Exit::Code(1), false), (Exit::Code(3), true), (Exit::Code(120), true), (trap, false)]
        {
            for (more, evidence) in [("", None), ("bye\n", Some("its standard error ends with \"bye\""))] {
                let stderr = format!("{logged}{more}");
                let failure = GuestFailure::of_run(
                    "x",
                    &output(&exit, main_returned, stderr.as_bytes()),
                    &[],
                    &limits(),
                    &AllowedHosts::default(),
                );
                let failure = failure.expect("a failure");
                assert_eq!((failure.exception, failure.evidence.as_deref(), failure.help), (None, evidence, None));
            }
        }
        assert_eq!(
            failure(&Exit::Code(1), logged.as_bytes()).to_string(),
            "x failed with exit code 1: ValueError: handled"
        );
    }

    #[test]
    fn a_long_exception_is_cut() {
        let stderr = format!("Traceback (most recent call last):\n  a\nE: {}\n", "é".repeat(10_000));
        let line = failure(&Exit::Code(1), stderr.as_bytes()).to_string();
        assert_eq!(line, format!("x failed with exit code 1: E: {}…", "é".repeat(297)));
    }

    #[test]
    fn a_script_without_a_temporary_directory_is_told_to_mount_one() {
        let message = "[Errno 44] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/']";
        let help = "add `\"/tmp\" = \"tmp\"` to its `volumes` in modules.toml and create the directory `tmp` beside that \
                    file\na script that uses sqlite3 needs `PRAGMA temp_store = MEMORY` as well: SQLite's temporary \
                    files do not work here";
        for (class, expected) in [("FileNotFoundError", Some(help)), ("OSError", None)] {
            let stderr = format!("Traceback (most recent call last):\n  a\n{class}: {message}\n");
            assert_eq!(failure(&Exit::Code(1), stderr.as_bytes()).help.as_deref(), expected);
        }
    }

    #[test]
    fn what_this_python_lacks_is_named_with_a_way_out() {
        let help = |class: &str, message: &str| {
            let stderr = format!("Traceback (most recent call last):\n  a\n{class}: {message}\n");
            failure(&Exit::Code(1), stderr.as_bytes()).help.unwrap_or_default()
        };
        assert_eq!(
            help("AttributeError", "module 'hashlib' has no attribute 'pbkdf2_hmac'"),
            "`hashlib.pbkdf2_hmac` needs OpenSSL, and Python 3.12 is built without it here; Python 3.11 has the \
             function: `pywagi toolchain install 3.11`"
        );
        assert_eq!(
            help("ImportError", "cannot import name 'scrypt' from 'hashlib' (/usr/local/lib/python3.12/hashlib.py)"),
            "`hashlib.scrypt` needs OpenSSL, and Python is built without it here; use another function for passwords, \
             such as `hashlib.pbkdf2_hmac` of Python 3.11"
        );
        assert_eq!(
            help("zoneinfo._common.ZoneInfoNotFoundError", "'No time zone found with key Europe/Berlin'"),
            "Python finds no time zones: add `\"/usr/share/zoneinfo\" = { path = \"/usr/share/zoneinfo\", read-only = \
             true }` to its `volumes` in modules.toml, or put the package tzdata beside the script: `pip install \
             --target code tzdata`"
        );
        assert_eq!(help("AttributeError", "module 'hashlib' has no attribute 'x'"), "");
    }

    #[test]
    fn the_script_is_the_first_python_file_of_the_arguments() {
        for (argv, expected) in [
            (Some("python -X dev /code/env.py ${ARGS} other.py"), "/code/env.py"),
            (Some("python -m app ${ARGS}"), "/opt/python3.wasm"),
            (Some("python ${ARGS}.py"), "/opt/python3.wasm"),
            (Some("python /code${SCRIPT_NAME} ${ARGS}"), "/code/cgi/a.py"),
            (Some("python /code${SCRIPT_NAME}/app ${SCRIPT_NAME}"), "/cgi/a.py"),
            (None, "/opt/python3.wasm"),
        ] {
            assert_eq!(script(argv, "/cgi/a.py", Path::new("/opt/python3.wasm")), expected);
        }
    }
}
