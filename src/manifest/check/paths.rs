//! Paths on the host: the file of a module and the directory of a volume.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;

use super::super::values::module_path;
use super::Check;
use crate::packages;
use crate::paths;
use crate::toolchain::layout;

impl Check<'_> {
    /// The WebAssembly file of the module at `line`, which `value` names.
    pub(super) fn file(&mut self, line: usize, value: &Spanned<DeValue<'_>>) -> Option<PathBuf> {
        let text = self.string("module", value)?;
        let named = match module_path(&text) {
            Ok(path) => path,
            Err((message, remedy)) => {
                self.mistake(value.span(), message, remedy);
                return None;
            }
        };
        let path = self.directory.join(&named);
        let shown = path.display();
        if path.is_dir() {
            let message = format!("{shown} is a directory");
            self.problem(line, value.span(), message, "give the path of a .wasm or .wat file");
        } else if !path.exists() {
            let remedy = self
                .remedy_for_path(value, &text, &named)
                .unwrap_or_else(|| layout::remedy_for_missing(&path, self.directory));
            self.problem(line, value.span(), format!("there is no file {shown}"), remedy);
        }
        Some(path)
    }

    /// The host directory of a volume of the module at `line`, which `value` names; `name` is its key.
    pub(super) fn host(&mut self, line: usize, name: &str, value: &Spanned<DeValue<'_>>) -> Option<PathBuf> {
        let text = self.string(name, value)?;
        if text.is_empty() {
            self.mistake(value.span(), "the host directory is empty", "write \".\" for the directory of this file");
            return None;
        }
        let path = self.directory.join(&text);
        if !path.is_dir() && path.exists() {
            let message = format!("{} is not a directory", path.display());
            self.problem(line, value.span(), message, "give a directory: a single file cannot be a volume");
        } else if !path.is_dir() {
            let locked = path == self.directory.join(packages::DIRECTORY)
                && self.directory.join(packages::lock::FILE_NAME).is_file();
            let sync = locked.then(|| "run `pywagi sync`, which installs the packages of pylock.toml".to_owned());
            let install = || layout::remedy_for_missing_library(&path);
            let remedy = sync
                .or_else(install)
                .or_else(|| self.remedy_for_path(value, &text, Path::new(&text)))
                .unwrap_or_else(|| {
                    let start = "a relative one starts at the directory of modules.toml";
                    format!("create it, or correct the path; {start}, {}", self.directory.display())
                });
            self.problem(line, value.span(), format!("there is no directory {}", path.display()), remedy);
        }
        Some(path)
    }

    /// What to do about a path that leads nowhere, where its text explains that; `path` is what `text` names.
    fn remedy_for_path(&self, value: &Spanned<DeValue<'_>>, text: &str, path: &Path) -> Option<String> {
        if text.contains(char::is_control) && self.source.slice(value.span()).contains('\\') {
            return Some(super::super::BACKSLASH.to_owned());
        }
        let here = paths::working_directory().ok().filter(|here| path.is_relative() && here != self.directory)?;
        let found = here.join(path);
        if !found.exists() {
            return None;
        }
        let below = found.strip_prefix(self.directory).unwrap_or(&found).to_string_lossy().replace('\\', "/");
        Some(format!(
            "a relative path starts at the directory of modules.toml, {}, not at the working directory, where {path} is: \
             write {below}",
            self.directory.display(),
            path = path.display(),
            below = toml::Value::String(below),
        ))
    }
}
