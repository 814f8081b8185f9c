//! The integration tests: every one of them drives the real `pywagi` binary, as a user does.

mod support;

mod abandoned;
mod bad_moments;
mod cache;
mod calls;
mod cli;
mod dev;
mod hostile;
mod http;
mod init;
#[cfg(unix)]
mod init_questions;
mod invoke;
mod limit_keys;
mod limits;
mod manifest;
mod messages;
mod readme;
mod reload;
#[cfg(unix)]
mod sandbox;
mod table;
mod tls;
mod toolchain;
#[cfg(unix)]
mod waits;
