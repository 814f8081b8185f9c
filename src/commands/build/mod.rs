//! `pywagi build`: the app as a component that runs on other hosts.

mod check;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::build::{self, Built, HostDirectory, Network, Wanted};
use crate::cgi;
use crate::cli::{AppOptions, Build as Arguments, ComponentOptions};
use crate::environment;
use crate::error::{Context, Error, Kind, Result};
use crate::finding::Level;
use crate::guest::python;
use crate::manifest::{self, needs};
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
    let path = manifest::find(arguments.component.config.as_deref())?;
    let options = ComponentOptions { writable: arguments.writable.clone(), ..arguments.component.clone() };
    let component = build(path, &options, output, terminal)?;
    terminal.note(format_args!("run it: {} {}", component.command(), shown(output)));
    if arguments.check {
        check::check(&component.app_with_values(terminal)?, &component.built, &component.variables, terminal)?;
    }
    Ok(())
}

/// A component that was written.
pub struct Component<'a> {
    /// What was built.
    pub built: Built,
    /// The variables that the host is to give, with their values here.
    pub variables: Vec<(String, String)>,
    manifest: PathBuf,
    options: &'a ComponentOptions,
}

impl Component<'_> {
    /// The names of the variables that the host is to give.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// What runs it with wasmtime.
    fn command(&self) -> String {
        let mut command = "wasmtime serve".to_owned();
        let has_sockets = self.built.network == Network::Sockets;
        if !self.variables.is_empty() || !self.built.directories.is_empty() || has_sockets {
            command.push_str(" -S cli");
        }
        if has_sockets {
            command.push_str(" -S tcp -S inherit-network -S allow-ip-name-lookup");
        }
        self.names().for_each(|name| command.push_str(&format!(" --env {name}")));
        for HostDirectory { guest, host } in &self.built.directories {
            command.push_str(&format!(" --dir {}::{guest}", shown(host)));
        }
        command
    }

    /// The app, with the values that its variables have here.
    fn app_with_values(&self, terminal: &Terminal) -> Result<App> {
        let options = AppOptions {
            config: Some(self.manifest.clone()),
            hostname: self.options.hostname.clone(),
            env: self.options.env.clone(),
            env_file: self.options.env_file.clone(),
            no_env_file: self.options.no_env_file,
            ..AppOptions::default()
        };
        app::load(&options, Runs::default(), terminal)
    }
}

/// Builds a component of the app of `manifest`, writes it to `output`, and tells of it.
///
/// # Errors
/// Fails where the app has mistakes, where it cannot be a component, and where something else is at `output`.
pub fn build<'a>(
    manifest: PathBuf,
    options: &'a ComponentOptions,
    output: &Path,
    terminal: &Terminal,
) -> Result<Component<'a>> {
    if is_something_else(output) {
        let what = format!("{} is there and is no WebAssembly: it is not replaced", shown(output));
        return Err(Error::new(what).remedy("name another file with -o, or remove it"));
    }
    needs::check(&manifest::load(&manifest)?, &options.route, "a component")?;
    let env_files = env_files(options, &manifest);
    let variables = host_variables(options, &env_files, terminal)?;
    // The values of these variables are no part of what is built.
    let hostname = options.hostname.clone();
    let of_app = AppOptions { config: Some(manifest.clone()), hostname, no_env_file: true, ..AppOptions::default() };
    let app = app::load(&of_app, Runs::default(), terminal)?;
    refuse_libraries(&app)?;
    check_scripts(&app)?;
    let host_variables = variables.iter().map(|(name, _)| name.clone()).collect();
    let (routes, writable) = (options.route.clone(), options.writable.clone());
    let wanted = Wanted { routes, host_variables, writable, kept_out: env_files };
    let bar = terminal.spinner("Building", &shown(output));
    let built = build::build(&app, &wanted);
    bar.finish_and_clear();
    let built = built?;
    let cannot_write = || format!("cannot write {}", shown(output));
    StagedFile::new(output, &built.component).and_then(StagedFile::replace).context(cannot_write)?;
    let component = Component { built, variables, manifest, options };
    tell(output, &component, terminal);
    Ok(component)
}

/// Whether there is a file that was not built.
fn is_something_else(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.is_ok() && !start.is_empty() && start != MAGIC
}

/// The files whose variables the host is to give.
fn env_files(options: &ComponentOptions, manifest: &Path) -> Vec<PathBuf> {
    let dotenv = manifest.with_file_name(DOTENV);
    let dotenv = (!options.no_env_file && dotenv.is_file()).then_some(dotenv);
    dotenv.into_iter().chain(options.env_file.iter().cloned()).collect()
}

/// The variables that the host is to give, with their values here.
fn host_variables(
    options: &ComponentOptions,
    env_files: &[PathBuf],
    terminal: &Terminal,
) -> Result<Vec<(String, String)>> {
    let mut variables = BTreeMap::new();
    for path in env_files {
        variables.extend(environment::from_file(path)?);
    }
    for name in &options.env {
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

/// Fails where the app has libraries: nothing would run them.
fn refuse_libraries(app: &App) -> Result<()> {
    let file = shown(&app.manifest().path);
    let errors = app.manifest().libraries.iter().map(|library| {
        let (line, name) = (library.line, &library.name);
        Error::new(format!("{file}:{line}: a component has no libraries: scripts could not import `{name}`")).remedy(
            "leave the [[library]] out of the modules.toml that is built; `pywagi dev` and `pywagi cgi` have libraries",
        )
    });
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::all(errors)) }
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

fn tell(output: &Path, component: &Component<'_>, terminal: &Terminal) {
    let built = &component.built;
    let megabytes = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
    let counted = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let routes = counted(built.routes.len(), "route");
    terminal.step("Built", format_args!("{}: {routes}, {}", shown(output), megabytes(built.component.len())));
    let sizes = built.sizes;
    terminal.note(format_args!("code    {:>9}", megabytes(sizes.code)));
    let modules = counted(built.modules, "module");
    terminal.note(format_args!("memory  {:>9}  a started Python with {modules}", megabytes(sizes.memory)));
    let byte_code = match built.compiled {
        0 => String::new(),
        compiled => format!(" and byte code of {}", counted(compiled, "module")),
    };
    terminal.note(format_args!("files   {:>9}  {}{byte_code}", megabytes(sizes.files), counted(built.files, "file")));
    for left_out in &built.left_out {
        if left_out.is_script() {
            terminal.warn(left_out);
        } else {
            terminal.note(format_args!("each request imports {}: {}", left_out.name, left_out.why));
        }
    }
    for note in &built.notes {
        terminal.note(format_args!("note: {note}"));
    }
    if !component.variables.is_empty() {
        let names = component.names().collect::<Vec<_>>().join(", ");
        terminal.note(format_args!("note: the values of {names} are not in it: the host gives them"));
    }
    for HostDirectory { guest, .. } in &component.built.directories {
        terminal.note(format_args!("note: the files of {guest} are not in it: the host gives the directory"));
    }
}
