//! `pywagi test`: requests with what is expected of their answers.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::WhichApp;
use super::texts::TEST_HELP;

/// `pywagi test`
#[derive(Args, Debug, Default)]
#[command(after_help = TEST_HELP)]
pub struct Test {
    /// Files of tests, and directories of such files [default: tests/ beside
    /// modules.toml]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: WhichApp,
    /// Run only tests with TEXT in their name or file
    #[arg(short, long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Write snapshots that differ anew
    #[arg(short, long)]
    pub update: bool,
    /// Also write the results to a file, as JUnit's XML
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,
    /// How many files of tests are run at once [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<usize>,
}
