//! The exception that ended a Python script, as the interpreter tells it or as the traceback on standard error shows it.

use std::fmt;

use crate::guest::{DIRECTORY, Link, Raised, RaisedException, RaisedFrame, SyntaxPlace, Volume};
use crate::packages;

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
    /// What is shown of the exception that ended a run; `stderr` has its message where that is not known otherwise.
    pub fn of(raised: &Raised, stderr: &[u8], volumes: &[Volume]) -> Option<Self> {
        let first = raised.exceptions.first()?;
        let printed = || read(stderr).and_then(|raised| raised.exceptions.into_iter().next());
        let message = first.message.clone().or_else(|| printed().filter(|other| other.class == first.class)?.message);
        let location = match &first.syntax {
            Some(SyntaxPlace { file: Some(file), line: Some(line), .. }) => {
                Some(Location { file: file.clone(), line: *line, function: None })
            }
            _ => Location::of_frames(&first.frames, volumes),
        };
        let message = message.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        let class = Some(first.class.clone()).filter(|class| !class.is_empty());
        Some(Self { class, message, location })
    }
}

/// Whether a source file is the user's: in one of the volumes, and not of the standard library, an installed package or pywagi.
pub fn is_own(file: &str, volumes: &[Volume]) -> bool {
    let in_library = |part: &str| part == "site-packages" || part.starts_with("python3") && part != "python3.wasm";
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let volume = volume_of(file, volumes);
    let is_ours = |volume: &Volume| [packages::GUEST_PATH, DIRECTORY].contains(&volume.guest.as_str());
    volume.is_some_and(|volume| !is_ours(volume)) && !directory.split('/').any(in_library)
}

/// The volume that a path of a guest leads to.
pub fn volume_of<'v>(path: &str, volumes: &'v [Volume]) -> Option<&'v Volume> {
    // The working directory of a guest is `/`.
    let path = path.strip_prefix('/').unwrap_or(path);
    let is_within = |volume: &&Volume| {
        let rest = path.strip_prefix(volume.guest.trim_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || volume.guest.trim_matches('/').is_empty())
    };
    volumes.iter().filter(is_within).max_by_key(|volume| volume.guest.len())
}

/// Reads the last traceback in `stderr`, with those that it says belong to it; lines that are not UTF-8 are skipped.
///
/// A traceback is a heading (a syntax error in the script itself has none), indented lines of which some name a
/// location, and the exception, not indented. The lines of an exception group have `  | ` before all that, those of its
/// members are indented further.
pub fn read(stderr: &[u8]) -> Option<Raised> {
    const CAUSE: &str = "The above exception was the direct cause of the following exception:";
    const CONTEXT: &str = "During handling of the above exception, another exception occurred:";
    let mut reader = Reader::default();
    for line in stderr.split(|&b| b == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
        let is_of_member = line.trim_start().starts_with("| ") && !line.starts_with("  | ");
        if is_of_member {
            continue;
        }
        let line = line.strip_prefix("  | ").unwrap_or(line).trim_end();
        if line.contains("Traceback (most recent call last):") {
            reader.begin();
        } else if let Some(place) = line.strip_prefix("  File \"") {
            if !reader.is_inside {
                reader.begin();
            }
            reader.add(place);
        } else if line == CAUSE || line == CONTEXT {
            reader.link = Some(if line == CAUSE { Link::Cause } else { Link::Context });
        } else if reader.is_inside && !line.is_empty() {
            if line.starts_with([' ', '\t']) {
                reader.add_detail(line);
            } else {
                reader.end(line);
            }
        }
    }
    reader.finish()
}

/// What was read of tracebacks.
#[derive(Default)]
struct Reader {
    /// Exceptions that belong to each other, each before the one that it belongs to.
    chain: Vec<RaisedException>,
    /// How the last exception belongs to the next one.
    link: Option<Link>,
    /// What is read of an exception whose last line has not come yet.
    current: RaisedException,
    is_inside: bool,
}

impl Reader {
    fn begin(&mut self) {
        self.is_inside = true;
        self.current = RaisedException::default();
    }

    fn add(&mut self, place: &str) {
        let Some(Location { file, line, function }) = Location::parse(place) else { return };
        match function {
            Some(function) => {
                self.current.frames.push(RaisedFrame { file, line, function, repeats: 1, ..RaisedFrame::default() });
            }
            None => {
                let (file, line) = (Some(file), Some(line));
                self.current.syntax = Some(SyntaxPlace { file, line, ..SyntaxPlace::default() });
            }
        }
    }

    /// An indented line that names no location.
    fn add_detail(&mut self, line: &str) {
        const REPEATED: &str = "  [Previous line repeated ";
        if let Some(rest) = line.strip_prefix(REPEATED) {
            let more = rest.split(' ').next().and_then(|count| count.parse::<u32>().ok());
            if let (Some(frame), Some(more)) = (self.current.frames.last_mut(), more) {
                // CPython shows three before it counts.
                frame.repeats = frame.repeats.saturating_add(more);
            }
        } else if let Some(place) = &mut self.current.syntax {
            if place.text.is_none() {
                place.text = Some(line.trim().to_owned());
            } else if let (Some(first), Some(last)) = (line.find('^'), line.rfind('^')) {
                // The text is indented by four.
                let column = |at: usize| u32::try_from(at.saturating_sub(4) + 1).ok();
                (place.column, place.end_column) = (column(first), column(last + 1));
            }
        }
    }

    /// The last line of a traceback: class and message.
    fn end(&mut self, line: &str) {
        let (class, message) = class_and_message(line);
        let mut exception = std::mem::take(&mut self.current);
        exception.class = class.unwrap_or_default().to_owned();
        exception.message = Some(message.to_owned());
        match self.link.take() {
            None => self.chain.clear(),
            Some(link) => {
                if let Some(before) = self.chain.last_mut() {
                    before.belongs = Some((0, link));
                }
            }
        }
        self.chain.push(exception);
        self.is_inside = false;
    }

    fn finish(self) -> Option<Raised> {
        let mut exceptions: Vec<_> = self.chain.into_iter().rev().collect();
        for (i, exception) in exceptions.iter_mut().enumerate() {
            exception.belongs = exception.belongs.map(|(_, link)| (i.saturating_sub(1), link));
            merge_repeated(&mut exception.frames);
        }
        (!exceptions.is_empty()).then_some(Raised { exceptions })
    }
}

/// Joins frames in a row that are alike.
fn merge_repeated(frames: &mut Vec<RaisedFrame>) {
    frames.dedup_by(|next, kept| {
        let is_same = (&next.file, next.line, &next.function) == (&kept.file, kept.line, &kept.function);
        if is_same {
            kept.repeats = kept.repeats.saturating_add(next.repeats);
        }
        is_same
    });
}

/// Splits `CLASS: MESSAGE` or `CLASS`.
fn class_and_message(line: &str) -> (Option<&str>, &str) {
    let (class, message) = line.split_once(": ").unwrap_or((line, ""));
    let is_class = class.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>'));
    if is_class { (Some(class), message) } else { (None, line) }
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
    /// The last of these frames that is of the user's code, else the last one.
    pub fn of_frames(frames: &[RaisedFrame], volumes: &[Volume]) -> Option<Self> {
        let frame = frames.iter().rfind(|frame| is_own(&frame.file, volumes)).or(frames.last())?;
        Some(Self { file: frame.file.clone(), line: frame.line, function: Some(frame.function.clone()) })
    }

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
            let found = find(stderr).expect(stderr);
            let location = found.location.as_ref().expect("a location").to_string();
            assert_eq!((found.to_string().as_str(), location.as_str()), (exception, place), "{stderr}");
        }
        for stderr in ["", "Error: not a traceback\n", "Traceback (most recent call last):\n  File \"a.py\", line 1\n"]
        {
            assert_eq!(find(stderr), None, "{stderr}");
        }
        // Bytes that are not UTF-8 hide their own line alone.
        let torn = b"\xff\nTraceback (most recent call last):\n  \xff\nE: x\n";
        let expected = Exception { class: Some("E".to_owned()), message: "x".to_owned(), location: None };
        assert_eq!(Exception::of(&read(torn).expect("a traceback"), b"", &[]), Some(expected));
    }

    fn find(stderr: &str) -> Option<Exception> {
        Exception::of(&read(stderr.as_bytes())?, b"", &volumes())
    }

    fn volumes() -> [Volume; 3] {
        ["/code", "/packages", "/opt/python3.11"].map(|guest| Volume {
            guest: guest.to_owned(),
            host: "x".into(),
            read_only: true,
        })
    }

    #[test]
    fn the_place_is_that_of_the_users_code() {
        let stderr = "Traceback (most recent call last):\n  File \"/code/a.py\", line 3, in <module>\n    f()\n  \
                      File \"/packages/flask/app.py\", line 2, in f\n  File \"/usr/local/lib/python3.12/json/x.py\", \
                      line 7, in g\nKeyError: 'k'\n";
        assert_eq!(find(stderr).and_then(|found| found.location).map(|place| place.line), Some(3));
        for (file, own) in [
            ("/code/a.py", true),
            ("code/a.py", true),
            ("a.py", false),
            ("/code/python3.py", true),
            ("/packages/a.py", false),
            ("/codes/a.py", false),
            ("/build/Lib/threading.py", false),
            ("<frozen importlib._bootstrap>", false),
            ("/code/lib/site-packages/a.py", false),
            ("/opt/python3.11/lib/python311.zip/json/a.py", false),
        ] {
            assert_eq!(is_own(file, &volumes()), own, "{file}");
        }
    }

    #[test]
    fn a_traceback_is_read_with_its_causes_its_repeated_lines_and_the_place_of_a_syntax_error() {
        let stderr = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\n  File \"a.py\", line 1, \
                      in f\n    f()\n  File \"a.py\", line 1, in f\n    f()\n  [Previous line repeated 994 more times]\n\
                      RecursionError: deep\n\nThe above exception was the direct cause of the following exception:\n\n\
                      Traceback (most recent call last):\n  File \"a.py\", line 9, in <module>\n  File \"b.py\", line 2\n    \
                      def (\n        ^^\nSyntaxError: invalid syntax\n";
        let raised = read(stderr.as_bytes()).expect("a traceback");
        let [last, first] = &raised.exceptions[..] else { panic!("{raised:?}") };
        assert_eq!((first.belongs, first.frames.len(), first.frames[0].repeats), (Some((0, Link::Cause)), 1, 997));
        let place = last.syntax.as_ref().expect("a place");
        assert_eq!((place.file.as_deref(), place.line, place.text.as_deref()), (Some("b.py"), Some(2), Some("def (")));
        assert_eq!((place.column, place.end_column, last.frames.len()), (Some(5), Some(7), 1));
        // A traceback that does not belong to the one before.
        let two = format!("{stderr}Traceback (most recent call last):\n  File \"a.py\", line 9, in g\nKeyError\n");
        assert_eq!(read(two.as_bytes()).map(|raised| raised.exceptions.len()), Some(1));
        // Members of a group have tracebacks of their own.
        let group = "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in <module>\n  \
                     | ExceptionGroup: g (1 sub-exception)\n  +-+---------------- 1 ----------------\n    \
                     | Traceback (most recent call last):\n    |   File \"a.py\", line 2, in h\n    | ValueError: 1\n";
        assert_eq!(
            read(group.as_bytes()).map(|raised| raised.exceptions[0].class.clone()),
            Some("ExceptionGroup".to_owned())
        );
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
            assert_eq!(class_and_message(line), (class, message));
            let (class, message) = (class.map(str::to_owned), message.to_owned());
            assert_eq!(Exception { class, message, location: None }.to_string(), line);
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
