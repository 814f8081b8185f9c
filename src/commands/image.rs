//! `pywagi image`: lists, shows and proves saved interpreters.

mod json;
mod list;
mod text;

use crate::cache::Cache;
use crate::cache::contents::IMAGES;
use crate::cli::{ImageCheck, ImageCommand, ImageShow};
use crate::error::{Error, Result};
use crate::guest;
use crate::terminal::{self, Terminal};

use super::app::{self, Runs};

/// Runs `pywagi image`. What was asked for goes to standard output, messages to standard error.
///
/// # Errors
/// Fails where the app cannot be loaded, and where `check` finds something.
pub fn run(command: &ImageCommand, terminal: &Terminal) -> Result<()> {
    match command {
        ImageCommand::List => {
            let listed = list::apps(&guest::saved(&Cache::location()?.join(IMAGES)));
            if listed.is_empty() {
                terminal.note("no interpreter is saved; the first request to an app saves one");
            }
            terminal::print(listed)
        }
        ImageCommand::Show(arguments) => show(arguments, terminal),
        ImageCommand::Check(arguments) => check(arguments, terminal),
    }
}

fn show(arguments: &ImageShow, terminal: &Terminal) -> Result<()> {
    let app = app::load(&arguments.app, Runs::default(), terminal)?;
    for interpreter in app.interpreters(arguments.route.as_deref())? {
        let details = interpreter.details();
        let routes = &interpreter.routes;
        terminal::print(if arguments.json {
            json::details(routes, &details)?
        } else {
            text::details(routes, &details)
        })?;
    }
    Ok(())
}

fn check(arguments: &ImageCheck, terminal: &Terminal) -> Result<()> {
    let ImageShow { app, route, json } = &arguments.show;
    let app = app::load(app, Runs::default(), terminal)?;
    let (mut findings, mut failed) = (0, Vec::new());
    for interpreter in app.interpreters(route.as_deref())? {
        let routes = &interpreter.routes;
        match interpreter.prove(&arguments.modules, arguments.full) {
            Ok(proof) => {
                findings += proof.findings.len();
                let seconds = proof.took.as_secs_f64();
                terminal.detail(format_args!("{}: proved in {seconds:.2} s", text::named(routes)));
                terminal::print(if *json { json::proof(routes, &proof)? } else { text::proof(routes, &proof) })?;
            }
            Err(why) => failed.push(Error::new(format!("{}: no interpreter can be saved: {why}", text::named(routes)))),
        }
    }
    if findings > 0 {
        let found = text::counted(findings, "finding", "findings");
        failed.push(Error::new(format!("{found}: see above")).remedy(
            "what a module makes from the time or from random bytes while it is loaded would be the same in all requests: \
             make it in a function that requests call",
        ));
    }
    if failed.is_empty() { Ok(()) } else { Err(Error::all(failed)) }
}
