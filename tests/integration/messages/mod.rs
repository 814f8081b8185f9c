//! Every message that a user can cause and that no other test compares, as a whole text: what is wrong, why, and what
//! helps.

mod command_line;
mod complete;
mod files;
mod guests;
mod modules;
