//! Hello with Flask, and with Django and a query of its ORM, beside hello.py. `pywagi add` installs the packages from the
//! user's index; native Python is given the same ones.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::support::{App, Client, Dev, Result, Sample};
use crate::{CgiServer, Table, fresh_connections, kept_connection, quiet};

/// The columns, the modules of the apps and the packages.
const FRAMEWORKS: [(&str, &str, &str); 2] = [("flask", "flask_app", "flask"), ("django", "django_app", "django<6")];

/// The variables of a request that native Python is given.
const REQUEST: [(&str, &str); 8] = [
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("REQUEST_METHOD", "GET"),
    ("SCRIPT_NAME", ""),
    ("PATH_INFO", "/"),
    ("QUERY_STRING", ""),
    ("SERVER_NAME", "localhost"),
    ("SERVER_PORT", "80"),
    ("SERVER_PROTOCOL", "HTTP/1.1"),
];

/// Adds the columns to the table; where the packages cannot be had, none, and says so.
pub fn measure(bench: &App, python: &Path, table: &mut Table) -> Result<()> {
    let app = bench.beside("frameworks");
    if let Err(error) = prepare(bench, &app) {
        eprintln!("left out Flask and Django: {error}");
        return Ok(());
    }
    let paths = [app.directory.join("code"), app.directory.join("packages")];
    let path = std::env::join_paths(&paths)?;
    let database = app.directory.join("code/django_database.py");
    quiet(Command::new(python).env("PYTHONPATH", &path).arg(database))?;
    // `invoke` makes the saved interpreter before it ends, with what the last run has shown.
    for (name, ..) in FRAMEWORKS {
        for _ in 0..4 {
            quiet(&mut app.command(&["invoke", &format!("/{name}/")]))?;
        }
    }
    for (flags, new, kept, count) in [
        (&[][..], "dev, new connection", "dev, keep-alive", 300),
        (&["--cold"], "dev --cold, new connection", "dev --cold, keep-alive", 10),
    ] {
        let dev = Dev::start(&app, flags)?;
        for (name, ..) in FRAMEWORKS {
            let path = format!("/{name}/");
            table.add(new, name, fresh_connections(&dev, &path, count)?);
            table.add(kept, name, kept_connection(&dev, &path, count)?);
        }
        if flags.is_empty()
            && let Some((memory, _)) = dev.usage()
        {
            table.note(format!(
                "dev, resident memory with Flask and Django: {:.1} MiB (goal with Flask 150)",
                memory as f64 / 1024.0 / 1024.0
            ));
        }
    }
    for (name, module, _) in FRAMEWORKS {
        let path_of_request = format!("/{name}/");
        let mut warm = || quiet(&mut app.command(&["invoke", &path_of_request]));
        let mut native = || quiet(&mut process(&app, python, module, &path));
        let [warm, native] = Sample::take_by_turns(30, [&mut warm, &mut native])?;
        table.add("invoke", name, warm);
        table.add("native python3, process", name, native);
    }
    served_natively(&app, python, &path, table)?;
    add_with_a_filled_cache(bench, table)
}

/// Native Python, which runs the same adapter with the same app.
fn process(app: &App, python: &Path, module: &str, path: &OsString) -> Command {
    let mut command = Command::new(python);
    command.arg(app.directory.join("code/pywagi.py")).arg(module).env("PYTHONPATH", path).envs(REQUEST);
    command
}

fn served_natively(app: &App, python: &Path, path: &OsString, table: &mut Table) -> Result<()> {
    let scripts: Vec<_> = FRAMEWORKS
        .iter()
        .map(|(name, module, _)| {
            // Named as the package, it would be imported in its place.
            (format!("{name}_page"), format!("from pywagi import run\nimport {module}\n\nrun({module}.app)\n"))
        })
        .collect();
    let Some(server) = CgiServer::start(app, python, &scripts, Some(path))? else { return Ok(()) };
    for (name, ..) in FRAMEWORKS {
        let get = || Client::connect(server.address)?.get(&format!("/cgi-bin/{name}_page.py/"), true);
        table.add("native python3, CGI server", name, Sample::take(20, get)?);
    }
    Ok(())
}

/// Makes the app with the packages and the adapter.
fn prepare(bench: &App, app: &App) -> Result<()> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scripts");
    let (code, data) = (app.directory.join("code"), app.directory.join("data"));
    fs::create_dir_all(&code)?;
    fs::create_dir_all(&data)?;
    for name in ["flask_app", "django_app", "django_database"] {
        fs::copy(scripts.join(format!("{name}.py")), code.join(format!("{name}.py")))?;
    }
    let manifest = FRAMEWORKS.iter().map(|(name, module, _)| {
        format!(
            "[[module]]\nroute = \"/{name}/...\"\nmodule = '{}'\nargv = \"python /code/pywagi.py {module}\"\n\
             preload = [\"{module}\"]\nvolumes = {{ \"/code\" = \"code\", \"/data\" = \"data\" }}\n",
            bench.interpreter().display()
        )
    });
    fs::write(app.directory.join("modules.toml"), manifest.collect::<String>())?;
    let packages = FRAMEWORKS.map(|(_, _, package)| package);
    said(&mut app.command(&[&["add", "--quiet", "--adapter"], &packages[..]].concat()))
}

/// How long an app waits for Flask that another app has, too.
fn add_with_a_filled_cache(bench: &App, table: &mut Table) -> Result<()> {
    let app = bench.beside("added");
    if app.directory.exists() {
        fs::remove_dir_all(&app.directory)?;
    }
    fs::create_dir_all(app.directory.join("code"))?;
    fs::write(app.directory.join("code/hello.py"), "")?;
    let manifest = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/hello.py\"\nvolumes = {{ \"/code\" = \"code\" }}\n",
        bench.interpreter().display()
    );
    fs::write(app.directory.join("modules.toml"), manifest)?;
    let clock = Instant::now();
    said(&mut app.command(&["add", "--quiet", "flask"]))?;
    let time = clock.elapsed().as_secs_f64();
    table.note(format!("pywagi add flask, with what it fetches in the cache: {time:.1} s (goal 5)"));
    Ok(())
}

/// Runs a command; what it says on standard error is the error where it fails.
fn said(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().into()) }
}
