//! uv, which resolves for given environment markers.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::lock::{File, Lock};
use super::requirement::canonical;
use super::resolve::WASI;
use super::tool::{Installation, Question, Resolved, run};
use crate::error::{Context, Error, Result};

/// Whether `program` is uv.
pub fn is_uv(program: &OsStr) -> bool {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && output.stdout.starts_with(b"uv "))
}

/// The interpreter that uv finds first. Told only the version of a guest, uv would look at all that are installed, for each
/// command anew, and a version manager may take seconds to start one.
fn interpreter(program: &OsStr) -> Option<String> {
    let output = Command::new(program).args(["python", "find"]).stdin(Stdio::null()).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !path.is_empty()).then_some(path)
}

/// As [`super::tool::Tool::resolve`].
pub fn resolve(program: &OsStr, question: &Question<'_>) -> Result<Vec<Resolved>> {
    let directory = project(question)?;
    let path = directory.path();
    let python = interpreter(program);
    let compile = |format: &str| {
        let mut command = Command::new(program);
        command.args([
            "pip",
            "compile",
            "--quiet",
            "--no-header",
            "--python-version",
            question.python,
            "--format",
            format,
        ]);
        command.arg("--project").arg(path);
        if let Some(python) = &python {
            command.args(["--python", python]);
        }
        if !question.native {
            command.arg("--universal");
        }
        if question.offline {
            command.arg("--offline");
        }
        if let Some(wheels) = question.wheels {
            command.arg("--find-links").arg(wheels);
        }
        if !question.constraints.is_empty() {
            command.arg("--constraint").arg(path.join("constraints.txt"));
        }
        // It would hide the markers as well.
        command.env_remove("UV_NO_CONFIG");
        command.arg(path.join("requirements.txt")).current_dir(question.directory);
        command
    };
    let doing = "uv cannot resolve the packages";
    let lock = path.join("pylock.toml");
    run(compile("pylock.toml").arg("--output-file").arg(&lock), doing, question.deadline)?;
    let text = fs::read_to_string(&lock).context(|| format!("cannot read {}", lock.display()))?;
    let packages = Lock::parse(&text).map_err(|e| e.with_message("cannot read what uv resolved"))?.packages;
    // The lock does not say which package needs which. What uv knows by now it does not fetch again.
    let annotated = run(&mut compile("requirements.txt"), doing, question.deadline)?;
    let mut needs = dependencies(&String::from_utf8_lossy(&annotated.stdout));
    let mut resolved = Vec::new();
    for package in packages {
        let dependencies = needs.remove(&package.name).unwrap_or_default();
        let is_wheel = package.archive.as_ref().is_some_and(|archive| archive.name().ends_with(".whl"));
        let (archived_wheel, archived_sdist) = if is_wheel { (package.archive, None) } else { (None, package.archive) };
        let Some(version) = package.version else {
            return Err(super::resolve::no_release(&package.name));
        };
        let absolute = |file: File| absolute(path, file);
        let wheels = package.wheels.into_iter().chain(archived_wheel).map(absolute).collect::<Result<_>>()?;
        let sdist = package.sdist.or(archived_sdist).map(absolute).transpose()?;
        resolved.push(Resolved { name: package.name, version, dependencies, wheels, sdist });
    }
    Ok(resolved)
}

/// `file` with the absolute path of one on this machine, which uv writes relative to its lock.
fn absolute(directory: &Path, file: File) -> Result<File> {
    let Some(path) = file.path.as_ref().filter(|_| file.url.is_none()) else { return Ok(file) };
    let path = directory.join(path);
    let path = path.canonicalize().context(|| format!("cannot find {}", path.display()))?;
    let url = reqwest::Url::from_file_path(&path);
    let url = url.map_err(|()| Error::internal(format!("{} is not absolute", path.display())))?;
    Ok(File { url: Some(url.into()), path: None, ..file })
}

/// A project in a temporary directory, which tells uv the markers of a guest.
fn project(question: &Question<'_>) -> Result<TempDir> {
    let directory = TempDir::with_prefix("pywagi-uv-").context(|| "cannot create a temporary directory")?;
    let failed = || "cannot write what uv is to resolve";
    let mut settings: toml_edit::DocumentMut = question.uv_settings.unwrap_or_default().parse().context(failed)?;
    // What is about the app as a project.
    for key in ["environments", "required-environments", "workspace", "package", "managed"] {
        settings.remove(key);
    }
    if !question.native {
        // Without its version, versions for later ones would be resolved as well.
        let environment = format!("{WASI} and python_version == '{}'", question.python);
        settings.insert("environments", toml_edit::value(toml_edit::Array::from_iter([environment])));
    }
    let mut document = toml_edit::DocumentMut::new();
    document.insert("tool", toml_edit::Item::Table(toml_edit::Table::from_iter([("uv", settings.as_item().clone())])));
    let lines = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    for (name, text) in [
        ("pyproject.toml", document.to_string()),
        ("requirements.txt", lines(question.requirements)),
        ("constraints.txt", lines(question.constraints)),
    ] {
        fs::write(directory.path().join(name), text).context(failed)?;
    }
    Ok(directory)
}

/// What each package needs of the others, from the comments of `uv pip compile`:
///
/// ```text
/// markupsafe==3.0.4
///     # via
///     #   jinja2
///     #   werkzeug
/// ```
fn dependencies(annotated: &str) -> BTreeMap<String, Vec<String>> {
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in annotated.lines() {
        match line.trim_start().strip_prefix('#') {
            None => {
                current = line.split([' ', '=', ';', '@', '[']).next().map(canonical).filter(|name| !name.is_empty())
            }
            Some(comment) => {
                let parent = comment.trim().trim_start_matches("via").trim();
                if let Some(current) = &current
                    && !parent.is_empty()
                    && !parent.contains([' ', '/', '('])
                {
                    needs.entry(canonical(parent)).or_default().push(current.clone());
                }
            }
        }
    }
    needs
}

/// As [`super::tool::Tool::install`].
pub fn install(program: &OsStr, installation: &Installation<'_>) -> Result<()> {
    let scratch = TempDir::with_prefix("pywagi-uv-").context(|| "cannot create a temporary directory")?;
    let lines: String = installation.lines.iter().map(|line| format!("{line}\n")).collect();
    let requirements = scratch.path().join("requirements.txt");
    fs::write(&requirements, lines).context(|| format!("cannot write {}", requirements.display()))?;
    let python = interpreter(program);
    let install = |version: Option<&str>| {
        let mut command = Command::new(program);
        // Files that are links to the cache could be changed there by whoever edits them.
        command.args(["pip", "install", "--quiet", "--no-deps", "--require-hashes", "--link-mode", "copy"]);
        command.arg("--target").arg(installation.into);
        if let Some(version) = version {
            command.args(["--python-version", version]);
        }
        if let Some(python) = &python {
            command.args(["--python", python]);
        }
        if installation.offline {
            command.arg("--offline");
        }
        match installation.build {
            Some(build) => {
                command.arg("--cache-dir").arg(build.cache.join("uv"));
                command.envs(build.variables.iter().map(|(name, value)| (name, value)));
            }
            None => {
                command.arg("--no-build");
            }
        }
        command.arg("--requirement").arg(&requirements).current_dir(scratch.path());
        run(&mut command, "uv cannot install the packages", None).map(drop)
    };
    match install(Some(installation.python)) {
        // A wheel that could have held native code is named for the Python that built it, also if it holds none.
        Err(error) if installation.build.is_some() && error.to_string().contains("not compatible with the target") => {
            install(None)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_say_which_package_needs_which() {
        let text = "blinker==1.9.0\n    # via flask\nflask==3.1.3\n    # via -r requirements.txt\nmarkupsafe==3.0.4 ; sys_platform == \
                    'wasi'\n    # via\n    #   flask\n    #   jinja2\n";
        let needs = dependencies(text);
        assert_eq!(needs["flask"], ["blinker", "markupsafe"]);
        assert_eq!(needs["jinja2"], ["markupsafe"]);
        assert_eq!(needs.len(), 2);
    }
}
