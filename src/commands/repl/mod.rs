//! `pywagi repl`: the interactive Python of the app, in the sandbox of a route.

mod names;
mod screen;

use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;
use std::time::Duration;

use crate::cli::{AppOptions, Repl};
use crate::error::Result;
use crate::guest::Console;
use crate::terminal::Terminal;

use super::app::{self, Runs};
use super::run::{ProcessStreams, add_directory, choose, exit_code};
use screen::Screen;

/// What Python runs before the first prompt. It leaves no name behind: it tells how it is interrupted, its version and the
/// names that it has, and has `sys.argv` be as without `-c`.
const PRELUDE: &str = "\
__import__('posix').write(1, ('pywagi %d %d %s %s\\n' % (id(__import__('_thread').interrupt_main), id(()), \
__import__('sys').version.split()[0], ' '.join(dir(__builtins__) + __import__('keyword').kwlist))).encode())
__import__('sys').argv[:] = ['']
";

/// Runs `pywagi repl`; returns the exit code of Python. Without a terminal, Python reads a program from standard input.
///
/// # Errors
/// Fails where the app cannot be loaded, there is no such Python, and where the guest does not come to its end.
pub fn run(arguments: &Repl, terminal: &Terminal) -> Result<i32> {
    let app = app::load(&AppOptions::from(&arguments.sandbox), Runs::default(), terminal)?;
    let python = choose(&app, &arguments.sandbox, terminal)?;
    let is_interactive = stdin().is_terminal() && stdout().is_terminal();
    let words: &[&str] = if is_interactive { &["-i", "-c", PRELUDE] } else { &["-"] };
    let mut input = python.input(words.iter().map(|word| (*word).to_owned()));
    add_directory(&mut input, &python);
    input.limits.time = Duration::MAX;
    let screen = if is_interactive {
        let screen = Screen::new(input.cancellation.clone(), &python, terminal)?;
        input.console = Some(Console::new(screen.clone()));
        Some(screen)
    } else {
        input.console = Some(Console::new(Arc::new(ProcessStreams)));
        None
    };
    let output = python.run(&input);
    if let Some(screen) = screen {
        screen.keep_history(terminal);
    }
    exit_code("the session", &python, &output)
}
