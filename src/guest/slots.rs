//! The saved interpreters of one program.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Gain;
use super::image::{Image, Preload};

/// How many interpreters of one program are saved. An app needs one or two; a command line whose options come from the
/// request could ask for any number.
const MOST_SLOTS: usize = 16;

/// How many modules are learnt from the runs of one interpreter: of the standard library, which has fewer, and others.
/// The names come from the guest and are not trusted.
const MOST_LEARNT: usize = 1000;

/// Fewer modules of packages than one for so many that the image has are a few.
const PARTS: usize = 10;

/// Saved interpreters by key.
#[derive(Default)]
pub struct Slots {
    by_key: Mutex<HashMap<String, Slot>>,
    keeps_memory: AtomicBool,
}

/// One saved interpreter, or the place for it.
#[derive(Default)]
pub struct Slot {
    /// The interpreter.
    pub image: Option<Arc<Image>>,
    /// What an image had ready that is out of date.
    pub outdated: Option<Preload>,
    /// Whether the cache was looked into.
    pub looked: bool,
    /// Why this guest cannot be saved.
    pub refused: Option<Refusal>,
    /// Modules of the library that requests imported and the next image is to have, by name.
    pub learnt: Vec<String>,
    /// Modules of installed packages that requests imported and the next image is to have, by name.
    pub learnt_packages: Vec<String>,
    /// Other modules that requests imported and the next image is to have, by path.
    pub learnt_sources: Vec<String>,
}

/// Why a guest cannot be saved.
pub struct Refusal {
    /// The reason, as shown to the user.
    pub why: String,
    /// The limit of memory that it was tried with, in bytes.
    pub memory: u64,
}

impl Slot {
    /// Why this guest cannot be saved for runs with this limit of `memory`; one that may have more than was tried is worth
    /// another try.
    pub fn refusal(&self, memory: u64) -> Option<&str> {
        self.refused.as_ref().filter(|refusal| memory <= refusal.memory).map(|refusal| refusal.why.as_str())
    }

    /// Looks for an image in the cache, once.
    pub fn look(&mut self, stored: impl FnOnce() -> Option<Image>) {
        if self.image.is_none() && !self.looked {
            self.looked = true;
            self.image = stored().map(Arc::new);
            if self.image.as_ref().is_some_and(|image| !image.is_current()) {
                self.give_up();
            }
        }
    }

    /// Gives up an image that is out of date: the next one is to have the same ready.
    pub fn give_up(&mut self) {
        if let Some(image) = self.image.take() {
            self.outdated = Some(image.description.preload.anew());
        }
    }

    /// What the image has ready, or the one that was given up had.
    pub fn known(&self) -> Option<Preload> {
        self.image.as_ref().map(|image| image.description.preload.clone()).or_else(|| self.outdated.clone())
    }

    /// Notes that a request imported the module `name` of the library. One that the image was asked for and does not have
    /// cannot be loaded early.
    pub fn learn(&mut self, name: String) {
        let tried = self.image.as_ref().is_some_and(|image| image.description.preload.modules.contains(&name));
        note(&mut self.learnt, name, tried);
    }

    /// Notes that a request imported the module `name` of an installed package.
    pub fn learn_package(&mut self, name: String) {
        let tried = self.image.as_ref().is_some_and(|image| image.description.preload.packages.contains(&name));
        note(&mut self.learnt_packages, name, tried);
    }

    /// Whether requests imported or compiled what the image does not have.
    pub fn has_learnt(&self) -> bool {
        !(self.learnt.is_empty() && self.learnt_packages.is_empty() && self.learnt_sources.is_empty())
    }

    /// What an image with what was learnt would spare requests, if there is anything.
    pub fn gain(&self) -> Option<Gain> {
        let known = self.image.as_ref().map_or(0, |image| image.description.others.len());
        let is_few = !self.learnt_packages.is_empty() && self.learnt_packages.len() * PARTS < known;
        self.has_learnt().then_some(if is_few { Gain::Few } else { Gain::Modules })
    }

    /// Forgets what was learnt.
    pub fn forget(&mut self) {
        self.learnt.clear();
        self.learnt_packages.clear();
        self.learnt_sources.clear();
    }

    /// Adds what was learnt.
    pub fn teach(&mut self, preload: &mut Preload) {
        preload.modules.append(&mut self.learnt);
        preload.packages.append(&mut self.learnt_packages);
        preload.scripts.append(&mut self.learnt_sources);
    }

    /// Notes that a request compiled the module at `path`.
    pub fn learn_source(&mut self, path: String) {
        let known = self.image.as_ref().map(|image| image.description.preload.scripts.as_slice()).unwrap_or_default();
        let room = known.len() + self.learnt_sources.len() < MOST_LEARNT;
        if room && !known.contains(&path) && !self.learnt_sources.contains(&path) {
            self.learnt_sources.push(path);
        }
    }
}

fn note(learnt: &mut Vec<String>, name: String, tried: bool) {
    if !tried && learnt.len() < MOST_LEARNT && !learnt.contains(&name) {
        learnt.push(name);
    }
}

impl Slots {
    /// Looks at or changes the slot of `key`.
    ///
    /// # Errors
    /// Fails where there are [`MOST_SLOTS`] others.
    pub fn with<R>(&self, key: &str, then: impl FnOnce(&mut Slot) -> R) -> Result<R, String> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get_mut(key) {
            return Ok(then(slot));
        }
        if slots.len() >= MOST_SLOTS {
            return Err("its interpreter is started in too many different ways to save them all".to_owned());
        }
        Ok(then(slots.entry(key.to_owned()).or_default()))
    }

    /// Reuses the linear memory of runs from now on, and resets what is kept for reuse.
    pub fn tidy(&self) {
        self.keeps_memory.store(true, Ordering::Relaxed);
        let images: Vec<_> = self.lock().values().filter_map(|slot| slot.image.clone()).collect();
        images.iter().for_each(|image| image.source.tidy());
    }

    /// Whether the memory of runs is kept.
    pub fn keeps_memory(&self) -> bool {
        self.keeps_memory.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        // A slot is changed in whole steps, none of which panics halfway.
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
