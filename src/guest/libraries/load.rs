//! Loading a library: which kind it is, and its compiled code.

use std::path::Path;

use wasmtime::{ExternType, ValType};

use super::component::ComponentProgram;
use super::{Program, Returned};
use crate::error::Result;
use crate::guest::Runtime;
use crate::terminal::Terminal;

/// What is called.
#[derive(Clone)]
pub enum LibraryCode {
    /// A WASI command.
    Command(Program),
    /// A core module with other functions.
    Functions(Program),
    /// A component.
    Component(ComponentProgram),
}

impl Runtime {
    /// Loads a library from the cache of compiled code, or compiles it.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is neither a module nor a component, or imports what libraries are not given.
    pub fn load_library(&self, path: &Path, terminal: &Terminal) -> Result<LibraryCode> {
        if let Some(component) = self.load_component(path, terminal)? {
            return Ok(LibraryCode::Component(component));
        }
        let program = self.load(path, terminal)?;
        let is_command = program.has_function("_start");
        Ok(if is_command { LibraryCode::Command(program) } else { LibraryCode::Functions(program) })
    }
}

impl LibraryCode {
    /// Why functions of it cannot give what they are said to, if so.
    pub fn lacks(&self, returns: &[(String, Returned)]) -> Option<String> {
        let (name, _) = returns.first()?;
        let program = match self {
            Self::Functions(program) => program,
            Self::Command(_) => return Some(format!("it is a command, and has no function `{name}`")),
            Self::Component(_) => {
                return Some(
                    "it is a component, whose types say what its functions give: leave `returns` out".to_owned(),
                );
            }
        };
        returns.iter().find_map(|(name, _)| match program.compiled().module.get_export(name) {
            Some(ExternType::Func(ty)) => {
                let is_packed = matches!(ty.results().collect::<Vec<_>>().as_slice(), [ValType::I64]);
                (!is_packed).then(|| format!("the result of `{name}` is not one i64, an address and a length"))
            }
            _ => Some(format!("it exports no function `{name}`")),
        })
    }
}
