//! `pywagi add` with real packages from the user's package index, and with an old and the newest pip.

use std::path::{Path, PathBuf};

use crate::support::{Project, Run, python_modules, uv, virtual_environment};

const SHOP: &str = "from flask import Flask, request

app = Flask(__name__)


@app.get('/')
def hello():
    return f\"Hello {request.args['name']}\\n\"
";

/// An app whose only route is `shop.py`, run by the adapter.
fn app() -> Project {
    let modules = python_modules(&[("/", "pywagi.py")]).replace("pywagi.py ${ARGS}", "pywagi.py shop");
    Project::new(&modules).file("code/shop.py", SHOP)
}

/// The Python of a virtual environment that has this pip.
fn pip(requirement: &str) -> PathBuf {
    virtual_environment(&format!("venv-{}", requirement.replace("==", "-")), requirement).join("python")
}

/// Adds Flask, asks it for a page, removes it, and installs it again in a clone.
fn flask(with: impl Fn(Run) -> Run) -> String {
    let project = app();
    let run = |project: &Project, arguments: &[&str]| with(project.pywagi(arguments).user_environment()).output();
    run(&project, &["add", "-q", "--adapter", "flask"]).code(0).stdout("");
    let page = |project: &Project, flags: &[&str]| {
        let output = project.pywagi(["invoke", "-q", "/?name=Ada"].iter().chain(flags)).output();
        output.code(0).stdout("Hello Ada\n").stderr("");
    };
    page(&project, &[]);
    page(&project, &["--cold"]);
    let clone = app();
    for file in ["modules.toml", "pyproject.toml", "pylock.toml", "code/pywagi.py"] {
        clone.write(file, project.read(file));
    }
    run(&clone, &["sync", "-q", "--locked"]).code(0).stderr("");
    page(&clone, &[]);
    let lock = project.read("pylock.toml");
    run(&project, &["remove", "-q", "flask"]).code(0).stderr("");
    assert!(!project.path("packages/flask").exists());
    lock
}

#[test]
fn flask_comes_with_uv_and_with_an_old_and_the_newest_pip_and_the_lock_is_the_same() {
    // 23.0 is the pip of Debian 12. It does not run on Python 3.12 or later everywhere.
    let (old, new) = (pip("pip==23.0.1"), pip("pip"));
    let with_pip = |python: &Path| flask(|run| run.env("PYWAGI_UV", "").env("PYWAGI_PYTHON", python));
    // At once, since they wait for the package index most of the time.
    std::thread::scope(|scope| {
        let with_old = scope.spawn(|| with_pip(&old));
        let with_new = scope.spawn(|| with_pip(&new));
        let with_uv = flask(|run| run.env("PYWAGI_UV", uv()));
        assert_eq!(with_old.join().expect("it ends"), with_uv, "pip 23.0.1");
        assert_eq!(with_new.join().expect("it ends"), with_uv, "the newest pip");
    });
}

#[test]
fn a_native_package_is_refused_with_what_to_use_instead() {
    let project = app();
    let before = project.files();
    let run = project.pywagi(["add", "-q", "fastapi"]).user_environment().env("PYWAGI_UV", uv()).output();
    run.code(1).stderr_has(
        ", which pydantic needs, has native code, which no WAGI guest can load: pydantic_core/_pydantic_core.",
    );
    run.stderr_has(
        "\n  help: use pydantic 1, which is pure Python: 'pydantic<2', with FastAPI 'fastapi<0.126'\n        older \
                    versions do without: `pywagi add fastapi 'pydantic<=1.",
    );
    let mut now = project.files();
    now.remove(".packages.lock");
    assert_eq!(now, before);
}
