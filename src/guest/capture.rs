//! Saving an interpreter: run the boot script until it stops, keep what it left.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use wasmtime::{Caller, Extern, Instance, InstancePre, Linker, Store, Val};

use super::engine::Compiled;
use super::image::{Description, Entry, Image, Value, Wanted};
use super::python::CommandLine;
use super::wasi::{self, State};
use super::{Input, Volume, memory, prepare, preview1, python};
use crate::cache::seal::Stamp;

/// The guest's half; its first line says what it is.
pub const BOOT: &str = concat!(
    include_str!("boot/start.py"),
    include_str!("boot/early.py"),
    include_str!("boot/run.py"),
    include_str!("boot/end.py"),
    include_str!("boot/stop.py"),
);

/// The last line that the boot script writes before it stops.
const STOP: &[u8] = b"\npywagi-stop\n";

/// How long the interpreter may take to get there.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What ends the boot script: not an error, but the point that is saved.
#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the interpreter is stopped to be saved")
    }
}

impl std::error::Error for Stopped {}

/// The arguments and the environment that act at the start of the interpreter that `input` asks for.
pub fn startup(input: &Input, line: &CommandLine) -> (Vec<String>, Vec<(String, String)>) {
    let arguments = input.arguments.iter().take(line.options).cloned().collect();
    let environment = input.environment.iter().filter(|(name, _)| python::acts_at_startup(name)).cloned().collect();
    (arguments, environment)
}

/// A stopped interpreter: its instance and what it said of itself.
pub struct Capture {
    store: Store<State>,
    instance: Instance,
    report: Report,
    startup_stderr: Vec<u8>,
    module: PathBuf,
    /// The interpreter's name and options.
    arguments: Vec<String>,
}

impl Capture {
    /// Starts an interpreter and stops it where it can be saved.
    ///
    /// # Errors
    /// Says why this guest cannot be saved.
    pub fn take(compiled: &Compiled, input: &Input, line: &CommandLine, wanted: &Wanted) -> Result<Self, String> {
        let (options, environment) = startup(input, line);
        let mut arguments = options.clone();
        arguments.extend(["-c".to_owned(), BOOT.to_owned()]);
        let lines = wanted.loadable().map(|name| format!("module {name}\n"));
        let lines: String = lines.chain(wanted.scripts.iter().map(|path| format!("script {path}\n"))).collect();
        let mut quiet = input.clone();
        quiet.stderr = Arc::new(|_| {});
        quiet.stdin = Bytes::new();
        let state = State::new(&quiet, &arguments, &environment, Bytes::from(lines))?;
        let record = state.record.clone();
        let pre = stopping(compiled).map_err(|e| format!("{e:#}"))?;
        let (mut store, _running) = compiled.runtime.store(state);
        let instance =
            memory::instantiate(&pre, &mut store, compiled.initial.as_ref()).map_err(|e| format!("{e:#}"))?;
        let start = instance.get_func(&mut store, "_start").ok_or("it exports no function `_start`")?;
        let ended = start.call(&mut store, &[], &mut []);
        let (said, complaints) = (record.stdout.take().kept, record.stderr.take().kept);
        match ended {
            Err(e) if e.is::<Stopped>() => {}
            _ => return Err(no_answer(&complaints)),
        }
        let report = Report::parse(&said).ok_or_else(|| no_answer(&complaints))?;
        let module = compiled.path.clone();
        Ok(Self { store, instance, report, startup_stderr: complaints, module, arguments: options })
    }

    /// The modules that cannot be loaded early.
    pub fn failed(&self) -> &[String] {
        &self.report.failed
    }

    /// The interpreter's memory.
    ///
    /// # Errors
    /// Fails where the module does not export it, which preparing it made sure of.
    pub fn memory(&mut self) -> Result<&[u8], String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        Ok(memory.data(&self.store))
    }

    /// Replaces a word of the interpreter's memory.
    ///
    /// # Errors
    /// Fails where `address` is not in memory.
    pub fn adjust(&mut self, address: usize, word: u32) -> Result<(), String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        memory.write(&mut self.store, address, &word.to_le_bytes()).map_err(|e| e.to_string())
    }

    /// Writes the image, to `path` or, without one, to a file without a name.
    ///
    /// # Errors
    /// Says why it cannot be saved.
    pub fn save(
        &mut self,
        path: Option<PathBuf>,
        key: &str,
        volumes: &[Volume],
        wanted: &Wanted,
        written: Vec<Range<usize>>,
    ) -> Result<Image, String> {
        let globals = self.globals()?;
        let (files, absent) = self.report.dependencies(volumes);
        let (loaded, startup_stderr) = (self.report.loaded.clone(), self.startup_stderr.clone());
        let data = self.memory()?.to_vec();
        let description = Description {
            key: key.to_owned(),
            module: self.module.clone(),
            arguments: self.arguments.clone(),
            size: 0,
            stored: 0,
            globals,
            entry: self.report.entry(&data).ok_or("its function objects are not laid out as CPython's")?,
            startup_stderr,
            loaded,
            written,
            wanted: wanted.clone(),
            files,
            absent,
        };
        let saved = match path {
            // An image that the cache cannot take still serves this process.
            Some(path) => {
                Image::create(&path, description.clone(), &data).or_else(|_| Image::unnamed(description, &data))
            }
            None => Image::unnamed(description, &data),
        };
        saved.map_err(|e| format!("its image cannot be written: {e}"))
    }

    fn globals(&mut self) -> Result<Vec<(String, Value)>, String> {
        let exports: Vec<_> =
            self.instance.exports(&mut self.store).map(|e| (e.name().to_owned(), e.into_global())).collect();
        let mut globals = Vec::new();
        for (name, global) in exports {
            let Some(global) = global.filter(|_| name.starts_with(prepare::GLOBAL_PREFIX)) else { continue };
            let value = match global.get(&mut self.store) {
                Val::I32(v) => Value::I32(v),
                Val::I64(v) => Value::I64(v),
                Val::F32(v) => Value::F32(v),
                Val::F64(v) => Value::F64(v),
                _ => return Err("it has a mutable global that is no number".to_owned()),
            };
            globals.push((name, value));
        }
        Ok(globals)
    }
}

/// The instance whose clock stops the interpreter once the boot script has said that it is ready.
fn stopping(compiled: &Compiled) -> wasmtime::Result<InstancePre<State>> {
    let mut linker = Linker::new(compiled.runtime.engine());
    preview1::add_to_linker(&mut linker)?;
    let clock = |mut caller: Caller<'_, State>, clock: i32, _precision: i64, address: i32| -> wasmtime::Result<i32> {
        const REALTIME: i32 = 0;
        const FAULT: i32 = 21;
        if caller.data().record.stdout.ends_with(STOP) {
            return Err(wasmtime::Error::new(Stopped));
        }
        let now = match clock {
            REALTIME => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            _ => caller.data().monotonic_start.elapsed(),
        };
        let Some(Extern::Memory(memory)) = caller.get_export(prepare::MEMORY) else { return Ok(FAULT) };
        let now = wasi::nanoseconds(now).to_le_bytes();
        Ok(memory.write(&mut caller, address.cast_unsigned() as usize, &now).map_or(FAULT, |()| 0))
    };
    linker.func_wrap("wasi_snapshot_preview1", "clock_time_get", clock)?;
    linker.instantiate_pre(&compiled.module)
}

fn no_answer(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("the guest is no CPython that can be saved; it says: {line}"),
        None => "the guest is no CPython that can be saved".to_owned(),
    }
}

/// What the boot script says before it stops.
#[derive(Debug, Default)]
struct Report {
    function: u32,
    arguments: u32,
    loaded: Vec<String>,
    failed: Vec<String>,
    /// Guest paths of the modules that are loaded.
    files: Vec<String>,
    /// The module search path.
    path: Vec<String>,
    /// The entries of it that hold the standard library.
    libraries: Vec<String>,
    /// Directories whose `.pth` files add to it.
    sites: Vec<String>,
}

impl Report {
    fn parse(said: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(said.strip_suffix(STOP)?).ok()?;
        let mut lines = text.split("pywagi-image\n").last()?.lines();
        let mut report =
            Self { function: lines.next()?.parse().ok()?, arguments: lines.next()?.parse().ok()?, ..Self::default() };
        let _hexversion: u32 = lines.next()?.parse().ok()?;
        for line in lines {
            let (what, value) = line.split_once(' ')?;
            let value = value.to_owned();
            match what {
                "loaded" => report.loaded.push(value),
                "failed" => report.failed.push(value),
                "file" => report.files.push(value),
                "path" => report.path.push(value),
                "library" => report.libraries.push(value),
                "site" => report.sites.push(value),
                _ => return None,
            }
        }
        Some(report)
    }

    /// Finds the way in: `ob_type` of an object is at +4, `tp_call` of a type at +64 (`PyObject`, `PyTypeObject` of
    /// Include/cpython/object.h, with 32-bit pointers).
    fn entry(&self, memory: &[u8]) -> Option<Entry> {
        let word = |address: u32| {
            let start = address as usize;
            Some(u32::from_le_bytes(*memory.get(start..)?.first_chunk()?))
        };
        let kind = word(self.function.checked_add(4)?)?;
        let call = word(kind.checked_add(64)?)?;
        (call != 0).then_some(Entry { call, function: self.function, arguments: self.arguments })
    }

    /// The host's files that the image is made from, and those that would have been part of it.
    fn dependencies(&self, volumes: &[Volume]) -> (Vec<(PathBuf, Stamp)>, Vec<PathBuf>) {
        let mut files = Vec::new();
        for file in self.files.iter().filter_map(|path| host_path(path, volumes)) {
            // A file that is gone already makes an image that is never current.
            files.push((file.clone(), Stamp::at(&file).unwrap_or_default()));
        }
        let mut absent = Vec::new();
        for place in self.libraries.iter().chain(&self.sites).filter_map(|path| host_path(path, volumes)) {
            match Stamp::at(&place) {
                Ok(stamp) => files.push((place, stamp)),
                Err(_) => absent.push(place),
            }
        }
        // An edit of such a file does not show in the directory.
        let entries = self.sites.iter().filter_map(|path| host_path(path, volumes));
        let entries =
            entries.filter_map(|path| std::fs::read_dir(path).ok()).flatten().flatten().map(|entry| entry.path());
        for file in entries.filter(|path| path.extension().is_some_and(|extension| extension == "pth")) {
            files.push((file.clone(), Stamp::at(&file).unwrap_or_default()));
        }
        let customizable = self.path.iter().filter(|entry| !self.libraries.contains(entry));
        let customizing = customizable
            .filter_map(|entry| host_path(entry, volumes))
            .flat_map(|dir| {
                ["sitecustomize.py", "sitecustomize", "usercustomize.py", "usercustomize"].map(|f| dir.join(f))
            })
            .filter(|path| !path.exists());
        absent.extend(customizing);
        (files, absent)
    }
}

/// Where a path of the guest's is on the host, in the volume with the longest matching name.
fn host_path(path: &str, volumes: &[Volume]) -> Option<PathBuf> {
    let volume = volumes
        .iter()
        .filter(|v| {
            v.guest == "/" || path == v.guest || path.strip_prefix(&v.guest).is_some_and(|p| p.starts_with('/'))
        })
        .max_by_key(|v| v.guest.len())?;
    let rest = path.strip_prefix(&volume.guest)?.trim_start_matches('/');
    Some(if rest.is_empty() { volume.host.clone() } else { volume.host.join(rest) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_script_is_ascii_which_every_locale_decodes_alike() {
        assert!(BOOT.is_ascii());
    }

    #[test]
    fn the_report_is_read_after_whatever_start_up_printed() {
        let said = b"noise\npywagi-image\n12\n34\n51118064\nloaded json\nfailed x\nlibrary /usr/lib\npath /code\npywagi-stop\n";
        let report = Report::parse(said).expect("a report");
        assert_eq!((report.function, report.arguments), (12, 34));
        assert_eq!(report.loaded, ["json"]);
        assert_eq!(report.failed, ["x"]);
        assert!(Report::parse(b"pywagi-image\n12\n").is_none());
        assert!(Report::parse(b"").is_none());
        assert!(Report::parse(b"pywagi-image\n12\nx\n1\npywagi-stop\n").is_none());
    }

    #[test]
    fn the_call_slot_is_found_in_any_memory_without_a_panic() {
        let report = Report { function: 8, ..Report::default() };
        let mut memory = vec![0; 200];
        memory[12] = 100;
        memory[164] = 9;
        assert_eq!(report.entry(&memory), Some(Entry { call: 9, function: 8, arguments: 0 }));
        for (at, byte) in [(12, 250), (15, 255), (164, 0)] {
            let mut bad = memory.clone();
            bad[at] = byte;
            assert_eq!(report.entry(&bad), None);
        }
        assert_eq!(report.entry(&[]), None);
    }

    #[test]
    fn a_guest_path_is_found_in_the_innermost_volume() {
        let volume = |guest: &str, host: &str| Volume { guest: guest.into(), host: host.into(), read_only: false };
        let volumes = [volume("/code", "/a"), volume("/code/lib", "/b"), volume("/opt", "/c")];
        for (guest, host) in [
            ("/code/x.py", Some("/a/x.py")),
            ("/code/lib/x.py", Some("/b/x.py")),
            ("/code", Some("/a")),
            ("/codex", None),
            ("/usr/lib", None),
        ] {
            assert_eq!(host_path(guest, &volumes), host.map(PathBuf::from), "{guest}");
        }
    }
}
