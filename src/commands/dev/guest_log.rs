//! `--log-dir`: appends what guests write to standard error to files, in the layout of the reference server.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::hash::Digest;

/// The directory of the logs: `DIR/<sha256 of the route>/module.stderr`.
pub struct GuestLog {
    directory: PathBuf,
    // The first failure that `take_error` has not returned yet. A failure to log does not end the guest's run.
    error: Arc<Mutex<Option<Error>>>,
}

impl GuestLog {
    /// Uses `directory`, which is created if it does not exist.
    ///
    /// # Errors
    /// Fails where it cannot be created.
    pub fn open(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory).map_err(|e| {
            Error::new(format!("cannot make the log directory {}", directory.display()))
                .because(e)
                .remedy("give --log-dir a directory that you can write to")
        })?;
        Ok(Self { directory: directory.to_owned(), error: Arc::default() })
    }

    /// A function that appends to the log of `route`. The file is opened at the first call, so that a route that writes
    /// nothing has no file.
    pub fn of(&self, route: String) -> impl Fn(&[u8]) + Send + Sync + 'static {
        let directory = self.directory.join(Digest::of(&route).to_string());
        let errors = Arc::clone(&self.error);
        let file = Mutex::new(None);
        move |bytes| {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(cause) = append(&mut file, &directory, bytes) {
                let error = Error::new(format!("cannot write to {}", directory.join(FILE_NAME).display()));
                errors.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.because(cause));
            }
        }
    }

    /// Removes and returns the first failure since the last call.
    pub fn take_error(&self) -> Option<Error> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The name of each log in the layout of the reference server.
const FILE_NAME: &str = "module.stderr";

fn append(file: &mut Option<File>, directory: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        None => {
            std::fs::create_dir_all(directory)?;
            file.insert(OpenOptions::new().create(true).append(true).open(directory.join(FILE_NAME))?)
        }
    };
    file.write_all(bytes)
}
