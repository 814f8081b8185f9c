//! `[[library]]` tables: WebAssembly files that the app's Python calls.

use std::path::PathBuf;

use super::Problem;
use crate::guest::{Returned, Volume};
use crate::limits::LimitOverrides;

/// One `[[library]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The line of its `[[library]]`, from 1.
    pub line: usize,
    /// The name by which Python imports it.
    pub name: String,
    /// The absolute path of its WebAssembly file.
    pub module: PathBuf,
    /// What it sees of the host, in file order.
    pub volumes: Vec<Volume>,
    /// The functions that give text or bytes, which their WebAssembly types do not say.
    pub returns: Vec<(String, Returned)>,
    /// The limits that its keys set.
    pub limits: LimitOverrides,
    /// Why it cannot be called, if it lacks something on the disk.
    pub problem: Option<Problem>,
}
