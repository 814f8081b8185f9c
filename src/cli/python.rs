//! `pywagi run` and `pywagi repl`: the app's Python, without a request.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueHint};

use super::texts::{REPL_HELP, RUN_HELP};
use super::{AppOptions, LimitFlags};
use crate::network::AllowedHost;
use crate::{duration, size};

/// Flags that say which Python to run, and what it is given.
#[derive(Args, Debug)]
pub struct Sandbox {
    /// The route whose volumes and variables to use, as modules.toml has it
    /// [default: the first that Python answers]
    #[arg(long, value_name = "ROUTE")]
    pub route: Option<String>,
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Set an environment variable, without a value the one that your shell
    /// exports; repeatable
    #[arg(short, long, value_name = "NAME[=VALUE]", action = ArgAction::Append)]
    pub env: Vec<String>,
    /// Read environment variables from a file; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Vec<PathBuf>,
    /// Do not read the file .env beside modules.toml
    #[arg(long)]
    pub no_env_file: bool,
    /// Let it connect to this host, beside those of modules.toml:
    /// https://example.com, db:5432; repeatable
    #[arg(long, value_name = "URL", value_parser = AllowedHost::parse)]
    pub allow_host: Vec<AllowedHost>,
    /// Memory that it may use [default: 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    pub max_memory: Option<u64>,
}

impl From<&Sandbox> for AppOptions {
    fn from(sandbox: &Sandbox) -> Self {
        let Sandbox { config, env, env_file, no_env_file, allow_host, max_memory, .. } = sandbox;
        let (config, env, env_file) = (config.clone(), env.clone(), env_file.clone());
        let allow_host = allow_host.clone();
        let limits = LimitFlags { max_memory: *max_memory, ..LimitFlags::default() };
        Self { config, env, env_file, no_env_file: *no_env_file, allow_host, limits, ..Self::default() }
    }
}

/// `pywagi run`
#[derive(Args, Debug)]
#[command(after_help = RUN_HELP, override_usage = "pywagi run [OPTIONS] <SCRIPT|-m MODULE|-c CODE> [ARGS]...")]
pub struct Run {
    /// Which Python to run.
    #[command(flatten)]
    pub sandbox: Sandbox,
    /// Stop it after TIME: 500ms, 30s, 2m [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Start the interpreter from scratch
    #[arg(long)]
    pub cold: bool,
    /// What to run and its arguments, as after `python`: a script's path here or
    /// in the guest, -m with a module, -c with code, or - for stdin
    #[arg(value_name = "SCRIPT", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub command: Vec<String>,
}

/// `pywagi repl`
#[derive(Args, Debug)]
#[command(after_help = REPL_HELP)]
pub struct Repl {
    /// Which Python to run.
    #[command(flatten)]
    pub sandbox: Sandbox,
}
