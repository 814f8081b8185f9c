//! Splits a module into its code and its initial memory, before it is compiled.
//!
//! An instance of a module with data segments always starts with their content. Without them, the same compiled code
//! serves cold starts and every saved interpreter: each maps a file as its initial memory. Starts from a saved interpreter
//! also need the mutable globals and the function table, so these are exported.

mod reactor;
mod stack;

use std::ops::Range;

pub use reactor::command;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{BinaryReaderError, DataKind, ExternalKind, MemoryType, Operator, Parser, Payload, TypeRef};

/// Part of the key of compiled code. To be changed when [`prepare`] changes its result for the same module.
pub const VERSION: u32 = 3;

/// The name under which linear memory is exported.
pub const MEMORY: &str = "pywagi:memory";

/// The name under which the function table is exported.
pub const TABLE: &str = "pywagi:table";

/// The name under which the mutable global of the given index is exported.
pub fn global_name(index: u32) -> String {
    format!("{GLOBAL_PREFIX}{index}")
}

/// The prefix of the names of exported globals.
pub const GLOBAL_PREFIX: &str = "pywagi:global:";

const WASM_PAGE: usize = 65536;

/// The largest initial memory that is split off, in bytes. It is stored whole, which for a module of a hundred bytes can
/// be 4 GiB of zeros. An interpreter has 10 MiB.
const MOST_INITIAL: usize = 256 << 20;

/// A module split into code and initial memory.
#[derive(Debug)]
pub struct Prepared {
    /// The module without data segments and custom sections, with the added exports.
    pub wasm: Vec<u8>,
    /// The initial content of linear memory, up to the last byte of a data segment.
    pub memory: Vec<u8>,
    /// The memory's initial size in bytes, at least `memory.len()`.
    pub minimum: usize,
    /// Where the stack was moved to; empty where it stays between its first pointer and address 0.
    pub moved_stack: Range<usize>,
}

/// Splits `wasm`, a valid module, and gives CPython a larger stack. `None` where it cannot be split: a memory that is imported, shared, 64-bit or not
/// the only one, segments that are passive or placed by something other than a constant, a start function (which
/// would run again over a saved state).
///
/// # Errors
/// Fails where `wasm` is not a well-formed module.
pub fn prepare(wasm: &[u8]) -> Result<Option<Prepared>, BinaryReaderError> {
    let mut module = Module::new();
    let mut memory: Option<MemoryType> = None;
    let mut tables = 0;
    let mut globals = 0;
    let mut mutable = Vec::new();
    let mut has_exports = false;
    let mut initial = Vec::new();

    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::StartSection { .. } => return Ok(None),
            Payload::ImportSection(reader) => {
                for import in reader.clone().into_imports() {
                    match import?.ty {
                        TypeRef::Memory(_) => return Ok(None),
                        TypeRef::Table(_) => tables += 1,
                        TypeRef::Global(_) => globals += 1,
                        _ => {}
                    }
                }
            }
            Payload::TableSection(reader) => tables += reader.count(),
            Payload::MemorySection(reader) => {
                for ty in reader.clone() {
                    if memory.replace(ty?).is_some() {
                        return Ok(None);
                    }
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader.clone() {
                    if global?.ty.mutable {
                        mutable.push(globals);
                    }
                    globals += 1;
                }
            }
            Payload::ExportSection(reader) => {
                if memory.is_none() {
                    return Ok(None);
                }
                has_exports = true;
                let mut exports = ExportSection::new();
                for export in reader.clone() {
                    let export = export?;
                    let Some(kind) = export_kind(export.kind) else { return Ok(None) };
                    exports.export(export.name, kind, export.index);
                }
                exports.export(MEMORY, ExportKind::Memory, 0);
                if tables > 0 {
                    exports.export(TABLE, ExportKind::Table, 0);
                }
                for &index in &mutable {
                    exports.export(&global_name(index), ExportKind::Global, index);
                }
                module.section(&exports);
                continue;
            }
            Payload::DataCountSection { .. } | Payload::CustomSection(_) => continue,
            Payload::DataSection(reader) => {
                for segment in reader.clone() {
                    let segment = segment?;
                    let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else { return Ok(None) };
                    let mut operators = offset_expr.get_operators_reader();
                    let Operator::I32Const { value } = operators.read()? else { return Ok(None) };
                    let start = value.cast_unsigned() as usize;
                    let Some(end) = start.checked_add(segment.data.len()) else { return Ok(None) };
                    // A segment outside of memory must fail at instantiation, so the module is left alone.
                    if end > memory.map_or(0, |m| minimum_size(&m)).min(MOST_INITIAL) {
                        return Ok(None);
                    }
                    if initial.len() < end {
                        initial.resize(end, 0);
                    }
                    initial[start..end].copy_from_slice(segment.data);
                }
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section()
            && let Some(data) = wasm.get(range)
        {
            module.section(&RawSection { id, data });
        }
    }
    match memory {
        Some(ty) if has_exports && !ty.memory64 && !ty.shared && ty.page_size_log2.is_none() => {
            let wasm = module.finish();
            let prepared = Prepared { wasm, memory: initial, minimum: minimum_size(&ty), moved_stack: 0..0 };
            Ok(Some(stack::enlarge(&prepared).unwrap_or(prepared)))
        }
        _ => Ok(None),
    }
}

fn minimum_size(ty: &MemoryType) -> usize {
    usize::try_from(ty.initial).unwrap_or(usize::MAX).saturating_mul(WASM_PAGE)
}

fn export_kind(kind: ExternalKind) -> Option<ExportKind> {
    Some(match kind {
        ExternalKind::Func => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
        ExternalKind::FuncExact => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(wat: &str) -> Option<Prepared> {
        let wasm = wat::parse_str(wat).expect("the test's module is valid");
        prepare(&wasm).expect("a valid module can be read")
    }

    #[test]
    fn data_segments_become_the_initial_memory() {
        let prepared = split(
            r#"(module (memory 1) (export "m" (memory 0)) (data (i32.const 4) "ab") (data (i32.const 5) "xyz"))"#,
        )
        .expect("a plain module can be split");
        assert_eq!(prepared.memory, b"\0\0\0\0axyz");
        assert_eq!(prepared.minimum, 65536);
        assert!(!prepared.wasm.windows(3).any(|w| w == b"xyz"));
    }

    #[test]
    fn mutable_globals_and_the_table_are_exported() {
        let prepared = split(
            r#"(module (memory 1) (table 2 funcref) (global i32 (i32.const 1))
                (global $sp (mut i32) (i32.const 7)) (func (export "_start")))"#,
        )
        .expect("a plain module can be split");
        let names: Vec<_> = Parser::new(0)
            .parse_all(&prepared.wasm)
            .filter_map(|p| match p.expect("what was made is valid") {
                Payload::ExportSection(r) => Some(r.into_iter().map(|e| e.expect("valid").name.to_owned())),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(names, ["_start", "pywagi:memory", "pywagi:table", "pywagi:global:1"]);
        wasmparser::validate(&prepared.wasm).expect("what was made is valid");
    }

    #[test]
    fn a_module_that_cannot_be_split_is_left_alone() {
        for wat in [
            r#"(module (import "a" "b" (memory 1)) (func (export "_start")))"#,
            r#"(module (memory 1) (memory 1) (func (export "_start")))"#,
            r#"(module (memory i64 1) (func (export "_start")))"#,
            r#"(module (memory 1) (func (export "_start")) (data "passive"))"#,
            r#"(module (memory 1) (func (export "_start")) (data (i32.const 65535) "ab"))"#,
            r#"(module (memory 65536) (func (export "_start")) (data (i32.const 0xfffffff0) "ab"))"#,
            r#"(module (memory 1) (func $f) (func (export "_start")) (start $f))"#,
            r#"(module (func (export "_start")))"#,
            r#"(module (memory 1))"#,
        ] {
            assert!(split(wat).is_none(), "{wat}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = wat::parse_str(r#"(module (memory 1) (func (export "_start")) (data (i32.const 4) "ab"))"#)
            .expect("the test's module is valid");
        for cut in 0..good.len() {
            let _ = prepare(&good[..cut]);
            let mut bad = good.clone();
            bad[cut] ^= 0x55;
            let _ = prepare(&bad);
        }
    }
}
