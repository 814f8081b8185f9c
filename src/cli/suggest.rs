//! Tips below errors of the command line: what other tools call a command or a flag, and near misses of ours.
//!
//! clap suggests whatever resembles a mistyped flag by its Jaro distance, which leads from `--host` to `--hostname`. The
//! tips here replace clap's.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::Cli;
use crate::similar::nearest;

/// Commands of other tools, and what to use here.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["serve", "server", "start", "up", "watch"], "'pywagi dev' serves the app"),
    (&["new", "create", "scaffold", "generate"], "'pywagi init' creates an app"),
    (&["curl", "get", "request", "call"], "'pywagi invoke /' answers one request"),
    (&["install", "pip"], "'pywagi add' installs packages, 'pywagi toolchain install' a Python interpreter"),
    (&["python"], "'pywagi toolchain install' installs a Python interpreter"),
];

/// Flags of other tools by the command they are given to, and what to use here.
const FLAGS: &[(&str, &[&str], &str)] = &[
    (
        "dev",
        &["--host", "--bind", "--address", "--addr", "--port", "-p"],
        "'--listen [HOST:]PORT' sets where to listen",
    ),
    ("dev", &["--reload", "--watch", "-w"], "an edited file counts from the next request on, without a flag"),
    ("dev", &["--debug"], "'--verbose' shows how each request was run"),
    ("init", &["--name", "-n"], "the name of an app is that of its directory: 'pywagi init NAME'"),
    ("invoke", &["--request"], "'--method' sets the method"),
    ("invoke", &["--data-raw", "--data-binary", "--data-ascii", "--body"], "'--data' sets the body"),
    ("invoke", &["--user-agent", "-A"], "'--header User-Agent:NAME' sets it"),
    ("invoke", &["--silent", "-s"], "'--quiet' shows less"),
];

/// Gives an error of the command line our tips in place of clap's. `arguments` are those of the process, the program's
/// name first.
pub fn improve(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let mut root = Cli::command();
    root.build();
    let path = commands(&root, arguments);
    let command = path.last().copied().unwrap_or(&root);
    let (invalid, suggested) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::InvalidSubcommand => (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
        _ => return error,
    };
    let Some(ContextValue::String(word)) = error.get(invalid).cloned() else { return error };
    error.remove(suggested);
    error.remove(ContextKind::Suggested);
    // clap's usage line names the flag that it suggests.
    error.insert(ContextKind::Usage, ContextValue::StyledStr(command.clone().render_usage()));
    let tip = match error.kind() {
        ErrorKind::InvalidSubcommand if path.is_empty() => tip_for_command(&word),
        ErrorKind::InvalidSubcommand => None,
        _ if word.starts_with('-') => tip_for_flag(&root, command, &word),
        _ if command.get_name() == "dev" => Some(tip_for_operand_of_dev(&word)),
        _ => None,
    };
    let near = match error.kind() {
        _ if tip.is_some() => None,
        ErrorKind::InvalidSubcommand => {
            nearest(&word, command.get_subcommands().map(Command::get_name)).map(str::to_owned)
        }
        _ => word.strip_prefix("--").and_then(|word| {
            let flags = command.get_arguments().filter(|argument| !argument.is_hide_set());
            nearest(word, flags.filter_map(|argument| argument.get_long())).map(|flag| format!("--{flag}"))
        }),
    };
    if let Some(tip) = tip {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    if let Some(near) = near {
        error.insert(suggested, ContextValue::String(near));
    }
    error
}

/// The commands that `arguments` name, outermost first: `toolchain` and `install`.
fn commands<'c>(root: &'c Command, arguments: &[OsString]) -> Vec<&'c Command> {
    let (mut path, mut current) = (Vec::new(), root);
    for argument in arguments.iter().skip(1) {
        if let Some(found) = argument.to_str().and_then(|name| current.find_subcommand(name)) {
            path.push(found);
            current = found;
        }
    }
    path
}

fn tip_for_command(word: &str) -> Option<String> {
    let known = COMMANDS.iter().find(|(names, _)| names.contains(&word));
    known.map(|(_, tip)| (*tip).to_owned())
}

/// A tip for the unknown flag `word` of `command`: what we call it, or which other command has it.
fn tip_for_flag(root: &Command, command: &Command, word: &str) -> Option<String> {
    let known = FLAGS.iter().find(|(name, flags, _)| *name == command.get_name() && flags.contains(&word));
    if let Some((_, _, tip)) = known {
        return Some((*tip).to_owned());
    }
    let mut owners = Vec::new();
    for (name, other) in leaves(root, "pywagi") {
        let has = |argument: &clap::Arg| match word.strip_prefix("--") {
            Some(long) => argument.get_long() == Some(long),
            None => argument.get_short().is_some_and(|short| word == format!("-{short}")),
        };
        if other.get_arguments().any(has) {
            owners.push(format!("'{name}'"));
        }
    }
    let last = owners.pop()?;
    let before = if owners.is_empty() { String::new() } else { format!("{} and ", owners.join(", ")) };
    Some(format!("'{word}' is a flag of {before}{last}"))
}

/// The commands that can stand without one of their own, each with the words that call it.
fn leaves<'c>(command: &'c Command, name: &str) -> Vec<(String, &'c Command)> {
    let mut found = Vec::new();
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        let name = format!("{name} {}", child.get_name());
        let below = leaves(child, &name);
        if !child.is_subcommand_required_set() {
            found.push((name, child));
        }
        found.extend(below);
    }
    found
}

/// `dev` takes no operand: what whoever gave it one may have meant.
fn tip_for_operand_of_dev(word: &str) -> String {
    if super::listen::parse(word).is_ok() {
        format!("to listen there: 'pywagi dev --listen {word}'")
    } else if word.ends_with(".toml") {
        format!("to serve the app of that file: 'pywagi dev --config {word}'")
    } else if word.ends_with(".py") {
        "which script answers a request is said by `argv` in modules.toml".to_owned()
    } else {
        let directory = word.trim_end_matches(['/', std::path::MAIN_SEPARATOR]);
        format!("to serve the app in that directory: 'pywagi dev --config {directory}/modules.toml'")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// The tips below the error of a command line.
    fn tips(line: &str) -> Vec<String> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = improve(Cli::try_parse_from(&arguments).expect_err(line), &arguments);
        let text = error.render().to_string();
        text.lines().filter_map(|line| line.strip_prefix("  tip: ")).map(str::to_owned).collect()
    }

    #[test]
    fn a_command_of_another_tool_leads_to_ours() {
        let dev = "'pywagi dev' serves the app";
        for (line, tip) in [
            ("pywagi serve", dev),
            ("pywagi up --port 80", dev),
            ("pywagi new hello", "'pywagi init' creates an app"),
            ("pywagi curl /", "'pywagi invoke /' answers one request"),
            ("pywagi install", "'pywagi add' installs packages, 'pywagi toolchain install' a Python interpreter"),
            ("pywagi -q devv", "a similar subcommand exists: 'dev'"),
            ("pywagi inv /", "a similar subcommand exists: 'invoke'"),
            ("pywagi toolchain instal", "a similar subcommand exists: 'install'"),
        ] {
            assert_eq!(tips(line), [tip], "{line}");
        }
        for line in ["pywagi frob", "pywagi toolchain serve", "pywagi cache frob"] {
            assert_eq!(tips(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_flag_of_another_tool_or_command_leads_to_ours() {
        let listen = "'--listen [HOST:]PORT' sets where to listen";
        for (line, tip) in [
            ("pywagi dev --host 0.0.0.0", listen),
            ("pywagi dev --port=80", listen),
            ("pywagi dev -p 80", listen),
            ("pywagi dev --reload", "an edited file counts from the next request on, without a flag"),
            ("pywagi dev --data x", "'--data' is a flag of 'pywagi invoke'"),
            ("pywagi dev -H a:b", "'-H' is a flag of 'pywagi invoke'"),
            (
                "pywagi dev --offline",
                "'--offline' is a flag of 'pywagi init', 'pywagi add', 'pywagi remove', 'pywagi sync' and 'pywagi toolchain install'",
            ),
            ("pywagi dev --debug", "'--verbose' shows how each request was run"),
            ("pywagi invoke / --request POST", "'--method' sets the method"),
            ("pywagi invoke / --data-raw x", "'--data' sets the body"),
            ("pywagi invoke / -A x", "'--header User-Agent:NAME' sets it"),
            ("pywagi invoke / -s", "'--quiet' shows less"),
            ("pywagi invoke / --jso", "a similar argument exists: '--json'"),
            ("pywagi invoke / --host x", "a similar argument exists: '--hostname'"),
            ("pywagi invoke / --listen 80", "'--listen' is a flag of 'pywagi dev'"),
        ] {
            assert_eq!(tips(line), [tip], "{line}");
        }
        for line in ["pywagi dev --frobnicate", "pywagi dev -Z", "pywagi invoke / /"] {
            assert_eq!(tips(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn an_operand_of_dev_leads_to_the_flag_that_was_meant() {
        for (word, tip) in [
            ("hello", "to serve the app in that directory: 'pywagi dev --config hello/modules.toml'"),
            ("./hello/", "to serve the app in that directory: 'pywagi dev --config ./hello/modules.toml'"),
            ("a.toml", "to serve the app of that file: 'pywagi dev --config a.toml'"),
            ("code/env.py", "which script answers a request is said by `argv` in modules.toml"),
            ("3005", "to listen there: 'pywagi dev --listen 3005'"),
            ("localhost:3005", "to listen there: 'pywagi dev --listen localhost:3005'"),
        ] {
            assert_eq!(tips(&format!("pywagi dev {word}")), [tip], "{word}");
        }
    }
}
