//! modules.toml: which routes there are and what answers them.
//!
//! Everything that can be known to be wrong before a request is found here and reported at once, with its place. What
//! is wrong with the text fails the whole file; what a module lacks on the disk fails that module alone.

mod check;
mod library;
pub mod needs;
pub mod new_route;
mod source;
mod values;

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::guest::Volume;
use crate::limits::LimitOverrides;
use crate::network::AllowedHost;
use crate::paths;
use crate::route::Pattern;
use crate::text_file;

use source::Source;

pub use library::Library;

/// The file name of a manifest.
pub const FILE_NAME: &str = "modules.toml";

/// The file name of a manifest of Spin, which takes WAGI programs too, and the keys that say its version.
const SPIN_FILE_NAME: &str = "spin.toml";
const SPIN_VERSIONS: [&str; 2] = ["spin_manifest_version", "spin_version"];

/// What to do with a manifest of Spin.
const SPIN: &str = "`spin up` runs it; for a component whose executor is wagi, write a modules.toml with a [[module]]:\n\
                    `route` is that of its trigger, `module` its `source`, `argv` that of its executor, and `volumes` its `files`";

/// What to do about a path that was written with backslashes in double quotes.
const BACKSLASH: &str = "in double quotes a backslash begins an escape: \
                         put a Windows path in single quotes, as in 'C:\\app\\code', or write it with /";

/// A checked modules.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The file.
    pub path: PathBuf,
    /// The absolute directory that holds the file; its relative paths start there.
    pub directory: PathBuf,
    /// Its `[[module]]` tables, in file order; at least one.
    pub modules: Vec<Module>,
    /// Its `[[library]]` tables, in file order.
    pub libraries: Vec<Library>,
    /// What is likely a mistake but does not keep a module from running, each with its place.
    pub warnings: Vec<String>,
}

/// One `[[module]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The line of its `[[module]]`, from 1.
    pub line: usize,
    /// The route it answers.
    pub route: Pattern,
    /// The absolute path of its WebAssembly file.
    pub module: PathBuf,
    /// The exported function to call.
    pub entrypoint: String,
    /// The template of the arguments.
    pub argv: Option<String>,
    /// The script that `argv` has an interpreter run, where that can be known.
    pub script: Option<Script>,
    /// What the guest sees of the host, in file order.
    pub volumes: Vec<Volume>,
    /// Variables for this module alone, in file order.
    pub environment: Vec<(String, String)>,
    /// Whether it is given the Authorization header.
    pub pass_authorization: bool,
    /// The Python modules of the app that are loaded before requests ask for them.
    pub preload: Vec<String>,
    /// The script of the app that is run once before the interpreter is saved.
    pub warm_up: Option<Script>,
    /// Where it may connect to, in file order.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The limits that its keys set.
    pub limits: LimitOverrides,
    /// Why it cannot run, if it lacks something on the disk.
    pub problem: Option<Problem>,
}

impl Module {
    /// What answers its requests, as it is shown to the user: its script, else its WebAssembly file.
    pub fn program(&self) -> String {
        match &self.script {
            Some(Script { host: Some(host), .. }) => text_file::shown(host),
            Some(Script { guest, .. }) => guest.clone(),
            None => text_file::shown(&self.module),
        }
    }

    /// Whether it is a Python interpreter, by the name of its file or by that of the program in its arguments.
    pub fn is_python(&self) -> bool {
        let program = self.argv.as_deref().and_then(|argv| argv.split_whitespace().next());
        [self.module.file_name().and_then(|name| name.to_str()), program].into_iter().flatten().any(is_python)
    }
}

/// Whether the path or the name of a program is that of a Python interpreter.
fn is_python(program: &str) -> bool {
    program.rsplit('/').next().is_some_and(|name| name.starts_with("python"))
}

/// The file on the host that a guest with these volumes knows as `guest`, an absolute path without `.` and `..`.
pub fn host_path(volumes: &[Volume], guest: &str) -> Option<PathBuf> {
    values::find_below(volumes, guest).map(|(volume, rest)| volume.host.join(rest))
}

/// A script that an interpreter runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its absolute path in the guest.
    pub guest: String,
    /// The same file on the host, where a volume holds it.
    pub host: Option<PathBuf>,
}

/// Why a module cannot run, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// With the place in modules.toml.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl From<&Problem> for Error {
    fn from(problem: &Problem) -> Self {
        Self::new(problem.message.clone()).remedy(problem.remedy.clone())
    }
}

/// Finds the manifest: `explicit`, else the nearest modules.toml from the working directory upwards.
///
/// # Errors
/// Fails where there is none.
pub fn find(explicit: Option<&Path>) -> Result<PathBuf> {
    match explicit {
        Some(path) if path.is_dir() && exists(&path.join(FILE_NAME)) => {
            Err(Error::new(format!("{} is a directory", path.display()))
                .remedy(format!("name the file in it: -c {}", path.join(FILE_NAME).display())))
        }
        Some(path) if exists(path) => Ok(path.to_owned()),
        Some(path) => Err(Error::new(format!("there is no file {}", path.display()))
            .remedy("check the path, or run `pywagi init` to create an app")),
        None => find_above(&paths::working_directory()?),
    }
}

/// Finds the nearest modules.toml in `start` or above it.
fn find_above(start: &Path) -> Result<PathBuf> {
    let nearest = |name: &str| start.ancestors().map(|dir| dir.join(name)).find(|path| exists(path));
    if let Some(found) = nearest(FILE_NAME) {
        return Ok(found);
    }
    let message = format!("there is no {FILE_NAME} in {} or a directory above it", start.display());
    if let Some(spin) = nearest(SPIN_FILE_NAME) {
        return Err(Error::new(format!("{message}, but the manifest of a Spin app: {}", spin.display())).remedy(SPIN));
    }
    let remedy = match apps_below(start).as_slice() {
        [] => "run `pywagi init` to create an app here, or name the file with -c".to_owned(),
        [app] => format!("go into the app with `cd {app}`, or name its file: -c {app}/{FILE_NAME}"),
        [app, ..] => format!("go into one of the apps below, as with `cd {app}`, or name its file with -c"),
    };
    Err(Error::new(message).remedy(remedy))
}

/// The names of the directories in `start` that hold an app, sorted: `init hello` leaves its user one directory above
/// the app. Looks at the first entries alone, for a directory may have any number of them.
fn apps_below(start: &Path) -> Vec<String> {
    const MOST: usize = 1000;
    let entries = std::fs::read_dir(start).into_iter().flatten().take(MOST).flatten();
    let apps = entries.filter(|entry| exists(&entry.path().join(FILE_NAME)));
    let mut names: Vec<_> = apps.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Whether anything is at `path`. Something that is not a readable file is reported when it is loaded.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Reads and checks the manifest at `path`.
///
/// # Errors
/// Fails where the file cannot be read, on every mistake in it, and where none of its modules can run; with line,
/// column, source line and remedy.
pub fn load(path: &Path) -> Result<Manifest> {
    parse(path, &text_file::read(path)?)
}

/// Checks `text` as the manifest at `path`. Looks for the files and directories that it names.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Manifest> {
    let source = Source::new(text_file::shown(path), text);
    let directory = directory_of(path)?;
    let table =
        table(text).map_err(|(span, message, remedy)| Error::new(source.point(span, &message)).remedy(remedy))?;
    let (modules, libraries, warnings) = check::manifest(&source, &directory, table.get_ref())?;
    Ok(Manifest { path: path.to_owned(), directory, modules, libraries, warnings })
}

/// Everything that is wrong with the manifest at `path`, or likely a mistake, in file order.
///
/// # Errors
/// Fails where the file cannot be read.
pub fn findings(path: &Path) -> Result<Vec<Finding>> {
    let text = text_file::read(path)?;
    let source = Source::new(text_file::shown(path), &text);
    Ok(match table(&text) {
        Ok(table) => check::findings(&source, &directory_of(path)?, table.get_ref()),
        Err((span, message, remedy)) => {
            let (line, column) = source.position(span.start);
            vec![Finding::error(source.name(), message).at(line).column(column).help(remedy)]
        }
    })
}

/// The absolute directory that holds the file at `path`.
fn directory_of(path: &Path) -> Result<PathBuf> {
    let absolute = paths::absolute(path)?;
    Ok(absolute.parent().unwrap_or(&absolute).to_owned())
}

/// Reads `text` as TOML of a WAGI app; else where it is not, why, and what to do.
fn table(text: &str) -> std::result::Result<Spanned<DeTable<'_>>, (Range<usize>, String, &'static str)> {
    let table = DeTable::parse(text).map_err(|e| {
        let span = e.span().unwrap_or_default();
        let remedy = if is_about_escape(text, &span, e.message()) {
            BACKSLASH
        } else {
            "correct the line; https://toml.io shows how TOML is written"
        };
        (span, format!("not valid TOML: {}", e.message()), remedy)
    })?;
    let spin = SPIN_VERSIONS.iter().find_map(|key| table.get_ref().get_key_value(*key)).map(|(key, _)| key.span());
    match spin {
        Some(span) => Err((span, format!("this is the manifest of a Spin app, not a {FILE_NAME}"), SPIN)),
        None => Ok(table),
    }
}

/// Whether the parser's `message` about the text in `span` is about an escape, of which the longest is `\UXXXXXXXX`.
fn is_about_escape(text: &str, span: &Range<usize>, message: &str) -> bool {
    let around = text.as_bytes().get(span.start.saturating_sub(10)..span.end).unwrap_or_default();
    around.contains(&b'\\') && (message.contains("escape") || message.contains("unicode"))
}

#[cfg(test)]
mod tests;
