//! Packages of Python for the tests, installed once by the user's own pip.

use std::path::PathBuf;
use std::process::Command;

use super::shared;

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

/// The directory that they are in, shared by all tests and filled by the first that asks, under a lock, since test processes
/// may run at the same time.
pub fn packages() -> PathBuf {
    let all = shared("packages");
    let lock = all.join("lock");
    let lock = std::fs::File::create(&lock).unwrap_or_else(|e| panic!("cannot make {}: {e}", lock.display()));
    lock.lock().expect("the lock file can be locked");
    let (done, list) = (all.join("installed.txt"), PINNED.join("\n"));
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
    pip.args(["--implementation", "cp", "--platform", "manylinux2014_x86_64", "--target"]).arg(&directory).args(PINNED);
    let output = pip.output().expect("python3 with pip");
    assert!(output.status.success(), "{pip:?}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(&done, list).expect("written");
    directory
}
