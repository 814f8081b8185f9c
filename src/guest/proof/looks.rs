//! Who looked at the clock or drew random bytes while an interpreter was captured, and who opened which file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::guest::calls::{Call, Function, Observer};
use crate::guest::cpython::frames::{Frame, Thread};

/// The file name of code that was given as a text, such as by the option `-c`: that of the boot script.
pub const COMMAND: &str = "<string>";

/// The file name of the code that runs programs in an interpreter which is built as a reactor.
const REACTOR: &str = "<reactor>";

/// How often the thread is looked for in vain.
const MOST_SEARCHES: usize = 64;

/// What code looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A clock.
    Clock,
    /// Random bytes.
    Entropy,
}

/// A look, and the lines of Python that led to it, the innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// At what.
    pub source: Source,
    /// The lines.
    pub frames: Vec<Frame>,
    /// Whether code that runs at the interpreter's start made it, such as `sitecustomize` or a line of a `.pth` file.
    pub is_of_startup: bool,
}

impl Look {
    /// The innermost line of a file that `is_wanted`, if the look was not made by another module that it imports.
    pub fn line_of(&self, is_wanted: impl Fn(&str) -> bool) -> Option<&Frame> {
        let at = self.frames.iter().position(|frame| is_wanted(&frame.file))?;
        let is_import = self.frames.iter().take(at).any(|frame| frame.function == "<module>");
        self.frames.get(at).filter(|_| !is_import)
    }
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// The interpreter's thread.
    pub thread: Option<Thread>,
    /// The looks, in order.
    pub looks: Vec<Look>,
    /// The lines that opened the files that are open, by descriptor.
    pub open: BTreeMap<u32, Vec<Frame>>,
    /// The lines of the last call that was given a path.
    pub last_path: Vec<Frame>,
    searches: usize,
}

/// Sees the calls of a run, and the Python code that makes them.
#[derive(Clone, Default)]
pub struct Looks(Arc<Mutex<Seen>>);

impl Looks {
    /// What was seen.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The lines of Python that are being executed, but for the import system's and the boot script's; and whether start-up
    /// is under way.
    fn frames(&mut self, memory: &[u8]) -> (Vec<Frame>, bool) {
        if self.thread.is_none() && self.searches < MOST_SEARCHES {
            self.searches += 1;
            self.thread = Thread::find(memory);
        }
        let mut frames: Vec<_> = self.thread.iter().flat_map(|thread| thread.frames(memory)).collect();
        let outermost = frames.iter().rfind(|frame| frame.file != REACTOR);
        let is_of_startup = outermost.is_some_and(|frame| frame.file != COMMAND);
        // During start-up, code without a file is a line of a `.pth` file.
        frames.retain(|frame| !frame.file.starts_with('<') || is_of_startup && frame.file == COMMAND);
        // The import system of a plain start looks, too: it imports `time`.
        let is_of_startup = is_of_startup && !frames.is_empty();
        (frames, is_of_startup)
    }
}

impl Observer for Looks {
    fn before(&mut self, call: &mut Call<'_>, function: &Function, _: &[i64]) -> wasmtime::Result<()> {
        let source = match function.name {
            "clock_time_get" => Some(Source::Clock),
            "random_get" => Some(Source::Entropy),
            name if name.starts_with("path_") => None,
            _ => return Ok(()),
        };
        let (memory, _) = call.parts();
        let mut seen = self.seen();
        let (frames, is_of_startup) = seen.frames(memory);
        match source {
            Some(source) => seen.looks.push(Look { source, frames, is_of_startup }),
            None => seen.last_path = frames,
        }
        Ok(())
    }

    fn after(
        &mut self,
        call: &mut Call<'_>,
        function: &Function,
        arguments: &[i64],
        errno: i32,
    ) -> wasmtime::Result<()> {
        let descriptor = |i: usize| arguments.get(i).map(|value| *value as u32);
        match function.name {
            "path_open" if errno == 0 => {
                let (memory, _) = call.parts();
                let place = descriptor(8).and_then(|at| memory.get(at as usize..)?.first_chunk());
                let mut seen = self.seen();
                if let Some(number) = place {
                    let frames = seen.last_path.clone();
                    seen.open.insert(u32::from_le_bytes(*number), frames);
                }
            }
            "fd_close" if errno == 0 => {
                descriptor(0).map(|number| self.seen().open.remove(&number));
            }
            "fd_renumber" if errno == 0 => {
                let mut seen = self.seen();
                let moved = descriptor(0).and_then(|number| seen.open.remove(&number));
                if let (Some(to), Some(opened)) = (descriptor(1), moved) {
                    seen.open.insert(to, opened);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
