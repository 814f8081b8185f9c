//! Where CPython keeps what the host reads and changes, in bytes, with 32-bit pointers.
//!
//! The names of headers are paths in CPython's source.

/// `PyObject.ob_type`: Include/object.h
pub const OBJECT_TYPE: u32 = 4;

/// `PyTypeObject.tp_call`: Include/cpython/object.h
pub const TYPE_CALL: u32 = 64;

/// `PyVarObject.ob_size`: Include/object.h. The length of a `PyBytesObject`, and of a `PyCodeObject` in code units.
pub const VARIABLE_SIZE: u32 = 8;

/// `PyBytesObject.ob_sval`: Include/cpython/bytesobject.h
pub const BYTES_DATA: u32 = 16;

/// `PyASCIIObject.length` and `PyASCIIObject.state`: Include/cpython/unicodeobject.h
pub const TEXT_LENGTH: u32 = 8;
/// See [`TEXT_LENGTH`].
pub const TEXT_STATE: u32 = 16;

/// `PyThreadState.recursion_remaining` (3.11) and `PyThreadState.py_recursion_remaining` (3.12), before the limit:
/// Include/cpython/pystate.h
pub const RECURSION_REMAINING_BEFORE_LIMIT: u32 = 4;

/// `PyThreadState.c_recursion_remaining`, since 3.12, after the limit: Include/cpython/pystate.h. In 3.11
/// `recursion_headroom` is there, which is less than any of [`C_RECURSION_LIMITS`].
pub const C_RECURSION_REMAINING_AFTER_LIMIT: u32 = 4;

/// What `C_RECURSION_LIMIT` may be: Include/cpython/pystate.h
pub const C_RECURSION_LIMITS: std::ops::RangeInclusive<u32> = 300..=10_000;

/// `FRAME_OWNED_BY_CSTACK`, since 3.12: Include/internal/pycore_frame.h. Such a frame stands for a call from C. In 3.14 it is
/// `FRAME_OWNED_BY_INTERPRETER`, and what is more is C's as well: Include/internal/pycore_interpframe_structs.h
pub const OWNED_BY_C_STACK: u8 = 3;

/// `Py_TAG_BITS`, since 3.14, of which `_PyInterpreterFrame.f_executable` has one: Include/internal/pycore_stackref.h. Before, the
/// address of an object has none of them.
pub const REFERENCE_TAGS: u32 = 1;

/// `_PyStackChunk.size`: Include/cpython/pystate.h
pub const CHUNK_SIZE: u32 = 4;

/// `PyListObject.ob_item` and `PyListObject.allocated`: Include/cpython/listobject.h
pub const LIST_ITEMS: u32 = 12;
/// See [`LIST_ITEMS`].
pub const LIST_ALLOCATED: u32 = 16;

/// `PySetObject.mask` and `PySetObject.table`: Include/cpython/setobject.h
pub const SET_MASK: u32 = 16;
/// See [`SET_MASK`].
pub const SET_TABLE: u32 = 20;
/// `sizeof(setentry)`
pub const SET_ENTRY: u32 = 8;

/// `RandomObject.index`: Modules/_randommodule.c
pub const RANDOM_INDEX: u32 = 8;
/// `N`, at which `RandomObject.index` is when the generator was seeded and not used since.
pub const RANDOM_NUMBERS: u32 = 624;

/// `PyDictObject.ma_keys`: Include/cpython/dictobject.h
pub const DICT_KEYS: u32 = 24;

/// `PyDictKeysObject.dk_log2_size`, `dk_log2_index_bytes`, `dk_kind` and `dk_indices`: Include/internal/pycore_dict.h
pub const KEYS_LOG2_SIZE: u32 = 4;
/// See [`KEYS_LOG2_SIZE`].
pub const KEYS_LOG2_INDEX_BYTES: u32 = 5;
/// See [`KEYS_LOG2_SIZE`]. 0, `DICT_KEYS_GENERAL`, has entries with a hash.
pub const KEYS_KIND: u32 = 6;
/// See [`KEYS_LOG2_SIZE`].
pub const KEYS_INDICES: u32 = 20;
/// `sizeof(PyDictKeyEntry)` and `sizeof(PyDictUnicodeEntry)`: Include/internal/pycore_dict.h
pub const KEYS_ENTRIES: [u32; 2] = [12, 8];

/// `PyByteArrayObject.ob_start`: Include/cpython/bytearrayobject.h
pub const BYTEARRAY_START: u32 = 20;

/// `gc_generation.threshold` and `gc_generation.count`, and the size of one: Include/internal/pycore_gc.h
pub const GENERATION_THRESHOLD: usize = 8;
/// See [`GENERATION_THRESHOLD`].
pub const GENERATION_COUNT: usize = 12;
/// See [`GENERATION_THRESHOLD`].
pub const GENERATION_SIZE: usize = 16;

/// The thresholds of the generations as start-up sets them: `_PyGC_InitState`, Modules/gcmodule.c, since 3.12
/// `_PyRuntimeState_INIT`, Include/internal/pycore_runtime_init.h. The first is [`Layout::collector_threshold`].
pub const LATER_THRESHOLDS: [u32; 2] = [10, 10];

/// `PyThreadState.interp`: Include/cpython/pystate.h
pub const THREAD_INTERPRETER: u32 = 8;

/// What differs from version to version.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// The version of CPython.
    pub version: (u8, u8),
    /// `Py_DEFAULT_RECURSION_LIMIT`: configure.ac sets it for WASI in 3.11; Include/internal/pycore_interp.h has it in 3.12
    pub recursion_limit: u32,
    /// `PyThreadState.recursion_limit` or `py_recursion_limit`: Include/cpython/pystate.h
    pub thread_limit: u32,
    /// `PyThreadState.tracing`: Include/cpython/pystate.h
    pub thread_tracing: u32,
    /// `PyThreadState.cframe`, since 3.13 `PyThreadState.current_frame`: Include/cpython/pystate.h
    pub thread_frame: u32,
    /// `PyThreadState.datastack_chunk`, `datastack_top` and `datastack_limit`: Include/cpython/pystate.h
    pub thread_stack: u32,
    /// `_PyCFrame.current_frame`, until 3.13: Include/cpython/pystate.h. 3.11 has `use_tracing` before it.
    pub cframe_frame: Option<u32>,
    /// `_PyInterpreterFrame.f_code`, since 3.13 `f_executable`: Include/internal/pycore_frame.h
    pub frame_code: u32,
    /// `_PyInterpreterFrame.previous`
    pub frame_previous: u32,
    /// `_PyInterpreterFrame.prev_instr`, since 3.13 `instr_ptr`: what `_PyInterpreterFrame_LASTI` is made of
    pub frame_instruction: u32,
    /// `_PyInterpreterFrame.owner`
    pub frame_owner: u32,
    /// `PyCodeObject.co_firstlineno`: Include/cpython/code.h
    pub code_first_line: u32,
    /// `PyCodeObject.co_filename`
    pub code_file: u32,
    /// `PyCodeObject.co_name`
    pub code_name: u32,
    /// `PyCodeObject.co_linetable`
    pub code_lines: u32,
    /// `PyCodeObject.co_warmup`, 3.11 alone: a counter
    pub code_warmup: Option<u32>,
    /// `PyCodeObject.co_code_adaptive`
    pub code_units: u32,
    /// `sizeof(PyASCIIObject)`: Include/cpython/unicodeobject.h. 3.11 has `wstr` at its end.
    pub ascii_data: u32,
    /// `sizeof(PyCompactUnicodeObject)`
    pub compact_data: u32,
    /// The threshold of the collector's youngest generation: see [`LATER_THRESHOLDS`]
    pub collector_threshold: u32,
}

const CPYTHON_3_14: Layout = Layout {
    version: (3, 14),
    recursion_limit: 1000,
    thread_limit: 36,
    thread_tracing: 44,
    thread_frame: 52,
    thread_stack: 144,
    cframe_frame: None,
    frame_code: 0,
    frame_previous: 4,
    frame_instruction: 28,
    frame_owner: 38,
    code_first_line: 44,
    code_file: 80,
    code_name: 84,
    code_lines: 92,
    code_warmup: None,
    code_units: 128,
    ascii_data: 20,
    compact_data: 28,
    collector_threshold: 2000,
};

/// The last version whose source was read, not its headers alone.
pub const LAST_READ: (u8, u8) = (3, 14);

/// The versions whose layout is known.
pub const LAYOUTS: [Layout; 5] = [
    Layout {
        version: (3, 11),
        recursion_limit: 600,
        thread_limit: 24,
        thread_tracing: 32,
        thread_frame: 40,
        thread_stack: 172,
        cframe_frame: Some(4),
        frame_code: 16,
        frame_previous: 24,
        frame_instruction: 28,
        frame_owner: 37,
        code_first_line: 48,
        code_file: 80,
        code_name: 84,
        code_lines: 92,
        code_warmup: Some(28),
        code_units: 116,
        ascii_data: 24,
        compact_data: 36,
        collector_threshold: 700,
    },
    Layout {
        version: (3, 12),
        recursion_limit: 1000,
        thread_limit: 20,
        thread_tracing: 32,
        thread_frame: 40,
        thread_stack: 136,
        cframe_frame: Some(0),
        frame_code: 0,
        frame_previous: 4,
        frame_instruction: 28,
        frame_owner: 38,
        code_first_line: 44,
        code_file: 80,
        code_name: 84,
        code_lines: 92,
        code_warmup: None,
        code_units: 124,
        ascii_data: 20,
        compact_data: 28,
        collector_threshold: 700,
    },
    Layout { version: (3, 13), thread_limit: 32, code_units: 124, ..CPYTHON_3_14 },
    CPYTHON_3_14,
    Layout {
        version: (3, 15),
        thread_limit: 40,
        thread_tracing: 48,
        thread_frame: 56,
        thread_stack: 160,
        ..CPYTHON_3_14
    },
];

/// The layout of a version, as `sys.hexversion` has it, if it is known.
pub fn of(hexversion: u32) -> Option<&'static Layout> {
    let [major, minor, ..] = hexversion.to_be_bytes();
    LAYOUTS.iter().find(|layout| layout.version == (major, minor))
}
