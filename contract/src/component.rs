//! What is in a built component beside code and memory: the app, and the files of its volumes.
//!
//! `pywagi build` writes it with [`write`]; the adapter reads it with [`Description`] for each request, the files in place:
//! there are thousands, of which a request opens few.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::network::Permission;

/// An app, as its component needs to know it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct App<'a> {
    /// How the interpreter is called.
    pub entry: Entry,
    /// What its start wrote to standard output.
    pub startup_stdout: &'a [u8],
    /// What its start wrote to standard error.
    pub startup_stderr: &'a [u8],
    /// The paths of its volumes in the guest, in the order in which it numbers them.
    #[serde(borrow)]
    pub volumes: Vec<&'a str>,
    /// What answers, in the order in which routes are tried.
    #[serde(borrow)]
    pub modules: Vec<Module<'a>>,
    /// The names of the variables that the host gives.
    #[serde(borrow)]
    pub host_variables: Vec<&'a str>,
    /// What stands in for what the Host header lacks: a name, and a port.
    pub default_host: (&'a str, Option<u16>),
    /// The largest body of a request, in bytes.
    pub max_body: u32,
}

/// How a saved interpreter is called: the slot of a function in its table, and the addresses of the function object and of
/// an empty tuple.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The slot.
    pub call: u32,
    /// The function object.
    pub function: u32,
    /// The empty tuple.
    pub arguments: u32,
}

/// What answers a route.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Module<'a> {
    /// The route, as [`crate::route::Pattern`] reads it.
    pub route: &'a str,
    /// The template of the arguments.
    pub argv: &'a str,
    /// What of its words is run, in the words of the boot script.
    pub kind: &'a [u8],
    /// Which of its words that is.
    pub start: u32,
    /// Variables of every request, by name.
    #[serde(borrow)]
    pub environment: Vec<(&'a str, &'a str)>,
    /// For each volume of the app, the tree of files that it is.
    pub trees: Vec<Tree>,
    /// Whether it is given the Authorization header.
    pub pass_authorization: bool,
    /// What it may connect to.
    #[serde(borrow)]
    pub allowed_hosts: Vec<AllowedHost<'a>>,
}

/// An entry of `allowed_hosts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct AllowedHost<'a> {
    /// Its scheme in lower case, where it names one.
    pub scheme: Option<&'a str>,
    /// What it permits.
    pub permission: Permission,
}

impl AllowedHost<'_> {
    /// Whether what it permits is HTTP, with TLS or without: a component sends such requests through its host.
    pub fn is_http(&self) -> bool {
        matches!(self.scheme, Some("http" | "https"))
    }
}

/// A tree of files as a volume.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// Its number; `None` where the volume is a directory that the host gives.
    pub number: Option<u32>,
    /// Whether the guest may only read.
    pub read_only: bool,
}

/// A file or a directory of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// The number of its tree.
    pub tree: u32,
    /// Its path below the tree's root, with `/`; empty for the root.
    pub path: &'a str,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Its content.
    pub content: &'a [u8],
    /// When it was modified, in nanoseconds since 1970.
    pub modified: u64,
}

impl<'a> File<'a> {
    fn key(&self) -> (u32, &'a [u8]) {
        (self.tree, self.path.as_bytes())
    }
}

/// The number of words that a description begins with: its length, where the app is, how long that is, where the files
/// are, and how many these are. All places are bytes from its beginning.
const HEAD: usize = 5;

/// The size of the record of a file: its tree, where its path is and how long that is, whether it is a directory, where its
/// content is and how long that is, as words; then the time.
const RECORD: usize = 32;

/// Writes a description.
///
/// # Errors
/// Fails where it would be larger than 4 GiB.
pub fn write(app: &App<'_>, files: &[File<'_>]) -> Result<Vec<u8>, TooLarge> {
    let mut files = files.to_vec();
    files.sort_by_key(File::key);
    let mut text = alloc::vec![0; HEAD * 4];
    let mut add = |bytes: &[u8]| {
        let at = word(text.len())?;
        text.extend_from_slice(bytes);
        Ok([at, word(bytes.len())?])
    };
    let app = add(&postcard::to_allocvec(app).map_err(|_| TooLarge)?)?;
    let mut records = Vec::with_capacity(files.len() * RECORD);
    for file in &files {
        let ([path, path_length], [content, length]) = (add(file.path.as_bytes())?, add(file.content)?);
        for field in [file.tree, path, path_length, u32::from(file.is_directory), content, length] {
            records.extend_from_slice(&field.to_le_bytes());
        }
        records.extend_from_slice(&file.modified.to_le_bytes());
    }
    let [records, _] = add(&records)?;
    let head = [word(text.len())?, app[0], app[1], records, word(files.len())?];
    for (place, field) in text.chunks_exact_mut(4).zip(head) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    Ok(text)
}

/// A component has 4 GiB of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

fn word(number: usize) -> Result<u32, TooLarge> {
    u32::try_from(number).map_err(|_| TooLarge)
}

/// A description that was written.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a>(&'a [u8]);

impl<'a> Description<'a> {
    /// How long the description is that begins with these bytes.
    pub fn length(head: [u8; 4]) -> usize {
        u32::from_le_bytes(head) as usize
    }

    /// Reads a description.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn word(self, at: usize) -> u32 {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
    }

    fn bytes(self, at: u32, length: u32) -> &'a [u8] {
        let at = at as usize;
        at.checked_add(length as usize).and_then(|end| self.0.get(at..end)).unwrap_or_default()
    }

    /// The app; `None` where these bytes are no description.
    pub fn app(self) -> Option<App<'a>> {
        postcard::from_bytes(self.bytes(self.word(4), self.word(8))).ok()
    }

    /// How many files there are, in all trees.
    pub fn files(self) -> u32 {
        self.word(16)
    }

    /// The file of this number: they are sorted by tree and path.
    pub fn file(self, number: u32) -> File<'a> {
        let at = self.word(12) as usize + number as usize * RECORD;
        let field = |field: usize| self.word(at + 4 * field);
        File {
            tree: field(0),
            path: core::str::from_utf8(self.bytes(field(1), field(2))).unwrap_or_default(),
            is_directory: field(3) != 0,
            content: self.bytes(field(4), field(5)),
            modified: u64::from(field(6)) | u64::from(field(7)) << 32,
        }
    }

    /// The number of the file at `path` in a tree.
    pub fn find(self, tree: u32, path: &str) -> Option<u32> {
        let number = self.first_from(tree, path.as_bytes());
        let is_it = number < self.files() && self.file(number).key() == (tree, path.as_bytes());
        is_it.then_some(number)
    }

    /// The number of the first file whose tree and path are not before these.
    fn first_from(self, tree: u32, path: &[u8]) -> u32 {
        let (mut low, mut high) = (0, self.files());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.file(middle).key() < (tree, path) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The numbers and files of a tree, from its root on.
    pub fn tree(self, tree: u32) -> impl Iterator<Item = (u32, File<'a>)> {
        let numbers = self.first_from(tree, b"")..self.files();
        numbers.map(move |number| (number, self.file(number))).take_while(move |(_, file)| file.tree == tree)
    }

    /// The numbers, the names and the files of what is directly in a directory of a tree.
    pub fn children(self, tree: u32, directory: &str) -> impl Iterator<Item = (u32, &'a str, File<'a>)> {
        let below = if directory.is_empty() { String::new() } else { alloc::format!("{directory}/") };
        // A directory's content is not all together: `a.py` comes before `a/b`, and after `a`.
        let numbers = self.first_from(tree, below.as_bytes())..self.files();
        let files = numbers.map(move |number| (number, self.file(number)));
        let prefix = below.clone();
        let inside = files.take_while(move |(_, file)| file.tree == tree && file.path.starts_with(&prefix));
        inside.filter_map(move |(number, file)| {
            let name = file.path.get(below.len()..)?;
            (!name.is_empty() && !name.contains('/')).then_some((number, name, file))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Hosts;

    fn file<'a>(tree: u32, path: &'a str, content: &'a [u8]) -> File<'a> {
        File { tree, path, is_directory: content.is_empty(), content, modified: 1_700_000_000_123_456_789 }
    }

    fn app() -> App<'static> {
        App {
            entry: Entry { call: 1, function: 2, arguments: 3 },
            startup_stderr: b"x",
            volumes: alloc::vec!["/code", "/data"],
            modules: alloc::vec![Module {
                route: "/...",
                argv: "python /code/a.py ${ARGS}",
                kind: b"script",
                start: 1,
                environment: alloc::vec![("A", "b")],
                trees: alloc::vec![Tree { number: Some(1), read_only: true }, Tree { number: None, read_only: false }],
                pass_authorization: false,
                allowed_hosts: alloc::vec![AllowedHost {
                    scheme: Some("https"),
                    permission: Permission { hosts: Hosts::Below("b.test".into()), port: Some(443) },
                }],
            }],
            default_host: ("a.test", Some(8)),
            max_body: 7,
            ..App::default()
        }
    }

    #[test]
    fn a_description_is_read_as_it_was_written() {
        let files = [
            file(1, "", b""),
            file(1, "b", b""),
            file(1, "b/c.py", b"c"),
            file(1, "b.py", b"b"),
            file(0, "", b""),
            file(0, "x", b"y"),
        ];
        let text = write(&app(), &files).expect("it is small");
        assert_eq!(Description::length(*text.first_chunk().expect("a head")), text.len());
        let read = Description::new(&text);
        assert_eq!(read.app(), Some(app()));
        assert_eq!(read.files(), 6);
        for known in files {
            let number = read.find(known.tree, known.path).expect("it is there");
            assert_eq!(read.file(number), known);
        }
        for (tree, path) in [(0, "b"), (1, "x"), (2, ""), (1, "b/"), (1, "b/c")] {
            assert_eq!(read.find(tree, path), None, "{tree} {path}");
        }
        let names = |tree, directory| read.children(tree, directory).map(|(_, name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(1, ""), ["b", "b.py"]);
        assert_eq!(names(1, "b"), ["c.py"]);
        assert_eq!(names(0, ""), ["x"]);
        assert!(names(1, "b.py").is_empty());
        assert_eq!(read.tree(0).map(|(_, file)| file.path).collect::<Vec<_>>(), ["", "x"]);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = write(&app(), &[file(0, "", b""), file(0, "x", b"y")]).expect("it is small");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            for bytes in [&good[..at], &bad] {
                let read = Description::new(bytes);
                let _ = (read.app(), read.find(0, "x"), read.file(1), read.children(0, "").next());
            }
        }
    }
}
