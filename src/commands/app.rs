//! What `dev` and `invoke` share: from flags to an app that answers.

use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::cgi;
use crate::cli::{AppOptions, LimitFlags};
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::guest::Runtime;
use crate::limits::LimitOverrides;
use crate::manifest::{self, Manifest};
use crate::pipeline::{App, Options};
use crate::terminal::Terminal;
use crate::toolchain;

/// The host that the app believes to be served at, where neither the request nor `--hostname` says (wagi.md).
pub const DEFAULT_HOST: (&str, u16) = ("localhost", 3000);

/// Finds the app, reads its manifest and env files, and makes its guests ready to run.
///
/// # Errors
/// Fails on the first mistake in the flags, the manifest or an env file, and on a guest that cannot be run.
pub fn load(options: &AppOptions, variables: &[String], terminal: &Terminal) -> Result<App> {
    let plan = Plan::new(options, variables, terminal)?;
    let texts = plan.read()?;
    warn(&texts.manifest, terminal);
    plan.load(texts, None, terminal)
}

/// Says what is likely not meant in a manifest.
pub fn warn(manifest: &Manifest, terminal: &Terminal) {
    for warning in &manifest.warnings {
        terminal.warn(warning);
    }
}

/// How an app is loaded, any number of times.
pub struct Plan {
    manifest: PathBuf,
    env_files: Vec<PathBuf>,
    options: Options,
    runtime: Runtime,
}

/// What the files say that a person writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// modules.toml
    pub manifest: Manifest,
    env_file: Vec<(String, String)>,
}

impl Plan {
    /// Finds the app and reads the flags.
    ///
    /// # Errors
    /// Fails where a flag is not understood, there is no manifest, or the engine cannot start.
    pub fn new(options: &AppOptions, variables: &[String], terminal: &Terminal) -> Result<Self> {
        let default_host = host(options.hostname.as_deref())?;
        let environment = environment::from_flags(variables)?;
        Ok(Self {
            manifest: manifest::find(options.config.as_deref())?,
            env_files: options.env_file.clone(),
            options: Options {
                environment,
                env_file: Vec::new(),
                default_host,
                limits: overrides(&options.limits),
                max_body: options.limits.max_body,
                cold: options.cold,
                interpreter_environment: toolchain::environment_for,
            },
            runtime: Runtime::new(cache(terminal).as_ref())?,
        })
    }

    /// The files that a person writes: the manifest and the env files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.manifest).chain(&self.env_files).map(PathBuf::as_path)
    }

    /// Reads them.
    ///
    /// # Errors
    /// Fails on the first that cannot be read, and on every mistake in it.
    pub fn read(&self) -> Result<Texts> {
        let manifest = manifest::load(&self.manifest)?;
        Ok(Texts { manifest, env_file: environment::from_files(&self.env_files)? })
    }

    /// Makes the app that the texts describe; see [`App::load_after`].
    ///
    /// # Errors
    /// Fails on a guest that cannot be run.
    pub fn load(&self, texts: Texts, before: Option<&App>, terminal: &Terminal) -> Result<App> {
        let options = Options { env_file: texts.env_file, ..self.options.clone() };
        App::load_after(before, texts.manifest, options, self.runtime.clone(), terminal)
    }
}

/// The cache; without one everything still works, at the price of compiling each time.
fn cache(terminal: &Terminal) -> Option<Cache> {
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
fn host(flag: Option<&str>) -> Result<(String, u16)> {
    let Some(flag) = flag else { return Ok((DEFAULT_HOST.0.to_owned(), DEFAULT_HOST.1)) };
    let (name, port) = cgi::split_host(flag);
    // A port that is written but not understood is a mistake, one that is not written is the default.
    let named_port = port.is_some() || name == Some(flag);
    match name {
        Some(name) if named_port => Ok((name.to_owned(), port.unwrap_or(DEFAULT_HOST.1))),
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
            (None, "localhost", 3000),
            (Some("example.com"), "example.com", 3000),
            (Some("example.com:80"), "example.com", 80),
            (Some("[::1]:8080"), "[::1]", 8080),
            (Some("[::1]"), "[::1]", 3000),
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
