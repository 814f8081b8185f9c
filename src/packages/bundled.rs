//! Python files of ours that are written into apps: the adapter for WSGI and ASGI, and the compatibility layer.
//!
//! Both run on every WAGI host. See the files themselves, in `assets/python`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file::StagedFile;

/// A file to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundledFile {
    /// Its path, with `/`.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The adapter: `python -m pywagi MODULE`, or `from pywagi import run`.
pub const ADAPTER: BundledFile = BundledFile { path: "pywagi.py", text: include_str!("../../assets/python/pywagi.py") };

/// The layer's directory, below that of the packages. `PYTHONPATH` names it before the packages.
pub const LAYER: &str = "_pywagi_compat";

macro_rules! layer_files {
    ($($path:literal),* $(,)?) => {
        [$(BundledFile { path: $path, text: include_str!(concat!("../../assets/python/_pywagi_compat/", $path)) }),*]
    };
}

/// The layer's files, by their paths below [`LAYER`].
pub const LAYER_FILES: [BundledFile; 12] = layer_files![
    "sitecustomize.py",
    "stand_ins/_pyio.py",
    "stand_ins/concurrent/futures/process.py",
    "stand_ins/concurrent/futures/thread.py",
    "stand_ins/ctypes/__init__.py",
    "stand_ins/ctypes/util.py",
    "stand_ins/ctypes/wintypes.py",
    "stand_ins/multiprocessing/__init__.py",
    "stand_ins/pwd.py",
    "stand_ins/snapshot_restore_py.py",
    "stand_ins/ssl.py",
    "stand_ins/webbrowser.py",
];

/// The modules that the layer has, or completes.
const MODULES: [&str; 9] = [
    "_pyio",
    "asyncio",
    "concurrent.futures",
    "ctypes",
    "multiprocessing",
    "pwd",
    "snapshot_restore_py",
    "ssl",
    "webbrowser",
];

/// The names that it adds to modules of the library.
const NAMES: [&str; 16] = [
    "AF_UNIX",
    "AI_NUMERICSERV",
    "getaddrinfo",
    "getegid",
    "geteuid",
    "getgid",
    "gethostbyname",
    "gethostname",
    "getgroups",
    "getlogin",
    "getppid",
    "getuid",
    "os.get_terminal_size",
    "pbkdf2_hmac",
    "register_at_fork",
    "umask",
];

/// What asks the library for the home of a user, for which that imports `pwd`.
const HOME: [&str; 2] = ["Path.home", "expanduser()"];

/// Something that the layer provides and an installed package asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The module or function.
    pub name: &'static str,
    /// The first file that asks for it, below the directory of the packages.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

/// What of the layer the packages in `directory` ask for, by name, each with the first place. That some of them could do
/// without cannot be told from their sources.
///
/// # Errors
/// Fails where a directory or a source cannot be read.
pub fn needs(directory: &Path) -> io::Result<Vec<Need>> {
    let mut found = BTreeMap::new();
    for path in sources(directory)? {
        let text = std::fs::read(&path)?;
        let text = String::from_utf8_lossy(&text);
        let file = path.strip_prefix(directory).unwrap_or(&path);
        let lacking = MODULES.iter().filter(|name| !is_there(directory, name));
        let asked = lacking.map(|name| (name, line_that_imports(&text, name)));
        let asked = asked.chain(NAMES.iter().chain(&HOME).map(|name| (name, words(&text, name).next())));
        for (name, at) in asked {
            if let Some(at) = at {
                found.entry(*name).or_insert_with(|| Need {
                    name,
                    file: file.to_owned(),
                    line: line_number(&text, at),
                });
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Whether the packages have a module of this name themselves.
fn is_there(packages: &Path, name: &str) -> bool {
    packages.join(name).is_dir() || packages.join(format!("{name}.py")).is_file()
}

/// Writes the layer into the directory of the packages, each file whole or not at all.
///
/// # Errors
/// Fails where a file cannot be written.
pub fn write_layer(packages: &Path) -> io::Result<()> {
    LAYER_FILES.iter().try_for_each(|file| write(&packages.join(LAYER), file))
}

/// The sources below `directory`, in order, without the layer's own.
fn sources(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut pending, mut sources) = (vec![directory.to_owned()], Vec::new());
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() && entry.file_name() != LAYER {
                pending.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "py") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// Where `name` occurs in `text` as whole words.
fn words<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Where the first statement is that imports the module `name`, or something below it.
fn line_that_imports(text: &str, name: &str) -> Option<usize> {
    words(text, name).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..).unwrap_or_default().trim_start();
        let is_first = line.trim_end() == "from" || line.trim_end() == "import";
        is_first || line.starts_with("import ") && line.trim_end().ends_with(',')
    })
}

fn line_number(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

fn write(directory: &Path, file: &BundledFile) -> io::Result<()> {
    let path = directory.join(file.path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    StagedFile::new(&path, file.text.as_bytes())?.replace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_names_are_found_where_they_stand_first() {
        let packages = tempfile::tempdir().expect("a temporary directory");
        let write = |path: &str, text: &str| {
            let path = packages.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("written");
        };
        write("b/c.py", "import os\n\nimport os, ssl as s\nfrom asyncio import run\nos.getuid()\n");
        write("a.py", "try:\n    import concurrent.futures.thread\nexcept ImportError:\n    pass\nimport ssl\n");
        // Others' modules of these names, words in which they are, text that is none, the layer itself.
        write(
            "d.py",
            "from .ctypes import x\nfrom a import ctypes\nimport ctypesy, a.ctypes\nmygetgid = 1\n# ctypes\n",
        );
        write("e.txt", "import webbrowser\n");
        write("_pywagi_compat/sitecustomize.py", "import multiprocessing\n");
        std::fs::write(packages.path().join("latin1.py"), b"# \xfc\nimport _pyio\n").expect("written");

        let found = needs(packages.path()).expect("readable");
        let found: Vec<_> = found.iter().map(|n| (n.name, n.file.to_str().expect("UTF-8"), n.line)).collect();
        let expected = [
            ("_pyio", "latin1.py", 2),
            ("asyncio", "b/c.py", 4),
            ("concurrent.futures", "a.py", 2),
            ("getuid", "b/c.py", 5),
            ("ssl", "a.py", 5),
        ];
        assert_eq!(found, expected);
        // What is there is not lacking.
        write("ssl/__init__.py", "");
        write("_pyio.py", "");
        let found = needs(packages.path()).expect("readable");
        assert_eq!(found.iter().map(|need| need.name).collect::<Vec<_>>(), ["asyncio", "concurrent.futures", "getuid"]);
        assert!(needs(&packages.path().join("none")).is_err());
    }

    #[test]
    fn the_layer_is_written_whole_and_over_an_older_one() {
        let packages = tempfile::tempdir().expect("a temporary directory");
        for _ in 0..2 {
            write_layer(packages.path()).expect("written");
            for file in LAYER_FILES {
                let path = packages.path().join(LAYER).join(file.path);
                assert_eq!(std::fs::read_to_string(&path).expect("readable"), file.text);
                std::fs::write(path, "older").expect("written");
            }
        }
    }

    #[test]
    fn what_packages_are_searched_for_is_what_the_layer_has() {
        let layer = LAYER_FILES[0].text;
        let added = |name: &str| layer.contains(&format!("{name}="));
        assert_eq!(NAMES.map(|name| name.rsplit('.').next().expect("a part")).iter().find(|name| !added(name)), None);
        let stands_in = |name: &str| {
            LAYER_FILES.iter().any(|f| f.path.starts_with(&format!("stand_ins/{}", name.replace('.', "/"))))
        };
        assert_eq!(MODULES.iter().find(|name| !stands_in(name) && !layer.contains(&format!("\"{name}."))), None);
    }
}
