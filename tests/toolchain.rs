//! `pywagi toolchain`, by the real binary.

#[path = "toolchain/mod.rs"]
mod toolchain;
