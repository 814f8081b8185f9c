//! The files of the host that a saved interpreter was made from.
//!
//! While an interpreter is captured, every path that it opens or looks at is noted before the call is made, so that an edit
//! during the capture makes the image stale. A capture that changes a file is given up: each cold start would change it,
//! too. `__pycache__` is left out of both: the source stands for its compiled form.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use wiggle::GuestPtr;

use super::Volume;
use super::answered::AnsweredFiles;
use super::calls::{Call, Function, Observer};
use super::wasi::RunState;
use crate::cache::seal::Stamp;
use crate::hash::Digest;

/// The first file descriptor of the preopened directories.
const FIRST_VOLUME: usize = 3;

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

/// Removes what is absent below a file, or below what is absent itself: as long as that is so, nothing can come to be there.
fn remove_needless(entries: &mut BTreeMap<PathBuf, Entry>) {
    let ends = |path: &Path| matches!(entries.get(path), Some(Entry::Absent | Entry::File { .. }));
    let absent = entries.iter().filter(|(_, entry)| **entry == Entry::Absent);
    let needless = absent.filter(|(path, _)| path.ancestors().skip(1).any(ends));
    let needless: Vec<_> = needless.map(|(path, _)| path.clone()).collect();
    needless.iter().for_each(|path| drop(entries.remove(path)));
}

/// Whether an entry of a directory of the search path may be one of the modules `names`, or adds to the search path.
fn matters(names: &BTreeSet<String>, entry: &str) -> bool {
    entry.ends_with(".pth") || entry.split('.').next().is_some_and(|stem| names.contains(stem))
}

/// Notes the files that an interpreter uses while it is captured.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Recording>);

#[derive(Default)]
struct Recording {
    volumes: Vec<PathBuf>,
    end: &'static [u8],
    noted: Mutex<BTreeMap<PathBuf, Entry>>,
    /// The files that are open, by descriptor.
    open: Mutex<BTreeMap<i64, String>>,
    /// The files that were made and are still there. A module may look so whether it can write.
    made: Mutex<MadeFiles>,
}

/// Files that a capture has made, and has not removed, with their names in the guest. They are no files of the app's: one may be
/// a lock, for which others would wait.
#[derive(Default)]
struct MadeFiles(BTreeMap<PathBuf, String>);

impl Drop for MadeFiles {
    fn drop(&mut self) {
        // One that cannot be removed stays, as where an interpreter is ended from outside.
        self.0.keys().for_each(|path| drop(std::fs::remove_file(path)));
    }
}

/// `OFLAGS_CREAT` and `OFLAGS_EXCL`: a file is made that was not there.
const MAKE: i64 = 1 | 4;

/// The error that ends the capture of an interpreter whose start-up has an effect that each run must have.
#[derive(Debug)]
pub struct NotSavable(String);

impl std::fmt::Display for NotSavable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotSavable {}

/// A path as WASI gives it: the directory's descriptor, the path's address and length.
type GuestPath = (i64, i64, i64);

impl Recorder {
    /// A recorder for an interpreter with these volumes, that notes paths until standard output ends with `end`.
    pub fn new(volumes: &[Volume], end: &'static [u8]) -> Self {
        let volumes = volumes.iter().map(|volume| volume.host.clone()).collect();
        Self(Arc::new(Recording { volumes, end, ..Recording::default() }))
    }

    /// What was noted.
    pub fn take(&self) -> Dependencies {
        let mut noted = self.0.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = std::mem::take(&mut *noted);
        remove_needless(&mut entries);
        Dependencies { entries, ..Dependencies::default() }
    }

    /// A file that was opened and not closed: a saved interpreter would have a descriptor of it that means nothing.
    pub fn left_open(&self) -> Option<String> {
        self.open().values().next().cloned()
    }

    /// A file that was made and not removed.
    pub fn left_behind(&self) -> Option<String> {
        self.made().0.values().next().cloned()
    }

    fn made(&self) -> MutexGuard<'_, MadeFiles> {
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<i64, String>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is at a path, the first time; a directory once more when it is listed.
    fn note(&self, call: &Call<'_>, path: GuestPath, listed: bool) -> wasmtime::Result<()> {
        let (Some(path), _) = self.host_path(call, path)? else { return Ok(()) };
        if self.made().0.contains_key(&path) {
            return Ok(());
        }
        let mut noted = self.0.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = noted.get(&path);
        if known.is_none() || listed && matches!(known, Some(Entry::Directory { .. })) {
            let entry = Entry::at(&path, listed);
            noted.insert(path, entry);
        }
        Ok(())
    }

    /// What is asked of the network and of libraries at start-up is to be asked in each run.
    fn refuse_answered(&self, call: &Call<'_>, (directory, address, length): GuestPath) -> wasmtime::Result<()> {
        let RunState { network, libraries, .. } = &*call.state;
        if network.is_none() && libraries.is_none() {
            return Ok(());
        }
        let path = call.memory.as_cow_str(GuestPtr::<str>::new((address as u32, length as u32)))?;
        let (directory, path) = (directory as i32, path.as_bytes());
        let what = if network.as_ref().is_some_and(|network| network.part(directory, path).is_some()) {
            "the network"
        } else if libraries.as_ref().is_some_and(|libraries| libraries.part(directory, path).is_some()) {
            "a library"
        } else {
            return Ok(());
        };
        Err(NotSavable(format!("its start-up uses {what}")).into())
    }

    /// Whether there is something at a path, so that no directory can be made there.
    fn is_taken(&self, call: &Call<'_>, path: GuestPath) -> wasmtime::Result<bool> {
        let (path, _) = self.host_path(call, path)?;
        Ok(path.is_some_and(|path| std::fs::symlink_metadata(path).is_ok()))
    }

    /// Whether a file is about to be removed that was made.
    fn removes(&self, call: &Call<'_>, path: GuestPath) -> wasmtime::Result<bool> {
        let (path, _) = self.host_path(call, path)?;
        Ok(path.is_some_and(|path| self.made().0.remove(&path).is_some()))
    }

    fn refuse(&self, call: &Call<'_>, path: GuestPath) -> wasmtime::Result<()> {
        match self.host_path(call, path)? {
            (None, _) => Ok(()),
            (Some(_), name) => Err(NotSavable(format!("its start-up changes the file {name}")).into()),
        }
    }

    /// The path on the host, `None` where it is one for compiled modules, and the path as the guest has it.
    fn host_path(
        &self,
        call: &Call<'_>,
        (directory, address, length): GuestPath,
    ) -> wasmtime::Result<(Option<PathBuf>, String)> {
        let name = GuestPtr::<str>::new((address as u32, length as u32));
        let name = call.memory.as_cow_str(name)?.into_owned();
        if name.split('/').any(|part| part == COMPILED) {
            return Ok((None, name));
        }
        let volume = usize::try_from(directory).ok().and_then(|number| number.checked_sub(FIRST_VOLUME));
        match volume.and_then(|index| self.0.volumes.get(index)) {
            Some(volume) => Ok((Some(volume.join(&name)), name)),
            // What is opened below an open directory is not followed.
            None => Err(NotSavable(format!("its start-up opens {name} in a directory that it has open")).into()),
        }
    }
}

impl Observer for Recorder {
    fn before(&mut self, call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> wasmtime::Result<()> {
        /// `OFLAGS_CREAT` and `OFLAGS_TRUNC`, `OFLAGS_DIRECTORY`, `RIGHTS_FD_WRITE`
        const CREATE_OR_TRUNCATE: i64 = 1 | 8;
        const DIRECTORY: i64 = 2;
        const WRITE: i64 = 1 << 6;
        let is_over = call.state.record.stdout.ends_with(self.0.end);
        if let ("path_open", &[directory, _, path, length, ..]) | ("path_readlink", &[directory, path, length, ..]) =
            (function.name, arguments)
        {
            self.refuse_answered(call, (directory, path, length))?;
        }
        match (function.name, arguments) {
            ("path_open", &[directory, _, path, length, how, rights, ..]) if !is_over => {
                // A directory is opened with the right to write to its files.
                let writes = how & DIRECTORY == 0 && rights & WRITE != 0;
                let path = (directory, path, length);
                if how & MAKE == MAKE && !self.is_taken(call, path)? {
                    return Ok(());
                }
                if writes || how & CREATE_OR_TRUNCATE != 0 {
                    self.refuse(call, path)
                } else {
                    self.note(call, path, how & DIRECTORY != 0)
                }
            }
            ("path_filestat_get", &[directory, _, path, length, ..]) if !is_over => {
                self.note(call, (directory, path, length), false)
            }
            ("path_create_directory", &[directory, path, length])
                if self.is_taken(call, (directory, path, length))? =>
            {
                self.note(call, (directory, path, length), false)
            }
            ("path_unlink_file", &[directory, path, length]) if self.removes(call, (directory, path, length))? => {
                Ok(())
            }
            ("path_create_directory" | "path_remove_directory" | "path_unlink_file", &[directory, path, length])
            | ("path_rename", &[_, _, _, directory, path, length])
            | ("path_link", &[_, _, _, _, directory, path, length])
            | ("path_symlink", &[_, _, directory, path, length]) => self.refuse(call, (directory, path, length)),
            ("fd_close", &[descriptor]) => {
                self.open().remove(&descriptor);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn after(
        &mut self,
        call: &mut Call<'_>,
        function: &Function,
        arguments: &[i64],
        errno: i32,
    ) -> wasmtime::Result<()> {
        if let ("path_open", &[directory, _, path, length, how, .., opened], 0) = (function.name, arguments, errno) {
            let (path, name) = self.host_path(call, (directory, path, length))?;
            if let Some(path) = path.filter(|_| how & MAKE == MAKE) {
                self.made().0.insert(path, name.clone());
            }
            let number = call.memory.read(GuestPtr::<u32>::new(opened as u32))?;
            self.open().insert(number.into(), name);
        }
        Ok(())
    }
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
        let mut dependencies = Dependencies::of(paths);
        remove_needless(&mut dependencies.entries);
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
