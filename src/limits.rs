//! The limits of a run: a flag overrides a key of modules.toml, which overrides the default.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::guest;

/// Limits that flags or the keys of a module set; `None` where they do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitOverrides {
    /// Wall time.
    pub timeout: Option<Duration>,
    /// Bytes of memory.
    pub max_memory: Option<u64>,
    /// Bytes of standard output.
    pub max_response: Option<u64>,
    /// Bytes of standard error that are kept.
    pub max_log: Option<u64>,
}

/// The limits of a module's runs, and where each was set: the message of a run that reaches one names what raises it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct ResolvedLimits {
    /// The limits.
    pub values: guest::Limits,
    time: Origin,
    memory: Origin,
    stdout: Origin,
    stderr: Origin,
}

/// Where a limit was set.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
enum Origin {
    /// By a flag, or nowhere: a flag is then what raises the default.
    Flag,
    /// By a key of the module.
    Key,
}

impl ResolvedLimits {
    /// The limits of a module that sets `keys`, under a command line that sets `flags`.
    pub fn new(flags: &LimitOverrides, keys: &LimitOverrides) -> Self {
        let default = guest::Limits::default();
        let (timeout, time) = choose(flags.timeout, keys.timeout, default.time);
        let (max_memory, memory) = choose(flags.max_memory, keys.max_memory, default.memory);
        let (max_response, stdout) =
            choose(flags.max_response.map(length), keys.max_response.map(length), default.stdout);
        let (max_log, stderr) = choose(flags.max_log.map(length), keys.max_log.map(length), default.stderr);
        let values = guest::Limits { time: timeout, memory: max_memory, stdout: max_response, stderr: max_log };
        Self { values, time, memory, stdout, stderr }
    }

    /// The remedy for a run that reached its time limit.
    pub fn more_time(&self) -> String {
        self.time.raise("give it more time", "timeout")
    }

    /// The remedy for a run that reached its memory limit.
    pub fn more_memory(&self) -> String {
        self.memory.raise("give it more memory", "max-memory")
    }

    /// The remedy for a run that printed more than its limit.
    pub fn more_output(&self) -> String {
        self.stdout.raise("let it print more", "max-response")
    }

    /// What keeps more of standard error, as the subject of a sentence.
    pub fn more_log(&self) -> &'static str {
        match self.stderr {
            Origin::Flag => "--max-log",
            Origin::Key => "a larger `max-log` of its module in modules.toml",
        }
    }
}

impl Origin {
    /// How to do `what` by raising the limit that is called `name` on the command line and in modules.toml.
    fn raise(self, what: &str, name: &str) -> String {
        match self {
            Self::Flag => format!("{what} with --{name}"),
            Self::Key => format!("{what}: raise `{name}` of its module in modules.toml"),
        }
    }
}

/// The largest response, in bytes, that any of `modules` may give under `flags`; at least the default, so that it does
/// not depend on whether a module has a limit of its own.
pub fn largest_answer<'a>(flags: &LimitOverrides, modules: impl Iterator<Item = &'a LimitOverrides>) -> u64 {
    let stdout = |keys: &LimitOverrides| ResolvedLimits::new(flags, keys).values.stdout as u64;
    modules.map(stdout).fold(stdout(&LimitOverrides::default()), u64::max)
}

fn choose<T>(flag: Option<T>, key: Option<T>, default: T) -> (T, Origin) {
    match (flag, key) {
        (None, Some(key)) => (key, Origin::Key),
        (flag, _) => (flag.unwrap_or(default), Origin::Flag),
    }
}

/// A size as a length in memory. One that does not fit means no limit.
fn length(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: LimitOverrides = LimitOverrides {
        timeout: Some(Duration::from_secs(1)),
        max_memory: Some(2),
        max_response: Some(3),
        max_log: Some(4),
    };
    const NOTHING: LimitOverrides =
        LimitOverrides { timeout: None, max_memory: None, max_response: None, max_log: None };

    #[test]
    fn a_flag_is_over_a_key_and_a_key_over_the_default() {
        let other = LimitOverrides { timeout: Some(Duration::from_secs(9)), max_log: Some(9), ..NOTHING };
        let limits =
            |secs, memory, stdout, stderr| guest::Limits { time: Duration::from_secs(secs), memory, stdout, stderr };
        assert_eq!(ResolvedLimits::new(&NOTHING, &NOTHING).values, guest::Limits::default());
        assert_eq!(ResolvedLimits::new(&ALL, &NOTHING).values, limits(1, 2, 3, 4));
        assert_eq!(ResolvedLimits::new(&NOTHING, &ALL).values, limits(1, 2, 3, 4));
        assert_eq!(ResolvedLimits::new(&ALL, &other).values, limits(1, 2, 3, 4));
        assert_eq!(ResolvedLimits::new(&other, &ALL).values, limits(9, 2, 3, 9));
    }

    #[test]
    fn what_raises_a_limit_is_where_it_comes_from() {
        let remedies = |limits: ResolvedLimits| {
            [limits.more_time(), limits.more_memory(), limits.more_output(), limits.more_log().to_owned()]
        };
        let flags = [
            "give it more time with --timeout",
            "give it more memory with --max-memory",
            "let it print more with --max-response",
            "--max-log",
        ];
        assert_eq!(remedies(ResolvedLimits::new(&NOTHING, &NOTHING)), flags);
        assert_eq!(remedies(ResolvedLimits::new(&ALL, &ALL)), flags);
        let keys = [
            "give it more time: raise `timeout` of its module in modules.toml",
            "give it more memory: raise `max-memory` of its module in modules.toml",
            "let it print more: raise `max-response` of its module in modules.toml",
            "a larger `max-log` of its module in modules.toml",
        ];
        assert_eq!(remedies(ResolvedLimits::new(&NOTHING, &ALL)), keys);
    }

    #[test]
    fn the_largest_answer_is_that_of_any_module() {
        let of = |size| LimitOverrides { max_response: Some(size), ..NOTHING };
        let largest = |flags: &LimitOverrides, modules: &[LimitOverrides]| largest_answer(flags, modules.iter());
        assert_eq!(largest(&NOTHING, &[NOTHING, of(1)]), 256 << 20);
        assert_eq!(largest(&NOTHING, &[of(1 << 30), of(1)]), 1 << 30);
        assert_eq!(largest(&of(5), &[of(1 << 30), of(1)]), 5);
    }
}
