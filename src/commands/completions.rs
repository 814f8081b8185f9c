//! `pywagi completions SHELL`

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell as Generator;

use crate::cli::{Cli, Completions, Shell};
use crate::error::{Context, Result};

/// Prints the completion script of a shell to standard output.
///
/// # Errors
/// Fails where standard output cannot be written, unless its reader has left.
pub fn run(arguments: &Completions) -> Result<()> {
    let script = script(arguments.shell);
    match std::io::stdout().lock().write_all(&script) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done.context(|| "cannot write to standard output"),
    }
}

/// The completion script of a shell.
pub fn script(shell: Shell) -> Vec<u8> {
    let generator = match shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
        Shell::Powershell => Generator::PowerShell,
        Shell::Elvish => Generator::Elvish,
    };
    let mut script = Vec::new();
    clap_complete::generate(generator, &mut Cli::command(), "pywagi", &mut script);
    script
}
