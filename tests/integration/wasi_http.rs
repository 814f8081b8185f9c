//! Modules built for the reference server's HTTP, by guests that ask a server on the loopback address: the functions of
//! `wasi_experimental_http`. What a host is permitted by is tested in allowed_hosts.rs.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use pywagi::recording::RecordedRequest;

use crate::support::Project;

/// A call of the guest's. It prints the error number of each, and what it was told.
enum Step<'a> {
    /// `req` of a method, a URL, header fields and a body.
    Request(&'a str, &'a str, &'a str, &'a [u8]),
    /// `header_get` of a name, with this much room.
    Field(&'a str, usize),
    /// `headers_get_all`
    Fields(usize),
    /// `body_read`
    Read(usize),
    /// `close`
    Close,
}
use Step::{Close, Field, Fields, Read as ReadBody, Request};

/// A guest that takes these steps. The last four use the response of the last `req` that there was one for.
fn guest(steps: &[Step<'_>]) -> String {
    const STATUS: usize = 32;
    const HANDLE: usize = 36;
    const COUNT: usize = 40;
    const BUFFER: usize = 1 << 16;
    let (mut data, mut calls) = (Vec::new(), String::new());
    let mut place = |bytes: &[u8]| {
        let at = 4096 + data.len();
        data.extend_from_slice(bytes);
        format!("(i32.const {at}) (i32.const {})", bytes.len())
    };
    let head = place(b"Content-Type: text/plain\n\n");
    let handle = format!("(i32.load (i32.const {HANDLE}))");
    let telling = |room: &usize| format!("(i32.const {BUFFER}) (i32.const {room}) (i32.const {COUNT})");
    for step in steps {
        let call = match step {
            Request(method, url, fields, body) => {
                let [url, method, fields] = [url, method, fields].map(|text| place(text.as_bytes()));
                let body = place(body);
                let call =
                    format!("(call $req {url} {method} {fields} {body} (i32.const {STATUS}) (i32.const {HANDLE}))");
                writeln!(calls, "(call $asked {call})").expect("written");
                continue;
            }
            Field(name, room) => format!("(call $header_get {handle} {} {})", place(name.as_bytes()), telling(room)),
            Fields(room) => format!("(call $headers_get_all {handle} {})", telling(room)),
            ReadBody(room) => format!("(call $body_read {handle} {})", telling(room)),
            Close => format!("(call $close {handle})"),
        };
        writeln!(calls, "(i32.store (i32.const {COUNT}) (i32.const 0)) (call $told {call})").expect("written");
    }
    let data: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_experimental_http" "req"
    (func $req (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_experimental_http" "close" (func $close (param i32) (result i32)))
  (import "wasi_experimental_http" "header_get" (func $header_get (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_experimental_http" "headers_get_all" (func $headers_get_all (param i32 i32 i32 i32) (result i32)))
  (import "wasi_experimental_http" "body_read" (func $body_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 4096) "{data}")
  (func $write (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable)))
  (func $byte (param $byte i32)
    (i32.store8 (i32.const 16) (local.get $byte))
    (call $write (i32.const 16) (i32.const 1)))
  (func $number (param $number i32)
    (if (i32.ge_u (local.get $number) (i32.const 10))
      (then (call $number (i32.div_u (local.get $number) (i32.const 10)))))
    (call $byte (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10)))))
  (func $asked (param $error i32)
    (call $number (local.get $error))
    (if (i32.eqz (local.get $error)) (then
      (call $byte (i32.const 32)) (call $number (i32.load16_u (i32.const {STATUS})))
      (call $byte (i32.const 32)) (call $number {handle})))
    (call $byte (i32.const 10)))
  (func $told (param $error i32)
    (call $number (local.get $error))
    (if (i32.load (i32.const {COUNT})) (then
      (call $byte (i32.const 32)) (call $write (i32.const {BUFFER}) (i32.load (i32.const {COUNT})))))
    (call $byte (i32.const 10)))
  (func (export "_start")
    (call $write {head})
    {calls}))"#
    )
}

/// The first line, the fields and the body of a request.
fn read(client: &TcpStream) -> (String, String, Vec<u8>) {
    let mut reader = BufReader::new(client);
    let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut fields: Vec<_> = lines.collect();
    fields.sort();
    let length = fields.iter().find_map(|field| field.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    reader.read_exact(&mut body).expect("the body");
    (first, fields.join("\n"), body)
}

/// Answers a client: `/echo` with what it was sent, `/to/URL` leads elsewhere, `/cut` ends early, `/large` has a megabyte, `/odd` is
/// no HTTP. Gives back the client of any other.
fn answer(client: TcpStream) -> Option<TcpStream> {
    let (first, fields, body) = read(&client);
    let target = first.split(' ').nth(1).unwrap_or_default();
    let told = match target.split_once("/to/") {
        Some((_, to)) => format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 3\r\n\r\nits").into_bytes(),
        None if target.starts_with("/echo") => {
            let text = format!("{first}\n{fields}\n{}", String::from_utf8_lossy(&body));
            let fields = "X-One: 1\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\nTransfer-Encoding: chunked";
            format!("HTTP/1.1 201 Made\r\n{fields}\r\n\r\n{:x}\r\n{text}\r\n0\r\n\r\n", text.len()).into_bytes()
        }
        None if target == "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec(),
        None if target == "/large" => [&b"HTTP/1.0 200 OK\r\n\r\n"[..], &b"0123456789abcdef".repeat(1 << 16)].concat(),
        None if target == "/odd" => b"SSH-2.0-OpenSSH\r\n".to_vec(),
        None => return Some(client),
    };
    // A client that left has nothing to be told.
    let _ = (&client).write_all(&told);
    None
}

/// A server of `clients` clients, whom it answers; it keeps those who get no answer. It ends with the last of them, or the process.
fn server_of(clients: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let serve = move || drop(listener.incoming().flatten().take(clients).filter_map(answer).collect::<Vec<_>>());
    (address, std::thread::spawn(serve))
}

fn server() -> SocketAddr {
    server_of(usize::MAX).0
}

/// A project whose guest takes these steps, and may connect to `address`.
fn project(address: SocketAddr, steps: &[Step<'_>]) -> Project {
    let modules =
        format!("[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\nallowed_hosts = [\"http://{address}\"]\n");
    Project::new(&modules).file("guest.wat", guest(steps))
}

/// What the guest prints.
fn printed(project: &Project) -> String {
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout_text()
}

#[test]
fn a_guest_asks_and_is_told() {
    let address = server();
    let url = format!("http://{address}/echo");
    let steps = [
        Request("POST", &url, "x-mine:yes\ncontent-type:a/b\n", b"the body"),
        Field("x-ONE", 100),
        Field("x-one", 0),
        Field("x-two", 100),
        Field("\u{e9}", 100),
        Fields(1000),
        Fields(10),
        ReadBody(10),
        ReadBody(1000),
        ReadBody(1000),
        Request("GET", &format!("{url}?q=1#part"), "", b""),
        ReadBody(18),
        Close,
        ReadBody(10),
        Field("x-one", 100),
        Fields(1000),
        Close,
        Request("GET", &url, "", b""),
    ];
    let expected = format!(
        "0 201 0\n0 1\n4\n5\n5\n0 x-one:1\nset-cookie:a=b\nset-cookie:c=d\ntransfer-encoding:chunked\n\n4\n\
         0 POST /echo\n0  HTTP/1.1\naccept: */*\ncontent-length: 8\ncontent-type: a/b\nhost: {address}\nx-mine: yes\nthe body\n0\n\
         0 201 1\n0 GET /echo?q=1 HTTP\n0\n1\n1\n1\n0\n0 201 1\n"
    );
    let project = project(address, &steps);
    assert_eq!(printed(&project), expected);
    let run = project.pywagi(["invoke", "/", "-v"]).output();
    run.code(0).stderr_has(&format!("connected to {address} in "));
}

#[test]
fn a_body_may_be_large_or_end_early() {
    let address = server();
    let url = |path: &str| format!("http://{address}/{path}");
    let (large, cut) = (url("large"), url("cut"));
    let steps: Vec<_> =
        [Request("GET", &large, "", b"")].into_iter().chain((0..9).map(|_| ReadBody(3 << 16))).collect();
    let text = printed(&project(address, &steps));
    let lines: Vec<_> = text.lines().map(|line| line.len()).collect();
    // Five times what there was room for, the rest, and the end.
    assert_eq!(lines, [7, 196_610, 196_610, 196_610, 196_610, 196_610, 65_538, 1, 1, 1]);
    assert!(text.lines().skip(1).take(6).all(|line| line.starts_with("0 0123456789abcdef0123")), "{}", &text[..100]);
    let steps = [Request("GET", &cut, "", b""), ReadBody(100), ReadBody(100), ReadBody(100)];
    let project = project(address, &steps);
    assert_eq!(printed(&project), "0 200 0\n0 half\n11\n11\n");
    project.pywagi(["invoke", "/", "-v"]).output().code(0).stderr_has(": the response broke off: ");
}

#[test]
fn what_is_not_permitted_or_not_to_be_had_has_its_number() {
    let address = server();
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let get = |url: String, number: i32| ("GET", url, "", number);
    let to = |url: &str| format!("http://{address}/to/{url}");
    let other = format!("http://{gone}/");
    for (method, url, fields, number) in [
        get(other.clone(), 7),
        get("http://localhost/".to_owned(), 7),
        get(to(&other), 7),
        get(to("http://169.254.169.254/latest"), 7),
        get(to("//localhost/"), 7),
        get(to("https://"), 0),
        get(to("/echo"), 0),
        get(to(&to("/echo")), 0),
        get(to("ftp://localhost/"), 10),
        get(to(&format!("http://{address}/odd")), 11),
        get(format!("http://{address}/odd"), 11),
        get("localhost".to_owned(), 10),
        get("ftp://localhost/".to_owned(), 10),
        ("GET IT", format!("http://{address}/echo"), "", 8),
        ("GET", format!("http://{address}/echo"), "one", 9),
        ("GET", format!("http://{address}/echo"), "a b:c", 9),
    ] {
        let text = printed(&project(address, &[Request(method, &url, fields, b"")]));
        let told: Vec<_> = text.split_whitespace().collect();
        assert_eq!(told.first(), Some(&number.to_string().as_str()), "{method} {url} {fields}: {text}");
    }
    let odd = format!("http://{address}/odd");
    let run = project(address, &[Request("GET", &odd, "", b"")]).pywagi(["invoke", "/", "-v"]).output();
    run.code(0).stderr_has(": no response of HTTP: ");
    // Eleven redirects are one too many.
    let deep = |count: usize| (0..count).fold("/echo".to_owned(), |url, _| to(&url));
    assert_eq!(printed(&project(address, &[Request("GET", &deep(10), "", b"")])), "0 201 0\n");
    assert_eq!(printed(&project(address, &[Request("GET", &deep(11), "", b"")])), "11\n");
    assert_eq!(printed(&project(gone, &[Request("GET", &other, "", b"")])), "11\n");
    let many: Vec<_> = (0..65).map(|_| Request("GET", &other, "", b"")).collect();
    assert_eq!(printed(&project(gone, &many)), "11\n".repeat(65));
    let url = format!("http://{address}/echo");
    let many: Vec<_> = (0..65).map(|_| Request("GET", &url, "", b"")).collect();
    assert!(printed(&project(address, &many)).ends_with("0 201 63\n13\n"));
}

#[test]
fn a_module_that_may_connect_to_no_host_is_refused_and_runs() {
    let address = server();
    let url = format!("http://{address}/echo");
    let steps =
        [Request("GET", &url, "", b""), ReadBody(1), Field("a", 1), Fields(1), Close, Request("GET", "x", "", b"")];
    let project = project(address, &steps);
    project.write("modules.toml", "[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\n");
    assert_eq!(printed(&project), "7\n1\n1\n1\n0\n10\n");
    let run = project.pywagi(["invoke", "/", "-v"]).output();
    let told = format!(
        "{address} is not among the allowed hosts: add \"{address}\" to allowed_hosts of this route in modules.toml\n"
    );
    run.code(0).stderr_has(&told);
    let run = project.pywagi(["invoke", "/", "-q", "--allow-host", &address.to_string()]).output();
    assert!(run.code(0).stdout_text().starts_with("0 201 0\n0 G\n5\n4\n0\n10\n"), "{run}");
    let unknown = "(module (import \"wasi_experimental_http\" \"nothing\" (func)) (func (export \"_start\")))";
    project.write("guest.wat", unknown);
    project.pywagi(["invoke", "/", "-q"]).output().code(1).stderr_has("wasi_experimental_http::nothing");
}

#[test]
fn a_guest_that_waits_ends_at_its_time_limit() {
    let address = server();
    let project = project(address, &[Request("GET", &format!("http://{address}/silent"), "", b"")]);
    let run = project.pywagi(["invoke", "/", "-q", "--timeout", "1s"]).output();
    run.code(3).stderr_has("was stopped after 1s, the time limit");
}

#[test]
fn a_request_is_replayed_without_its_server() {
    let (address, server) = server_of(1);
    let url = format!("http://{address}/echo");
    let (refused, body) = (Request("GET", "http://localhost/", "", b""), b"the body".repeat(1000));
    let steps =
        [Request("POST", &url, "secret:key\n", &body), Field("x-one", 9), Fields(999), ReadBody(9999), Close, refused];
    let project = project(address, &steps);
    let run = project.pywagi(["invoke", "/", "-q", "--record", "rec"]).output();
    let text = run.code(0).stdout_text();
    assert!(text.starts_with("0 201 0\n0 1\n") && text.ends_with("the body\n0\n7\n"), "{text}");
    server.join().expect("it is gone");
    let list = project.pywagi(["replay", "--record", "rec"]).output();
    let file = format!("rec/{}.replay", &list.code(0).stdout_text()[..5]);
    project.pywagi(["replay", "-q", &file]).output().code(0).stdout(&text);
    // The hashes of the fields and of the body follow the method. Another one is that of another request.
    let mut request = RecordedRequest::read(&project.path(&file)).expect("a recording");
    let entries = request.calls.entries.clone();
    let method = entries.windows(4).position(|part| part == b"POST").expect("the method");
    for at in [method, method + 4, method + 12] {
        let calls = std::sync::Arc::make_mut(&mut request.calls);
        calls.entries.clone_from(&entries);
        calls.entries[at] ^= 1;
        project.write("edited.replay", request.encode().expect("it is small"));
        let run = project.pywagi(["replay", "-q", "edited.replay"]).output();
        let call = format!("deviates from the recording: call 2 is req(\"{url}\", \"POST\", 11, 8000), where");
        run.code(1).stderr_has(&call);
    }
}

/// As on other systems, where their own stores of certificates take the place of a file.
#[cfg(target_os = "linux")]
#[test]
fn a_certificate_is_checked_by_the_roots_of_the_system() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a valid name");
    let certificate = params.self_signed(&key).expect("a certificate").pem();
    let site = Project::new("[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\n");
    let site = site.file("guest.wat", crate::support::wat::prints("Content-Type: a/b\n\nfine"));
    let site = site.file("cert.pem", certificate).file("key.pem", key.serialize_pem());
    let site_server = site.dev(&["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let port = site_server.address.port();
    let urls = [format!("https://localhost:{port}/"), format!("https://127.0.0.1:{port}/")];
    let steps = [Request("GET", &urls[0], "", b""), ReadBody(9), Request("GET", &urls[1], "", b"")];
    let project = project(site_server.address, &steps);
    let run = || project.pywagi(["invoke", "/", "-v", "--allow-host", &urls[0]]);
    let trusting = run().env("SSL_CERT_FILE", site.path("cert.pem")).output();
    // Its name is not the address.
    trusting.code(0).stdout("0 200 0\n0 fine\n11\n").stderr_has("Hostname mismatch");
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a valid name");
    params.distinguished_name = rcgen::DistinguishedName::new();
    project.write("other.pem", params.self_signed(&key).expect("a certificate").pem());
    let run = run().env("SSL_CERT_FILE", project.path("other.pem")).output();
    run.code(0).stdout("11\n1\n11\n").stderr_has("the certificate is self-signed");
}
