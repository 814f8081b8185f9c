//! The manual pages in docs/man: they are in archives and in the wheel, so they are made before any build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;
use pywagi::cli::Cli;

/// Adds the pages of a command and of those below it, by their file names.
fn make(command: clap::Command, pages: &mut BTreeMap<String, String>) {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        make(below.clone(), pages);
    }
    // Without a date there would be one argument less, and the source in its place.
    let man = Man::new(command).date(" ").source(concat!("pywagi ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render(&mut page).expect("a page can be made");
    pages.insert(man.get_filename(), as_written(&String::from_utf8(page).expect("a page is text")));
}

/// Has the lines of a help's last part as they are, examples and tables among them; they would be filled as one paragraph.
fn as_written(page: &str) -> String {
    let Some((head, tail)) = page.split_once("\n.SH EXTRA\n") else { return page.to_owned() };
    let (text, rest) =
        tail.split_once("\n.SH ").map_or((tail, String::new()), |(text, rest)| (text, format!(".SH {rest}")));
    format!("{head}\n.SH DETAILS\n.nf\n{}\n.fi\n{rest}", text.trim_end())
}

/// After a change of a command's help, `PYWAGI_UPDATE_HELP=1` makes this test write the pages anew.
#[test]
fn each_command_has_a_page_that_says_what_its_help_says() {
    let mut made = BTreeMap::new();
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    make(command, &mut made);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    if std::env::var_os("PYWAGI_UPDATE_HELP").is_some() {
        std::fs::remove_dir_all(&directory).expect("docs/man can be removed");
        std::fs::create_dir(&directory).expect("docs/man can be made");
        for (name, page) in &made {
            std::fs::write(directory.join(name), page).expect("docs/man can be written");
        }
    }
    let remedy = "run PYWAGI_UPDATE_HELP=1 cargo test --test integration cli::";
    let entries = std::fs::read_dir(&directory).expect("docs/man can be read");
    let names = entries.map(|e| e.expect("an entry").file_name().into_string().expect("a name"));
    let names: BTreeSet<_> = names.collect();
    assert!(made.keys().eq(&names), "docs/man has {names:?}, the commands are {:?}; {remedy}", made.keys());
    for (name, page) in &made {
        let kept = std::fs::read_to_string(directory.join(name)).expect("a page can be read");
        assert!(*page == kept.replace("\r\n", "\n"), "docs/man/{name} is not what the help says; {remedy}");
    }
}
