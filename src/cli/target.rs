//! The target of `invoke` where it comes after `-e`, whose values take every word up to the next flag.

use clap::error::ErrorKind;
use clap::{CommandFactory, Error};

use super::{Cli, Invoke};

/// Makes the one value of `-e` that is a path or a URL the target, unless there is one. A value that sets a variable
/// begins with the variable's name, so it is neither.
///
/// # Errors
/// Fails where no target is given.
pub fn take_from_variables(invoke: &mut Invoke) -> Result<(), Error> {
    if invoke.target.is_some() {
        return Ok(());
    }
    let variables = &mut invoke.app.env;
    let place = variables.iter().position(|value| {
        let name = value.split('=').next().unwrap_or_default();
        name.starts_with('/') || name.contains("://")
    });
    match place {
        Some(place) => {
            invoke.target = Some(variables.remove(place));
            Ok(())
        }
        None => {
            let message = "the path of the request is missing: put it before -e, or give one that begins with `/`";
            let mut root = Cli::command();
            root.build();
            let command = root.find_subcommand("invoke").cloned().unwrap_or(root);
            Err(command.clone().error(ErrorKind::MissingRequiredArgument, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::*;

    fn parsed(line: &str) -> (String, Vec<String>) {
        let words: Vec<_> = line.split(' ').collect();
        let cli = Cli::parse_arguments(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        let Command::Invoke(invoke) = cli.command else { panic!("not invoke") };
        (invoke.target.expect("a target"), invoke.app.env)
    }

    #[test]
    fn the_path_may_stand_before_among_and_after_variables() {
        for line in [
            "pywagi invoke /x?a=b -e A=1 B",
            "pywagi invoke -e A=1 B /x?a=b",
            "pywagi invoke -e A=1 /x?a=b B",
            "pywagi invoke -e A=1 -e B -- /x?a=b",
            "pywagi invoke -e A=1 -i /x?a=b -e B",
        ] {
            assert_eq!(parsed(line), ("/x?a=b".to_owned(), vec!["A=1".to_owned(), "B".to_owned()]), "{line}");
        }
        assert_eq!(parsed("pywagi invoke -e A=1 http://a/b"), ("http://a/b".to_owned(), vec!["A=1".to_owned()]));
        assert_eq!(parsed("pywagi invoke -e A=/b /c"), ("/c".to_owned(), vec!["A=/b".to_owned()]));
        assert_eq!(parsed("pywagi invoke -e U=http://a /c"), ("/c".to_owned(), vec!["U=http://a".to_owned()]));
    }
}
