//! What `allowed_hosts` and `--allow-host` permit, by scripts that ask a server on the loopback address. How an entry is read is
//! tested in src/network.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};

use crate::support::{Project, python_modules};

/// Asks for each URL of the body, else of the query, and prints what came of it.
const SCRIPT: &str = r#"import os, sys, urllib.request
print("Content-Type: text/plain\n")
for url in (sys.stdin.read() or os.environ["QUERY_STRING"]).split():
    try:
        print(urllib.request.urlopen(url).read().decode())
    except OSError as error:
        print(error.reason.strerror)
"#;

/// A server that answers `fine`, and below `/to/` with a redirect to what follows. It ends with the process.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut lines = BufReader::new(&client).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let path = first.split(' ').nth(1).unwrap_or_default();
            let head = match path.strip_prefix("/to/") {
                Some(url) => format!("302 Found\r\nLocation: http://{url}"),
                None => "200 OK".to_owned(),
            };
            // A client that left has nothing to be told.
            let _ = write!(&client, "HTTP/1.0 {head}\r\nContent-Length: 4\r\n\r\nfine");
        }
    });
    address
}

/// What a refusal says after its reason.
fn add(entry: &str) -> String {
    format!(": add \"{entry}\" to allowed_hosts of this route in modules.toml")
}

#[test]
fn a_host_is_permitted_in_each_of_its_spellings_and_no_other_is() {
    let port = server().port();
    let project = Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", SCRIPT);
    let loopback = |what: &str| format!("{what} not a public address, and an entry with `*` permits no other");
    let reserved = "0.0.0.0 is an address for no host, which some systems take for this machine, and only its own entry permits it";
    let unlisted =
        |host: &str| format!("{host}:{port} is not among the allowed hosts{}", add(&format!("{host}:{port}")));
    let spellings = ["127.0.0.1", "127.1", "0x7f000001", "017700000001", "2130706433", "[::ffff:127.0.0.1]"];
    let fine = |hosts: &[&str]| hosts.iter().map(|host| ((*host).to_owned(), "fine".to_owned())).collect::<Vec<_>>();
    for (entry, expected) in [
        (format!("http://127.0.0.1:{port}"), fine(&spellings)),
        (format!("0x7f.1:{port}"), fine(&spellings)),
        (format!("127.0.0.1:{port}"), vec![("localhost".to_owned(), unlisted("localhost"))]),
        (format!("http://LOCALHOST.:{port}"), fine(&["localhost", "LocalHost"])),
        (format!("127.0.0.1:{}", port - 1), vec![("127.1".to_owned(), unlisted("127.0.0.1"))]),
        (
            format!("*:{port}"),
            vec![
                ("127.1".to_owned(), loopback("127.0.0.1 is") + &add(&format!("127.0.0.1:{port}"))),
                (
                    "localhost".to_owned(),
                    loopback("localhost leads to 127.0.0.1, which is") + &add(&format!("localhost:{port}")),
                ),
                ("0".to_owned(), format!("{reserved}{}", add(&format!("0.0.0.0:{port}")))),
            ],
        ),
    ] {
        let urls: Vec<_> = expected.iter().map(|(host, _)| format!("http://{host}:{port}/")).collect();
        let run = project.pywagi(["invoke", "/", "-q", "--allow-host", &entry, "-d", &urls.join(" ")]).output();
        let told: Vec<_> = expected.iter().map(|(_, told)| told.as_str()).collect();
        // Where the system prefers IPv6, the name leads there first.
        let text = run.code(0).stdout_text().replace("leads to ::1,", "leads to 127.0.0.1,");
        assert_eq!(text.lines().collect::<Vec<_>>(), told, "{entry}");
    }
}

#[test]
fn a_redirect_is_checked_as_any_other_connection() {
    let address = server();
    let list = format!("allowed_hosts = [\"http://{address}\", \"*:80\"]\n");
    let project = Project::new(&(python_modules(&[("/", "a.py")]) + &list)).file("code/a.py", SCRIPT);
    let link_local = "169.254.169.254 is a link-local address, at which clouds tell a machine its secrets, and only its own entry permits it";
    for (to, told) in [
        (format!("{address}/"), "fine".to_owned()),
        ("169.254.169.254/latest".to_owned(), format!("{link_local}{}", add("169.254.169.254:80"))),
        ("127.0.0.1:1/".to_owned(), format!("127.0.0.1:1 is not among the allowed hosts{}", add("127.0.0.1:1"))),
    ] {
        let url = format!("http://{address}/to/{to}");
        project.pywagi(["invoke", "/", "-q", "-d", &url]).output().code(0).stdout(told + "\n");
    }
}

#[test]
fn a_refusal_that_ends_a_script_is_explained_by_its_entry() {
    let script = "import socket\nsocket.create_connection(('db.example.com', 5432))\n";
    let project = Project::new(&(python_modules(&[("/", "a.py")]) + "allowed_hosts = [\"a:1\"]\n"));
    let project = project.file("code/a.py", script);
    let help = "\n  help: add \"db.example.com:5432\" to `allowed_hosts` of its [[module]] in modules.toml; \
                for one run, --allow-host db.example.com:5432\n";
    project.pywagi(["invoke", "/", "-q"]).output().code(3).stderr_has(help);
}

#[test]
fn every_command_that_runs_scripts_takes_the_flag() {
    let address = server();
    let project = Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", SCRIPT);
    let (entry, url) = (format!("http://{address}"), format!("http://{address}/"));
    let server = project.dev(&["--allow-host", &entry]);
    assert_eq!(server.get(&format!("/?{url}")).body, b"fine\n");
    let code = format!("import urllib.request; print(urllib.request.urlopen({url:?}).read())");
    project.pywagi(["run", "--allow-host", &entry, "-c", &code]).output().code(0).stdout("b'fine'\n");
    project.pywagi(["run", "-c", &code]).output().code(1);
    project.write("tests/a.toml", format!("[[test]]\nrequest = \"/?{url}\"\nexpect.body = \"fine\\n\"\n"));
    project.pywagi(["test", "--allow-host", &entry]).output().code(0);
    project.pywagi(["test"]).output().code(1);
}
