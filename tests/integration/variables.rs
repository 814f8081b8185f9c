//! Variables of the user: `-e`, and the `.env` beside modules.toml.

use crate::support::{ONE, Output, Project, wat};

fn project() -> Project {
    Project::new(ONE).file("guest.wat", wat::shows())
}

/// The values of these variables that the guest of a run was given.
fn given(output: &Output, names: &[&str]) -> Vec<Option<String>> {
    let shown = String::from_utf8_lossy(&output.code(0).stdout).into_owned();
    let variables: Vec<_> = shown.split(['\0', '\u{fffd}']).filter_map(|text| text.split_once('=')).collect();
    let value = |name: &&str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| (*value).to_owned());
    names.iter().map(value).collect()
}

fn some<const N: usize>(values: [&str; N]) -> Vec<Option<String>> {
    values.map(|value| Some(value.to_owned())).into()
}

#[test]
fn quotes_around_a_value_are_no_part_of_it() {
    let output =
        project().pywagi(["invoke", "/", "-q", "-e", "A=\"two words\"", "-e", "B='x y'", "-e", "C=it's"]).output();
    assert_eq!(given(&output, &["A", "B", "C"]), some(["two words", "x y", "it's"]));
}

#[test]
fn several_values_may_follow_one_flag_whereever_the_path_stands() {
    for arguments in
        [&["-e", "A=1", "B=2", "/path"][..], &["/path", "-e", "A=1", "B=2"], &["-e", "A=1", "-e", "B=2", "/path"]]
    {
        let output = project().pywagi(["invoke", "-q"].iter().chain(arguments)).output();
        assert_eq!(given(&output, &["A", "B", "PATH_INFO"]), some(["1", "2", "/path"]));
    }
}

#[test]
fn a_name_alone_takes_the_value_of_the_shell() {
    let run = |value: &str| project().pywagi(["invoke", "/", "-q", "-e", "TOKEN", "B=2"]).env("TOKEN", value).output();
    assert_eq!(given(&run("s3cret \"x\""), &["TOKEN", "B"]), some(["s3cret \"x\"", "2"]));
    assert_eq!(given(&run(""), &["TOKEN", "B"]), some(["", "2"]));
    project().pywagi(["dev", "-e", "TOKEN"]).output().code(2).stdout("").stderr(
        "error: -e TOKEN: there is no variable TOKEN whose value could be taken\n  \
         help: set and export it in the shell, or give the value: -e 'TOKEN=VALUE'\n",
    );
}

#[cfg(unix)]
#[test]
fn a_value_of_the_shell_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let value = std::ffi::OsStr::from_bytes(b"\xff");
    project()
        .pywagi(["invoke", "/", "-e", "TOKEN"])
        .env("TOKEN", value)
        .output()
        .code(2)
        .stdout("")
        .stderr("error: -e TOKEN: the value of TOKEN is not UTF-8\n  help: give it: -e NAME=VALUE\n");
}

#[test]
fn the_env_file_beside_modules_toml_is_the_lowest_of_the_files() {
    let project = Project::new(&format!("{ONE}environment = {{ A = \"table\", B = \"table\" }}\n"))
        .file("guest.wat", wat::shows())
        .file(".env", "B=dot\nC=dot\nD='d o t'\n")
        .file("given.env", "C=file\nD=file\n")
        .directory("below");
    let names = ["A", "B", "C", "D"];
    let flags = ["--env-file", "given.env", "-e", "D=flag"];
    let run = |arguments: &[&str]| project.pywagi(["invoke", "/", "-q"].iter().chain(arguments)).output();
    assert_eq!(given(&run(&[]), &names), some(["table", "dot", "dot", "d o t"]));
    assert_eq!(given(&run(&flags), &names), some(["table", "dot", "file", "flag"]));
    let left = run(&["--no-env-file"]);
    assert_eq!(given(&left, &names), [Some("table".to_owned()), Some("table".to_owned()), None, None]);
    let below = project.pywagi(["invoke", "/", "-v"]).within("below").output();
    assert_eq!(given(&below, &names), some(["table", "dot", "dot", "d o t"]));
    below.stderr_has("variables from ");
    // Beside the file that is named, not in the working directory.
    project.write("other/modules.toml", ONE);
    project.write("other/guest.wat", wat::shows());
    assert_eq!(given(&run(&["-c", "other/modules.toml"]), &names), [None, None, None, None]);
}

#[test]
fn a_mistake_in_the_env_file_says_how_to_leave_it_out() {
    let project = project().file(".env", "A=1\nnonsense\n");
    project.pywagi(["invoke", "/", "-q"]).output().code(1).stdout("").stderr(
        "error: .env:2: `nonsense` is not NAME=VALUE\n  help: write NAME=VALUE, or begin a comment with #; \
         if the file is not meant for this app, --no-env-file leaves it out\n",
    );
    project.pywagi(["invoke", "/", "-q", "--no-env-file"]).output().code(0).stderr("");
    project.write(".env", "PATH_INFO=x\n");
    let warning = "warning: .env: `PATH_INFO` has no effect: every request sets it\n";
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stderr(warning);
}

#[test]
fn a_directory_of_that_name_is_no_env_file() {
    let project = project().file(".env/bin/python3", "a virtual environment");
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stderr("");
}

#[test]
fn the_banner_names_the_env_file_and_its_edits_count() {
    let project = project().file(".env", "A=1\n");
    let server = project.dev(&[]);
    server.wait_for_log("\n   Variables from .env; --no-env-file leaves it out\n");
    let value = || {
        let shown = server.get("/").text();
        shown.split('\0').find_map(|text| text.split_once("A=")).map(|(_, value)| value.to_owned())
    };
    assert_eq!(value().as_deref(), Some("1"));
    project.write(".env", "A=two\n");
    assert_eq!(value().as_deref(), Some("two"));
    std::fs::remove_file(project.path(".env")).expect("removed");
    assert_eq!(value(), None);
    assert_eq!(value(), None);
    // Only what changed is loaded again, whether or not there is such a file.
    let log = server.wait_for(|log| log.matches("GET /").count() == 4, "four requests");
    assert_eq!(log.matches("Reloaded").count(), 2, "{log}");
    project.write(".env", "A=3\n");
    assert_eq!(value().as_deref(), Some("3"));
    let left = project.dev(&["--no-env-file"]);
    assert!(!left.log().contains("Variables"), "{}", left.log());
}
