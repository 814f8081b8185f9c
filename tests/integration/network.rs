//! Connections of scripts, by servers on the loopback address that answer, or do not. What may be connected to is tested in
//! allowed_hosts.rs, real clients and servers in tests/slow/network.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

#[cfg(unix)]
use crate::support::{Connection, DevServer};
use crate::support::{Project, python_modules};

/// A server that does `answer` with each client. It ends with the process.
fn server(answer: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    address
}

/// A server that keeps its clients and says nothing.
fn silent() -> SocketAddr {
    let (keep, kept) = std::sync::mpsc::channel();
    std::thread::spawn(move || kept.into_iter().collect::<Vec<TcpStream>>());
    server(move |client| keep.send(client).expect("it is kept"))
}

/// An app whose `/` runs `script` with the variables HOST and PORT, and may connect to them.
fn project(address: SocketAddr, script: &str) -> Project {
    let modules = python_modules(&[("/", "app.py")]);
    let keys = format!(
        "allowed_hosts = [\"{address}\"]\nenvironment = {{ HOST = \"{}\", PORT = \"{}\" }}\n",
        address.ip(),
        address.port()
    );
    let script = format!(
        "import os, socket, sys\naddress = os.environ['HOST'], int(os.environ['PORT'])\n\
         print('Content-Type: text/plain\\n', flush=True)\n{script}\n"
    );
    Project::new(&(modules.trim_end().to_owned() + "\n" + &keys)).file("code/app.py", script)
}

/// Ways to wait for a server that says nothing.
const WAITS: [&str; 6] = [
    "socket.create_connection(address).recv(1)",
    "s = socket.create_connection(address); s.settimeout(600); s.recv(1)",
    "s = socket.create_connection(address)\nwhile True: s.sendall(bytes(1 << 20))",
    "import select; select.select([socket.create_connection(address)], [], [])",
    "import ssl; ssl._create_unverified_context().wrap_socket(socket.create_connection(address))",
    "import asyncio\nasync def wait():\n    reader, _ = await asyncio.open_connection(*address)\n    await reader.read()\n\
     asyncio.run(wait())",
];

#[test]
fn a_script_that_waits_ends_at_its_time_limit() {
    for (wait, flag) in WAITS.iter().zip([None, Some("--cold")].into_iter().cycle()) {
        let project = project(silent(), wait);
        let run = project.pywagi(["invoke", "/", "-q", "--timeout", "1s"].into_iter().chain(flag)).output();
        run.code(3).stderr_has("was stopped after 1s, the time limit");
    }
}

#[cfg(unix)]
#[test]
fn a_script_that_waits_ends_when_its_client_leaves_or_the_server_stops() {
    let ask = |server: &DevServer| -> Connection {
        let mut connection = server.connect();
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        connection
    };
    let script = format!("print('begun', file=sys.stderr, flush=True)\n{}", WAITS[0]);
    let server = project(silent(), &script).dev(&["--timeout", "10m"]);
    let connection = ask(&server);
    server.wait_for_log("begun\n");
    drop(connection);
    server.wait_for_log("GET / 499 not sent, the client left ");
    let _connection = ask(&server);
    server.wait_for(|log| log.matches("begun\n").count() == 2, "the second request");
    server.signal(rustix::process::Signal::INT);
    server.wait_for_log("Stopping after the current request");
    server.signal(rustix::process::Signal::INT);
    let (_, log) = server.wait();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn what_a_server_does_wrong_is_an_error_of_pythons() {
    let script = "try:\n    s = socket.create_connection(address)\n    s.sendall(b'x')\n    print(s.recv(10))\n    print(s.recv(10))\n\
                  except OSError as error:\n    print(type(error).__name__, error.errno == __import__('errno').ECONNRESET)";
    let resets = server(|client| {
        let mut byte = [0];
        (&client).read_exact(&mut byte).expect("a byte");
        // What is closed with a time to linger of none is reset.
        socket2::SockRef::from(&client).set_linger(Some(std::time::Duration::ZERO)).expect("set");
    });
    let invoke = |project: Project| project.pywagi(["invoke", "/", "-q"]).output();
    invoke(project(resets, script)).code(0).stdout("ConnectionResetError True\n");
    let ends = server(|client| {
        (&client).read_exact(&mut [0]).expect("a byte");
        (&client).write_all(b"half").expect("written");
    });
    invoke(project(ends, script)).code(0).stdout("b'half'\nb''\n");
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let refused = "try: socket.create_connection(address)\nexcept ConnectionRefusedError as error: print(error)";
    let told = format!("[Errno 14] cannot connect to 127.0.0.1, port {}\n", gone.port());
    invoke(project(gone, refused)).code(0).stdout(told);
}

#[test]
fn connections_are_limited_and_end_with_their_run() {
    let script = "made, kept = 0, []\n\
                  try:\n    for _ in range(1200):\n        kept.append(socket.create_connection(address))\n\
                  except OSError as error:\n    print(len(kept), error.strerror)\n\
                  kept.clear()\n\
                  try:\n    for made in range(1200): socket.create_connection(address).close()\n\
                  except OSError as error:\n    print(made, error.strerror)";
    let server = project(server(drop), script).dev(&[]);
    let expected = "64 64 sockets are open in this request, which is the limit\n\
                    936 this request has asked for 1000 connections, which is the limit\n";
    assert_eq!(server.get("/").text(), expected);
    assert_eq!(server.get("/").text(), expected);
    // By then it has saved what it saves.
    let log = server.wait_for(|log| log.matches("and 990 more connections").count() == 2, "two requests");
    assert!(log.contains("no connection to ") || log.contains("connected to "), "{log}");
    #[cfg(target_os = "linux")]
    assert!(server.open_files() < 64, "{}", server.open_files());
}

#[test]
fn files_without_end_leave_the_descriptors_of_sockets_alone() {
    let script = "s, files = socket.create_connection(address), []\n\
                  try:\n    for _ in range(2000): files.append(open(__file__))\n\
                  except OSError as error:\n    print(error.errno == __import__('errno').EMFILE, len(files) < 1000)\n\
                  print(s.recv(5), s.getpeername() == address)";
    let greets = server(|mut client| client.write_all(b"hello").expect("written"));
    // Where this process may open as many.
    let run = project(greets, script).pywagi(["invoke", "/", "-q", "--cold"]).output();
    run.code(0).stdout("True True\nb'hello' True\n");
}

#[test]
fn a_request_is_replayed_without_its_server() {
    let counted = std::sync::atomic::AtomicUsize::new(0);
    let answers = server(move |mut client| {
        let count = counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        client.write_all(format!("answer {count}").as_bytes()).expect("written");
    });
    let script = "s = socket.create_connection(address)\ns.settimeout(60)\nprint(s.makefile('rb').read(), s.getpeername() == address)";
    let project = project(answers, script);
    let server = project.dev(&[]);
    for count in 1..4 {
        assert_eq!(server.get("/").text(), format!("b'answer {count}' True\n"));
    }
    let log = server.wait_for(|log| log.matches("received 8 bytes").count() == 3, "three connections");
    assert!(log.contains(&format!("             connected to {answers} in ")), "{log}");
    let reply = server.request("GET /__pywagi/api/requests/1", &[], b"");
    let entry: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let connection = &entry["connections"][0];
    assert_eq!((&connection["to"], &connection["received"]), (&answers.to_string().into(), &8.into()), "{entry}");
    let page = server.get("/__pywagi/requests/1").text();
    assert!(page.contains("<h2>Network</h2>") && page.contains(&format!("<td>{answers}</td>")), "{page}");
    let list = project.pywagi(["replay"]).output();
    let ids: Vec<_> = list.code(0).stdout_text().lines().map(|line| line[..5].to_owned()).collect();
    for (id, count) in ids.iter().zip((1..4).rev()) {
        project.pywagi(["replay", id]).output().code(0).stdout(format!("b'answer {count}' True\n"));
    }
    assert_eq!(server.get("/").text(), "b'answer 4' True\n", "a replay has connected");
}

#[test]
fn an_interpreter_that_connects_before_its_script_is_not_saved() {
    let answers = server(|mut client| client.write_all(b"hello").expect("written"));
    let project = project(answers, "import builtins\nprint(builtins.greeting)");
    let at_start = format!(
        "import builtins, socket\nbuiltins.greeting = socket.create_connection(('127.0.0.1', {})).recv(5)\n",
        answers.port()
    );
    let modules =
        project.read("modules.toml").replace("environment = {", "environment = { PYTHONPATH = \"/code/start\",");
    let project = project.file("code/start/sitecustomize.py", at_start).file("modules.toml", modules);
    let server = project.dev(&["-v"]);
    for _ in 0..2 {
        assert_eq!(server.get("/").text(), "b'hello'\n");
    }
    let log = server.log();
    assert!(log.contains("its start-up uses the network") && !log.contains("; warm;"), "{log}");
}

#[test]
fn what_cannot_be_had_is_refused_by_name() {
    let script = "import ssl\n\
                  c = ssl.create_default_context()\n\
                  def told(step, *arguments):\n    try: print(step(*arguments))\n    except Exception as error: print(error)\n\
                  told(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)\n\
                  told(socket.socket, socket.AF_UNIX)\n\
                  told(socket.create_server, ('127.0.0.1', 8000))\n\
                  told(c.load_cert_chain, 'cert.pem')\n\
                  told(c.set_ciphers, 'ECDHE+AESGCM')\n\
                  told(setattr, c, 'verify_flags', ssl.VERIFY_CRL_CHECK_LEAF)\n\
                  told(setattr, c, 'maximum_version', ssl.TLSVersion.TLSv1_1)\n\
                  told(ssl.SSLContext, ssl.PROTOCOL_TLSv1)\n\
                  c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
                  told(lambda: c.wrap_socket(socket.create_connection(address), server_side=True))";
    let expected = "[Errno 66] in this sandbox a socket is a TCP connection: no UDP, no raw packets\n\
                    [Errno 5] in this sandbox a socket connects to a TCP port, and nothing else\n\
                    [Errno 2] in this sandbox a socket connects; it cannot be bound to a port (while attempting to bind on address \
                    ('127.0.0.1', 8000))\n\
                    a certificate of the client's cannot be had in this sandbox\n\
                    a choice of ciphers ('ECDHE+AESGCM'; rustls has those of TLS 1.2 and 1.3 that are held to be safe) cannot be had in \
                    this sandbox\n\
                    a list of revoked certificates (CRL) cannot be had in this sandbox\n\
                    a version of TLS before 1.2 cannot be had in this sandbox\n\
                    invalid or unsupported protocol version\n\
                    the server's side of TLS cannot be had in this sandbox\n";
    let run = project(silent(), script).pywagi(["invoke", "/", "-q"]).output();
    assert_eq!(run.code(0).stdout_text(), expected);
}
