//! A full disk, at each step of an installation: `ulimit -f` makes every write beyond the limit fail, as it does.

use super::server::{Reply, Server};
use super::support::{Entry, Outcome, Place, gzip, prints, sha256, tar};
use crate::support::{after, small_disk};

/// More than any file may have.
const SIZE: usize = 300_000;

/// Runs `pywagi toolchain` where no file may be larger than half of that.
fn run(place: &Place, arguments: &[&str]) -> Outcome {
    place.outcome(after(&small_disk(SIZE / 2), &place.command(arguments)))
}

/// What the system says.
fn full() -> std::io::Error {
    std::io::Error::from(rustix::io::Errno::FBIG)
}

/// Standard error with `[NEW]` and `[UNPACKED]` for the directories in which an installation is made.
fn without_temporary_names(text: &str) -> String {
    let mut text = text.to_owned();
    for (name, shown) in [(".wasi-python.new-", "[NEW]"), (".unpacked-", "[UNPACKED]")] {
        while let Some(at) = text.find(name) {
            let length = text[at + name.len()..].find(|c: char| !c.is_ascii_alphanumeric()).expect("an end");
            text.replace_range(at..at + name.len() + length, shown);
        }
    }
    text
}

#[test]
fn for_a_download() {
    let place = Place::new();
    let module = prints("3.9.1\n", SIZE);
    let server = Server::new(vec![Reply::whole(&module)]);
    let sum = sha256(&module);
    let outcome = run(&place, &["install", "--from", &server.url("p.wasm"), "--sha256", &sum]);
    let expected = format!(
        " Downloading p.wasm\nerror: cannot write [DIR]/cache/downloads/{sum}.part: {}\n  \
         help: make room where it is to be written\n",
        full()
    );
    outcome.check(1, &expected);
    assert!(place.in_opt().is_empty());
}

#[test]
fn for_the_interpreter() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", SIZE));
    let outcome = run(&place, &["install", "--from", "my.wasm"]);
    let expected = format!(
        "error: cannot copy [DIR]/home/my.wasm to [DIR]/home/opt/[NEW]/bin/python3.wasm: {}\n  \
         help: make room where it is to be written\n",
        full()
    );
    assert_eq!((outcome.code, without_temporary_names(&outcome.stderr)), (Some(1), expected));
    assert!(place.in_opt().is_empty());
}

#[test]
fn for_the_library() {
    let place = Place::new();
    let large = vec![b'x'; SIZE];
    place.file("p.tar.gz", gzip(&tar(&[Entry::file("lib/large.py", &large)])));
    let outcome = run(&place, &["install", "--from", "p.tar.gz"]);
    let expected = format!(
        "   Unpacking [DIR]/home/p.tar.gz\n\
         error: cannot unpack \"lib/large.py\" of [DIR]/home/p.tar.gz into [DIR]/home/opt/[NEW]/[UNPACKED]: {}\n  \
         help: check that the disk has free space and that the directory is writable\n",
        full()
    );
    assert_eq!((outcome.code, without_temporary_names(&outcome.stderr)), (Some(1), expected));
    assert!(place.in_opt().is_empty());
}
