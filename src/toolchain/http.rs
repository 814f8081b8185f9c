//! HTTP for downloads: URLs, time-outs and retries, `Retry-After`, `Content-Range`.

use std::hash::{BuildHasher, RandomState};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::blocking::{Client, ClientBuilder};

use crate::error::{Context, Error, Kind, Result};

/// Retries and time-outs of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The number of attempts in a row that receive nothing.
    pub attempts: u32,
    /// The number of attempts altogether.
    pub attempts_in_all: u32,
    /// The delay before the second attempt; it doubles with each further one, and its upper half is random.
    pub first_delay: Duration,
    /// The longest delay, even where `Retry-After` asks for more.
    pub longest_delay: Duration,
    /// The time-out of connecting.
    pub connect: Duration,
    /// The time-out of each read.
    pub idle: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 4,
            attempts_in_all: 20,
            first_delay: Duration::from_millis(200),
            longest_delay: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        }
    }
}

/// Parses a URL given by the user.
///
/// # Errors
/// Fails where it is not an `http` or `https` URL.
pub fn parse_url(text: &str) -> Result<Url> {
    let remedy = "give a URL such as https://example.com/python.wasm";
    let url = Url::parse(text)
        .map_err(|e| Error::of(Kind::Usage, format!("{text:?} is not a valid URL")).because(e).remedy(remedy))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::of(Kind::Usage, format!("{text:?} is not an http or https URL")).remedy(remedy));
    }
    Ok(url)
}

/// The URL as it may be shown and recorded: without user and password, and without the query, which may hold a key.
pub fn display_url(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs without a host, which have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// A client with the time-outs of `policy`.
///
/// # Errors
/// Fails where the system's certificates cannot be read.
pub fn client(policy: &Policy) -> Result<Client> {
    builder()
        .connect_timeout(policy.connect)
        // Applies to each read, not to the whole transfer: see reqwest's `blocking::Response::read`.
        .timeout(policy.idle)
        .build()
        .context(|| "cannot set up HTTPS")
}

/// What makes clients.
pub fn builder() -> ClientBuilder {
    install_cryptography();
    Client::builder().user_agent(concat!("pywagi/", env!("CARGO_PKG_VERSION")))
}

/// Says by what rustls encrypts, for clients that are made without saying so.
pub fn install_cryptography() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails where a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The delay after `failed` attempts: exponential, the upper half random, so that many clients that failed together do
/// not retry together.
pub fn backoff(policy: &Policy, failed: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failed.saturating_sub(1));
    let delay = policy.first_delay.saturating_mul(doubled).min(policy.longest_delay);
    let random = RandomState::new().hash_one(failed) >> 11;
    delay.mul_f64(0.5 + 0.5 * (random as f64 / (1_u64 << 53) as f64))
}

/// `Retry-After` (RFC 9110 10.2.3): seconds, or a date.
pub fn parse_retry_after(field: &str, now: SystemTime) -> Option<Duration> {
    let field = field.trim();
    if let Ok(seconds) = field.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(field).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110 14.4); a `*` for the total is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// The position of the first byte.
    pub first: u64,
    /// The size of the whole file.
    pub total: Option<u64>,
}

/// Parses a `Content-Range`; `None` where it is invalid.
pub fn parse_content_range(field: &str) -> Option<ContentRange> {
    let (range, total) = field.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    (first <= last && total.is_none_or(|total| last < total)).then_some(ContentRange { first, total })
}

/// The innermost cause; the errors around it only name layers of the HTTP library.
pub fn root(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sat, 22 Nov 2025 14:30:00 GMT").unwrap();
        let parse = |field| parse_retry_after(field, now).map(|d| d.as_secs());
        assert_eq!(parse("120"), Some(120));
        assert_eq!(parse("Sat, 22 Nov 2025 14:31:00 GMT"), Some(60));
        assert_eq!(parse("Sat, 22 Nov 2025 14:29:00 GMT"), Some(0));
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("-1"), None);
    }

    #[test]
    fn a_content_range_must_be_valid() {
        let parse = |field| parse_content_range(field).map(|r| (r.first, r.total));
        assert_eq!(parse("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(parse("bytes 5-9/*"), Some((5, None)));
        for bad in ["", "bytes */10", "bytes 9-5/10", "bytes 5-10/10", "bytes 5-9", "lines 5-9/10", "bytes -9/10"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let policy = Policy { longest_delay: Duration::from_secs(1), ..Policy::default() };
        for (failed, most) in [(1, 200), (2, 400), (3, 800), (4, 1000), (40, 1000)] {
            let delay = backoff(&policy, failed).as_millis();
            assert!((most / 2..=most).contains(&delay), "{failed}: {delay} ms");
        }
    }

    #[test]
    fn secrets_in_a_url_are_not_shown() {
        let url = parse_url("https://me:secret@example.com/a%2Fb.wasm?token=x#y").unwrap();
        assert_eq!(display_url(&url), "https://example.com/a%2Fb.wasm");
    }

    #[test]
    fn only_http_is_downloaded() {
        let error = parse_url("ftp://example.com/a").unwrap_err();
        assert_eq!(error.to_string(), r#""ftp://example.com/a" is not an http or https URL"#);
        let error = parse_url("example").unwrap_err();
        assert_eq!(error.to_string(), r#""example" is not a valid URL: relative URL without a base"#);
        assert_eq!(error.remedy_text(), Some("give a URL such as https://example.com/python.wasm"));
    }
}
