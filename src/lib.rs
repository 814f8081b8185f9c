//! pywagi: scaffold Python WAGI apps and run them locally.
//!
//! ```text
//! HTTP request (dev)  ┐                                                        ┌ HTTP response (dev)
//!                     ├─> Request ─> route ─> cgi ─> guest run ─> Response ────┤
//! arguments (invoke)  ┘            match   env+argv   stdout         parse     └ terminal output (invoke)
//! ```
//!
//! `pipeline::handle` makes the four steps in the middle and knows no socket and no terminal; `dev` and `invoke`
//! only make the request and render the outcome, so that the two can never disagree.

pub mod cache;
pub mod cgi;
pub mod cli;
pub mod commands;
pub mod environment;
pub mod error;
pub mod guest;
pub mod manifest;
pub mod pipeline;
pub mod request;
pub mod response;
pub mod route;
pub mod terminal;
pub mod text_file;
pub mod toolchain;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use terminal::Terminal;

/// Parses the command line, does what it says and turns a failure into a message and an exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    let done = match cli.command {
        Command::Toolchain(arguments) => commands::toolchain::run(&arguments, &terminal),
        Command::Init(_) | Command::Dev(_) | Command::Invoke(_) | Command::Cache(_) | Command::Completions(_) => {
            Err(error::Error::new("not built yet"))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: error::Error = error;
            terminal.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
