//! An app that follows its files: before each request, modules.toml, the env files and the WebAssembly file that
//! answers are compared with what was loaded, and loaded again if they changed.
//!
//! The comparison costs one `stat` for each of these files. File notifications are not used: network and container
//! file systems do not deliver them all.

use std::path::{Path, PathBuf};

use crate::cache::seal::Stamp;
use crate::commands::app::{AppFiles, AppLoader, warn};
use crate::error::{Error, Result};
use crate::pipeline::App;
use crate::terminal::Terminal;
use crate::text_file::shown;

/// An app that is loaded again when its files change.
pub struct ReloadingApp {
    loader: AppLoader,
    watched: Vec<WatchedFile>,
    /// What `app` was loaded from.
    files: AppFiles,
    /// The last app that could be loaded.
    app: App,
    /// Why the present files cannot be loaded, if they cannot.
    broken: Option<Error>,
    terminal: Terminal,
}

impl ReloadingApp {
    /// Loads the app for the first time. Shows its warnings, and the errors of modules that cannot run.
    ///
    /// # Errors
    /// Fails on every mistake in its files, and where no module can run.
    pub fn load(loader: AppLoader, terminal: &Terminal) -> Result<Self> {
        let watched = loader.paths().map(WatchedFile::new).collect();
        let files = loader.read()?;
        let app = loader.load(&files, None, terminal)?;
        warn(&files, &app, terminal);
        app.errors().for_each(|error| terminal.error(error));
        Ok(Self { loader, watched, files, app, broken: None, terminal: terminal.clone() })
    }

    /// The last app that could be loaded.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The `.env` that was read for it.
    pub fn dotenv(&self) -> Option<&Path> {
        self.files.dotenv()
    }

    /// The app to answer a request of `path` with: loaded again if a file that can make a difference changed.
    ///
    /// # Errors
    /// Fails while the files cannot be loaded. The error is shown once.
    pub fn refresh(&mut self, path: &str) -> std::result::Result<&App, &Error> {
        let changed = self.watched.iter().any(WatchedFile::may_have_changed);
        if changed || self.broken.is_some() || !self.app.is_current_for(path) {
            return self.recheck();
        }
        Ok(&self.app)
    }

    /// As [`ReloadingApp::refresh`], whether or not a file changed: a volume may have gone.
    ///
    /// # Errors
    /// Fails while the files cannot be loaded.
    pub fn recheck(&mut self) -> std::result::Result<&App, &Error> {
        self.reload();
        match &self.broken {
            Some(error) => Err(error),
            None => Ok(&self.app),
        }
    }

    fn reload(&mut self) {
        // Before the files are read: an edit in between must count as a change.
        self.watched.iter_mut().for_each(|file| file.stamp = Stamp::at(&file.path).ok());
        match self.load_again() {
            Ok(None) => {}
            Ok(Some((files, app))) => {
                warn(&files, &app, &self.terminal);
                let known: Vec<_> = self.app.errors().map(Error::to_string).collect();
                let new = app.errors().filter(|error| !known.contains(&error.to_string()));
                new.for_each(|error| self.terminal.error(error));
                (self.files, self.app, self.broken) = (files, app, None);
                let count = self.app.routes().count();
                let routes = if count == 1 { "1 route".to_owned() } else { format!("{count} routes") };
                self.terminal.step("Reloaded", format_args!("{}, {routes}", shown(&self.app.manifest().path)));
            }
            Err(error) => {
                let is_same = |known: &Error| {
                    known.to_string() == error.to_string() && known.remedy_text() == error.remedy_text()
                };
                if !self.broken.as_ref().is_some_and(is_same) {
                    self.terminal.error(&error);
                }
                self.broken = Some(error);
            }
        }
    }

    /// Loads the app that the present files describe; `None` if that is the one there is.
    fn load_again(&self) -> Result<Option<(AppFiles, App)>> {
        self.watched.iter().try_for_each(WatchedFile::check)?;
        let files = self.loader.read()?;
        let unchanged = self.broken.is_none() && files == self.files && self.app.is_current();
        if unchanged && self.app.errors().next().is_none() {
            return Ok(None);
        }
        let app = self.loader.load(&files, Some(&self.app), &self.terminal)?;
        // What keeps a module from running may be something else than these files.
        if unchanged && app.errors().map(Error::to_string).eq(self.app.errors().map(Error::to_string)) {
            return Ok(None);
        }
        Ok(Some((files, app)))
    }
}

/// A file and its state before it was last read.
struct WatchedFile {
    path: PathBuf,
    stamp: Option<Stamp>,
    /// Whether it was something that can only be read once, as with `-c /dev/stdin`. It is not read again.
    special: bool,
}

/// Whether something at `path` is neither a file nor a directory.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir())
}

impl WatchedFile {
    /// The file at `path`, which has not been read yet.
    fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), stamp: Stamp::at(path).ok(), special: is_special(path) }
    }

    /// Whether its content may have changed. The stamp of a file that was written just before it was read says too
    /// little: a second write may leave the same one. Such a file counts as changed until its stamp is old enough.
    fn may_have_changed(&self) -> bool {
        let is_fresh = self.stamp.is_some_and(|stamp| stamp.is_fresh());
        !self.special && (is_fresh || Stamp::at(&self.path).ok() != self.stamp)
    }

    /// Fails where the file was replaced by something such as a named pipe, which could block for ever.
    fn check(&self) -> Result<()> {
        if !self.special && is_special(&self.path) {
            return Err(Error::new(format!("{} is no longer a regular file", shown(&self.path)))
                .remedy("put the file back: a pipe, socket or device is not read while requests wait"));
        }
        Ok(())
    }
}
