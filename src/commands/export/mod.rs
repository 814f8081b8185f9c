//! `pywagi export`: writes the app in the form that other hosts take.

mod docker;
mod spin;
mod wagi;
mod wasmcloud;

use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::cli::ExportCommand;
use crate::error::{Context, Error, Result};
use crate::export::ExportedFile;
use crate::export::oci::TAG;
use crate::terminal::Terminal;
use crate::text_file::shown;

/// Runs `pywagi export`.
///
/// # Errors
/// Fails where the app cannot be exported, another file is there already, and where one cannot be written.
pub fn run(command: &ExportCommand, terminal: &Terminal) -> Result<()> {
    match command {
        ExportCommand::Docker(arguments) => docker::run(arguments, terminal),
        ExportCommand::Spin(arguments) => spin::run(arguments, terminal),
        ExportCommand::Wagi(arguments) => wagi::run(arguments, terminal),
        ExportCommand::Wasmcloud(arguments) => wasmcloud::run(arguments, terminal),
    }
}

fn tell(notes: &[String], terminal: &Terminal) {
    for note in notes {
        terminal.note(format_args!("note: {note}"));
    }
}

/// Tells of an image that was written, and how it gets into a registry.
fn tell_image(layout: &Path, digest: &str, terminal: &Terminal) {
    terminal.step("Wrote", format_args!("{}: {digest}", shown(layout)));
    terminal.note(format_args!("push it: skopeo copy oci:{}:{TAG} docker://IMAGE", layout.display()));
}

/// Writes the files of an export, all of them or, where others are there already, none.
fn write(directory: &Path, files: &[ExportedFile], force: bool, terminal: &Terminal) -> Result<()> {
    let paths: Vec<(PathBuf, &ExportedFile)> = files.iter().map(|file| (directory.join(&file.name), file)).collect();
    let is_same =
        |path: &Path, file: &ExportedFile| std::fs::read(path).is_ok_and(|old| old == file.content.as_bytes());
    let others = paths.iter().filter(|(path, file)| path.symlink_metadata().is_ok() && !is_same(path, file));
    let others: Vec<_> = others.map(|(path, _)| shown(path)).collect();
    if !force && !others.is_empty() {
        let verb = if others.len() == 1 { "exists" } else { "exist" };
        return Err(Error::new(format!("{} already {verb}", others.join(", ")))
            .remedy("overwrite with --force, or choose another place with --out"));
    }
    std::fs::create_dir_all(directory).context(|| format!("cannot make the directory {}", shown(directory)))?;
    for (path, file) in &paths {
        StagedFile::new(path, file.content.as_bytes())
            .and_then(StagedFile::replace)
            .context(|| format!("cannot write {}", shown(path)))?;
        terminal.step("Wrote", shown(path));
    }
    Ok(())
}

/// The directory and the name of a file that is to be written.
fn place(file: &Path) -> Result<(&Path, String)> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Error::new(format!("{} is no name of a file", file.display())))?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((directory, name.to_owned()))
}
