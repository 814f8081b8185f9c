//! Single keys in the terminal of `dev`.

use std::os::unix::fs::PermissionsExt;

use expectrl::process::unix::{Signal, WaitStatus};
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use crate::support::{ONE, PATIENCE, Project, Reply, wat};

/// A `dev` on a pseudo-terminal.
struct Terminal(OsSession);

impl Terminal {
    fn start(project: &Project) -> Self {
        let run = project.pywagi(["dev", "--listen", "127.0.0.1:0", "--color", "never"]);
        let path = format!("{}:{}", project.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut session = Session::spawn(run.env("PATH", path).into_command()).expect("a process on a pseudo-terminal");
        session.set_expect_timeout(Some(PATIENCE));
        Self(session)
    }

    /// Waits until the terminal shows a text; returns what came before it.
    #[track_caller]
    fn shows(&mut self, text: &str) -> String {
        let found = self.0.expect(text).unwrap_or_else(|e| panic!("{text:?} is not shown: {e}"));
        String::from_utf8_lossy(found.before()).into_owned()
    }

    #[track_caller]
    fn press(&mut self, keys: &str) {
        self.0.send(keys).expect("the process reads its terminal");
    }
}

fn app() -> Project {
    let project = Project::new(ONE)
        .file("guest.wat", wat::prints("Content-Type: text/plain\n\nfine"))
        .file("bin/xdg-open", "#!/bin/sh\necho \"$1\" >> \"$0.opened\"\n");
    let opener = project.path("bin/xdg-open");
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).expect("its mode can be set");
    project
}

#[test]
fn each_key_does_what_the_help_says() {
    let project = app();
    let mut terminal = Terminal::start(&project);
    terminal.shows("Serving http://");
    let address = terminal.shows(" from modules.toml").trim().to_owned();
    terminal.shows("Ready Press h for help, q to quit\r\n");
    terminal.press("h");
    for about in ["o open the app in the browser", "r repeat the last request", "q quit"] {
        terminal.shows(about);
    }
    terminal.press("r");
    terminal.shows("Repeat no request has come yet\r\n");
    let mut client = std::net::TcpStream::connect(&address).expect("the server accepts");
    let request = format!("GET /a?b HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut client, request.as_bytes()).expect("the server reads");
    let mut answer = Vec::new();
    std::io::Read::read_to_end(&mut client, &mut answer).expect("the server answers");
    assert_eq!(Reply::parse(&answer).text(), "fine");
    terminal.shows("GET /a?b 200 4 B");
    terminal.press("R");
    terminal.shows("GET /a?b 200 4 B");
    terminal.press("oi");
    terminal.press("c");
    terminal.shows("\x1b[2J");
    // What else is typed is not shown, and does nothing.
    terminal.press("xyz\n");
    terminal.press("q");
    let rest = terminal.0.expect(Eof).expect("the process ends");
    let rest = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    assert!(rest.contains("Stopped http://") && !rest.contains("xyz"), "{rest}");
    let ended = terminal.0.get_process().wait().expect("it can be waited for");
    assert!(matches!(ended, WaitStatus::Exited(_, 0)), "{ended:?}");
    let opened = project.read("bin/xdg-open.opened");
    assert!(opened.contains(&format!("http://{address}\n")), "{opened}");
    assert!(opened.contains(&format!("http://{address}/__pywagi/\n")), "{opened}");
}

#[test]
fn ctrl_c_ends_it_as_before() {
    let project = app();
    let mut terminal = Terminal::start(&project);
    terminal.shows("Ready");
    terminal.press("\x03");
    terminal.shows("Stopped http://");
    terminal.0.expect(Eof).expect("the process ends");
    let ended = terminal.0.get_process().wait().expect("it can be waited for");
    assert!(matches!(ended, WaitStatus::Exited(_, 0)), "{ended:?}");
}

#[test]
fn a_job_that_was_stopped_goes_on_with_its_keys() {
    let project = app();
    let mut terminal = Terminal::start(&project);
    terminal.shows("Ready");
    let process = terminal.0.get_process_mut();
    process.signal(Signal::SIGSTOP).expect("it can be stopped");
    process.signal(Signal::SIGCONT).expect("it can be continued");
    terminal.press("h");
    terminal.shows("q quit");
    terminal.press("q");
    terminal.0.expect(Eof).expect("the process ends");
}
