//! `--export`: a recording as a file, to be given to others.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::cache::seal::write_atomically;
use crate::cli::Replay;
use crate::error::{Context, Error, Kind, Result};
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::find::Found;

/// Writes the recording that the user calls `name` to `file`, which only the user may read.
///
/// # Errors
/// Fails without `--yes`, for a header that it does not have, and where the file cannot be written.
pub fn run(arguments: &Replay, name: &str, file: &Path, terminal: &Terminal) -> Result<()> {
    let found = Found::find(arguments, name, terminal)?;
    if !arguments.yes {
        return Err(Error::of(Kind::Usage, "a recording may hold bodies, cookies, file contents and other secrets")
            .remedy("export it with --yes; --redact NAME leaves the value of a request header or variable out"));
    }
    let mut request = Arc::unwrap_or_clone(found.request);
    for name in &arguments.redact {
        if !request.redact(name) {
            let names: Vec<_> = request.environment.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Error::of(Kind::Usage, format!("the request has neither a header nor a variable {name}"))
                .remedy(format!("it has these variables: {}", names.join(", "))));
        }
    }
    let content = request.encode().map_err(|invalid| invalid.error(&found.name))?;
    write_atomically(file, |to| to.write_all(&content)).context(|| format!("cannot write {}", shown(file)))?;
    terminal.step("Exported", format_args!("{} to {}; replay it with --rebuild elsewhere", found.name, shown(file)));
    Ok(())
}
