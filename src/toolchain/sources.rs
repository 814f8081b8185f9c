//! Where an interpreter's bytes come from: the cache, the release, a mirror package, or what the user gave.

use std::path::{Path, PathBuf};

use reqwest::Url;

use super::catalog::{File, Known};
use super::download::{self, Expected, Policy, display_url};
use super::downloads::{Downloads, Fetching};
use super::hash;
use super::mirror;
use super::record::Origin;
use crate::error::{Context, Error, Result};
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
    /// What it is and where it came from.
    pub origin: Origin,
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
        if text.contains("://") {
            return match text.strip_prefix("file://") {
                Some(path) => Ok(Self::File(path.into())),
                None => download::parse_url(text).map(Self::Url),
            };
        }
        Ok(Self::File(text.into()))
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
        let (path, source) = self.find(known, file)?;
        let (name, sha256) = (file.name.clone(), file.sha256.clone());
        Ok(Fetched { path, origin: Origin { name, size: file.size, sha256, source } })
    }

    fn find(&self, known: &Known, file: &File) -> Result<(PathBuf, String)> {
        let in_cache = |path: PathBuf| {
            self.terminal.detail(format_args!("{} is in the cache: {}", file.name, path.display()));
            (path, "the cache".to_owned())
        };
        if let Some(path) = self.downloads.get(&file.sha256)? {
            return Ok(in_cache(path));
        }
        if self.offline {
            return Err(self.not_offline(file));
        }
        let fetching = self.downloads.lock(&file.sha256, self.terminal)?;
        // While we waited for the lock its holder may have fetched the file.
        if let Some(path) = self.downloads.get(&file.sha256)? {
            return Ok(in_cache(path));
        }
        let mut failures: Vec<(String, Error)> = Vec::new();
        let (release, downloaded) = self.from_release(file, &fetching);
        match downloaded {
            Ok(path) => return Ok((path, release)),
            Err(error) => failures.push((release, error)),
        }
        for mirror in &file.mirrors {
            let source = format!("the {mirror}");
            if let Some((failed, error)) = failures.last() {
                self.terminal.warn(format_args!("{failed} failed, trying {source}: {error}"));
            }
            match mirror::fetch(mirror, file, &known.files, &self.downloads, &fetching, self.terminal) {
                Ok(path) => return Ok((path, source)),
                Err(error) => failures.push((source, error)),
            }
        }
        Err(all_failed(known, file, &failures))
    }

    /// Downloads a release; with the words for it.
    fn from_release(&self, file: &File, fetching: &Fetching) -> (String, Result<PathBuf>) {
        let url = match download::parse_url(&file.release.url(self.release_mirror.as_deref())) {
            Ok(url) => url,
            Err(error) => return (format!("the release below {RELEASE_MIRROR_VARIABLE}"), Err(error)),
        };
        let part = self.downloads.part(fetching);
        let expected = Expected { size: Some(file.size), sha256: Some(&file.sha256) };
        let path = download::download(&url, &file.name, &part, expected, &self.policy, self.terminal)
            .and_then(|digest| self.downloads.put(&part, &digest));
        (format!("the release at {}", display_url(&url)), path)
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
            Given::File(path) => self.from_file(path, sha256),
            Given::Url(url) => self.from_url(url, sha256),
        }
    }

    fn from_file(&self, path: &Path, sha256: Option<&str>) -> Result<Fetched> {
        let path = std::path::absolute(path).context(|| format!("cannot resolve {}", path.display()))?;
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
        Ok(Fetched { origin: Origin { name, size: digest.size, sha256: digest.sha256, source }, path })
    }

    fn from_url(&self, url: &Url, sha256: Option<&str>) -> Result<Fetched> {
        let shown = display_url(url);
        let name = url.path_segments().and_then(|mut s| s.next_back()).unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        let fetched = |path: PathBuf, size, sha256: String, source| {
            Ok(Fetched { path, origin: Origin { name: name.clone(), size, sha256, source } })
        };
        let cached = |sha256: &str| match self.downloads.get(sha256)? {
            Some(path) => hash::of_file(&path).map(|digest| Some((path, digest))),
            None => Ok(None),
        };
        if let Some(sha256) = sha256
            && let Some((path, digest)) = cached(sha256)?
        {
            return fetched(path, digest.size, digest.sha256, "the cache".to_owned());
        }
        if self.offline {
            return Err(Error::new(format!("--offline forbids to fetch {shown}"))
                .remedy("give a file by --from FILE, or the --sha256 of a file that is in the cache"));
        }
        // What has no sum yet is known by its address until it is there.
        let key = sha256.map_or_else(|| format!("url-{}", hash::of_bytes(url.as_str().as_bytes())), str::to_owned);
        let fetching = self.downloads.lock(&key, self.terminal)?;
        let part = self.downloads.part(&fetching);
        let expected = Expected { size: None, sha256 };
        let digest = download::download(url, &name, &part, expected, &self.policy, self.terminal)?;
        let path = self.downloads.put(&part, &digest)?;
        fetched(path, digest.size, digest.sha256, shown)
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
