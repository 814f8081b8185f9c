//! What helps against what the interpreter lacks here.

use super::Exception;

/// What helps against an exception whose message does not lead to its cause.
pub fn help_of(exception: &Exception) -> Option<String> {
    const PRAGMA: &str = "a script that uses sqlite3 needs `PRAGMA temp_store = MEMORY` as well: \
                          SQLite's temporary files do not work here";
    match exception.class.as_deref() {
        Some("FileNotFoundError") if exception.message.contains("No usable temporary directory found in") => {
            Some(format!(
                "add `\"/tmp\" = \"tmp\"` to its `volumes` in modules.toml and create the directory `tmp` \
                          beside that file\n{PRAGMA}"
            ))
        }
        Some("sqlite3.OperationalError") if exception.message == "disk I/O error" => Some(
            "run `PRAGMA temp_store = MEMORY` after connecting: SQLite's temporary files do not work here".to_owned(),
        ),
        Some("AttributeError" | "ImportError") if exception.message.contains("'pbkdf2_hmac'") => Some(
            "`hashlib.pbkdf2_hmac` needs OpenSSL, and Python 3.12 is built without it here; Python 3.11 has the \
             function: `pywagi toolchain install 3.11`"
                .to_owned(),
        ),
        Some("AttributeError" | "ImportError") if exception.message.contains("'scrypt'") => Some(
            "`hashlib.scrypt` needs OpenSSL, and Python is built without it here; use another function for passwords, \
             such as `hashlib.pbkdf2_hmac` of Python 3.11"
                .to_owned(),
        ),
        Some("zoneinfo._common.ZoneInfoNotFoundError") => Some(
            "Python finds no time zones: add `\"/usr/share/zoneinfo\" = { path = \"/usr/share/zoneinfo\", read-only = true }` to \
             its `volumes` in modules.toml, or put the package tzdata beside the script: \
             `pip install --target code tzdata`"
                .to_owned(),
        ),
        _ => None,
    }
}
