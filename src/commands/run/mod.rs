//! `pywagi run`: a script, a module or code in the app's Python, in the sandbox of a route.

mod script;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use crate::cli::{self, AppOptions, Sandbox};
use crate::error::{Error, Kind, Result};
use crate::guest::{Console, Exit, Gain, Input, Output, Start};
use crate::pipeline::{App, GuestFailure, RoutePython};
use crate::terminal::Terminal;

use super::app::{self, Runs};
use super::image_saver;
pub use streams::ProcessStreams;

/// Where the guest looks for modules.
const SEARCH_PATH: &str = "PYTHONPATH";

/// Runs `pywagi run`; returns the exit code of Python.
///
/// # Errors
/// Fails where the app cannot be loaded, no such Python or script is there, and where the guest does not come to its end.
pub fn run(arguments: &cli::Run, terminal: &Terminal) -> Result<i32> {
    let options = AppOptions { cold: arguments.cold, ..(&arguments.sandbox).into() };
    let app = app::load(&options, Runs::default(), terminal)?;
    let python = choose(&app, &arguments.sandbox, terminal)?;
    let (first, rest) = arguments.command.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut command = Vec::new();
    let is_script = match first {
        "-m" | "-c" if rest.is_empty() => {
            let (what, example) = if first == "-m" { ("module", "json.tool") } else { ("code", "'print(1)'") };
            return Err(Error::of(Kind::Usage, format!("the {what} after {first} is missing"))
                .remedy(format!("write pywagi run {first} {example}")));
        }
        "-m" | "-c" | "-" => false,
        _ if first.starts_with('-') => {
            return Err(Error::of(Kind::Usage, format!("{first} is no script"))
                .remedy("give the script, -m MODULE or -c CODE first; flags of pywagi stand before it"));
        }
        _ => true,
    };
    command.push(if is_script { script::find(first, &python)? } else { first.to_owned() });
    command.extend(rest.iter().cloned());
    let mut input = python.input(command);
    if !is_script {
        add_directory(&mut input, &python);
    }
    input.console = Some(Console::new(Arc::new(ProcessStreams)));
    input.limits.time = arguments.timeout.unwrap_or(Duration::MAX);
    let output = python.run(&input);
    let how = match &output.start {
        Start::Warm => "from a saved interpreter".to_owned(),
        Start::Cold(why) => format!("from scratch ({why})"),
    };
    terminal.detail(format_args!("{first} ran {how}"));
    // An interpreter with the modules of this run would be larger than requests need it.
    if let Some(improvement) = output.improvement.as_ref().filter(|improvement| improvement.gain() == Gain::Image) {
        image_saver::save_now(improvement, terminal);
    }
    exit_code(first, &python, &output)
}

/// The Python of the route that is asked for, else of the first that Python answers. Says which where that matters.
///
/// # Errors
/// Fails where there is none.
pub fn choose<'a>(app: &'a App, sandbox: &Sandbox, terminal: &Terminal) -> Result<RoutePython<'a>> {
    let pythons = app.pythons();
    let names: Vec<_> = pythons.iter().map(|python| python.route.to_string()).collect();
    let found = match &sandbox.route {
        Some(route) => pythons.iter().position(|python| python.route.as_str() == route),
        None => (!pythons.is_empty()).then_some(0),
    };
    let mut pythons = pythons;
    match (found, &sandbox.route) {
        (Some(at), route) => {
            let python = pythons.swap_remove(at);
            if route.is_none() && pythons.iter().any(|other| !python.is_like(other)) {
                let name = python.route;
                terminal.note(format_args!("note: as route {name}; --route names another of {}", names.join(", ")));
            }
            Ok(python)
        }
        (None, Some(route)) => match app.routes().find(|known| known.pattern.as_str() == route) {
            Some(known) => match known.error {
                Some(error) => Err(error.copy()),
                None => Err(Error::of(Kind::Usage, format!("Python does not answer the route {route}"))
                    .remedy(format!("it answers {}", names.join(", ")))),
            },
            None => Err(Error::of(Kind::Usage, format!("there is no route {route}"))
                .remedy(format!("the routes that Python answers are: {}", names.join(", ")))),
        },
        (None, None) => match app.errors().next() {
            Some(error) => Err(error.copy()),
            None => Err(Error::new("no route of the app is answered by Python")
                .remedy("add a module whose file or whose `argv` begins with python, as `pywagi init` writes it")),
        },
    }
}

/// Has Python find the modules beside the script of the route, as that script does.
pub fn add_directory(input: &mut Input, python: &RoutePython<'_>) {
    let Some(directory) = python.directory() else { return };
    match input.environment.iter_mut().find(|(name, _)| name == SEARCH_PATH) {
        Some((_, path)) if path.is_empty() => *path = directory,
        Some((_, path)) => *path = format!("{directory}:{path}"),
        None => input.environment.push((SEARCH_PATH.to_owned(), directory)),
    }
}

/// The exit code of a run that came to its end.
///
/// # Errors
/// Fails where it did not.
pub fn exit_code(name: &str, python: &RoutePython<'_>, output: &Output) -> Result<i32> {
    match output.exit {
        Exit::Code(code) => Ok(code),
        _ => Err(GuestFailure::of_run(name, output, python.volumes(), python.limits(), python.allowed_hosts())
            .map_or_else(
                || Error::internal(format!("{name} ended in no known way: {:?}", output.exit)),
                |failure| failure.to_error(),
            )),
    }
}
