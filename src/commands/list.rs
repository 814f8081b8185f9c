//! `pywagi list`: the packages that are installed.

use indicatif::BinaryBytes;

use crate::cli::List;
use crate::error::Result;
use crate::packages::app::App;
use crate::packages::record::{Installed, Record};
use crate::packages::status;
use crate::terminal::{self, Terminal};

/// Runs the command.
///
/// # Errors
/// Fails where there is no app.
pub fn run(arguments: &List, terminal: &Terminal) -> Result<()> {
    let app = App::find(arguments.config.as_deref())?;
    let record = Record::read(&app.directory);
    let packages = record.map(|record| record.packages).unwrap_or_default();
    if arguments.json {
        terminal::print(lines_of_json(&packages)?)?;
    } else {
        terminal::print(table(&packages))?;
    }
    let built_in = app.built_in()?;
    if !built_in.is_empty() && !arguments.json {
        let names: Vec<_> = built_in.iter().map(|(name, version)| format!("{name} {version}")).collect();
        terminal.note(format_args!("Built into the interpreter: {}", names.join(", ")));
    }
    match status::behind(&app.directory)? {
        Some(behind) => terminal.warn(format_args!("{behind}: {}", status::REMEDY)),
        None if packages.is_empty() => terminal.note("No packages are installed; `pywagi add` adds some."),
        None => {}
    }
    Ok(())
}

fn table(packages: &[Installed]) -> String {
    let name = packages.iter().map(|package| package.name.len()).max().unwrap_or_default();
    let version = packages.iter().map(|package| package.version.len()).max().unwrap_or_default();
    let mut text = String::new();
    for package in packages {
        let mut notes = Vec::new();
        if package.built {
            notes.push("built from its source archive".to_owned());
        }
        if !package.left_out.is_empty() {
            notes.push(format!("without {}", package.left_out.join(", ")));
        }
        let size = BinaryBytes(package.size).to_string();
        let line = format!("{:name$}  {:version$}  {size:>10}  {}", package.name, package.version, notes.join(", "));
        text += &format!("{}\n", line.trim_end());
    }
    text
}

/// One JSON object for each of `items`, one a line.
pub(super) fn lines_of_json<T: serde::Serialize>(items: &[T]) -> Result<String> {
    let lines = items.iter().map(|item| serde_json::to_string(item).map(|line| line + "\n"));
    lines
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| crate::error::Error::internal(format!("cannot write JSON: {e}")))
}
