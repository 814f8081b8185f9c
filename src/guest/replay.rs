//! Replaying a run from what was recorded of it.

use std::sync::Arc;

use super::calls::CallLog;
use super::image::Image;
use super::{Calls, Input, Output, Program, cold, warm};
use crate::hash::Digest;

/// What replays a run, beside its input.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Its calls.
    pub calls: Arc<CallLog>,
    /// The saved interpreter that it started from; none where it was a cold start.
    pub(super) image: Option<Arc<Image>>,
}

impl Recording {
    /// The digest of the memory of the saved interpreter that the run started from, if it was a warm start.
    pub fn image(&self) -> Option<Digest> {
        self.image.as_ref().map(|image| image.description.digest)
    }
}

/// Runs `program` as when `recording` was made, with the same `input`: no file, clock or network is used. The volumes of
/// `input` are not opened. Where the run does something else than it did, [`Output::deviation`] says so.
///
/// The calling thread must be a [`super::GuestThread`].
///
/// # Errors
/// Says why the run cannot start as it did.
pub fn replay(program: &Program, input: &Input, recording: &Recording) -> Result<Output, String> {
    let calls = Calls::Replayed(Arc::clone(&recording.calls));
    let input = &Input { volumes: Arc::default(), calls, surroundings: None, ..input.clone() };
    let output = match &recording.image {
        Some(image) => warm::replay(program, input, image)?,
        None => cold::run(program, input, "the recorded run was a cold start".to_owned()),
    };
    Ok(output)
}
