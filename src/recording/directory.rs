//! Recordings on disk: `DIR/ID.replay`, and beside them the saved interpreters that they start from,
//! `DIR/images/DIGEST.image`, each once. Recordings hold bodies and secrets, so only the user may read them.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{EXTENSION, Id, Recorded, RecordedRequest, Summary};
use crate::cache;
use crate::cache::seal::write_atomically;
use crate::error::{Context, Error, Result};
use crate::guest::{Image, Unreadable};
use crate::hash::Digest;
use crate::text_file::shown;

/// Where a directory of recordings has the saved interpreters.
const IMAGES: &str = "images";

/// A directory of recordings.
#[derive(Clone, Debug)]
pub struct RecordingDirectory {
    path: PathBuf,
}

impl RecordingDirectory {
    /// Uses `path` to write to, and makes it if it does not exist.
    ///
    /// # Errors
    /// Fails where it cannot be made, or others could write to it: who replays a recording runs what it says.
    pub fn create(path: &Path) -> Result<Self> {
        cache::create_private(path).context(|| format!("cannot make the directory {}", path.display()))?;
        let cannot = || format!("cannot use the directory {} for recordings", path.display());
        if !cache::is_private(path).context(cannot)? {
            return Err(Error::new(format!("{}: it belongs to another user or others can write to it", cannot()))
                .remedy("name a new directory, or one that only you can write to (`chmod go-w`)"));
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Uses `path` to read from.
    pub fn open(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The file of a recording.
    pub fn file(&self, id: Id) -> PathBuf {
        self.path.join(format!("{id}.{EXTENSION}"))
    }

    /// Writes a recording, and its saved interpreter unless it is there.
    ///
    /// # Errors
    /// Fails where they cannot be written, or the recording is too large.
    pub fn write(&self, id: Id, recorded: &Recorded) -> Result<()> {
        let file = self.file(id);
        let content = recorded.whole().encode().map_err(|invalid| invalid.error("the recording"))?;
        write_atomically(&file, |to| to.write_all(&content))
            .context(|| format!("cannot write the recording {}", shown(&file)))?;
        let Some(image) = &recorded.image else { return Ok(()) };
        let file = image_file(&file, &image.digest());
        if file.exists() {
            return Ok(());
        }
        let directory = file.parent().unwrap_or(&self.path);
        cache::create_private(directory)
            .and_then(|()| write_atomically(&file, |to| image.copy_to(to).map(drop)))
            .context(|| format!("cannot write the saved interpreter {}", shown(&file)))
    }

    /// Removes a recording that [`RecordingDirectory::write`] wrote.
    ///
    /// # Errors
    /// Fails where it is there and cannot be removed.
    pub fn remove(&self, id: Id) -> Result<()> {
        let file = self.file(id);
        match std::fs::remove_file(&file) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(e).context(|| format!("cannot remove the recording {}", shown(&file)))
            }
            _ => Ok(()),
        }
    }

    /// Its recordings, the newest first, and why others cannot be read.
    ///
    /// # Errors
    /// Fails where the directory cannot be read.
    pub fn list(&self) -> Result<(Vec<Summary>, Vec<Error>)> {
        let cannot = |e: io::Error| {
            Error::new(format!("cannot read the directory {}", self.path.display()))
                .because(e)
                .remedy("name one that --record of dev or invoke wrote")
        };
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(&self.path).map_err(cannot)? {
            let path = entry.map_err(cannot)?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            let id = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            match RecordedRequest::read(&path) {
                Ok(recorded) => found.push(recorded.summary(id)),
                Err(error) => errors.push(error),
            }
        }
        found.sort_by_key(|summary| std::cmp::Reverse(summary.time));
        Ok((found, errors))
    }
}

/// Where the saved interpreter with this digest is that was written beside `recording`.
pub fn image_file(recording: &Path, digest: &Digest) -> PathBuf {
    recording.with_file_name(IMAGES).join(format!("{digest}.image"))
}

/// Reads the saved interpreter with this digest, if there is a file.
///
/// # Errors
/// Fails where that is something else, or damaged.
pub fn read_image(file: &Path, digest: &Digest) -> std::result::Result<Option<Image>, Unreadable> {
    match File::open(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => Image::read(opened?, digest).map(Some),
    }
}
