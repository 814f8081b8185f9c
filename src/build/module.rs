//! A core module in its parts, as far as two can be merged.

use wasmparser::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody, GlobalType, MemoryType, Operator,
    Parser, Payload, TableType, TypeRef, TypeSectionReader,
};

/// Why a module cannot be merged.
#[derive(Debug)]
pub struct Unsuitable(pub String);

impl<E: std::fmt::Display> From<E> for Unsuitable {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// The result of looking into a module.
pub type Result<T> = std::result::Result<T, Unsuitable>;

/// An imported function.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// Where it is imported from.
    pub module: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The index of its type.
    pub ty: u32,
}

/// The parts of a module. It has one memory and at most one table, and imports functions alone.
#[derive(Default)]
pub struct Parts<'a> {
    /// Its types.
    pub types: Option<TypeSectionReader<'a>>,
    /// The functions that it imports.
    pub imports: Vec<Import<'a>>,
    /// The types of its own functions.
    pub functions: Vec<u32>,
    /// Its table.
    pub table: Option<TableType>,
    /// Its memory.
    pub memory: Option<MemoryType>,
    /// Its globals, with what they begin with.
    pub globals: Vec<(GlobalType, i64)>,
    /// What it exports.
    pub exports: Vec<(&'a str, ExternalKind, u32)>,
    /// The content of its table: where, and the indices of functions.
    pub elements: Vec<(u32, Vec<u32>)>,
    /// Its code.
    pub bodies: Vec<FunctionBody<'a>>,
    /// The content of its memory: where, and what.
    pub data: Vec<(u32, &'a [u8])>,
    /// Sections of other kinds, by name.
    pub customs: Vec<(&'a str, &'a [u8])>,
    /// Where in the file the contents of the sections of code and of data begin: places of relocations count from there.
    pub code_start: usize,
    /// As `code_start`.
    pub data_start: usize,
}

impl<'a> Parts<'a> {
    /// Takes a module apart.
    ///
    /// # Errors
    /// Fails where it is none, or has what cannot be merged: other imports than functions, a second memory or table, a start
    /// function, segments that are passive or not at a constant place.
    pub fn of(wasm: &'a [u8]) -> Result<Self> {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            parts.add(payload?)?;
        }
        Ok(parts)
    }

    fn add(&mut self, payload: Payload<'a>) -> Result<()> {
        let no = |what: &str| Err(Unsuitable(format!("it has {what}")));
        match payload {
            Payload::TypeSection(reader) => self.types = Some(reader),
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    let TypeRef::Func(ty) = import.ty else { return no("an import that is no function") };
                    self.imports.push(Import { module: import.module, name: import.name, ty });
                }
            }
            Payload::FunctionSection(reader) => {
                self.functions = reader.into_iter().collect::<std::result::Result<_, _>>()?;
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    if self.table.replace(table?.ty).is_some() {
                        return no("a second table");
                    }
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    if self.memory.replace(memory?).is_some() {
                        return no("a second memory");
                    }
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let global = global?;
                    self.globals.push((global.ty, constant(&global.init_expr)?));
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    self.exports.push((export.name, export.kind, export.index));
                }
            }
            Payload::ElementSection(reader) => {
                for element in reader {
                    let element = element?;
                    let ElementKind::Active { offset_expr, .. } = element.kind else {
                        return no("a passive segment of its table");
                    };
                    let ElementItems::Functions(functions) = element.items else {
                        return no("a segment of its table that holds no functions");
                    };
                    let functions = functions.into_iter().collect::<std::result::Result<_, _>>()?;
                    self.elements.push((place(&offset_expr)?, functions));
                }
            }
            Payload::CodeSectionStart { range, .. } => self.code_start = range.start,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(reader) => {
                self.data_start = reader.range().start;
                for segment in reader {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else {
                        return no("a passive segment of its memory");
                    };
                    self.data.push((place(&offset_expr)?, segment.data));
                }
            }
            Payload::CustomSection(custom) => self.customs.push((custom.name(), custom.data())),
            Payload::StartSection { .. } => return no("a start function"),
            _ => {}
        }
        Ok(())
    }

    /// The number of its types.
    pub fn type_count(&self) -> u32 {
        self.types.as_ref().map_or(0, TypeSectionReader::count)
    }
}

fn constant(expression: &ConstExpr<'_>) -> Result<i64> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.into()),
        Operator::I64Const { value } => Ok(value),
        Operator::F32Const { value } => Ok(value.bits().into()),
        Operator::F64Const { value } => Ok(value.bits().cast_signed()),
        _ => Err(Unsuitable("it has a global or a segment that is not at a constant".to_owned())),
    }
}

fn place(expression: &ConstExpr<'_>) -> Result<u32> {
    i32::try_from(constant(expression)?)
        .map(i32::cast_unsigned)
        .map_err(|_| Unsuitable("it has a segment that is nowhere".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wasm(wat: &str) -> Vec<u8> {
        wat::parse_str(wat).expect("the test's module is valid")
    }

    #[test]
    fn what_cannot_be_merged_is_refused_with_the_reason() {
        for (wat, why) in [
            (r#"(module (import "a" "b" (memory 1)))"#, "it has an import that is no function"),
            ("(module (memory 1) (memory 1))", "it has a second memory"),
            ("(module (table 1 funcref) (table 1 funcref))", "it has a second table"),
            (r#"(module (memory 1) (data "passive"))"#, "it has a passive segment of its memory"),
            ("(module (table 1 funcref) (func $f) (elem func $f))", "it has a passive segment of its table"),
            ("(module (func $f) (start $f))", "it has a start function"),
        ] {
            assert_eq!(Parts::of(&wasm(wat)).err().map(|e| e.0).as_deref(), Some(why), "{wat}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = wasm(
            r#"(module (import "a" "b" (func (param i32))) (memory 1) (table 2 funcref) (global (mut i32) (i32.const 3))
                (func $f (export "f") (call 0 (i32.const 1))) (elem (i32.const 1) $f) (data (i32.const 4) "x"))"#,
        );
        assert!(Parts::of(&good).is_ok());
        for cut in 0..good.len() {
            let _ = Parts::of(&good[..cut]);
            let mut bad = good.clone();
            bad[cut] ^= 0x55;
            let _ = Parts::of(&bad);
        }
    }
}
