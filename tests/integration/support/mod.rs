//! What the integration tests stand on: a project in a temporary directory, a run of the real binary with its whole
//! outcome checked, a development server that never outlives its test, raw HTTP, and interpreters.

#![allow(dead_code, unused_imports, reason = "a helper may serve tests of one platform alone")]

mod browser;
mod dev_server;
#[cfg(unix)]
mod dialogue;
mod http;
mod index;
mod modules;
mod packages;
pub mod part;
mod project;
mod python;
mod run;
pub mod wat;
#[cfg(unix)]
pub mod web_server;

use std::path::PathBuf;
use std::time::Duration;

pub use browser::browse;
pub use dev_server::DevServer;
#[cfg(unix)]
pub use dialogue::Dialogue;
pub use http::{Connection, Reply};
pub use index::{Index, Tool, sdist, uv, virtual_environment, wheel};
pub use modules::{ONE, python_modules};
pub use packages::{clients, packages};
pub use project::Project;
pub use python::{built_archive, is_built, python};
pub use run::{Output, Run};
#[cfg(unix)]
pub use run::{after, small_disk};

/// How long a test waits for something that should have happened long ago before it fails. Compiling an interpreter
/// in a debug build on a busy machine is the longest thing that happens.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The binary under test.
pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_pywagi"))
}

/// A directory that all tests of all runs share: the cache, so that an interpreter is fetched and compiled once, and
/// the installed interpreters.
pub fn shared(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).unwrap_or_else(|e| panic!("cannot make {}: {e}", dir.display()));
    dir
}

/// The cache directory that tests share. pywagi makes it itself, with the permissions that it asks for.
pub fn cache_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}
