//! `pywagi cgi` and native Python behind the same lighttpd, a process for each request: `cargo bench --bench cgi`.
//!
//! Prints medians and 95th percentiles in milliseconds of one request at a time, by turns, and requests a second of four
//! clients. The ratios are what to look at, on a machine that does nothing else.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod support;

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{App, Client, Result, Sample};

const SCRIPTS: [&str; 3] = ["hello", "imports", "env"];
const CLIENTS: usize = 4;

fn main() -> Result<()> {
    let mut app = App::prepare()?;
    app.install_binary()?;
    // Whatever can be learnt is learnt before anything is measured.
    let paths = SCRIPTS.map(|script| format!("/{script}"));
    let warm = app.command(&["cache", "warm", "-q"]).args(&paths).status()?;
    if !warm.success() {
        return Err("the cache cannot be filled".into());
    }
    let server = Lighttpd::start(&app)?;
    println!("| | one at a time, ms | four clients, requests/s |\n|---|---|---|");
    for script in SCRIPTS {
        let paths = [format!("/wagi/{script}"), format!("/native/{script}.py")];
        let get = |path: &str| Client::connect(server.address)?.get(path, true);
        let samples = Sample::take_by_turns(200, [&mut || get(&paths[0]), &mut || get(&paths[1])])?;
        // By turns, too.
        let mut rates = [0.0; 2];
        for _ in 0..2 {
            for (path, rate) in paths.iter().zip(&mut rates) {
                *rate += server.rate(path, 200)? / 2.0;
            }
        }
        for ((way, sample), rate) in ["pywagi cgi", "native python3"].iter().zip(&samples).zip(rates) {
            println!("| {script}.py, {way} | {:.2} ({:.2}) | {rate:.0} |", sample.median(), sample.percentile(0.95));
        }
        let [ours, native] = samples.map(|sample| sample.median());
        println!(
            "{script}.py: {:.2} of native (goal 0.5); four clients: {:.2} of its requests (goal 2)",
            ours / native,
            rates[0] / rates[1]
        );
    }
    Ok(())
}

/// A lighttpd that runs both.
struct Lighttpd {
    child: Child,
    address: SocketAddr,
}

impl Lighttpd {
    fn start(app: &App) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let program = app.directory.join("pywagi-cgi");
        fs::copy(app.directory.join("pywagi"), &program)?;
        // The interpreter itself, not a script that finds it.
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let code = "import sys, os; print(os.path.realpath(sys.executable))";
        let python = String::from_utf8(Command::new(python).args(["-c", code]).output()?.stdout)?;
        println!("native python3 is {}\n", python.trim());
        let (root, cache) = (app.directory.display(), app.cache.display());
        let config = app.directory.join("lighttpd.conf");
        let text = format!(
            r#"server.modules = ( "mod_alias", "mod_cgi", "mod_setenv" )
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {}
setenv.set-environment = ( "PYWAGI_CACHE_DIR" => "{cache}" )
alias.url = ( "/wagi" => "{root}/modules.toml", "/native" => "{root}/code" )
cgi.assign = ( "modules.toml" => "{}", ".py" => "{}" )
"#,
            address.port(),
            program.display(),
            python.trim()
        );
        fs::write(&config, text)?;
        let directories =
            ["/usr/sbin", "/usr/local/sbin", "/usr/bin"].map(|directory| PathBuf::from(directory).join("lighttpd"));
        let lighttpd = directories.iter().find(|path| path.is_file()).ok_or("lighttpd is not installed")?;
        let mut command = Command::new(lighttpd);
        command.arg("-D").arg("-f").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self { child: command.spawn()?, address };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() || Instant::now() > deadline {
                return Err("lighttpd does not start".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Requests a second of some clients that ask for `path` as soon as they have their answers.
    fn rate(&self, path: &str, count: usize) -> Result<f64> {
        let clock = Instant::now();
        let done = std::thread::scope(|scope| {
            let client = || -> std::result::Result<(), String> {
                for _ in 0..count / CLIENTS {
                    let answer = Client::connect(self.address).map_err(|e| e.to_string())?.get(path, true);
                    answer.map_err(|e| e.to_string())?;
                }
                Ok(())
            };
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            clients.into_iter().try_for_each(|client| client.join().map_err(|_| "a client panicked".to_owned())?)
        });
        done?;
        Ok(count as f64 / clock.elapsed().as_secs_f64())
    }
}

impl Drop for Lighttpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
