//! Shows mistakes in modules.toml with their place, source line and caret.

use std::ops::Range;

use console::measure_text_width;

/// The longest source line that is shown whole, in characters. A longer one is cut around the caret.
const WIDEST: usize = 160;

/// A text and the name that messages give it.
#[derive(Debug)]
pub struct Source<'t> {
    name: String,
    text: &'t str,
}

impl<'t> Source<'t> {
    /// `text`, called `name` in messages.
    pub fn new(name: impl Into<String>, text: &'t str) -> Self {
        Self { name: name.into(), text }
    }

    /// The text in `span`, a range of bytes; empty if the text has no such range.
    pub fn slice(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// The line at byte `offset`, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.place(offset).line
    }

    /// The name that messages give the text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line and the column at byte `offset`, from 1, columns in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let place = self.place(offset);
        (place.line, place.before.chars().count() + 1)
    }

    /// `NAME: message`.
    pub fn whole(&self, message: &str) -> String {
        format!("{}: {message}", self.name)
    }

    /// `NAME:LINE:COLUMN: message`, lines and columns from 1, columns in characters.
    pub fn at(&self, offset: usize, message: &str) -> String {
        let (line, column) = self.position(offset);
        format!("{}:{line}:{column}: {message}", self.name)
    }

    /// As [`Source::at`], then the source line and below it a caret for each character of `span` on that line.
    pub fn point(&self, span: Range<usize>, message: &str) -> String {
        let place = self.place(span.start);
        let marked = self.text.get(place.offset..span.end.min(place.end)).unwrap_or_default();
        let after = self.text.get(place.offset + marked.len()..place.end).unwrap_or_default();
        let (before, marked, after) = cut(&printable(place.before), &printable(marked), &printable(after));

        let number = place.line.to_string();
        let gutter = " ".repeat(number.len());
        // The width of a tab depends on the terminal, so the caret's line has a tab as well.
        let pad: String =
            before
                .chars()
                .map(|c| {
                    if c == '\t' { "\t".to_owned() } else { " ".repeat(measure_text_width(c.encode_utf8(&mut [0; 4]))) }
                })
                .collect();
        let carets = "^".repeat(measure_text_width(&marked).max(1));
        let message = self.at(span.start, message);
        let line = format!("{number} | {before}{marked}{after}");
        format!("{message}\n{gutter} |\n{}\n{gutter} | {pad}{carets}", line.trim_end())
    }

    /// The place of byte `offset`, or of the nearest character before it.
    fn place(&self, offset: usize) -> Place<'t> {
        let offset = self.text.floor_char_boundary(offset);
        let (above, below) = self.text.split_at(offset);
        let start = above.rfind('\n').map_or(0, |i| i + 1);
        let end = below.find('\n').map_or(self.text.len(), |i| offset + i);
        Place {
            offset,
            line: 1 + above.bytes().filter(|&b| b == b'\n').count(),
            before: above.get(start..).unwrap_or_default(),
            end,
        }
    }
}

/// A place in the text.
struct Place<'t> {
    /// Byte offset, at a character's start.
    offset: usize,
    /// From 1.
    line: usize,
    /// What the line holds before the place.
    before: &'t str,
    /// Byte offset of the line's end.
    end: usize,
}

/// Replaces control characters, so that the content of a file cannot control the terminal.
fn printable(text: &str) -> String {
    let visible = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    text.trim_end_matches('\r').chars().map(visible).collect()
}

/// Shortens the three parts of a long line to the surroundings of the marked one.
fn cut(before: &str, marked: &str, after: &str) -> (String, String, String) {
    let first = |text: &str, n: usize| -> String {
        if text.chars().count() <= n { text.to_owned() } else { text.chars().take(n).chain(['…']).collect() }
    };
    let length = before.chars().count();
    let before = if length <= WIDEST / 2 {
        before.to_owned()
    } else {
        std::iter::once('…').chain(before.chars().skip(length - WIDEST / 2)).collect()
    };
    let marked = first(marked, WIDEST / 2);
    let room = WIDEST.saturating_sub(before.chars().count() + marked.chars().count());
    let after = first(after, room);
    (before, marked, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_shown_with_its_line_and_carets() {
        let source = Source::new("modules.toml", "[[module]]\nrout = \"/\"\nmodule = \"a\"\n");
        assert_eq!(
            source.point(11..15, "unknown key `rout`"),
            "modules.toml:2:1: unknown key `rout`\n  |\n2 | rout = \"/\"\n  | ^^^^"
        );
    }

    #[test]
    fn the_caret_stands_below_its_character_whatever_comes_before() {
        // A tab, a wide character and a combining one.
        let text = "\té漢 = x\n";
        let at = text.find('x').unwrap();
        let shown = Source::new("m", text).point(at..at + 1, "bad");
        assert_eq!(shown, "m:1:7: bad\n  |\n1 | \té漢 = x\n  | \t      ^");
    }

    #[test]
    fn a_place_at_the_end_of_the_text_still_has_a_caret() {
        assert_eq!(Source::new("m", "a =").point(3..3, "bad"), "m:1:4: bad\n  |\n1 | a =\n  |    ^");
        assert_eq!(Source::new("m", "").point(0..0, "bad"), "m:1:1: bad\n  |\n1 |\n  | ^");
        // Beyond the end, or inside a character.
        assert_eq!(Source::new("m", "é").point(1..9, "bad"), "m:1:1: bad\n  |\n1 | é\n  | ^");
        assert_eq!(Source::new("m", "a\n").point(90..99, "bad"), "m:2:1: bad\n  |\n2 |\n  | ^");
    }

    #[test]
    fn a_span_of_several_lines_is_marked_on_its_first() {
        assert_eq!(Source::new("m", "a = [\n1]\n").point(4..8, "bad"), "m:1:5: bad\n  |\n1 | a = [\n  |     ^");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(Source::new("m", "a\x1b[2J\r\n").point(1..2, "bad"), "m:1:2: bad\n  |\n1 | a\u{fffd}[2J\n  |  ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let shown = Source::new("m", &text).point(500..501, "bad");
        let line = format!("…{}X{}…", "a".repeat(80), "b".repeat(78));
        assert_eq!(shown, format!("m:1:501: bad\n  |\n1 | {line}\n  | {}^", " ".repeat(81)));
    }
}
