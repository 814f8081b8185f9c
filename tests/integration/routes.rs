//! `pywagi routes`

use crate::support::Project;

const GUEST: &str = r#"(module (memory (export "memory") 1) (func (export "_start")) (func (export "other")))"#;

const MODULES: &str = r#"[[module]]
route = "/"
module = "guest.wat"
entrypoint = "other"

[[module]]
route = "/b/..."
module = "guest.wat"
argv = "python /code/b.py ${ARGS}"
volumes = { "/code" = { path = "code", read-only = true }, "/data" = "data" }
warm-up = "code/warm.py"
allowed_hosts = ["https://example.com", "db:5432"]

[[module]]
route = "/b/c"
module = "none.wasm"
"#;

fn project() -> Project {
    Project::new(MODULES).file("guest.wat", GUEST).file("code/b.py", "").file("code/warm.py", "").directory("data")
}

const WARNING: &str =
    "warning: modules.toml:15:9: the route `/b/c` never matches: `/b/...` on line 6 takes all of its requests\n";

#[test]
fn each_route_is_listed_with_what_answers_it_and_where() {
    let run = project().pywagi(["routes", "-q"]).output();
    run.code(0).stderr(WARNING);
    let expected = r#"/  guest.wat
  paths    /
  calls    other
  from     modules.toml:1
/b/...  code/b.py
  paths    /b and every path below it
  argv     python /code/b.py ${ARGS}
  volumes  /code = code (read-only)
           /data = data
  warm-up  code/warm.py
  network  https://example.com
           db:5432
  from     modules.toml:6
/b/c  none.wasm
  paths    none: /b/... on line 6 takes all of its requests
  from     modules.toml:14
  error    modules.toml:16:10: there is no file [DIR]/none.wasm
              |
           16 | module = "none.wasm"
              |          ^^^^^^^^^^^
"#;
    assert_eq!(run.stdout_text(), expected);
}

#[test]
fn each_route_is_an_object_with_json() {
    let run = project().pywagi(["routes", "--json", "-q"]).output();
    run.code(0).stderr(WARNING);
    let text = run.stdout_text();
    let routes: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let second = serde_json::json!({
        "route": "/b/...", "path": "/b", "below": true, "hidden_by": null, "file": "modules.toml", "line": 6,
        "module": "guest.wat", "program": "code/b.py", "script": "/code/b.py", "argv": "python /code/b.py ${ARGS}",
        "entrypoint": "_start",
        "volumes": [
            { "guest": "/code", "host": "[DIR]/code", "read_only": true },
            { "guest": "/data", "host": "[DIR]/data", "read_only": false },
        ],
        "warm_up": "/code/warm.py",
        "allowed_hosts": ["https://example.com", "db:5432"],
        "libraries": [],
        "error": null,
    });
    assert_eq!(routes[1], second);
    assert_eq!(routes[2]["hidden_by"], "/b/...");
    let message = routes[2]["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with("modules.toml:16:10: there is no file [DIR]/none.wasm\n"), "{message}");
    assert_eq!((routes.len(), &routes[0]["entrypoint"]), (3, &serde_json::json!("other")));
}

#[test]
fn a_host_of_the_command_line_is_permitted_beside_those_of_the_file() {
    let hosts = |arguments: &[&str]| {
        let run = project().pywagi(["routes", "--json", "-q"].iter().chain(arguments)).output();
        let text = run.code(0).stdout_text();
        let routes = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        routes.map(|route| route["allowed_hosts"].clone()).collect::<Vec<_>>()
    };
    let (first, second) = (serde_json::json!([]), serde_json::json!(["https://example.com", "db:5432"]));
    assert_eq!(hosts(&[])[..2], [first, second]);
    let first = serde_json::json!(["redis://cache", "*.test:80"]);
    let second = serde_json::json!(["https://example.com", "db:5432", "redis://cache", "*.test:80"]);
    assert_eq!(hosts(&["--allow-host", "redis://cache", "--allow-host=*.test:80"])[..2], [first, second]);
}
