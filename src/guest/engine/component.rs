//! Compiling and loading components, which libraries may be.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Instant;

use wasmparser::Parser;
use wasmtime::component::Component;

use super::{CodeFiles, Runtime, first_line, unreadable};
use crate::cache::seal::{self, SealedCode};
use crate::error::{Error, Result};
use crate::guest::libraries::ComponentProgram;
use crate::guest::memory;
use crate::terminal::Terminal;

impl Runtime {
    /// Loads a component from the cache of compiled code, or compiles it; `None` where the file is no component.
    ///
    /// # Errors
    /// Fails where the file cannot be read, is no valid component, or imports what libraries are not given.
    pub(in crate::guest) fn load_component(
        &self,
        path: &Path,
        terminal: &Terminal,
    ) -> Result<Option<ComponentProgram>> {
        let called = path.display().to_string();
        if !is_component(path).map_err(|e| unreadable(&called, e))? {
            return Ok(None);
        }
        let key = self.code_key(&self.digest_of(path).map_err(|e| unreadable(&called, e))?);
        let section = self.0.cache.as_ref().and_then(|cache| cache.section("code").ok());
        let files = section.map(|directory| CodeFiles::new(&directory, &key));
        let cached = || SealedCode::open(&files.as_ref()?.code).and_then(|code| self.open_component(code));
        let component = match cached() {
            Some(component) => component,
            None => {
                let lock = files.as_ref().and_then(CodeFiles::lock);
                match lock.as_ref().and_then(|_| cached()) {
                    Some(component) => component,
                    None => self.compile_component(path, files.as_ref(), terminal)?,
                }
            }
        };
        let program = ComponentProgram::new(self, component).map_err(|e| {
            Error::new(format!("the component {called} cannot be a library"))
                .because(first_line(&format!("{e:#}")))
                .remedy("build it for wasm32-wasip2, without other imports than those of WASI 0.2")
        })?;
        Ok(Some(program))
    }

    fn open_component(&self, code: SealedCode) -> Option<Component> {
        memory::load_component(&self.0.engine, code).ok()
    }

    fn compile_component(&self, path: &Path, files: Option<&CodeFiles>, terminal: &Terminal) -> Result<Component> {
        let called = path.display();
        let invalid = |e: wasmtime::Error| {
            Error::new(format!("{called} is not a component"))
                .because(first_line(&format!("{e:#}")))
                .remedy("build it for wasm32-wasip2")
        };
        let bytes = std::fs::read(path).map_err(|e| unreadable(&called.to_string(), e))?;
        let wasm = wat::parse_bytes(&bytes).map_err(|e| invalid(wasmtime::Error::msg(e.to_string())))?;
        let started = Instant::now();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bar = terminal.spinner("Compiling", &format!("{name} (once)"));
        let code = match files {
            Some(files) => self.0.engine.precompile_component(&wasm).map(|code| {
                // A cache that cannot be written is not an error, but the next start compiles again.
                let kept = seal::create(&files.code, |file| file.write_all(&code)).is_ok();
                kept.then(|| SealedCode::open(&files.code)).flatten().and_then(|code| self.open_component(code))
            }),
            None => Ok(None),
        };
        let component = match code.map_err(invalid)? {
            Some(component) => Ok(component),
            None => Component::new(&self.0.engine, &wasm).map_err(invalid),
        };
        bar.finish_and_clear();
        terminal.step("Compiled", format_args!("{name} in {:.1} s", started.elapsed().as_secs_f64()));
        component
    }
}

/// Whether the file at `path` is a component. Of a binary one, the first bytes say so.
fn is_component(path: &Path) -> std::io::Result<bool> {
    const BINARY: &[u8] = b"\0asm";
    let mut first = Vec::new();
    let mut file = File::open(path)?;
    (&file).take(8).read_to_end(&mut first)?;
    if first.starts_with(BINARY) {
        return Ok(Parser::is_component(&first));
    }
    file.read_to_end(&mut first)?;
    // What is wrong with a text is told where it is loaded as a module.
    Ok(wat::parse_bytes(&first).is_ok_and(|wasm| Parser::is_component(&wasm)))
}
