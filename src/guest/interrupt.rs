//! Ctrl-C in a guest: Python raises KeyboardInterrupt.
//!
//! WASI has no signals, but CPython has a function that does what its signal handler does, for threads: it sets flags that
//! the interpreter looks at between two instructions. Like a signal handler, it may be called wherever the guest is: it
//! allocates nothing and looks at no other state. So the host calls it in between, where the guest's code checks the epoch.

use wasmtime::{AsContextMut, Instance, Store, StoreContextMut, Val};

use super::console::Interrupter;
use super::cpython::objects::Memory;
use super::prepare;
use super::wasi::RunState;

/// Where in a built-in function its method is, and in that the C function. See `PyCFunctionObject` and `PyMethodDef`, which
/// are the same in all versions of CPython 3.
const METHOD: u32 = 8;
const C_FUNCTION: u32 = 4;

/// How far below the stack pointer code may keep values: the red zone of LLVM, and some more.
const RED_ZONE: i32 = 1024;

/// More epochs than pass while the function runs.
const MANY_EPOCHS: u64 = 1 << 32;

/// Lets the run in `store` be interrupted.
pub fn prepare(store: &mut Store<RunState>, instance: Instance) {
    store.data_mut().instance = Some(instance);
}

/// Has the Python of the run raise KeyboardInterrupt. Does nothing where it is not known how, as in other guests.
///
/// # Errors
/// Fails where the guest traps.
pub fn raise(mut context: StoreContextMut<'_, RunState>) -> wasmtime::Result<()> {
    let state = context.data();
    let interrupter = state.console.as_ref().and_then(|console| console.interrupter());
    let (Some(interrupter), Some(instance)) = (interrupter, state.instance) else { return Ok(()) };
    let Interrupter { function, arguments } = interrupter;
    let Some(memory) = instance.get_memory(&mut context, prepare::MEMORY) else { return Ok(()) };
    let memory = Memory(memory.data(&context));
    let slot =
        memory.word(function.wrapping_add(METHOD)).and_then(|method| memory.word(method.wrapping_add(C_FUNCTION)));
    let table = instance.get_table(&mut context, prepare::TABLE);
    let function = slot
        .zip(table)
        .and_then(|(slot, table)| table.get(&mut context, u64::from(slot)))
        .and_then(|element| element.as_func().flatten().copied());
    let Some(function) = function.and_then(|function| function.typed::<(u32, u32), u32>(&context).ok()) else {
        return Ok(());
    };
    let Some(stack) = instance.get_global(&mut context, &prepare::global_name(0)) else { return Ok(()) };
    let Val::I32(pointer) = stack.get(&mut context) else { return Ok(()) };
    if pointer < 2 * RED_ZONE {
        return Ok(());
    }
    // The callback that calls this is not called in the meantime.
    context.as_context_mut().set_epoch_deadline(MANY_EPOCHS);
    stack.set(&mut context, Val::I32((pointer - RED_ZONE) & !15))?;
    let called = function.call(&mut context, (0, arguments));
    stack.set(&mut context, Val::I32(pointer))?;
    called.map(drop)
}
