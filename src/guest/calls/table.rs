//! What each function of WASI preview 1, and of the reference server's HTTP, is given and what it tells, argument by argument.
//!
//! The functions in <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md>, but for those that ask for the
//! arguments and the environment, whose answers belong to the input of a run, and `proc_exit`, which tells nothing.

/// The size of an `event`, in bytes.
pub const EVENT: usize = 32;

/// A function that guests import.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What its arguments are.
    pub arguments: &'static [Argument],
}

/// What an argument is. All but `Wide` are `i32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A number.
    Value,
    /// A number of 64 bits.
    Wide,
    /// The number of an open file or directory.
    Descriptor,
    /// How many bytes, buffers or subscriptions there are at the address in the argument before.
    Length,
    /// The address of bytes that are read.
    Input,
    /// The address of bytes that are read, of which logs keep a hash: they may be many, or secret.
    Sent,
    /// The address of bytes that are written: all of them, or as many as `Count` tells.
    Output,
    /// The address of descriptions of buffers that are read.
    Gather,
    /// The address of descriptions of buffers that are written, as far as `Count` tells.
    Scatter,
    /// The address of subscriptions, whose number is the argument after the next.
    Subscriptions,
    /// The address of events that are written, as many as `Count` tells.
    Events,
    /// The address where the number of bytes or events is written, an `u32`.
    Count,
    /// The address where a descriptor is written, an `u32`.
    NewDescriptor,
    /// The address where the number of a response is written, an `u32`.
    NewResponse,
    /// The address where a number of 64 bits is written.
    Number,
    /// The address where flags are written, an `u16`.
    Flags,
    /// The address where an `fdstat` is written.
    FdStat,
    /// The address where a `filestat` is written.
    FileStat,
}

impl Argument {
    /// How many bytes are written at the address that the argument is, where that is always the same.
    pub fn result_size(self) -> Option<usize> {
        match self {
            Self::Count | Self::NewDescriptor | Self::NewResponse => Some(4),
            Self::Number => Some(8),
            Self::Flags => Some(2),
            Self::FdStat => Some(24),
            Self::FileStat => Some(64),
            _ => None,
        }
    }

    /// Whether the argument is the same in a run whose memory is laid out otherwise.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Value | Self::Wide | Self::Descriptor | Self::Length)
    }
}

/// Hands all functions to the macro `$use`, in the order by which logs number them: new ones go to the end. Each has the
/// names and kinds of its arguments, and who answers it: `library`, wasmtime-wasi's function that must be awaited; `direct`,
/// one that need not be; `own`, ours; `http`, ours in the module of that name.
macro_rules! each_function {
    ($use:ident) => {
        $use! {
            clock_res_get(clock: Value, resolution: Number) direct;
            clock_time_get(clock: Value, precision: Wide, time: Number) own surroundings::clock_time_get;
            fd_advise(file: Descriptor, offset: Wide, length: Wide, advice: Value) library;
            fd_allocate(file: Descriptor, offset: Wide, length: Wide) direct;
            fd_close(file: Descriptor) library;
            fd_datasync(file: Descriptor) library;
            fd_fdstat_get(file: Descriptor, stat: FdStat) library;
            fd_fdstat_set_flags(file: Descriptor, flags: Value) direct;
            fd_fdstat_set_rights(file: Descriptor, rights: Wide, inheriting: Wide) direct;
            fd_filestat_get(file: Descriptor, stat: FileStat) own surroundings::fd_filestat_get;
            fd_filestat_set_size(file: Descriptor, size: Wide) library;
            fd_filestat_set_times(file: Descriptor, accessed: Wide, modified: Wide, which: Value) library;
            fd_pread(file: Descriptor, buffers: Scatter, count: Length, offset: Wide, moved: Count) own buffers::fd_pread;
            fd_prestat_get(file: Descriptor, prestat: Number) direct;
            fd_prestat_dir_name(file: Descriptor, name: Output, length: Length) direct;
            fd_pwrite(file: Descriptor, buffers: Gather, count: Length, offset: Wide, moved: Count) own buffers::fd_pwrite;
            fd_read(file: Descriptor, buffers: Scatter, count: Length, moved: Count) own buffers::fd_read;
            fd_readdir(file: Descriptor, buffer: Output, length: Length, cookie: Wide, used: Count) own readdir::fd_readdir;
            fd_renumber(file: Descriptor, to: Descriptor) library;
            fd_seek(file: Descriptor, offset: Wide, whence: Value, position: Number) library;
            fd_sync(file: Descriptor) library;
            fd_tell(file: Descriptor, position: Number) direct;
            fd_write(file: Descriptor, buffers: Gather, count: Length, moved: Count) own buffers::fd_write;
            path_create_directory(directory: Descriptor, path: Input, length: Length) own Call::create_directory;
            path_filestat_get(directory: Descriptor, lookup: Value, path: Input, length: Length, stat: FileStat)
                own surroundings::path_filestat_get;
            path_filestat_set_times(
                directory: Descriptor, lookup: Value, path: Input, length: Length,
                accessed: Wide, modified: Wide, which: Value
            ) own special::path_filestat_set_times;
            path_link(
                from_directory: Descriptor, lookup: Value, from: Input, from_length: Length,
                directory: Descriptor, path: Input, length: Length
            ) library;
            path_open(
                directory: Descriptor, lookup: Value, path: Input, length: Length,
                how: Value, rights: Wide, inheriting: Wide, flags: Value, opened: NewDescriptor
            ) own special::path_open;
            path_readlink(
                directory: Descriptor, path: Input, path_length: Length, buffer: Output, length: Length, used: Count
            ) library;
            path_remove_directory(directory: Descriptor, path: Input, length: Length) own Call::remove_directory;
            path_rename(
                directory: Descriptor, path: Input, length: Length,
                to_directory: Descriptor, to: Input, to_length: Length
            ) library;
            path_symlink(target: Input, target_length: Length, directory: Descriptor, path: Input, length: Length) library;
            path_unlink_file(directory: Descriptor, path: Input, length: Length) library;
            poll_oneoff(subscriptions: Subscriptions, events: Events, count: Length, stored: Count) own poll::poll_oneoff;
            proc_raise(signal: Value) direct;
            random_get(buffer: Output, length: Length) own surroundings::random_get;
            sched_yield() direct;
            sock_accept(socket: Descriptor, flags: Value, accepted: NewDescriptor) direct;
            sock_recv(socket: Descriptor, buffers: Scatter, count: Length, how: Value, moved: Count, flags: Flags) direct;
            sock_send(socket: Descriptor, buffers: Gather, count: Length, how: Value, moved: Count) direct;
            sock_shutdown(socket: Descriptor, how: Value) direct;
            req(
                url: Input, url_length: Length, method: Input, method_length: Length, fields: Sent, fields_length: Length,
                body: Sent, body_length: Length, status: Flags, response: NewResponse
            ) http http::req;
            close(response: Value) http http::close;
            header_get(
                response: Value, name: Input, name_length: Length, value: Output, length: Length, written: Count
            ) http http::header_get;
            headers_get_all(response: Value, buffer: Output, length: Length, written: Count) http http::headers_get_all;
            body_read(response: Value, buffer: Output, length: Length, read: Count) http http::body_read;
        }
    };
}
pub(super) use each_function;

macro_rules! describe {
    ($($name:ident($($argument:ident: $kind:ident),*) $how:ident $($path:path)?;)*) => {
        /// All functions, in the order by which logs number them.
        pub static FUNCTIONS: &[Function] =
            &[$(Function { name: stringify!($name), arguments: &[$(Argument::$kind),*] }),*];
    };
}
each_function!(describe);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_variable_is_followed_by_its_length() {
        for Function { name, arguments } in FUNCTIONS {
            for (i, argument) in arguments.iter().enumerate() {
                let length = match argument {
                    Argument::Input
                    | Argument::Sent
                    | Argument::Output
                    | Argument::Gather
                    | Argument::Scatter
                    | Argument::Events => 1,
                    Argument::Subscriptions => 2,
                    _ => continue,
                };
                assert_eq!(arguments.get(i + length), Some(&Argument::Length), "{name}");
            }
        }
    }

    #[test]
    fn at_most_one_variable_place_is_written_by_a_call() {
        for Function { name, arguments } in FUNCTIONS {
            let variable = |a: &&Argument| matches!(a, Argument::Output | Argument::Scatter | Argument::Events);
            assert!(arguments.iter().filter(variable).count() <= 1, "{name}");
            assert!(arguments.len() <= 10, "{name}");
        }
        assert!(FUNCTIONS.len() < 128);
    }
}
