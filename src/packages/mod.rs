//! What an app depends on.

pub mod bundled;
