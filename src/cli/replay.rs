//! The flags of `pywagi replay`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::texts::REPLAY_HELP;

/// `pywagi replay`
#[derive(Args, Debug, Default)]
#[command(after_help = REPLAY_HELP)]
pub struct Replay {
    /// ID of a recording, `latest`, or a file; without it, recordings are listed
    #[arg(value_name = "ID|FILE", value_hint = ValueHint::FilePath)]
    pub recording: Option<String>,
    /// Look for recordings in DIR, which --record of dev or invoke wrote
    /// [default: ask `pywagi dev`, while it runs]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub record: Option<PathBuf>,
    /// modules.toml of the app [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// WebAssembly file to run [default: where it was, else one of the app]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub module: Option<PathBuf>,
    /// Make the saved interpreter again where it is not on this machine
    #[arg(long)]
    pub rebuild: bool,
    /// Print the status line and the headers first
    #[arg(short, long)]
    pub include: bool,
    /// Write the response to a file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Print each line of your code as it runs, and the variables it changed
    #[arg(long, requires = "recording", conflicts_with_all = ["pdb", "include", "output"])]
    pub trace: bool,
    /// Debug the run with pdb, Python's own debugger
    #[arg(long, requires = "recording", conflicts_with_all = ["include", "output"])]
    pub pdb: bool,
    /// With --pdb, stop where an exception of the class ERROR comes to your
    /// code; `error`: the one that ended the run
    #[arg(long, value_name = "ERROR", requires = "pdb")]
    pub until: Option<String>,
    /// Write the recording to FILE instead of replaying it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "recording")]
    #[arg(conflicts_with_all = ["rebuild", "include", "output", "module", "trace", "pdb"])]
    pub export: Option<PathBuf>,
    /// Leave the value of a request header or a variable out of --export;
    /// repeatable
    #[arg(long, value_name = "NAME", requires = "export")]
    pub redact: Vec<String>,
    /// Export what may hold bodies and secrets
    #[arg(short, long, requires = "export")]
    pub yes: bool,
}
