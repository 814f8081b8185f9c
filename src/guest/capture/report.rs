//! What the boot script reports before it is stopped.

use crate::guest::cpython::config;
use crate::guest::cpython::layout::{self, Layout};
use crate::guest::cpython::objects::Memory;
use crate::guest::image::{Entry, LeftOut};

/// The line that the boot script writes when everything is loaded.
pub const LOADED: &[u8] = b"\npywagi-loaded\n";

/// The line that the boot script writes, to standard output and to standard error, before it runs the warm-up script.
pub const WARM_UP: &[u8] = b"\npywagi-warm-up\n";

/// The last line that the boot script writes before it stops.
pub const STOP: &[u8] = b"\npywagi-stop\n";

/// What the boot script reports before it stops.
#[derive(Debug, Default)]
pub struct CaptureReport {
    /// The address of the function that runs a request.
    function: u32,
    /// The address of an empty tuple.
    arguments: u32,
    /// The address of the function that takes in a debugger.
    debugger: u32,
    /// The address of the byte array of host and debugger.
    flag: u32,
    /// The address of the byte array that is to be the first directory that is searched, as C knows it.
    directory: u32,
    /// `sys.hexversion`.
    version: u32,
    /// The modules of the standard library that are loaded.
    pub loaded: Vec<String>,
    /// The other modules that are loaded.
    pub others: Vec<String>,
    /// The modules that cannot be loaded early.
    pub failed: Vec<LeftOut>,
    /// Why requests may not start from what the warm-up script has left; empty where it is an exception.
    pub not_warm: Option<String>,
    /// What the warm-up script wrote to standard output.
    pub warm_up_stdout: Vec<u8>,
    /// What of modules is made anew when they are revealed.
    pub refreshed: Vec<String>,
    /// The generators of random numbers among that: address, module, name.
    generators: Vec<(u32, String, String)>,
    /// The first parts of the names of the modules that were searched for.
    pub names: Vec<String>,
    /// The module search path.
    pub path: Vec<String>,
    /// What start-up itself wrote to standard output.
    pub startup_stdout: Vec<u8>,
}

impl CaptureReport {
    /// Reads what the boot script wrote; `None` where that is no report.
    pub fn parse(said: &[u8]) -> Option<Self> {
        let loaded = said.windows(LOADED.len()).rposition(|window| window == LOADED)?;
        let (before, rest) = said.split_at(loaded);
        let (startup_stdout, warm_up_stdout) = split_at_warm_up(before);
        let text = std::str::from_utf8(rest.strip_suffix(STOP)?).ok()?;
        let mut lines = text.split("pywagi-image\n").last()?.lines();
        let mut report = Self {
            function: lines.next()?.parse().ok()?,
            arguments: lines.next()?.parse().ok()?,
            debugger: lines.next()?.parse().ok()?,
            flag: lines.next()?.parse().ok()?,
            directory: lines.next()?.parse().ok()?,
            version: lines.next()?.parse().ok()?,
            startup_stdout: startup_stdout.to_vec(),
            warm_up_stdout: warm_up_stdout.unwrap_or_default().to_vec(),
            ..Self::default()
        };
        for line in lines {
            let (what, value) = line.split_once(' ')?;
            let value = value.to_owned();
            match what {
                "loaded" => report.loaded.push(value),
                "other" => report.others.push(value),
                "failed" => {
                    let (name, why) = value.split_once(' ')?;
                    report.failed.push(LeftOut { name: name.to_owned(), why: why.to_owned() });
                }
                "not-warm" => report.not_warm = Some(value),
                "refreshed" => report.refreshed.push(value),
                "generator" => {
                    let mut words = value.splitn(3, ' ');
                    let mut word = || Some(words.next()?.to_owned());
                    report.generators.push((word()?.parse().ok()?, word()?, word()?));
                }
                "name" => report.names.push(value),
                "path" => report.path.push(value),
                _ => return None,
            }
        }
        Some(report)
    }

    /// Notes that `script`, the warm-up script that was run, is not to be, if so; `complaints` is what it wrote to standard error.
    pub fn judge_warm_up(&mut self, script: Option<&String>, complaints: &[u8]) {
        let (Some(path), Some(why)) = (script, &self.not_warm) else { return };
        let traceback = String::from_utf8_lossy(complaints).trim_end().to_owned();
        let why = if why.is_empty() { traceback } else { why.clone() };
        self.failed.push(LeftOut { name: path.clone(), why });
    }

    /// Refuses modules that have used a generator of random numbers which is seeded anew when they are revealed: what they
    /// drew may have decided something. One that was only seeded is at the end of its numbers. The script `warm_up`, if one was
    /// run, may have used it, and is refused first.
    pub fn refuse_used_generators(&mut self, memory: &[u8], warm_up: Option<&String>) {
        for (address, module, name) in &self.generators {
            let index = Memory(memory).field(*address, layout::RANDOM_INDEX);
            if index != Some(layout::RANDOM_NUMBERS) {
                let (name, why) = match warm_up {
                    Some(path) => (path, format!("it uses the generator of random numbers {module}.{name}")),
                    None => (module, format!("it uses its generator of random numbers {name} while it is loaded")),
                };
                self.failed.push(LeftOut { name: name.clone(), why });
            }
        }
    }

    /// How this version of CPython lays out its structures, if that is known.
    pub fn layout(&self) -> Option<&'static Layout> {
        layout::of(self.version)
    }

    /// Where CPython has the address of the first directory that is searched, and that which it is to have: the content of a byte
    /// array, which the boot script fills.
    pub fn first_directory(&self, memory: &[u8]) -> Option<(usize, u32)> {
        let place = config::first_directory(memory, self.layout()?)?;
        Some((place, Memory(memory).field(self.directory, layout::BYTEARRAY_START)?))
    }

    /// Finds the slot by which the host calls the function.
    pub fn entry(&self, memory: &[u8]) -> Option<Entry> {
        let word = |address: u32| {
            let start = address as usize;
            Some(u32::from_le_bytes(*memory.get(start..)?.first_chunk()?))
        };
        let kind = word(self.function.checked_add(layout::OBJECT_TYPE)?)?;
        let call = word(kind.checked_add(layout::TYPE_CALL)?)?;
        let Self { function, arguments, debugger, flag, .. } = *self;
        (call != 0).then_some(Entry { call, function, arguments, debugger, flag })
    }
}

/// What was written before the warm-up script was run, and what it wrote, if it was.
pub fn split_at_warm_up(written: &[u8]) -> (&[u8], Option<&[u8]>) {
    match written.windows(WARM_UP.len()).position(|window| window == WARM_UP) {
        Some(at) => (written.get(..at).unwrap_or_default(), written.get(at + WARM_UP.len()..)),
        None => (written, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_warm_up_writes_is_not_of_start_up_and_its_failure_is_told_with_the_traceback() {
        let said =
            b"noise\npywagi-warm-up\nwarm\npywagi-loaded\npywagi-image\n1\n2\n3\n4\n5\n6\nnot-warm \npywagi-stop\n";
        let mut report = CaptureReport::parse(said).expect("a report");
        assert_eq!((&report.startup_stdout[..], &report.warm_up_stdout[..]), (&b"noise"[..], &b"warm"[..]));
        let path = "/code/warmup.py".to_owned();
        report.judge_warm_up(Some(&path), b"Traceback:\nKeyError: 1\n");
        assert_eq!(report.failed, [LeftOut { name: path.clone(), why: "Traceback:\nKeyError: 1".into() }]);
        let mut report = CaptureReport { not_warm: Some("it draws".into()), ..CaptureReport::default() };
        report.judge_warm_up(Some(&path), b"x");
        assert_eq!(report.failed, [LeftOut { name: path, why: "it draws".into() }]);
        assert_eq!(split_at_warm_up(b"a"), (&b"a"[..], None));
    }

    #[test]
    fn the_report_is_read_after_whatever_start_up_printed() {
        let said = b"noise\npywagi-loaded\npywagi-image\n12\n34\n56\n78\n90\n51118064\nloaded json\nfailed x ImportError: x (a.py:1)\nname json\npath /code\npywagi-stop\n";
        let report = CaptureReport::parse(said).expect("a report");
        assert_eq!((report.function, report.arguments, report.debugger, report.flag), (12, 34, 56, 78));
        assert_eq!((report.directory, report.version), (90, 51_118_064));
        assert_eq!(report.loaded, ["json"]);
        assert_eq!(report.failed, [LeftOut { name: "x".into(), why: "ImportError: x (a.py:1)".into() }]);
        assert_eq!(report.startup_stdout, b"noise");
        assert!(CaptureReport::parse(b"\npywagi-loaded\npywagi-image\n12\n").is_none());
        assert!(CaptureReport::parse(b"").is_none());
        assert!(CaptureReport::parse(b"\npywagi-loaded\npywagi-image\n12\nx\n1\n1\n1\n1\npywagi-stop\n").is_none());
    }

    #[test]
    fn the_call_slot_is_found_in_any_memory_without_a_panic() {
        let report = CaptureReport { function: 8, ..CaptureReport::default() };
        let mut memory = vec![0; 200];
        memory[12] = 100;
        memory[164] = 9;
        assert_eq!(report.entry(&memory), Some(Entry { call: 9, function: 8, arguments: 0, debugger: 0, flag: 0 }));
        for (at, byte) in [(12, 250), (15, 255), (164, 0)] {
            let mut bad = memory.clone();
            bad[at] = byte;
            assert_eq!(report.entry(&bad), None);
        }
        assert_eq!(report.entry(&[]), None);
    }
}
