//! Python in colours.

/// What a piece of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, operators and space.
    Plain,
    /// A keyword.
    Keyword,
    /// A string.
    String,
    /// A comment.
    Comment,
    /// A number.
    Number,
}

impl Kind {
    /// Its class in the style sheet.
    pub fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Keyword => Some("k"),
            Self::String => Some("s"),
            Self::Comment => Some("c"),
            Self::Number => Some("n"),
        }
    }
}

/// Python's keywords, and the soft ones that begin a statement.
const KEYWORDS: [&str; 36] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
];

/// What the lines of a source are made of: each piece with its length in bytes.
pub fn lines(source: &str) -> Vec<Vec<(Kind, usize)>> {
    let lengths = |line: Vec<(Kind, &str)>| {
        let mut lengths: Vec<(Kind, usize)> = Vec::new();
        for (kind, text) in line {
            match lengths.last_mut().filter(|(last, _)| *last == kind) {
                Some((_, length)) => *length += text.len(),
                None => lengths.push((kind, text.len())),
            }
        }
        lengths
    };
    pieces(source).into_iter().map(lengths).collect()
}

fn pieces(source: &str) -> Vec<Vec<(Kind, &str)>> {
    let mut lines = vec![Vec::new()];
    let mut rest = source;
    while !rest.is_empty() {
        let (kind, length) = piece(rest);
        let (piece, after) = rest.split_at_checked(length.max(1)).unwrap_or((rest, ""));
        for (i, part) in piece.split('\n').enumerate() {
            if i > 0 {
                lines.push(Vec::new());
            }
            let part = part.strip_suffix('\r').unwrap_or(part);
            if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
                line.push((kind, part));
            }
        }
        rest = after;
    }
    lines
}

/// What a source begins with, and how long that is in bytes.
fn piece(source: &str) -> (Kind, usize) {
    let while_true = |test: &dyn Fn(char) -> bool| source.find(|c| !test(c)).unwrap_or(source.len());
    let first = source.chars().next().unwrap_or_default();
    if first == '#' {
        return (Kind::Comment, source.find('\n').unwrap_or(source.len()));
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let word = while_true(&is_name);
    let prefix = source.get(..word).unwrap_or_default();
    let is_prefix = prefix.len() <= 2 && prefix.chars().all(|c| "rRbBfFuU".contains(c));
    if let Some(length) = source.get(word..).filter(|_| is_prefix).and_then(string_length) {
        return (Kind::String, word + length);
    }
    if first.is_ascii_digit() {
        return (Kind::Number, while_true(&|c| is_name(c) || c == '.'));
    }
    if is_name(first) {
        let kind = if KEYWORDS.binary_search(&prefix).is_ok() { Kind::Keyword } else { Kind::Plain };
        return (kind, word);
    }
    let is_other = |c: char| !is_name(c) && !matches!(c, '#' | '"' | '\'');
    (Kind::Plain, while_true(&is_other))
}

/// How long the string is that a text begins with, if with one. One that does not end is as long as its line, or as the text.
fn string_length(text: &str) -> Option<usize> {
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text.starts_with(quote))?;
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(quote.len()) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\n' if quote.len() == 1 => return Some(at),
            _ if text.get(at..).is_some_and(|rest| rest.starts_with(quote)) => return Some(at + quote.len()),
            _ => {}
        }
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> Vec<String> {
        let piece = |(kind, text): &(Kind, &str)| match kind.class() {
            Some(class) => format!("<{class}:{text}>"),
            None => (*text).to_owned(),
        };
        pieces(source).iter().map(|line| line.iter().map(piece).collect()).collect()
    }

    #[test]
    fn strings_comments_numbers_and_keywords_are_told_apart() {
        assert!(KEYWORDS.is_sorted());
        assert_eq!(
            shown("def f(x):  # it's\n    return rb'a\\'b' + \"\"\"c\n'd\"\"\" + x1 + 0x1.5\n"),
            [
                "<k:def> f(x):  <c:# it's>",
                "    <k:return> <s:rb'a\\'b'> + <s:\"\"\"c>",
                "<s:'d\"\"\"> + x1 + <n:0x1.5>",
                ""
            ]
        );
        assert_eq!(shown("x = 'abc\r\ny = \"\"\"é\\"), ["x = <s:'abc>", "y = <s:\"\"\"é\\>"]);
        assert_eq!(shown("prefix'a'"), ["prefix<s:'a'>"]);
        assert_eq!(shown(""), [""]);
    }
}
