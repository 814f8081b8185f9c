//! A database that scripts and a native program write to at the same time.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{App, Result};

/// The script: counts its requests in the database.
pub const SCRIPT: &str = "import sqlite3
db = sqlite3.connect('/data/soak.db', isolation_level=None, timeout=60)
db.execute('begin immediate')
db.execute(\"update counter set n = n + 1 where who = 'guest'\")
db.execute('insert into log select n, hex(randomblob(200)) from counter')
db.execute('delete from log where rowid < (select max(rowid) from log) - 1000')
db.execute('commit')
print('Content-Type: text/plain\\n\\ncounted')
";

/// The native program: the same, until its standard input ends; prints its count.
const NATIVE: &str = "import sqlite3, sys, threading
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
count = 0
while not ended.wait(0.02):
    db = sqlite3.connect('data/soak.db', isolation_level=None, timeout=60)
    db.execute('begin immediate')
    db.execute(\"update counter set n = n + 1 where who = 'native'\")
    db.execute('insert into log select n, hex(randomblob(200)) from counter')
    db.execute('commit')
    db.close()
    count += 1
print(count)
";

const CREATE: &str = "import sqlite3
db = sqlite3.connect('data/soak.db')
db.execute('create table counter(who, n)')
db.execute('create table log(n, pad)')
db.execute(\"insert into counter values ('guest', 0), ('native', 0)\")
db.commit()
";

const CHECK: &str = "import sqlite3
db = sqlite3.connect('data/soak.db')
print(db.execute('pragma integrity_check').fetchone()[0], *[n for n, in db.execute('select n from counter order by who')])
";

/// The native program while it writes.
pub struct NativeWriter<'a> {
    app: &'a App,
    process: Child,
}

impl<'a> NativeWriter<'a> {
    /// Makes a new database and begins to write to it.
    pub fn start(app: &'a App) -> Result<Self> {
        let data = app.directory.join("data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(&data)?;
        succeeded(native(app, CREATE).output()?)?;
        let process = native(app, NATIVE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        Ok(Self { app, process })
    }

    /// Ends it and checks that the database is whole and has everything that it and `requests` requests wrote. Returns how
    /// often it wrote.
    pub fn finish(mut self, requests: usize) -> Result<usize> {
        drop(self.process.stdin.take());
        let mut count = String::new();
        self.process.stdout.take().ok_or("no stdout")?.read_to_string(&mut count)?;
        if !self.process.wait()?.success() {
            return Err("the native program could not write to the database".into());
        }
        let found = succeeded(native(self.app, CHECK).output()?)?;
        let expected = format!("ok {requests} {count}");
        if found.trim() != expected.trim() {
            return Err(format!("the database says {found:?} instead of {expected:?}").into());
        }
        Ok(count.trim().parse()?)
    }
}

impl Drop for NativeWriter<'_> {
    fn drop(&mut self) {
        // Where the soak failed, it may still run.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn native(app: &App, script: &str) -> Command {
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(&app.directory);
    command
}

fn succeeded(output: Output) -> Result<String> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
