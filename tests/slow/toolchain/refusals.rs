//! What `install`, `verify`, `list` and `remove` refuse, as whole texts. What the system itself says is had by asking
//! it for the same.

use super::support::{Entry, Outcome, Place, gzip, interpreter_tar_gz, prints, sha256, tar, with_padding};
use crate::support::wat;

const TRY_ANOTHER: &str = "  help: give a CPython built for wasm32-wasip1; one whose library is not inside the module \
                           needs an archive with bin/ and lib/\n";
const IN_ITS_PLACE: &str = "  help: something else is in its place: move that away, or give another path\n";
const AGAIN: &str = "  help: run `pywagi toolchain install --from [DIR]/home/p.tar.gz` to install it again\n";

/// A place with an interpreter installed that has a library of so many modules.
fn installed(modules: usize) -> Place {
    let place = Place::new();
    place.file("p.tar.gz", interpreter_tar_gz("3.9.1", modules));
    place.run(&["install", "--from", "p.tar.gz"]).ok();
    place
}

/// Installs a module that is an interpreter only by its name.
fn install(module: &[u8]) -> (Place, Outcome) {
    let place = Place::new();
    place.file("my.wasm", module);
    let outcome = place.run(&["install", "--quiet", "--from", "my.wasm"]);
    (place, outcome)
}

#[test]
fn interpreters_that_do_not_run() {
    let module = |text: &str| with_padding(text, 0);
    let deep = "(module (memory (export \"memory\") 1) (func $f (param i64) (call $f (i64.add (local.get 0)
        (i64.const 1))) (drop (i64.add (local.get 0) (i64.const 2)))) (func (export \"_start\") (call $f (i64.const 0))))";
    let many_lines: String = (1..=12).map(|n| format!("line {n}\n")).collect();
    let last_lines: String = (3..=12).map(|n| format!("\n  line {n}")).collect();
    for (bytes, why) in [
        (
            module(&wat::writes("", "no such option\n\nusage\n", 2)),
            "it does not run: it exited with code 2\n  no such option\n  usage".to_owned(),
        ),
        (
            module(&wat::traps("", many_lines)),
            format!("it does not run: it trapped: wasm `unreachable` instruction executed{last_lines}"),
        ),
        (module(deep), "it does not run: it exhausted its call stack".to_owned()),
        (
            module(&wat::prints("3".repeat(70_000))),
            "it does not run: asked for its version, it printed more than 65536 bytes".to_owned(),
        ),
        (
            module("(module (memory (export \"memory\") 40000) (func (export \"_start\")))"),
            "it does not run: memory minimum size of 40000 pages exceeds memory limits".to_owned(),
        ),
        (
            module("(module (import \"env\" \"f\" (func)) (memory (export \"memory\") 1) (func (export \"_start\")))"),
            "the module python3.wasm imports `f` from `env`, which WASI preview 1 does not have".to_owned(),
        ),
        (
            module(
                "(module (import \"wasi_snapshot_preview1\" \"f\" (func)) (memory (export \"memory\") 1)
                 (func (export \"_start\")))",
            ),
            "the module python3.wasm is not a WASI preview 1 module: unknown import: `wasi_snapshot_preview1::f` has \
             not been defined"
                .to_owned(),
        ),
    ] {
        let (place, outcome) = install(&bytes);
        let expected = format!("error: cannot use the interpreter from [DIR]/home/my.wasm: {why}\n{TRY_ANOTHER}");
        outcome.check(1, &expected);
        assert!(place.in_opt().is_empty());
    }
}

#[test]
fn an_interpreter_that_complains_is_installed_with_a_warning() {
    let (place, outcome) = install(&with_padding(&wat::writes("3.9.1\n", "Could not find libraries\n", 0), 0));
    outcome.check(0, "warning: the interpreter runs, but writes to standard error:\n  Could not find libraries\n");
    assert_eq!(place.in_opt(), ["wasi-python"]);
}

#[test]
fn what_from_names_and_cannot_be() {
    let place = Place::new();
    let url = "  help: give a URL such as https://example.com/python.wasm\n";
    for (from, expected) in [
        ("http://", format!("error: \"http://\" is not a valid URL: empty host\n{url}")),
        ("http://a:99999/", format!("error: \"http://a:99999/\" is not a valid URL: invalid port number\n{url}")),
        ("ftp://a/b", format!("error: \"ftp://a/b\" is not an http or https URL\n{url}")),
        (
            "file://host/a.wasm",
            "error: \"file://host/a.wasm\" does not name a file on this machine\n  \
             help: give the file's path, or a URL such as file:///home/me/python.wasm\n"
                .to_owned(),
        ),
    ] {
        place.run(&["install", "--from", from]).check(2, &expected);
    }
}

#[test]
fn a_record_that_is_damaged() {
    let place = installed(1);
    let record = "opt/wasi-python/installed.toml";
    let all = |why: &str| {
        for command in [&["list"][..], &["verify"], &["remove"], &["install", "--from", "p.tar.gz"]] {
            place.run(command).check(
                1,
                &format!(
                    "error: [DIR]/home/{record} is damaged: {why}\n  \
                     help: delete [DIR]/home/opt/wasi-python and run `pywagi toolchain install` again\n"
                ),
            );
        }
    };
    place.file(record, b"\xff");
    all("it is not UTF-8");
    place.file(record, "nonsense");
    all("TOML parse error at line 1, column 9\n  |\n1 | nonsense\n  |         ^\nkey with no value, expected `=`");
    place.file(record, "format = 1\n");
    all("TOML parse error at line 1, column 1\n  |\n1 | format = 1\n  | ^\nmissing field `version`");
    let files = "format = 1\nversion = \"3\"\ninstalled = \"\"\norigin = []\n[environment]\n[files]\n";
    place.file(record, format!("{files}a = {{ size = 1, sha256 = \"12\" }}\n"));
    all(
        "TOML parse error at line 7, column 26\n  |\n7 | a = { size = 1, sha256 = \"12\" }\n  |                          ^^^^\n\
         a SHA-256 has 64 hexadecimal digits",
    );
    std::fs::File::create(place.path(record)).unwrap().set_len((16 << 20) + 1).unwrap();
    all("its size is 16777217 bytes, more than the limit of 16777216");
    std::fs::remove_file(place.path(record)).unwrap();
    std::fs::create_dir(place.path(record)).unwrap();
    all("it is not a regular file");
}

#[test]
fn something_else_in_the_place_of_the_installation() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    place.file("opt/wasi-python", "mine");
    for command in [&["list"][..], &["verify"], &["remove"], &["install", "--from", "my.wasm"]] {
        place.run(command).check(
            1,
            "error: [DIR]/home/opt/wasi-python is not a directory, so it was not installed by pywagi\n  \
             help: move it elsewhere, or name another directory with --opt-dir\n",
        );
    }
    assert_eq!(std::fs::read(place.path("opt/wasi-python")).unwrap(), b"mine");
}

#[test]
fn something_else_in_the_place_of_opt() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    place.file("opt", "mine");
    let taken = std::fs::create_dir(place.path("opt")).unwrap_err();
    let expected = format!(
        "error: cannot create the directory [DIR]/home/opt: {taken}\n  help: name another directory with --opt-dir\n"
    );
    place.run(&["install", "--from", "my.wasm"]).check(1, &expected);
    for command in ["verify", "remove"] {
        place.run(&[command]).check(
            1,
            "error: no interpreter is installed in opt/wasi-python\n  \
             help: install one with `pywagi toolchain install`, or name its directory with --opt-dir\n",
        );
    }
}

#[test]
fn something_else_in_the_place_of_a_lock() {
    let place = Place::new();
    let module = prints("3.9.1\n", 0);
    place.file("my.wasm", &module);
    let lock = place.path("opt/.pywagi.lock");
    std::fs::create_dir_all(&lock).unwrap();
    let taken = std::fs::File::options().write(true).open(&lock).unwrap_err();
    let expected = format!("error: cannot lock [DIR]/home/opt/.pywagi.lock: {taken}\n{IN_ITS_PLACE}");
    place.run(&["install", "--from", "my.wasm"]).check(1, &expected);

    let lock = place.downloads().join(format!("{}.lock", sha256(&module)));
    std::fs::create_dir(&lock).unwrap();
    let url = "http://127.0.0.1:9/my.wasm";
    let taken = std::fs::File::options().write(true).open(&lock).unwrap_err();
    let expected =
        format!("error: cannot lock [DIR]/cache/downloads/{}.lock: {taken}\n{IN_ITS_PLACE}", sha256(&module));
    place.run(&["install", "--from", url, "--sha256", &sha256(&module)]).check(1, &expected);
}

#[cfg(unix)]
#[test]
fn something_else_in_the_place_of_a_download() {
    let place = Place::new();
    let sum = sha256(b"x");
    let arguments = ["install", "--from", "http://127.0.0.1:9/my.wasm", "--sha256", &sum];
    // Makes the cache.
    place.run(&["list"]).ok();
    let download = place.downloads().join(&sum);
    std::fs::create_dir(&download).unwrap();
    let taken = std::fs::read(&download).unwrap_err();
    place.run(&arguments).check(1, &format!("error: cannot read [DIR]/cache/downloads/{sum}: {taken}\n{IN_ITS_PLACE}"));
    std::fs::remove_dir(&download).unwrap();
    let part = place.downloads().join(format!("{sum}.part"));
    std::fs::create_dir(&part).unwrap();
    let taken = std::fs::File::options().write(true).open(&part).unwrap_err();
    place
        .run(&arguments)
        .check(1, &format!("error: cannot write [DIR]/cache/downloads/{sum}.part: {taken}\n{IN_ITS_PLACE}"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read() {
    // A regular file whose first byte nobody can read.
    const UNREADABLE: &str = "/proc/self/mem";
    let why = std::fs::read(UNREADABLE).unwrap_err();
    let expected = format!("error: cannot read {UNREADABLE}: {why}\n");
    Place::new().run(&["install", "--from", UNREADABLE]).check(1, &expected);
}

#[test]
fn an_installation_that_is_not_as_recorded() {
    let place = installed(25);
    for n in 0..25 {
        std::fs::remove_file(place.path(&format!("opt/wasi-python/lib/python3.9/m{n}.py"))).unwrap();
    }
    let mut names: Vec<_> = (0..25).map(|n| format!("  missing  lib/python3.9/m{n}.py\n")).collect();
    names.sort();
    let shown = names[..20].concat();
    let expected = format!(
        "   Verifying opt/wasi-python\nerror: opt/wasi-python is not as it was installed\n{shown}  and 5 more\n{AGAIN}"
    );
    place.run(&["verify"]).check(1, &expected);
}

#[test]
fn an_installation_with_another_version_than_its_record() {
    let place = installed(1);
    let record = "opt/wasi-python/installed.toml";
    let text = std::fs::read_to_string(place.path(record)).unwrap();
    place.file(record, text.replace("3.9.1", "3.9.2"));
    let expected = format!(
        "   Verifying opt/wasi-python\n\
         error: the interpreter in opt/wasi-python reports version 3.9.1, and its record says 3.9.2\n{AGAIN}"
    );
    place.run(&["verify"]).check(1, &expected);
}

#[test]
fn an_installation_that_does_not_run_any_more() {
    // Recorded as it is, as by somebody who updated the record along with the file.
    let place = installed(1);
    let record = "opt/wasi-python/installed.toml";
    let wasm = place.path("opt/wasi-python/bin/python3.wasm");
    let (old, new) = (std::fs::read(&wasm).unwrap(), with_padding(&wat::writes("", "no library\n", 1), 0));
    std::fs::write(&wasm, &new).unwrap();
    let text = std::fs::read_to_string(place.path(record)).unwrap();
    let text = text.replace(&sha256(&old), &sha256(&new));
    place.file(record, text.replace(&format!("size = {}\n", old.len()), &format!("size = {}\n", new.len())));
    let outcome = place.run(&["verify", "--quiet"]);
    outcome.check(
        1,
        &format!(
            "error: the interpreter in opt/wasi-python does not work: it does not run: it exited with code 1\n  \
             no library\n{AGAIN}"
        ),
    );
}

/// Installs a `.tar.gz` of these entries, which must fail like this.
#[track_caller]
fn refused(entries: &[Entry<'_>], steps: &str, error: &str) {
    let place = Place::new();
    place.file("p.tar.gz", gzip(&tar(entries)));
    let expected = format!("   Unpacking [DIR]/home/p.tar.gz\n{steps}error: {error}\n");
    place.run(&["install", "--from", "p.tar.gz"]).check(1, &expected);
    assert!(place.in_opt().is_empty());
}

#[test]
fn archives_whose_interpreter_is_none() {
    let help = "the archive must contain one interpreter: bin/*.wasm and lib/, or python.wasm and lib/python3.N/";
    for bytes in [&b"#!/bin/sh\n"[..], b"\x1f\x8b\x08", b""] {
        let message = "python/bin/p.wasm in [DIR]/home/p.tar.gz is not a WebAssembly module";
        refused(&[Entry::file("python/bin/p.wasm", bytes)], "", &format!("{message}\n  help: {help}"));
    }
}

#[test]
fn archives_whose_library_does_not_fit() {
    use std::io::Write;

    let wasm = prints("3.9.1\n", 0);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("re.py", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(b"import enum\n").unwrap();
    let library = writer.finish().unwrap().into_inner();
    let interpreter = || Entry::file("bin/p.wasm", &wasm);
    refused(
        &[
            interpreter(),
            Entry::file("lib/python39.zip", &library),
            Entry::file("lib/python3.9/re.py", b"import another\n"),
        ],
        "   Unpacking python39.zip\n",
        "[DIR]/home/p.tar.gz contains lib/python3.9/re.py twice, in its library's zip and beside it\n  \
         help: leave one of the two out of the archive",
    );
    refused(
        &[interpreter(), Entry::file("lib/python39.zip", b"no zip")],
        "   Unpacking python39.zip\n",
        "cannot read the archive python39.zip: invalid Zip archive: Could not find EOCD\n  \
         help: it is damaged or incomplete; download it again",
    );
}
