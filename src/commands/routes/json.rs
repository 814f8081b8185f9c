//! What `pywagi routes` shows, as JSON. The names are part of the command line's contract.

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::guest::Volume;
use crate::network::AllowedHost;
use crate::pipeline::{App, Route};
use crate::text_file::shown;

use super::Listed;

#[derive(Serialize)]
struct Record<'a> {
    route: &'a str,
    /// The path that it answers, and whether those below it, too.
    path: &'a str,
    below: bool,
    /// The route above that takes all of its requests.
    hidden_by: Option<&'a str>,
    file: String,
    line: usize,
    module: String,
    /// What runs: the script, else the module.
    program: String,
    /// The script's path in the guest.
    script: Option<&'a str>,
    argv: Option<&'a str>,
    /// The path in the guest of the script that is run once before the interpreter is saved.
    warm_up: Option<&'a str>,
    entrypoint: &'a str,
    volumes: &'a [Volume],
    /// Where it may connect to.
    allowed_hosts: &'a [AllowedHost],
    /// The libraries that its scripts may import.
    libraries: Vec<LibraryRecord<'a>>,
    error: Option<Failure<'a>>,
}

#[derive(Serialize)]
struct LibraryRecord<'a> {
    name: &'a str,
    module: String,
    line: usize,
}

#[derive(Serialize)]
struct Failure<'a> {
    message: String,
    help: Option<&'a str>,
}

/// A route, as an object.
///
/// # Errors
/// Never: what is written are texts and numbers.
pub fn route(app: &App, listed: &Listed<'_>) -> Result<Value> {
    let Listed { route: Route { pattern, module, entrypoint, error }, hidden_by } = listed;
    let path = pattern.script_name();
    let libraries = app.manifest().libraries.iter().filter(|_| module.is_python());
    let record = Record {
        route: pattern.as_str(),
        path: if path.is_empty() { "/" } else { path },
        below: pattern.as_str() != path,
        hidden_by: hidden_by.as_ref().map(|above| above.pattern.as_str()),
        file: shown(&app.manifest().path),
        line: module.line,
        module: shown(&module.module),
        program: module.program(),
        script: module.script.as_ref().map(|script| script.guest.as_str()),
        argv: module.argv.as_deref(),
        warm_up: module.warm_up.as_ref().map(|script| script.guest.as_str()),
        entrypoint,
        volumes: &module.volumes,
        allowed_hosts: &module.allowed_hosts,
        libraries: libraries.map(|l| LibraryRecord { name: &l.name, module: shown(&l.module), line: l.line }).collect(),
        error: error.map(|error| Failure { message: error.to_string(), help: error.remedy_text() }),
    };
    serde_json::to_value(&record).map_err(|e| Error::internal(format!("what to print is no JSON: {e}")))
}
