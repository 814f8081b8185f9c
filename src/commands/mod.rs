//! The commands: one file each. A command reads its flags, calls the part that does the work, and shows what came of
//! it; it has no logic that another could need.

pub mod app;
pub mod cache;
pub mod completions;
pub mod dev;
pub mod init;
pub mod invoke;
pub mod toolchain;
