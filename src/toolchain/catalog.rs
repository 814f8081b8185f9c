//! The interpreters that can be installed by version: `assets/toolchains.toml` as types.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::error::{Context, Error, Kind, Result};
use crate::hash::{Checksum, Digest};

const ASSET: &str = include_str!("../../assets/toolchains.toml");

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    toolchain: Vec<Interpreter>,
}

/// An interpreter that can be installed by version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// The name that it is known by, where its version is not enough.
    pub name: Option<String>,
    /// The full version, as `sys.version` begins: `3.12.0`.
    pub version: String,
    /// Whether it is installed where no version is named.
    #[serde(default)]
    pub default: bool,
    /// Who built it, from what.
    pub origin: String,
    /// Its licences.
    pub licence: String,
    /// The variables it needs; see [`super::record::PREFIX`].
    pub environment: BTreeMap<String, String>,
    /// Whether its library is in the module as well, so that it runs without `lib/`.
    #[serde(default, rename = "embeds-library")]
    pub embeds_library: bool,
    /// The guest path at which it finds its library without these variables: see [`super::record::Record::mount`].
    pub mount: Option<String>,
    /// Modules that it was built without.
    pub lacks: Option<String>,
    /// What the user is told before it is downloaded.
    pub notice: Option<Notice>,
    /// The packages that are built into it, by their normalized names, with their versions.
    #[serde(default)]
    pub packages: BTreeMap<String, String>,
    /// The files that it consists of.
    #[serde(rename = "file")]
    pub files: Vec<File>,
}

/// What is told of an interpreter of a third party that runs on pywagi alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// What its developers call its state: `alpha`.
    pub stage: String,
    /// When it was published: `18 October 2026`.
    pub published: String,
    /// The size of the installation in bytes.
    pub unpacked: u64,
    /// The size of its compiled code in bytes, about.
    pub compiled: u64,
    /// The memory that compiling it takes in bytes, about.
    pub memory: u64,
}

/// One file of an interpreter, as it is published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its file name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Digest,
    /// Whether size and SHA-256 are known from one text only, so that another content may be the right one.
    #[serde(default)]
    pub unconfirmed: bool,
    /// What it is.
    #[serde(default)]
    pub kind: FileKind,
    /// Where it is published.
    pub release: Release,
    /// Packages that contain the same bytes, in the order in which they are tried.
    #[serde(rename = "mirror", default)]
    pub mirrors: Vec<Mirror>,
}

/// What a file of an interpreter is.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// The module.
    #[default]
    Interpreter,
    /// An archive of the library, whose directory of this name becomes `lib/`.
    Library(String),
    /// An archive of both, as `--from` takes it.
    Whole,
    /// A wheel of both: see [`super::wheel`].
    Wheel,
}

impl File {
    /// Its size and SHA-256.
    pub fn checksum(&self) -> Checksum {
        Checksum { size: self.size, sha256: self.sha256 }
    }
}

/// The address of a published file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The part that `PYWAGI_RELEASE_MIRROR` replaces. `None` where nothing but packages have the file.
    pub base: Option<String>,
    /// The path below it, percent-encoded.
    pub path: String,
}

impl Release {
    /// The URL, with `mirror` in place of the base; `None` where there is neither.
    pub fn url(&self, mirror: Option<&str>) -> Option<String> {
        let base = mirror.or(self.base.as_deref())?;
        Some(format!("{}/{}", base.trim_end_matches('/'), self.path))
    }
}

/// A package that contains a file.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// The program that downloads it.
    pub client: Client,
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The Python version that pip resolves for.
    pub python: Option<String>,
    /// The file's path in the package's archive. `None` where the package is the file.
    pub member: Option<String>,
}

impl Mirror {
    /// Whether both name the same package.
    pub fn same_package(&self, other: &Self) -> bool {
        (self.client, &self.package, &self.version) == (other.client, &other.package, &other.version)
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} package {} {}", self.client.name(), self.package, self.version)
    }
}

/// A package manager's client that the user has installed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// `pip download`
    Pip,
    /// `npm pack`
    Npm,
}

impl Client {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
        }
    }
}

impl Catalog {
    /// The catalog that is compiled into pywagi.
    ///
    /// # Errors
    /// Fails where the data is invalid; a test checks that it is not.
    pub fn load() -> Result<Self> {
        Self::parse(ASSET)
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context(|| "assets/toolchains.toml in this build of pywagi is damaged")
    }

    /// The first interpreter with the packages of these normalized names built in.
    pub fn with_packages(&self, names: &[&str]) -> Option<&Interpreter> {
        self.iter().find(|interpreter| names.iter().all(|name| interpreter.packages.contains_key(*name)))
    }

    /// The interpreters, newest first; those with a name are last.
    pub fn iter(&self) -> impl Iterator<Item = &Interpreter> {
        self.toolchain.iter()
    }

    /// The interpreter with this version, `3.12` or `3.12.0`, or this name; without one, the default.
    ///
    /// # Errors
    /// Fails where no interpreter has that version; the error lists the available ones.
    pub fn find(&self, version: Option<&str>) -> Result<&Interpreter> {
        let found = self.iter().find(|interpreter| match version {
            None => interpreter.default,
            Some(wanted) => {
                let wanted = wanted.strip_prefix("python").unwrap_or(wanted);
                match &interpreter.name {
                    Some(name) => name == wanted,
                    None => interpreter.version == wanted || interpreter.series() == wanted,
                }
            }
        });
        found.ok_or_else(|| {
            let available: Vec<_> = self.iter().map(|i| format!("{} ({})", i.called(), i.version)).collect();
            let wanted = version.unwrap_or("default");
            Error::of(Kind::Usage, format!("Python version {wanted:?} is not available")).remedy(format!(
                "available are {}; to install another interpreter: pywagi toolchain install --from FILE|URL",
                available.join(", ")
            ))
        })
    }
}

impl Interpreter {
    /// Major and minor version: `3.12`.
    pub fn series(&self) -> &str {
        match self.version.rmatch_indices('.').next() {
            Some((at, _)) => self.version.get(..at).unwrap_or(&self.version),
            None => &self.version,
        }
    }

    /// What the user calls it: its name, else its series.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.series())
    }

    /// The size of all files together, in bytes.
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
        assert_eq!(catalog.iter().filter(|i| i.default).count(), 1);
        for interpreter in catalog.iter() {
            let interpreters = interpreter.files.iter().filter(|f| !matches!(f.kind, FileKind::Library(_))).count();
            assert_eq!(interpreters, 1, "{}", interpreter.version);
            assert_eq!(interpreter.name.is_some(), interpreter.notice.is_some(), "{}", interpreter.called());
            assert!(interpreter.packages.keys().all(|name| crate::packages::requirement::canonical(name) == *name));
            let mount = interpreter.mount.as_deref().and_then(|mount| mount.rsplit_once("/python"));
            assert!(mount.is_none_or(|(_, series)| series == interpreter.series()), "{}", interpreter.version);
            for file in &interpreter.files {
                assert!(file.size > 0);
                let base = file.release.base.as_deref();
                assert!(base.is_none_or(|base| base.starts_with("https://")), "{}", file.name);
                assert_eq!(base.is_none(), file.kind == FileKind::Wheel, "{}", file.name);
                assert!(file.release.path.ends_with(&file.name), "{}", file.name);
                // The release is the only source of archives of both.
                assert_eq!(file.mirrors.is_empty(), file.kind == FileKind::Whole, "{}", file.name);
                assert!(file.mirrors.iter().all(|mirror| mirror.member.is_none() == (file.kind == FileKind::Wheel)));
            }
        }
    }

    #[test]
    fn a_version_is_found_by_its_series_and_in_full() {
        let catalog = Catalog::load().unwrap();
        let version = |v| catalog.find(v).unwrap().version.clone();
        assert_eq!(version(None), "3.12.0");
        assert_eq!(version(Some("3.14")), "3.14.7");
        assert_eq!(version(Some("3.13")), "3.13.9");
        assert_eq!(version(Some("3.12")), "3.12.0");
        assert_eq!(version(Some("3.11")), "3.11.3");
        assert_eq!(version(Some("3.11.3")), "3.11.3");
        assert_eq!(version(Some("python3.11")), "3.11.3");
        let called = |name| catalog.find(Some(name)).unwrap().called();
        assert_eq!(["3.14.7", "science", "science-full"].map(called), ["3.14", "science", "science-full"]);
        // Two interpreters have this version.
        assert!(catalog.find(Some("3.15")).is_err());
        let has = |package| catalog.with_packages(&[package]).map(Interpreter::called);
        assert_eq!(["numpy", "scipy", "flask"].map(has), [Some("science"), Some("science-full"), None]);
    }

    #[test]
    fn an_unknown_version_is_answered_with_the_available_ones() {
        let error = Catalog::load().unwrap().find(Some("3.1")).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(error.to_string(), r#"Python version "3.1" is not available"#);
        assert_eq!(
            error.remedy_text().unwrap(),
            "available are 3.14 (3.14.7), 3.13 (3.13.9), 3.12 (3.12.0), 3.11 (3.11.3), science (3.15.0), science-full \
             (3.15.0); to install another interpreter: pywagi toolchain install --from FILE|URL"
        );
    }

    #[test]
    fn a_release_mirror_replaces_the_base_alone() {
        let mut release = Release { base: Some("https://a.example/x".into()), path: "v%2F1/f.wasm".into() };
        let mirror = Some("http://b.example/m/");
        assert_eq!(release.url(None).as_deref(), Some("https://a.example/x/v%2F1/f.wasm"));
        assert_eq!(release.url(mirror).as_deref(), Some("http://b.example/m/v%2F1/f.wasm"));
        release.base = None;
        assert_eq!(release.url(None), None);
        assert_eq!(release.url(mirror).as_deref(), Some("http://b.example/m/v%2F1/f.wasm"));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(Catalog::parse("[[toolchain]]\nversoin = \"3\"").is_err());
    }
}
