//! `pywagi toolchain`, by the real binary.

mod archives;
#[cfg(unix)]
mod full_disk;
mod given;
mod interrupted;
mod known;
mod network;
mod real;
mod refusals;
mod server;
mod support;
