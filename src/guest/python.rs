//! The command line of CPython, as far as a saved interpreter can serve it.
//!
//! Options act at start-up, so they belong to the saved interpreter; what is run and its arguments belong to the
//! request. <https://docs.python.org/3/using/cmdline.html>

/// What an interpreter is asked to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file: `python FILE …`
    Script,
    /// Code on the command line: `python -c CODE …`
    Command,
    /// A module: `python -m MODULE …`
    Module,
}

/// A command line, split where start-up ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// What is run.
    pub target: Target,
    /// How many of the arguments are the program's name and its options.
    pub options: usize,
    /// The index of the argument that names the target: the file, the code or the module.
    pub start: usize,
}

impl CommandLine {
    /// The directory of the script among `arguments`, which Python searches for modules first.
    pub fn directory<'a>(&self, arguments: &'a [String]) -> Option<&'a str> {
        let script = arguments.get(self.start).filter(|_| self.target == Target::Script)?;
        Some(script.rsplit_once('/')?.0)
    }
}

/// Flags without a value that only set what start-up reads.
const FLAGS: &[u8] = b"bBEIOPqRsSu";

/// `-X` settings that only set what start-up reads.
const SETTINGS: &[&str] = &["dev", "int_max_str_digits", "no_debug_ranges", "utf8", "warn_default_encoding"];

/// Splits `arguments`, whose first is the program's name.
///
/// # Errors
/// Says why a saved interpreter cannot serve this command line.
pub fn parse(arguments: &[String]) -> Result<CommandLine, String> {
    let mut index = 1;
    while let Some(word) = arguments.get(index) {
        let Some(flags) = word.strip_prefix('-').filter(|f| !f.is_empty()) else { break };
        if flags == "-" {
            return script(arguments, index + 1, index);
        }
        if flags.starts_with('-') {
            return Err(format!("the interpreter's option {word} ends it at start-up"));
        }
        let mut rest = flags.as_bytes();
        while let Some((&flag, after)) = rest.split_first() {
            match flag {
                b'c' | b'm' if after.is_empty() => {
                    let target = if flag == b'c' { Target::Command } else { Target::Module };
                    return if arguments.len() > index + 1 && rest.len() == flags.len() {
                        Ok(CommandLine { target, options: index, start: index + 1 })
                    } else {
                        Err(format!("the option {word} is joined to others or has no value"))
                    };
                }
                b'W' | b'X' => {
                    let value = match std::str::from_utf8(after) {
                        Ok("") => {
                            index += 1;
                            arguments.get(index).map_or("", String::as_str)
                        }
                        Ok(value) => value,
                        Err(_) => "",
                    };
                    let name = value.split('=').next().unwrap_or_default();
                    if flag == b'X' && !SETTINGS.contains(&name) {
                        return Err(format!("the interpreter's option -X {value} needs a start of its own"));
                    }
                    rest = &[];
                    continue;
                }
                _ if FLAGS.contains(&flag) => rest = after,
                _ => return Err(format!("the interpreter's option {word} needs a start of its own")),
            }
        }
        index += 1;
    }
    script(arguments, index, index)
}

fn script(arguments: &[String], start: usize, options: usize) -> Result<CommandLine, String> {
    let Some(path) = arguments.get(start) else {
        return Err("the interpreter is given no script: it reads one from standard input".to_owned());
    };
    let odd = |part: &str| part == "." || part == "..";
    if path.is_empty() || path == "-" || path.split('/').any(odd) {
        return Err(format!("{path:?} is not the plain path of a script"));
    }
    Ok(CommandLine { target: Target::Script, options, start })
}

/// Whether an environment variable needs a cold start: it makes the interpreter trace, dump or inspect.
pub fn needs_own_start(name: &str, value: &str) -> bool {
    // An empty one is as good as none. https://docs.python.org/3/using/cmdline.html#environment-variables
    const NAMES: &[&str] = &[
        "PYTHONDEBUG",
        "PYTHONDUMPREFS",
        "PYTHONDUMPREFSFILE",
        "PYTHONFAULTHANDLER",
        "PYTHONINSPECT",
        "PYTHONMALLOCSTATS",
        "PYTHONPERFSUPPORT",
        "PYTHONPROFILEIMPORTTIME",
        "PYTHONTRACEMALLOC",
        "PYTHONVERBOSE",
    ];
    !value.is_empty() && NAMES.contains(&name)
}

/// Whether an environment variable acts at the start of an interpreter, so that a saved one belongs to its value.
pub fn acts_at_startup(name: &str) -> bool {
    name.starts_with("PYTHON")
        || name.starts_with("LC_")
        || matches!(name, "LANG" | "LANGUAGE" | "TZ" | "HOME" | "PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_are_told_from_the_script_and_its_arguments() {
        for (line, target, options, start) in [
            ("python /code/env.py", Target::Script, 1, 1),
            ("python /code/env.py -u a=1", Target::Script, 1, 1),
            ("python -u -I /code/env.py a", Target::Script, 3, 3),
            ("python -uI -W error -Xutf8 /code/env.py", Target::Script, 5, 5),
            ("python -X utf8=1 /code/env.py", Target::Script, 3, 3),
            ("python -uWerror /code/env.py", Target::Script, 2, 2),
            ("python -- /code/env.py", Target::Script, 1, 2),
            ("python -B -m app a", Target::Module, 2, 3),
            ("python -c pass", Target::Command, 1, 2),
            ("/url/path /code/x.py", Target::Script, 1, 1),
        ] {
            assert_eq!(parse(&words(line)), Ok(CommandLine { target, options, start }), "{line}");
        }
    }

    #[test]
    fn variables_that_do_more_than_set_options_need_a_start_of_their_own() {
        assert!(needs_own_start("PYTHONVERBOSE", "1"));
        assert!(!needs_own_start("PYTHONVERBOSE", ""));
        assert!(!needs_own_start("PYTHONUTF8", "1"));
        assert!(!needs_own_start("VERBOSE", "1"));
    }

    #[test]
    fn command_lines_that_need_a_cold_start_are_refused_with_the_reason() {
        let no_script = "the interpreter is given no script: it reads one from standard input";
        for (line, why) in [
            ("python", no_script),
            ("python -u", no_script),
            ("python -", "\"-\" is not the plain path of a script"),
            ("python -V", "the interpreter's option -V needs a start of its own"),
            ("python --version", "the interpreter's option --version ends it at start-up"),
            ("python -i /code/env.py", "the interpreter's option -i needs a start of its own"),
            ("python -X importtime /code/env.py", "the interpreter's option -X importtime needs a start of its own"),
            ("python -c", "the option -c is joined to others or has no value"),
            ("python -uc pass", "the option -uc is joined to others or has no value"),
            ("python /code/../x.py", "\"/code/../x.py\" is not the plain path of a script"),
            ("python ./x.py", "\"./x.py\" is not the plain path of a script"),
        ] {
            assert_eq!(parse(&words(line)), Err(why.to_owned()), "{line}");
        }
        assert_eq!(parse(&[]), Err(no_script.to_owned()));
    }
}
