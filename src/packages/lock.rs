//! `pylock.toml` (PEP 751): what was resolved, by exact file and hash.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::hash::Digest;
use crate::text_file::{self, shown};

use super::requirement::canonical;

/// The name of the lock.
pub const FILE_NAME: &str = "pylock.toml";

/// The name in `created-by`.
const CREATOR: &str = "pywagi";

/// A lock.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    lock_version: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    environments: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requires_python: Option<String>,
    created_by: String,
    /// What is to be installed, by name.
    #[serde(default)]
    pub packages: Vec<Package>,
    #[serde(default)]
    tool: Tool,
}

/// A package at one version.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its normalized name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it needs of the other packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// The source archive; in a lock of ours only where a wheel is to be built from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdist: Option<File>,
    /// The wheels; in a lock of ours at most the one to install.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wheels: Vec<File>,
    /// A wheel or an archive that the requirement itself names by a URL.
    #[serde(default, skip_serializing)]
    pub archive: Option<File>,
}

/// The name of a package that another needs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// Its normalized name.
    pub name: String,
}

/// A file to install from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct File {
    /// Where it is; a path is relative to the lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The path of one on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its hashes by algorithm.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
}

impl File {
    /// The file's URL or path.
    pub fn location(&self) -> &str {
        self.url.as_deref().or(self.path.as_deref()).unwrap_or_default()
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        let location = self.location();
        let end = location.find(['?', '#']).unwrap_or(location.len());
        location.get(..end).and_then(|path| path.rsplit(['/', '\\']).next()).unwrap_or_default()
    }

    /// Its SHA-256, as written.
    pub fn sha256(&self) -> Option<&str> {
        self.hashes.get("sha256").map(String::as_str)
    }
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct Tool {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pywagi: Option<Own>,
}

/// What a lock of ours was made from.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Own {
    python: String,
    requirements: Vec<String>,
    /// The packages of the interpreter that those of the lock need, as pins.
    #[serde(default, rename = "built-in", skip_serializing_if = "Vec::is_empty")]
    built_in: Vec<String>,
}

impl Lock {
    /// A lock of `packages`, which `requirements` came to for Python `python`, such as `3.12`, where the interpreter has `built_in`.
    pub fn new(python: &str, requirements: Vec<String>, mut packages: Vec<Package>, built_in: Vec<String>) -> Self {
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            lock_version: "1.0".to_owned(),
            environments: vec![format!("{} and python_version == '{python}'", super::resolve::WASI)],
            requires_python: Some(format!("=={python}.*")),
            created_by: CREATOR.to_owned(),
            packages,
            tool: Tool { pywagi: Some(Own { python: python.to_owned(), requirements, built_in }) },
        }
    }

    /// Reads the lock in the app's `directory`; `None` where there is none.
    ///
    /// # Errors
    /// Fails where it cannot be read or is not a lock.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let path = directory.join(FILE_NAME);
        if !crate::swap::exists(&path)? {
            return Ok(None);
        }
        Self::parse(&text_file::read(&path)?)
            .map(Some)
            .map_err(|e| e.with_message(format!("{} is not a lock of packages", shown(&path))))
    }

    /// Reads a lock from its text.
    ///
    /// # Errors
    /// Fails where the text is not a lock of version 1.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || "not a lock of packages";
        let remedy = "delete it and run `pywagi sync`, which makes it again";
        let mut lock: Self = toml::from_str(text).context(wrong).map_err(|e| e.remedy(remedy))?;
        if lock.lock_version.split('.').next() != Some("1") {
            let message = format!("its lock-version is {}, and this pywagi reads 1.0", lock.lock_version);
            return Err(Error::new(wrong()).because(Error::new(message)).remedy(remedy));
        }
        for package in &mut lock.packages {
            package.name = canonical(&package.name);
        }
        Ok(lock)
    }

    /// The lock as text.
    ///
    /// # Errors
    /// Fails where it cannot be written as TOML, which is a defect.
    pub fn to_text(&self) -> Result<String> {
        let text = toml::to_string(self).map_err(|e| Error::internal(format!("cannot write {FILE_NAME}: {e}")))?;
        Ok(format!("# What the app's packages came to, by `pywagi add` and `pywagi sync`. Commit this file.\n{text}"))
    }

    /// Whether pywagi made this lock for `requirements` and this Python.
    pub fn is_for(&self, python: &str, requirements: &[String]) -> bool {
        self.tool.pywagi.as_ref().is_some_and(|own| own.python == python && own.requirements == requirements)
    }

    /// Whether the packages of the lock need some of the interpreter's.
    pub fn needs_built_in(&self) -> bool {
        self.tool.pywagi.as_ref().is_some_and(|own| !own.built_in.is_empty())
    }

    /// Whether an interpreter with these packages built in, as pins, has what those of the lock need of it.
    pub fn goes_with(&self, built_in: &[String]) -> bool {
        self.tool.pywagi.as_ref().is_none_or(|own| own.built_in.iter().all(|pin| built_in.contains(pin)))
    }

    /// The version of Python that it was made for, if pywagi made it.
    pub fn python(&self) -> Option<&str> {
        self.tool.pywagi.as_ref().map(|own| own.python.as_str())
    }

    /// Whether pywagi made it.
    pub fn is_own(&self) -> bool {
        self.tool.pywagi.is_some()
    }

    /// The version of the package `name`.
    pub fn version_of(&self, name: &str) -> Option<&str> {
        self.packages.iter().find(|package| package.name == name)?.version.as_deref()
    }
}

/// The digest of the lock in `directory`, by which it is known to be installed; `None` where there is none.
///
/// # Errors
/// Fails where it cannot be read.
pub fn digest(directory: &Path) -> Result<Option<Digest>> {
    let path = directory.join(FILE_NAME);
    if !crate::swap::exists(&path)? {
        return Ok(None);
    }
    Ok(Some(Digest::of(text_file::read(&path)?)))
}
