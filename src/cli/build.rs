//! `pywagi build`: the app as a component.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};

use super::texts::BUILD_HELP;

/// `pywagi build`
#[derive(Args, Debug)]
#[command(after_help = BUILD_HELP)]
pub struct Build {
    /// File to write
    #[arg(short, long, value_name = "FILE", default_value = "app.wasm", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// What is built.
    #[command(flatten)]
    pub component: ComponentOptions,
    /// Have the host give the directory of this volume, so that what scripts
    /// write there lasts; repeatable
    #[arg(long, value_name = "VOLUME", action = ArgAction::Append)]
    pub writable: Vec<String>,
    /// Send a request for each route to what was built, and compare the answers
    /// with those of `pywagi invoke`
    #[arg(long)]
    pub check: bool,
}

/// What a component is built of.
#[derive(Args, Clone, Debug)]
pub struct ComponentOptions {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Build this route, as modules.toml has it; repeatable [default: all]
    #[arg(short, long, value_name = "ROUTE", action = ArgAction::Append)]
    pub route: Vec<String>,
    /// Have the host give this environment variable to the scripts; repeatable
    #[arg(short, long, value_name = "NAME", action = ArgAction::Append)]
    pub env: Vec<String>,
    /// Have the host give the variables that a file names, as with those of
    /// .env; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Vec<PathBuf>,
    /// Do not read the file .env beside modules.toml
    #[arg(long)]
    pub no_env_file: bool,
    /// The volumes that the host gives: `--writable` of `pywagi build`, for hosts that give directories to write to.
    #[arg(skip)]
    pub writable: Vec<String>,
    /// Name and port that the scripts see where the Host header names none
    #[arg(long, value_name = "HOST[:PORT]")]
    pub hostname: Option<String>,
}
