//! The request as a saved interpreter reads it, and what it answers: see `resume` in pywagi's `src/guest/boot/resume.py`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The message that comes before the body on standard input.
///
/// `kind` is what is run, in the words of the boot script; `start` where in the arguments its name or its text is. No field
/// may hold a NUL byte: see [`crate::cgi::find_nul`].
pub fn encode<'a>(
    kind: &[u8],
    start: usize,
    arguments: &[String],
    environment: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<u8> {
    let mut text = format!("{}\0{start}\0", arguments.len()).into_bytes();
    let mut add = |field: &[u8]| {
        text.extend_from_slice(field);
        text.push(0);
    };
    add(kind);
    arguments.iter().for_each(|argument| add(argument.as_bytes()));
    environment.for_each(|(name, value)| [name, value].into_iter().for_each(|field| add(field.as_bytes())));
    let mut message = format!("{:08}", text.len()).into_bytes();
    message.append(&mut text);
    message
}

/// What an interpreter answers that cannot run the request as a plain start would.
const COLD: &str = "cold: ";

/// The answer of a saved interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It did nothing: only a start from the beginning does what it should, for this reason.
    Declined(&'a str),
    /// It ran and exited with this code; the lines after it say more of the run. `None` where that is no number.
    Exited(Option<i32>, &'a str),
}

impl<'a> Answer<'a> {
    /// Reads an answer.
    pub fn parse(text: &'a str) -> Self {
        if let Some(reason) = text.strip_prefix(COLD) {
            return Self::Declined(reason);
        }
        let (code, rest) = text.split_once('\n').unwrap_or((text, ""));
        Self::Exited(code.parse().ok(), rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    #[test]
    fn a_message_says_how_long_it_is_and_how_many_arguments_it_has() {
        let arguments = ["python".to_owned(), "/a.py".to_owned()];
        let message = encode(b"script", 1, &arguments, [("A", "b"), ("C", "")].into_iter());
        assert_eq!(message, b"000000312\x001\x00script\x00python\x00/a.py\x00A\x00b\x00C\x00\x00");
        assert_eq!(message.len(), 8 + 31);
    }

    #[test]
    fn an_answer_is_a_code_and_more_or_a_reason() {
        assert_eq!(Answer::parse("0"), Answer::Exited(Some(0), ""));
        assert_eq!(Answer::parse("-3\nmodule json\nscript"), Answer::Exited(Some(-3), "module json\nscript"));
        assert_eq!(Answer::parse("cold: why"), Answer::Declined("why"));
        assert_eq!(Answer::parse(""), Answer::Exited(None, ""));
    }
}
