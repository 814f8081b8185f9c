//! A saved interpreter that is to go on outside of pywagi: code, memory and the way in.

use std::path::Path;

use super::engine::Program;
use super::image::{Entry, GlobalValue, Image, LeftOut};
use super::saving;
use super::{Input, prepare};
use crate::hash::Digest;

/// An interpreter with its memory.
pub struct Frozen {
    /// Its module, without data segments.
    pub wasm: Vec<u8>,
    /// Its memory.
    pub memory: Vec<u8>,
    /// The values of its mutable globals, by index.
    pub globals: Vec<(u32, GlobalValue)>,
    /// The way in.
    pub entry: Entry,
    /// What start-up writes to standard output.
    pub startup_stdout: Vec<u8>,
    /// What start-up writes to standard error.
    pub startup_stderr: Vec<u8>,
    /// How many modules it has loaded.
    pub modules: usize,
    /// Those of them that are not of the standard library, by name.
    pub others: Vec<String>,
    /// The paths of the scripts and modules that it has compiled.
    pub compiled: Vec<String>,
    /// The modules of the app and of packages that it could not load, and the warm-up script, if it is not run.
    pub left_out: Vec<LeftOut>,
}

/// Saves an interpreter for runs like `inputs`, all of which can start from the same one, with their scripts. The seed of its
/// hashes is its own. The calling thread must be a [`super::GuestThread`].
///
/// # Errors
/// Says why it cannot be saved.
pub fn freeze(program: &Program, inputs: &[Input]) -> Result<Frozen, String> {
    let image = saving::anew(program, inputs)?;
    let wasm = prepared(program.path(), program.digest())?;
    Frozen::of(image, wasm)
}

impl Frozen {
    fn of(image: Image, wasm: Vec<u8>) -> Result<Self, String> {
        let mut memory = image.source.content().map_err(|e| format!("its memory cannot be read: {e}"))?;
        let description = image.description;
        memory.resize(description.size, 0);
        let global = |(name, value): (String, GlobalValue)| {
            let index = name.strip_prefix(prepare::GLOBAL_PREFIX).and_then(|index| index.parse().ok());
            index.map(|index| (index, value)).ok_or_else(|| format!("it has a global {name}"))
        };
        let preload = &description.preload;
        let left_out = preload.failed.iter().filter(|left_out| preload.is_other(&left_out.name)).cloned().collect();
        Ok(Self {
            wasm,
            memory,
            globals: description.globals.into_iter().map(global).collect::<Result<_, _>>()?,
            entry: description.entry,
            startup_stdout: description.startup_stdout,
            startup_stderr: description.startup_stderr,
            modules: description.loaded.len() + description.others.len(),
            left_out,
            others: description.others,
            compiled: description.preload.scripts,
        })
    }
}

/// The module as it was compiled: what the image is of.
fn prepared(path: &Path, digest: Digest) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    if Digest::of(&bytes) != digest {
        return Err(format!("{} was changed a moment ago", path.display()));
    }
    match prepare::prepare(&bytes) {
        Ok(Some(prepared)) => Ok(prepared.wasm),
        Ok(None) => Err("its module's memory cannot be told from its code".to_owned()),
        Err(e) => Err(format!("its module cannot be read: {e}")),
    }
}
