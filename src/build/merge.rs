//! Merges a saved interpreter and the adapter into one core module with one memory and one table.
//!
//! ```text
//! memory: | the interpreter's, as saved | guard | the adapter's stack | its data | description |  … grown by both
//! ```
//!
//! The interpreter's pointers are the adapter's, so nothing is copied between them. Two memories or two tables are more than
//! wasmtime's pooling allocator gives an instance. The adapter comes right behind the interpreter: wasmtime maps memory
//! copy-on-write where data is dense.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, ImportSection, MemorySection, MemoryType, Module, TableSection, TableType,
    TypeSection, ValType,
};
use wasmparser::{ExternalKind, FunctionBody, Operator};

use super::asks::Asks;
use super::module::{Import, Parts, Result, Unsuitable};
use super::relocate::relocate;
use crate::guest::GlobalValue;

const WASM_PAGE: usize = 65536;

/// The unit in which zero memory is left out, and up to how many such units between two parts are not: a segment costs more.
const PAGE: usize = 4096;
const GAP: usize = 4;

/// The index of the global that `wasm-ld` makes the stack pointer.
const STACK_POINTER: u32 = 0;

/// How many bytes are left free below the adapter's stack. A leaf function may use some there without moving the pointer.
const GUARD: u32 = 1024;

/// The preview-1 functions, as the interpreter imports them and the adapter exports them.
const PREVIEW_1: &str = "wasi_snapshot_preview1";

/// What the adapter imports of the interpreter.
const PYTHON: &str = "python";

/// A saved interpreter, as it is merged.
pub struct Interpreter<'a> {
    /// Its module, without data segments.
    pub wasm: &'a [u8],
    /// Its memory.
    pub memory: &'a [u8],
    /// The values of its mutable globals, by index.
    pub globals: &'a [(u32, GlobalValue)],
}

/// Merges `interpreter` with `adapter` and the `description` of an app.
///
/// # Errors
/// Fails where one of the two has what cannot be merged.
pub fn merge(interpreter: &Interpreter<'_>, adapter: &[u8], description: &[u8], asks: Asks) -> Result<Vec<u8>> {
    let python = Parts::of(interpreter.wasm)?;
    let slots = python.table.ok_or_else(|| Unsuitable("it has no table".to_owned()))?.initial;
    let slots = u32::try_from(slots)?;
    let base = u32::try_from(interpreter.memory.len())?;
    let mut moved = adapter.to_vec();
    relocate(&mut moved, base, slots)?;
    let adapter = Parts::of(&moved)?;
    let pages = adapter.memory.ok_or_else(|| Unsuitable("it has no memory".to_owned()))?.initial;
    let after = u64::from(base) + pages * WASM_PAGE as u64;
    let places = Places { base, slots, description: u32::try_from(after)? };
    let merger = Merger::new(python, adapter, places, asks)?;
    merger.write(interpreter, description)
}

/// Where things are put.
#[derive(Clone, Copy)]
struct Places {
    /// The address of the adapter's memory.
    base: u32,
    /// The first slot of its table.
    slots: u32,
    /// The address of the description.
    description: u32,
}

/// How an import of the adapter is met.
#[derive(Clone, Copy)]
enum Met {
    /// By the host.
    Host,
    /// By nothing: it is not called.
    Never,
    /// By a function that is made.
    Made(Made),
}

/// A function that is made.
#[derive(Clone, Copy)]
enum Made {
    /// Calls a slot of the interpreter's.
    Call,
    /// Gives back where the adapter's memory begins.
    Base,
    /// Gives back where the description is.
    Description,
}

struct Merger<'a> {
    python: Parts<'a>,
    adapter: Parts<'a>,
    places: Places,
    met: Vec<Met>,
    of_python: Indices,
    of_adapter: Indices,
}

impl<'a> Merger<'a> {
    /// Gives everything an index: the functions of the host, the interpreter's, the adapter's, and those that are made.
    fn new(python: Parts<'a>, adapter: Parts<'a>, places: Places, asks: Asks) -> Result<Self> {
        let met: Vec<_> = adapter.imports.iter().map(|import| met(*import, asks)).collect::<Result<_>>()?;
        let count = |functions: usize| u32::try_from(functions);
        let of_host = count(met.iter().filter(|met| matches!(met, Met::Host)).count())?;
        let first_of_adapter = of_host + count(python.functions.len())?;
        let first_made = first_of_adapter + count(adapter.functions.len())?;

        let mut of_adapter = Indices::new(python.type_count(), count(python.globals.len())?);
        let (mut host, mut made) = (0..of_host, first_made..);
        for met in &met {
            let index = if matches!(met, Met::Host) { host.next() } else { made.next() };
            of_adapter.functions.push(index.ok_or_else(|| Unsuitable("it has too many functions".to_owned()))?);
        }
        of_adapter.functions.extend(first_of_adapter..first_made);
        of_adapter.stack = Some(places.base.saturating_add(GUARD).cast_signed());

        let exported: HashMap<_, _> = adapter
            .exports
            .iter()
            .filter(|(_, kind, _)| *kind == ExternalKind::Func)
            .map(|(name, _, index)| (*name, *index))
            .collect();
        let mut of_python = Indices::new(0, 0);
        for Import { module, name, .. } in &python.imports {
            let index = exported.get(format!("{module}#{name}").as_str());
            let index = index.and_then(|index| of_adapter.functions.get(*index as usize));
            let missing =
                || Unsuitable(format!("it imports `{name}` from `{module}`, which the adapter does not have"));
            of_python.functions.push(*index.ok_or_else(missing)?);
        }
        of_python.functions.extend(of_host..first_of_adapter);
        Ok(Self { python, adapter, places, met, of_python, of_adapter })
    }

    fn write(mut self, interpreter: &Interpreter<'_>, description: &[u8]) -> Result<Vec<u8>> {
        let mut module = Module::new();
        let shift = self.python.type_count();

        let mut types = TypeSection::new();
        for (indices, parts) in [(&mut self.of_python, &self.python), (&mut self.of_adapter, &self.adapter)] {
            if let Some(reader) = parts.types.clone() {
                indices.parse_type_section(&mut types, reader)?;
            }
        }
        let of_entry = types.len();
        types.ty().function([ValType::I32; 3], [ValType::I32]);
        module.section(&types);

        let mut imports = ImportSection::new();
        let by_host = self.adapter.imports.iter().zip(&self.met).filter(|(_, met)| matches!(met, Met::Host));
        for (Import { module, name, ty }, _) in by_host {
            imports.import(module, name, EntityType::Function(ty + shift));
        }
        module.section(&imports);

        let made = self.adapter.imports.iter().zip(&self.met).filter(|(_, met)| !matches!(met, Met::Host));
        let made: Vec<_> = made.map(|(import, met)| (import.ty + shift, *met)).collect();
        let mut functions = FunctionSection::new();
        let of_python = self.python.functions.iter().copied();
        let others = self.adapter.functions.iter().map(|ty| ty + shift).chain(made.iter().map(|(ty, _)| *ty));
        for ty in of_python.chain(others) {
            functions.function(ty);
        }
        module.section(&functions);

        let minimum = u64::from(self.places.slots) + self.adapter.table.map_or(0, |table| table.initial);
        let element_type = wasm_encoder::RefType::FUNCREF;
        let mut tables = TableSection::new();
        tables.table(TableType { element_type, table64: false, minimum, maximum: Some(minimum), shared: false });
        module.section(&tables);

        let end = (self.places.description as usize).saturating_add(description.len());
        let mut memories = MemorySection::new();
        let minimum = end.div_ceil(WASM_PAGE) as u64;
        memories.memory(MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None });
        module.section(&memories);

        module.section(&self.globals(interpreter)?);
        module.section(&self.exports());
        module.section(&self.elements()?);

        let mut code = CodeSection::new();
        for body in std::mem::take(&mut self.python.bodies) {
            self.of_python.parse_function_body(&mut code, body)?;
        }
        for body in std::mem::take(&mut self.adapter.bodies) {
            self.of_adapter.parse_function_body(&mut code, body)?;
        }
        for (_, met) in &made {
            code.function(&self.made(*met, of_entry));
        }
        module.section(&code);
        module.section(&self.data(interpreter.memory, description));
        Ok(module.finish())
    }

    /// The globals: the interpreter's with their saved values, the adapter's, which are addresses in its memory.
    fn globals(&mut self, interpreter: &Interpreter<'_>) -> Result<GlobalSection> {
        let saved: HashMap<u32, GlobalValue> = interpreter.globals.iter().copied().collect();
        let mut globals = GlobalSection::new();
        for (index, (ty, initial)) in (0..).zip(&self.python.globals) {
            let value = saved.get(&index).copied();
            let value = match (ty.content_type, value) {
                (_, Some(GlobalValue::I32(value))) => ConstExpr::i32_const(value),
                (_, Some(GlobalValue::I64(value))) => ConstExpr::i64_const(value),
                (_, Some(GlobalValue::F32(bits))) => ConstExpr::f32_const(f32::from_bits(bits).into()),
                (_, Some(GlobalValue::F64(bits))) => ConstExpr::f64_const(f64::from_bits(bits).into()),
                (wasmparser::ValType::I32, None) => ConstExpr::i32_const(i32::try_from(*initial)?),
                (wasmparser::ValType::I64, None) => ConstExpr::i64_const(*initial),
                (other, None) => return Err(Unsuitable(format!("it has a global of the type {other}"))),
            };
            globals.global(self.of_python.global_type(*ty)?, &value);
        }
        let base = self.places.base.cast_signed();
        for (ty, initial) in &self.adapter.globals {
            let address = i32::try_from(*initial)?.wrapping_add(base);
            globals.global(self.of_adapter.global_type(*ty)?, &ConstExpr::i32_const(address));
        }
        Ok(globals)
    }

    fn exports(&self) -> ExportSection {
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        for (name, kind, index) in &self.adapter.exports {
            let index = self.of_adapter.functions.get(*index as usize).filter(|_| *kind == ExternalKind::Func);
            if let Some(index) = index.filter(|_| !name.starts_with(PREVIEW_1)) {
                exports.export(name, ExportKind::Func, *index);
            }
        }
        exports
    }

    fn elements(&self) -> Result<ElementSection> {
        let mut elements = ElementSection::new();
        let both = [(&self.of_python, &self.python, 0), (&self.of_adapter, &self.adapter, self.places.slots)];
        for (indices, parts, shift) in both {
            for (at, functions) in &parts.elements {
                let functions: Vec<_> =
                    functions.iter().map(|index| indices.function(*index)).collect::<Result<_>>()?;
                let place = ConstExpr::i32_const(at.wrapping_add(shift).cast_signed());
                elements.active(None, &place, Elements::Functions(functions.into()));
            }
        }
        Ok(elements)
    }

    fn made(&self, met: Met, of_entry: u32) -> Function {
        let mut function = Function::new([]);
        let mut code = function.instructions();
        match met {
            Met::Made(Made::Call) => {
                code.local_get(1).local_get(2).local_get(3).local_get(0).call_indirect(0, of_entry);
            }
            Met::Made(Made::Base) => {
                code.i32_const(self.places.base.cast_signed());
            }
            Met::Made(Made::Description) => {
                code.i32_const(self.places.description.cast_signed());
            }
            Met::Host | Met::Never => {
                code.unreachable();
            }
        }
        code.end();
        function
    }

    /// The content of memory, in few segments.
    fn data(&self, memory: &[u8], description: &[u8]) -> DataSection {
        let mut data = DataSection::new();
        let mut add = |at: u32, bytes: &[u8]| {
            // What the linker leaves at zero is in the file of the adapter.
            let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if let Some(bytes) = bytes.get(..end).filter(|bytes| !bytes.is_empty()) {
                data.active(0, &ConstExpr::i32_const(at.cast_signed()), bytes.iter().copied());
            }
        };
        for range in dense(memory) {
            add(range.start as u32, memory.get(range).unwrap_or_default());
        }
        for (at, bytes) in &self.adapter.data {
            add(at.wrapping_add(self.places.base), bytes);
        }
        add(self.places.description, description);
        data
    }
}

/// How much of memory a component holds, in bytes.
pub fn dense_size(memory: &[u8]) -> usize {
    dense(memory).iter().map(std::ops::Range::len).sum()
}

/// The parts of memory that are not zero, in bytes.
fn dense(memory: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for (page, bytes) in memory.chunks(PAGE).enumerate() {
        if bytes.iter().all(|byte| *byte == 0) {
            continue;
        }
        let (start, end) = (page * PAGE, page * PAGE + bytes.len());
        match ranges.last_mut() {
            Some(last) if start - last.end <= GAP * PAGE => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}

fn met(import: Import<'_>, asks: Asks) -> Result<Met> {
    match (import.module, import.name) {
        (PYTHON, "call") => Ok(Met::Made(Made::Call)),
        (PYTHON, "base") => Ok(Met::Made(Made::Base)),
        (PYTHON, "description") => Ok(Met::Made(Made::Description)),
        (PYTHON, name) => Err(Unsuitable(format!("it imports `{name}` of the interpreter"))),
        (module, name) if !asks.has(module, name) => Ok(Met::Never),
        _ => Ok(Met::Host),
    }
}

/// Where what one of the modules names is in the merged one.
struct Indices {
    functions: Vec<u32>,
    types: u32,
    globals: u32,
    /// The lowest address of its stack, where that is checked.
    stack: Option<i32>,
}

impl Indices {
    fn new(types: u32, globals: u32) -> Self {
        Self { functions: Vec::new(), types, globals, stack: None }
    }

    fn function(&self, index: u32) -> Result<u32> {
        self.functions.get(index as usize).copied().ok_or_else(|| Unsuitable("it names no function".to_owned()))
    }
}

/// A function is named that there is none of, or the table is changed.
#[derive(Debug)]
pub struct Refused(&'static str);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

impl Reencode for Indices {
    type Error = Refused;

    fn function_index(&mut self, index: u32) -> std::result::Result<u32, reencode::Error<Refused>> {
        let function = self.functions.get(index as usize).copied();
        function.ok_or(reencode::Error::UserError(Refused("it names no function")))
    }

    fn type_index(&mut self, index: u32) -> std::result::Result<u32, reencode::Error<Refused>> {
        Ok(index + self.types)
    }

    fn global_index(&mut self, index: u32) -> std::result::Result<u32, reencode::Error<Refused>> {
        Ok(index + self.globals)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> std::result::Result<(), reencode::Error<Refused>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            if matches!(
                operator,
                Operator::TableSet { .. }
                    | Operator::TableGrow { .. }
                    | Operator::TableInit { .. }
                    | Operator::TableCopy { .. }
                    | Operator::TableFill { .. }
            ) {
                // What the saved interpreter's held then is not known.
                return Err(reencode::Error::UserError(Refused("it changes its table")));
            }
            let sets_pointer = matches!(operator, Operator::GlobalSet { global_index: STACK_POINTER });
            function.instruction(&self.instruction(operator)?);
            if let Some(lowest) = self.stack.filter(|_| sets_pointer) {
                let mut code = function.instructions();
                let pointer = STACK_POINTER + self.globals;
                code.global_get(pointer).i32_const(lowest).i32_lt_u().if_(wasm_encoder::BlockType::Empty);
                code.unreachable().end();
            }
        }
        code.function(&function);
        Ok(())
    }
}
