//! HTTP as raw bytes: what is sent is exactly what the test says, what came back is exactly what the server sent.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::PATIENCE;

/// A connection to a server under test.
pub struct Connection {
    stream: TcpStream,
    // What was read beyond the last reply.
    pending: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a read timeout");
        Self { stream, pending: Vec::new() }
    }

    /// Sends each part as it is given, and does not collect them.
    pub fn without_delay(&self) {
        self.stream.set_nodelay(true).expect("the connection is open");
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("the server reads");
    }

    /// Says that nothing more will be sent.
    pub fn finish(&self) {
        self.stream.shutdown(std::net::Shutdown::Write).expect("the connection is open");
    }

    /// Reads one reply: a head and the body that its Content-Length announces. `body` is false for a reply that has
    /// none whatever its headers say (to HEAD; 1xx, 204 and 304).
    pub fn reply(&mut self, body: bool) -> Reply {
        while find(&self.pending, b"\r\n\r\n").is_none() {
            assert!(self.fill() > 0, "closed within the head: {}", String::from_utf8_lossy(&self.pending));
        }
        let end = find(&self.pending, b"\r\n\r\n").expect("just found") + 4;
        let mut reply = Reply::parse(&self.pending[..end]);
        let length = match reply.header("content-length") {
            Some(length) if body => length.parse::<usize>().expect("a numeric Content-Length"),
            _ => 0,
        };
        while self.pending.len() < end + length {
            assert!(self.fill() > 0, "closed within the body of {reply:?}");
        }
        reply.body = self.pending[end..end + length].to_owned();
        self.pending.drain(..end + length);
        reply
    }

    /// Reads so many bytes.
    pub fn some(&mut self, count: usize) -> Vec<u8> {
        while self.pending.len() < count {
            assert!(self.fill() > 0, "closed after {} of {count} bytes", self.pending.len());
        }
        self.pending.drain(..count).collect()
    }

    /// Reads until the server closes the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.fill() > 0 {}
        std::mem::take(&mut self.pending)
    }

    fn fill(&mut self) -> usize {
        let mut buffer = [0; 65536];
        let count = self.stream.read(&mut buffer).expect("the server answers");
        self.pending.extend_from_slice(&buffer[..count]);
        count
    }
}

/// A reply in its parts, each as it was sent.
#[derive(Debug)]
pub struct Reply {
    /// The status line without its line end.
    pub line: String,
    /// The header fields in order; bytes that are not UTF-8 replaced.
    pub headers: Vec<(String, String)>,
    /// The head as it was sent, empty line included.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Splits a reply, body included.
    pub fn parse(bytes: &[u8]) -> Self {
        let end = find(bytes, b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(bytes))) + 4;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.trim_end_matches("\r\n").split("\r\n");
        let line = lines.next().expect("a status line").to_owned();
        let headers = lines
            .map(|l| l.split_once(": ").unwrap_or_else(|| panic!("no header: {l}")))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect();
        Self { line, headers, head: bytes[..end].to_owned(), body: bytes[end..].to_owned() }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        let code = self.line.split(' ').nth(1).expect("a status code");
        code.parse().expect("a numeric status code")
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// All values of a header, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
