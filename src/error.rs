//! The one error type: what happened, what to do about it, and the exit code it ends the process with.

use std::error::Error as StdError;
use std::fmt;

/// Shorthand for a result that fails with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What a failure means to the caller of the process. The number is the exit code, documented in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Configuration, toolchain, network, file system: anything that is ours or the machine's.
    Failed = 1,
    /// The command line could not be understood.
    Usage = 2,
    /// The guest trapped, exited with a code other than 0, or answered nothing that is a response.
    Guest = 3,
    /// The guest answered, with a status of 400 or more, and `--fail` was given.
    Status = 4,
}

/// A failure as a person reads it: a message, the causes below it, and a remedy.
#[derive(Debug)]
pub struct Error {
    message: String,
    remedy: Option<String>,
    kind: Kind,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of [`Kind::Failed`]. `message` names what failed, with the file where there is one.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed, message)
    }

    /// A failure of the given kind.
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: None, kind, cause: None }
    }

    /// Adds what the user can do about it; shown below the message after `help:`.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds what went wrong below; shown after the message, separated by a colon.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the user can do about it, if anything is known to help.
    pub fn remedy_text(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        self.kind as u8
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = self.cause.as_deref().map(|c| c as &dyn StdError);
        while let Some(c) = cause {
            write!(f, ": {c}")?;
            // Our own error already prints its causes.
            cause = if c.is::<Self>() { None } else { c.source() };
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|c| c as &(dyn StdError + 'static))
    }
}

/// Turns any result or option into ours, with a message that says what was being done.
pub trait Context<T> {
    /// Wraps the failure in `Error::new(message())`, keeping it as the cause.
    ///
    /// # Errors
    /// Fails where `self` does.
    fn context<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for std::result::Result<T, E> {
    fn context<M: Into<String>>(self, message: impl FnOnce() -> M) -> Result<T> {
        self.map_err(|e| Error::new(message()).because(e))
    }
}
