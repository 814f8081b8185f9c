//! `dev` while nobody reads its log: a terminal that was stopped with Ctrl-S, a pipe to a program that hangs.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Connection, ONE, Project, Reply, wat};

/// A process that does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already where the test waited for that.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_log_that_nobody_reads_is_bounded_and_says_how_much_of_it_is_missing() {
    const REQUESTS: usize = 20;
    const LINES: usize = 10_000;
    let line = format!("{}\n", "x".repeat(99));
    let guest = wat::writes("Content-Type: a/b\n\nfine", line.repeat(LINES), 0);
    let project = Project::new(ONE).file("guest.wat", guest);
    let mut command = project.pywagi(["dev", "--listen", "127.0.0.1:0"]).into_command();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("the binary starts"));
    let mut log = BufReader::new(process.0.stderr.take().expect("piped"));
    let mut banner = String::new();
    while !banner.contains("Press Ctrl-C to stop\n") {
        assert!(log.read_line(&mut banner).expect("the log can be read") > 0, "{banner}");
    }
    let (_, url) = banner.split_once("http://").expect("the banner names the URL");
    let address: SocketAddr = url.split(' ').next().and_then(|url| url.parse().ok()).expect("an address");

    for _ in 0..REQUESTS {
        let mut connection = Connection::open(address);
        connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assert_eq!(Reply::parse(&connection.rest()).text(), "fine");
    }
    let id = Pid::from_raw(i32::try_from(process.0.id()).expect("a process id")).expect("a process id");
    kill_process(id, Signal::TERM).expect("the process can be signalled");
    let mut rest = String::new();
    log.read_to_string(&mut rest).expect("the log can be read");

    let shown = rest.matches(line.as_str()).count();
    let said = rest.split_once(" lines of the log were dropped: nobody read it\n").expect("it says so").0;
    let dropped: usize = said.rsplit("warning: ").next().and_then(|count| count.parse().ok()).expect("a number");
    // A few lines are cut where the pieces that a guest writes begin and end.
    let all = REQUESTS * (LINES + 1);
    assert!(
        shown < all / 2 && (all - 100..=all).contains(&(shown + dropped)),
        "{shown} of {all} shown, {dropped} dropped"
    );
}
