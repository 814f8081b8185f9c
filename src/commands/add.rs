//! `pywagi add`: packages, and the adapter for WSGI and ASGI.

use crate::cli::Add;
use crate::error::{Context, Error, Result};
use crate::packages::app::App;
use crate::packages::built_in;
use crate::packages::bundled::ADAPTER;
use crate::packages::requirement::Requirement;
use crate::packages::text_edit::TextEdit;
use crate::packages::update::{Options, Packages};
use crate::terminal::Terminal;
use crate::text_file::shown;

/// Runs the command.
///
/// # Errors
/// Fails where a package does not exist or does not fit, and then leaves the app as it was.
pub fn run(arguments: &Add, terminal: &Terminal) -> Result<()> {
    let wanted = arguments.packages.iter().map(|text| Requirement::from_argument(text)).collect::<Result<Vec<_>>>()?;
    let app = App::find(arguments.app.config.as_deref())?;
    let adapter = arguments.adapter.then(|| adapter(&app)).transpose()?;
    if wanted.is_empty() {
        return put(adapter, terminal);
    }
    let options = Options { offline: arguments.app.offline, locked: false };
    let mut packages = Packages::lock(&app, options, terminal)?;
    built_in::check(&wanted, &packages.built_in)?;
    let is_there = |requirement: &Requirement| packages.built_in.contains_key(&requirement.name);
    let (there, wanted): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_there);
    for Requirement { name, text } in &there {
        let version = packages.built_in.get(name).map(String::as_str).unwrap_or_default();
        terminal.step("Unchanged", format_args!("{name} {version} is built into the interpreter"));
        if text.contains('[') {
            let what = "what its extras ask for is not added: name those packages";
            terminal.note(format_args!("{:>12} {what}", ""));
        }
    }
    if wanted.is_empty() {
        return put(adapter, terminal);
    }
    for requirement in &wanted {
        let python = packages.python.clone();
        packages.asked.add(requirement, &python);
    }
    let named: Vec<_> = wanted.into_iter().map(|requirement| requirement.name).collect();
    packages.resolve(&named)?;
    put(adapter, terminal)
}

/// The edit that writes the adapter into the app's `code/`.
fn adapter(app: &App) -> Result<TextEdit> {
    let code = app.directory.join("code");
    if !code.is_dir() {
        return Err(Error::new(format!("there is no directory {}", shown(&code)))
            .remedy("the adapter is written there: create it, and mount it at /code"));
    }
    let mut edit = TextEdit::read(&code.join(ADAPTER.path))?;
    let own = ADAPTER.text.lines().next();
    // Another version of ours is replaced.
    if !edit.before().is_empty() && edit.before().lines().next() != own {
        return Err(Error::new(format!("{} is another file than the adapter", shown(&edit.path)))
            .remedy("move it elsewhere, or give it another name"));
    }
    edit.set(ADAPTER.text);
    Ok(edit)
}

fn put(adapter: Option<TextEdit>, terminal: &Terminal) -> Result<()> {
    let Some(edit) = adapter else { return Ok(()) };
    let name = shown(&edit.path);
    if !edit.is_change() {
        terminal.step("Unchanged", name);
        return Ok(());
    }
    edit.stage()?.replace().context(|| format!("cannot write {name}"))?;
    terminal.step(
        "Written",
        format_args!("{name}; to run an app with it: argv = \"python /code/{} shop.app\"", ADAPTER.path),
    );
    Ok(())
}
