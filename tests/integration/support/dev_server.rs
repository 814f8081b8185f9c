//! A `pywagi dev` that never outlives its test.

use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use tempfile::TempDir;

use super::{Connection, PATIENCE, Project, Reply, run::normal};

/// What the server printed so far, and whether more can come.
#[derive(Default)]
struct Log {
    text: Mutex<(Vec<u8>, bool)>,
    grown: Condvar,
}

/// A running `pywagi dev`; killed when dropped.
pub struct DevServer {
    child: Child,
    log: Arc<Log>,
    root: PathBuf,
    _directory: Arc<TempDir>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl DevServer {
    /// Starts it on a free port of the loopback address and waits for the banner's end.
    pub fn start(project: &Project, arguments: &[&str]) -> Self {
        Self::started(project, "", "127.0.0.1:0", arguments)
    }

    /// As [`DevServer::start`], in a directory of the project.
    pub fn start_in(project: &Project, directory: &str, arguments: &[&str]) -> Self {
        Self::started(project, directory, "127.0.0.1:0", arguments)
    }

    /// As [`DevServer::start`], on another address.
    pub fn start_on(project: &Project, listen: &str, arguments: &[&str]) -> Self {
        Self::started(project, "", listen, arguments)
    }

    /// Starts it with these arguments and waits for nothing; its address is for the caller to find out.
    pub fn start_unawaited(project: &Project, arguments: &[&str]) -> Self {
        Self::spawn(project, "", arguments)
    }

    /// Starts it on `address` with `--quiet`, and waits until it accepts.
    pub fn start_quietly(project: &Project, address: SocketAddr) -> Self {
        let mut server = Self::spawn(project, "", &["--listen", &address.to_string(), "--quiet"]);
        server.address = address;
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            assert!(server.child.try_wait().expect("a status").is_none(), "the server ended:\n{}", server.log());
            assert!(Instant::now() < deadline, "the server does not listen:\n{}", server.log());
            std::thread::yield_now();
        }
        server
    }

    fn started(project: &Project, directory: &str, listen: &str, arguments: &[&str]) -> Self {
        Self::listening(Self::spawn(project, directory, &[&["--listen", listen], arguments].concat()))
    }

    /// Waits for the banner's end and takes the address from it.
    fn listening(mut server: Self) -> Self {
        let banner = server.wait_for_log("Press Ctrl-C to stop");
        let serving = banner.split("Serving").nth(1).expect("the banner's first line");
        let (_, url) = serving.split_once("://").expect("the banner names the URL");
        let authority: String = url.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        let listening: SocketAddr = authority.parse().unwrap_or_else(|e| panic!("{authority}: {e}\n{banner}"));
        server.address = SocketAddr::from(([127, 0, 0, 1], listening.port()));
        server
    }

    /// As [`DevServer::start`], by a shell that runs `first` before it, such as `ulimit -n 50`.
    #[cfg(unix)]
    pub fn start_after(project: &Project, first: &str, arguments: &[&str]) -> Self {
        let run = project.pywagi(["dev", "--listen", "127.0.0.1:0"].iter().chain(arguments)).into_command();
        Self::listening(Self::spawned(project, super::after(first, &run)))
    }

    fn spawn(project: &Project, directory: &str, arguments: &[&str]) -> Self {
        Self::spawned(project, project.pywagi(["dev"].iter().chain(arguments)).within(directory).into_command())
    }

    fn spawned(project: &Project, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let log = Arc::new(Log::default());
        let mut stderr = child.stderr.take().expect("piped");
        let writer = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = stderr.read(&mut buffer).expect("the pipe is readable");
                let mut text = writer.text.lock().expect("no reader panics while it holds the log");
                text.0.extend_from_slice(&buffer[..count]);
                text.1 = count == 0;
                writer.grown.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { child, log, root: project.root().to_owned(), _directory: project.keep(), address }
    }

    /// Waits until the log holds `text`, then returns the log so far, the project's directory as `[DIR]`.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) -> String {
        self.wait_for(|log| log.contains(text), text)
    }

    /// Waits until the log satisfies a condition.
    #[track_caller]
    pub fn wait_for(&self, condition: impl Fn(&str) -> bool, what: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut guard = self.log.text.lock().expect("the log's reader does not panic");
        loop {
            let log = normal(&guard.0, &self.root);
            if condition(&log) {
                return log;
            }
            assert!(!guard.1, "the server ended without {what:?} in its log:\n{log}");
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what:?} in the log:\n{log}");
            guard = self.log.grown.wait_timeout(guard, left).expect("the log's reader does not panic").0;
        }
    }

    /// The log so far, the project's directory as `[DIR]`.
    pub fn log(&self) -> String {
        normal(&self.log.text.lock().expect("the log's reader does not panic").0, &self.root)
    }

    /// Opens a connection.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// Sends raw bytes on a connection of their own and reads all that comes back. The bytes must ask the server to
    /// close the connection.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut connection = self.connect();
        connection.send(bytes);
        connection.rest()
    }

    /// Sends a request made of `line` (`GET /path`), header lines and a body; reads the whole reply.
    pub fn request(&self, line: &str, headers: &[&str], body: &[u8]) -> Reply {
        let mut bytes = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address).into_bytes();
        for header in headers {
            bytes.extend_from_slice(format!("{header}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Reply::parse(&self.raw(bytes))
    }

    /// GET of a path.
    pub fn get(&self, target: &str) -> Reply {
        self.request(&format!("GET {target}"), &[], b"")
    }

    /// Sends a signal to it.
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.id(), signal).expect("the process can be signalled");
    }

    #[cfg(unix)]
    fn id(&self) -> rustix::process::Pid {
        let id = i32::try_from(self.child.id()).expect("a process id");
        rustix::process::Pid::from_raw(id).expect("a process id")
    }

    /// Lets it have so many files open, from now on; returns how many it could have before.
    #[cfg(target_os = "linux")]
    pub fn limit_files(&self, most: u64) -> u64 {
        let files = rustix::process::Resource::Nofile;
        let mut limit = rustix::process::getrlimit(files);
        limit.current = Some(most);
        let before = rustix::process::prlimit(Some(self.id()), files, limit).expect("a process of ours");
        before.current.unwrap_or(u64::MAX)
    }

    /// How many files it has open.
    #[cfg(target_os = "linux")]
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("the process runs").count()
    }

    /// Waits for its end; its exit status and whole log.
    pub fn wait(mut self) -> (ExitStatus, String) {
        // Its standard error is closed when it ends, so that waiting for that has a deadline, which wait() has not.
        let deadline = Instant::now() + PATIENCE;
        let mut guard = self.log.text.lock().expect("the log's reader does not panic");
        while !guard.1 {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the server does not end:\n{}", normal(&guard.0, &self.root));
            guard = self.log.grown.wait_timeout(guard, left).expect("the log's reader does not panic").0;
        }
        let log = normal(&guard.0, &self.root);
        drop(guard);
        (self.child.wait().expect("the process ends"), log)
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        // It has ended already where the test waited for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
