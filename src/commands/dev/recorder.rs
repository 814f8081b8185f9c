//! Keeps the recordings of requests: the last in memory, with `--record DIR` on disk as well.

use std::path::Path;

use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::recording::directory::RecordingDirectory;
use crate::recording::session::Session;
use crate::recording::store::Store;
use crate::recording::{Id, Recorded};
use crate::terminal::Terminal;

/// Keeps recordings.
pub struct Recorder {
    /// `None` with `--no-record`.
    store: Option<Store>,
    directory: Option<RecordingDirectory>,
    terminal: Terminal,
    /// Whether it was said that the directory cannot be written to.
    has_failed: bool,
}

impl Recorder {
    /// Keeps recordings in memory, if `is_on`, and in `directory`, if there is one.
    ///
    /// # Errors
    /// Fails where the directory cannot be used.
    pub fn new(is_on: bool, directory: Option<&Path>, terminal: &Terminal) -> Result<Self> {
        let directory = directory.map(RecordingDirectory::create).transpose()?;
        Ok(Self { store: is_on.then(Store::default), directory, terminal: terminal.clone(), has_failed: false })
    }

    /// Whether requests are recorded.
    pub fn is_on(&self) -> bool {
        self.store.is_some()
    }

    /// Lets `pywagi replay` ask for the recordings of the app of `manifest`, as long as the value lives, and `pywagi mcp` find
    /// the pages of the server at `pages`.
    pub fn listen(
        &self,
        cache: Option<&Cache>,
        manifest: &Path,
        pages: Option<&str>,
        terminal: &Terminal,
    ) -> Option<Session> {
        let session = Session::start(cache?, manifest, self.store.clone()?, pages.map(str::to_owned));
        session.inspect_err(|e| terminal.warn(format_args!("`pywagi replay` cannot ask this server: {e}"))).ok()
    }

    /// The recording of this ID, if it is still kept.
    pub fn get(&self, id: Id) -> Option<Recorded> {
        self.store.as_ref()?.get(id)
    }

    /// Keeps a recording; returns its ID.
    pub fn keep(&mut self, recorded: &Recorded) -> Option<Id> {
        let store = self.store.as_ref()?;
        let (id, gone) = store.keep(recorded);
        let Some(directory) = &self.directory else { return id };
        let written = id.map_or(Ok(()), |id| directory.write(id, recorded));
        // So that the directory does not grow without end, either.
        let removed = gone.iter().try_for_each(|id| directory.remove(*id));
        match written.and(removed) {
            Ok(()) => self.has_failed = false,
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                self.report(&error);
            }
            Err(_) => {}
        }
        id
    }

    /// Warns once of what goes wrong: it will with most requests.
    fn report(&self, error: &Error) {
        self.terminal.warn(error);
        if let Some(remedy) = error.remedy_text() {
            self.terminal.warn(format_args!("to keep recordings, {remedy}"));
        }
    }
}
