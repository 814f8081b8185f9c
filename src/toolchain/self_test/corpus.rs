//! The scripts of the self-test: `assets/self_test`.

/// Files that scripts find in their directory: the name and the text.
pub type Sources = &'static [(&'static str, &'static str)];

/// A script, how it is run, and what a Python that supports it does.
#[derive(Debug)]
pub struct Script {
    /// Its file name.
    pub name: &'static str,
    /// The interpreter's options before it.
    pub options: &'static [&'static str],
    /// What is asked of it.
    pub subject: Subject,
    /// The exit code.
    pub code: i32,
}

/// What a script is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What any Python does.
    Plain,
    /// What some are built without: its name in the table.
    Feature(&'static str),
}

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/self_test/", $name)))),*]
    };
}

/// All files.
pub const SOURCES: Sources = sources![
    "hello.py",
    "request.py",
    "unicode.py",
    "language.py",
    "texts.py",
    "arithmetic.py",
    "dates.py",
    "web.py",
    "logs.py",
    "failure.py",
    "ends.py",
    "recursion.py",
    "neighbours.py",
    "neighbour.py",
    "options.py",
    "files.py",
    "sleep.py",
    "zlib_.py",
    "bz2_.py",
    "lzma_.py",
    "sqlite_.py",
    "hashlib_.py",
    "ssl_.py",
    "ctypes_.py",
    "threads.py",
    "sockets.py",
];

const fn plain(name: &'static str, code: i32) -> Script {
    Script { name, options: &[], subject: Subject::Plain, code }
}

const fn feature(feature: &'static str, name: &'static str) -> Script {
    Script { name, options: &[], subject: Subject::Feature(feature), code: 0 }
}

const fn option(option: &'static str, options: &'static [&'static str]) -> Script {
    Script { name: "options.py", options, subject: Subject::Feature(option), code: 0 }
}

/// The scripts, in the order of the table.
pub const SCRIPTS: &[Script] = &[
    plain("hello.py", 0),
    plain("request.py", 0),
    plain("unicode.py", 0),
    plain("language.py", 0),
    plain("texts.py", 0),
    plain("arithmetic.py", 0),
    plain("dates.py", 0),
    plain("web.py", 0),
    plain("logs.py", 0),
    plain("failure.py", 1),
    plain("ends.py", 3),
    plain("recursion.py", 0),
    plain("neighbours.py", 0),
    option("-I", &["-I"]),
    option("-E", &["-E"]),
    feature("files", "files.py"),
    feature("sleep", "sleep.py"),
    feature("zlib", "zlib_.py"),
    feature("bz2", "bz2_.py"),
    feature("lzma", "lzma_.py"),
    feature("sqlite3", "sqlite_.py"),
    feature("hashlib", "hashlib_.py"),
    feature("ssl", "ssl_.py"),
    feature("ctypes", "ctypes_.py"),
    feature("threads", "threads.py"),
    feature("sockets", "sockets.py"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_there() {
        for script in SCRIPTS {
            assert!(SOURCES.iter().any(|(name, _)| *name == script.name), "{}", script.name);
        }
    }
}
