//! What compiling a module takes, by the size of its code: time, memory and room for the result. Told before it begins where it
//! is much, since wasmtime does not say how far it is.

use std::path::Path;
use std::time::Duration;

use indicatif::{BinaryBytes, ProgressBar};
use wasmparser::{Parser, Payload};

use crate::disk;
use crate::error::Result;
use crate::terminal::Terminal;

/// Bytes of WebAssembly code that one processor compiles in a second, as measured with code of 25 and 74 MB.
const BYTES_PER_SECOND: u64 = 800_000;

/// The bytes that are written, compiled code and initial memory, for each byte of WebAssembly code: 3.3 to 3.5 were.
const GROWTH: u64 = 4;

/// The bytes of memory that compiling takes for each byte of WebAssembly code: the most that processes had was 27 to 29.
const MEMORY: u64 = 28;

/// From so much code on the room for the result is checked, and the memory: what is smaller fits, or takes no time.
const MUCH: u64 = 16 << 20;

/// From so long on a bar shows how long it will take.
const LONG: Duration = Duration::from_secs(10);

/// What it costs to compile a module.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The size of its code.
    code: u64,
}

impl Cost {
    /// That of a module.
    pub fn of(wasm: &[u8]) -> Self {
        let sections = Parser::new(0).parse_all(wasm).map_while(std::result::Result::ok);
        let code = sections.filter_map(|payload| match payload {
            Payload::CodeSectionStart { size, .. } => Some(u64::from(size)),
            _ => None,
        });
        Self { code: code.sum() }
    }

    /// How long it takes on this machine, about, where so many other threads want to run, too.
    fn time(self, others: f64) -> Duration {
        let processors = std::thread::available_parallelism().map_or(1, |number| number.get() as u64);
        let seconds = self.code / BYTES_PER_SECOND / processors;
        // Of so many threads, as many as there are processors are ours.
        let shared =
            Duration::from_secs(seconds).mul_f64(1.0 + others.clamp(0.0, 1000.0) / processors as f64).as_secs();
        // No more exact than it is.
        Duration::from_secs(if shared > 10 { shared.next_multiple_of(5) } else { shared })
    }

    /// Checks that there is room for the result in `directory`, and warns where memory is short.
    ///
    /// # Errors
    /// Fails where the disk is too small.
    pub fn check(self, name: &str, directory: Option<&Path>, terminal: &Terminal) -> Result<()> {
        if self.code < MUCH {
            return Ok(());
        }
        let needed = self.code.saturating_mul(GROWTH);
        directory
            .map_or(Ok(()), |directory| disk::check(&format!("the compiled code of {name}"), &[(directory, needed)]))?;
        if let Some(warning) = available_memory().and_then(|available| self.shortage(name, available)) {
            terminal.warn(warning);
        }
        Ok(())
    }

    /// What to say where so much memory is available.
    fn shortage(self, name: &str, available: u64) -> Option<String> {
        let needed = self.code.saturating_mul(MEMORY);
        (available < needed).then(|| {
            format!(
                "compiling {name} needs about {} of memory, and {} are available: if the system stops it, end other programs, \
                 add swap, or run `pywagi cache warm --portable` on another machine and copy its cache",
                BinaryBytes(needed),
                BinaryBytes(available)
            )
        })
    }

    /// Shows that it is compiled, and about how long that takes where it is long.
    pub fn bar(self, name: &str, terminal: &Terminal) -> ProgressBar {
        let expected = self.time(load().unwrap_or_default());
        if expected < LONG {
            return terminal.spinner("Compiling", &format!("{name} (once)"));
        }
        terminal.expected("Compiling", &format!("{name} (once)"), expected)
    }
}

/// How many threads of others wanted to run in the last minute, where the system says so.
fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok().filter(|load: &f64| load.is_finite())
}

/// The memory that this process can still have, where the system says so: the machine's, and that of its container.
fn available_memory() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = available(&read("/proc/meminfo")?)?;
    let limit = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    let used = read("/sys/fs/cgroup/memory.current").and_then(|text| text.trim().parse::<u64>().ok());
    Some(limit.map_or(machine, |limit| machine.min(limit.saturating_sub(used.unwrap_or_default()))))
}

/// What `/proc/meminfo` says is available, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_the_code_alone() {
        let data = "x".repeat(1 << 20);
        let wasm = wat::parse_str(format!("(module (memory 20) (func (nop)) (data (i32.const 0) \"{data}\"))"));
        assert_eq!(Cost::of(&wasm.expect("a module")).code, 4);
        assert_eq!(Cost::of(b"no module").code, 0);
    }

    #[test]
    fn a_machine_with_too_little_memory_is_told_what_helps() {
        let cost = Cost { code: 74 << 20 };
        let needed = BinaryBytes(cost.code * MEMORY).to_string();
        let warning = cost.shortage("python3.wasm", 1 << 30).expect("too little");
        assert!(
            warning.starts_with(&format!("compiling python3.wasm needs about {needed} of memory, and 1.00 GiB are"))
        );
        assert_eq!(cost.shortage("python3.wasm", 64 << 30), None);
    }

    #[test]
    fn available_memory_is_read_in_kilobytes() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   20395 kB\n"), Some(20395 * 1024));
        assert_eq!(available("MemTotal: 9 kB\n"), None);
        assert_eq!(available("MemAvailable: many\n"), None);
    }

    #[test]
    fn only_a_long_time_is_rounded() {
        let seconds = |code, others| Cost { code }.time(others).as_secs();
        assert_eq!(seconds(0, 0.0), 0);
        assert_eq!(seconds(1 << 40, 0.0) % 5, 0);
        assert!(seconds(1 << 40, 0.5) > seconds(1 << 40, 0.0));
        assert_eq!(seconds(1 << 40, -1.0), seconds(1 << 40, 0.0));
    }
}
