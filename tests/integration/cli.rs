//! What holds for the command line as a whole: help, completions, colours.

use crate::support::Project;

/// The completion scripts in the repository, and the name of the shell each is for.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "pywagi.bash"),
    ("zsh", "_pywagi"),
    ("fish", "pywagi.fish"),
    ("powershell", "_pywagi.ps1"),
    ("elvish", "pywagi.elv"),
];

#[test]
fn completions_in_the_repository_are_the_ones_the_binary_prints() {
    for (shell, file) in COMPLETIONS {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read completions/{file}: {e}"));
        let printed = Project::empty().pywagi(["completions", shell]).output();
        printed.code(0).stderr("");
        assert!(
            kept.replace("\r\n", "\n").as_bytes() == printed.stdout,
            "completions/{file} is stale; run: cargo run -- completions {shell} > completions/{file}"
        );
    }
}

/// Every command and subcommand with a help of its own.
const COMMANDS: [&[&str]; 13] = [
    &[],
    &["init"],
    &["dev"],
    &["invoke"],
    &["toolchain"],
    &["toolchain", "list"],
    &["toolchain", "install"],
    &["toolchain", "verify"],
    &["toolchain", "remove"],
    &["cache"],
    &["cache", "info"],
    &["cache", "clean"],
    &["completions"],
];

#[test]
fn every_help_fits_a_terminal_of_80_columns() {
    for command in COMMANDS {
        for flag in ["--help", "-h"] {
            let run = Project::empty().pywagi(command.iter().chain([&flag])).output();
            run.code(0).stderr("");
            for line in run.stdout_text().lines() {
                assert!(line.chars().count() <= 80, "{command:?}: {} columns: {line}", line.chars().count());
            }
        }
    }
}

#[test]
fn every_command_has_a_help_and_no_other() {
    fn walk(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        found.push(path.to_vec());
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            walk(sub, &[path, &[sub.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    walk(&<pywagi::cli::Cli as clap::CommandFactory>::command(), &[], &mut found);
    assert_eq!(found, COMMANDS.map(|c| c.iter().map(|&s| s.to_owned()).collect::<Vec<_>>()));
}

#[test]
fn what_has_more_to_say_says_it_in_examples() {
    for command in ["init", "dev", "invoke", "toolchain", "cache"] {
        Project::empty().pywagi([command, "--help"]).output().stdout_has(&format!("\nExamples:\n  pywagi {command} "));
    }
}

#[test]
fn the_version_is_the_packages() {
    let run = Project::empty().pywagi(["--version"]).output();
    run.code(0).stdout(concat!("pywagi ", env!("CARGO_PKG_VERSION"), "\n")).stderr("");
}

#[test]
fn colour_follows_the_flag_and_the_environment() {
    let failing = |arguments: &[&str]| Project::empty().pywagi(["invoke", "/"].iter().chain(arguments));
    let told = |error: &str, help: &str| {
        format!(
            "{error} there is no modules.toml in [DIR] or a directory above it\n  \
             {help} run `pywagi init` to create an app here, or name the file with -c\n"
        )
    };
    let plain = told("error:", "help:");
    failing(&[]).output().code(1).stderr(&plain);
    let colored = told("\u{1b}[31m\u{1b}[1merror:\u{1b}[0m", "\u{1b}[36m\u{1b}[1mhelp:\u{1b}[0m");
    failing(&["--color", "always"]).output().stderr(&colored);
    failing(&["--color", "never"]).env("CLICOLOR_FORCE", "1").output().stderr(&plain);
}
