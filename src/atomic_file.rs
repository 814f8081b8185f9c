//! Files that are written as a whole: whoever reads one finds the old content or the new, and an error leaves the old.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// New content of a file, under a temporary name beside it until it takes the file's place. Dropped, it is removed.
pub struct StagedFile {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl StagedFile {
    /// Writes the content that the file at `path` is to have. Where a link is there, the file that it leads to is meant.
    /// An existing file's permissions are taken over; a new one has the usual ones.
    ///
    /// # Errors
    /// Fails where the directory of the file cannot be written.
    pub fn new(path: &Path, contents: &[u8]) -> io::Result<Self> {
        let target = Some(path).filter(|path| path.is_symlink()).and_then(|link| link.canonicalize().ok());
        let target = target.unwrap_or_else(|| path.to_owned());
        let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pywagi-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut temporary = builder.tempfile_in(directory)?;
        // The errors of the wrapper would name the temporary file.
        temporary.as_file_mut().write_all(contents)?;
        if let Some(metadata) = fs::metadata(&target).ok().filter(fs::Metadata::is_file) {
            temporary.as_file().set_permissions(metadata.permissions())?;
        }
        Ok(Self { temporary, target })
    }

    /// Puts the content into the file's place.
    ///
    /// # Errors
    /// Fails where the file cannot be replaced.
    pub fn replace(self) -> io::Result<()> {
        self.temporary.persist(&self.target).map(drop).map_err(|e| e.error)
    }

    /// Makes the content the file at `path`, in the same directory, if there is nothing.
    ///
    /// # Errors
    /// Fails where something is there or the file cannot be made, and returns the content too.
    pub fn create(self, path: &Path) -> Result<(), (io::Error, Self)> {
        let Self { temporary, target } = self;
        temporary.persist_noclobber(path).map(drop).map_err(|e| (e.error, Self { temporary: e.file, target }))
    }
}
