//! What a request may use as its module's keys say: under the flags, over the defaults, and told where to raise it.

use crate::dev::python_modules;
use crate::support::{Project, wat};

/// A module for `route` with these lines of keys.
fn module(route: &str, file: &str, keys: &str) -> String {
    format!("[[module]]\nroute = \"{route}\"\nmodule = \"{file}\"\n{keys}\n")
}

/// An app of one guest with these lines of keys.
fn project(guest: &str, keys: &str) -> Project {
    Project::new(&module("/...", "guest.wat", keys)).file("guest.wat", guest)
}

/// A guest that answers `fine` if it gets so many pages of memory, and else fails.
fn grows(pages: u32) -> String {
    wat::prints("Content-Type: a/b\n\nfine").replacen(
        "(func (export \"_start\")",
        &format!(
            "(func (export \"_start\")
             (if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then unreachable))"
        ),
        1,
    )
}

#[test]
fn who_reaches_a_limit_of_its_module_is_told_the_key() {
    for (guest, keys, error) in [
        (
            wat::hangs("", ""),
            "timeout = \"100ms\"",
            "guest.wat was stopped after 100ms, the time limit\n  \
             help: give it more time: raise `timeout` of its module in modules.toml\n",
        ),
        (
            grows(100),
            "max-memory = \"1MiB\"",
            "guest.wat trapped: wasm `unreachable` instruction executed; it was refused memory beyond the limit of \
             1 MiB\n  help: give it more memory: raise `max-memory` of its module in modules.toml\n",
        ),
        (
            wat::prints("Content-Type: a/b\n\nmore than ten bytes"),
            "max-response = 10",
            "guest.wat was stopped: its output grew beyond the limit of 10 bytes\n  \
             help: let it print more: raise `max-response` of its module in modules.toml\n",
        ),
    ] {
        let project = project(&guest, keys);
        let run = project.pywagi(["invoke", "/", "-q"]).output();
        run.code(3).stderr(&format!("error: {error}"));
        run.stdout_has(&format!("500 Internal Server Error\n\n{error}"));
        let server = project.dev(&[]);
        let page = server.get("/").text();
        assert!(page.starts_with(&format!("500 Internal Server Error\n\n{error}")), "{page}");
        server.wait_for_log(error);
    }
}

#[test]
fn what_a_module_logs_beyond_its_key_is_dropped() {
    let guest = wat::writes("Content-Type: a/b\n\nfine", "0123456789", 0);
    let warning = "its standard error grew beyond the limit of 4 bytes: 6 bytes more were dropped; \
                   a larger `max-log` of its module in modules.toml keeps them";
    let project = project(&guest, "max-log = 4");
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(0).stdout("fine").stderr(&format!("0123\nwarning: {warning}\n"));
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "fine");
    server.wait_for_log(&format!("warning: {warning}\n"));
}

#[test]
fn a_flag_is_over_the_key() {
    let answer = format!("Content-Type: a/b\n\n{}", "x".repeat(1000));
    for (guest, name, low, told) in [
        (grows(100), "max-memory", "1M", "  help: give it more memory with --max-memory\n"),
        (wat::prints(&answer), "max-response", "100", "  help: let it print more with --max-response\n"),
        (wat::writes(&answer, "12345", 0), "max-log", "4", " 1 byte more were dropped; --max-log keeps them\n"),
    ] {
        let invoke = |key: &str, flag: &str| {
            let project = project(&guest, &format!("{name} = \"{key}\""));
            project.pywagi(["invoke", "/", "-q", &format!("--{name}"), flag]).output()
        };
        invoke("1G", low).stderr_has(told);
        let run = invoke(low, "1G");
        assert!(!run.code(0).stderr_text().contains("limit"), "{}", run.stderr_text());
    }
    // Of a guest that never ends, the error tells which limit it was.
    for (key, flag) in [("1ms", "200ms"), ("10m", "200ms")] {
        let project = project(&wat::hangs("", ""), &format!("timeout = \"{key}\""));
        project.pywagi(["invoke", "/", "-q", "--timeout", flag]).output().code(3).stderr(
            "error: guest.wat was stopped after 200ms, the time limit\n  help: give it more time with --timeout\n",
        );
    }
}

#[test]
fn a_key_limits_its_own_module_alone() {
    let modules = module("/low", "guest.wat", "max-memory = \"1M\"") + &module("/", "guest.wat", "");
    let project = Project::new(&modules).file("guest.wat", grows(100));
    let server = project.dev(&[]);
    assert_eq!((server.get("/low").status(), server.get("/").text().as_str()), (500, "fine"));
}

#[test]
fn dynamic_routes_are_asked_for_within_the_limits_of_their_module() {
    let guest = wat::hangs("", "").replacen("\"_start\"", "\"_routes\"", 1);
    let run = project(&guest, "timeout = \"100ms\"").pywagi(["invoke", "/", "-q"]).output();
    run.code(1).stderr(
        "error: modules.toml:1: `_routes` of [DIR]/guest.wat was stopped after 100ms, the time limit\n  \
         help: give it more time: raise `timeout` of its module in modules.toml\n",
    );
}

#[test]
fn python_is_limited_by_its_module_warm_and_cold() {
    let modules = python_modules(&[("/sleepy", "sleepy.py"), ("/hungry", "hungry.py"), ("/loud", "loud.py")]);
    let keys = ["timeout = \"500ms\"", "max-memory = \"64M\"", "max-response = \"1MiB\""];
    let modules: String =
        modules.split_terminator("\n\n").zip(keys).map(|(module, keys)| format!("{module}\n{keys}\n\n")).collect();
    let project = Project::new(&modules)
        .file("code/sleepy.py", "import time\ntime.sleep(600)\n")
        .file("code/hungry.py", "print(len(bytes(100 << 20)))\n")
        .file("code/loud.py", "print('Content-Type: a/b\\n')\nwhile True: print('x' * 1000)\n");
    for flags in [&[][..], &["--cold"]] {
        let server = project.dev(flags);
        for (path, error) in [
            (
                "/sleepy",
                "/code/sleepy.py was stopped after 500ms, the time limit\n  \
                 help: give it more time: raise `timeout` of its module in modules.toml\n",
            ),
            (
                "/loud",
                "/code/loud.py was stopped: its output grew beyond the limit of 1 MiB\n  \
                 help: let it print more: raise `max-response` of its module in modules.toml\n",
            ),
        ] {
            assert_eq!(server.get(path).status(), 500);
            server.wait_for_log(error);
        }
        let page = server.get("/hungry").text();
        assert!(page.contains("; it was refused memory beyond the limit of 64 MiB\n"), "{page}");
        assert!(
            page.contains("  help: give it more memory: raise `max-memory` of its module in modules.toml\n"),
            "{page}"
        );
    }
}

#[test]
fn too_little_memory_for_one_module_keeps_no_other_from_starting_warm() {
    let modules = python_modules(&[("/low", "app.py"), ("/high", "app.py")]);
    let modules = modules.replacen("\n\n", "\nmax-memory = \"1M\"\n\n", 1);
    let project = Project::new(&modules).file("code/app.py", "print('Content-Type: text/plain\\n\\nfine')\n");
    let server = project.dev(&["-v"]);
    assert_eq!(server.get("/low").status(), 500);
    assert_eq!(server.get("/high").text(), "fine\n");
    let log = server.wait_for_log("route /high; ");
    assert!(log.contains("route /high; warm; "), "{log}");
    // Nor itself, once it has enough.
    project.write("modules.toml", modules.replace("1M", "1G"));
    assert_eq!(server.get("/low").text(), "fine\n");
    server.wait_for_log("route /low; warm; ");
}
