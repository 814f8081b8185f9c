//! Debuggers over replayed runs: what they show, and that the run takes the way that it took.

mod apart;
mod console;
mod corpora;
mod report;
mod sessions;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pywagi::guest::{self, Calls, DebugTerminal, Debugger, Input, Output, Program, Recording, Session};
use tempfile::TempDir;

use crate::interpreter::{self, EmptyCache, Version};

/// A terminal at which everything is typed ahead.
#[derive(Clone, Default)]
struct Typed {
    input: Arc<Mutex<Vec<u8>>>,
    output: Arc<Mutex<Vec<u8>>>,
    is_interrupted: Arc<AtomicBool>,
    /// How long the debugger may run at a time; without a limit if `None`.
    time: Option<Duration>,
}

impl Typed {
    fn new(input: &str) -> Self {
        Self { input: Arc::new(Mutex::new(input.as_bytes().to_vec())), ..Self::default() }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().expect("no writer panics")).into_owned()
    }
}

impl DebugTerminal for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut input = self.input.lock().expect("no reader panics");
        let line = input.iter().position(|byte| *byte == b'\n').map_or(input.len(), |end| end + 1).min(buffer.len());
        let read: Vec<u8> = input.drain(..line).collect();
        buffer[..line].copy_from_slice(&read);
        Ok(line)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(())
    }

    fn is_interrupted(&mut self) -> bool {
        self.is_interrupted.swap(false, Ordering::Relaxed)
    }

    fn time(&self) -> Duration {
        self.time.unwrap_or(Duration::from_secs(3600))
    }
}

/// A request that was recorded from a saved interpreter.
struct Recorded {
    program: Program,
    input: Input,
    output: Output,
    recording: Recording,
    code: TempDir,
    _data: TempDir,
    _cache: EmptyCache,
}

impl Recorded {
    /// Records `python /code/main.py` in an app with these files.
    fn of(version: Version, files: &[(&str, &str)], change: impl FnOnce(&mut Input)) -> Self {
        let cache = EmptyCache::new();
        let (code, data) = (directory(), directory());
        for (name, text) in files {
            let path = code.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it is below the volume")).expect("a directory");
            std::fs::write(path, text).expect("written");
        }
        let program = interpreter::load(&interpreter::runtime(&cache), &version.module());
        let words = ["python", "/code/main.py"].map(str::to_owned);
        let mut input = interpreter::input(version, code.path(), data.path(), &words);
        change(&mut input);
        guest::warm_up(&program, &input).expect("it can be saved");
        let mut output = guest::run(&program, &Input { calls: Calls::Recorded, ..input.clone() });
        let recording = output.recording.take().expect("it was recorded");
        Self { program, input, output, recording, code, _data: data, _cache: cache }
    }

    fn debug(&self, debugger: &Debugger, typed: &str) -> (Session, String) {
        let terminal = Typed::new(typed);
        let shown = terminal.clone();
        let session = guest::debug(&self.program, &self.input, &self.recording, debugger, Box::new(terminal));
        (session.unwrap_or_else(|why| panic!("{why}\n{}", shown.shown())), shown.shown())
    }

    /// Debugs the run up to its end, which must be the one that it had.
    fn debug_all(&self, debugger: &Debugger, typed: &str) -> String {
        let (session, shown) = self.debug(debugger, typed);
        let output = &session.output;
        assert_eq!(output.deviation, None, "{shown}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&self.output.stdout), "{shown}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&self.output.stderr), "{shown}");
        assert_eq!(output.exit, self.output.exit, "{shown}");
        assert!(!session.is_ended_early && !session.output_differs, "{shown}");
        shown
    }
}

fn directory() -> TempDir {
    TempDir::with_prefix("pywagi-debug-").expect("a temporary directory")
}

const TRACE: Debugger = Debugger::Trace { color: false };

const FAILING: &str = "\
import json, sys, time, uuid
from items import price_of

def total(items):
    s = 0
    for item in items:
        s += price_of(item)
    return s

now, name = time.time(), uuid.uuid4()
data = json.load(sys.stdin)
try:
    print(total(data))
finally:
    del data
";

const ITEMS: &str = "\
class Price:
    __slots__ = ('amount',)

    def __init__(self, item):
        self.amount = item['price']

def price_of(item):
    return Price(item).amount
";

fn failing(version: Version) -> Recorded {
    Recorded::of(version, &[("main.py", FAILING), ("items.py", ITEMS)], |input| {
        input.stdin = br#"[{"price": 3}, {"cost": 5}]"#.to_vec().into();
    })
}

/// What is shown, from the line that holds `first` on.
fn from<'a>(shown: &'a str, first: &str) -> &'a str {
    let at = shown.find(first).unwrap_or_else(|| panic!("no {first:?} in:\n{shown}"));
    &shown[shown[..at].rfind('\n').map_or(0, |end| end + 1)..]
}
