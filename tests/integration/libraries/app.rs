//! Libraries beside the rest of an app: its own modules, its network, its limits, and what is done with it.

use super::guests::{FUNCTIONS, TELLS};
use super::{TOLD, answers, project};
use crate::support::{Project, python_modules};

const F: (&str, &str) = ("name = \"f\"", FUNCTIONS);

#[test]
fn a_pywagi_of_the_app_keeps_its_place() {
    let script = "import pywagi\nfrom pywagi.libraries import f\nimport pywagi.libraries as again\n\
                  told(f.add, 1, 2)\nprint(pywagi.own, pywagi.libraries is again, pywagi.__file__)";
    let own = project(&[F], script).file("code/pywagi.py", "own = 'kept'\n");
    answers(&own, "3\nkept True /code/pywagi.py\n");
    own.pywagi(["check"]).output().code(0);
    let package = project(&[F], &script.replace("pywagi.__file__", "pywagi.part"))
        .file("code/pywagi/__init__.py", "own = 'kept'\nfrom . import part\npart = part.name\n")
        .file("code/pywagi/part.py", "name = __name__\n");
    answers(&package, "3\nkept True pywagi.part\n");
    // As `python -m pywagi shop.app` is run, and the application asks for a library.
    let adapter = project(&[F], "").file("lib/pywagi.py", include_str!("../../../assets/python/pywagi.py")).file(
        "code/shop.py",
        "from pywagi.libraries import f\ndef app(environ, start):\n    start('200 OK', [('Content-Type', 'text/plain')])\n    \
         return [str(f.add(1, 2)).encode()]\n",
    );
    let modules = adapter.read("modules.toml").replace("python /code/app.py ${ARGS}", "python -m pywagi shop");
    let volumes = "\"/lib\" = \"lib\", \"/code\" = \"code\" }\nenvironment = { PYTHONPATH = \"/lib:/code\" }";
    adapter.write("modules.toml", modules.replace("\"/code\" = \"code\" }", volumes));
    answers(&adapter, "3");
}

#[test]
fn only_an_app_with_libraries_has_the_module() {
    let script = "import os\nprint(os.environ.get('PYTHONPATH'), os.path.exists('/.pywagi'))\n\
                  try: import pywagi.libraries\nexcept ModuleNotFoundError as error: print(error)";
    let expected = "None False\nNo module named 'pywagi'\n";
    project(&[], script).pywagi(["invoke", "/", "-q"]).output().code(0).stdout(expected);
    let plain = project(&[], "from pywagi.libraries import f");
    let about = "`pywagi.libraries` is there where modules.toml names a library";
    plain.pywagi(["invoke", "/", "-q"]).output().code(3).stderr_has(about);
    plain.pywagi(["check"]).output().code(1).stdout_has(&format!("there is no module `pywagi`\n  help: {about}"));
    let with = "/.pywagi/libraries True\n";
    project(&[F], script).pywagi(["invoke", "/", "-q"]).output().code(0).stdout(with);
    let unknown = "try: from pywagi.libraries import g\nexcept ImportError as error: print(error)";
    let told = "no [[library]] of modules.toml is called 'g'; there are: f\n";
    project(&[F], unknown).pywagi(["invoke", "/", "-q"]).output().code(0).stdout(told);
    let check = project(&[F], "from pywagi.libraries import f, LibraryError, g").pywagi(["check"]).output();
    check.code(1).stdout_has("code/app.py:8:1: error: no [[library]] of modules.toml is called `g`\n");
}

#[test]
fn an_exception_of_a_library_is_told_with_the_line_of_the_script() {
    let script = "from pywagi.libraries import f\ndef work():\n    f.trap()\nwork()";
    let run = project(&[F], script).pywagi(["invoke", "/", "-q"]).output();
    run.code(3).stdout_has(
        "it trapped: wasm `unreachable` instruction executed\n  at File \"/code/app.py\", line 10, in work\n",
    );
}

#[test]
fn libraries_and_the_network_are_there_side_by_side() {
    let script = "import os, socket, start\nfrom pywagi.libraries import f\ntold(f.add, 1, 2)\n\
                  print(os.environ['PYTHONPATH'], start.began, sorted(os.listdir('/.pywagi')))\n\
                  told(socket.create_connection, ('127.0.0.1', 1))";
    let project = project(&[F], script)
        .file("code/start/sitecustomize.py", "import start\nstart.began = True\n")
        .file("code/start/start.py", "");
    let modules = project.read("modules.toml");
    let keys = "allowed_hosts = [\"127.0.0.1:2\"]\nenvironment = { PYTHONPATH = \"/code/start\" }\n\n[[library]]";
    project.write("modules.toml", modules.replacen("\n[[library]]", keys, 1));
    let expected = "3\n/.pywagi/python:/.pywagi/libraries:/code/start True ['libraries', 'python']\n\
                    PermissionError: [Errno 2] 127.0.0.1:1 is not among the allowed hosts: add \"127.0.0.1:1\" to allowed_hosts of \
                    this route in modules.toml\n";
    answers(&project, expected);
}

#[test]
fn the_memory_of_libraries_counts_with_that_of_the_request() {
    let script = "from pywagi.libraries import f, g\ntold(f.grow, 400)\ntold(g.grow, 800)\ntold(g.grow, 100)";
    let project = project(&[F, ("name = \"g\"", FUNCTIONS)], script);
    // 80 MiB for all: f has 25 of these, and g wants 50 and more.
    project.pywagi(["invoke", "/", "-q", "--max-memory", "80M"]).output().code(0).stdout("1\n-1\n1\n");
}

#[test]
fn a_library_that_cannot_be_loaded_fails_where_it_is_called() {
    let script = "from pywagi.libraries import a, b, f\ntold(a)\ntold(b)\ntold(f.add, 1, 2)";
    let libraries = [("name = \"a\"", "(module"), ("name = \"b\"\nreturns = { add = \"string\" }", FUNCTIONS), F];
    let project = project(&libraries, script);
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    let text = run.code(0).stdout_text();
    let lines: Vec<_> = text.lines().collect();
    let called = |name: &str, line: u32| {
        format!("LibraryError: the library `{name}` (modules.toml:{line}): it cannot be called: ")
    };
    assert_eq!(lines[0], called("a", 7) + "[DIR]/libs/0.wat is not a WebAssembly module: expected `)`");
    let wrong = "the library libs/1.wat: the result of `add` is not one i64, an address and a length";
    assert_eq!(lines[1], called("b", 11) + wrong);
    assert_eq!(lines[2], "3");
    let check = project.pywagi(["check"]).output();
    let told = check.code(1).stdout_text();
    assert!(told.contains("modules.toml:7: error: ") && told.contains("is not a WebAssembly module"), "{told}");
    assert!(told.contains("modules.toml:11: error: the library "), "{told}");
    std::fs::remove_file(project.path("libs/0.wat")).expect("it is there");
    let told = project.pywagi(["check"]).output().code(1).stdout_text();
    assert!(told.contains("modules.toml:8:10: error: there is no file "), "{told}");
}

#[test]
fn a_library_that_changes_is_loaded_again_and_a_replay_runs_none() {
    let project = project(&[("name = \"x\"", TELLS)], "from pywagi.libraries import x\ntold(x, 'a')");
    let server = project.dev(&[]);
    assert_eq!(server.get("/").text(), "b'x\\x00a\\x00'\n");
    project.write("libs/0.wat", crate::support::wat::prints("new"));
    assert_eq!(server.get("/").text(), "b'new'\n");
    project.write("libs/0.wat", "broken");
    let broken = server.get("/").text();
    assert!(broken.contains("LibraryError: the library `x` (modules.toml:7): it cannot be called: "), "{broken}");
    let list = project.pywagi(["replay"]).output();
    let ids: Vec<_> = list.code(0).stdout_text().lines().map(|line| line[..5].to_owned()).collect();
    for (id, text) in ids.iter().rev().zip(["b'x\\x00a\\x00'\n", "b'new'\n", &broken]) {
        project.pywagi(["replay", id]).output().code(0).stdout(text);
    }
}

#[test]
fn a_module_that_calls_a_library_while_it_is_loaded_is_not_saved() {
    let import = project(&[F], "import early\ntold(early.f.add, 1, 2)")
        .file("code/early.py", "from pywagi.libraries import f\n");
    let preload = |project: &Project| {
        let modules = project.read("modules.toml");
        project.write("modules.toml", modules.replacen("volumes = {", "preload = [\"early\"]\nvolumes = {", 1));
    };
    preload(&import);
    answers(&import, "3\n");
    let call = project(&[F], "import early\nprint(early.three)")
        .file("code/early.py", "from pywagi.libraries import f\nthree = f.add(1, 2)\n");
    preload(&call);
    answers(&call, "3\n");
}

#[test]
fn libraries_have_the_stack_that_the_script_has_used_up() {
    let script = "from pywagi.libraries import f\n\
                  def down(n): return down(n - 1) if n else f.add(1, 2)\n\
                  told(down, 900)\n\
                  def deep(n):\n    try: return f.deep()\n    except Exception as error: return 'deep'\n\
                  told(deep, 1)";
    answers(&project(&[F], script), "3\n'deep'\n");
}

#[test]
fn other_hosts_have_no_libraries() {
    let app = project(&[F], "");
    let place = "modules.toml:7";
    let script = "try: import pywagi.libraries\nexcept ModuleNotFoundError as error: print(error)";
    app.write("code/app.py", format!("{TOLD}{script}\n"));
    for (host, name) in [("wagi", "wagi 0.8.1"), ("spin", "Spin 4's WAGI executor")] {
        let server = app.dev(&["--like", host]);
        assert_eq!(server.get("/").text(), "No module named 'pywagi'\n");
        server.wait_for_log(&format!("{place}: {name} has no libraries: scripts fail where they import `f`"));
    }
    let told = format!(
        "error: {place}: a component has no libraries: scripts could not import `f`\n  help: leave the [[library]] out of the \
         modules.toml that is built; `pywagi dev` and `pywagi cgi` have libraries\n"
    );
    app.pywagi(["build", "-q"]).output().code(1).stderr(&told);
    app.pywagi(["export", "wagi"])
        .output()
        .code(0)
        .stderr_has(&format!("{place}: wagi has no libraries: scripts fail"));
    assert!(!app.read("wagi.toml").contains("library"), "{}", app.read("wagi.toml"));
    let routes = app.pywagi(["routes"]).output();
    routes.code(0).stdout_has("  library  f = libs/0.wat\n");
    let routes: serde_json::Value =
        serde_json::from_str(&app.pywagi(["routes", "--json"]).output().code(0).stdout_text()).expect("JSON");
    let library = serde_json::json!({"name": "f", "module": "libs/0.wat", "line": 7});
    assert_eq!(routes["libraries"], serde_json::json!([library]), "{routes}");
}

#[test]
fn a_script_on_the_oldest_python_calls_libraries() {
    let project = project(
        &[F, ("name = \"tells\"", TELLS)],
        "from pywagi.libraries import f, tells\ntold(f.add, 1, 2)\ntold(tells)",
    );
    let modules = project.read("modules.toml").replace(
        &crate::support::python("3.12").display().to_string(),
        &crate::support::python("3.11").display().to_string(),
    );
    project.write("modules.toml", modules);
    answers(&project, "3\nb'tells\\x00'\n");
}

#[test]
fn a_module_that_is_not_python_has_no_libraries() {
    let modules = python_modules(&[("/", "app.py")]) + "[[module]]\nroute = \"/g\"\nmodule = \"g.wat\"\n";
    let app = Project::empty()
        .file("code/app.py", "")
        .file("g.wat", crate::support::wat::prints("Content-Type: a/b\n\nplain"));
    let app = app.file("libs/f.wat", FUNCTIONS);
    app.write("modules.toml", modules + "\n[[library]]\nname = \"f\"\nmodule = \"libs/f.wat\"\n");
    app.pywagi(["invoke", "/g", "-q"]).output().code(0).stdout("plain");
}

#[test]
fn a_container_gets_the_libraries() {
    let modules = "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n\n[[library]]\nname = \"f\"\nmodule = \"libs/f.wat\"\n\
                   volumes = { \"/data\" = \"data\" }\n";
    let app = Project::new(modules).file("guest.wat", crate::support::wat::prints("")).file("libs/f.wat", FUNCTIONS);
    let app = app.directory("data").file("pywagi", "");
    app.pywagi(["export", "docker", "--pywagi", "pywagi"]).output().code(0);
    let made = app.names().into_iter().find(|name| name.ends_with("Dockerfile")).expect("a Dockerfile");
    let text = app.read(&made);
    for line in ["COPY [\"libs/f.wat\", \"/srv/app/libs/f.wat\"]", "COPY [\"data\", \"/srv/app/data\"]"] {
        assert!(text.contains(line), "{text}");
    }
    app.write("modules.toml", modules.replace("libs/f.wat", "../f.wat"));
    app.pywagi(["export", "docker", "--force", "--pywagi", "pywagi"]).output().code(1);
}
