//! tiny_http, which hands the answering thread one request after another, and the gate's connection to it.
//!
//! tiny_http is the HTTP library that pywagi is built on, and what the answering thread waits for. No byte of a client
//! reaches its parsers, though: version 0.12 knows no limits and no time-outs, drops heads that are not ASCII, and takes
//! framings that RFC 9112 forbids. The gate sends it whole requests, each enclosed as `message/http` (RFC 9112 10.1) in a
//! POST, over a single connection, and gets the answer back in the same way. A queue of our own could take its place
//! here, and nothing else would change.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::FairMutex;

use crate::error::{Error, Result};
use crate::request::{Request, Scheme};

use super::buffer::Buffer;
use super::crowd::Place;
use super::head::{Client, Framing, Head, Refusal};
use super::outgoing::{Answer, TOGETHER};

/// The gate's side.
pub struct Upstream {
    /// Fair: requests are answered in the order in which they were whole.
    link: FairMutex<BufReader<Box<dyn Link>>>,
    /// What only the gate knows: where the connection is one of the loopback network, any process can make another.
    token: String,
    stopping: Arc<AtomicBool>,
}

/// A connection within this process.
trait Link: Read + Write + Send {}

impl<T: Read + Write + Send> Link for T {}

/// The answering thread's side.
pub struct Receiver {
    token: String,
}

/// What came of a request.
pub enum Passed {
    /// The answer, as the client is to get it.
    Answered(Buffer),
    /// The server is about to end.
    Stopping,
}

/// Starts tiny_http and connects to it. Once `stopping` is set, nothing is passed on.
///
/// # Errors
/// Fails where the system has no socket for it.
pub fn start(stopping: Arc<AtomicBool>) -> Result<(tiny_http::Server, Receiver, Upstream)> {
    let failed = || Error::new("cannot start the HTTP server");
    let (listener, link) = connected().map_err(|e| failed().because(e))?;
    let server = tiny_http::Server::from_listener(listener, None).map_err(|e| failed().because(e))?;
    let token = token();
    let link = FairMutex::new(BufReader::with_capacity(TOGETHER, link));
    Ok((server, Receiver { token: token.clone() }, Upstream { link, token, stopping }))
}

/// A listener, and a connection to it that waits to be accepted.
fn connected() -> io::Result<(tiny_http::Listener, Box<dyn Link>)> {
    // Where there is no room for a socket's file, the loopback network serves as well.
    #[cfg(unix)]
    if let Ok((listener, link)) = connected_by_file() {
        return Ok((listener.into(), Box::new(link)));
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let link = TcpStream::connect(listener.local_addr()?)?;
    link.set_nodelay(true)?;
    Ok((listener.into(), Box::new(link)))
}

/// The same in a directory that only this user can enter, and that is gone afterwards: nobody else can connect.
#[cfg(unix)]
fn connected_by_file() -> io::Result<(std::os::unix::net::UnixListener, std::os::unix::net::UnixStream)> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("http");
    let listener = std::os::unix::net::UnixListener::bind(&path)?;
    let link = std::os::unix::net::UnixStream::connect(&path)?;
    Ok((listener, link))
}

impl Upstream {
    /// Passes a request on and waits for its answer. `place` is asked for the memory that the answer takes.
    ///
    /// # Errors
    /// Fails where the client is gone, or tiny_http did not answer.
    pub fn pass(&self, client: Client, head: &[u8], body: Buffer, place: &Place) -> io::Result<Passed> {
        let mut link = self.link.lock();
        if self.stopping.load(Ordering::SeqCst) {
            return Ok(Passed::Stopping);
        }
        let length = head.len() + body.len();
        let mut first = format!(
            "POST / HTTP/1.1\r\nForwarded: {}\r\nContent-Type: message/http\r\nContent-Length: {length}\r\n\r\n",
            forwarded(client, &self.token)
        )
        .into_bytes();
        first.extend_from_slice(head);
        let (together, rest) = body.split_at(body.len().min(TOGETHER));
        first.extend_from_slice(together);
        link.get_mut().write_all(&first)?;
        link.get_mut().write_all(rest)?;
        drop(body);
        let length = enclosed_length(&mut *link)?;
        if let Err(error) = place.take_answer(length) {
            io::copy(&mut (&mut *link).take(length), &mut io::sink())?;
            return Err(error);
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut answer = Buffer::default();
        answer.grow(length)?;
        answer.read_from(&mut *link, length)?;
        if answer.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Passed::Answered(answer))
    }
}

/// Reads the head of what tiny_http sends; returns the length of the answer that it encloses.
fn enclosed_length(link: &mut impl BufRead) -> io::Result<u64> {
    let unexpected = || io::Error::other("the HTTP server answered something else than was asked for");
    let mut length = None;
    let mut line = String::new();
    loop {
        line.clear();
        if link.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", digits)) => length = digits.parse().ok(),
            // An answer without a single byte is tiny_http's own.
            None if line.trim_end().is_empty() => return length.filter(|&length| length > 0).ok_or_else(unexpected),
            _ => {}
        }
    }
}

/// Sends the answer to an enclosed request, enclosed too; returns how many bytes of body it has.
pub fn respond(inner: tiny_http::Request, answer: &Answer) -> io::Result<u64> {
    let length = answer.first.len() + answer.rest.len();
    let mut first =
        format!("HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    first.extend_from_slice(&answer.first);
    let mut writer = inner.into_writer();
    writer.write_all(&first)?;
    writer.write_all(answer.rest)?;
    writer.flush()?;
    Ok(answer.body_length)
}

impl Receiver {
    /// Reads the request that tiny_http's encloses.
    ///
    /// # Errors
    /// Refuses what the gate would not have passed on.
    pub fn receive(&self, inner: &mut tiny_http::Request) -> std::result::Result<(Request, Framing), Refusal> {
        let forwarded = inner.headers().iter().find(|header| header.field.equiv("Forwarded"));
        let client = forwarded.and_then(|header| parse_forwarded(header.value.as_str(), &self.token));
        let client = client.ok_or_else(|| Refusal::new(400, "the request did not come by the gate"))?;
        let mut message = Vec::with_capacity(inner.body_length().unwrap_or(0));
        let read = inner.as_reader().read_to_end(&mut message);
        read.map_err(|error| Refusal::new(400, format!("the request cannot be read: {error}")))?;
        let end = message.windows(4).position(|end| end == b"\r\n\r\n").map_or(message.len(), |start| start + 4);
        let (mut request, framing) = Head::parse(&message[..end])?.check(client, u64::MAX)?;
        message.drain(..end);
        request.body = message;
        Ok((request, framing))
    }
}

/// What cannot be guessed: the standard library's hash of nothing, with keys that the system's random numbers gave.
fn token() -> String {
    let part = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", part(), part())
}

/// The client in the words of RFC 7239, and the token in an extension of them.
fn forwarded(client: Client, token: &str) -> String {
    let scheme = client.scheme.as_str();
    match client.address {
        IpAddr::V4(address) => format!("for={address};proto={scheme};token={token}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\";proto={scheme};token={token}"),
    }
}

/// The client that [`forwarded`] tells of, with this token.
fn parse_forwarded(value: &str, token: &str) -> Option<Client> {
    let value = value.strip_suffix(token)?.strip_suffix(";token=")?;
    let (address, scheme) = value.strip_prefix("for=")?.split_once(";proto=")?;
    let address = address.trim_start_matches("\"[").trim_end_matches("]\"").parse().ok()?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    Some(Client { address, scheme })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_told_and_understood() {
        for (address, scheme, value) in [
            ("127.0.0.1", Scheme::Http, "for=127.0.0.1;proto=http;token=t"),
            ("2001:db8::1", Scheme::Https, "for=\"[2001:db8::1]\";proto=https;token=t"),
        ] {
            let client = Client { address: address.parse().unwrap(), scheme };
            assert_eq!(forwarded(client, "t"), value);
            assert_eq!(parse_forwarded(value, "t"), Some(client));
            assert_eq!(parse_forwarded(value, "s"), None);
        }
        for value in
            ["", ";token=t", "for=a;proto=http;token=t", "for=127.0.0.1;token=t", "for=127.0.0.1;proto=ftp;token=t"]
        {
            assert_eq!(parse_forwarded(value, "t"), None, "{value}");
        }
        assert_ne!(token(), token());
    }

    #[test]
    fn the_length_of_an_answer_is_in_its_head() {
        let length = |head: &str| enclosed_length(&mut head.as_bytes()).ok();
        assert_eq!(length("HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: 7\r\n\r\nrest"), Some(7));
        let empty = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
        for head in [
            "",
            empty,
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        ] {
            assert_eq!(length(head), None, "{head}");
        }
    }
}
