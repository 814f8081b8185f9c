//! `pywagi toolchain`, by the real binary.

mod archives;
mod given;
mod interrupted;
mod known;
mod network;
mod real;
mod refusals;
mod server;
mod support;
