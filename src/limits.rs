//! What runs may use: asked for by flags or by keys of modules.toml, the flag over the key over the default.

use std::time::Duration;

use crate::guest;

/// Limits that flags or the keys of a module ask for; `None` where they say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Wall time.
    pub timeout: Option<Duration>,
    /// Bytes of memory.
    pub max_memory: Option<u64>,
    /// Bytes of standard output.
    pub max_response: Option<u64>,
    /// Bytes of standard error that are kept.
    pub max_log: Option<u64>,
}

/// The limits of a module's runs, and where each comes from: who reaches one is told what raises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The limits.
    pub limits: guest::Limits,
    time: Origin,
    memory: Origin,
    stdout: Origin,
    stderr: Origin,
}

/// Where a limit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A flag, or the default in the place of one.
    Flag,
    /// A key of the module.
    Key,
}

impl Bounds {
    /// The limits of a module with these `keys`, where the user gave these `flags`.
    pub fn new(flags: &Asked, keys: &Asked) -> Self {
        let default = guest::Limits::default();
        let (timeout, time) = choose(flags.timeout, keys.timeout, default.time);
        let (max_memory, memory) = choose(flags.max_memory, keys.max_memory, default.memory);
        let (max_response, stdout) =
            choose(flags.max_response.map(bytes), keys.max_response.map(bytes), default.stdout);
        let (max_log, stderr) = choose(flags.max_log.map(bytes), keys.max_log.map(bytes), default.stderr);
        let limits = guest::Limits { time: timeout, memory: max_memory, stdout: max_response, stderr: max_log };
        Self { limits, time, memory, stdout, stderr }
    }

    /// What to do about a run that took too long.
    pub fn more_time(&self) -> String {
        self.time.raise("give it more time", "timeout")
    }

    /// What to do about a run that was refused memory.
    pub fn more_memory(&self) -> String {
        self.memory.raise("give it more memory", "max-memory")
    }

    /// What to do about a run that printed too much.
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

/// The largest answer that a run with these `flags` may give, whatever its module: what the keys of some allow, and in
/// any case what one without keys may give.
pub fn largest_answer<'a>(flags: &Asked, modules: impl Iterator<Item = &'a Asked>) -> u64 {
    let stdout = |keys: &Asked| Bounds::new(flags, keys).limits.stdout as u64;
    modules.map(stdout).fold(stdout(&Asked::default()), u64::max)
}

fn choose<T>(flag: Option<T>, key: Option<T>, default: T) -> (T, Origin) {
    match (flag, key) {
        (None, Some(key)) => (key, Origin::Key),
        (flag, _) => (flag.unwrap_or(default), Origin::Flag),
    }
}

/// A size as a length in memory; one that no memory has is none.
fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked =
        Asked { timeout: Some(Duration::from_secs(1)), max_memory: Some(2), max_response: Some(3), max_log: Some(4) };
    const NOTHING: Asked = Asked { timeout: None, max_memory: None, max_response: None, max_log: None };

    #[test]
    fn a_flag_is_over_a_key_and_a_key_over_the_default() {
        let other = Asked { timeout: Some(Duration::from_secs(9)), max_log: Some(9), ..NOTHING };
        let limits =
            |secs, memory, stdout, stderr| guest::Limits { time: Duration::from_secs(secs), memory, stdout, stderr };
        assert_eq!(Bounds::new(&NOTHING, &NOTHING).limits, guest::Limits::default());
        assert_eq!(Bounds::new(&ASKED, &NOTHING).limits, limits(1, 2, 3, 4));
        assert_eq!(Bounds::new(&NOTHING, &ASKED).limits, limits(1, 2, 3, 4));
        assert_eq!(Bounds::new(&ASKED, &other).limits, limits(1, 2, 3, 4));
        assert_eq!(Bounds::new(&other, &ASKED).limits, limits(9, 2, 3, 9));
    }

    #[test]
    fn what_raises_a_limit_is_where_it_comes_from() {
        let told = |bounds: Bounds| {
            [bounds.more_time(), bounds.more_memory(), bounds.more_output(), bounds.more_log().to_owned()]
        };
        let flags = [
            "give it more time with --timeout",
            "give it more memory with --max-memory",
            "let it print more with --max-response",
            "--max-log",
        ];
        assert_eq!(told(Bounds::new(&NOTHING, &NOTHING)), flags);
        assert_eq!(told(Bounds::new(&ASKED, &ASKED)), flags);
        let keys = [
            "give it more time: raise `timeout` of its module in modules.toml",
            "give it more memory: raise `max-memory` of its module in modules.toml",
            "let it print more: raise `max-response` of its module in modules.toml",
            "a larger `max-log` of its module in modules.toml",
        ];
        assert_eq!(told(Bounds::new(&NOTHING, &ASKED)), keys);
    }

    #[test]
    fn the_largest_answer_is_that_of_any_module() {
        let of = |size| Asked { max_response: Some(size), ..NOTHING };
        let largest = |flags: &Asked, modules: &[Asked]| largest_answer(flags, modules.iter());
        assert_eq!(largest(&NOTHING, &[NOTHING, of(1)]), 256 << 20);
        assert_eq!(largest(&NOTHING, &[of(1 << 30), of(1)]), 1 << 30);
        assert_eq!(largest(&of(5), &[of(1 << 30), of(1)]), 5);
    }
}
