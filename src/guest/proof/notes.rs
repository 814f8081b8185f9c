//! What `reveal.py` says of the modules that it revealed.

/// A module of an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// The path of its source in the guest; empty where it has none.
    pub file: String,
    /// Whether it is of the standard library.
    pub is_library: bool,
    /// Whether start-up loaded it.
    pub is_startup: bool,
}

/// Whether `file`, as code tells it, is the source of the module `name`. The standard library was compiled elsewhere, so that
/// its code tells other directories than those where it is found.
pub fn is_source_of(name: &str, file: &str) -> bool {
    let Some(stem) = file.strip_suffix(".py") else { return false };
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let rest = stem.strip_suffix(&name.replace('.', "/"));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// An environment variable that a module read while it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// The name of the module.
    pub module: String,
    /// Where it was read.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// The name of the variable; `None` for all of them.
    pub variable: Option<String>,
}

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// All modules.
    pub modules: Vec<Module>,
    /// What they read of the environment.
    pub reads: Vec<Read>,
}

impl Notes {
    /// Reads the lines that begin with `module` and `reads`; gives them back with what follows.
    pub fn parse(text: &str) -> (Self, &str) {
        let mut notes = Self::default();
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            let fields: Vec<_> = line.split('\t').collect();
            match fields[..] {
                ["module", kind, name, file] => notes.modules.push(Module {
                    name: name.to_owned(),
                    file: file.to_owned(),
                    is_library: kind.contains('l'),
                    is_startup: kind.contains('s'),
                }),
                ["reads", module, variable, file, line] => notes.reads.push(Read {
                    module: module.to_owned(),
                    variable: (!variable.is_empty()).then(|| variable.to_owned()),
                    file: file.to_owned(),
                    line: line.parse().unwrap_or(0),
                }),
                _ => break,
            }
            rest = after;
        }
        notes.reads.sort();
        (notes, rest)
    }

    /// The module of this name.
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// Whether `file` is the source of a module that is not of the standard library.
    pub fn is_other(&self, file: &str) -> bool {
        self.modules.iter().any(|module| !module.is_library && module.file == file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_module_is_told_by_its_path() {
        for (name, file, is_source) in [
            ("logging", "/build/Lib/logging/__init__.py", true),
            ("logging", "/build/Lib/mylogging.py", false),
            ("logging.handlers", "/build/Lib/logging/handlers.py", true),
            ("handlers", "/build/Lib/logging/handlers.py", true),
            ("app", "app.py", true),
            ("app", "/code/app", false),
            ("app", "<frozen app>", false),
        ] {
            assert_eq!(is_source_of(name, file), is_source, "{name} {file}");
        }
    }

    #[test]
    fn notes_are_read_as_far_as_they_go() {
        let text = "module\tls\tos\t/lib/os.py\nmodule\t\tapp\t/code/app.py\nreads\tapp\tDEBUG\t/code/app.py\t3\n\
            reads\tapp\t\t/code/app.py\t1\n-1\tapp\tmodule\t-\t1\t2\t\n";
        let (notes, rest) = Notes::parse(text);
        assert_eq!(rest, "-1\tapp\tmodule\t-\t1\t2\t\n");
        assert_eq!(notes.modules.len(), 2);
        assert!(notes.is_other("/code/app.py") && !notes.is_other("/lib/os.py") && !notes.is_other("/x.py"));
        assert!(notes.module("os").is_some_and(|module| module.is_library && module.is_startup));
        let reads: Vec<_> = notes.reads.iter().map(|read| (read.variable.as_deref(), read.line)).collect();
        assert_eq!(reads, [(None, 1), (Some("DEBUG"), 3)]);
        assert_eq!(Notes::parse("module\tx\n"), (Notes::default(), "module\tx\n"));
    }
}
