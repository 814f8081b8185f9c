//! Recorded requests that are run again and stand still, each in a thread of its own, to be asked about their variables.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use serde_json::{Value, json};

use crate::guest::{DebugTerminal, Debugger, GuestThread, MOST_PATIENCE, Program, Raised, Stand, Volume};
use crate::recording::{Id, Recorded, RecordedRequest};

use super::{App, debug};

/// How many runs stand still at a time: each has the memory of an interpreter.
const MOST: usize = 4;

/// How long a question may take.
const TIME: Duration = Duration::from_secs(5);

/// A recorded request with what it takes to run it again.
pub struct Replayable {
    /// The module.
    pub program: Program,
    /// The recording.
    pub recorded: Recorded,
    /// What a debugger may read.
    pub volumes: Vec<Volume>,
}

impl Replayable {
    /// A request of `app`, which was recorded by this process.
    ///
    /// # Errors
    /// Fails where the app has its module no more.
    pub fn of(app: &App, recorded: &Recorded) -> Result<Self, String> {
        let program = app.program_for(recorded.request.path()).ok_or("its module is not there any more")?.clone();
        Ok(Self { program, recorded: recorded.clone(), volumes: recorded.request.volumes.clone() })
    }
}

/// The runs that stand still, the last one used at the end.
#[derive(Default)]
pub struct StandingRuns {
    runs: Vec<StandingRun>,
}

/// A run that stands still.
pub struct StandingRun {
    place: (Id, Stand),
    /// Where it stands: what is under way there.
    pub stands_at: Raised,
    /// How many lines of the user's code it ran before.
    pub steps: u64,
    /// Whether it stands where it was to.
    pub is_reached: bool,
    /// The recording.
    pub request: Arc<RecordedRequest>,
    /// What it can read.
    pub volumes: Vec<Volume>,
    questions: Sender<String>,
    answers: Receiver<Value>,
}

impl StandingRuns {
    /// Asks the run of the recording `id` that stands at `stand`; it is begun with what `source` gives, unless it stands there
    /// already.
    ///
    /// # Errors
    /// Says why there is no such run, and passes on the error of `ask`, after which the run is given up.
    pub fn ask<T>(
        &mut self,
        id: Id,
        stand: &Stand,
        source: impl FnOnce() -> Result<Replayable, String>,
        ask: impl FnOnce(&StandingRun) -> Result<T, String>,
    ) -> Result<T, String> {
        let found = self.runs.iter().position(|run| run.place.0 == id && run.place.1 == *stand);
        let run = match found.map(|at| self.runs.remove(at)) {
            Some(run) => run,
            None => StandingRun::start(source()?, (id, stand.clone()))?,
        };
        let answer = ask(&run)?;
        self.runs.push(run);
        if self.runs.len() > MOST {
            self.runs.remove(0);
        }
        Ok(answer)
    }
}

impl StandingRun {
    /// Replays a request up to where it is to stand.
    fn start(source: Replayable, place: (Id, Stand)) -> Result<Self, String> {
        let mark = format!("\u{1e}{}{}{}", Id::random(), Id::random(), Id::random());
        let (questions, asked) = mpsc::channel::<String>();
        let (answering, answers) = mpsc::channel();
        let terminal = Channels { mark: mark.clone(), asked, answering, typed: Vec::new(), written: Vec::new() };
        let debugger = Debugger::Console { stand: place.1.clone(), mark };
        let (request, volumes) = (Arc::clone(&source.recorded.request), source.volumes.clone());
        let (failing, failure) = mpsc::channel();
        let session = move || {
            if let Err(why) = run(source, &debugger, terminal) {
                // Nobody may wait any more.
                let _ = failing.send(why);
            }
        };
        GuestThread::new("console").spawn(session).map_err(|e| format!("a thread cannot be started: {e}"))?;
        let first = match answers.recv_timeout(MOST_PATIENCE + TIME) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return Err(format!("it did not get there within {MOST_PATIENCE:?}")),
            Err(RecvTimeoutError::Disconnected) => {
                let why = failure.recv_timeout(TIME);
                return Err(why.unwrap_or_else(|_| "the run ended before it got there".to_owned()));
            }
        };
        let lines = first["told"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let stands_at = Raised::parse(lines).ok_or("the run does not tell where it stands")?;
        let steps = first["count"].as_u64().unwrap_or_default();
        let is_reached = first["reached"].as_bool().unwrap_or_default();
        Ok(Self { place, stands_at, steps, is_reached, request, volumes, questions, answers })
    }

    /// Evaluates an expression or statements in the frame of this number.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub fn evaluate(&self, frame: usize, text: &str) -> Result<Value, String> {
        self.put("evaluate", frame, text)
    }

    /// The names that complete what is typed at the prompt of the frame of this number.
    ///
    /// # Errors
    /// As [`StandingRun::evaluate`].
    pub fn complete(&self, frame: usize, text: &str) -> Result<Value, String> {
        self.put("complete", frame, text)
    }

    fn put(&self, verb: &str, frame: usize, text: &str) -> Result<Value, String> {
        const ENDED: &str = "the run that stood here has ended; the next question begins with a new one";
        let line = json!({ "do": verb, "frame": frame, "text": text }).to_string();
        self.questions.send(line).map_err(|_| ENDED.to_owned())?;
        match self.answers.recv_timeout(TIME + TIME) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => Err(format!("it took longer than {TIME:?}")),
            Err(RecvTimeoutError::Disconnected) => {
                Err(format!("it took longer than {TIME:?}, or ended the interpreter; {ENDED}"))
            }
        }
    }
}

fn run(source: Replayable, debugger: &Debugger, terminal: Channels) -> Result<(), String> {
    let Replayable { program, recorded: Recorded { request, image }, volumes } = source;
    let session = debug(&program, &request, image, volumes, debugger, Box::new(terminal))?;
    match session.replayed.deviation {
        Some(deviation) => Err(format!("the run deviates from the recording: {deviation}")),
        None if session.is_ended_early => Ok(()),
        None => Err("the run ended before it got there".to_owned()),
    }
}

/// Channels as the terminal of a debugger.
struct Channels {
    /// What answers begin with.
    mark: String,
    asked: Receiver<String>,
    answering: Sender<Value>,
    /// What was asked and not read yet.
    typed: Vec<u8>,
    /// What was written since the last end of a line.
    written: Vec<u8>,
}

impl DebugTerminal for Channels {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.typed.is_empty() {
            // Nobody asks any more once the run is given up.
            let Ok(line) = self.asked.recv() else { return Ok(0) };
            self.typed = line.into_bytes();
            self.typed.push(b'\n');
        }
        let read = io::Read::read(&mut self.typed.as_slice(), buffer)?;
        self.typed.drain(..read);
        Ok(read)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.written.extend_from_slice(part);
            if self.written.ends_with(b"\n") {
                let line = std::mem::take(&mut self.written);
                if let Some(answer) = line.strip_prefix(self.mark.as_bytes()) {
                    self.answering.send(serde_json::from_slice(answer)?).map_err(io::Error::other)?;
                }
            }
        }
        Ok(())
    }

    fn is_interrupted(&mut self) -> bool {
        false
    }

    fn time(&self) -> Duration {
        TIME
    }
}
