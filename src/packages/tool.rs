//! The user's own uv or pip, which resolves, fetches and builds.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Instant;

use wait_timeout::ChildExt as _;

use super::built_in::BuiltIn;
use super::lock::File;
use super::{pip, uv};
use crate::error::{Error, Result};

/// The variable that names the uv to use; empty, none is used.
pub const UV: &str = "PYWAGI_UV";

/// The variable that names the Python whose pip is used.
pub const PYTHON: &str = "PYWAGI_PYTHON";

/// A tool that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    /// uv, by its program.
    Uv(OsString),
    /// pip, by the Python that has it.
    Pip(OsString),
}

/// What to resolve.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Lines of a requirements file.
    pub requirements: &'a [String],
    /// Lines of a constraints file: versions to stay with.
    pub constraints: &'a [String],
    /// The packages of the interpreter, which are taken as given.
    pub built_in: &'a BuiltIn,
    /// The directory of [`super::built_in::wheels`] for them.
    pub wheels: Option<&'a Path>,
    /// The version of Python, such as `3.12`.
    pub python: &'a str,
    /// The table `[tool.uv]` of the app.
    pub uv_settings: Option<&'a str>,
    /// Whether to resolve for this machine and not for a guest.
    pub native: bool,
    /// Whether to use only what is on this machine.
    pub offline: bool,
    /// The app, which relative paths start from.
    pub directory: &'a Path,
    /// When the tool is stopped, which is an error; `None`: never.
    pub deadline: Option<Instant>,
}

/// A package that was resolved: all files that the index has of this version for guests and, from pip, for this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its normalized name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it needs of the others.
    pub dependencies: Vec<String>,
    /// Its wheels.
    pub wheels: Vec<File>,
    /// Its source archive.
    pub sdist: Option<File>,
}

/// What to install from files of which the hash is known.
#[derive(Clone, Copy, Debug)]
pub struct Installation<'a> {
    /// Lines of a requirements file, `NAME @ URL --hash=sha256:…`.
    pub lines: &'a [String],
    /// The version of Python, such as `3.12`.
    pub python: &'a str,
    /// A cache of our own, and variables for the build, where wheels are built from source archives.
    pub build: Option<Build<'a>>,
    /// Whether to use only what is on this machine.
    pub offline: bool,
    /// The directory to install into.
    pub into: &'a Path,
}

/// How wheels are built.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// Where built wheels are kept: in a cache of our own, since another program would use them from the user's.
    pub cache: &'a Path,
    /// Variables for the build.
    pub variables: &'a [(String, String)],
}

impl Tool {
    /// Finds the user's tool: uv, else pip.
    ///
    /// # Errors
    /// Fails where neither is installed, or the one that a variable names is not.
    pub fn find() -> Result<Self> {
        let wanted = std::env::var_os(UV);
        match wanted.filter(|program| !program.is_empty()) {
            Some(program) if uv::is_uv(&program) => return Ok(Self::Uv(program)),
            Some(program) => {
                let message = format!("{UV} names no uv: {}", program.to_string_lossy());
                return Err(
                    Error::new(message).remedy("correct the variable, or unset it to use the uv on the PATH, or pip")
                );
            }
            None if std::env::var_os(UV).is_none() && uv::is_uv(OsStr::new("uv")) => return Ok(Self::Uv("uv".into())),
            None => {}
        }
        if let Some(python) = std::env::var_os(PYTHON).filter(|program| !program.is_empty()) {
            return match pip::version(&python) {
                Some(_) => Ok(Self::Pip(python)),
                None => Err(Error::new(format!("{PYTHON} names no Python with pip: {}", python.to_string_lossy()))
                    .remedy("correct the variable, or unset it to use the Python on the PATH")),
            };
        }
        let found = ["python3", "python", "py"].into_iter().find(|python| pip::version(OsStr::new(python)).is_some());
        found.map(|python| Self::Pip(python.into())).ok_or_else(|| {
            Error::new("neither uv nor pip is installed")
                .remedy("install uv, or Python with pip, or put it on the PATH")
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uv(_) => "uv",
            Self::Pip(_) => "pip",
        }
    }

    /// Resolves requirements.
    ///
    /// # Errors
    /// Fails with the explanation of the tool where they cannot be resolved.
    pub fn resolve(&self, question: &Question<'_>) -> Result<Vec<Resolved>> {
        match self {
            Self::Uv(program) => uv::resolve(program, question),
            Self::Pip(python) => pip::resolve(python, question),
        }
    }

    /// Installs files, each of which must have its hash.
    ///
    /// # Errors
    /// Fails with the explanation of the tool where one cannot be fetched, has another hash or cannot be built.
    pub fn install(&self, installation: &Installation<'_>) -> Result<()> {
        match self {
            Self::Uv(program) => uv::install(program, installation),
            Self::Pip(python) => pip::install(python, installation),
        }
    }
}

/// Runs a tool and returns what it printed.
///
/// # Errors
/// Fails with its standard error where its exit code is not 0, and where it has not ended at the deadline. `doing` begins the
/// message.
pub fn run(command: &mut Command, doing: &str, deadline: Option<Instant>) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null());
    let output = match deadline {
        Some(deadline) => output_before(command, deadline),
        None => command.output().map(Some),
    };
    let output = output.map_err(|e| {
        Error::new(format!("{doing}: cannot run {name}")).because(e).remedy("see that it is installed and on the PATH")
    })?;
    let Some(output) = output else { return Err(Error::new(format!("{doing}: {name} took too long"))) };
    if output.status.success() {
        return Ok(output);
    }
    // pip tells on standard output what conflicts with what.
    let printed = String::from_utf8_lossy(&output.stdout);
    let conflict =
        printed.find("The conflict is caused by:").and_then(|start| printed.get(start..)).unwrap_or_default();
    let said = explanation(&format!("{}\n{conflict}", String::from_utf8_lossy(&output.stderr)));
    let said = if said.is_empty() { format!(" {name} failed ({})", output.status) } else { said };
    Err(Error::new(format!("{doing}:{said}")))
}

/// As [`Command::output`]; `None` where the process was stopped at the deadline.
fn output_before(command: &mut Command, deadline: Instant) -> io::Result<Option<Output>> {
    fn read(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<io::Result<Vec<u8>>> {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes)).map(|_| bytes)
        })
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let Some(status) = child.wait_timeout(deadline.saturating_duration_since(Instant::now()))? else {
        child.kill()?;
        child.wait()?;
        // What it has started may hold the other ends of the pipes: nobody waits for these threads.
        return Ok(None);
    };
    let ended = |thread: thread::JoinHandle<_>| thread.join().unwrap_or_else(|_| Err(io::Error::other("a panic")));
    Ok(Some(Output { status, stdout: ended(stdout)?, stderr: ended(stderr)? }))
}

/// What a tool said, without what is of no use to the user: notices of pip, and the hint of uv to change a file that is ours.
fn explanation(text: &str) -> String {
    let is_noise = |line: &str| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with("[notice]") || line.contains("consider limiting the environments with")
    };
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !is_noise(line)).collect();
    let split = " for split (markers: ";
    let lines: Vec<_> = lines
        .iter()
        .map(|line| {
            line.split_once(split).map_or((*line).to_owned(), |(start, _)| format!("{start} for CPython on WASI"))
        })
        .collect();
    lines.iter().map(|line| format!("\n  {line}")).collect()
}

/// The line of a requirements file that installs `file` as the package `name`, and nothing else in its place.
///
/// # Errors
/// Fails where the hash is not known.
pub fn line(name: &str, file: &File, directory: &Path) -> Result<String> {
    let Some(sha256) = file.sha256() else {
        return Err(Error::new(format!("{name}: the SHA-256 of {} is not known", file.name()))
            .remedy("use a package index that gives SHA-256, as all common ones do"));
    };
    let url = match (&file.url, &file.path) {
        (Some(url), _) => url.clone(),
        (None, Some(path)) => reqwest::Url::from_file_path(directory.join(path))
            .map(String::from)
            .map_err(|()| Error::new(format!("{name}: {path} is not a path")))?,
        (None, None) => return Err(Error::new(format!("{name}: the lock names no file"))),
    };
    Ok(format!("{name} @ {url} --hash=sha256:{sha256}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_tool_that_takes_too_long_is_stopped() {
        let deadline = |seconds| Instant::now().checked_add(std::time::Duration::from_secs(seconds));
        let mut command = Command::new("sh");
        let output = run(command.args(["-c", "yes | head -c 200000; echo x >&2"]), "doing", deadline(60));
        let output = output.expect("it ends");
        assert_eq!((output.stdout.len(), output.stderr.as_slice()), (200_000, b"x\n".as_slice()));
        let error = run(Command::new("sleep").arg("600"), "doing", deadline(0)).expect_err("it does not end");
        assert_eq!(error.to_string(), "doing: sleep took too long");
    }

    #[test]
    fn the_explanation_is_whole_but_for_what_is_about_our_own_files() {
        let said = "error: No solution found when resolving dependencies for split (markers: sys_platform == 'wasi')\n  cause: Because \
                    flaks was not found, it is unsatisfiable.\nhint: The resolution failed, consider limiting the environments \
                    with `tool.uv.environments`.\n[notice] A new release of pip is available\n";
        let expected = "\n  error: No solution found when resolving dependencies for CPython on WASI\n    cause: Because flaks was not \
                        found, it is unsatisfiable.";
        assert_eq!(explanation(said), expected);
    }
}
