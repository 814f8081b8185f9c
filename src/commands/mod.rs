//! The commands: each reads its flags, calls the part that does the work, and shows what came of it.

pub mod completions;
