//! How `pywagi replay` asks a `dev` that runs for its recordings.
//!
//! A `dev` listens on a port of the loopback address, of its own: what it serves is its app's alone, to the byte. It answers
//! whoever sends a token that only the user can read, in a file of the cache directory that also has the address. A client
//! sends two lines, the token and what it asks for; the answer is a line, `yes` or `no`, and what was asked for. The file also
//! says where the pages of pywagi are, for `mcp`.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::store::Store;
use super::{Id, RecordedRequest, Summary};
use crate::cache::Cache;
use crate::cache::seal::write_atomically;
use crate::guest::{Image, Unreadable};
use crate::hash::Digest;

/// How long a client may take to ask, and each part of an answer to be taken.
const ASKING: Duration = Duration::from_secs(2);
const ANSWERING: Duration = Duration::from_secs(10);

/// How long a client waits for a server to accept, and to answer: it may be writing out an interpreter for another.
const CONNECTING: Duration = Duration::from_millis(500);
const WAITING: Duration = Duration::from_secs(30);

/// The most that a client reads of an answer, in bytes: of an image and its description, and of others.
const MOST_IMAGE: u64 = 5 << 30;
const MOST_ANSWER: u64 = 512 << 20;

/// How long the two lines may be, in bytes.
const MOST_QUESTION: u64 = 256;

/// A `dev` that can be asked; ends with the value.
pub struct Session {
    note: PathBuf,
}

/// What the file of a server says.
#[derive(Deserialize, Serialize)]
struct Note {
    address: SocketAddr,
    pid: u32,
    token: Token,
    /// The URL of the server, where it has the pages of pywagi.
    #[serde(default)]
    pages: Option<String>,
}

/// A secret of 256 random bits.
#[derive(Clone, Deserialize, Serialize)]
struct Token(String);

impl Token {
    fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// Whether `text` is the token; takes the same time wherever they differ.
    fn is(&self, text: &str) -> bool {
        let differs = self.0.bytes().zip(text.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b));
        text.len() == self.0.len() && differs == 0
    }
}

/// What a client asks for.
enum Question {
    List,
    Recording(Id),
    Image(Id),
}

impl std::str::FromStr for Question {
    type Err = super::id::NoId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(' ') {
            None if text == "list" => Ok(Self::List),
            Some(("recording", id)) => Ok(Self::Recording(id.parse()?)),
            Some(("image", id)) => Ok(Self::Image(id.parse()?)),
            _ => Err(super::id::NoId),
        }
    }
}

impl Session {
    /// Answers for the recordings of the app of `manifest`, from a thread of its own, as long as the process runs. `pages` is
    /// the URL of the server, where it has pages of pywagi.
    ///
    /// # Errors
    /// Fails where there is no port, no thread, or the note cannot be written.
    pub fn start(cache: &Cache, manifest: &Path, store: Store, pages: Option<String>) -> io::Result<Self> {
        let directory = cache.servers()?;
        forget_ended(&directory);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, token, pid) = (listener.local_addr()?, Token::random()?, std::process::id());
        let note = directory.join(format!("{}-{pid}.json", app_key(manifest)));
        let text = serde_json::to_vec(&Note { address, pid, token: token.clone(), pages })?;
        write_atomically(&note, |file| file.write_all(&text))?;
        let session = Self { note };
        let answer = move || {
            for client in listener.incoming() {
                match client {
                    // A client that leaves or asks nonsense is not worth a word.
                    Ok(client) => drop(serve(client, &token, &store)),
                    // Too many files are open, most likely: for as long as some request takes.
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        };
        std::thread::Builder::new().name("recordings".into()).spawn(answer)?;
        Ok(session)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // If it stays, it is found to be stale.
        let _ = std::fs::remove_file(&self.note);
    }
}

/// The name by which servers of the app of `manifest` are found.
fn app_key(manifest: &Path) -> Digest {
    let path = manifest.canonicalize().unwrap_or_else(|_| manifest.to_owned());
    Digest::of(path.as_os_str().as_encoded_bytes())
}

/// Answers one client.
fn serve(client: TcpStream, token: &Token, store: &Store) -> io::Result<()> {
    client.set_write_timeout(Some(ANSWERING))?;
    let Some(question) = question(&client, token)? else { return Ok(()) };
    let mut client = io::BufWriter::new(client);
    let answer = match question {
        Question::List => Some(serde_json::to_vec(&store.list())?),
        Question::Recording(id) => store.get(id).and_then(|recorded| recorded.whole().encode().ok()),
        Question::Image(id) => match store.get(id).and_then(|recorded| recorded.image) {
            Some(image) => {
                client.write_all(YES)?;
                image.copy_to(&mut client)?;
                return client.flush();
            }
            None => None,
        },
    };
    match answer {
        Some(answer) => client.write_all(YES).and_then(|()| client.write_all(&answer))?,
        None => client.write_all(b"no\n")?,
    }
    client.flush()
}

const YES: &[u8] = b"yes\n";

/// What a client asks for, if it has the token.
fn question(client: &TcpStream, token: &Token) -> io::Result<Option<Question>> {
    let deadline = Instant::now() + ASKING;
    let mut lines = BufReader::new(client.take(MOST_QUESTION));
    let mut text = Vec::new();
    while text.iter().filter(|byte| **byte == b'\n').count() < 2 {
        // Each read at a time, since a timeout is for one.
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        client.set_read_timeout(Some(left.ok_or(ErrorKind::TimedOut)?))?;
        let read = lines.fill_buf()?;
        if read.is_empty() {
            return Ok(None);
        }
        text.extend_from_slice(read);
        let length = read.len();
        lines.consume(length);
    }
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let is_user = lines.next().is_some_and(|line| token.is(line));
    Ok(lines.next().filter(|_| is_user).and_then(|line| line.parse().ok()))
}

/// A `dev` that may run.
pub struct Peer(Note);

/// The servers of the app of `manifest` that may run.
pub fn peers(cache: &Cache, manifest: &Path) -> Vec<Peer> {
    let key = app_key(manifest).to_string();
    let is_of_app = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&key));
    let Ok(directory) = cache.servers() else { return Vec::new() };
    notes(&directory).filter(|(path, _)| is_of_app(path)).map(|(_, note)| Peer(note)).collect()
}

fn notes(directory: &Path) -> impl Iterator<Item = (PathBuf, Note)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter_map(|path| Some((path.clone(), serde_json::from_slice(&std::fs::read(path).ok()?).ok()?)))
}

/// Removes the notes of servers that were killed.
fn forget_ended(directory: &Path) {
    for (path, note) in notes(directory) {
        let connected = TcpStream::connect_timeout(&note.address, CONNECTING);
        if connected.is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused) {
            // Another process may have done so.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Peer {
    /// Asks; `None` where the server does not know.
    fn ask(&self, question: &str) -> io::Result<Option<impl Read + use<>>> {
        let mut server = TcpStream::connect_timeout(&self.0.address, CONNECTING)?;
        server.set_read_timeout(Some(WAITING))?;
        server.write_all(format!("{}\n{question}\n", self.0.token.0).as_bytes())?;
        let mut answer = BufReader::new(server.take(MOST_IMAGE));
        let mut first = Vec::new();
        answer.by_ref().take(4).read_until(b'\n', &mut first)?;
        match &first[..] {
            YES => Ok(Some(answer)),
            b"no\n" => Ok(None),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// The URL of the server, where it has the pages of pywagi.
    pub fn pages(&self) -> Option<&str> {
        self.0.pages.as_deref()
    }

    /// Its recordings, the newest first.
    ///
    /// # Errors
    /// Fails where the server does not run any more.
    pub fn list(&self) -> io::Result<Vec<Summary>> {
        let answer = self.ask("list")?.ok_or(ErrorKind::InvalidData)?;
        Ok(serde_json::from_reader(answer.take(MOST_ANSWER))?)
    }

    /// A recording, unless it does not have it any more.
    ///
    /// # Errors
    /// Fails where the server does not run any more, or answers something else.
    pub fn recording(&self, id: Id) -> io::Result<Option<RecordedRequest>> {
        let Some(answer) = self.ask(&format!("recording {id}"))? else { return Ok(None) };
        let mut file = Vec::new();
        answer.take(MOST_ANSWER).read_to_end(&mut file)?;
        RecordedRequest::decode(&file).map(Some).map_err(|invalid| io::Error::other(format!("the answer {invalid}")))
    }

    /// The saved interpreter of a recording, which has this digest.
    ///
    /// # Errors
    /// Fails where the server does not run any more, or answers something else.
    pub fn image(&self, id: Id, digest: &Digest) -> Result<Image, Unreadable> {
        let answer = self.ask(&format!("image {id}"))?.ok_or(Unreadable::Other)?;
        Image::read(answer, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::recorded;
    use super::super::{Recorded, RecordedRequest};
    use super::*;

    /// What a server with `store` answers to these bytes.
    fn answer(address: SocketAddr, question: &str) -> String {
        let mut server = TcpStream::connect(address).expect("it listens");
        server.write_all(question.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn a_server_answers_those_who_have_its_token() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let cache = Cache::at(&directory.path().join("cache")).expect("a cache");
        let manifest = directory.path().join("modules.toml");
        let store = Store::default();
        let request = RecordedRequest { image: None, ..recorded("/x") };
        let (id, _) = store.keep(&Recorded { request: request.clone().into(), image: None });
        let id = id.expect("it is small");
        let session =
            Session::start(&cache, &manifest, store.clone(), Some("http://a:1".to_owned())).expect("a session");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&session.note), mode(session.note.parent().expect("one"))), (0o600, 0o700));
        }

        let peers_now = peers(&cache, &manifest);
        let [peer] = &peers_now[..] else { panic!("{} servers", peers_now.len()) };
        assert_eq!((peer.list().expect("it runs"), peer.pages()), (store.list(), Some("http://a:1")));
        let read = peer.recording(id).expect("it runs").expect("it is kept");
        assert_eq!(format!("{read:?}"), format!("{request:?}"));
        assert!(peer.recording("22222".parse().expect("an ID")).expect("it runs").is_none());
        assert!(matches!(peer.image(id, &Digest::of("memory")), Err(Unreadable::Other)));
        assert!(peers(&cache, &directory.path().join("other.toml")).is_empty());

        let token = &peer.0.token.0;
        let wrong = token.replace(token.chars().next().expect("a letter"), "z");
        for question in [format!("{wrong}\nlist\n"), format!("{}\nlist\n", &token[1..]), "\nlist\n".to_owned()] {
            assert_eq!(answer(peer.0.address, &question), "", "{question}");
        }
        for question in ["", "lists", "recording", "recording ../..", "image 2222222"] {
            assert_eq!(answer(peer.0.address, &format!("{token}\n{question}\n")), "", "{question}");
        }
        assert!(answer(peer.0.address, &format!("{token}\nlist\n")).starts_with("yes\n["));

        drop(session);
        assert!(peers(&cache, &manifest).is_empty());
    }

    #[test]
    fn the_note_of_a_server_that_was_killed_is_stale() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let cache = Cache::at(&directory.path().join("cache")).expect("a cache");
        let manifest = directory.path().join("modules.toml");
        let session = Session::start(&cache, &manifest, Store::default(), None).expect("a session");
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let note = Note { address: address.expect("a port"), pid: 1, token: Token("x".to_owned()), pages: None };
        let stale = session.note.with_file_name(format!("{}-1.json", app_key(&manifest)));
        std::fs::write(&stale, serde_json::to_vec(&note).expect("JSON")).expect("written");
        assert_eq!(peers(&cache, &manifest).iter().filter(|peer| peer.list().is_ok()).count(), 1);
        let _second =
            Session::start(&cache, &directory.path().join("b.toml"), Store::default(), None).expect("a session");
        assert!(!stale.exists());
    }
}
