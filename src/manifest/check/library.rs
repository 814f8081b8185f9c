//! The libraries of an app.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::library::Library;
use super::{Check, entries, kind};
use crate::guest::Returned;
use crate::limits::LimitOverrides;

/// The keys of a `[[library]]` table.
const KEYS: [&str; 8] = ["name", "module", "volumes", "returns", "timeout", "max-memory", "max-response", "max-log"];

/// What a library without a key is told.
const REQUIRED: [(&str, &str); 2] = [("name", "name = \"markdown_c\""), ("module", "module = \"libs/cmark.wasm\"")];

/// The names that `pywagi.libraries` has for itself.
const TAKEN: [&str; 2] = ["Library", "LibraryError"];

/// The keywords of Python: <https://docs.python.org/3/reference/lexical_analysis.html#keywords>.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

impl Check<'_> {
    /// The library that is `table`, which begins at `span`; `before` are those above it.
    pub(super) fn library(&mut self, span: Range<usize>, table: &DeTable<'_>, before: &[Library]) -> Option<Library> {
        let line = self.source.line(span.start);
        let (mut name, mut module, mut volumes, mut returns) = (None, None, Vec::new(), Vec::new());
        let mut limits = LimitOverrides::default();
        let mut meant = Vec::new();
        for (key, value) in entries(table) {
            let own: &str = key.get_ref();
            match own {
                "name" => name = self.library_name(value, before),
                "module" => module = self.file(line, value),
                "volumes" => volumes = self.volumes(line, value),
                "returns" => returns = self.returns(value),
                "timeout" => limits.timeout = self.time(own, value),
                "max-memory" => limits.max_memory = self.size(own, value),
                "max-response" => limits.max_response = self.size(own, value),
                "max-log" => limits.max_log = self.size(own, value),
                // Without effect, a misspelt limit would bound nothing.
                _ => meant.extend(self.unknown(key, &KEYS, "in [[library]]", |near| table.get(near).is_none())),
            }
        }
        for (required, example) in REQUIRED {
            if table.get(required).is_none() && !meant.contains(&required) {
                let message = format!("this [[library]] has no `{required}`");
                self.mistake(span.clone(), message, format!("add one, for example: {example}"));
            }
        }
        Some(Library { line, name: name?, module: module?, volumes, returns, limits, problem: None })
    }

    /// The name that `value` must be: one that `from pywagi.libraries import` takes and no other library has.
    fn library_name(&mut self, value: &Spanned<DeValue<'_>>, before: &[Library]) -> Option<String> {
        let name = self.string("name", value)?;
        if let Some(why) = name_mistake(&name) {
            self.mistake(value.span(), why, "give it a name that Python imports, such as \"markdown_c\"");
            return None;
        }
        if let Some(other) = before.iter().find(|other| other.name == name) {
            let message = format!("the library `{name}` is there twice: the other is on line {}", other.line);
            self.mistake(value.span(), message, "give one of the two another name");
            return None;
        }
        Some(name)
    }

    /// The functions that give text or bytes.
    fn returns(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Returned)> {
        let Some(table) = self.table("returns", value, "render = \"string\"") else { return Vec::new() };
        let mut returns = Vec::new();
        for (key, value) in entries(table) {
            let function: &str = key.get_ref();
            match value.get_ref().as_str() {
                Some("string") => returns.push((function.to_owned(), Returned::String)),
                Some("bytes") => returns.push((function.to_owned(), Returned::Bytes)),
                Some(other) => {
                    let message = format!("`{function}` cannot return `{other}`");
                    self.mistake(value.span(), message, RETURNS);
                }
                None => {
                    let message = format!("what `{function}` returns must be a string, not {}", kind(value.get_ref()));
                    self.mistake(value.span(), message, RETURNS);
                }
            }
        }
        returns
    }
}

const RETURNS: &str = "write \"string\" or \"bytes\"; leave out the functions that return numbers";

/// Why Python cannot import what has this name.
fn name_mistake(name: &str) -> Option<String> {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Some(format!("`{name}` is no name of a library: it must be a letter, then letters, digits and `_`"));
    }
    if KEYWORDS.contains(&name) {
        return Some(format!("`{name}` is no name of a library: it is a keyword of Python"));
    }
    TAKEN.contains(&name).then(|| format!("`{name}` is no name of a library: pywagi.libraries has it for itself"))
}
