//! `pywagi dev`: the banner, the log, the flags, the end. What goes over the socket is in `http.rs`.

use crate::support::{DevServer, Project, Reply, wat};

pub use crate::support::{ONE, python_modules};

/// A log with the port as `PORT`.
fn log_of(server: &DevServer, log: &str) -> String {
    log.replace(&server.address.port().to_string(), "PORT")
}

#[test]
fn the_banner_names_every_route_and_its_module() {
    let modules =
        "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\n[[module]]\nroute = \"/long/...\"\nmodule = \"b.wat\"\n";
    let guest = wat::prints("x");
    let server = Project::new(modules).file("a.wat", &guest).file("b.wat", &guest).dev(&[]);
    let log = server.wait_for_log("Press Ctrl-C to stop\n");
    let banner = log.split_once("     Serving").expect("a banner").1;
    assert_eq!(
        log_of(&server, banner),
        " http://127.0.0.1:PORT from modules.toml\n       \
         Route /          a.wat\n       \
         Route /long/...  b.wat\n       \
         Ready Press Ctrl-C to stop\n"
    );
}

#[test]
fn the_banner_names_the_python_that_is_installed() {
    let modules = python_modules(&[("/", "app.py"), ("/b/...", "b.py")]);
    let server = Project::new(&modules).file("code/app.py", "").file("code/b.py", "").dev(&[]);
    let log = server.wait_for_log("Press Ctrl-C to stop\n");
    assert_eq!(log.matches("      Python 3.12.0 in ").count(), 1, "{log}");
    let routes =
        "       Route /       code/app.py\n       Route /b/...  code/b.py\n       Ready Press Ctrl-C to stop\n";
    assert!(log.ends_with(routes), "{log}");
}

#[test]
fn the_address_may_be_a_port_alone_or_localhost() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    for listen in ["0", ":0", "localhost:0"] {
        let server = project.dev_on(listen, &[]);
        assert_eq!(server.get("/").text(), "fine", "{listen}");
        assert!(server.log().contains(" http://127.0.0.1:"), "{}", server.log());
    }
}

#[test]
fn an_address_that_others_can_reach_is_said_out_loud() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("x"));
    let server = project.dev(&[]);
    assert!(!server.log().contains("warning"), "{}", server.log());
    let server = project.dev_on("0.0.0.0:0", &[]);
    let log = server.wait_for_log("Press Ctrl-C to stop\n");
    let expected = "warning: 0.0.0.0:PORT can be reached from other machines, and whoever reaches it runs the app\n";
    assert!(log_of(&server, &log).contains(expected), "{log}");
}

#[test]
fn each_request_has_its_line_and_the_guests_words_stand_below_it() {
    let project = Project::new(ONE).file("guest.wat", wat::writes("Status: 404 No\nbad line\n\nbody", "one\ntwo", 0));
    let server = project.dev(&[]);
    assert_eq!(server.get("/a?b=c").status(), 404);
    let log = server.wait_for_log("it has no colon\n");
    let line = log.lines().find(|line| line.contains(" GET /a?b=c 404 4 B ")).expect("the request");
    let time = line.trim_start().split(' ').next().expect("a time").split(':').map(str::len).collect::<Vec<_>>();
    assert_eq!(time, [2, 2, 2], "{line}");
    assert!(log.contains("\n             one\n             two\n"), "{log}");
    assert!(log.contains("\nwarning: dropped the header line \"bad line\": it has no colon\n"), "{log}");
    assert!(!log.contains("\u{1b}["), "{log}");
}

#[test]
fn the_status_is_coloured_where_colour_is_wanted() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n"));
    let server = project.dev(&["--color", "always"]);
    server.get("/");
    server.wait_for_log("\u{1b}[32m200\u{1b}[0m");
}

#[test]
fn verbose_tells_how_a_request_was_run() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n")).dev(&["-v", "--cold"]);
    server.get("/");
    let log = server.wait_for_log("total ");
    let line = log.lines().find(|l| l.contains("total ")).expect("the line");
    assert!(line.starts_with("             route /...; cold ("), "{line}");
    for step in ["route ", "cgi ", "instantiate ", "run ", "response ", "total "] {
        assert!(line.contains(step), "{step}: {line}");
    }
}

#[test]
fn quiet_leaves_the_guests_words_alone() {
    let guest = wat::writes("Content-Type: a/b\n\n", "words\n", 0);
    let modules = format!("[[module]]\nroute = \"/one\"\nmodule = \"guest.wat\"\n{ONE}");
    let project = Project::new(&modules).file("guest.wat", guest);
    // Without a banner the port cannot be read; so it is taken from a server that has ended.
    let address = { project.dev(&[]).address };
    let server = DevServer::start_quietly(&project, address);
    assert_eq!(server.get("/").status(), 200);
    assert_eq!(server.wait_for_log("words\n"), "             [/...] words\n");
}

#[test]
fn what_a_slow_guest_writes_is_shown_before_it_ends() {
    let project = Project::new(ONE).file("guest.wat", wat::hangs("", "begun\n"));
    let server = project.dev(&[]);
    let mut connection = server.connect();
    connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    let log = server.wait_for_log("begun\n");
    assert!(log.ends_with(" GET /slow ...\n             begun\n"), "{log}");
}

#[test]
fn a_failing_guest_is_explained_in_the_terminal_and_in_the_answer() {
    let project = Project::new(&python_modules(&[("/bad", "bad.py"), ("/good", "good.py")]))
        .file("code/bad.py", "import sys\nprint('Content-Type: text/plain\\n\\nhalf')\n{}['key']\n")
        .file("code/good.py", "print('Content-Type: text/plain\\n\\ngood')\n");
    let server = project.dev(&[]);
    let reply = server.get("/bad");
    assert_eq!(reply.line, "HTTP/1.1 500 Internal Server Error");
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = reply.text();
    let expected = "500 Internal Server Error\n\n/code/bad.py failed with exit code 1: KeyError: 'key'\n  \
                    at File \"/code/bad.py\", line 3, in <module>\n\nroute:  /bad\n";
    assert!(text.starts_with(expected), "{text}");
    let log = server.wait_for_log("error: /code/bad.py failed with exit code 1: KeyError: 'key'\n");
    let traceback = "             Traceback (most recent call last):\n             \
                     \x20 File \"/code/bad.py\", line 3, in <module>\n";
    assert!(log.contains(traceback), "{log}");
    assert_eq!(server.get("/good").text(), "good\n");
}

#[test]
fn an_edit_shows_in_the_next_request() {
    let project = Project::new(&python_modules(&[("/", "app.py")]))
        .file("code/app.py", "print('Content-Type: text/plain\\n\\none')\n");
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "one\n");
    project.write("code/app.py", "print('Content-Type: text/plain\\n\\ntwo')\n");
    assert_eq!(server.get("/").text(), "two\n");
}

#[test]
fn variables_are_given_as_the_reference_takes_them() {
    let script = "import os\nprint('Content-Type: text/plain\\n')\nprint([os.environ.get(n) for n in 'ABCDE'])\n\
                  print(os.environ['SERVER_NAME'], os.environ['SERVER_PORT'])\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script).file("x.env", "D=4\n");
    let server = project.dev(&["-e", "A=1", "B=2", "-e", "C=3", "--env-file", "x.env", "--hostname", "example.com:80"]);
    let reply = server.raw("GET / HTTP/1.0\r\n\r\n");
    let text = String::from_utf8_lossy(&reply);
    assert!(text.ends_with("\r\n\r\n['1', '2', '3', '4', None]\nexample.com 80\n"), "{text}");
}

#[test]
fn what_the_host_header_lacks_is_where_the_server_listens() {
    let script = "import os\nprint('Content-Type: text/plain\\n')\n\
                  print(os.environ['X_FULL_URL'], os.environ['SERVER_NAME'], os.environ['SERVER_PORT'])\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    for (flags, host, name, port) in [
        (&[][..], "", "localhost", None),
        (&[], "Host: shop.test\r\n", "shop.test", None),
        (&[], "Host: shop.test:81\r\n", "shop.test", Some(81)),
        // A port that `--hostname` leaves out is the one listened on as well.
        (&["--hostname", "example.com"], "", "example.com", None),
        (&["--hostname", "example.com:80"], "Host: shop.test\r\n", "shop.test", Some(80)),
    ] {
        let server = project.dev(flags);
        let port = port.unwrap_or(server.address.port());
        let reply = Reply::parse(&server.raw(format!("GET / HTTP/1.0\r\n{host}\r\n")));
        assert_eq!(reply.text(), format!("http://{name}:{port}/ {name} {port}\n"), "{flags:?} {host}");
    }
}

#[test]
fn what_concerns_every_request_alike_is_said_once() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n"));
    let server = project.dev(&[]);
    for _ in 0..3 {
        server.request("GET /", &["X_Real_Ip: 1.2.3.4", "Authorization: Basic eA=="], b"");
    }
    // Nor does a client that makes up names fill the log.
    let names: Vec<_> = (0..100).map(|i| format!("X_{i}: 1")).collect();
    server.request("GET /", &names.iter().map(String::as_str).collect::<Vec<_>>(), b"");
    server.get("/last");
    let log = server.wait_for_log(" GET /last 200");
    let said = |text: &str| log.matches(text).count();
    let underscore = "warning: the request header `X_Real_Ip` is dropped: with `_` it would pose as `X-Real-Ip`; \
                      send it with `-`\n";
    let authorization = "warning: modules.toml:1: the request's Authorization header is not passed to the guest, as in \
                         WAGI; `pass-authorization = true` in this [[module]] passes it\n";
    assert_eq!((said(underscore), said(authorization)), (1, 1), "{log}");
    assert_eq!(said("is dropped: with `_`"), 10, "{log}");
}

#[test]
fn logs_are_kept_in_the_references_layout() {
    let modules = ["/a", "/b/..."].map(|r| format!("[[module]]\nroute = \"{r}\"\nmodule = \"guest.wat\"\n")).concat();
    let project = Project::new(&modules).file("guest.wat", wat::writes("Content-Type: a/b\n\n", "line\n", 0));
    let server = project.dev(&["--log-dir", "logs/deep"]);
    for path in ["/a", "/b/x", "/b/y", "/none"] {
        server.get(path);
    }
    let log = |route: &str| {
        use sha2::{Digest, Sha256};
        project.read(&format!("logs/deep/{:x}/module.stderr", Sha256::digest(route)))
    };
    assert_eq!((log("/a").as_str(), log("/b/...").as_str()), ("line\n", "line\nline\n"));
    assert_eq!(project.names().iter().filter(|name| name.starts_with("logs/")).count(), 2);
}

#[test]
fn without_a_port_of_its_own_the_next_free_one_is_taken_and_said() {
    // Another program may have the port; then it is in use as well.
    let _taken = std::net::TcpListener::bind("127.0.0.1:3000");
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let mut server = DevServer::start_unawaited(&project, &[]);
    let log = server.wait_for_log("Press Ctrl-C to stop");
    let (_, url) = log.split_once("Serving http://").expect("the banner");
    server.address = url.split_whitespace().next().and_then(|url| url.parse().ok()).expect("an address");
    assert!((3001..=3100).contains(&server.address.port()), "{log}");
    let warning = format!(
        "warning: 127.0.0.1:3000 is in use by another program, so the app is on port {}; --listen PORT sets another\n",
        server.address.port()
    );
    assert!(log.starts_with(&warning), "{log}");
    assert_eq!(server.get("/").text(), "fine");
    let insisting = project.pywagi(["dev", "-l", "3000"]).output();
    insisting.code(1).stderr_has("error: 127.0.0.1:3000 is in use by another program\n");
}

#[test]
fn a_port_in_use_is_an_error_with_a_way_out() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("x"));
    let server = project.dev(&[]);
    let address = server.address.to_string();
    project.pywagi(["dev", "--listen", &address]).output().code(1).stdout("").stderr(&format!(
        "error: {address} is in use by another program\n  help: stop the other one, which may be another `pywagi dev`, \
         or let the system choose a free port: --listen 127.0.0.1:0\n"
    ));
}

#[test]
fn an_address_of_another_machine_is_an_error() {
    // 192.0.2.0/24 is for documentation alone (RFC 5737).
    let project = Project::new(ONE).file("guest.wat", wat::prints("x"));
    project.pywagi(["dev", "--listen", "192.0.2.1:3000"]).output().code(1).stderr(
        "error: 192.0.2.1:3000 is not an address of this machine\n  \
         help: listen on 127.0.0.1, or on 0.0.0.0 for every interface\n",
    );
}

#[test]
fn what_is_wrong_with_the_app_is_said_at_start() {
    let dev = |project: &Project| project.pywagi(["dev", "-l", "127.0.0.1:0", "-q"]).output();
    dev(&Project::empty()).code(1).stdout("").stderr(
        "error: there is no modules.toml in [DIR] or a directory above it\n  \
         help: run `pywagi init` to create an app here, or name the file with -c\n",
    );
    dev(&Project::new(ONE)).code(1).stdout("").stderr(
        "error: modules.toml:3:10: there is no file [DIR]/guest.wat\n  |\n3 | module = \"guest.wat\"\n  \
         |          ^^^^^^^^^^^\n  help: check the path; a relative one starts at the directory of modules.toml, [DIR]\n",
    );
    dev(&Project::new(ONE).file("guest.wat", "(module")).code(1).stdout("").stderr(
        "error: modules.toml:1: [DIR]/guest.wat is not a WebAssembly module: expected `)`\n  \
         help: name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one\n",
    );
}

#[test]
fn the_app_is_wrong_before_the_port_is() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("x")).dev(&[]);
    let address = server.address.to_string();
    Project::empty().pywagi(["dev", "--listen", &address]).output().code(1).stderr(
        "error: there is no modules.toml in [DIR] or a directory above it\n  \
         help: run `pywagi init` to create an app here, or name the file with -c\n",
    );
}

#[test]
fn who_stands_above_the_app_is_told_where_it_is() {
    let absent = "error: there is no modules.toml in [DIR] or a directory above it\n  help: ";
    let project = Project::empty().file("hello/modules.toml", ONE).directory("other");
    let one = format!("{absent}go into the app with `cd hello`, or name its file: -c hello/modules.toml\n");
    for command in [&["dev"][..], &["invoke", "/"]] {
        project.pywagi(command).output().code(1).stderr(&one);
    }
    project.write("adieu/modules.toml", ONE);
    let two = format!("{absent}go into one of the apps below, as with `cd adieu`, or name its file with -c\n");
    project.pywagi(["dev"]).output().code(1).stderr(&two);
    project
        .pywagi(["dev", "-c", "hello"])
        .output()
        .code(1)
        .stderr("error: hello is a directory\n  help: name the file in it: -c hello/modules.toml\n");
}

#[test]
fn the_app_is_found_from_a_directory_below_it() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfound")).directory("a/b");
    let server = DevServer::start_in(&project, "a/b", &[]);
    assert_eq!(server.get("/").text(), "found");
}

/// The log of `--log-format json` as objects, times and durations as `"_"` once they are seen to be some.
fn records(log: &str) -> Vec<serde_json::Value> {
    let record = |line: &str| {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let time: jiff::Timestamp = record["time"].as_str().expect("a time").parse().expect("RFC 3339");
        assert!(time > jiff::Timestamp::UNIX_EPOCH);
        record["time"] = "_".into();
        if let Some(duration) = record.get_mut("duration_ms") {
            assert!(duration.as_f64().is_some_and(|ms| ms >= 0.0), "{line}");
            *duration = "_".into();
        }
        if let Some(recording) = record.get_mut("recording").filter(|recording| !recording.is_null()) {
            assert_eq!(recording.as_str().map(str::len), Some(5), "{line}");
            *recording = "_".into();
        }
        if let Some(page) = record.get_mut("page").filter(|page| !page.is_null()) {
            let (_, path) = page.as_str().and_then(|page| page.split_once("://127.0.0.1:")).expect("a URL");
            *page = path.split_once('/').expect("a path").1.into();
        }
        record
    };
    log.lines().map(record).collect()
}

#[test]
fn the_log_can_be_json() {
    use serde_json::json;

    let modules = format!("[[module]]\nroute = \"/bad\"\nmodule = \"bad.wat\"\n{ONE}");
    let project = Project::new(&modules)
        .file("guest.wat", wat::writes("Status: 404 No\nbad line\n\nbody", "one\ntwo", 0))
        .file("bad.wat", wat::writes("", "oh\n", 3));
    let mut server =
        DevServer::start_unawaited(&project, &["-l", "127.0.0.1:0", "--log-format", "json", "-e", "PATH_INFO=x"]);
    server.address = {
        let log = server.wait_for_log("\"event\":\"start\"");
        let start = records(&log).into_iter().find(|record| record["event"] == "start").expect("the start");
        start["url"].as_str().and_then(|url| url.strip_prefix("http://")?.parse().ok()).expect("an address")
    };
    server.get("/a?b=c");
    server.get("/bad");
    server.get("/a#b");
    let log = server.wait_for(|log| log.matches("\"event\":\"request\"").count() == 3, "three requests");
    let route = |route: &str, file: &str| json!({"route": route, "module": file, "program": file, "error": null});
    let url = format!("http://{}", server.address);
    let expected = [
        json!({"time": "_", "event": "message", "level": "warning",
               "message": "-e PATH_INFO=x has no effect: every request sets it", "help": null}),
        json!({"time": "_", "event": "start", "url": url, "manifest": "modules.toml",
               "env_file": null, "routes": [route("/bad", "bad.wat"), route("/...", "guest.wat")]}),
        json!({"time": "_", "event": "stderr", "route": "/...", "line": "one"}),
        json!({"time": "_", "event": "stderr", "route": "/...", "line": "two"}),
        json!({"time": "_", "event": "request", "method": "GET", "target": "/a?b=c", "route": "/...", "status": 404,
               "bytes": 4, "duration_ms": "_", "warm": false, "failure": null, "help": null,
               "warnings": ["dropped the header line \"bad line\": it has no colon"], "recording": "_",
               "page": "__pywagi/requests/1", "refused": null, "send_error": null}),
        json!({"time": "_", "event": "stderr", "route": "/bad", "line": "oh"}),
    ];
    let records: Vec<_> = records(&log).into_iter().filter(|record| record["level"] != "info").collect();
    assert_eq!(records[..6], expected, "{log}");
    assert_eq!(records[6]["failure"], "bad.wat failed with exit code 3");
    assert_eq!((&records[6]["status"], &records[6]["warm"]), (&json!(500), &json!(false)));
}

#[cfg(unix)]
mod signals {
    use rustix::process::Signal;

    use super::*;

    #[test]
    fn ctrl_c_ends_with_0() {
        for signal in [Signal::INT, Signal::TERM] {
            let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n")).dev(&[]);
            server.get("/");
            server.signal(signal);
            let (status, log) = server.wait();
            assert_eq!(status.code(), Some(0), "{log}");
            assert!(log.lines().last().is_some_and(|l| l.starts_with("     Stopped http://127.0.0.1:")), "{log}");
        }
    }

    #[test]
    fn the_request_under_way_is_finished_first() {
        let script = "import sys, time\nprint('begun', file=sys.stderr, flush=True)\ntime.sleep(1)\n\
                      print('Content-Type: text/plain\\n\\nwhole')\n";
        let server = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script).dev(&[]);
        let mut first = server.connect();
        first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        server.wait_for_log("begun\n");
        let mut second = server.connect();
        second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        server.signal(Signal::INT);
        assert_eq!(first.reply(true).text(), "whole\n");
        assert_eq!(second.reply(true).text(), "503 Service Unavailable\npywagi is shutting down\n");
        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("    Stopping after the current request; Ctrl-C again ends at once\n"), "{log}");
    }

    #[test]
    fn a_second_ctrl_c_ends_at_once() {
        let server = Project::new(ONE).file("guest.wat", wat::hangs("", "begun\n")).dev(&["--timeout", "10m"]);
        let mut connection = server.connect();
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        server.wait_for_log("begun\n");
        server.signal(Signal::INT);
        server.wait_for_log("Ctrl-C again ends at once\n");
        server.signal(Signal::INT);
        let (status, log) = server.wait();
        assert_eq!(status.code(), Some(130), "{log}");
    }
}
