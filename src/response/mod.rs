//! What a guest printed, as an HTTP response: a header block, an empty line, a body (RFC 3875 6, wagi.md Response).

pub mod head;

use crate::request::{Headers, is_token};

/// A response as it goes to the client, but for the fields that the server sets itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// From 200 to 999: what is below is no answer but an announcement of one (RFC 9110 15.2).
    pub status: u16,
    /// The reason phrase, where the guest gave one.
    pub reason: Option<String>,
    /// Header fields in the order the guest printed them, repeated ones included.
    pub headers: Headers,
    /// The body, byte for byte. For a HEAD request it is what GET would answer; the server leaves it out.
    pub body: Vec<u8>,
}

impl Response {
    /// A response of plain text that pywagi itself answers.
    pub fn plain(status: u16, text: impl Into<String>) -> Self {
        let mut headers = Headers::default();
        headers.push("Content-Type", "text/plain; charset=utf-8");
        Self { status, reason: None, headers, body: text.into().into_bytes() }
    }
}

/// What was read from a guest's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The response, or why the output is none.
    pub response: Result<Response, Malformed>,
    /// What is wrong with the guest's `Status`, where the response's status is 502 for it.
    pub invalid_status: Option<&'static str>,
    /// Header lines that were dropped, each quoted with the reason.
    pub warnings: Vec<String>,
}

/// Output that is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is missing.
    pub missing: &'static str,
    /// The likely cause and what to do about it.
    pub remedy: &'static str,
    /// The start of what was printed, quoted; empty if nothing was.
    pub start: String,
}

/// Header fields that the server sets itself.
const SERVER_OWNED: [&str; 4] = ["Content-Length", "Transfer-Encoding", "Connection", "Date"];

/// A `Status` that is none.
const NO_STATUS: &str = "`Status` is no number from 100 to 999";

/// A `Status` after which the client would go on waiting for a final answer (RFC 9110 15.2).
const INTERIM_STATUS: &str = "`Status` is below 200, which announces an answer and is none";

/// Why a line without a colon is dropped.
const NO_COLON: &str = "it has no colon";

/// More dropped lines than this are counted, not quoted.
const MOST_WARNINGS: usize = 10;

/// How much of a line, or of output that is no response, is quoted, in characters.
const MOST_QUOTED: usize = 80;

/// Reads a guest's standard output.
pub fn parse(mut stdout: Vec<u8>) -> Parsed {
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
    let (invalid_status, sufficient) = (fields.invalid_status, fields.sufficient);
    let (headers, status, mut warnings) = fields.finish();
    let response = match body {
        Some(start) if sufficient => {
            stdout.drain(..start);
            let (status, reason) = status;
            Ok(Response { status, reason, headers, body: stdout })
        }
        body => {
            // Where there is no header block, every line of what was printed would be one.
            warnings.retain(|warning| !warning.ends_with(NO_COLON));
            Err(malformed(&stdout, body.is_some(), sufficient))
        }
    };
    Parsed { response, invalid_status, warnings }
}

/// The header block while it is read.
#[derive(Default)]
struct Fields {
    headers: Headers,
    /// The last valid `Status`.
    status: Option<(u16, Option<String>)>,
    seen_status: bool,
    seen_location: bool,
    invalid_status: Option<&'static str>,
    /// Whether one of Content-Type, Status and Location was there.
    sufficient: bool,
    warnings: Vec<String>,
    dropped: usize,
}

impl Fields {
    /// Reads one line of the block, without its end.
    fn read(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            return self.drop(line, NO_COLON);
        };
        let (name, value) = line.split_at(colon);
        let value = trim(value.get(1..).unwrap_or_default());
        let Some(name) = std::str::from_utf8(name).ok().filter(|name| is_token(name)) else {
            return self.drop(line, "what stands before the colon is no header name");
        };
        if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
            return self.drop(line, "the value holds a control character");
        }
        if name.eq_ignore_ascii_case("Status") {
            return self.read_status(line, value);
        }
        if SERVER_OWNED.iter().any(|owned| name.eq_ignore_ascii_case(owned)) {
            return;
        }
        self.seen_location |= name.eq_ignore_ascii_case("Location");
        self.sufficient |= self.seen_location || name.eq_ignore_ascii_case("Content-Type");
        self.headers.push(name, value);
    }

    /// Reads `Status: CODE reason`. RFC 3875 6.3 forbids a second one; the last counts, as with other CGI servers.
    fn read_status(&mut self, line: &[u8], value: &[u8]) {
        if std::mem::replace(&mut self.seen_status, true) {
            self.warn(|| format!("{} sets the status again: the last `Status` counts", quote(line)));
        }
        self.sufficient = true;
        let (status, why) = match status(value) {
            Some((0..200, _)) => (None, Some(INTERIM_STATUS)),
            Some(status) => (Some(status), None),
            None => (None, Some(NO_STATUS)),
        };
        (self.status, self.invalid_status) = (status, why);
        if let Some(why) = why {
            self.warn(|| format!("{} makes the answer a 502: {why}", quote(line)));
        }
    }

    fn drop(&mut self, line: &[u8], why: &str) {
        self.warn(|| format!("dropped the header line {}: {why}", quote(line)));
    }

    fn warn(&mut self, message: impl FnOnce() -> String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(message());
        } else {
            self.dropped += 1;
        }
    }

    /// The fields, the status they give, and what was wrong.
    fn finish(self) -> (Headers, (u16, Option<String>), Vec<String>) {
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

/// A field's value without the white space around it (RFC 9110 5.6.3): a stray CR is none.
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t');
    let start = value.iter().position(|b| !is_space(b)).unwrap_or(value.len());
    let end = value.iter().rposition(|b| !is_space(b)).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}

/// Reads the value of a `Status` field (RFC 3875 6.3.3): three digits from 100, then maybe a reason phrase.
fn status(value: &[u8]) -> Option<(u16, Option<String>)> {
    let end = value.iter().position(|b| b.is_ascii_whitespace()).unwrap_or(value.len());
    let (code, reason) = value.split_at(end);
    let code = std::str::from_utf8(code).ok().filter(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_digit()))?;
    let code = code.parse().ok().filter(|c| (100..=999).contains(c))?;
    let reason = String::from_utf8_lossy(reason.trim_ascii()).into_owned();
    Some((code, Some(reason).filter(|r| !r.is_empty())))
}

/// Says what output that is no response lacks, and why it is likely to.
fn malformed(stdout: &[u8], has_end: bool, sufficient: bool) -> Malformed {
    let (missing, remedy) = if stdout.is_empty() {
        ("the guest wrote nothing to standard output", "print a Content-Type header, an empty line, then the body")
    } else if !has_end && sufficient {
        ("the headers are not ended by an empty line", "print an empty line between the headers and the body: print()")
    } else if is_line_end(stdout) {
        (
            "the output begins with an empty line, so it has no headers",
            "print the Content-Type header before anything else",
        )
    } else if has_headers_later(stdout) {
        (
            "the headers come after other output",
            "print the headers first, and flush them (sys.stdout.flush()) before writing to sys.stdout.buffer",
        )
    } else {
        (
            "none of the headers Content-Type, Status and Location comes before the first empty line",
            "print a Content-Type header and an empty line before the body",
        )
    };
    let start = if stdout.is_empty() { String::new() } else { quote(stdout) };
    Malformed { missing, remedy, start }
}

/// Whether `output` begins with the end of a line.
fn is_line_end(output: &[u8]) -> bool {
    output.starts_with(b"\n") || output.starts_with(b"\r\n")
}

/// Whether headers that a response needs come after the first line. What was written past Python's own buffer comes out
/// before it and may have no line end, so a Content-Type counts wherever it is.
fn has_headers_later(output: &[u8]) -> bool {
    let starts = |text: &[u8], name: &[u8]| text.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name));
    let mut lines = output.split(|&b| b == b'\n');
    lines.any(|line| starts(line, b"status:") || starts(line, b"location:"))
        || output.windows(b"content-type:".len()).any(|text| starts(text, b"content-type:"))
}

/// `bytes` in quotes, on one line, control characters escaped, cut after [`MOST_QUOTED`] characters.
pub fn quote(bytes: &[u8]) -> String {
    // Four bytes a character at most, and one more character to know whether there are more.
    let text = String::from_utf8_lossy(bytes.get(..4 * (MOST_QUOTED + 1)).unwrap_or(bytes));
    let shown: String = text.chars().take(MOST_QUOTED).collect();
    let more = if text.chars().nth(MOST_QUOTED).is_some() { " …" } else { "" };
    format!("{shown:?}{more}")
}

#[cfg(test)]
mod tests;
