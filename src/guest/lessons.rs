//! An interpreter that a process found worth saving, saved by another one.
//!
//! A process that answers a single request of a web server must end with its answer: the server waits for that, and may
//! kill it. So it says what it has learnt to a process of its own, which saves the interpreter.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::image::{LeftOut, Preload};
use super::slots::Slot;
use super::{Gain, Improvement, Input, Program, saving, warm};

/// How long a failed attempt is not repeated, and how old an image must be to be made again, but for the first modules that
/// requests import: a request may come every millisecond, and each may import another one.
const PATIENCE: Duration = Duration::from_secs(60);

/// The file beside the images whose lock the process has that saves one.
pub const SAVE_LOCK: &str = "save.lock";

/// What a run taught about the interpreter that runs like it start from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Lessons {
    gain: Gain,
    modules: Vec<String>,
    packages: Vec<String>,
    sources: Vec<String>,
}

impl Improvement {
    /// What another process needs to know to save it.
    ///
    /// # Errors
    /// Says why this guest cannot be saved.
    pub fn lessons(&self) -> Result<Lessons, String> {
        let key = warm::image_key(&self.program, &self.input)?;
        self.program.compiled().images.with(&key, |slot| {
            let Slot { learnt, learnt_packages, learnt_sources, .. } = &*slot;
            Lessons {
                gain: self.gain,
                modules: learnt.clone(),
                packages: learnt_packages.clone(),
                sources: learnt_sources.clone(),
            }
        })
    }

    /// Whether it should be saved now: no other process is saving one, and it is worth it.
    ///
    /// # Errors
    /// Says why it cannot be saved.
    pub fn is_due(&self) -> Result<bool, String> {
        let place = Place::of(&self.program, &self.input)?;
        if let Some(why) = place.recent_failure() {
            return Err(why);
        }
        place.check()?;
        let has_learnt = warm::image(&self.program, &self.input)?.is_some_and(|image| {
            let Preload { modules, packages, .. } = &image.description.preload;
            !modules.is_empty() || !packages.is_empty()
        });
        let can_wait = match self.gain {
            Gain::Image => false,
            Gain::Modules => has_learnt,
            Gain::Script | Gain::Few => true,
        };
        Ok(!(can_wait && is_recent(&place.image)) && place.lock()?.is_some())
    }
}

/// Saves an interpreter for runs like `input`, with what another process has learnt; `None` where a third one is saving
/// one. The calling thread must be a [`super::GuestThread`].
///
/// # Errors
/// The reason why this guest always starts cold.
pub fn learn(program: &Program, input: &Input, lessons: Lessons) -> Result<Option<Vec<LeftOut>>, String> {
    let place = Place::of(program, input)?;
    let Some(_lock) = place.lock()? else { return Ok(None) };
    let compiled = program.compiled();
    let key = warm::image_key(program, input)?;
    compiled.images.with(&key, |slot| {
        // Another process may have saved one since: what that has is not learnt again.
        slot.look(|| warm::stored(compiled, &key));
        lessons.modules.into_iter().for_each(|name| slot.learn(name));
        lessons.packages.into_iter().for_each(|name| slot.learn_package(name));
        lessons.sources.into_iter().for_each(|path| slot.learn_source(path));
    })?;
    let saved = saving::save(program, input, lessons.gain);
    place.note(saved.as_ref().err());
    saved.map(Some)
}

/// Where an image is, and what stands beside it.
struct Place {
    image: PathBuf,
}

impl Place {
    fn of(program: &Program, input: &Input) -> Result<Self, String> {
        let image = warm::path(program.compiled(), &warm::image_key(program, input)?);
        image.map(|image| Self { image }).ok_or_else(|| "there is no cache to save it in".to_owned())
    }

    /// Fails where no image can be written: the directory of a read-only cache may hold a lock that can.
    fn check(&self) -> Result<(), String> {
        let directory = self.image.parent().unwrap_or(Path::new("."));
        tempfile::tempfile_in(directory).map(drop).map_err(|error| self.unwritable(&error))
    }

    /// The lock of the process that saves: one at a time, since that takes a processor and more for a second. `None` where
    /// another process has it.
    fn lock(&self) -> Result<Option<File>, String> {
        let path = self.image.with_file_name(SAVE_LOCK);
        let file = File::options().create(true).append(true).open(&path).map_err(|error| self.unwritable(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.unwritable(&error)),
        }
    }

    fn unwritable(&self, error: &std::io::Error) -> String {
        let directory = self.image.parent().unwrap_or(Path::new(".")).display();
        format!("the cache cannot be written to ({directory}: {error}); `pywagi cache warm` fills it")
    }

    fn failure(&self) -> PathBuf {
        self.image.with_extension("failed")
    }

    /// Why it could not be saved a moment ago, if so.
    fn recent_failure(&self) -> Option<String> {
        let path = self.failure();
        is_recent(&path).then(|| std::fs::read_to_string(&path).ok()).flatten()
    }

    /// Notes for other processes whether it could be saved. Without the note they try it themselves.
    fn note(&self, failure: Option<&String>) {
        let _ = match failure {
            Some(why) => std::fs::write(self.failure(), why),
            None => std::fs::remove_file(self.failure()),
        };
    }
}

/// Whether the file at `path` was written within [`PATIENCE`].
fn is_recent(path: &Path) -> bool {
    let written = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    written.is_some_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age < PATIENCE))
}
