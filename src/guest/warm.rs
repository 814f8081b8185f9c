//! Runs guests from saved interpreters, and says when one is worth saving.

use std::path::PathBuf;
use std::sync::Arc;

use super::calls::Tool;
use super::capture;
use super::engine::{Compiled, Program};
use super::image::Image;
use super::python::{self, CommandLine};
use super::resume::{ResumeError, ResumeRequest, kind, resume};
use super::slots::Slot;
use super::{Early, Gain, Imports, Improvement, Input, Output};
use crate::cache::contents::IMAGES;
use crate::cache::seal;
use crate::hash::Hasher;

/// Why a run could not start from a saved interpreter. None of its script has run.
pub struct Declined {
    /// The reason, as shown to the user.
    pub reason: String,
    /// Whether saving an interpreter would help.
    pub can_save: bool,
}

impl From<String> for Declined {
    fn from(reason: String) -> Self {
        Self { reason, can_save: false }
    }
}

/// Runs `input` from a saved interpreter: where there is none with the app's modules, such as after an edit, from one
/// without them.
///
/// # Errors
/// Says why it needs a cold start.
pub fn run(program: &Program, input: &Input) -> Result<Output, Declined> {
    match run_from(program, input) {
        Err(declined) if has_app(input) => {
            let can_save = declined.can_save;
            let mut output = run_from(program, &without_app(input)).map_err(|_| declined)?;
            if can_save {
                output.improvement = Some(Improvement::new(program, input, Gain::Image));
            }
            Ok(output)
        }
        ended => ended,
    }
}

/// Whether code of the app is to be run before the interpreter is saved.
pub fn has_app(input: &Input) -> bool {
    !input.early.modules.is_empty() || input.early.warm_up.is_some()
}

/// The input of a run like `input` with no code of the app run early.
pub fn without_app(input: &Input) -> Input {
    let early = Early { modules: Vec::new(), warm_up: None, ..Early::clone(&input.early) };
    Input { early: Arc::new(early), ..input.clone() }
}

fn run_from(program: &Program, input: &Input) -> Result<Output, Declined> {
    let compiled = program.compiled();
    let line = servable(compiled, input)?;
    let key = key(compiled, input, &line);
    let image = compiled.images.with(&key, |slot| {
        slot.look(|| stored(compiled, &key));
        match (&slot.image, slot.refusal(input.limits.memory)) {
            (Some(image), _) => Ok(Arc::clone(image)),
            (None, Some(why)) => Err(Declined::from(why.to_owned())),
            (None, None) => {
                Err(Declined { reason: "there is no saved interpreter for it yet".to_owned(), can_save: true })
            }
        }
    })??;
    if compiled.images.keeps_memory() {
        image.source.keep();
    }
    if !image.is_current() {
        compiled.images.with(&key, Slot::give_up)?;
        let reason = "a file that the saved interpreter was made from has changed".to_owned();
        return Err(Declined { reason, can_save: true });
    }
    if let Some(why) = &image.description.refusal {
        return Err(Declined::from(why.clone()));
    }
    if image.description.size as u64 > input.limits.memory {
        return Err(Declined::from("the saved interpreter is larger than the memory limit".to_owned()));
    }
    let request = ResumeRequest { kind: kind(line.target), start: line.start, input };
    let (mut output, answer) = match resume(compiled, &image, &request, None) {
        Ok(ended) => ended,
        Err(ResumeError::Declined(reason)) => return Err(reason.into()),
        Err(ResumeError::Broken) => {
            compiled.images.with(&key, |slot| slot.image = None)?;
            if let Some(path) = path(compiled, &key) {
                seal::remove(&path);
            }
            return Err(Declined { reason: "the saved interpreter was damaged".to_owned(), can_save: true });
        }
    };
    let gain = compiled.images.with(&key, |slot| {
        for name in answer.modules {
            slot.learn(name);
        }
        for name in answer.packages {
            slot.learn_package(name);
        }
        for path in answer.sources {
            slot.learn_source(path);
        }
        slot.gain().or(answer.new_script.then_some(Gain::Script))
    })?;
    output.improvement = gain.map(|gain| Improvement::new(program, input, gain));
    if let Some(recording) = &mut output.recording {
        recording.image = Some(image);
    }
    Ok(output)
}

/// Replays a run of `input` that started from `image`, looked at by a debugger, if there is one.
///
/// # Errors
/// Says why it cannot start from it now.
pub fn replay(program: &Program, input: &Input, image: &Image, tool: Option<Tool>) -> Result<Output, String> {
    let line = python::parse(&input.arguments)?;
    let request = ResumeRequest { kind: kind(line.target), start: line.start, input };
    match resume(program.compiled(), image, &request, tool) {
        Ok((output, _)) => Ok(output),
        Err(ResumeError::Declined(reason)) => Err(reason),
        Err(ResumeError::Broken) => Err("the saved interpreter is damaged".to_owned()),
    }
}

/// The image that runs like `input` start from, if there is one that can be used.
///
/// # Errors
/// Says why there cannot be one.
pub fn image(program: &Program, input: &Input) -> Result<Option<Arc<Image>>, String> {
    let compiled = program.compiled();
    let key = image_key(program, input)?;
    compiled.images.with(&key, |slot| {
        slot.look(|| stored(compiled, &key));
        slot.image.clone().filter(|image| image.is_current())
    })
}

/// The key of that image.
///
/// # Errors
/// Says why there cannot be one.
pub fn image_key(program: &Program, input: &Input) -> Result<String, String> {
    let compiled = program.compiled();
    Ok(key(compiled, input, &servable(compiled, input)?))
}

/// Reuses the linear memory of runs of `program` from now on, and resets what is kept for reuse.
pub fn tidy(program: &Program) {
    program.compiled().images.tidy();
}

/// Notes what the next image for runs like `input` is to have, and forgets what was learnt from runs until now: one of them
/// has found this out, and what it imported for that is no matter of requests.
///
/// # Errors
/// Says why there can be none.
pub fn teach(program: &Program, input: &Input, imports: Imports) -> Result<(), String> {
    let compiled = program.compiled();
    let key = image_key(program, input)?;
    compiled.images.with(&key, |slot| {
        slot.look(|| stored(compiled, &key));
        slot.forget();
        imports.library.into_iter().for_each(|name| slot.learn(name));
        imports.packages.into_iter().for_each(|name| slot.learn_package(name));
        imports.sources.into_iter().for_each(|path| slot.learn_source(path));
    })
}

/// The command line of a run that a saved interpreter can serve.
pub fn servable(compiled: &Compiled, input: &Input) -> Result<CommandLine, String> {
    if input.cold {
        return Err("a cold start was asked for".to_owned());
    }
    if input.entrypoint != "_start" {
        return Err(format!("its entry point is `{}`", input.entrypoint));
    }
    if compiled.initial.is_none() || !compiled.has_table {
        return Err("its module's memory and functions cannot be saved apart from its code".to_owned());
    }
    if let Some((name, _)) = input.environment.iter().find(|(name, value)| python::needs_own_start(name, value)) {
        return Err(format!("the variable {name} needs a start of its own"));
    }
    python::parse(&input.arguments)
}

/// A hash of everything that start-up depends on except files, which `Image::is_current` checks.
pub fn key(compiled: &Compiled, input: &Input, line: &CommandLine) -> String {
    let (arguments, environment) = capture::startup(input, line);
    let mut hasher = Hasher::default();
    let mut add = |parts: &[&[u8]]| {
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    };
    // What the calls mean that an interpreter has made can change with the host.
    add(&[env!("CARGO_PKG_VERSION").as_bytes()]);
    add(&[compiled.key.as_bytes(), &capture::BOOT_HASH.to_le_bytes()]);
    add(&[&arguments.len().to_le_bytes(), &environment.len().to_le_bytes()]);
    arguments.iter().for_each(|argument| add(&[argument.as_bytes()]));
    environment.iter().for_each(|(name, value)| add(&[name.as_bytes(), value.as_bytes()]));
    let Early { roots, modules, variables, warm_up } = &*input.early;
    if !roots.is_empty() || !modules.is_empty() || warm_up.is_some() || compiled.is_isolated {
        add(&[&modules.len().to_le_bytes(), warm_up.as_deref().unwrap_or_default().as_bytes()]);
        modules.iter().chain(roots).for_each(|name| add(&[name.as_bytes()]));
        variables.iter().for_each(|(name, value)| add(&[name.as_bytes(), value.as_bytes()]));
    }
    for volume in input.volumes.iter() {
        let host = volume.host.as_os_str().as_encoded_bytes();
        add(&[volume.guest.as_bytes(), host, &[u8::from(volume.read_only)]]);
    }
    hasher.digest().to_string()
}

/// The image of `key` in the cache, if there is one. It may be out of date.
pub fn stored(compiled: &Compiled, key: &str) -> Option<Image> {
    Image::open(&path(compiled, key)?).filter(|image| image.description.key == key)
}

/// Where the cache has the image of `key`.
pub fn path(compiled: &Compiled, key: &str) -> Option<PathBuf> {
    let directory = compiled.runtime.cache()?.section(IMAGES).ok()?;
    Some(directory.join(format!("{key}.image")))
}
