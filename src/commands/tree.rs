//! `pywagi tree`: which package needs which.

use serde::Serialize;

use super::list::lines_of_json;
use crate::cli::Tree;
use crate::error::Result;
use crate::packages::app::App;
use crate::packages::asked::Asked;
use crate::packages::lock::Lock;
use crate::packages::{status, tree};
use crate::terminal::{self, Terminal};

/// A package, as JSON shows it.
#[derive(Serialize)]
struct Node<'a> {
    name: &'a str,
    version: Option<&'a str>,
    asked: bool,
    needs: Vec<&'a str>,
    needed_by: Vec<&'a str>,
}

/// Runs the command.
///
/// # Errors
/// Fails where there is no app, and where what it asks for or the lock cannot be read.
pub fn run(arguments: &Tree, terminal: &Terminal) -> Result<()> {
    let app = App::find(arguments.config.as_deref())?;
    let asked = Asked::read(&app.directory)?.requirements();
    let asked: Vec<_> = asked.into_iter().map(|requirement| requirement.name).collect();
    let lock = Lock::read(&app.directory)?;
    if let Some(lock) = &lock {
        let nodes = lock.packages.iter().map(|package| Node {
            name: &package.name,
            version: package.version.as_deref(),
            asked: asked.contains(&package.name),
            needs: package.dependencies.iter().map(|dependency| dependency.name.as_str()).collect(),
            needed_by: tree::parents(lock, &package.name),
        });
        let nodes: Vec<_> = nodes.collect();
        terminal::print(if arguments.json { lines_of_json(&nodes)? } else { tree::render(lock, &asked) })?;
    }
    match status::behind(&app.directory)? {
        Some(behind) => terminal.warn(format_args!("{behind}: {}", status::REMEDY)),
        None if asked.is_empty() => terminal.note("The app asks for no packages; `pywagi add` adds some."),
        None => {}
    }
    Ok(())
}
