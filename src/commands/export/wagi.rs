//! `pywagi export wagi`

use crate::cli::ExportWagi;
use crate::commands::app::DOTENV;
use crate::error::Result;
use crate::export::wagi::{FILE_NAME, export};
use crate::manifest::{self, needs};
use crate::terminal::{Terminal, print};

use super::{tell, write};

/// Writes the manifest for wagi, and prints the command that serves it.
///
/// # Errors
/// Fails where wagi cannot serve the app, another file is there already, and where it cannot be written.
pub fn run(arguments: &ExportWagi, terminal: &Terminal) -> Result<()> {
    let path = manifest::find(arguments.config.as_deref())?;
    let dotenv = path.with_file_name(DOTENV).is_file().then(|| DOTENV.to_owned());
    let manifest = manifest::load(&path)?;
    needs::check(&manifest, &[], "wagi")?;
    let (export, command) = export(&manifest, dotenv.as_slice())?;
    write(&manifest.directory, &export.files, arguments.force, terminal)?;
    tell(&export.notes, terminal);
    terminal.note(format_args!("run it where {FILE_NAME} is:"));
    print(command + "\n")
}
