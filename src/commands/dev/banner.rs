//! What `dev` says when it starts.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::pipeline::{App, Route};
use crate::server::Server;
use crate::terminal::{Terminal, rfc3339};
use crate::text_file::shown;
use crate::toolchain::layout::INTERPRETER;
use crate::toolchain::record::Record;

use crate::commands::reloading_app::ReloadingApp;

/// Shows where the app is served, what answers each route, and how to stop.
pub fn show(server: &Server, reloading: &ReloadingApp, has_keys: bool, terminal: &Terminal) -> Result<()> {
    let (app, dotenv) = (reloading.app(), reloading.dotenv());
    if terminal.is_json() {
        if !terminal.is_quiet() {
            terminal.record(&StartRecord::new(server, app, dotenv));
        }
    } else {
        terminal.step("Serving", format_args!("{} from {}", server.url(), shown(&app.manifest().path)));
        if let Some(dotenv) = dotenv {
            terminal.step("Variables", format_args!("from {}; --no-env-file leaves it out", shown(dotenv)));
        }
        for (module, version) in interpreters(app)? {
            terminal.step("Python", format_args!("{version}in {}", shown(module)));
        }
        let routes: Vec<_> = app.routes().map(|route| (route.pattern.to_string(), program(&route))).collect();
        let width = routes.iter().map(|(route, _)| console::measure_text_width(route)).max().unwrap_or(0);
        for (route, program) in routes {
            let padded = console::pad_str(&route, width, console::Alignment::Left, None);
            terminal.step("Route", format_args!("{padded}  {program}"));
        }
    }
    let address = server.address();
    if !address.ip().is_loopback() {
        terminal
            .warn(format_args!("{address} can be reached from other machines, and whoever reaches it runs the app"));
    }
    if !terminal.is_json() {
        terminal.step("Ready", if has_keys { "Press h for help, q to quit" } else { "Press Ctrl-C to stop" });
    }
    Ok(())
}

/// What answers a route: its script or its WebAssembly file, with the function unless that is the usual one.
fn program(route: &Route<'_>) -> String {
    let program = route.module.program();
    match (route.error, route.entrypoint) {
        (Some(_), _) => format!("{program} (cannot run, see above)"),
        (None, "_start") => program,
        (None, function) => format!("{program}, function {function}"),
    }
}

/// The interpreters of the app, each once: the files that run scripts or were installed as interpreters, with their
/// version and a space where it is known.
fn interpreters(app: &App) -> Result<Vec<(&Path, String)>> {
    let mut found: Vec<(&Path, String)> = Vec::new();
    for module in &app.manifest().modules {
        let file = &*module.module;
        if found.iter().any(|(known, _)| *known == file) || module.problem.is_some() {
            continue;
        }
        match installation(file)? {
            Some(record) => found.push((file, format!("{} ", record.version))),
            None if module.script.is_some() => found.push((file, String::new())),
            None => {}
        }
    }
    Ok(found)
}

/// The record of the installation whose interpreter `module` is, if there is one.
fn installation(module: &Path) -> Result<Option<Record>> {
    match module.parent().and_then(Path::parent) {
        Some(directory) if directory.join(INTERPRETER) == module => Record::read(directory),
        _ => Ok(None),
    }
}

/// The start of the server, as `--log-format json` shows it.
#[derive(Serialize)]
struct StartRecord<'a> {
    time: String,
    event: &'static str,
    url: String,
    manifest: String,
    env_file: Option<String>,
    routes: Vec<RouteRecord<'a>>,
}

#[derive(Serialize)]
struct RouteRecord<'a> {
    route: &'a str,
    module: String,
    program: String,
    error: Option<String>,
}

impl<'a> StartRecord<'a> {
    fn new(server: &Server, app: &'a App, dotenv: Option<&Path>) -> Self {
        let route = |route: Route<'a>| RouteRecord {
            route: route.pattern.as_str(),
            module: shown(&route.module.module),
            program: route.module.program(),
            error: route.error.map(Error::to_string),
        };
        Self {
            time: rfc3339(Timestamp::now()),
            event: "start",
            url: server.url(),
            manifest: shown(&app.manifest().path),
            env_file: dotenv.map(shown),
            routes: app.routes().map(route).collect(),
        }
    }
}
