//! The modules that are loaded before requests ask for them.

use toml::Spanned;
use toml::de::DeValue;

use super::{Check, kind};

impl Check<'_> {
    /// The names of Python modules that `value` must be.
    pub(super) fn preload(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        const REMEDY: &str = "write preload = [\"shop.app\"], with the names that `import` takes";
        let Some(names) = value.get_ref().as_array() else {
            let message = format!("`preload` must be an array of names, not {}", kind(value.get_ref()));
            self.mistake(value.span(), message, REMEDY);
            return Vec::new();
        };
        let mut modules: Vec<String> = Vec::new();
        for name in names.iter() {
            match name.get_ref().as_str() {
                Some(text) if !is_module_name(text) => {
                    self.mistake(name.span(), format!("`{text}` is not the name of a Python module"), REMEDY);
                }
                Some(text) if modules.iter().any(|known| known == text) => {
                    self.warn(&name.span(), format!("`{text}` is named twice"));
                }
                Some(text) => modules.push(text.to_owned()),
                None => {
                    let message = format!("`preload` must hold strings, not {}", kind(name.get_ref()));
                    self.mistake(name.span(), message, REMEDY);
                }
            }
        }
        modules
    }
}

/// Whether `import` takes this name: identifiers with dots between them. Of letters beyond ASCII, any is taken for one.
fn is_module_name(text: &str) -> bool {
    let is_letter = |c: char| c == '_' || c.is_alphabetic();
    text.split('.').all(|part| part.starts_with(is_letter) && part.chars().all(|c| is_letter(c) || c.is_numeric()))
}
