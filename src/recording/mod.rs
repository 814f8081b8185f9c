//! Recordings of requests: all that runs one again, to the byte, without its files, clock and network.
//!
//! - `format`: a recording as a file
//! - `store`: the last requests of a `dev`, in memory
//! - `directory`: recordings on disk, with the saved interpreters that they start from: `--record DIR`
//! - `session`: how `replay` asks a `dev` that runs for its recordings
//! - `redaction`: recordings without secrets

pub mod directory;
mod format;
mod id;
mod redaction;
pub mod session;
pub mod store;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::guest::{self, CallLog, Calls, Cancellation, Exit, Image, Input, Origin, SqliteFinding, StderrSink, Volume};
use crate::hash::Digest;
use crate::limits::ResolvedLimits;
use crate::network::AllowedHosts;
use crate::paths;

pub use format::{EXTENSION, Invalid};
pub use id::Id;

/// What the fuzz targets in tests/fuzz reach.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::format::read_content;
}

/// A request that was answered, and all that its guest was given and asked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RecordedRequest {
    /// The version of pywagi that recorded it.
    pub recorder: String,
    /// When it began, in milliseconds since 1970.
    pub time: i64,
    /// Its method.
    pub method: String,
    /// Its path and query, as sent.
    pub target: String,
    /// The route that matched.
    pub route: String,
    /// `argv` of the module.
    pub argv: Option<String>,
    /// The module.
    #[serde(serialize_with = "paths::serialize")]
    pub module: PathBuf,
    /// The digest of its file.
    pub module_digest: Digest,
    /// The function that was called.
    pub entrypoint: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment.
    pub environment: Vec<(String, String)>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Its limits.
    pub limits: ResolvedLimits,
    /// Where it might connect to.
    pub allowed_hosts: AllowedHosts,
    /// How it ended.
    pub ended: Ended,
    /// The saved interpreter that it started from; none where it was a cold start.
    pub image: Option<ImageOrigin>,
    /// The variables whose values were replaced.
    pub redacted: Vec<String>,
    /// Its standard input.
    #[serde(skip)]
    pub stdin: Bytes,
    /// What it asked of its surroundings, and was told.
    #[serde(skip)]
    pub calls: Arc<CallLog>,
}

/// How a recorded run ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The status of the answer.
    pub status: u16,
    /// How the run ended.
    pub exit: Exit,
    /// A hash of its standard output.
    pub stdout: u128,
    /// A hash of its standard error.
    pub stderr: u128,
    /// Why the guest may not have been able to use an SQLite database.
    pub sqlite: Option<SqliteFinding>,
}

/// Which saved interpreter it was, and what makes it again.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct ImageOrigin {
    /// The digest of its memory.
    pub digest: Digest,
    /// What makes it again.
    pub origin: Origin,
}

/// A recording in the process that made it, with its saved interpreter.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The recording. What makes its interpreter again is not in it yet: see [`Recorded::whole`].
    pub request: Arc<RecordedRequest>,
    /// The saved interpreter.
    pub image: Option<Arc<Image>>,
}

impl Recorded {
    /// The recording with all that a file of it has. Most are never written, and are spared the list of modules.
    pub fn whole(&self) -> RecordedRequest {
        let image = self.image.as_ref().map(|image| ImageOrigin { digest: image.digest(), origin: image.origin() });
        RecordedRequest { image, ..(*self.request).clone() }
    }
}

impl Ended {
    /// How a run ended, by its output.
    pub fn of(output: &guest::Output) -> Self {
        let guest::Output { exit, stdout, stderr, sqlite, .. } = output;
        let (stdout, stderr) = (xxh3_128(stdout), xxh3_128(stderr));
        Self { status: 0, exit: exit.clone(), stdout, stderr, sqlite: sqlite.clone() }
    }
}

impl RecordedRequest {
    /// The input of its run.
    pub fn input(&self, stderr: StderrSink) -> Input {
        Input {
            entrypoint: self.entrypoint.clone(),
            arguments: self.arguments.clone(),
            environment: self.environment.clone(),
            volumes: self.volumes.clone().into(),
            stdin: self.stdin.clone(),
            console: None,
            breakpoints: None,
            limits: self.limits.values.clone(),
            stderr,
            cold: self.image.is_none(),
            cancellation: Cancellation::new(),
            surroundings: None,
            calls: Calls::Live,
            early: Arc::default(),
            allowed_hosts: self.allowed_hosts.clone(),
            libraries: Arc::default(),
        }
    }

    /// Its path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// When it began.
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millisecond(self.time).unwrap_or_default()
    }

    /// One line about it.
    pub fn summary(&self, id: Option<Id>) -> Summary {
        Summary {
            id,
            time: self.time,
            method: self.method.clone(),
            target: self.target.clone(),
            status: self.ended.status,
            exit: exit_text(&self.ended.exit),
        }
    }
}

/// What a list shows of a recording.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its ID, if it has one.
    pub id: Option<Id>,
    /// When it began, in milliseconds since 1970.
    pub time: i64,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The status of the answer.
    pub status: u16,
    /// How the run ended, in a few words.
    pub exit: String,
}

/// How a run ended, in a few words.
pub fn exit_text(exit: &Exit) -> String {
    match exit {
        Exit::Code(code) => format!("exit code {code}"),
        Exit::Trap(_) => "trapped".to_owned(),
        Exit::TimedOut(_) => "timed out".to_owned(),
        Exit::Cancelled => "client left".to_owned(),
        Exit::OutputLimit(_) => "printed too much".to_owned(),
        Exit::StackExhausted => "stack overflow".to_owned(),
        Exit::NoVolume(_) | Exit::TooManyFiles(_) | Exit::NoAddressSpace(_) | Exit::NotStarted(_) => {
            "not started".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recording of nothing in particular.
    pub fn recorded(target: &str) -> RecordedRequest {
        let flags = crate::limits::LimitOverrides::default();
        RecordedRequest {
            recorder: "0".to_owned(),
            time: 1_700_000_000_123,
            method: "GET".to_owned(),
            target: target.to_owned(),
            route: "/...".to_owned(),
            argv: None,
            module: "guest.wat".into(),
            module_digest: Digest::of("module"),
            entrypoint: "_start".to_owned(),
            arguments: vec!["/".to_owned()],
            environment: vec![
                ("HTTP_COOKIE".to_owned(), "a=s\u{e9}cret".to_owned()),
                ("PATH_INFO".to_owned(), String::new()),
            ],
            volumes: Vec::new(),
            limits: ResolvedLimits::new(&flags, &flags),
            allowed_hosts: AllowedHosts::default(),
            ended: Ended { status: 200, exit: Exit::Code(0), stdout: 1, stderr: u128::MAX, sqlite: None },
            image: Some(ImageOrigin { digest: Digest::of("memory"), origin: Origin::default() }),
            redacted: Vec::new(),
            stdin: Bytes::from_static(b"body"),
            calls: Arc::new(CallLog { entries: vec![1, 2, 3], calls: 1, interrupted: true }),
        }
    }
}
