//! Whether `packages/` is what the app asks for. Reads three small files, so it is done once for each load of an app.

use std::path::Path;

use super::app::App;
use super::asked::Asked;
use super::built_in;
use super::lock::{self, Lock};
use super::record::Record;
use super::{DIRECTORY, lock::FILE_NAME};
use crate::error::Result;
use crate::manifest;
use crate::text_file::shown;

/// What to do about packages that are behind.
pub const REMEDY: &str = "run `pywagi sync`";

/// Says how the packages of the app in `directory` are behind what it asks for; `None` where they are not, and where pywagi has
/// nothing to do with them.
///
/// # Errors
/// Fails where a file cannot be read.
pub fn behind(directory: &Path) -> Result<Option<String>> {
    let record = Record::read(directory);
    let Some(lock) = Lock::read(directory)? else {
        return Ok(record
            .map(|_| format!("{}/ was installed from a {FILE_NAME} that is gone", shown(&directory.join(DIRECTORY)))));
    };
    if !lock.is_own() && record.is_none() {
        return Ok(None);
    }
    let (packages, file) = (shown(&directory.join(DIRECTORY)), shown(&directory.join(FILE_NAME)));
    let Some(record) = record else { return Ok(Some(format!("the packages of {file} are not installed"))) };
    if Some(record.lock) != lock::digest(directory)? {
        return Ok(Some(format!("{packages}/ is not what {file} says")));
    }
    let asked = Asked::read(directory)?;
    if lock.is_own() && !lock.is_for(&record.python, &asked.lines()) {
        return Ok(Some(format!("{} asks for other packages than {file} has", shown(&asked.edit.path))));
    }
    if lock.needs_built_in() {
        let app = App { manifest: directory.join(manifest::FILE_NAME), directory: directory.to_owned() };
        let built_in = app.built_in()?;
        // Without an interpreter, that is what is said.
        if !built_in.is_empty() && !lock.goes_with(&built_in::pins(&built_in)) {
            return Ok(Some(format!("{file} is for an interpreter with other packages built in")));
        }
    }
    Ok(None)
}
