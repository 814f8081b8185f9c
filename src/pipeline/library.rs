//! Loading the libraries of an app.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::load::{LoadedFile, Loader};
use crate::cache::seal::Stamp;
use crate::error::Error;
use crate::guest::{self, LibraryCode, LibraryLimits};
use crate::limits::LimitOverrides;
use crate::manifest::Library;
use crate::text_file::shown;

/// The files of libraries, by path.
pub(super) type LibraryFiles = HashMap<PathBuf, LoadedFile<LibraryCode>>;

/// The libraries of an app, as its guests are given them.
#[derive(Default)]
pub(super) struct LoadedLibraries {
    /// The libraries.
    pub declared: Arc<[guest::Library]>,
    /// Why some cannot be called, with the file and the line, by their places in the manifest.
    pub errors: Vec<(usize, Error)>,
    /// Their files.
    pub files: LibraryFiles,
}

impl Loader<'_> {
    /// Loads the libraries of the manifest. Files that did not change are taken from `previous`.
    pub fn libraries(&self, previous: Option<&LibraryFiles>) -> LoadedLibraries {
        let mut loaded = LoadedLibraries::default();
        let mut declared = Vec::new();
        let file = self.manifest.path.file_name().unwrap_or_default().to_string_lossy();
        for (index, library) in self.manifest.libraries.iter().enumerate() {
            let place = format!("{}:{}", shown(&self.manifest.path), library.line);
            let code = match &library.problem {
                Some(problem) => Err(Error::from(problem)),
                None => self.library_code(library, previous, &mut loaded.files).map_err(|error| {
                    let message = format!("{place}: {error}");
                    error.copy().with_message(message)
                }),
            };
            let code = code.map_err(|error| {
                let message = error.to_string();
                let first = message.lines().next().unwrap_or_default();
                // Where it is called, the place is told as well.
                let why = first.split_once(": ").map_or(first, |(_, why)| why).to_owned();
                loaded.errors.push((index, error));
                why
            });
            declared.push(guest::Library {
                name: library.name.clone(),
                place: format!("{file}:{}", library.line),
                code,
                volumes: library.volumes.clone().into(),
                returns: library.returns.clone(),
                limits: limits(&library.limits),
            });
        }
        loaded.declared = declared.into();
        loaded
    }

    /// The code of a library, loaded once for all that name its file.
    fn library_code(
        &self,
        library: &Library,
        previous: Option<&LibraryFiles>,
        files: &mut LibraryFiles,
    ) -> Result<LibraryCode, Arc<Error>> {
        let file = &library.module;
        let previous = previous.and_then(|files| files.get(file)).filter(|loaded| loaded.is_current(file));
        let loaded = match files.get(file).or(previous) {
            Some(loaded) => loaded.clone(),
            None => {
                // Before the file is read: one that is replaced meanwhile must not pass for current.
                let stamp = Stamp::at(file).ok();
                LoadedFile { program: self.runtime.load_library(file, self.terminal).map_err(Arc::new), stamp }
            }
        };
        files.insert(file.clone(), loaded.clone());
        let code = loaded.program?;
        match code.lacks(&library.returns) {
            None => Ok(code),
            Some(what) => {
                let message = format!("the library {}: {what}", shown(file));
                Err(Arc::new(Error::new(message).remedy("correct `returns`, or the library")))
            }
        }
    }
}

fn limits(keys: &LimitOverrides) -> LibraryLimits {
    let length = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    LibraryLimits {
        time: keys.timeout,
        memory: keys.max_memory,
        stdout: keys.max_response.map(length),
        stderr: keys.max_log.map(length),
    }
}
