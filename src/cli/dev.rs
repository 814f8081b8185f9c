//! `pywagi dev`: serves the app on a local port.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::texts::DEV_HELP;
use super::{AppOptions, LIMITS, listen};
use crate::like::Like;
use crate::size;
use crate::terminal::LogFormat;

/// `pywagi dev`
#[derive(Args, Debug)]
#[command(after_help = DEV_HELP)]
pub struct Dev {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: AppOptions,
    /// Address to listen on; port 0 lets the system choose [default:
    /// 127.0.0.1:3000, and where that port is in use the next free one]
    #[arg(short, long, value_name = "[HOST:]PORT", value_parser = listen::parse)]
    pub listen: Option<SocketAddr>,
    /// Request line and headers
    #[arg(long, value_name = "SIZE", default_value = "64KiB", value_parser = size::parse, help_heading = LIMITS)]
    pub max_head: u64,
    /// Serve https with this certificate (a PEM file, its issuers after it)
    #[arg(long, value_name = "PEM", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key (a PEM file)
    #[arg(long, value_name = "PEM", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub tls_key: Option<PathBuf>,
    /// Answer as another host does: as Spin's WAGI executor, `spin`, or as the
    /// reference server, `wagi`
    #[arg(long, value_name = "HOST", value_enum, hide_possible_values = true)]
    pub like: Option<Like>,
    /// Append each script's stderr to DIR/<sha256 of the route>/module.stderr
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub log_dir: Option<PathBuf>,
    /// Write the log as text, or as json: one object a line, see below
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, hide_possible_values = true)]
    pub log_format: LogFormat,
    /// Also write the recording of each request to DIR, for `pywagi replay`; they
    /// hold bodies and secrets
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub record: Option<PathBuf>,
    /// Do not keep the last requests for `pywagi replay`
    #[arg(long, conflicts_with = "record")]
    pub no_record: bool,
    /// Open lines of error pages in this editor (or PYWAGI_EDITOR): vscode, cursor, zed, idea, pycharm,
    /// sublime, or a URL with {file} and {line} in it
    #[arg(long, value_name = "EDITOR")]
    pub editor: Option<String>,
    /// Reload open pages when a file of the app changes
    #[arg(long, conflicts_with = "no_inspect")]
    pub live: bool,
    /// Open the app in the browser
    #[arg(long)]
    pub open: bool,
    /// Offer prompts on error pages also where --listen names an address that other machines reach
    #[arg(long, conflicts_with = "no_inspect")]
    pub console: bool,
    /// Tell browsers of failures in plain text, too, and answer nothing below /__pywagi/
    #[arg(long)]
    pub no_inspect: bool,
    /// Accepted for the sake of the reference server; PYWAGI_CACHE_DIR sets the cache directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, hide = true)]
    pub module_cache: Option<PathBuf>,
}
