//! An app in a temporary directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::{DevServer, Run, cache_dir};

/// A temporary directory with an app in it, removed when it and every server of it are dropped.
pub struct Project {
    // Canonical, since the messages of the binary name the directory that the system reports (macOS's /tmp is a link).
    root: PathBuf,
    dir: Arc<TempDir>,
}

impl Project {
    /// An empty directory.
    pub fn empty() -> Self {
        let dir = TempDir::with_prefix("pywagi-test-").expect("a temporary directory");
        let root = dir.path().canonicalize().expect("the temporary directory's real path");
        Self { root, dir: Arc::new(dir) }
    }

    /// A directory with this modules.toml.
    pub fn new(modules: &str) -> Self {
        Self::empty().file("modules.toml", modules)
    }

    /// Adds a file, with the directories above it.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    /// Adds a directory.
    pub fn directory(self, path: &str) -> Self {
        std::fs::create_dir_all(self.path(path)).unwrap_or_else(|e| panic!("cannot make {path}: {e}"));
        self
    }

    /// Writes a file of the project, new or not.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.path(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).unwrap_or_else(|e| panic!("cannot make {}: {e}", parent.display()));
        }
        std::fs::write(&file, content).unwrap_or_else(|e| panic!("cannot write {}: {e}", file.display()));
    }

    /// The path of something in the project.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The project's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What keeps the directory.
    pub fn keep(&self) -> Arc<TempDir> {
        Arc::clone(&self.dir)
    }

    /// The content of a file of the project, as text.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("cannot read {path}: {e}"))
    }

    /// Every file of the project with its content, by its path with `/` between the parts; directories that hold
    /// nothing are listed with a trailing `/`.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(dir: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
            let mut empty = true;
            for entry in std::fs::read_dir(dir).expect("a readable directory") {
                empty = false;
                let entry = entry.expect("a readable directory entry");
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type().expect("a file type").is_dir() {
                    walk(&entry.path(), &format!("{name}/"), found);
                } else {
                    found.insert(name, std::fs::read(entry.path()).expect("a readable file"));
                }
            }
            if empty && !prefix.is_empty() {
                found.insert(prefix.to_owned(), Vec::new());
            }
        }
        let mut found = BTreeMap::new();
        walk(&self.root, "", &mut found);
        found
    }

    /// As [`Project::files`], symbolic links as what they hold: for a project that has links to nowhere.
    pub fn files_unfollowed(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut directories = vec![self.root.clone()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).expect("a readable directory") {
                let path = entry.expect("a readable directory entry").path();
                let kind = path.symlink_metadata().expect("metadata").file_type();
                let name = path.strip_prefix(&self.root).expect("below the root").to_string_lossy().into_owned();
                if kind.is_dir() {
                    directories.push(path);
                    found.insert(format!("{name}/"), Vec::new());
                } else if kind.is_symlink() {
                    let target = std::fs::read_link(&path).expect("a link");
                    found.insert(name, target.into_os_string().into_encoded_bytes());
                } else {
                    found.insert(name, std::fs::read(&path).expect("a readable file"));
                }
            }
        }
        found
    }

    /// The names of [`Project::files`].
    pub fn names(&self) -> Vec<String> {
        self.files().into_keys().collect()
    }

    /// Adds a cache, `cache`, whose compiled code is that of all tests, and whose saved interpreters are its own.
    #[cfg(unix)]
    pub fn own_images(self) -> Self {
        let (own, shared) = (self.path("cache"), cache_dir());
        pywagi::cache::Cache::at(&own).expect("a cache");
        let shared = pywagi::cache::Cache::at(&shared).expect("the cache of all tests");
        for section in ["code", "digests", "proofs"] {
            let section = shared.section(section).expect("a section");
            let link = own.join(section.file_name().expect("a name"));
            std::os::unix::fs::symlink(&section, &link)
                .unwrap_or_else(|e| panic!("cannot link {}: {e}", link.display()));
        }
        self
    }

    /// A run of `pywagi` in the project's directory.
    pub fn pywagi<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::new(&self.root, arguments).keeping(self.keep())
    }

    /// Starts `pywagi dev` on a free port, with further arguments, and waits until it listens.
    pub fn dev(&self, arguments: &[&str]) -> DevServer {
        DevServer::start(self, arguments)
    }

    /// As [`Project::dev`], on another address.
    pub fn dev_on(&self, listen: &str, arguments: &[&str]) -> DevServer {
        DevServer::start_on(self, listen, arguments)
    }
}
