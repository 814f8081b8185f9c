//! `pywagi toolchain`, by the real binary.

mod archives;
#[cfg(unix)]
mod full_disk;
mod given;
mod interrupted;
mod known;
mod layouts;
mod mount;
mod network;
mod own_library;
mod real;
mod refusals;
mod remedies;
mod server;
mod support;
mod wheels;
