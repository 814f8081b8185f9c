//! What the arguments of a Python interpreter make it run: a script, which a volume has to hold, or by mistake what the
//! request says.

use std::ops::Range;
use std::path::Path;

use super::super::values::{find_below, guest_path};
use super::super::{Script, is_python};
use super::Check;
use super::argv::is_quoted;
use crate::guest::Volume;

/// Where prebuilt interpreters carry files of their own, their standard library.
const BUILT_IN: &str = "/usr/";

/// What a Python command line runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs<'t> {
    /// The script of this path.
    Script(&'t str),
    /// What the request says: a word of the query, or the body, which is standard input.
    Request,
    /// Something else: `-c`, `-m`, or a word that is known with the request alone.
    Other,
}

impl Check<'_> {
    /// Checks what the module at `line` runs, if it is a Python interpreter; returns its script, if that is known.
    /// `file` is its WebAssembly file and `argv` its arguments, each with its place.
    pub(super) fn script(
        &mut self,
        line: usize,
        (file_place, file): (&Range<usize>, &Path),
        argv: Option<&(Range<usize>, String)>,
        volumes: &[Volume],
    ) -> Option<Script> {
        let python_file = file.file_name().and_then(|name| name.to_str()).is_some_and(is_python);
        let Some((place, argv)) = argv else {
            if python_file {
                self.warn(
                    file_place,
                    "there is no `argv`, so Python runs what the request's query or body says: \
                     write argv = \"python /code/app.py ${ARGS}\", with the path of the script",
                );
            }
            return None;
        };
        let first = argv.split_whitespace().next().unwrap_or_default();
        if !python_file && !is_python(first) && !first.ends_with(".py") {
            return None;
        }
        // Of words in quotes another warning says what to write.
        if is_quoted(argv) {
            return None;
        }
        match runs(argv) {
            Runs::Other => None,
            Runs::Script(path) => self.find_script(line, place, path, volumes),
            Runs::Request => {
                let why = "so Python runs what the request's query or body says";
                self.warn(
                    place,
                    &if first.ends_with(".py") {
                        format!("`{first}` stands in the place of the program's name, {why}: write \"python {argv}\"")
                    } else {
                        format!("`argv` names no script, {why}: write \"python /code/app.py ${{ARGS}}\"")
                    },
                );
                None
            }
        }
    }

    /// Looks for the script `path` in the volumes.
    fn find_script(&mut self, line: usize, place: &Range<usize>, path: &str, volumes: &[Volume]) -> Option<Script> {
        // The working directory of a guest is `/`.
        let guest = guest_path(&format!("/{path}")).ok()?;
        let Some((volume, rest)) = find_below(volumes, &guest) else {
            let message = match guest.rsplit_once('/') {
                _ if guest.starts_with(BUILT_IN) => None,
                Some(("", name)) => Some(format!(
                    "the script `{path}` is looked for in `/`, which no volume is: write its whole path, such as /code/{name}"
                )),
                Some((directory, _)) => {
                    let host = directory.trim_start_matches('/');
                    Some(format!(
                        "no volume holds the script {guest}: write volumes = {{ \"{directory}\" = \"{host}\" }}"
                    ))
                }
                None => None,
            };
            if let Some(message) = message {
                self.warn(place, &message);
            }
            return Some(Script { guest, host: None });
        };
        let host = volume.host.join(rest);
        if volume.host.is_dir() && !host.exists() {
            let message = format!("there is no script {}", host.display());
            let remedy =
                format!("create it, or correct the path: {guest} is looked for in the volume {}", volume.guest);
            self.problem(line, place.clone(), message, remedy);
        }
        Some(Script { guest, host: Some(host) })
    }
}

/// Reads a command line as CPython does (its `Python/getopt.c`), up to the script.
fn runs(argv: &str) -> Runs<'_> {
    let mut words = argv.split_whitespace().skip(1);
    while let Some(word) = words.next() {
        if word.starts_with("${ARGS}") {
            return Runs::Request;
        }
        if word.contains("${") {
            return Runs::Other;
        }
        let Some(option) = word.strip_prefix('-') else { return Runs::Script(word) };
        match option {
            "" => return Runs::Request,
            "-" => {
                return match words.next() {
                    Some(word) if !word.contains("${") => Runs::Script(word),
                    Some(word) if !word.starts_with("${ARGS}") => Runs::Other,
                    _ => Runs::Request,
                };
            }
            "-check-hash-based-pycs" => drop(words.next()),
            _ if option.starts_with('-') => {}
            _ => match option.find(['c', 'm', 'W', 'X']) {
                None => {}
                Some(at) if option[at..].starts_with(['c', 'm']) => return Runs::Other,
                // The value is the rest of the word, or the next one.
                Some(at) if at + 1 == option.len() => drop(words.next()),
                Some(_) => {}
            },
        }
    }
    Runs::Request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_comes_after_the_options() {
        for (argv, expected) in [
            ("python /code/env.py ${ARGS}", Runs::Script("/code/env.py")),
            ("python -X dev -W error -Bu /code/a.py b.py", Runs::Script("/code/a.py")),
            ("python -Xdev -Werror a.py", Runs::Script("a.py")),
            ("python -BX dev a.py", Runs::Script("a.py")),
            ("python --check-hash-based-pycs always --x a.py", Runs::Script("a.py")),
            ("python -- -a.py", Runs::Script("-a.py")),
            ("python -m app /code/a.py", Runs::Other),
            ("python -Bc pass", Runs::Other),
            ("python ${SCRIPT_NAME} ${ARGS}", Runs::Other),
            ("python -- /code${SCRIPT_NAME}", Runs::Other),
            ("python ${ARGS}", Runs::Request),
            ("python -- ${ARGS}", Runs::Request),
            ("python -B", Runs::Request),
            ("python -", Runs::Request),
            ("/code/env.py ${ARGS}", Runs::Request),
            ("/code/env.py", Runs::Request),
        ] {
            assert_eq!(runs(argv), expected, "{argv}");
        }
    }
}
