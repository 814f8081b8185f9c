//! Responses: what a guest's output says, and its head as bytes.

pub mod head;

pub use wagi_contract::response::*;
