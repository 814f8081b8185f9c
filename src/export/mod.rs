//! The app in the form that other hosts take: files to write, and what differs there. One file for each host.

pub mod docker;

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
    pub name: &'static str,
    /// Its content.
    pub content: String,
}
