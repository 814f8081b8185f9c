//! That no message is without a test: each piece of text in the source must stand in a test, or in [`OMITTED`] with the
//! reason why none can cause it.

use std::path::{Path, PathBuf};

/// Only a machine without threads, memory, randomness or certificates, or with a broken terminal, gives it.
const MACHINE: &str = "the machine lacks something";
/// Only the permissions of another user's files give it, or a race with another program. The tests may run as root.
const PERMISSION: &str = "a permission or a race";
/// Only a mistake in pywagi itself gives it, or files whose sum was proved before.
const BUG: &str = "a bug";
/// It speeds up later requests or tells why not; whether it is said depends on what happened meanwhile.
const SPEED: &str = "a matter of speed";
/// It is read by a program, tells of no trouble, or is replaced by another message.
const NO_MESSAGE: &str = "no message";

/// What no test causes, and why.
const OMITTED: &[(&str, &str)] = &[
    ("cannot tell where the user's cache directory is", MACHINE),
    ("cannot watch for Ctrl-C", MACHINE),
    ("cannot start the log's thread", MACHINE),
    ("cannot start the WebAssembly engine", MACHINE),
    ("cannot start the runtime for the guest's system calls", MACHINE),
    ("cannot start a thread for the command", MACHINE),
    ("cannot start a thread for a guest", MACHINE),
    ("cannot set up HTTPS", MACHINE),
    ("cannot set up TLS", MACHINE),
    ("cannot start the HTTP server", MACHINE),
    ("cannot start the thread that accepts connections", MACHINE),
    ("the memory is larger than the address space", MACHINE),
    ("bytes of address space:", MACHINE),
    ("cannot grow the memory:", MACHINE),
    ("cannot open the archive", PERMISSION),
    (", which is damaged", PERMISSION),
    ("cannot make a file in", PERMISSION),
    ("cannot make a directory in", PERMISSION),
    ("cannot read the directory", PERMISSION),
    (", which an interrupted pywagi left", PERMISSION),
    ("was changed while it was installed: it is now", PERMISSION),
    ("cannot delete what was unpacked", PERMISSION),
    ("cannot put the new installation in", PERMISSION),
    ("cannot delete the old installation", PERMISSION),
    ("cannot delete what was", PERMISSION),
    ("cannot load compiled code", PERMISSION),
    ("`cache clean` must know the section", BUG),
    ("cannot make the first request", BUG),
    ("cannot write the answer as JSON", BUG),
    ("the function `", BUG),
    ("` takes parameters", BUG),
    ("` panicked, which is a bug of pywagi", BUG),
    ("the request was not answered, which is a bug of pywagi", BUG),
    ("read too much", BUG),
    ("a reader claims to have read too much", BUG),
    ("assets/toolchains.toml in this build of pywagi is damaged", BUG),
    ("the interpreter answers that it is Python", BUG),
    ("has no directory", BUG),
    ("the memory is at its largest", BUG),
    ("the memory is not exported", BUG),
    ("the image is larger than the memory", BUG),
    ("its memory is not exported", SPEED),
    ("its function objects are not laid out as CPython's", SPEED),
    ("its image cannot be written:", SPEED),
    ("it has a mutable global that is no number", SPEED),
    ("the image that was just written cannot be read", SPEED),
    ("a file that it was made from has changed", SPEED),
    ("its interpreter is started in too many different ways to save them all", SPEED),
    ("a file that the saved interpreter was made from has changed", SPEED),
    ("the saved interpreter was damaged", SPEED),
    ("the saved interpreter does not answer", SPEED),
    ("the saved interpreter answers what it was not asked", SPEED),
    ("its script is one that only a plain start reports rightly", SPEED),
    ("the saved interpreter gave no exit code", SPEED),
    ("a global is missing", SPEED),
    ("the interpreter's call slot is not a function", SPEED),
    ("the saved interpreter failed", SPEED),
    ("# This directory is a cache of pywagi; `pywagi cache clean` empties it.", NO_MESSAGE),
    ("import sys; print(sys.version.split()[0])", NO_MESSAGE),
    (") came from", NO_MESSAGE),
    ("is in the cache:", NO_MESSAGE),
    ("the interpreter is stopped to be saved", NO_MESSAGE),
    ("standard output grew beyond", NO_MESSAGE),
    ("the archive unpacks to more than allowed", NO_MESSAGE),
    ("No module named pip", NO_MESSAGE),
    ("# Written by `pywagi toolchain install`; `pywagi toolchain verify` reads it.", NO_MESSAGE),
];

/// Where messages are not looked for: the help, which `cli.rs` and `readme.rs` check.
const WITHOUT_MESSAGES: &str = "src/cli.rs";

#[test]
fn every_message_is_in_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut messages, mut tests) = (Vec::new(), String::new());
    for file in rust_files(&root.join("src")) {
        let text = std::fs::read_to_string(&file).expect("a readable source file").replace("\r\n", "\n");
        let name = file.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        // The tests are the last thing in a file.
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
        let start = if is_test { Some(0) } else { text.find("#[cfg(test)]\nmod ") };
        let (code, test) = text.split_at(start.unwrap_or(text.len()));
        tests.push_str(&as_compared(test));
        if name != WITHOUT_MESSAGES {
            let pieces = strings(code).into_iter().flat_map(|literal| pieces(&as_compared(literal)));
            messages.extend(pieces.map(|piece| (name.clone(), piece)));
        }
    }
    assert!(messages.len() > 400, "only {} pieces of text were found", messages.len());
    for file in rust_files(&root.join("tests/integration")) {
        // This file names what is in no test.
        if !file.ends_with("messages/complete.rs") {
            tests.push_str(&as_compared(&std::fs::read_to_string(file).expect("a readable test")));
        }
    }
    let omitted = |piece: &str| OMITTED.iter().any(|(text, _)| *text == piece);
    let missing: Vec<_> = messages
        .iter()
        .filter(|(_, piece)| !tests.contains(piece.as_str()) && !omitted(piece))
        .map(|(file, piece)| format!("{file}: {piece:?}\n"))
        .collect();
    assert!(missing.is_empty(), "in no test, and not in OMITTED:\n{}", missing.concat());
    for (text, why) in OMITTED {
        assert!(messages.iter().any(|(_, piece)| piece == text), "no message holds {text:?} ({why}) any more");
        assert!(!tests.contains(text), "{text:?} ({why}) is in a test");
    }
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The string literals of some code, without their quotes and as they are written. Comments and characters may hold
/// quotes; a raw string may hold anything up to its end, and none of them is a message.
fn strings(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, from) = rest.split_at(at);
        let end = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with('"') && before.ends_with('#') {
            from[1..].find("\"#").expect("the end of a raw string") + 3
        } else if let Some(string) = from.strip_prefix('"') {
            let mut escaped = false;
            let ends = |c| {
                let was_escaped = escaped;
                escaped = c == '\\' && !was_escaped;
                c == '"' && !was_escaped
            };
            let end = string.find(ends).expect("the end of a string");
            if !before.ends_with('b') {
                found.push(&string[..end]);
            }
            end + 2
        } else if let Some(after) = from.strip_prefix("'\\") {
            after[1..].find('\'').expect("the end of a character") + 4
        } else if from.starts_with('\'') && from.chars().nth(2) == Some('\'') {
            from.char_indices().nth(2).expect("the end of a character").0 + 1
        } else {
            // A slash, or a lifetime.
            1
        };
        rest = &from[end..];
    }
    found
}

/// Text of a source file as it is compared: every line end and escaped one is a space, a quote is a quote.
fn as_compared(source: &str) -> String {
    let mut text = String::new();
    for (i, line) in source.split("\\\n").enumerate() {
        text.push_str(if i == 0 { line } else { line.trim_start() });
    }
    let text = text.replace("\\n", " ").replace("\\\"", "\"").replace("{{", "{").replace("}}", "}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands between the places for values; fewer than three words could stand anywhere.
fn pieces(literal: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut inside = false;
    for c in literal.chars() {
        match c {
            '{' => {
                inside = true;
                pieces.push(String::new());
            }
            '}' => inside = false,
            _ if inside => {}
            c => pieces.last_mut().expect("one at least").push(c),
        }
    }
    let pieces = pieces.iter().map(|piece| piece.trim().to_owned());
    pieces.filter(|piece| piece.split(' ').count() >= 3).collect()
}
