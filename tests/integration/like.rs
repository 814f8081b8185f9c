//! `pywagi dev --like`: another host, played.

use std::collections::BTreeMap;

use crate::support::{DevServer, Project, wat};

const MODULES: &str = r#"[[module]]
route = "/..."
module = "all.wat"

[[module]]
route = "/x/..."
module = "shows.wat"
argv = "python  /code/x.py ${ARGS}"

[[module]]
route = "/exact"
module = "exact.wat"
"#;

fn app() -> Project {
    let two = "Content-Type: text/plain\nSet-Cookie: a=1\nX-A: 1\nset-cookie: b=2\nStatus: 201 Fine\n\nexact";
    // The most specific first, as it has to be here.
    let (all, others) = MODULES.split_once("\n\n").expect("several");
    Project::new(&format!("{others}\n{all}\n"))
        .file("all.wat", wat::prints("Content-Type: text/plain\n\nall"))
        .file("shows.wat", wat::shows())
        .file("exact.wat", wat::prints(two))
}

/// The arguments and the variables of a request.
fn given(server: &DevServer, line: &str, headers: &[&str]) -> (Vec<String>, BTreeMap<String, String>) {
    let reply = server.request(line, headers, b"");
    assert_eq!(reply.status(), 200, "{}", String::from_utf8_lossy(&reply.body));
    let mut parts = reply.body.split(|b| *b == 0xff);
    let mut next = || {
        let part = String::from_utf8_lossy(parts.next().expect("a part")).into_owned();
        part.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>()
    };
    let arguments = next();
    let variables =
        next().iter().filter_map(|v| v.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    (arguments, variables)
}

#[test]
fn each_difference_is_as_on_the_host() {
    let headers = ["Content-Type: text/x", "Proxy: p", "X-A: 1", "X-A: 2", "X_B: u", "X-C: \u{e9}", "Authorization: a"];
    let names = [
        "CONTENT_TYPE",
        "HTTP_CONTENT_TYPE",
        "HTTP_PROXY",
        "HTTP_X_A",
        "HTTP_X_B",
        "HTTP_X_C",
        "PATH_INFO",
        "X_BASE_PATH",
    ];
    let absent = "(none)";
    for (like, arguments, values) in [
        (None, vec!["python", "/code/x.py"], ["text/x", "text/x", absent, "1, 2", absent, "\u{e9}", "/a b", absent]),
        (Some("wagi"), vec!["python", "/code/x.py"], ["", "text/x", "p", "2", "u", "CORRUPT VALUE", "/a b", absent]),
        (Some("spin"), vec!["python", "/code/x.py", ""], ["", "text/x", "p", "2", "u", "CORRUPT VALUE", "/a%20b", "/"]),
    ] {
        let project = app();
        let flags: Vec<_> = like.into_iter().flat_map(|like| ["--like", like]).collect();
        let server = project.dev(&flags);
        let (seen, variables) = given(&server, "GET /x/a%20b", &headers);
        assert_eq!(seen, arguments, "{like:?}");
        let value = |name: &str| variables.get(name).map_or(absent, String::as_str);
        assert_eq!(names.map(value), values, "{like:?}");
        assert!(!variables.contains_key("HTTP_AUTHORIZATION"));
        let log = server.wait_for_log(if like.is_none() { "X_B" } else { "GET /x/a%20b 200" });
        assert_eq!(log.contains("X_B"), like.is_none(), "what is dropped is told: {log}");

        let port = server.address.port();
        let url = |host: &str| format!("http://{host}/x/a?b=c");
        let (_, there) = given(&server, "GET /x/a?b=c", &[]);
        assert_eq!(there["X_FULL_URL"], url(&server.address.to_string()), "{like:?}");
        let without_port = server.raw("GET /x/a?b=c HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
        let (host, other) = match like {
            None => (format!("shop.test:{port}"), port.to_string()),
            Some("wagi") => ("shop.test:3000".to_owned(), "3000".to_owned()),
            _ => ("shop.test".to_owned(), "80".to_owned()),
        };
        let without_port = String::from_utf8_lossy(&without_port).into_owned();
        for expected in [format!("X_FULL_URL={}\0", url(&host)), format!("SERVER_PORT={other}\0")] {
            assert!(without_port.contains(&expected), "{like:?}: no {expected} in {without_port:?}");
        }

        // What is tried first, and what a path ends with.
        let exact = server.get("/exact");
        let expected: &[_] = match like {
            None => &["a=1", "b=2"],
            Some(_) => &["b=2"],
        };
        let cookies: Vec<_> = exact.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("Set-Cookie")).collect();
        assert_eq!(cookies.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), expected, "{like:?}");
        assert_eq!(exact.line, if like.is_none() { "HTTP/1.1 201 Fine" } else { "HTTP/1.1 201 Created" }, "{like:?}");
        let slash = server.get("/exact/");
        assert_eq!(slash.body, if like == Some("spin") { b"exact".to_vec() } else { b"all".to_vec() }, "{like:?}");
    }
}

#[test]
fn a_host_without_a_network_is_played_without_one() {
    let python = "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nargv = \"python /a.py\"\nallowed_hosts = [\"a:1\"]\n";
    let other = "\n[[module]]\nroute = \"/b\"\nmodule = \"a.wat\"\nallowed_hosts = [\"a:1\"]\n";
    let project = Project::new(&format!("{python}{other}")).file("a.wat", wat::prints(""));
    let warning = |line: u32, host: &str| {
        format!("warning: modules.toml:{line}: {host} has no network: scripts fail where they connect")
    };
    for (like, expected) in [
        (&[][..], vec![]),
        (&["--like", "wagi"], vec![warning(1, "wagi 0.8.1")]),
        (&["--like", "spin"], vec![warning(1, "Spin 4's WAGI executor"), warning(7, "Spin 4's WAGI executor")]),
    ] {
        let server = project.dev(like);
        server.get("/b");
        let log = server.wait_for_log("GET /b");
        let told: Vec<_> = log.lines().filter(|line| line.contains("network")).collect();
        assert_eq!(told, expected, "{like:?}");
    }
}

#[test]
fn spin_takes_the_most_specific_route_and_answers_for_its_health_elsewhere() {
    let project = app().file("modules.toml", MODULES);
    let spin = project.dev(&["--like", "spin"]);
    assert_eq!((spin.get("/exact").body, spin.get("/y").body), (b"exact".to_vec(), b"all".to_vec()));
    assert_eq!(given(&spin, "GET /x/", &[]).1["PATH_INFO"], "/");
    let wagi = project.dev(&["--like", "wagi"]);
    assert_eq!(wagi.get("/exact").body, b"all");
    let one = Project::new("[[module]]\nroute = \"/a\"\nmodule = \"a.wat\"\n").file("a.wat", wat::prints(""));
    for (like, healthy, other) in
        [("spin", "/.well-known/spin/health", "/healthz"), ("wagi", "/healthz", "/.well-known/spin/health")]
    {
        let server = one.dev(&["--like", like]);
        assert_eq!((server.get(healthy).status(), server.get(other).status()), (200, 404), "{like}");
    }
    one.pywagi(["dev", "--like", "nginx"]).output().code(2).stderr_has("[possible values: spin, wagi]");
}

#[test]
fn a_module_that_the_host_cannot_run_is_named() {
    let special = wat::prints("Content-Type: text/plain\n\nx").replacen("(memory", "(tag (param i32)) (memory", 1);
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"special.wat\"\n").file("special.wat", special);
    let server = DevServer::start(&project, &["--like", "wagi"]);
    assert_eq!(server.get("/").status(), 200);
    let log = server.log();
    let warning = "warning: modules.toml:1: special.wat needs WebAssembly exceptions, which wagi 0.8.1 has not";
    assert!(log.contains(warning), "{log}");
}
