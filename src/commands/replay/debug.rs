//! `pywagi replay --trace` and `--pdb`: a debugger over a replayed run.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::Replay;
use crate::error::{Error, Result};
use crate::guest::{DebugTerminal, Debugger};
use crate::pipeline;
use crate::terminal::Terminal;

use super::find::Found;
use super::start::{self, Starter};
use super::{check, summary};

/// What `--until` takes for the exception that ended the run.
const UNCAUGHT: &str = "error";

/// Debugs the recording `name`: standard input and output are the debugger's.
///
/// # Errors
/// Fails where the recording cannot be replayed with a debugger, and where the run does something else than it did.
pub fn run(arguments: &Replay, name: &str, terminal: &Terminal) -> Result<()> {
    let found = Found::find(arguments, name, terminal)?;
    let Starter { program, image, is_exact } = Starter::find(arguments, &found, terminal)?;
    let debugger = match &arguments.until {
        // `--color always` is known by colour where standard error is no terminal.
        _ if arguments.trace => Debugger::Trace {
            color: terminal.is_colored() && (io::stdout().is_terminal() || !terminal.is_interactive()),
        },
        None => Debugger::Pdb,
        Some(name) if name == UNCAUGHT => Debugger::PdbAtUncaught,
        Some(name) => Debugger::PdbAt(name.clone()),
    };
    let volumes = start::readable_volumes(arguments, &found)?;
    let console = Box::new(Console::new()?);
    let ended = pipeline::debug(&program, &found.request, image, volumes, &debugger, console).map_err(|why| {
        Error::new(format!("{} cannot be debugged: {why}", found.name))
            .remedy(format!("`pywagi replay {}` replays it without a debugger", found.name))
    })?;
    if ended.is_ended_early {
        terminal.step("Left", format_args!("{} before the end of its run", found.name));
        return Ok(());
    }
    if ended.replayed.deviation.is_some() || !ended.output_differs {
        check(&ended.replayed, &found, is_exact)?;
    }
    if ended.output_differs {
        terminal.note(
            "note: it printed something else than when it was recorded: what it prints depends on where objects are in \
             memory, or was changed",
        );
    }
    terminal.step("Replayed", summary(&found));
    Ok(())
}

/// The terminal of the process, or what is in its place.
struct Console {
    signals: Arc<Signals>,
}

/// Where Ctrl-C finds the session.
#[derive(Default)]
struct Signals {
    is_interrupted: AtomicBool,
    is_reading: AtomicBool,
}

impl Console {
    /// Ctrl-C stops at the next line of the user's code; at a prompt, or a second time, it ends the process.
    fn new() -> Result<Self> {
        let signals = Arc::<Signals>::default();
        let handled = Arc::clone(&signals);
        let handler = move || {
            let is_reading = handled.is_reading.load(Ordering::Relaxed);
            if is_reading {
                println!();
            }
            if handled.is_interrupted.swap(true, Ordering::Relaxed) || is_reading {
                // As a shell reports a process that SIGINT ended.
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler).map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))?;
        Ok(Self { signals })
    }
}

impl DebugTerminal for Console {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.signals.is_reading.store(true, Ordering::Relaxed);
        let read = io::stdin().lock().read(buffer);
        self.signals.is_reading.store(false, Ordering::Relaxed);
        read
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    fn is_interrupted(&mut self) -> bool {
        self.signals.is_interrupted.swap(false, Ordering::Relaxed)
    }
}
