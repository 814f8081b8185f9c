//! `pywagi export`: the app in the form that other hosts take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::texts::{EXPORT_DOCKER_HELP, EXPORT_HELP};

/// `pywagi export`
#[derive(Args, Debug)]
#[command(after_help = EXPORT_HELP)]
pub struct Export {
    /// For what.
    #[command(subcommand)]
    pub command: ExportCommand,
}

/// The commands of `pywagi export`.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write a Dockerfile: lighttpd in front of `pywagi cgi`
    #[command(after_help = EXPORT_DOCKER_HELP)]
    Docker(ExportDocker),
}

/// `pywagi export docker`
#[derive(Args, Debug)]
pub struct ExportDocker {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Directory of the files, in the app
    #[arg(short, long, value_name = "DIR", default_value = "docker", value_parser = directory)]
    pub out: String,
    /// Let requests write to the volume PATH, as modules.toml has it; repeatable
    #[arg(long, value_name = "PATH")]
    pub writable: Vec<String>,
    /// The pywagi of the container [default: this one, on Linux]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub pywagi: Option<PathBuf>,
    /// Overwrite the files
    #[arg(short, long)]
    pub force: bool,
}

/// The name of a directory that a Dockerfile can have as it is.
fn directory(name: &str) -> Result<String, String> {
    let is_plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && part != ".."
    };
    let is_name = name.split('/').all(is_plain) && !name.starts_with('.');
    is_name
        .then(|| name.to_owned())
        .ok_or_else(|| "give a directory of the app, such as docker or deploy/docker".to_owned())
}
