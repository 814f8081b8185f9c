//! Messages that no other test compares, as whole texts: what is wrong, why, and what helps.

mod command_line;
mod files;
mod guests;
mod modules;
mod network;
mod recordings;
