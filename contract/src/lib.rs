//! The WAGI contract: what a request is to a guest, and what a guest's output is to the client.
//!
//! `pywagi dev` and the adapter of a built component both answer by this code, so that they cannot disagree: [`request`],
//! [`route`], [`cgi`], [`response`], and [`message`], by which a saved interpreter is given its request; [`network`]
//! says which hosts it may connect to. [`component`] is what the first writes for the second. The component has no standard library, so this has none either.

#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]

extern crate alloc;

pub mod cgi;
pub mod component;
pub mod message;
pub mod network;
pub mod request;
pub mod response;
pub mod route;
