//! Packages that are built into an interpreter: nothing can replace them, so everything else is chosen to go with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::FileOptions;

use super::known::Known;
use super::requirement::{Requirement, canonical};
use super::tool::Resolved;
use super::version;
use crate::error::{Context, Error, Result};
use crate::toolchain::archive::{Archive, zip_names};
use crate::toolchain::catalog::Catalog;
use crate::toolchain::record::Record;

/// Packages by their normalized names, with their versions.
pub type BuiltIn = BTreeMap<String, String>;

/// The packages in the interpreter that is installed in `home`, by the metadata that is in its library (PEP 376).
///
/// # Errors
/// Fails where the library cannot be read.
pub fn of(home: &Path, record: &Record) -> Result<BuiltIn> {
    let Some(library) = record.library(home).filter(|library| library.host.is_dir()) else { return Ok(BuiltIn::new()) };
    let cannot_read = || format!("cannot read the directory {}", library.host.display());
    let mut found = BuiltIn::new();
    for entry in library.host.read_dir().context(cannot_read)? {
        let path = entry.context(cannot_read)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".zip") {
            let names = zip_names(Archive { path: &path, name: &name })?;
            found.extend(names.iter().filter_map(|name| package(name.split('/').next()?)));
        } else {
            found.extend(package(&name));
        }
    }
    Ok(found)
}

/// The package whose metadata is in a directory of this name.
fn package(directory: &str) -> Option<(String, String)> {
    let (name, version) = directory.strip_suffix(".dist-info")?.rsplit_once('-')?;
    Some((canonical(name), version.to_owned()))
}

/// The lines of a constraints file by which everything is chosen to go with these.
pub fn pins(built_in: &BuiltIn) -> Vec<String> {
    built_in.iter().map(|(name, version)| format!("{name}=={version}")).collect()
}

/// A directory with a wheel for each of these, which has nothing but its name and version: what uv and pip choose in place of the
/// package itself, which has no wheel for a guest.
///
/// # Errors
/// Fails where it cannot be written.
pub fn wheels(built_in: &BuiltIn) -> Result<TempDir> {
    let directory = TempDir::with_prefix("pywagi-built-in-").context(|| "cannot create a temporary directory")?;
    for (name, version) in built_in {
        let name = name.replace('-', "_");
        let path = directory.path().join(format!("{name}-{version}-py3-none-any.whl"));
        write_wheel(&path, &name, version).context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(directory)
}

fn write_wheel(path: &Path, name: &str, version: &str) -> io::Result<()> {
    let mut zip = ZipWriter::new(File::create_new(path)?);
    for (file, text) in [
        ("METADATA", format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")),
        ("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
        ("RECORD", String::new()),
    ] {
        zip.start_file(format!("{name}-{version}.dist-info/{file}"), FileOptions::<()>::default())?;
        zip.write_all(text.as_bytes())?;
    }
    zip.finish().map(drop).map_err(io::Error::other)
}

/// Checks that requirements allow what is built in, and ask for nothing that only another interpreter has built in: to find that
/// by resolving them can take minutes, in which native code is built.
///
/// # Errors
/// Fails with each that does not.
pub fn check(requirements: &[Requirement], built_in: &BuiltIn) -> Result<()> {
    if built_in.is_empty() {
        return Ok(());
    }
    let known = Known::load()?;
    let errors = requirements.iter().filter_map(|requirement| {
        let Some(version) = built_in.get(&requirement.name) else {
            let name = known.needs_native_code(&requirement.name)?;
            let remedy = elsewhere(&[&name])?;
            let message = format!("{name} has native code, or needs some, that this interpreter was not built with");
            return Some(Error::new(message).remedy(remedy));
        };
        let Requirement { name, text } = requirement;
        let message = match version::allows(text, version) {
            Some(true) => return None,
            Some(false) => format!("{name} {version} is built into the interpreter, and {text} does not allow it"),
            None => format!("{name} {version} is built into the interpreter, and cannot be replaced by {text}"),
        };
        let remedy =
            format!("ask for {name} alone, or for versions that {version} is among: no guest can load another one");
        Some(Error::new(message).remedy(remedy))
    });
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::all(errors)) }
}

/// What of `resolved` is to be installed: neither what is built in, nor what only that needs. The second is what of the built-in
/// packages was taken as given, as pins.
pub fn without(resolved: Vec<Resolved>, requirements: &[String], built_in: &BuiltIn) -> (Vec<Resolved>, Vec<String>) {
    if built_in.is_empty() {
        return (resolved, Vec::new());
    }
    let asked = requirements.iter().filter_map(|line| Requirement::parse(line));
    let mut pending: Vec<_> = asked.map(|requirement| requirement.name).collect();
    let (mut needed, mut given) = (BTreeSet::new(), BTreeSet::new());
    while let Some(name) = pending.pop() {
        if let Some(version) = built_in.get(&name) {
            given.insert(format!("{name}=={version}"));
            continue;
        }
        let package = resolved.iter().find(|package| package.name == name);
        if needed.insert(name) {
            pending.extend(package.into_iter().flat_map(|package| package.dependencies.iter().cloned()));
        }
    }
    let mut left: Vec<_> = resolved.into_iter().filter(|package| needed.contains(&package.name)).collect();
    left.iter_mut().for_each(|package| package.dependencies.retain(|name| !built_in.contains_key(name)));
    (left, given.into_iter().collect())
}

/// Where the packages of these normalized names are built in together, and how to have that; `None` where they are not.
pub fn elsewhere(names: &[&str]) -> Option<String> {
    let catalog = Catalog::load().ok()?;
    let interpreter = catalog.with_packages(names)?;
    let called = interpreter.called();
    let packages: Vec<_> =
        names.iter().filter_map(|name| Some(format!("{name} {}", interpreter.packages.get(*name)?))).collect();
    let (last, others) = packages.split_last()?;
    let packages =
        if others.is_empty() { format!("{last} is") } else { format!("{} and {last} are", others.join(", ")) };
    Some(format!(
        "{packages} in the scientific interpreter: `pywagi init NAME --python {called}` makes an app with it, and \
         `pywagi toolchain install {called}` has this app use it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> BuiltIn {
        [("numpy", "2.5.2"), ("six", "1.17.0")].map(|(name, version)| (name.to_owned(), version.to_owned())).into()
    }

    #[test]
    fn packages_are_known_by_the_directories_of_their_metadata() {
        let found = |name| package(name).map(|(name, version)| format!("{name} {version}"));
        assert_eq!(found("python_dateutil-2.9.0.post0.dist-info").as_deref(), Some("python-dateutil 2.9.0.post0"));
        assert_eq!(found("numpy"), None);
        assert_eq!(found("x.dist-info"), None);
    }

    #[test]
    fn a_requirement_that_does_not_allow_what_is_there_is_an_error() {
        let check = |text: &str| {
            let result = check(&[Requirement::parse(text).expect("a requirement")], &built_in());
            result.map_err(|e| e.to_string())
        };
        assert_eq!(check("numpy>=2"), Ok(()));
        assert_eq!(check("flask<1"), Ok(()));
        let expected = "matplotlib has native code, or needs some, that this interpreter was not built with";
        assert_eq!(check("matplotlib"), Err(expected.to_owned()));
        let expected = "numpy 2.5.2 is built into the interpreter, and NumPy<2 does not allow it";
        assert_eq!(check("NumPy<2"), Err(expected.to_owned()));
        let expected =
            "six 1.17.0 is built into the interpreter, and cannot be replaced by six @ https://example.com/s.whl";
        assert_eq!(check("six @ https://example.com/s.whl"), Err(expected.to_owned()));
    }

    #[test]
    fn what_is_built_in_is_not_installed_nor_what_only_that_needs() {
        let package = |name: &str, needs: &[&str]| Resolved {
            name: name.to_owned(),
            version: "1".to_owned(),
            dependencies: needs.iter().map(|need| (*need).to_owned()).collect(),
            wheels: Vec::new(),
            sdist: None,
        };
        let resolved = vec![
            package("shop", &["numpy", "core"]),
            package("core", &[]),
            package("numpy", &["blas"]),
            package("blas", &[]),
        ];
        let (left, given) = without(resolved.clone(), &["shop>=1".to_owned()], &built_in());
        assert_eq!(left, [package("shop", &["core"]), package("core", &[])]);
        assert_eq!(given, ["numpy==2.5.2"]);
        assert_eq!(without(resolved.clone(), &[], &BuiltIn::new()).0, resolved);
    }

    #[test]
    fn another_interpreter_is_named_that_has_a_package() {
        let text = elsewhere(&["numpy"]).expect("numpy is in one");
        assert!(text.starts_with("numpy 2.5.2 is in the") && text.contains("--python science`"), "{text}");
        let text = elsewhere(&["numpy", "pillow", "scipy"]).expect("one has them");
        assert!(text.starts_with("numpy 2.5.2, pillow 13.0.0 and scipy 1.18.1 are in the"), "{text}");
        assert!(text.contains("--python science-full`"), "{text}");
        assert_eq!([elsewhere(&["flask"]), elsewhere(&["numpy", "flask"])], [None, None]);
    }
}
