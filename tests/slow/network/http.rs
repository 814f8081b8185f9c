//! An HTTP server with every manner that a client may meet, good and bad.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// A stream of a client, plain or with TLS.
pub trait Stream: Read + Write + Send {
    /// The socket below it.
    fn socket(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

/// A server that listens until its test ends.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts one that answers HTTP.
    pub fn http() -> Self {
        Self::start(|stream| serve(&mut BufReader::new(stream)))
    }

    /// Starts one that does this with each of its clients, in a thread for each.
    pub fn start(with: impl Fn(TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let with = Arc::new(with);
        // They end with the process; what a client that left did not read is no failure of the server.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let with = Arc::clone(&with);
                std::thread::spawn(move || {
                    let _ = with(stream);
                });
            }
        });
        Self { address }
    }
}

struct Request {
    method: String,
    target: String,
    body: Vec<u8>,
}

/// Answers the requests of one connection until it ends.
pub fn serve(stream: &mut BufReader<impl Stream>) -> std::io::Result<()> {
    while let Some(request) = read(stream)? {
        let (path, argument) = match request.target.rsplit_once('/') {
            Some((path @ ("/bytes" | "/digest"), argument)) => (path, argument),
            _ => (request.target.as_str(), ""),
        };
        let out = stream.get_mut();
        match path {
            "/hello" => answer(out, "200 OK", "", b"Hello\n")?,
            "/echo" => answer(out, "200 OK", "Content-Type: application/json\r\n", &request.body)?,
            "/bytes" => answer(out, "200 OK", "", &pattern(argument))?,
            "/digest" if request.method == "GET" => answer(out, "200 OK", "", digest(&pattern(argument)).as_bytes())?,
            "/digest" => answer(out, "200 OK", "", digest(&request.body).as_bytes())?,
            "/chunked" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
                out.write_all(head.as_bytes())?;
                for part in ["one ", "two ", "three\n"] {
                    out.write_all(format!("{:x};note=x\r\n{part}\r\n", part.len()).as_bytes())?;
                    out.flush()?;
                }
                out.write_all(b"0\r\n\r\n")?;
            }
            "/moved" => answer(out, "302 Found", "Location: /hello\r\n", b"")?,
            "/metadata" => answer(out, "302 Found", "Location: http://169.254.169.254/latest/meta-data/\r\n", b"")?,
            "/never" => {
                out.socket().set_read_timeout(None)?;
                // Until the client leaves.
                return stream.read_to_end(&mut Vec::new()).map(drop);
            }
            "/drip" => {
                out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
                for _ in 0..1000 {
                    out.write_all(b".")?;
                    out.flush()?;
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            }
            "/reset" => {
                out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")?;
                out.flush()?;
                rustix::net::sockopt::set_socket_linger(out.socket(), Some(std::time::Duration::ZERO))?;
                return Ok(());
            }
            "/endless" => {
                out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                loop {
                    out.write_all(&[b'.'; 1 << 16])?;
                }
            }
            _ => answer(out, "404 Not Found", "", b"None\n")?,
        }
        out.flush()?;
    }
    let _ = stream.get_ref().socket().shutdown(Shutdown::Both);
    Ok(())
}

fn answer(out: &mut impl Write, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    out.write_all(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
    out.write_all(body)
}

/// So many bytes, no part like another.
fn pattern(size: &str) -> Vec<u8> {
    let size: u32 = size.parse().expect("a number");
    (0..size / 4 + 1).flat_map(|number| number.wrapping_mul(0x9e37_79b9).to_be_bytes()).take(size as usize).collect()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// Reads a request, its body by its length or in chunks. `None` at the end.
fn read(stream: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let first = line(stream)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next().filter(|word| !word.is_empty()), words.next()) else {
        return Ok(None);
    };
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    while is_chunked {
        let size = usize::from_str_radix(&line(stream)?, 16).expect("the size of a chunk");
        let mut chunk = vec![0; size];
        stream.read_exact(&mut chunk)?;
        line(stream)?;
        is_chunked = size > 0;
        body.extend(chunk);
    }
    Ok(Some(Request { method, target, body }))
}
