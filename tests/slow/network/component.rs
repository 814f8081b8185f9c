//! The network in what `pywagi build` makes: the clients do there what they do in `pywagi dev`, and what cannot be carried is
//! refused by name.

use std::net::SocketAddr;
use std::path::Path;

use pywagi::build::{Given, Network};

use super::http::Server;
use super::tls::Authority;
use super::{CLIENTS, Client, Servers, To, app_of};
use crate::component::server::{Allocator, ComponentServer};
use crate::support::Project;

/// What clients may connect to that are not told otherwise.
const ANY_PORT: &str = "\"127.0.0.1:*\"";

/// The script of a client.
fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slow/network/clients").join(name);
    let text = std::fs::read_to_string(path.with_extension("py")).expect("the script of a client");
    if text.contains("pymysql") {
        return text.replace("**account)", "**account, ssl_disabled=True)");
    }
    if !text.contains("pg8000") {
        return text;
    }
    // Where it is not told otherwise, it asks the server for TLS.
    text.replace("ssl_context=None", "ssl_context=False")
        .replace("password=\"wrong\"", "password=\"wrong\", ssl_context=False")
}

/// Builds a component of an app, and serves it with this network.
fn serve(project: &Project, network: Network, authorities: Vec<String>) -> ComponentServer {
    project.pywagi(["build", "-q"]).output().code(0).stderr("");
    let given = Given { network, authorities, ..Given::default() };
    ComponentServer::giving(&project.path("app.wasm"), Allocator::OnDemand, given)
}

/// The scripts of these clients, which may connect to `allowed`.
fn scripts<'a>(clients: &[&Client], allowed: &'a str) -> Vec<(&'static str, String, &'a str)> {
    clients.iter().map(|Client(name, ..)| (*name, source(name), allowed)).collect()
}

/// Has these clients connect from a component.
fn connect(server: &ComponentServer, clients: &[&Client], servers: &Servers) {
    for Client(name, to, expected) in clients {
        let Some(address) = servers.address(*to) else { continue };
        let reply = server.get(&format!("/{name}?{address}"));
        assert_eq!((reply.status(), &*reply.text()), (200, *expected), "{name}:\n{}", server.log());
    }
}

fn chosen(names: &[&str]) -> Vec<&'static Client> {
    CLIENTS.iter().filter(|Client(name, to, _)| names.contains(name) && *to != To::Smtps).collect()
}

#[test]
fn clients_of_http_connect_from_a_component_through_its_host_which_checks_certificates() {
    let clients =
        chosen(&["with_urllib", "with_http_client", "with_requests", "with_urllib3", "with_httpx", "with_httpx_async"]);
    let servers = Servers::start(&clients);
    let allowed = format!("\"http://{}\"", servers.http.address);
    let mut scripts = scripts(&clients, &allowed);
    let certified = Certified::start();
    let of_certified = certified.servers.each_ref().map(|server| format!("\"https://{}\"", server.address)).join(", ");
    scripts.push(("tls", certified.script(), &of_certified));
    let project = app_of("3.12", &scripts).file("code/ca.pem", certified.known.pem());
    let server = serve(&project, Network::Http, vec![certified.known.pem()]);
    connect(&server, &clients, &servers);
    certified.are_checked(&server);
}

#[test]
fn clients_connect_from_a_component_by_sockets_and_what_fails_or_cannot_be_carried_is_told() {
    let clients = chosen(&["with_httpx_async", "with_smtplib", "with_pg8000", "with_pymysql", "with_redis"]);
    let servers = Servers::start(&clients);
    let mut scripts = scripts(&clients, ANY_PORT);
    let bad = (Server::http(), silent());
    let of_bad = format!("\"http://{}\", \"{}\"", bad.0.address, bad.1);
    scripts.push(("bad", include_str!("clients/with_bad_servers.py").to_owned(), &of_bad));
    let waits = "import socket, sys\nprint('Content-Type: text/plain\\n', flush=True)\n\
                 socket.create_connection(sys.argv[1].split(':'), timeout=0.2).recv(1)\n";
    scripts.push(("waits", waits.to_owned(), &of_bad));
    let (smtp, http) = (super::smtp::start(Authority::new().certify(&["127.0.0.1"])).0, Server::http());
    let of_refused = format!("\"smtp://{}\", \"http://{}\"", smtp.address, http.address);
    scripts.push(("refused", refused_script(smtp.address, http.address), &of_refused));
    let server = serve(&app_of("3.12", &scripts), Network::Sockets, Vec::new());
    connect(&server, &clients, &servers);
    what_servers_do_wrong_is_an_error_of_pythons(&server, bad.0.address, bad.1);
    what_cannot_be_carried_is_refused_by_name(&server, smtp.address, http.address);
}

#[test]
fn clients_connect_from_a_component_by_sockets_on_3_11() {
    let clients = chosen(&["with_http_client", "with_smtplib", "with_pg8000"]);
    let servers = Servers::start(&clients);
    let server = serve(&app_of("3.11", &scripts(&clients, ANY_PORT)), Network::Sockets, Vec::new());
    connect(&server, &clients, &servers);
}

fn what_servers_do_wrong_is_an_error_of_pythons(component: &ComponentServer, server: SocketAddr, address: SocketAddr) {
    let reply = component.get(&format!("/bad?{server}&{address}"));
    let lines: Vec<_> = reply.text().lines().map(str::to_owned).collect();
    let [never, drip, reset, endless, metadata, is_soon, rest @ ..] = lines.as_slice() else {
        panic!("{reply:?}: {}", component.log());
    };
    assert_eq!(never, "TimeoutError: timed out");
    assert_eq!(drip, "b'...'");
    assert!(reset.starts_with("ConnectionResetError: ") || reset.starts_with("IncompleteRead"), "{reset}");
    assert_eq!(endless, "3000000");
    assert!(metadata.contains("169.254.169.254:80 is not among the allowed hosts"), "{metadata}");
    assert_eq!((is_soon.as_str(), rest), ("True", &[][..]));
    assert_eq!(component.get(&format!("/waits?{address}")).status(), 500);
    assert!(component.log().contains("TimeoutError: timed out"), "{}", component.log());
}

/// A server that keeps its clients and says nothing.
fn silent() -> SocketAddr {
    Server::start(|mut client| std::io::copy(&mut client, &mut std::io::sink()).map(drop)).address
}

/// Says what came of each of its functions, in the order of their lines.
const TRIED: &str = "import sys\nprint('Content-Type: text/plain\\n', flush=True)\n\
     def tried(function):\n    try:\n        print(function())\n    except Exception as error:\n        \
     error = getattr(error, 'reason', None) or error\n        print(type(error).__name__, error, sep=': ')\n";

/// Servers of HTTPS, and the authority that the host knows.
struct Certified {
    known: Authority,
    /// One with a certificate that is good, one with another name in it, and one with that of an authority that is not known.
    servers: [Server; 3],
}

impl Certified {
    fn start() -> Self {
        let (known, unknown) = (Authority::new(), Authority::new());
        let servers = [known.certify(&["127.0.0.1"]), known.certify(&["other.test"]), unknown.certify(&["127.0.0.1"])];
        Self { known, servers: servers.map(super::tls::Pair::https) }
    }

    fn script(&self) -> String {
        let [good, misnamed, untrusted] = self.servers.each_ref().map(|server| server.address);
        format!(
            "{TRIED}import http.client, requests, ssl, urllib.request\n\
         def get(address, context=None):\n    return urllib.request.urlopen(f'https://{{address}}/hello', context=context).read()\n\
         tried(lambda: get('{good}'))\n\
         @tried\ndef kept():\n    connection = http.client.HTTPSConnection('{good}')\n    answers = []\n    \
         for path in '/hello', '/chunked', '/bytes/300000':\n        connection.request('GET', path)\n        \
         answers.append(len(connection.getresponse().read()))\n    return answers, connection.sock.version(), connection.sock.cipher()\n\
         tried(lambda: requests.post('https://{good}/echo', json=[1]).json())\n\
         for address in '{misnamed}', '{untrusted}':\n    tried(lambda: get(address))\n\
         own = ssl.create_default_context(cafile='/code/ca.pem')\ntried(lambda: get('{good}', own))\n\
         tried(lambda: get('{good}', ssl._create_unverified_context()))\n\
         newer = ssl.create_default_context()\nnewer.minimum_version = ssl.TLSVersion.TLSv1_3\ntried(lambda: get('{good}', newer))\n\
         tried(lambda: get('{good}', ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))\n\
         @tried\ndef names():\n    connection = http.client.HTTPSConnection('{good}')\n    connection.connect()\n    \
         return connection.sock.getpeercert()\n\
         @tried\ndef speaks_no_http():\n    import socket\n    plain = socket.create_connection('{good}'.split(':'))\n    \
         stream = ssl.create_default_context().wrap_socket(plain, server_hostname='127.0.0.1')\n    stream.sendall(b'\\x00\\x01')\n"
        )
    }

    fn are_checked(&self, server: &ComponentServer) {
        let [_, misnamed, untrusted] = self.servers.each_ref().map(|server| server.address);
        let refused = |address| {
            let why = format!("the host of this component does not accept the certificate of {address}");
            format!("SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {why}")
        };
        let unchecked = "a component cannot leave a certificate unchecked, as its host checks it: leave check_hostname and verify_mode as ssl.create_default_context() sets them";
        let own = "a component cannot trust certificates of its own (cafile, capath, cadata, SSL_CERT_FILE): give them to its host, and leave the context as ssl.create_default_context() makes it";
        let version = "a component cannot choose the version of TLS, as its host does: leave minimum_version and maximum_version as they are";
        let nothing = "the context trusts no certificate: make it with ssl.create_default_context()";
        let unseen = "a component does not see the certificate of a server, which its host checks";
        let no_http = "what was sent is no request of HTTP/1.1, and over an `http` or `https` entry of allowed_hosts, and over TLS, a component sends nothing else";
        let mut expected = vec!["b'Hello\\n'".to_owned(), "([6, 14, 300000], None, None)".to_owned(), "[1]".to_owned()];
        expected.extend([refused(misnamed), refused(untrusted)]);
        expected
            .extend([own, unchecked, version, nothing, unseen, no_http].map(|why| format!("SSLError: [SSL] {why}")));
        let reply = server.get("/tls");
        assert_eq!(reply.text().lines().collect::<Vec<_>>(), expected, "{}", server.log());
    }
}

/// Asks for what a component cannot carry.
fn refused_script(address: SocketAddr, http: SocketAddr) -> String {
    format!(
        "{TRIED}import asyncio, http.client, socket, ssl, smtplib, urllib.request\n\
         host, port = '{address}'.split(':')\n\
         @tried\ndef starttls():\n    with smtplib.SMTP(host, int(port), local_hostname='a.test') as mail:\n        mail.starttls(context=ssl.create_default_context())\n\
         @tried\ndef at_once():\n    ssl.create_default_context().wrap_socket(socket.create_connection((host, port)), server_hostname=host)\n\
         tried(lambda: urllib.request.urlopen('http://127.0.0.1:1/'))\n\
         tried(lambda: socket.create_connection(('example.com', 80)))\n\
         tried(lambda: http.client.HTTPConnection('{http}').request('GET', 'http://example.com/'))\n\
         tried(lambda: http.client.HTTPConnection('{http}').request('GET', '/', headers={{'Host': 'example.com'}}))\n\
         tried(lambda: http.client.HTTPConnection('{http}').request('GET', '/', headers={{'Upgrade': 'websocket'}}))\n\
         tried(lambda: socket.create_connection('{http}'.split(':')).recv(1))\n"
    )
}

fn what_cannot_be_carried_is_refused_by_name(server: &ComponentServer, address: SocketAddr, http: SocketAddr) {
    let instead = "have the client connect without TLS, as pg8000 does with ssl_context=False";
    let not_allowed = |host: &str| {
        format!(
            "PermissionError: [Errno 2] {host} is not among the allowed hosts: add \"{host}\" to allowed_hosts of this route in modules.toml"
        )
    };
    let expected = [
        format!(
            "SSLError: [SSL] a component cannot begin TLS on a connection to {address} over which something was sent (STARTTLS): {instead}"
        ),
        format!(
            "SSLError: [SSL] a component speaks no TLS but that of HTTPS, and {address} is allowed as smtp: {instead}"
        ),
        not_allowed("127.0.0.1:1"),
        not_allowed("example.com:80"),
    ];
    let expected = expected.into_iter().chain((0..4).map(|_| "OSError: [Errno 65] Protocol error".to_owned()));
    let reply = server.get("/refused");
    assert_eq!(reply.text().lines().collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{}", server.log());
    // Python has no more than a number of these.
    for why in [
        "a component sends no requests to a proxy: connect to the host itself".to_owned(),
        format!("a component cannot ask {http} for example.com: the Host field is to be that of the connection"),
        "a component cannot go on from HTTP to another protocol, such as WebSocket".to_owned(),
        "nothing was asked of it: a connection to an `http` or `https` entry of allowed_hosts answers requests"
            .to_owned(),
    ] {
        assert!(server.log().lines().any(|line| line == why), "{why}: {}", server.log());
    }
}
