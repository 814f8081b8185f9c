//! Installations that are killed, and two at once.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use super::server::{Reply, Server};
use super::support::{Place, interpreter_tar_gz, prints, sha256};

/// Long enough for anything that should happen at all.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_download_that_was_killed_is_resumed_by_the_next_one() {
    let place = Place::new();
    let module = prints("3.9.1\n", 300_000);
    let (reply, sent, go_on) = Reply::cut(&module, 100_000).hold(b"");
    let server = Server::new(vec![reply, Reply::rest(&module, 100_000)]);
    let url = server.url("p.wasm");
    let arguments = ["install", "--from", &url, "--sha256", &sha256(&module)];
    let mut child = place.command(&arguments).spawn().unwrap();
    sent.recv_timeout(PATIENCE).unwrap();
    // All that was sent has arrived once the part is that long.
    let part = place.downloads().join(format!("{}.part", sha256(&module)));
    let deadline = std::time::Instant::now() + PATIENCE;
    while std::fs::metadata(&part).map_or(0, |m| m.len()) < 100_000 {
        assert!(std::time::Instant::now() < deadline, "the part does not grow");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(go_on);
    assert!(place.in_opt().is_empty());
    place.run(&["verify"]).check(
        1,
        "error: no interpreter is installed in opt/wasi-python\n  \
         help: install one with `pywagi toolchain install`, or name its directory with --opt-dir\n",
    );
    place.run(&arguments).ok();
    place.run(&["verify"]).ok();
    assert_eq!(server.requests(), ["GET /p.wasm HTTP/1.1", "GET /p.wasm HTTP/1.1 | range: bytes=100000-"]);
}

#[test]
fn an_installation_killed_at_any_moment_leaves_the_old_state_or_the_new() {
    let place = Place::new();
    place.file("old.tar.gz", interpreter_tar_gz("3.1.0", 400));
    place.file("new.tar.gz", interpreter_tar_gz("3.2.0", 400));
    let install = |archive: &str| place.run(&["install", "--from", archive]).ok().stderr.clone();
    // Both are compiled once, so that what is killed below spends its time on files.
    install("new.tar.gz");
    install("old.tar.gz");
    let begin = std::time::Instant::now();
    install("old.tar.gz");
    let whole = begin.elapsed();
    let (mut old, mut new) = (0, 0);
    const MOMENTS: u32 = 24;
    for moment in 0..MOMENTS {
        let mut child = place.command(&["install", "--from", "new.tar.gz"]).spawn().unwrap();
        // Moments spread over the whole and somewhat beyond; what holds must hold at every one of them.
        std::thread::sleep(whole * moment / (MOMENTS - 4));
        child.kill().unwrap();
        child.wait().unwrap();
        let stderr = place.run(&["verify"]).ok().stderr.clone();
        let is = |version: &str| stderr.contains(&format!("Verified Python {version} in opt/wasi-python: 401 files"));
        match (is("3.1.0"), is("3.2.0")) {
            (true, false) => old += 1,
            (false, true) => {
                new += 1;
                install("old.tar.gz");
            }
            _ => panic!("moment {moment}:\n{stderr}"),
        }
    }
    assert_eq!(old + new, MOMENTS);
    install("new.tar.gz");
    assert_eq!(place.in_opt(), ["wasi-python"]);
}

#[test]
fn of_two_installations_at_once_the_second_waits_and_finds_what_the_first_fetched() {
    let place = Place::new();
    let module = prints("3.9.1\n", 300_000);
    let (reply, sent, go_on) = Reply::cut(&module, 100_000).hold(&module[100_000..]);
    // One reply: a second request would be refused.
    let server = Server::new(vec![reply]);
    let url = server.url("p.wasm");
    let arguments = ["install", "--from", &url, "--sha256", &sha256(&module)];
    let first = place.command(&arguments).spawn().unwrap();
    sent.recv_timeout(PATIENCE).unwrap();
    let mut second = place.command(&arguments).spawn().unwrap();
    let mut stderr = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let lock = place.downloads().join(format!("{}.lock", sha256(&module)));
    let waiting = format!("Waiting for another pywagi that downloads the same file (lock: {})\n", lock.display());
    assert_eq!(line, waiting);
    go_on.send(()).unwrap();
    let first = first.wait_with_output().unwrap();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert!(second.wait().unwrap().success(), "{rest}");
    assert_eq!(server.requests().len(), 1);
    place.run(&["verify"]).ok();
    assert_eq!(place.in_opt(), ["wasi-python"]);
}

#[test]
fn a_damaged_download_is_left_to_the_process_that_holds_its_lock() {
    let place = Place::new();
    let module = prints("3.9.1\n", 0);
    let sum = sha256(&module);
    // Creates the cache.
    place.run(&["list"]).ok();
    let download = place.downloads().join(&sum);
    std::fs::write(&download, "damaged").unwrap();
    let lock = std::fs::File::create(place.downloads().join(format!("{sum}.lock"))).unwrap();
    lock.lock().unwrap();
    let url = "http://127.0.0.1:9/p.wasm";
    let mut child = place.command(&["install", "--from", url, "--sha256", &sum, "--offline"]).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("Waiting for another pywagi that downloads the same file"), "{line}");
    assert_eq!(std::fs::read(&download).unwrap(), b"damaged");
    // The holder of the lock repairs the file, which is then installed.
    std::fs::write(&download, &module).unwrap();
    drop(lock);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    assert_eq!(std::fs::read(&download).unwrap(), module);
}

#[test]
fn while_another_process_changes_opt_it_is_waited_for() {
    let place = Place::new();
    place.file("p.tar.gz", interpreter_tar_gz("3.9.1", 1));
    place.run(&["install", "--from", "p.tar.gz"]).ok();
    for arguments in [&["verify"][..], &["install", "--from", "p.tar.gz"], &["remove"]] {
        let lock = std::fs::File::options().write(true).open(place.path("opt/.pywagi.lock")).unwrap();
        lock.lock().unwrap();
        let mut waiting = place.command(arguments).spawn().unwrap();
        let mut stderr = BufReader::new(waiting.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert_eq!(place.normal(line.as_bytes()), "Waiting for another pywagi that changes [DIR]/home/opt\n");
        drop(lock);
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
        assert!(waiting.wait().unwrap().success(), "{rest}");
    }
    assert!(place.in_opt().is_empty());
}

#[test]
fn many_installations_at_once_leave_one_whole_one() {
    let place = Place::new();
    let versions = ["3.1.0", "3.2.0", "3.3.0", "3.4.0"];
    for version in versions {
        place.file(&format!("{version}.tar.gz"), interpreter_tar_gz(version, 50));
    }
    let start = |version| place.command(&["install", "--from", &format!("{version}.tar.gz")]).spawn().unwrap();
    let children: Vec<_> = versions.into_iter().map(start).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let stderr = place.run(&["verify"]).ok().stderr.clone();
    assert!(versions.iter().any(|v| stderr.contains(&format!("Verified Python {v} in"))), "{stderr}");
    assert_eq!(place.in_opt(), ["wasi-python"]);
}
