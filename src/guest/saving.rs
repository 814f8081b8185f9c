//! Makes saved interpreters: captures them, has them proved and tried, and keeps them.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::capture::{self, Additions, Capture, Refused};
use super::cpython::depth;
use super::dependencies::Dependencies;
use super::engine::{Compiled, Program};
use super::image::{Description, Image, LeftOut, Origin, Preload};
use super::memory::Source;
use super::proof::{self, Looks};
use super::python::{CommandLine, Target};
use super::resume::{ResumeRequest, call};
use super::slots::Refusal;
use super::warm::{has_app, image, image_key, key, path, servable, stored, without_app};
use super::{Calls, Gain, Input, Limits, Surroundings, self_check, spared};
use crate::cache::seal;

/// How many images the cache keeps: those saved last.
const MOST_IMAGES: usize = 64;

/// Saves an interpreter for runs like `input`, with the modules that earlier runs imported, unless the one that is saved
/// has everything.
///
/// # Errors
/// Says why this guest cannot be saved. It is not tried again then.
pub fn save(program: &Program, input: &Input, gain: Gain) -> Result<Vec<LeftOut>, String> {
    let compiled = program.compiled();
    let line = servable(compiled, input)?;
    let without_app = has_app(input).then(|| image_key(program, &without_app(input))).transpose()?;
    let of_others = match without_app {
        Some(key) => compiled.images.with(&key, |slot| {
            slot.look(|| stored(compiled, &key));
            slot.known()
        })?,
        None => None,
    };
    let key = key(compiled, input, &line);
    let preload = compiled.images.with(&key, |slot| {
        if let Some(why) = slot.refusal(input.limits.memory) {
            return Err(why.to_owned());
        }
        slot.look(|| stored(compiled, &key));
        if let Some(why) = slot.image.as_ref().and_then(|image| image.description.refusal.clone()) {
            return Err(why);
        }
        let needless = match gain {
            Gain::Image => slot.image.is_some(),
            Gain::Modules | Gain::Few => slot.image.is_some() && !slot.has_learnt(),
            Gain::Script => false,
        };
        if needless {
            return Ok(None);
        }
        let mut preload = slot.known().or(of_others).unwrap_or_default();
        slot.teach(&mut preload);
        Ok(Some(preload))
    })??;
    let Some(mut preload) = preload else { return Ok(Vec::new()) };
    preload.roots.clone_from(&input.early.roots);
    preload.app.clone_from(&input.early.modules);
    preload.warm_up.clone_from(&input.early.warm_up);
    // The packages of an isolated interpreter are part of it.
    if preload.needs_proof() || compiled.is_isolated {
        preload.variables.clone_from(&input.early.variables);
    }
    add_script(&mut preload, input, &line);
    let known = preload.failed.len();
    let made = cleared(compiled, input, &line, &mut preload).and_then(|made| made.keep(compiled, &key));
    compiled.images.with(&key, |slot| {
        slot.looked = true;
        match made {
            Ok(image) => {
                let Description { refusal, preload, .. } = &image.description;
                let news = preload.failed.iter().skip(known).filter(|left_out| preload.is_other(&left_out.name));
                let answer = refusal.clone().map_or_else(|| Ok(news.cloned().collect()), Err);
                slot.image = Some(Arc::new(image));
                answer
            }
            Err(why) => {
                slot.refused = Some(Refusal { why: why.clone(), memory: input.limits.memory });
                Err(why)
            }
        }
    })?
}

/// Saves an interpreter that runs like `input` can start from, unless there is one. The app's modules are loaded in a
/// later one, for they have to be proved first.
///
/// # Errors
/// As [`save`].
pub fn prepare(program: &Program, input: &Input) -> Result<(), String> {
    let input = &if image(program, input)?.is_some() { input.clone() } else { without_app(input) };
    save(program, input, Gain::Image).map(drop)
}

/// Captures an image with those modules of `preload` that a proof has cleared. Where that fails with modules of packages or
/// of the app, these are left out: an interpreter without them can be saved all the same.
fn cleared(compiled: &Compiled, input: &Input, line: &CommandLine, preload: &mut Preload) -> Result<Made, String> {
    let surroundings = capture::surroundings()?;
    let sources = proof::warm_up_sources(input, preload);
    let captured =
        proof::clear(compiled, input, preload).and_then(|()| make(compiled, input, line, preload, &surroundings));
    let mut made = match captured {
        Err(why) if preload.needs_proof() => {
            let why = format!("no interpreter can be saved with the modules that are loaded together: {why}");
            let others: Vec<_> = preload.others().chain(preload.runnable_warm_up()).cloned().collect();
            preload.leave_out(others.into_iter().map(|name| LeftOut { name, why: why.clone() }));
            make(compiled, input, line, preload, &surroundings)?
        }
        captured => captured?,
    };
    if made.preload.runnable_warm_up().is_none() {
        // One of these may be mended.
        made.capture.depend_on(Dependencies::of(sources));
    }
    Ok(made)
}

/// Makes the image of `origin` again, for this process alone.
///
/// # Errors
/// Says why this guest cannot be saved.
pub fn rebuild(program: &Program, input: &Input, origin: &Origin) -> Result<Image, String> {
    let compiled = program.compiled();
    let line = servable(compiled, &Input { cold: false, ..input.clone() })?;
    let mut made = make(compiled, input, &line, &origin.preload, &origin.surroundings)?;
    made.capture.save(None, "", &made.preload, made.written)
}

/// Makes an image for runs like `inputs`, for this process alone: with what the image in the cache has, and with their
/// scripts, in surroundings of its own.
///
/// # Errors
/// Says why this guest cannot be saved.
pub fn anew(program: &Program, inputs: &[Input]) -> Result<Image, String> {
    let compiled = program.compiled();
    let first = inputs.first().ok_or("there is nothing to save it for")?;
    let line = servable(compiled, first)?;
    save(program, first, Gain::Modules)?;
    let saved = image(program, first)?.ok_or("a file that it is made from is being changed")?;
    let mut preload = saved.description.preload.clone();
    // A file by which one could not be loaded may have been mended.
    let others: Vec<_> = preload.failed.iter().filter(|left_out| preload.is_other(&left_out.name)).cloned().collect();
    preload.failed.retain(|left_out| !others.contains(left_out));
    for input in inputs {
        let line = servable(compiled, input)?;
        add_script(&mut preload, input, &line);
    }
    let mut made = cleared(compiled, first, &line, &mut preload)?;
    if let Some(why) = made.capture.refusal {
        return Err(why);
    }
    made.capture.save(None, "", &made.preload, made.written)
}

/// Has the script of a run compiled.
fn add_script(preload: &mut Preload, input: &Input, line: &CommandLine) {
    if line.target == Target::Script
        && let Some(script) = input.arguments.get(line.start)
        && script.starts_with('/')
        && !preload.scripts.contains(script)
    {
        preload.scripts.push(script.clone());
    }
}

/// A captured interpreter that was tried.
struct Made {
    capture: Capture,
    preload: Preload,
    /// What runs are known to write.
    written: Vec<Range<usize>>,
}

impl Made {
    /// Writes the image to the cache.
    fn keep(mut self, compiled: &Compiled, key: &str) -> Result<Image, String> {
        let path = path(compiled, key);
        let image = self.capture.save(path.clone(), key, &self.preload, self.written)?;
        if let Some(directory) = path.as_deref().and_then(Path::parent) {
            seal::keep_newest(directory, "image", MOST_IMAGES);
        }
        Ok(image)
    }
}

/// Captures an image, tries it, and corrects CPython's counters of recursion by the depth at which it was stopped.
fn make(
    compiled: &Compiled,
    input: &Input,
    line: &CommandLine,
    preload: &Preload,
    surroundings: &Surroundings,
) -> Result<Made, String> {
    // The limits of a request do not apply to the capture, except for memory, which belongs to the host.
    let limits = Limits { time: capture::CAPTURE_TIMEOUT, memory: input.limits.memory, ..Limits::default() };
    let input = &Input { limits, calls: Calls::Live, ..input.clone() };
    let mut preload = preload.clone();
    let (mut capture, looks) = loop {
        let looks = Looks::default();
        let additions = Additions { observer: Some(Box::new(looks.clone())), ..Additions::default() };
        let capture = match Capture::take(compiled, input, line, &preload, surroundings, additions) {
            Ok(capture) => capture,
            Err(Refused::WarmUp(why)) if preload.runnable_warm_up().is_some() => {
                preload.leave_out_warm_up(why);
                continue;
            }
            Err(Refused::WarmUp(why) | Refused::Other(why)) => return Err(why),
        };
        // Start again without them: a failed import leaves traces in the static variables of modules written in C.
        let is_new = |left_out: &&LeftOut| !preload.has_failed(&left_out.name);
        let failed: Vec<_> = capture.failed().iter().filter(is_new).cloned().collect();
        if failed.is_empty() {
            break (capture, looks);
        }
        preload.leave_out(failed);
    };
    capture.refusal = proof::refusal(compiled, input, &looks)?;
    capture.arrange()?;
    capture.direct()?;
    let counters = depth::find_counters(capture.memory()?);
    let trial = capture.save(None, "", &preload, Vec::new())?;
    let request = ResumeRequest { kind: b"depth", start: 0, input };
    let answer = call(compiled, &trial, &request).map_err(|_| "the saved interpreter does not answer".to_owned())?;
    let deeper = depth::parse(&answer).ok_or("the saved interpreter answers what it was not asked")?;
    for ((address, remaining), deeper) in counters.into_iter().zip(deeper) {
        capture.adjust(address, remaining.wrapping_add_signed(deeper))?;
    }
    if !capture.is_known_version() {
        let adjusted = capture.save(None, "", &preload, Vec::new())?;
        if let Some(what) = self_check::difference(compiled, &adjusted, input, line, surroundings)? {
            return Err(format!("this version of CPython is not known to be savable: {what}"));
        }
    }
    let written = rehearse(compiled, &trial, input, line);
    let initial = compiled.initial.as_ref().map(Source::content).transpose();
    let initial = initial.map_err(|e| format!("its initial memory cannot be read: {e}"))?.unwrap_or_default();
    capture.spared.memory = spared::filled(capture.memory()?, &initial);
    capture.spared.copied = written.iter().map(|range| range.len() as u64).sum();
    Ok(Made { capture, preload, written })
}

/// What of a start from a saved interpreter is not as from the beginning, if anything: tried by a script that looks at both.
///
/// # Errors
/// Says why it cannot be tried.
pub fn try_start(program: &Program, input: &Input) -> Result<Option<String>, String> {
    let compiled = program.compiled();
    let line = servable(compiled, input)?;
    let surroundings = capture::surroundings()?;
    let Made { mut capture, preload, .. } = make(compiled, input, &line, &Preload::default(), &surroundings)?;
    let image = capture.save(None, "", &preload, Vec::new())?;
    self_check::difference(compiled, &image, input, &line, &surroundings)
}

/// The parts of memory that every run writes: those that a run without a statement does. Runs from this image copy these
/// pages at once.
fn rehearse(compiled: &Compiled, trial: &Image, input: &Input, line: &CommandLine) -> Vec<Range<usize>> {
    let mut arguments: Vec<_> = input.arguments.iter().take(line.options).cloned().collect();
    arguments.extend(["-c".to_owned(), String::new()]);
    let start = arguments.len() - 1;
    let input = Input { arguments, ..input.clone() };
    trial.source.keep();
    // This affects speed only: when the rehearsal fails, no page is copied early.
    match call(compiled, trial, &ResumeRequest { kind: b"command", start, input: &input }) {
        Ok(_) => trial.source.last_written(),
        Err(_) => Vec::new(),
    }
}
