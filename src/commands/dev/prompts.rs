//! Prompts in failed requests: runs that stand still, each in a thread of its own, and answer what a page asks of them.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Context, Result};
use crate::guest::{DebugTerminal, Debugger, GuestThread, MOST_PATIENCE, Program, Raised};
use crate::pipeline::{self, App};
use crate::recording::{Id, Recorded};

/// How many runs stand still at a time: each has the memory of an interpreter.
const MOST: usize = 4;

/// How long a question may take.
const TIME: Duration = Duration::from_secs(5);

/// The largest question that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// The runs that stand still, the last one used at the end.
pub struct Consoles {
    token: String,
    sessions: Vec<Session>,
}

/// What a page asks.
#[derive(Debug, Deserialize)]
pub struct Question {
    /// What it wants: `stand`, `evaluate` or `complete`.
    r#do: Wish,
    /// Before which line of the user's code, from 0, the run stands; at its exception if absent.
    line: Option<u64>,
    /// The number of the frame.
    #[serde(default)]
    frame: usize,
    /// What is typed.
    #[serde(default)]
    text: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Wish {
    Stand,
    Evaluate,
    Complete,
}

/// An answer to a page.
pub enum Answer {
    /// Where the run stands, and how many lines it ran before its exception.
    Stands(Raised, u64),
    /// What the guest's half answers, as an object.
    Object(Value),
}

/// A run that stands still.
struct Session {
    place: (Id, Option<u64>),
    told: (Raised, u64),
    questions: Sender<String>,
    answers: Receiver<Value>,
}

impl Consoles {
    /// None yet, for those who know a token that is drawn now.
    ///
    /// # Errors
    /// Fails where the system has no random bytes.
    pub fn new() -> Result<Self> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).context(|| "the system gives no random bytes for the token of the prompts")?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { token, sessions: Vec::new() })
    }

    /// What a page must know to ask.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether this is the token, in a time that does not depend on what is wrong with it.
    pub fn is_token(&self, text: &[u8]) -> bool {
        let differs = text.iter().zip(self.token.as_bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
        text.len() == self.token.len() && differs == 0
    }

    /// Answers a question about the recorded request `id` of `app`.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub fn ask(
        &mut self,
        app: &App,
        (id, recorded): (Id, &Recorded),
        question: &[u8],
    ) -> std::result::Result<Answer, String> {
        if question.len() > LARGEST {
            return Err(format!("a question has {LARGEST} bytes at most"));
        }
        let question: Question = serde_json::from_slice(question).map_err(|e| format!("it is no question: {e}"))?;
        let place = (id, question.line);
        let found = self.sessions.iter().position(|session| session.place == place);
        let session = match found.map(|at| self.sessions.remove(at)) {
            Some(session) => session,
            None => Session::start(app, recorded, place)?,
        };
        let answer = match question.r#do {
            Wish::Stand => Answer::Stands(session.told.0.clone(), session.told.1),
            Wish::Evaluate | Wish::Complete => Answer::Object(session.ask(&question)?),
        };
        self.sessions.push(session);
        if self.sessions.len() > MOST {
            self.sessions.remove(0);
        }
        Ok(answer)
    }
}

impl Session {
    /// Replays a request up to a line, or to its exception.
    fn start(app: &App, recorded: &Recorded, place: (Id, Option<u64>)) -> std::result::Result<Self, String> {
        let mark = format!("\u{1e}{}{}{}", Id::random(), Id::random(), Id::random());
        let program = app.program_for(recorded.request.path()).ok_or("its module is not there any more")?.clone();
        let (questions, asked) = mpsc::channel::<String>();
        let (answering, answers) = mpsc::channel();
        let terminal = PageTerminal { mark: mark.clone(), asked, answering, typed: Vec::new(), written: Vec::new() };
        let debugger = Debugger::Console { line: place.1, mark };
        let (recorded, (failing, failure)) = (recorded.clone(), mpsc::channel());
        let session = move || {
            if let Err(why) = run(&program, &recorded, &debugger, terminal) {
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
        let told = Raised::parse(lines).ok_or("the run does not tell where it stands")?;
        let count = first["count"].as_u64().unwrap_or_default();
        Ok(Self { place, told: (told, count), questions, answers })
    }

    fn ask(&self, question: &Question) -> std::result::Result<Value, String> {
        const ENDED: &str = "the run that stood here has ended; the next question begins with a new one";
        let verb = if question.r#do == Wish::Complete { "complete" } else { "evaluate" };
        let line = json!({ "do": verb, "frame": question.frame, "text": question.text }).to_string();
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

fn run(
    program: &Program,
    recorded: &Recorded,
    debugger: &Debugger,
    terminal: PageTerminal,
) -> std::result::Result<(), String> {
    let request = &recorded.request;
    let image = recorded.image.clone();
    let volumes = request.volumes.clone();
    let session = pipeline::debug(program, request, image, volumes, debugger, Box::new(terminal))?;
    match session.replayed.deviation {
        Some(deviation) => Err(format!("the run deviates from the recording: {deviation}")),
        None if session.is_ended_early => Ok(()),
        None => Err("the run ended before it got there".to_owned()),
    }
}

/// The page, as the terminal of a debugger.
struct PageTerminal {
    /// What answers begin with.
    mark: String,
    asked: Receiver<String>,
    answering: Sender<Value>,
    /// What was asked and not read yet.
    typed: Vec<u8>,
    /// What was written since the last end of a line.
    written: Vec<u8>,
}

impl DebugTerminal for PageTerminal {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.typed.is_empty() {
            // Nobody asks any more once the session is dropped.
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
