//! What `install --from` does to the modules.toml of an app whose guests do not see the installed library.

use super::support::{Place, interpreter_tar_gz, prints};

/// What the installation says before it comes to modules.toml.
const INSTALLED: &str = "   Unpacking [DIR]/home/p.tar.gz\n   Compiling python3.wasm (once)\n    \
                         Compiled python3.wasm in [TIME] s\n   \
                         Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n";

/// Installs an interpreter with a library into an app with this modules.toml. Returns what was said after `INSTALLED`,
/// and the file's new text.
fn install(modules: &str) -> (String, String) {
    let place = Place::new();
    let archive = interpreter_tar_gz("3.9.1", 1);
    place.file("p.tar.gz", &archive);
    place.file("modules.toml", modules);
    let sha256 = super::support::sha256(&archive);
    let outcome = place.run(&["install", "--from", "p.tar.gz", "--sha256", &sha256]);
    let said = outcome.ok().stderr.strip_prefix(INSTALLED).unwrap_or_else(|| panic!("{}", outcome.stderr)).to_owned();
    (said, std::fs::read_to_string(place.path("modules.toml")).unwrap())
}

/// The modules.toml of a new app, with these volumes.
fn scaffold(volumes: &str) -> String {
    let text = include_str!("../../../assets/templates/plain/modules.toml");
    assert!(text.contains("volumes = { \"/code\" = \"code\" }"));
    text.replace("volumes = { \"/code\" = \"code\" }", volumes)
}

#[test]
fn a_new_app_gets_the_mount_that_its_library_needs() {
    let mounted = "volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" }";
    let said =
        format!("     Changed modules.toml, so that Python finds its library:\n             line 11: {mounted}\n");
    assert_eq!(install(&scaffold("volumes = { \"/code\" = \"code\" }")), (said, scaffold(mounted)));
    assert_eq!(install(&scaffold(mounted)), (String::new(), scaffold(mounted)));
}

#[test]
fn volumes_that_cannot_be_edited_are_named_with_the_entry_to_add() {
    let text = scaffold("volumes.\"/code\" = \"code\"");
    let said = "warning: modules.toml:3: Python does not find its library, which is in opt/wasi-python; add this to the \
                module's volumes: \"/opt\" = \"opt\"\n";
    assert_eq!(install(&text), (said.to_owned(), text));
}

#[test]
fn a_modules_toml_that_cannot_be_read_stays() {
    let said = "warning: modules.toml is not valid TOML: TOML parse error at line 1, column 9\n  |\n1 | nonsense\n  |         ^\n\
                key with no value, expected `=`\n\n\
                warning: modules.toml was not changed: Python's library is in opt/wasi-python, which `volumes` must \
                contain\n";
    assert_eq!(install("nonsense"), (said.to_owned(), "nonsense".to_owned()));
}

#[test]
fn an_interpreter_without_a_library_needs_no_mount() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    let text = scaffold("volumes = {}");
    place.file("modules.toml", &text);
    place.run(&["install", "--quiet", "--from", "my.wasm"]).check(0, "");
    assert_eq!(std::fs::read_to_string(place.path("modules.toml")).unwrap(), text);
}

#[cfg(unix)]
#[test]
fn the_file_keeps_its_permissions_and_a_link_stays_a_link() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    place.file("p.tar.gz", interpreter_tar_gz("3.9.1", 1));
    let real = place.file("config/real.toml", scaffold("volumes = {}"));
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::remove_file(place.path("modules.toml")).unwrap();
    std::os::unix::fs::symlink(&real, place.path("modules.toml")).unwrap();
    place.run(&["install", "--quiet", "--from", "p.tar.gz"]).check(0, "");
    assert!(place.path("modules.toml").is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap(), scaffold("volumes = { \"/opt\" = \"opt\" }"));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_new_app_for_an_installed_interpreter_mounts_its_library() {
    let place = Place::new();
    place.file("p.tar.gz", interpreter_tar_gz("3.9.1", 1));
    std::fs::remove_file(place.path("modules.toml")).unwrap();
    place.run(&["install", "--quiet", "--from", "p.tar.gz", "--opt-dir", "opt"]).check(0, "");
    let mut init = std::process::Command::new(crate::support::binary());
    init.args(["init", "--yes", "--no-toolchain"]).current_dir(place.path("")).env("PYWAGI_CACHE_DIR", place.cache());
    // The interpreter only prints a version, which is not a response.
    assert_eq!(place.outcome(init).code, Some(3));
    let mounted = scaffold("volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" }");
    assert_eq!(std::fs::read_to_string(place.path("modules.toml")).unwrap(), mounted);
}
