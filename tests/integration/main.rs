//! The integration tests: every one of them drives the real `pywagi` binary, as a user does.

mod support;

mod cache;
mod cli;
mod dev;
mod http;
mod init;
#[cfg(unix)]
mod init_questions;
mod invoke;
mod manifest;
mod readme;
mod toolchain;
