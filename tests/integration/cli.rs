//! What holds for the command line as a whole: help, completions, colours.

mod man;

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
const COMMANDS: [&[&str]; 39] = [
    &[],
    &["init"],
    &["dev"],
    &["invoke"],
    &["test"],
    &["replay"],
    &["run"],
    &["repl"],
    &["add"],
    &["add", "route"],
    &["add", "static"],
    &["remove"],
    &["sync"],
    &["list"],
    &["tree"],
    &["build"],
    &["routes"],
    &["check"],
    &["mcp"],
    &["toolchain"],
    &["toolchain", "list"],
    &["toolchain", "install"],
    &["toolchain", "verify"],
    &["toolchain", "remove"],
    &["cache"],
    &["cache", "info"],
    &["cache", "clean"],
    &["cache", "warm"],
    &["image"],
    &["image", "list"],
    &["image", "show"],
    &["image", "check"],
    &["cgi"],
    &["export"],
    &["export", "docker"],
    &["export", "spin"],
    &["export", "wagi"],
    &["export", "wasmcloud"],
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

/// The help of every command as one text, to be reviewed as such. After a change of a help, run the test with
/// `PYWAGI_UPDATE_HELP=1` and read the difference.
#[test]
fn the_whole_help_is_the_reviewed_one() {
    let mut whole = String::new();
    for command in COMMANDS {
        let help = Project::empty().pywagi(command.iter().chain([&"--help"])).output().stdout_text();
        let name = [&["pywagi"], command].concat().join(" ");
        whole.push_str(&format!("{}\n$ {name} --help\n\n{help}\n", "=".repeat(80)));
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/help.txt");
    if std::env::var_os("PYWAGI_UPDATE_HELP").is_some() {
        std::fs::write(&path, &whole).expect("tests/integration/help.txt can be written");
    }
    let reviewed =
        std::fs::read_to_string(&path).expect("tests/integration/help.txt is readable").replace("\r\n", "\n");
    let differs = whole.lines().zip(reviewed.lines()).find(|(now, then)| now != then);
    assert!(whole == reviewed, "the help is not that of tests/integration/help.txt: (now, reviewed) {differs:?}");
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
    for command in ["init", "dev", "invoke", "replay", "run", "repl", "routes", "check", "toolchain", "cache", "cgi"] {
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
