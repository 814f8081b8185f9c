//! Full disks and places that cannot be written to: an answer is worth more than what could not be kept of it.

use sha2::{Digest, Sha256};

#[cfg(target_os = "linux")]
use crate::support::{DevServer, cache_dir, small_disk};
use crate::support::{ONE, Project, python_modules, wat};

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_for_the_log_is_told_and_requests_are_answered() {
    let project = Project::new(ONE).file("guest.wat", wat::writes("Content-Type: a/b\n\nfine", "line\n", 0));
    let directory = format!("logs/{:x}", Sha256::digest("/..."));
    let project = project.directory(&directory);
    std::os::unix::fs::symlink("/dev/full", project.path(&format!("{directory}/module.stderr"))).expect("a link");
    let server = project.dev(&["--log-dir", "logs"]);
    let warning =
        format!("warning: cannot write to {directory}/module.stderr: No space left on device (os error 28)\n");
    for count in 1..=2 {
        assert_eq!(server.get("/").text(), "fine");
        server.wait_for(|log| log.matches(&warning).count() == count, &warning);
    }
    server.wait_for_log("             line\n");
}

#[test]
fn a_log_that_cannot_be_made_is_told_and_requests_are_answered() {
    let project = Project::new(ONE).file("guest.wat", wat::writes("Content-Type: a/b\n\nfine", "line\n", 0));
    let server = project.dev(&["--log-dir", "logs"]);
    std::fs::remove_dir(project.path("logs")).expect("removed");
    project.write("logs", "a file in its place");
    assert_eq!(server.get("/").text(), "fine");
    let directory = format!("logs/{:x}", Sha256::digest("/..."));
    let taken = std::fs::create_dir_all(project.path(&directory)).expect_err("a file is in its place");
    server.wait_for_log(&format!("\nwarning: cannot write to {directory}/module.stderr: {taken}\n"));
    std::fs::remove_file(project.path("logs")).expect("removed");
    assert_eq!(server.get("/").text(), "fine");
    let written = project.files().into_iter().find(|(name, _)| name.starts_with("logs/")).expect("a log");
    assert_eq!(written.1, b"line\n");
}

#[test]
fn a_cache_that_cannot_keep_anything_costs_time_and_no_answer() {
    // The places of compiled code, saved interpreters and digests are taken by files.
    let guest = wat::prints("Content-Type: a/b\n\nfine");
    let project = Project::new(ONE).file("guest.wat", guest);
    let mut cache = project.path("cache");
    project.pywagi(["invoke", "/", "-q"]).env("PYWAGI_CACHE_DIR", &cache).output().code(0).stdout("fine");
    for section in std::fs::read_dir(&cache).expect("the cache").map(|entry| entry.expect("an entry").path()) {
        if section.is_dir() {
            std::fs::remove_dir_all(&section).expect("removed");
            std::fs::write(&section, "").expect("written");
        }
    }
    let run = project.pywagi(["invoke", "/", "-q"]).env("PYWAGI_CACHE_DIR", &cache).output();
    run.code(0).stdout("fine");
    cache.push("code");
    assert_eq!(std::fs::read(&cache).expect("still a file"), b"");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_for_saved_interpreters_costs_time_and_no_answer() {
    let project =
        Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", "print('Content-Type: a/b\\n\\nfine')\n");
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine\n");
    // A cache of its own, with the compiled code of the one that tests share.
    for section in ["code", "digests"] {
        let own = project.path("cache").join(section);
        std::fs::create_dir_all(&own).expect("made");
        for entry in std::fs::read_dir(cache_dir().join(section)).expect("a section") {
            let entry = entry.expect("an entry");
            // What another test is writing just now has a temporary name.
            if !entry.file_name().to_string_lossy().starts_with('.') {
                std::fs::copy(entry.path(), own.join(entry.file_name())).expect("copied");
            }
        }
    }
    let cache = project.path("cache");
    let first = format!("{}; export PYWAGI_CACHE_DIR='{}'", small_disk(32 << 10), cache.display());
    let server = DevServer::start_after(&project, &first, &["-v"]);
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), "fine\n");
    }
    let log = server.wait_for(|log| log.matches(" total ").count() == 3, "three requests");
    assert!(!log.contains("panicked") && log.contains("; cold ("), "{log}");
    let half_written: Vec<_> = project.names().into_iter().filter(|name| name.starts_with("cache/images/")).collect();
    assert!(half_written.iter().all(|name| name == "cache/images/"), "{half_written:?}\n{log}");
}

/// A script that is in the middle of a transaction when it does what its argument says.
const TRANSACTION: &str = "import os, sqlite3, sys, time
db = sqlite3.connect('/code/app.db', isolation_level=None, timeout=0)
db.execute('begin immediate')
db.execute('create table if not exists t(a)')
db.execute('insert into t values (1)')
if 'sleep' in sys.argv: time.sleep(600)
if 'loop' in sys.argv:
    while True: pass
if 'abort' in sys.argv: os.abort()
if 'exit' in sys.argv: os._exit(3)
db.execute('commit')
print('Content-Type: text/plain\\n')
print(db.execute('select count(*) from t').fetchone()[0], sorted(os.listdir('/code')))
";

#[test]
fn a_database_is_not_left_locked_by_a_guest_that_is_stopped_inside_a_transaction() {
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", TRANSACTION);
    let invoke = |target: &str, timeout, flags: &[&str]| {
        project.pywagi(["invoke", target, "-q", "--timeout", timeout].iter().chain(flags)).output()
    };
    let mut committed = 0;
    for flags in [&["--cold"][..], &[]] {
        for how in ["sleep", "loop", "abort", "exit"] {
            // On a busy machine the first may end before its transaction begins.
            let timeout = if ["sleep", "loop"].contains(&how) { "1s" } else { "60s" };
            invoke(&format!("/?{how}"), timeout, flags).code(3);
            assert!(!project.path("code/app.db.lock").exists(), "{how} {flags:?}");
            committed += 1;
            invoke("/?commit", "60s", flags).code(0).stdout(format!("{committed} ['app.db', 'app.py']\n"));
        }
    }
}

#[test]
fn a_directory_that_is_called_a_lock_and_locks_no_database_is_the_guests_own() {
    let script = "import os, sys\nopen('/code/jobs', 'w').write('not a database')\nopen('/code/empty', 'w').close()\n\
        jobs = open('/code/jobs')\n\
        for name in 'jobs', 'none', 'gone', 'empty': os.mkdir(f'/code/{name}.lock')\nos.rmdir('/code/gone.lock')\n\
        if 'exit' in sys.argv: os._exit(3)\nprint('Content-Type: text/plain\\n\\nfine')\n";
    for (target, code) in [("/", 0), ("/?exit", 3)] {
        let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
        project.pywagi(["invoke", target, "-q"]).output().code(code);
        assert_eq!(
            project.names(),
            [
                "code/app.py",
                "code/empty",
                "code/empty.lock/",
                "code/jobs",
                "code/jobs.lock/",
                "code/none.lock/",
                "modules.toml"
            ],
            "{target}"
        );
    }
}

#[test]
fn a_lock_that_a_killed_run_left_is_named() {
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", TRANSACTION);
    project.pywagi(["invoke", "/", "-q"]).output().code(0);
    std::fs::create_dir(project.path("code/app.db.lock")).expect("made");
    for flags in [&["--cold"][..], &[]] {
        project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output().code(3).stderr_has(
            "error: /code/app.py failed with exit code 1: sqlite3.OperationalError: database is locked\n  \
             help: if no other run uses the database, a run that was killed left it locked: remove the directory \
             code/app.db.lock\n",
        );
        assert!(project.path("code/app.db.lock").exists());
    }
}
