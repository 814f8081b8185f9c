//! Signals that would end the process where an error says more.
//!
//! SIGPIPE is ignored by Rust's start-up code. SIGXCPU ends the process: who sets `ulimit -t` asks for that. `dev` stops
//! in an orderly way at SIGINT, SIGTERM and SIGHUP.

use crate::error::Result;

/// Makes a write beyond the limit on the size of files (`ulimit -f`) fail with EFBIG, for guests and for us, where SIGXFSZ
/// would end the process.
#[cfg(unix)]
pub fn survive_file_size_limit() -> Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use crate::error::Context;

    // A handler, not an ignored signal: programs that we start would inherit that.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)))
        .map(drop)
        .context(|| "cannot watch for SIGXFSZ")
}

/// Does nothing: there is no such limit.
#[cfg(not(unix))]
pub fn survive_file_size_limit() -> Result<()> {
    Ok(())
}
