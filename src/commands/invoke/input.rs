//! Files and standard input that a request is made of.

use std::fs::File;
use std::io::Read;

use crate::error::{Error, Kind, Result};

/// The bytes of the file `path`, or of standard input for `-`. At most `limit` bytes and one are read, which is enough
/// to have the request refused as too large: some files have no end. `what` names the use of the file in messages.
///
/// # Errors
/// Fails where it cannot be read.
pub fn read(path: &str, limit: u64, what: &str) -> Result<Vec<u8>> {
    let read = |from: &mut dyn Read| {
        let mut bytes = Vec::new();
        from.take(limit.saturating_add(1)).read_to_end(&mut bytes).map(|_| bytes)
    };
    if path == "-" {
        return read(&mut std::io::stdin().lock()).map_err(|e| {
            Error::new(format!("cannot read {what} from stdin")).because(e).remedy("give it a file or a pipe")
        });
    }
    File::open(path).and_then(|mut file| read(&mut file)).map_err(|e| {
        Error::new(format!("cannot read {what} from {path}"))
            .because(e)
            .remedy("check the path, which is relative to the working directory")
    })
}

/// A mistake in the command line.
pub fn usage(message: String, remedy: impl Into<String>) -> Error {
    Error::of(Kind::Usage, message).remedy(remedy)
}
