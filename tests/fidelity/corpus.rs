//! The scripts of the corpus: files `corpus/NAME.py`, and directories `corpus/NAME/` with a `main.py` for what needs
//! more than one file. Each shows one thing and is named after it. Those in `packages/` use packages that are installed.
//!
//! Lines of the script that begin with `#:` say how it is run and what must come of it whichever way it is run, so that
//! a script that fails early cannot pass by failing both ways:
//!
//! ```text
//! #: run ["python", "-X", "utf8", "{}", "a=1"]    the command line; {} is the script's path (default: python {})
//! #: env NAME=value                               a variable of the request, repeatable
//! #: request GET /path?query                      the variables of this request, to the route `/...`
//! #: and                                          what follows is for another run
//! #: clock 1700000000                            when the clock begins, in seconds since 1970; it goes on by 1 µs a look
//! #: seed 7                                      what random bytes follow from
//! #: stdin "text"                                 standard input, a JSON string
//! #: exit 1                                       the exit code (default 0)
//! #: trap unreachable                             it ends so, without an exit code
//! #: exhausted                                    its calls go deeper than its stack
//! #: stderr ZeroDivisionError: division by zero   the last line of standard error (default: it is empty)
//! #: 3.11 stderr text                             a line for one version alone, after the one for all
//! #: 3.13+ exit 1                                 a line for a version and those after it
//! #: cold                                         only a start from the beginning can serve it
//! ```

use std::path::{Path, PathBuf};

use pywagi::guest::{Entropy, Exit, MadeUpClock, Surroundings};

use crate::support::part::CHOICE;

/// One script and how it is run.
#[derive(Clone)]
pub struct Case {
    /// The file's or directory's name without extension.
    pub name: String,
    /// The directory that the guest sees as `/code`, and the script's path below it.
    pub directory: PathBuf,
    /// The command line.
    pub arguments: Vec<String>,
    /// The request's variables.
    pub environment: Vec<(String, String)>,
    /// What of its surroundings is made up, so that what it prints of them is compared.
    pub surroundings: Option<Surroundings>,
    /// Standard input.
    pub stdin: Vec<u8>,
    /// How it ends.
    pub exit: Exit,
    /// The last line of standard error.
    pub stderr: String,
    /// Whether no saved interpreter can serve it.
    pub cold: bool,
    /// Whether it is run or ends otherwise on one version than on others.
    pub differs: bool,
}

/// Variables that act at the start of an interpreter, besides those that are named for it.
const ACTING: [&str; 5] = ["HOME", "LANG", "LANGUAGE", "PATH", "TZ"];

impl Case {
    /// Whether it is given options, or none of what to run.
    pub fn has_options(&self) -> bool {
        let target = |word: &String| ["-c", "-m"].contains(&word.as_str()) || word.starts_with("/code/");
        !self.arguments.get(1).is_some_and(target)
    }

    /// What makes the interpreter start as it does: scripts with the same share a saved one.
    pub fn start(&self) -> (PathBuf, Vec<String>, Vec<(String, String)>) {
        let target = |word: &String| word.contains("code/") || word == "-c" || word == "-m";
        let options = self.arguments.iter().take_while(|word| !target(word)).cloned().collect();
        let acts = |name: &str| name.starts_with("PYTHON") || name.starts_with("LC_") || ACTING.contains(&name);
        let environment = self.environment.iter().filter(|(name, _)| acts(name)).cloned().collect();
        (self.directory.clone(), options, environment)
    }
}

/// Every script of the corpus, in the order of their names.
pub fn cases(version: &str) -> Vec<Case> {
    cases_in("corpus", version)
}

/// Those for an isolated interpreter, to which options and variables mean nothing.
pub fn isolated_cases(version: &str) -> Vec<Case> {
    cases(version).into_iter().filter(|case| case.environment.is_empty() && !case.has_options()).collect()
}

/// Every script in a directory beside this file, in the order of their names.
pub fn cases_in(directory: &str, version: &str) -> Vec<Case> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity").join(directory);
    let entries = std::fs::read_dir(&corpus).expect("the corpus is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a directory entry").path()).collect();
    paths.sort();
    let wanted = std::env::var(CHOICE).ok().filter(|wanted| wanted != "all").unwrap_or_default();
    let paths = paths.into_iter().filter(|path| path.to_string_lossy().contains(&wanted));
    paths.flat_map(|path| read(&corpus, &path, version)).collect()
}

/// Whether a line for `versions` is for `version`.
fn is_for(versions: &str, version: &str) -> bool {
    let minor = |text: &str| text.strip_prefix("3.").and_then(|minor| minor.parse::<u32>().ok()).expect("3.N");
    match versions.strip_suffix('+') {
        Some(first) => minor(version) >= minor(first),
        None => version == versions,
    }
}

fn read(corpus: &Path, path: &Path, version: &str) -> Vec<Case> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name that is UTF-8").to_owned();
    let (directory, script) =
        if path.is_dir() { (path.to_owned(), "main.py".to_owned()) } else { (corpus.to_owned(), format!("{name}.py")) };
    if name == "__pycache__" {
        return Vec::new();
    }
    let source = std::fs::read(directory.join(&script)).expect("the script is readable");
    let script = format!("/code/{script}");
    let plain = Case {
        name,
        directory,
        arguments: vec!["python".into(), script.clone()],
        environment: Vec::new(),
        surroundings: None,
        stdin: Vec::new(),
        exit: Exit::Code(0),
        stderr: String::new(),
        cold: false,
        differs: String::from_utf8_lossy(&source).lines().any(|line| line.starts_with("#: 3.")),
    };
    let mut cases = Vec::new();
    let mut case = plain.clone();
    for line in String::from_utf8_lossy(&source).lines().filter_map(|line| line.strip_prefix("#: ")) {
        let line = match line.split_once(' ') {
            Some((only, rest)) if only.starts_with("3.") => {
                if !is_for(only, version) {
                    continue;
                }
                rest
            }
            _ => line,
        };
        let (what, value) = line.split_once(' ').unwrap_or((line, ""));
        match what {
            "run" => {
                let words: Vec<String> = serde_json::from_str(value).expect("a JSON list of words");
                case.arguments = words.into_iter().map(|word| word.replace("{}", &script)).collect();
            }
            "env" => {
                let (name, value) = value.split_once('=').expect("NAME=value");
                case.environment.push((name.to_owned(), value.to_owned()));
            }
            "request" => {
                let (method, url) = value.split_once(' ').expect("a method and a URL");
                let (path, query) = url.split_once('?').unwrap_or((url, ""));
                let variables = [
                    ("REQUEST_METHOD", method),
                    ("SCRIPT_NAME", ""),
                    ("PATH_INFO", path),
                    ("QUERY_STRING", query),
                    ("SERVER_NAME", "localhost"),
                    ("SERVER_PORT", "3000"),
                    ("SERVER_PROTOCOL", "HTTP/1.1"),
                    ("HTTP_HOST", "localhost:3000"),
                ];
                case.environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            "and" => cases.push(std::mem::replace(&mut case, plain.clone())),
            "clock" => {
                let start = value.parse::<u64>().expect("seconds") * 1_000_000_000;
                case.surroundings.get_or_insert_default().clock = Some(MadeUpClock { start, step: 1000 });
            }
            "seed" => {
                let seed = value.parse().expect("a number");
                case.surroundings.get_or_insert_default().entropy = Some(Entropy::numbered(seed));
            }
            "stdin" => {
                case.stdin = serde_json::from_str::<String>(value).expect("a JSON string").into_bytes();
                if case.environment.iter().any(|(name, _)| name == "REQUEST_METHOD") {
                    case.environment.push(("CONTENT_LENGTH".to_owned(), case.stdin.len().to_string()));
                }
            }
            "exit" => case.exit = Exit::Code(value.parse().expect("an exit code")),
            "trap" => case.exit = Exit::Trap(value.to_owned()),
            "exhausted" => case.exit = Exit::StackExhausted,
            "stderr" => case.stderr = value.to_owned(),
            "cold" => case.cold = true,
            _ => panic!("{}: unknown line: {line}", case.name),
        }
    }
    cases.push(case);
    cases
}
