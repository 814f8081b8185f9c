//! The Python of an app's routes, to run something else in it than a request.

use std::sync::Arc;

use crate::guest::{self, Calls, Cancellation, Input, Output, Volume, python};
use crate::limits::ResolvedLimits;
use crate::manifest::Module;
use crate::network::AllowedHosts;
use crate::route::Pattern;

use super::App;
use super::load::Runnable;

/// The Python that answers a route, with all that its requests are given beside the request.
pub struct RoutePython<'a> {
    /// The route.
    pub route: &'a Pattern,
    /// Its module.
    pub module: &'a Module,
    runnable: &'a Runnable,
    /// The program's name and the interpreter's options.
    options: Vec<String>,
    /// What it runs, where that can be known: the file, the code or the name of a module.
    pub target: Option<(python::Target, String)>,
    cold: bool,
}

impl App {
    /// The routes that Python answers, in the order they are tried; those whose module cannot run are left out.
    pub fn pythons(&self) -> Vec<RoutePython<'_>> {
        let mut found = Vec::new();
        for (pattern, endpoint) in self.table().iter() {
            let module = &endpoint.module.declared;
            let Ok(runnable) = &endpoint.module.runnable else { continue };
            if !module.is_python() || endpoint.entrypoint != "_start" {
                continue;
            }
            let mut options = self.plain_input(pattern, endpoint, runnable).arguments;
            let line = python::parse(&options).ok();
            // What the request says is not known.
            let known = line.filter(|line| {
                let words = module.argv.as_deref().unwrap_or_default().split_whitespace();
                words.take(line.start + 1).all(|word| !word.contains("${"))
            });
            let target = known.and_then(|line| Some((line.target, options.get(line.start)?.clone())));
            options.truncate(line.map_or(1, |line| line.options));
            found.push(RoutePython { route: pattern, module, runnable, options, target, cold: self.is_cold() });
        }
        found
    }
}

impl RoutePython<'_> {
    /// What a run of Python with `arguments` is given: the variables and the volumes of the route, and no request. It is
    /// not recorded.
    pub fn input(&self, arguments: impl IntoIterator<Item = String>) -> Input {
        Input {
            entrypoint: "_start".to_owned(),
            arguments: self.options.iter().cloned().chain(arguments).collect(),
            environment: self.runnable.variables.clone().into_iter().collect(),
            volumes: Arc::clone(&self.runnable.volumes),
            stdin: bytes::Bytes::new(),
            console: None,
            breakpoints: None,
            limits: self.limits().values.clone(),
            stderr: Arc::new(|_| ()),
            cold: self.cold,
            cancellation: Cancellation::new(),
            surroundings: None,
            calls: Calls::Live,
            early: Arc::clone(&self.runnable.early),
            allowed_hosts: self.runnable.allowed_hosts.clone(),
            libraries: Arc::clone(&self.runnable.libraries),
        }
    }

    /// Runs Python. The calling thread must be a [`guest::GuestThread`].
    pub fn run(&self, input: &Input) -> Output {
        guest::run(&self.runnable.program, input)
    }

    /// The limits of the route.
    pub fn limits(&self) -> &ResolvedLimits {
        &self.runnable.limits
    }

    /// Where it may connect to.
    pub fn allowed_hosts(&self) -> &AllowedHosts {
        &self.runnable.allowed_hosts
    }

    /// The directory of the script that it runs: what it imports is looked for there first.
    pub fn directory(&self) -> Option<String> {
        let (_, script) = self.target.as_ref().filter(|(target, _)| *target == python::Target::Script)?;
        let directory = script.rsplit_once('/').map_or("/", |(directory, _)| directory);
        Some(if directory.starts_with('/') { directory.to_owned() } else { format!("/{directory}") })
    }

    /// The directories that it sees.
    pub fn volumes(&self) -> &[Volume] {
        &self.runnable.volumes
    }

    /// Whether Python of `other` sees the same files, and imports from the same places.
    pub fn is_like(&self, other: &Self) -> bool {
        let settings = |python: &Self| {
            let variables = python.runnable.variables.clone().into_iter();
            variables.filter(|(name, _)| name.starts_with("PYTHON")).collect::<Vec<_>>()
        };
        self.runnable.program.path() == other.runnable.program.path()
            && self.volumes() == other.volumes()
            && self.options == other.options
            && settings(self) == settings(other)
    }
}
