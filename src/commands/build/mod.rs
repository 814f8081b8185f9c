//! `pywagi build`: the app as a component that runs on other hosts.

mod check;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::build::{self, Built, Wanted};
use crate::cgi;
use crate::cli::{AppOptions, Build as Arguments};
use crate::environment;
use crate::error::{Context, Error, Kind, Result};
use crate::finding::Level;
use crate::guest::python;
use crate::manifest;
use crate::pipeline::App;
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::app::{self, DOTENV, Runs};
use super::check::scripts;

/// What a WebAssembly file begins with.
const MAGIC: &[u8] = b"\0asm";

/// Runs `pywagi build`.
///
/// # Errors
/// Fails where the app has mistakes, and where it cannot be a component.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Result<()> {
    let output = &arguments.output;
    if is_something_else(output) {
        let what = format!("{} is there and is no WebAssembly: it is not replaced", shown(output));
        return Err(Error::new(what).remedy("name another file with -o, or remove it"));
    }
    let path = manifest::find(arguments.config.as_deref())?;
    let env_files = env_files(arguments, &path);
    let variables = host_variables(arguments, &env_files, terminal)?;
    // The values of these variables are no part of what is built.
    let hostname = arguments.hostname.clone();
    let options = AppOptions { config: Some(path), hostname, no_env_file: true, ..AppOptions::default() };
    let app = app::load(&options, Runs::default(), terminal)?;
    check_scripts(&app)?;
    let host_variables = variables.iter().map(|(name, _)| name.clone()).collect();
    let wanted = Wanted { routes: arguments.route.clone(), host_variables, kept_out: env_files };
    let bar = terminal.spinner("Building", &shown(output));
    let built = build::build(&app, &wanted);
    bar.finish_and_clear();
    let built = built?;
    let cannot_write = || format!("cannot write {}", shown(output));
    StagedFile::new(output, &built.component).and_then(StagedFile::replace).context(cannot_write)?;
    tell(output, &built, &wanted, terminal);
    if arguments.check {
        // Here they have their values.
        let (env, env_file) = (arguments.env.clone(), arguments.env_file.clone());
        let options = AppOptions { env, env_file, no_env_file: arguments.no_env_file, ..options };
        let app = app::load(&options, Runs::default(), terminal)?;
        check::check(&app, &built, &variables, terminal)?;
    }
    Ok(())
}

/// Whether there is a file that was not built.
fn is_something_else(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.is_ok() && !start.is_empty() && start != MAGIC
}

/// The files whose variables the host is to give.
fn env_files(arguments: &Arguments, manifest: &Path) -> Vec<PathBuf> {
    let dotenv = manifest.with_file_name(DOTENV);
    let dotenv = (!arguments.no_env_file && dotenv.is_file()).then_some(dotenv);
    dotenv.into_iter().chain(arguments.env_file.iter().cloned()).collect()
}

/// The variables that the host is to give, with their values here.
fn host_variables(arguments: &Arguments, env_files: &[PathBuf], terminal: &Terminal) -> Result<Vec<(String, String)>> {
    let mut variables = BTreeMap::new();
    for path in env_files {
        variables.extend(environment::from_file(path)?);
    }
    for name in &arguments.env {
        if name.contains('=') {
            return Err(Error::of(Kind::Usage, format!("-e {name}: a value is no part of what is built")).remedy(
                "name the variable alone, and give it to the host; `environment` in modules.toml sets one for good",
            ));
        }
        if let Some(mistake) = environment::name_mistake(name) {
            return Err(Error::of(Kind::Usage, format!("-e {name}: {mistake}")));
        }
        variables.insert(name.clone(), std::env::var(name).unwrap_or_default());
    }
    variables.retain(|name, _| {
        let caveat = cgi::caveat(name)
            .or_else(|| python::acts_at_startup(name).then_some("acts when Python starts, which it has"));
        if let Some(caveat) = caveat {
            terminal.warn(format_args!("`{name}` is left out: it {caveat}"));
        }
        caveat.is_none()
    });
    Ok(variables.into_iter().collect())
}

/// Fails with what `pywagi check` finds in the scripts: a component cannot say what is wrong with one. What they may import
/// is to be in the saved interpreter.
fn check_scripts(app: &App) -> Result<()> {
    let checked = scripts::check(app);
    for (route, imports) in checked.imports {
        app.teach(&route, imports);
    }
    let errors = checked.findings.into_iter().filter(|finding| finding.level == Level::Error);
    let errors: Vec<_> = errors
        .map(|finding| {
            let error = Error::new(format!("{}: {}", finding.place(), finding.message));
            finding.help.into_iter().fold(error, Error::remedy)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::all(errors)) }
}

fn tell(output: &Path, built: &Built, wanted: &Wanted, terminal: &Terminal) {
    let megabytes = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
    let counted = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let routes = counted(built.routes.len(), "route");
    terminal.step("Built", format_args!("{}: {routes}, {}", shown(output), megabytes(built.component.len())));
    let sizes = built.sizes;
    terminal.note(format_args!("code    {:>9}", megabytes(sizes.code)));
    let modules = counted(built.modules, "module");
    terminal.note(format_args!("memory  {:>9}  a started Python with {modules}", megabytes(sizes.memory)));
    terminal.note(format_args!("files   {:>9}  {}", megabytes(sizes.files), counted(built.files, "file")));
    for left_out in &built.left_out {
        terminal.note(format_args!("each request imports {}: {}", left_out.name, left_out.why));
    }
    for note in &built.notes {
        terminal.note(format_args!("note: {note}"));
    }
    let mut command = "wasmtime serve".to_owned();
    if !wanted.host_variables.is_empty() {
        let names = wanted.host_variables.join(", ");
        terminal.note(format_args!("note: the values of {names} are not in it: the host gives them"));
        command.push_str(" -S cli");
        wanted.host_variables.iter().for_each(|name| command.push_str(&format!(" --env {name}")));
    }
    terminal.note(format_args!("run it: {command} {}", shown(output)));
}
