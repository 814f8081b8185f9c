//! The terminal of a session: Python prompts and reads lines, which are edited here.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use crate::error::{Context, Error, Result};
use crate::guest::{Cancellation, Interrupter, Stream, Streams};
use crate::pipeline::RoutePython;
use crate::terminal::Terminal;

use super::names::Names;

/// The prompts of Python. What is typed at others, as those of `input`, is not kept.
const PROMPTS: [&str; 2] = [">>> ", "... "];

/// How often Ctrl-C is pressed, without an effect, until it ends the session.
const PATIENCE: u32 = 3;

/// The terminal of a session.
pub struct Screen {
    cancellation: Cancellation,
    /// What the banner says after Python's version.
    place: String,
    history: Option<PathBuf>,
    editor: Mutex<Editor<Names, FileHistory>>,
    state: Mutex<State>,
    /// How often Ctrl-C was pressed since the last prompt.
    pressed: AtomicU32,
}

#[derive(Default)]
struct State {
    /// What was typed and not read yet.
    typed: Vec<u8>,
    /// The last line on the screen, where it has no end yet: the prompt, when something is read.
    unfinished: Vec<u8>,
    /// What the guest has written of its first line, which is for us.
    greeting: Vec<u8>,
    interrupter: Option<Interrupter>,
}

impl Screen {
    /// The terminal of this process. From now on, Ctrl-C interrupts what Python does.
    ///
    /// # Errors
    /// Fails where the terminal cannot be used.
    pub fn new(cancellation: Cancellation, python: &RoutePython<'_>, terminal: &Terminal) -> Result<Arc<Self>> {
        let config = Config::builder().completion_type(CompletionType::List).build();
        let mut editor = Editor::with_config(config).context(|| "cannot read from the terminal")?;
        editor.set_helper(Some(Names::default()));
        let history = history_file();
        if let Some(Err(e)) = history.as_ref().filter(|file| file.exists()).map(|file| editor.load_history(file)) {
            terminal.warn(format_args!("what was typed in earlier sessions cannot be read: {e}"));
        }
        let volumes: Vec<_> = python.volumes().iter().map(|volume| volume.guest.as_str()).collect();
        let place = format!("in the sandbox of route {}, which sees {}", python.route, volumes.join(", "));
        let (editor, state) = (Mutex::new(editor), Mutex::default());
        let screen = Arc::new(Self { cancellation, place, history, editor, state, pressed: AtomicU32::new(0) });
        let handled = Arc::clone(&screen);
        ctrlc::set_handler(move || handled.interrupt())
            .map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))?;
        Ok(screen)
    }

    /// Keeps what was typed for later sessions.
    pub fn keep_history(&self, terminal: &Terminal) {
        let Some(file) = &self.history else { return };
        let kept = file.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(ReadlineError::from);
        if let Err(e) = kept.and_then(|()| lock(&self.editor).save_history(file)) {
            terminal.warn(format_args!("what was typed cannot be kept in {}: {e}", file.display()));
        }
    }

    /// Ctrl-C while Python runs.
    fn interrupt(&self) {
        match self.pressed.fetch_add(1, Ordering::Relaxed) + 1 {
            PATIENCE.. => std::process::exit(130),
            2 => {
                let _ = io::stderr().write_all(b"\nPython is not at a place where it can stop; Ctrl-C again ends it\n");
            }
            _ => {}
        }
        self.cancellation.interrupt();
    }

    /// Takes the first line of the guest's standard output; returns what is left of `bytes`.
    fn greet<'b>(&self, state: &mut State, bytes: &'b [u8]) -> &'b [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (line, rest) = end.map_or((bytes, &[][..]), |end| {
            (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default())
        });
        state.greeting.extend_from_slice(line);
        if end.is_some() {
            let text = String::from_utf8_lossy(&state.greeting).into_owned();
            let mut words = text.split(' ').skip(1);
            let mut number = || words.next().and_then(|word| word.parse().ok());
            let (function, arguments) = (number(), number());
            state.interrupter =
                function.zip(arguments).map(|(function, arguments)| Interrupter { function, arguments });
            let version = words.next().unwrap_or_default();
            if let Some(names) = lock(&self.editor).helper_mut() {
                words.for_each(|name| names.learn(name));
            }
            let _ = writeln!(io::stderr(), "Python {version} {}. Ctrl-D ends it.", self.place);
        }
        rest
    }

    /// Reads a line, with its end; nothing at the end of what is typed.
    fn read_line(&self, prompt: &str) -> io::Result<Vec<u8>> {
        let mut editor = lock(&self.editor);
        let line = editor.readline(prompt);
        self.pressed.store(0, Ordering::Relaxed);
        self.cancellation.settle();
        match line {
            Ok(line) => {
                if let Some(names) = editor.helper_mut() {
                    names.learn(&line);
                }
                if PROMPTS.contains(&prompt) && !line.trim().is_empty() {
                    // What cannot be kept in memory is not there for the arrow keys.
                    let _ = editor.add_history_entry(&line);
                }
                Ok((line + "\n").into_bytes())
            }
            Err(ReadlineError::Eof) => {
                io::stderr().write_all(b"\n")?;
                Ok(Vec::new())
            }
            Err(ReadlineError::Interrupted) => {
                self.cancellation.interrupt();
                Err(interrupted())
            }
            Err(ReadlineError::Io(e)) => Err(e),
            Err(e) => Err(io::Error::other(e)),
        }
    }
}

impl Streams for Screen {
    fn read(&self, size: usize) -> io::Result<Vec<u8>> {
        if lock(&self.state).typed.is_empty() {
            let prompt = std::mem::take(&mut lock(&self.state).unfinished);
            let line = self.read_line(&String::from_utf8_lossy(&prompt))?;
            lock(&self.state).typed = line;
        }
        let mut state = lock(&self.state);
        let size = size.min(state.typed.len());
        Ok(state.typed.drain(..size).collect())
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let mut state = lock(&self.state);
        let is_greeting = stream == Stream::Stdout && state.interrupter.is_none();
        let bytes = if is_greeting { self.greet(&mut state, bytes) } else { bytes };
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => state.unfinished = bytes.get(end + 1..).unwrap_or_default().to_vec(),
            None => state.unfinished.extend_from_slice(bytes),
        }
        match stream {
            // The editor shows it, when it is ready for what is typed.
            Stream::Stderr if PROMPTS.iter().any(|prompt| prompt.as_bytes() == bytes) => Ok(()),
            Stream::Stderr => io::stderr().write_all(bytes),
            Stream::Stdin | Stream::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
        }
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        stream != Stream::Stderr || io::stderr().is_terminal()
    }

    fn interrupter(&self) -> Option<Interrupter> {
        lock(&self.state).interrupter
    }
}

/// What a read fails with that a signal interrupts.
fn interrupted() -> io::Error {
    #[cfg(unix)]
    return rustix::io::Errno::INTR.into();
    #[cfg(not(unix))]
    return io::ErrorKind::Interrupted.into();
}

/// Where what was typed is kept: with the user's state, where the platform has a place for that.
fn history_file() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    let directory = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(directory.join(env!("CARGO_PKG_NAME")).join("repl-history"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic leaves lines as they were typed or written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
