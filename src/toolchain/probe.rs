//! Running an interpreter to check that it works.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::guest::{self, Calls, Cancellation, Exit, Input, Limits, Runtime, Volume};
use crate::terminal::Terminal;

const REMEDY: &str = "give a CPython built for wasm32-wasip1; one whose library is not inside the module needs an \
                      archive with bin/ and lib/";

/// An interpreter to be checked.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The module.
    pub wasm: PathBuf,
    /// The installation's directory as a volume.
    pub volumes: Vec<Volume>,
    /// The variables that it needs.
    pub environment: Vec<(String, String)>,
}

impl Candidate {
    /// A run of it with these arguments, from the beginning.
    pub fn input(&self, arguments: Vec<String>) -> Input {
        Input {
            entrypoint: "_start".to_owned(),
            arguments,
            environment: self.environment.clone(),
            volumes: self.volumes.clone().into(),
            stdin: bytes::Bytes::new(),
            console: None,
            breakpoints: None,
            limits: Limits { stdout: 1 << 16, ..Limits::default() },
            stderr: Arc::new(|_| ()),
            cold: true,
            cancellation: Cancellation::new(),
            surroundings: None,
            calls: Calls::Live,
            early: Arc::default(),
            allowed_hosts: Default::default(),
            libraries: Default::default(),
        }
    }
}

/// Why an interpreter does not tell its version.
#[derive(Debug)]
enum ProbeError {
    /// It has no `_start`.
    NotAProgram,
    /// It exited with a code other than 0.
    Exit(i32),
    /// It trapped.
    Trap(String),
    /// It ran beyond the time limit.
    TimedOut(Duration),
    /// It was cancelled.
    Cancelled,
    /// It exhausted its call stack.
    StackExhausted,
    /// It printed more than this many bytes.
    OutputLimit(usize),
    /// It could not be started.
    NotStarted(String),
    /// It printed this instead of a version.
    NoVersion(Vec<u8>),
}

const DOES_NOT_RUN: &str = "it does not run: ";

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::NotAProgram = self {
            return f.write_str("it is not a program: it does not export `_start`");
        }
        f.write_str(DOES_NOT_RUN)?;
        match self {
            Self::NotAProgram => Ok(()),
            Self::Exit(code) => write!(f, "it exited with code {code}"),
            Self::Trap(trap) => write!(f, "it trapped: {trap}"),
            Self::TimedOut(limit) => write!(f, "it did not finish within {} s", limit.as_secs()),
            Self::Cancelled => f.write_str("it was cancelled"),
            Self::StackExhausted => f.write_str("it exhausted its call stack"),
            Self::OutputLimit(limit) => write!(f, "asked for its version, it printed more than {limit} bytes"),
            Self::NotStarted(why) => f.write_str(why),
            Self::NoVersion(printed) => {
                let start: String = String::from_utf8_lossy(printed).chars().take(60).collect();
                write!(f, "asked for its version, it printed {start:?}")
            }
        }
    }
}

impl std::error::Error for ProbeError {}

/// What an interpreter says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Its version, such as `3.12.0`.
    pub version: String,
    /// The file that it imported a module of its library from. No other module is always imported and never frozen.
    pub encodings: Option<String>,
}

/// Prints the version and where the library is.
const QUESTION: &str = "import encodings, sys; print(sys.version.split()[0]); print(encodings.__file__)";

/// Compiles and runs an interpreter on the calling thread, which needs [`guest::THREAD_STACK`] bytes of stack.
///
/// # Errors
/// Fails where it is not a valid module, does not export `_start`, or does not print a version.
pub fn probe(candidate: &Candidate, runtime: &Runtime, terminal: &Terminal) -> Result<Probed> {
    // The user does not know the temporary directory that holds it.
    let name = candidate.wasm.file_name().unwrap_or_default().to_string_lossy();
    let program = runtime.load_called(&name, &candidate.wasm, terminal).map_err(|error| error.remedy(REMEDY))?;
    if !program.has_function("_start") {
        return Err(failed(&ProbeError::NotAProgram, &[]));
    }
    let input = candidate.input(["python", "-c", QUESTION].map(str::to_owned).into());
    let output = guest::run(&program, &input);
    if let Some(error) = of_exit(output.exit) {
        return Err(failed(&error, &output.stderr));
    }
    let Some(probed) = parse(&output.stdout) else {
        return Err(failed(&ProbeError::NoVersion(output.stdout), &output.stderr));
    };
    let stderr = last_lines(&output.stderr);
    if !stderr.is_empty() {
        terminal.warn(format_args!("the interpreter runs, but writes to standard error:{stderr}"));
    }
    Ok(probed)
}

/// How a run ended, as a clause: `it trapped: …`.
pub fn ending(exit: &Exit) -> String {
    match of_exit(exit.clone()) {
        None => "it exited with code 0".to_owned(),
        Some(error) => error.to_string().trim_start_matches(DOES_NOT_RUN).to_owned(),
    }
}

fn failed(error: &ProbeError, stderr: &[u8]) -> Error {
    Error::new(format!("{error}{}", last_lines(stderr))).remedy(REMEDY)
}

/// How an interpreter failed that ended like this, if it did.
fn of_exit(exit: Exit) -> Option<ProbeError> {
    Some(match exit {
        Exit::Code(0) => return None,
        Exit::Code(code) => ProbeError::Exit(code),
        Exit::Trap(trap) => ProbeError::Trap(trap),
        Exit::TimedOut(limit) => ProbeError::TimedOut(limit),
        Exit::Cancelled => ProbeError::Cancelled,
        Exit::StackExhausted => ProbeError::StackExhausted,
        Exit::OutputLimit(limit) => ProbeError::OutputLimit(limit),
        Exit::NotStarted(why) | Exit::NoVolume(why) | Exit::NoAddressSpace(why) | Exit::TooManyFiles(why) => {
            ProbeError::NotStarted(why)
        }
    })
}

/// The answer to [`QUESTION`].
fn parse(stdout: &[u8]) -> Option<Probed> {
    let text = std::str::from_utf8(stdout).ok()?.trim();
    let (version, encodings) = text.split_once('\n').map_or((text, None), |(version, path)| (version, Some(path)));
    let version = parse_version(version)?;
    Some(Probed { version, encodings: encodings.map(|path| path.trim().to_owned()) })
}

/// A version as Python prints it: `3.12.0`, `3.13.0rc1`, `3.14.0a2+`.
fn parse_version(text: &str) -> Option<String> {
    let text = text.trim();
    let valid = text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && text.len() <= 32
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+'));
    valid.then(|| text.to_owned())
}

/// The last lines of a guest's standard error, each indented on a new line.
fn last_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let shown = lines.get(lines.len().saturating_sub(10)..).unwrap_or_default();
    shown.iter().map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_python_prints() {
        for good in ["3.12.0\n", "3.13.0rc1\n", "3.14.0a2+", " 3.11.3\r\n"] {
            assert_eq!(parse_version(good).as_deref(), Some(good.trim()), "{good:?}");
        }
        for bad in ["", "\n", "Hello", "3", "3.1 2", "3.\u{1b}[0m", "3.12.0\n3.12.0"] {
            assert_eq!(parse_version(bad), None, "{bad:?}");
        }
    }

    /// The integration tests cover the other failures; these take half a minute or cannot be caused there.
    #[test]
    fn an_interpreter_that_does_not_end_has_failed() {
        let message = |exit| of_exit(exit).map(|error| error.to_string());
        let timed_out = Exit::TimedOut(Limits::default().time);
        assert_eq!(message(timed_out).as_deref(), Some("it does not run: it did not finish within 30 s"));
        let no_volume = Exit::NoVolume("the volume /a".to_owned());
        assert_eq!(message(no_volume).as_deref(), Some("it does not run: the volume /a"));
    }
}
