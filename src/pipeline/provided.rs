//! What modules are given besides their volumes: the directory of pywagi's, in which Python finds sockets, and libraries.
//!
//! Each part is there only where it is used. Without any, there is no such directory.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::cache::{self, Cache};
use crate::cgi::Variables;
use crate::error::{Context, Error, Result};
use crate::guest::{DIRECTORY, Volume};
use crate::hash::Hasher;

/// Where Python finds modules.
const VARIABLE: &str = "PYTHONPATH";

macro_rules! files {
    ($directory:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../assets/python/", $directory, "/", $path)))),*]
    };
}

/// Modules of Python that are given together, in a directory of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What asks for them, as messages name it.
    key: &'static str,
    /// Their directory, below [`DIRECTORY`].
    directory: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// A file that belongs to the app.
    own: Option<(&'static str, String)>,
}

impl Part {
    /// Sockets and TLS, for modules with `allowed_hosts`.
    pub fn network() -> Self {
        let files = files!["_pywagi_network": "sitecustomize.py", "_pywagi_network.py", "_ssl.py", "ssl.py"];
        Self { key: "`allowed_hosts`", directory: "python", files, own: None }
    }

    /// Libraries by these names.
    pub fn libraries<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let files = files!["_pywagi_libraries": "sitecustomize.py", "_pywagi_libraries.py"];
        let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
        let own = format!("\"\"\"The libraries of modules.toml.\"\"\"\n\nNAMES = [{}]\n", names.join(", "));
        Self { key: "[[library]]", directory: "libraries", files, own: Some(("_pywagi_library_names.py", own)) }
    }

    /// The files. The last one is written last: where it is, all are.
    fn files(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        let own = self.own.iter().map(|(path, text)| (*path, text.as_str()));
        own.chain(self.files.iter().rev().map(|(path, text)| (*path, *text)))
    }

    /// Where the guest sees them.
    fn guest(&self) -> String {
        format!("{DIRECTORY}/{}", self.directory)
    }
}

/// The volume of [`DIRECTORY`] with these parts, whose files are in the cache, and what keeps them there while it lives.
///
/// # Errors
/// Fails where there is no cache, or it cannot be written.
pub fn volume(cache: Option<&Cache>, parts: &[Part]) -> Result<(Volume, Option<File>)> {
    let Some(cache) = cache else {
        let keys = parts.iter().map(|part| part.key).collect::<Vec<_>>().join(" and ");
        let message = format!("the files for {keys} have no place: there is no cache directory");
        return Err(Error::new(message).remedy(format!("set {} to a directory of your own", cache::DIRECTORY_VARIABLE)));
    };
    let mut hasher = Hasher::default();
    for part in parts {
        hasher.update(part.directory);
        part.files().for_each(|(path, text)| {
            hasher.update(path);
            hasher.update(text);
        });
    }
    let host = cache.section(cache::contents::PROVIDED)?.join(hasher.digest().to_string());
    let lock = lock(&host.with_extension("lock"));
    for part in parts {
        let directory = host.join(part.directory);
        if !part.files().next_back().is_some_and(|(last, _)| directory.join(last).is_file()) {
            write(&directory, part).context(|| format!("cannot write to {}", directory.display()))?;
        }
    }
    Ok((Volume { guest: DIRECTORY.to_owned(), host, read_only: true }, lock))
}

/// Has `pywagi cache clean` leave the files. A cache that cannot be written to is not cleaned either.
fn lock(path: &Path) -> Option<File> {
    let file = File::options().create(true).append(true).open(path).ok()?;
    file.lock_shared().ok().map(|()| file)
}

fn write(directory: &PathBuf, part: &Part) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    part.files().try_for_each(|(path, text)| StagedFile::new(&directory.join(path), text.as_bytes())?.replace())
}

/// Has Python find the modules of these parts before all others.
pub fn add_to_search_path(variables: &mut Variables, parts: &[Part]) {
    let mut path: Vec<_> = parts.iter().map(Part::guest).collect();
    let others = variables.iter().find(|(name, _)| name.as_str() == VARIABLE).map(|(_, value)| value.clone());
    path.extend(others.filter(|others| !others.is_empty()));
    variables.insert(VARIABLE.to_owned(), path.join(":"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::contents;

    #[test]
    fn the_files_stay_in_a_cache_that_is_emptied_while_they_are_needed() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let root = dir.path().join("cache");
        let cache = Cache::at(&root).expect("a cache");
        let parts = [Part::network(), Part::libraries(["a"].into_iter())];
        let files: usize = parts.iter().map(|part| part.files().count()).sum();
        let modules = |volume: &Volume| -> usize {
            let of = |part: &Part| std::fs::read_dir(volume.host.join(part.directory)).map_or(0, Iterator::count);
            parts.iter().map(of).sum()
        };
        let (volume, lock) = super::volume(Some(&cache), &parts).expect("a volume");
        assert!(lock.is_some());
        let cleaned = contents::clean(&root).expect("it can be emptied");
        assert_eq!((modules(&volume), cleaned.in_use.len()), (files, 1));
        drop(lock);
        contents::clean(&root).expect("it can be emptied");
        assert_eq!(modules(&volume), 0);
        let (again, _lock) = super::volume(Some(&cache), &parts).expect("a volume");
        assert_eq!((&again, modules(&again)), (&volume, files));
        let (other, _lock) = super::volume(Some(&cache), &parts[..1]).expect("a volume");
        assert_ne!(other, volume);
    }
}
