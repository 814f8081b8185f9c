//! `pywagi toolchain`: install, list, verify and remove interpreters.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use indicatif::BinaryBytes;

use crate::cache::Cache;
use crate::cli::{OptDir, Toolchain, ToolchainCommand};
use crate::error::{Error, Kind, Result};
use crate::guest::{self, Cancellation, Exit, Input, Limits, Runtime};
use crate::paths;
use crate::terminal::{self, Terminal};
use crate::toolchain::catalog::{Catalog, Known};
use crate::toolchain::downloads::Downloads;
use crate::toolchain::install::{self, Candidate, Installed, Probe, What};
use crate::toolchain::opt::{self, DIRECTORY, Opt};
use crate::toolchain::record::{Difference, Record};
use crate::toolchain::sources::{Given, Sources};
use crate::toolchain::{hash, opt_dir};

/// Runs the command.
///
/// # Errors
/// As the command's own functions.
pub fn run(arguments: &Toolchain, terminal: &Terminal) -> Result<()> {
    match &arguments.command {
        ToolchainCommand::List(opt) => list(&directory(opt)?, terminal),
        ToolchainCommand::Verify(opt) => verify(&directory(opt)?, terminal),
        ToolchainCommand::Remove(opt) => remove(&directory(opt)?, terminal),
        ToolchainCommand::Install(arguments) => {
            let cache = Cache::open()?;
            let request = Request {
                version: arguments.version.clone(),
                from: arguments.from.clone(),
                sha256: arguments.sha256.clone(),
                opt_dir: directory(&arguments.opt)?,
                offline: arguments.offline,
            };
            install(&request, &cache, &Runtime::new(Some(&cache))?, terminal).map(drop)
        }
    }
}

/// The absolute path of the directory that holds the installation.
fn directory(opt: &OptDir) -> Result<PathBuf> {
    let here = paths::working_directory()?;
    Ok(match &opt.opt_dir {
        Some(dir) => here.join(dir),
        None => opt_dir(&here),
    })
}

/// What to install, as the command line says it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The version; the default one without.
    pub version: Option<String>,
    /// A file or URL of the user's instead of a version.
    pub from: Option<String>,
    /// The SHA-256 that `from` must have.
    pub sha256: Option<String>,
    /// The directory to install into: the app's `opt/`.
    pub opt_dir: PathBuf,
    /// Use only what is on this machine.
    pub offline: bool,
}

/// Installs an interpreter and says so. `init` does it in the same way.
///
/// # Errors
/// Fails where the request makes no sense, and as [`install::install`].
pub fn install(request: &Request, cache: &Cache, runtime: &Runtime, terminal: &Terminal) -> Result<Installed> {
    let catalog = Catalog::load()?;
    let what = match &request.from {
        None => What::Known(catalog.find(request.version.as_deref())?),
        Some(from) => {
            let sha256 = request.sha256.as_deref().map(parse_sha256).transpose()?;
            What::Given { from: Given::parse(from)?, sha256 }
        }
    };
    let sources = Sources::new(Downloads::open(cache)?, request.offline, terminal);
    let probe = GuestProbe { runtime, terminal };
    let installed = install::install(&what, &request.opt_dir, &sources, &probe)?;
    let place = relative(&installed.directory);
    let version = &installed.record.version;
    if installed.already {
        terminal.step("Unchanged", format_args!("Python {version} is installed in {place} already"));
        return Ok(installed);
    }
    let time = installed.time.as_secs_f64();
    terminal.step("Installed", format_args!("Python {version} in {place} in {time:.1} s"));
    for origin in &installed.record.origins {
        terminal.detail(format_args!("{} ({}) came from {}", origin.name, origin.sha256, origin.source));
        if request.from.is_some() && request.sha256.is_none() {
            let flag = format!("--sha256 {}", origin.sha256);
            terminal.note(format_args!("{:>12} to get the same file again, add {flag}", ""));
        }
    }
    Ok(installed)
}

/// Reads the value of `--sha256`.
fn parse_sha256(text: &str) -> Result<String> {
    let sum = text.to_ascii_lowercase();
    if hash::is_sha256(&sum) {
        return Ok(sum);
    }
    Err(Error::of(Kind::Usage, format!("--sha256 {text:?} is not 64 hexadecimal digits"))
        .remedy("`sha256sum FILE` or `shasum -a 256 FILE` prints the sum of a file"))
}

/// Shows what can be installed and what is.
fn list(opt_dir: &Path, terminal: &Terminal) -> Result<()> {
    let catalog = Catalog::load()?;
    let installation = opt_dir.join(DIRECTORY);
    let record = opt::read(&installation)?;
    let downloads = Downloads::open(&Cache::open()?)?;
    let mut text = format!("{:<9} {:>10}  {}\n", "VERSION", "DOWNLOAD", "STATUS");
    for known in catalog.iter() {
        let status = status(known, record.as_ref(), &downloads).join(", ");
        text += format!("{:<9} {:>10}  {status}", known.version, BinaryBytes(known.size()).to_string()).trim_end();
        text += &format!("\n{:22}{}\n{:22}{}\n", "", known.origin, "", known.licence);
    }
    let place = relative(&installation);
    match &record {
        None => text += &format!("\nNo interpreter is installed in {place}\n"),
        Some(record) => text += &format!("\nIn use: Python {} in {place}\n{}", record.version, describe(record)),
    }
    terminal::print(&text)?;
    if record.is_none() {
        terminal.note("Install one by `pywagi toolchain install`");
    }
    Ok(())
}

fn status(known: &Known, record: Option<&Record>, downloads: &Downloads) -> Vec<&'static str> {
    let mut words = Vec::new();
    if known.default {
        words.push("default");
    }
    if record.is_some_and(|record| install::is_of(known, record)) {
        words.push("in use");
    }
    if known.files.iter().all(|file| downloads.seems_to_have(&file.sha256, file.size)) {
        words.push("in the cache");
    }
    words
}

fn describe(record: &Record) -> String {
    let mut text = format!("  installed    {}\n", record.installed);
    for origin in &record.origins {
        text += &format!("  file         {}, {}\n", origin.name, BinaryBytes(origin.size));
        text += &format!("    sha256     {}\n    from       {}\n", origin.sha256, origin.source);
    }
    for (name, value) in record.environment_at(install::GUEST_PLACE) {
        text += &format!("  environment  {name}={value}\n");
    }
    text
}

/// Proves that the installed files are the recorded ones and that the interpreter runs.
fn verify(opt_dir: &Path, terminal: &Terminal) -> Result<()> {
    let begin = Instant::now();
    let installation = opt_dir.join(DIRECTORY);
    let place = relative(&installation);
    let _lock = opt::share(opt_dir, terminal)?;
    let record = opt::read(&installation)?.ok_or_else(|| not_installed(&place))?;
    let total = record.files.values().map(|entry| entry.size).sum();
    let bar = terminal.bytes("Verifying", &place, Some(total));
    let comparison = record.compare(&installation, |n| bar.inc(n))?;
    bar.finish_and_clear();
    if !comparison.differences.is_empty() {
        let lines: Vec<_> = comparison.differences.iter().map(|d| format!("\n  {d}")).collect();
        let message = format!("{place} is not what was installed{}", opt::shorten(&lines));
        let extra = comparison.differences.iter().any(|d| matches!(d, Difference::Extra(_)));
        let first = if extra { "move the extra files to another place, then " } else { "" };
        return Err(Error::new(message).remedy(format!("{first}run `pywagi toolchain install` to install it again")));
    }
    let cache = Cache::open()?;
    let runtime = Runtime::new(Some(&cache))?;
    let probed = GuestProbe { runtime: &runtime, terminal }.version(&install::candidate(&installation, &record));
    let again = "run `pywagi toolchain install` to install it again";
    let version = probed
        .map_err(|e| Error::new(format!("the interpreter in {place} cannot be used")).because(e).remedy(again))?;
    if version != record.version {
        return Err(Error::new(format!(
            "the interpreter in {place} answers that it is Python {version}, and its record says {}",
            record.version
        ))
        .remedy(again));
    }
    let files = match record.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let time = begin.elapsed().as_secs_f64();
    terminal
        .step("Verified", format_args!("Python {version} in {place}: {files} as recorded, and it runs ({time:.1} s)"));
    if comparison.bytecode > 0 {
        let (files, were) = match comparison.bytecode {
            1 => ("1 file".to_owned(), "was"),
            n => (format!("{n} files"), "were"),
        };
        terminal.note(format_args!("{files} in __pycache__, which Python wrote, {were} not compared"));
    }
    Ok(())
}

/// Removes the installed interpreter.
fn remove(opt_dir: &Path, terminal: &Terminal) -> Result<()> {
    let installation = opt_dir.join(DIRECTORY);
    let place = relative(&installation);
    if opt::read(&installation)?.is_none() {
        return Err(not_installed(&place));
    }
    let opt = Opt::lock(opt_dir, terminal)?;
    let record = opt.replaceable()?.ok_or_else(|| not_installed(&place))?;
    opt.remove()?;
    terminal.step("Removed", format_args!("Python {} from {place}", record.version));
    Ok(())
}

fn not_installed(place: &str) -> Error {
    Error::new(format!("no interpreter is installed in {place}"))
        .remedy("install one by `pywagi toolchain install`, or name its directory by --opt-dir")
}

/// A path as seen from the current directory where it is below that.
fn relative(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.as_deref().unwrap_or(path).display().to_string()
}

/// Tries an interpreter by running it, on the calling thread: see [`guest::run`] for the stack it needs.
struct GuestProbe<'a> {
    runtime: &'a Runtime,
    terminal: &'a Terminal,
}

impl Probe for GuestProbe<'_> {
    fn version(&self, candidate: &Candidate) -> Result<String> {
        let remedy = "give a CPython built for wasm32-wasip1; one whose library is not inside the module needs an \
                      archive with bin/ and lib/";
        // The directory that it is tried in is nothing the user knows.
        let name = candidate.wasm.file_name().unwrap_or_default().to_string_lossy();
        let loaded = self.runtime.load_called(&name, &candidate.wasm, self.terminal);
        let program = loaded.map_err(|error| error.remedy(remedy))?;
        if !program.has_function("_start") {
            return Err(Error::new("it exports no function `_start`, so it is no program").remedy(remedy));
        }
        let input = Input {
            entrypoint: "_start".to_owned(),
            arguments: ["python", "-c", "import sys; print(sys.version.split()[0])"].map(str::to_owned).into(),
            environment: candidate.environment.clone(),
            volumes: candidate.volumes.clone().into(),
            stdin: bytes::Bytes::new(),
            limits: Limits { stdout: 1 << 16, ..Limits::default() },
            stderr: Arc::new(|_| ()),
            cold: true,
            cancellation: Cancellation::new(),
        };
        let output = guest::run(&program, &input);
        let said = last_lines(&output.stderr);
        let failed = |how: String| Err(Error::new(format!("it does not run: {how}{said}")).remedy(remedy));
        if let Some(how) = failure(output.exit) {
            return failed(how);
        }
        let Some(version) = parse_version(&output.stdout) else {
            let printed = String::from_utf8_lossy(&output.stdout);
            let begin: String = printed.chars().take(60).collect();
            return failed(format!("asked for its version it printed {begin:?}"));
        };
        if !said.is_empty() {
            self.terminal.warn(format_args!("the interpreter runs, but writes to standard error:{said}"));
        }
        Ok(version)
    }
}

/// How an interpreter that was asked for its version failed, if it did.
fn failure(exit: Exit) -> Option<String> {
    Some(match exit {
        Exit::Code(0) => return None,
        Exit::Code(code) => format!("it exited with code {code}"),
        Exit::Trap(trap) => format!("it stopped by a trap, {trap}"),
        Exit::TimedOut(limit) => format!("it ran for more than {} s", limit.as_secs()),
        Exit::Cancelled => "it was cancelled".to_owned(),
        Exit::StackExhausted => "its calls went deeper than its stack".to_owned(),
        Exit::OutputLimit(limit) => format!("it printed more than {limit} bytes as its version"),
        Exit::NotStarted(why) | Exit::NoVolume(why) => why,
    })
}

/// A version as Python prints it: `3.12.0`, `3.13.0rc1`, `3.14.0a2+`.
fn parse_version(stdout: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(stdout).ok()?.trim();
    let sound = text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && text.len() <= 32
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+'));
    sound.then(|| text.to_owned())
}

/// The end of what a guest wrote to standard error, below a message.
fn last_lines(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let shown = lines.get(lines.len().saturating_sub(10)..).unwrap_or_default();
    shown.iter().map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_python_prints() {
        for good in ["3.12.0\n", "3.13.0rc1\n", "3.14.0a2+", " 3.11.3\r\n"] {
            assert_eq!(parse_version(good.as_bytes()).as_deref(), Some(good.trim()), "{good:?}");
        }
        for bad in ["", "\n", "Hello", "3", "3.1 2", "3.\u{1b}[0m", "3.12.0\n3.12.0"] {
            assert_eq!(parse_version(bad.as_bytes()), None, "{bad:?}");
        }
    }

    /// The others need no half a minute: the integration tests have them.
    #[test]
    fn an_interpreter_that_does_not_end_has_failed() {
        let limit = Limits::default().time;
        assert_eq!(failure(Exit::TimedOut(limit)).as_deref(), Some("it ran for more than 30 s"));
        assert_eq!(failure(Exit::NoVolume("the volume /a".to_owned())).as_deref(), Some("the volume /a"));
    }

    #[test]
    fn a_sum_may_be_in_capitals() {
        let sum = hash::of_bytes(b"x");
        assert_eq!(parse_sha256(&sum.to_uppercase()).unwrap(), sum);
        let error = parse_sha256("12ab").unwrap_err();
        assert_eq!(error.to_string(), r#"--sha256 "12ab" is not 64 hexadecimal digits"#);
        assert_eq!(error.kind(), Kind::Usage);
    }
}
