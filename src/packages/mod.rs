//! Packages of an app: what it asks for, what that came to, and what is installed.
//!
//! ```text
//! asked (pyproject.toml) ─> resolve (uv or pip) ─> lock (pylock.toml) ─> install ─> packages/ ─> mount (modules.toml)
//! ```
//!
//! Nothing is resolved or fetched by pywagi itself: the user's own uv or pip does that, with the index, proxy, credentials and
//! cache that are set up for it. They are told to resolve for CPython on WASI.

pub mod app;
pub mod asked;
pub mod built_in;
pub mod bundled;
pub mod install;
pub mod known;
pub mod lock;
pub mod mount;
mod older;
mod pip;
pub mod record;
pub mod requirement;
pub mod resolve;
pub mod status;
pub mod text_edit;
pub mod tool;
pub mod tree;
pub mod update;
mod uv;
mod version;

/// The directory of installed packages, beside modules.toml.
pub const DIRECTORY: &str = "packages";

/// Where a guest sees [`DIRECTORY`].
pub const GUEST_PATH: &str = "/packages";
