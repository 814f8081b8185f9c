//! `pywagi export`: writes the app in the form that other hosts take.

use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::cli::{ExportCommand, ExportDocker};
use crate::error::{Context, Error, Result};
use crate::export::{Export, docker};
use crate::manifest;
use crate::terminal::Terminal;
use crate::text_file::shown;

/// Runs `pywagi export`.
///
/// # Errors
/// Fails where the app cannot be exported, a file is there already, and where one cannot be written.
pub fn run(command: &ExportCommand, terminal: &Terminal) -> Result<()> {
    match command {
        ExportCommand::Docker(arguments) => to_docker(arguments, terminal),
    }
}

fn to_docker(arguments: &ExportDocker, terminal: &Terminal) -> Result<()> {
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
    write(&directory, &export, arguments.force, terminal)?;
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
    for note in &export.notes {
        terminal.note(format_args!("note: {note}"));
    }
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

/// Writes the files of an export, all of them or, where one is there already, none.
fn write(directory: &Path, export: &Export, force: bool, terminal: &Terminal) -> Result<()> {
    let paths: Vec<PathBuf> = export.files.iter().map(|file| directory.join(file.name)).collect();
    let existing: Vec<_> =
        paths.iter().filter(|path| path.symlink_metadata().is_ok()).map(|path| shown(path)).collect();
    if !force && !existing.is_empty() {
        let verb = if existing.len() == 1 { "exists" } else { "exist" };
        return Err(Error::new(format!("{} already {verb}", existing.join(", ")))
            .remedy("overwrite with --force, or choose another directory with --out"));
    }
    std::fs::create_dir_all(directory).context(|| format!("cannot make the directory {}", shown(directory)))?;
    for (file, path) in export.files.iter().zip(&paths) {
        StagedFile::new(path, file.content.as_bytes())
            .and_then(StagedFile::replace)
            .context(|| format!("cannot write {}", shown(path)))?;
        terminal.step("Wrote", shown(path));
    }
    Ok(())
}
