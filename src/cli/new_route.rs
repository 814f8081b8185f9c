//! `pywagi add route` and `pywagi add static`: another route of the app.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What `pywagi add` adds beside packages.
#[derive(Debug, Subcommand)]
pub enum AddCommand {
    /// Add a route and the script that answers it
    Route(NewRoute),
    /// Add a route that answers the files of a directory
    Static(NewStatic),
}

/// `pywagi add route`
#[derive(Args, Debug)]
pub struct NewRoute {
    /// The route: /path, or /path/... for all below it, too
    #[arg(value_name = "ROUTE")]
    pub route: String,
    /// The script; written if it is not there [default: NAME.py beside the
    /// scripts of the app, with the last part of the route]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub script: Option<PathBuf>,
    /// modules.toml to change [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

/// `pywagi add static`
#[derive(Args, Debug)]
pub struct NewStatic {
    /// The route, below which the files are
    #[arg(value_name = "ROUTE")]
    pub route: String,
    /// The directory of the files
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
    /// modules.toml to change [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}
