//! The sources of Python that a recorded run read, found in its log.

use std::collections::{BTreeMap, HashMap};

use super::effect;
use super::log::{CallLog, Given, Outcome};
use crate::guest::Volume;

/// How many bytes of sources are taken.
const MOST_BYTES: usize = 16 << 20;

/// The descriptor of the first volume.
const FIRST: i64 = 3;

/// The files whose names end in `.py` that the run read from its beginning, and what it read, by their paths in the guest.
/// Those that hold a NUL are no sources.
pub fn sources(log: &CallLog, volumes: &[Volume]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open: HashMap<i64, (String, Vec<u8>)> = HashMap::new();
    let mut size = 0;
    let mut at = 0;
    while let Some((entry, next)) = log.entry(at) {
        at = next;
        let (Some(function), Outcome::Told(told), Some(&descriptor)) =
            (entry.function(), &entry.outcome, entry.numbers.first())
        else {
            continue;
        };
        match function.name {
            "path_open" => {
                let opened = i64::try_from(effect::count(told)).unwrap_or(i64::MAX);
                let path = path(volumes, descriptor, &entry.given).filter(|path| path.ends_with(".py"));
                if let Some(path) = path {
                    open.insert(opened, (path, Vec::new()));
                }
            }
            "fd_read" => {
                if let Some((_, text)) = open.get_mut(&descriptor) {
                    let bytes = told.get(effect::COUNT_SIZE..).unwrap_or_default();
                    size += bytes.len();
                    if size > MOST_BYTES {
                        break;
                    }
                    text.extend_from_slice(bytes);
                }
            }
            "fd_close" => {
                let closed = open.remove(&descriptor).filter(|(_, text)| !text.is_empty() && !text.contains(&0));
                if let Some((path, text)) = closed {
                    found.insert(path, text);
                }
            }
            // What is read then need not be the whole, in order. To ask for the position is to move by nothing.
            "fd_seek" if entry.numbers.get(1..) != Some(&[0, 1]) => {
                open.remove(&descriptor);
            }
            "fd_pread" | "fd_write" | "fd_pwrite" | "fd_renumber" => {
                open.remove(&descriptor);
            }
            _ => {}
        }
    }
    found
}

/// The path in the guest of what a call names below a directory, if that is a volume.
fn path(volumes: &[Volume], directory: i64, given: &Given<'_>) -> Option<String> {
    let volume = volumes.get(usize::try_from(directory.checked_sub(FIRST)?).ok()?)?;
    let Given::Bytes(name) = given else { return None };
    let name = std::str::from_utf8(name).ok()?;
    Some(format!("{}/{name}", volume.guest.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::table::FUNCTIONS;
    use super::*;
    use crate::guest::calls::log::Entry;

    fn log(calls: &[(&str, &[i64], &str, &[u8])]) -> CallLog {
        let mut log = CallLog::default();
        for (name, numbers, path, told) in calls {
            let function = FUNCTIONS.iter().position(|function| function.name == *name).expect("a function of WASI");
            let given =
                if path.is_empty() { Given::Nothing } else { Given::Bytes(Cow::Owned(path.as_bytes().to_vec())) };
            Entry {
                function: u8::try_from(function).expect("there are fewer"),
                numbers: numbers.to_vec(),
                given,
                outcome: Outcome::Told(told),
            }
            .append(&mut log.entries);
        }
        log
    }

    #[test]
    fn a_source_is_what_was_read_between_opening_and_closing() {
        let open = |path, told| ("path_open", &[4, 0, 0, 0, 0, 0, 0][..], path, told);
        let read = |told: &'static [u8]| ("fd_read", &[7, 1][..], "", told);
        let close = ("fd_close", &[7][..], "", &[][..]);
        let volumes =
            ["/lib", "/code"].map(|guest| Volume { guest: guest.to_owned(), host: "/host".into(), read_only: true });
        let seven: &[u8] = b"\x07\0\0\0";
        let of = |calls: &[(&str, &[i64], &str, &[u8])]| sources(&log(calls), &volumes);
        let text = |text: &str| BTreeMap::from([("/code/a.py".to_owned(), text.as_bytes().to_vec())]);
        let whole = [open("a.py", seven), read(b"\x02\0\0\0x="), read(b"\x01\0\0\x001"), read(b"\0\0\0\0"), close];
        assert_eq!(of(&whole), text("x=1"));
        let asked = ("fd_seek", &[7, 0, 1][..], "", &[0_u8; 8][..]);
        assert_eq!(of(&[open("a.py", seven), asked, read(b"\x01\0\0\0x"), close]), text("x"));
        let moved = ("fd_seek", &[7, 9, 0][..], "", &[0_u8; 8][..]);
        for none in [
            &[open("a.py", seven), moved, read(b"\x01\0\0\0x"), close][..],
            &[open("a.txt", seven), read(b"\x01\0\0\0x"), close],
            &[open("a.py", seven), read(b"\x01\0\0\0\0"), close],
            &[open("a.py", seven), read(b"\x01\0\0\0x")],
            &[read(b"\x01\0\0\0x"), close],
        ] {
            assert_eq!(of(none), BTreeMap::new());
        }
    }
}
