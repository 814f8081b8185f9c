//! Finding a recording: by its ID in a `dev` that runs or in a directory, or by the path of its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::Cache;
use crate::cli::Replay;
use crate::error::{Error, Kind, Result};
use crate::manifest;
use crate::recording::directory::RecordingDirectory;
use crate::recording::session::{self, Peer};
use crate::recording::{Id, RecordedRequest, Summary};
use crate::terminal::Terminal;
use crate::text_file::shown;

/// The name of the last recording.
const LATEST: &str = "latest";

/// A recording that was found.
pub struct Found {
    /// Its ID or its file, as messages name it.
    pub name: String,
    /// The recording.
    pub request: Arc<RecordedRequest>,
    /// Where it was found.
    pub source: Source,
}

/// Where a recording was found.
pub enum Source {
    /// In a server that runs.
    Server(Peer, Id),
    /// In this file.
    File(PathBuf),
}

/// Where recordings are looked for.
pub enum Place {
    /// In the servers of an app that run.
    Servers(Vec<Peer>),
    /// In a directory.
    Directory(RecordingDirectory, PathBuf),
}

impl Place {
    /// The place that the flags name.
    ///
    /// # Errors
    /// Fails where that is an app and there is none.
    pub fn new(arguments: &Replay) -> Result<Self> {
        if let Some(path) = &arguments.record {
            return Ok(Self::Directory(RecordingDirectory::open(path), path.clone()));
        }
        let manifest = manifest::find(arguments.config.as_deref())?;
        let cache = Cache::open()?;
        let mut peers = session::peers(&cache, &manifest);
        // One that was killed left its note.
        peers.retain(|peer| peer.list().is_ok());
        if peers.is_empty() {
            return Err(Error::new(format!("no `pywagi dev` of {} runs", shown(&manifest))).remedy(
                "recordings are in the memory of the server that made them; start it and send the request again, or \
                 name the directory that --record wrote: `pywagi replay --record DIR`",
            ));
        }
        Ok(Self::Servers(peers))
    }

    /// Its recordings, the newest first. Shows why others cannot be read.
    ///
    /// # Errors
    /// Fails where the place cannot be read.
    pub fn list(&self, terminal: &Terminal) -> Result<Vec<Summary>> {
        match self {
            Self::Servers(peers) => {
                let mut all: Vec<_> = peers.iter().filter_map(|peer| peer.list().ok()).flatten().collect();
                all.sort_by_key(|summary| std::cmp::Reverse(summary.time));
                Ok(all)
            }
            Self::Directory(directory, _) => {
                let (found, errors) = directory.list()?;
                errors.iter().for_each(|error| terminal.warn(error));
                Ok(found)
            }
        }
    }

    fn get(self, id: Id) -> Result<Found> {
        let missing = || {
            let remedy = "`pywagi replay` alone lists them; those that are too old made room for newer ones";
            Error::new(format!("there is no recording {id}")).remedy(remedy)
        };
        match self {
            Self::Servers(peers) => {
                for peer in peers {
                    match peer.recording(id) {
                        Ok(Some(request)) => {
                            let source = Source::Server(peer, id);
                            return Ok(Found { name: id.to_string(), request: request.into(), source });
                        }
                        Ok(None) => {}
                        Err(e) => return Err(Error::new(format!("cannot get the recording {id}")).because(e)),
                    }
                }
                Err(missing())
            }
            Self::Directory(directory, path) => {
                let file = directory.file(id);
                if !file.exists() {
                    let remedy = format!("`pywagi replay --record {}` lists those that are there", path.display());
                    return Err(Error::new(format!("there is no recording {id} in {}", path.display())).remedy(remedy));
                }
                Found::read(&file, id.to_string())
            }
        }
    }
}

impl Found {
    /// Finds the recording that the user calls `name`.
    ///
    /// # Errors
    /// Fails where there is none, or it cannot be read.
    pub fn find(arguments: &Replay, name: &str, terminal: &Terminal) -> Result<Self> {
        if name == LATEST {
            let place = Place::new(arguments)?;
            let newest = place.list(terminal)?.into_iter().find_map(|summary| summary.id);
            let newest =
                newest.ok_or_else(|| Error::new("there is no recording yet").remedy("send a request first"))?;
            return place.get(newest);
        }
        match name.parse::<Id>() {
            Ok(id) => Place::new(arguments)?.get(id),
            Err(_) if arguments.record.is_some() => {
                Err(Error::of(Kind::Usage, format!("{name:?} is no ID, and --record says where one is"))
                    .remedy("give an ID, as `pywagi replay --record DIR` lists them, or a file alone"))
            }
            Err(_) => Self::read(Path::new(name), shown(Path::new(name))),
        }
    }

    fn read(file: &Path, name: String) -> Result<Self> {
        let request = RecordedRequest::read(file)?.into();
        Ok(Self { name, request, source: Source::File(file.to_owned()) })
    }
}
