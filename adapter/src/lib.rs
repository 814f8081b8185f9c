//! The host's half of a saved interpreter, inside a component: it answers `wasi:http/incoming-handler` by calling into the
//! interpreter whose memory it shares, and is that interpreter's `wasi_snapshot_preview1`.
//!
//! ```text
//! host ──handle──> http ──> contract: route, cgi ──> python (its memory is this one's) ──preview1──> files, host, clocks, …
//!                   ^                                   │
//!                   └──────── contract: response <──────┘ standard output
//! ```
//!
//! `pywagi build` merges it with the interpreter into one core module; see `src/build` there. An instance answers one
//! request: the interpreter has ended then.

#![no_std]

extern crate alloc;

mod answer;
mod descriptor;
mod errno;
mod files;
mod guest;
mod host;
mod http;
mod locks;
mod network;
mod nodes;
mod paths;
mod preview1;
mod request;
mod state;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

struct Handler;

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let begins = state::with(|state| state.begin(out));
        if !begins {
            // Nothing in here can bring the interpreter back. The host drops an instance that traps.
            http::log(
                "this component answers one request in each instance, and its host asks for another: see the flags of hosts in pywagi's docs/deploy.md\n",
            );
            core::arch::wasm32::unreachable();
        }
        request::handle(&request);
    }
}

wasip2::http::proxy::export!(Handler);

#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
