//! Error numbers of WASI preview 1: <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno>.

use wasip2::filesystem::types::ErrorCode;

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    /// Permission denied.
    Access = 2,
    /// It would have to be waited for.
    WouldBlock = 6,
    /// It is already under way.
    Already = 7,
    /// Bad file descriptor.
    BadDescriptor = 8,
    /// It is in use.
    Busy = 10,
    /// A connection was given up.
    ConnectionAborted = 13,
    /// Nobody listens at an address.
    ConnectionRefused = 14,
    /// The other side ended a connection.
    ConnectionReset = 15,
    /// Two would wait for each other.
    Deadlock = 16,
    /// A quota is used up.
    Quota = 19,
    /// It exists.
    Exists = 20,
    /// Bad address.
    Fault = 21,
    /// A file would be too large.
    FileTooLarge = 22,
    /// No way leads to a host.
    HostUnreachable = 23,
    /// It is no text in UTF-8.
    IllegalSequence = 25,
    /// It is under way.
    InProgress = 26,
    /// It was interrupted.
    Interrupted = 27,
    /// Invalid argument.
    Invalid = 28,
    /// A device failed.
    Io = 29,
    /// It is connected.
    IsConnected = 30,
    /// It is a directory.
    IsDirectory = 31,
    /// Too many symbolic links.
    Loop = 32,
    /// Too many files are open.
    TooManyFiles = 33,
    /// A file would have too many names.
    TooManyLinks = 34,
    /// A message is too long.
    MessageSize = 35,
    /// A name is too long.
    NameTooLong = 37,
    /// There is no such device.
    NoDevice = 43,
    /// There is no such file.
    NotFound = 44,
    /// There are no more locks.
    NoLock = 46,
    /// There is no more memory.
    NoMemory = 48,
    /// There is no more room for files.
    NoSpace = 51,
    /// It is not connected.
    NotConnected = 53,
    /// It is no directory.
    NotDirectory = 54,
    /// The directory has entries.
    NotEmpty = 55,
    /// Its state is lost.
    NotRecoverable = 56,
    /// It is not supported.
    NotSupported = 58,
    /// It is no terminal.
    NoTerminal = 59,
    /// There is no such device or address.
    NoSuchDevice = 60,
    /// A number is too large.
    Overflow = 61,
    /// It may not be done.
    NotPermitted = 63,
    /// Nobody reads it.
    Pipe = 64,
    /// The other side speaks another protocol.
    Protocol = 65,
    /// It is kept from being written.
    ReadOnly = 69,
    /// It cannot be sought.
    NotSeekable = 70,
    /// It took too long.
    TimedOut = 73,
    /// It is a program that runs.
    TextBusy = 74,
    /// The two are not in the same volume.
    CrossDevice = 75,
}

/// The result of a call.
pub type Result<T = (), E = Errno> = core::result::Result<T, E>;

impl From<ErrorCode> for Errno {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::Access => Self::Access,
            ErrorCode::WouldBlock => Self::WouldBlock,
            ErrorCode::Already => Self::Already,
            ErrorCode::BadDescriptor => Self::BadDescriptor,
            ErrorCode::Busy => Self::Busy,
            ErrorCode::Deadlock => Self::Deadlock,
            ErrorCode::Quota => Self::Quota,
            ErrorCode::Exist => Self::Exists,
            ErrorCode::FileTooLarge => Self::FileTooLarge,
            ErrorCode::IllegalByteSequence => Self::IllegalSequence,
            ErrorCode::InProgress => Self::InProgress,
            ErrorCode::Interrupted => Self::Interrupted,
            ErrorCode::Invalid => Self::Invalid,
            ErrorCode::Io => Self::Io,
            ErrorCode::IsDirectory => Self::IsDirectory,
            ErrorCode::Loop => Self::Loop,
            ErrorCode::TooManyLinks => Self::TooManyLinks,
            ErrorCode::MessageSize => Self::MessageSize,
            ErrorCode::NameTooLong => Self::NameTooLong,
            ErrorCode::NoDevice => Self::NoDevice,
            ErrorCode::NoEntry => Self::NotFound,
            ErrorCode::NoLock => Self::NoLock,
            ErrorCode::InsufficientMemory => Self::NoMemory,
            ErrorCode::InsufficientSpace => Self::NoSpace,
            ErrorCode::NotDirectory => Self::NotDirectory,
            ErrorCode::NotEmpty => Self::NotEmpty,
            ErrorCode::NotRecoverable => Self::NotRecoverable,
            ErrorCode::Unsupported => Self::NotSupported,
            ErrorCode::NoTty => Self::NoTerminal,
            ErrorCode::NoSuchDevice => Self::NoSuchDevice,
            ErrorCode::Overflow => Self::Overflow,
            ErrorCode::NotPermitted => Self::NotPermitted,
            ErrorCode::Pipe => Self::Pipe,
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::InvalidSeek => Self::NotSeekable,
            ErrorCode::TextFileBusy => Self::TextBusy,
            ErrorCode::CrossDevice => Self::CrossDevice,
        }
    }
}
