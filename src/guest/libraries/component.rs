//! Components: a call is one of a function of their world, or of an interface that it exports.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Instant;

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Func, InstancePre, Linker, ResourceTable, Val};
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::Library;
use super::answer::{Answer, Failure, no_function};
use super::command::{ended, input};
use super::value::Value;
use super::wit::{from_val, to_val, unmapped};
use super::worker::Job;
use crate::guest::limiter::{Limiter, SharedLimit};
use crate::guest::wasi::{Overflow, Sink};
use crate::guest::{Cancellation, Exit, Input, Runtime, cold};

/// How much of values a call may pass, in bytes of the host's memory. A list takes some 32 bytes for each item, whatever it is of.
const MOST_VALUES: usize = 512 << 20;

/// A compiled component.
#[derive(Clone)]
pub struct ComponentProgram(Arc<Compiled>);

struct Compiled {
    runtime: Runtime,
    pre: InstancePre<ComponentState>,
    functions: Vec<Exported>,
}

/// The state of an instance.
pub struct ComponentState {
    wasi: WasiCtx,
    table: ResourceTable,
    limits: Limiter,
    deadline: Instant,
    cancellation: Cancellation,
}

impl WasiView for ComponentState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl ComponentProgram {
    /// A compiled component as a library.
    ///
    /// # Errors
    /// Fails where it imports what libraries are not given.
    pub fn new(runtime: &Runtime, component: Component) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(component.engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let pre = linker.instantiate_pre(&component)?;
        let functions = functions(&component);
        Ok(Self(Arc::new(Compiled { runtime: runtime.clone(), pre, functions })))
    }
}

/// The functions for scripts, by the names that they have there, with their own: `render.to_html` is the function
/// `to-html` of an interface `…/render`.
fn functions(component: &Component) -> Vec<Exported> {
    let engine = component.engine();
    let mut found = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(ty) => {
                found.push(Exported { name: in_python(name), interface: None, own: name.to_owned(), ty });
            }
            ComponentItem::ComponentInstance(instance) => {
                let short = name.split('@').next().unwrap_or(name).rsplit('/').next().unwrap_or(name);
                for (own, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = item.ty {
                        let interface = Some(name.to_owned());
                        let name = format!("{}.{}", in_python(short), in_python(own));
                        found.push(Exported { name, interface, own: own.to_owned(), ty });
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// A name of WIT as Python has it.
fn in_python(name: &str) -> String {
    name.replace('-', "_")
}

/// An exported function.
struct Exported {
    name: String,
    interface: Option<String>,
    own: String,
    ty: ComponentFunc,
}

/// An instance, which is kept until the run of the guest ends.
pub struct ComponentInstance {
    program: ComponentProgram,
    store: Store<ComponentState>,
    instance: wasmtime::component::Instance,
    /// Waits for the calls of its system. One that sleeps must end with the run.
    tokio: tokio::runtime::Runtime,
    stdout: Sink,
    stderr: Sink,
    refused: Arc<AtomicBool>,
    limit: SharedLimit,
}

impl ComponentInstance {
    /// Makes an instance.
    ///
    /// # Errors
    /// Fails with the answer of the call for which it is made.
    pub fn new(library: &Library, program: &ComponentProgram, job: &Job, limit: &SharedLimit) -> Result<Self, Answer> {
        let input = input(library, job);
        let not_started = |why: String| Answer::failed(Failure::new(format!("it could not be started: {why}")));
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let tokio = tokio.map_err(|e| not_started(e.to_string()))?;
        let (stdout, stderr) = (
            Sink::new(input.limits.stderr, Overflow::Drop, None),
            Sink::new(input.limits.stderr, Overflow::Drop, None),
        );
        let mut wasi = WasiCtxBuilder::new();
        wasi.allow_blocking_current_thread(true).arg(&library.name).stdout(stdout.clone()).stderr(stderr.clone());
        for volume in library.volumes.iter() {
            let permissions = if volume.read_only { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
            wasi.preopened_dir(&volume.host, &volume.guest, permissions).map_err(|e| {
                not_started(format!("the volume {} cannot be opened: {}: {e:#}", volume.guest, volume.host.display()))
            })?;
        }
        let limits = limit.part(library.limits.memory);
        let refused = limits.refused();
        let state = ComponentState {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            limits,
            deadline: job.end(library),
            cancellation: job.cancellation.clone(),
        };
        let mut store = Store::new(program.0.runtime.engine(), state);
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(MOST_VALUES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|context| {
            let ComponentState { deadline, cancellation, .. } = context.data();
            let must_stop = *deadline <= Instant::now() || cancellation.is_cancelled() || cancellation.is_interrupted();
            Ok(if must_stop { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
        });
        let _running = program.0.runtime.running(job.end(library), &job.cancellation);
        let made = until(&tokio, &input, job.end(library), program.0.pre.instantiate_async(&mut store));
        match made {
            Ok(instance) => {
                let (program, limit) = (program.clone(), limit.clone());
                Ok(Self { program, store, instance, tokio, stdout, stderr, refused, limit })
            }
            Err(error) => {
                let exit = match exit_of(&error, &input) {
                    Exit::Trap(why) if !error.is::<Trap>() => Exit::NotStarted(why),
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
        let name = job.request.function.as_deref().unwrap_or_default();
        let program = self.program.clone();
        let functions = &program.0.functions;
        let Some(exported) = functions.iter().find(|function| function.name == name) else {
            let names: Vec<_> = functions.iter().map(|function| function.name.clone()).collect();
            return (Answer::failed(no_function(name, &names)), true);
        };
        let (parameters, mut results) = match prepared(&exported.ty, &job.request.arguments) {
            Ok(prepared) => prepared,
            Err(failure) => return (Answer::failed(failure), true),
        };
        let Some(function) = self.function(exported) else {
            return (Answer::failed(no_function(name, &[])), true);
        };
        let input = input(library, job);
        self.store.data_mut().deadline = job.end(library);
        self.store.set_epoch_deadline(1);
        self.refused.store(false, Ordering::Relaxed);
        let _running = program.0.runtime.running(job.end(library), &job.cancellation);
        let called = function.call_async(&mut self.store, &parameters, &mut results);
        let called = until(&self.tokio, &input, job.end(library), called);
        let mut stderr = self.stdout.take().kept;
        stderr.extend(self.stderr.take().kept);
        if let Err(error) = called {
            let exit = match exit_of(&error, &input) {
                Exit::Code(code) => Exit::Trap(format!("exit code {code} in place of a result")),
                exit => exit,
            };
            let refused = self.refused.load(Ordering::Relaxed);
            let answer = match ended(exit, library, job, refused, &self.limit) {
                Some(Answer::Failed(failure)) => Answer::failed(Failure { stderr, ..*failure }),
                other => other.unwrap_or(Answer::Stopped),
            };
            return (answer, false);
        }
        (given(results, stderr), true)
    }

    fn function(&mut self, exported: &Exported) -> Option<Func> {
        let interface = match &exported.interface {
            Some(interface) => Some(self.instance.get_export_index(&mut self.store, None, interface)?),
            None => None,
        };
        let index = self.instance.get_export_index(&mut self.store, interface.as_ref(), &exported.own)?;
        self.instance.get_func(&mut self.store, index)
    }
}

/// The arguments of a function, and places for its results.
fn prepared(ty: &ComponentFunc, arguments: &[Value]) -> Result<(Vec<Val>, Vec<Val>), Failure> {
    if ty.async_() {
        return Err(Failure::new("it is asynchronous, which pywagi does not map"));
    }
    for (name, ty) in ty.params() {
        if let Some(kind) = unmapped(&ty) {
            return Err(Failure::new(format!("its parameter `{name}` is or holds {kind}, which pywagi does not map")));
        }
    }
    if let Some(kind) = ty.results().find_map(|ty| unmapped(&ty)) {
        return Err(Failure::new(format!("its result is or holds {kind}, which pywagi does not map")));
    }
    let count = ty.params().len();
    if count != arguments.len() {
        let names: Vec<_> = ty.params().map(|(name, _)| name).collect();
        let what = format!("it takes {count} arguments ({}), and {} are given", names.join(", "), arguments.len());
        return Err(Failure::new(what));
    }
    let parameters = ty.params().zip(arguments).map(|((name, ty), argument)| {
        to_val(argument, &ty).map_err(|why| Failure::new(format!("its parameter `{name}`: {why}")))
    });
    let parameters = parameters.collect::<Result<_, _>>()?;
    Ok((parameters, ty.results().map(|_| Val::Bool(false)).collect()))
}

/// The answer of a call with these results. An error that the function returns is an exception.
fn given(results: Vec<Val>, stderr: Vec<u8>) -> Answer {
    match results.into_iter().next() {
        None => Answer::Gave(Value::None, stderr),
        Some(Val::Result(Ok(value))) => Answer::Gave(value.map_or(Value::None, |value| from_val(*value)), stderr),
        Some(Val::Result(Err(value))) => {
            let value = value.map_or(Value::None, |value| from_val(*value));
            let what = match &value {
                Value::Text(text) => format!("it returned an error: {text}"),
                _ => "it returned an error".to_owned(),
            };
            Answer::failed(Failure { stderr, error: Some(Box::new(value)), ..Failure::new(what) })
        }
        Some(value) => Answer::Gave(from_val(value), stderr),
    }
}

/// How a call ended, by its error.
fn exit_of(error: &wasmtime::Error, input: &Input) -> Exit {
    match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        Some(exit) => Exit::Code(exit.0),
        None => cold::exit_of(error, input),
    }
}

/// Waits for what a component does, until then or the run is cancelled.
fn until<T>(
    tokio: &tokio::runtime::Runtime,
    input: &Input,
    end: Instant,
    future: impl Future<Output = wasmtime::Result<T>>,
) -> wasmtime::Result<T> {
    let cancellation = &input.cancellation;
    let stopped = || wasmtime::Error::from(Trap::Interrupt);
    let work = async {
        let mut future = pin!(future);
        let mut is_known = false;
        let either = poll_fn(|context| {
            if let Poll::Ready(result) = future.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            if cancellation.is_cancelled() || cancellation.is_interrupted() {
                return Poll::Ready(Err(stopped()));
            }
            if !std::mem::replace(&mut is_known, true) {
                cancellation.wake(context.waker().clone());
            }
            Poll::Pending
        });
        match tokio::time::timeout_at(end.into(), either).await {
            Ok(result) => result,
            Err(_) => Err(stopped()),
        }
    };
    tokio.block_on(work)
}
