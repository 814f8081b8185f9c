//! pip, run by a program of ours: it has no options for the environment markers of another platform.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tempfile::TempDir;

use super::lock::File;
use super::requirement::canonical;
use super::tool::{Installation, Question, Resolved, run};
use crate::error::{Context, Error, Result};

/// The program.
const PROGRAM: &str = include_str!("../../assets/python/pip_wasi.py");

/// Prints the version of pip where that has `--report` (22.2).
const PROBE: &str = "import pip\nv = tuple(int(x) for x in pip.__version__.split('.')[:2])\nassert v >= (22, 2)\nprint(pip.__version__)";

/// The version of the pip of `python`; `None` where there is none, or one that is too old.
pub fn version(python: &OsStr) -> Option<String> {
    let output = Command::new(python).args(["-c", PROBE]).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[derive(Deserialize)]
struct Reported {
    name: String,
    version: String,
    dependencies: Vec<String>,
    wheels: Vec<ReportedFile>,
    sdist: Option<ReportedFile>,
}

#[derive(Deserialize)]
struct ReportedFile {
    url: String,
    sha256: Option<String>,
}

impl From<ReportedFile> for File {
    fn from(file: ReportedFile) -> Self {
        let hashes = file.sha256.into_iter().map(|sha256| ("sha256".to_owned(), sha256)).collect();
        Self { url: Some(file.url), path: None, hashes }
    }
}

/// As [`super::tool::Tool::resolve`].
pub fn resolve(python: &OsStr, question: &Question<'_>) -> Result<Vec<Resolved>> {
    let scratch = Scratch::new()?;
    let report = scratch.directory.path().join("report.json");
    let environment = if question.native { "native" } else { "wasi" };
    let mut command = scratch.command(python, environment, question.offline, question.python, report.as_os_str())?;
    command.args(["install", "--python-version", question.python]);
    let (options, requirements): (Vec<_>, Vec<_>) =
        question.requirements.iter().cloned().partition(|line| line.starts_with('-'));
    if !options.is_empty() {
        command.arg("--requirement").arg(scratch.write("options.txt", &options)?);
    }
    // As arguments, errors name them as they are and not by a line of a file that the user does not know.
    command.args(requirements);
    if let Some(wheels) = question.wheels {
        command.arg("--find-links").arg(wheels);
    }
    if !question.constraints.is_empty() {
        command.arg("--constraint").arg(scratch.write("constraints.txt", question.constraints)?);
    }
    run(command.current_dir(question.directory), "pip cannot resolve the packages", question.deadline)?;
    let failed = || "cannot read the report of pip";
    let packages: Vec<Reported> = serde_json::from_slice(&fs::read(&report).context(failed)?).context(failed)?;
    let resolved = packages.into_iter().map(|package| Resolved {
        name: canonical(&package.name),
        version: package.version,
        dependencies: package.dependencies,
        wheels: package.wheels.into_iter().map(File::from).collect(),
        sdist: package.sdist.map(File::from),
    });
    Ok(resolved.collect())
}

/// As [`super::tool::Tool::install`].
pub fn install(python: &OsStr, installation: &Installation<'_>) -> Result<()> {
    let scratch = Scratch::new()?;
    let mut command = scratch.command(python, "wasi", installation.offline, installation.python, OsStr::new(""))?;
    command.args(["install", "--no-deps", "--no-compile", "--require-hashes", "--no-warn-conflicts"]);
    command.args(["--python-version", installation.python, "--target"]).arg(installation.into);
    match installation.build {
        Some(build) => {
            command.arg("--cache-dir").arg(build.cache.join("pip"));
            command.envs(build.variables.iter().map(|(name, value)| (name, value)));
        }
        None => {
            command.arg("--only-binary=:all:");
        }
    }
    command.arg("--requirement").arg(scratch.write("requirements.txt", installation.lines)?);
    run(&mut command, "pip cannot install the packages", None).map(drop)
}

/// A directory for what is passed to pip.
struct Scratch {
    directory: TempDir,
}

impl Scratch {
    fn new() -> Result<Self> {
        let directory = TempDir::with_prefix("pywagi-pip-").context(|| "cannot create a temporary directory")?;
        Ok(Self { directory })
    }

    /// Writes lines to a file in the directory.
    fn write(&self, name: &str, lines: &[String]) -> Result<std::path::PathBuf> {
        let path = self.directory.path().join(name);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(&path, text).context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// pip, with the flags that all its commands have.
    fn command(
        &self,
        python: &OsStr,
        environment: &str,
        offline: bool,
        version: &str,
        report: &OsStr,
    ) -> Result<Command> {
        let network = if offline { "offline" } else { "online" };
        let program = self.write("pip_wasi.py", &[PROGRAM.to_owned()])?;
        let mut command = Command::new(python);
        command.arg("-B").arg(program).args([environment, network, version]).arg(report);
        // After the command's name pip takes these flags too, but `install` has to come first.
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_INPUT", "1");
        if offline {
            command.env("PIP_RETRIES", "0");
        }
        // What would have pip install elsewhere, or something else, or hide why it cannot.
        for name in
            ["PIP_QUIET", "PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON"]
        {
            command.env_remove(name);
        }
        if version.is_empty() {
            return Err(Error::internal("no version of Python for pip"));
        }
        Ok(command)
    }
}
