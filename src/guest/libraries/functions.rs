//! Core modules: a call is one of an exported function.
//!
//! Numbers are what WebAssembly passes. Text and bytes are passed in memory, as two numbers: an address and a length. The memory
//! for those of arguments is given by `alloc(size) -> address`, which the module must export. Of a function that `returns` of
//! its `[[library]]` lists, the result is one `i64`: the address in the upper 32 bits and the length in the lower. Where the
//! module exports `dealloc(address, size)`, all that memory is given back after the call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::{ExternType, FuncType, Instance, Memory, Store, Val, ValType};

use super::answer::{Answer, Failure, no_function};
use super::command::{ended, input, state};
use super::value::Value;
use super::worker::Job;
use super::{Library, MOST_BYTES, Program, Returned};
use crate::guest::limiter::SharedLimit;
use crate::guest::wasi::{RunRecord, RunState};
use crate::guest::{Exit, cold, memory, prepare};

/// What modules export for the host, not for scripts.
const FOR_HOST: [&str; 4] = [ALLOC, DEALLOC, INITIALIZE, "_start"];
const ALLOC: &str = "alloc";
const DEALLOC: &str = "dealloc";

/// What is called before anything else, where a module has it.
const INITIALIZE: &str = "_initialize";

/// An instance, which is kept until the run of the guest ends.
pub struct FunctionsInstance {
    program: Program,
    store: Store<RunState>,
    instance: Instance,
    record: RunRecord,
    refused: Arc<AtomicBool>,
    limit: SharedLimit,
}

/// Why there is no result.
enum Ended {
    /// The call could not be made, or gave what cannot be told.
    Failed(Failure),
    /// The instance ended.
    Error(wasmtime::Error),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<wasmtime::Error> for Ended {
    fn from(error: wasmtime::Error) -> Self {
        Self::Error(error)
    }
}

impl FunctionsInstance {
    /// Makes an instance.
    ///
    /// # Errors
    /// Fails with the answer of the call for which it is made.
    pub fn new(library: &Library, program: &Program, job: &Job, limit: &SharedLimit) -> Result<Self, Answer> {
        let compiled = program.compiled();
        let input = input(library, job);
        let state = state(library, &input, limit).map_err(Answer::failed)?;
        let (record, refused) = (state.record.clone(), state.limits.refused());
        let (mut store, _running) = compiled.runtime.store(state);
        let instance = memory::instantiate(&compiled.pre, &mut store, compiled.initial.as_ref());
        let started = instance.and_then(|instance| {
            if let Some(initialize) = instance.get_func(&mut store, INITIALIZE) {
                initialize.call(&mut store, &[], &mut [])?;
            }
            Ok(instance)
        });
        match started {
            Ok(instance) => {
                let (program, limit) = (program.clone(), limit.clone());
                Ok(Self { program, store, instance, record, refused, limit })
            }
            Err(error) => {
                let exit = match cold::exit_of(&error, &input) {
                    Exit::Trap(why) if !error.is::<wasmtime::Trap>() => Exit::NotStarted(why),
                    Exit::Code(0) => Exit::NotStarted("it ended".to_owned()),
                    exit => exit,
                };
                let refused = refused.load(Ordering::Relaxed);
                Err(ended(exit, library, job, refused, limit).unwrap_or(Answer::Stopped))
            }
        }
    }

    /// Calls a function. Also says whether the instance can be called again.
    pub fn call(&mut self, library: &Library, job: &Job) -> (Answer, bool) {
        let input = input(library, job);
        self.store.data_mut().deadline = job.end(library);
        self.store.set_epoch_deadline(1);
        self.refused.store(false, Ordering::Relaxed);
        let program = self.program.clone();
        let running = program.compiled().runtime.running(job.end(library), &job.cancellation);
        let result = self.result(library, job);
        drop(running);
        let stderr = self.printed();
        match result {
            Ok(value) => (Answer::Gave(value, stderr), true),
            Err(Ended::Failed(failure)) => (Answer::failed(Failure { stderr, ..failure }), true),
            Err(Ended::Error(error)) => {
                let error = cold::classify_trap(error, &mut self.store, self.instance);
                let exit = match cold::exit_of(&error, &input) {
                    Exit::Code(code) => Exit::Trap(format!("exit code {code} in place of a result")),
                    exit => exit,
                };
                let refused = self.refused.load(Ordering::Relaxed);
                let answer = match ended(exit, library, job, refused, &self.limit) {
                    Some(Answer::Failed(failure)) => Answer::failed(Failure { stderr, ..*failure }),
                    other => other.unwrap_or(Answer::Stopped),
                };
                (answer, false)
            }
        }
    }

    /// What was written to both streams since the last call.
    fn printed(&self) -> Vec<u8> {
        let mut printed = self.record.stdout.take().kept;
        printed.extend(self.record.stderr.take().kept);
        printed
    }

    fn result(&mut self, library: &Library, job: &Job) -> Result<Value, Ended> {
        let name = job.request.function.as_deref().unwrap_or_default();
        let function = self.instance.get_func(&mut self.store, name).filter(|_| is_for_scripts(name));
        let Some(function) = function else { return Err(no_function(name, &self.names()).into()) };
        let ty = function.ty(&self.store);
        let returned = library.returns.iter().find(|(of, _)| of == name).map(|(_, returned)| *returned);
        if let Some(returned) = returned
            && !matches!(ty.results().collect::<Vec<_>>().as_slice(), [ValType::I64])
        {
            let kind = if returned == Returned::String { "string" } else { "bytes" };
            let what =
                format!("by `returns` it gives {kind}, so its result must be one i64, and it is {}", results(&ty));
            return Err(Failure::new(what).into());
        }
        check_arguments(&ty, &job.request.arguments)?;
        let mut lent = Vec::new();
        let mut parameters = Vec::new();
        let mut types = ty.params();
        for argument in &job.request.arguments {
            let bytes = match argument {
                Value::Text(text) => text.as_bytes(),
                Value::Bytes(bytes) => bytes,
                number => {
                    let ty = types.next().unwrap_or(ValType::I32);
                    parameters.push(as_number(number, &ty).map_err(Failure::new)?);
                    continue;
                }
            };
            let address = self.lend(bytes)?;
            lent.push((address, bytes.len()));
            parameters.extend([Val::I32(address.cast_signed()), Val::I32(length(bytes.len()).cast_signed())]);
            types.by_ref().take(2).for_each(drop);
        }
        let mut results = vec![Val::I32(0); ty.results().len()];
        function.call(&mut self.store, &parameters, &mut results)?;
        let value = match (returned, results.as_slice()) {
            (Some(returned), [Val::I64(packed)]) => {
                let (address, size) = ((packed.cast_unsigned() >> 32) as u32, packed.cast_unsigned() as u32);
                let bytes = self.taken(address, size)?;
                lent.push((address, size as usize));
                text_or_bytes(bytes, returned)?
            }
            (_, []) => Value::None,
            (_, [one]) => as_value(one)?,
            (_, several) => Value::Tuple(several.iter().map(as_value).collect::<Result<_, _>>()?),
        };
        self.give_back(&lent)?;
        Ok(value)
    }

    /// The functions for scripts, sorted.
    fn names(&self) -> Vec<String> {
        let exports = self.program.compiled().module.exports();
        let functions = exports.filter(|export| matches!(export.ty(), ExternType::Func(_)));
        let mut names: Vec<_> = functions.map(|export| export.name().to_owned()).collect();
        names.retain(|name| is_for_scripts(name));
        names.sort();
        names
    }

    fn memory(&mut self) -> Result<Memory, Failure> {
        let memory = self.instance.get_memory(&mut self.store, "memory");
        let memory = memory.or_else(|| self.instance.get_memory(&mut self.store, prepare::MEMORY));
        memory
            .ok_or_else(|| Failure::new("the library exports no `memory`, so neither str nor bytes can be given to it"))
    }

    /// Puts bytes into the memory of the instance; gives back their address.
    fn lend(&mut self, bytes: &[u8]) -> Result<u32, Ended> {
        let alloc = self.instance.get_func(&mut self.store, ALLOC);
        let alloc = alloc.and_then(|alloc| alloc.typed::<u32, u32>(&self.store).ok());
        let Some(alloc) = alloc else {
            let what = "for arguments that are str or bytes, the library must export `alloc(size: i32) -> i32`";
            return Err(Failure::new(what).into());
        };
        let address = alloc.call(&mut self.store, length(bytes.len()))?;
        let memory = self.memory()?;
        let start = address as usize;
        let place = memory.data_mut(&mut self.store).get_mut(start..start.saturating_add(bytes.len()));
        match place.filter(|_| address != 0 || bytes.is_empty()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Ok(address)
            }
            None => {
                let what = format!("its `alloc` gave no memory for {} bytes, but the address {address}", bytes.len());
                Err(Failure::new(what).into())
            }
        }
    }

    /// Bytes of the memory of the instance.
    fn taken(&mut self, address: u32, size: u32) -> Result<Vec<u8>, Failure> {
        let memory = self.memory()?;
        let start = address as usize;
        let bytes = memory.data(&self.store).get(start..start.saturating_add(size as usize));
        match bytes {
            Some(bytes) if bytes.len() <= MOST_BYTES => Ok(bytes.to_owned()),
            Some(_) => Err(Failure::new(format!("it returned {size} bytes, more than {MOST_BYTES}"))),
            None => {
                let what =
                    format!("it returned {size} bytes at the address {address}, which are not all in its memory");
                Err(Failure::new(what))
            }
        }
    }

    /// Gives memory back, if the module takes it.
    fn give_back(&mut self, lent: &[(u32, usize)]) -> Result<(), Ended> {
        let dealloc = self.instance.get_func(&mut self.store, DEALLOC);
        let Some(dealloc) = dealloc.and_then(|dealloc| dealloc.typed::<(u32, u32), ()>(&self.store).ok()) else {
            return Ok(());
        };
        for (address, size) in lent {
            dealloc.call(&mut self.store, (*address, length(*size)))?;
        }
        Ok(())
    }
}

fn is_for_scripts(name: &str) -> bool {
    !FOR_HOST.contains(&name)
}

fn text_or_bytes(bytes: Vec<u8>, returned: Returned) -> Result<Value, Failure> {
    match returned {
        Returned::Bytes => Ok(Value::Bytes(bytes)),
        Returned::String => match String::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text)),
            Err(_) => Err(Failure::new("it returned text that is not UTF-8")),
        },
    }
}

/// How many numbers an argument is.
fn width(argument: &Value) -> usize {
    if matches!(argument, Value::Text(_) | Value::Bytes(_)) { 2 } else { 1 }
}

/// Checks that the arguments are as many as a function takes, and that addresses and lengths are where it takes them.
fn check_arguments(ty: &FuncType, arguments: &[Value]) -> Result<(), Failure> {
    let given: usize = arguments.iter().map(width).sum();
    if given != ty.params().len() {
        let names: Vec<_> = arguments.iter().map(Value::type_name).collect();
        let what = format!(
            "it takes ({}), and ({}) are {given} of these: str and bytes are two each, an address and a length",
            listed(ty.params()),
            names.join(", ")
        );
        return Err(Failure::new(what));
    }
    let mut types = ty.params();
    for (argument, number) in arguments.iter().zip(1..) {
        let taken: Vec<_> = types.by_ref().take(width(argument)).collect();
        if taken.len() == 2 && !taken.iter().all(ValType::is_i32) {
            let what = format!(
                "argument {number} is {}, which are two i32, and it takes ({})",
                argument.type_name(),
                listed(ty.params())
            );
            return Err(Failure::new(what));
        }
        if let ([one], 1) = (taken.as_slice(), taken.len())
            && let Err(why) = as_number(argument, one)
        {
            return Err(Failure::new(format!("argument {number}: {why}")));
        }
    }
    Ok(())
}

fn listed(types: impl Iterator<Item = ValType>) -> String {
    types.map(|ty| ty.to_string()).collect::<Vec<_>>().join(", ")
}

fn results(ty: &FuncType) -> String {
    if ty.results().len() == 0 { "none".to_owned() } else { listed(ty.results()) }
}

/// A number of Python as one of this type. An `int` may have the range of signed numbers or of unsigned ones.
fn as_number(value: &Value, ty: &ValType) -> Result<Val, String> {
    let fits = |low: i128, high: i128, number: i128| (low..=high).contains(&number);
    match (value, ty) {
        (Value::Int(number), ValType::I32) if fits(i32::MIN.into(), u32::MAX.into(), *number) => {
            Ok(Val::I32(*number as i32))
        }
        (Value::Int(number), ValType::I64) if fits(i64::MIN.into(), u64::MAX.into(), *number) => {
            Ok(Val::I64(*number as i64))
        }
        (Value::Int(number), ValType::I32 | ValType::I64) => Err(format!("{number} does not fit into {ty}")),
        (Value::Bool(value), ValType::I32) => Ok(Val::I32((*value).into())),
        (Value::Float(number), ValType::F32) => Ok((*number as f32).into()),
        (Value::Float(number), ValType::F64) => Ok((*number).into()),
        (Value::Int(number), ValType::F32) => Ok((*number as f32).into()),
        (Value::Int(number), ValType::F64) => Ok((*number as f64).into()),
        (other, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64) => {
            Err(format!("{} is no {ty}", other.type_name()))
        }
        _ => Err(format!("Python has nothing for {ty}")),
    }
}

/// A number as Python has it. Integers are signed.
fn as_value(result: &Val) -> Result<Value, Failure> {
    match result {
        Val::I32(number) => Ok(Value::Int((*number).into())),
        Val::I64(number) => Ok(Value::Int((*number).into())),
        Val::F32(bits) => Ok(Value::Float(f32::from_bits(*bits).into())),
        Val::F64(bits) => Ok(Value::Float(f64::from_bits(*bits))),
        _ => Err(Failure::new("it returned what Python has nothing for")),
    }
}

/// A length as WebAssembly has it. The host has no longer one: see [`MOST_BYTES`].
fn length(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
