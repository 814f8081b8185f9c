//! Debuggers: they run in the interpreter of a replayed run, beside it. The half in the guest is in this directory; the
//! host's is `calls::tool`. See README.md.

pub mod install;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::calls::{self, DebugTerminal, SessionEnd, Tool, UNLIMITED};
use super::{Calls, Exit, Input, Limits, Output, Program, Raised, Recording, Volume, python, warm};

const WATCH: &str = include_str!("watch.py");
const SHOW: &str = include_str!("show.py");
const PDB: &str = include_str!("pdb.py");

/// How long a run may take until it stands still for questions.
pub const MOST_PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take to run a failed run again, and then to show its variables.
const MOST_TIME: Duration = Duration::from_secs(5);

/// What looks at a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Debugger {
    /// Each line of the user's code is printed, with the variables that it changed.
    Trace {
        /// In colour.
        color: bool,
    },
    /// `pdb`, which stops at the first line.
    Pdb,
    /// `pdb`, which stops at the exception that ends the run, where it comes to the user's code.
    PdbAtUncaught,
    /// `pdb`, which stops at each exception of this name that comes to the user's code.
    PdbAt(String),
    /// Answers questions about the run where it stands still. Each question is a line of JSON; each answer too, after `mark`.
    /// See `console.py`.
    Console {
        /// Where it stands.
        stand: Stand,
        /// What answers begin with, and nothing that the run may print.
        mark: String,
    },
}

/// Where a run stands still. One that does not come there stands at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// At the exception that ends it, else at the end of the user's code.
    End,
    /// Before the line of the user's code of this number, from 0, in the order in which they are run.
    Step(u64),
    /// Before a line of a file of the user's code.
    Line {
        /// The file as the guest sees it, or the last parts of its path.
        file: String,
        /// The line, from 1.
        line: u32,
        /// The how manieth time that it is to be run, from 1.
        time: u64,
    },
}

impl Stand {
    /// As `console.py` reads it.
    fn wish(&self) -> String {
        match self {
            Self::End => String::new(),
            Self::Step(number) => number.to_string(),
            Self::Line { file, line, time } => format!("{time}:{line}:{}", file.replace('\0', "")),
        }
    }
}

/// A session that has ended.
#[derive(Clone, Debug)]
pub struct Session {
    /// The output of the run.
    pub output: Output,
    /// Whether the debugger ended the session, so that the run did not come to its end.
    pub is_ended_early: bool,
    /// Whether the run wrote something else to standard output or error than when it was recorded: it shows where objects are
    /// in memory, which differs.
    pub output_differs: bool,
}

/// Replays a run, looked at by a debugger. All calls of the run are answered from `recording`, those of the debugger by
/// `terminal` and by the volumes of `input`, which it can only read.
///
/// The calling thread must be a [`super::GuestThread`].
///
/// # Errors
/// Says why there can be no debugger, or why the run cannot start as it did.
pub fn debug(
    program: &Program,
    input: &Input,
    recording: &Recording,
    debugger: &Debugger,
    mut terminal: Box<dyn DebugTerminal>,
) -> Result<Session, String> {
    let (files, wish): (&[&str], String) = match debugger {
        Debugger::Trace { color } => (&[include_str!("trace.py")], if *color { "color" } else { "" }.to_owned()),
        Debugger::Pdb => (&[PDB], String::new()),
        Debugger::PdbAt(name) => (&[PDB], name.clone()),
        Debugger::Console { stand, mark } => (&[SHOW, include_str!("console.py")], format!("{mark} {}", stand.wish())),
        Debugger::PdbAtUncaught => {
            let uncaught = uncaught_exception(program, input, recording)?;
            if uncaught.is_empty() {
                let note =
                    b"note: no exception was left uncaught, so it stops at the first line; name a class to stop at \
                    one that was handled\n";
                terminal.write(note).map_err(|e| format!("the terminal cannot be written to: {e}"))?;
            }
            (&[PDB], uncaught)
        }
    };
    // A page does not wait longer until the run stands still.
    let time = if matches!(debugger, Debugger::Console { .. }) { MOST_PATIENCE } else { Duration::MAX };
    let limits = Limits { time: input.limits.time.min(time), ..input.limits.clone() };
    run(program, &Input { limits, ..input.clone() }, recording, (files, &wish), terminal)
}

/// The number of the exception that ends the run, as the debugger counts them; empty if none does.
fn uncaught_exception(program: &Program, input: &Input, recording: &Recording) -> Result<String, String> {
    let said = Said::default();
    let session = run(program, input, recording, (&[include_str!("uncaught.py")], ""), Box::new(said.clone()))?;
    if let Some(deviation) = session.output.deviation {
        return Err(format!("the run deviates from the recording: {deviation}"));
    }
    Ok(said.text().lines().next_back().unwrap_or_default().to_owned())
}

/// Replays a run that an exception ended, and tells of it with the variables of its frames. Nothing of the world is touched
/// for their `repr`.
///
/// # Errors
/// Says why that is not known.
pub fn describe(program: &Program, input: &Input, recording: &Recording) -> Result<Raised, String> {
    /// What is before the report: what is printed by code of the run that shows its objects comes first.
    const MARK: &str = "pywagi-report";
    let said = Said { time: Some(MOST_TIME), ..Said::default() };
    let limits = Limits { time: MOST_TIME, ..input.limits.clone() };
    let input = &Input { limits, ..input.clone() };
    let session = run(program, input, recording, (&[SHOW, include_str!("report.py")], MARK), Box::new(said.clone()))?;
    if matches!(session.output.exit, Exit::TimedOut(_)) {
        return Err(format!("to show them took longer than {MOST_TIME:?}"));
    }
    if let Some(deviation) = session.output.deviation {
        return Err(format!("the run deviates from the recording: {deviation}"));
    }
    let said = said.text();
    let report = said.rsplit_once(MARK).and_then(|(_, report)| Raised::parse(report.lines()));
    report.ok_or_else(|| "the run ended in another way when it was replayed".to_owned())
}

fn run(
    program: &Program,
    input: &Input,
    recording: &Recording,
    (files, wish): (&[&str], &str),
    terminal: Box<dyn DebugTerminal>,
) -> Result<Session, String> {
    let image = recording.image.as_ref().ok_or(
        "it was a cold start, and a debugger needs a saved interpreter of CPython: send the request again, warm",
    )?;
    let line = python::parse(&input.arguments)?;
    let mut sources = calls::sources(&recording.calls, &input.volumes);
    if let Some(command) = (line.target == python::Target::Command).then(|| input.arguments.get(line.start)).flatten() {
        sources.insert("<string>".to_owned(), command.clone().into_bytes());
    }
    let code = super::capture::joined(&[&[WATCH], files].concat());
    let mut fields: Vec<Vec<u8>> = vec![code.into_bytes(), wish.into(), input.volumes.len().to_string().into()];
    fields.extend(input.volumes.iter().map(|volume| volume.guest.clone().into_bytes()));
    fields.push(sources.len().to_string().into());
    fields.extend(sources.into_iter().flat_map(|(path, text)| [path.into_bytes(), text]));
    let message = message(&fields);

    let end = SessionEnd::default();
    let (volumes, _empty) = mounted(&input.volumes).map_err(|e| format!("a directory cannot be made: {e}"))?;
    let calls = Calls::Replayed(Arc::clone(&recording.calls));
    let tool = Tool::new(message, terminal, volumes.len(), end.clone());
    let input = &Input { volumes, calls, surroundings: None, ..input.clone() };
    let mut output = warm::replay(program, input, image, Some(tool))?;
    if end.has_failed() {
        return Err("the debugger failed, which is a defect of pywagi: please report what it said".to_owned());
    }
    let is_ended_early = end.by_debugger();
    if is_ended_early {
        output.deviation = None;
    }
    Ok(Session { output, is_ended_early, output_differs: end.output_differs() })
}

/// Fields as the guest's half reads them.
fn message(fields: &[Vec<u8>]) -> Vec<u8> {
    let mut message = fields.join(&0);
    message.push(0);
    [format!("{:08}", message.len()).into_bytes(), message].concat()
}

/// What a run is sent before its request to have `breakpoint()` ask at a terminal.
pub fn breakpoints() -> Vec<u8> {
    message(&[include_bytes!("breakpoint.py").to_vec()])
}

/// The volumes, to be read by a debugger. Those that are not there are an empty directory, which lives as long as what is
/// returned with them.
fn mounted(volumes: &[Volume]) -> io::Result<(Arc<[Volume]>, tempfile::TempDir)> {
    let empty = tempfile::Builder::new().prefix("pywagi-").tempdir()?;
    let mount = |volume: &Volume| {
        let host = if std::fs::read_dir(&volume.host).is_ok() { volume.host.clone() } else { empty.path().to_owned() };
        Volume { host, read_only: true, ..volume.clone() }
    };
    Ok((volumes.iter().map(mount).collect(), empty))
}

/// What a debugger says that asks for nothing.
#[derive(Clone, Default)]
struct Said {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// How long it may take; without a limit if `None`.
    time: Option<Duration>,
}

impl Said {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl DebugTerminal for Said {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(())
    }

    fn is_interrupted(&mut self) -> bool {
        false
    }

    fn time(&self) -> Duration {
        self.time.unwrap_or(UNLIMITED)
    }
}
