//! `pywagi cache`

use crate::support::{ONE, Project, wat};

#[test]
fn info_looks_and_makes_nothing() {
    let project = Project::empty();
    let cache = project.path("cache");
    let output = project.pywagi(["cache", "info"]).env("PYWAGI_CACHE_DIR", &cache).output();
    output.code(0).stderr("");
    let expected = "\
Cache: [DIR]/cache

         0 B  downloaded interpreters
         0 B  interpreters compiled for this machine
         0 B  saved interpreters, from which requests start
         0 B  which modules of packages may be saved
         0 B  checksums of interpreters
         0 B  packages built from source archives
         0 B  modules of Python for `allowed_hosts` and [[library]]
         0 B  in total
";
    assert_eq!(output.stdout_text(), expected);
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn clean_empties_what_info_shows() {
    let project = Project::empty()
        .file("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
        .file("cache/downloads/abc", [0; 2048])
        .file("cache/code/def", [0; 1])
        .file("cache/mine/letter", "kept");
    let cache = project.path("cache");
    let pywagi = |command| project.pywagi(["cache", command]).env("PYWAGI_CACHE_DIR", &cache).output();
    let expected = "\
Cache: [DIR]/cache

    2.00 KiB  downloaded interpreters
         1 B  interpreters compiled for this machine
         0 B  saved interpreters, from which requests start
         0 B  which modules of packages may be saved
         0 B  checksums of interpreters
         0 B  packages built from source archives
         0 B  modules of Python for `allowed_hosts` and [[library]]
    2.00 KiB  in total
";
    assert_eq!(pywagi("info").stdout_text(), expected);
    pywagi("clean").code(0).stdout("").stderr("     Removed 2 files, 2.00 KiB from [DIR]/cache\n");
    assert_eq!(project.names(), ["cache/CACHEDIR.TAG", "cache/code/", "cache/downloads/", "cache/mine/letter"]);
}

#[test]
fn a_directory_that_pywagi_did_not_make_is_not_emptied() {
    let project = Project::empty().file("downloads/photo.jpg", "mine");
    let output = project.pywagi(["cache", "clean"]).env("PYWAGI_CACHE_DIR", project.root()).output();
    output.code(1).stdout("").stderr(
        "error: will not empty [DIR]: it has no valid CACHEDIR.TAG\n  \
         help: pywagi tags the caches it makes; check PYWAGI_CACHE_DIR, or remove what you do not need by hand\n",
    );
    assert_eq!(project.names(), ["downloads/photo.jpg"]);
}

#[test]
fn of_processes_that_start_at_once_one_compiles() {
    // Large enough to be compiled for longer than processes take to start.
    let functions = "(func (param i64) (result i64) (i64.mul (i64.add (local.get 0) (i64.const 7)) (local.get 0)))\n";
    let guest = wat::prints("Content-Type: text/plain\n\nhello");
    let guest = guest.trim_end().strip_suffix(')').expect("a module").to_owned() + &functions.repeat(5000) + ")";
    let project = Project::new(ONE).file("guest.wat", guest);
    let cache = project.path("cache");
    let logs: Vec<_> = std::thread::scope(|scope| {
        let invoke = || project.pywagi(["invoke", "/"]).env("PYWAGI_CACHE_DIR", &cache).output();
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(invoke)).collect();
        runs.into_iter().map(|run| run.join().expect("a run")).collect()
    });
    for log in &logs {
        log.code(0).stdout("hello");
    }
    let compiled = logs.iter().filter(|log| log.stderr_text().contains("Compiled guest.wat")).count();
    assert_eq!(compiled, 1, "{}", logs.iter().map(ToString::to_string).collect::<String>());
}
