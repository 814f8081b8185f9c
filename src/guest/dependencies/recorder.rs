//! Notes the files that an interpreter uses while it is captured.
//!
//! Every path that it opens or looks at is noted before the call is made, so that an edit during the capture makes the image
//! stale. A capture that changes a file is given up: each cold start would change it, too.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wiggle::GuestPtr;

use super::super::Volume;
use super::super::answered::AnsweredFiles;
use super::super::calls::{Call, Function, Observer};
use super::super::wasi::RunState;
use super::{COMPILED, Dependencies, Entry};

/// The first file descriptor of the preopened directories.
const FIRST_VOLUME: usize = 3;

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
        Dependencies::needed(std::mem::take(&mut noted))
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
