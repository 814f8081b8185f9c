//! The recordings of a `dev` that runs.

use super::{ids, newest, recorded, replay, said};
use crate::support::{ONE, Project, python_modules, wat};

/// Everything in it differs from run to run.
const DIFFERENT: &str = "import os, random, sys, time, uuid\n\
    print('Content-Type: text/plain\\nX-Id: %s\\n' % uuid.uuid4())\n\
    print(time.time_ns(), time.monotonic(), random.random(), os.urandom(8).hex(), {'a', 'b', 'c'}, id(object()))\n\
    print(os.listdir('/code'), os.stat('/code').st_mtime_ns, sys.stdin.read())\n\
    print('logged', uuid.uuid4(), file=sys.stderr)\n";

#[test]
fn a_request_is_replayed_to_the_byte_after_its_script_has_changed() {
    let project = Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", DIFFERENT);
    let server = project.dev(&[]);
    // One from a new image, one from an image with more, one whose script was compiled anew.
    let mut answers = Vec::new();
    for target in ["/one", "/two?x=y", "/three"] {
        let reply = server.request(&format!("POST {target}"), &["Content-Length: 4"], b"body");
        answers.push((recorded(&project, target), reply));
    }
    project.write("code/app.py", "raise SystemExit(9)\n");
    project.write("code/new.py", "");
    for (id, reply) in &answers {
        let run = replay(&project, &[id, "-q"]);
        run.code(0).stdout(&reply.body);
        let logged = run.stderr_text();
        assert!(logged.starts_with("logged ") && server.log().contains(logged.trim_end()), "{run}");
        let run = replay(&project, &[id, "-i"]);
        run.stdout_has(&format!("\nX-Id: {}\n", reply.header("X-Id").expect("it was sent")).replace('\n', "\r\n"));
    }
    let run = replay(&project, &[&answers[1].0]);
    let step = said(&run, &answers[1].0);
    let start = "    Replayed ID: POST /two?x=y of TIME, 200, exit code 0, ";
    assert!(step.starts_with(start) && step.ends_with(" calls"), "{step}");
    // The clocks and the entropy of the others are their own.
    assert!(answers[0].1.body != answers[1].1.body && answers[1].1.body != answers[2].1.body);
}

#[test]
fn the_log_names_the_replay_of_a_request_that_failed() {
    let project = Project::new(&python_modules(&[("/bad", "bad.py"), ("/...", "good.py")]))
        .file("code/bad.py", "print('Content-Type: a/b\\n')\n{}['key']\n")
        .file("code/good.py", "print('Content-Type: a/b\\n')\n");
    let server = project.dev(&[]);
    server.get("/good");
    let reply = server.get("/bad?x");
    let log = server.wait_for_log("KeyError: 'key'\nerror: ");
    let hint = log.lines().find(|line| line.contains("pywagi replay ")).expect("a hint");
    assert!(hint.contains(" GET /bad?x 500 "), "{log}");
    assert_eq!(log.matches("pywagi replay ").count(), 1, "{log}");
    let page = format!("  http://{}/__pywagi/requests/2", server.address);
    let id = hint.strip_suffix(&page).and_then(|hint| hint.rsplit_once(' ')).expect("an ID and a page").1;
    let traceback = "Traceback (most recent call last):\n  File \"/code/bad.py\", line 2, in <module>\n    \
                     {}['key']\n    ~~^^^^^^^\nKeyError: 'key'\n";
    let run = replay(&project, &[id, "-q"]);
    run.code(3).stdout(&reply.body);
    run.stderr(&format!("{traceback}error: /code/bad.py failed with exit code 1: KeyError: 'key'\n"));

    // With --verbose, every request has its replay.
    let server = project.dev(&["-v"]);
    server.get("/good");
    let log = server.wait_for_log("; pywagi replay ");
    assert!(log.contains(" ms; pywagi replay "), "{log}");
}

#[test]
fn a_row_that_was_inserted_is_not_inserted_again() {
    let script = "import sqlite3\n\
                  with sqlite3.connect('/data/a.db') as db:\n    \
                  db.execute('CREATE TABLE IF NOT EXISTS t (x)')\n    db.execute('INSERT INTO t VALUES (random())')\n    \
                  rows = db.execute('SELECT * FROM t').fetchall()\n\
                  print('Content-Type: text/plain\\n')\nprint(rows)\n";
    let modules = python_modules(&[("/...", "app.py")]).replace("\"/code\" = ", "\"/data\" = \"data\", \"/code\" = ");
    let project = Project::new(&modules).file("code/app.py", script).directory("data");
    let server = project.dev(&[]);
    server.get("/");
    let reply = server.get("/second");
    let id = recorded(&project, "/second");
    assert_eq!(reply.text().matches(',').count(), 3, "two rows: {}", reply.text());
    let database = std::fs::read(project.path("data/a.db")).expect("the database");
    for _ in 0..2 {
        replay(&project, &[&id, "-q"]).code(0).stdout(&reply.body).stderr("");
    }
    assert!(std::fs::read(project.path("data/a.db")).expect("the database") == database);
    std::fs::remove_dir_all(project.path("data")).expect("removed");
    replay(&project, &[&id, "-q"]).code(0).stdout(&reply.body).stderr("");
    assert!(!project.path("data").exists());
}

#[test]
fn recordings_are_listed_the_newest_first() {
    let modules = format!("[[module]]\nroute = \"/bad\"\nmodule = \"bad.wat\"\n{ONE}");
    let project =
        Project::new(&modules).file("guest.wat", wat::prints("Status: 404 No\n\n")).file("bad.wat", wat::traps("", ""));
    let server = project.dev(&[]);
    replay(&project, &[]).code(0).stdout("").stderr("No request has been recorded yet\n");
    let first = newest(&project, &server, "/a?b=c");
    let second = newest(&project, &server, "/bad");
    let list = replay(&project, &[]);
    let lines: Vec<_> = list.stdout_text().lines().map(|line| line[26..].to_owned()).collect();
    assert_eq!(lines, ["  500  GET /bad  (trapped)", "  404  GET /a?b=c  (exit code 0)"]);
    assert_eq!(ids(&list), [second.as_str(), &first]);
    // Of two servers of an app, both are asked.
    let other = project.dev(&[]);
    other.get("/third");
    let third = recorded(&project, "/third");
    assert_eq!(ids(&replay(&project, &[])), [third, second, first.clone()]);
    replay(&project, &[&first, "-q"]).code(0).stdout("").stderr("");
    replay(&project, &["latest", "-qi"]).code(0).stdout("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn the_oldest_of_many_requests_is_gone() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n"));
    let server = project.dev(&["--record", "rec"]);
    let first = newest(&project, &server, "/0");
    for number in 1..=200 {
        server.get(&format!("/{number}"));
    }
    recorded(&project, "/200");
    assert_eq!(ids(&replay(&project, &[])).len(), 200);
    replay(&project, &[&first]).code(1).stdout("").stderr(&format!(
        "error: there is no recording {first}\n  \
         help: `pywagi replay` alone lists them; those that are too old made room for newer ones\n"
    ));
    // Its file, too, once the next request was answered.
    server.get("/");
    let files = || std::fs::read_dir(project.path("rec")).expect("the directory").count();
    recorded(&project, "/");
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while files() != 200 {
        assert!(std::time::Instant::now() < deadline, "{} files", files());
    }
    assert!(!project.path(&format!("rec/{first}.replay")).exists());
}

#[test]
fn a_directory_that_is_gone_is_said_once() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let server = project.dev(&["--record", "rec"]);
    newest(&project, &server, "/first");
    std::fs::remove_dir_all(project.path("rec")).expect("removed");
    let second = newest(&project, &server, "/second");
    newest(&project, &server, "/third");
    server.get("/fourth");
    let log = server.wait_for(|log| log.contains(" GET /fourth "), "the last request");
    assert_eq!(log.matches("cannot write the recording rec/").count(), 1, "{log}");
    // They are in memory all the same.
    replay(&project, &[&second, "-q"]).code(0).stdout("fine").stderr("");
}

#[test]
fn without_recordings_there_is_nothing_to_ask() {
    let project = Project::new(ONE).file("guest.wat", wat::traps("", ""));
    let server = project.dev(&["--no-record"]);
    server.get("/");
    let log = server.wait_for_log("error: guest.wat trapped");
    assert!(!log.contains("pywagi replay"), "{log}");
    let none = "error: no `pywagi dev` of modules.toml runs\n  \
                help: recordings are in the memory of the server that made them; start it and send the request again, or \
                name the directory that --record wrote: `pywagi replay --record DIR`\n";
    replay(&project, &[]).code(1).stdout("").stderr(none);
    replay(&project, &["k7f3w"]).code(1).stdout("").stderr(none);
    // Nor does a server that was killed keep one from asking another.
    let killed = project.dev(&[]);
    drop(killed);
    replay(&project, &["latest"]).code(1).stdout("").stderr(none);
}

#[test]
fn no_path_of_the_app_leads_to_its_recordings() {
    let project = Project::new(ONE).file("guest.wat", wat::shows());
    let recorded_by = project.dev(&["--no-inspect"]);
    let silent = project.dev(&["--no-record", "--no-inspect"]);
    for line in ["GET /__pywagi/", "GET /__pywagi/replay/list", "POST /__pywagi/recordings?token=1"] {
        let replies = [&recorded_by, &silent].map(|server| {
            let reply = server.request(line, &["Content-Length: 1"], b"x");
            let port = server.address.port().to_string();
            let hide = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&port, "PORT");
            let date = format!("Date: {}\r\n", reply.header("Date").expect("a date"));
            (hide(&reply.head).replace(&date, ""), hide(&reply.body))
        });
        assert!(replies[0].1.contains("PATH_INFO=/__pywagi/"), "{}", replies[0].1);
        assert_eq!(replies[0], replies[1], "{line}");
    }
}
