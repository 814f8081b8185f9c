//! Where the files of an interpreter come from: the cache, the release, a mirror package, or what `--from` names.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::catalog::{File, FileKind, Interpreter};
use super::download::{self, Expected};
use super::download_cache::{CachedFile, DownloadCache, DownloadLock};
use super::http::{Policy, display_url, parse_url};
use super::mirror;
use super::record::{LOCAL_FILE, Origin};
use crate::error::{Error, Kind, Result};
use crate::hash::{Checksum, Digest};
use crate::paths;
use crate::terminal::Terminal;

/// Names a base URL that replaces that of the releases: see `assets/toolchains.toml`.
pub const RELEASE_MIRROR_VARIABLE: &str = "PYWAGI_RELEASE_MIRROR";

/// Fetches files into the cache.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The cache.
    pub cache: DownloadCache,
    /// Retries and time-outs of downloads.
    pub policy: Policy,
    /// Replaces every release's base URL.
    pub release_mirror: Option<String>,
    /// Use only files of this machine.
    pub offline: bool,
    /// Shows progress.
    pub terminal: &'a Terminal,
}

/// A file on this machine whose content was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its path.
    pub path: PathBuf,
    /// Its name in messages: the path or URL that the user gave, or the file name in the catalog.
    pub label: String,
    /// Its content and where it was fetched from.
    pub origin: Origin,
}

impl FetchedFile {
    fn new(cached: CachedFile, name: &str, label: String) -> Self {
        let CachedFile { path, checksum: Checksum { size, sha256 }, source } = cached;
        Self { path, label, origin: Origin { name: name.to_owned(), size, sha256, source } }
    }

    fn of_catalog(cached: CachedFile, file: &File) -> Self {
        Self::new(cached, &file.name, file.name.clone())
    }
}

/// The value of `--from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file on this machine.
    File(PathBuf),
    /// A file to be downloaded.
    Url(Url),
}

impl Location {
    /// Parses the value of `--from`. A text with `://` is taken for a URL.
    ///
    /// # Errors
    /// Fails for a URL that cannot be fetched.
    pub fn parse(text: &str) -> Result<Self> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        match Url::parse(text) {
            Ok(url) if url.scheme() == "file" => url.to_file_path().map(Self::File).map_err(|()| {
                Error::of(Kind::Usage, format!("{text:?} does not name a file on this machine"))
                    .remedy("give the file's path, or a URL such as file:///home/me/python.wasm")
            }),
            _ => parse_url(text).map(Self::Url),
        }
    }
}

impl<'a> Sources<'a> {
    /// Sources with the default [`Policy`] and the release mirror that the environment names.
    pub fn new(cache: DownloadCache, offline: bool, terminal: &'a Terminal) -> Self {
        let release_mirror = std::env::var(RELEASE_MIRROR_VARIABLE).ok().filter(|v| !v.is_empty());
        Self { cache, policy: Policy::default(), release_mirror, offline, terminal }
    }

    /// Fetches every file of an interpreter of the catalog.
    ///
    /// # Errors
    /// As [`Sources::get`].
    pub fn get_all(&self, interpreter: &Interpreter) -> Result<Vec<FetchedFile>> {
        interpreter.files.iter().map(|file| self.get(interpreter, file)).collect()
    }

    /// Fetches one file of an interpreter of the catalog from the first source that has it.
    ///
    /// # Errors
    /// Where all sources fail, the error lists each with its reason and remedy.
    pub fn get(&self, interpreter: &Interpreter, file: &File) -> Result<FetchedFile> {
        if let Some(cached) = self.cache.get(file.sha256)? {
            return Ok(self.use_cached(cached, file));
        }
        let lock = self.cache.lock(&file.sha256.to_string(), self.terminal)?;
        // Another process may have downloaded the file while this one waited for the lock.
        if let Some(cached) = self.cache.get_locked(file.sha256, &lock)? {
            return Ok(self.use_cached(cached, file));
        }
        if self.offline {
            return Err(self.not_cached(file));
        }
        let mut failures: Vec<(String, Error)> = Vec::new();
        if let Some(url) = file.release.url(self.release_mirror.as_deref()) {
            match self.get_release(file, &url, &lock) {
                Ok(cached) => return Ok(FetchedFile::of_catalog(cached, file)),
                Err(error) => failures.push(("the release".to_owned(), error)),
            }
        }
        for mirror in &file.mirrors {
            let source = format!("the {mirror}");
            if let Some((failed, error)) = failures.last() {
                self.terminal.warn(format_args!("{failed} failed, trying {source}: {error}"));
            }
            match mirror::fetch(mirror, file, &interpreter.files, &self.cache, &lock, self.terminal) {
                Ok(cached) => {
                    self.cache.discard_part(&lock)?;
                    return Ok(FetchedFile::of_catalog(cached, file));
                }
                Err(error) => failures.push((source, error)),
            }
        }
        Err(self.all_failed(interpreter, file, &failures))
    }

    fn use_cached(&self, cached: CachedFile, file: &File) -> FetchedFile {
        self.terminal.detail(format_args!("{} is in the cache: {}", file.name, cached.path.display()));
        FetchedFile::of_catalog(cached, file)
    }

    fn get_release(&self, file: &File, url: &str, lock: &DownloadLock) -> Result<CachedFile> {
        let url = parse_url(url).map_err(|e| {
            Error::new(format!("{RELEASE_MIRROR_VARIABLE} is not a base URL"))
                .because(e)
                .remedy(format!("set {RELEASE_MIRROR_VARIABLE} to a URL such as https://mirror.example.com/releases"))
        })?;
        let part = self.cache.part(lock);
        let expected = Expected { size: Some(file.size), sha256: Some(file.sha256), unconfirmed: file.unconfirmed };
        let checksum = download::download(&url, &file.name, &part, expected, &self.policy, self.terminal)?;
        self.cache.put(&part, checksum, &format!("the release at {}", display_url(&url)))
    }

    fn not_cached(&self, file: &File) -> Error {
        Error::new(format!(
            "{} is not in the cache {}, and --offline forbids downloading it",
            file.name,
            self.cache.directory().display()
        ))
        .remedy("run the command once without --offline, or install a file that you have: --from FILE")
    }

    /// Fetches what `--from` names and checks it against `sha256`, if given.
    ///
    /// # Errors
    /// Fails where it cannot be fetched or has another SHA-256.
    pub fn get_from(&self, location: &Location, sha256: Option<Digest>) -> Result<FetchedFile> {
        match location {
            Location::File(path) => local_file(path, sha256),
            Location::Url(url) => self.get_url(url, sha256),
        }
    }

    fn get_url(&self, url: &Url, sha256: Option<Digest>) -> Result<FetchedFile> {
        let shown = display_url(url);
        let name = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        if let Some(sha256) = sha256
            && let Some(cached) = self.cache.get(sha256)?
        {
            return Ok(FetchedFile::new(cached, &name, shown));
        }
        // Without a SHA-256 the file is stored under the hash of its address until it is complete.
        let key = sha256.map_or_else(|| format!("url-{}", Digest::of(url.as_str())), |sha256| sha256.to_string());
        let lock = self.cache.lock(&key, self.terminal)?;
        // Another process may have downloaded the file while this one waited for the lock.
        if let Some(sha256) = sha256
            && let Some(cached) = self.cache.get_locked(sha256, &lock)?
        {
            return Ok(FetchedFile::new(cached, &name, shown));
        }
        if self.offline {
            return Err(Error::new(format!("--offline forbids downloading {shown}"))
                .remedy("give a file by --from FILE, or the --sha256 of a file that is in the cache"));
        }
        let part = self.cache.part(&lock);
        let expected = Expected { sha256, ..Expected::default() };
        let checksum = download::download(url, &name, &part, expected, &self.policy, self.terminal)?;
        // The file is put under its SHA-256, which may be another name than that of the lock.
        let _lock = match sha256 {
            Some(_) => None,
            None => Some(self.cache.lock(&checksum.sha256.to_string(), self.terminal)?),
        };
        let cached = self.cache.put(&part, checksum, &shown)?;
        Ok(FetchedFile::new(cached, &name, shown))
    }

    /// The error for a file that no source has.
    fn all_failed(&self, interpreter: &Interpreter, file: &File, failures: &[(String, Error)]) -> Error {
        let mut message = format!("cannot download {} of Python {}", file.name, interpreter.version);
        for (source, error) in failures {
            message += &format!("\n  {source}: {}", error.to_string().replace('\n', "\n  "));
            if let Some(remedy) = error.remedy_text() {
                message += &format!("\n    -> {}", remedy.replace('\n', "\n       "));
            }
        }
        Error::new(message).remedy(self.other_ways(interpreter, file))
    }

    /// What to do where no source has the file.
    fn other_ways(&self, interpreter: &Interpreter, file: &File) -> String {
        let File { name, sha256, .. } = file;
        let mut ways = "follow one of the lines marked -> and run the command again,".to_owned();
        let install = "pywagi toolchain install --from";
        if file.kind == FileKind::Wheel {
            return ways
                + &format!(
                    "\nor download {name} in another way and run `{install} FILE --sha256 {sha256}`,\n\
                     or set {RELEASE_MIRROR_VARIABLE} to a server that has {}",
                    file.release.path
                );
        }
        if file.kind == FileKind::Whole {
            ways += &format!(
                "\nor set {RELEASE_MIRROR_VARIABLE} to a server that has {},\n\
                 or download the file in another way and run `{install} FILE --sha256 {sha256}`,\n\
                 or build one with tools/build-python of pywagi's sources and run `{install} FILE`",
                file.release.path
            );
            if file.unconfirmed {
                ways += &format!(
                    "\nif the release has another content than expected, take that by its own SHA-256, HEX:\n\
                     `{install} {} --sha256 HEX`",
                    file.release.url(None).unwrap_or_default()
                );
            }
            return ways;
        }
        // The module may have come from another source than the library.
        let modules = interpreter.files.iter().filter(|file| file.kind == FileKind::Interpreter);
        let mut cached = modules.filter(|module| self.cache.seems_to_have(module.checksum()));
        if let (FileKind::Library(_), true, Some(module)) = (&file.kind, interpreter.embeds_library, cached.next()) {
            let path = self.cache.directory().join(module.sha256.to_string());
            ways += &format!(
                "\nor run `{install} {}`: the module has a library of its own;",
                shell_words::quote(&path.to_string_lossy())
            );
        } else {
            ways += &format!("\nor download the interpreter in another way and run `{install} FILE|URL`;");
        }
        ways + &format!("\nthe SHA-256 of {name} is {sha256}")
    }
}

/// The file at `path`, checked against `sha256`, if given.
fn local_file(path: &Path, sha256: Option<Digest>) -> Result<FetchedFile> {
    let path = paths::absolute(path)?;
    let label = path.display().to_string();
    let remedy = "give a .wasm, .tar.gz, .zip or .whl file, or a URL of one";
    match std::fs::metadata(&path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Err(Error::new(format!("{label} is not a regular file")).remedy(remedy)),
        Err(e) => return Err(Error::new(format!("cannot read {label}")).because(e).remedy(remedy)),
    }
    let checksum = Checksum::of_file(&path)?;
    let found = checksum.sha256;
    if let Some(expected) = sha256.filter(|expected| *expected != found) {
        let message = format!("{label} has the wrong SHA-256\n  expected  {expected}\n  found     {found}");
        return Err(Error::new(message).remedy("check that it is the right file; nothing was installed"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = format!("{LOCAL_FILE}{label}");
    Ok(FetchedFile::new(CachedFile { path, checksum, source }, &name, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_a_file_url_and_a_web_url_are_told_apart() {
        assert_eq!(Location::parse("a/b.wasm").unwrap(), Location::File("a/b.wasm".into()));
        assert_eq!(Location::parse("C:\\b.wasm").unwrap(), Location::File("C:\\b.wasm".into()));
        let url = Location::parse("https://example.com/b.wasm").unwrap();
        assert!(matches!(url, Location::Url(url) if url.as_str() == "https://example.com/b.wasm"));
        if cfg!(unix) {
            assert_eq!(Location::parse("file:///a%20b.wasm").unwrap(), Location::File("/a b.wasm".into()));
            let error = Location::parse("file://host/a.wasm").unwrap_err().to_string();
            assert_eq!(error, "\"file://host/a.wasm\" does not name a file on this machine");
        }
    }
}
