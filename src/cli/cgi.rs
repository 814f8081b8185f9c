//! `pywagi cgi`: answers the request of a web server.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::texts::CGI_HELP;
use super::{AppOptions, LimitFlags, WhichApp};

/// `pywagi cgi`
#[derive(Args, Debug)]
#[command(after_help = CGI_HELP, override_usage = "pywagi cgi [OPTIONS] [FILE]")]
pub struct Cgi {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
    /// Start the interpreter from scratch for each request
    #[arg(long)]
    pub cold: bool,
    /// What a request may use.
    #[command(flatten)]
    pub limits: LimitFlags,
    // Web servers may put words of the query at the end of the command line (RFC 3875 4.4). None of them may be taken for a
    // flag.
    /// modules.toml to use, as --config; what stands after it comes from the
    /// query, and is ignored
    #[arg(value_name = "FILE", trailing_var_arg = true, value_hint = ValueHint::FilePath)]
    pub words: Vec<PathBuf>,
}

impl From<&Cgi> for AppOptions {
    fn from(cgi: &Cgi) -> Self {
        let options = Self::from(&cgi.app);
        let config = options.config.clone().or_else(|| cgi.words.first().cloned());
        Self { config, cold: cgi.cold, limits: cgi.limits, ..options }
    }
}
