//! A run from a saved interpreter, and the keeping of saved interpreters.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use wasmtime::{Instance, Store, Val};

use super::capture::{self, Capture, Wanted};
use super::cold::exit_of;
use super::engine::{Compiled, Program};
use super::image::{Image, Value};
use super::python::{self, CommandLine, Target};
use super::wasi::State;
use super::{Exit, Input, Output, Start, Timings, memory, prepare};
use crate::cache::seal;

/// The recursion limit that the boot script leaves behind; the host finds CPython's counter beside it.
const MARKED_LIMIT: u32 = 987_653;

/// Where `ob_size` and the bytes of a `PyBytesObject` are (Include/cpython/bytesobject.h, 32-bit pointers).
const BYTES_SIZE: usize = 8;
const BYTES_DATA: usize = 16;

/// The saved interpreters of one program, by key.
#[derive(Default)]
pub struct Slots {
    by_key: Mutex<HashMap<String, Slot>>,
    keep_memory: AtomicBool,
}

#[derive(Default)]
struct Slot {
    image: Option<Arc<Image>>,
    /// Whether the cache was looked into.
    looked: bool,
    /// Why this guest cannot be saved.
    refused: Option<String>,
    /// Modules that requests imported and the image does not have.
    learnt: Vec<String>,
    /// Modules that cannot be loaded early.
    failed: Vec<String>,
    /// Scripts that were run.
    scripts: Vec<String>,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<R>(&self, key: &str, then: impl FnOnce(&mut Slot) -> R) -> R {
        let mut slots = self.lock();
        match slots.get_mut(key) {
            Some(slot) => then(slot),
            None => then(slots.entry(key.to_owned()).or_default()),
        }
    }
}

/// Runs `input` from a saved interpreter.
///
/// # Errors
/// Says why it must run from the beginning; nothing of it has run then.
pub fn run(program: &Program, input: &Input) -> Result<Output, String> {
    let compiled = program.compiled();
    let line = servable(compiled, input)?;
    let key = key(compiled, input, &line);
    let image = compiled.images.with(&key, |slot| {
        if slot.image.is_none() && !slot.looked {
            slot.looked = true;
            slot.image = path(compiled, &key).and_then(|path| Image::open(&path)).map(Arc::new);
        }
        match (&slot.image, &slot.refused) {
            (Some(image), _) => Ok(Arc::clone(image)),
            (None, Some(why)) => Err(why.clone()),
            (None, None) => Err("there is no saved interpreter for it yet".to_owned()),
        }
    })?;
    if compiled.images.keep_memory.load(Ordering::Relaxed) {
        image.source.keep();
    }
    if image.description.key != key {
        return Err("the saved interpreter is another's".to_owned());
    }
    if !image.is_current() {
        compiled.images.with(&key, |slot| slot.image = None);
        return Err("a file that the saved interpreter was made from has changed".to_owned());
    }
    let request = Request { kind: kind(line.target), start: line.start, input };
    let (output, learnt) = resume(compiled, &image, &request)?;
    if !learnt.is_empty() {
        compiled.images.with(&key, |slot| {
            for name in learnt {
                if !slot.learnt.contains(&name) && !slot.failed.contains(&name) {
                    slot.learnt.push(name);
                }
            }
        });
    }
    Ok(output)
}

/// Keeps the memory of runs of `program` for later ones from now on, and makes what is kept as new.
pub fn tidy(program: &Program) {
    let images = &program.compiled().images;
    images.keep_memory.store(true, Ordering::Relaxed);
    let sources: Vec<_> = images.lock().values().filter_map(|slot| slot.image.clone()).collect();
    sources.iter().for_each(|image| image.source.tidy());
}

/// Whether [`save`] has something to do for runs like `input`.
pub fn can_improve(program: &Program, input: &Input) -> bool {
    let compiled = program.compiled();
    let Ok(line) = servable(compiled, input) else { return false };
    compiled.images.with(&key(compiled, input, &line), |slot| {
        slot.refused.is_none() && (slot.image.is_none() || !slot.learnt.is_empty())
    })
}

/// Saves an interpreter for runs like `input`, with the modules that earlier ones imported.
///
/// # Errors
/// Says why this guest cannot be saved. It is not tried again then.
pub fn save(program: &Program, input: &Input) -> Result<(), String> {
    let compiled = program.compiled();
    let line = servable(compiled, input)?;
    let key = key(compiled, input, &line);
    let mut wanted = compiled.images.with(&key, |slot| {
        let known = slot.image.as_ref().map(|image| image.description.wanted.clone()).unwrap_or_default();
        let learnt = std::mem::take(&mut slot.learnt);
        let modules = known.into_iter().chain(learnt).collect();
        Wanted { modules, scripts: slot.scripts.clone() }
    });
    if line.target == Target::Script
        && let Some(script) = input.arguments.get(line.start)
        && script.starts_with('/')
        && !wanted.scripts.contains(script)
    {
        wanted.scripts.push(script.clone());
    }
    let made = make(compiled, input, &line, &key, &wanted);
    compiled.images.with(&key, |slot| {
        slot.looked = true;
        match made {
            Ok((image, failed)) => {
                slot.image = Some(Arc::new(image));
                slot.failed = failed;
                slot.scripts = wanted.scripts;
                Ok(())
            }
            Err(why) => {
                slot.refused = Some(why.clone());
                Err(why)
            }
        }
    })
}

/// Captures an image, tries it, and corrects the one thing that shows how deep in C the interpreter was stopped.
fn make(
    compiled: &Compiled,
    input: &Input,
    line: &CommandLine,
    key: &str,
    wanted: &Wanted,
) -> Result<(Image, Vec<String>), String> {
    let mut capture = Capture::take(compiled, input, line, wanted)?;
    let failed = capture.failed().to_vec();
    let counter = find_recursion_counter(capture.memory()?);
    let trial = capture.save(None, key, &input.volumes, wanted)?;
    let request = Request { kind: b"depth", start: 0, input };
    let answer = call(compiled, &trial, &request).map_err(|_| "the saved interpreter does not answer".to_owned())?;
    let deeper: i32 = std::str::from_utf8(&answer)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or("the saved interpreter answers what it was not asked")?;
    if let Some((address, remaining)) = counter {
        capture.adjust(address, remaining.wrapping_add_signed(deeper))?;
    }
    let image = capture.save(path(compiled, key), key, &input.volumes, wanted)?;
    Ok((image, failed))
}

/// Where CPython counts how many calls are left: `PyThreadState` has the count beside the limit
/// (Include/cpython/pystate.h). The address and the count.
fn find_recursion_counter(memory: &[u8]) -> Option<(usize, u32)> {
    let word = |bytes: &[u8]| bytes.first_chunk().map(|b| u32::from_le_bytes(*b));
    let limit = MARKED_LIMIT.to_le_bytes();
    let mut found = memory.chunks_exact(4).enumerate().filter(|(_, bytes)| **bytes == limit).filter_map(|(i, _)| {
        let address = i.checked_sub(1)? * 4;
        let remaining = word(memory.get(address..)?)?;
        (MARKED_LIMIT - 64..=MARKED_LIMIT).contains(&remaining).then_some((address, remaining))
    });
    // Anything but one place would be a guess.
    found.next().filter(|_| found.next().is_none())
}

/// What the host asks of a saved interpreter.
struct Request<'a> {
    kind: &'static [u8],
    start: usize,
    input: &'a Input,
}

impl Request<'_> {
    /// The request as the boot script reads it, followed by the standard input of the run.
    fn encode(&self) -> Bytes {
        let Input { arguments, environment, stdin, .. } = self.input;
        let mut text = format!("{}\0{}\0", arguments.len(), self.start).into_bytes();
        let pairs = environment.iter().flat_map(|(name, value)| [name, value]);
        for field in [self.kind].into_iter().chain(arguments.iter().chain(pairs).map(String::as_bytes)) {
            text.extend_from_slice(field);
            text.push(0);
        }
        let mut message = format!("{:08}", text.len()).into_bytes();
        message.reserve_exact(text.len() + stdin.len());
        message.append(&mut text);
        message.extend_from_slice(stdin);
        Bytes::from(message)
    }
}

fn kind(target: Target) -> &'static [u8] {
    match target {
        Target::Script => b"script",
        Target::Command => b"command",
        Target::Module => b"module",
    }
}

/// Resumes a run and tells its output and what could be loaded early.
fn resume(compiled: &Compiled, image: &Image, request: &Request) -> Result<(Output, Vec<String>), String> {
    let input = request.input;
    let state = State::new(input, &[], &[], request.encode())?;
    let (stdout, stderr) = (state.stdout.clone(), state.stderr.clone());
    // Its own limit drops what does not fit; it cannot fail.
    let _ = stderr.put(&image.description.startup_stderr);
    let mut timings = Timings::default();
    let mut learnt = Vec::new();
    let exit = match enter(compiled, image, state, &mut timings) {
        Ok(answer) if answer == b"cold" => {
            return Err("its script is one that only a plain start reports rightly".to_owned());
        }
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer);
            let mut lines = text.lines();
            let code = lines.next().and_then(|line| line.parse().ok());
            learnt = lines.map(str::to_owned).collect();
            code.map_or_else(|| Exit::Trap("the saved interpreter gave no exit code".to_owned()), Exit::Code)
        }
        Err(e) => exit_of(&e, input),
    };
    Ok((Output { stdout: stdout.take(), stderr: stderr.take(), exit, start: Start::Warm, timings }, learnt))
}

/// Calls into the image for an answer alone.
fn call(compiled: &Compiled, image: &Image, request: &Request) -> Result<Vec<u8>, String> {
    let state = State::new(request.input, &[], &[], request.encode())?;
    enter(compiled, image, state, &mut Timings::default()).map_err(|e| format!("{e:#}"))
}

/// Makes an instance of the image and calls its entry; gives back the bytes object that this returns.
fn enter(compiled: &Compiled, image: &Image, state: State, timings: &mut Timings) -> wasmtime::Result<Vec<u8>> {
    let clock = Instant::now();
    let (mut store, _running) = compiled.runtime.store(state);
    let instance = memory::instantiate(&compiled.pre, &mut store, Some(&image.source))?;
    for (name, value) in &image.description.globals {
        let global =
            instance.get_global(&mut store, name).ok_or_else(|| wasmtime::Error::msg("a global is missing"))?;
        global.set(&mut store, val(*value))?;
    }
    let entry = image.description.entry;
    let table = instance.get_table(&mut store, prepare::TABLE);
    let function = table
        .and_then(|table| table.get(&mut store, u64::from(entry.call)))
        .and_then(|element| element.as_func().flatten().copied())
        .ok_or_else(|| wasmtime::Error::msg("the interpreter's call slot is not a function"))?;
    let function = function.typed::<(u32, u32, u32), u32>(&store)?;
    timings.instantiate = clock.elapsed();
    let clock = Instant::now();
    let answer = function.call(&mut store, (entry.function, entry.arguments, 0));
    timings.run = clock.elapsed();
    bytes_object(&mut store, instance, answer?).ok_or_else(|| wasmtime::Error::msg("the saved interpreter failed"))
}

/// The content of the bytes object at `address`.
fn bytes_object(store: &mut Store<State>, instance: Instance, address: u32) -> Option<Vec<u8>> {
    let memory = instance.get_memory(&mut *store, prepare::MEMORY)?;
    let object = memory.data(&*store).get(address as usize..).filter(|_| address != 0)?;
    let size = u32::from_le_bytes(*object.get(BYTES_SIZE..)?.first_chunk()?) as usize;
    Some(object.get(BYTES_DATA..BYTES_DATA.checked_add(size)?)?.to_vec())
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(v) => Val::I32(v),
        Value::I64(v) => Val::I64(v),
        Value::F32(v) => Val::F32(v),
        Value::F64(v) => Val::F64(v),
    }
}

/// The command line of a run that a saved interpreter can serve.
fn servable(compiled: &Compiled, input: &Input) -> Result<CommandLine, String> {
    if input.cold {
        return Err("a cold start was asked for".to_owned());
    }
    if input.entrypoint != "_start" {
        return Err(format!("its entry point is `{}`", input.entrypoint));
    }
    if compiled.initial.is_none() || !compiled.has_table {
        return Err("its module's memory and functions cannot be saved apart from its code".to_owned());
    }
    python::parse(&input.arguments)
}

/// Stands for everything that start-up depends on, the standard library's files excepted: see `Image::is_current`.
fn key(compiled: &Compiled, input: &Input, line: &CommandLine) -> String {
    static BOOT: LazyLock<String> = LazyLock::new(|| seal::hex(&Sha256::digest(capture::BOOT)));
    let (arguments, environment) = capture::startup(input, line);
    let mut hasher = Sha256::new();
    let mut add = |parts: &[&[u8]]| {
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    };
    add(&[compiled.key.as_bytes(), BOOT.as_bytes()]);
    add(&[&arguments.len().to_le_bytes(), &environment.len().to_le_bytes()]);
    arguments.iter().for_each(|argument| add(&[argument.as_bytes()]));
    environment.iter().for_each(|(name, value)| add(&[name.as_bytes(), value.as_bytes()]));
    for volume in input.volumes.iter() {
        let host = volume.host.as_os_str().as_encoded_bytes();
        add(&[volume.guest.as_bytes(), host, &[u8::from(volume.read_only)]]);
    }
    seal::hex(&hasher.finalize())
}

fn path(compiled: &Compiled, key: &str) -> Option<PathBuf> {
    let directory = compiled.runtime.cache()?.section("images").ok()?;
    Some(directory.join(format!("{key}.image")))
}
