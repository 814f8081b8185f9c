//! Where CPython keeps what the host reads and changes in a saved interpreter, in bytes, with 32-bit pointers.
//!
//! The same in CPython 3.11 and 3.12. The names of headers are paths in CPython's source.

/// `PyObject.ob_type`: Include/object.h
pub const OBJECT_TYPE: u32 = 4;

/// `PyTypeObject.tp_call`: Include/cpython/object.h
pub const TYPE_CALL: u32 = 64;

/// `PyVarObject.ob_size`, which for a `PyBytesObject` is its length: Include/object.h
pub const BYTES_SIZE: usize = 8;

/// `PyBytesObject.ob_sval`: Include/cpython/bytesobject.h
pub const BYTES_DATA: usize = 16;

/// `PyThreadState.recursion_remaining` (3.11) and `PyThreadState.py_recursion_remaining` (3.12), before the limit:
/// Include/cpython/pystate.h
pub const RECURSION_REMAINING_BEFORE_LIMIT: usize = 4;

/// `PyThreadState.c_recursion_remaining`, since 3.12, after the limit: Include/cpython/pystate.h. In 3.11
/// `recursion_headroom` is there, which is less than any of [`C_RECURSION_LIMITS`].
pub const C_RECURSION_REMAINING_AFTER_LIMIT: usize = 4;

/// What `C_RECURSION_LIMIT` may be: Include/cpython/pystate.h
pub const C_RECURSION_LIMITS: std::ops::RangeInclusive<u32> = 300..=10_000;

/// `PyByteArrayObject.ob_start`: Include/cpython/bytearrayobject.h
pub const BYTEARRAY_START: usize = 20;

/// `gc_generation.threshold` and `gc_generation.count`, and the size of one: Include/internal/pycore_gc.h
pub const GENERATION_THRESHOLD: usize = 8;
pub const GENERATION_COUNT: usize = 12;
pub const GENERATION_SIZE: usize = 16;

/// The thresholds of the generations as start-up sets them: `_PyGC_InitState`, Modules/gcmodule.c
pub const GENERATION_THRESHOLDS: [u32; 3] = [700, 10, 10];
