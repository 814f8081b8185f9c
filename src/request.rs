//! An HTTP request, whether it came over a socket or from the command line.

pub mod head;
pub mod meta_variables;

pub use wagi_contract::request::*;

use crate::size;

/// The message for a request body larger than `limit` bytes.
pub fn body_too_large(limit: u64) -> String {
    format!("the request body is larger than the limit of {}; --max-body raises it", size::shown(limit))
}
