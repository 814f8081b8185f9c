//! A package index on this machine, with packages that the tests write, and the tools that ask it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tiny_http::{Header, Response, Server};
use zip::write::SimpleFileOptions;

use super::{Run, shared};

/// An index that serves the simple API (PEP 503) until it is dropped.
pub struct Index {
    server: Arc<Server>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Index {
    /// Serves these files, each by its name.
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self::serve(files, "no-store")
    }

    /// As [`Index::new`], but its clients may keep what it answers. Another test may get the same port: they need a cache of
    /// their own.
    pub fn cached(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self::serve(files, "max-age=600")
    }

    fn serve(files: impl IntoIterator<Item = (String, Vec<u8>)>, cache_control: &'static str) -> Self {
        let files: BTreeMap<_, _> = files.into_iter().collect();
        let server = Arc::new(Server::http("127.0.0.1:0").expect("a free port"));
        let serving = Arc::clone(&server);
        let thread = std::thread::spawn(move || {
            for request in serving.incoming_requests() {
                // A client that is gone is no failure of the index.
                let _ = match answer(&files, request.url()) {
                    Some((kind, body)) => {
                        let header = Header::from_bytes("Content-Type", kind).expect("a header");
                        let control = Header::from_bytes("Cache-Control", cache_control).expect("a header");
                        request.respond(Response::from_data(body).with_header(header).with_header(control))
                    }
                    None => request.respond(Response::empty(404)),
                };
            }
        });
        Self { server, thread: Some(thread) }
    }

    /// The URL of the simple API.
    pub fn url(&self) -> String {
        format!("http://{}/simple/", self.server.server_addr())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the index did not panic");
        }
    }
}

fn answer(files: &BTreeMap<String, Vec<u8>>, url: &str) -> Option<(&'static str, Vec<u8>)> {
    if let Some(file) = url.strip_prefix("/files/") {
        return Some(("application/octet-stream", files.get(file)?.clone()));
    }
    let project = url.strip_prefix("/simple/")?.trim_end_matches('/');
    let of_project =
        files.iter().filter(|(name, _)| name.split('-').next().is_some_and(|n| n.replace(['_', '.'], "-") == project));
    let mut page = String::from("<!DOCTYPE html><html><body>\n");
    for (name, content) in of_project.clone() {
        let requires = requires_python(content).map(|version| format!(" data-requires-python=\"{version}\""));
        let (requires, hash) = (requires.unwrap_or_default(), hex(content));
        writeln!(page, "<a href=\"/files/{name}#sha256={hash}\"{requires}>{name}</a>").expect("written");
    }
    of_project.clone().next()?;
    Some(("text/html", page.into_bytes()))
}

/// What the metadata of a wheel says of versions of Python, as an attribute has it.
fn requires_python(wheel: &[u8]) -> Option<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(wheel)).ok()?;
    let name = zip.file_names().find(|name| name.ends_with("METADATA"))?.to_owned();
    let mut metadata = String::new();
    zip.by_name(&name).ok()?.read_to_string(&mut metadata).ok()?;
    let version = metadata.lines().find_map(|line| line.strip_prefix("Requires-Python: "))?;
    Some(version.replace('<', "&lt;").replace('>', "&gt;"))
}

fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A wheel: `name` as in `basket-1.0-py3-none-any`, further lines of its metadata, and its files.
pub fn wheel(name: &str, metadata: &str, files: &[(&str, &str)]) -> (String, Vec<u8>) {
    let mut parts = name.split('-');
    let (project, version) = (parts.next().expect("a name"), parts.next().expect("a version"));
    let tag = parts.collect::<Vec<_>>().join("-");
    let information = format!("{project}-{version}.dist-info");
    let mut all: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    all.push((
        format!("{information}/METADATA"),
        format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n{metadata}\n"),
    ));
    let wheel = format!("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n");
    all.push((format!("{information}/WHEEL"), wheel));
    let mut record = String::new();
    for (path, text) in &all {
        let digest = Sha256::digest(text);
        let digest = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest);
        writeln!(record, "{path},sha256={digest},{}", text.len()).expect("written");
    }
    writeln!(record, "{information}/RECORD,,").expect("written");
    all.push((format!("{information}/RECORD"), record));
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in &all {
        zip.start_file(path.as_str(), SimpleFileOptions::default()).expect("a file in a zip");
        zip.write_all(text.as_bytes()).expect("written");
    }
    (format!("{name}.whl"), zip.finish().expect("a zip").into_inner())
}

/// A source archive of `project`, whose backend is in it, so that building it needs nothing. The wheel that it builds has the
/// module `project`, and where a C compiler is set, as it is by default, an extension module. Where its name has a dot, the wheel
/// is named for the Python that builds it; `broken` in it fails to be built.
pub fn sdist(project: &str, version: &str) -> (String, Vec<u8>) {
    let root = format!("{project}-{version}");
    let backend = format!(
        r#"import base64, hashlib, os, sys, sysconfig, zipfile

NAME, VERSION = "{project}", "{version}"
INFO = f"{{NAME}}-{{VERSION}}.dist-info"
METADATA = f"Metadata-Version: 2.1\nName: {{NAME}}\nVersion: {{VERSION}}\n"


def prepare_metadata_for_build_wheel(directory, settings=None):
    os.makedirs(os.path.join(directory, INFO))
    with open(os.path.join(directory, INFO, "METADATA"), "w") as file:
        file.write(METADATA)
    return INFO


def build_wheel(directory, settings=None, metadata=None):
    compiler = os.environ.get("CC", "cc")
    if "broken" in NAME:
        raise OSError(f"cannot run {{compiler}}")
    version = f"cp3{{sys.version_info[1]}}"
    tag = f"{{version}}-{{version}}-{{sysconfig.get_platform().replace('-', '_')}}" if "." in NAME else "py3-none-any"
    files = {{f"{{NAME.replace('.', '/')}}/__init__.py": f"built_with = {{compiler!r}}\n", f"{{INFO}}/METADATA": METADATA}}
    files[f"{{INFO}}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: " + tag + "\n"
    if compiler == "cc" or "always" in NAME:
        files[f"{{NAME}}/_fast.cpython-312-x86_64-linux-gnu.so"] = "native"
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{{path}},sha256={{digest}},{{len(text)}}\n"
    files[f"{{INFO}}/RECORD"] = record + f"{{INFO}}/RECORD,,\n"
    name = f"{{NAME}}-{{VERSION}}-{{tag}}.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"#
    );
    let project_file = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
    let information = format!("Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n");
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (path, text) in [("pyproject.toml", project_file), ("backend.py", &backend), ("PKG-INFO", &information)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{root}/{path}"), text.as_bytes()).expect("a file in a tar");
    }
    let gzip = tar.into_inner().expect("a tar");
    (format!("{root}.tar.gz"), gzip.finish().expect("a gzip"))
}

/// What resolves and fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The pip of the `python3` on the PATH.
    Pip,
    /// uv, as pip installs it.
    Uv,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Pip, Self::Uv];

    /// Has `run` use this tool with this index, and nothing that is set up on the machine.
    pub fn asks(self, run: Run, index: &str) -> Run {
        let run = run.user_environment().env("PYWAGI_PYTHON", "python3");
        let uv = if self == Self::Uv { uv().into_os_string() } else { OsString::new() };
        let run = run.env("PYWAGI_UV", uv).env("PIP_INDEX_URL", index).env("UV_DEFAULT_INDEX", index);
        let nothing = if cfg!(windows) { "nul" } else { "/dev/null" };
        let run = run.env("PIP_FIND_LINKS", "").env("PIP_CONFIG_FILE", nothing).env("PIP_RETRIES", "1");
        run.env("UV_CACHE_DIR", shared("uv-cache")).env("UV_HTTP_RETRIES", "0")
    }
}

/// The program uv, installed once by the user's own pip.
pub fn uv() -> PathBuf {
    virtual_environment("uv", "uv").join(if cfg!(windows) { "uv.exe" } else { "uv" })
}

/// The directory of the programs of a virtual environment that tests share, with `package`, which pip installs once.
pub fn virtual_environment(name: &str, package: &str) -> PathBuf {
    let all = shared(name);
    let programs = all.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let lock = std::fs::File::create(all.join("lock")).expect("a lock file");
    lock.lock().expect("the lock file can be locked");
    if !all.join("done").exists() {
        let run = |python: &Path, arguments: &[&OsStr]| {
            let mut command = Command::new(python);
            let output = command.args(arguments).output().expect("python3 with pip");
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        run(Path::new("python3"), &["-m".as_ref(), "venv".as_ref(), all.as_ref()]);
        run(&programs.join("python"), &["-m", "pip", "install", "--quiet", "--upgrade", package].map(OsStr::new));
        std::fs::write(all.join("done"), "").expect("written");
    }
    programs
}
