//! The files of packages: installed by uv or pip into a new directory, then without what no guest can use.

use std::fs;
use std::path::Path;

use super::known::Known;
use super::lock::{Lock, Package};
use super::record::Installed;
use super::requirement::canonical;
use super::resolve::NO_REMEDY;
use super::tool::{self, Build, Installation, Tool};
use crate::cache::Cache;
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The section of the cache that built wheels are kept in.
pub const CACHE_SECTION: &str = "wheels";

/// A C compiler that does not exist: optional extension modules then are not built.
const NO_COMPILER: (&str, &str) = ("CC", "pywagi-builds-no-extension-modules");

/// Files in `*.dist-info` that say how the tool installed the package.
const BY_THE_TOOL: &[&str] = &["INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"];

/// How to install.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// uv or pip.
    pub tool: &'a Tool,
    /// The version of Python, such as `3.12`.
    pub python: &'a str,
    /// The app's directory.
    pub directory: &'a Path,
    /// Whether to use only what is on this machine.
    pub offline: bool,
}

/// Installs what `lock` says into the empty directory `into`; returns what is there.
///
/// # Errors
/// Fails where a file cannot be had, has another hash or cannot be built, and where a package needs native code.
pub fn install(lock: &Lock, how: How<'_>, into: &Path, terminal: &Terminal) -> Result<Vec<Installed>> {
    let known = Known::load()?;
    let (built, wheels): (Vec<_>, Vec<_>) = lock.packages.iter().partition(|package| package.wheels.is_empty());
    let lines = wheels.iter().map(|package| line(package, how.directory)).collect::<Result<Vec<_>>>()?;
    if !lines.is_empty() {
        let spinner = terminal.spinner("Fetching", &counted(lines.len()));
        let installation = Installation { lines: &lines, python: how.python, build: None, offline: how.offline, into };
        how.tool.install(&installation).map_err(of_lock)?;
        spinner.finish_and_clear();
    }
    for package in &built {
        build(package, how, &known, into, terminal)?;
    }
    let built: Vec<_> = built.iter().map(|package| package.name.as_str()).collect();
    finish(into, &built, &known)
}

/// The remedy for an error of installing from the lock.
fn of_lock(error: Error) -> Error {
    let text = error.to_string().to_lowercase();
    if text.contains("hash") {
        let remedy = "the package index has another file than was locked: see why before you trust it; \
                      if it is right, delete pylock.toml and run `pywagi sync`";
        return error.remedy(remedy);
    }
    if text.contains("failed to build") || text.contains("failed building") {
        return error.remedy(NO_REMEDY);
    }
    if text.contains("no space left") || text.contains("file too large") {
        return error.remedy("make room on the disk");
    }
    error.remedy("check the network, and the package index that pylock.toml names")
}

fn line(package: &Package, directory: &Path) -> Result<String> {
    let file = package.wheels.first().or(package.sdist.as_ref());
    let file = file.ok_or_else(|| {
        Error::new(format!("pylock.toml names no file for {}", package.name))
            .remedy("delete it and run `pywagi sync`, which makes it again")
    })?;
    tool::line(&package.name, file, directory)
}

/// Builds a package from its source archive, without extension modules, and installs that.
fn build(package: &Package, how: How<'_>, known: &Known, into: &Path, terminal: &Terminal) -> Result<()> {
    let name = &package.name;
    let version = package.version.as_deref().unwrap_or_default();
    let spinner = terminal.spinner("Building", &format!("{name} {version} from its source archive, as pure Python"));
    let cache = Cache::open()?.section(CACHE_SECTION)?;
    let needed = known.pure.get(name).into_iter().flatten();
    let variables: Vec<_> = std::iter::once((NO_COMPILER.0.to_owned(), NO_COMPILER.1.to_owned()))
        .chain(needed.map(|(name, value)| (name.clone(), value.clone())))
        .collect();
    let lines = [line(package, how.directory)?];
    let build = Some(Build { cache: &cache, variables: &variables });
    // Into what is there, pip installs no directory that another package has, too, as those of namespace packages are.
    let own = tempfile::tempdir_in(into.parent().unwrap_or(into)).context(|| "cannot create a temporary directory")?;
    let installation =
        Installation { lines: &lines, python: how.python, build, offline: how.offline, into: own.path() };
    how.tool.install(&installation).map_err(|error| match known.pure.contains_key(name) {
        true => of_lock(error),
        false => {
            let why = format!("{name} {version} has no wheel of pure Python and cannot be built as one; {error}");
            of_lock(error).with_message(why)
        }
    })?;
    spinner.finish_and_clear();
    merge(own.path(), into)
}

/// Moves what is below `from` to its place below `into`.
fn merge(from: &Path, into: &Path) -> Result<()> {
    for entry in fs::read_dir(from).context(|| format!("cannot read the directory {}", from.display()))? {
        let entry = entry.context(|| format!("cannot read the directory {}", from.display()))?;
        let (from, into) = (entry.path(), into.join(entry.file_name()));
        if from.is_dir() && into.is_dir() {
            merge(&from, &into)?;
        } else {
            fs::rename(&from, &into).context(|| format!("cannot move {} to {}", from.display(), into.display()))?;
        }
    }
    Ok(())
}

/// Removes what no guest can use, and tells what is installed. A package that was built and holds native code, though it is not
/// known to work without, is refused.
fn finish(into: &Path, built: &[&str], known: &Known) -> Result<Vec<Installed>> {
    let native = native_files(into)?;
    remove_scripts(into)?;
    for file in &native {
        let path = into.join(file);
        fs::remove_file(&path).context(|| format!("cannot delete {}", path.display()))?;
    }
    let mut installed = Vec::new();
    for information in directories(into)?.iter().filter(|name| name.ends_with(".dist-info")) {
        let directory = into.join(information);
        for file in BY_THE_TOOL.iter().map(|name| directory.join(name)).filter(|path| path.is_file()) {
            fs::remove_file(&file).context(|| format!("cannot delete {}", file.display()))?;
        }
        installed.push(describe(into, &directory, &native, built)?);
    }
    installed.sort_by(|a, b| a.name.cmp(&b.name));
    for package in &installed {
        if package.built && !package.left_out.is_empty() && !known.pure.contains_key(&package.name) {
            let Installed { name, version, left_out, .. } = package;
            let message =
                format!("{name} {version} has native code, which no WAGI guest can load: {}", left_out.join(", "));
            return Err(Error::new(message).remedy(NO_REMEDY));
        }
    }
    Ok(installed)
}

/// What the metadata in `directory`, below `into`, tells of a package. The list of its files is left with those that are there.
fn describe(into: &Path, directory: &Path, native: &[String], built: &[&str]) -> Result<Installed> {
    let metadata = directory.join("METADATA");
    let text = fs::read(&metadata).context(|| format!("cannot read {}", metadata.display()))?;
    let text = String::from_utf8_lossy(&text);
    let header = |name: &str| {
        let line = text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.strip_prefix(':')).map(str::trim).unwrap_or_default().to_owned()
    };
    let record = directory.join("RECORD");
    let listed = fs::read_to_string(&record).context(|| format!("cannot read {}", record.display()))?;
    // `PATH,HASH,SIZE`; a path with a comma is in quotes.
    let path_of = |line: &str| match line.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or_default().to_owned(),
        None => line.split(',').next().unwrap_or_default().to_owned(),
    };
    let (mut size, mut left_out, mut kept) = (0, Vec::new(), String::new());
    for line in listed.lines() {
        let path = path_of(line);
        if native.contains(&path) {
            left_out.push(path);
        } else if let Ok(meta) = fs::symlink_metadata(into.join(&path)).map_err(drop)
            && !path.starts_with("..")
        {
            size += meta.len();
            kept += &format!("{line}\n");
        }
    }
    fs::write(&record, kept).context(|| format!("cannot write {}", record.display()))?;
    let name = canonical(&header("Name"));
    let built = built.contains(&name.as_str());
    Ok(Installed { name, version: header("Version"), size, built, left_out })
}

/// Removes `bin/`, the programs that packages bring: a guest starts none.
fn remove_scripts(into: &Path) -> Result<()> {
    for name in ["bin", "Scripts"] {
        let directory = into.join(name);
        if directory.is_dir() && !directory.join("__init__.py").exists() {
            fs::remove_dir_all(&directory).context(|| format!("cannot delete {}", directory.display()))?;
        }
    }
    // uv locks the directory with it.
    let lock = into.join(".lock");
    if lock.is_file() {
        fs::remove_file(&lock).context(|| format!("cannot delete {}", lock.display()))?;
    }
    Ok(())
}

fn directories(into: &Path) -> Result<Vec<String>> {
    let failed = || format!("cannot read the directory {}", into.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(into).context(failed)? {
        let entry = entry.context(failed)?;
        if entry.file_type().context(failed)?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// The files below `into` that the system of some machine loads as code, by their names, with `/`.
///
/// # Errors
/// Fails where a directory cannot be read.
pub fn native_files(into: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), into.to_owned())];
    while let Some((prefix, directory)) = pending.pop() {
        let failed = || format!("cannot read the directory {}", directory.display());
        for entry in fs::read_dir(&directory).context(failed)? {
            let entry = entry.context(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().context(failed)?.is_dir() {
                pending.push((format!("{prefix}{name}/"), entry.path()));
            } else if is_native(&name) {
                found.push(format!("{prefix}{name}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file of this name is native code: `a.so`, `a.cpython-312-x86_64-linux-gnu.so`, `liba.so.1.2`, `a.pyd`, …
fn is_native(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let ends = |suffix: &str| name.ends_with(suffix);
    stem.ends_with(".so") || [".pyd", ".dylib", ".dll"].into_iter().any(ends)
}

/// Whether a wheel of this file name is for this machine, as far as its name tells.
pub fn is_for_this_machine(file: &str) -> bool {
    let system = match std::env::consts::OS {
        "macos" => "macosx",
        "windows" => "win",
        other => other,
    };
    let machine = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "arm64",
        ("windows", "x86_64") => "amd64",
        (_, arch) => arch,
    };
    file.contains(system) && file.contains(machine)
}

/// `1 package` or `N packages`.
pub fn counted(number: usize) -> String {
    if number == 1 { "1 package".to_owned() } else { format!("{number} packages") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_files_are_known_by_their_names() {
        for name in [
            "a.so",
            "_speedups.cpython-312-x86_64-linux-gnu.so",
            "libz.so.1.2.11",
            "a.cp312-win_amd64.pyd",
            "a.dylib",
            "a.dll",
        ] {
            assert!(is_native(name), "{name}");
        }
        for name in ["so.py", "a.so.py", "also", "1", "a.1", ""] {
            assert!(!is_native(name), "{name}");
        }
    }
}
