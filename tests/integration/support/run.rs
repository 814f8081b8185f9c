//! One run of the binary, and its whole outcome.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};

use tempfile::TempDir;

use super::{PATIENCE, binary, cache_dir};

/// A run of `pywagi` that is being prepared.
pub struct Run {
    command: Command,
    root: PathBuf,
    stdin: Option<Vec<u8>>,
    // Keeps a project's directory, which the test may have dropped already.
    directory: Option<Arc<TempDir>>,
}

impl Run {
    /// `pywagi` with these arguments in `root`, in an environment scrubbed of everything that could change what it
    /// does on one machine and not on another.
    pub fn new<S: AsRef<OsStr>>(root: &Path, arguments: impl IntoIterator<Item = S>) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(root);
        scrub(&mut command, root);
        Self { command, root: root.to_owned(), stdin: None, directory: None }
    }

    /// Keeps a temporary directory until the run has ended.
    pub fn keeping(mut self, directory: Arc<TempDir>) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Sets an environment variable of the process.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives the process the environment of the test itself, for what needs the user's own pip, npm or proxy
    /// settings; the cache stays the shared one.
    pub fn user_environment(mut self) -> Self {
        self.command.envs(std::env::vars_os()).env("PYWAGI_CACHE_DIR", cache_dir());
        self
    }

    /// Runs in a directory of the project.
    pub fn within(mut self, directory: &str) -> Self {
        self.command.current_dir(self.root.join(directory));
        self
    }

    /// Gives it these bytes on standard input; without this it is empty.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// The prepared command, for a test that drives the process itself.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs to the end.
    pub fn output(mut self) -> Output {
        self.command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = format!("{:?}", self.command.get_args().collect::<Vec<_>>());
        let mut child = self.command.spawn().expect("the binary starts");
        if let (Some(bytes), Some(mut pipe)) = (self.stdin.take(), child.stdin.take()) {
            // A process that does not read its input is no failure here.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let (done, finished) = mpsc::channel();
        let stdout = collect(child.stdout.take().expect("piped"), done.clone());
        let stderr = collect(child.stderr.take().expect("piped"), done);
        let overdue = (0..2).any(|_| finished.recv_timeout(PATIENCE).is_err());
        if overdue {
            child.kill().expect("the overdue process can be killed");
        }
        let status = child.wait().expect("the process ends");
        let stdout = stdout.join().expect("standard output is readable");
        let stderr = stderr.join().expect("standard error is readable");
        let output = Output { code: status.code(), stdout, stderr, root: self.root, shown };
        assert!(!overdue, "not finished after {PATIENCE:?}: {output}");
        output
    }
}

/// `command` run by a shell after `first`, such as `ulimit -n 50`.
#[cfg(unix)]
pub fn after(first: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{first}\nexec \"$0\" \"$@\"")]).arg(command.get_program()).args(command.get_args());
    shell.env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        shell.current_dir(directory);
    }
    shell
}

/// What the shell does before a run on a disk with room for this many bytes in each file: every write beyond fails.
#[cfg(unix)]
pub fn small_disk(bytes: usize) -> String {
    format!("ulimit -f {}", bytes / 512)
}

/// Clears the environment down to what a process needs to run at all.
pub fn scrub(command: &mut Command, home: &Path) {
    command.env_clear().env("HOME", home).env("PYWAGI_CACHE_DIR", cache_dir());
    for name in ["PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
}

fn collect(mut pipe: impl Read + Send + 'static, done: mpsc::Sender<()>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("the pipe is readable");
        // The receiver is gone when the run was overdue already.
        let _ = done.send(());
        bytes
    })
}

/// The outcome of a run. Each check compares the whole of what it checks and shows everything when it fails.
pub struct Output {
    /// The exit code; `None` when a signal ended the process.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    root: PathBuf,
    shown: String,
}

impl Output {
    /// Checks the exit code.
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert!(self.code == Some(expected), "expected exit code {expected}\n{self}");
        self
    }

    /// Checks standard output as a whole, bytes as they are.
    #[track_caller]
    pub fn stdout(&self, expected: impl AsRef<[u8]>) -> &Self {
        let expected = expected.as_ref();
        assert!(self.stdout == expected, "expected stdout:\n{}\n{self}", String::from_utf8_lossy(expected));
        self
    }

    /// Checks standard error as a whole. The project's directory is written `[DIR]`, path separators as `/` after it.
    #[track_caller]
    pub fn stderr(&self, expected: &str) -> &Self {
        assert!(self.stderr_text() == expected, "expected stderr:\n{expected}\n{self}");
        self
    }

    /// Checks that standard output holds a text.
    #[track_caller]
    pub fn stdout_has(&self, text: &str) -> &Self {
        assert!(self.stdout_text().contains(text), "expected in stdout: {text}\n{self}");
        self
    }

    /// Checks that standard error holds a text.
    #[track_caller]
    pub fn stderr_has(&self, text: &str) -> &Self {
        assert!(self.stderr_text().contains(text), "expected in stderr: {text}\n{self}");
        self
    }

    /// Standard output as text, the project's directory as `[DIR]`.
    pub fn stdout_text(&self) -> String {
        normal(&self.stdout, &self.root)
    }

    /// Standard error as text, the project's directory as `[DIR]`.
    pub fn stderr_text(&self) -> String {
        normal(&self.stderr, &self.root)
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (stdout, stderr) = (self.stdout_text(), self.stderr_text());
        write!(f, "pywagi {}\ncode {:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---", self.shown, self.code)
    }
}

/// Output as the same text on every machine.
pub fn normal(bytes: &[u8], root: &Path) -> String {
    let text = String::from_utf8_lossy(bytes).replace(&*root.to_string_lossy(), "[DIR]");
    if cfg!(windows) { text.replace('\\', "/").replace("pywagi.exe", "pywagi") } else { text }
}
