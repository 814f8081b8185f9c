//! CPython's structures in a guest's memory, read as bytes.
//!
//! The memory is a guest's, so nothing in it is trusted: every address is checked, and what is followed has an end.

pub mod bigints;
pub mod code;
pub mod collector;
pub mod config;
pub mod depth;
pub mod frames;
pub mod heap;
pub mod holes;
pub mod layout;
pub mod lines;
pub mod objects;
