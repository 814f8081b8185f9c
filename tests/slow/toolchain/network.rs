//! Downloading from a server that fails in every way, through `install --from URL`.

use std::time::Duration;

use pywagi::hash::Digest;
use pywagi::terminal::{ColorChoice, Terminal};
use pywagi::toolchain::download::{Expected, download};
use pywagi::toolchain::http::{Policy, parse_url};

use super::server::{Reply, Server};
use super::support::{Place, prints, sha256};

const SIZE: usize = 300_000;

fn module() -> Vec<u8> {
    prints("3.9.1\n", SIZE)
}

fn installed(name: &str) -> String {
    format!(
        " Downloading {name}\n   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
         Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n"
    )
}

/// Installs from `server` with the right sum; standard error with the server's address replaced.
fn install(place: &Place, server: &Server, module: &[u8]) -> (Option<i32>, String) {
    let outcome = place.run(&["install", "--from", &server.url("p.wasm"), "--sha256", &sha256(module)]);
    (outcome.code, server.normal(&outcome.stderr))
}

/// Standard error with `[WHY]` for why a connection was lost: how that is worded is up to the system.
fn without_reasons(stderr: &str) -> String {
    let lines = stderr.lines().map(|line| match line.split_once(" bytes: ") {
        Some((before, why)) if before.contains(" was interrupted after ") && !why.is_empty() => {
            format!("{before} bytes: [WHY]\n")
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

/// The line that announces another attempt.
fn retry(error: &str) -> String {
    format!("Retrying in [TIME] s: {error}\n")
}

/// What is said of a download that is lost after so many bytes.
fn broken_off(bytes: usize) -> String {
    format!("the download of http://[SERVER]/p.wasm was interrupted after {bytes} bytes: [WHY]")
}

const NETWORK: &str = "  help: check the network connection; behind a proxy, set HTTPS_PROXY\n";

/// What is said of an installation from files.invalid through this proxy.
fn through(proxy: &str) -> (Option<i32>, String) {
    let place = Place::new();
    let mut command = place.command(&["install", "--from", "https://files.invalid/p.wasm"]);
    command.env("HTTPS_PROXY", proxy).env("NO_PROXY", "").env_remove("https_proxy").env_remove("no_proxy");
    let outcome = place.outcome(command);
    (outcome.code, outcome.stderr)
}

const PROXY: &str = "  help: start the proxy, or correct HTTPS_PROXY, which is http://[USER:PASSWORD@]HOST:PORT; \
                     NO_PROXY=files.invalid goes without it\n";

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().port();
    let refused = std::net::TcpStream::connect(("127.0.0.1", port)).expect_err("nobody listens");
    let error =
        format!("cannot reach https://files.invalid/p.wasm through the proxy http://127.0.0.1:{port}: {refused}");
    let expected = format!(" Downloading p.wasm\n{}error: {error}\n{PROXY}", retry(&error));
    assert_eq!(through(&format!("http://me:secret@127.0.0.1:{port}")), (Some(1), expected));
    let error = format!("the proxy socks5://127.0.0.1:{port} is of a kind that cannot be used");
    assert_eq!(through(&format!("socks5://me:secret@127.0.0.1:{port}")), (Some(1), format!("error: {error}\n{PROXY}")));
}

#[test]
fn a_proxy_that_asks_for_a_password_is_named() {
    let answer = || Reply::empty("407 Proxy Authentication Required", &["Proxy-Authenticate: Basic"]);
    let server = Server::new(vec![answer(), answer()]);
    let (code, stderr) = through(&server.url("").replace("http://", "http://me:secret@"));
    let said = server.normal(&stderr);
    let error = "cannot reach https://files.invalid/p.wasm through the proxy http://[SERVER]: tunnel error: proxy authorization required";
    let expected = format!(" Downloading p.wasm\n{}error: {error}\n{PROXY}", retry(error));
    assert_eq!((code, said), (Some(1), expected));
}

#[test]
fn a_proxy_that_answers_in_the_place_of_the_server_is_named() {
    let server = Server::new(vec![Reply::empty("407 Proxy Authentication Required", &["Proxy-Authenticate: Basic"])]);
    let place = Place::new();
    let mut command = place.command(&["install", "--from", "http://files.invalid/p.wasm"]);
    command.env("HTTP_PROXY", server.url("")).env("NO_PROXY", "").env_remove("http_proxy").env_remove("no_proxy");
    let outcome = place.outcome(command);
    let expected = " Downloading p.wasm\nerror: the proxy http://[SERVER] answered 407 Proxy Authentication Required for \
                    http://files.invalid/p.wasm\n";
    let help = PROXY.replace("HTTPS", "HTTP");
    assert_eq!((outcome.code, server.normal(&outcome.stderr)), (Some(1), format!("{expected}{help}")));
}

#[test]
fn a_whole_file_is_installed() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::whole(&module)]);
    let (code, stderr) = install(&place, &server, &module);
    assert_eq!((code, stderr), (Some(0), installed("p.wasm")));
    assert_eq!(place.downloaded(), [sha256(&module), format!("{}.source", sha256(&module))]);
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1"]);
}

#[test]
fn a_dropped_connection_is_resumed() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![
        Reply::cut(&module, 100_000),
        Reply::new(
            "206 Partial Content",
            &[
                &format!("Content-Range: bytes 100000-{}/{}", module.len() - 1, module.len()),
                &format!("Content-Length: {}", module.len() - 100_000),
            ],
            &module[100_000..200_000],
        ),
        Reply::rest(&module, 200_000),
    ]);
    let (code, stderr) = install(&place, &server, &module);
    let retries = retry(&broken_off(100_000)) + &retry(&broken_off(200_000));
    let expected = installed("p.wasm").replacen("wasm\n", &format!("wasm\n{retries}"), 1);
    assert_eq!((code, without_reasons(&stderr)), (Some(0), expected));
    assert_eq!(
        server.requests(),
        [
            "GET /p.wasm HTTP/1.1",
            "GET /p.wasm HTTP/1.1 | range: bytes=100000-",
            "GET /p.wasm HTTP/1.1 | range: bytes=200000-"
        ]
    );
    place.run(&["verify"]).ok();
}

#[test]
fn a_server_without_ranges_starts_over() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::cut(&module, 1000), Reply::whole(&module)]);
    assert_eq!(install(&place, &server, &module).0, Some(0));
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1", "GET /p.wasm HTTP/1.1 | range: bytes=1000-"]);
}

#[test]
fn a_range_that_does_not_fit_is_not_believed() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![
        Reply::cut(&module, 1000),
        Reply::new("206 Partial Content", &["Content-Range: bytes 0-9/10", "Content-Length: 10"], &module[..10]),
        Reply::cut(&module, 1000),
        Reply::empty("416 Range Not Satisfiable", &[]),
        Reply::whole(&module),
    ]);
    let (code, stderr) = install(&place, &server, &module);
    let wrong = r#"http://[SERVER]/p.wasm was asked for the bytes from 1000 on and sent "bytes 0-9/10""#;
    let beyond = "http://[SERVER]/p.wasm has no more than 1000 bytes";
    let retries = [&broken_off(1000), wrong, &broken_off(1000), beyond].map(retry).concat();
    let expected = installed("p.wasm").replacen("wasm\n", &format!("wasm\n{retries}"), 1);
    assert_eq!((code, without_reasons(&stderr)), (Some(0), expected));
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn without_a_sum_only_a_validator_lets_a_download_be_resumed() {
    let (place, module) = (Place::new(), module());
    let length = format!("Content-Length: {}", module.len());
    let server = Server::new(vec![
        Reply::new("200 OK", &[&length], &module[..1000]),
        Reply::new("200 OK", &[&length, "ETag: W/\"weak\""], &module[..1000]),
        Reply::new("200 OK", &[&length, "ETag: \"strong\""], &module[..1000]),
        Reply::rest(&module, 1000),
    ]);
    place.run(&["install", "--from", &server.url("p.wasm")]).ok();
    assert_eq!(
        server.requests(),
        [
            "GET /p.wasm HTTP/1.1",
            "GET /p.wasm HTTP/1.1",
            "GET /p.wasm HTTP/1.1",
            "GET /p.wasm HTTP/1.1 | range: bytes=1000- | if-range: \"strong\""
        ]
    );
}

#[test]
fn a_wrong_checksum_shows_both_sums_and_keeps_nothing() {
    let (place, module) = (Place::new(), module());
    let mut other = module.clone();
    *other.last_mut().unwrap() ^= 1;
    let server = Server::new(vec![Reply::whole(&other)]);
    let (code, stderr) = install(&place, &server, &module);
    let expected = format!(
        " Downloading p.wasm\n\
         error: the file at http://[SERVER]/p.wasm has the wrong SHA-256\n  expected  {}\n  found     {}\n  \
         help: the file was altered or damaged in transit and has been deleted; try another source\n",
        sha256(&module),
        sha256(&other)
    );
    assert_eq!((code, stderr), (Some(1), expected));
    assert!(place.downloaded().is_empty() && place.in_opt().is_empty());
}

#[test]
fn a_file_that_stays_truncated_is_given_up_and_its_beginning_kept() {
    let (place, module) = (Place::new(), module());
    // Four attempts that get no further than the first end it.
    let mut replies = vec![Reply::cut(&module, 1000)];
    replies.extend((0..4).map(|_| {
        let range = format!("Content-Range: bytes 1000-{}/{}", module.len() - 1, module.len());
        Reply::new("206 Partial Content", &[&range, &format!("Content-Length: {}", module.len() - 1000)], b"")
    }));
    let server = Server::new(replies);
    let (code, stderr) = install(&place, &server, &module);
    let lost = broken_off(1000);
    let expected = format!(" Downloading p.wasm\n{}error: {lost}\n{NETWORK}", retry(&lost).repeat(3));
    assert_eq!((code, without_reasons(&stderr)), (Some(1), expected));
    assert_eq!(place.downloaded(), [format!("{}.part", sha256(&module))]);
    assert!(place.in_opt().is_empty());

    let server = Server::new(vec![Reply::rest(&module, 1000)]);
    assert_eq!(install(&place, &server, &module).0, Some(0));
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1 | range: bytes=1000-"]);
}

#[test]
fn a_beginning_that_an_earlier_run_left_and_that_does_not_fit_is_thrown_away() {
    let (place, module) = (Place::new(), module());
    // Makes the cache.
    place.run(&["list"]).ok();
    std::fs::write(place.downloads().join(format!("{}.part", sha256(&module))), [7; 1000]).unwrap();
    let server = Server::new(vec![Reply::rest(&module, 1000), Reply::whole(&module)]);
    let (code, stderr) = install(&place, &server, &module);
    let expected = installed("p.wasm").replacen(
        "wasm\n",
        "wasm\nThe beginning, downloaded by an earlier run, does not match; starting over\n",
        1,
    );
    assert_eq!((code, stderr), (Some(0), expected));
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1 | range: bytes=1000-", "GET /p.wasm HTTP/1.1"]);
}

#[test]
fn a_file_that_is_not_there_is_not_asked_for_twice() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::empty("404 Not Found", &[])]);
    let (code, stderr) = install(&place, &server, &module);
    let expected = " Downloading p.wasm\nerror: http://[SERVER]/p.wasm answered 404 Not Found\n  \
                    help: the server does not have the file; try another source\n";
    assert_eq!((code, stderr.as_str()), (Some(1), expected));
    assert!(place.downloaded().is_empty());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_answer_that_is_not_the_file_is_told_with_what_to_do() {
    let permission = "the server or a proxy requires authorization; ask its administrator";
    let leads = "open the URL in a browser to see where it leads";
    let (place, module) = (Place::new(), module());
    for (status, headers, help) in [
        ("410 Gone", &[][..], "the server does not have the file; try another source"),
        ("401 Unauthorized", &[], permission),
        ("403 Forbidden", &[], permission),
        ("407 Proxy Authentication Required", &[], permission),
        ("302 Found", &["Location: http://["], leads),
        ("302 Found", &[], "the server has a problem; try again later"),
        ("418 I'm a teapot", &[], "the server has a problem; try again later"),
    ] {
        let server = Server::new(vec![Reply::empty(status, headers)]);
        let (code, stderr) = install(&place, &server, &module);
        let error = format!("error: http://[SERVER]/p.wasm answered {status}\n  help: {help}\n");
        assert_eq!((code, stderr), (Some(1), format!(" Downloading p.wasm\n{error}")));
        assert_eq!(server.requests().len(), 1);
    }
    let endless = (0..11).map(|_| Reply::empty("302 Found", &["Location: /p.wasm"])).collect();
    let server = Server::new(endless);
    let (code, stderr) = install(&place, &server, &module);
    let error = format!("error: http://[SERVER]/p.wasm redirects too often\n  help: {leads}\n");
    assert_eq!((code, stderr), (Some(1), format!(" Downloading p.wasm\n{error}")));
    assert_eq!(server.requests().len(), 11);
    assert!(place.downloaded().is_empty());
}

#[test]
fn a_file_that_is_larger_than_any_interpreter_is_not_fetched() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::new("200 OK", &["Content-Length: 1073741825"], b"")]);
    let expected = " Downloading p.wasm\nerror: the file at http://[SERVER]/p.wasm has more than 1073741824 bytes\n  \
                    help: no interpreter is that large; check the URL\n";
    assert_eq!(install(&place, &server, &module), (Some(1), expected.to_owned()));
    assert!(place.downloaded().is_empty());
}

#[test]
fn a_server_that_is_busy_is_asked_again_after_the_time_it_names() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![
        Reply::empty("503 Service Unavailable", &["Retry-After: 0"]),
        Reply::empty("429 Too Many Requests", &["Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"]),
        Reply::whole(&module),
    ]);
    let (code, stderr) = install(&place, &server, &module);
    let busy = ["503 Service Unavailable", "429 Too Many Requests"];
    let retries = busy.map(|status| retry(&format!("http://[SERVER]/p.wasm answered {status}"))).concat();
    let expected = installed("p.wasm").replacen("wasm\n", &format!("wasm\n{retries}"), 1);
    assert_eq!((code, stderr), (Some(0), expected));
}

#[test]
fn a_server_that_stays_broken_is_named() {
    let (place, module) = (Place::new(), module());
    let broken = || Reply::empty("500 Internal Server Error", &["Retry-After: 0"]);
    let server = Server::new(vec![broken(), broken(), broken(), broken()]);
    let (code, stderr) = install(&place, &server, &module);
    let error = "http://[SERVER]/p.wasm answered 500 Internal Server Error";
    let expected = format!(
        " Downloading p.wasm\n{}error: {error}\n  help: the server has a problem; try again later\n",
        retry(error).repeat(3)
    );
    assert_eq!((code, stderr), (Some(1), expected));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_redirect_is_followed() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::empty("302 Found", &["Location: /elsewhere.wasm"]), Reply::whole(&module)]);
    assert_eq!(install(&place, &server, &module), (Some(0), installed("p.wasm")));
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1", "GET /elsewhere.wasm HTTP/1.1"]);
}

#[test]
fn what_was_downloaded_before_needs_no_network() {
    let (place, module) = (Place::new(), module());
    let server = Server::new(vec![Reply::whole(&module)]);
    assert_eq!(install(&place, &server, &module).0, Some(0));
    place.run(&["remove"]).ok();
    let url = server.url("p.wasm");
    drop(server.requests());
    let again = place.run(&["install", "--offline", "--from", &url, "--sha256", &sha256(&module)]);
    again.check(0, "   Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n");
}

#[test]
fn offline_means_no_connection_is_made() {
    let place = Place::new();
    let outcome = place.run(&["install", "--offline", "--from", "http://user:secret@127.0.0.1:9/p.wasm?key=1"]);
    outcome.check(
        1,
        "error: --offline forbids downloading http://127.0.0.1:9/p.wasm\n  \
         help: give a file by --from FILE, or the --sha256 of a file that is in the cache\n",
    );
}

#[test]
fn a_server_that_is_not_there_is_tried_twice_and_named() {
    let (place, module) = (Place::new(), module());
    // The port of a client: nothing listens there, and nobody else can have it meanwhile.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap();
    let url = format!("http://{address}/p.wasm");
    let why = std::net::TcpStream::connect(address).expect_err("nobody listens");
    let error = format!("cannot reach {url}: {why}");
    let expected = format!(" Downloading p.wasm\n{}error: {error}\n{NETWORK}", retry(&error));
    place.run(&["install", "--from", &url, "--sha256", &sha256(&module)]).check(1, &expected);
    assert!(place.downloaded().is_empty());
}

#[test]
fn a_server_that_falls_silent_is_left_and_asked_for_the_rest() {
    let module = module();
    let (reply, _sent, go_on) = Reply::cut(&module, 1000).hold(b"");
    let server = Server::new(vec![reply, Reply::rest(&module, 1000)]);
    let dir = tempfile::tempdir().unwrap();
    let part = dir.path().join("p.part");
    let sum = Digest::of(&module);
    let expected = Expected { size: Some(module.len() as u64), sha256: Some(sum), unconfirmed: false };
    let policy =
        Policy { idle: Duration::from_millis(300), first_delay: Duration::from_millis(1), ..Policy::default() };
    let terminal = Terminal::new(ColorChoice::Never, true, false);
    let url = parse_url(&server.url("p.wasm")).unwrap();
    let digest = download(&url, "p.wasm", &part, expected, &policy, &terminal).unwrap();
    drop(go_on);
    assert_eq!((digest.sha256, std::fs::read(&part).unwrap()), (sum, module));
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1", "GET /p.wasm HTTP/1.1 | range: bytes=1000-"]);
}
