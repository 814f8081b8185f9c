//! The commands: one file each, with no logic that another could need.

pub mod cache;
