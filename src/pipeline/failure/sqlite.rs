//! What helps a script that could not use an SQLite database.

use crate::guest::{Exit, SqliteFinding};
use crate::text_file;

use super::Exception;

/// What helps against `exception`, by what the host found of the database.
pub fn help(exception: &Exception, finding: &SqliteFinding) -> Option<String> {
    let is_locked = exception.message.contains("database is locked");
    match finding {
        SqliteFinding::Wal(database) if is_locked || exception.message == "file is not a database" => {
            let database = text_file::shown(database);
            Some(format!(
                "{database} is in WAL mode, which needs shared memory, and guests have none: end the programs that use \
                 it and run `sqlite3 {database} 'PRAGMA journal_mode = DELETE'`"
            ))
        }
        _ if !is_locked => None,
        SqliteFinding::LockDirectory(lock) => {
            let lock = text_file::shown(lock);
            Some(format!(
                "if no other run uses the database, a run that was killed left it locked: remove the directory {lock}"
            ))
        }
        SqliteFinding::Locked { database, process } => {
            let database = text_file::shown(database);
            let holder = match process {
                Some(process) => format!("process {process}"),
                None => "another connection, of a run or of this script,".to_owned(),
            };
            Some(format!(
                "{holder} has {database} locked: end its transaction, or wait for it longer, as with \
                 `sqlite3.connect(…, timeout=60)`"
            ))
        }
        SqliteFinding::Wal(_) => None,
    }
}

/// What helps against a trap that SQLite's temporary files cause: in this build of it a function that they need is missing.
pub fn help_of_trap(exit: &Exit) -> Option<&'static str> {
    matches!(exit, Exit::Trap(why) if why == "uninitialized element").then_some(
        "if it uses SQLite, run `PRAGMA temp_store = MEMORY` after connecting: SQLite's temporary files do not work here",
    )
}
