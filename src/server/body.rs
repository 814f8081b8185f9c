//! The body of a request (RFC 9112 6 and 7), read whole: CGI's CONTENT_LENGTH has to be known before the script starts.

use std::io::{self, BufRead, Read};

use bytes::Bytes;

use crate::request::{body_too_large, is_token};

use super::connection::End;
use crate::request::head::{BodyLength, Refusal};

/// The longest line of a chunked body, in bytes: a chunk's size with its extensions, or a trailer.
const MAX_LINE: u64 = 8 << 10;

/// All trailers of a chunked body together, in bytes.
const MAX_TRAILERS: u64 = 64 << 10;

/// Up to this size, a body may stay in memory that the allocator keeps, in bytes.
const SMALL: u64 = 64 << 10;

/// The capacity of larger bodies, in bytes. It is more than the largest size (mallopt(3), `M_MMAP_THRESHOLD`) that glibc
/// takes from the heap of a thread, and so their memory goes back to the system with them.
const MAPPED: usize = 33 << 20;

/// Reads a body, and nothing after it. `limit` is the largest that is read, in bytes. Memory grows as the body comes,
/// whatever length is announced.
pub fn read(input: &mut impl BufRead, length: BodyLength, limit: u64) -> Result<Bytes, End> {
    let mut body = Vec::new();
    match length {
        BodyLength::Known(length) => {
            append(input, &mut body, length as u64)?;
            if body.len() < length {
                let message = format!("the body ended after {} of {length} bytes", body.len());
                return Err(Refusal::new(400, message).into());
            }
        }
        BodyLength::Chunked => {
            while let Some(size) = chunk_size(input)? {
                if (body.len() as u64).saturating_add(size) > limit {
                    return Err(Refusal::new(413, body_too_large(limit)).into());
                }
                if append(input, &mut body, size)? < size || !line(input)?.is_empty() {
                    return Err(malformed("a chunk does not end where its size says").into());
                }
            }
            skip_trailers(input)?;
        }
    }
    Ok(body.into())
}

/// Reads up to `count` bytes more of a body; returns how many came before the end of `input`.
fn append(input: &mut impl BufRead, body: &mut Vec<u8>, count: u64) -> io::Result<u64> {
    if (body.len() as u64).saturating_add(count) > SMALL {
        // Memory that is not written to costs address space alone. Without that much of it, the body grows as it comes.
        let _ = body.try_reserve(MAPPED.saturating_sub(body.len()));
    }
    Ok(input.take(count).read_to_end(body)? as u64)
}

/// Reads the line before a chunk (RFC 9112 7.1): the chunk's size in bytes, `None` for the last chunk, which is empty.
fn chunk_size(input: &mut impl BufRead) -> Result<Option<u64>, End> {
    let line = line(input)?;
    // Extensions, and white space before them, are ignored (RFC 9112 7.1.1). White space alone is not allowed.
    let digits = match line.iter().position(|&b| b == b';') {
        Some(end) => line[..end].trim_ascii_end(),
        None => &line,
    };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let number = std::str::from_utf8(digits).ok().filter(|_| is_number);
    // A number too large for its type is too large a body as well.
    match number.map(|digits| u64::from_str_radix(digits, 16).unwrap_or(u64::MAX)) {
        Some(0) => Ok(None),
        Some(size) => Ok(Some(size)),
        None => Err(malformed("a chunk does not begin with its size in hexadecimal").into()),
    }
}

/// Reads the trailers and the empty line after them. They are dropped, as RFC 9110 6.5.1 allows: CGI has no place for them.
fn skip_trailers(input: &mut impl BufRead) -> Result<(), End> {
    let mut trailers = input.take(MAX_TRAILERS);
    loop {
        let line = line(&mut trailers)?;
        if line.is_empty() {
            return Ok(());
        }
        let name = line.split(|&b| b == b':').next().filter(|name| name.len() < line.len());
        if !name.and_then(|name| std::str::from_utf8(name).ok()).is_some_and(is_token) {
            return Err(malformed("what follows it is not a trailer").into());
        }
    }
}

/// Reads a line, and returns it without its CRLF.
fn line(input: &mut impl BufRead) -> Result<Vec<u8>, End> {
    let mut line = Vec::new();
    input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
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
    fn read_all(mut input: &[u8], length: BodyLength) -> Result<(Bytes, &[u8]), End> {
        let body = read(&mut input, length, LIMIT)?;
        Ok((body, input))
    }

    fn refusal(input: &[u8], length: BodyLength) -> (u16, String) {
        match read_all(input, length) {
            Err(End::Refused(refusal)) => (refusal.status, refusal.message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_body_of_a_known_length_is_read_to_its_end_and_not_further() {
        let (body, rest) = read_all(b"bodynext", BodyLength::Known(4)).unwrap();
        assert_eq!((&body[..], rest), (&b"body"[..], &b"next"[..]));
        let large = vec![b'x'; 5_000_007];
        let (body, rest) = read_all(&large, BodyLength::Known(5_000_006)).unwrap();
        assert_eq!((body.len(), rest.len()), (5_000_006, 1));
        let ended = "the body ended after 2 of 4 bytes".to_owned();
        assert_eq!(refusal(b"bo", BodyLength::Known(4)), (400, ended));
    }

    #[test]
    fn chunks_are_put_together() {
        for (input, expected) in [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("005;a=\"b\"\r\nhello\r\n1 \t;a\r\n!\r\n000;last\r\n\r\n", "hello!"),
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
        let trailer = "what follows it is not a trailer";
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
            ("5 \r\nhello", size),
            (" 5\r\nhello", size),
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
    fn memory_grows_as_the_body_comes_and_not_as_it_is_announced() {
        let read = read_all(&[0; 100_000], BodyLength::Known(1 << 60));
        let message = "the body ended after 100000 of 1152921504606846976 bytes";
        assert!(matches!(read, Err(End::Refused(Refusal { status: 400, message: m })) if m == message));
    }
}
