//! Proof that a saved interpreter holds nothing that should differ from request to request.
//!
//! An interpreter is captured twice, at other times and with other random bytes, but with hashes seeded alike. Both are
//! resumed in equal surroundings and have all their modules revealed, so that whatever a run refreshes is refreshed. Where
//! their memories then differ, something of the time or of the random bytes of the capture is left: `twin`, `compare`. The
//! guest itself lists its objects, and so names what differs: `walk.py`, `graph`, `findings`. The lines that looked at the
//! clock or drew random bytes are known from the calls of the capture: `looks`.

mod compare;
mod findings;
mod gate;
mod graph;
mod looks;
mod moved;
mod notes;
mod places;
mod refused;
mod startup;
mod subject;
mod twin;

pub use findings::{Finding, Kind};
pub use gate::{clear, warm_up_sources};
pub use looks::{Looks, Source};
pub use notes::Read;
pub use startup::refusal;
pub use subject::{Proof, QuietLook, prove};
