//! The saved interpreters of the cache, as users see them.

use std::path::{Path, PathBuf};

use super::image::{Description, Image, LeftOut};
use super::spared::Spared;
use crate::hash::Digest;

impl Image {
    /// What it has ready.
    pub fn details(&self) -> ImageDetails {
        let Description { arguments, size, stored, loaded, others, refreshed, preload, spared, warm_up_output, .. } =
            &self.description;
        ImageDetails {
            arguments: arguments.clone(),
            memory: *size as u64,
            stored: *stored as u64,
            spared: *spared,
            modules: loaded.clone(),
            others: others.clone(),
            refreshed: refreshed.clone(),
            left_out: preload.failed.clone(),
            scripts: preload.scripts.clone(),
            warm_up: preload.runnable_warm_up().cloned(),
            warm_up_output: warm_up_output.clone(),
        }
    }

    fn summary(&self, bytes: u64) -> Saved {
        let Description { module, arguments, loaded, others, preload, .. } = &self.description;
        let outdated = if !module.exists() {
            Some("the interpreter was deleted")
        } else if !self.is_current() {
            Some("a file that it was made from has changed")
        } else {
            None
        };
        Saved {
            module: module.clone(),
            arguments: arguments.clone(),
            bytes,
            modules: loaded.len() + others.len(),
            scripts: preload.scripts.len(),
            outdated,
            refusal: self.description.refusal.clone(),
        }
    }
}

/// What a saved interpreter has ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDetails {
    /// The interpreter's name and options.
    pub arguments: Vec<String>,
    /// The size of its memory, in bytes.
    pub memory: u64,
    /// How much of it is stored, in bytes.
    pub stored: u64,
    /// What a start from the beginning does in addition.
    pub spared: Spared,
    /// The modules of the standard library that it has loaded.
    pub modules: Vec<String>,
    /// The modules of installed packages and of the app that it has loaded.
    pub others: Vec<String>,
    /// What of these modules is made anew when a request imports them, by name.
    pub refreshed: Vec<String>,
    /// Those that requests import and it has not loaded, and the warm-up script where it is not run.
    pub left_out: Vec<LeftOut>,
    /// The scripts and modules of the app that it has compiled.
    pub scripts: Vec<String>,
    /// The script that was run before it was saved.
    pub warm_up: Option<String>,
    /// What that script wrote.
    pub warm_up_output: String,
}

/// A saved interpreter, as `pywagi image list` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The module it was started from.
    pub module: PathBuf,
    /// The interpreter's name and options.
    pub arguments: Vec<String>,
    /// The size of its file, in bytes.
    pub bytes: u64,
    /// How many modules it has loaded.
    pub modules: usize,
    /// How many scripts and modules of the app it has compiled.
    pub scripts: usize,
    /// Why it is to be made anew, if it is.
    pub outdated: Option<&'static str>,
    /// Why requests start an interpreter all the same, if its start-up code forbids that they share one.
    pub refusal: Option<String>,
}

/// The files of images in `directory`, a section of the cache that need not exist.
fn files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|e| e == "image"))
}

/// The saved interpreters in `directory`; those that cannot be read are left out, as a request would.
pub fn saved(directory: &Path) -> Vec<Saved> {
    let mut paths: Vec<_> = files(directory).collect();
    paths.sort();
    paths.iter().filter_map(|path| Some(Image::open(path)?.summary(path.metadata().ok()?.len()))).collect()
}

/// The image with this digest in `directory`.
pub fn with_digest(directory: &Path, digest: &Digest) -> Option<Image> {
    files(directory).find_map(|path| Image::open(&path).filter(|image| image.digest() == *digest))
}
