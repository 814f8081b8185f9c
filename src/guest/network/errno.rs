//! Error numbers of WASI preview 1.

use std::io::{self, ErrorKind};

use crate::error::has_too_many_files;

pub const SUCCESS: i32 = 0;
pub const ACCES: i32 = 2;
pub const AFNOSUPPORT: i32 = 5;
pub const AGAIN: i32 = 6;
pub const ALREADY: i32 = 7;
pub const BADF: i32 = 8;
pub const CONNABORTED: i32 = 13;
pub const CONNREFUSED: i32 = 14;
pub const CONNRESET: i32 = 15;
pub const FBIG: i32 = 22;
pub const HOSTUNREACH: i32 = 23;
pub const INPROGRESS: i32 = 26;
pub const INTR: i32 = 27;
pub const INVAL: i32 = 28;
pub const IO: i32 = 29;
pub const ISCONN: i32 = 30;
pub const MFILE: i32 = 33;
pub const NETUNREACH: i32 = 40;
pub const NOENT: i32 = 44;
pub const NOTCONN: i32 = 53;
pub const PIPE: i32 = 64;
pub const PROTO: i32 = 65;
pub const TIMEDOUT: i32 = 73;

/// The number of an error of the system's.
pub fn of(error: &io::Error) -> i32 {
    match error.kind() {
        ErrorKind::WouldBlock => AGAIN,
        ErrorKind::ConnectionRefused => CONNREFUSED,
        ErrorKind::ConnectionReset => CONNRESET,
        // TLS: the other side ended the connection without saying so.
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => CONNABORTED,
        ErrorKind::HostUnreachable => HOSTUNREACH,
        ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => NETUNREACH,
        ErrorKind::BrokenPipe => PIPE,
        ErrorKind::TimedOut => TIMEDOUT,
        ErrorKind::NotConnected => NOTCONN,
        ErrorKind::InvalidData => PROTO,
        ErrorKind::Interrupted => INTR,
        _ if has_too_many_files(error) => MFILE,
        _ => IO,
    }
}
