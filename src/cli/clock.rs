//! The value of `--clock`: a time of day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Parses a time as RFC 3339 has it, a date, which is its midnight in UTC, or seconds since 1970; in nanoseconds since then.
///
/// # Errors
/// Says what to write instead.
pub fn parse(text: &str) -> Result<u64, String> {
    let mistake = || "give a time from 1970 on, such as 2026-01-31, 2026-01-31T12:00:00Z or 1769860800".to_owned();
    let seconds = || text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let date = || text.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok();
    let time = seconds().or_else(|| text.parse().ok()).or_else(|| date().map(|date| date.timestamp()));
    time.and_then(|time| u64::try_from(time.as_nanosecond()).ok()).ok_or_else(mistake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("1769860800", 1_769_860_800_000_000_000),
            ("2026-01-31", 1_769_817_600_000_000_000),
            ("2026-01-31T12:00:00Z", 1_769_860_800_000_000_000),
            ("2026-01-31T12:00:00.5+02:00", 1_769_853_600_500_000_000),
        ] {
            assert_eq!(parse(text), Ok(nanoseconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "now", "-1", "1969-12-31", "2026-02-30", "12:00", "9999-12-31", "99999999999999999999"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
