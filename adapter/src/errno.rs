//! Error numbers of WASI preview 1: <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno>.

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    /// Bad file descriptor.
    BadDescriptor = 8,
    /// It exists.
    Exists = 20,
    /// Bad address.
    Fault = 21,
    /// It is no text in UTF-8.
    IllegalSequence = 25,
    /// Invalid argument.
    Invalid = 28,
    /// It is a directory.
    IsDirectory = 31,
    /// A name is too long.
    NameTooLong = 37,
    /// There is no such file.
    NotFound = 44,
    /// There is no more memory for files.
    NoSpace = 51,
    /// It is no directory.
    NotDirectory = 54,
    /// The directory has entries.
    NotEmpty = 55,
    /// It is not supported.
    NotSupported = 58,
    /// It may not be done.
    NotPermitted = 63,
    /// It is kept from being written.
    ReadOnly = 69,
    /// It cannot be sought.
    NotSeekable = 70,
}

/// The result of a call.
pub type Result<T = ()> = core::result::Result<T, Errno>;
