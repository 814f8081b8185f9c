//! The crate's error type: what happened, what the user can do about it, and the exit code of the process.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};

/// A result that fails with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Who has to act on an error. Each kind has an exit code, which `--help` documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Configuration, toolchain, network, file system: the user can correct it.
    Failed,
    /// A defect of pywagi itself: the user can only report it.
    Internal,
    /// The command line could not be understood.
    Usage,
    /// The guest trapped, exited with a code other than 0, or did not print a valid response.
    Guest,
    /// No route matches, the app redirects without end, or the status is 400 or more and `--fail` was given.
    Status,
}

impl Kind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Guest => "guest",
            Self::Status => "status",
        }
    }
}

/// What to do about an error of [`Kind::Internal`].
const REPORT: &str = "this is a defect of pywagi; please report it, with this message, the command line, \
                      modules.toml and what `pywagi --version` prints";

/// What sets the limit of open files.
const FILE_LIMIT: &str = "`ulimit -n`";

/// What to do where a process may open no further file.
pub const MORE_FILES: &str = "let it open more files: raise the limit with `ulimit -n`";

/// Whether `error` says that this process, or all together, have too many files open.
pub fn has_too_many_files(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
    }
    #[cfg(windows)]
    {
        // ERROR_TOO_MANY_OPEN_FILES
        error.raw_os_error() == Some(4)
    }
}

/// An error as it is shown to the user: a message, its causes, and a remedy.
#[derive(Debug)]
pub struct Error {
    message: String,
    remedy: Option<String>,
    kind: Kind,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of [`Kind::Failed`]. `message` names what failed, with the file where there is one.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed, message)
    }

    /// An error of the given kind.
    pub fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: None, kind, cause: None }
    }

    /// A defect of pywagi. Its remedy says what a report has to contain.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::of(Kind::Internal, message).remedy(REPORT)
    }

    /// One error that shows all of `errors`. The remedy of the last one is that of the result, the others have theirs in
    /// the message.
    pub fn all(mut errors: Vec<Self>) -> Self {
        let Some(last) = errors.pop() else { return Self::internal("there is no error to show") };
        let mut message = String::new();
        for error in errors {
            message.push_str(&format!("{error}\n"));
            if let Some(remedy) = error.remedy_text() {
                message.push_str(&format!("  help: {}\n", remedy.replace('\n', "\n        ")));
            }
        }
        message.push_str(&last.to_string());
        last.copy().with_message(message)
    }

    /// An error that is shown as this one is.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::of(self.kind, self.to_string());
        match self.remedy_text() {
            Some(remedy) => copy.remedy(remedy),
            None => copy,
        }
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The defect that a panic is. `doing` is a clause such as "answering the request"; `payload` is what
    /// [`std::panic::catch_unwind`] or [`std::thread::JoinHandle::join`] returned. The panic hook has printed the place
    /// in the source by then.
    pub fn panicked(doing: impl fmt::Display, payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::internal(format!("pywagi panicked while {doing}: {}", text.unwrap_or("no message")))
    }

    /// Sets what the user can do about it, which is shown below the message after `help:`.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Sets the cause, which is shown after the message and a colon. Without a remedy of its own, the error takes the
    /// remedy of a cause that is an [`Error`].
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let cause = cause.into();
        let inner = cause.downcast_ref::<Self>().and_then(|error| error.remedy.clone());
        self.remedy = self.remedy.or(inner);
        self.cause = Some(cause);
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The remedy: the one that was set, else one for the I/O error at the end of the causes, if any is known. Where too
    /// many files are open, it names their limit, whatever was set.
    pub fn remedy_text(&self) -> Option<&str> {
        let own = self.remedy.as_deref();
        if self.system_error().is_some_and(has_too_many_files) && !own.is_some_and(|text| text.contains(FILE_LIMIT)) {
            return Some(MORE_FILES);
        }
        own.or_else(|| self.system_remedy())
    }

    /// The I/O error at the end of the causes.
    fn system_error(&self) -> Option<&io::Error> {
        let causes = std::iter::successors(self.source(), |cause: &&(dyn StdError + 'static)| (*cause).source());
        causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).last()
    }

    /// A remedy for the I/O error at the end of the causes.
    fn system_remedy(&self) -> Option<&'static str> {
        match self.system_error()?.kind() {
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

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed | Kind::Internal => 1,
            Kind::Usage => 2,
            Kind::Guest => 3,
            Kind::Status => 4,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = self.cause.as_deref().map(|c| c as &dyn StdError);
        while let Some(c) = cause {
            write!(f, ": {c}")?;
            // An `Error` has printed its own causes.
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

/// Adds to an error what was being done.
pub trait Context<T> {
    /// Wraps the error in `Error::new(message())`, of which it becomes the cause.
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

    fn message_and_remedy(error: &Error) -> (String, Option<&str>) {
        (error.to_string(), error.remedy_text())
    }

    #[test]
    fn the_remedy_of_a_cause_is_kept_until_there_is_a_better_one() {
        let inner = || Error::new("the cache is full").remedy("empty it");
        let outer = Error::new("cannot install").because(inner());
        assert_eq!(message_and_remedy(&outer), ("cannot install: the cache is full".to_owned(), Some("empty it")));
        let context = Err::<(), _>(inner()).context(|| "cannot install").expect_err("an error");
        assert_eq!(message_and_remedy(&context), message_and_remedy(&outer));
        assert_eq!(outer.remedy("ask for help").remedy_text(), Some("ask for help"));
        assert_eq!(Error::new("a").remedy("b").because(inner()).remedy_text(), Some("b"));
    }

    #[cfg(unix)]
    #[test]
    fn the_remedy_for_too_many_open_files_names_their_limit() {
        for errno in [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE] {
            let error = Error::new("cannot read a").because(io::Error::from(errno)).remedy("check the path");
            let outer = Error::new("cannot install").because(error);
            assert_eq!(outer.remedy_text(), Some("let it open more files: raise the limit with `ulimit -n`"));
            let more = Error::new("a").because(io::Error::from(errno)).remedy("close some, or raise `ulimit -n`");
            assert_eq!(more.remedy_text(), Some("close some, or raise `ulimit -n`"));
        }
    }

    #[test]
    fn a_panic_is_a_defect_to_be_reported() {
        fn panicked(payload: Box<dyn Any + Send>) -> Error {
            Error::panicked("answering", payload.as_ref())
        }
        let formatted = panicked(Box::new(format!("index {}", 7)));
        assert_eq!(formatted.to_string(), "pywagi panicked while answering: index 7");
        assert_eq!((formatted.kind(), formatted.exit_code()), (Kind::Internal, 1));
        let remedy = "this is a defect of pywagi; please report it, with this message, the command line, modules.toml \
                      and what `pywagi --version` prints";
        assert_eq!(formatted.remedy_text(), Some(remedy));
        assert_eq!(panicked(Box::new("literal")).to_string(), "pywagi panicked while answering: literal");
        assert_eq!(panicked(Box::new(7)).to_string(), "pywagi panicked while answering: no message");
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
            assert_eq!(message_and_remedy(&error), (format!("cannot write a: {kind}"), remedy));
            let outer = Error::new("cannot install").because(error);
            assert_eq!(message_and_remedy(&outer), (format!("cannot install: cannot write a: {kind}"), remedy));
        }
        let error = Error::new("cannot write a").because(io::Error::from(ErrorKind::StorageFull)).remedy("delete b");
        assert_eq!(error.remedy_text(), Some("delete b"));
    }
}
