//! `pywagi add`, `remove`, `sync`, `list` and `tree`: the packages of an app.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::AddCommand;
use super::texts::{ADD_HELP, REMOVE_HELP, SYNC_HELP};

/// Flags that say whose packages, and where from.
#[derive(Args, Clone, Debug)]
pub struct PackagesOf {
    /// modules.toml of the app [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Use only what is on this machine: the cache of uv or pip
    #[arg(long)]
    pub offline: bool,
}

/// `pywagi add`
#[derive(Args, Debug)]
#[command(after_help = ADD_HELP, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Add {
    /// Something else than packages.
    #[command(subcommand)]
    pub command: Option<AddCommand>,
    /// Packages, as in flask, 'flask>=3' or 'flask[async]'
    #[arg(value_name = "PACKAGE", required_unless_present = "adapter", value_hint = ValueHint::Other)]
    pub packages: Vec<String>,
    /// Write code/pywagi.py, which runs WSGI and ASGI apps
    #[arg(long)]
    pub adapter: bool,
    /// Whose packages.
    #[command(flatten)]
    pub app: PackagesOf,
}

/// `pywagi remove`
#[derive(Args, Debug)]
#[command(after_help = REMOVE_HELP)]
pub struct Remove {
    /// Packages that the app asks for
    #[arg(value_name = "PACKAGE", required = true, value_hint = ValueHint::Other)]
    pub packages: Vec<String>,
    /// Whose packages.
    #[command(flatten)]
    pub app: PackagesOf,
}

/// `pywagi sync`
#[derive(Args, Debug)]
#[command(after_help = SYNC_HELP)]
pub struct Sync {
    /// Whose packages.
    #[command(flatten)]
    pub app: PackagesOf,
    /// Fail where pylock.toml is not what the app asks for
    #[arg(long)]
    pub locked: bool,
}

/// `pywagi list`
#[derive(Args, Debug)]
pub struct List {
    /// modules.toml of the app [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Print one JSON object for each package, one a line
    #[arg(long)]
    pub json: bool,
}

/// `pywagi tree`
#[derive(Args, Debug)]
pub struct Tree {
    /// modules.toml of the app [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Print one JSON object for each package, one a line
    #[arg(long)]
    pub json: bool,
}
