//! Loading the modules of an app: compiled code, merged environments, dynamic routes.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::seal::Stamp;
use crate::cgi::Variables;
use crate::error::{Context, Error, Result};
use crate::guest::{self, Calls, Cancellation, Early, GuestThread, Input, Output, Program, Runtime, Volume};
use crate::limits::ResolvedLimits;
use crate::manifest::{Manifest, Module};
use crate::network::AllowedHosts;
use crate::packages;
use crate::response::quote;
use crate::route::{self, Dynamic};
use crate::terminal::Terminal;
use crate::text_file;
use crate::toolchain::layout;

use super::GuestFailure;
use super::app::Options;
use super::provided::{self, Part};

/// The function that prints a module's dynamic routes.
const DYNAMIC: &str = "_routes";

/// One `[[module]]` and what it takes to run it.
pub(super) struct LoadedModule {
    /// What modules.toml says.
    pub declared: Module,
    /// What its runs need; an error where it cannot run.
    pub runnable: Result<Runnable>,
}

/// What all runs of a module share.
pub(super) struct Runnable {
    pub program: Program,
    pub volumes: Arc<[Volume]>,
    /// The environment of every request, before the request's own variables.
    pub variables: Variables,
    pub limits: ResolvedLimits,
    /// What may be loaded before requests ask for it.
    pub early: Arc<Early>,
    /// Where runs may connect to.
    pub allowed_hosts: AllowedHosts,
    /// What runs may call.
    pub libraries: Arc<[guest::Library]>,
    /// Keeps what Python is given for these two in the cache.
    _provided_files: Option<File>,
}

/// The WebAssembly files of an app, by path.
pub(super) type Files = HashMap<PathBuf, LoadedFile<Program>>;

/// A WebAssembly file that was loaded, or could not be.
#[derive(Clone)]
pub(super) struct LoadedFile<P> {
    /// What was loaded.
    pub program: std::result::Result<P, Arc<Error>>,
    /// The state of the file before it was read.
    pub stamp: Option<Stamp>,
}

impl<P> LoadedFile<P> {
    /// Whether the directory entry of `file` is the one that was loaded.
    pub fn is_current(&self, file: &Path) -> bool {
        self.stamp.is_some() && Stamp::at(file).ok() == self.stamp
    }
}

/// Loads the modules of one manifest.
pub(super) struct Loader<'a> {
    pub manifest: &'a Manifest,
    pub options: &'a Options,
    pub runtime: &'a Runtime,
    /// The files of the app before this one. Those that did not change are not loaded again.
    pub previous: Option<&'a Files>,
    pub terminal: &'a Terminal,
    /// The files that were loaded so far.
    pub files: Files,
    /// The libraries that modules may call.
    pub libraries: Arc<[guest::Library]>,
    /// What is likely a mistake but does not keep a module from running.
    pub warnings: Vec<String>,
    /// The variables that interpreters need, found so far: modules that share file and volumes share them.
    pub environments: Vec<(&'a Module, Vec<(String, String)>)>,
}

impl<'a> Loader<'a> {
    /// Loads `module`; returns its dynamic routes as well. A module that cannot run has none.
    pub fn load(&mut self, module: &'a Module) -> (LoadedModule, Vec<Dynamic>) {
        let loaded = match &module.problem {
            Some(problem) => Err(Error::from(problem)),
            None => self.runnable(module).and_then(|runnable| {
                let dynamic = self.dynamic(module, &runnable)?;
                self.check_entrypoints(module, &runnable.program, &dynamic)?;
                Ok((runnable, dynamic))
            }),
        };
        let (runnable, dynamic) = match loaded {
            Ok((runnable, dynamic)) => (Ok(runnable), dynamic),
            Err(error) => (Err(error), Vec::new()),
        };
        (LoadedModule { declared: module.clone(), runnable }, dynamic)
    }

    /// `message` with the line of `module` before it.
    fn at(&self, module: &Module, message: impl std::fmt::Display) -> String {
        format!("{}:{}: {message}", text_file::shown(&self.manifest.path), module.line)
    }

    /// `error` with the line of `module` before it.
    fn located(&self, module: &Module, error: &Error) -> Error {
        error.copy().with_message(self.at(module, error))
    }

    fn runnable(&mut self, module: &'a Module) -> Result<Runnable> {
        let program = self.program(&module.module).map_err(|error| self.located(module, &error))?;
        let interpreter = self.interpreter_environment(module)?;
        // Lowest precedence first (wagi.md, Environment).
        let sources = [&interpreter, &module.environment, &self.options.env_file, &self.options.environment];
        let mut variables: Variables = sources.into_iter().flatten().cloned().collect();
        let allowed_hosts = AllowedHosts::from(module.allowed_hosts.clone());
        let libraries = if module.is_python() { Arc::clone(&self.libraries) } else { Arc::default() };
        let network = (!allowed_hosts.is_empty()).then(Part::network);
        let called = (!libraries.is_empty()).then(|| Part::libraries(libraries.iter().map(|l| l.name.as_str())));
        let parts: Vec<_> = network.into_iter().chain(called).collect();
        let (mut volumes, mut provided_files) = (module.volumes.clone(), None);
        if !parts.is_empty() {
            let provided = provided::volume(self.runtime.cache(), &parts);
            let (volume, lock) = provided.map_err(|error| self.located(module, &error))?;
            volumes.push(volume);
            provided_files = lock;
            if module.is_python() {
                provided::add_to_search_path(&mut variables, &parts);
            }
        }
        let roots = module.volumes.iter().filter(|volume| volume.guest == packages::GUEST_PATH);
        let early = Early {
            roots: roots.map(|volume| volume.guest.clone()).collect(),
            modules: module.preload.clone(),
            variables: variables.clone().into_iter().collect(),
            warm_up: module.warm_up.as_ref().map(|script| script.guest.clone()),
        };
        let limits = ResolvedLimits::new(&self.options.limits, &module.limits);
        let early = Arc::new(early);
        Ok(Runnable {
            program,
            volumes: volumes.into(),
            variables,
            limits,
            early,
            allowed_hosts,
            libraries,
            _provided_files: provided_files,
        })
    }

    /// The variables that the interpreter of `module` needs. Finding them takes reading a file.
    fn interpreter_environment(&mut self, module: &'a Module) -> Result<Vec<(String, String)>> {
        let same = |(known, _): &&(&Module, _)| known.module == module.module && known.volumes == module.volumes;
        if let Some((_, environment)) = self.environments.iter().find(same) {
            return Ok(environment.clone());
        }
        let environment = (self.options.interpreter_environment)(&module.module, &module.volumes)
            .map_err(|error| self.located(module, &error))?;
        self.environments.push((module, environment.clone()));
        Ok(environment)
    }

    /// Loads `file`, once for all modules that name it.
    fn program(&mut self, file: &Path) -> std::result::Result<Program, Arc<Error>> {
        let previous = self.previous.and_then(|files| files.get(file)).filter(|loaded| loaded.is_current(file));
        let loaded = match self.files.get(file).or(previous) {
            Some(loaded) => loaded.clone(),
            None => {
                // Before the file is read: one that is replaced meanwhile must not pass for current.
                let stamp = Stamp::at(file).ok();
                let program = self.runtime.load(file, self.terminal).map_err(|error| {
                    let remedy = layout::remedy_for_damaged(file);
                    Arc::new(remedy.into_iter().fold(error, Error::remedy))
                });
                LoadedFile { program, stamp }
            }
        };
        self.files.insert(file.to_owned(), loaded.clone());
        loaded.program
    }

    /// Asks `module` for its dynamic routes: what its function `_routes` prints, if it has one.
    fn dynamic(&mut self, module: &Module, runnable: &Runnable) -> Result<Vec<Dynamic>> {
        if !runnable.program.has_function(DYNAMIC) {
            return Ok(Vec::new());
        }
        let output = run_routes(runnable)?;
        let name = format!("`{DYNAMIC}` of {}", module.module.display());
        if let Some(failure) =
            GuestFailure::of_run(&name, &output, &runnable.volumes, &runnable.limits, &runnable.allowed_hosts)
        {
            let mut message = self.at(module, &failure);
            if !output.stderr.is_empty() {
                message.push_str(&format!("; its standard error begins with {}", quote(&output.stderr)));
            }
            let remedy =
                failure.help.as_deref().unwrap_or("correct the function, which prints lines of `/path entrypoint`");
            return Err(Error::new(message).remedy(remedy));
        }
        let (routes, warnings) = route::parse_dynamic(&module.route, &output.stdout);
        for warning in warnings {
            self.warnings.push(self.at(module, warning));
        }
        Ok(routes)
    }

    /// Fails where `module` lacks its entry point, and warns where a dynamic route names one that it lacks. The
    /// reference server finds out at the first request.
    fn check_entrypoints(&mut self, module: &Module, program: &Program, dynamic: &[Dynamic]) -> Result<()> {
        let lacks =
            |name: &str| format!("{} exports no function `{name}` without parameters", program.path().display());
        if !program.has_function(&module.entrypoint) {
            let message = self.at(module, lacks(&module.entrypoint));
            // A module may answer its dynamic routes alone.
            if dynamic.is_empty() {
                let remedy = "set `entrypoint` to a function that the module exports; \
                              a WASI command exports `_start`, a library does not";
                return Err(Error::new(message).remedy(remedy));
            }
            self.warnings.push(message);
        }
        for route in dynamic.iter().filter(|route| !program.has_function(&route.entrypoint)) {
            let message = format!("the dynamic route {}: {}", route.pattern, lacks(&route.entrypoint));
            self.warnings.push(self.at(module, message));
        }
        Ok(())
    }
}

/// Runs `_routes`, on a thread of its own: a guest needs more stack than the calling thread may have.
fn run_routes(runnable: &Runnable) -> Result<Output> {
    let input = Input {
        entrypoint: DYNAMIC.to_owned(),
        arguments: vec![DYNAMIC.to_owned()],
        environment: runnable.variables.clone().into_iter().collect(),
        volumes: Arc::clone(&runnable.volumes),
        stdin: bytes::Bytes::new(),
        console: None,
        breakpoints: None,
        limits: runnable.limits.values.clone(),
        stderr: Arc::new(|_| ()),
        cold: true,
        cancellation: Cancellation::new(),
        surroundings: None,
        calls: Calls::Live,
        early: Arc::default(),
        allowed_hosts: runnable.allowed_hosts.clone(),
        libraries: Arc::clone(&runnable.libraries),
    };
    std::thread::scope(|scope| {
        let run = || guest::run(&runnable.program, &input);
        let running =
            GuestThread::new(DYNAMIC).spawn_scoped(scope, run).context(|| "cannot start a thread for a guest")?;
        running.join().map_err(|panic| Error::panicked(format_args!("running `{DYNAMIC}`"), panic.as_ref()))
    })
}
