//! A recording as a file: a line that says what it is, the sizes and a checksum of the rest, and the rest, compressed.
//!
//! The rest is the recording in the encoding of postcard (<https://postcard.jamesmunns.com/wire-format>), standard input,
//! and the log of its calls.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::RecordedRequest;
use crate::error::{Error, Kind, Result};
use crate::guest::{CallLog, SqliteFinding};
use crate::size;
use crate::text_file::shown;

/// The extension of a recording's file.
pub const EXTENSION: &str = "replay";

/// How a file begins; the version follows. A change of the recording's fields or of the log's encoding is a new version.
const MAGIC: &[u8] = b"pywagi recording ";
const VERSION: &[u8] = b"3\n";

/// The largest file that is read, and the largest content, in bytes. Requests that need more are not recorded.
const MOST_BYTES: u64 = 512 << 20;

/// The sizes of file and content, and the checksum, of eight bytes each.
const SUMS: usize = 24;

/// The recording, and what follows it.
#[derive(Deserialize, Serialize)]
struct Content<R> {
    request: R,
    stdin: u64,
    entries: u64,
    calls: u64,
    interrupted: bool,
}

/// Why bytes are no recording that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// They do not begin as one.
    NoRecording,
    /// They are of another version.
    OtherVersion,
    /// They are larger than any, by this many bytes.
    TooLarge(u64),
    /// They end too early: so many bytes of so many.
    CutShort(u64, u64),
    /// They are not what was written.
    Damaged,
    /// They were written so, but are none.
    Malformed,
}

impl RecordedRequest {
    /// Its content in one piece, as its file has it, not compressed.
    ///
    /// # Errors
    /// Fails where it is too large, or holds what nothing recorded holds.
    pub(super) fn content(&self) -> std::result::Result<Vec<u8>, Invalid> {
        if !self.is_plain() {
            return Err(Invalid::Malformed);
        }
        let (stdin, entries) = (&self.stdin, &self.calls.entries);
        let content = Content {
            request: self,
            stdin: stdin.len() as u64,
            entries: entries.len() as u64,
            calls: self.calls.calls,
            interrupted: self.calls.interrupted,
        };
        let head = postcard::to_stdvec(&content).map_err(|_| Invalid::Malformed)?;
        let size = (head.len() + stdin.len() + entries.len()) as u64;
        if size > MOST_BYTES {
            return Err(Invalid::TooLarge(size));
        }
        Ok([&head, &stdin[..], entries].concat())
    }

    /// The content of its file.
    ///
    /// # Errors
    /// As [`RecordedRequest::content`].
    pub fn encode(&self) -> std::result::Result<Vec<u8>, Invalid> {
        let content = self.content()?;
        // A vector takes everything.
        packed(&content, content.len() as u64).map_err(|_| Invalid::Malformed)
    }

    /// Reads the content of a file. No more memory is used than the content takes, which is bounded.
    ///
    /// # Errors
    /// Says why it is no recording.
    pub fn decode(file: &[u8]) -> std::result::Result<Self, Invalid> {
        let rest = file.strip_prefix(MAGIC).ok_or(Invalid::NoRecording)?;
        let rest = rest.strip_prefix(VERSION).ok_or(Invalid::OtherVersion)?;
        let whole = |body: u64| body.saturating_add((MAGIC.len() + VERSION.len() + SUMS) as u64);
        let (sums, body) = rest.split_at_checked(SUMS).ok_or(Invalid::CutShort(file.len() as u64, whole(0)))?;
        let mut sums = sums.chunks_exact(8).map(|sum| sum.first_chunk().map_or(0, |sum| u64::from_le_bytes(*sum)));
        let mut next = || sums.next().unwrap_or_default();
        let (length, size, checksum) = (next(), next(), next());
        if size > MOST_BYTES {
            return Err(Invalid::TooLarge(size));
        }
        if (body.len() as u64) < length {
            return Err(Invalid::CutShort(file.len() as u64, whole(length)));
        }
        if body.len() as u64 > length || xxh3_64(body) != checksum {
            return Err(Invalid::Damaged);
        }
        let mut content = Vec::new();
        // What is not deflated as it says is malformed, and so is what is longer than it says.
        DeflateDecoder::new(body).take(size + 1).read_to_end(&mut content).map_err(|_| Invalid::Malformed)?;
        let content = Some(content).filter(|content| content.len() as u64 == size);
        content.and_then(|content| Self::of_content(Bytes::from(content))).ok_or(Invalid::Malformed)
    }

    /// Reads what [`RecordedRequest::content`] gave.
    pub(super) fn of_content(content: Bytes) -> Option<Self> {
        let (head, rest) = postcard::take_from_bytes::<Content<Self>>(&content).ok()?;
        let Content { request, stdin, entries, calls, interrupted } = head;
        let (stdin, length) = (usize::try_from(stdin).ok()?, usize::try_from(entries).ok()?);
        if stdin.checked_add(length)? != rest.len() {
            return None;
        }
        let (stdin, entries) = rest.split_at_checked(stdin)?;
        let calls = CallLog { entries: entries.to_vec(), calls, interrupted }.into();
        Some(Self { stdin: content.slice_ref(stdin), calls, ..request }).filter(Self::is_plain)
    }

    /// Whether all texts that are shown are what a request can have, and send nothing to a terminal.
    fn is_plain(&self) -> bool {
        let Self { recorder, method, target, route, module, redacted, environment, ended, .. } = self;
        let paths = [Some(module), ended.sqlite.as_ref().map(SqliteFinding::path)];
        let paths = paths.into_iter().flatten().map(|path| path.to_string_lossy());
        let names = environment.iter().map(|(name, _)| name).chain(redacted);
        let texts = [recorder, method, target, route].into_iter().chain(names).map(|text| Cow::Borrowed(text.as_str()));
        !texts.chain(paths).any(|text| text.chars().any(char::is_control))
    }

    /// Reads the recording in the file at `path`.
    ///
    /// # Errors
    /// Fails where it cannot be read or is none.
    pub fn read(path: &Path) -> Result<Self> {
        let cannot = |e: io::Error| {
            Error::new(format!("cannot read the recording {}", shown(path)))
                .because(e)
                .remedy("name a file, or the ID of a recording: `pywagi replay` alone lists them")
        };
        let file = std::fs::File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            let directory = shown(path);
            return Err(Error::of(Kind::Usage, format!("{directory} is a directory"))
                .remedy(format!("`pywagi replay --record {directory}` lists its recordings")));
        }
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
        let decoded = match bytes.len() as u64 {
            ..=MOST_BYTES => Self::decode(&bytes),
            // The magic is at its beginning, however long it is.
            length if bytes.starts_with(MAGIC) => Err(Invalid::TooLarge(metadata.len().max(length))),
            _ => Err(Invalid::NoRecording),
        };
        decoded.map_err(|invalid| invalid.error(&shown(path)))
    }
}

/// A file of this content, which says that it has `size` bytes.
fn packed(content: &[u8], size: u64) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content)?;
    let body = encoder.finish()?;
    let mut file = [MAGIC, VERSION].concat();
    for number in [body.len() as u64, size, xxh3_64(&body)] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(&body);
    Ok(file)
}

/// Reads a recording whose content is `content`.
///
/// # Errors
/// As [`RecordedRequest::decode`].
#[cfg(fuzzing)]
pub fn read_content(content: &[u8]) -> std::result::Result<RecordedRequest, Invalid> {
    RecordedRequest::of_content(Bytes::copy_from_slice(content)).ok_or(Invalid::Malformed)
}

impl Invalid {
    /// The error for a recording that messages call `name`.
    pub fn error(&self, name: &str) -> Error {
        let again = "copy it again from where it came, or record the request again";
        let remedy = match self {
            Self::NoRecording => "name a file that --record or --export wrote",
            Self::OtherVersion => "replay it with the pywagi that wrote it, or record the request again",
            Self::TooLarge(_) => "record a request with a smaller body",
            Self::CutShort(..) | Self::Damaged | Self::Malformed => again,
        };
        Error::new(format!("{name} {self}")).remedy(remedy)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecording => f.write_str("is no recording of pywagi"),
            Self::OtherVersion => f.write_str("is a recording of another version of pywagi"),
            Self::TooLarge(bytes) => {
                let (bytes, most) = (size::shown(*bytes), size::shown(MOST_BYTES));
                write!(f, "is larger than a recording can be: {bytes}, where {most} are the most")
            }
            Self::CutShort(length, whole) => write!(f, "is cut short: it has {length} of {whole} bytes"),
            Self::Damaged => f.write_str("was damaged or edited: its checksum does not match"),
            Self::Malformed => f.write_str("holds what no recording holds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::recorded;
    use super::*;

    fn file() -> Vec<u8> {
        recorded("/a?b").encode().expect("it is small")
    }

    /// `content` as a file whose checksum is right.
    fn file_of(content: &[u8], size: u64) -> Vec<u8> {
        packed(content, size).expect("a vector takes everything")
    }

    #[test]
    fn a_recording_is_read_back_as_it_was_written() {
        let recorded = recorded("/a?b");
        let read = RecordedRequest::decode(&file()).expect("a recording");
        assert_eq!(format!("{read:?}"), format!("{recorded:?}"));
    }

    #[test]
    fn each_way_of_damage_is_told() {
        use Invalid::{CutShort, Damaged, Malformed, NoRecording, OtherVersion, TooLarge};
        let file = file();
        let decode = |bytes: &[u8]| RecordedRequest::decode(bytes).err();
        let (start, length) = (MAGIC.len() + VERSION.len(), file.len() as u64);
        assert_eq!(decode(b""), Some(NoRecording));
        assert_eq!(decode(&file[1..]), Some(NoRecording));
        assert_eq!(decode(&file[..start + 3]), Some(CutShort(start as u64 + 3, (start + SUMS) as u64)));
        assert_eq!(decode(&file[..file.len() - 1]), Some(CutShort(length - 1, length)));
        assert_eq!(decode(&[&file[..], b"x"].concat()), Some(Damaged));
        let changed = |at: usize, byte: u8| {
            let mut file = file.clone();
            file[at] = byte;
            file
        };
        assert_eq!(decode(&changed(MAGIC.len(), b'9')), Some(OtherVersion));
        assert_eq!(decode(&changed(file.len() - 1, !file[file.len() - 1])), Some(Damaged));
        assert_eq!(
            decode(&changed(start + 12, 0xff)),
            Some(TooLarge(0xff_0000_0000 + (file[start + 8] as u64) + ((file[start + 9] as u64) << 8)))
        );
        // Sizes that do not fit, and a bomb: a hundred times what it says.
        for (content, size) in [(&b""[..], 0), (b"\xff\xff\xff\xff\xff", 5), (b"abc", 2), (&[0; 1 << 20], 10)] {
            assert_eq!(decode(&file_of(content, size)), Some(Malformed), "{size}");
        }
        assert_eq!(recorded("/\u{1b}[2J").encode(), Err(Malformed));
        let clean = recorded("/__[2J").content().expect("it is small");
        let at = clean.windows(2).position(|bytes| bytes == b"__").expect("the target");
        let mut escaped = clean.clone();
        escaped[at] = 0x1b;
        assert_eq!(decode(&file_of(&clean, clean.len() as u64)), None);
        assert_eq!(decode(&file_of(&escaped, escaped.len() as u64)), Some(Malformed));
    }

    #[test]
    fn no_content_is_too_odd_to_be_read() {
        let recorded = recorded("/");
        let content = Content { request: &recorded, stdin: 1, entries: 1, calls: 0, interrupted: false };
        let mut content = postcard::to_stdvec(&content).expect("encoded");
        content.extend_from_slice(b"ab");
        assert!(RecordedRequest::decode(&file_of(&content, content.len() as u64)).is_ok());
        for at in 0..content.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut odd = content.clone();
                odd[at] = byte;
                // Whether it is one or not, reading it ends.
                let _ = RecordedRequest::decode(&file_of(&odd, odd.len() as u64));
                let _ = RecordedRequest::decode(&file_of(&odd[..at], at as u64));
            }
        }
    }
}
