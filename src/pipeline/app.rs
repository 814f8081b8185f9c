//! An app: its routes and what answers each.

use std::path::Path;
use std::sync::Arc;

use crate::cgi::{self, Matched};
use crate::error::{Error, Result};
use crate::guest::{self, Calls, Cancellation, Console, Input, Lessons, Program, Runtime, Surroundings, Volume};
use crate::like::Like;
use crate::limits::{self, LimitOverrides};
use crate::manifest::{Library, Manifest, Module};
use crate::network::AllowedHost;
use crate::request::Request;
use crate::route::{Pattern, Table};
use crate::terminal::Terminal;

use super::library::LoadedLibraries;
use super::load::{Files, LoadedModule, Loader, Runnable};

/// Returns the environment variables that the interpreter at a path needs under these volumes; none for other modules.
pub type InterpreterEnvironment = fn(&Path, &[Volume]) -> Result<Vec<(String, String)>>;

/// What the command line adds to the manifest.
#[derive(Clone, Debug)]
pub struct Options {
    /// Variables given with `-e`; the last of a name wins.
    pub environment: Vec<(String, String)>,
    /// Variables of env files; the last of a name wins.
    pub env_file: Vec<(String, String)>,
    /// The name and the port that stand in for what a request's Host header lacks; without a port, the one that the
    /// request came in by.
    pub default_host: (String, Option<u16>),
    /// The hosts given with `--allow-host`, beside those of a module.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The limits that flags set; they override the keys of a module.
    pub limits: LimitOverrides,
    /// The largest body of a request, in bytes.
    pub max_body: u64,
    /// Never start from a saved interpreter.
    pub cold: bool,
    /// Record what guests ask of their surroundings: see [`super::Outcome::recorded`].
    pub records: bool,
    /// What of their surroundings is made up, if anything.
    pub surroundings: Option<Surroundings>,
    /// The terminal at which `breakpoint()` asks.
    pub breakpoints: Option<Console>,
    /// The host that is played, if another than this.
    pub like: Option<Like>,
    /// Variables with the lowest precedence.
    pub interpreter_environment: InterpreterEnvironment,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: Vec::new(),
            env_file: Vec::new(),
            default_host: ("localhost".to_owned(), None),
            allowed_hosts: Vec::new(),
            limits: LimitOverrides::default(),
            max_body: 64 << 20,
            cold: false,
            records: false,
            surroundings: None,
            breakpoints: None,
            like: None,
            interpreter_environment: |_, _| Ok(Vec::new()),
        }
    }
}

/// An app that can answer requests.
///
/// A module that cannot run does not keep the others from running: its own routes are answered with 500 and its error.
pub struct App {
    manifest: Manifest,
    modules: Vec<Arc<LoadedModule>>,
    table: Table<Endpoint>,
    files: Files,
    libraries: LoadedLibraries,
    warnings: Vec<String>,
    default_host: (String, Option<u16>),
    max_body: u64,
    largest_answer: u64,
    cold: bool,
    calls: Calls,
    surroundings: Option<Surroundings>,
    breakpoints: Option<Console>,
    like: Option<Like>,
}

/// What a route leads to: an exported function of a module.
pub(super) struct Endpoint {
    pub module: Arc<LoadedModule>,
    pub entrypoint: String,
}

/// A route as it is listed.
#[derive(Clone, Copy)]
pub struct Route<'a> {
    /// The route.
    pub pattern: &'a Pattern,
    /// The module that answers it.
    pub module: &'a Module,
    /// The function that is called.
    pub entrypoint: &'a str,
    /// Why the module cannot run, if it cannot.
    pub error: Option<&'a Error>,
}

impl App {
    /// Loads every module of `manifest`, merges its environment and asks it for dynamic routes. Where `previous` is an
    /// app of the same runtime, files that did not change are taken from it, with the interpreters saved in memory.
    /// Progress is shown on `terminal`.
    ///
    /// # Errors
    /// Fails where no module can run: with the errors of all, each with the manifest and the line.
    pub fn load(
        manifest: Manifest,
        options: Options,
        runtime: &Runtime,
        previous: Option<&Self>,
        terminal: &Terminal,
    ) -> Result<Self> {
        let previous_libraries = previous.map(|app| &app.libraries.files);
        let previous = previous.map(|app| &app.files);
        let mut manifest = manifest;
        manifest.modules.iter_mut().for_each(|module| module.allowed_hosts.extend_from_slice(&options.allowed_hosts));
        let manifest = options.like.map(|like| like.adapt(manifest.clone())).unwrap_or(manifest);
        let (files, warnings, environments) = Default::default();
        let mut loader = Loader {
            manifest: &manifest,
            options: &options,
            runtime,
            previous,
            terminal,
            files,
            libraries: Arc::default(),
            warnings,
            environments,
        };
        let libraries = loader.libraries(previous_libraries);
        loader.libraries = Arc::clone(&libraries.declared);
        let (mut modules, mut routes) = (Vec::new(), Vec::new());
        for module in &manifest.modules {
            let (loaded, dynamic) = loader.load(module);
            let loaded = Arc::new(loaded);
            let endpoint =
                |entrypoint: &str| Endpoint { module: Arc::clone(&loaded), entrypoint: entrypoint.to_owned() };
            // Of dynamic routes the last match wins, and they are tried before the module's own.
            routes.extend(dynamic.into_iter().rev().map(|d| (d.pattern, endpoint(&d.entrypoint))));
            routes.push((module.route.clone(), endpoint(&module.entrypoint)));
            modules.push(loaded);
        }
        let Loader { files, warnings, .. } = loader;
        if modules.iter().all(|module| module.runnable.is_err()) {
            drop(routes);
            let errors = modules.into_iter().filter_map(|module| Arc::into_inner(module)?.runnable.err());
            return Err(Error::all(errors.collect()));
        }
        let largest_answer = limits::largest_answer(&options.limits, manifest.modules.iter().map(|m| &m.limits));
        let Options { default_host, max_body, cold, records, surroundings, breakpoints, like, .. } = options;
        like.iter().for_each(|like| like.order(&mut routes));
        let mut table = Table::default();
        routes.into_iter().for_each(|route| table.push(route, Vec::new()));
        let calls = if records { Calls::Recorded } else { Calls::Live };
        Ok(Self {
            manifest,
            modules,
            table,
            files,
            libraries,
            warnings,
            default_host,
            max_body,
            largest_answer,
            cold,
            calls,
            surroundings,
            breakpoints,
            like,
        })
    }

    /// The routes in the order they are tried, dynamic ones included.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        self.table.iter().map(|(pattern, Endpoint { module, entrypoint })| Route {
            pattern,
            module: &module.declared,
            entrypoint,
            error: module.runnable.as_ref().err(),
        })
    }

    /// The route that takes `path`, as written in the manifest.
    pub fn route_of(&self, path: &str) -> Option<&str> {
        self.find(path).map(|(pattern, _, _)| pattern.as_str())
    }

    /// Why the module that answers `path` cannot run, if it cannot.
    pub fn error_for(&self, path: &str) -> Option<&Error> {
        self.find(path).and_then(|(_, endpoint, _)| endpoint.module.runnable.as_ref().err())
    }

    /// The module that answers `path`, if it can run.
    pub fn program_for(&self, path: &str) -> Option<&Program> {
        self.runnable_for(path).map(|runnable| &runnable.program)
    }

    /// The volumes of the module that answers `path`, if it can run.
    pub fn volumes_for(&self, path: &str) -> Option<Arc<[Volume]>> {
        self.runnable_for(path).map(|runnable| Arc::clone(&runnable.volumes))
    }

    /// The route that takes `path`, what it leads to, and what follows it in the path.
    pub(super) fn find<'p>(&self, path: &'p str) -> Option<(&Pattern, &Endpoint, &'p str)> {
        let Some(like) = self.like else { return self.table.find(path) };
        let exact = like.exact_path(path);
        let found = self.table.find(exact).filter(|(pattern, ..)| pattern.as_str() == exact);
        found.or_else(|| self.table.find(path))
    }

    fn runnable_for(&self, path: &str) -> Option<&Runnable> {
        self.find(path).and_then(|(_, endpoint, _)| endpoint.module.runnable.as_ref().ok())
    }

    /// Fails as [`App::error_for`].
    ///
    /// # Errors
    /// With the error of the module that answers `path`, if it cannot run.
    pub fn check_route(&self, path: &str) -> Result<()> {
        self.error_for(path).map_or(Ok(()), |error| Err(error.copy()))
    }

    /// Why modules cannot run and libraries cannot be called, once for each that cannot, in the order of the manifest.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.modules
            .iter()
            .filter_map(|module| module.runnable.as_ref().err())
            .chain(self.library_errors().map(|(_, error)| error))
    }

    /// Why libraries cannot be called.
    pub fn library_errors(&self) -> impl Iterator<Item = (&Library, &Error)> {
        let libraries = &self.manifest.libraries;
        self.libraries.errors.iter().filter_map(|(index, error)| Some((libraries.get(*index)?, error)))
    }

    /// What is likely a mistake in the manifest or a module but does not keep it from running, each with its place.
    pub fn warnings(&self) -> impl Iterator<Item = &String> {
        self.manifest.warnings.iter().chain(&self.warnings)
    }

    /// Whether the module that answers `path` can run and its file is the one that was loaded, by its directory entry.
    /// True where no module answers.
    pub fn is_current_for(&self, path: &str) -> bool {
        self.find(path).is_none_or(|(_, endpoint, _)| {
            let file = &endpoint.module.declared.module;
            endpoint.module.runnable.is_ok()
                && self.files.get(file).is_none_or(|loaded| loaded.is_current(file))
                && self.are_libraries_current()
        })
    }

    /// Whether the files of all modules are the ones that were loaded, by their directory entries.
    pub fn is_current(&self) -> bool {
        self.files.iter().all(|(file, loaded)| loaded.is_current(file)) && self.are_libraries_current()
    }

    /// Whether the files of libraries are the ones that were loaded. One that cannot be called may be another meanwhile.
    fn are_libraries_current(&self) -> bool {
        self.libraries.errors.is_empty() && self.libraries.files.iter().all(|(file, loaded)| loaded.is_current(file))
    }

    /// The manifest that the app was loaded from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Saves an interpreter for each route that can start from one, unless there is one already. Takes the time of a
    /// start each. Returns why a module cannot start from a saved one, once for each file.
    pub fn warm_up(&self) -> Vec<(&Path, String)> {
        let mut refusals: Vec<(&Path, String)> = Vec::new();
        for (pattern, endpoint) in self.table.iter() {
            if let Some((path, why)) = self.warm_up_endpoint(pattern, endpoint)
                && !refusals.iter().any(|(known, _)| *known == path)
            {
                refusals.push((path, why));
            }
        }
        refusals
    }

    /// As [`App::warm_up`], for the route that answers `path`.
    pub fn warm_up_for(&self, path: &str) -> Option<(&Path, String)> {
        let (pattern, endpoint, _) = self.find(path)?;
        self.warm_up_endpoint(pattern, endpoint)
    }

    /// Saves the interpreter that requests for `target` start from, as a process that answered one asks for: see
    /// [`guest::learn`].
    ///
    /// # Errors
    /// As [`guest::learn`], and where no module that can run answers `target`.
    pub fn learn(&self, target: &str, lessons: Lessons) -> std::result::Result<(), String> {
        let request = Request::new("GET", target);
        let (pattern, endpoint, path_info) = self.find(&request.path).ok_or("no route matches")?;
        let runnable = endpoint.module.runnable.as_ref().map_err(Error::to_string)?;
        let default_host = self.default_host();
        let matched = Matched { pattern, path_info, default_host, pass_authorization: false };
        let input = self.input(endpoint, runnable, &request, matched);
        guest::learn(&runnable.program, &input, lessons).map(drop)
    }

    fn warm_up_endpoint<'a>(&'a self, pattern: &Pattern, endpoint: &'a Endpoint) -> Option<(&'a Path, String)> {
        let runnable = endpoint.module.runnable.as_ref().ok().filter(|_| !self.cold)?;
        let warmed = guest::warm_up(&runnable.program, &self.plain_input(pattern, endpoint, runnable));
        warmed.err().map(|why| (runnable.program.path(), why))
    }

    /// Resets the memory of finished runs for the next ones. To be called between two requests by a process that
    /// answers many.
    pub fn tidy(&self) {
        let mut seen: Vec<&Path> = Vec::new();
        for runnable in self.modules.iter().filter_map(|module| module.runnable.as_ref().ok()) {
            let path = runnable.program.path();
            if !seen.contains(&path) {
                seen.push(path);
                guest::tidy(&runnable.program);
            }
        }
    }

    /// What a guest is given for a request for the route itself.
    pub(super) fn plain_input(&self, pattern: &Pattern, endpoint: &Endpoint, runnable: &Runnable) -> Input {
        let request = Request::new("GET", pattern.script_name());
        let (path_info, default_host) = ("", self.default_host());
        let matched = Matched { pattern, path_info, default_host, pass_authorization: false };
        self.input(endpoint, runnable, &request, matched)
    }

    /// What a guest is given for `request`, but for the body and the receiver of its standard error.
    pub(super) fn input(
        &self,
        endpoint: &Endpoint,
        runnable: &Runnable,
        request: &Request,
        matched: Matched<'_>,
    ) -> Input {
        let mut variables = runnable.variables.clone();
        cgi::set_variables(&mut variables, request, matched);
        let declared = &endpoint.module.declared;
        let arguments = match self.like {
            Some(like) => {
                like.set_variables(&mut variables, request, matched);
                like.arguments(declared, request)
            }
            None => cgi::arguments(declared.argv.as_deref(), &request.path, request.query.as_deref()),
        };
        Input {
            entrypoint: endpoint.entrypoint.clone(),
            arguments,
            environment: variables.into_iter().collect(),
            volumes: Arc::clone(&runnable.volumes),
            stdin: bytes::Bytes::new(),
            console: None,
            breakpoints: self.breakpoints.clone(),
            limits: runnable.limits.values.clone(),
            stderr: Arc::new(|_| ()),
            cold: self.cold,
            cancellation: Cancellation::new(),
            surroundings: self.surroundings.clone(),
            calls: self.calls.clone(),
            early: Arc::clone(&runnable.early),
            allowed_hosts: runnable.allowed_hosts.clone(),
            libraries: Arc::clone(&runnable.libraries),
        }
    }

    /// The host that is played, if another than this.
    pub(super) fn like(&self) -> Option<Like> {
        self.like
    }

    /// Whether guests never start from a saved interpreter.
    pub(super) fn is_cold(&self) -> bool {
        self.cold
    }

    pub(super) fn table(&self) -> &Table<Endpoint> {
        &self.table
    }

    /// The largest body of a request, in bytes.
    pub(super) fn max_body(&self) -> u64 {
        self.max_body
    }

    /// The largest answer that any module may give, in bytes.
    pub fn largest_answer(&self) -> u64 {
        self.largest_answer
    }

    /// What stands in for what a request's Host header lacks: a name, and a port.
    pub fn default_host(&self) -> (&str, Option<u16>) {
        (&self.default_host.0, self.default_host.1)
    }
}
