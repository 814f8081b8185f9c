//! The files of the host that a saved interpreter was made from. `__pycache__` is left out: the source stands for its compiled
//! form.

mod recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use recorder::{NotSavable, Recorder};

use crate::cache::seal::Stamp;
use crate::hash::Digest;

const COMPILED: &str = "__pycache__";

/// The files that an image was made from, as they were.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Dependencies {
    entries: BTreeMap<PathBuf, Entry>,
    /// The directories that Python searches for modules.
    search: BTreeSet<PathBuf>,
    /// The first parts of the names of all modules that were searched for.
    names: BTreeSet<String>,
}

/// What was at a path.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Entry {
    Absent,
    /// A directory whose entries do not matter.
    Directory {
        identity: Stamp,
    },
    /// A directory whose entries matter: all of them, or those that begin with the name of a module.
    Listing {
        stamp: Stamp,
        fresh: bool,
        entries: BTreeSet<String>,
    },
    /// A file, with the digest of its content where its times may not show the next change.
    File {
        stamp: Stamp,
        digest: Option<Digest>,
    },
}

impl Entry {
    fn at(path: &Path, listed: bool) -> Self {
        match std::fs::metadata(path) {
            Err(_) => Self::Absent,
            Ok(metadata) if metadata.is_dir() && listed => {
                let stamp = Stamp::of(&metadata);
                Self::Listing { stamp, fresh: stamp.is_fresh(), entries: entries(path) }
            }
            Ok(metadata) if metadata.is_dir() => Self::Directory { identity: Stamp::of(&metadata).identity() },
            Ok(metadata) => {
                let stamp = Stamp::of(&metadata);
                Self::File { stamp, digest: stamp.is_fresh().then(|| content(path, &metadata)) }
            }
        }
    }
}

fn content(path: &Path, metadata: &Metadata) -> Digest {
    let read = metadata.is_file().then(|| std::fs::File::open(path).and_then(Digest::of_reader));
    read.and_then(Result::ok).unwrap_or_default()
}

fn entries(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name != COMPILED).collect()
}

impl Dependencies {
    /// What was noted at paths, but for what is absent below a file, or below what is absent itself: as long as that is so,
    /// nothing can come to be there.
    fn needed(mut entries: BTreeMap<PathBuf, Entry>) -> Self {
        let ends = |path: &Path| matches!(entries.get(path), Some(Entry::Absent | Entry::File { .. }));
        let absent = entries.iter().filter(|(_, entry)| **entry == Entry::Absent);
        let needless = absent.filter(|(path, _)| path.ancestors().skip(1).any(ends));
        let needless: Vec<_> = needless.map(|(path, _)| path.clone()).collect();
        needless.iter().for_each(|path| drop(entries.remove(path)));
        Self { entries, ..Self::default() }
    }

    /// What is at these paths.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let entries = paths.into_iter().map(|path| (path.clone(), Entry::at(&path, false)));
        Self { entries: entries.collect(), ..Self::default() }
    }

    /// Adds what `others` has at other paths.
    pub fn extend(&mut self, others: Self) {
        for (path, entry) in others.entries {
            self.entries.entry(path).or_insert(entry);
        }
    }

    /// Notes what the interpreter says of itself: its module search path, in paths of the host, and the names of modules
    /// that it searched for.
    pub fn describe(&mut self, search: impl IntoIterator<Item = PathBuf>, names: impl IntoIterator<Item = String>) {
        self.search.extend(search);
        self.names.extend(names);
        for name in ["sitecustomize", "usercustomize"] {
            self.names.insert(name.to_owned());
        }
        let (search, names) = (&self.search, &self.names);
        for (path, entry) in &mut self.entries {
            if let Entry::Listing { entries, .. } = entry
                && search.contains(path)
            {
                entries.retain(|entry| matters(names, entry));
            }
        }
    }

    /// The same, for copies of the files on other machines.
    pub fn make_portable(&mut self) {
        for entry in self.entries.values_mut() {
            match entry {
                Entry::Absent => {}
                Entry::Directory { identity } => *identity = Stamp::default(),
                Entry::Listing { stamp, .. } | Entry::File { stamp, .. } => *stamp = stamp.portable(),
            }
        }
    }

    /// Whether everything is as it was.
    pub fn are_current(&self) -> bool {
        self.entries.iter().all(|(path, entry)| self.is_current(path, entry))
    }

    fn is_current(&self, path: &Path, was: &Entry) -> bool {
        let Ok(metadata) = std::fs::metadata(path) else { return *was == Entry::Absent };
        let now = Stamp::of(&metadata);
        match was {
            Entry::Absent => false,
            Entry::Directory { identity } => metadata.is_dir() && now.identity().matches(identity),
            Entry::File { stamp, digest } => {
                !metadata.is_dir()
                    && now.matches(stamp)
                    && digest.is_none_or(|digest| digest == content(path, &metadata))
            }
            Entry::Listing { stamp, fresh: false, .. } if now.matches(stamp) => true,
            Entry::Listing { stamp, entries: was, .. } => {
                let mut now_there = entries(path);
                if self.search.contains(path) {
                    now_there.retain(|entry| matters(&self.names, entry));
                }
                now.identity().matches(&stamp.identity()) && now_there == *was
            }
        }
    }
}

/// Whether an entry of a directory of the search path may be one of the modules `names`, or adds to the search path.
fn matters(names: &BTreeSet<String>, entry: &str) -> bool {
    entry.ends_with(".pth") || entry.split('.').next().is_some_and(|stem| names.contains(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes what is at `path` as the recorder does.
    fn noted(path: &Path, listed: bool) -> Dependencies {
        let entries = BTreeMap::from([(path.to_owned(), Entry::at(path, listed))]);
        Dependencies { entries, ..Dependencies::default() }
    }

    #[test]
    fn a_file_is_current_until_it_changes_however_soon_after_it_was_noted() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("file");
        std::fs::write(&path, "1").expect("written");
        let modified = std::fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
        let dependencies = noted(&path, false);
        assert!(dependencies.are_current());
        std::fs::write(&path, "2").expect("written");
        let file = std::fs::File::options().append(true).open(&path).expect("opened");
        file.set_modified(modified).expect("set");
        assert!(!dependencies.are_current());
        // As on a file system that keeps no finer times.
        let Some(Entry::File { digest, .. }) = dependencies.entries.get(&path) else { panic!("a file") };
        let entry = Entry::File { stamp: Stamp::at(&path).expect("there"), digest: *digest };
        let coarse = Dependencies { entries: BTreeMap::from([(path, entry)]), ..Dependencies::default() };
        assert!(!coarse.are_current());
    }

    #[test]
    fn what_is_absent_below_an_archive_or_an_absent_directory_is_told_by_these() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let [archive, gone] = ["modules.zip", "gone"].map(|name| dir.path().join(name));
        std::fs::write(&archive, "1").expect("written");
        let absent = [archive.join("pkg"), archive.join("pkg/sub"), gone.join("pkg"), dir.path().join("pkg")];
        let paths = [vec![archive.clone(), gone.clone()], absent.to_vec()].concat();
        let dependencies = Dependencies::needed(Dependencies::of(paths).entries);
        let kept = BTreeSet::from_iter(dependencies.entries.keys().cloned());
        assert_eq!(kept, BTreeSet::from([archive.clone(), gone.clone(), dir.path().join("pkg")]));
        assert!(dependencies.are_current());
        std::fs::create_dir_all(gone.join("pkg")).expect("made");
        assert!(!dependencies.are_current());
        std::fs::remove_dir_all(&gone).expect("removed");
        assert!(dependencies.are_current());
        std::fs::remove_file(&archive).expect("removed");
        std::fs::create_dir_all(archive.join("pkg")).expect("made");
        assert!(!dependencies.are_current());
    }

    #[test]
    fn an_absent_path_is_current_until_something_is_there() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("file");
        let dependencies = noted(&path, false);
        assert!(dependencies.are_current());
        std::fs::write(&path, "").expect("written");
        assert!(!dependencies.are_current());
    }

    #[test]
    fn a_searched_directory_is_current_until_a_module_of_interest_appears() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut dependencies = noted(dir.path(), true);
        dependencies.describe([dir.path().to_owned()], ["json".to_owned()]);
        for (name, is_current) in
            [("other.py", true), ("__pycache__", true), ("json.py", false), ("x.pth", false), ("sitecustomize", false)]
        {
            let path = dir.path().join(name);
            std::fs::write(&path, "").expect("written");
            assert_eq!(dependencies.are_current(), is_current, "{name}");
            std::fs::remove_file(path).expect("removed");
        }
        let listed = noted(dir.path(), true);
        assert!(listed.are_current());
        std::fs::write(dir.path().join("other.py"), "").expect("written");
        assert!(!listed.are_current());
    }

    #[test]
    fn a_directory_that_is_only_looked_at_is_current_while_it_is_the_same() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("directory");
        std::fs::create_dir(&path).expect("made");
        let dependencies = noted(&path, false);
        std::fs::write(path.join("file"), "").expect("written");
        assert!(dependencies.are_current());
        std::fs::rename(&path, dir.path().join("old")).expect("renamed");
        std::fs::create_dir(&path).expect("made");
        assert!(!dependencies.are_current());
    }
}
