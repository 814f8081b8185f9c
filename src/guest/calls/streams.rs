//! Standard input, output and error of a run, which need no log.

use super::table::Function;

/// Which of standard input, output and error a guest still has: it can close them, and open a file in their place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    lost: [bool; 3],
}

impl Streams {
    /// Whether a call reads standard input or writes to standard output or error. What such calls do follows from the input
    /// of the run, so logs have their place in the order of calls, and not what was read.
    pub fn is_transfer(&self, function: &Function, arguments: &[i64]) -> bool {
        let stream = arguments.first().and_then(|descriptor| usize::try_from(*descriptor).ok());
        let Some(stream) = stream.filter(|stream| self.lost.get(*stream) == Some(&false)) else { return false };
        matches!((function.name, stream), ("fd_read", 0) | ("fd_write", 1 | 2))
    }

    /// Whether a call moves a stream to another descriptor. What is written there would go unseen in a replay, which has no
    /// such descriptor.
    pub fn is_move(&self, function: &Function, arguments: &[i64]) -> bool {
        let from = arguments.first().and_then(|descriptor| usize::try_from(*descriptor).ok());
        function.name == "fd_renumber" && from.is_some_and(|from| self.lost.get(from) == Some(&false))
    }

    /// Notes what a successful call does to the streams.
    pub fn note(&mut self, function: &Function, arguments: &[i64]) {
        if matches!(function.name, "fd_close" | "fd_renumber") {
            for descriptor in arguments {
                let stream = usize::try_from(*descriptor).ok().and_then(|stream| self.lost.get_mut(stream));
                if let Some(lost) = stream {
                    *lost = true;
                }
            }
        }
    }
}
