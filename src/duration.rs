//! Durations with units: `30s`.

use std::time::Duration;

/// Parses `500ms`, `30s`, `2m`; a bare number is seconds. Zero means no limit, which is [`Duration::MAX`].
///
/// # Errors
/// Says what to write instead.
pub fn parse(text: &str) -> Result<Duration, String> {
    let (number, scale) = if let Some(n) = text.strip_suffix("ms") {
        (n, 0.001)
    } else if let Some(n) = text.strip_suffix('s') {
        (n, 1.0)
    } else if let Some(n) = text.strip_suffix('m') {
        (n, 60.0)
    } else {
        (text, 1.0)
    };
    let number = number.parse::<f64>().ok().filter(|number| number.is_sign_positive());
    let duration = number.and_then(|number| Duration::try_from_secs_f64(number * scale).ok());
    match duration {
        Some(_) if number == Some(0.0) => Ok(Duration::MAX),
        Some(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("give a time such as 500ms, 30s or 2m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, milliseconds) in
            [("500ms", 500), ("30s", 30_000), ("2m", 120_000), ("0.5m", 30_000), ("30", 30_000), ("1.5", 1500)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn zero_means_no_limit() {
        for text in ["0", "0s", "0ms", "0.0m"] {
            assert_eq!(parse(text), Ok(Duration::MAX), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "s", "-0", "-1s", "0.0000000001", "1h", "30 s", "inf", "nan", "1e300m", "many"] {
            assert_eq!(parse(text), Err("give a time such as 500ms, 30s or 2m".to_owned()), "{text}");
        }
    }
}
