//! lighttpd and Apache, as users of `pywagi cgi` run them: without rights, on a free port, ended with their test.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::run::{normal, scrub};
use super::{Connection, PATIENCE, Project, Reply, cache_dir};

/// A web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Lighttpd,
    Apache,
}

impl Kind {
    /// The program, where it is installed; else says that it is not.
    pub fn program(self) -> Option<PathBuf> {
        let name = match self {
            Self::Lighttpd => "lighttpd",
            Self::Apache => "apache2",
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
        let found = directories.map(|directory| directory.join(name)).find(|program| program.is_file());
        if found.is_none() {
            // Not by a macro, whose text is not seen if the test passes.
            let _ = writeln!(std::io::stderr(), "SKIPPED: there is no {name} to run `pywagi cgi`");
        }
        found
    }
}

/// A running web server.
pub struct WebServer {
    child: Child,
    root: PathBuf,
    _directory: Arc<TempDir>,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is.
    pub kind: Kind,
}

impl WebServer {
    /// Starts it for `project`, whose `program` it runs as a CGI program for all that is below `mount`; empty for all paths. `None`
    /// where it is not installed.
    pub fn start(kind: Kind, project: &Project, mount: &str, program: &str) -> Option<Self> {
        Self::start_with_cache(kind, project, mount, program, &cache_dir())
    }

    /// As [`WebServer::start`], with another cache.
    pub fn start_with_cache(kind: Kind, project: &Project, mount: &str, program: &str, cache: &Path) -> Option<Self> {
        Self::start_with(kind, project, |port| match kind {
            Kind::Lighttpd => lighttpd(project.root(), port, mount, program, cache),
            Kind::Apache => apache(project.root(), port, mount, program, cache),
        })
    }

    /// Starts it with the configuration that `config` makes for a port. It must log to `log/server.log`.
    pub fn start_with(kind: Kind, project: &Project, config: impl Fn(u16) -> String) -> Option<Self> {
        let server = kind.program()?;
        std::fs::create_dir_all(project.path("log")).expect("a directory for logs");
        // Another process may take the port before the server does.
        (0..10).find_map(|_| Self::try_start(kind, &server, project, &config)).or_else(|| {
            panic!("{kind:?} does not start:\n{}", log_of(project.root()));
        })
    }

    fn try_start(kind: Kind, server: &Path, project: &Project, config: impl Fn(u16) -> String) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        project.write("server.conf", config(address.port()));
        let mut command = unprivileged(server);
        command
            .arg(if kind == Kind::Lighttpd { "-D" } else { "-DFOREGROUND" })
            .arg("-f")
            .arg(project.path("server.conf"));
        scrub(&mut command, project.root());
        command.env("SECRET_OF_THE_SERVER", "secret").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the web server");
        let (root, directory) = (project.root().to_owned(), project.keep());
        let mut server = Self { child, root, _directory: directory, address, kind };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait().expect("a status").is_some() {
                return None;
            }
            assert!(Instant::now() < deadline, "{kind:?} does not listen:\n{}", server.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(server)
    }

    /// What it and its programs wrote to standard error so far, the project's directory as `[DIR]`.
    pub fn log(&self) -> String {
        log_of(&self.root)
    }

    /// Waits until the log holds `text`.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(Instant::now() < deadline, "no {text:?} in the log:\n{log}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends bytes on a connection of their own and reads all that comes back.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut connection = Connection::open(self.address);
        connection.send(bytes);
        connection.rest()
    }

    /// Sends a request made of `line` (`GET /path`), header lines and a body; reads the whole reply, a body in chunks put
    /// together.
    pub fn request(&self, line: &str, headers: &[String], body: &[u8]) -> Reply {
        let mut bytes = format!("{line} HTTP/1.1\r\nConnection: close\r\n").into_bytes();
        headers.iter().for_each(|header| bytes.extend_from_slice(format!("{header}\r\n").as_bytes()));
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        let mut reply = Reply::parse(&self.raw(bytes));
        if reply.header("Transfer-Encoding").is_some() {
            reply.body = unchunked(&reply.body);
        }
        reply
    }

    /// GET of a path.
    pub fn get(&self, target: &str) -> Reply {
        self.request(&format!("GET {target}"), &[format!("Host: {}", self.address)], b"")
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        // Apache's processes end with the first only if it ends them.
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        let asked = id.is_some_and(|id| rustix::process::kill_process(id, rustix::process::Signal::TERM).is_ok());
        let deadline = Instant::now() + Duration::from_secs(10);
        while asked && Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, for a user who has no rights but those to the files of the test. Servers refuse to run programs as root.
pub fn unprivileged(server: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(server);
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-user=1000", "--map-group=1000"]).arg(server);
    command
}

fn log_of(root: &Path) -> String {
    let files =
        ["server.log", "programs.log"].map(|name| std::fs::read(root.join("log").join(name)).unwrap_or_default());
    normal(&files.concat(), root)
}

fn lighttpd(root: &Path, port: u16, mount: &str, program: &str, cache: &Path) -> String {
    let (root, cache) = (root.display(), cache.display());
    format!(
        r#"server.modules = ( "mod_alias", "mod_cgi", "mod_setenv" )
server.document-root = "{root}/log"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{root}/log/server.log"
server.breakagelog = "{root}/log/programs.log"
setenv.set-environment = ( "PYWAGI_CACHE_DIR" => "{cache}" )
alias.url = ( "{mount}" => "{root}/{program}" )
cgi.assign = ( "{program}" => "" )
"#
    )
}

fn apache(root: &Path, port: u16, mount: &str, program: &str, cache: &Path) -> String {
    let (root, cache) = (root.display(), cache.display());
    let load = |name: &str| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
    let modules: String = ["mpm_event", "authz_core", "alias", "env", "cgid"].map(load).concat();
    // `/` takes all paths, and leaves SCRIPT_NAME empty, where the program's path ends with a slash, too.
    let alias = if mount.is_empty() { format!("/ {root}/{program}/") } else { format!("{mount} {root}/{program}") };
    format!(
        r#"{modules}ServerRoot "{root}"
ServerName server.test
Listen 127.0.0.1:{port}
PidFile "{root}/log/server.pid"
ErrorLog "{root}/log/server.log"
ScriptSock "{root}/log/socket"
SetEnv PYWAGI_CACHE_DIR "{cache}"
ScriptAlias {alias}
<Directory "{root}">
    Require all granted
</Directory>
"#
    )
}

/// The body that was sent in these chunks.
fn unchunked(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|pair| pair == b"\r\n").expect("the size of a chunk");
        let size = std::str::from_utf8(&chunks[..end]).expect("a size");
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or_else(|e| panic!("{size}: {e}"));
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[end + 4 + size..];
    }
}
