//! `pywagi add`: packages.

use crate::cli::Add;
use crate::error::Result;
use crate::packages::app::App;
use crate::packages::requirement::Requirement;
use crate::packages::update::{Options, Packages};
use crate::terminal::Terminal;

/// Runs the command.
///
/// # Errors
/// Fails where a package does not exist or does not fit, and then leaves the app as it was.
pub fn run(arguments: &Add, terminal: &Terminal) -> Result<()> {
    let wanted = arguments.packages.iter().map(|text| Requirement::from_argument(text)).collect::<Result<Vec<_>>>()?;
    let app = App::find(arguments.app.config.as_deref())?;
    let options = Options { offline: arguments.app.offline, locked: false };
    let mut packages = Packages::lock(&app, options, terminal)?;
    for requirement in &wanted {
        let python = packages.python.clone();
        packages.asked.add(requirement, &python);
    }
    let named: Vec<_> = wanted.into_iter().map(|requirement| requirement.name).collect();
    packages.resolve(&named)
}
