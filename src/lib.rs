//! pywagi: scaffold Python WAGI apps and run them locally.
//!
//! ```text
//! HTTP request (dev)  ┐                                                        ┌ HTTP response (dev)
//!                     ├─> Request ─> route ─> cgi ─> guest run ─> Response ────┤
//! arguments (invoke)  ┘            match   env+argv   stdout         parse     └ terminal output (invoke)
//! ```
//!
//! `pipeline::handle` does the four steps in the middle, without a socket or a terminal. `dev` and `invoke` only make
//! the request and render the outcome, so both answer a request alike. What a guest is given and told on the way can be
//! recorded; `pipeline::replay` runs it again from that alone. `test` and `mcp` send requests of their own by the same way, and
//! `inspect` shows in a browser what `dev` answered. `cgi` takes a request from a web server. `build` makes the app a component,
//! in which the crate in `adapter/` does the same four steps, and `export` writes what other hosts take. `network` says which hosts a
//! guest may connect to, and `guest` connects it.

#![deny(unsafe_code)]

pub mod atomic_file;
pub mod build;
pub mod cache;
pub mod cli;
pub mod commands;
pub mod disk;
pub mod duration;
pub mod environment;
pub mod error;
pub mod export;
pub mod finding;
pub mod guest;
pub mod hash;
pub mod inspect;
pub mod like;
pub mod limits;
pub mod manifest;
pub mod network;
pub mod packages;
pub mod paths;
pub mod pipeline;
pub mod recording;
pub mod request;
pub mod response;
pub mod scaffold;
pub mod server;
mod signals;
pub mod similar;
pub mod size;
pub mod swap;
pub mod terminal;
pub mod text_file;
pub mod toolchain;

use std::process::ExitCode;

pub use wagi_contract::{cgi, route};

use cli::{AddCommand, Cli, Command};
use error::{Context, Error, Result};
use terminal::{LogFormat, Terminal};

/// Runs the command that the command line names; prints its error and returns its exit code.
pub fn run() -> ExitCode {
    let cli = Cli::from_process();
    let format = match &cli.command {
        Command::Dev(arguments) => arguments.log_format,
        _ => LogFormat::Text,
    };
    let terminal = Terminal::new(cli.global.color, cli.global.quiet, cli.global.verbose).with_format(format);
    let ended = std::thread::scope(|scope| {
        let thread = guest::GuestThread::new("command").spawn_scoped(scope, || {
            // The process ends here and not on the main thread, which would first wait for this thread to be taken down.
            std::process::exit(exit_code(dispatch(cli.command, &terminal), &terminal))
        });
        let thread = thread.context(|| "cannot start a thread for the command")?;
        thread.join().unwrap_or_else(|panic| Err(Error::panicked("running the command", panic.as_ref())))
    });
    ExitCode::from(u8::try_from(exit_code(ended, &terminal)).unwrap_or(u8::MAX))
}

/// Prints the error of a command that failed; returns the exit code of the process.
fn exit_code(result: Result<i32>, terminal: &Terminal) -> i32 {
    result.unwrap_or_else(|error| {
        terminal.error(&error);
        i32::from(error.exit_code())
    })
}

/// Runs a command on a thread whose stack is large enough for a guest; the size of the main thread's stack is up to the
/// operating system. Returns the exit code of the process.
fn dispatch(command: Command, terminal: &Terminal) -> Result<i32> {
    signals::survive_file_size_limit()?;
    let done = match command {
        Command::Run(arguments) => return commands::run::run(&arguments, terminal),
        Command::Repl(arguments) => return commands::repl::run(&arguments, terminal),
        Command::Init(arguments) => commands::init::run(&arguments, terminal),
        Command::Replay(arguments) => commands::replay::run(&arguments, terminal),
        Command::Toolchain(arguments) => commands::toolchain::run(&arguments, terminal),
        Command::Cache(arguments) => commands::cache::run(&arguments.command, terminal),
        Command::Dev(arguments) => commands::dev::run(&arguments, terminal),
        Command::Invoke(arguments) => commands::invoke::run(&arguments, terminal),
        Command::Test(arguments) => commands::test::run(&arguments, terminal),
        Command::Add(arguments) => match &arguments.command {
            None => commands::add::run(&arguments, terminal),
            Some(AddCommand::Route(arguments)) => commands::new_route::route(arguments, terminal),
            Some(AddCommand::Static(arguments)) => commands::new_route::files(arguments, terminal),
        },
        Command::Remove(arguments) => commands::remove::run(&arguments, terminal),
        Command::List(arguments) => commands::list::run(&arguments, terminal),
        Command::Tree(arguments) => commands::tree::run(&arguments, terminal),
        Command::Sync(arguments) => commands::sync::run(&arguments, terminal),
        Command::Build(arguments) => commands::build::run(&arguments, terminal),
        Command::Routes(arguments) => commands::routes::run(&arguments, terminal),
        Command::Check(arguments) => commands::check::run(&arguments, terminal),
        Command::Mcp(arguments) => commands::mcp::run(&arguments, terminal),
        Command::Image(arguments) => commands::image::run(&arguments.command, terminal),
        Command::Cgi(arguments) => commands::cgi::run(&arguments, terminal),
        Command::Export(arguments) => commands::export::run(&arguments.command, terminal),
        Command::Completions(arguments) => commands::completions::run(&arguments),
    };
    done.map(|()| 0)
}
