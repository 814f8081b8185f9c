//! The fast integration tests: every one of them drives the real `pywagi` binary, as a user does. What waits for time
//! limits, needs much memory, tries many inputs or talks to package indexes is in `tests/slow`.

mod support;

mod abandoned;
mod adapter;
mod allowed_hosts;
#[cfg(unix)]
mod breakpoints;
mod buffers;
mod build;
mod built_in;
mod cache;
mod calls;
#[cfg(unix)]
mod cgi;
mod check;
mod cli;
mod deep_imports;
mod dev;
mod drop_in;
mod error_page;
mod export;
mod http;
mod image;
mod init;
#[cfg(unix)]
mod init_questions;
mod inspector;
mod invoke;
mod invoke_output;
#[cfg(unix)]
mod keys;
mod layer;
mod libraries;
mod like;
mod limit_keys;
mod manifest;
mod mcp;
mod messages;
#[cfg(target_os = "linux")]
mod names;
mod network;
mod new_route;
mod packages;
mod preload;
mod reactor;
mod readme;
mod reload;
#[cfg(unix)]
mod repl;
mod replay;
mod routes;
mod run;
mod static_files;
mod surroundings;
mod templates;
mod test_command;
mod tls;
mod variables;
mod warm_up;
mod wasi_http;
