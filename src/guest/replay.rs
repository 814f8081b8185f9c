//! Replaying a run from what was recorded of it.

use std::sync::Arc;

use super::calls::CallLog;
use super::image::{Image, Origin};
use super::saved;
use super::{Calls, Input, Output, Program, Runtime, cold, saving, warm};
use crate::cache::contents::IMAGES;
use crate::hash::Digest;

/// What replays a run, beside its input.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Its calls.
    pub calls: Arc<CallLog>,
    /// The saved interpreter that it started from; none where it was a cold start.
    pub image: Option<Arc<Image>>,
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
        Some(image) => warm::replay(program, input, image, None)?,
        None => cold::run(program, input, "the recorded run was a cold start".to_owned()),
    };
    Ok(output)
}

/// The saved interpreter in the cache of `runtime` whose memory has this digest.
pub fn cached_image(runtime: &Runtime, digest: &Digest) -> Option<Image> {
    saved::with_digest(&runtime.cache()?.section(IMAGES).ok()?, digest)
}

/// Makes the saved interpreter again that a run of `input` started from. It is the same where the files are that it is
/// made from. The calling thread must be a [`super::GuestThread`].
///
/// # Errors
/// Says why the interpreter cannot be saved.
pub fn rebuild(program: &Program, input: &Input, origin: &Origin) -> Result<Image, String> {
    saving::rebuild(program, input, origin)
}
