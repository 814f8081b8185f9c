//! A new app: from answers to a list of files, and from the list to files on disk.
//!
//! The list is plain data and is complete before the first byte is written, so whoever asked the questions, a person
//! or a flag, the same answers give the same app, and a refusal leaves nothing behind.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Context, Error, Result};

/// The volumes of an interpreter that carries its standard library inside its file.
const CODE_ONLY: &str = r#"volumes = { "/code" = "code" }"#;

/// The volumes of an interpreter whose standard library is under `opt/`. Others go without: what is mounted, a guest
/// can write to, the interpreter of the next request included.
const CODE_AND_LIBRARY: &str = r#"volumes = { "/code" = "code", "/opt" = "opt" }"#;

/// What a new app shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Write `modules.toml` and the script it runs.
    pub app: bool,
    /// Write a `.gitignore` that keeps interpreters out of the repository.
    pub gitignore: bool,
    /// The interpreter finds its standard library in `opt/` rather than inside its own file.
    pub library_in_opt: bool,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, below the app's directory, with `/` between the parts.
    pub path: &'static str,
    /// What it holds.
    pub contents: String,
}

/// The files that `answers` ask for, in the order a reader should meet them.
pub fn files(answers: &Answers) -> Vec<File> {
    let mut files = Vec::new();
    if answers.app {
        let mut manifest = include_str!("../assets/modules.toml").to_owned();
        if answers.library_in_opt {
            manifest = manifest.replace(CODE_ONLY, CODE_AND_LIBRARY);
        }
        files.push(File { path: "modules.toml", contents: manifest });
        files.push(File { path: "code/env.py", contents: include_str!("../assets/env.py").to_owned() });
    }
    if answers.gitignore {
        files.push(File { path: ".gitignore", contents: include_str!("../assets/gitignore").to_owned() });
    }
    files
}

/// Refuses a directory in which one of `files` would have to be overwritten.
///
/// # Errors
/// Fails where `directory` is no directory, and where a file, or anything else of its name, is there already; the
/// error names all of them.
pub fn refuse_existing(directory: &Path, files: &[File]) -> Result<()> {
    if std::fs::metadata(directory).is_ok_and(|m| !m.is_dir()) {
        return Err(Error::new(format!("{} is not a directory", directory.display()))
            .remedy("give the app a directory of its own: pywagi init NAME"));
    }
    // A dangling link is in the way too, so links are not followed.
    let existing: Vec<_> =
        files.iter().map(|f| place(directory, f)).filter(|path| path.symlink_metadata().is_ok()).collect();
    if existing.is_empty() { Ok(()) } else { Err(refusal(&existing)) }
}

/// Writes `files` below `directory`, which is made if need be, and returns where they are. Each appears whole or not
/// at all: it is written under a temporary name beside its place first, and none is put in place before all are.
///
/// # Errors
/// Fails, naming the path, where something cannot be written, and without `overwrite` where something is there
/// already. `directory` and the directories below it may have been made then.
pub fn write(directory: &Path, files: &[File], overwrite: bool) -> Result<Vec<PathBuf>> {
    if !overwrite {
        refuse_existing(directory, files)?;
    }
    let mut staged = Vec::new();
    for file in files {
        let path = place(directory, file);
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(|e| {
            Error::new(format!("cannot make the directory {}", parent.display()))
                .because(e)
                .remedy("choose another directory, or remove what is in its way")
        })?;
        let temporary = stage(parent, &file.contents).context(|| format!("cannot write {}", path.display()))?;
        staged.push((temporary, path));
    }
    let mut written = Vec::new();
    for (temporary, path) in staged {
        let persisted = if overwrite { temporary.persist(&path) } else { temporary.persist_noclobber(&path) };
        if let Err(e) = persisted {
            // Somebody else was here between the check and now.
            if !overwrite && e.error.kind() == std::io::ErrorKind::AlreadyExists {
                return Err(refusal(&[path]));
            }
            return Err(Error::new(format!("cannot write {}", path.display())).because(e.error));
        }
        written.push(path);
    }
    Ok(written)
}

/// Where `file` belongs, without the `./` that a reader would not type.
fn place(directory: &Path, file: &File) -> PathBuf {
    let directory = if directory.components().eq([Component::CurDir]) { Path::new("") } else { directory };
    file.path.split('/').fold(directory.to_owned(), |path, part| path.join(part))
}

fn refusal(existing: &[PathBuf]) -> Error {
    let names: Vec<_> = existing.iter().map(|path| path.display().to_string()).collect();
    let (verb, pronoun) = if names.len() == 1 { ("exists", "it") } else { ("exist", "them") };
    Error::new(format!("{} already {verb}", names.join(", ")))
        .remedy(format!("choose another directory, or overwrite {pronoun} with --force"))
}

/// Writes `contents` to a temporary file in `directory`, with the permissions that any new file gets.
fn stage(directory: &Path, contents: &str) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(OsStr::new(".pywagi-"));
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    // Past the wrapper, whose errors name the temporary file.
    file.as_file_mut().write_all(contents.as_bytes())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Answers = Answers { app: true, gitignore: true, library_in_opt: false };

    #[test]
    fn answers_choose_the_files() {
        let paths = |answers: &Answers| files(answers).iter().map(|f| f.path).collect::<Vec<_>>();
        assert_eq!(paths(&ALL), ["modules.toml", "code/env.py", ".gitignore"]);
        assert_eq!(paths(&Answers { gitignore: false, ..ALL }), ["modules.toml", "code/env.py"]);
        assert_eq!(paths(&Answers { app: false, ..ALL }), [".gitignore"]);
        assert_eq!(paths(&Answers { app: false, gitignore: false, ..ALL }), [""; 0]);
    }

    #[test]
    fn the_library_is_mounted_only_where_it_is_needed() {
        let volumes = |library_in_opt| {
            let manifest = &files(&Answers { library_in_opt, ..ALL })[0].contents;
            let manifest: toml::Table = manifest.parse().unwrap();
            manifest["module"][0]["volumes"].as_table().unwrap().clone()
        };
        assert_eq!(volumes(false), toml::toml! { "/code" = "code" });
        assert_eq!(
            volumes(true),
            toml::toml! { "/code" = "code"
            "/opt" = "opt" }
        );
    }

    #[test]
    fn paths_read_as_they_were_typed() {
        let file = File { path: "code/env.py", contents: String::new() };
        for (directory, expected) in
            [(".", "code/env.py"), ("hello", "hello/code/env.py"), ("./hello", "./hello/code/env.py")]
        {
            assert_eq!(place(Path::new(directory), &file), Path::new(expected));
        }
    }

    #[test]
    fn a_failed_write_leaves_the_existing_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("modules.toml"), "mine").unwrap();
        let error = write(dir.path(), &files(&ALL), false).unwrap_err();
        let path = dir.path().join("modules.toml");
        assert_eq!(error.to_string(), format!("{} already exists", path.display()));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
