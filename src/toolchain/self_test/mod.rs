//! What an interpreter supports: a few scripts are run from the beginning and from a saved interpreter, and the two compared.

mod corpus;
mod report;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;

use super::probe::{self, Candidate};
use crate::error::{Context, Result};
use crate::guest::{self, Cancellation, Exit, Input, Output, Program, Runtime, Start, Volume};
use crate::terminal::Terminal;
use corpus::{SCRIPTS, SOURCES, Script, Subject};
pub use report::Report;
use report::{Row, Warm};

/// What each script is given on standard input.
const STDIN: &str = "name=Zoë\r\n";

/// What the script of a feature prints at its end.
const COMPLETE: &[u8] = b"ok\n";

/// Runs the self-test of an interpreter on the calling thread, which must be a [`guest::GuestThread`]. `version` is what it
/// printed.
///
/// # Errors
/// Fails where it cannot be loaded, and where the scripts cannot be written to a temporary directory.
pub fn run(candidate: &Candidate, version: &str, runtime: &Runtime, terminal: &Terminal) -> Result<Report> {
    let name = candidate.wasm.file_name().unwrap_or_default().to_string_lossy();
    let test = Test::new(candidate, runtime.load_called(&name, &candidate.wasm, terminal)?)?;
    let bar = terminal.spinner("Testing", &format!("Python {version}"));
    let rows = SCRIPTS.iter().map(|script| test.run(script)).collect::<Result<_>>()?;
    bar.finish_and_clear();
    Ok(Report { version: version.to_owned(), rows })
}

/// An interpreter with directories for scripts.
struct Test<'a> {
    candidate: &'a Candidate,
    program: Program,
    code: TempDir,
    data: TempDir,
}

impl<'a> Test<'a> {
    fn new(candidate: &'a Candidate, program: Program) -> Result<Self> {
        let directory = || {
            tempfile::Builder::new()
                .prefix("pywagi-self-test-")
                .tempdir()
                .context(|| "cannot create a temporary directory for the self-test")
        };
        let test = Self { candidate, program, code: directory()?, data: directory()? };
        for (name, text) in SOURCES {
            let path = test.code.path().join(name);
            fs::write(&path, text).context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(test)
    }

    /// Runs a script both ways.
    fn run(&self, script: &'static Script) -> Result<Row> {
        let input = self.input(script);
        let cold = self.output(&Input { cold: true, ..input.clone() })?;
        let warm = match guest::warm_up(&self.program, &input) {
            Err(why) => Warm::Never(why),
            Ok(()) => {
                let output = self.output(&input)?;
                match output.start {
                    Start::Cold(why) => Warm::Never(why),
                    Start::Warm => difference(&cold, &output).map_or(Warm::Alike, Warm::Differs),
                }
            }
        };
        let is_feature = matches!(script.subject, Subject::Feature(_));
        let incomplete = || {
            let is_complete = !is_feature || cold.stdout.ends_with(COMPLETE);
            (!is_complete).then(|| "its script did not come to its end".to_owned())
        };
        let fault = fault(&cold, script.code).or_else(incomplete);
        let first = Some(first_line(&cold.stdout)).filter(|_| fault.is_none() && script.options.is_empty());
        let detail = first.filter(|line| line != "ok").unwrap_or_default();
        Ok(Row { script, fault, detail, warm })
    }

    /// Runs once, beginning with an empty `/data`.
    fn output(&self, input: &Input) -> Result<Output> {
        let output = guest::run(&self.program, input);
        empty(self.data.path())?;
        Ok(output)
    }

    fn input(&self, script: &Script) -> Input {
        let volume = |guest: &str, directory: &TempDir, read_only| Volume {
            guest: guest.to_owned(),
            host: directory.path().to_owned(),
            read_only,
        };
        let own = [volume("/code", &self.code, true), volume("/data", &self.data, false)];
        let arguments = std::iter::once("python").chain(script.options.iter().copied()).map(str::to_owned);
        let path = format!("/code/{}", script.name);
        let request = [("QUERY_STRING".to_owned(), "a=1&b=%20".to_owned())];
        Input {
            arguments: arguments.chain([path, "a=1".to_owned(), "b=%20".to_owned()]).collect(),
            environment: self.candidate.environment.iter().cloned().chain(request).collect(),
            volumes: own.into_iter().chain(self.candidate.volumes.iter().cloned()).collect(),
            stdin: Bytes::from_static(STDIN.as_bytes()),
            cold: false,
            cancellation: Cancellation::new(),
            stderr: Arc::new(|_| ()),
            ..self.candidate.input(Vec::new())
        }
    }
}

/// Deletes what is in `directory`.
fn empty(directory: &Path) -> Result<()> {
    let cannot = || format!("cannot empty the directory {}", directory.display());
    for entry in fs::read_dir(directory).context(cannot)? {
        let entry = entry.context(cannot)?;
        let is_directory = entry.file_type().context(cannot)?.is_dir();
        if is_directory { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) }.context(cannot)?;
    }
    Ok(())
}

/// Why a run was not what a Python that supports the script does.
fn fault(output: &Output, code: i32) -> Option<String> {
    match &output.exit {
        Exit::Code(found) if *found == code => None,
        Exit::Code(found) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
            Some(last.map_or_else(|| format!("exit code {found} instead of {code}"), shorten))
        }
        other => Some(shorten(&probe::ending(other))),
    }
}

fn first_line(bytes: &[u8]) -> String {
    shorten(String::from_utf8_lossy(bytes).lines().next().unwrap_or_default())
}

/// `text` as one line of a table.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 100;
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// In what a warm run differs from a cold one.
fn difference(cold: &Output, warm: &Output) -> Option<String> {
    if cold.exit != warm.exit {
        let (cold, warm) = (probe::ending(&cold.exit), probe::ending(&warm.exit));
        return Some(shorten(&format!("does not end alike: {warm}; from the beginning, {cold}")));
    }
    let streams = [("stdout", &cold.stdout, &warm.stdout), ("stderr", &cold.stderr, &warm.stderr)];
    let (name, cold, warm) = streams.into_iter().find(|(_, cold, warm)| cold != warm)?;
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
    let (cold, warm) = (lines(cold), lines(warm));
    let number = cold.iter().zip(&warm).take_while(|(cold, warm)| cold == warm).count();
    let line = |lines: &[String]| lines.get(number).map_or("nothing".to_owned(), |line| format!("{line:?}"));
    Some(shorten(&format!("has in line {} of {name} {}; from the beginning, {}", number + 1, line(&warm), line(&cold))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(exit: Exit, stdout: &str, stderr: &str) -> Output {
        Output { stdout: stdout.into(), stderr: stderr.into(), ..Output::new(exit, Start::Warm) }
    }

    #[test]
    fn a_fault_is_the_last_line_of_the_traceback() {
        let missing = output(Exit::Code(1), "", "Traceback …\n  File …\nModuleNotFoundError: No module named 'x'\n\n");
        assert_eq!(fault(&missing, 0).as_deref(), Some("ModuleNotFoundError: No module named 'x'"));
        assert_eq!(fault(&missing, 1), None);
        assert_eq!(fault(&output(Exit::Code(0), "", ""), 3).as_deref(), Some("exit code 0 instead of 3"));
    }

    #[test]
    fn a_difference_names_the_first_line_that_has_one() {
        let cold = output(Exit::Code(0), "a\nb\n", "x\n");
        assert_eq!(difference(&cold, &cold.clone()), None);
        let warm = output(Exit::Code(0), "a\nc\n", "x\n");
        assert_eq!(
            difference(&cold, &warm).as_deref(),
            Some("has in line 2 of stdout \"c\"; from the beginning, \"b\"")
        );
        let warm = output(Exit::Code(0), "a\nb\n", "");
        assert_eq!(
            difference(&cold, &warm).as_deref(),
            Some("has in line 1 of stderr nothing; from the beginning, \"x\"")
        );
    }

    #[test]
    fn what_an_interpreter_prints_stays_one_line_of_the_table() {
        assert_eq!(shorten("a\u{1b}[2J\tb"), "a [2J b");
        assert_eq!(shorten(&"ü".repeat(101)), format!("{}…", "ü".repeat(100)));
    }
}
