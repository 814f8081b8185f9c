//! What users of a web server see: the path of a request, its body, its failure, and how quickly the next one starts.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::web_server::{Kind, WebServer};
use crate::support::{PATIENCE, Project, binary, python_modules};

const KINDS: [Kind; 2] = [Kind::Lighttpd, Kind::Apache];

/// Prints what it sees, as lines.
const SHOW: &str = "import os, sys
print('Content-Type: text/plain')
print()
for name in sorted(os.environ):
    print(f'{name}={os.environ[name]}')
print(sys.argv)
";

/// Prints how long the body is, and its CRC.
const BODY: &str = "import sys, zlib
body = sys.stdin.buffer.read()
print('Content-Type: text/plain')
print()
print(len(body), zlib.crc32(body))
";

/// Ends with an exception that holds a secret.
const FAIL: &str = "print('Content-Type: text/plain\\n')
raise ValueError('the secret')
";

/// An app whose modules.toml is the CGI program.
fn app() -> Project {
    let routes = [("/", "show.py"), ("/show/...", "show.py"), ("/body", "body.py"), ("/fail", "fail.py")];
    let project = Project::new(&format!("#!{} cgi\n{}", binary().display(), python_modules(&routes)));
    let project = project.file("code/show.py", SHOW).file("code/body.py", BODY).file("code/fail.py", FAIL);
    make_executable(&project.path("modules.toml"));
    project
}

pub fn make_executable(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a file of ours");
}

/// Runs `check` with each of the servers that are installed.
fn behind_each(project: &Project, mount: &str, check: impl Fn(&WebServer)) {
    for kind in KINDS {
        if let Some(server) = WebServer::start(kind, project, mount, "modules.toml") {
            check(&server);
        }
    }
}

#[test]
fn an_app_below_a_mount_knows_where_it_is() {
    let project = app();
    behind_each(&project, "/shop", |server| {
        let text = server.get("/shop/show/a%20b?x&y=1").text();
        for line in [
            "SCRIPT_NAME=/shop/show",
            "PATH_INFO=/a b",
            "X_RAW_PATH_INFO=/a%20b",
            "X_MATCHED_ROUTE=/show/...",
            "QUERY_STRING=x&y=1",
            "REMOTE_ADDR=127.0.0.1",
            "SERVER_PROTOCOL=HTTP/1.1",
            "SERVER_NAME=127.0.0.1",
            &format!("SERVER_PORT={}", server.address.port()),
            &format!("X_FULL_URL=http://{}/shop/show/a%20b?x&y=1", server.address),
            "['/code/show.py', 'x', 'y=1']",
        ] {
            assert!(text.lines().any(|found| found == line), "{:?}: no {line}:\n{text}\n{}", server.kind, server.log());
        }
        // The mount itself is the root of the app.
        for target in ["/shop", "/shop/"] {
            let text = server.get(target).text();
            assert!(text.contains("\nSCRIPT_NAME=/shop/\n"), "{:?}: {target}\n{text}", server.kind);
        }
    });
}

#[test]
fn an_app_at_the_root_has_all_paths() {
    let project = app();
    behind_each(&project, "", |server| {
        let text = server.get("/show/a?b").text();
        assert!(text.contains("\nSCRIPT_NAME=/show\n"), "{:?}\n{text}", server.kind);
        assert!(text.contains("\nPATH_INFO=/a\n"), "{:?}\n{text}", server.kind);
        assert!(server.get("/").text().contains("\nSCRIPT_NAME=/\n"), "{:?}", server.kind);
        let none = server.get("/none");
        assert_eq!((none.status(), none.text().as_str()), (404, "404 Not Found\n"), "{:?}", server.kind);
    });
}

#[test]
fn a_guest_sees_nothing_of_the_server() {
    let project = app();
    behind_each(&project, "", |server| {
        let headers = [
            format!("Host: {}", server.address),
            "Proxy: http://evil.test".to_owned(),
            "Authorization: Basic x".to_owned(),
            "Pywagi-Cache-Dir: /evil".to_owned(),
            "X-Sent: yes".to_owned(),
        ];
        let text = server.request("GET /show?--help+-c+/none.toml", &headers, b"").text();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.contains(&"HTTP_X_SENT=yes"), "{:?}\n{text}\n{}", server.kind, server.log());
        assert!(lines.contains(&"HTTP_PYWAGI_CACHE_DIR=/evil"), "{:?}\n{text}", server.kind);
        let names: Vec<_> = lines.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        for name in
            ["HTTP_PROXY", "HTTP_AUTHORIZATION", "PATH", "PYWAGI_CACHE_DIR", "SECRET_OF_THE_SERVER", "SCRIPT_FILENAME"]
        {
            assert!(!names.contains(&name), "{:?}: {name}\n{text}", server.kind);
        }
        assert!(names.iter().all(|name| !name.starts_with("DOCUMENT_")), "{:?}\n{text}", server.kind);
    });
}

#[test]
fn bodies_arrive_whole_and_head_has_none() {
    let project = app();
    let large: Vec<u8> = (0..=250).cycle().take(20 << 20).collect();
    behind_each(&project, "", |server| {
        let host = format!("Host: {}", server.address);
        for body in [&b""[..], b"\r\n\0\xff", &large] {
            let headers = [host.clone(), format!("Content-Length: {}", body.len())];
            let mut crc = flate2::Crc::new();
            crc.update(body);
            let text = server.request("POST /body", &headers, body).text();
            assert_eq!(text, format!("{} {}\n", body.len(), crc.sum()), "{:?}\n{}", server.kind, server.log());
        }
        let chunked = [host.clone(), "Transfer-Encoding: chunked".to_owned()];
        let text = server.request("POST /body", &chunked, b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n").text();
        assert_eq!(text, "7 824863398\n", "{:?}\n{}", server.kind, server.log());
        let head = server.request("HEAD /body", &[host], b"");
        assert_eq!((head.status(), head.body.len(), head.header("Content-Type")), (200, 0, Some("text/plain")));
    });
}

#[test]
fn the_client_of_a_request_that_fails_learns_nothing_and_the_log_all() {
    let project = app();
    behind_each(&project, "/shop", |server| {
        let reply = server.get("/shop/fail?q");
        assert_eq!((reply.status(), reply.text().as_str()), (500, "500 Internal Server Error\n"), "{:?}", server.kind);
        let log = server
            .wait_for_log("error: GET /shop/fail?q: /code/fail.py failed with exit code 1: ValueError: the secret");
        assert!(log.contains("Traceback (most recent call last):"), "{:?}\n{log}", server.kind);
    });
}

#[test]
fn many_cold_requests_at_once_are_answered_and_one_interpreter_is_saved() {
    let project = app().own_images();
    let program =
        format!("#!/bin/sh\nexec '{}' cgi -v -c '{}'\n", binary().display(), project.path("modules.toml").display());
    let project = project.file("app.cgi", program);
    make_executable(&project.path("app.cgi"));
    for kind in KINDS {
        let cache = project.path("cache");
        let Some(server) = WebServer::start_with_cache(kind, &project, "", "app.cgi", &cache) else { continue };
        for section in ["images", "log"] {
            let _ = std::fs::remove_dir_all(cache.join(section));
        }
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    assert!(server.get("/show").text().contains("\nSCRIPT_NAME=/show\n"), "{}", server.log())
                });
            }
        });
        // The process that saves it outlives the requests, and the server lets it.
        let deadline = std::time::Instant::now() + PATIENCE;
        let warm = |log: &str| log.contains("route /show/...; warm; ");
        while !warm(&server.log()) {
            assert!(std::time::Instant::now() < deadline, "{kind:?}: none is warm\n{}", server.log());
            server.get("/show");
        }
        assert!(server.log().contains("; cold (there is no saved interpreter for it yet); "), "{}", server.log());
        let images = std::fs::read_dir(cache.join("images")).expect("a section").flatten();
        let images = images.filter(|entry| entry.path().extension().is_some_and(|e| e == "image")).count();
        assert_eq!(images, 1, "{kind:?}");
        drop(server);
        std::fs::remove_dir_all(project.path("log")).expect("logs");
    }
}

#[test]
fn a_cache_that_cannot_be_written_serves_what_it_has_and_the_rest_cold() {
    let project = app().own_images().file("code/late.py", "print('Content-Type: text/plain\\n\\nlate')\n");
    let modules = project.read("modules.toml");
    let late = python_modules(&[("/late", "late.py")]).replace("/code/late.py", "-B /code/late.py");
    project.write("modules.toml", format!("{modules}{late}"));
    let cache = project.path("cache");
    let program =
        format!("#!/bin/sh\nexec '{}' cgi -v -c '{}'\n", binary().display(), project.path("modules.toml").display());
    let project = project.file("app.cgi", program);
    make_executable(&project.path("app.cgi"));
    project.pywagi(["cache", "warm"]).env("PYWAGI_CACHE_DIR", &cache).output().code(0);
    // Of two interpreters, one is there.
    let images = || std::fs::read_dir(cache.join("images")).expect("a section").flatten().map(|entry| entry.path());
    let only = |option: &str| {
        images().find(|path| {
            let text = std::fs::read(path).expect("readable");
            path.extension().is_some_and(|e| e == "image") && memchr::memmem::find(&text, option.as_bytes()).is_some()
        })
    };
    let late_image = only("\"arguments\":[\"python\",\"-B\"").expect("the interpreter of /late");
    std::fs::remove_file(late_image).expect("an image");
    let read_only = |mode: u32| {
        for directory in [cache.join("images"), cache.clone()] {
            std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode)).expect("a directory of ours");
        }
    };
    read_only(0o500);
    for kind in KINDS {
        let Some(server) = WebServer::start_with_cache(kind, &project, "", "app.cgi", &cache) else { continue };
        assert_eq!(server.get("/show").status(), 200, "{}", server.log());
        server.wait_for_log("route /show/...; warm; ");
        assert_eq!(server.get("/late").text(), "late\n", "{}", server.log());
        server.wait_for_log("route /late; cold (there is no saved interpreter for it yet); ");
        let log = server.wait_for_log("no interpreter is saved for later requests: the cache cannot be written to");
        assert!(!log.contains("Compiled"), "{kind:?}\n{log}");
    }
    read_only(0o700);
}
