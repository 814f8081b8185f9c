//! `pywagi sync`: the packages that the lock names, and in a fresh clone the interpreter too.

use super::toolchain::{self, Request};
use crate::cache::Cache;
use crate::cli::Sync;
use crate::error::Result;
use crate::guest::Runtime;
use crate::packages::app::App;
use crate::packages::lock::Lock;
use crate::packages::update::{Options, Packages};
use crate::terminal::Terminal;

/// Runs the command.
///
/// # Errors
/// As `pywagi add`.
pub fn run(arguments: &Sync, terminal: &Terminal) -> Result<()> {
    let app = App::find(arguments.app.config.as_deref())?;
    let offline = arguments.app.offline;
    if let Some(opt_dir) = app.missing_interpreter()? {
        let version = Lock::read(&app.directory)?.and_then(|lock| lock.python().map(str::to_owned));
        let request = Request { version, opt_dir, offline, ..Request::default() };
        let cache = Cache::open()?;
        toolchain::install(&request, &cache, &Runtime::new(Some(&cache))?, terminal)?;
    }
    Packages::lock(&app, Options { offline, locked: arguments.locked }, terminal)?.sync()
}
