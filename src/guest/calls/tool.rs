//! A debugger's calls, which are answered beside the log of the run that it looks at.
//!
//! The debugger runs in the same interpreter. It says by a byte of the guest's memory whose calls are made, and makes a call
//! that does nothing when it has changed that: `sched_yield`. While it runs, files are those of the volumes, which are
//! mounted to be read, and standard input, output and error are the terminal. What CPython counts, calls and objects, is
//! put back afterwards, so that the run meets its limits and collects its garbage where it did.

use std::io;
use std::time::Instant;

use super::call::{Call, offset};
use super::effect;
use super::session::{DebugTerminal, SessionEnd, SessionEnded, UNLIMITED};
use super::table::{Argument, Function};
use crate::guest::cpython::{collector, depth, layout};
use crate::guest::limiter::{Limiter, Loan};

/// What is added to the debugger's descriptors, so that they are never the run's.
const SHIFT: i64 = 1000;

/// How many calls deeper than the run a debugger may go, in Python and in C.
const DEEPER: [u32; 2] = [400, 100];

/// How much memory a debugger may take beyond the run's limit, in bytes.
const MORE_MEMORY: usize = 256 << 20;

/// Which of the debugger's bytes is set when the user interrupts, and which counts objects that it made for the run to free.
const INTERRUPTED: usize = 1;
const MADE: usize = 2;

/// What the first of the debugger's bytes says.
const RUN: u8 = 0;
const OURS: u8 = 1;
const END: u8 = 2;
const FAILED: u8 = 3;

const ERRNO_SUCCESS: i32 = 0;
const ERRNO_BADF: i32 = 8;
pub(super) const ERRNO_FAULT: i32 = 21;
pub(super) const ERRNO_IO: i32 = 29;

/// Whose call is made.
pub enum Turn {
    /// The run's.
    Run,
    /// The debugger's, to be answered by the host, by descriptors of the host.
    Ours,
    /// The debugger's; it is answered with this error number.
    Answered(i32),
}

/// A debugger within a run.
pub struct Tool {
    /// What the debugger reads before what the user types: its own code.
    code: io::Cursor<Vec<u8>>,
    terminal: Box<dyn DebugTerminal>,
    volumes: i64,
    end: SessionEnd,
    /// The address of the debugger's bytes.
    flag: usize,
    /// Where CPython counts how many calls are left, and by how many more a debugger may make.
    depths: Vec<(usize, u32)>,
    /// Where CPython counts objects since the garbage collections.
    objects: Vec<usize>,
    /// Set while the debugger runs.
    turn: Option<Away>,
}

/// The run while the debugger runs.
struct Away {
    objects: Vec<u32>,
    since: Instant,
    deadline: Instant,
    loan: Loan,
}

/// What of a run is put aside while the debugger runs.
pub struct ToolRun<'a> {
    /// The guest's memory.
    pub memory: &'a mut [u8],
    /// When the run is stopped.
    pub deadline: &'a mut Instant,
    /// How much memory it may have.
    pub limits: &'a mut Limiter,
}

impl Tool {
    /// A debugger that the guest is given as `code`, in a run with so many volumes.
    pub fn new(code: Vec<u8>, terminal: Box<dyn DebugTerminal>, volumes: usize, end: SessionEnd) -> Self {
        let volumes = i64::try_from(volumes).unwrap_or(i64::MAX);
        Self {
            code: io::Cursor::new(code),
            terminal,
            volumes,
            end,
            flag: 0,
            depths: Vec::new(),
            objects: Vec::new(),
            turn: None,
        }
    }

    /// Whether it may only run for so long at a time.
    pub fn is_timed(&self) -> bool {
        self.terminal.time() < UNLIMITED
    }

    /// What will be known of the session.
    pub fn end(&self) -> SessionEnd {
        self.end.clone()
    }

    /// Looks for what the debugger needs in the memory of an interpreter that was not resumed yet, and begins its turn.
    /// `flag` is the address of the byte array by which it tells whose calls are made.
    pub fn enter(&mut self, run: ToolRun<'_>, flag: u32) {
        let memory = &mut *run.memory;
        self.flag = flag_at(memory, flag).unwrap_or(usize::MAX);
        let counters = depth::find_counters(memory);
        self.depths = counters.iter().zip(DEEPER).map(|((address, _), deeper)| (*address, deeper)).collect();
        self.objects = collector::find_counts(memory);
        set_byte(memory, self.flag, OURS);
        self.begin(run);
    }

    /// Has the run go on after the debugger was installed.
    pub fn leave(&mut self, run: ToolRun<'_>) {
        set_byte(run.memory, self.flag, RUN);
        self.finish(run);
    }

    /// Whose turn it is, when a call is made.
    ///
    /// # Errors
    /// Fails where the debugger ends the session.
    pub fn turn(&mut self, call: &mut Call<'_>, function: &Function, arguments: &[i64]) -> wasmtime::Result<Turn> {
        let (memory, state) = call.parts();
        let says = memory.get(self.flag).copied().unwrap_or(RUN);
        if says == END || says == FAILED {
            self.end.note_end(says == FAILED);
            return Err(SessionEnded.into());
        }
        let was_ours = self.turn.is_some();
        match (was_ours, says == OURS) {
            (false, true) => self.begin(ToolRun { memory, deadline: &mut state.deadline, limits: &mut state.limits }),
            (true, false) => self.finish(ToolRun { memory, deadline: &mut state.deadline, limits: &mut state.limits }),
            _ => {}
        }
        if was_ours != (says == OURS) && function.name == "sched_yield" {
            return Ok(Turn::Answered(ERRNO_SUCCESS));
        }
        if says != OURS {
            return Ok(Turn::Run);
        }
        let descriptor = arguments.first().copied().unwrap_or_default();
        Ok(match (function.name, descriptor) {
            ("fd_read", 0) => {
                let read = self.read(memory, function, arguments);
                // The time that the user took is none of what is asked for.
                state.deadline = Instant::now().checked_add(self.terminal.time()).unwrap_or(state.deadline);
                Turn::Answered(read)
            }
            ("fd_write", 1 | 2) => Turn::Answered(self.write(memory, function, arguments)),
            _ if self.has_foreign_descriptor(function, arguments) => Turn::Answered(ERRNO_BADF),
            _ => Turn::Ours,
        })
    }

    /// Whether a descriptor among the arguments is the run's, or one that a debugger must not close.
    fn has_foreign_descriptor(&self, function: &Function, arguments: &[i64]) -> bool {
        const FIRST: i64 = 3;
        let shared = if matches!(function.name, "fd_close" | "fd_renumber") { 0 } else { FIRST + self.volumes };
        let both = function.arguments.iter().zip(arguments);
        both.filter(|(kind, _)| **kind == Argument::Descriptor).any(|(_, value)| (shared..SHIFT).contains(value))
    }

    /// Begins the debugger's turn.
    fn begin(&mut self, ToolRun { memory, deadline, limits }: ToolRun<'_>) {
        /// A count that no allocation brings to a threshold; CPython takes it as less than 0.
        const NEVER: u32 = 1 << 31;
        for (address, deeper) in &self.depths {
            adjust(memory, *address, |left| left.wrapping_add(*deeper));
        }
        let objects = self.objects.iter().map(|address| adjust(memory, *address, |_| NEVER)).collect();
        let interrupted = self.terminal.is_interrupted();
        if interrupted {
            set_byte(memory, self.flag.saturating_add(INTERRUPTED), 1);
        }
        let since = Instant::now();
        self.turn = Some(Away { objects, since, deadline: *deadline, loan: limits.lend(MORE_MEMORY) });
        *deadline = since.checked_add(self.terminal.time()).unwrap_or(since);
    }

    /// Ends the debugger's turn.
    fn finish(&mut self, ToolRun { memory, deadline, limits }: ToolRun<'_>) {
        let Some(away) = self.turn.take() else { return };
        for (address, deeper) in &self.depths {
            adjust(memory, *address, |left| left.wrapping_sub(*deeper));
        }
        for (address, count) in self.objects.iter().zip(away.objects) {
            adjust(memory, *address, |_| count);
        }
        let made = memory.get_mut(self.flag.saturating_add(MADE)).map(std::mem::take).unwrap_or_default();
        if let Some(youngest) = self.objects.first() {
            adjust(memory, *youngest, |count| count.wrapping_add(made.into()));
        }
        *deadline = away.deadline + away.since.elapsed();
        limits.take_back(away.loan);
    }

    /// Reads from the terminal, into the first buffer that is not empty.
    fn read(&mut self, memory: &mut [u8], function: &Function, arguments: &[i64]) -> i32 {
        let Some(buffer) = effect::transferred(function, arguments, memory)
            .map(|mut buffers| buffers.find(|buffer| !buffer.is_empty()).unwrap_or_default())
        else {
            return ERRNO_FAULT;
        };
        let Some(buffer) = memory.get_mut(buffer) else { return ERRNO_FAULT };
        let read = match io::Read::read(&mut self.code, buffer) {
            Ok(0) => self.terminal.read(buffer),
            read => read,
        };
        read.map_or(ERRNO_IO, |count| put_count(memory, arguments, count))
    }

    /// Writes to the terminal.
    fn write(&mut self, memory: &mut [u8], function: &Function, arguments: &[i64]) -> i32 {
        let Some(buffers) = effect::transferred(function, arguments, memory) else { return ERRNO_FAULT };
        let mut bytes = Vec::new();
        for buffer in buffers {
            let Some(part) = memory.get(buffer) else { return ERRNO_FAULT };
            bytes.extend_from_slice(part);
        }
        self.terminal.write(&bytes).map_or(ERRNO_IO, |()| put_count(memory, arguments, bytes.len()))
    }
}

/// The arguments of a debugger's call with the descriptors that the host has for them.
pub fn unshifted<const N: usize>(function: &Function, arguments: &[i64; N]) -> [i64; N] {
    let mut host = *arguments;
    for (kind, value) in function.arguments.iter().zip(&mut host) {
        if *kind == Argument::Descriptor && *value >= SHIFT {
            *value -= SHIFT;
        }
    }
    host
}

/// Has the debugger see a descriptor that the host has opened for it as one of its own.
pub fn shift_opened(call: &mut Call<'_>, function: &Function, arguments: &[i64]) {
    let (memory, _) = call.parts();
    for (kind, value) in function.arguments.iter().zip(arguments) {
        if *kind == Argument::NewDescriptor {
            adjust(memory, address(*value), |opened| opened.wrapping_add(SHIFT as u32));
        }
    }
}

/// An argument as an address.
fn address(argument: i64) -> usize {
    offset(argument as i32)
}

/// Writes the number of bytes that a call moved where its last argument says.
pub(super) fn put_count(memory: &mut [u8], arguments: &[i64], count: usize) -> i32 {
    let place = arguments.last().and_then(|place| memory.get_mut(address(*place)..)?.first_chunk_mut());
    match (place, u32::try_from(count)) {
        (Some(place), Ok(count)) => {
            *place = count.to_le_bytes();
            ERRNO_SUCCESS
        }
        _ => ERRNO_FAULT,
    }
}

/// The address of the first byte of the byte array at the address `flag`.
pub(super) fn flag_at(memory: &[u8], flag: u32) -> Option<usize> {
    let start = flag.checked_add(layout::BYTEARRAY_START)?;
    word(memory, start as usize).map(|address| address as usize)
}

fn word(memory: &[u8], address: usize) -> Option<u32> {
    memory.get(address..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// Changes a word of memory; gives back what it was.
fn adjust(memory: &mut [u8], address: usize, change: impl FnOnce(u32) -> u32) -> u32 {
    let Some(place) = memory.get_mut(address..).and_then(|rest| rest.first_chunk_mut()) else { return 0 };
    let was = u32::from_le_bytes(*place);
    *place = change(was).to_le_bytes();
    was
}

fn set_byte(memory: &mut [u8], address: usize, byte: u8) {
    if let Some(place) = memory.get_mut(address) {
        *place = byte;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::table::FUNCTIONS;
    use super::*;

    fn function(name: &str) -> &'static Function {
        FUNCTIONS.iter().find(|function| function.name == name).expect("a function of WASI")
    }

    /// A terminal at which nobody types.
    struct Silent;

    impl DebugTerminal for Silent {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }

        fn write(&mut self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn is_interrupted(&mut self) -> bool {
            true
        }
    }

    fn tool(code: &[u8]) -> Tool {
        Tool::new(code.to_vec(), Box::new(Silent), 2, SessionEnd::default())
    }

    /// Memory of zeros, but for these words.
    fn memory(words: &[(usize, u32)]) -> Vec<u8> {
        let mut memory = vec![0; 1024];
        for (address, word) in words {
            adjust(&mut memory, *address, |_| *word);
        }
        memory
    }

    #[test]
    fn descriptors_of_the_run_are_not_those_of_a_debugger() {
        let tool = tool(b"");
        let is_foreign = |name, arguments: &[i64]| tool.has_foreign_descriptor(function(name), arguments);
        // Standard streams and two volumes are both's.
        for (descriptor, foreign) in [(0, false), (2, false), (4, false), (5, true), (999, true), (1000, false)] {
            assert_eq!(is_foreign("fd_tell", &[descriptor, 0]), foreign, "{descriptor}");
            assert_eq!(is_foreign("fd_close", &[descriptor]), descriptor < 1000, "{descriptor}");
        }
        assert!(is_foreign("fd_renumber", &[1000, 1]) && !is_foreign("fd_renumber", &[1000, 1001]));
        assert_eq!(unshifted(function("fd_renumber"), &[1000, 1003]), [0, 3]);
        // A length is no descriptor.
        assert_eq!(unshifted(function("fd_readdir"), &[1001, 2000, 3000, 4000, 5000]), [1, 2000, 3000, 4000, 5000]);
    }

    #[test]
    fn counts_are_put_back_after_a_turn() {
        let generation = |at: usize, threshold, count| [(at, at as u32), (at + 8, threshold), (at + 12, count)];
        let [oldest, middle] = [generation(132, 10, 7), generation(116, 10, 5)];
        let words = [&generation(100, 700, 3)[..], &middle, &oldest, &[(20, 40), (60, 400)]].concat();
        let mut memory = memory(&words);
        let before = memory.clone();
        let (mut deadline, mut limits) = (Instant::now(), Limiter::new(1000));
        let at_first = deadline;
        let mut tool = tool(b"");
        // The byte array is at 0, its bytes at 40.
        tool.enter(ToolRun { memory: &mut memory, deadline: &mut deadline, limits: &mut limits }, 0);
        assert_eq!(memory[40..42], [OURS, 1]);
        assert_eq!([112, 128, 144].map(|count| word(&memory, count)), [Some(1 << 31); 3]);
        assert!(limits.limit() > 1000 && deadline > at_first + Duration::from_secs(3600));
        tool.leave(ToolRun { memory: &mut memory, deadline: &mut deadline, limits: &mut limits });
        set_byte(&mut memory, 41, 0);
        assert_eq!(memory, before);
        assert!(limits.limit() == 1000 && deadline < Instant::now() + Duration::from_secs(1));
    }

    #[test]
    fn no_address_is_too_odd_for_the_terminal() {
        let (read, write) = (function("fd_read"), function("fd_write"));
        // A description of three bytes at 8, at 0.
        let mut memory = memory(&[(0, 8), (4, 3)]);
        let mut tool = tool(b"abcd");
        assert_eq!(tool.read(&mut memory, read, &[0, 0, 1, 16]), ERRNO_SUCCESS);
        assert_eq!((&memory[8..12], word(&memory, 16)), (&b"abc\0"[..], Some(3)));
        assert_eq!(tool.read(&mut memory, read, &[0, 0, 1, -1]), ERRNO_FAULT);
        assert_eq!(tool.read(&mut memory, read, &[0, 0, 1, 16]), ERRNO_SUCCESS);
        assert_eq!(word(&memory, 16), Some(0));
        assert_eq!(tool.write(&mut memory, write, &[1, 0, 1, 16]), ERRNO_IO);
        for arguments in [[0, -8, 1, 16], [0, 0, -1, 16], [0, 1020, 1, 16], [0, 0, i64::MAX, i64::MIN]] {
            assert_eq!(tool.read(&mut memory, read, &arguments), ERRNO_FAULT, "{arguments:?}");
            assert_eq!(tool.write(&mut memory, write, &arguments), ERRNO_FAULT, "{arguments:?}");
        }
    }
}
