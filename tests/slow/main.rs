//! The slow integration tests: the contract table, the sandbox, time limits, large bodies, hostile clients, full disks,
//! downloads. They share the set-up with `tests/integration`.

#[path = "../integration/support/mod.rs"]
mod support;

mod add;
mod bad_moments;
#[cfg(unix)]
mod cgi;
mod component;
mod error_page;
mod frameworks;
mod hostile;
mod inspector;
mod libraries;
mod limits;
#[cfg(unix)]
mod network;
mod packages;
#[cfg(unix)]
mod sandbox;
mod science;
#[cfg(target_os = "linux")]
mod sqlite;
mod table;
mod templates;
mod toolchain;
#[cfg(unix)]
mod unread_log;
#[cfg(unix)]
mod waits;
mod warm_up;
