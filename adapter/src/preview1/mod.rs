//! `wasi_snapshot_preview1` for the interpreter, as wasmtime and pywagi answer it:
//! <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md>.

mod descriptors;
mod directories;
mod process;
mod sockets;
mod time;

/// Exports functions under the names by which the merge finds them. Each gives back an error number, 0 for none.
macro_rules! export {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) $body:block)*) => {$(
        #[unsafe(export_name = concat!("wasi_snapshot_preview1#", stringify!($name)))]
        extern "C" fn $name($($argument: $kind),*) -> i32 {
            let answer = || -> crate::errno::Result { $body };
            answer().map_or_else(|errno| errno as i32, |()| 0)
        }
    )*};
}
use export;

use crate::guest::{Place, Range};

/// A list of buffers, as `fd_read` and `fd_write` are given it.
fn buffers(list: u32, count: u32) -> impl Iterator<Item = crate::errno::Result<Range>> {
    (0..count).map(move |number| {
        let place = Place(list).further(number.checked_mul(8).ok_or(crate::errno::Errno::Fault)?)?;
        Ok(Range { start: place.word()?, length: place.further(4)?.word()? })
    })
}

/// The size of a list of buffers, in bytes.
fn total(list: u32, count: u32) -> crate::errno::Result<usize> {
    buffers(list, count).try_fold(0_usize, |total, buffer| Ok(total.saturating_add(buffer?.length as usize)))
}

/// Fills buffers with what `next` has; gives back how much fitted.
fn scatter(list: u32, count: u32, bytes: &[u8]) -> crate::errno::Result<u32> {
    let mut filled = 0;
    for buffer in buffers(list, count) {
        let rest = bytes.get(filled as usize..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        filled += buffer?.fill(rest)?;
    }
    Ok(filled)
}
