//! Where an answer goes: to standard output, or to the file of `--output`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// Where an answer goes. A file is opened before the request runs, so that one that cannot be written costs no answer, and
/// keeps its content until there is one.
pub enum Output<'a> {
    /// Standard output.
    Stdout,
    /// A file.
    File(OutputFile<'a>),
}

/// A file that waits for an answer. One that did not exist before is removed where none comes.
pub struct OutputFile<'a> {
    path: &'a Path,
    file: File,
    is_new: bool,
}

impl<'a> Output<'a> {
    /// Opens the file `path`; `-` and no path are standard output.
    ///
    /// # Errors
    /// Fails where it cannot be written.
    pub fn open(path: Option<&'a Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::Stdout) };
        let (file, is_new) = match OpenOptions::new().write(true).create_new(true).open(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                (OpenOptions::new().write(true).create(true).truncate(false).open(path), false)
            }
            new => (new, true),
        };
        let file = file.context(|| cannot_write(path))?;
        Ok(Self::File(OutputFile { path, file, is_new }))
    }

    /// Writes the answer.
    ///
    /// # Errors
    /// Fails where it cannot be written, as on a full disk.
    pub fn write(self, answer: &[u8], terminal: &Terminal) -> Result<()> {
        match self {
            Self::Stdout => terminal.answer(answer),
            Self::File(mut output) => output.write(answer).context(|| cannot_write(output.path)),
        }
    }
}

impl OutputFile<'_> {
    fn write(&mut self, answer: &[u8]) -> io::Result<()> {
        self.is_new = false;
        // Pipes and devices have no length to set.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        self.file.write_all(answer)
    }
}

impl Drop for OutputFile<'_> {
    fn drop(&mut self) {
        if self.is_new {
            // An empty file stays behind where this fails; the error that is shown says why there is no answer in it.
            let _ = fs::remove_file(self.path);
        }
    }
}

/// Whether `body` is binary and would go to a terminal, unless a flag names where it goes.
pub fn is_withheld(flag: Option<&Path>, body: &[u8]) -> bool {
    flag.is_none() && body.contains(&0) && io::stdout().is_terminal()
}

/// The error for a body that was withheld.
pub fn withheld() -> Error {
    Error::new("the response body is binary and was not printed to the terminal")
        .remedy("save it with -o FILE, or print it nevertheless with -o -")
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write the answer to {}", path.display())
}
