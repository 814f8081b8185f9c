//! The app as its files are now: modules.toml, the env files and the modules are looked at before each request, and
//! what changed is loaded again.
//!
//! That costs one look at the directory entry of each such file, and of the one module that answers. No file is watched
//! otherwise, so that nothing is missed on file systems that tell nobody of a change.

use std::path::{Path, PathBuf};

use crate::cache::seal::Stamp;
use crate::commands::app::{Plan, Texts, warn};
use crate::error::{Error, Result};
use crate::pipeline::App;
use crate::terminal::Terminal;
use crate::text_file::shown;

/// An app that follows its files.
pub struct Live {
    plan: Plan,
    files: Vec<Watched>,
    texts: Texts,
    /// The last app that could be loaded.
    app: App,
    /// Why the files do not make an app now.
    broken: Option<Error>,
    terminal: Terminal,
}

impl Live {
    /// Loads the app for the first time.
    ///
    /// # Errors
    /// Fails on every mistake in its files.
    pub fn load(plan: Plan, terminal: &Terminal) -> Result<Self> {
        let files = plan.files().map(Watched::new).collect();
        let texts = plan.read()?;
        warn(&texts.manifest, terminal);
        let app = plan.load(texts.clone(), None, terminal)?;
        Ok(Self { plan, files, texts, app, broken: None, terminal: terminal.clone() })
    }

    /// The last app that could be loaded.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The app as its files are now, as far as a request of `path` can tell the difference.
    ///
    /// # Errors
    /// Fails while the files are broken. The terminal is told once.
    pub fn refresh(&mut self, path: &str) -> std::result::Result<&App, &Error> {
        if self.broken.is_some() || self.files.iter().any(Watched::may_have_changed) || !self.app.is_current_for(path) {
            return self.recheck();
        }
        Ok(&self.app)
    }

    /// As [`Live::refresh`], after a request that met something missing.
    ///
    /// # Errors
    /// Fails while the files are broken.
    pub fn recheck(&mut self) -> std::result::Result<&App, &Error> {
        self.reload();
        match &self.broken {
            Some(error) => Err(error),
            None => Ok(&self.app),
        }
    }

    fn reload(&mut self) {
        // Before they are read, so that what is written meanwhile does not seem to be read.
        self.files.iter_mut().for_each(|file| file.stamp = Stamp::at(&file.path).ok());
        match self.load_again() {
            Ok(None) => {}
            Ok(Some((texts, app))) => {
                warn(&texts.manifest, &self.terminal);
                (self.texts, self.app, self.broken) = (texts, app, None);
                let count = self.app.routes().count();
                let routes = if count == 1 { "1 route".to_owned() } else { format!("{count} routes") };
                self.terminal.step("Reloaded", format_args!("{}, {routes}", shown(&self.app.manifest().path)));
            }
            Err(error) => {
                let told = |known: &Error| {
                    known.to_string() == error.to_string() && known.remedy_text() == error.remedy_text()
                };
                if !self.broken.as_ref().is_some_and(told) {
                    self.terminal.error(&error);
                }
                self.broken = Some(error);
            }
        }
    }

    /// The app as its files are now; `None` where it is the one that there is.
    fn load_again(&self) -> Result<Option<(Texts, App)>> {
        self.files.iter().try_for_each(Watched::check)?;
        let texts = self.plan.read()?;
        if self.broken.is_none() && texts == self.texts && self.app.is_current() {
            return Ok(None);
        }
        let app = self.plan.load(texts.clone(), Some(&self.app), &self.terminal)?;
        Ok(Some((texts, app)))
    }
}

/// A file, and what it looked like before it was read.
struct Watched {
    path: PathBuf,
    stamp: Option<Stamp>,
    /// Whether it was first read from something that can be read once only, as `-c /dev/stdin`. It is not read again.
    special: bool,
}

/// Whether there is something at `path` that is neither a file nor a directory.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir())
}

impl Watched {
    /// The file at `path`, which has not been read yet.
    fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), stamp: Stamp::at(path).ok(), special: is_special(path) }
    }

    /// Whether its text may be another one now. A file that was written just before it was read could be written again
    /// without looking any different: it is read again until that is past.
    fn may_have_changed(&self) -> bool {
        !self.special && (self.stamp.is_none_or(|stamp| stamp.is_fresh()) || Stamp::at(&self.path).ok() != self.stamp)
    }

    /// Fails where a file was replaced by something that could be waited for without end.
    fn check(&self) -> Result<()> {
        if !self.special && is_special(&self.path) {
            return Err(Error::new(format!("{} is no file any more", shown(&self.path)))
                .remedy("put the file back; what else is there is not read while requests wait"));
        }
        Ok(())
    }
}
