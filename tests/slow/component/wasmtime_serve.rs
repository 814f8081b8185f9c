//! `wasmtime serve`, where it is installed (`cargo install wasmtime-cli`).

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{build, project};
use crate::support::{Connection, Reply};

/// A running `wasmtime serve`; killed when dropped.
struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Serve {
    /// Serves a component on a free port; `None` where there is no wasmtime.
    fn start(component: &Path, flags: &[&str]) -> Option<Self> {
        let mut command = Command::new("wasmtime");
        command.arg("serve").args(["--addr", "127.0.0.1:0", "-O", "opt-level=0"]).args(flags).arg(component);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            eprintln!("SKIPPED: there is no wasmtime on PATH");
            return None;
        };
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        log.read_line(&mut line).expect("it says where it listens");
        let address =
            line.trim().strip_prefix("Serving HTTP on http://").and_then(|url| url.trim_end_matches('/').parse().ok());
        let address = address.unwrap_or_else(|| panic!("not where it listens: {line}"));
        // Its log is read, or it would stop when the pipe is full.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Some(Self { child, address })
    }

    fn get(&self, target: &str) -> Reply {
        let mut connection = Connection::open(self.address);
        connection.send(format!("GET {target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"));
        Reply::parse(&connection.rest())
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn wasmtime_serve_gives_a_directory_whose_files_last() {
    let script = "import os, sqlite3\n\
                  database = sqlite3.connect('/data/count.db')\n\
                  with database:\n    database.execute('CREATE TABLE IF NOT EXISTS visit (at)')\n    database.execute('INSERT INTO visit VALUES (1)')\n\
                  print('Content-Type: text/plain\\n')\n\
                  print(*database.execute('SELECT count(*) FROM visit').fetchone(), os.listdir('/data'))\n";
    let project = super::writable::project(script);
    let component = build(&project, &["--writable", "/data"]);
    let directory = format!("{}::/data", project.path("given").display());
    let Some(server) = Serve::start(&component, &["-S", "cli", "--dir", &directory]) else { return };
    for number in 1..4 {
        let reply = server.get("/");
        assert_eq!((reply.status(), reply.text()), (200, format!("{number} ['count.db']\n")));
    }
    assert!(project.path("given/count.db").is_file());
}

#[test]
fn wasmtime_serve_runs_a_component_with_its_default_flags_and_one_request_an_instance() {
    let project = project("import os\nprint('Content-Type: text/plain\\n')\nprint(os.environ['X_FULL_URL'])\n");
    let component = build(&project, &[]);
    let Some(server) = Serve::start(&component, &[]) else { return };
    for target in ["/", "/a/b?c=d", "/"] {
        let reply = server.get(target);
        assert_eq!((reply.status(), reply.text()), (200, format!("http://a.test:80{target}\n")));
    }
    // The interpreter has ended with the first answer.
    let reusing = Serve::start(&component, &["--max-instance-reuse-count", "10"]).expect("it is installed");
    assert_eq!(reusing.get("/").status(), 200);
    assert_eq!(reusing.get("/").status(), 500);
}
