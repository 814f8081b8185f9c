//! The exception that ended a run, as `boot/raised.py` tells it.

use serde::Serialize;

use super::cpython::frames::{Frame, Thread};

/// An exception that no code handled, and those that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Raised {
    /// The one that ended the run first; each after the one that it belongs to.
    pub exceptions: Vec<RaisedException>,
}

/// An exception.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RaisedException {
    /// The number of the exception that it belongs to, and how.
    pub belongs: Option<(usize, Link)>,
    /// Its class as CPython prints it, such as `KeyError` or `sqlite3.OperationalError`.
    pub class: String,
    /// Its text, where that is known.
    pub message: Option<String>,
    /// Notes that were added to it.
    pub notes: Vec<String>,
    /// Where a source cannot be read as Python.
    pub syntax: Option<SyntaxPlace>,
    /// What was being executed, the outermost first.
    pub frames: Vec<RaisedFrame>,
}

/// How an exception belongs to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// It is its direct cause: `raise … from`.
    Cause,
    /// It was being handled when the other was raised.
    Context,
    /// It is one of a group.
    Member,
}

/// A place that a syntax error names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyntaxPlace {
    /// The file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The first column, in characters from 1.
    pub column: Option<u32>,
    /// The last line.
    pub end_line: Option<u32>,
    /// The column after the last one.
    pub end_column: Option<u32>,
    /// The text of the line.
    pub text: Option<String>,
}

/// A call that was under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RaisedFrame {
    /// The source file, as the guest sees it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The last line of what was being executed.
    pub end_line: Option<u32>,
    /// Its columns, in bytes of UTF-8 from 0: the first one, and the one after the last.
    pub columns: Option<(u32, u32)>,
    /// The function.
    pub function: String,
    /// How many calls in a row are alike.
    pub repeats: u32,
    /// How many frames before it are not told.
    pub omitted_before: u32,
    /// Its variables, where they were looked at.
    pub variables: Vec<Variable>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, as `repr` shows it, cut where it is long.
    pub value: String,
}

/// What an interpreter executes, by its memory: the outermost first, without what is no file. Nothing in another guest.
pub fn executing(memory: &[u8]) -> Vec<RaisedFrame> {
    let frames = Thread::find(memory).into_iter().flat_map(|thread| thread.frames(memory));
    let frames = frames.filter(|frame| !frame.file.starts_with('<'));
    let frame = |Frame { file, line, function }| RaisedFrame { file, line, function, repeats: 1, ..Default::default() };
    let mut frames: Vec<_> = frames.map(frame).collect();
    frames.reverse();
    frames
}

impl Raised {
    /// Reads the lines that `boot/raised.py` writes. `None` where there is no exception in them.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut exceptions: Vec<RaisedException> = Vec::new();
        let mut omitted = 0;
        for line in lines {
            let fields: Vec<String> = line.split('\t').map(unescaped).collect();
            let text = |i: usize| fields.get(i).map(String::as_str).unwrap_or_default();
            let number = |i: usize| text(i).parse::<u32>().ok();
            let some = |i: usize| fields.get(i).filter(|field| !field.is_empty()).cloned();
            if text(0) == "exception" {
                let belongs = text(1).parse().ok().zip(Link::parse(text(2)));
                let belongs = belongs.filter(|(other, _)| *other < exceptions.len());
                let (class, message) = (text(3).to_owned(), fields.get(4).cloned());
                exceptions.push(RaisedException { belongs, class, message, ..RaisedException::default() });
                continue;
            }
            let Some(exception) = exceptions.last_mut() else { continue };
            match text(0) {
                "note" => exception.notes.push(text(1).to_owned()),
                "syntax" => {
                    let [line, column, end_line, end_column] = [2, 3, 4, 5].map(number);
                    exception.syntax =
                        Some(SyntaxPlace { file: some(1), line, column, end_line, end_column, text: some(6) });
                }
                "omitted" => omitted = number(1).unwrap_or_default(),
                "frame" => exception.frames.push(RaisedFrame {
                    file: text(1).to_owned(),
                    line: number(2).unwrap_or_default(),
                    end_line: number(3),
                    columns: number(4).zip(number(5)),
                    function: text(6).to_owned(),
                    repeats: number(7).unwrap_or(1),
                    omitted_before: std::mem::take(&mut omitted),
                    variables: Vec::new(),
                }),
                "local" => {
                    let variable = Variable { name: text(1).to_owned(), value: text(2).to_owned() };
                    if let Some(frame) = exception.frames.last_mut() {
                        frame.variables.push(variable);
                    }
                }
                _ => {}
            }
        }
        (!exceptions.is_empty()).then_some(Self { exceptions })
    }
}

impl Link {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "cause" => Some(Self::Cause),
            "context" => Some(Self::Context),
            "member" => Some(Self::Member),
            _ => None,
        }
    }
}

/// A field as it was before it was written in a line.
fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                other => text.extend(other),
            },
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_boot_script_tells_is_read() {
        let told = "exception\t\t\tapp.Oops\ta\\tb\\nc\\\\d\nnote\tsee\nframe\t/code/a.py\t3\t4\t2\t9\t<module>\t1\n\
                    omitted\t7\nframe\t/code/b.py\t1\t\t\t\tf\t997\nlocal\tx\t'1'\n\
                    exception\t0\tcause\tSyntaxError\nsyntax\t/code/c.py\t2\t3\t2\t5\tdef (\n\
                    exception\t5\tcontext\tKeyError\t";
        let raised = Raised::parse(told.lines()).expect("an exception");
        let [first, second, third] = &raised.exceptions[..] else { panic!("{raised:?}") };
        assert_eq!((first.class.as_str(), first.message.as_deref()), ("app.Oops", Some("a\tb\nc\\d")));
        assert_eq!((first.belongs, &first.notes[..]), (None, &["see".to_owned()][..]));
        assert_eq!((first.frames[0].line, first.frames[0].columns), (3, Some((2, 9))));
        let frame = &first.frames[1];
        assert_eq!((frame.repeats, frame.omitted_before, frame.columns), (997, 7, None));
        assert_eq!(frame.variables, [Variable { name: "x".to_owned(), value: "'1'".to_owned() }]);
        assert_eq!((second.belongs, second.message.as_deref()), (Some((0, Link::Cause)), None));
        let place = second.syntax.as_ref().expect("a place");
        assert_eq!((place.line, place.column, place.text.as_deref()), (Some(2), Some(3), Some("def (")));
        // One that would come later is none.
        assert_eq!((third.belongs, third.message.as_deref()), (None, Some("")));
    }

    #[test]
    fn what_is_no_description_is_not_read_as_one() {
        for bad in ["", "frame\t/code/a.py\t3", "note\nlocal", "x\ty"] {
            assert_eq!(Raised::parse(bad.lines()), None);
        }
        let odd = "exception\nframe\nframe\t\t99999999999\t-1\tx\t\t\t\nlocal\nsyntax\nomitted\tx\\";
        assert_eq!(Raised::parse(odd.lines()).map(|raised| raised.exceptions[0].frames.len()), Some(2));
    }
}
