//! Where `invoke` writes: the file of `-o`, the object of `--json`, and messages after a guest's unfinished line.

use crate::support::{ONE, Project, wat};

fn project(guest: impl AsRef<[u8]>) -> Project {
    Project::new(ONE).file("guest.wat", guest)
}

#[test]
fn a_file_that_cannot_be_written_costs_no_run() {
    let project = project(wat::writes("Content-Type: a/b\n\n", "the guest ran\n", 0)).directory("taken");
    let error = |path: &str| std::fs::File::options().write(true).open(project.path(path)).expect_err("no file");
    let absent = error("none/out");
    project
        .pywagi(["invoke", "/", "-q", "-o", "none/out"])
        .output()
        .code(1)
        .stdout("")
        .stderr(&format!("error: cannot write the answer to none/out: {absent}\n"));
    let taken = error("taken");
    project.pywagi(["invoke", "/", "-q", "-o", "taken"]).output().code(1).stdout("").stderr(&format!(
        "error: cannot write the answer to taken: {taken}\n  \
         help: something else is in its place: move that away, or give another path\n"
    ));
}

#[test]
fn a_file_keeps_its_content_until_there_is_an_answer() {
    let project = project(wat::prints("Content-Type: a/b\n\nnew")).file("old", "older and longer");
    let run = |arguments: &[&str]| project.pywagi(["invoke", "-q"].iter().chain(arguments)).output();
    run(&["/", "-o", "old", "--env-file", "none"]).code(1).stdout("");
    run(&["/", "-o", "fresh", "--env-file", "none"]).code(1).stdout("");
    assert_eq!(project.read("old"), "older and longer");
    assert!(!project.path("fresh").exists());
    run(&["/", "-o", "old"]).code(0).stdout("").stderr("");
    assert_eq!(project.read("old"), "new");
    // An answer is an answer, also where the guest failed.
    project.write("guest.wat", wat::writes("", "", 3));
    run(&["/", "-o", "old"]).code(3).stdout("");
    assert!(project.read("old").starts_with("500 Internal Server Error\n"));
    run(&["/", "-o", "/dev/null"]).code(3).stdout("");
}

#[test]
fn an_error_before_the_answer_is_json_too() {
    let project = project(wat::prints("Content-Type: a/b\n\nfine"));
    let run = |arguments: &[&str]| project.pywagi(["invoke", "--json", "-q"].iter().chain(arguments)).output();
    let object = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
    let absent = std::fs::File::open(project.path("none")).expect_err("absent");
    let message = format!("cannot read none: {absent}");
    let expected = serde_json::json!({
        "error": {"kind": "failed", "message": message, "help": "check the path and its permissions"}
    });
    let failed = run(&["/", "--env-file", "none"]);
    failed.code(1).stderr(&format!("error: {message}\n  help: check the path and its permissions\n"));
    assert_eq!(object(&failed.stdout), expected);
    assert!(failed.stdout.ends_with(b"}\n"));
    let told = run(&["/", "--env-file", "none", "-o", "object.json"]);
    told.code(1).stdout("");
    assert_eq!(object(project.read("object.json").as_bytes()), expected);
    let usage = run(&["/", "-H", "nocolon"]);
    usage.code(2);
    assert_eq!(object(&usage.stdout)["error"]["kind"], "usage");
    assert_eq!(object(&run(&["/", "-o", "none/x"]).code(1).stdout)["error"]["kind"], "failed");
    project.write("modules.toml", "[[module]]\nroute = 1\nmodule = \"guest.wat\"\n");
    let broken = object(&run(&["/"]).code(1).stdout);
    assert_eq!(
        broken["error"]["message"],
        "modules.toml:2:9: `route` must be a string, not an integer\n  |\n2 | route = 1\n  |         ^"
    );
    project.write("modules.toml", format!("{ONE}[[module]]\nroute = \"/other\"\nmodule = \"none.wat\"\n"));
    assert_eq!(object(&run(&["/"]).code(0).stdout)["error"], serde_json::Value::Null);
}

#[cfg(target_os = "linux")]
#[test]
fn an_error_whose_object_cannot_be_written_is_told_with_that() {
    let project = project(wat::prints("")).file(".env", "nonsense");
    let command = project.pywagi(["invoke", "/", "--json", "-q"]).into_command();
    let output = crate::support::after("exec >/dev/full", &command).output().expect("it runs");
    let expected = "error: cannot write to standard output: No space left on device (os error 28)\n  \
                    help: make room where it is to be written\n\
                    .env:1: `nonsense` is not NAME=VALUE\n  help: write NAME=VALUE, or begin a comment with #; \
                    if the file is not meant for this app, --no-env-file leaves it out\n";
    assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(1), expected));
}

#[test]
fn a_module_that_cannot_run_is_json_too() {
    let modules = format!("[[module]]\nroute = \"/other\"\nmodule = \"none.wat\"\n{ONE}");
    let project = Project::new(&modules).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let output = project.pywagi(["invoke", "/other", "--json", "-q"]).output();
    let object: serde_json::Value = serde_json::from_slice(&output.code(1).stdout).expect("JSON");
    let message = object["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with("modules.toml:3:10: there is no file "), "{message}");
}

#[test]
fn what_is_said_after_an_unfinished_line_of_the_guest_begins_on_its_own() {
    let failing = project(wat::writes("", "no line end", 3));
    let error = "error: guest.wat failed with exit code 3\n";
    failing.pywagi(["invoke", "/", "-q"]).output().code(3).stderr(&format!("no line end\n{error}"));
    let finished = project(wat::writes("", "a line\n", 3));
    finished.pywagi(["invoke", "/", "-q"]).output().code(3).stderr(&format!("a line\n{error}"));
    let warned = project(wat::writes("Content-Type: a/b\nnonsense\n\nbody", "no line end", 0));
    warned
        .pywagi(["invoke", "/", "-q"])
        .output()
        .code(0)
        .stdout("body")
        .stderr("no line end\nwarning: dropped the header line \"nonsense\": it has no colon\n");
    // Nothing is added where nothing is said.
    let silent = project(wat::writes("Content-Type: a/b\n\nbody", "no line end", 0));
    silent.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("body").stderr("no line end");
}

#[cfg(unix)]
#[test]
fn an_error_after_an_unfinished_body_on_the_same_screen_begins_on_its_own() {
    use expectrl::Expect;
    let project = project(wat::prints("Status: 418 Teapot\n\nshort and stout"));
    let command = project.pywagi(["invoke", "/", "-q", "--fail", "--color", "never"]).into_command();
    let mut session = expectrl::session::OsSession::spawn(command).expect("a terminal");
    session.set_expect_timeout(Some(crate::support::PATIENCE));
    session
        .expect("short and stout\r\nerror: the answer's status is 418 Teapot\r\n")
        .expect("the error is on a line of its own");
}

#[test]
fn no_time_limit_at_all_is_zero() {
    let project = Project::new(&format!("{ONE}timeout = \"1ms\"\n"))
        .file("guest.wat", wat::prints_and_counts("Content-Type: a/b\n\nfine"));
    let run = |arguments: &[&str]| project.pywagi(["invoke", "/", "-q"].iter().chain(arguments)).output();
    run(&[]).code(3).stderr(
        "error: guest.wat was stopped after 1ms, the time limit\n  \
         help: give it more time: raise `timeout` of its module in modules.toml\n",
    );
    run(&["--timeout", "0"]).code(0).stdout("fine").stderr("");
    project.write("modules.toml", format!("{ONE}timeout = 0\n"));
    run(&[]).code(0).stdout("fine").stderr("");
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_descriptors_are_told_to_be_raised() {
    let volumes: String = (0..40).map(|i| format!("\"/{i}\" = \".\", ")).collect();
    let project = Project::new(&format!("{ONE}volumes = {{ {volumes} }}\n")).file("guest.wat", wat::prints("x"));
    let run = |first: &str| {
        let command = project.pywagi(["invoke", "/", "-q"]).into_command();
        let output = crate::support::after(first, &command).output().expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).replace(&*project.root().to_string_lossy(), "[DIR]"),
        )
    };
    let more = "  help: let it open more files: raise the limit with `ulimit -n`\n";
    let (code, stderr) = run("ulimit -n 25");
    let (volume, _) = stderr.split_once(" cannot be opened").expect("a volume");
    let expected = format!("{volume} cannot be opened: [DIR]/.: Too many open files (os error 24)\n{more}");
    assert_eq!((code, stderr.as_str()), (Some(1), expected.as_str()));
    assert!(volume.starts_with("error: guest.wat could not be started: the volume /"), "{volume}");
    let command = project.pywagi(["invoke", "/", "-q", "-d", "@guest.wat"]).into_command();
    let output = crate::support::after("ulimit -n 3", &command).output().expect("it runs");
    assert_ne!(output.status.code(), Some(0));
}
