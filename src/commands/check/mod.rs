//! `pywagi check`: everything that can be wrong without a request.

pub mod scripts;

use std::path::Path;

use serde::Serialize;

use crate::cli::{AppOptions, Check};
use crate::commands::app::{AppLoader, Runs};
use crate::environment;
use crate::error::{Error, Result};
use crate::finding::{Finding, Level};
use crate::manifest;
use crate::network::AllowedHost;
use crate::packages::{lock, status};
use crate::paths;
use crate::pipeline::{App, Route};
use crate::terminal::{self, Terminal};
use crate::text_file::{self, shown};

/// What was checked, and what is wrong with it.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// The number of routes.
    pub routes: usize,
    /// The number of scripts.
    pub scripts: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Where routes may connect to; those that may connect to nothing are left out.
    pub network: Vec<Network>,
}

/// The hosts that a route may connect to.
#[derive(Debug, Serialize)]
pub struct Network {
    /// The route.
    pub route: String,
    /// The hosts, as they are listed.
    pub allowed_hosts: Vec<AllowedHost>,
}

/// Runs `pywagi check`.
///
/// # Errors
/// Fails where there is no app, and where something is found.
pub fn run(arguments: &Check, terminal: &Terminal) -> Result<()> {
    let Checked { routes, scripts, findings, network } = check(&AppOptions::from(&arguments.app), terminal)?;
    for finding in &findings {
        terminal::print(if arguments.json { json(finding)? } else { text(finding, terminal) })?;
    }
    for Network { route, allowed_hosts } in network {
        let hosts: Vec<_> = allowed_hosts.iter().map(AllowedHost::to_string).collect();
        terminal.note(format_args!("{route} may connect to {}", hosts.join(", ")));
    }
    let counted = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    if findings.is_empty() {
        let (routes, scripts) = (counted(routes, "route"), counted(scripts, "script"));
        terminal.step("Checked", format_args!("{routes} and {scripts}: nothing is wrong"));
        return Ok(());
    }
    let of = |level| findings.iter().filter(|finding| finding.level == level).count();
    let counts = [(of(Level::Error), "error"), (of(Level::Warning), "warning")];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| counted(number, word));
    Err(Error::new(format!("{}: see above", counts.collect::<Vec<_>>().join(" and "))))
}

/// Looks for what is wrong with an app.
///
/// # Errors
/// Fails where there is no app.
pub fn check(options: &AppOptions, terminal: &Terminal) -> Result<Checked> {
    let loader = AppLoader::new(options, Runs::default(), terminal)?;
    let manifest = manifest::find(options.config.as_deref())?;
    let mut findings = manifest::findings(&manifest)?;
    let env_files: Vec<_> = loader.paths().filter(|path| *path != manifest && is_to_be_read(path, options)).collect();
    env_files.into_iter().for_each(|path| findings.extend(env_file(path)));
    // With mistakes in these files there is nothing to load. What a module lacks on the disk fails that module alone.
    let (mut routes, mut scripts, mut network) = (0, 0, Vec::new());
    if let Ok(files) = loader.read() {
        match loader.load(&files, None, terminal) {
            Ok(app) => {
                findings.extend(modules(&app));
                let checked = scripts::check(&app);
                findings.extend(checked.findings);
                (routes, scripts) = (app.routes().count(), checked.scripts);
                network = app.routes().filter_map(|route| Network::of(&route)).collect();
            }
            Err(error) => findings.push(located(Finding::error(shown(&manifest), error.to_string()), &error)),
        }
    }
    findings.extend(packages(&manifest)?);
    Ok(Checked { routes, scripts, findings, network })
}

impl Network {
    fn of(route: &Route<'_>) -> Option<Self> {
        let allowed_hosts = route.module.allowed_hosts.clone();
        (!allowed_hosts.is_empty()).then(|| Self { route: route.pattern.to_string(), allowed_hosts })
    }
}

/// How the packages are behind what the app asks for.
fn packages(manifest: &Path) -> Result<Option<Finding>> {
    let directory = paths::absolute(manifest)?;
    let Some(directory) = directory.parent() else { return Ok(None) };
    let lock = shown(&directory.join(lock::FILE_NAME));
    Ok(match status::behind(directory) {
        Ok(behind) => behind.map(|why| Finding::error(lock, why).help(status::REMEDY)),
        Err(error) => Some(located(Finding::error(lock, error.to_string()), &error)),
    })
}

/// Whether an env file is one that is read: a `.env` need not be there.
fn is_to_be_read(path: &Path, options: &AppOptions) -> bool {
    path.is_file() || options.env_file.iter().any(|given| given == path)
}

/// What is wrong in an env file.
fn env_file(path: &Path) -> Option<Finding> {
    let file = shown(path);
    match text_file::read(path) {
        Err(error) => Some(located(Finding::error(file, error.to_string()), &error)),
        Ok(text) => environment::parse(&text)
            .err()
            .map(|mistake| Finding::error(file, mistake.message).at(mistake.line).help(mistake.remedy)),
    }
}

/// What keeps modules from running and libraries from being called, beside what the manifest says, and what is likely a mistake in them.
fn modules(app: &App) -> Vec<Finding> {
    let file = shown(&app.manifest().path);
    let mut findings: Vec<Finding> = Vec::new();
    for route in app.routes().filter(|route| route.module.problem.is_none()) {
        if let Some(error) = route.error {
            let finding = located(Finding::error(&file, error.to_string()).at(route.module.line), error);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    // What one lacks on the disk is among what is wrong with the manifest.
    let libraries = app.library_errors().filter(|(library, _)| library.problem.is_none());
    findings.extend(
        libraries.map(|(library, error)| located(Finding::error(&file, error.to_string()).at(library.line), error)),
    );
    let warnings = app.warnings().skip(app.manifest().warnings.len());
    findings.extend(warnings.map(|warning| placed(Finding::warning(&file, warning))));
    findings
}

/// `finding` with the remedy of the error that it is of, and without the place that the error's text begins with.
fn located(finding: Finding, error: &Error) -> Finding {
    let finding = placed(finding);
    match error.remedy_text() {
        Some(remedy) => finding.help(remedy),
        None => finding,
    }
}

/// `finding` with the line that its message begins with as `FILE:LINE: `.
fn placed(finding: Finding) -> Finding {
    let rest = finding.message.strip_prefix(&finding.file).and_then(|rest| rest.strip_prefix(':'));
    let line = rest.and_then(|rest| rest.split_once(": ")).and_then(|(line, rest)| Some((line.parse().ok()?, rest)));
    match line {
        Some((line, message)) => Finding { message: message.to_owned(), ..finding.clone().at(line) },
        None => finding,
    }
}

fn text(finding: &Finding, terminal: &Terminal) -> String {
    let label = match finding.level {
        Level::Error => terminal.paint(console::Style::new().red().bold(), "error:"),
        Level::Warning => terminal.paint(console::Style::new().yellow().bold(), "warning:"),
    };
    let mut text = format!("{}: {label} {}\n", finding.place(), finding.message);
    if let Some(help) = &finding.help {
        let label = terminal.paint(console::Style::new().cyan().bold(), "help:");
        text.push_str(&format!("  {label} {}\n", help.replace('\n', "\n        ")));
    }
    text
}

fn json(finding: &Finding) -> Result<String> {
    let text = serde_json::to_string(finding).map_err(|e| Error::internal(format!("what to print is no JSON: {e}")))?;
    Ok(text + "\n")
}
