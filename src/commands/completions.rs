//! `pywagi completions`: a script that lets a shell complete our command line.

use clap::CommandFactory;
use clap_complete::Shell as Generator;

use crate::cli::{Cli, Completions, Shell};
use crate::error::Result;
use crate::terminal;

/// Prints the completion script of a shell to standard output.
///
/// # Errors
/// As [`terminal::print`].
pub fn run(arguments: &Completions) -> Result<()> {
    terminal::print(script(arguments.shell))
}

/// The completion script of a shell.
fn script(shell: Shell) -> Vec<u8> {
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
