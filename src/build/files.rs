//! The files of an app's volumes, as its component has them.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use wagi_contract::component;

use crate::error::{Context, Error, Result};
use crate::text_file::shown;

/// The directory of a version control system, which is no part of an app.
const GIT: &str = ".git";

/// Where CPython keeps byte code, and what the directory of a library of it is called, beside which it may be kept: see
/// `src/guest/calls/byte_code.rs`.
const BYTE_CODE: &str = "__pycache__";
const LIBRARY: &str = "python3.";

/// Trees of files, each a directory of the host.
#[derive(Default)]
pub struct Trees {
    roots: Vec<PathBuf>,
    entries: Vec<Entry>,
    /// Files that are not taken in, wherever they are.
    kept_out: Vec<PathBuf>,
    /// As above: directories that the host gives.
    of_host: Vec<PathBuf>,
    /// What was left out, each with the reason.
    pub notes: Vec<String>,
}

struct Entry {
    tree: u32,
    path: String,
    /// Its content; `None` for a directory.
    content: Option<Vec<u8>>,
    modified: u64,
}

impl Trees {
    /// No trees yet. Files at `kept_out` are in none of them.
    pub fn new(kept_out: Vec<PathBuf>) -> Self {
        let kept_out = kept_out.iter().filter_map(|path| path.canonicalize().ok()).collect();
        Self { kept_out, ..Self::default() }
    }

    /// Leaves out a directory that the host gives.
    pub fn leave_to_host(&mut self, directory: &Path) {
        self.of_host.extend(directory.canonicalize());
    }

    /// The number of the tree at a directory, which is read the first time.
    ///
    /// # Errors
    /// Fails where something in it cannot be read.
    pub fn number(&mut self, directory: &Path) -> Result<u32> {
        let root = directory.canonicalize().context(|| format!("cannot read {}", shown(directory)))?;
        let known = self.roots.iter().position(|known| *known == root);
        let number = u32::try_from(known.unwrap_or(self.roots.len())).map_err(|_| Error::new("too many volumes"))?;
        if known.is_none() {
            self.roots.push(root.clone());
            let mut walk = Walk { trees: self, tree: number, root: root.clone(), above: Vec::new() };
            walk.add(&root, String::new())?;
        }
        Ok(number)
    }

    /// The files of all trees.
    pub fn files(&self) -> Vec<component::File<'_>> {
        self.entries.iter().map(Entry::file).collect()
    }

    /// The sources of modules in a tree.
    pub fn sources(&self, tree: u32) -> impl Iterator<Item = Source> {
        let of_tree = self.entries.iter().filter(move |entry| entry.tree == tree && entry.path.ends_with(".py"));
        of_tree.filter_map(|Entry { tree, path, content, .. }| {
            Some(Source { tree: *tree, path: path.clone(), size: content.as_ref()?.len() })
        })
    }

    /// Adds the byte code of a module, under the name by which an import looks for it. Its directory is not listed.
    pub fn add_byte_code(&mut self, source: &Source, name: &str, code: Vec<u8>) {
        let directory = source.path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
        let path = format!("{directory}{BYTE_CODE}/{name}");
        self.entries.push(Entry { tree: source.tree, path, content: Some(code), modified: 0 });
    }

    /// The paths of the files of a tree.
    pub fn paths(&self, tree: u32) -> impl Iterator<Item = &str> {
        let files = self.entries.iter().filter(move |entry| entry.tree == tree && entry.content.is_some());
        files.map(|entry| entry.path.as_str())
    }
}

/// The source of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    tree: u32,
    /// Its path in its tree.
    pub path: String,
    /// Its size in bytes.
    pub size: usize,
}

impl Source {
    /// Whether the two are one file.
    pub fn is_same(&self, other: &Self) -> bool {
        self.tree == other.tree && self.path == other.path
    }
}

impl Entry {
    fn file(&self) -> component::File<'_> {
        let Self { tree, path, content, modified } = self;
        let (is_directory, content) = (content.is_none(), content.as_deref().unwrap_or_default());
        component::File { tree: *tree, path, is_directory, content, modified: *modified }
    }
}

/// The reading of one tree.
struct Walk<'a> {
    trees: &'a mut Trees,
    tree: u32,
    root: PathBuf,
    /// The directories that are being read, each in the one before.
    above: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Adds what is at `at`, known as `path` in the tree, and all below it.
    fn add(&mut self, at: &Path, path: String) -> Result<()> {
        let cannot = || format!("cannot read {}", shown(at));
        let real = match at.canonicalize() {
            Ok(real) => real,
            // A link to nothing.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return self.leave_out(at, "it is a link that leads nowhere");
            }
            Err(e) => return Err(e).context(cannot),
        };
        if !real.starts_with(&self.root) {
            return self.leave_out(at, "it is a link out of the volume, which guests cannot follow");
        }
        if self.trees.kept_out.contains(&real) {
            return self.leave_out(at, "what a component holds can be read by whoever has it");
        }
        if self.trees.of_host.contains(&real) {
            return self.leave_out(at, "the host gives it");
        }
        let metadata = real.metadata().context(cannot)?;
        let modified = modified(&metadata);
        let tree = self.tree;
        if metadata.is_file() {
            let content = Some(std::fs::read(&real).context(cannot)?);
            self.trees.entries.push(Entry { tree, path, content, modified });
        } else if metadata.is_dir() {
            if self.above.contains(&real) {
                return self.leave_out(at, "it is a link to a directory that it is in");
            }
            let mut names = Vec::new();
            for entry in std::fs::read_dir(&real).context(cannot)? {
                let entry = entry.context(cannot)?;
                match entry.file_name().into_string() {
                    Ok(name) if name == GIT => {}
                    Ok(name) if name == BYTE_CODE && !is_of_library(at) => {}
                    Ok(name) => names.push(name),
                    Err(_) => self.leave_out(&entry.path(), "its name is not UTF-8, so guests do not see it either")?,
                }
            }
            names.sort();
            self.above.push(real);
            self.trees.entries.push(Entry { tree, path: path.clone(), content: None, modified });
            for name in names {
                let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                self.add(&at.join(&name), below)?;
            }
            self.above.pop();
        } else {
            self.leave_out(at, "it is neither a file nor a directory")?;
        }
        Ok(())
    }

    fn leave_out(&mut self, at: &Path, why: &str) -> Result<()> {
        self.trees.notes.push(format!("left out {}: {why}", shown(at)));
        Ok(())
    }
}

/// Whether a directory is of the library of an interpreter.
fn is_of_library(path: &Path) -> bool {
    path.iter().filter_map(|part| part.to_str()).any(|part| part.starts_with(LIBRARY))
}

/// When a file was modified, in nanoseconds since 1970: saved interpreters know directories by it.
fn modified(metadata: &Metadata) -> u64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf, text: &str) {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    #[test]
    fn a_volume_is_read_once_and_whole() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |path: &str| dir.path().join(path);
        write(at("a.py"), "a");
        write(at("b/c/d.txt"), "d");
        write(at(".git/config"), "x");
        write(at(".env"), "SECRET=1");
        let mut trees = Trees::new(vec![at(".env"), at("not there")]);
        assert_eq!(trees.number(dir.path()).expect("it can be read"), 0);
        assert_eq!(trees.number(&at("b/..")).expect("it can be read"), 0);
        assert_eq!(trees.number(&at("b")).expect("it can be read"), 1);
        let files = trees.files();
        let names = |number| files.iter().filter(|file| file.tree == number).map(|file| file.path).collect::<Vec<_>>();
        assert_eq!(names(0), ["", "a.py", "b", "b/c", "b/c/d.txt"]);
        assert_eq!(names(1), ["", "c", "c/d.txt"]);
        assert_eq!(trees.paths(0).collect::<Vec<_>>(), ["a.py", "b/c/d.txt"]);
        assert_eq!(trees.notes.len(), 1);
        assert!(trees.notes[0].ends_with(".env: what a component holds can be read by whoever has it"));
        assert!(trees.number(&at("none")).is_err());
        let mut trees = Trees::new(Vec::new());
        trees.leave_to_host(&at("b"));
        assert_eq!(trees.number(dir.path()).expect("it can be read"), 0);
        assert_eq!(trees.paths(0).collect::<Vec<_>>(), [".env", "a.py"]);
        assert!(trees.notes[0].ends_with("b: the host gives it"), "{:?}", trees.notes);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_of_a_volume_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |path: &str| dir.path().join(path);
        write(at("volume/b/c.txt"), "c");
        write(at("outside.txt"), "o");
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, at(name)).expect("a link");
        link("b/c.txt", "volume/inside");
        link("../outside.txt", "volume/out");
        link("nothing", "volume/nowhere");
        link(".", "volume/b/up");
        let mut trees = Trees::new(Vec::new());
        trees.number(&at("volume")).expect("it can be read");
        assert_eq!(trees.paths(0).collect::<Vec<_>>(), ["b/c.txt", "inside"]);
        let why: Vec<_> = trees.notes.iter().filter_map(|note| note.split_once(": ")).map(|(_, why)| why).collect();
        assert!(why.contains(&"it is a link out of the volume, which guests cannot follow"), "{why:?}");
        assert!(why.contains(&"it is a link that leads nowhere"), "{why:?}");
        assert!(why.contains(&"it is a link to a directory that it is in"), "{why:?}");
    }
}
