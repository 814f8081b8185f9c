//! Environment variables set by the user: `-e NAME=VALUE` and env files.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::text_file;

/// Parses the values of `-e`, in order. `NAME` without a value takes that of `inherited`, the variable of this name in
/// our own environment.
///
/// # Errors
/// Fails with [`Kind::Usage`] on the first that is neither `NAME=VALUE` nor the name of a variable that is set.
pub fn from_flags<S: AsRef<str>>(
    flags: &[S],
    inherited: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<(String, String)>> {
    flags.iter().map(|flag| from_flag(flag.as_ref(), &inherited)).collect()
}

fn from_flag(flag: &str, inherited: impl Fn(&str) -> Option<OsString>) -> Result<(String, String)> {
    let usage = |message: String, remedy: &str| Err(Error::of(Kind::Usage, message).remedy(remedy));
    // In `dev`, `-e` takes several values, so a path after it becomes one of them.
    if flag.starts_with('/') {
        return usage(
            format!("`{flag}` is not NAME=VALUE, as -e takes it"),
            "give the path of the request before -e, or put -- between them",
        );
    }
    let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
    if let Some(why) = name_mistake(name) {
        return usage(format!("-e '{flag}': {why}"), "write -e NAME=VALUE");
    }
    let value = match value {
        Some(value) => without_quotes(value),
        None => match inherited(name).map(OsString::into_string) {
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                return usage(format!("-e {name}: the value of {name} is not UTF-8"), "give it: -e NAME=VALUE");
            }
            None => {
                return usage(
                    format!("-e {name}: there is no variable {name} whose value could be taken"),
                    &format!("set and export it in the shell, or give the value: -e '{name}=VALUE'"),
                );
            }
        },
    };
    Ok((name.to_owned(), value))
}

/// A value that is in quotes as a whole, as in an env file, without them; any other as it is.
fn without_quotes(value: &str) -> String {
    let quote = value.chars().next().filter(|first| ['"', '\''].contains(first));
    let quoted = quote.and_then(|quote| unquote(value.get(1..)?, quote));
    match quoted {
        Some((inside, "")) => inside,
        _ => value.to_owned(),
    }
}

/// Reads an env file; see [`parse`].
///
/// # Errors
/// Fails where the file cannot be read, and on the first mistake, with the file and the line.
pub fn from_file(path: &Path) -> Result<Vec<(String, String)>> {
    parse(&text_file::read(path)?).map_err(|mistake| {
        Error::new(format!("{}:{}: {}", text_file::shown(path), mistake.line, mistake.message)).remedy(mistake.remedy)
    })
}

/// Why `name` cannot be the name of an environment variable, if it cannot. The environment is a list of `NAME=VALUE`
/// strings that end at a NUL; white space in a name is possible there but always a mistake.
pub fn name_mistake(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("the name of a variable is empty")
    } else if name.contains('=') {
        Some("the name of a variable holds no `=`")
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Some("the name of a variable holds no white space or control character")
    } else {
        None
    }
}

/// A mistake in an env file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Reads the text of an env file: lines of `NAME=VALUE`, in order. A name may be repeated.
///
/// Empty lines and lines that begin with `#` are skipped, as is `export` before a name. A plain value ends at a `#`
/// after white space or at the end of the line, and is trimmed. A value in single quotes is taken as it is; in double
/// quotes `\n`, `\r`, `\t`, `\\`, `\"`, `\'` and `\$` are escapes. Both may go over several lines, and after them only
/// a comment may follow. `$NAME` is not expanded.
///
/// # Errors
/// Fails on the first line that is none of these.
pub fn parse(text: &str) -> std::result::Result<Vec<(String, String)>, Mistake> {
    let mut variables = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while !rest.is_empty() {
        let (variable, below) = entry(rest).map_err(|(message, remedy)| Mistake { line, message, remedy })?;
        variables.extend(variable);
        let read = rest.strip_suffix(below).unwrap_or(rest);
        line += read.bytes().filter(|&b| b == b'\n').count();
        rest = below;
    }
    Ok(variables)
}

/// A name and its value.
type Variable = (String, String);

/// The message and the remedy of a mistake, before its line is known.
type MistakeText = (String, &'static str);

/// Reads the first entry of `text`: its variable, unless it is a comment, and the text after it.
fn entry(text: &str) -> std::result::Result<(Option<Variable>, &str), MistakeText> {
    let (first, below) = text.split_once('\n').unwrap_or((text, ""));
    let trimmed = first.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok((None, below));
    }
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| name.len() < first.len()) else {
        return Err((format!("`{trimmed}` is not NAME=VALUE"), "write NAME=VALUE, or begin a comment with #"));
    };
    let name = name.trim();
    let name = match name.strip_prefix("export") {
        Some(exported) if exported.starts_with(char::is_whitespace) => exported.trim_start(),
        _ => name,
    };
    if let Some(why) = name_mistake(name) {
        return Err((why.to_owned(), "write NAME=VALUE"));
    }
    // White space before a quote is skipped, but not the end of the line.
    let start = value.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
    let (value, below) = match start.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(name, start.get(1..).unwrap_or_default(), quote)?,
        _ => (plain(value.split('\n').next().unwrap_or_default()).to_owned(), below),
    };
    if value.contains('\0') {
        return Err((format!("the value of {name} holds a NUL byte"), "leave it out"));
    }
    Ok((Some((name.to_owned(), value)), below))
}

/// Reads the value of `name` that begins after an opening quote, and returns the text after its line as well.
fn quoted<'t>(name: &str, text: &'t str, quote: char) -> std::result::Result<(String, &'t str), MistakeText> {
    let Some((value, after)) = unquote(text, quote) else {
        return Err((format!("the value of {name} has no closing {quote}"), "close the quote, or quote the quote"));
    };
    let (trailing, below) = after.split_once('\n').unwrap_or((after, ""));
    let trailing = trailing.trim();
    if !trailing.is_empty() && !trailing.starts_with('#') {
        let message = format!("`{trailing}` comes after the closing {quote} of {name}");
        return Err((message, "put the whole value in quotes"));
    }
    Ok((value, below))
}

/// An unquoted value: up to a comment, trimmed.
fn plain(value: &str) -> &str {
    let comment = value.char_indices().zip(value.chars().skip(1));
    let comment = comment.into_iter().find(|((_, c), next)| c.is_whitespace() && *next == '#').map(|((i, _), _)| i);
    value.get(..comment.unwrap_or(value.len())).unwrap_or(value).trim()
}

/// Reads `text`, which follows an opening quote; returns the value and the text after the closing quote.
fn unquote(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            c if c == quote => return Some((value, text.get(i + c.len_utf8()..)?)),
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                c @ ('\\' | '"' | '\'' | '$') => value.push(c),
                other => value.extend(['\\', other]),
            },
            // A file with CRLF line ends has the same values as one with LF.
            '\r' if text.get(i + 1..).is_some_and(|t| t.starts_with('\n')) => {}
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unset(_: &str) -> Option<OsString> {
        None
    }

    fn failure(result: Result<Vec<(String, String)>>) -> (String, String, Kind) {
        let error = result.expect_err("must fail");
        (error.to_string(), error.remedy_text().unwrap_or_default().to_owned(), error.kind())
    }

    #[test]
    fn a_flag_is_split_at_its_first_equals_sign() {
        let flags = from_flags(&["A=1", "B=", "C=a=b c", "D=é"], unset).unwrap();
        let flags: Vec<_> = flags.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(flags, [("A", "1"), ("B", ""), ("C", "a=b c"), ("D", "é")]);
    }

    #[test]
    fn quotes_around_the_whole_value_of_a_flag_are_no_part_of_it() {
        for (flag, expected) in [
            ("A=\"two words\"", "two words"),
            ("A='x y'", "x y"),
            ("A=\"\"", ""),
            ("A=\"a\\\"b\\n\"", "a\"b\n"),
            ("A='a\\n'", "a\\n"),
            ("A=\"", "\""),
            ("A=\"x", "\"x"),
            ("A=x\"", "x\""),
            ("A=\"a\" \"b\"", "\"a\" \"b\""),
            ("A=it's", "it's"),
            ("A= \"x\"", " \"x\""),
        ] {
            assert_eq!(from_flags(&[flag], unset).unwrap(), [("A".to_owned(), expected.to_owned())], "{flag}");
        }
    }

    #[test]
    fn a_name_alone_takes_the_value_that_we_were_given() {
        let inherited = |name: &str| (name == "TOKEN").then(|| "\"x\" y".into());
        assert_eq!(from_flags(&["TOKEN"], inherited).unwrap(), [("TOKEN".to_owned(), "\"x\" y".to_owned())]);
        let inherited = |name: &str| (name == "EMPTY").then(OsString::new);
        assert_eq!(from_flags(&["EMPTY"], inherited).unwrap(), [("EMPTY".to_owned(), String::new())]);
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_cannot_be_taken() {
        use std::os::unix::ffi::OsStringExt;
        let inherited = |_: &str| Some(OsString::from_vec(b"\xff".to_vec()));
        let message = "-e A: the value of A is not UTF-8";
        assert_eq!(
            failure(from_flags(&["A"], inherited)),
            (message.into(), "give it: -e NAME=VALUE".into(), Kind::Usage)
        );
    }

    #[test]
    fn a_flag_that_is_no_assignment_is_a_usage_error() {
        for (flag, message, remedy) in [
            (
                "NAME",
                "-e NAME: there is no variable NAME whose value could be taken",
                "set and export it in the shell, or give the value: -e 'NAME=VALUE'",
            ),
            ("=x", "-e '=x': the name of a variable is empty", "write -e NAME=VALUE"),
            (
                "A B=x",
                "-e 'A B=x': the name of a variable holds no white space or control character",
                "write -e NAME=VALUE",
            ),
            (
                "/?a=b",
                "`/?a=b` is not NAME=VALUE, as -e takes it",
                "give the path of the request before -e, or put -- between them",
            ),
        ] {
            assert_eq!(failure(from_flags(&[flag], unset)), (message.into(), remedy.into(), Kind::Usage), "{flag}");
        }
    }

    #[test]
    fn an_env_file_gives_its_values() {
        for (text, expected) in [
            ("", vec![]),
            ("\n \n# A=1\n  # x\n", vec![]),
            ("A=1", vec![("A", "1")]),
            ("A=1\nB=2\r\nA=3\n", vec![("A", "1"), ("B", "2"), ("A", "3")]),
            (
                "export A=1\nexport\tB=2\nexported=3\nexport=4\n",
                vec![("A", "1"), ("B", "2"), ("exported", "3"), ("export", "4")],
            ),
            (" A = b c \t\n", vec![("A", "b c")]),
            ("A=\nB= \n", vec![("A", ""), ("B", "")]),
            (
                "A=b # c\nB=b#c\nC=#c\nD= # c\nE=é\u{3000}#f",
                vec![("A", "b"), ("B", "b#c"), ("C", "#c"), ("D", ""), ("E", "é")],
            ),
            ("A=b=c\nB=a'b\"c\n", vec![("A", "b=c"), ("B", "a'b\"c")]),
            ("A='b # \\n $X \" c' # d\n", vec![("A", "b # \\n $X \" c")]),
            (r#"A="b # \n\r\t\\\"\'\$X $Y \q""#, vec![("A", "b # \n\r\t\\\"'$X $Y \\q")]),
            ("A=\"\"\nB=''\n", vec![("A", ""), ("B", "")]),
            ("A=\"1\n2\r\n\n3\"\nB='x\n# y'\nC=1", vec![("A", "1\n2\n\n3"), ("B", "x\n# y"), ("C", "1")]),
        ] {
            let variables = parse(text).unwrap();
            let variables: Vec<_> = variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(variables, expected, "{text:?}");
        }
    }

    #[test]
    fn a_mistake_in_an_env_file_has_its_line() {
        for (text, line, message, remedy) in [
            ("A=1\n\nB\n", 3, "`B` is not NAME=VALUE", "write NAME=VALUE, or begin a comment with #"),
            ("=1", 1, "the name of a variable is empty", "write NAME=VALUE"),
            (
                "A='\n'\nB C=1",
                3,
                "the name of a variable holds no white space or control character",
                "write NAME=VALUE",
            ),
            ("A=1\nB=\"x\\\"\n\n", 2, "the value of B has no closing \"", "close the quote, or quote the quote"),
            ("A='x\\'y'", 1, "`y'` comes after the closing ' of A", "put the whole value in quotes"),
            ("A=\"x\\", 1, "the value of A has no closing \"", "close the quote, or quote the quote"),
            ("A=a\0b", 1, "the value of A holds a NUL byte", "leave it out"),
        ] {
            assert_eq!(parse(text), Err(Mistake { line, message: message.to_owned(), remedy }), "{text:?}");
        }
    }

    #[test]
    fn the_file_is_named_before_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let bad = dir.path().join("bad.env");
        std::fs::write(&bad, "\nB\n").unwrap();
        let message = format!("{}:2: `B` is not NAME=VALUE", bad.display());
        let remedy = "write NAME=VALUE, or begin a comment with #";
        assert_eq!(failure(from_file(&bad)), (message, remedy.into(), Kind::Failed));
    }
}
