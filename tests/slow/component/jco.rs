//! `jco serve`, a host in JavaScript: components run on more than wasmtime. npm fetches it, where there is npm.

use std::ffi::OsStr;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{build, project};
use crate::support::{Connection, Reply, shared};

const JCO: &str = "@bytecodealliance/jco@1.35.0";

/// How long it may take until it listens: it translates the component first.
const START: Duration = Duration::from_secs(60);

/// A running `jco serve`; killed when dropped.
struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Serve {
    fn start(jco: &Path, component: &Path) -> Self {
        // It does not say which port the system chose.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let mut command = Command::new(jco);
        command.args(["serve", "--isolate-requests", "instance", "--host", "127.0.0.1", "--port"]);
        command.arg(address.port().to_string()).arg(component);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self { child: child.expect("jco runs"), address };
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            let ended = server.child.try_wait().expect("its state is known");
            assert!(ended.is_none(), "jco ended with {ended:?}");
            assert!(Instant::now() < deadline, "jco does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn request(&self, line: &str, body: &str) -> Reply {
        let mut connection = Connection::open(self.address);
        let length = body.len();
        connection.send(format!(
            "{line} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        Reply::parse(&connection.rest())
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, which npm installs once; `None` where that cannot be.
fn jco() -> Option<PathBuf> {
    let all = shared("jco");
    let lock = std::fs::File::create(all.join("lock")).expect("a lock file");
    lock.lock().expect("the lock file can be locked");
    let program = all.join("node_modules/.bin/jco");
    if !program.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"].map(OsStr::new)).arg(&all).arg(JCO);
        let why = match npm.stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => return Some(program),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => format!("npm: {error}"),
        };
        // Not by a macro, whose text is not seen if the test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {JCO} is not to be had: {why}");
        return None;
    }
    Some(program)
}

#[test]
fn jco_serve_runs_a_component_too() {
    let Some(jco) = jco() else { return };
    let script = "import os, random, sys\nprint('Content-Type: text/plain\\n')\n\
                  print(os.environ['REQUEST_METHOD'], sys.argv[1:], sys.stdin.read(), len(sys.modules), sep=';')\nprint(random.random())\n";
    let project = project(script);
    let server = Serve::start(&jco, &build(&project, &[]));
    let told = |line: &str, body: &str| {
        let reply = server.request(line, body);
        assert_eq!(reply.status(), 200, "{}", reply.text());
        let (told, random) = reply
            .text()
            .split_once('\n')
            .map(|(told, random)| (told.to_owned(), random.to_owned()))
            .expect("two lines");
        let (told, modules) = told.rsplit_once(';').expect("the number of modules");
        (told.to_owned(), modules.to_owned(), random)
    };
    let (first, modules, random) = told("GET /?a&b", "");
    assert_eq!(first, "GET;['a', 'b'];");
    let (second, modules_of_second, another) = told("POST /x", "a body");
    assert_eq!((second.as_str(), modules_of_second), ("POST;[];a body", modules));
    assert_ne!(random, another);
}
