//! What `dev` and `invoke` share: from flags to an app.

use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::cgi;
use crate::cli::{AppOptions, LimitFlags};
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::guest::{Console, Runtime, Surroundings};
use crate::like::Like;
use crate::limits::LimitOverrides;
use crate::manifest::{self, Manifest};
use crate::packages::status;
use crate::pipeline::{App, Options};
use crate::terminal::Terminal;
use crate::text_file::shown;
use crate::toolchain;

/// The host that stands in where neither the request nor `--hostname` names one (wagi.md).
const DEFAULT_HOST: &str = "localhost";

/// The file of variables beside modules.toml that is read without being named.
pub(super) const DOTENV: &str = ".env";

/// Loads the app that the flags name, and shows its warnings.
///
/// # Errors
/// Fails on the first mistake in the flags, the manifest or an env file, and where no module can run.
pub fn load(options: &AppOptions, runs: Runs, terminal: &Terminal) -> Result<App> {
    let loader = AppLoader::new(options, runs, terminal)?;
    let files = loader.read()?;
    if let Some(dotenv) = files.dotenv() {
        terminal.detail(format_args!("variables from {}", shown(dotenv)));
    }
    let app = loader.load(&files, None, terminal)?;
    warn(&files, &app, terminal);
    Ok(app)
}

/// Shows the warnings of an app and of the files that it was loaded from.
pub fn warn(files: &AppFiles, app: &App, terminal: &Terminal) {
    for warning in app.warnings().chain(&files.warnings) {
        terminal.warn(warning);
    }
}

/// What a command asks of runs, beside the flags that all commands have.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// Whether they are recorded.
    pub records: bool,
    /// What of their surroundings is made up.
    pub surroundings: Option<Surroundings>,
    /// The terminal at which `breakpoint()` asks.
    pub breakpoints: Option<Console>,
    /// Variables over those of `-e`.
    pub environment: Vec<(String, String)>,
    /// The host that is played.
    pub like: Option<Like>,
}

/// Loads an app, any number of times.
pub struct AppLoader {
    manifest: PathBuf,
    /// The [`DOTENV`], unless `--no-env-file` is given. It need not exist.
    dotenv: Option<PathBuf>,
    env_files: Vec<PathBuf>,
    options: Options,
    runtime: Runtime,
}

/// The content of the files that a user edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppFiles {
    manifest: Manifest,
    /// The [`DOTENV`] that was read.
    dotenv: Option<PathBuf>,
    env_file: Vec<(String, String)>,
    /// What has no effect in the env files, and that packages are behind.
    warnings: Vec<String>,
}

impl AppFiles {
    /// The `.env` beside modules.toml, where it was read.
    pub fn dotenv(&self) -> Option<&Path> {
        self.dotenv.as_deref()
    }
}

impl AppLoader {
    /// Finds the app and reads the flags. Warns of variables that have no effect.
    ///
    /// # Errors
    /// Fails where a flag is wrong, there is no manifest, or the engine cannot start.
    pub fn new(options: &AppOptions, runs: Runs, terminal: &Terminal) -> Result<Self> {
        let default_host = host(options.hostname.as_deref())?;
        let mut environment = environment::from_flags(&options.env, |name| std::env::var_os(name))?;
        let manifest = manifest::find(options.config.as_deref())?;
        for (name, value) in &environment {
            if let Some(caveat) = cgi::caveat(name) {
                terminal.warn(format_args!("-e {name}={value} {caveat}"));
            }
        }
        environment.extend(runs.environment);
        Ok(Self {
            dotenv: (!options.no_env_file).then(|| manifest.with_file_name(DOTENV)),
            manifest,
            env_files: options.env_file.clone(),
            options: Options {
                environment,
                env_file: Vec::new(),
                default_host,
                allowed_hosts: options.allow_host.clone(),
                limits: overrides(&options.limits),
                max_body: options.limits.max_body,
                cold: options.cold,
                records: runs.records,
                surroundings: runs.surroundings,
                breakpoints: runs.breakpoints,
                like: runs.like,
                interpreter_environment: toolchain::environment_for,
            },
            runtime: Runtime::new(cache(terminal).as_ref())?,
        })
    }

    /// The cache, if there is one.
    pub fn cache(&self) -> Option<&Cache> {
        self.runtime.cache()
    }

    /// The paths of the files that a user edits: the manifest and the env files, the `.env` also where it does not exist.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.manifest).chain(&self.dotenv).chain(&self.env_files).map(PathBuf::as_path)
    }

    /// Reads these files, and looks whether packages are behind.
    ///
    /// # Errors
    /// Fails on the first that cannot be read, and on every mistake in it.
    pub fn read(&self) -> Result<AppFiles> {
        let mut files = self.read_without_packages()?;
        match status::behind(&files.manifest.directory) {
            Ok(behind) => files.warnings.extend(behind.map(|behind| format!("{behind}: {}", status::REMEDY))),
            Err(error) => files.warnings.push(error.to_string()),
        }
        Ok(files)
    }

    /// Reads these files alone.
    ///
    /// # Errors
    /// As [`AppLoader::read`].
    pub fn read_without_packages(&self) -> Result<AppFiles> {
        let manifest = manifest::load(&self.manifest)?;
        // A directory of this name is likely a virtual environment. What may block, such as a pipe, is not read unasked.
        let dotenv = self.dotenv.clone().filter(|path| path.is_file());
        let (mut env_file, mut warnings) = (Vec::new(), Vec::new());
        for path in dotenv.iter().chain(&self.env_files) {
            let variables =
                environment::from_file(path).map_err(|error| match error.remedy_text().map(str::to_owned) {
                    Some(remedy) if Some(path) == dotenv.as_ref() => error.remedy(format!(
                        "{remedy}; if the file is not meant for this app, --no-env-file leaves it out"
                    )),
                    _ => error,
                })?;
            for (name, value) in variables {
                if let Some(caveat) = cgi::caveat(&name) {
                    warnings.push(format!("{}: `{name}` {caveat}", shown(path)));
                }
                env_file.push((name, value));
            }
        }
        Ok(AppFiles { manifest, dotenv, env_file, warnings })
    }

    /// Makes the app that `files` describe; see [`App::load`].
    ///
    /// # Errors
    /// Fails where no module can run.
    pub fn load(&self, files: &AppFiles, previous: Option<&App>, terminal: &Terminal) -> Result<App> {
        let options = Options { env_file: files.env_file.clone(), ..self.options.clone() };
        App::load(files.manifest.clone(), options, &self.runtime, previous, terminal)
    }
}

/// Opens the cache. Without one everything works, but compiles each time.
pub(super) fn cache(terminal: &Terminal) -> Option<Cache> {
    match Cache::open() {
        Ok(cache) => Some(cache),
        Err(error) => {
            terminal.warn(format_args!("{error}; compiled code is not kept"));
            if let Some(remedy) = error.remedy_text() {
                terminal.warn(format_args!("to keep it, {remedy}"));
            }
            None
        }
    }
}

/// The limits that the flags set.
fn overrides(flags: &LimitFlags) -> LimitOverrides {
    let LimitFlags { timeout, max_memory, max_response, max_log, max_body: _ } = *flags;
    LimitOverrides { timeout, max_memory, max_response, max_log }
}

/// Reads `--hostname HOST[:PORT]`.
fn host(flag: Option<&str>) -> Result<(String, Option<u16>)> {
    let Some(flag) = flag else { return Ok((DEFAULT_HOST.to_owned(), None)) };
    let (name, port) = cgi::split_host(flag);
    // A port that is there but not a number is a mistake; one that is left out is the one listened on.
    let named_port = port.is_some() || name == Some(flag);
    match name {
        Some(name) if named_port => Ok((name.to_owned(), port)),
        _ => Err(Error::of(Kind::Usage, format!("--hostname {flag}: this is not HOST or HOST:PORT"))
            .remedy("write a name or an address, such as example.com, localhost:8080 or [::1]:3000")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostname_may_lack_its_port() {
        for (flag, name, port) in [
            (None, "localhost", None),
            (Some("example.com"), "example.com", None),
            (Some("example.com:80"), "example.com", Some(80)),
            (Some("[::1]:8080"), "[::1]", Some(8080)),
            (Some("[::1]"), "[::1]", None),
        ] {
            assert_eq!(host(flag).unwrap(), (name.to_owned(), port), "{flag:?}");
        }
    }

    #[test]
    fn a_hostname_that_is_none_is_a_usage_error() {
        for flag in ["", ":80", "a:b", "a:70000", "http://a", "a b", "[::1"] {
            let error = host(Some(flag)).expect_err(flag);
            assert_eq!(error.kind(), Kind::Usage);
            assert_eq!(error.to_string(), format!("--hostname {flag}: this is not HOST or HOST:PORT"));
        }
    }
}
