//! Parses what a guest printed into an HTTP response: headers, an empty line, a body (RFC 3875 6, wagi.md Response).

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::request::{Headers, is_token};

/// What some editors put before a text (U+FEFF in UTF-8).
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A response without the header fields that the server sets itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// From 200 to 999; a status below 200 belongs to an interim response (RFC 9110 15.2).
    pub status: u16,
    /// The reason phrase, where the guest gave one.
    pub reason: Option<String>,
    /// Header fields in the order the guest printed them, repeated ones included.
    pub headers: Headers,
    /// The body, byte for byte. For a HEAD request it is what GET would answer; the server leaves it out.
    pub body: Bytes,
}

impl Response {
    /// A response of plain text that pywagi makes itself.
    pub fn plain(status: u16, text: impl Into<String>) -> Self {
        let mut headers = Headers::default();
        headers.push("Content-Type", "text/plain; charset=utf-8");
        Self { status, reason: None, headers, body: text.into().into_bytes().into() }
    }
}

/// The result of [`parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The response, or why the output is not one.
    pub response: Result<Response, Malformed>,
    /// Why the guest's `Status` is invalid, in which case the response's status is 502.
    pub invalid_status: Option<&'static str>,
    /// Header lines that were dropped or are questionable, each quoted with the reason.
    pub warnings: Vec<String>,
}

/// Output that is not a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, as a sentence about the output.
    pub missing: &'static str,
    /// The likely cause and what to do about it.
    pub remedy: &'static str,
    /// The start of the output, quoted; empty if there was none.
    pub start: String,
    /// The output.
    pub output: Vec<u8>,
}

/// Header fields that the server sets itself and takes from no guest.
const SERVER_OWNED: [&str; 4] = ["Content-Length", "Transfer-Encoding", "Connection", "Date"];

/// Header fields that a response has once (RFC 9110 8.3, 8.7, 8.8.2, 8.8.3, 10.2.2, 10.2.3, 10.2.4, 14.4; RFC 9111 5.1,
/// 5.3). Clients differ in which of two they take.
const SINGLE: [&str; 10] = [
    "Content-Type",
    "Content-Location",
    "Last-Modified",
    "ETag",
    "Location",
    "Retry-After",
    "Server",
    "Content-Range",
    "Age",
    "Expires",
];

/// Why a `Status` is invalid that is not three digits.
const NOT_A_STATUS: &str = "`Status` is not a number from 100 to 999";

/// Why a `Status` is invalid after which the client would wait for a final response (RFC 9110 15.2).
const INTERIM_STATUS: &str = "`Status` is below 200, which only an interim response has";

/// Why a line without a colon is dropped.
const NO_COLON: &str = "it has no colon";

/// Further warnings are counted, not kept.
const MAX_WARNINGS: usize = 10;

/// How many characters of the guest's output a message quotes.
const MAX_QUOTED: usize = 80;

/// Parses a guest's standard output. `is_head`: it answers HEAD, so that it may lack the body that its Content-Length
/// counts (RFC 9110 9.3.2).
pub fn parse(stdout: Vec<u8>, is_head: bool) -> Parsed {
    let mut fields = Fields::default();
    let mut at = 0;
    let body = loop {
        let rest = stdout.get(at..).unwrap_or_default();
        let Some(end) = rest.iter().position(|&b| b == b'\n') else {
            fields.read(rest);
            break None;
        };
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at += end + 1;
        if line.is_empty() {
            break Some(at);
        }
        fields.read(line);
    };
    if let Some(start) = body {
        fields.check_length(stdout.len() - start, is_head);
    }
    let (invalid_status, sufficient) = (fields.invalid_status, fields.sufficient);
    let (headers, status, mut warnings) = fields.finish();
    let response = match body {
        Some(start) if sufficient => {
            let (status, reason) = status;
            Ok(Response { status, reason, headers, body: Bytes::from(stdout).slice(start..) })
        }
        body => {
            // Without headers, every line of the body would be reported as a header line that has no colon.
            warnings.retain(|warning| !warning.ends_with(NO_COLON));
            Err(malformed(stdout, body.is_some(), sufficient))
        }
    };
    Parsed { response, invalid_status, warnings }
}

/// The headers while they are parsed.
#[derive(Default)]
struct Fields {
    headers: Headers,
    /// The last valid `Status`.
    status: Option<(u16, Option<String>)>,
    seen_status: bool,
    seen_location: bool,
    invalid_status: Option<&'static str>,
    /// Which fields of [`SINGLE`] were there, and whether one of them was there twice.
    seen_single: [bool; SINGLE.len()],
    repeated_single: bool,
    /// The last Content-Length, with its line in quotes.
    length: Option<(u64, String)>,
    seen_length: bool,
    /// Whether Content-Type, Status or Location was there.
    sufficient: bool,
    warnings: Vec<String>,
    dropped: usize,
}

impl Fields {
    /// Parses one header line, without its end.
    fn read(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            return self.drop(line, NO_COLON);
        };
        if line.starts_with(BYTE_ORDER_MARK) {
            return self.drop(line, "it begins with a byte order mark");
        }
        let (name, value) = line.split_at(colon);
        let value = trim(value.get(1..).unwrap_or_default());
        let Some(name) = core::str::from_utf8(name).ok().filter(|name| is_token(name)) else {
            return self.drop(line, &format!("{} is not a valid header name", quote(name)));
        };
        if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
            return self.drop(line, "the value contains a control character");
        }
        if name.eq_ignore_ascii_case("Status") {
            return self.read_status(line, value);
        }
        if SERVER_OWNED.iter().any(|owned| name.eq_ignore_ascii_case(owned)) {
            return self.read_owned(name, line, value);
        }
        let single = self.seen_single.iter_mut().zip(SINGLE).find(|(_, single)| name.eq_ignore_ascii_case(single));
        if single.is_some_and(|(seen, _)| core::mem::replace(seen, true)) {
            self.repeated_single = true;
            self.warn(|| format!("{} replaces an earlier `{name}`, which HTTP allows once", quote(line)));
        }
        self.seen_location |= name.eq_ignore_ascii_case("Location");
        self.sufficient |= self.seen_location || name.eq_ignore_ascii_case("Content-Type");
        self.headers.push(name, value);
    }

    /// Reads a field that is not sent as it is. Only one that says how the body is framed can be wrong.
    fn read_owned(&mut self, name: &str, line: &[u8], value: &[u8]) {
        if name.eq_ignore_ascii_case("Transfer-Encoding") {
            return self.ignore(line, "the body is sent as it was printed");
        }
        if !name.eq_ignore_ascii_case("Content-Length") {
            return;
        }
        if core::mem::replace(&mut self.seen_length, true) {
            self.ignore(line, "the length was given before");
        }
        match core::str::from_utf8(value) {
            // A number too large for its type is too large for any body as well.
            Ok(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                self.length = Some((text.parse().unwrap_or(u64::MAX), quote(line)));
            }
            _ => self.ignore(line, "it is not a number of bytes"),
        }
    }

    /// Warns where the Content-Length is not that of the body, which has `length` bytes. Answers to HEAD and those of
    /// status 304 may leave out the body that it counts (RFC 9110 8.6).
    fn check_length(&mut self, length: usize, is_head: bool) {
        let is_304 = self.status.as_ref().is_some_and(|(status, _)| *status == 304);
        if length == 0 && (is_head || is_304) {
            return;
        }
        if let Some((_, line)) = self.length.take().filter(|(claimed, _)| *claimed != length as u64) {
            let bytes = if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") };
            self.warn(|| format!("ignored the header line {line}: the body has {bytes}"));
        }
    }

    /// Parses `Status: CODE REASON`. RFC 3875 6.3 forbids a second one; the last one counts, as in other CGI servers.
    fn read_status(&mut self, line: &[u8], value: &[u8]) {
        if core::mem::replace(&mut self.seen_status, true) {
            self.warn(|| format!("{} sets the status again: the last `Status` counts", quote(line)));
        }
        self.sufficient = true;
        let (status, why) = match status(value) {
            Some((0..200, _)) => (None, Some(INTERIM_STATUS)),
            Some(status) => (Some(status), None),
            None => (None, Some(NOT_A_STATUS)),
        };
        (self.status, self.invalid_status) = (status, why);
        if let Some(why) = why {
            self.warn(|| format!("{} makes the response a 502: {why}", quote(line)));
        }
    }

    fn drop(&mut self, line: &[u8], why: &str) {
        self.warn(|| format!("dropped the header line {}: {why}", quote(line)));
    }

    fn ignore(&mut self, line: &[u8], why: &str) {
        self.warn(|| format!("ignored the header line {}: {why}", quote(line)));
    }

    fn warn(&mut self, message: impl FnOnce() -> String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(message());
        } else {
            self.dropped += 1;
        }
    }

    /// The header fields, the status and reason, and the warnings.
    fn finish(mut self) -> (Headers, (u16, Option<String>), Vec<String>) {
        if self.repeated_single {
            self.headers.keep_last(&SINGLE);
        }
        let mut warnings = self.warnings;
        if self.dropped > 0 {
            warnings.push(format!("and {} more header lines like these", self.dropped));
        }
        let status = match self.status {
            Some(status) => status,
            None if self.invalid_status.is_some() => (502, None),
            None if self.seen_location => (302, None),
            None => (200, None),
        };
        (self.headers, status, warnings)
    }
}

/// Removes the white space around a field's value: spaces and tabs, not CR (RFC 9110 5.6.3).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t');
    let start = value.iter().position(|b| !is_space(b)).unwrap_or(value.len());
    let end = value.iter().rposition(|b| !is_space(b)).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

/// Parses the value of a `Status` field (RFC 3875 6.3.3): three digits, then optionally a reason phrase.
fn status(value: &[u8]) -> Option<(u16, Option<String>)> {
    let end = value.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(value.len());
    let (code, reason) = value.split_at(end);
    let code = core::str::from_utf8(code).ok().filter(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_digit()))?;
    let code = code.parse().ok().filter(|c| (100..=999).contains(c))?;
    let reason = String::from_utf8_lossy(reason.trim_ascii()).into_owned();
    Some((code, Some(reason).filter(|r| !r.is_empty())))
}

/// Says what is wrong with output that is not a response, and the likely cause.
fn malformed(output: Vec<u8>, has_end: bool, sufficient: bool) -> Malformed {
    let stdout = output.as_slice();
    let (missing, remedy) = if stdout.is_empty() {
        ("it wrote nothing to standard output", "print a Content-Type header, an empty line, then the body")
    } else if stdout.starts_with(BYTE_ORDER_MARK) {
        (
            "a byte order mark (U+FEFF) comes before the headers",
            "print without one: a text file that begins with one is read with encoding=\"utf-8-sig\"",
        )
    } else if has_carriage_return_beside_header(stdout) {
        (
            "a carriage return without a line feed is among the headers, where it ends no line",
            "end each header line with \\n or \\r\\n",
        )
    } else if !has_end && sufficient {
        ("there is no empty line after the headers", "print an empty line between the headers and the body: print()")
    } else if is_line_end(stdout) {
        (
            "the output begins with an empty line, so it has no headers",
            "print the Content-Type header before anything else",
        )
    } else if has_headers_later(stdout) {
        (
            "other output comes before the headers",
            "print the headers first, and flush them (sys.stdout.flush()) before writing to sys.stdout.buffer",
        )
    } else {
        (
            "there is no Content-Type, Status or Location header before the first empty line",
            "print a Content-Type header and an empty line before the body",
        )
    };
    let start = if stdout.is_empty() { String::new() } else { quote(stdout) };
    Malformed { missing, remedy, start, output }
}

/// Whether a carriage return without a line feed comes before or after a header that a response needs.
fn has_carriage_return_beside_header(output: &[u8]) -> bool {
    let mut lines = output.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let head = lines.by_ref().take_while(|line| !line.is_empty());
    head.filter(|line| line.contains(&b'\r')).any(|line| line.split(|&b| b == b'\r').any(is_needed_header))
}

/// Whether `line` is a header of which a response needs one.
fn is_needed_header(line: &[u8]) -> bool {
    let starts = |name: &[u8]| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    starts(b"content-type:") || starts(b"status:") || starts(b"location:")
}

/// Whether `output` begins with an empty line.
fn is_line_end(output: &[u8]) -> bool {
    output.starts_with(b"\n") || output.starts_with(b"\r\n")
}

/// Whether headers that a response needs come later in the output. What is written to `sys.stdout.buffer` precedes what
/// `print` buffered and may lack a line end, so a Content-Type counts anywhere in a line.
fn has_headers_later(output: &[u8]) -> bool {
    output.split(|&b| b == b'\n').any(is_needed_header)
        || output.windows(b"content-type:".len()).any(|text| text.eq_ignore_ascii_case(b"content-type:"))
}

/// `bytes` in quotes, on one line, control characters escaped, cut after [`MAX_QUOTED`] characters.
pub fn quote(bytes: &[u8]) -> String {
    // A character has at most four bytes; one more is read to know whether the text continues.
    let text = String::from_utf8_lossy(bytes.get(..4 * (MAX_QUOTED + 1)).unwrap_or(bytes));
    let shown: String = text.chars().take(MAX_QUOTED).collect();
    let more = if text.chars().nth(MAX_QUOTED).is_some() { " …" } else { "" };
    format!("{shown:?}{more}")
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
