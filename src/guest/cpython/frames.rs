//! The interpreter's only thread, and the frames on its stack.

use std::fmt;
use std::ops::Range;

use super::depth::MARKED_LIMIT;
use super::layout::{self, LAYOUTS, Layout};
use super::lines;
use super::objects::Memory;

/// The most frames that are looked at.
const MOST_FRAMES: usize = 1000;

/// A line of a Python source file that is being executed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame {
    /// `co_filename` of its code.
    pub file: String,
    /// The line; 0 where the code has none.
    pub line: u32,
    /// `co_name` of its code: `<module>` for that of a module.
    pub function: String,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The state of the interpreter's thread: a `PyThreadState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// How this version of CPython lays out its structures.
    pub layout: &'static Layout,
    address: u32,
}

impl Thread {
    /// Finds it by its recursion limit, which is the default one or the boot script's, and by what must be around it. Where
    /// two places could be it, there is none.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let limits = |layout: &'static Layout| [(layout, layout.recursion_limit), (layout, MARKED_LIMIT)];
        let mut found = LAYOUTS.iter().flat_map(limits).flat_map(|(layout, limit)| {
            let limit = limit.to_le_bytes();
            let places: Vec<_> = memchr::memmem::find_iter(bytes, &limit).filter(|at| at % 4 == 0).collect();
            let threads = places.into_iter().filter_map(move |at| {
                let address = u32::try_from(at).ok()?.checked_sub(layout.thread_limit)?;
                Some(Self { layout, address })
            });
            threads.filter(|thread| thread.is_plausible(Memory(bytes)).is_some())
        });
        let thread = found.next()?;
        found.next().is_none().then_some(thread)
    }

    /// Whether this is a thread that runs Python code: nothing is before or after it, and its frame's code has names.
    fn is_plausible(&self, memory: Memory<'_>) -> Option<()> {
        let field = |offset| memory.field(self.address, offset);
        let limit = field(self.layout.thread_limit)?;
        let remaining = field(self.layout.thread_limit - layout::RECURSION_REMAINING_BEFORE_LIMIT)?;
        let alone = field(0)? == 0 && field(4)? == 0 && field(self.layout.thread_tracing)? == 0;
        // Two versions may differ by a field that is zero.
        let alone = alone && field(layout::THREAD_INTERPRETER)? != 0;
        let code = self.codes(memory).next()?;
        (alone && remaining <= limit && code.is_plausible(memory)).then_some(())
    }

    /// The frames, the innermost first.
    pub fn frames(self, memory: &[u8]) -> impl Iterator<Item = Frame> {
        let memory = Memory(memory);
        self.codes(memory).filter_map(move |code| code.frame(memory))
    }

    /// The part of the stack of frames that is not in use: what calls that have returned left there.
    pub fn free_stack(self, memory: &[u8]) -> Option<Range<usize>> {
        let memory = Memory(memory);
        let [chunk, top, limit] = [0, 4, 8].map(|offset| memory.field(self.address, self.layout.thread_stack + offset));
        let (chunk, top, limit) = (chunk?, top?, limit?);
        // The chunk knows its size.
        let is_chunk = memory.field(chunk, layout::CHUNK_SIZE) == limit.checked_sub(chunk);
        (is_chunk && chunk < top && top <= limit).then_some(top as usize..limit as usize)
    }

    /// The address of the type of code objects.
    pub fn code_type(self, memory: &[u8]) -> Option<u32> {
        let memory = Memory(memory);
        memory.type_of(self.codes(memory).next()?.address)
    }

    fn codes(self, memory: Memory<'_>) -> impl Iterator<Item = RunningCode> {
        let layout = self.layout;
        let first = memory.field(self.address, layout.thread_frame);
        let first = first.and_then(|first| layout.cframe_frame.map_or(Some(first), |at| memory.field(first, at)));
        let next = move |frame: &u32| memory.field(*frame, layout.frame_previous).filter(|frame| *frame != 0);
        let frames = std::iter::successors(first.filter(|frame| *frame != 0), next).take(MOST_FRAMES);
        frames.filter_map(move |frame| {
            if memory.byte(frame, layout.frame_owner)? >= layout::OWNED_BY_C_STACK {
                return None;
            }
            let address = memory.field(frame, layout.frame_code)? & !layout::REFERENCE_TAGS;
            Some(RunningCode { layout, address, instruction: memory.field(frame, layout.frame_instruction)? })
        })
    }
}

/// A code object, and the address of the code unit that was executed last.
struct RunningCode {
    layout: &'static Layout,
    address: u32,
    instruction: u32,
}

impl RunningCode {
    /// Whether its file and its name are objects of one type.
    fn is_plausible(&self, memory: Memory<'_>) -> bool {
        let type_of = |offset| memory.type_of(memory.field(self.address, offset)?);
        type_of(self.layout.code_file).is_some_and(|kind| kind != 0 && Some(kind) == type_of(self.layout.code_name))
            && self.frame(memory).is_some()
    }

    fn frame(&self, memory: Memory<'_>) -> Option<Frame> {
        let Self { layout, address, instruction } = self;
        let field = |offset| memory.field(*address, offset);
        let text = |offset| memory.text(layout, field(offset)?);
        let table = memory.bytes_object(field(layout.code_lines)?)?;
        let unit = (i64::from(*instruction) - i64::from(address.checked_add(layout.code_units)?)) / 2;
        let line = lines::line(table, field(layout.code_first_line)?, unit).unwrap_or(0);
        Some(Frame { file: text(layout.code_file)?, line, function: text(layout.code_name)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A memory with a thread, one frame, its code, two texts and a location table.
    fn memory(layout: &Layout) -> Vec<u8> {
        const THREAD: u32 = 64;
        const CFRAME: u32 = 256;
        const FRAME: u32 = 320;
        const CODE: u32 = 400;
        const FILE: u32 = 640;
        const NAME: u32 = 720;
        const TABLE: u32 = 800;
        let mut memory = vec![0; 1024];
        let mut put = |address: u32, word: u32| {
            memory[address as usize..address as usize + 4].copy_from_slice(&word.to_le_bytes());
        };
        put(THREAD + layout::THREAD_INTERPRETER, 4096);
        put(THREAD + layout.thread_limit, layout.recursion_limit);
        put(THREAD + layout.thread_limit - 4, layout.recursion_limit - 9);
        put(THREAD + layout.thread_frame, layout.cframe_frame.map_or(FRAME, |_| CFRAME));
        put(CFRAME + layout.cframe_frame.unwrap_or(0), FRAME);
        put(FRAME + layout.frame_code, CODE);
        put(FRAME + layout.frame_instruction, CODE + layout.code_units + 2);
        put(CODE + 4, 9000);
        put(CODE + layout.code_first_line, 7);
        put(CODE + layout.code_file, FILE);
        put(CODE + layout.code_name, NAME);
        put(CODE + layout.code_lines, TABLE);
        for (address, length) in [(FILE, 4), (NAME, 1)] {
            put(address + 4, 8000);
            put(address + 8, length);
            put(address + 16, 1 << 2 | 1 << 5 | 1 << 6);
        }
        put(FILE + layout.ascii_data, u32::from_le_bytes(*b"a.py"));
        put(NAME + layout.ascii_data, u32::from(b'f'));
        put(TABLE + 8, 5);
        // One unit of line 7, then one of line 9.
        let table = [0x80 | 13 << 3, 0, 0x80 | 12 << 3, 0, 0];
        memory[TABLE as usize + 16..][..5].copy_from_slice(&table);
        memory
    }

    #[test]
    fn the_thread_of_each_version_is_found_and_its_frame_read() {
        for layout in &LAYOUTS {
            let memory = memory(layout);
            let thread = Thread::find(&memory).expect("it is there");
            assert_eq!(thread.layout.version, layout.version);
            let frames: Vec<_> = thread.frames(&memory).collect();
            assert_eq!(frames, [Frame { file: "a.py".into(), line: 9, function: "f".into() }]);
            assert_eq!(thread.code_type(&memory), Some(9000));
        }
    }

    #[test]
    fn a_stack_that_never_ends_is_cut_off() {
        for layout in &LAYOUTS {
            let mut memory = memory(layout);
            memory[320 + layout.frame_previous as usize..][..4].copy_from_slice(&320_u32.to_le_bytes());
            let thread = Thread::find(&memory).expect("it is there");
            assert_eq!(thread.frames(&memory).count(), MOST_FRAMES);
        }
    }

    #[test]
    fn no_memory_makes_it_panic() {
        for layout in &LAYOUTS {
            let good = memory(layout);
            for at in 0..good.len() {
                for byte in [0xff, 0x80, good[at].wrapping_add(1)] {
                    let mut bad = good.clone();
                    bad[at] = byte;
                    if let Some(thread) = Thread::find(&bad) {
                        let _ = (thread.frames(&bad).count(), thread.code_type(&bad));
                    }
                    let thread = Thread { layout, address: 64 };
                    let _ = (thread.frames(&bad).count(), thread.frames(&bad[..at]).count());
                }
            }
        }
    }
}
