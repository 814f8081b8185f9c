//! The interpreter: its memory, which is also this code's, and the way in. All that is `unsafe` for that is here.

use core::cell::Cell;

use wagi_contract::component::{Description, Entry};

use crate::errno::{Errno, Result};

#[link(wasm_import_module = "python")]
unsafe extern "C" {
    /// `table[slot](function, arguments, NULL)`. Made by the merge.
    #[link_name = "call"]
    fn python_call(slot: u32, function: u32, arguments: u32, keywords: u32) -> u32;
    /// Where this code's memory begins, which the merge has put behind the interpreter's.
    #[link_name = "base"]
    fn adapter_base() -> u32;
    /// Where the description of the app is, behind this code's memory.
    #[link_name = "description"]
    fn description_address() -> u32;
}

const PAGE: usize = 65536;

/// The size of an object's head, and where a bytes object has its size and its content: `PyBytesObject` of CPython's
/// Include/cpython/bytesobject.h on 32 bits.
const BYTES_SIZE: u32 = 8;
const BYTES_CONTENT: u32 = 16;

/// What the component knows of its app.
pub fn description() -> Description<'static> {
    // SAFETY: the merge puts a description there, which says how long it is; nothing writes to it.
    unsafe {
        let start = description_address() as *const u8;
        let length = Description::length(start.cast::<[u8; 4]>().read_unaligned());
        Description::new(core::slice::from_raw_parts(start, length))
    }
}

/// Calls the function of a saved interpreter; gives back the text that it returns, if it returns one.
pub fn call(entry: Entry) -> Option<&'static str> {
    // SAFETY: `call_indirect` traps unless the slot holds a function of this type. What that does with memory is as in any C program:
    // its own, and what it is given by pointers.
    let answer = unsafe { python_call(entry.call, entry.function, entry.arguments, 0) };
    if answer == 0 {
        return None;
    }
    let size = Place(answer.checked_add(BYTES_SIZE)?).read::<4>().ok()?;
    let content = Range { start: answer.checked_add(BYTES_CONTENT)?, length: u32::from_le_bytes(size) };
    core::str::from_utf8(content.bytes().ok()?).ok()
}

/// An address that the interpreter gave.
#[derive(Clone, Copy)]
pub struct Place(pub u32);

impl Place {
    /// The place this many bytes further.
    pub fn further(self, by: u32) -> Result<Self> {
        self.0.checked_add(by).map(Self).ok_or(Errno::Fault)
    }

    /// Reads from there.
    pub fn read<const N: usize>(self) -> Result<[u8; N]> {
        let bytes = Range { start: self.0, length: N as u32 }.bytes()?;
        bytes.first_chunk().copied().ok_or(Errno::Fault)
    }

    /// Reads a word.
    pub fn word(self) -> Result<u32> {
        self.read().map(u32::from_le_bytes)
    }

    /// Writes there.
    pub fn write(self, bytes: &[u8]) -> Result {
        let length = u32::try_from(bytes.len()).map_err(|_| Errno::Fault)?;
        Range { start: self.0, length }.fill(bytes).map(drop)
    }
}

/// Memory that the interpreter gave.
#[derive(Clone, Copy)]
pub struct Range {
    /// Where it begins.
    pub start: u32,
    /// How many bytes it has.
    pub length: u32,
}

impl Range {
    /// Checks that it is memory of the interpreter: in bounds, and not this code's own data. What both take from the end of
    /// memory while they run is not told apart.
    fn check(self) -> Result<(usize, usize)> {
        let (start, length) = (self.start as usize, self.length as usize);
        let end = start.checked_add(length).ok_or(Errno::Fault)?;
        let size = core::arch::wasm32::memory_size::<0>().saturating_mul(PAGE);
        // SAFETY: both are constants that the merge has put in.
        let (ours, after) = unsafe { (adapter_base() as usize, description_address() as usize) };
        let is_ours = length > 0 && start < after && end > ours;
        if end > size || is_ours { Err(Errno::Fault) } else { Ok((start, length)) }
    }

    /// Its content, until the interpreter runs on.
    pub fn bytes(self) -> Result<&'static [u8]> {
        let (start, length) = self.check()?;
        // SAFETY: it is in bounds, and the interpreter does not run while its call is answered. Callers do not keep it
        // beyond that.
        Ok(unsafe { core::slice::from_raw_parts(start as *const u8, length) })
    }

    /// Its content as text.
    pub fn text(self) -> Result<&'static str> {
        core::str::from_utf8(self.bytes()?).map_err(|_| Errno::IllegalSequence)
    }

    /// Copies as much of `bytes` into it as fits; gives back how much that is.
    pub fn fill(self, bytes: &[u8]) -> Result<u32> {
        let (start, length) = self.check()?;
        let length = length.min(bytes.len());
        // SAFETY: it is in bounds and not this code's data, and `bytes` is this code's or what `Description` has: the two do
        // not overlap unless the interpreter gave memory that is not its own, for which `copy` is defined as well.
        unsafe { core::ptr::copy(bytes.as_ptr(), start as *mut u8, length) };
        Ok(length as u32)
    }
}

/// A value that is put once, and looked at by one thread.
pub struct Once<T>(Cell<Option<T>>);

// SAFETY: an instance has one thread.
unsafe impl<T> Sync for Once<T> {}

impl<T> Once<T> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Lends the value, the default at first. What is lent is not there for `then` to borrow again: it sees the default.
    pub fn with<R>(&self, then: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        let mut value = self.0.take().unwrap_or_default();
        let result = then(&mut value);
        self.0.set(Some(value));
        result
    }
}
