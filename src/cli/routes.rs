//! `pywagi routes`, `pywagi check` and `pywagi mcp`, which have the flags that say which app it is.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};

use super::AppOptions;
use super::texts::{CHECK_HELP, MCP_HELP, ROUTES_HELP};
use crate::network::AllowedHost;

/// Flags that say which app to load, and what its guests are given.
#[derive(Args, Debug, Default)]
pub struct WhichApp {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Set an environment variable of the scripts, without a value the one that
    /// your shell exports; repeatable
    #[arg(short, long, value_name = "NAME[=VALUE]", action = ArgAction::Append)]
    pub env: Vec<String>,
    /// Read environment variables of the scripts from a file; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Vec<PathBuf>,
    /// Do not read the file .env beside modules.toml
    #[arg(long)]
    pub no_env_file: bool,
    /// Let the scripts connect to this host, beside those of modules.toml:
    /// https://example.com, db:5432; repeatable
    #[arg(long, value_name = "URL", value_parser = AllowedHost::parse)]
    pub allow_host: Vec<AllowedHost>,
}

impl From<&WhichApp> for AppOptions {
    fn from(which: &WhichApp) -> Self {
        let WhichApp { config, env, env_file, no_env_file, allow_host } = which;
        let (config, env, env_file) = (config.clone(), env.clone(), env_file.clone());
        let allow_host = allow_host.clone();
        Self { config, env, env_file, no_env_file: *no_env_file, allow_host, ..Self::default() }
    }
}

/// `pywagi routes`
#[derive(Args, Debug)]
#[command(after_help = ROUTES_HELP)]
pub struct Routes {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
    /// Print one JSON object for each route, one a line
    #[arg(long)]
    pub json: bool,
}

/// `pywagi mcp`
#[derive(Args, Debug)]
#[command(after_help = MCP_HELP)]
pub struct Mcp {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
}

/// `pywagi check`
#[derive(Args, Debug)]
#[command(after_help = CHECK_HELP)]
pub struct Check {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
    /// Print one JSON object for each finding, one a line
    #[arg(long)]
    pub json: bool,
}
