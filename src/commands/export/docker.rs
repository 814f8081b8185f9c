//! `pywagi export docker`

use std::path::Path;

use crate::cli::ExportDocker;
use crate::error::{Context, Result};
use crate::export::docker;
use crate::manifest;
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::{tell, write};

/// Writes a Dockerfile and what belongs to it.
///
/// # Errors
/// Fails where the app cannot be in a container, and where a file cannot be written.
pub fn run(arguments: &ExportDocker, terminal: &Terminal) -> Result<()> {
    let manifest = manifest::load(&manifest::find(arguments.config.as_deref())?)?;
    let directory = manifest.directory.join(&arguments.out);
    let has_dotenv = manifest.directory.join(".env").is_file();
    let options = docker::Options { directory: &arguments.out, writable: &arguments.writable, has_dotenv };
    let export = docker::export(&manifest, options)?;
    let program = match &arguments.pywagi {
        Some(program) => Some(program.clone()),
        None if cfg!(target_os = "linux") => {
            Some(std::env::current_exe().context(|| "cannot find the program pywagi")?)
        }
        None => None,
    };
    write(&directory, &export.files, arguments.force, terminal)?;
    let place = directory.join(docker::PROGRAM);
    match &program {
        // It may be the very file.
        Some(program) if program.canonicalize().ok() == place.canonicalize().ok() => {}
        Some(program) => {
            copy(program, &place)?;
            terminal.step("Copied", format_args!("{} to {}", shown(program), shown(&place)));
        }
        None => terminal.warn(format_args!("put a pywagi for Linux at {}", shown(&place))),
    }
    tell(&export.notes, terminal);
    Ok(())
}

/// Copies a program, so that one that runs is replaced and not changed.
fn copy(program: &Path, place: &Path) -> Result<()> {
    let cannot = || format!("cannot copy {} to {}", shown(program), shown(place));
    let directory = place.parent().unwrap_or(Path::new("."));
    let temporary = tempfile::NamedTempFile::new_in(directory).context(cannot)?;
    std::fs::copy(program, temporary.path()).context(cannot)?;
    temporary.persist(place).map(drop).map_err(|error| error.error).context(cannot)
}
