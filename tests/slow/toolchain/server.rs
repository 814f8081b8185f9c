//! An HTTP server that does as it is told, one connection after another, mistakes included.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

/// What the server does with one connection.
pub struct Reply {
    head: String,
    body: Vec<u8>,
    hold: Option<Hold>,
}

/// A pause after a reply's bytes were sent and before the connection is closed.
struct Hold {
    /// Told when the bytes are sent.
    sent: mpsc::Sender<()>,
    /// The connection is closed, and what is left of the body sent, when this says so.
    go_on: mpsc::Receiver<()>,
    rest: Vec<u8>,
}

impl Reply {
    /// A status line, header lines and the bytes that are sent of the body.
    pub fn new(status: &str, headers: &[&str], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
        for header in headers {
            head += &format!("{header}\r\n");
        }
        Self { head: head + "\r\n", body: body.to_owned(), hold: None }
    }

    /// The whole of `body`.
    pub fn whole(body: &[u8]) -> Self {
        Self::cut(body, body.len())
    }

    /// The first `sent` bytes of `body` under the length of all, then a closed connection.
    pub fn cut(body: &[u8], sent: usize) -> Self {
        Self::new("200 OK", &[&format!("Content-Length: {}", body.len())], &body[..sent])
    }

    /// What is left of `body` from `from` on, as an answer to a range request.
    pub fn rest(body: &[u8], from: usize) -> Self {
        let range = format!("Content-Range: bytes {from}-{}/{}", body.len() - 1, body.len());
        let length = format!("Content-Length: {}", body.len() - from);
        Self::new("206 Partial Content", &[&range, &length], &body[from..])
    }

    /// An answer without content.
    pub fn empty(status: &str, headers: &[&str]) -> Self {
        let headers: Vec<_> = headers.iter().copied().chain(["Content-Length: 0"]).collect();
        Self::new(status, &headers, b"")
    }

    /// Pauses after the bytes that were to be sent; `rest` follows when the sender returned here says so. The receiver
    /// is told when the pause begins.
    pub fn hold(mut self, rest: &[u8]) -> (Self, mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (sent, was_sent) = mpsc::channel();
        let (go, go_on) = mpsc::channel();
        self.hold = Some(Hold { sent, go_on, rest: rest.to_owned() });
        (self, was_sent, go)
    }
}

/// The server. It answers as many connections as it has replies, then refuses.
pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
    listening: Arc<TcpListener>,
}

impl Server {
    /// Listens on a free port of the loopback interface.
    pub fn new(replies: Vec<Reply>) -> Self {
        let listening = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = listening.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (listener, log) = (Arc::clone(&listening), Arc::clone(&requests));
        let thread = std::thread::spawn(move || {
            for reply in replies {
                let (stream, _) = listener.accept().unwrap();
                if !answer(stream, reply, &log) {
                    return;
                }
            }
        });
        Self { address, requests, thread: Some(thread), listening }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// The request lines with the headers `Range` and `If-Range`, once every reply was given.
    #[track_caller]
    pub fn requests(mut self) -> Vec<String> {
        self.thread.take().unwrap().join().unwrap();
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    /// Replaces the server's address, which is another one in each run.
    pub fn normal(&self, text: &str) -> String {
        text.replace(&self.address, "[SERVER]")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves the thread waiting for a connection; one without a request ends it.
        if self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            let _ = TcpStream::connect(self.listening.local_addr().unwrap());
        }
    }
}

/// Says whether there was a request.
fn answer(stream: TcpStream, reply: Reply, log: &Mutex<Vec<String>>) -> bool {
    let mut lines = BufReader::new(&stream).lines();
    let Some(Ok(first)) = lines.next() else { return false };
    let mut request = first;
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("range:") || lower.starts_with("if-range:") {
            request += &format!(" | {lower}");
        }
    }
    log.lock().unwrap().push(request);
    let mut out = &stream;
    // A client that has gone away is the very thing some tests make.
    let _ = out.write_all(reply.head.as_bytes()).and_then(|()| out.write_all(&reply.body)).and_then(|()| out.flush());
    if let Some(hold) = reply.hold {
        let _ = hold.sent.send(());
        // The next connection is answered meanwhile.
        std::thread::spawn(move || {
            let _ = hold.go_on.recv();
            let _ = (&stream).write_all(&hold.rest);
        });
    }
    true
}
