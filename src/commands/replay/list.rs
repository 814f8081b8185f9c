//! The list of recordings.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::Replay;
use crate::error::Result;
use crate::recording::Summary;
use crate::terminal::{self, Terminal};

use super::find::Place;

/// Prints the recordings, the newest first.
///
/// # Errors
/// As [`Place::new`] and [`Place::list`].
pub fn run(arguments: &Replay, terminal: &Terminal) -> Result<()> {
    let recordings = Place::new(arguments)?.list(terminal)?;
    if recordings.is_empty() {
        terminal.note("No request has been recorded yet");
    }
    terminal::print(recordings.iter().map(line).collect::<String>())
}

fn line(summary: &Summary) -> String {
    let Summary { id, time, method, target, status, exit } = summary;
    let target = cut(target);
    let id = id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let began = self::time(*time);
    format!("{id:<5}  {began}  {status}  {method} {target}  ({exit})\n")
}

/// A request target, cut after so many characters as a line has room for.
pub fn cut(target: &str) -> String {
    const MOST: usize = 100;
    match target.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", target.get(..at).unwrap_or_default()),
        None => target.to_owned(),
    }
}

/// A time, in milliseconds since 1970, as a clock on the wall shows it.
pub fn time(milliseconds: i64) -> String {
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_target_is_cut() {
        assert_eq!(cut("/a?b"), "/a?b");
        assert_eq!(cut(&"é".repeat(101)), format!("{}…", "é".repeat(100)));
    }
}
