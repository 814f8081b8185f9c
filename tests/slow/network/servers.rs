//! PostgreSQL, MariaDB and Redis as they are installed, without rights, on a free port, ended with their test.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::tls::Pair;
use crate::support::PATIENCE;
use crate::support::web_server::unprivileged;

/// A database server. Each has the account `wagi` with the password `secret`, and a database `wagi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    MariaDb,
    Redis,
}

/// A running server.
pub struct Database {
    child: Child,
    kind: Kind,
    /// Where it listens.
    pub address: SocketAddr,
    // Removed when the server has ended.
    _directory: TempDir,
}

impl Kind {
    /// The names of the server's program and of what makes its files.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgres", "initdb"],
            Self::MariaDb => &["mariadbd", "mariadb-install-db"],
            Self::Redis => &["redis-server"],
        }
    }

    /// The programs, where they are installed; else says that they are not.
    fn installed(self) -> Option<Vec<PathBuf>> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<_> = std::env::split_paths(&path).chain(["/usr/sbin".into()]).collect();
        // Debian keeps versions of PostgreSQL beside each other.
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        directories.extend(versions.map(|version| version.path().join("bin")));
        let find = |name: &&str| directories.iter().map(|directory| directory.join(name)).find(|path| path.is_file());
        let found: Option<Vec<_>> = self.programs().iter().map(find).collect();
        if found.is_none() {
            // Not by a macro, whose text is not seen if the test passes.
            let _ = writeln!(std::io::stderr(), "SKIPPED: there is no {} to connect to", self.programs()[0]);
        }
        found
    }

    /// Starts one, which has this certificate if it has TLS. `None` where it is not installed.
    pub fn start(self, pair: &Pair) -> Option<Database> {
        let programs = self.installed()?;
        let directory = TempDir::with_prefix("pywagi-database-").expect("a directory");
        let root = directory.path();
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("written");
        write("password", "secret\n");
        write("cert.pem", &pair.certificate);
        write("key.pem", &pair.key);
        rustix::fs::chmod(root.join("key.pem"), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
            .expect("its mode is set");
        write(
            "init.sql",
            "CREATE DATABASE wagi;\nCREATE USER wagi@'%' IDENTIFIED BY 'secret';\nGRANT ALL ON wagi.* TO wagi@'%';\n",
        );
        let mut prepare = match self {
            Self::Postgres => {
                let mut command = unprivileged(&programs[1]);
                command.args(["-D", "data", "-U", "wagi", "-A", "scram-sha-256", "--pwfile=password"]);
                command.args(["--locale=C", "-E", "UTF8", "--no-sync"]);
                command
            }
            Self::MariaDb => {
                let mut command = unprivileged(&programs[1]);
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg(format!("--datadir={}", root.join("data").display()));
                command
            }
            Self::Redis => Command::new("true"),
        };
        let output = prepare.current_dir(root).stdin(Stdio::null()).output().expect("it starts");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{self:?}: {}", String::from_utf8_lossy(&said));
        // Another process may take the port before the server does.
        let started = (0..10).find_map(|_| self.try_start(&programs[0], root));
        let log = || std::fs::read_to_string(root.join("log")).unwrap_or_default();
        let (child, address) = started.unwrap_or_else(|| panic!("{self:?} does not start:\n{}", log()));
        let database = Database { child, kind: self, address, _directory: directory };
        if self == Self::Postgres {
            database.create();
        }
        Some(database)
    }

    fn command(self, program: &Path, root: &Path, port: u16) -> Command {
        let mut command = unprivileged(program);
        let arguments = match self {
            Self::Postgres => format!(
                "-D data -p {port} -h 127.0.0.1 -k {} -c fsync=off -c ssl=on -c ssl_cert_file={1}/cert.pem -c ssl_key_file={1}/key.pem",
                root.display(),
                root.display()
            ),
            Self::MariaDb => format!(
                "--no-defaults --datadir={0}/data --socket={0}/socket --pid-file={0}/pid --init-file={0}/init.sql --port={port} \
                 --bind-address=127.0.0.1 --skip-name-resolve --ssl-cert={0}/cert.pem --ssl-key={0}/key.pem",
                root.display()
            ),
            Self::Redis => {
                format!("--port {port} --bind 127.0.0.1 --dir {} --requirepass secret --save", root.display())
            }
        };
        command.args(arguments.split(' '));
        if self == Self::Redis {
            command.arg("");
        }
        command
    }

    fn try_start(self, program: &Path, root: &Path) -> Option<(Child, SocketAddr)> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let log = std::fs::File::create(root.join("log")).expect("a log");
        let mut command = self.command(program, root, address.port());
        command.current_dir(root).stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log);
        let mut child = command.spawn().expect("it starts");
        let deadline = Instant::now() + PATIENCE;
        while !self.answers(address) {
            if child.try_wait().expect("a status").is_some() {
                return None;
            }
            assert!(Instant::now() < deadline, "{self:?} does not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some((child, address))
    }

    /// Whether it serves clients by now: PostgreSQL and Redis listen earlier than that.
    fn answers(self, address: SocketAddr) -> bool {
        let Ok(mut stream) = TcpStream::connect(address) else { return false };
        let hello: &[u8] = match self {
            Self::Postgres => b"\0\0\0\x13\0\x03\0\0user\0wagi\0\0",
            Self::MariaDb => b"",
            Self::Redis => b"PING\r\n",
        };
        let mut reply = [0; 5];
        let is_read = stream.write_all(hello).and_then(|()| stream.read_exact(&mut reply)).is_ok();
        is_read
            && match self {
                Self::Postgres => reply[0] == b'R',
                Self::MariaDb => reply[4] == 10,
                Self::Redis => &reply == b"-NOAU",
            }
    }
}

impl Database {
    /// Makes the database that the others have from the start.
    fn create(&self) {
        let mut url = String::new();
        write!(url, "postgres://wagi:secret@{}/postgres", self.address).expect("a string takes text");
        let output = Command::new("psql").args([&url, "-qc", "CREATE DATABASE wagi"]).output().expect("psql");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // At once, with all of its processes.
        let signal = if self.kind == Kind::Postgres { Signal::QUIT } else { Signal::TERM };
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let is_asked = id.is_some_and(|id| kill_process(id, signal).is_ok());
        let deadline = Instant::now() + Duration::from_secs(20);
        while is_asked && Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
