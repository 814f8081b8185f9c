//! `pywagi replay --trace` and `--pdb`.

use super::{ids, newest, replay};
use crate::support::{ONE, Project, python_modules, wat};

const SCRIPT: &str = "\
import helper
print('Content-Type: text/plain\\n')
try:
    print(helper.half(0))
finally:
    state = 'closed'
";

const HELPER: &str = "\
def half(n):
    return 2 / n
";

/// An app with a recording of a request that failed, from a saved interpreter.
fn failed() -> Project {
    let project =
        Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", SCRIPT).file("code/helper.py", HELPER);
    // The first request may be a cold start.
    for _ in 0..2 {
        project.pywagi(["invoke", "/", "-q", "--record", "rec"]).output().code(3);
    }
    project
}

/// The line that `said` begins with, without the ID and the time.
fn step(said: &str) -> String {
    let said = said.trim_start();
    let (verb, rest) = said.split_once(' ').unwrap_or_else(|| panic!("no step: {said}"));
    let rest = rest.get("12345".len()..).unwrap_or_default();
    match rest.split_once(" of 2") {
        Some((before, after)) => format!("{verb} ID{before} of TIME{}", &after["026-01-31 12:00:00".len()..]),
        None => format!("{verb} ID{rest}"),
    }
}

#[test]
fn a_trace_goes_to_standard_output() {
    let run = replay(&failed(), &["latest", "--record", "rec", "--trace"]);
    let text = run.code(0).stdout_text();
    assert!(text.starts_with("/code/app.py\n    1  import helper\n"), "{run}");
    let end = "\
         call half(n=0)
      2  return 2 / n
         raise ZeroDivisionError('division by zero')
         half is left by ZeroDivisionError
/code/app.py
    6  state = 'closed'
         state = 'closed'
       <module> is left by ZeroDivisionError
";
    assert!(text.ends_with(end), "{run}");
    let said = step(&run.stderr_text());
    assert_eq!(said.split(", 5").next(), Some("Replayed ID: GET / of TIME"), "{run}");
    assert!(said.contains(", 500, exit code 1, "), "{run}");
}

#[test]
fn a_trace_has_colours_where_they_are_asked_for() {
    let run = replay(&failed(), &["latest", "--record", "rec", "--trace", "--color", "always"]);
    let line = "  \x1b[2m     \x1b[0m  \x1b[31mraise ZeroDivisionError('division by zero')\x1b[0m\n";
    assert!(run.code(0).stdout_text().contains(line), "{run}");
}

#[test]
fn pdb_reads_commands_from_a_pipe() {
    let project = failed();
    let id = ids(&replay(&project, &["--record", "rec"]))[0].clone();
    let arguments = ["replay", &id, "--record", "rec", "--pdb"];
    let run = project
        .pywagi(arguments.iter().chain(&["--until", "error"]))
        .stdin("p n\nu\np 'state' in globals()\nc\n")
        .output();
    let stopped = "\
ZeroDivisionError: division by zero
> /code/helper.py(2)half()
-> return 2 / n
(Pdb) 0
(Pdb) > /code/app.py(4)<module>()
-> print(helper.half(0))
(Pdb) False
(Pdb) ";
    run.code(0).stdout(stopped);
    assert!(step(&run.stderr_text()).starts_with("Replayed ID: GET / of TIME, 500, exit code 1, "), "{run}");

    let run = project.pywagi(arguments.iter().chain(&["--until", "ArithmeticError"])).stdin("c\n").output();
    assert!(run.code(0).stdout_text().starts_with("ZeroDivisionError: "), "{run}");

    // At the end of the input the session ends.
    let run = project.pywagi(arguments).stdin("b helper:2\nc\np n\n").output();
    assert!(run.code(0).stdout_text().ends_with("-> return 2 / n\n(Pdb) 0\n(Pdb) \n"), "{run}");
    assert_eq!(step(&run.stderr_text()), "Left ID before the end of its run\n", "{run}");
}

#[test]
fn pdb_needs_a_saved_interpreter_of_python() {
    let guest = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    guest.pywagi(["invoke", "/", "-q", "--record", "rec"]).output().code(0);
    let id = ids(&replay(&guest, &["--record", "rec"]))[0].clone();
    for flag in ["--pdb", "--trace"] {
        let message = format!(
            "error: rec/{id}.replay cannot be debugged: it was a cold start, and a debugger needs a saved interpreter of CPython: \
             send the request again, warm\n  help: `pywagi replay rec/{id}.replay` replays it without a debugger\n"
        );
        replay(&guest, &[&format!("rec/{id}.replay"), flag]).code(1).stdout("").stderr(&message);
    }
}

#[test]
fn flags_of_debuggers_go_with_a_recording_and_with_no_answer() {
    let project = Project::empty();
    for (arguments, wrong) in [
        (&["--pdb"][..], "the following required arguments were not provided"),
        (&["latest", "--until", "error"], "the following required arguments were not provided"),
        (&["latest", "--pdb", "--trace"], "the argument '--pdb' cannot be used with '--trace'"),
        (&["latest", "--trace", "-i"], "the argument '--trace' cannot be used with '--include'"),
        (&["latest", "--pdb", "-o", "x"], "the argument '--pdb' cannot be used with '--output <FILE>'"),
    ] {
        let run = replay(&project, arguments);
        assert!(run.code(2).stdout("").stderr_text().contains(wrong), "{run}");
    }
}

#[test]
fn a_request_of_a_server_is_debugged_after_its_script_has_changed() {
    let project = Project::new(&python_modules(&[("/...", "app.py")]))
        .file("code/app.py", SCRIPT)
        .file("code/helper.py", HELPER)
        .file("code/data.txt", "as it is now");
    let server = project.dev(&[]);
    for target in ["/one", "/two"] {
        newest(&project, &server, target);
    }
    let id = newest(&project, &server, "/three?x=1");
    project.write("code/app.py", "edited = 1\n");
    let run = project
        .pywagi(["replay", &id, "--pdb"])
        .stdin("l 4,4\np open('/code/data.txt').read()\n!open('/code/new', 'w')\nc\n")
        .output();
    let shown = "\
> /code/app.py(1)<module>()
-> import helper
(Pdb)   4  \t    print(helper.half(0))
(Pdb) 'as it is now'
(Pdb) *** PermissionError: [Errno 63] Operation not permitted: '/code/new'
(Pdb) ";
    run.code(0).stdout(shown);
    assert!(step(&run.stderr_text()).starts_with("Replayed ID: GET /three?x=1 of TIME, 500, exit code 1, "), "{run}");
    assert!(!project.path("code/new").exists());
}

#[test]
fn paths_that_a_file_names_are_not_opened() {
    let project = failed();
    let id = ids(&replay(&project, &["--record", "rec"]))[0].clone();
    let file = project.path(&format!("rec/{id}.replay"));
    let typed = "import os; print(os.listdir('/code'))\nc\n";
    let elsewhere = Project::empty();
    let run = elsewhere.pywagi([std::ffi::OsStr::new("replay"), "--pdb".as_ref(), file.as_ref()]).stdin(typed).output();
    run.code(0).stdout("> /code/app.py(1)<module>()\n-> import helper\n(Pdb) []\n(Pdb) ");
    // The volumes of the app are.
    let run = project.pywagi(["replay", &id, "--record", "rec", "--pdb"]).stdin(typed).output();
    run.code(0).stdout_has("'helper.py'");
}
