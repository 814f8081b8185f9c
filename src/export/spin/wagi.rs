//! An app for Spin's WAGI executor, which Spin has up to version 4. What it does was found by sending it the requests of the
//! contract's table: see `docs/deploy.md`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Component, SpinApp, Trigger, outbound};
use crate::error::{Error, Result};
use crate::export::inside;
use crate::export::name::{Name, kebab};
use crate::manifest::{Manifest, Module};
use crate::route::Pattern;
use crate::text_file::shown;
use crate::toolchain;

/// Paths that Spin answers itself.
const RESERVED: &str = "/.well-known/spin/";

/// What Spin calls the one function that it calls.
const ENTRYPOINT: &str = "_start";

/// The template that stands in where a module has none: Spin's own, always written.
const ARGV: &str = "${SCRIPT_NAME} ${ARGS}";

/// What differs for every app.
const ALWAYS: [&str; 3] = [
    "CONTENT_TYPE is empty on Spin; HTTP_CONTENT_TYPE has it",
    "of a header that a script prints twice, such as Set-Cookie, Spin sends one",
    "Spin 5 has no WAGI executor: without --wagi the app becomes a component, which lasts",
];

/// What is asked of the guests: which of their modules give routes of their own, `_routes`.
pub struct Routes<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The lines of the modules with dynamic routes.
    pub dynamic: &'a [usize],
}

/// The app, and what differs there. Paths in it are relative to the directory of modules.toml.
///
/// # Errors
/// Fails with all the reasons why Spin cannot run it, each with the line and what to do.
pub fn export(routes: &Routes<'_>) -> Result<(SpinApp, Vec<String>)> {
    let manifest = routes.manifest;
    let name = Name::of(&manifest.directory);
    let mut app = SpinApp { name, triggers: Vec::new(), components: Vec::new() };
    let (mut errors, mut notes) = (Vec::new(), Notes::default());
    let mut earlier: Vec<&Pattern> = Vec::new();
    for module in &manifest.modules {
        let exporting = Exporting { manifest, module };
        let route = &module.route;
        if let Some(above) = earlier.iter().find(|above| above.covers(route)) {
            // Spin takes the most specific route, whatever the order: what no request reaches here must not be there.
            notes.add(exporting.at(&format!("left out {route}: {above}, above it, takes all its requests")));
            continue;
        }
        earlier.push(route);
        errors.extend(exporting.refusals(routes.dynamic.contains(&module.line)));
        exporting.note(&mut notes);
        match exporting.component(&mut notes) {
            Ok((argv, component)) => app.add(route, argv, component),
            Err(error) => errors.push(error),
        }
    }
    for library in &manifest.libraries {
        let (file, line, name) = (shown(&manifest.path), library.line, &library.name);
        notes.add(format!("{file}:{line}: Spin has no libraries for scripts: they fail where they import `{name}`"));
    }
    if !errors.is_empty() {
        return Err(Error::all(errors));
    }
    ALWAYS.iter().for_each(|note| notes.add((*note).to_owned()));
    Ok((app, notes.0))
}

impl SpinApp {
    /// Adds a route. Spin keeps the executor of the last trigger that names a component, so each template is one of its own.
    fn add(&mut self, route: &Pattern, argv: String, component: Component) {
        let uses = |id: &str, argv: &str| {
            self.triggers.iter().any(|trigger| trigger.component == id && trigger.argv.as_deref() == Some(argv))
        };
        let same = |other: &&Component| {
            (&other.source, &other.files, &other.environment, &other.allowed_outbound_hosts)
                == (&component.source, &component.files, &component.environment, &component.allowed_outbound_hosts)
                && uses(&other.id, &argv)
        };
        let known = self.components.iter().find(same).map(|component| component.id.clone());
        let id = known.unwrap_or_else(|| {
            let id = self.free_id(route.script_name());
            self.components.push(Component { id: id.clone(), ..component });
            id
        });
        self.triggers.push(Trigger { route: route.to_string(), component: id, argv: Some(argv) });
    }

    fn free_id(&self, route: &str) -> String {
        let base = if route.bytes().any(|b| b.is_ascii_alphanumeric()) { kebab(route) } else { "root".to_owned() };
        let is_free = |id: &String| !self.components.iter().any(|component| component.id == *id);
        let numbered = (2..).map(|number| format!("{base}-n{number}"));
        std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
    }
}

/// Sentences, each once.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: String) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }
}

/// One module on its way to Spin.
struct Exporting<'a> {
    manifest: &'a Manifest,
    module: &'a Module,
}

impl Exporting<'_> {
    fn at(&self, text: &str) -> String {
        format!("{}:{}: {text}", shown(&self.manifest.path), self.module.line)
    }

    /// Why Spin cannot run the module.
    fn refusals(&self, is_dynamic: bool) -> Vec<Error> {
        let Module { route, module, entrypoint, .. } = self.module;
        let mut errors: Vec<Error> = self.module.problem.iter().map(Error::from).collect();
        let mut refuse = |why: String, remedy: &str| errors.push(Error::new(self.at(&why)).remedy(remedy));
        if let Some(part) = route.as_str().split('/').find(|part| part.starts_with(':') || part.contains('*')) {
            refuse(
                format!("Spin takes `{part}` in the route {route} for a placeholder"),
                "rename that part of the route",
            );
        }
        if route.as_str().starts_with(RESERVED) {
            refuse(format!("Spin answers {RESERVED} itself"), "choose another route");
        }
        if entrypoint != ENTRYPOINT {
            let remedy = "give the function a module of its own, whose `_start` it is";
            refuse(format!("Spin calls `{ENTRYPOINT}` alone, not `{entrypoint}`"), remedy);
        }
        if is_dynamic {
            let remedy = "write each of its routes as a [[module]], with a module whose `_start` answers it";
            refuse("Spin does not ask a module for its `_routes`".to_owned(), remedy);
        }
        if module.extension().is_some_and(|end| end == "wat") {
            refuse(
                format!("Spin does not read the text format: {}", shown(module)),
                "convert it: `wasm-tools parse x.wat -o x.wasm`",
            );
        }
        errors
    }

    /// Notes what Spin has no counterpart for.
    fn note(&self, notes: &mut Notes) {
        let Module { route, limits, pass_authorization, allowed_hosts, .. } = self.module;
        if let Some(shorter) = route.as_str().strip_suffix('/').filter(|shorter| !shorter.is_empty()) {
            notes.add(self.at(&format!("Spin answers {route} and {shorter} alike")));
        }
        if *limits != Default::default() {
            let instead = "`spin up --max-instance-memory BYTES` bounds the memory of each request";
            notes.add(self.at(&format!("spin.toml has no limits; {instead}")));
        }
        if !allowed_hosts.is_empty() {
            notes.add(self.at("scripts have no network on Spin's WAGI executor: they fail where they connect"));
        }
        if *pass_authorization {
            notes.add(self.at("Spin gives scripts no Authorization header"));
        }
    }

    /// The template of its arguments, and its component but for the identifier.
    fn component(&self, notes: &mut Notes) -> Result<(String, Component)> {
        let module = self.module;
        let source = self.inside(&module.module, "`module`")?;
        let volumes: Vec<_> = module
            .volumes
            .iter()
            .filter(|volume| !toolchain::is_spare_library(&module.module, &volume.host))
            .cloned()
            .collect();
        let mut files = Vec::new();
        for volume in &volumes {
            let from = self.inside(&volume.host, &format!("the volume {}", volume.guest))?;
            for empty in empty_directories(&volume.host) {
                let below = empty.strip_prefix(&volume.host).unwrap_or(&empty);
                let guest = Path::new(&volume.guest).join(below);
                notes.add(format!("{} is empty, so there is no {} on Spin", shown(&empty), guest.display()));
            }
            if !volume.read_only {
                let guest = &volume.guest;
                let rehearsal = "`read-only = true` has that here, too";
                notes.add(format!("scripts cannot write to {guest} on Spin; {rehearsal}"));
            }
            files.push((from, volume.guest.clone()));
        }
        let mut environment: BTreeMap<String, String> =
            toolchain::environment_for(&module.module, &volumes)?.into_iter().collect();
        environment.extend(module.environment.iter().cloned());
        // Spin splits the template at each space, so two would be an empty argument.
        let argv = module.argv.as_deref().unwrap_or(ARGV).split_whitespace().collect::<Vec<_>>().join(" ");
        if argv.contains("${ARGS}") {
            notes.add("without a query, ${ARGS} is one empty argument on Spin".to_owned());
        }
        let (id, environment) = (String::new(), environment.into_iter().collect());
        let allowed_outbound_hosts = outbound(&module.allowed_hosts);
        Ok((argv, Component { id, source, files, environment, allowed_outbound_hosts }))
    }

    fn inside(&self, path: &Path, what: &str) -> Result<String> {
        let remedy = "Spin takes what is below spin.toml alone: move it there, and name its new place";
        let text = inside(self.manifest, self.module.line, path, what, remedy)?;
        Ok(if text.is_empty() { ".".to_owned() } else { text })
    }
}

/// The directories at `directory` and below it that hold nothing: Spin takes files alone.
fn empty_directories(directory: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let entries: Vec<_> = entries.flatten().collect();
    if entries.is_empty() {
        return vec![directory.to_owned()];
    }
    let below = entries.iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    below.flat_map(|entry| empty_directories(&entry.path())).collect()
}
