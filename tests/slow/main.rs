//! The slow integration tests: time limits, large bodies, hostile clients, full disks, downloads. They share the set-up
//! with `tests/integration`.

#[path = "../integration/support/mod.rs"]
mod support;

mod bad_moments;
mod hostile;
mod limits;
mod toolchain;
#[cfg(unix)]
mod waits;
