//! Whether a saved interpreter starts as one from the beginning does, tried on versions of CPython whose source was not read for
//! it: see `boot/version.py` and [`super::cpython::layout`].

use bytes::Bytes;

use super::calls::Surroundings;
use super::engine::Compiled;
use super::image::Image;
use super::python::CommandLine;
use super::resume::{self, ResumeError, ResumeRequest};
use super::wasi::RunState;
use super::{Input, Output, Start, Timings, cold};

/// A command that prints a line for each thing that a start leaves: what it is, a tab, and how it is.
const COMMAND: &str = include_str!("boot/self_check.py");

/// What of a start from `image` is not as from the beginning, if anything.
///
/// # Errors
/// Says why it could not be tried.
pub fn difference(
    compiled: &Compiled,
    image: &Image,
    input: &Input,
    line: &CommandLine,
    surroundings: &Surroundings,
) -> Result<Option<String>, String> {
    let mut arguments: Vec<_> = input.arguments.iter().take(line.options).cloned().collect();
    arguments.extend(["-c".to_owned(), COMMAND.to_owned()]);
    let start = arguments.len() - 1;
    let input = &Input { arguments, stdin: Bytes::new(), surroundings: Some(surroundings.clone()), ..input.clone() };
    let state = RunState::new(input, &compiled.arguments(input), &input.environment, Bytes::new())?;
    let record = state.record.clone();
    let exit = cold::run_instance(compiled, input, state, &mut Timings::default(), &mut Vec::new());
    let plain = record.output(exit, Start::Warm, Timings::default());
    match resume::resume(compiled, image, &ResumeRequest { kind: b"command", start, input }, None) {
        Ok((saved, _)) => Ok(first_difference(&plain, &saved)),
        Err(ResumeError::Declined(why)) => Err(why),
        Err(ResumeError::Broken) => Err("the saved interpreter does not answer".to_owned()),
    }
}

fn first_difference(plain: &Output, saved: &Output) -> Option<String> {
    if plain.exit != saved.exit {
        return Some(format!("it ends with {:?} for {:?}", saved.exit, plain.exit));
    }
    let texts = |output: &Output| format!("{}{}", text(&output.stdout), text(&output.stderr));
    let (plain, saved) = (texts(plain), texts(saved));
    let missing = plain.lines().count() != saved.lines().count();
    let differing = plain.lines().zip(saved.lines()).find(|(plain, saved)| plain != saved).map(|(plain, _)| plain);
    match differing.and_then(|line| line.split('\t').next()) {
        Some(what) => Some(format!("{what}: another than in a start from the beginning")),
        None => missing.then(|| "it says less or more than a start from the beginning".to_owned()),
    }
}

fn text(bytes: &[u8]) -> String {
    // Addresses differ from one object to the next.
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split("0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::Exit;

    #[test]
    fn the_first_line_that_differs_is_named() {
        let output = |text: &str, code| {
            let output = Output::new(Exit::Code(code), Start::Warm);
            Output { stdout: text.as_bytes().to_vec(), ..output }
        };
        let told = |plain: (&str, i32), saved: (&str, i32)| {
            first_difference(&output(plain.0, plain.1), &output(saved.0, saved.1))
        };
        assert_eq!(told(("a\t1\nb\t<f at 0x12>\n", 1), ("a\t1\nb\t<f at 0x9f>\n", 1)), None);
        let found = told(("a\t1\nb\t2\n", 1), ("a\t1\nb\t3\n", 1)).expect("a difference");
        assert_eq!(found, "b: another than in a start from the beginning");
        assert!(told(("a\t1\n", 1), ("a\t1\nb\t2\n", 1)).expect("a difference").contains("less or more"));
        assert!(told(("", 0), ("", 1)).expect("a difference").contains("ends"));
    }
}
