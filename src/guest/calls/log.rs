//! The log of a run's calls: entries one after another, each in the encoding of postcard
//! (<https://postcard.jamesmunns.com/wire-format>).

use std::borrow::Cow;
use std::fmt::Write;

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64;

use super::effect;
use super::table::{Argument, FUNCTIONS, Function};

/// Up to this size, in bytes, the paths that a call is given are kept; of what is longer, a hash.
const MOST_PATH: usize = 8192;

/// What a run asked of its surroundings, and what it was told.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct CallLog {
    /// The entries.
    pub entries: Vec<u8>,
    /// How many there are.
    pub calls: u64,
    /// Whether the host stopped the run, at its time limit or when its client had left. Then the log ends where that
    /// happened, which can be anywhere between two calls.
    pub interrupted: bool,
}

/// A call.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Entry<'a> {
    /// The index of its function in the table.
    pub function: u8,
    /// Those of its arguments that are no addresses.
    pub numbers: Vec<i64>,
    /// What it was given at addresses.
    #[serde(borrow)]
    pub given: Given<'a>,
    /// What became of it.
    #[serde(borrow)]
    pub outcome: Outcome<'a>,
}

/// What a call is given at addresses.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Given<'a> {
    /// Nothing.
    Nothing,
    /// These bytes.
    Bytes(#[serde(borrow, serialize_with = "as_bytes")] Cow<'a, [u8]>),
    /// Bytes with this hash.
    Hash(u64),
}

impl Given<'static> {
    /// What a call is given but for buffers: mostly paths.
    pub fn of(function: &Function, arguments: &[i64], memory: &[u8]) -> Self {
        if !function.arguments.contains(&Argument::Input) {
            return Self::Nothing;
        }
        match effect::inputs(function, arguments, memory) {
            Some(bytes) if bytes.len() <= MOST_PATH => Self::Bytes(Cow::Owned(bytes)),
            Some(bytes) => Self::Hash(xxh3_64(&bytes)),
            None => Self::Nothing,
        }
    }

    /// The paths, or what a call was given in buffers, as much as it took.
    pub fn with_buffers(self, function: &Function, arguments: &[i64], memory: &[u8], outcome: &Outcome<'_>) -> Self {
        let taken = match outcome {
            Outcome::Told(told) => effect::count(told),
            _ => 0,
        };
        match self {
            Self::Nothing => effect::gathered(function, arguments, memory, taken).map_or(Self::Nothing, Self::Hash),
            given => given,
        }
    }
}

/// What became of a call.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Outcome<'a> {
    /// It succeeded, and wrote this; see `effect::Places`.
    Told(#[serde(serialize_with = "as_bytes")] &'a [u8]),
    /// It failed with this error number.
    Failed(i32),
    /// The host stopped the run.
    Interrupted,
    /// It was wrong in a way that ends the run, for this reason.
    Trapped(&'a str),
    /// It succeeded, and wrote what the call wrote whose entry is there in the log: mostly a file that is read again.
    Repeated(u64),
}

impl CallLog {
    /// The entry at `at`, and where the next one is; `None` where there is none, or another than `FUNCTIONS` can have made.
    /// What it repeats is put in.
    pub fn entry(&self, at: usize) -> Option<(Entry<'_>, usize)> {
        let (mut entry, rest) = Entry::first(self.entries.get(at..)?)?;
        if let Outcome::Repeated(earlier) = entry.outcome {
            let earlier = usize::try_from(earlier).ok().filter(|earlier| *earlier < at)?;
            entry.outcome = Outcome::Told(self.told(earlier)?);
        }
        Some((entry, self.entries.len() - rest.len()))
    }

    /// What the call wrote whose entry is at `at`, if that does not repeat another.
    pub fn told(&self, at: usize) -> Option<&[u8]> {
        match Entry::first(self.entries.get(at..)?)?.0.outcome {
            Outcome::Told(told) => Some(told),
            _ => None,
        }
    }
}

/// Writes bytes in one piece. The encoding is that of a sequence of numbers, which serde would write one by one.
fn as_bytes<S: Serializer>(bytes: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes.as_ref())
}

/// The end of a log. `postcard::to_extend` would write each byte by itself, and a run can read 50 MB.
struct Appended<'a>(&'a mut Vec<u8>);

impl Flavor for Appended<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

impl<'a> Entry<'a> {
    /// Appends the entry to a log.
    pub fn append(&self, log: &mut Vec<u8>) {
        // A vector takes everything, and nothing in an entry is without a length.
        let _ = postcard::serialize_with_flavor(self, Appended(log));
    }

    /// The entry at the beginning of `log`, and what follows it; `None` where there is none, or another than `FUNCTIONS` can
    /// have made.
    pub fn first(log: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (entry, rest) = postcard::take_from_bytes::<Self>(log).ok()?;
        let numbers = entry.function()?.arguments.iter().filter(|argument| argument.is_number()).count();
        (entry.numbers.len() == numbers).then_some((entry, rest))
    }

    /// Its function.
    pub fn function(&self) -> Option<&'static Function> {
        FUNCTIONS.get(usize::from(self.function))
    }
}

/// Those of a call's arguments that are no addresses.
pub fn numbers(function: &Function, arguments: &[i64]) -> Vec<i64> {
    let both = function.arguments.iter().zip(arguments);
    both.filter(|(argument, _)| argument.is_number()).map(|(_, value)| *value).collect()
}

/// A call as text, with what it is given.
pub fn describe(function: &Function, numbers: &[i64], given: &Given<'_>) -> String {
    let mut text = format!("{}(", function.name);
    let mut numbers = numbers.iter();
    let mut paths = match given {
        Given::Bytes(bytes) => bytes,
        _ => &[][..],
    };
    let mut separator = "";
    let mut rest = function.arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let shown = match argument {
            Argument::Input => {
                rest.next();
                let length = numbers.next().and_then(|length| usize::try_from(*length).ok()).unwrap_or_default();
                let (path, after) = paths.split_at(length.min(paths.len()));
                paths = after;
                format!("{:?}", String::from_utf8_lossy(path))
            }
            argument if argument.is_number() => numbers.next().map(i64::to_string).unwrap_or_default(),
            _ => continue,
        };
        // Writing to a string does not fail.
        let _ = write!(text, "{separator}{shown}");
        separator = ", ";
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str) -> u8 {
        let number = FUNCTIONS.iter().position(|function| function.name == name).expect("a function of WASI");
        u8::try_from(number).expect("there are fewer")
    }

    fn entries() -> Vec<Entry<'static>> {
        let open = vec![3, 1, 6, 0, -1, 1 << 40, 0];
        vec![
            Entry {
                function: number("path_open"),
                numbers: open,
                given: Given::Bytes(Cow::Borrowed(b"code/x")),
                outcome: Outcome::Told(b"\x05\0\0\0"),
            },
            Entry {
                function: number("fd_write"),
                numbers: vec![1, 1],
                given: Given::Hash(u64::MAX),
                outcome: Outcome::Told(b"\x02\0\0\0"),
            },
            Entry {
                function: number("sched_yield"),
                numbers: vec![],
                given: Given::Nothing,
                outcome: Outcome::Failed(52),
            },
            Entry {
                function: number("poll_oneoff"),
                numbers: vec![1],
                given: Given::Nothing,
                outcome: Outcome::Interrupted,
            },
            Entry {
                function: number("fd_close"),
                numbers: vec![5],
                given: Given::Nothing,
                outcome: Outcome::Trapped("why"),
            },
            Entry {
                function: number("fd_close"),
                numbers: vec![5],
                given: Given::Nothing,
                outcome: Outcome::Repeated(0),
            },
        ]
    }

    fn log() -> Vec<u8> {
        let mut log = Vec::new();
        entries().iter().for_each(|entry| entry.append(&mut log));
        log
    }

    #[test]
    fn entries_are_read_back_as_they_were_appended() {
        let log = log();
        let mut rest = log.as_slice();
        for entry in entries() {
            let (read, after) = Entry::first(rest).expect("an entry");
            assert_eq!(read, entry);
            rest = after;
        }
        assert_eq!(Entry::first(rest), None);
    }

    #[test]
    fn what_is_repeated_is_put_in_where_it_is_earlier_and_no_repetition() {
        let mut log = CallLog { entries: log(), ..CallLog::default() };
        let opened = log.told(0).expect("what the first was told").to_owned();
        let mut repeat = |at: u64| {
            let next = log.entries.len();
            let outcome = Outcome::Repeated(at);
            Entry { function: number("fd_close"), numbers: vec![5], given: Given::Nothing, outcome }
                .append(&mut log.entries);
            (next, log.entry(next).map(|(entry, _)| entry.outcome == Outcome::Told(&opened)))
        };
        let (repeated, is_put_in) = repeat(0);
        assert_eq!(is_put_in, Some(true));
        let itself = repeat(0).0 as u64;
        for at in [repeated as u64, itself, itself + 1000, u64::MAX, 1] {
            assert_ne!(repeat(at).1, Some(true), "{at}");
        }
    }

    #[test]
    fn bytes_are_written_as_a_sequence_of_numbers_is() {
        let numbers = postcard::to_stdvec(&(0_u8, vec![7_u8, 0xff])).expect("encoded");
        assert_eq!(postcard::to_stdvec(&Outcome::Told(&[7, 0xff])).expect("encoded"), numbers);
    }

    #[test]
    fn no_bytes_are_too_odd_to_be_read() {
        let log = log();
        for cut in 0..log.len() {
            for flip in [0_u8, 1, 0x80, 0xff] {
                let mut bytes = log.clone();
                bytes[cut] ^= flip;
                bytes.truncate(bytes.len() - cut);
                let (log, mut at) = (CallLog { entries: bytes, ..CallLog::default() }, 0);
                while let Some((entry, next)) = log.entry(at) {
                    let function = entry.function().expect("it was checked");
                    describe(function, &entry.numbers, &entry.given);
                    at = next;
                }
            }
        }
    }

    #[test]
    fn a_call_is_described_by_its_name_numbers_and_paths() {
        let text = |entry: &Entry<'_>| describe(entry.function().expect("one"), &entry.numbers, &entry.given);
        let texts: Vec<_> = entries().iter().map(text).collect();
        assert_eq!(texts[0], r#"path_open(3, 1, "code/x", 0, -1, 1099511627776, 0)"#);
        assert_eq!(texts[1..], ["fd_write(1, 1)", "sched_yield()", "poll_oneoff(1)", "fd_close(5)", "fd_close(5)"]);
    }
}
