//! A run from a saved interpreter against the same run from the beginning: nothing that a request can see may differ.
//!
//! `corpus/` holds the scripts; `corpus.rs` says what one looks like. The other modules are what a single script run
//! once cannot show: requests after one another, edits between them, guests that are no CPython, damaged caches.

#[path = "../integration/support/mod.rs"]
mod support;

mod both_ways;
mod corpus;
mod damage;
mod debug;
mod fresh;
mod interpreter;
mod moved;
mod proof;
mod requests;
mod startup;
mod strangers;
