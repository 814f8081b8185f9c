//! `pywagi dev --tls-cert --tls-key`: a server that speaks TLS, and every mistake in its two files.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::dev::{ONE, python_modules};
use crate::support::{DevServer, PATIENCE, Project, Reply, wat};

/// A self-signed certificate for `localhost` and its key.
struct Pair {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Pair {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a valid name");
        Self { certificate: params.self_signed(&key).expect("a certificate"), key }
    }

    /// The project with both files in it.
    fn within(&self, project: Project) -> Project {
        project.file("cert.pem", self.certificate.pem()).file("key.pem", self.key.serialize_pem())
    }

    /// Connects as a client that trusts this certificate alone.
    fn connect(&self, server: &DevServer) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).expect("a trust anchor");
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
        let socket = TcpStream::connect(server.address).expect("the server accepts");
        socket.set_read_timeout(Some(PATIENCE)).expect("a read timeout");
        StreamOwned::new(connection, socket)
    }
}

/// Sends a request without a body to keep the connection open, and reads the answer.
fn exchange(stream: &mut StreamOwned<ClientConnection, TcpStream>, request: impl AsRef<[u8]>) -> Reply {
    stream.write_all(request.as_ref()).expect("the server reads");
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).expect("the server answers");
        assert!(count > 0, "closed within the answer: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..count]);
        if bytes.windows(4).any(|w| w == b"\r\n\r\n") {
            let reply = Reply::parse(&bytes);
            let length = reply.header("content-length").map_or(0, |l| l.parse().expect("a number"));
            if reply.body.len() >= length {
                return reply;
            }
        }
    }
}

const FLAGS: [&str; 4] = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];

#[test]
fn requests_over_tls_are_answered_and_told_apart() {
    let script = "import os\nprint('Content-Type: text/plain\\n')\n\
                  print(os.environ['X_FULL_URL'], os.environ['SERVER_NAME'], os.environ['SERVER_PORT'], os.environ['HTTPS'])\n";
    let pair = Pair::new();
    let project = pair.within(Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", script));
    let server = project.dev(&FLAGS);
    let url = format!("https://{}", server.address);
    let banner = server.wait_for_log("Press Ctrl-C to stop\n");
    assert!(banner.contains(&format!("     Serving {url} from modules.toml\n")), "{banner}");
    let mut stream = pair.connect(&server);
    let reply = exchange(&mut stream, "GET /a?b HTTP/1.1\r\nHost: localhost:8443\r\n\r\n");
    assert_eq!(reply.text(), "https://localhost:8443/a?b localhost 8443 on\n");
    // The connection serves a second one, and what Host lacks comes from the server's own name.
    let reply = exchange(&mut stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let port = server.address.port();
    assert_eq!(reply.text(), format!("https://a:{port}/ a {port} on\n"));
}

#[test]
fn bodies_go_over_tls_both_ways() {
    let pair = Pair::new();
    let server = pair.within(Project::new(ONE).file("guest.wat", wat::echo())).dev(&FLAGS);
    let body: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let mut request = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend_from_slice(&body);
    let reply = exchange(&mut pair.connect(&server), request);
    assert!(reply.body == body, "{} bytes", reply.body.len());
}

#[test]
fn clients_that_speak_no_tls_or_stall_in_it_delay_nobody() {
    let pair = Pair::new();
    let guest = wat::prints("Content-Type: a/b\n\nfine");
    let server = pair.within(Project::new(ONE).file("guest.wat", guest)).dev(&FLAGS);
    let mut plain = server.connect();
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let silent = server.connect();
    // The head of a TLS record whose content never comes.
    let mut stalled = server.connect();
    stalled.send(b"\x16\x03\x01\x02\x00\x01");
    for _ in 0..3 {
        let reply = exchange(&mut pair.connect(&server), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(reply.text(), "fine");
    }
    drop((plain, silent, stalled));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn every_form_of_key_that_can_be_read_serves() {
    let pair = Pair::new();
    // Windows line ends, text around the blocks, and the certificate and the key in one file.
    let both = format!("subject: localhost\n{}\n{}", pair.key.serialize_pem(), pair.certificate.pem());
    let both = both.replace('\n', "\r\n");
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")).file("both.pem", both);
    let server = project.dev(&["--tls-cert", "both.pem", "--tls-key", "both.pem"]);
    assert_eq!(exchange(&mut pair.connect(&server), "GET / HTTP/1.1\r\nHost: a\r\n\r\n").text(), "fine");
    // SEC1 (RFC 5915), as `openssl ecparam` writes it: what PKCS #8 wraps in an OCTET STRING.
    let pkcs8 = pair.key.serialize_der();
    let start = pkcs8.windows(4).position(|w| w == [0x04, 0x6d, 0x30, 0x6b]).expect("a key of P-256") + 2;
    let sec1 = STANDARD.encode(&pkcs8[start..start + 0x6d]);
    let sec1 = format!("-----BEGIN EC PRIVATE KEY-----\n{sec1}\n-----END EC PRIVATE KEY-----\n");
    let project = pair.within(Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")));
    let server = project.file("sec1.pem", sec1).dev(&["--tls-cert", "cert.pem", "--tls-key", "sec1.pem"]);
    assert_eq!(exchange(&mut pair.connect(&server), "GET / HTTP/1.1\r\nHost: a\r\n\r\n").text(), "fine");
}

#[test]
fn the_wrong_protocol_for_the_port_is_told() {
    let pair = Pair::new();
    let project = pair.within(Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")));
    let (tls, plain) = (project.dev(&FLAGS), project.dev(&[]));
    let answer = |why| format!("400 Bad Request\n{why}\n");
    let mut connection = tls.connect();
    connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(connection.reply(true).text(), answer("this port speaks TLS: use https:// in the URL"));
    tls.wait_for_log(" - - 400 this port speaks TLS: use https:// in the URL\n");
    let mut connection = plain.connect();
    connection.send(b"\x16\x03\x01\x02\x00\x01");
    let why = "the client speaks TLS and this port does not: use http:// in the URL";
    assert_eq!(connection.reply(true).text(), answer(why));
    plain.wait_for_log(&format!(" - - 400 {why}\n"));
}

/// The remedy where a file does not hold what it should.
const MAKE_ONE: &str = "  help: make both files, for example with `mkcert localhost` or\n        \
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -keyout key.pem -out cert.pem\n";

#[test]
fn each_mistake_in_the_two_files_is_told_with_its_file() {
    let (pair, other) = (Pair::new(), Pair::new());
    let block = |label: &str, content: &str| format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n");
    let project = pair.within(Project::new(ONE).file("guest.wat", wat::prints("x")));
    let project = project
        .file("other.pem", other.key.serialize_pem())
        .file("empty.pem", "")
        .file("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n")
        .file("no64.pem", block("CERTIFICATE", "???"))
        .file("garbage.pem", block("CERTIFICATE", "AAAA"))
        .file("garbage-key.pem", block("PRIVATE KEY", "AAAA"))
        .file("locked.pem", block("ENCRYPTED PRIVATE KEY", "AAAA"))
        .directory("dir");
    let convert =
        |file: &str| format!("  help: convert it: openssl pkcs8 -topk8 -nocrypt -in {file} -out plain-key.pem\n");
    for (certificate, key, message) in [
        ("empty.pem", "key.pem", format!("there is no certificate in empty.pem\n{MAKE_ONE}")),
        ("key.pem", "key.pem", format!("there is no certificate in key.pem\n{MAKE_ONE}")),
        ("cert.pem", "cert.pem", format!("there is no private key in cert.pem\n{MAKE_ONE}")),
        (
            "broken.pem",
            "key.pem",
            format!("broken.pem is not a valid PEM file: it has no line -----END CERTIFICATE-----\n{MAKE_ONE}"),
        ),
        (
            "no64.pem",
            "key.pem",
            format!("no64.pem is not a valid PEM file: what stands between BEGIN and END is not base64\n{MAKE_ONE}"),
        ),
        (
            "cert.pem",
            "other.pem",
            "the private key in other.pem is not that of the certificate in cert.pem\n  \
             help: give --tls-key the key that was made with the certificate\n"
                .to_owned(),
        ),
        (
            "garbage.pem",
            "key.pem",
            format!(
                "the certificate in garbage.pem and the key in key.pem cannot be used: \
                 invalid peer certificate: BadEncoding\n{MAKE_ONE}"
            ),
        ),
        (
            "cert.pem",
            "garbage-key.pem",
            format!(
                "the certificate in cert.pem and the key in garbage-key.pem cannot be used: unexpected error: \
                 failed to parse private key as RSA, ECDSA, or EdDSA\n{MAKE_ONE}"
            ),
        ),
        (
            "cert.pem",
            "locked.pem",
            format!(
                "the private key in locked.pem is encrypted, and there is nobody to ask for its passphrase\n{}",
                convert("locked.pem")
            ),
        ),
        ("dir", "key.pem", "dir is a directory\n  help: give the path of a file\n".to_owned()),
    ] {
        let run = project.pywagi(["dev", "-l", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key]).output();
        run.code(1).stdout("").stderr(&format!("error: {message}"));
    }
    let run = project.pywagi(["dev", "--tls-cert", "none.pem", "--tls-key", "key.pem"]).output();
    run.code(1).stderr_has("error: cannot read none.pem: ");
    run.stderr_has("\n  help: check the path and its permissions\n");
    assert!(!Path::new("none.pem").exists());
}

#[test]
fn one_file_alone_is_a_usage_error() {
    for flag in ["--tls-cert", "--tls-key"] {
        let run = Project::new(ONE).pywagi(["dev", flag, "x.pem"]).output();
        run.code(2).stderr_has("error: the following required arguments were not provided:\n");
    }
}
