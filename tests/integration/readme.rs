//! What the documents say exists: each command line parses, each flag is one, and no flag is left out.

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use pywagi::cli::Cli;

use crate::support::{Project, python};

const README: &str = include_str!("../../README.md");

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(&fence).skip(1).map(|rest| rest.split("```").next().expect("text after a fence")).collect()
}

/// The command lines of the console blocks, without their prompt.
fn command_lines() -> Vec<&'static str> {
    blocks("console").iter().flat_map(|block| block.lines()).filter_map(|line| line.strip_prefix("$ ")).collect()
}

/// The section below a heading, up to the next heading of that level or above.
fn section(heading: &str) -> &'static str {
    let level = heading.split(' ').next().expect("a heading");
    let start = README.find(&format!("\n{heading}")).unwrap_or_else(|| panic!("no heading {heading:?}"));
    let rest = &README[start + heading.len()..];
    let end = rest.match_indices("\n#").find(|(at, _)| {
        let marks = rest[at + 1..].chars().take_while(|c| *c == '#').count();
        marks <= level.len()
    });
    end.map_or(rest, |(at, _)| &rest[..at])
}

/// The long flags that a text mentions.
fn flags(text: &str) -> BTreeSet<String> {
    text.match_indices("--")
        .filter(|(at, _)| text[..*at].ends_with(['`', ' ', '(']))
        .map(|(at, _)| {
            text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-').collect()
        })
        .filter(|flag: &String| !flag.is_empty())
        .collect()
}

#[test]
fn every_command_line_parses() {
    let mut checked = 0;
    for line in command_lines() {
        // Where its output goes is the shell's.
        let line = line.split(" >").next().unwrap_or(line);
        let words = shell_words::split(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        let arguments = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["cargo", "run", "--release", "--", rest @ ..] | ["pywagi", rest @ ..] => rest.join("\n"),
            _ => continue,
        };
        if let Err(e) = Cli::try_parse_from(std::iter::once("pywagi").chain(arguments.split('\n'))) {
            panic!("{line}\n{e}");
        }
        checked += 1;
    }
    assert!(checked >= 8, "only {checked} command lines were found");
}

#[test]
fn every_command_named_in_the_text_exists() {
    let command = Cli::command();
    let spans = README.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("pywagi "));
    let mut checked = 0;
    for span in spans {
        let mut words = span.split_whitespace();
        let name = words.next().expect("a word");
        let found = command.find_subcommand(name).unwrap_or_else(|| panic!("no command `pywagi {name}`"));
        if found.is_subcommand_required_set()
            && let Some(second) = words.next()
        {
            assert!(found.find_subcommand(second).is_some(), "no command `pywagi {name} {second}`");
        }
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} commands were found");
}

#[test]
fn every_command_has_a_section_with_all_its_flags() {
    let mut command = Cli::command();
    command.build();
    for command in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let headings = ["`", " "].map(|end| format!("### `pywagi {}{end}", command.get_name()));
        let heading = headings.iter().find(|heading| README.contains(heading.as_str()));
        let section = section(heading.unwrap_or_else(|| panic!("no section of {}", command.get_name())));
        let levels = std::iter::once(command).chain(command.get_subcommands());
        let own = levels.flat_map(|c| c.get_arguments()).filter(|a| !a.is_hide_set() && !a.is_global_set());
        let own: BTreeSet<_> = own.filter_map(|a| a.get_long()).filter(|l| *l != "help").map(str::to_owned).collect();
        assert_eq!(flags(section), own, "flags of `pywagi {}`: README.md left, the binary right", command.get_name());
    }
}

/// The block of a language that is at this place among those below a heading.
fn block(heading: &str, language: &str, at: usize) -> &'static str {
    let fence = format!("```{language}\n");
    let rest = section(heading).split(&fence).nth(at + 1);
    rest.and_then(|rest| rest.split("```").next()).unwrap_or_else(|| panic!("no {language} in {heading}"))
}

#[test]
fn the_manifests_shown_are_those_that_init_writes() {
    let flask = include_str!("../../assets/templates/flask/modules.toml");
    let plain = include_str!("../../assets/templates/plain/modules.toml");
    for (heading, written) in [("## Five minutes", flask), ("## Without a framework", plain)] {
        let shown: toml::Table = block(heading, "toml", 0).parse().expect("valid TOML");
        assert_eq!(shown, written.parse().expect("valid TOML"), "{heading}");
    }
}

#[test]
fn the_route_that_the_walk_adds_answers() {
    python("3.12");
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--offline"]).output().code(0);
    let heading = "## Without a framework";
    project.write("code/hello.py", block(heading, "python", 0));
    project.write("modules.toml", project.read("modules.toml") + "\n" + block(heading, "toml", 1));
    project.pywagi(["invoke", "/hello/from/below"]).output().code(0).stdout("Hello again\n");
}

/// Writes the scripts and routes that the section below `heading` shows into an app.
fn follow(project: &Project, heading: &str) {
    let (_, name) = section(heading).split_once("`code/").expect("the section names its script");
    let name = name.split('`').next().expect("a name");
    project.write(&format!("code/{name}"), block(heading, "python", 0));
    project.write("modules.toml", project.read("modules.toml") + "\n" + block(heading, "toml", 0));
}

#[test]
fn the_examples_do_what_the_text_says() {
    python("3.12");
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--offline"]).output().code(0);
    for heading in ["### …read a form or an upload?", "### …keep data in SQLite?", "### …serve static files?"] {
        follow(&project, heading);
    }
    project.write("data/.keep", "");
    project.write("static/style.css", "body { color: teal }\n");
    project.pywagi(["invoke", "/form", "-d", "name=Ada"]).output().code(0).stdout("name = Ada <br>\n");
    let script = project.read("code/form.py").len();
    let upload = project.pywagi(["invoke", "/form", "-F", "picture=@code/form.py"]).output();
    upload.code(0).stdout(format!("picture: form.py, {script} bytes <br>\n"));
    project.pywagi(["invoke", "/notes", "-d", "text=a < b"]).output().code(0).stdout("<li>a &lt; b</li>\n");
    project.pywagi(["invoke", "/notes"]).output().code(0).stdout("<li>a &lt; b</li>\n");
    project.pywagi(["invoke", "/static/style.css"]).output().code(0).stdout("body { color: teal }\n");
    project.pywagi(["invoke", "/static/../code/form.py"]).output().code(0).stdout("There is no such file.\n");
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let help = Cli::command().render_help().to_string();
    let codes = help.split("Exit codes:").nth(1).expect("the help lists exit codes");
    let said = section("## Exit codes");
    let mut checked = 0;
    for line in codes.lines().filter(|l| l.trim_start().starts_with(|c: char| c.is_ascii_digit())) {
        let code = line.split_whitespace().next().expect("a code");
        assert!(said.contains(&format!("| {code} |")), "README.md lacks the exit code {code}");
        checked += 1;
    }
    assert!(checked >= 5, "only {checked} exit codes were found");
}
