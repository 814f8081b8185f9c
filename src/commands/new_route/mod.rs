//! `pywagi add route` and `pywagi add static`: another route of the app, with its script.

mod place;

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::atomic_file::StagedFile;
use crate::cli::{NewRoute as RouteFlags, NewStatic};
use crate::error::{Context, Error, Kind, Result};
use crate::manifest::new_route::{self, NewRoute};
use crate::manifest::{self, Manifest};
use crate::packages::text_edit::TextEdit;
use crate::route::Pattern;
use crate::terminal::Terminal;
use crate::text_file::shown;
use place::{Place, relative};

/// What a new script answers.
const HELLO: &str = include_str!("../../../assets/python/hello.py");

/// What answers files.
const STATIC: &str = include_str!("../../../assets/python/static.py");

/// Runs `pywagi add route`.
///
/// # Errors
/// Fails where there is such a route, the script is where no guest sees it, and where a file cannot be written.
pub fn route(flags: &RouteFlags, terminal: &Terminal) -> Result<()> {
    let app = AppText::read(flags.config.as_deref())?;
    let route = app.free_route(&flags.route)?;
    let place = app.place()?;
    let script = match &flags.script {
        Some(script) => crate::paths::absolute(script)?,
        None => place.directory.join(script_name(&route)),
    };
    let guest = place.guest_path(&script)?;
    let new = NewRoute {
        route,
        module: place.module.clone(),
        argv: format!("python {guest} ${{ARGS}}"),
        volumes: place.volumes.clone(),
        environment: place.environment.clone(),
    };
    let script = (!script.exists()).then_some((script, HELLO));
    app.write(&new, script, terminal)?;
    terminal.note(format_args!("\nTo see its answer: pywagi invoke {}", path_of(&new.route)));
    Ok(())
}

/// Runs `pywagi add static`.
///
/// # Errors
/// Fails where there is such a route or no such directory, and where a file cannot be written.
pub fn files(flags: &NewStatic, terminal: &Terminal) -> Result<()> {
    let app = AppText::read(flags.config.as_deref())?;
    let below = if flags.route.ends_with("/...") {
        flags.route.clone()
    } else {
        format!("{}/...", flags.route.trim_end_matches('/'))
    };
    let route = app.free_route(&below)?;
    let directory = crate::paths::absolute(&flags.directory)?;
    if !directory.is_dir() {
        return Err(Error::new(format!("there is no directory {}", shown(&flags.directory)))
            .remedy("create it, and put the files into it"));
    }
    let place = app.place()?;
    let guest = place.free_guest_path(&directory)?;
    let (script, is_new) = place.script("static.py", STATIC)?;
    let mut volumes = place.needed(&script);
    volumes.push((guest.clone(), Value::String(relative(&directory, &app.manifest.directory))));
    let argv = format!("python {} {guest}", place.guest_path(&script)?);
    // Packages are not needed for files, but the interpreter may need what stands in its variables.
    let new = NewRoute { route, module: place.module.clone(), argv, volumes, environment: Table::new() };
    app.write(&new, is_new.then_some((script, STATIC)), terminal)
}

/// A manifest and its text.
struct AppText {
    manifest: Manifest,
    edit: TextEdit,
}

impl AppText {
    fn read(config: Option<&Path>) -> Result<Self> {
        let path = manifest::find(config)?;
        let edit = TextEdit::read(&path)?;
        Ok(Self { manifest: manifest::parse(&path, edit.before())?, edit })
    }

    /// The route that the user asks for, if it can be one and there is none yet.
    fn free_route(&self, text: &str) -> Result<Pattern> {
        let route = Pattern::parse(text)
            .map_err(|invalid| Error::of(Kind::Usage, format!("{text}: {}", invalid.why)).remedy(invalid.remedy))?;
        match self.manifest.modules.iter().find(|module| module.route == route) {
            None => Ok(route),
            Some(there) => {
                let place = format!("{}:{}", shown(&self.manifest.path), there.line);
                Err(Error::new(format!("{place}: there is a route {route} already, which {} answers", there.program()))
                    .remedy("choose another one, or change that"))
            }
        }
    }

    /// Where the scripts of the app are.
    fn place(&self) -> Result<Place> {
        let python = self.manifest.modules.iter().find(|module| module.is_python() && module.script.is_some());
        match python {
            None => Ok(Place::of_a_new_app(&self.manifest.directory)),
            Some(module) => {
                let table = new_route::table_at(&self.manifest, self.edit.before(), module.line).ok_or_else(|| {
                    Error::new(format!("{} has its modules in a list, which is not edited", shown(&self.manifest.path)))
                        .remedy("write each as [[module]], with its keys below")
                })?;
                Ok(Place::of(module, &table, &self.manifest.directory))
            }
        }
    }

    /// Adds a route, and a script where there is none yet. The script is there before the route that runs it.
    fn write(&self, new: &NewRoute, script: Option<(PathBuf, &str)>, terminal: &Terminal) -> Result<()> {
        let path = &self.manifest.path;
        let added = new_route::add(&self.manifest, self.edit.before(), new);
        let mut edit = self.edit.clone();
        edit.set(&added.text);
        let staged = edit.stage()?;
        if let Some((script, text)) = script {
            let failed = || format!("cannot write {}", shown(&script));
            if let Some(parent) = script.parent() {
                std::fs::create_dir_all(parent).context(failed)?;
            }
            let content = StagedFile::new(&script, text.as_bytes()).context(failed)?;
            content.create(&script).map_err(|(e, _)| Error::new(failed()).because(e))?;
            terminal.step("Created", shown(&script));
        }
        staged.replace().context(|| format!("cannot write {}", shown(path)))?;
        edit.show(terminal);
        let python = manifest::parse(path, &added.text)?;
        python
            .modules
            .iter()
            .filter(|module| module.line == added.line)
            .filter_map(|module| module.problem.as_ref())
            .for_each(|problem| terminal.warn(&problem.message));
        Ok(())
    }
}

/// The path of a request for a route.
fn path_of(route: &Pattern) -> &str {
    Some(route.script_name()).filter(|path| !path.is_empty()).unwrap_or("/")
}

/// The name of the script of a route: that of its last segment.
fn script_name(route: &Pattern) -> String {
    let last = route.script_name().rsplit('/').next().unwrap_or_default();
    let name: String = last.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if name.is_empty() { "index.py".to_owned() } else { format!("{name}.py") }
}
