//! `pywagi remove`: packages.

use crate::cli::Remove;
use crate::error::Result;
use crate::packages::app::App;
use crate::packages::update::{Options, Packages};
use crate::terminal::Terminal;

/// Runs the command.
///
/// # Errors
/// Fails where the app does not ask for a package, and as `pywagi add`.
pub fn run(arguments: &Remove, terminal: &Terminal) -> Result<()> {
    let app = App::find(arguments.app.config.as_deref())?;
    let options = Options { offline: arguments.app.offline, locked: false };
    let mut packages = Packages::lock(&app, options, terminal)?;
    for name in &arguments.packages {
        packages.asked.remove(name)?;
    }
    packages.resolve(&[])
}
