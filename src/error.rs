//! The one error type: what happened, what to do about it, and the exit code it ends the process with.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};

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
    /// No route matches, the app redirects without end, or the status is 400 or more and `--fail` was given.
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

    /// Adds what went wrong below; shown after the message, separated by a colon. What helps against a cause of ours
    /// helps against this too, until another remedy is added.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let cause = cause.into();
        let inner = cause.downcast_ref::<Self>().and_then(|error| error.remedy.clone());
        self.remedy = self.remedy.or(inner);
        self.cause = Some(cause);
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the user can do about it, if anything is known to help.
    pub fn remedy_text(&self) -> Option<&str> {
        self.remedy.as_deref().or_else(|| self.system_remedy())
    }

    /// What helps against the answer of the operating system at the bottom of this, whatever it was asked.
    fn system_remedy(&self) -> Option<&'static str> {
        let causes = std::iter::successors(self.source(), |cause: &&(dyn StdError + 'static)| (*cause).source());
        match causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).last()?.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Some("see that you have the permission to read and to write there")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Some("make room where it is to be written")
            }
            ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                Some("something else is in its place: move that away, or give another path")
            }
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: &Error) -> (String, Option<&str>) {
        (error.to_string(), error.remedy_text())
    }

    #[test]
    fn the_remedy_of_a_cause_is_kept_until_there_is_a_better_one() {
        let inner = || Error::new("the cache is full").remedy("empty it");
        let outer = Error::new("cannot install").because(inner());
        assert_eq!(told(&outer), ("cannot install: the cache is full".to_owned(), Some("empty it")));
        let context = Err::<(), _>(inner()).context(|| "cannot install").expect_err("an error");
        assert_eq!(told(&context), told(&outer));
        assert_eq!(outer.remedy("ask for help").remedy_text(), Some("ask for help"));
        assert_eq!(Error::new("a").remedy("b").because(inner()).remedy_text(), Some("b"));
    }

    #[test]
    fn what_the_system_refuses_has_a_remedy_however_deep_it_lies() {
        let permission = Some("see that you have the permission to read and to write there");
        let room = Some("make room where it is to be written");
        let place = Some("something else is in its place: move that away, or give another path");
        for (kind, remedy) in [
            (ErrorKind::PermissionDenied, permission),
            (ErrorKind::ReadOnlyFilesystem, permission),
            (ErrorKind::StorageFull, room),
            (ErrorKind::QuotaExceeded, room),
            (ErrorKind::FileTooLarge, room),
            (ErrorKind::IsADirectory, place),
            (ErrorKind::NotADirectory, place),
            (ErrorKind::AlreadyExists, place),
            (ErrorKind::NotFound, None),
            (ErrorKind::Other, None),
        ] {
            let error = Error::new("cannot write a").because(io::Error::from(kind));
            assert_eq!(told(&error), (format!("cannot write a: {kind}"), remedy));
            let outer = Error::new("cannot install").because(error);
            assert_eq!(told(&outer), (format!("cannot install: cannot write a: {kind}"), remedy));
        }
        let error = Error::new("cannot write a").because(io::Error::from(ErrorKind::StorageFull)).remedy("delete b");
        assert_eq!(error.remedy_text(), Some("delete b"));
    }
}
