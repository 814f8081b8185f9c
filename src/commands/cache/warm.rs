//! `pywagi cache warm`: fills the cache before there are requests.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cache::Cache;
use crate::cache::contents::IMAGES;
use crate::cache::seal::{self, Stamp};
use crate::cli::CacheWarm;
use crate::commands::app::{self, Runs};
use crate::commands::cgi::Order;
use crate::commands::check::scripts;
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, LeftOut, SAVE_LOCK, StderrSink};
use crate::pipeline::{self, App};
use crate::request::{Request, Target};
use crate::terminal::Terminal;

/// How many requests for a path are made at most, until one teaches nothing.
const MOST_REQUESTS: usize = 4;

/// The longest order that is read, in bytes: the names of a thousand modules are a part of it.
const MOST_ORDER: u64 = 16 << 20;

/// Runs `pywagi cache warm`.
///
/// # Errors
/// Fails where the cache cannot be written to, a module cannot run, or a request for one of the paths fails.
pub fn run(arguments: &CacheWarm, terminal: &Terminal) -> Result<()> {
    if arguments.learnt {
        return learn(terminal);
    }
    for path in &arguments.paths {
        if !Target::parse("GET", path).is_ok_and(|target| target.origin.is_none()) {
            return Err(Error::of(Kind::Usage, format!("{path:?} is not a path that can be requested"))
                .remedy("write a path with an optional query, such as '/search?q=x'"));
        }
    }
    let cache = Cache::open()?;
    let images = cache.section(IMAGES)?;
    if arguments.portable {
        cache.make_portable()?;
    }
    // As long as it is held, no process that answers requests saves one.
    let lock = File::options().create(true).append(true).open(images.join(SAVE_LOCK));
    let lock = lock.and_then(|lock| lock.lock().map(|()| lock));
    let _lock = lock.context(|| format!("cannot write to the cache in {}", images.display()))?;
    let app = app::load(&(&arguments.app).into(), Runs::default(), terminal)?;
    // What is wrong in scripts is for `pywagi check` to tell.
    for (route, imports) in scripts::check(&app).imports {
        app.teach(&route, imports);
    }
    let mut failures: Vec<Error> = app.errors().map(Error::copy).collect();
    for interpreter in app.interpreters(None)? {
        let routes = interpreter.routes.join(", ");
        if let Err(why) = interpreter.details() {
            terminal.note(format_args!("note: requests of {routes} start from the beginning: {why}"));
            continue;
        }
        let clock = Instant::now();
        match interpreter.save_anew() {
            Ok(left_out) => {
                let seconds = clock.elapsed().as_secs_f64();
                terminal.step("Saved", format_args!("the interpreter of {routes} in {seconds:.1} s"));
                tell(&left_out, terminal);
            }
            Err(why) => terminal.warn(format_args!("requests of {routes} start from the beginning: {why}")),
        }
    }
    for path in &arguments.paths {
        failures.extend(request(&app, path, terminal).err());
    }
    if cache.is_portable() {
        remember_modules(&app, &cache)?;
        cache.seal_portably()?;
    }
    if failures.is_empty() { Ok(()) } else { Err(Error::all(failures)) }
}

/// Makes a request for `path` until it teaches nothing.
fn request(app: &App, path: &str, terminal: &Terminal) -> Result<()> {
    for _ in 0..MOST_REQUESTS {
        let screen = terminal.clone();
        let stderr: StderrSink = Arc::new(move |bytes| screen.pass_on(bytes));
        let outcome = pipeline::handle(app, &Request::new("GET", path), stderr, Cancellation::new());
        let status = outcome.response.status;
        if let Some(failure) = &outcome.failure {
            return Err(failure.to_error());
        }
        if let Some(own) = &outcome.own {
            return Err(Error::new(format!("{path}: {}", own.message)));
        }
        let Some(improvement) = outcome.improvement else {
            terminal.step("Answered", format_args!("GET {path}: {status}"));
            return Ok(());
        };
        let saved = improvement.make();
        tell(&saved.map_err(|why| Error::new(format!("{path}: no interpreter can be saved: {why}")))?, terminal);
    }
    terminal.warn(format_args!("GET {path} imports or compiles something else each time"));
    Ok(())
}

/// Has the cache know the content of the modules' files by their directory entries. That takes two seconds for files that were
/// just written: another write could leave these the same.
fn remember_modules(app: &App, cache: &Cache) -> Result<()> {
    let digests = cache.section("digests")?;
    let deadline = Instant::now() + Duration::from_secs(3);
    let manifest = app.manifest();
    let modules = manifest.modules.iter().map(|module| &module.module);
    for path in modules.chain(manifest.libraries.iter().map(|library| &library.module)) {
        while Stamp::at(path).is_ok_and(|stamp| stamp.is_fresh()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        // One that cannot be read is an error of its module, which is told.
        let _ = seal::remembered_digest(Some(&digests), path);
    }
    Ok(())
}

fn tell(left_out: &[LeftOut], terminal: &Terminal) {
    left_out.iter().for_each(|left_out| crate::commands::image_saver::tell(left_out, terminal));
}

/// Does what another process asks for on standard input.
fn learn(terminal: &Terminal) -> Result<()> {
    let mut text = Vec::new();
    std::io::stdin().lock().take(MOST_ORDER).read_to_end(&mut text).context(|| "cannot read standard input")?;
    let order: Order = serde_json::from_slice(&text).context(|| "standard input is no order of `pywagi cgi`")?;
    let app = app::load(&order.options, Runs::default(), terminal)?;
    app.learn(&order.target, order.lessons).map_err(|why| Error::new(format!("no interpreter can be saved: {why}")))
}
