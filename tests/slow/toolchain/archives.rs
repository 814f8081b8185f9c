//! Archives of the user's: good ones, strange ones, hostile ones.

use std::io::{Cursor, Write};

use pywagi::toolchain::archive::{Archive, Limits, unpack_tar_gz, unpack_zip};

use super::support::{Entry, Place, gzip, interpreter_tar_gz, prints, sha256, tar};

const CARELESS: &str = "  help: the archive is faulty or malicious; nothing of it was installed\n";

/// The message and what helps, as the terminal shows them.
fn told(error: &pywagi::error::Error) -> String {
    format!("{error}\n  help: {}\n", error.remedy_text().unwrap_or_default())
}

/// A `.zip` of these files, stored.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, data) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Installs an archive of a good interpreter and `entry`, which must be refused with `why`, and leave nothing.
#[track_caller]
fn refused(entries: &[Entry<'_>], why: &str) {
    let place = Place::new();
    let wasm = prints("3.9.1\n", 0);
    let mut all = vec![Entry::file("bin/python3.wasm", &wasm)];
    all.extend(entries.iter().map(|e| Entry { ..*e }));
    place.file("p.tar.gz", gzip(&tar(&all)));
    let outcome = place.run(&["install", "--from", "p.tar.gz"]);
    let expected =
        format!("   Unpacking [DIR]/home/p.tar.gz\nerror: will not unpack [DIR]/home/p.tar.gz: {why}\n{CARELESS}");
    outcome.check(1, &expected);
    assert!(place.in_opt().is_empty(), "{:?}", place.in_opt());
    let mut names: Vec<_> = std::fs::read_dir(place.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["modules.toml", "opt", "p.tar.gz"]);
}

#[test]
fn paths_that_lead_out_are_refused() {
    refused(&[Entry::file("/tmp/x", b"")], r#"its entry "/tmp/x" is an absolute path"#);
    refused(&[Entry::file("../x", b"")], r#"its entry "../x" leads out of the archive by .."#);
    refused(&[Entry::file("lib/../../x", b"")], r#"its entry "lib/../../x" leads out of the archive by .."#);
    refused(&[Entry::of_kind("../x/", b'5', "")], r#"its entry "../x/" leads out of the archive by .."#);
    let unusual = "has a character that file names cannot contain on every system";
    refused(&[Entry::file("lib\\..\\..\\x", b"")], &format!(r#"its entry "lib\\..\\..\\x" {unusual}"#));
    refused(&[Entry::file("C:x", b"")], &format!(r#"its entry "C:x" {unusual}"#));
}

#[test]
fn names_that_not_every_system_can_have_are_refused() {
    let unusual = "has a name that files cannot have on every system";
    refused(&[Entry::file("lib/nul.py", b"")], &format!(r#"its entry "lib/nul.py" {unusual}"#));
    refused(&[Entry::file("lib/a.", b"")], &format!(r#"its entry "lib/a." {unusual}"#));
    refused(&[Entry::file("", b"")], r#"its entry "" has an empty name"#);
    refused(&[Entry::file(".", b"")], r#"its file "." has no name"#);
}

#[test]
fn everything_but_files_and_directories_is_refused() {
    let kinds: [(u8, &str); 6] = [
        (b'1', "a hard link"),
        (b'2', "a symbolic link"),
        (b'3', "a character device"),
        (b'4', "a block device"),
        (b'6', "a named pipe"),
        (b'Z', "of the unknown type 'Z'"),
    ];
    for (kind, name) in kinds {
        refused(&[Entry::of_kind("lib/x", kind, "/etc/passwd")], &format!(r#"its entry "lib/x" is {name}"#));
    }
}

#[test]
fn a_link_is_refused_before_anything_is_written_through_it() {
    let entries = [Entry::of_kind("lib", b'2', "/"), Entry::file("lib/x", b"")];
    refused(&entries, r#"its entry "lib" is a symbolic link"#);
}

#[test]
fn two_entries_of_one_name_are_refused() {
    refused(&[Entry::file("bin/python3.wasm", b"")], r#"two of its entries are named "bin/python3.wasm""#);
    refused(&[Entry::file("./bin//python3.wasm", b"")], r#"two of its entries are named "./bin//python3.wasm""#);
    refused(&[Entry::of_kind("bin/python3.wasm/", b'5', "")], r#"two of its entries are named "bin/python3.wasm/""#);
    refused(&[Entry::file("bin/python3.wasm/x", b"")], r#"two of its entries are named "bin/python3.wasm/x""#);
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    // 600 MiB of zeros are 600 kB of gzip: members one after another are one stream (RFC 1952 2.2).
    let place = Place::new();
    let mut header = tar(&[Entry::file("lib/zeros", b"")]);
    header.truncate(512);
    let size = 600_u64 << 20;
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bomb = gzip(&header);
    let zeros = gzip(&vec![0; 50 << 20]);
    for _ in 0..12 {
        bomb.extend(&zeros);
    }
    place.file("p.tar.gz", bomb);
    let expected = format!(
        "   Unpacking [DIR]/home/p.tar.gz\nerror: will not unpack [DIR]/home/p.tar.gz: \
         it unpacks to more than 536870912 bytes\n{CARELESS}"
    );
    place.run(&["install", "--from", "p.tar.gz"]).check(1, &expected);
    assert!(place.in_opt().is_empty());
}

#[test]
fn limits_hold_for_sizes_entries_and_what_lies_between() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("a");
    let unpack = |bytes: &[u8], limits: Limits| {
        std::fs::write(&archive, bytes).unwrap();
        let into = tempfile::tempdir_in(dir.path()).unwrap();
        unpack_tar_gz(Archive { path: &archive, name: "a" }, into.path(), limits, |_| ()).map_err(|e| told(&e))
    };
    let limits = Limits { size: 10, entries: 2 };
    let of_sizes = |a: usize, b: usize| gzip(&tar(&[Entry::file("a", &vec![1; a]), Entry::file("b", &vec![1; b])]));
    assert_eq!(unpack(&of_sizes(4, 6), limits), Ok(()));
    let refused = |why: &str| Err(format!("will not unpack a: {why}\n{CARELESS}"));
    let too_much = refused("it unpacks to more than 10 bytes");
    assert_eq!(unpack(&of_sizes(4, 7), limits), too_much);
    assert_eq!(unpack(&of_sizes(11, 0), limits), too_much);
    let three = gzip(&tar(&[Entry::file("a", b""), Entry::file("b", b""), Entry::file("c", b"")]));
    assert_eq!(unpack(&three, limits), refused("it has more than 2 entries"));
    // Nothing but zeros after the end of the archive, and a name of gigabytes before a file.
    let mut padded = gzip(&tar(&[Entry::file("a", b"")]));
    padded.extend(gzip(&vec![0; 3 << 20]));
    assert_eq!(unpack(&padded, limits), too_much);
    let long_name = gzip(&tar(&[Entry { name: "././@LongLink", kind: b'L', link: "", data: &vec![b'a'; 3 << 20] }]));
    assert_eq!(unpack(&long_name, limits), too_much);
}

#[test]
fn a_damaged_archive_is_told_from_a_hostile_one() {
    let whole = interpreter_tar_gz("3.9.1", 50);
    let mut flipped = whole.clone();
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    let cut_in_half = whole[..whole.len() / 2].to_owned();
    let without_trailer = whole[..whole.len() - 8].to_owned();
    for (bytes, why) in [
        (cut_in_half, "incomplete deflate stream"),
        (without_trailer, "unexpected end of file"),
        (flipped, "corrupt gzip stream does not have a matching checksum"),
        (gzip(b"no tar file at all, and too short to be one"), "failed to read entire block"),
    ] {
        let place = Place::new();
        place.file("p.tar.gz", &bytes);
        let outcome = place.run(&["install", "--from", "p.tar.gz"]);
        let expected = format!(
            "   Unpacking [DIR]/home/p.tar.gz\nerror: cannot read the archive [DIR]/home/p.tar.gz: {why}\n  \
             help: it is damaged or incomplete; download it again\n"
        );
        outcome.check(1, &expected);
        assert!(place.in_opt().is_empty());
    }
}

#[test]
fn zips_are_held_to_the_same_rules() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("a.zip");
    let unpack = |bytes: &[u8]| {
        std::fs::write(&archive, bytes).unwrap();
        let into = tempfile::tempdir_in(dir.path()).unwrap();
        let limits = Limits { size: 10, entries: 2 };
        unpack_zip(Archive { path: &archive, name: "a.zip" }, into.path(), limits, |_| ()).map_err(|e| told(&e))
    };
    let refused = |why: &str| Err(format!("will not unpack a.zip: {why}\n{CARELESS}"));
    assert_eq!(unpack(&zip(&[("a/b", b"12345"), ("a/c", b"12345")])), Ok(()));
    assert_eq!(unpack(&zip(&[("a", b"12345678901")])), refused("it unpacks to more than 10 bytes"));
    assert_eq!(unpack(&zip(&[("a", b""), ("b", b""), ("c", b"")])), refused("it has more than 2 entries"));
    assert_eq!(unpack(&zip(&[("../a", b"")])), refused(r#"its entry "../a" leads out of the archive by .."#));
    assert_eq!(unpack(&zip(&[("/a", b"")])), refused(r#"its entry "/a" is an absolute path"#));
    assert_eq!(unpack(&zip(&[("a", b""), ("./a", b"")])), refused(r#"two of its entries are named "./a""#));

    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("a", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
    let link = writer.finish().unwrap().into_inner();
    assert_eq!(unpack(&link), refused(r#"its entry "a" is a symbolic link"#));

    // The writer would not write one name twice, so the second is renamed in both places it stands in.
    let mut twice = zip(&[("aa", b"1"), ("ab", b"2")]);
    while let Some(at) = twice.windows(2).position(|w| w == b"ab") {
        twice[at + 1] = b'a';
    }
    assert_eq!(unpack(&twice), refused("two of its entries have the same name"));

    let mut damaged = zip(&[("a", b"12345")]);
    let at = damaged.windows(5).position(|w| w == b"12345").unwrap();
    damaged[at] = b'x';
    let unreadable = |why: &str| {
        Err(format!("cannot read the archive a.zip: {why}\n  help: it is damaged or incomplete; download it again\n"))
    };
    assert_eq!(unpack(&damaged), unreadable("Invalid checksum"));
    assert_eq!(unpack(b"PK"), unreadable("invalid Zip archive: Could not find EOCD"));
}

#[test]
fn an_archive_with_bin_and_lib_is_installed_with_its_environment() {
    let place = Place::new();
    let wasm = prints("3.9.1\n", 0);
    let library = zip(&[("re.pyc", b"compiled"), ("json/__init__.pyc", b"compiled too")]);
    let archive = gzip(&tar(&[
        Entry::of_kind("./opt/wasi-python/", b'5', ""),
        Entry::file("./opt/wasi-python/README", b"not installed"),
        Entry::file("./opt/wasi-python/bin/my-python.wasm", &wasm),
        Entry::file("./opt/wasi-python/lib/python39.zip", &library),
        Entry::file("./opt/wasi-python/lib/python3.9/os.py", b"import abc"),
        Entry::file("./opt/wasi-python/lib/python3.9/lib-dynload/.empty", b""),
    ]));
    place.file("p.tgz", &archive);
    let expected = format!(
        "   Unpacking [DIR]/home/p.tgz\n   Unpacking python39.zip\n   Compiling python3.wasm (once)\n    \
         Compiled python3.wasm in [TIME] s\n   Installed Python 3.9.1 in opt/wasi-python in [TIME] s\n             \
         to check next time that it is the same file, add --sha256 {}\n",
        sha256(&archive)
    );
    place.run(&["install", "--from", "p.tgz"]).check(0, &expected);
    for (path, content) in [
        ("bin/python3.wasm", wasm.as_slice()),
        ("lib/python3.9/re.pyc", b"compiled"),
        ("lib/python3.9/json/__init__.pyc", b"compiled too"),
        ("lib/python3.9/os.py", b"import abc"),
        ("lib/python3.9/lib-dynload/.empty", b""),
    ] {
        assert_eq!(std::fs::read(place.path("opt/wasi-python").join(path)).unwrap(), content, "{path}");
    }
    assert!(!place.path("opt/wasi-python/README").exists());
    let verified = "   Verifying opt/wasi-python\n    Verified Python 3.9.1 in opt/wasi-python: 5 files unchanged, \
                    runs ([TIME] s)\n";
    place.run(&["verify"]).check(0, verified);
    let listed = place.run(&["list"]).stdout;
    assert!(listed.contains("\n  environment  PYTHONHOME=/opt/wasi-python\n"), "{listed}");
}

#[test]
fn an_archive_must_hold_one_interpreter() {
    let help =
        "  help: the archive must contain one interpreter: bin/*.wasm and lib/, or python.wasm and lib/python3.N/\n";
    let wasm = prints("3.9.1\n", 0);
    let check = |entries: &[Entry<'_>], message: &str| {
        let place = Place::new();
        place.file("p.tar.gz", gzip(&tar(entries)));
        let expected = format!("   Unpacking [DIR]/home/p.tar.gz\nerror: [DIR]/home/p.tar.gz {message}\n{help}");
        place.run(&["install", "--from", "p.tar.gz"]).check(1, &expected);
        assert!(place.in_opt().is_empty());
    };
    check(&[Entry::file("python3.wasm", &wasm)], "contains no interpreter");
    check(
        &[Entry::file("a/bin/x.wasm", &wasm), Entry::file("b/bin/y.wasm", &wasm)],
        "contains several interpreters:\n  a/bin/x.wasm\n  b/bin/y.wasm",
    );
}
