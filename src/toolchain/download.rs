//! Downloading one file over HTTP: resumes an interrupted transfer, retries transient failures, bounds the size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use indicatif::ProgressBar;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE, RETRY_AFTER};
use reqwest::{StatusCode, Url};

use super::http::{Policy, backoff, client, display_url, parse_content_range, parse_retry_after, root};
use super::proxy::Proxy;
use crate::error::{Context, Error, Result};
use crate::hash::{Checksum, Digest};
use crate::terminal::Terminal;

/// What is known of a file before it is downloaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected {
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<Digest>,
    /// Whether both are known from one text only: an error says how to take what is there instead.
    pub unconfirmed: bool,
}

/// The limit for a file of unknown size, in bytes.
pub const MAX_SIZE: u64 = 1 << 30;

/// Downloads `url` to the file `part` and checks that it is as `expected`. If the SHA-256 is known, resumes where an
/// earlier attempt was interrupted. `what` names the file on the progress bar.
///
/// # Errors
/// Fails where the server cannot be reached or answers with an error, and where the file is not as expected; then
/// `part` is deleted. After a lost connection `part` is kept, to be resumed.
pub fn download(
    url: &Url,
    what: &str,
    part: &Path,
    expected: Expected,
    policy: &Policy,
    terminal: &Terminal,
) -> Result<Checksum> {
    let shown = display_url(url);
    let proxy = Proxy::of(url);
    if let Some(error) = proxy.as_ref().and_then(Proxy::unsupported) {
        return Err(error);
    }
    let client = client(policy)?;
    let mut file = open_part(part)?;
    let mut inherited = part_size(&file, part)?;
    if inherited > 0 && (expected.sha256.is_none() || expected.size.is_some_and(|size| inherited > size)) {
        restart(&mut file, part)?;
        inherited = 0;
    }
    let bar = terminal.bytes("Downloading", what, expected.size);
    let mut transfer = Transfer { client, url, shown: &shown, proxy, part, expected, file, etag: None, bar };
    loop {
        if let Err(error) = transfer.run(policy, terminal) {
            if part.exists() && part_size(&transfer.file, part)? == 0 {
                discard(part)?;
            }
            return Err(error);
        }
        let checksum = Checksum::of_file(part)?;
        let Err(error) = check(&checksum, expected, &format!("the file at {shown}")) else {
            transfer.bar.finish_and_clear();
            return Ok(checksum);
        };
        if inherited == 0 {
            discard(part)?;
            return Err(error);
        }
        // The beginning is from an earlier run; only that may be wrong.
        transfer.bar.suspend(|| {
            terminal.note("The beginning, downloaded by an earlier run, does not match; starting over");
        });
        restart(&mut transfer.file, part)?;
        inherited = 0;
    }
}

/// Compares the checksum of a downloaded file with the expected one.
///
/// # Errors
/// Fails where they differ; the error shows both.
pub fn check(checksum: &Checksum, expected: Expected, what: &str) -> Result<()> {
    let altered = "the file was altered or damaged in transit and has been deleted; try another source";
    let remedy = if expected.unconfirmed { UNCONFIRMED } else { altered };
    let Checksum { size, sha256 } = checksum;
    if let Some(expected) = expected.sha256.filter(|expected| expected != sha256) {
        let message = format!("{what} has the wrong SHA-256\n  expected  {expected}\n  found     {sha256}");
        return Err(Error::new(message).remedy(remedy));
    }
    if let Some(expected) = expected.size.filter(|expected| expected != size) {
        return Err(Error::new(format!("{what} has {size} bytes instead of {expected}")).remedy(remedy));
    }
    Ok(())
}

/// A download in progress.
struct Transfer<'a> {
    client: Client,
    url: &'a Url,
    shown: &'a str,
    proxy: Option<Proxy>,
    part: &'a Path,
    expected: Expected,
    file: File,
    /// A strong validator (RFC 9110 8.8.3) of the file that the part is the beginning of; from this run.
    etag: Option<HeaderValue>,
    bar: ProgressBar,
}

/// Why an attempt did not complete the file.
enum AttemptError {
    /// Retrying cannot help.
    Permanent(Error),
    /// Retrying may help.
    Transient { error: Error, retry_after: Option<Duration>, unconnected: bool },
}

impl From<Error> for AttemptError {
    fn from(error: Error) -> Self {
        Self::Permanent(error)
    }
}

impl AttemptError {
    fn transient(error: Error) -> Self {
        Self::Transient { error, retry_after: None, unconnected: false }
    }
}

impl Transfer<'_> {
    /// Repeats attempts until the part is complete or the policy allows no more.
    fn run(&mut self, policy: &Policy, terminal: &Terminal) -> Result<()> {
        let (mut in_a_row, mut received) = (0, false);
        for attempt in 1.. {
            let before = part_size(&self.file, self.part)?;
            let (error, retry_after, unconnected) = match self.attempt() {
                Ok(()) => return Ok(()),
                Err(AttemptError::Permanent(error)) => return Err(error),
                Err(AttemptError::Transient { error, retry_after, unconnected }) => (error, retry_after, unconnected),
            };
            let progress = part_size(&self.file, self.part)? > before;
            received |= progress;
            in_a_row = if progress { 1 } else { in_a_row + 1 };
            // A server that was never reached (no network, a firewall) is rarely reachable a moment later: retry once
            // only, so that the next source is tried soon.
            let allowed = if unconnected && !received { policy.attempts.min(2) } else { policy.attempts };
            if in_a_row >= allowed || attempt >= policy.attempts_in_all {
                return Err(error);
            }
            let delay = retry_after.unwrap_or_else(|| backoff(policy, in_a_row)).min(policy.longest_delay);
            self.bar.suspend(|| terminal.note(format_args!("Retrying in {:.1} s: {error}", delay.as_secs_f64())));
            std::thread::sleep(delay);
        }
        Ok(())
    }

    /// Sends one request and receives the answer; on success the part has all bytes of the file.
    fn attempt(&mut self) -> std::result::Result<(), AttemptError> {
        let mut have = part_size(&self.file, self.part)?;
        if self.expected.size.is_some_and(|size| size == have) {
            return Ok(());
        }
        // Without a SHA-256 to check the whole file, only a validator ensures that the rest belongs to the beginning.
        if have > 0 && self.expected.sha256.is_none() && self.etag.is_none() {
            restart(&mut self.file, self.part)?;
            have = 0;
        }
        let mut headers = HeaderMap::new();
        if have > 0 {
            let range = HeaderValue::try_from(format!("bytes={have}-")).map_err(|e| Error::new("range").because(e))?;
            headers.insert(RANGE, range);
            if let Some(etag) = &self.etag {
                headers.insert(IF_RANGE, etag.clone());
            }
        }
        let response = self.client.get(self.url.clone()).headers(headers).send().map_err(|e| self.not_sent(e))?;
        let response = self.accept(response, have)?;
        self.receive(response)
    }

    /// Checks the response's head and sets the file's position to where its body begins.
    fn accept(&mut self, response: Response, have: u64) -> std::result::Result<Response, AttemptError> {
        let status = response.status();
        match status {
            StatusCode::OK => {
                restart(&mut self.file, self.part)?;
                let etag = response.headers().get(ETAG);
                self.etag = etag.filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned();
            }
            StatusCode::PARTIAL_CONTENT if have > 0 => self.check_range(&response, have)?,
            StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
                restart(&mut self.file, self.part)?;
                let error = Error::new(format!("{} has no more than {have} bytes", self.shown));
                return Err(AttemptError::transient(error.remedy(SERVER_ERROR)));
            }
            _ => return Err(self.refused(&response)),
        }
        let have = part_size(&self.file, self.part)?;
        let total = response.content_length().map(|length| have.saturating_add(length));
        let limit = self.expected.size.unwrap_or(MAX_SIZE);
        match (total, self.expected.size) {
            (Some(total), Some(size)) if total != size => {
                discard(self.part)?;
                let error = Error::new(format!("the file at {} has {total} bytes instead of {size}", self.shown));
                let different = "the server has a different or truncated file under this name; try another source";
                let remedy = if self.expected.unconfirmed { UNCONFIRMED } else { different };
                return Err(error.remedy(remedy).into());
            }
            (Some(total), None) if total > limit => return Err(self.too_large(limit)),
            _ => {}
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(have);
        self.bar.reset_eta();
        Ok(response)
    }

    /// Checks that a 206 begins where the part ends (RFC 9110 14.4).
    fn check_range(&mut self, response: &Response, have: u64) -> std::result::Result<(), AttemptError> {
        let field = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let range = parse_content_range(field);
        let fits = range.is_some_and(|range| {
            range.first == have && range.total.is_none_or(|total| self.expected.size.is_none_or(|size| size == total))
        });
        if fits {
            return Ok(());
        }
        restart(&mut self.file, self.part)?;
        let message = format!("{} was asked for the bytes from {have} on and sent {field:?}", self.shown);
        Err(AttemptError::transient(Error::new(message).remedy(SERVER_ERROR)))
    }

    /// Appends the body to the part.
    fn receive(&mut self, mut response: Response) -> std::result::Result<(), AttemptError> {
        let limit = self.expected.size.unwrap_or(MAX_SIZE);
        let mut have = part_size(&self.file, self.part)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(AttemptError::transient(self.interrupted(have, Some(&e)))),
            };
            have += n as u64;
            if have > limit {
                return Err(self.too_large(limit));
            }
            let piece = buffer.get(..n).unwrap_or_default();
            self.file.write_all(piece).context(|| format!("cannot write {}", self.part.display()))?;
            self.bar.set_position(have);
        }
        if self.expected.size.is_some_and(|size| have < size) {
            return Err(AttemptError::transient(self.interrupted(have, None)));
        }
        Ok(())
    }

    fn interrupted(&self, have: u64, error: Option<&io::Error>) -> Error {
        let of = self.expected.size.map(|size| format!(" of {size}")).unwrap_or_default();
        let why = error.map(|e| format!(": {}", root(e))).unwrap_or_default();
        Error::new(format!("the download of {} was interrupted after {have}{of} bytes{why}", self.shown))
            .remedy(NETWORK)
    }

    fn too_large(&self, limit: u64) -> AttemptError {
        let error = Error::new(format!("the file at {} has more than {limit} bytes", self.shown))
            .remedy("no interpreter is that large; check the URL");
        match discard(self.part) {
            Ok(()) => error.into(),
            Err(e) => e.into(),
        }
    }

    fn not_sent(&self, error: reqwest::Error) -> AttemptError {
        if error.is_redirect() {
            return Error::new(format!("{} redirects too often", self.shown)).remedy(REDIRECTS).into();
        }
        let unconnected = error.is_connect();
        let transient = error.is_connect() || error.is_timeout() || error.is_request();
        let why = root(&error.without_url());
        let error = match &self.proxy {
            Some(Proxy { shown: proxy, remedy, .. }) => {
                Error::new(format!("cannot reach {} through the proxy {proxy}: {why}", self.shown)).remedy(remedy)
            }
            None => Error::new(format!("cannot reach {}: {why}", self.shown)).remedy(NETWORK),
        };
        if transient { AttemptError::Transient { error, retry_after: None, unconnected } } else { error.into() }
    }

    /// The error for a response that is not the file.
    fn refused(&self, response: &Response) -> AttemptError {
        let status = response.status();
        if let (StatusCode::PROXY_AUTHENTICATION_REQUIRED, Some(Proxy { shown: proxy, remedy, .. })) =
            (status, &self.proxy)
        {
            let message = format!("the proxy {proxy} answered {status} for {}", self.shown);
            return Error::new(message).remedy(remedy).into();
        }
        let error = Error::new(format!("{} answered {status}", self.shown));
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                error.remedy("the server does not have the file; try another source")
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                error.remedy("the server or a proxy requires authorization; ask its administrator")
            }
            _ if status.is_redirection() && response.headers().contains_key(LOCATION) => error.remedy(REDIRECTS),
            _ => error.remedy(SERVER_ERROR),
        };
        let transient =
            status.is_server_error() || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        if !transient {
            return error.into();
        }
        let field = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
        let retry_after = field.and_then(|field| parse_retry_after(field, SystemTime::now()));
        AttemptError::Transient { error, retry_after, unconnected: false }
    }
}

const UNCONFIRMED: &str = "what pywagi expects is known from one text only, so this may be the right file all the same: compare it \
                           with what its publisher says of it";
const NETWORK: &str = "check the network connection; behind a proxy, set HTTPS_PROXY";
const SERVER_ERROR: &str = "the server has a problem; try again later";
const REDIRECTS: &str = "open the URL in a browser to see where it leads";

fn open_part(part: &Path) -> Result<File> {
    // Not in append mode, in which Windows does not let the file be truncated.
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(part);
    let at_end = file.and_then(|mut file| file.seek(SeekFrom::End(0)).map(|_| file));
    at_end.context(|| format!("cannot write {}", part.display()))
}

fn part_size(file: &File, part: &Path) -> Result<u64> {
    Ok(file.metadata().context(|| format!("cannot read {}", part.display()))?.len())
}

/// Empties the part.
fn restart(file: &mut File, part: &Path) -> Result<()> {
    file.set_len(0).and_then(|()| file.rewind()).context(|| format!("cannot write {}", part.display()))
}

fn discard(part: &Path) -> Result<()> {
    fs::remove_file(part).context(|| format!("cannot delete {}", part.display()))
}
