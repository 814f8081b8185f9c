//! Every script of the corpus, debugged.

use std::collections::HashMap;
use std::path::Path;

use pywagi::guest::{self, Calls, Debugger, Input, Program};

use super::{TRACE, Typed, directory};
use crate::both_ways::without_addresses;
use crate::corpus;
use crate::interpreter::{self, EmptyCache, SCIENCE, VERSIONS, Version};
use crate::support::part::{self, part};

/// Scripts that notice a debugger, and how: on 3.11, which has only `sys.settrace`, and on the scientific interpreter.
const NOTICING: [(&str, &str, &str); 10] = [
    ("3.11", "recursion", "in the last calls before the recursion limit there is no room to call a trace function"),
    ("3.11", "recursion_depth", "as recursion"),
    ("3.11", "recursion_in_c", "as recursion"),
    ("3.11", "recursion_through_c", "as recursion"),
    ("3.11", "recursion_two", "as recursion"),
    ("3.11", "sys_state", "it asks for the trace function"),
    ("3.11", "memory_error_full", "it takes the last byte of its memory, of which the debugger has some"),
    (SCIENCE.0, "memory_error_full", "as on 3.11"),
    (SCIENCE.0, "finish_del_modules", "modules end in another order"),
    (SCIENCE.0, "signals", "pdb is the first to import the module in C, which keeps a state of its own"),
];

#[test]
fn every_script_of_the_corpus_takes_its_way_when_it_is_debugged_on_3_12() {
    debug_corpus(VERSIONS[0]);
}

#[test]
fn every_script_of_the_corpus_takes_its_way_when_it_is_debugged_on_3_11() {
    debug_corpus(VERSIONS[1]);
}

#[test]
fn the_corpus_takes_its_way_when_it_is_debugged_on_versions_that_are_built_here() {
    interpreter::built().for_each(debug_corpus);
}

#[test]
fn the_corpus_takes_its_way_when_it_is_debugged_on_the_scientific_interpreter() {
    debug_corpus(SCIENCE);
}

fn debug_corpus(version: Version) {
    let different = interpreter::with_stack(move || differences(version));
    assert!(different.is_empty(), "{} on {version:?}:\n{}", different.len(), different.join("\n"));
}

fn empty(directory: &Path) {
    for entry in std::fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a directory entry").path();
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.expect("it can be emptied");
    }
}

fn differences(version: Version) -> Vec<String> {
    let cache = EmptyCache::new();
    let runtime = interpreter::runtime(&cache);
    let mut programs: HashMap<_, Program> = HashMap::new();
    let mut found = Vec::new();
    let data = directory();
    let notices = |name: &str| NOTICING.iter().any(|(on, noticing, _)| *on == version.0 && *noticing == name);
    let mut cases = if version.is_isolated() { corpus::isolated_cases(version.0) } else { corpus::cases(version.0) };
    cases.retain(|case| !case.cold && !notices(&case.name));
    // Each by one of the two debuggers.
    let what = format!("the corpus in a debugger on {}", version.0);
    let cases = part(&what, cases, 11, usize::from(version.0 == "3.11"), |_| false);
    for (number, case) in cases.iter().enumerate() {
        empty(data.path());
        let mut input = interpreter::input(version, &case.directory, data.path(), &case.arguments);
        input.environment.extend(case.environment.iter().cloned());
        input.stdin = case.stdin.clone().into();
        let program = programs.entry(case.start()).or_insert_with(|| interpreter::load(&runtime, &version.module()));
        guest::warm_up(program, &input).expect("it can be saved");
        let mut output = guest::run(program, &Input { calls: Calls::Recorded, ..input.clone() });
        let Some(recording) = output.recording.take() else {
            found.push(format!("{}: not recorded", case.name));
            continue;
        };
        let sessions = [(TRACE, ""), (Debugger::Pdb, "s\nn\np 1\nw\np __import__('pprint')\nc\n")];
        let sessions = sessions.into_iter().enumerate().filter(|(i, _)| part::all() || *i == number % 2);
        for (_, (debugger, typed)) in sessions {
            let terminal = Typed::new(typed);
            let shown = terminal.clone();
            let session = match guest::debug(program, &input, &recording, &debugger, Box::new(terminal)) {
                Ok(session) => session,
                Err(why) => {
                    found.push(format!("{} {debugger:?}: {why}", case.name));
                    continue;
                }
            };
            let is_alike = session.output.exit == output.exit && !session.is_ended_early;
            let shown = shown.shown();
            let tail: String = shown.chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
            if let Some(deviation) = session.output.deviation {
                found.push(format!("{} {debugger:?}: {deviation}\n{tail}", case.name));
            } else if !is_alike {
                found.push(format!(
                    "{} {debugger:?}: {:?}, was {:?}\n{tail}",
                    case.name, session.output.exit, output.exit
                ));
            } else {
                let pairs = [(&output.stdout, &session.output.stdout), (&output.stderr, &session.output.stderr)];
                let is_same = pairs.iter().all(|(was, is)| was == is);
                assert_eq!(is_same, !session.output_differs, "{}", case.name);
                for (was, is) in pairs {
                    let (was, is) = (without_addresses(was), without_addresses(is));
                    if was != is {
                        let (was, is) = (String::from_utf8_lossy(&was), String::from_utf8_lossy(&is));
                        found.push(format!("{} {debugger:?}:\n  {was:.400}\n  {is:.400}", case.name));
                    }
                }
            }
        }
    }
    found
}
