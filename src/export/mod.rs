//! The app in the form that other hosts take: files to write, and what differs there. One file for each host.

pub mod docker;
pub mod name;
pub mod oci;
pub mod spin;
pub mod wagi;
pub mod wasmcloud;

use std::path::{Component, Path};

use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::paths::with_slashes;
use crate::text_file::shown;

/// What an export comes to. Nothing is written here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The files, in the directory of the export.
    pub files: Vec<ExportedFile>,
    /// What differs there, each a sentence.
    pub notes: Vec<String>,
}

/// A file of an export.
#[derive(Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: String,
}

/// Fills the places `@KEY@` of a template of YAML, each with a string. A JSON string is one of YAML, too (YAML 1.2, 5.13).
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (key, value)| {
        text.replace(&format!("@{key}@"), &serde_json::Value::from(*value).to_string())
    })
}

/// Names, each once, with commas.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.join(", ")
}

/// The path of what the table at `line` names, relative to modules.toml, with `/`.
///
/// # Errors
/// Fails where it is elsewhere, with the line, and with `remedy`.
fn inside(manifest: &Manifest, line: usize, path: &Path, what: &str, remedy: &str) -> Result<String> {
    let relative = path.strip_prefix(&manifest.directory).ok();
    let relative = relative.filter(|path| path.components().all(|part| matches!(part, Component::Normal(_))));
    let relative = relative.ok_or_else(|| {
        let place = format!("{}:{line}", shown(&manifest.path));
        Error::new(format!("{place}: {what} is outside of the app's directory: {}", path.display())).remedy(remedy)
    })?;
    with_slashes(relative)
}
