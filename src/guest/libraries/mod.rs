//! Libraries in other languages: WebAssembly files that the Python of a run calls.
//!
//! The guest asks below [`super::answered::DIRECTORY`], as `assets/python/_pywagi_libraries` does:
//!
//! - Opening `lib/call/ID` gives the descriptor of a call, which the guest names by the number `ID`. What is written to it is
//!   the request.
//! - Reading the link `lib/run/ID` makes the call. It gives the size of the answer, which is then read from the descriptor.
//!
//! Both are a [`value::Value`]: see [`Request`] and [`Answer`]. A library runs on a thread of the run's own, whose stack the guest has
//! not used up: see [`worker`]. There are three kinds, and the file says which:
//!
//! - [`command`]: a WASI command, which exports `_start`. A call is a run of a fresh instance.
//! - [`functions`]: another core module. A call is one of an exported function.
//! - [`component`]: a component. A call is one of a function of its world.
//!
//! The instances of the latter two are kept until the run ends. All have no more time than the run has, and their memory counts
//! with the guest's.

mod answer;
mod command;
mod component;
mod functions;
mod load;
mod request;
mod value;
mod wit;
mod worker;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use wasmtime::Trap;

use super::answered::{self, AnsweredFiles, Outcome};
use super::limiter::SharedLimit;
use super::network::{Patience, errno};
use super::{Program, StderrSink, Volume};
use answer::{Answer, Failure};
use request::Request;
use worker::{Job, Worker};

pub use component::ComponentProgram;
pub use load::LibraryCode;

/// What the paths begin with that are answered here.
const PREFIX: &str = "lib/";

/// The descriptors of calls.
const DESCRIPTORS: Range<i32> = 880..896;

/// The most bytes of all requests that are written, and of an answer.
const MOST_BYTES: usize = 256 << 20;

/// A library of an app.
#[derive(Clone)]
pub struct Library {
    /// The name by which Python knows it.
    pub name: String,
    /// The file and the line that name it.
    pub place: String,
    /// What is called; else why it cannot be.
    pub code: Result<LibraryCode, String>,
    /// What it sees of the host.
    pub volumes: Arc<[Volume]>,
    /// The functions that give text or bytes, which their WebAssembly types do not say.
    pub returns: Vec<(String, Returned)>,
    /// What a call of it may use, where that is less than what the run may.
    pub limits: LibraryLimits,
}

/// What the address and the length that a function returns are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Returned {
    /// Text in UTF-8: a `str`.
    String,
    /// Bytes.
    Bytes,
}

/// The limits of a library's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct LibraryLimits {
    /// Wall time of a call.
    pub time: Option<Duration>,
    /// Bytes of linear memory and tables together.
    pub memory: Option<u64>,
    /// Bytes of standard output.
    pub stdout: Option<usize>,
    /// Bytes of standard error that are kept.
    pub stderr: Option<usize>,
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Library").field(&self.name).finish()
    }
}

/// The libraries of a run.
pub struct Libraries {
    /// The descriptor of [`answered::DIRECTORY`].
    directory: i32,
    declared: Arc<[Library]>,
    limit: SharedLimit,
    /// What is written to calls and can be read from them, by their descriptors.
    open: BTreeMap<i32, Vec<u8>>,
    /// Calls, by the numbers that the guest chose.
    ids: BTreeMap<u32, i32>,
    /// Runs the libraries, from the first call on.
    worker: Option<Worker>,
    /// Is told what a library is doing when the run is stopped.
    stopped: Stopped,
}

/// What a library was doing when the run was stopped, in words.
#[derive(Clone, Debug, Default)]
pub struct Stopped(Arc<parking_lot::Mutex<Option<String>>>);

impl Stopped {
    /// Takes what was noted.
    pub fn take(&self) -> Option<String> {
        self.0.lock().take()
    }
}

impl Libraries {
    /// The libraries of a run with these volumes: `None` where it has none.
    pub fn new(
        declared: &Arc<[Library]>,
        volumes: &[Volume],
        limit: SharedLimit,
        stopped: Stopped,
    ) -> Option<Box<Self>> {
        let directory = answered::directory_of(volumes).filter(|_| !declared.is_empty())?;
        let (open, ids) = Default::default();
        Some(Box::new(Self { directory, declared: Arc::clone(declared), limit, open, ids, worker: None, stopped }))
    }

    fn call(&self, id: &str) -> Option<i32> {
        self.ids.get(&id.parse().ok()?).copied()
    }

    /// Makes the call with this descriptor, whose request becomes its answer.
    fn run(&mut self, descriptor: i32, patience: &Patience<'_>) -> Outcome<String> {
        let Some(text) = self.open.get_mut(&descriptor).map(std::mem::take) else { return Ok(Err(errno::BADF)) };
        let answer = match Request::read(&text) {
            Ok(request) => {
                drop(text);
                self.answer(request, patience)?
            }
            Err(why) => Answer::failed(Failure::new(format!("the request of the call cannot be read: {why}"))),
        };
        let bytes = answer.written();
        if bytes.len() > MOST_BYTES {
            return Ok(Err(errno::FBIG));
        }
        let size = bytes.len().to_string();
        self.open.insert(descriptor, bytes);
        Ok(Ok(size))
    }

    fn answer(&mut self, request: Request, patience: &Patience<'_>) -> wasmtime::Result<Answer> {
        let Some(index) = self.declared.iter().position(|library| library.name == request.library) else {
            let what = format!("no [[library]] of modules.toml is called `{}`", request.library);
            return Ok(Answer::failed(Failure::new(what)));
        };
        if self.worker.is_none() {
            match Worker::start(&self.declared, &self.limit) {
                Ok(worker) => self.worker = Some(worker),
                Err(e) => {
                    let what = format!("the system cannot start a thread for a library: {e}");
                    return Ok(Answer::failed(Failure::new(what)));
                }
            }
        }
        let Some((library, worker)) = self.declared.get(index).zip(self.worker.as_ref()) else {
            return Err(wasmtime::Error::msg("a library without a worker"));
        };
        let function = request.function.clone();
        let answer = worker.run(Job {
            index,
            request,
            deadline: patience.deadline,
            cancellation: patience.cancellation.clone(),
        });
        match answer {
            Some(Answer::Stopped) => {
                // It was stopped because the run is to be stopped.
                *self.stopped.0.lock() = Some(library.called(function.as_deref()));
                Err(Trap::Interrupt.into())
            }
            Some(answer) => Ok(answer.of(library, function.as_deref())),
            None => {
                self.worker = None;
                let what = "pywagi failed while it ran; please report it".to_owned();
                Ok(Answer::failed(Failure::new(what)).of(library, function.as_deref()))
            }
        }
    }
}

impl Library {
    /// The library and a function of it, in words, with their place.
    fn called(&self, function: Option<&str>) -> String {
        match function {
            Some(function) => format!("`{function}` of the library `{}` ({})", self.name, self.place),
            None => format!("the library `{}` ({})", self.name, self.place),
        }
    }
}

impl AnsweredFiles for Libraries {
    fn part<'p>(&self, directory: i32, path: &'p [u8]) -> Option<&'p str> {
        answered::part(self.directory, PREFIX, (directory, path))
    }

    fn descriptors(&self) -> Range<i32> {
        DESCRIPTORS
    }

    fn find(&self, descriptor: i32) -> Option<i32> {
        Some(descriptor).filter(|descriptor| self.open.contains_key(descriptor))
    }

    fn open(&mut self, path: &str) -> Result<i32, i32> {
        let id = path.strip_prefix("call/").and_then(|id| id.parse().ok()).ok_or(errno::NOENT)?;
        let descriptor = DESCRIPTORS.clone().find(|number| !self.open.contains_key(number)).ok_or(errno::MFILE)?;
        self.open.insert(descriptor, Vec::new());
        self.ids.insert(id, descriptor);
        Ok(descriptor)
    }

    fn ask(&mut self, path: &str, patience: &Patience<'_>) -> Outcome<String> {
        match path.strip_prefix("run/").and_then(|id| self.call(id)) {
            Some(descriptor) => self.run(descriptor, patience),
            None => Ok(Err(errno::NOENT)),
        }
    }

    fn read(&mut self, descriptor: i32, buffer: &mut [u8], peeked: bool, _: &Patience<'_>) -> Outcome<usize> {
        let Some(text) = self.open.get_mut(&descriptor) else { return Ok(Err(errno::BADF)) };
        let size = buffer.len().min(text.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..size), text.get(..size)) else { return Ok(Err(errno::INVAL)) };
        to.copy_from_slice(from);
        if !peeked {
            text.drain(..size);
        }
        Ok(Ok(size))
    }

    fn write(&mut self, descriptor: i32, bytes: &[u8], _: &Patience<'_>) -> Outcome<usize> {
        let held: usize = self.open.values().map(Vec::len).sum();
        if held.saturating_add(bytes.len()) > MOST_BYTES {
            return Ok(Err(errno::FBIG));
        }
        let Some(text) = self.open.get_mut(&descriptor) else { return Ok(Err(errno::BADF)) };
        text.extend_from_slice(bytes);
        Ok(Ok(bytes.len()))
    }

    fn close(&mut self, descriptor: i32) {
        self.open.remove(&descriptor);
        self.ids.retain(|_, known| *known != descriptor);
    }
}

/// A receiver of standard error that keeps nothing.
fn nowhere() -> StderrSink {
    Arc::new(|_| ())
}
