//! `pywagi init`: creates an app, installs its interpreter, and answers a first request.

mod questions;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::Cache;
use crate::cli::{AppOptions, Init};
use crate::commands::app::{self, Runs};
use crate::commands::toolchain;
use crate::error::{Error, Result};
use crate::guest::{Cancellation, Improvement, Runtime};
use crate::manifest;
use crate::packages;
use crate::packages::update::{self, Packages};
use crate::paths;
use crate::pipeline;
use crate::request::Request;
use crate::scaffold::{self, INTERPRETER, Template, Written, is_here};
use crate::terminal::Terminal;
use crate::toolchain::catalog::Catalog;
use questions::Answers;

/// Runs `pywagi init`. The answer of the new app goes to standard output, everything else to standard error.
///
/// # Errors
/// Fails where a file exists and `--force` is not given, where one cannot be written, where the interpreter or the packages
/// cannot be installed (the files stay then), and where the new app does not answer.
pub fn run(args: &Init, terminal: &Terminal) -> Result<()> {
    let catalog = Catalog::load()?;
    let answers = if args.yes || !questions::can_ask() {
        questions::assume(args, &catalog)?
    } else {
        questions::ask(args, &catalog, terminal)?
    };
    let files = answers.files()?;
    for Written { path, backup } in scaffold::write(&answers.directory, &files, answers.python.called(), args.force)? {
        if let Some(backup) = backup {
            terminal.step("Backed up", format_args!("{} to {}", path.display(), backup.display()));
        }
        terminal.step("Created", path.display());
    }
    if answers.toolchain {
        install(&answers, args.offline, terminal)?;
    }
    let Some(template) = answers.app else { return Ok(()) };
    let packages: &[&[&str]] = if template.has_packages() { &[&["sync"]] } else { &[] };
    if !answers.directory.join(INTERPRETER).exists() {
        let (lacks, what) = if packages.is_empty() { ("", "one") } else { (" and no packages", "them") };
        terminal.note(format_args!(
            "\nThe app has no interpreter{lacks} yet. To install {what}, then serve the app or send it one request:\n"
        ));
        let install = ["toolchain", "install", answers.python.called()];
        show(&answers.directory, template, &[&[&install[..]], packages].concat(), terminal);
        return Ok(());
    }
    if template.has_packages() {
        install_packages(&answers.directory, args.offline, terminal)?;
    }
    let target = template.first_request.first().copied().unwrap_or("/");
    terminal.step("Answering", target);
    answer_first_request(&answers.directory, target, terminal)?;
    terminal.note("\nThe app works: this was its answer to one request. To serve it, or to send that request again:\n");
    show(&answers.directory, template, &[], terminal);
    Ok(())
}

/// Installs the interpreter. An error says how to install it later, since the files are written.
fn install(answers: &Answers<'_>, offline: bool, terminal: &Terminal) -> Result<()> {
    let Answers { directory, python, .. } = answers;
    let installed = || {
        let cache = Cache::open()?;
        let opt_dir = paths::absolute(&directory.join("opt"))?;
        // A name is not one of a version.
        let version = python.name.clone().unwrap_or_else(|| python.version.clone());
        let request = toolchain::Request {
            version: Some(version),
            opt_dir,
            offline,
            noticed: answers.noticed,
            ..Default::default()
        };
        toolchain::install(&request, &cache, &Runtime::new(Some(&cache))?, terminal).map(drop)
    };
    installed().map_err(|error| {
        let then = if answers.app.is_some_and(Template::has_packages) { ", then `pywagi sync`" } else { "" };
        let retry = format!("`pywagi toolchain install {}`{then}", python.called());
        incomplete(directory, &format!("Python {} could not be installed", python.called()), &retry, error)
    })
}

/// Installs the packages that the app asks for, as `pywagi sync` does.
fn install_packages(directory: &Path, offline: bool, terminal: &Terminal) -> Result<()> {
    let installed = || {
        let app = packages::app::App::find(Some(&directory.join(manifest::FILE_NAME)))?;
        Packages::lock(&app, update::Options { offline, locked: false }, terminal)?.sync()
    };
    installed().map_err(|error| incomplete(directory, "its packages could not be installed", "`pywagi sync`", error))
}

/// The error for an app that is written and lacks something. `retry` are the commands that remain.
fn incomplete(directory: &Path, what: &str, retry: &str, error: Error) -> Error {
    let place = if is_here(directory) { "here".to_owned() } else { format!("in {}", directory.display()) };
    let retry = format!("to try again, run {retry} {place}");
    let remedy = error.remedy_text().map(|text| format!("{retry}\n{text}"));
    Error::new(format!("the app is created, but {what}")).because(error).remedy(remedy.unwrap_or(retry))
}

/// Answers a request for `target` with the app in `directory`, as `pywagi invoke` does.
fn answer_first_request(directory: &Path, target: &str, terminal: &Terminal) -> Result<()> {
    let options = AppOptions { config: Some(directory.join(manifest::FILE_NAME)), ..AppOptions::default() };
    let app = app::load(&options, Runs::default(), terminal)?;
    let mut request = Request::new("GET", target);
    for (name, value) in [("Host", "localhost:3000"), ("User-Agent", "x"), ("Accept", "*/*")] {
        request.headers.push(name, value);
    }
    let screen = terminal.clone();
    let log = move |bytes: &[u8]| screen.pass_on(bytes);
    let outcome = pipeline::handle(&app, &request, Arc::new(log), Cancellation::new());
    outcome.warnings.iter().for_each(|warning| terminal.warn(warning));
    terminal.answer(&outcome.response.body)?;
    if let Some(Err(why)) = outcome.improvement.as_ref().map(Improvement::make) {
        terminal.detail(format_args!("each request starts an interpreter: {why}"));
    }
    outcome.failure.as_ref().map_or(Ok(()), |failure| Err(failure.to_error()))
}

/// Shows the commands to run next: changing to the app's directory, `more`, what prepares the app, and two ways to run it.
fn show(directory: &Path, template: &Template, more: &[&[&str]], terminal: &Terminal) {
    let program = program();
    if !is_here(directory) {
        let shown = directory.to_string_lossy();
        // `cd -x` would be an option.
        let here = if shown.starts_with('-') { "./" } else { "" };
        terminal.note(format_args!("    cd {}", quoted(&format!("{here}{shown}"))));
    }
    let invoke = [&["invoke"], template.first_request].concat();
    for words in more.iter().chain(template.prepare).copied().chain([&["dev"][..], &invoke]) {
        let words: Vec<_> = std::iter::once(&program.as_str()).chain(words).map(|word| quoted(word)).collect();
        terminal.note(format_args!("    {}", words.join(" ")));
    }
}

/// How the user can run this program from another directory: by its name if it was run so, else by its path, as after
/// `cargo run`.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.components().count() > 1
        && let Ok(path) = std::env::current_exe()
    {
        return path.to_string_lossy().into_owned();
    }
    env!("CARGO_PKG_NAME").to_owned()
}

/// `word` quoted for the user's shell.
fn quoted(word: &str) -> Cow<'_, str> {
    if !cfg!(windows) {
        shell_words::quote(word)
    } else if word.contains([' ', '&', '\'']) {
        // PowerShell and cmd.exe both read this; a path cannot contain the quote itself.
        format!("\"{word}\"").into()
    } else {
        word.into()
    }
}
