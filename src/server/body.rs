//! A request's body (RFC 9112 6 and 7), read whole: CGI's CONTENT_LENGTH asks for its length before it begins.

use std::io::{self, BufRead, Read};

use crate::request::{body_too_large, is_token};

use super::buffer::Buffer;
use super::head::{BodyLength, Refusal, without_space};

/// The longest line of a chunked body: a chunk's size with its extensions, or a trailer.
const LONGEST_LINE: u64 = 8 << 10;

/// All trailers of a chunked body together, in bytes.
const MOST_TRAILERS: u64 = 64 << 10;

/// Bodies grow by this many bytes, each time with leave.
const STEP: usize = 1 << 20;

/// Why a body was not read.
#[derive(Debug)]
pub enum Failure {
    /// It is not what it should be.
    Refused(Refusal),
    /// The connection failed, or what it may use is used up.
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads a body from `input`, and not a byte more. `limit` is the largest that is read, in bytes; `grows` is asked
/// before the body takes so many bytes of memory.
///
/// # Errors
/// Fails where the body is malformed, ends early or is too large, and where `input` or `grows` does.
pub fn read(
    input: &mut impl BufRead,
    length: BodyLength,
    limit: u64,
    mut grows: impl FnMut(u64) -> io::Result<()>,
) -> Result<Buffer, Failure> {
    let mut body = Buffer::default();
    match length {
        BodyLength::Known(length) => {
            append(input, length, length, &mut body, &mut grows)?;
            if body.len() < length {
                let message = format!("the body ended after {} of {length} bytes", body.len());
                return Err(Refusal::new(400, message).into());
            }
        }
        BodyLength::Chunked => {
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            while let Some(size) = chunk_size(input)? {
                if (body.len() as u64).saturating_add(size) > limit {
                    return Err(Refusal::new(413, body_too_large(limit)).into());
                }
                let end = body.len().saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
                append(input, end, most, &mut body, &mut grows)?;
                if body.len() < end || !line(input)?.is_empty() {
                    return Err(malformed("a chunk does not end where its size says").into());
                }
            }
            skip_trailers(input)?;
        }
    }
    Ok(body)
}

/// Reads until `body` is `end` bytes long, or to the end of `input`. The whole body has `most` bytes.
fn append(
    input: &mut impl BufRead,
    end: usize,
    most: usize,
    body: &mut Buffer,
    grows: &mut impl FnMut(u64) -> io::Result<()>,
) -> io::Result<()> {
    while body.len() < end {
        let before = body.len();
        let step = STEP.min(end - before);
        // Doubled, so that the bytes that are there are not moved for each step or each chunk.
        if body.capacity() < before + step {
            let capacity = body.capacity().saturating_mul(2).min(most).max(before + step);
            grows(capacity as u64)?;
            body.grow(capacity)?;
        }
        body.read_from(input, step)?;
        if body.len() < before + step {
            return Ok(());
        }
    }
    Ok(())
}

/// Reads the line before a chunk (RFC 9112 7.1): the chunk's size in bytes, `None` for the last one, which is empty.
fn chunk_size(input: &mut impl BufRead) -> Result<Option<u64>, Failure> {
    let line = line(input)?;
    // What stands behind it are extensions, which nobody uses (RFC 9112 7.1.1).
    let digits = without_space(line.split(|&b| b == b';').next().unwrap_or_default());
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let number = std::str::from_utf8(digits).ok().filter(|_| is_number);
    // A number too large for its type is too large a body as well.
    match number.map(|digits| u64::from_str_radix(digits, 16).unwrap_or(u64::MAX)) {
        Some(0) => Ok(None),
        Some(size) => Ok(Some(size)),
        None => Err(malformed("a chunk does not begin with its size in hexadecimal").into()),
    }
}

/// Reads the trailers and the empty line after them. Scripts do not see them: CGI has no place for what comes after
/// the body (RFC 9110 6.5.1 lets them be dropped).
fn skip_trailers(input: &mut impl BufRead) -> Result<(), Failure> {
    let mut trailers = input.take(MOST_TRAILERS);
    loop {
        let line = line(&mut trailers)?;
        if line.is_empty() {
            return Ok(());
        }
        let name = line.split(|&b| b == b':').next().filter(|name| name.len() < line.len());
        if !name.and_then(|name| std::str::from_utf8(name).ok()).is_some_and(is_token) {
            return Err(malformed("what follows it is no trailer").into());
        }
    }
}

/// Reads a line; without its end, which must be CRLF.
fn line(input: &mut impl BufRead) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    let Some(content) = line.strip_suffix(b"\r\n") else {
        return Err(malformed("a line of it is too long or does not end with CRLF").into());
    };
    line.truncate(content.len());
    if line.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
        return Err(malformed("a line of it holds a control character").into());
    }
    Ok(line)
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(400, format!("the chunked body is malformed: {what} (RFC 9112 7.1)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 64 << 20;

    /// What is read of `input`, and what is left of it.
    fn read_all(mut input: &[u8], length: BodyLength) -> Result<(Buffer, &[u8]), Failure> {
        let body = read(&mut input, length, LIMIT, |_| Ok(()))?;
        Ok((body, input))
    }

    fn refusal(input: &[u8], length: BodyLength) -> (u16, String) {
        match read_all(input, length) {
            Err(Failure::Refused(refusal)) => (refusal.status, refusal.message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_body_of_a_known_length_is_read_to_its_end_and_not_further() {
        let (body, rest) = read_all(b"bodynext", BodyLength::Known(4)).unwrap();
        assert_eq!((&body[..], rest), (&b"body"[..], &b"next"[..]));
        let large = vec![b'x'; 5 * STEP + 7];
        let (body, rest) = read_all(&large, BodyLength::Known(5 * STEP + 6)).unwrap();
        assert_eq!((body.len(), rest.len()), (5 * STEP + 6, 1));
        let ended = "the body ended after 2 of 4 bytes".to_owned();
        assert_eq!(refusal(b"bo", BodyLength::Known(4)), (400, ended));
    }

    #[test]
    fn chunks_are_put_together() {
        for (input, expected) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("005;a=\"b\"\r\nhello\r\n1 \r\n!\r\n000;last\r\n\r\n", "hello!"),
            ("A\r\n0123456789\r\n0\r\nTrailer: a\r\nOther: b\r\n\r\n", "0123456789"),
        ] {
            let whole = format!("{input}next");
            let (body, rest) = read_all(whole.as_bytes(), BodyLength::Chunked).unwrap();
            assert_eq!((String::from_utf8_lossy(&body).as_ref(), rest), (expected, &b"next"[..]), "{input}");
        }
    }

    #[test]
    fn chunks_that_are_none_are_refused() {
        let size = "a chunk does not begin with its size in hexadecimal";
        let end = "a chunk does not end where its size says";
        let line = "a line of it is too long or does not end with CRLF";
        let control = "a line of it holds a control character";
        let trailer = "what follows it is no trailer";
        let long = format!("1;{}\r\n", "x".repeat(9000));
        let trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(20_000));
        for (input, what) in [
            ("", line),
            ("5", line),
            ("5\nhello\r\n", line),
            ("\r\n", size),
            ("zz\r\nhello", size),
            ("-5\r\nhello", size),
            ("+5\r\nhello", size),
            ("0x5\r\nhello", size),
            ("\x0c5\r\nhello", control),
            ("5\r\r\nhello\r\n", control),
            ("5;a\rb\r\nhello\r\n", control),
            ("0\r\nanything\r\n\r\n", trailer),
            ("0\r\na b: c\r\n\r\n", trailer),
            ("0\r\n: c\r\n\r\n", trailer),
            ("0\r\nGET / HTTP/1.1\r\n\r\n", trailer),
            ("5 5\r\nhello", size),
            ("5\r\nhe", end),
            ("5\r\nhelloX\r\n", end),
            ("5\r\nhello", line),
            ("0\r\n", line),
            (&long, line),
            (&trailers, line),
        ] {
            let message = format!("the chunked body is malformed: {what} (RFC 9112 7.1)");
            assert_eq!(refusal(input.as_bytes(), BodyLength::Chunked), (400, message), "{input:.20}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_read() {
        let message = "the request body is larger than the limit of 64 MiB; --max-body raises it".to_owned();
        for input in ["4000001\r\n", "ffffffffffffffff\r\n", "fffffffffffffffffffffffff\r\n", "1\r\nx\r\n4000000\r\n"] {
            assert_eq!(refusal(input.as_bytes(), BodyLength::Chunked), (413, message.clone()), "{input}");
        }
    }

    #[test]
    fn memory_is_asked_for_as_the_body_comes_and_not_as_it_is_announced() {
        let mut asked = Vec::new();
        let announced = BodyLength::Known(1 << 40);
        let read = read(&mut &vec![0; STEP + 1][..], announced, u64::MAX, |bytes| {
            asked.push(bytes);
            Ok(())
        });
        assert!(matches!(read, Err(Failure::Refused(Refusal { status: 400, .. }))));
        assert_eq!(asked, [STEP as u64, 2 * STEP as u64]);
        // However small the chunks are, and never more than a body may have.
        let mut asked = Vec::new();
        let chunks = format!("{}0\r\n\r\n", "1\r\nx\r\n".repeat(100));
        let body = super::read(&mut chunks.as_bytes(), BodyLength::Chunked, 100, |bytes| {
            asked.push(bytes);
            Ok(())
        });
        assert_eq!((body.ok().as_deref(), asked), (Some(&[b'x'; 100][..]), vec![1, 2, 4, 8, 16, 32, 64, 100]));
        let none =
            super::read(&mut &b"body"[..], BodyLength::Known(4), LIMIT, |_| Err(io::ErrorKind::OutOfMemory.into()));
        assert!(matches!(none, Err(Failure::Io(_))));
    }
}
