//! An app made ready to answer: modules compiled, environments merged, dynamic routes asked for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::seal::Stamp;
use crate::cgi::{self, Matched, Variables};
use crate::error::{Context, Error, Result};
use crate::guest::{self, Cancellation, Input, Output, Program, Runtime, Volume};
use crate::limits::{self, Asked, Bounds};
use crate::manifest::{Manifest, Module};
use crate::request::Request;
use crate::response::quote;
use crate::route::{self, Dynamic, Pattern, Table};
use crate::terminal::Terminal;
use crate::text_file;

use super::failure;

/// Finds the environment that the interpreter at a path needs, in guest paths of the volumes; empty for any other
/// module.
pub type InterpreterEnvironment = fn(&Path, &[Volume]) -> Result<Vec<(String, String)>>;

/// What the user asked for, beyond the manifest.
#[derive(Clone, Debug)]
pub struct Options {
    /// Variables given with `-e`; the last of a name wins.
    pub environment: Vec<(String, String)>,
    /// Variables of env files; the last of a name wins.
    pub env_file: Vec<(String, String)>,
    /// Name and port of the server, for what a request's Host header lacks.
    pub default_host: (String, u16),
    /// What a run may use, over what the keys of its module say.
    pub limits: Asked,
    /// The largest body of a request, in bytes.
    pub max_body: u64,
    /// Start each guest from the beginning.
    pub cold: bool,
    /// What an interpreter needs unless the user set it.
    pub interpreter_environment: InterpreterEnvironment,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: Vec::new(),
            env_file: Vec::new(),
            default_host: ("localhost".to_owned(), 3000),
            limits: Asked::default(),
            max_body: 64 << 20,
            cold: false,
            interpreter_environment: |_, _| Ok(Vec::new()),
        }
    }
}

/// An app that is ready to answer.
pub struct App {
    manifest: Manifest,
    table: Table<Target>,
    programs: Programs,
    default_host: (String, u16),
    max_body: u64,
    largest_answer: u64,
    cold: bool,
}

/// What answers a route.
pub(super) struct Target {
    pub guest: Arc<Guest>,
    /// The exported function to call.
    pub entrypoint: String,
}

/// What all routes of one `[[module]]` share.
pub(super) struct Guest {
    pub program: Program,
    pub volumes: Arc<[Volume]>,
    pub argv: Option<String>,
    /// The environment of every request, before the request's own variables.
    pub variables: Variables,
    /// What each run may use.
    pub bounds: Bounds,
}

impl App {
    /// Loads every module of `manifest`, merges its environment and asks it for dynamic routes. Warns on `terminal` of
    /// what is likely not meant; the manifest's own warnings are left to the caller.
    ///
    /// # Errors
    /// Fails, naming the manifest and the line, where a module cannot be loaded, lacks its entry point, or fails to
    /// tell its dynamic routes.
    pub fn load(manifest: Manifest, options: Options, runtime: Runtime, terminal: &Terminal) -> Result<Self> {
        Self::load_after(None, manifest, options, runtime, terminal)
    }

    /// As [`App::load`], with the programs of an app loaded `before` by the same runtime, where their files are still the
    /// same: what is saved of them in memory is kept.
    ///
    /// # Errors
    /// As [`App::load`].
    pub fn load_after(
        before: Option<&Self>,
        manifest: Manifest,
        options: Options,
        runtime: Runtime,
        terminal: &Terminal,
    ) -> Result<Self> {
        let loader = Loader { manifest: &manifest, options: &options, runtime, terminal };
        let known = before.map(|app| &app.programs);
        let mut programs = Programs::new();
        let mut table = Table::default();
        for module in &manifest.modules {
            let guest = Arc::new(loader.guest(module, known, &mut programs)?);
            let dynamic = loader.dynamic(module, &guest)?;
            loader.check_entrypoints(module, &guest.program, &dynamic)?;
            let target = |entrypoint: &str| Target { guest: Arc::clone(&guest), entrypoint: entrypoint.to_owned() };
            table.push(
                (module.route.clone(), target(&module.entrypoint)),
                dynamic.into_iter().map(|d| (d.pattern, target(&d.entrypoint))).collect(),
            );
        }
        let largest_answer = limits::largest_answer(&options.limits, manifest.modules.iter().map(|m| &m.limits));
        let Options { default_host, max_body, cold, .. } = options;
        Ok(Self { manifest, table, programs, default_host, max_body, largest_answer, cold })
    }

    /// The routes in the order they are tried, dynamic ones included, each with its module's path.
    pub fn routes(&self) -> impl Iterator<Item = (&Pattern, &Path)> {
        self.table.iter().map(|(pattern, target)| (pattern, target.guest.program.path()))
    }

    /// The route that takes `path`, as written.
    pub fn route_of(&self, path: &str) -> Option<&str> {
        self.table.find(path).map(|(pattern, _, _)| pattern.as_str())
    }

    /// Whether the file of the module that answers `path` is the one that was loaded, as far as its directory entry
    /// tells; true where none answers.
    pub fn is_current_for(&self, path: &str) -> bool {
        self.table.find(path).is_none_or(|(_, target, _)| {
            let file = target.guest.program.path();
            self.programs.get(file).is_none_or(|loaded| loaded.is_current(file))
        })
    }

    /// Whether the files of all modules are the ones that were loaded, as [`App::is_current_for`].
    pub fn is_current(&self) -> bool {
        self.programs.iter().all(|(file, loaded)| loaded.is_current(file))
    }

    /// What the app was loaded from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Has an interpreter saved for each route that can start from one, unless there is one. Takes the time of a start
    /// each; gives back why a route cannot, once for each module.
    pub fn warm_up(&self) -> Vec<(&Path, String)> {
        let mut refusals: Vec<(&Path, String)> = Vec::new();
        for (pattern, target) in self.table.iter().filter(|_| !self.cold) {
            let request = Request::new("GET", pattern.script_name());
            let path = target.guest.program.path();
            if let Err(why) = guest::warm_up(&target.guest.program, &self.input(target, pattern, &request, ""))
                && !refusals.iter().any(|(known, _)| *known == path)
            {
                refusals.push((path, why));
            }
        }
        refusals
    }

    /// Keeps the memory of runs for later ones and makes what is kept as new; to be called between two requests by
    /// whoever answers many.
    pub fn tidy(&self) {
        let mut seen: Vec<&Path> = Vec::new();
        for (_, target) in self.table.iter() {
            let path = target.guest.program.path();
            if !seen.contains(&path) {
                seen.push(path);
                guest::tidy(&target.guest.program);
            }
        }
    }

    /// What a guest is given for `request`, but for the body and the place of its standard error.
    pub(super) fn input(&self, target: &Target, pattern: &Pattern, request: &Request, path_info: &str) -> Input {
        let guest = &*target.guest;
        let mut variables = guest.variables.clone();
        cgi::set_variables(&mut variables, request, Matched { pattern, path_info, default_host: self.default_host() });
        Input {
            entrypoint: target.entrypoint.clone(),
            arguments: cgi::arguments(guest.argv.as_deref(), &request.path, request.query.as_deref()),
            environment: variables.into_iter().collect(),
            volumes: Arc::clone(&guest.volumes),
            stdin: bytes::Bytes::new(),
            limits: guest.bounds.limits.clone(),
            stderr: Arc::new(|_| ()),
            cold: self.cold,
            cancellation: Cancellation::new(),
        }
    }

    pub(super) fn table(&self) -> &Table<Target> {
        &self.table
    }

    /// The largest body of a request, in bytes.
    pub(super) fn max_body(&self) -> u64 {
        self.max_body
    }

    /// The largest answer that a guest may give, in bytes.
    pub fn largest_answer(&self) -> u64 {
        self.largest_answer
    }

    pub(super) fn default_host(&self) -> (&str, u16) {
        (&self.default_host.0, self.default_host.1)
    }
}

/// The programs of an app, by the paths of their files.
type Programs = HashMap<PathBuf, Loaded>;

/// A program, and what its file looked like when it was loaded.
#[derive(Clone)]
struct Loaded {
    program: Program,
    stamp: Option<Stamp>,
}

impl Loaded {
    /// Whether `file` looks as it did.
    fn is_current(&self, file: &Path) -> bool {
        self.stamp.is_some() && Stamp::at(file).ok() == self.stamp
    }
}

/// What loading an app works with.
struct Loader<'a> {
    manifest: &'a Manifest,
    options: &'a Options,
    runtime: Runtime,
    terminal: &'a Terminal,
}

impl Loader<'_> {
    /// `message` at the line of `module`.
    fn at(&self, module: &Module, message: impl std::fmt::Display) -> String {
        format!("{}:{}: {message}", text_file::shown(&self.manifest.path), module.line)
    }

    /// `error` at the line of `module`, with its remedy.
    fn located(&self, module: &Module, error: &Error) -> Error {
        let located = Error::of(error.kind(), self.at(module, error));
        match error.remedy_text() {
            Some(remedy) => located.remedy(remedy),
            None => located,
        }
    }

    /// Loads `module`; a file that several tables name is loaded once, and one that is `known` not at all.
    fn guest(&self, module: &Module, known: Option<&Programs>, programs: &mut Programs) -> Result<Guest> {
        let file = &module.module;
        let kept = known.and_then(|known| known.get(file)).filter(|loaded| loaded.is_current(file));
        let loaded = match programs.get(file).or(kept) {
            Some(loaded) => loaded.clone(),
            None => {
                // Before it is read, so that a file that is replaced meanwhile does not seem to be current.
                let stamp = Stamp::at(file).ok();
                let program = self.runtime.load(file, self.terminal).map_err(|e| self.located(module, &e))?;
                Loaded { program, stamp }
            }
        };
        let program = loaded.program.clone();
        programs.insert(file.clone(), loaded);
        let interpreter = (self.options.interpreter_environment)(&module.module, &module.volumes)
            .map_err(|e| self.located(module, &e))?;
        // Lowest precedence first (wagi.md, Environment).
        let sources = [&interpreter, &module.environment, &self.options.env_file, &self.options.environment];
        let variables = sources.into_iter().flatten().cloned().collect();
        let bounds = Bounds::new(&self.options.limits, &module.limits);
        Ok(Guest { program, volumes: module.volumes.clone().into(), argv: module.argv.clone(), variables, bounds })
    }

    /// The dynamic routes of `module`, if it has any: what its function `_routes` prints.
    fn dynamic(&self, module: &Module, guest: &Guest) -> Result<Vec<Dynamic>> {
        if !guest.program.has_function(DYNAMIC) {
            return Ok(Vec::new());
        }
        let output = self.run_routes(guest)?;
        if let Some(failure) = failure::of_run(&output, &guest.bounds) {
            let name = format!("`{DYNAMIC}` of {}", module.module.display());
            let mut message = self.at(module, failure.line(&name));
            if !output.stderr.is_empty() {
                message.push_str(&format!("; its standard error begins with {}", quote(&output.stderr)));
            }
            let remedy = failure.remedy().unwrap_or("correct the function, which prints lines of `/path entrypoint`");
            return Err(Error::new(message).remedy(remedy));
        }
        let (routes, warnings) = route::parse_dynamic(&module.route, &output.stdout);
        for warning in warnings {
            self.terminal.warn(self.at(module, warning));
        }
        Ok(routes)
    }

    /// Runs `_routes`, on a thread of its own because a guest needs more stack than this one may have.
    fn run_routes(&self, guest: &Guest) -> Result<Output> {
        let input = Input {
            entrypoint: DYNAMIC.to_owned(),
            arguments: vec![DYNAMIC.to_owned()],
            environment: guest.variables.clone().into_iter().collect(),
            volumes: Arc::clone(&guest.volumes),
            stdin: bytes::Bytes::new(),
            limits: guest.bounds.limits.clone(),
            stderr: Arc::new(|_| ()),
            cold: true,
            cancellation: Cancellation::new(),
        };
        std::thread::scope(|scope| {
            let run = || guest::run(&guest.program, &input);
            let builder = std::thread::Builder::new().name(DYNAMIC.to_owned()).stack_size(guest::THREAD_STACK);
            let running = builder.spawn_scoped(scope, run).context(|| "cannot start a thread for a guest")?;
            running.join().map_err(|_| Error::new(format!("running `{DYNAMIC}` panicked, which is a bug of pywagi")))
        })
    }

    /// Fails where `module` lacks its entry point, and warns where a dynamic route names one that it lacks: the
    /// reference finds out at the first request.
    fn check_entrypoints(&self, module: &Module, program: &Program, dynamic: &[Dynamic]) -> Result<()> {
        let lacks =
            |name: &str| format!("{} exports no function `{name}` without parameters", program.path().display());
        if !program.has_function(&module.entrypoint) {
            let message = self.at(module, lacks(&module.entrypoint));
            // A module may live by its dynamic routes alone.
            if dynamic.is_empty() {
                let remedy = "set `entrypoint` to a function that the module exports; \
                              a WASI command exports `_start`, a library does not";
                return Err(Error::new(message).remedy(remedy));
            }
            self.terminal.warn(message);
        }
        for route in dynamic.iter().filter(|route| !program.has_function(&route.entrypoint)) {
            let message = format!("the dynamic route {}: {}", route.pattern, lacks(&route.entrypoint));
            self.terminal.warn(self.at(module, message));
        }
        Ok(())
    }
}

/// The function that prints a module's dynamic routes.
const DYNAMIC: &str = "_routes";
