//! An interpreter that is captured and examined in made-up surroundings.

use std::ops::Range;
use std::sync::LazyLock;

use bytes::Bytes;

use super::looks::Looks;
use super::notes::Notes;
use crate::guest::calls::{Entropy, MadeUpClock, Surroundings};
use crate::guest::capture::{self, Additions, Capture};
use crate::guest::cpython::frames::Thread;
use crate::guest::cpython::{bigints, code, heap};
use crate::guest::engine::Compiled;
use crate::guest::image::{GlobalValue, Image, LeftOut, Preload};
use crate::guest::prepare;
use crate::guest::python::CommandLine;
use crate::guest::{Input, resume};
use crate::hash::Digest;

/// What the resumed interpreter runs.
static SCRIPT: LazyLock<String> =
    LazyLock::new(|| capture::joined(&[include_str!("reveal.py"), include_str!("walk.py")]));

/// What interpreters are captured from.
pub struct Origin<'a> {
    /// The interpreter.
    pub compiled: &'a Compiled,
    /// The runs that start from it.
    pub input: Input,
    /// Their command line.
    pub line: CommandLine,
}

/// The surroundings of a capture: the time of day at its start and the time from look to look, in nanoseconds, and the seeds
/// of random bytes, of which the first are CPython's hash secret.
pub struct Conditions<'a> {
    clock: MadeUpClock,
    entropy: u64,
    hash: u64,
    /// Environment variables in addition.
    variables: &'a [(String, String)],
}

impl<'a> Conditions<'a> {
    /// The conditions of the first interpreter. As for any run, the present is later than the times of all files, also for
    /// the other: how old a file is must not decide in one of them alone.
    pub fn first() -> Self {
        let clock = MadeUpClock { start: 2_000_000_000_123_456_789, step: 1_000_003 };
        Self { clock, entropy: 1, hash: 7, variables: &[] }
    }

    /// Another time and other random bytes.
    pub fn other() -> Self {
        let clock = MadeUpClock { start: 2_100_000_777_987_654_321, step: 1_700_021 };
        Self { clock, entropy: 2, ..Self::first() }
    }

    /// As the first, but for the seed of hashes.
    pub fn other_hashes() -> Self {
        Self { hash: 99, ..Self::first() }
    }

    /// As the first, with more environment variables.
    pub fn with_variables(variables: &'a [(String, String)]) -> Self {
        Self { variables, ..Self::first() }
    }

    fn surroundings(&self) -> Surroundings {
        let seed = |number: u64| Digest::of(number.to_le_bytes());
        let entropy = Entropy { first: seed(self.hash), seed: seed(self.entropy) };
        // A file's times are part of it: an image is not used when a file that it was made from has changed.
        Surroundings { clock: Some(self.clock), entropy: Some(entropy), file_times: 0 }
    }
}

/// Why no interpreter was captured.
pub enum Refused {
    /// These modules cannot be loaded, or the warm-up script not be run, each for its reason.
    Modules(Vec<LeftOut>),
    /// A reason, and what was seen until then.
    Capture(String, Looks),
    /// Another reason.
    Other(String),
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

/// A captured interpreter and its memory with all modules revealed.
pub struct Twin {
    image: Image,
    /// What the capture looked at.
    pub looks: Looks,
    /// Its memory with all modules revealed.
    pub memory: Vec<u8>,
    /// Its modules.
    pub notes: Notes,
    /// Where the stack of C was moved to.
    moved_stack: Range<usize>,
}

impl Twin {
    /// Captures an interpreter and reveals its modules.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn capture(origin: &Origin<'_>, preload: &Preload, conditions: &Conditions<'_>) -> Result<Self, Refused> {
        let looks = Looks::default();
        let additions = Additions { variables: conditions.variables, observer: Some(Box::new(looks.clone())) };
        let Origin { compiled, input, line, .. } = origin;
        let surroundings = conditions.surroundings();
        let captured = Capture::take(compiled, input, line, preload, &surroundings, additions);
        let mut capture = match captured {
            Ok(capture) => capture,
            Err(capture::Refused::WarmUp(why)) => {
                let script = preload.runnable_warm_up().cloned().unwrap_or_default();
                return Err(Refused::Modules(vec![LeftOut { name: script, why }]));
            }
            Err(capture::Refused::Other(why)) => return Err(Refused::Capture(why, looks)),
        };
        if !capture.failed().is_empty() {
            return Err(Refused::Modules(capture.failed().to_vec()));
        }
        let image = capture.save(None, "", preload, Vec::new())?;
        drop(capture);
        let (stdout, memory) = examine(origin, &image, Bytes::new())?;
        let (notes, _) = Notes::parse(&String::from_utf8_lossy(&stdout));
        Ok(Self { image, looks, memory, notes, moved_stack: compiled.moved_stack.clone() })
    }

    /// The list of all objects of the interpreter, for [`super::graph::Graph`].
    ///
    /// # Errors
    /// Says why the interpreter did not list them.
    pub fn walk(&self, origin: &Origin<'_>) -> Result<String, String> {
        let (stdout, _) = examine(origin, &self.image, Bytes::from_static(b"+"))?;
        let text = String::from_utf8_lossy(&stdout);
        let (_, rest) = Notes::parse(&text);
        Ok(rest.to_owned())
    }

    /// What of its modules was made anew when they were revealed.
    pub fn refreshed(&self) -> &[String] {
        &self.image.description.refreshed
    }

    /// The parts of its memory that mean nothing: the stacks of C and of Python beyond what is in use, free memory, spare
    /// integers, and what code objects count.
    pub fn meaningless(&self) -> Vec<Range<usize>> {
        // As everywhere in this crate, the first global is the stack pointer.
        let pointer = self.image.description.globals.iter().find(|(name, _)| *name == prepare::global_name(0));
        let stack = match pointer {
            Some((_, GlobalValue::I32(pointer))) => usize::try_from(*pointer).unwrap_or(0),
            _ => 0,
        };
        let stack = self.moved_stack.start..stack;
        let mut parts: Vec<_> = heap::unused(&self.memory, self.moved_stack.end);
        parts.extend(bigints::spare(&self.memory));
        let thread: Option<Thread> = self.looks.seen().thread;
        parts.extend(thread.and_then(|thread| thread.free_stack(&self.memory)));
        if let Some((thread, kind)) = thread.and_then(|thread| Some((thread, thread.code_type(&self.memory)?))) {
            let changing = code::changing_parts(thread.layout, kind, &self.memory);
            // What looks like an object on the stack is what calls have left there.
            parts.extend(changing.into_iter().filter(|part| !stack.contains(&part.start)));
        }
        parts.push(stack);
        parts
    }
}

fn examine(origin: &Origin<'_>, image: &Image, stdin: Bytes) -> Result<(Vec<u8>, Vec<u8>), String> {
    /// Later than each capture, and a number of seconds that 31 bits hold.
    const CLOCK: MadeUpClock = MadeUpClock { start: 2_120_000_000_000_000_000, step: 1000 };
    let surroundings = Surroundings { clock: Some(CLOCK), entropy: Some(Entropy::numbered(5)), file_times: 0 };
    let input = Input { stdin, surroundings: Some(surroundings), ..origin.input.clone() };
    resume::examine(origin.compiled, image, &input, &origin.line, SCRIPT.clone())
}
