//! What a module that may connect to hosts is given besides: the directory of pywagi's, in which Python finds sockets.

use std::fs::File;
use std::path::Path;

use crate::atomic_file::StagedFile;
use crate::cache::{self, Cache};
use crate::cgi::Variables;
use crate::error::{Context, Error, Result};
use crate::guest::{DIRECTORY, Volume};
use crate::hash::Hasher;

/// Where Python finds modules.
const VARIABLE: &str = "PYTHONPATH";

/// The directory of the modules, below [`DIRECTORY`].
const MODULES: &str = "python";

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../assets/python/_pywagi_network/", $path)))),*]
    };
}

/// The modules. The first one is written last: where it is, all are.
const FILES: [(&str, &str); 4] = files!["sitecustomize.py", "_pywagi_network.py", "_ssl.py", "ssl.py"];

/// The volume of [`DIRECTORY`], whose files are in the cache, and what keeps them there while it lives.
///
/// # Errors
/// Fails where there is no cache, or it cannot be written.
pub fn volume(cache: Option<&Cache>) -> Result<(Volume, Option<File>)> {
    let Some(cache) = cache else {
        let message = "the files for `allowed_hosts` have no place: there is no cache directory";
        return Err(Error::new(message).remedy(format!("set {} to a directory of your own", cache::DIRECTORY_VARIABLE)));
    };
    let mut hasher = Hasher::default();
    FILES.iter().for_each(|(path, text)| {
        hasher.update(path);
        hasher.update(text);
    });
    let host = cache.section(cache::contents::NETWORK)?.join(hasher.digest().to_string());
    let lock = lock(&host.with_extension("lock"));
    let modules = host.join(MODULES);
    if !FILES.first().is_some_and(|(last, _)| modules.join(last).is_file()) {
        write(&modules).context(|| format!("cannot write to {}", modules.display()))?;
    }
    Ok((Volume { guest: DIRECTORY.to_owned(), host, read_only: true }, lock))
}

/// Has `pywagi cache clean` leave the files. A cache that cannot be written to is not cleaned either.
fn lock(path: &Path) -> Option<File> {
    let file = File::options().create(true).append(true).open(path).ok()?;
    file.lock_shared().ok().map(|()| file)
}

fn write(modules: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(modules)?;
    FILES.iter().rev().try_for_each(|(path, text)| StagedFile::new(&modules.join(path), text.as_bytes())?.replace())
}

/// Has Python find the modules before all others.
pub fn add_to_search_path(variables: &mut Variables) {
    let first = format!("{DIRECTORY}/{MODULES}");
    let others = variables.iter().find(|(name, _)| name.as_str() == VARIABLE).map(|(_, value)| value.clone());
    let path = others.filter(|others| !others.is_empty()).map_or(first.clone(), |others| format!("{first}:{others}"));
    variables.insert(VARIABLE.to_owned(), path);
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
        let modules = |volume: &Volume| std::fs::read_dir(volume.host.join(MODULES)).map_or(0, Iterator::count);
        let (volume, lock) = super::volume(Some(&cache)).expect("a volume");
        assert!(lock.is_some());
        let cleaned = contents::clean(&root).expect("it can be emptied");
        assert_eq!((modules(&volume), cleaned.in_use.len()), (FILES.len(), 1));
        drop(lock);
        contents::clean(&root).expect("it can be emptied");
        assert_eq!(modules(&volume), 0);
        let (again, _lock) = super::volume(Some(&cache)).expect("a volume");
        assert_eq!((&again, modules(&again)), (&volume, FILES.len()));
    }
}
