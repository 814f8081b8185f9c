//! Completes names: those of Python, and those that were typed in this session.

use std::collections::BTreeSet;

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// What Tab inserts where a line has no text yet.
const INDENT: &str = "    ";

/// The names that are known.
#[derive(Debug, Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// Learns the names in a text.
    pub fn learn(&mut self, text: &str) {
        let names = text.split(|c: char| !is_of_name(c)).filter(|name| !name.starts_with(|c: char| c.is_numeric()));
        self.0.extend(names.filter(|name| name.chars().count() > 1).map(str::to_owned));
    }

    /// Where the name before byte `pos` of `line` begins, and what it may become.
    fn candidates(&self, line: &str, pos: usize) -> (usize, Vec<String>) {
        let before = line.get(..pos).unwrap_or_default();
        if before.trim().is_empty() {
            return (pos, vec![INDENT.to_owned()]);
        }
        let start =
            before.rfind(|c| !is_of_name(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let part = before.get(start..).unwrap_or_default();
        if part.is_empty() {
            return (pos, Vec::new());
        }
        (start, self.0.range(part.to_owned()..).take_while(|name| name.starts_with(part)).cloned().collect())
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(line, pos))
    }
}

impl Helper for Names {}
impl Highlighter for Names {}
impl Hinter for Names {
    type Hint = String;
}
impl Validator for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_completed_from_those_that_were_seen() {
        let mut names = Names::default();
        names.learn("print private x 3ab = größe(self.println)");
        let all = |line: &str| names.candidates(line, line.len());
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (line, expected) in [
            ("pri", (0, owned(&["print", "println", "private"]))),
            ("a.prin", (2, owned(&["print", "println"]))),
            ("ü(gr", (3, owned(&["größe"]))),
            ("x = ", (4, owned(&[]))),
            ("nothing", (0, owned(&[]))),
            ("", (0, owned(&[INDENT]))),
            ("  ", (2, owned(&[INDENT]))),
        ] {
            assert_eq!(all(line), expected, "{line:?}");
        }
    }
}
