//! A cache that was filled for other machines (`pywagi cache warm --portable`).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Output, Project, python_modules, shared};

/// An answer of the app, from this cache.
fn answer(project: &Project, cache: &Path) -> Output {
    let run = project.pywagi(["cgi", "-v", "modules.toml"]).env("PYWAGI_CACHE_DIR", cache);
    run.env("REQUEST_METHOD", "GET").env("PATH_INFO", "/").output()
}

/// Copies a directory as an image of a container has it: times to the second, other inodes.
fn copy(from: &Path, to: &Path) {
    let private = std::fs::Permissions::from_mode(0o700);
    std::fs::create_dir(to).and_then(|()| std::fs::set_permissions(to, private)).expect("a new directory");
    for entry in std::fs::read_dir(from).expect("a directory").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
            continue;
        }
        std::fs::copy(&path, &to).expect("a file");
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        let since = modified.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let second = std::time::UNIX_EPOCH + std::time::Duration::from_secs(since.as_secs());
        std::fs::File::options()
            .append(true)
            .open(&to)
            .and_then(|file| file.set_modified(second))
            .expect("a file of ours");
    }
}

/// Changes the digest in each seal below `cache`, so that a file whose content is looked at is not believed.
fn spoil_digests(cache: &Path) {
    for section in ["code", "images"] {
        for entry in std::fs::read_dir(cache.join(section)).expect("a section").flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "seal") {
                let text = std::fs::read_to_string(entry.path()).expect("a seal");
                let mut seal: serde_json::Value = serde_json::from_str(&text).expect("a seal");
                seal["sha256"] = "0".repeat(64).into();
                std::fs::write(entry.path(), seal.to_string()).expect("a seal of ours");
            }
        }
    }
}

#[test]
fn a_copy_of_a_portable_cache_is_warm_and_nothing_of_it_is_read_to_be_believed() {
    let project = Project::new(&python_modules(&[("/", "hello.py")]));
    project.write("code/hello.py", "print('Content-Type: text/plain\\n\\nhello')\n");
    // Compiled once for all runs of the tests, for this takes seconds.
    let compiled = shared("portable").join("cache");
    let warm = |cache: &Path| {
        project.pywagi(["cache", "warm", "--portable"]).env("PYWAGI_CACHE_DIR", cache).output().code(0).stdout_text()
    };
    warm(&compiled);
    // Interpreters of earlier runs are not copied.
    std::fs::remove_dir_all(compiled.join("images")).expect("images");
    warm(&compiled);
    let info = project.pywagi(["cache", "info"]).env("PYWAGI_CACHE_DIR", &compiled).output();
    info.code(0).stdout_has("cache (portable)\n");

    let image = project.path("image");
    copy(&compiled, &image);
    spoil_digests(&image);
    let output = answer(&project, &image);
    output.code(0).stdout_has("\r\n\r\nhello\n").stderr_has("; warm; ");
    assert!(!output.stderr_text().contains("Compil"), "{output}");
}

#[test]
fn an_emptied_cache_is_not_portable_any_more() {
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n");
    let project = project.file("guest.wat", crate::support::wat::prints("Content-Type: text/plain\n\nhello"));
    let cache = project.path("cache");
    let run = |arguments: &[&str]| project.pywagi(arguments).env("PYWAGI_CACHE_DIR", &cache).output();
    run(&["cache", "warm", "--portable"]).code(0);
    run(&["invoke", "/"]).code(0).stderr("");
    run(&["cache", "info"]).code(0).stdout_has("cache (portable)\n");
    run(&["cache", "clean"]).code(0);
    run(&["cache", "info"]).code(0).stdout_has("cache\n");
    // Compiled for this machine, under another name.
    run(&["invoke", "/"]).code(0).stderr_has("Compiled guest.wat");
    let note = "note: requests of / start from the beginning: its module's memory and functions cannot be saved";
    run(&["cache", "warm", "--portable"]).code(0).stderr_has(note);
}
