//! New text for a file of the app: shown as a diff, and written only if the file is still as it was read.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use console::Style;
use similar::{ChangeTag, TextDiff};

use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;
use crate::text_file::{self, shown};

/// A text file and what it is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// The file.
    pub path: PathBuf,
    /// Its text now; `None` where there is no file.
    before: Option<String>,
    /// Its text after the edit.
    pub after: String,
}

impl TextEdit {
    /// Reads the file at `path`, unchanged so far.
    ///
    /// # Errors
    /// Fails where it exists and cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let before = crate::swap::exists(path)?.then(|| text_file::read(path)).transpose()?;
        Ok(Self { path: path.to_owned(), after: before.clone().unwrap_or_default(), before })
    }

    /// The text that was read; empty where there is no file.
    pub fn before(&self) -> &str {
        self.before.as_deref().unwrap_or_default()
    }

    /// Sets the new text, with the line ends of the old.
    pub fn set(&mut self, text: &str) {
        self.after = if self.before().contains("\r\n") {
            text.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            text.to_owned()
        };
    }

    /// Whether the text changes.
    pub fn is_change(&self) -> bool {
        self.before.as_deref() != Some(&self.after) && !(self.before.is_none() && self.after.is_empty())
    }

    /// Writes the new text beside the file, so that what can fail has failed before anything is changed.
    ///
    /// # Errors
    /// Fails where the file changed since it was read, and where the directory cannot be written to.
    pub fn stage(&self) -> Result<StagedFile> {
        let name = shown(&self.path);
        let failed = || format!("cannot write {name}");
        let now = match fs::read(&self.path) {
            Ok(now) => Some(now),
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(Error::new(failed()).because(e)),
        };
        let mark = now.as_ref().is_some_and(|now| now.starts_with(text_file::BYTE_ORDER_MARK));
        let mark = if mark { text_file::BYTE_ORDER_MARK } else { b"" };
        let read = self.before.as_ref().map(|text| [mark, text.as_bytes()].concat());
        if now != read {
            return Err(Error::new(format!("{name} was changed meanwhile and is left as it is"))
                .remedy("run the command again"));
        }
        StagedFile::new(&self.path, &[mark, self.after.as_bytes()].concat()).context(failed)
    }

    /// Shows the changed lines with those around them.
    pub fn show(&self, terminal: &Terminal) {
        const AROUND: usize = 1;
        let verb = if self.before.is_some() { "Changed" } else { "Created" };
        terminal.step(verb, shown(&self.path));
        if self.before.is_none() {
            return;
        }
        let diff = TextDiff::from_lines(self.before(), &self.after);
        for group in diff.grouped_ops(AROUND) {
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', Style::new().red()),
                    ChangeTag::Insert => ('+', Style::new().green()),
                    ChangeTag::Equal => (' ', Style::new().dim()),
                };
                let line = terminal.paint(style, format!("{sign} {}", change.value().trim_end()).trim_end());
                terminal.note(format!("{:>12} {line}", "").trim_end());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_the_byte_order_mark_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        fs::write(&path, b"\xef\xbb\xbfa = 1\r\n").unwrap();
        let mut edit = TextEdit::read(&path).unwrap();
        edit.set("a = 1\r\nb = 2\n");
        edit.stage().unwrap().replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"\xef\xbb\xbfa = 1\r\nb = 2\r\n");
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.toml");
        let mut edit = TextEdit::read(&path).unwrap();
        assert!(!edit.is_change());
        edit.set("a = 1\n");
        assert!(edit.is_change());
        fs::write(&path, "b = 1\n").unwrap();
        let error = edit.stage().err().expect("an error");
        assert_eq!(error.to_string(), format!("{} was changed meanwhile and is left as it is", path.display()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "b = 1\n");
    }
}
