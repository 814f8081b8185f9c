//! The templates that need packages: installed by `pywagi init` from the user's index, and used as their users would.

use serde_json::{Value, json};

use crate::frameworks::{between, cookies, is, post};
use crate::support::{DevServer, Project, Reply, python, uv};

/// The app of a template, and what `init` shows as its first answer.
fn app(template: &str) -> (Project, String) {
    // Puts the interpreter's files into the shared cache, from which init takes them.
    python("3.12");
    let project = Project::empty();
    let init = project.pywagi(["init", "-y", "-t", template]).user_environment().env("PYWAGI_UV", uv());
    let output = init.output();
    output.code(0).stderr_has("\nThe app works: this was its answer to one request.");
    project.pywagi(["check"]).output().code(0).stdout("");
    let shown = output.stdout_text();
    (project, shown)
}

/// Whether these modules are in the interpreter that requests start from, and nothing was left out of it.
#[track_caller]
fn has_loaded(project: &Project, modules: &[&str]) {
    let shown = project.pywagi(["image", "show", "--json"]).output();
    let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    let image = &object["image"];
    assert_eq!(image["left_out"], json!([]), "{image}");
    let others = image["others"].as_array().expect("a list");
    let missing: Vec<_> = modules.iter().filter(|name| !others.contains(&json!(name))).collect();
    assert!(missing.is_empty(), "{missing:?} of {image}");
}

/// Makes a request from a saved interpreter and from the beginning, at the same time of day and with the same random bytes, and
/// returns what both answer.
#[track_caller]
fn alike(project: &Project, arguments: &[&str]) -> String {
    let surroundings = ["invoke", "-q", "-i", "--clock", "2026-01-31", "--seed", "1"];
    let warm = project.pywagi([&surroundings, arguments].concat()).output();
    let cold = project.pywagi([&surroundings, arguments, &["--cold"]].concat()).output();
    cold.code(0).stdout(&warm.code(0).stdout);
    warm.stdout_text()
}

/// The fields of a form and one file, as browsers send them.
fn upload(server: &DevServer, path: &str, headers: &[&str], fields: &[(&str, &str)], file: (&str, &[u8])) -> Reply {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = "--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"picture\"; filename=";
    body.extend(format!("{head}\"{}\"\r\n\r\n", file.0).bytes());
    body.extend([file.1, b"\r\n--b--\r\n"].concat());
    let length = format!("Content-Length: {}", body.len());
    let headers = [headers, &["Content-Type: multipart/form-data; boundary=b", &length]].concat();
    server.request(&format!("POST {path}"), &headers, &body)
}

/// Larger than what is read into memory alone.
fn picture() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", [0; 1_000_000].as_slice()].concat()
}

#[test]
fn a_shop_in_flask_has_a_basket_pictures_static_files_and_its_links_below_each_route() {
    let (project, shown) = app("flask");
    assert!(shown.contains("<h2>Biscuits</h2>") && shown.contains("href=\"/static/shop.css\""), "{shown}");
    let tests = project.pywagi(["run", "-m", "unittest", "discover", "-s", "/code/tests"]).output();
    tests.code(0).stderr_has("Ran 4 tests in ").stderr_has("\nOK\n");
    alike(&project, &["/"]);
    let put = alike(&project, &["/basket/1", "-X", "POST"]);
    let cookie = format!("Cookie: {}", between(&put, "Set-Cookie: ", ";"));
    let basket = alike(&project, &["/basket", "-H", &cookie]);
    assert!(basket.contains("Tea is in your basket.") && basket.contains("<td>1 × Tea</td><td>4.50</td>"), "{basket}");
    has_loaded(&project, &["flask.app", "jinja2.environment", "shop", "shop.app"]);

    let manifest = project.read("modules.toml");
    project.write("modules.toml", manifest.replace("\"/...\"", "\"/shop/...\"") + "\n" + &manifest);
    let server = project.dev(&[]);
    let added = upload(&server, "/shop/goods/new", &[], &[("name", "<ü>"), ("price", "2.5")], ("../x.txt", &picture()));
    assert_eq!((added.status(), added.header("location")), (303, Some("/shop/")), "{added:?}");
    let goods = server.request("GET /shop/", &[&cookies(&added)], b"").text();
    assert!(goods.contains("<ü> is in the shop now.".replace('<', "&lt;").replace('>', "&gt;").as_str()), "{goods}");
    let link = between(&goods, "<img src=\"", "\"");
    let kept = server.get(&link);
    assert_eq!((kept.header("content-type"), kept.body.as_slice()), (Some("image/png"), picture().as_slice()));
    assert!(server.get("/").text().contains(&link.replace("/shop/", "/")));
    let wrong = upload(&server, "/goods/new", &[], &[("name", "x"), ("price", "0")], ("x.png", b"text"));
    let text = wrong.text();
    assert!(
        wrong.status() == 422 && text.contains("Please give a price") && text.contains("PNG, JPEG or GIF"),
        "{text}"
    );

    let style = server.get("/shop/static/shop.css");
    is(&style, 200, include_str!("../../assets/templates/flask/code/shop/static/shop.css"));
    let tag = format!("If-None-Match: {}", style.header("etag").expect("an ETag"));
    assert_eq!(server.request("GET /shop/static/shop.css", &[&tag], b"").status(), 304);
    assert_eq!(server.get("/pictures/shop.db").status(), 404);
    assert_eq!(post(&server, "/basket/x", &[], "").status(), 404);

    // Pages are compiled into the saved interpreter, too.
    project
        .write("code/shop/templates/basket.html", "{% extends \"base.html\" %}{% block title %}Edited{% endblock %}");
    assert!(server.get("/basket").text().contains("<h1>Edited</h1>"));
    // What no handler is for is in the log, and has a page.
    project.write("data/shop.db", "damaged".repeat(200));
    let failed = server.get("/");
    assert!(failed.status() == 500 && failed.text().contains("<h1>Internal Server Error</h1>"), "{failed:?}");
    server.wait_for_log("sqlite3.DatabaseError: file is not a database");
}
