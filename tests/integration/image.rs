//! `pywagi image`

use crate::support::{Project, python, python_modules};

/// An app that prints, with these files beside its script.
fn app(files: &[(&str, &str)]) -> Project {
    let script = "import json\nprint('Content-Type: text/plain\\n\\nok')\n";
    let project = Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", script);
    files.iter().fold(project, |project, (path, content)| project.file(&format!("code/{path}"), content))
}

#[test]
fn list_has_a_line_for_each_app_with_a_saved_interpreter() {
    python("3.12");
    let project = Project::empty();
    project.pywagi(["init", "hello", "--yes", "--offline"]).output().code(0);
    let listed = project.pywagi(["image", "list"]).output();
    let text = listed.code(0).stderr("").stdout_text();
    let at = text.lines().position(|line| line.ends_with("MiB  [DIR]/hello (1 interpreter)")).expect("the app");
    let below = text.lines().nth(at + 1).expect("its interpreter");
    assert!(below.starts_with("              `python`: ") && below.ends_with(" loaded"), "{listed}");
    std::fs::remove_dir_all(project.path("hello/opt")).expect("removed");
    let listed = project.pywagi(["image", "list"]).output();
    listed.stdout_has(
        "MiB  [DIR]/hello (1 interpreter, outdated)\n              `python`: outdated: the interpreter was deleted\n",
    );
}

#[test]
fn list_of_nothing_says_when_there_will_be_something() {
    let project = Project::empty();
    let listed = project.pywagi(["image", "list"]).env("PYWAGI_CACHE_DIR", project.path("cache")).output();
    listed.code(0).stdout("").stderr("no interpreter is saved; the first request to an app saves one\n");
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn show_tells_what_the_interpreter_of_each_route_has_ready() {
    let modules = python_modules(&[("/", "main.py"), ("/again", "main.py"), ("/other", "main.py")]);
    let modules = modules.replacen("volumes", "environment = { PYTHONOPTIMIZE = \"1\" }\nvolumes", 1);
    let modules = format!("{modules}[[module]]\nroute = \"/plain\"\nmodule = \"plain.wat\"\n");
    let project = app(&[]).file("modules.toml", modules);
    let project =
        project.file("plain.wat", r#"(module (memory 1) (export "memory" (memory 0)) (func (export "_start")))"#);
    let before = project.pywagi(["image", "show", "-q"]).output();
    before.code(0).stderr("").stdout(
        "route /: no interpreter is saved yet; the next request saves one\n\
         routes /again, /other: no interpreter is saved yet; the next request saves one\n\
         route /plain: each request starts an interpreter: its module's memory and functions cannot be saved apart from its \
         code\n",
    );
    // The second request has what the first imported.
    for _ in 0..2 {
        project.pywagi(["invoke", "/again"]).output().code(0).stdout("ok\n");
    }
    let shown = project.pywagi(["image", "show", "--route", "/other"]).output();
    let text = shown.code(0).stderr("").stdout_text();
    let mut lines = text.lines();
    let head = lines.next().expect("a line");
    assert!(head.starts_with("routes /again, /other: `python`, ") && head.ends_with(" of it stored"), "{shown}");
    let spared = lines.next().expect("a line");
    assert!(spared.starts_with("  spares each request ") && spared.contains(" file operations, and "), "{shown}");
    if cfg!(target_os = "linux") {
        let copied = lines.next().expect("a line");
        assert!(
            copied.starts_with("  a request copies ") && copied.ends_with(", and what it changes itself"),
            "{shown}"
        );
    }
    let modules = lines.next().expect("a line");
    assert!(modules.contains(" modules loaded: ") && modules.contains("json.decoder"), "{shown}");
    assert_eq!(lines.collect::<Vec<_>>(), ["  1 file of the app compiled: /code/main.py"]);
    let shown = project.pywagi(["image", "show", "--route", "/other", "--json"]).output();
    let object: serde_json::Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    assert_eq!(object["routes"], serde_json::json!(["/again", "/other"]));
    assert_eq!(object["image"]["scripts"], serde_json::json!(["/code/main.py"]));
    let spared = |what: &str| object["image"]["spared"][what].as_u64().expect("a number");
    // The library is in the module, and the script is read once.
    assert!((1..100).contains(&spared("file_operations")), "{shown}");
    assert!(spared("memory") > 1 << 20 && spared("copied") < spared("memory") / 2, "{shown}");
    assert_eq!(object["cold"], serde_json::Value::Null);
}

#[test]
fn show_of_an_unknown_route_lists_the_routes() {
    let output = app(&[]).pywagi(["image", "show", "--route", "/x"]).output();
    output.code(2).stdout("").stderr("error: there is no route /x\n  help: the routes are: /\n");
}

#[test]
fn check_of_an_app_that_keeps_nothing_succeeds() {
    let output = app(&[]).pywagi(["image", "check"]).output();
    output.code(0).stderr("");
    let text = output.stdout_text();
    assert!(
        text.starts_with("route /: ") && text.ends_with(" modules, all of the standard library: nothing differs\n")
    );
}

#[test]
fn check_names_what_a_module_keeps_and_the_line_and_fails() {
    let files = [
        ("kept.py", "import time\nDAYS = int(time.time()) // 86400\n"),
        ("looks.py", "import os, time\nLATE = time.time() > 5\nDEBUG = os.environ.get('DEBUG')\n"),
        ("opened.py", "FILE = open('/code/kept.py')\n"),
        ("broken.py", "1 / 0\n"),
        ("counts.py", "import itertools, time\nNUMBERS = itertools.count(time.time_ns() % 1000)\n"),
    ];
    let project = app(&files);
    let check = |more: &[&str]| {
        let modules = ["image", "check", "kept", "looks", "opened", "broken", "counts"];
        project.pywagi(modules.iter().chain(more)).output()
    };
    let output = check(&[]);
    output.code(1).stderr(
        "error: 4 findings: see above\n  help: what a module makes from the time or from random bytes while it is loaded \
         would be the same in all requests: make it in a function that requests call\n",
    );
    let text = output.stdout_text();
    let (head, findings) = text.split_once('\n').expect("lines");
    assert!(head.ends_with(" modules, 3 not of the standard library: 4 findings"), "{output}");
    assert_eq!(
        findings,
        "  /code/opened.py:1: opened leaves the file kept.py open while it is loaded\n  \
         broken cannot be loaded before a request: ZeroDivisionError: division by zero (/code/broken.py:1)\n  \
         /code/kept.py:2: kept.DAYS is another each time: 23148 | 24305\n  \
         /code/counts.py:2: counts.NUMBERS, a count, holds something else each time\n  \
         /code/looks.py:3: note: looks reads the variable DEBUG while it is loaded; a request that has another value loads \
         it anew\n  \
         /code/looks.py:2: note: uses the clock while a module is loaded; nothing of that is left that differs\n",
        "{output}"
    );
    let output = check(&["--json"]);
    let object: serde_json::Value = serde_json::from_slice(&output.code(1).stdout).expect("JSON");
    let kept = object["findings"].as_array().and_then(|found| found.iter().find(|each| each["module"] == "kept"));
    let expected = serde_json::json!({
        "module": "kept", "attribute": "DAYS", "kind": "value", "values": ["23148", "24305"], "more": 0,
        "places": ["/code/kept.py:2"],
    });
    assert_eq!(kept, Some(&expected), "{output}");
    assert_eq!(object["looks"], serde_json::json!([{"place": "/code/looks.py:2", "source": "clock"}]));
    assert_eq!(
        object["variables"],
        serde_json::json!([{"module": "looks", "variable": "DEBUG", "place": "/code/looks.py:3"}])
    );
}

#[test]
fn check_tells_what_depends_on_variables_and_on_the_seed_of_hashes_where_that_is_asked_for() {
    let kept = "import os\nDEBUG = bool(os.environ.get('DEBUG'))\nORDER = str({'a', 'b', 'c', 'd', 'e', 'f', 'g'})\n";
    let output = app(&[("kept.py", kept)]).pywagi(["image", "check", "--full", "kept"]).output();
    let text = output.code(0).stderr("").stdout_text();
    let lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(
        lines[..2],
        [
            "  /code/kept.py:2: note: kept reads the variable DEBUG while it is loaded; a request that has another value loads \
             it anew",
            "  note: kept.DEBUG depends on variables that are read while it is loaded: False | True",
        ]
    );
    let order = "  note: kept.ORDER depends on the seed of string hashes, which is the same for all requests: \"{'";
    assert!(lines.len() == 3 && lines[2].starts_with(order), "{output}");
}

#[test]
fn check_of_a_guest_that_cannot_be_saved_says_why() {
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"plain.wat\"\n")
        .file("plain.wat", r#"(module (memory 1) (export "memory" (memory 0)) (func (export "_start")))"#);
    project.pywagi(["image", "check", "-q"]).output().code(1).stdout("").stderr(
        "error: route /: no interpreter can be saved: its module's memory and functions cannot be saved apart from its \
         code\n",
    );
}
