//! The apps that `pywagi init --template` begins with, by the requests that their users make.

use serde_json::{Value, json};

use crate::support::{Index, Project, Run, Tool, binary, cache_dir, python, wheel};

/// The app of a template, with the interpreter that all tests share.
fn app(template: &str) -> Project {
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--no-toolchain", "--template", template]).output().code(0);
    let python = python("3.12").join("wasi-python/bin/python3.wasm");
    let manifest = project.read("modules.toml");
    project.write("modules.toml", manifest.replace("opt/wasi-python/bin/python3.wasm", &python.to_string_lossy()));
    project.pywagi(["check"]).output().code(0).stdout("");
    project
}

/// The response to a request: status, headers and body.
fn ask(project: &Project, arguments: &[&str]) -> (u64, Vec<(String, String)>, String) {
    let run: Run = project.pywagi(["invoke", "--json"].iter().chain(arguments));
    let output = run.output();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output}"));
    assert_eq!((&object["stderr"], &object["warnings"]), (&json!(""), &json!([])), "{arguments:?}: {output}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = object["headers"].as_array().expect("headers").iter();
    let headers = headers.map(|pair| (text(&pair[0]).to_lowercase(), text(&pair[1]))).collect();
    (object["status"].as_u64().expect("a status"), headers, text(&object["body"]))
}

#[track_caller]
fn answers(project: &Project, arguments: &[&str], status: u64, parts: &[&str]) -> String {
    let (actual, _, body) = ask(project, arguments);
    assert_eq!(actual, status, "{arguments:?}: {body}");
    for part in parts {
        assert!(body.contains(part), "{arguments:?}: no {part:?} in {body}");
    }
    body
}

#[test]
fn a_form_is_shown_checked_and_kept() {
    let app = app("form").file("cat.png", b"\x89PNG\r\n\x1a\nrest").file("cat.txt", "no picture");
    let good = ["-F", "name=Ada <3", "-F", "email=ada@example.com"];
    let form = answers(&app, &["/"], 200, &["<input name=\"name\" value=\"\""]);
    assert!(!form.contains("Please"), "{form}");
    answers(&app, &[&["/"], &good[..]].concat(), 200, &["Thank you, Ada &lt;3!"]);
    answers(&app, &["/", "-d", "name=Ada&email=ada@example.com"], 200, &["Thank you, Ada!"]);
    let wrong = answers(&app, &["/", "-F", "name= ", "-F", "email=a\"b"], 422, &["value=\"a&quot;b\""]);
    assert!(wrong.contains("Please tell your name.") && wrong.contains("Please give an e-mail address"), "{wrong}");
    answers(&app, &[&["/", "-F", "picture=@cat.txt;filename=x.png"], &good[..]].concat(), 422, &["PNG, JPEG or GIF"]);
    let kept = answers(&app, &[&["/", "-F", "picture=@cat.png;filename=../../x.py"], &good[..]].concat(), 200, &[]);
    let name = kept.split("kept as ").nth(1).and_then(|rest| rest.split(".png").next()).expect("a name").to_owned();
    assert_eq!(app.files()[&format!("data/{name}.png")], b"\x89PNG\r\n\x1a\nrest");
    answers(&app, &["/", "-d", "x", "-H", "Content-Type: text/plain"], 400, &["its type is text/plain"]);
    answers(&app, &["/", "-d", "x", "-H", "Content-Type: multipart/form-data"], 400, &["it has no parts"]);
    answers(&app, &["/", "-X", "DELETE"], 405, &[]);
}

#[test]
fn an_api_answers_json_and_its_own_tests_pass() {
    let app = app("api");
    let body = |arguments: &[&str], status| {
        serde_json::from_str::<Value>(&answers(&app, arguments, status, &[])).expect("JSON")
    };
    assert_eq!(body(&["/api/units/km"], 200), json!({ "name": "km", "quantity": "length", "in_base_units": 1000.0 }));
    let typed = "Content-Type: application/json";
    for (arguments, status, detail) in [
        (&["/api/nothing"][..], 404, "nothing is at /nothing"),
        (&["/api"], 404, "nothing is at "),
        (&["/api/units/a%2Fb"], 404, "there is no unit a/b"),
        (&["/api/units", "-X", "PUT"], 405, "PUT is not for /units"),
        (&["/api/conversions", "-d", "{}"], 415, "the body must be application/json"),
        (
            &["/api/conversions", "-d", "{", "-H", typed],
            400,
            "the body is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (&["/api/conversions", "-d", "[]", "-H", typed], 422, "the body must be an object with value, from, to"),
        (
            &["/api/conversions", "-d", r#"{"value": true, "from": "m", "to": "m"}"#, "-H", typed],
            422,
            "value has the wrong type",
        ),
    ] {
        assert_eq!(body(arguments, status)["detail"], detail, "{arguments:?}");
    }
    let (_, headers, _) = ask(&app, &["/api/units", "-X", "PUT"]);
    assert!(headers.contains(&("allow".to_owned(), "GET".to_owned())), "{headers:?}");
    let mut tests = std::process::Command::new("python3");
    tests.args(["-m", "unittest", "discover", "-q", "tests"]).current_dir(app.root());
    tests.env("PYWAGI", binary()).env("PYWAGI_CACHE_DIR", cache_dir());
    let output = tests.output().expect("python3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Ran 5 tests"), "{said}");
}

#[test]
fn a_guestbook_keeps_entries() {
    let app = app("guestbook");
    answers(&app, &["/"], 200, &["<form method=\"post\">"]);
    let (status, headers, _) = ask(&app, &["/", "-d", "name=Ada", "-d", "text=<b>hi</b> %C3%A9"]);
    assert_eq!(status, 303);
    assert!(headers.contains(&("location".to_owned(), "/".to_owned())), "{headers:?}");
    answers(&app, &["/"], 200, &["<h2>Ada</h2><p>&lt;b&gt;hi&lt;/b&gt; é</p>"]);
    answers(&app, &["/", "-d", "name=&text=x"], 422, &["Please give a name", ">x</textarea>"]);
    answers(&app, &["/", "-d", "name=a&text=%ff"], 303, &[]);
    let many = "import sqlite3\nwith sqlite3.connect('/data/guestbook.db') as d:\n    d.executemany(\
                'INSERT INTO entry (name, text) VALUES (?, ?)', [(f'n{i}', 't') for i in range(18)])";
    app.pywagi(["run", "-c", many]).output().code(0);
    let first = answers(&app, &["/"], 200, &["<h2>n17</h2>", "<b>1</b> <a href=\"?page=2\">2</a>"]);
    assert!(!first.contains("Ada"));
    answers(&app, &["/?page=2"], 200, &["<h2>Ada</h2>", "<b>2</b>"]);
    answers(&app, &["/?page=99999999999999999999"], 200, &["<h2>n17</h2>"]);
    answers(&app, &["/?page=-1"], 200, &["<h2>n17</h2>"]);
    answers(&app, &["/", "-X", "PUT"], 405, &[]);
    assert!(app.read("data/.gitignore").ends_with("*\n!.gitignore\n"));
}

#[test]
fn a_page_is_changed_in_parts_by_htmx_and_has_its_static_files() {
    let app = app("htmx");
    answers(
        &app,
        &["/?q=%3CJSON"],
        200,
        &["<!doctype html>", "value=\"&lt;JSON\"", "No module has “&lt;JSON” in its name."],
    );
    let part = answers(&app, &["/?q=json", "-H", "HX-Request: true"], 200, &["<ul><li>json</li></ul>"]);
    assert!(!part.contains("<html"), "{part}");
    answers(&app, &["/", "-X", "POST"], 405, &[]);
    let (status, headers, body) = ask(&app, &["/static/htmx.min.js"]);
    assert_eq!((status, body.as_str()), (200, include_str!("../../assets/templates/htmx/static/htmx.min.js")));
    assert!(headers.contains(&("content-type".to_owned(), "text/javascript; charset=utf-8".to_owned())), "{headers:?}");
}

#[test]
fn init_answers_with_what_a_template_shows_and_the_older_python_runs_it() {
    // Puts the interpreter's files into the shared cache, from which init takes them.
    python("3.11");
    let project = Project::empty();
    let output = project.pywagi(["init", "books", "-y", "-t", "guestbook", "-p", "3.11", "--offline"]).output();
    output.code(0).stdout_has("<h1>Guestbook</h1>").stderr_has("   Answering /\n").stderr_has("pywagi invoke /\n");
    project.pywagi(["check"]).within("books").output().code(0);
}

#[test]
fn an_app_whose_packages_cannot_be_had_is_whole_and_the_next_sync_installs_them() {
    python("3.12");
    let project = Project::empty();
    let empty = Index::new([]);
    let init = project.pywagi(["init", "My_Shop", "-y", "-t", "flask"]);
    let output = Tool::Uv.asks(init, &empty.url()).output();
    output.code(1).stdout("").stderr_has(
        "\nerror: the app is created, but its packages could not be installed: uv cannot resolve the packages:\n  \
         error: No solution found",
    );
    output.stderr_has("\n  help: to try again, run `pywagi sync` in My_Shop\n");
    assert!(project.read("My_Shop/pyproject.toml").starts_with("[project]\nname = \"my-shop\"\n"));
    let template = pywagi::scaffold::template("flask").expect("a template");
    let missing = template.files.iter().find(|(path, _)| !project.path(&format!("My_Shop/{path}")).is_file());
    assert_eq!(missing, None);
    let [modules, ignored] = ["modules.toml", ".gitignore"].map(|file| project.read(&format!("My_Shop/{file}")));

    // Something that goes by its name, and like Flask needs what CPython on WASI lacks.
    let index = Index::new([wheel("flask-3.1-py3-none-any", "", &[("flask/__init__.py", "import ssl\n")])]);
    let sync = project.pywagi(["sync"]).within("My_Shop");
    let output = Tool::Uv.asks(sync, &index.url()).output();
    output.code(0).stderr_has("       Added flask 3.1\n       Added _pywagi_compat, ");
    // The template has all that installing packages writes to these files.
    let now = ["modules.toml", ".gitignore"].map(|file| project.read(&format!("My_Shop/{file}")));
    assert_eq!(now, [modules, ignored]);
}

#[test]
fn a_secret_is_another_in_each_app_and_one_that_is_there_stays() {
    let project = Project::empty().file("b/.env", "SECRET_KEY=mine\n");
    let init = |arguments: &[&str]| {
        project.pywagi([&["init", "-y", "-t", "flask", "--no-toolchain"], arguments].concat()).output()
    };
    init(&["a"]).code(0).stderr_has(
        "\nThe app has no interpreter and no packages yet. To install them, then serve the app or send it one request:\n\n",
    );
    let first = project.read("a/.env");
    let key = first.split("SECRET_KEY=").nth(1).expect("a key").trim_end();
    assert!(key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit()), "{first}");
    init(&["a", "--force"]).code(0);
    assert_eq!((project.read("a/.env"), project.path("a/.env.bak").exists()), (first, false));
    init(&["b"]).code(0);
    assert_eq!(project.read("b/.env"), "SECRET_KEY=mine\n");
    init(&["c"]).code(0);
    assert_ne!(project.read("c/.env"), project.read("a/.env"));
}

#[test]
fn a_template_that_is_none_is_told_with_those_there_are() {
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--template", "flsk"]).output().code(2).stdout("").stderr(
        "error: there is no template flsk\n  help: give one of these:\n        \
         plain      one script, which shows what a guest sees\n        \
         form       a form with an upload, and checks of what is sent\n        \
         api        a JSON API, with a router, errors and tests\n        \
         guestbook  pages that keep entries in an SQLite database\n        \
         htmx       a page that htmx changes in parts, and static files\n        \
         flask      a shop in Flask: a basket, an upload, a database, tests\n        \
         django     a reading list in Django: a model, forms, the admin, tests\n        \
         starlette  tasks in Starlette: JSON and pages by ASGI, a lifespan, tests\n        \
         postgres   notes that a PostgreSQL server keeps, by permission\n        \
         report     tables and charts of a CSV file, with pandas\n",
    );
    assert_eq!(project.names(), [""; 0]);
}

#[test]
fn a_template_for_the_scientific_interpreter_takes_that_and_refuses_others() {
    let project = Project::empty();
    let init = |python: &[&str]| {
        project.pywagi([&["init", "-y", "--no-toolchain", "-t", "report", "a"], python].concat()).output()
    };
    init(&["--python", "3.12"]).code(2).stdout("").stderr(
        "error: the template report needs pandas, which Python 3.12 does not have\n  \
         help: leave --python out, or give --python science\n",
    );
    assert_eq!(project.names(), [""; 0]);
    init(&[]).code(0).stderr_has("pywagi toolchain install science\n");
    let manifest = project.read("a/modules.toml");
    assert!(manifest.contains("\"/usr/local/lib\" = \"opt/wasi-python/lib/science\" }\n"), "{manifest}");
    assert!(manifest.ends_with("\nwarm-up = \"code/warmup.py\"\n"), "{manifest}");
    project.pywagi(["init", "-y", "--no-toolchain", "-t", "report", "b", "-p", "science-full"]).output().code(0);
    assert!(project.read("b/modules.toml").contains("lib/science-full\""));
}
