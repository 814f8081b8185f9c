//! The exception that ended a Python script, read from the traceback on standard error.

use std::fmt;

/// An exception that no code handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its class as CPython prints it, such as `KeyError` or `sqlite3.OperationalError`; `None` where the line is not
    /// `TYPE: MESSAGE`, as an exception hook may print it.
    pub class: Option<String>,
    /// The first line of its message; empty where it has none.
    pub message: String,
    /// Where it was raised.
    pub location: Option<Location>,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the guest sees it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The function; `None` in a syntax error.
    pub function: Option<String>,
}

impl Exception {
    /// Finds the last traceback in `stderr`; lines that are not UTF-8 are skipped.
    ///
    /// A traceback is a heading (a syntax error in the script itself has none), indented lines of which some name a
    /// location, and the exception, not indented. The lines of an exception group have `  | ` before all that.
    pub fn find(stderr: &[u8]) -> Option<Self> {
        let (mut found, mut inside, mut location) = (None, false, None);
        for line in stderr.split(|&b| b == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
            let line_of_group = line.trim_start().strip_prefix("| ").unwrap_or(line).trim_end();
            if line.contains("Traceback (most recent call last):") {
                (inside, location) = (true, None);
            } else if let Some(place) = line_of_group.strip_prefix("  File \"") {
                (inside, location) = (true, Some(place));
            } else if inside && !line_of_group.is_empty() && !line_of_group.starts_with([' ', '\t']) {
                found = Some((line_of_group, location));
                inside = false;
            }
        }
        found.map(|(line, location)| Self::parse(line, location.and_then(Location::parse)))
    }

    /// Reads `CLASS: MESSAGE` or `CLASS`.
    fn parse(line: &str, location: Option<Location>) -> Self {
        let (class, message) = line.split_once(": ").unwrap_or((line, ""));
        let is_class = class.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>'));
        let (class, message) = if is_class { (Some(class.to_owned()), message) } else { (None, line) };
        Self { class, message: message.to_owned(), location }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.class {
            Some(class) if self.message.is_empty() => f.write_str(class),
            Some(class) => write!(f, "{class}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Location {
    /// Reads `FILE", line 7, in FUNCTION`, what follows `File "` in a traceback.
    fn parse(text: &str) -> Option<Self> {
        let (file, rest) = text.rsplit_once("\", line ")?;
        let (line, function) = match rest.split_once(", in ") {
            Some((line, function)) => (line, Some(function.to_owned())),
            None => (rest, None),
        };
        Some(Self { file: file.to_owned(), line: line.parse().ok()?, function })
    }
}

impl fmt::Display for Location {
    /// As CPython prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File \"{}\", line {}", self.file, self.line)?;
        match &self.function {
            Some(function) => write!(f, ", in {function}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CPython 3.12 prints for each kind of uncaught exception.
    #[test]
    fn the_last_line_of_a_traceback_is_found() {
        for (stderr, exception, place) in [
            (
                "INFO:root:hello\nTraceback (most recent call last):\n  File \"/code/a.py\", line 3, in <module>\n    \
                 f()\n  File \"/code/a.py\", line 2, in f\n    return 1 / 0\n           ~~^~~\n\
                 ZeroDivisionError: division by zero\n",
                "ZeroDivisionError: division by zero",
                "File \"/code/a.py\", line 2, in f",
            ),
            (
                "  File \"/code/a.py\", line 1\n    def (\n        ^\nSyntaxError: invalid syntax\n",
                "SyntaxError: invalid syntax",
                "File \"/code/a.py\", line 1",
            ),
            (
                "Traceback (most recent call last):\n  File \"/code/a.py\", line 2, in <module>\n    int('x')\n\
                 ValueError: first\n\nDuring handling of the above exception, another exception occurred:\n\n\
                 Traceback (most recent call last):\n  File \"/code/a.py\", line 4, in <module>\n    {}['k']\n\
                 KeyError: 'k'\nbye\n",
                "KeyError: 'k'",
                "File \"/code/a.py\", line 4, in <module>",
            ),
            (
                "  + Exception Group Traceback (most recent call last):\n  |   File \"/code/a.py\", line 1, in <module>\n  \
                 |     raise ExceptionGroup('g', [ValueError(1)])\n  | ExceptionGroup: g (1 sub-exception)\n  \
                 +-+---------------- 1 ----------------\n    | ValueError: 1\n    +------------------------------------\n",
                "ExceptionGroup: g (1 sub-exception)",
                "File \"/code/a.py\", line 1, in <module>",
            ),
            (
                "Traceback (most recent call last):\r\n  File \"a.py\", line 1, in <module>\r\nKeyboardInterrupt\r\n",
                "KeyboardInterrupt",
                "File \"a.py\", line 1, in <module>",
            ),
        ] {
            let found = Exception::find(stderr.as_bytes()).expect(stderr);
            let location = found.location.as_ref().expect("a location").to_string();
            assert_eq!((found.to_string().as_str(), location.as_str()), (exception, place), "{stderr}");
        }
        for stderr in ["", "Error: not a traceback\n", "Traceback (most recent call last):\n  File \"a.py\", line 1\n"]
        {
            assert_eq!(Exception::find(stderr.as_bytes()), None, "{stderr}");
        }
        // Bytes that are not UTF-8 hide their own line alone.
        let torn = b"\xff\nTraceback (most recent call last):\n  \xff\nE: x\n";
        let expected = Exception { class: Some("E".to_owned()), message: "x".to_owned(), location: None };
        assert_eq!(Exception::find(torn), Some(expected));
    }

    #[test]
    fn an_exception_has_a_class_and_a_message() {
        for (line, class, message) in [
            ("KeyError: 'k: l'", Some("KeyError"), "'k: l'"),
            ("KeyboardInterrupt", Some("KeyboardInterrupt"), ""),
            ("sqlite3.OperationalError: disk I/O error", Some("sqlite3.OperationalError"), "disk I/O error"),
            ("app.make.<locals>.Oops: x", Some("app.make.<locals>.Oops"), "x"),
            ("it went wrong: why", None, "it went wrong: why"),
        ] {
            let exception = Exception::parse(line, None);
            assert_eq!((exception.class.as_deref(), exception.message.as_str()), (class, message));
            assert_eq!(exception.to_string(), line);
        }
    }

    #[test]
    fn a_location_has_a_file_a_line_and_a_function() {
        for (text, file, line, function) in [
            ("/code/a.py\", line 7, in <module>", "/code/a.py", 7, Some("<module>")),
            ("/code/a\", line 1.py\", line 2", "/code/a\", line 1.py", 2, None),
        ] {
            let location = Location { file: file.to_owned(), line, function: function.map(str::to_owned) };
            assert_eq!(Location::parse(text).as_ref(), Some(&location));
            assert_eq!(location.to_string(), format!("File \"{text}"));
        }
        for text in ["/code/a.py\"", "/code/a.py\", line x", ""] {
            assert_eq!(Location::parse(text), None, "{text}");
        }
    }
}
