//! Why something failed, as the guest is told.

use alloc::format;
use alloc::string::String;
use core::fmt;

use wasip2::http::types::ErrorCode as HttpError;
use wasip2::sockets::network::ErrorCode as SocketError;

use crate::errno::Errno;
use crate::http;

/// OpenSSL's number for a certificate with which something is wrong that has no number of its own.
const UNSPECIFIED: u32 = 1;

/// Why something failed.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The error number of the call.
    pub errno: Errno,
    /// A number that says more: what is wrong with a certificate.
    pub code: u32,
    /// What to say of it.
    pub text: String,
}

impl Failed {
    /// A failure.
    pub fn new(errno: Errno, text: String) -> Self {
        Self { errno, code: 0, text }
    }

    /// A failure that Python sees as a number alone: the text goes to the log as well.
    pub fn logged(errno: Errno, text: String) -> Self {
        http::log(&format!("{text}\n"));
        Self::new(errno, text)
    }

    /// Of an operation of a socket to `to`.
    pub fn of_socket(error: SocketError, to: impl fmt::Display) -> Self {
        let errno = Errno::from(error);
        if errno == Errno::Access {
            let why = format!("the host of this component does not let it connect to {to}");
            return Self::logged(errno, format!("{why}: with wasmtime, give it -S tcp -S inherit-network"));
        }
        Self::new(errno, format!("cannot connect to {to}"))
    }

    /// Of a request that the host was to send to `to`.
    pub fn of_request(error: &HttpError, to: impl fmt::Display) -> Self {
        use HttpError as E;
        let (errno, why) = match error {
            E::ConnectionRefused => return Self::new(Errno::ConnectionRefused, format!("cannot connect to {to}")),
            E::DnsTimeout | E::DnsError(_) | E::DestinationNotFound => {
                (Errno::HostUnreachable, format!("{to}: the name cannot be resolved"))
            }
            E::DestinationUnavailable | E::DestinationIpUnroutable => {
                (Errno::HostUnreachable, format!("no way leads to {to}"))
            }
            E::ConnectionTerminated | E::HttpResponseIncomplete => {
                (Errno::ConnectionReset, format!("{to} ended the connection"))
            }
            E::ConnectionTimeout | E::ConnectionReadTimeout | E::ConnectionWriteTimeout | E::HttpResponseTimeout => {
                (Errno::TimedOut, format!("{to} took longer than the host of this component waits"))
            }
            E::ConnectionLimitReached => {
                (Errno::TooManyFiles, "the host of this component has too many connections".into())
            }
            E::HttpRequestDenied | E::DestinationIpProhibited => {
                (Errno::Access, format!("the host of this component does not let it send requests to {to}"))
            }
            E::TlsCertificateError => {
                let why = format!("the host of this component does not accept the certificate of {to}");
                return Self { code: UNSPECIFIED, ..Self::logged(Errno::Protocol, why) };
            }
            E::TlsProtocolError | E::TlsAlertReceived(_) => {
                (Errno::Protocol, format!("the host of this component and {to} do not agree on TLS"))
            }
            E::InternalError(Some(why)) => (Errno::Protocol, format!("the request to {to} failed: {why}")),
            _ => (
                Errno::Protocol,
                format!("the host of this component did not send the request to {to}, or got no response of HTTP"),
            ),
        };
        Self::logged(errno, why)
    }
}

impl From<SocketError> for Errno {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::AccessDenied => Self::Access,
            SocketError::NotSupported => Self::NotSupported,
            SocketError::InvalidArgument => Self::Invalid,
            SocketError::OutOfMemory => Self::NoMemory,
            SocketError::Timeout => Self::TimedOut,
            SocketError::ConcurrencyConflict => Self::Already,
            SocketError::WouldBlock | SocketError::TemporaryResolverFailure => Self::WouldBlock,
            SocketError::InvalidState | SocketError::NotInProgress => Self::NotConnected,
            SocketError::NewSocketLimit => Self::TooManyFiles,
            SocketError::RemoteUnreachable => Self::HostUnreachable,
            SocketError::ConnectionRefused => Self::ConnectionRefused,
            SocketError::ConnectionReset => Self::ConnectionReset,
            SocketError::ConnectionAborted => Self::ConnectionAborted,
            SocketError::NameUnresolvable | SocketError::PermanentResolverFailure => Self::NotFound,
            _ => Self::Io,
        }
    }
}
