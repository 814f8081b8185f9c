//! An instance that starts with the memory of an image.

use wasmtime::{Instance, Store, TypedFunc, Val};

use super::cold::classify_trap;
use super::cpython::objects::Memory;
use super::engine::{Compiled, Running};
use super::image::{Entry, GlobalValue, Image};
use super::raised::{self, RaisedFrame};
use super::wasi::RunState;
use super::{memory, prepare};

/// An interpreter that goes on where it was saved.
pub struct ResumedImage<'a> {
    /// Its store.
    pub store: Store<RunState>,
    /// Its instance.
    pub instance: Instance,
    /// The addresses of its functions.
    pub entry: Entry,
    function: TypedFunc<(u32, u32, u32), u32>,
    _running: Running<'a>,
}

impl<'a> ResumedImage<'a> {
    /// Makes an instance of the image.
    ///
    /// # Errors
    /// Fails where the image is not one of this module, or memory is short.
    pub fn new(compiled: &'a Compiled, image: &Image, state: RunState) -> wasmtime::Result<Self> {
        let (mut store, running) = compiled.runtime.store(state);
        let instance = memory::instantiate(&compiled.pre, &mut store, Some(&image.source))?;
        if store.data().libraries.is_some()
            && let Some(memory) = instance.get_memory(&mut store, prepare::MEMORY)
        {
            let size = memory.data_size(&store);
            store.data_mut().limits.count_image(size);
        }
        for (name, value) in &image.description.globals {
            let global =
                instance.get_global(&mut store, name).ok_or_else(|| wasmtime::Error::msg("a global is missing"))?;
            global.set(&mut store, val(*value))?;
        }
        let entry = image.description.entry;
        let table = instance.get_table(&mut store, prepare::TABLE);
        let function = table
            .and_then(|table| table.get(&mut store, u64::from(entry.call)))
            .and_then(|element| element.as_func().flatten().copied())
            .ok_or_else(|| wasmtime::Error::msg("the interpreter's call slot is not a function"))?;
        let function = function.typed(&store)?;
        Ok(Self { store, instance, entry, function, _running: running })
    }

    /// Calls its entry; gives back the bytes object that this returns.
    ///
    /// # Errors
    /// Fails where the guest traps or exits.
    pub fn call(&mut self) -> wasmtime::Result<Vec<u8>> {
        self.call_function(self.entry.function)
    }

    /// Calls the function object at an address without arguments; gives back the bytes object that this returns.
    ///
    /// # Errors
    /// Fails where the guest traps or exits.
    pub fn call_function(&mut self, function: u32) -> wasmtime::Result<Vec<u8>> {
        let answer = self.function.call(&mut self.store, (function, self.entry.arguments, 0));
        let address = answer.map_err(|e| classify_trap(e, &mut self.store, self.instance))?;
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY);
        let answer = memory.and_then(|memory| Memory(memory.data(&self.store)).bytes_object(address));
        answer.map(<[u8]>::to_vec).ok_or_else(|| wasmtime::Error::msg("the saved interpreter failed"))
    }

    /// What it was executing when it was stopped.
    pub fn frames(&mut self) -> Vec<RaisedFrame> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY);
        memory.map(|memory| raised::executing(memory.data(&self.store))).unwrap_or_default()
    }

    /// A copy of its memory.
    ///
    /// # Errors
    /// Fails where the module does not export it, which preparing it made sure of.
    pub fn memory(&mut self) -> Result<Vec<u8>, String> {
        let memory = self.instance.get_memory(&mut self.store, prepare::MEMORY).ok_or("its memory is not exported")?;
        Ok(memory.data(&self.store).to_vec())
    }
}

fn val(value: GlobalValue) -> Val {
    match value {
        GlobalValue::I32(v) => Val::I32(v),
        GlobalValue::I64(v) => Val::I64(v),
        GlobalValue::F32(v) => Val::F32(v),
        GlobalValue::F64(v) => Val::F64(v),
    }
}
