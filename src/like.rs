//! Which other host `pywagi dev --like` plays. How: `pipeline/like.rs`.

use std::fmt;

use clap::ValueEnum;

/// A host that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Like {
    /// Spin 4's WAGI executor.
    Spin,
    /// wagi 0.8.1, the reference server.
    Wagi,
}

impl fmt::Display for Like {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spin => "Spin 4's WAGI executor",
            Self::Wagi => "wagi 0.8.1",
        })
    }
}
