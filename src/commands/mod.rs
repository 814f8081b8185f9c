//! The commands, one file or directory each. A command reads its flags, calls the part of the crate that does the work,
//! and shows the result. Logic that another command could need belongs to that part.

pub mod add;
pub mod app;
pub mod build;
pub mod cache;
pub mod cgi;
pub mod check;
pub mod completions;
pub mod dev;
pub mod export;
pub mod image;
mod image_saver;
pub mod init;
pub mod invoke;
pub mod list;
pub mod mcp;
pub mod new_route;
mod output;
mod reloading_app;
pub mod remove;
pub mod repl;
pub mod replay;
pub mod routes;
pub mod run;
pub mod sync;
pub mod test;
pub mod toolchain;
pub mod tree;
