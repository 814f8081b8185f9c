//! Clients that leave before their answer: their requests are stopped, or not begun.

use crate::dev::{ONE, python_modules};
use crate::support::{Connection, DevServer, Project, wat};

/// Sends a request for `path`.
fn ask(server: &DevServer, path: &str) -> Connection {
    let mut connection = server.connect();
    connection.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    connection
}

/// An app whose `/NAME` says `NAME begun` to standard error and runs a script.
fn project(scripts: &[(&str, &str)]) -> Project {
    let routes: Vec<_> = scripts.iter().map(|(name, _)| (format!("/{name}"), format!("{name}.py"))).collect();
    let routes: Vec<_> = routes.iter().map(|(route, file)| (route.as_str(), file.as_str())).collect();
    scripts.iter().fold(Project::new(&python_modules(&routes)), |project, (name, script)| {
        let script = format!("import sys, time\nprint('{name} begun', file=sys.stderr, flush=True)\n{script}\n");
        project.file(&format!("code/{name}.py"), script)
    })
}

#[test]
fn a_script_without_end_is_stopped_when_its_client_leaves() {
    let project = project(&[
        ("busy", "while True: pass"),
        ("asleep", "time.sleep(600)"),
        ("good", "print('Content-Type: text/plain\\n\\ngood')"),
    ]);
    for flags in [&["--timeout", "10m"][..], &["--timeout", "10m", "--cold"]] {
        let server = project.dev(flags);
        for name in ["busy", "asleep"] {
            let connection = ask(&server, &format!("/{name}"));
            server.wait_for_log(&format!("{name} begun\n"));
            drop(connection);
            assert_eq!(server.get("/good").text(), "good\n");
            let log = server.wait_for_log(&format!("GET /{name} 499 not sent, the client left "));
            assert!(!log.contains("error:"), "{log}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_only_shut_down_its_sending_side_is_answered() {
    let project = project(&[("slow", "time.sleep(0.5)\nprint('Content-Type: text/plain\\n\\nslow')")]);
    let server = project.dev(&[]);
    let mut connection = ask(&server, "/slow");
    connection.finish();
    assert!(connection.rest().ends_with(b"\r\n\r\nslow\n"));
}

#[test]
fn a_queued_request_whose_client_has_left_is_not_begun() {
    let hangs = wat::hangs("Content-Type: a/b\n\n", "begun\n");
    let server = Project::new(ONE).file("guest.wat", hangs).dev(&["--timeout", "2s"]);
    let mut first = ask(&server, "/first");
    server.wait_for_log("begun\n");
    drop(ask(&server, "/second"));
    assert_eq!(first.reply(true).status(), 500);
    let log = server.wait_for_log("GET /second 499 the client left before its request began\n");
    assert_eq!(log.matches("begun\n").count(), 1, "{log}");
}
