//! `pywagi cache`: what it holds, and filling it.

use clap::{Args, Subcommand};

use super::WhichApp;
use super::texts::{CACHE_HELP, CACHE_WARM_HELP};

/// `pywagi cache`
#[derive(Args, Debug)]
#[command(after_help = CACHE_HELP)]
pub struct Cache {
    /// What to do.
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// The commands of `pywagi cache`.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Show where the cache is, what it holds and how large it is
    Info,
    /// Remove everything in it; the next command fills it again
    Clean,
    /// Compile the app's interpreters and save them, so that the first request is warm
    #[command(after_help = CACHE_WARM_HELP)]
    Warm(CacheWarm),
}

/// `pywagi cache warm`
#[derive(Args, Debug)]
pub struct CacheWarm {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
    /// Have the cache work on other machines, too, as in a container: compile for
    /// any processor of this kind
    #[arg(long)]
    pub portable: bool,
    /// Also answer a GET request of each PATH, for imports that its script finds
    /// while it runs
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Do what a process that answered a request asks for on stdin.
    #[arg(long, hide = true, conflicts_with_all = ["paths", "portable"])]
    pub learnt: bool,
}
