//! `pywagi toolchain`: install, list, verify and remove interpreters.

use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::BinaryBytes;

use crate::cache::Cache;
use crate::cli::{OptDir, Toolchain, ToolchainCommand};
use crate::error::{Error, Kind, Result};
use crate::guest::{Needs, Runtime};
use crate::hash::Digest;
use crate::paths;
use crate::terminal::{self, Terminal};
use crate::text_file::shown;
use crate::toolchain::catalog::{Catalog, Interpreter, Notice};
use crate::toolchain::download_cache::DownloadCache;
use crate::toolchain::install::{self, Installed, Requested};
use crate::toolchain::mount;
use crate::toolchain::opt::{self, DIRECTORY, LockedOpt};
use crate::toolchain::record::{Difference, Record};
use crate::toolchain::sources::{Location, Sources};
use crate::toolchain::{opt_dir, probe};

/// Runs the command.
///
/// # Errors
/// As the command's own functions.
pub fn run(arguments: &Toolchain, terminal: &Terminal) -> Result<()> {
    match &arguments.command {
        ToolchainCommand::List(opt) => list(opt, terminal),
        ToolchainCommand::Verify(arguments) => verify(&directory(&arguments.opt)?, arguments.self_test, terminal),
        ToolchainCommand::Remove(opt) => remove(&directory(opt)?, terminal),
        ToolchainCommand::Install(arguments) => {
            let cache = Cache::open()?;
            let request = Request {
                version: arguments.version.clone(),
                from: arguments.from.clone(),
                sha256: arguments.sha256.clone(),
                opt_dir: directory(&arguments.opt)?,
                offline: arguments.offline,
                self_test: arguments.self_test,
                noticed: false,
            };
            install(&request, &cache, &Runtime::new(Some(&cache))?, terminal).map(drop)
        }
    }
}

/// The absolute path of the directory that holds the installation.
///
/// # Errors
/// Fails outside an app where the command line does not name a directory.
fn directory(opt: &OptDir) -> Result<PathBuf> {
    let here = paths::working_directory()?;
    directory_from(opt, &here).ok_or_else(|| {
        let message = format!("there is no modules.toml in {} or a directory above it", here.display());
        Error::new(message)
            .remedy("change to the directory of an app, or name the directory of the interpreter with --opt-dir")
    })
}

fn directory_from(opt: &OptDir, here: &Path) -> Option<PathBuf> {
    opt.opt_dir.as_ref().map_or_else(|| opt_dir(here), |directory| Some(here.join(directory)))
}

/// What to install and where.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The version; `None` for the default.
    pub version: Option<String>,
    /// A file or URL to install instead of a version.
    pub from: Option<String>,
    /// The SHA-256 that `from` must have.
    pub sha256: Option<String>,
    /// The directory to install into: the app's `opt/`.
    pub opt_dir: PathBuf,
    /// Use only files of this machine.
    pub offline: bool,
    /// Show what it supports.
    pub self_test: bool,
    /// The user was told what is known of it.
    pub noticed: bool,
}

/// Installs an interpreter and reports it; `init` does the same.
///
/// # Errors
/// Fails where the request is not valid, where modules.toml cannot be written, and as [`install::install`].
pub fn install(request: &Request, cache: &Cache, runtime: &Runtime, terminal: &Terminal) -> Result<Installed> {
    let catalog = Catalog::load()?;
    let requested = match &request.from {
        None => {
            let mounted = || mount::mounted_series(&request.opt_dir);
            Requested::Listed(catalog.find(request.version.clone().or_else(mounted).as_deref())?)
        }
        Some(from) => {
            let sha256 = request.sha256.as_deref().map(parse_sha256).transpose()?;
            Requested::Custom { from: Location::parse(from)?, sha256 }
        }
    };
    let sources = Sources::new(DownloadCache::open(cache)?, request.offline, terminal);
    if let Requested::Listed(interpreter) = requested
        && !request.noticed
        && !install::is_there(&requested, &request.opt_dir)?
    {
        give_notice(interpreter, terminal);
    }
    let installed = install::install(&requested, &request.opt_dir, &sources, runtime, request.self_test)?;
    let place = shown(&installed.directory);
    let version = &installed.record.version;
    if installed.already {
        terminal.step("Unchanged", format_args!("Python {version} is already installed in {place}"));
        if request.self_test {
            let report = install::tested(&installed.directory, &installed.record, runtime, terminal)?;
            terminal::print(report.to_string())?;
        }
        return Ok(installed);
    }
    let time = installed.time.as_secs_f64();
    terminal.step("Installed", format_args!("Python {version} in {place} in {time:.1} s"));
    for origin in &installed.record.origins {
        terminal.detail(format_args!("{} ({}) came from {}", origin.name, origin.sha256, origin.source));
        if request.from.is_some() && request.sha256.is_none() {
            let flag = format!("--sha256 {}", origin.sha256);
            terminal.note(format_args!("{:>12} to check next time that it is the same file, add {flag}", ""));
        }
    }
    if request.from.is_some()
        && let Ok(needs) = Needs::of_file(&installed.interpreter())
        && !needs.is_nothing()
    {
        terminal.warn(format_args!(
            "it needs {needs}: it runs on pywagi alone, and `pywagi build` and `pywagi export` refuse it but for docker"
        ));
    }
    let needs_library = match requested {
        // It finds the library inside its own file where it sees no other.
        Requested::Listed(interpreter) if interpreter.embeds_library => false,
        _ => !installed.record.environment.is_empty() || installed.record.mount.is_some(),
    };
    mount_library(&request.opt_dir, &installed, needs_library, terminal)?;
    installed.report.as_ref().map_or(Ok(()), |report| terminal::print(report.to_string()))?;
    Ok(installed)
}

/// Mounts the library, if it is needed, in every module of the app that runs the installed interpreter and does not see it,
/// removes that of another version, and shows the changed lines.
fn mount_library(opt_dir: &Path, installed: &Installed, needs_library: bool, terminal: &Terminal) -> Result<()> {
    let Installed { directory, record, .. } = installed;
    let place = shown(directory);
    let plan = match mount::plan(opt_dir, directory, record, needs_library) {
        Ok(Some(plan)) => plan,
        Ok(None) => return Ok(()),
        Err(_) if !needs_library => return Ok(()),
        Err(error) => {
            terminal.warn(format_args!("{error}"));
            terminal.warn(format_args!(
                "modules.toml was not changed: Python's library is in {place}, which `volumes` must contain"
            ));
            return Ok(());
        }
    };
    let (name, edit) = (shown(&plan.manifest), &plan.edit);
    if edit.text.is_some() {
        mount::write(&plan)?;
        let why = if needs_library { "so that Python finds its library" } else { "which had another Python's library" };
        terminal.step("Changed", format_args!("{name}, {why}:"));
        for (line, text) in &edit.changed {
            terminal.note(format_args!("{:>12} line {line}: {text}", ""));
        }
    }
    for (line, mount) in &edit.missing {
        terminal.warn(format_args!(
            "{name}:{line}: Python does not find its library, which is in {place}; add this to the module's volumes: \
             {mount}"
        ));
    }
    for (line, guest) in &edit.stale {
        terminal.warn(format_args!(
            "{name}:{line}: the volume {guest} is the library of another Python, which is gone; remove it"
        ));
    }
    Ok(())
}

/// Parses the value of `--sha256`.
fn parse_sha256(text: &str) -> Result<Digest> {
    text.parse().map_err(|_| {
        Error::of(Kind::Usage, format!("--sha256 {text:?} is not 64 hexadecimal digits"))
            .remedy("`sha256sum FILE` or `shasum -a 256 FILE` prints the SHA-256 of a file")
    })
}

/// Shows the available interpreters and the installed one.
fn list(opt: &OptDir, terminal: &Terminal) -> Result<()> {
    let catalog = Catalog::load()?;
    // Outside an app, the available interpreters are listed all the same.
    let directory = directory_from(opt, &paths::working_directory()?);
    let installation = directory.map(|directory| directory.join(DIRECTORY));
    let record = installation.as_deref().map(opt::read).transpose()?.flatten();
    let cache = DownloadCache::open(&Cache::open()?)?;
    let mut text = format!("{:<12} {:>10}  {}\n", "VERSION", "DOWNLOAD", "STATUS");
    for interpreter in catalog.iter() {
        let status = status(interpreter, record.as_ref(), &cache).join(", ");
        let size = BinaryBytes(interpreter.size()).to_string();
        let name = interpreter.name.as_ref().unwrap_or(&interpreter.version);
        text += format!("{name:<12} {size:>10}  {status}").trim_end();
        text += "\n";
        for line in known(interpreter) {
            text += &format!("{:25}{line}\n", "");
        }
    }
    match (&installation, &record) {
        (None, _) => {}
        (Some(place), None) => text += &format!("\nNo interpreter is installed in {}.\n", shown(place)),
        (Some(place), Some(record)) => {
            text += &format!("\nIn use: Python {} in {}\n{}", record.version, shown(place), describe(record));
        }
    }
    terminal::print(&text)?;
    if installation.is_none() {
        terminal.note("To see which one an app uses, change to its directory, or name its opt/ with --opt-dir.");
    } else if record.is_none() {
        terminal.note("To install one: pywagi toolchain install");
    }
    Ok(())
}

/// What is known of an interpreter besides its version, size and status.
fn known(interpreter: &Interpreter) -> Vec<String> {
    let mut lines = Vec::new();
    if interpreter.name.is_some() {
        lines.push(format!("CPython {} with {}", interpreter.version, packages(interpreter)));
    }
    lines.extend([interpreter.origin.clone(), interpreter.licence.clone()]);
    if let Some(Notice { stage, published, .. }) = &interpreter.notice {
        lines.push(format!("{stage}, published {published}; {ALONE}"));
    }
    let mut mirrors: Vec<String> = Vec::new();
    for mirror in interpreter.files.iter().flat_map(|file| &file.mirrors) {
        let mirror = mirror.to_string();
        // One package may have several files.
        if !mirrors.contains(&mirror) {
            mirrors.push(mirror);
        }
    }
    let has_release = interpreter.files.iter().all(|file| file.release.base.is_some());
    let sources: Vec<_> = has_release.then(|| "the release".to_owned()).into_iter().chain(mirrors).collect();
    lines.push(format!("from {}", sources.join(", ")));
    lines.extend(interpreter.lacks.as_ref().map(|lacks| format!("built without {lacks}")));
    if interpreter.files.iter().any(|file| file.unconfirmed) {
        lines.push("its size and SHA-256 are known from one text only".to_owned());
    }
    lines
}

/// The hosts of an interpreter with a notice.
const ALONE: &str = "runs on pywagi alone, since other WAGI hosts have no WebAssembly exceptions";

/// The packages that are built into an interpreter: of many, the best known.
fn packages(interpreter: &Interpreter) -> String {
    const SHOWN: usize = 5;
    const BEST_KNOWN: [&str; SHOWN] = ["numpy", "pandas", "scipy", "scikit-learn", "matplotlib"];
    let mut packages: Vec<_> = interpreter.packages.iter().collect();
    packages.sort_by_key(|(name, _)| BEST_KNOWN.iter().position(|known| known == name).unwrap_or(SHOWN));
    let more = packages.len().saturating_sub(SHOWN);
    let shown: Vec<_> = packages.iter().take(SHOWN).map(|(name, version)| format!("{name} {version}")).collect();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more packages", shown.join(", ")) }
}

/// Says what a user should know of an interpreter before it is downloaded, if there is anything.
pub fn give_notice(interpreter: &Interpreter, terminal: &Terminal) {
    let Some(Notice { stage, published, unpacked, compiled, memory }) = &interpreter.notice else { return };
    let Interpreter { version, origin, licence, .. } = interpreter;
    let size = |bytes: u64| BinaryBytes(bytes).to_string();
    let (download, unpacked) = (size(interpreter.size()), size(*unpacked));
    let (compiled, memory) = (size(*compiled), size(*memory));
    let mut lines = vec![
        format!("{} is CPython {version} with {}", interpreter.called(), packages(interpreter)),
        format!("built by a third party: {origin}; {stage}, published {published}"),
        ALONE.to_owned(),
    ];
    lines.extend(interpreter.lacks.as_ref().map(|lacks| format!("built without {lacks}")));
    lines.push(format!("licences: {licence}, which come with it, in opt/{DIRECTORY}/LICENSES"));
    lines.push(format!("download {download}, installed {unpacked}"));
    lines.push(format!("compiled once, which takes about {memory} of memory and {compiled} in the cache"));
    for (index, line) in lines.iter().enumerate() {
        let verb = if index == 0 { "Note:" } else { "" };
        terminal.note(format_args!("{verb:>12} {line}"));
    }
    for file in &interpreter.files {
        terminal.note(format_args!("{:>12} {}: sha256 {}", "", file.name, file.sha256));
    }
}

fn status(interpreter: &Interpreter, record: Option<&Record>, cache: &DownloadCache) -> Vec<&'static str> {
    let mut words = Vec::new();
    if interpreter.default {
        words.push("default");
    }
    if record.is_some_and(|record| install::is_of(interpreter, record)) {
        words.push("in use");
    }
    if interpreter.files.iter().all(|file| cache.seems_to_have(file.checksum())) {
        words.push("downloaded");
    }
    words
}

fn describe(record: &Record) -> String {
    let mut text = format!("  installed    {}\n", record.installed);
    for origin in &record.origins {
        text += &format!("  file         {}, {}\n", origin.name, BinaryBytes(origin.size));
        text += &format!("    sha256     {}\n    from       {}\n", origin.sha256, origin.source);
    }
    if let Some(mount) = &record.mount {
        text += &format!("  library at   {mount}\n");
        return text;
    }
    for (name, value) in record.environment_at(install::GUEST_PATH) {
        text += &format!("  environment  {name}={value}\n");
    }
    text
}

/// Checks that the installed files are as recorded and that the interpreter runs; with `self_test`, shows what it supports.
fn verify(opt_dir: &Path, self_test: bool, terminal: &Terminal) -> Result<()> {
    let begin = Instant::now();
    let installation = opt_dir.join(DIRECTORY);
    let place = shown(&installation);
    let _lock = opt::share(opt_dir, terminal)?;
    let record = opt::read(&installation)?.ok_or_else(|| not_installed(&place))?;
    let again = install_again(&record)?;
    let total = record.files.values().map(|checksum| checksum.size).sum();
    let bar = terminal.bytes("Verifying", &place, Some(total));
    let comparison = record.compare(&installation, |n| bar.inc(n))?;
    bar.finish_and_clear();
    if !comparison.differences.is_empty() {
        let lines: Vec<_> = comparison.differences.iter().map(|d| format!("\n  {d}")).collect();
        let message = format!("{place} is not as it was installed{}", opt::shorten(&lines));
        let extra = comparison.differences.iter().any(|d| matches!(d, Difference::Extra(_)));
        let first = if extra { "move the extra files elsewhere, then " } else { "" };
        return Err(Error::new(message).remedy(format!("{first}{again}")));
    }
    let cache = Cache::open()?;
    let runtime = Runtime::new(Some(&cache))?;
    let probed = probe::probe(&install::candidate(&installation, &record), &runtime, terminal).map_err(|error| {
        Error::new(format!("the interpreter in {place} does not work")).because(error).remedy(&again)
    })?;
    let version = probed.version;
    if version != record.version {
        let message =
            format!("the interpreter in {place} reports version {version}, and its record says {}", record.version);
        return Err(Error::new(message).remedy(&again));
    }
    let files = match record.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    let time = begin.elapsed().as_secs_f64();
    terminal.step("Verified", format_args!("Python {version} in {place}: {files} unchanged, runs ({time:.1} s)"));
    if comparison.bytecode > 0 {
        let files = match comparison.bytecode {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        terminal.note(format_args!("{:>12} not compared: {files} that Python wrote to __pycache__", ""));
    }
    if self_test {
        terminal::print(install::tested(&installation, &record, &runtime, terminal)?.to_string())?;
    }
    Ok(())
}

/// The remedy that installs the recorded interpreter again.
fn install_again(record: &Record) -> Result<String> {
    let catalog = Catalog::load()?;
    let which = match catalog.iter().find(|interpreter| install::is_of(interpreter, record)) {
        Some(interpreter) => interpreter.called().to_owned(),
        None => match record.origins.first() {
            Some(origin) => format!("--from {}", shell_words::quote(origin.location())),
            None => "--from FILE|URL".to_owned(),
        },
    };
    Ok(format!("run `pywagi toolchain install {which}` to install it again"))
}

/// Removes the installed interpreter.
fn remove(opt_dir: &Path, terminal: &Terminal) -> Result<()> {
    let installation = opt_dir.join(DIRECTORY);
    let place = shown(&installation);
    if opt::read(&installation)?.is_none() {
        return Err(not_installed(&place));
    }
    let opt = LockedOpt::lock(opt_dir, terminal)?;
    let record = opt.replaceable()?.ok_or_else(|| not_installed(&place))?;
    opt.remove()?;
    terminal.step("Removed", format_args!("Python {} from {place}", record.version));
    Ok(())
}

fn not_installed(place: &str) -> Error {
    Error::new(format!("no interpreter is installed in {place}"))
        .remedy("install one with `pywagi toolchain install`, or name its directory with --opt-dir")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_may_be_in_capitals() {
        let digest = Digest::of("x");
        assert_eq!(parse_sha256(&digest.to_string().to_uppercase()).unwrap(), digest);
        let error = parse_sha256("12ab").unwrap_err();
        assert_eq!(error.to_string(), r#"--sha256 "12ab" is not 64 hexadecimal digits"#);
        assert_eq!(error.kind(), Kind::Usage);
    }
}
