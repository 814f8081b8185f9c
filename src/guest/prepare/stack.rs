//! A larger stack for CPython.
//!
//! CPython's builds for WASI may have 512 KiB of stack in linear memory, from 524288 down to address 0. Imports a few
//! modules deep need more, and more cannot be had there: what follows has fixed addresses. So the module is given a stack at
//! the end of its initial memory. Below address 0 nothing can be written; below the new stack there is the interpreter. So
//! each function that moves the stack pointer down checks it. Memory that is not used is never touched, and a hole in images.

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{BlockType, CodeSection, ConstExpr, Function, GlobalSection, MemArg, MemoryType, Module};
use wasmparser::{FunctionBody, Global, Operator, Parser};

use super::{Prepared, WASM_PAGE};

/// The size of the stack in bytes: what a main thread mostly has on Linux.
const SIZE: usize = 8 << 20;

/// How many bytes are left free below the stack. A leaf function may use some there without moving the stack pointer.
const GUARD: usize = WASM_PAGE;

/// The index of the global that `wasm-ld` makes the stack pointer.
const POINTER: u32 = 0;

/// A string of every CPython.
const OF_CPYTHON: &[u8] = b"PYTHONHASHSEED";

/// How the heap of wasi-libc's allocator, dlmalloc, ends: with a chunk of `TOP_FOOT_SIZE` bytes, which is 56. Its second
/// word says so; all else is zero.
const HEAP_END: (usize, u8) = (52, 56);

/// Gives CPython a larger stack; `None` where the module is another guest, or that is not known to be safe.
///
/// An allocator that is yet to start may take all memory up to its end, with the stack in it. The builds that have their
/// library inside were run to pack it: their allocator has started, and its heap ends where memory does.
pub fn enlarge(prepared: &Prepared) -> Option<Prepared> {
    let Prepared { wasm, memory, minimum, .. } = prepared;
    let (before_end, size) = HEAP_END;
    let (head, rest) = memory.get(minimum.checked_sub(before_end)?..)?.split_first()?;
    let heap_ends = *head == size && rest.iter().all(|byte| *byte == 0);
    if !heap_ends || !memory.windows(OF_CPYTHON.len()).any(|bytes| bytes == OF_CPYTHON) {
        return None;
    }
    let stack_end = minimum.checked_add(GUARD)?;
    let top = stack_end.checked_add(SIZE)?;
    let mut enlarger =
        Enlarger { stack_end: i32::try_from(stack_end).ok()?, top: i32::try_from(top).ok()?, moved: false };
    let mut module = Module::new();
    // A well-formed module fails only by `Unsuitable`.
    enlarger.parse_core_module(&mut module, Parser::new(0), wasm).ok()?;
    enlarger.moved.then(|| Prepared {
        wasm: module.finish(),
        memory: memory.clone(),
        minimum: top,
        moved_stack: stack_end..top,
    })
}

/// The module's memory may not grow by the stack, or its first global is not the pointer of a smaller one.
#[derive(Debug)]
struct Unsuitable;

struct Enlarger {
    /// The lowest address of the stack.
    stack_end: i32,
    /// Where the stack begins and memory ends.
    top: i32,
    /// Whether the stack pointer was seen and set to `top`.
    moved: bool,
}

impl Enlarger {
    /// Traps if the stack pointer is below the stack, as it does on a stack that ends at address 0: the pointer is below
    /// that, and the access is out of bounds.
    fn check(&self, function: &mut Function) {
        let anywhere = MemArg { offset: 0, align: 0, memory_index: 0 };
        let mut code = function.instructions();
        code.global_get(POINTER).i32_const(self.stack_end).i32_lt_u().if_(BlockType::Empty);
        code.i32_const(-1).global_set(POINTER).i32_const(-1).i32_load(anywhere).drop().end();
    }
}

impl Reencode for Enlarger {
    type Error = Unsuitable;

    fn memory_type(&mut self, ty: wasmparser::MemoryType) -> Result<MemoryType, reencode::Error<Unsuitable>> {
        let minimum = u64::from(self.top.cast_unsigned()) / WASM_PAGE as u64;
        if ty.maximum.is_some_and(|maximum| maximum < minimum) {
            return Err(reencode::Error::UserError(Unsuitable));
        }
        Ok(MemoryType { minimum, ..reencode::utils::memory_type(self, ty) })
    }

    fn parse_global(
        &mut self,
        globals: &mut GlobalSection,
        global: Global<'_>,
    ) -> Result<(), reencode::Error<Unsuitable>> {
        if self.moved {
            return reencode::utils::parse_global(self, globals, global);
        }
        let initial = global.init_expr.get_operators_reader().read()?;
        let is_smaller = |top: i32| usize::try_from(top).is_ok_and(|top| (1..SIZE).contains(&top));
        if !global.ty.mutable || !matches!(initial, Operator::I32Const { value } if is_smaller(value)) {
            return Err(reencode::Error::UserError(Unsuitable));
        }
        globals.global(self.global_type(global.ty)?, &ConstExpr::i32_const(self.top));
        self.moved = true;
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Unsuitable>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        let mut moves_up = false;
        while !operators.eof() {
            let operator = operators.read()?;
            let sets_pointer = matches!(operator, Operator::GlobalSet { global_index: POINTER });
            let added = matches!(operator, Operator::I32Add);
            function.instruction(&self.instruction(operator)?);
            if sets_pointer && !moves_up {
                self.check(&mut function);
            }
            moves_up = added;
        }
        code.function(&function);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Memory, Store, Trap, Val};

    use super::*;
    use crate::guest::prepare::prepare;

    /// A module as CPython is built: 512 KiB of stack, a heap that ends where memory does. `deep` uses 4 KiB of stack and
    /// calls itself so many times.
    const PYTHON: &str = r#"(module (memory 160 LIMIT) (global $sp (mut i32) (i32.const 524288))
        (export "memory" (memory 0)) (export "sp" (global $sp))
        (func $deep (export "deep") (param $times i32) (local $frame i32)
          (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 4096))))
          (i32.store (local.get $frame) (i32.const -1))
          (if (local.get $times) (then (call $deep (i32.sub (local.get $times) (i32.const 1)))))
          (global.set $sp (i32.add (local.get $frame) (i32.const 4096))))
        (data (i32.const 600000) "PYTHONHASHSEED") (data (i32.const 10485708) "\38"))"#;

    fn prepared(wat: &str) -> Prepared {
        let wasm = wat::parse_str(wat).expect("the test's module is valid");
        prepare(&wasm).expect("a valid module can be read").expect("a plain module can be split")
    }

    struct Guest {
        store: Store<()>,
        instance: Instance,
        memory: Memory,
    }

    impl Guest {
        fn new(prepared: &Prepared) -> Self {
            let engine = Engine::default();
            let module = wasmtime::Module::new(&engine, &prepared.wasm).expect("what was made is valid");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            Self { store, instance, memory }
        }

        fn pointer(&mut self) -> Val {
            self.instance.get_global(&mut self.store, "sp").expect("exported").get(&mut self.store)
        }

        fn call(&mut self, times: i32) -> wasmtime::Result<()> {
            let deep = self.instance.get_typed_func(&mut self.store, "deep").expect("exported");
            deep.call(&mut self.store, times)
        }
    }

    #[test]
    fn calls_as_deep_as_the_stack_return_and_deeper_ones_trap_before_they_write_below_it() {
        let prepared = prepared(&PYTHON.replace("LIMIT", ""));
        let (top, frames) = (prepared.minimum, i32::try_from(SIZE / 4096).unwrap());
        let (mut guest, stack_end) = (Guest::new(&prepared), prepared.moved_stack.start);
        assert_eq!((prepared.moved_stack, top), ((10 << 20) + GUARD..top, (10 << 20) + GUARD + SIZE));
        assert_eq!(guest.memory.data_size(&guest.store), top);
        guest.call(frames - 1).expect("the deepest calls that fit");
        assert!(matches!(guest.pointer(), Val::I32(pointer) if pointer as usize == top));
        assert_eq!(guest.memory.data(&guest.store)[stack_end..][..4], [0xff; 4]);

        let trap = guest.call(frames).expect_err("one call too many");
        assert_eq!(trap.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
        // `cold::classify_trap` knows it by this.
        assert!(matches!(guest.pointer(), Val::I32(-1)));
        assert!(guest.memory.data(&guest.store)[..stack_end].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_stack_that_cannot_be_moved_safely_is_left_alone() {
        for (what, with) in [
            // Another guest; a heap that ends elsewhere, or is yet to begin; no room to grow.
            ("PYTHONHASHSEED", "RUBYOPT"),
            ("10485708", "10485704"),
            ("\"\\38\"", "\"\\38\\01\""),
            ("\"\\38\"", "\"\\00\""),
            ("LIMIT", "200"),
            // A stack that is large already; a pointer that is none.
            ("524288", "8388608"),
            ("(global $sp (mut i32)", "(global i32 (i32.const 7)) (global $sp (mut i32)"),
        ] {
            let prepared = prepared(&PYTHON.replace(what, with).replace("LIMIT", ""));
            assert_eq!((prepared.minimum, prepared.moved_stack), (10 << 20, 0..0), "{with}");
        }
    }
}
